"""Odoo's tables: the opportunities (crm.lead), and the changes of their fields (mail.tracking.value with its message).

Invariant: an opportunity has one id in all files, that of the database, which also stands in the external id that Odoo
makes of it; lost is what is archived with a probability of 0, and nothing else is taken for a loss.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from milestone_cli.domain.text import fold, quoted
from milestone_cli.exchange.deals import Change, Deals, What
from milestone_cli.exchange.headings import plain_heading
from milestone_cli.exchange.layouts import Layout, Table, layout_of, say_what_is_missing, say_where, table_of
from milestone_cli.exchange.reader import BadLines, UnreadableFile
from milestone_cli.exchange.sheets import Sheet

LEADS = Layout(
    "crm.lead",
    {
        "id": ("id", "External ID", ".id", "Database ID"),
        "stage": ("stage_id", "stage_id/name", "Stage/Stage Name", "Stage/Name", "Stage", "stage_id/id"),
        "database_id": (".id", "Database ID"),
        "title": ("name", "Opportunity"),
        "customer": (
            "partner_id/name", "Customer/Name", "partner_id", "Customer", "partner_name", "Company Name",
            "contact_name", "Contact Name", "partner_id/id",
        ),
        "owner": (
            "user_id/name", "Salesperson/Name", "user_id", "Salesperson", "user_id/login", "user_id/id",
        ),
        "amount": ("expected_revenue", "Expected Revenue", "planned_revenue"),
        "currency": ("company_currency/name", "Currency/Currency", "Currency/Name", "company_currency", "Currency"),
        "pipeline": ("team_id/name", "Sales Team/Name", "Sales Team/Sales Team", "team_id", "Sales Team", "team_id/id"),
        "created": ("create_date", "Created on", "Creation Date"),
        "changed": ("date_last_stage_update", "Last Stage Update"),
        "closed": ("date_closed", "Closed Date"),
        "active": ("active", "Active"),
        "probability": ("probability", "Probability"),
        "won_status": ("won_status", "Is Won"),
        "reason": (
            "lost_reason_id/name", "Lost Reason/Description", "Lost Reason/Name", "lost_reason_id", "Lost Reason",
            "lost_reason/name", "lost_reason", "lost_reason_id/id",
        ),
        "expected": ("date_deadline", "Expected Closing"),
        "prorated": ("prorated_revenue", "Prorated Revenue"),
    },
    ("id", "stage"),
    ("expected", "prorated"),
)  # fmt: skip
TRACKING = Layout(
    "mail.tracking.value",
    {
        "history_id": ("mail_message_id/res_id", "Message ID/Related Document ID", "res_id", "Related Document ID"),
        "history_new": ("new_value_char", "New Value Char", "new_stage"),
        "history_time": ("create_date", "mail_message_id/date", "Message ID/Date", "date", "Created on"),
        "history_old": ("old_value_char", "Old Value Char", "old_stage"),
        "history_field": (
            "field_id/name", "Field/Field Name", "field_id", "field", "field_name", "Field", "field_desc",
            "Field Description",
        ),
        "history_model": ("mail_message_id/model", "Message ID/Related Document Model", "model"),
        "history_new_amount": ("new_value_float", "New Value Float"),
        "history_old_amount": ("old_value_float", "Old Value Float"),
        "history_new_money": ("new_value_monetary", "New Value Monetary"),
        "history_old_money": ("old_value_monetary", "Old Value Monetary"),
        "history_new_number": ("new_value_integer", "New Value Integer"),
        "history_old_number": ("old_value_integer", "Old Value Integer"),
    },
    ("history_id", "history_new", "history_time"),
)  # fmt: skip
LAYOUTS = (TRACKING, LEADS)
STATUS = {"won": "won", "lost": "lost", "open": "open", "pending": "open"}
"""What the words for won, lost and open mean; an opportunity that is archived and not lost is `archived`."""
_FIELDS = {
    "stage_id": What.STAGE, "stage": What.STAGE,
    "user_id": What.OWNER, "salesperson": What.OWNER,
    "expected_revenue": What.AMOUNT, "expected revenue": What.AMOUNT, "planned_revenue": What.AMOUNT,
    "active": What.STATUS,
}  # fmt: skip
"""What a change of a field is about, by its name or its label; others are of no use here."""
_VALUES = {
    What.STAGE: (("history_old", "history_new"),),
    What.OWNER: (("history_old", "history_new"),),
    What.AMOUNT: (("history_old_money", "history_new_money"), ("history_old_amount", "history_new_amount")),
    What.STATUS: (("history_old_number", "history_new_number"),),
}
"""In which columns the values of a change stand: of an amount in those of money, or, in newer versions, of floats."""
_ARCHIVED = "archived"
_GONE = frozenset({"lost", _ARCHIVED})
_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no", ""})
_OWN_ID = re.compile(r"(?:.+\.)?crm_lead_(?P<id>\d+)(?:_[0-9a-f]+)?", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"(?P<id>\d+)(?:\.0)?", re.ASCII)
_MODEL = re.compile(r"(?P<name>.*?) ?\([a-z_.]+\)", re.DOTALL)

NO_ARCHIVED = (
    "There is no archived opportunity: Odoo archives what is lost, and leaves it out of an export unless the filter "
    "Archived is set. Export all, with the columns active and probability, else every loss is missing."
)
NO_ENTRY = (
    "Without date_last_stage_update and without a history, it is unknown since when an opportunity stands at its stage."
)
NO_LIST = (
    "The history alone names no customer and no day of creation, and leaves out what never changed: export crm.lead "
    "with it."
)
NO_JOIN = (
    "The external ids are not Odoo's own, so that the history finds none of these opportunities: export crm.lead with "
    "the database's id, .id."
)
NOTICES = (NO_ARCHIVED, NO_ENTRY, NO_LIST, NO_JOIN)


def is_mine(header: Sequence[str], renamed: Mapping[str, str]) -> bool:
    """Tell whether a header is that of one of Odoo's tables."""
    return layout_of(header, LAYOUTS, renamed) is not None


