"""Pipedrive's export of deals: where each stands, since when, and when it was won or lost.

Invariant: a row says what it says wherever it stands; what it tells of the stage gives way to the history's, which is
read from JSON (`pipedrive_history`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from milestone_cli.domain.text import fold
from milestone_cli.exchange.deals import Change, Deals, What
from milestone_cli.exchange.headings import plain_heading
from milestone_cli.exchange.layouts import Layout, Table, layout_of, say_what_is_missing, say_where, table_of
from milestone_cli.exchange.pipedrive_history import NO_ENTRY, NO_LIST, NOTICES, ONE_ENTRY, is_moved, read_json
from milestone_cli.exchange.reader import BadLines
from milestone_cli.exchange.sheets import Sheet

__all__ = ["LAYOUTS", "NOTICES", "STATUS", "is_mine", "read_json", "read_sheet"]

DEALS = Layout(
    "Deals",
    {
        "id": ("Deal - ID", "ID", "Deal - System ID", "Deal - Pipedrive System ID"),
        "stage": ("Deal - Stage", "Stage", "Deal - Stage (pipeline)"),
        "status": ("Deal - Status", "Status"),
        "title": ("Deal - Title", "Title"),
        "customer": ("Deal - Organization", "Organization", "Organization - Name"),
        "amount": ("Deal - Value", "Value"),
        "currency": ("Deal - Currency of Value", "Currency of Value", "Deal - Currency"),
        "owner": ("Deal - Owner", "Owner"),
        "pipeline": ("Deal - Pipeline", "Pipeline"),
        "created": ("Deal - Deal created", "Deal created", "Deal - Deal created on", "Deal - Creation date"),
        "changed": ("Deal - Last stage change", "Last stage change"),
        "won": ("Deal - Won time", "Won time"),
        "lost": ("Deal - Lost time", "Lost time"),
        "closed": ("Deal - Deal closed on", "Deal closed on", "Deal - Closed on"),
        "reason": ("Deal - Lost reason", "Lost reason"),
        "probability": ("Deal - Probability", "Probability"),
        "weighted": ("Deal - Weighted value", "Weighted value"),
        "expected": ("Deal - Expected close date", "Expected close date"),
    },
    ("id", "stage", "status"),
    ("probability", "weighted", "expected"),
)
LAYOUTS = (DEALS,)
STATUS = {"won": "won", "lost": "lost", "open": "open", "deleted": "deleted"}
"""What Pipedrive's words for status mean."""
_PREFIX = "Deal - "


def is_mine(header: Sequence[str], renamed: Mapping[str, str]) -> bool:
    """Tell whether a header is that of Pipedrive's export of deals."""
    return layout_of(in_english(header, renamed), LAYOUTS, renamed) is not None


def read_sheet(sheet: Sheet, deals: Deals, renamed: Mapping[str, str], bad: BadLines, tick: Callable[[], None]) -> None:
    """Add what a sheet says to `deals`.

    Args:
        sheet: Pipedrive's export of deals, at its first row.
        deals: what the files read before say.
        renamed: by our name, the heading that the map names.
        bad: takes the rows that cannot be read.
        tick: called once a row.

    Raises:
        UnreadableFile: the sheet is no export of deals.
    """
    header = in_english(sheet.header, renamed)
    _read_deals(table_of(sheet, "Pipedrive", LAYOUTS, deals, renamed, bad=bad, tick=tick, header=header))
    say_what_is_missing(deals, without_list=NO_LIST, without_entry=NO_ENTRY)
    known_once = deals.rows > 0 and NO_ENTRY not in deals.notices
    say_where(deals, ONE_ENTRY, holds=known_once and not any(map(is_moved, deals.by_id.values())))


def in_english(header: Sequence[str], renamed: Mapping[str, str]) -> list[str]:
    """Return the headings with the word for deal before the ` - ` in English, whatever the language of the export.

    The most frequent word is that for deal; headings that the map names stay as they are.

    >>> in_english(["Negócio - ID", "Negócio - Stage", "Organização - Name"], {})
    ['Deal - ID', 'Deal - Stage', 'Organização - Name']
    """
    given = {plain_heading(title) for title in renamed.values()}
    parts = [title.partition(" - ") for title in header]
    words = Counter(fold(word) for word, dash, _ in parts if dash)
    deal = "deal" if "deal" in words else next((word for word, _ in words.most_common(1)), None)
    return [
        f"{_PREFIX}{rest}" if dash and fold(word) == deal and plain_heading(title) not in given else title
        for title, (word, dash, rest) in zip(header, parts, strict=True)
    ]


def _read_deals(table: Table) -> None:
    deals, place = table.deals, table.place
    created_column, changed_column = table.date_column("created"), table.date_column("changed")
    closed_columns = {name: table.date_column(name) for name in ("won", "lost", "closed")}
    for number, cells in table.rows():
        said = {name: cells[place(name)].strip() for name in DEALS.needed}
        if not all(said.values()):
            table.refuse(number, said)
            continue
        deal = deals.deal(said["id"], number)
        deal.is_listed = True
        deal.stage = said["stage"]
        # in English the history says the same in small letters
        deal.status = fold(said["status"]) if fold(said["status"]) in STATUS else said["status"]
        deal.title = cells[place("title")].strip()
        deal.customer = cells[place("customer")].strip()
        deal.owner = cells[place("owner")].strip()
        deal.amount = cells[place("amount")].strip()
        deal.currency = cells[place("currency")].strip()
        deal.pipeline = cells[place("pipeline")].strip()
        deal.reason = cells[place("reason")].strip()
        created, changed = cells[place("created")].strip(), cells[place("changed")].strip()
        if created:
            deal.created, deal.created_column = created, created_column
        if changed:
            deal.since = Change(What.STAGE, deal.stage, changed, changed_column, number, deal.pipeline)
        elif created and table.has("changed"):
            # where nothing is said of a change there was none: it has stood here from the beginning
            deal.since, deal.begun = (
                Change(What.STAGE, deal.stage, created, created_column, number, deal.pipeline),
                True,
            )
        name = _end(deal.status, {name: cells[place(name)].strip() for name in closed_columns})
        deal.closed, deal.closed_column = cells[place(name)].strip(), closed_columns[name]


def _end(status: str, times: Mapping[str, str]) -> str:
    """Return which of the columns says when a deal ended: that of its status, else the later one of those filled.

    The words of another language for won and lost are known to the map alone, and hardly a deal has both times.
    """
    name = STATUS.get(fold(status), "")
    if times.get(name):
        return name
    won_or_lost = [name for name in ("won", "lost") if times[name]]
    return max(won_or_lost, key=lambda name: times[name], default="closed")
