"""HubSpot's tables: the export of deals with the days they entered each stage, and the history of one property.

Invariant: an entry is what the export has written, once: where the history of the stage tells it, the column of the
stage, which keeps the last entry only, says it no second time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from milestone_cli.domain.text import fold
from milestone_cli.exchange.deals import Change, Deal, Deals, What
from milestone_cli.exchange.headings import plain_heading
from milestone_cli.exchange.layouts import Layout, Table, layout_of, say_what_is_missing, say_where, table_of
from milestone_cli.exchange.reader import BadLines
from milestone_cli.exchange.sheets import Sheet

DEALS = Layout(
    "Deals",
    {
        "id": ("Record ID", "Deal ID", "hs_object_id", "id"),
        "stage": ("Deal Stage", "dealstage"),
        "title": ("Deal Name", "dealname"),
        "pipeline": ("Pipeline",),
        "customer": ("Associated Company (Primary)", "Associated Company"),
        "amount": ("Amount",),
        "currency": ("Currency", "deal_currency_code"),
        "owner": ("Deal owner", "hubspot_owner_id"),
        "created": ("Create Date", "createdate"),
        "closed": ("Close Date", "closedate"),
        "reason": ("Closed Lost Reason", "closed_lost_reason"),
        "since": ("Date entered current stage", "hs_v2_date_entered_current_stage"),
        "probability": ("Deal probability", "hs_deal_stage_probability"),
        "weighted": ("Weighted amount", "hs_projected_amount"),
        "forecast": ("Forecast amount", "hs_forecast_amount"),
    },
    ("id", "stage"),
    ("probability", "weighted", "forecast"),
)
PROPERTY_HISTORY = Layout(
    "Property history",
    {
        "history_id": ("id", "Record ID"),
        "history_name": ("name",),
        "history_value": ("value1",),
        "history_time": ("time1",),
    },
    ("history_id", "history_name", "history_value", "history_time"),
)
LAYOUTS = (PROPERTY_HISTORY, DEALS)
KEPT = 20
"""Changes of a property that HubSpot keeps."""
PROPERTIES = {"dealstage": What.STAGE, "amount": What.AMOUNT, "hubspot_owner_id": What.OWNER, "pipeline": None}
"""What the history of a property is about, by the property's internal name; None is of no use here."""
ENTERED = "Date entered {}"
"""The heading of a column with the days of entering a stage, by the stage in quotes."""
_QUOTES = (('"', '"'), ("'", "'"), ("“", "”"), ("„", "“"), ("«", "»"))
_INTERNAL = re.compile(r"hs_(?P<new>v2_)?date_entered_(?P<stage>.+)", re.IGNORECASE)

LAST_ENTRY = (
    "HubSpot's columns keep the last day a deal entered a stage: the first one is unknown where it did so twice."
)
CUT = "A deal with 20 changes of a property may have had more before: HubSpot keeps no more than 20."
CLOSE_DATE = (
    "The Close Date counts for deals that are won or lost and have no day for that stage; of open ones it is a hope "
    "and is dropped."
)
NO_ENTRY = "Without a column Date entered and without a history, it is unknown since when a deal stands at its stage."
NO_LIST = "The history alone names no customer, no owner and no day of creation: import the export of deals with it."
NOTICES = (LAST_ENTRY, CUT, CLOSE_DATE, NO_ENTRY, NO_LIST)


class Entry(NamedTuple):
    """A column that holds when deals entered a stage."""

    place: int
    stage: str
    pipeline: str
    column: int


def is_mine(header: Sequence[str], renamed: Mapping[str, str]) -> bool:
    """Tell whether a header is that of one of HubSpot's tables."""
    return layout_of(header, LAYOUTS, renamed) is not None