def read_sheet(sheet: Sheet, deals: Deals, renamed: Mapping[str, str], bad: BadLines, tick: Callable[[], None]) -> None:
    """Add what a sheet says to `deals`.

    Args:
        sheet: one of Odoo's tables, at its first row.
        deals: what the files read before say.
        renamed: by our name, the heading that the map names.
        bad: takes the rows that cannot be read.
        tick: called once a row.

    Raises:
        UnreadableFile: the sheet is none of Odoo's tables, or its rows say nothing that is known here.
    """
    table = table_of(sheet, "Odoo", LAYOUTS, deals, renamed, bad=bad, tick=tick)
    if table.layout is LEADS:
        _read_leads(table)
    else:
        _read_tracking(table)
    _let_stand_from_the_beginning(deals)
    say_what_is_missing(deals, without_list=NO_LIST, without_entry=NO_ENTRY)
    listed = [deal for deal in deals.by_id.values() if deal.is_listed]
    say_where(deals, NO_ARCHIVED, holds=bool(listed) and not any(deal.status in _GONE for deal in listed))
    strange = any(not _NUMBER.fullmatch(deal.id) for deal in listed)
    say_where(deals, NO_JOIN, holds=strange and len(listed) < len(deals.by_id))


def _read_leads(table: Table) -> None:
    deals, place = table.deals, table.place
    created_column, closed_column = table.date_column("created"), table.date_column("closed")
    changed_column = table.date_column("changed")
    for number, cells in table.rows():
        id_, stage = cells[place("id")].strip(), cells[place("stage")].strip()
        if not id_ and not stage:
            # the further lines of an opportunity that has several of something, like tags
            deals.rows -= 1
            continue
        if not id_ or not stage:
            table.refuse(number, {"id": id_, "stage": stage})
            continue
        deal = deals.deal(own_id(cells[place("database_id")].strip() or id_), number)
        deal.is_listed = True
        deal.stage = stage
        deal.title = cells[place("title")].strip()
        deal.customer = cells[place("customer")].strip()
        deal.owner = cells[place("owner")].strip()
        deal.amount = cells[place("amount")].strip()
        deal.currency = cells[place("currency")].strip()
        deal.pipeline = cells[place("pipeline")].strip()
        deal.reason = cells[place("reason")].strip()
        deal.created, deal.created_column = cells[place("created")].strip(), created_column
        deal.closed, deal.closed_column = cells[place("closed")].strip(), closed_column
        if changed := cells[place("changed")].strip():
            deal.since = Change(What.STAGE, stage, changed, changed_column, number)
        deal.status = _status(table, number, cells)


