"""Salesforce's tables: Opportunity, OpportunityHistory, OpportunityFieldHistory, and reports that show the same.

Invariant: a row says what it says wherever it stands: files come in any order, rows in any order, and what the row of
an opportunity tells of its stage gives way to the history's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from milestone_cli.domain.text import quoted
from milestone_cli.exchange.deals import Change, Deal, Deals, What
from milestone_cli.exchange.headings import plain_heading
from milestone_cli.exchange.layouts import Layout, Table, is_true, layout_of, say_where, unknown_table
from milestone_cli.exchange.reader import BadLines, Delimited

_CHANGED = ("LastStageChangeDate", "Last Stage Change Date")
OPPORTUNITY = Layout(
    "Opportunity",
    {
        "id": ("Id", "Opportunity ID"),
        "stage": ("StageName", "Stage"),
        "title": ("Name", "Opportunity Name"),
        "customer": ("Account.Name", "Account Name", "AccountId", "Account ID"),
        "amount": ("Amount",),
        "currency": ("CurrencyIsoCode", "Opportunity Currency", "Amount Currency"),
        "owner": ("OwnerId", "Owner ID", "Owner.Name", "Opportunity Owner"),
        "created": ("CreatedDate", "Created Date"),
        "changed": _CHANGED,
        "pipeline": ("RecordTypeId", "Record Type ID", "RecordType.Name", "Opportunity Record Type"),
        "reason": ("Loss Reason",),
        "deleted": ("IsDeleted", "Deleted"),
        "probability": ("Probability", "Probability (%)"),
        "close_date": ("CloseDate", "Close Date"),
        "expected": ("ExpectedRevenue", "Expected Revenue"),
        "forecast": ("ForecastCategory", "ForecastCategoryName", "Forecast Category"),
    },
    ("id", "stage"),
    ("probability", "close_date", "expected", "forecast"),
)
HISTORY = Layout(
    "OpportunityHistory",
    {
        "history_id": ("OpportunityId", "Opportunity ID"),
        "history_stage": ("StageName", "To Stage"),
        "history_time": ("CreatedDate", "Last Modified", "Last Modified Date"),
        "history_old_stage": ("From Stage",),
        "history_amount": ("Amount",),
        "history_old_amount": ("PrevAmount",),
        "history_currency": ("CurrencyIsoCode", "Amount Currency"),
        "history_deleted": ("IsDeleted", "Deleted"),
        "history_probability": ("Probability", "Probability (%)"),
        "history_close_date": ("CloseDate", "Close Date"),
        "history_old_close_date": ("PrevCloseDate",),
        "history_expected": ("ExpectedRevenue", "Expected Revenue"),
        "history_forecast": ("ForecastCategory", "Forecast Category"),
    },
    ("history_id", "history_stage", "history_time"),
    (
        "history_probability",
        "history_close_date",
        "history_old_close_date",
        "history_expected",
        "history_forecast",
    ),
)
FIELD_HISTORY = Layout(
    "OpportunityFieldHistory",
    {
        "field_id": ("OpportunityId", "Opportunity ID"),
        "field": ("Field", "Field / Event"),
        "field_new": ("NewValue", "New Value"),
        "field_time": ("CreatedDate", "Edit Date"),
        "field_old": ("OldValue", "Old Value"),
        "field_deleted": ("IsDeleted", "Deleted"),
    },
    ("field_id", "field", "field_new", "field_time"),
)
LAYOUTS = (FIELD_HISTORY, HISTORY, OPPORTUNITY)
_FIELDS = {
    "stagename": What.STAGE,
    "stage": What.STAGE,
    "amount": What.AMOUNT,
    "owner": What.OWNER,
    "ownerid": What.OWNER,
    "opportunity owner": What.OWNER,
}
"""What a change of a field is about; others are of no use here."""
_CREATED = frozenset({"created", "created."})
_USER = re.compile(r"005[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
_SHORT = re.compile(r"006[A-Za-z0-9]{12}")
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

NO_ENTRY = "Since when an opportunity stands at its stage is unknown where LastStageChangeDate and the history are missing."
NO_LIST = "Opportunities that only the history names have no customer, no owner and no day of creation: import the table Opportunity with it."
ACCOUNT_IDS = "Customers are called by their AccountId, since the table Opportunity has no column Account.Name."
OTHER_CURRENCY = "Amounts in another currency than the opportunity has today are left out of its history."
BELOW_THE_TABLE = "What a report writes below its table was left out."
NOTICES = (NO_ENTRY, NO_LIST, ACCOUNT_IDS, OTHER_CURRENCY, BELOW_THE_TABLE)


def is_mine(header: Sequence[str], renamed: Mapping[str, str]) -> bool:
    """Tell whether a header is that of one of Salesforce's tables."""
    return layout_of(header, LAYOUTS, renamed) is not None


def read_sheet(
    sheet: Delimited, deals: Deals, renamed: Mapping[str, str], bad: BadLines, tick: Callable[[], None]
) -> None:
    """Add what a sheet says to `deals`.

    Args:
        sheet: one of Salesforce's tables, at its first row.
        deals: what the files read before say.
        renamed: by our name, the heading that the map names.
        bad: takes the rows that cannot be read.
        tick: called once a row.

    Raises:
        UnreadableFile: the sheet is none of Salesforce's tables.
    """
    found = layout_of(sheet.header, LAYOUTS, renamed)
    if found is None:
        raise unknown_table(sheet, "Salesforce", LAYOUTS[::-1])
    layout, places = found
    deals.renamed |= layout.renamed_here(sheet.header, renamed).keys()
    table = Table(sheet, layout, places, deals, bad=bad, tick=tick)
    if layout is OPPORTUNITY:
        _read_opportunities(table)
    elif layout is HISTORY:
        _read_history(table)
    else:
        _read_fields(table)
    _settle(deals, {*_CHANGED, renamed.get("changed", _CHANGED[0])})