def read_sheet(sheet: Sheet, deals: Deals, renamed: Mapping[str, str], bad: BadLines, tick: Callable[[], None]) -> None:
    """Add what a sheet says to `deals`.

    Args:
        sheet: one of HubSpot's tables, at its first row.
        deals: what the files read before say.
        renamed: by our name, the heading that the map names; `entered` is the heading of all columns with days of
            entering a stage, with {} for the stage in its quotes.
        bad: takes the rows that cannot be read.
        tick: called once a row.

    Raises:
        UnreadableFile: the sheet is none of HubSpot's tables.
    """
    table = table_of(sheet, "HubSpot", LAYOUTS, deals, renamed, bad=bad, tick=tick)
    if table.layout is DEALS:
        entries = _entries(table, renamed.get("entered", ENTERED))
        if entries and "entered" in renamed:
            deals.renamed.add("entered")
        _read_deals(table, entries)
    else:
        _read_history(table)
    _leave_to_the_history(deals)
    say_what_is_missing(deals, without_list=NO_LIST, without_entry=NO_ENTRY)


def _entries(table: Table, heading: str) -> list[Entry]:
    """Return the columns with days of entering a stage; of two for one stage, the one of the newer form.

    Args:
        table: the export of deals.
        heading: theirs, with {} for the stage in quotes; without {}, its first words.
    """
    before, _, after = heading.partition("{}")
    form = re.compile(rf"{_words(before)} ?(?P<said>.+?) ?{_words(after)}", re.IGNORECASE)
    found: dict[tuple[str, str], tuple[int, int, str, str]] = {}
    for place, title in enumerate(table.sheet.header):
        said = _entry_of(title, form)
        if said is not None:
            age, stage, pipeline = said
            key = (fold(stage), fold(pipeline))
            found[key] = min(found.get(key, (age, place, stage, pipeline)), (age, place, stage, pipeline))
    source, header = table.sheet.source, table.sheet.header
    return [
        Entry(place, stage, pipeline, table.deals.column(source, header[place], is_last_entry=True))
        for _, place, stage, pipeline in sorted(found.values(), key=lambda one: one[1])
    ]


def _words(text: str) -> str:
    return re.escape(" ".join(text.split()))


def _entry_of(title: str, form: re.Pattern[str]) -> tuple[int, str, str] | None:
    """Return how old the form of a heading is, its stage and its pipeline; None if it is no entry of a stage."""
    if internal := _INTERNAL.fullmatch(title.strip()):
        stage = internal["stage"]
        return None if stage.casefold() == "current_stage" else (0 if internal["new"] else 1, stage, "")
    if found := form.fullmatch(" ".join(title.split()).strip("* ")):
        said = found["said"]
        for age, (first, last) in enumerate(_QUOTES):
            if len(said) > 2 and said.startswith(first) and said.endswith(last):
                return age, *stage_and_pipeline(said[1:-1].strip())
    return None


def stage_and_pipeline(text: str) -> tuple[str, str]:
    """Return a stage and the pipeline that stands behind it in brackets.

    >>> stage_and_pipeline("Demo (online) (Sales (EU))")
    ('Demo (online)', 'Sales (EU)')
    >>> stage_and_pipeline("Demo")
    ('Demo', '')
    """
    depth = 0
    for place in range(len(text) - 1, 0, -1) if text.endswith(")") else ():
        depth += (text[place] == ")") - (text[place] == "(")
        if not depth:
            return (text[:place].strip(), text[place + 1 : -1].strip()) if text[place - 1].isspace() else (text, "")
    return text, ""


