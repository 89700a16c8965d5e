"""Salesforce's tables: Opportunity, OpportunityHistory, OpportunityFieldHistory, and reports that show the same.

Invariant: a row says what it says wherever it stands: files come in any order, rows in any order, and what the row of
an opportunity tells of its stage gives way to the history's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from milestone_cli.domain.day import MAX_DAY, MIN_DAY, parse_iso
from milestone_cli.errors import InvalidValue
from milestone_cli.exchange.deals import Change, Deal, Deals, What
from milestone_cli.exchange.headings import plain_heading
from milestone_cli.exchange.layouts import (
    Layout,
    Table,
    is_true,
    layout_of,
    say_what_is_missing,
    say_where,
    table_of,
)
from milestone_cli.exchange.reader import BadLines
from milestone_cli.exchange.sheets import Sheet

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
        "changed": ("LastStageChangeDate", "Last Stage Change Date"),
        "pipeline": ("RecordType.Name", "Opportunity Record Type", "RecordTypeId", "Record Type ID"),
        "is_closed": ("IsClosed", "Closed"),
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
_IN_UTC = frozenset({"createddate", "laststagechangedate"})
"""Columns of times as the API calls them: times without a zone are UTC there; those of a report are its reader's."""
_CREATED = frozenset({"created", "created."})
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|\+0000)?)?", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_USER = re.compile(r"005[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
_SHORT = re.compile(r"006[A-Za-z0-9]{12}")
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

NO_ENTRY = (
    "Without LastStageChangeDate and without a history, it is unknown since when an opportunity stands at its stage."
)
NO_LIST = (
    "The history alone names no customer, no owner and no day of creation, and leaves out what never changed: "
    "import the table Opportunity with it."
)
TWO_YEARS = (
    "OpportunityFieldHistory goes back two years at most: where it alone says the stages of an opportunity, "
    "the first of them is dated to the day of creation."
)
ACCOUNT_IDS = "Customers are called by their AccountId, since the table Opportunity has no column Account.Name."
CLOSE_DATE = (
    "Without LastStageChangeDate and without a history, the close date of a closed opportunity stands for the day on "
    "which it closed."
)
OTHER_CURRENCY = "Amounts in another currency than the opportunity has today are left out of its history."
BELOW_THE_TABLE = "What a report writes below its table was left out."
NOTICES = (NO_ENTRY, NO_LIST, TWO_YEARS, ACCOUNT_IDS, CLOSE_DATE, OTHER_CURRENCY, BELOW_THE_TABLE)


def is_mine(header: Sequence[str], renamed: Mapping[str, str]) -> bool:
    """Tell whether a header is that of one of Salesforce's tables."""
    return layout_of(header, LAYOUTS, renamed) is not None


def read_sheet(sheet: Sheet, deals: Deals, renamed: Mapping[str, str], bad: BadLines, tick: Callable[[], None]) -> None:
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
    table = table_of(sheet, "Salesforce", LAYOUTS, deals, renamed, bad=bad, tick=tick)
    if table.layout is OPPORTUNITY:
        _read_opportunities(table)
    elif table.layout is HISTORY:
        _read_history(table)
    else:
        _read_fields(table)
    say_what_is_missing(deals, without_list=NO_LIST, without_entry=NO_ENTRY)


def _read_opportunities(table: Table) -> None:
    deals, place = table.deals, table.place
    created_column, changed_column = _time_column(table, "created"), _time_column(table, "changed")
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
        created, changed = cells[place("created")].strip(), cells[place("changed")].strip()
        if created:
            deal.created, deal.created_column = created, created_column
        if changed:
            deal.since = Change(What.STAGE, stage, changed, changed_column, number)
        elif created and table.has("changed"):
            # where nothing is said of a change there was none: it has stood here from the beginning
            deal.since = Change(What.STAGE, stage, created, created_column, number)
        elif is_true(cells[place("is_closed")]) and table.has("close_date"):
            deal.closed, deal.closed_column = cells[place("close_date")].strip(), table.date_column("close_date")
            say_where(deals, CLOSE_DATE, holds=True)


def _read_history(table: Table) -> None:
    deals = table.deals
    at_id, at_stage, at_time = (table.place(name) for name in HISTORY.needed)
    at_old_stage, at_amount = table.place("history_old_stage"), table.place("history_amount")
    at_old_amount, at_currency = table.place("history_old_amount"), table.place("history_currency")
    at_deleted, column = table.place("history_deleted"), _time_column(table, "history_time")
    words: dict[str, str] = {}
    for number, cells in table.rows():
        id_, stage, time = cells[at_id].strip(), cells[at_stage].strip(), cells[at_time].strip()
        if not id_ or not stage or not time:
            _refuse(table, number, cells, {"history_id": id_, "history_stage": stage, "history_time": time})
            continue
        deal = deals.deal(long_id(id_), number)
        if (deleted := cells[at_deleted]) and is_true(deleted):
            deal.is_deleted = deal.is_deleted or not deal.is_listed
            continue
        stage, old = words.setdefault(stage, stage), cells[at_old_stage].strip()
        deal.changes.append(Change(What.STAGE, stage, time, column, number, old=words.setdefault(old, old)))
        amount, old = cells[at_amount].strip(), cells[at_old_amount].strip()
        if (amount or old) and _is_own_currency(deals, deal, cells[at_currency].strip()):
            amount, old = words.setdefault(amount, amount), words.setdefault(old, old)
            deal.changes.append(Change(What.AMOUNT, amount, time, column, number, old=old))
    for deal in deals.by_id.values():
        _leave_out_repetitions(deal, column)


def _leave_out_repetitions(deal: Deal, column: int) -> None:
    """Leave out what the row before it in time says too: most rows do, since each tells stage and amount anew.

    Times are compared as text, so only where all of them are ISO of one length and there are such days; else nothing is
    left out, and the journey of the deal finds it: a row that is left out is not read any more.
    """
    rows = [one for one in deal.changes if one.column == column]
    if len({len(one.time) for one in rows}) != 1 or not all(map(_is_moment, rows)):
        return
    rows.sort(key=lambda one: one.time)
    kept = [one for one in deal.changes if one.column != column]
    last: dict[What, str] = {}
    for one in rows:
        if one.old or last.get(one.what) != one.value:
            kept.append(one)
        last[one.what] = one.value
    deal.changes = kept


def _is_moment(change: Change) -> bool:
    """Tell whether the time of a change can be read, whatever the zone."""
    return bool(_ISO.fullmatch(change.time)) and _is_day(change.time[:10])


@lru_cache(maxsize=4096)
def _is_day(text: str) -> bool:
    try:
        return MIN_DAY < parse_iso(text) < MAX_DAY
    except InvalidValue:
        return False


def _read_fields(table: Table) -> None:
    deals = table.deals
    at_id, at_field, at_new, at_time = (table.place(name) for name in FIELD_HISTORY.needed)
    at_old, at_deleted = table.place("field_old"), table.place("field_deleted")
    column = _time_column(table, "field_time")
    words: dict[str, str] = {}
    owned: dict[str, Deal] = {}
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
            if what is What.OWNER:
                owned[deal.id] = deal
            elif what is What.STAGE:
                say_where(deals, TWO_YEARS, holds=True)
        elif not deal.created:
            deal.created, deal.created_column = time, column
    for deal in owned.values():
        _keep_ids_of_owners(deal)


def _keep_ids_of_owners(deal: Deal) -> None:
    """Leave out the name of a new owner where a row of the same time has the id: the table has one row with each."""
    with_id = {(one.time, one.column) for one in deal.changes if one.what is What.OWNER and _USER.fullmatch(one.value)}
    deal.changes = [
        one
        for one in deal.changes
        if one.what is not What.OWNER or (one.time, one.column) not in with_id or _USER.fullmatch(one.value)
    ]


def _time_column(table: Table, name: str) -> int:
    return table.date_column(name, is_utc=table.has(name) and plain_heading(table.title(name)) in _IN_UTC)


def _refuse(table: Table, number: int, cells: list[str], said: Mapping[str, str]) -> None:
    """Report a row that says too little, unless it stands below a report: one text in the first cell, and no id."""
    if any(cell.strip() for cell in cells[1:]) or _ID.fullmatch(cells[0].strip()):
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


def long_id(text: str) -> str:
    """Return an opportunity's id with 18 characters, also where a report has the 15 of which case matters.

    >>> long_id("0060Y00000abcDE")
    '0060Y00000abcDEQAY'
    >>> long_id("0060Y00000abcDEQAY")
    '0060Y00000abcDEQAY'
    """
    if len(text) != 15 or not _SHORT.fullmatch(text):
        return text
    parts = (text[0:5], text[5:10], text[10:15])
    return text + "".join(_SUFFIX[sum(sign.isupper() << place for place, sign in enumerate(part))] for part in parts)