def _status(table: Table, number: int, cells: Sequence[str]) -> str:
    """Return the word for what `won_status`, `active` and `probability` say; empty where the stage says all."""
    won_status = cells[table.place("won_status")].strip()
    if fold(won_status) not in ("", "pending"):
        return fold(won_status) if fold(won_status) in STATUS else won_status
    if not table.has("active"):
        return ""
    said = cells[table.place("active")].strip()
    if fold(said) in _TRUE:
        return ""
    if fold(said) not in _FALSE:
        table.bad.add(number, f"{quoted(said)} under {quoted(table.title('active'))} is neither True nor False")
        return ""
    probability = cells[table.place("probability")]
    if not re.search(r"[1-9]", probability):
        return "lost"
    # a won opportunity can be archived too: its stage says that it is won
    return "" if re.match(r"\s*100(?![0-9])", probability) else _ARCHIVED


def _read_tracking(table: Table) -> None:
    deals, place = table.deals, table.place
    # a query writes what the database has, which is UTC; an export of Odoo's own is in its user's zone
    column = table.date_column("history_time", is_utc="/" not in plain_heading(table.title("history_id")))
    known = rows = 0
    words: dict[str, str] = {}
    for number, cells in table.rows():
        id_, time = cells[place("history_id")].strip(), cells[place("history_time")].strip()
        if not id_ or not time:
            table.refuse(number, {"history_id": id_, "history_time": time})
            continue
        if table.has("history_model") and _plain(cells[place("history_model")]) not in ("crm.lead", ""):
            continue
        rows += 1
        what = _FIELDS.get(_plain(cells[place("history_field")])) if table.has("history_field") else What.STAGE
        if what is None:
            continue
        known += 1
        old, new = _values(table, what, cells)
        if new:
            old, new = words.setdefault(old, old), words.setdefault(new, new)
            deals.deal(own_id(id_), number).changes.append(Change(what, new, time, column, number, old=old))
    if rows and not known:
        raise UnreadableFile(
            f"{table.sheet.source} has no change of stage_id, user_id, expected_revenue or active.",
            "Export the column field_id/name (field in older versions), which is the same in every language.",
        )


def _values(table: Table, what: What, cells: Sequence[str]) -> tuple[str, str]:
    """Return the old and the new value of a change."""
    said = [(cells[table.place(old)].strip(), cells[table.place(new)].strip()) for old, new in _VALUES[what]]
    if what is What.AMOUNT:
        # the columns that are not used hold nothing or 0
        return max(said, key=lambda pair: any(re.search(r"[1-9]", text) for text in pair))
    old, new = said[0]
    if what is What.STATUS:
        return "", {"0": "lost", "1": "open"}.get(new.removesuffix(".0"), "lost" if not new and old else "")
    return old, new


def _plain(text: str) -> str:
    """Return the name of a field or a model without the model that Odoo puts behind it in brackets."""
    found = _MODEL.fullmatch(text.strip())
    return fold(found["name"] if found else text.strip())


def _let_stand_from_the_beginning(deals: Deals) -> None:
    """Let what the history does not move stand at its stage since its creation: the first stage has no row there."""
    moved = {id_ for id_, deal in deals.by_id.items() if any(one.what is What.STAGE for one in deal.changes)}
    for deal in deals.by_id.values() if moved else ():
        begun = deal.since is not None and deal.since[2:4] == (deal.created, deal.created_column)
        if begun and deal.id in moved:
            deal.since = None
        elif deal.is_listed and deal.since is None and deal.created and deal.id not in moved:
            deal.since, deal.begun = Change(What.STAGE, deal.stage, deal.created, deal.created_column, deal.line), True


def own_id(text: str) -> str:
    """Return the number that the database has for an opportunity, also from the external id that Odoo makes of it.

    >>> own_id("__export__.crm_lead_42_0a1b2c3d"), own_id("42.0"), own_id("shop.opportunity_a")
    ('42', '42', 'shop.opportunity_a')
    """
    found = _OWN_ID.fullmatch(text) or _NUMBER.fullmatch(text)
    return found["id"] if found else text