def _read_deals(table: Table, entries: Sequence[Entry]) -> None:
    deals, place = table.deals, table.place
    created_column, closed_column = table.date_column("created"), table.date_column("closed")
    since_column = table.date_column("since", is_last_entry=True)
    say_where(deals, CLOSE_DATE, holds=table.has("closed") or CLOSE_DATE in deals.notices)
    for number, cells in table.rows():
        id_, stage = cells[place("id")].strip(), cells[place("stage")].strip()
        if not id_ or not stage:
            table.refuse(number, {"id": id_, "stage": stage})
            continue
        deal = deals.deal(id_, number)
        deal.is_listed = True
        deal.title = cells[place("title")].strip() or deal.title
        deal.customer = cells[place("customer")].strip()
        deal.owner = cells[place("owner")].strip()
        deal.amount = cells[place("amount")].strip()
        deal.currency = cells[place("currency")].strip()
        deal.pipeline = cells[place("pipeline")].strip()
        deal.reason = cells[place("reason")].strip()
        deal.stage = stage
        deal.created, deal.created_column = cells[place("created")].strip(), created_column
        deal.closed, deal.closed_column = cells[place("closed")].strip(), closed_column
        changes = [
            Change(What.STAGE, entry.stage, time, entry.column, number, entry.pipeline)
            for entry in entries
            if (time := cells[entry.place].strip())
        ]
        if (since := cells[place("since")].strip()) and not any(_is_stage_of(one, deal) for one in changes):
            changes.append(Change(What.STAGE, stage, since, since_column, number, deal.pipeline))
        deal.changes += changes


def _is_stage_of(change: Change, deal: Deal) -> bool:
    """Tell whether a deal stands at the stage of this change."""
    return fold(change.value) == fold(deal.stage) and fold(change.pipeline) in {"", fold(deal.pipeline)}


def _read_history(table: Table) -> None:
    deals = table.deals
    at_id, at_name, first, at_time = (table.place(name) for name in PROPERTY_HISTORY.needed)
    step, beside = _step(table), at_time - first
    column = table.date_column("history_time", is_utc=True)
    of_file = _property_of(table.sheet.source)
    words: dict[str, str] = {}
    for number, cells in table.rows(ragged=True):
        id_, name = cells[at_id].strip(), cells[at_name].strip()
        if not id_:
            table.refuse(number, {"history_id": id_})
            continue
        deal = deals.deal(id_, number)
        said = name.casefold()
        what = PROPERTIES.get(said, of_file)
        if said not in PROPERTIES and not deal.is_listed:
            deal.title = name
        said_values = [
            (cells[place].strip(), cells[place + beside].strip() if place + beside < len(cells) else "")
            for place in range(first, len(cells), step)
        ]
        revisions = [(value, time) for value, time in said_values if value or time]
        if any(not time for _, time in revisions):
            table.bad.add(number, "it has a value without the time of its change")
            continue
        say_where(deals, CUT, holds=len(revisions) >= KEPT or CUT in deals.notices)
        for value, time in reversed(revisions):
            if what is not None and (value or what is What.AMOUNT):
                deal.changes.append(Change(what, words.setdefault(value, value), time, column, number))


def _step(table: Table) -> int:
    """Return how far a change of a property stands from the next one, in columns."""
    first = table.place("history_value")
    next_title = plain_heading(table.title("history_value")).replace("1", "2")
    titles = [plain_heading(title) for title in table.sheet.header]
    return titles.index(next_title) - first if next_title in titles[first + 1 :] else 2


def _property_of(source: str) -> What:
    """Return what the history of a property is about, by the name of its file; the stage if that says nothing."""
    for name, what in PROPERTIES.items():
        if what is not None and re.search(rf"(?<![a-z0-9]){name}(?![a-z0-9])", source.casefold()):
            return what
    return What.STAGE


def _leave_to_the_history(deals: Deals) -> None:
    """Leave out what the columns say of a stage that the history tells every entry of."""
    last_only = {place for place, column in enumerate(deals.columns) if column.is_last_entry}
    rests_on_columns = False
    for deal in deals.by_id.values() if last_only else ():
        told = {fold(one.value) for one in deal.changes if one.what is What.STAGE and one.column not in last_only}
        if told:
            here = {"", fold(deal.pipeline)}
            deal.changes = [
                one
                for one in deal.changes
                if one.column not in last_only or fold(one.value) not in told or fold(one.pipeline) not in here
            ]
        rests_on_columns = rests_on_columns or any(one.column in last_only for one in deal.changes)
    say_where(deals, LAST_ENTRY, holds=rests_on_columns)