def _read_opportunities(table: Table) -> None:
    deals, place = table.deals, table.place
    created_column, changed_column = table.date_column("created"), table.date_column("changed")
    if table.has("customer") and plain_heading(table.title("customer")) in {"accountid", "account id"}:
        say_where(deals, ACCOUNT_IDS, holds=True)
    for number, cells in table.rows():
        id_, stage = cells[place("id")].strip(), cells[place("stage")].strip()
        if not id_ or not stage:
            _refuse(table, number, cells, {"id": id_, "stage": stage})
            continue
        deal = deals.deal(long_id(id_), number)
        _set_currency(deals, deal, cells[place("currency")].strip())
        deal.is_listed = True
        deal.title = cells[place("title")].strip()
        deal.customer = cells[place("customer")].strip()
        deal.owner = cells[place("owner")].strip()
        deal.amount = cells[place("amount")].strip()
        deal.pipeline = cells[place("pipeline")].strip()
        deal.reason = cells[place("reason")].strip()
        deal.stage = stage
        deal.is_deleted = is_true(cells[place("deleted")])
        deal.created, deal.created_column = cells[place("created")].strip(), created_column
        if changed := cells[place("changed")].strip():
            deal.changes.append(Change(What.STAGE, stage, changed, changed_column, number))
        elif deal.created and table.has("changed"):
            # where nothing is said of a change there was none: it has stood here from the beginning
            deal.changes.append(Change(What.STAGE, stage, deal.created, created_column, number))


def _read_history(table: Table) -> None:
    deals = table.deals
    at_id, at_stage, at_time = (table.place(name) for name in HISTORY.needed)
    at_old_stage, at_amount = table.place("history_old_stage"), table.place("history_amount")
    at_old_amount, at_currency = table.place("history_old_amount"), table.place("history_currency")
    at_deleted, column = table.place("history_deleted"), table.date_column("history_time")
    words: dict[str, str] = {}
    for number, cells in table.rows():
        id_, stage, time = cells[at_id].strip(), cells[at_stage].strip(), cells[at_time].strip()
        if not id_ or not stage or not time:
            _refuse(table, number, cells, {"history_id": id_, "history_stage": stage, "history_time": time})
            continue
        deal = deals.deal(long_id(id_), number)
        if is_true(cells[at_deleted]):
            deal.is_deleted = deal.is_deleted or not deal.is_listed
            continue
        stage, old = words.setdefault(stage, stage), cells[at_old_stage].strip()
        deal.changes.append(Change(What.STAGE, stage, time, column, number, old=words.setdefault(old, old)))
        amount, old = cells[at_amount].strip(), cells[at_old_amount].strip()
        if (amount or old) and _is_own_currency(deals, deal, cells[at_currency].strip()):
            amount, old = words.setdefault(amount, amount), words.setdefault(old, old)
            deal.changes.append(Change(What.AMOUNT, amount, time, column, number, old=old))


def _read_fields(table: Table) -> None:
    deals = table.deals
    at_id, at_field, at_new, at_time = (table.place(name) for name in FIELD_HISTORY.needed)
    at_old, at_deleted, column = table.place("field_old"), table.place("field_deleted"), table.date_column("field_time")
    words: dict[str, str] = {}
    for number, cells in table.rows():
        id_, about, time = cells[at_id].strip(), cells[at_field].strip(), cells[at_time].strip()
        if not id_ or not about or not time:
            _refuse(table, number, cells, {"field_id": id_, "field": about, "field_time": time})
            continue
        what, is_creation = _FIELDS.get(about.casefold()), about.casefold() in _CREATED
        if (what is None and not is_creation) or is_true(cells[at_deleted]):
            continue
        deal = deals.deal(long_id(id_), number)
        if what is not None:
            new, old = cells[at_new].strip(), cells[at_old].strip()
            new, old = words.setdefault(new, new), words.setdefault(old, old)
            deal.changes.append(Change(what, new, time, column, number, old=old))
        elif not deal.created:
            deal.created, deal.created_column = time, column


def _refuse(table: Table, number: int, cells: list[str], said: Mapping[str, str]) -> None:
    """Report a row that says too little, unless it stands below a report: one text in the first cell."""
    if any(cell.strip() for cell in cells[1:]):
        table.refuse(number, said)
    else:
        table.deals.rows -= 1
        say_where(table.deals, BELOW_THE_TABLE, holds=True)


def _set_currency(deals: Deals, deal: Deal, currency: str) -> None:
    """Give an opportunity the currency it has today; amounts met before in another one cannot be compared."""
    if currency and deal.currency and currency != deal.currency:
        deal.changes = [change for change in deal.changes if change.what is not What.AMOUNT]
        say_where(deals, OTHER_CURRENCY, holds=True)
    deal.currency = currency or deal.currency


def _is_own_currency(deals: Deals, deal: Deal, currency: str) -> bool:
    """Tell whether an amount of the history is in the opportunity's currency, as far as it is known yet."""
    if not currency or currency == deal.currency:
        return True
    if not deal.currency:
        deal.currency = currency
        return True
    say_where(deals, OTHER_CURRENCY, holds=True)
    return False
