"""Tables with days: one row per opportunity and a column of days for each milestone, or a list of events.

Invariant: only the columns that the map names are read, and all of them must be there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from milestone_cli.domain.text import quoted, visible
from milestone_cli.exchange.deals import Change, Deal, Deals, What
from milestone_cli.exchange.headings import named_place, places_of, plain_heading
from milestone_cli.exchange.map_file import parsed
from milestone_cli.exchange.reader import BadLines, without_guard
from milestone_cli.exchange.sheets import Sheet
from milestone_cli.exchange.systems import SystemReader
from milestone_cli.exchange.table_map import FORM

EVENT = ("key", "stage", "date")
"""The columns that make a list of events."""
WORDS = ("key", "customer", "title", "owner", "value", "currency", "reason", "created")
"""The columns that both kinds can have."""


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the columns are."""

    words: Mapping[str, int]
    dates: Mapping[str, int]
    """Of the columns with the days of milestones, by heading."""


def has_days(text: bytes, source: str) -> bool:
    """Tell whether a map is of a table with days, and not of a list that says where opportunities stand.

    Raises:
        InvalidMap: it is no TOML.
    """
    found = parsed(text, source, FORM)
    columns = found.get("columns")
    return "milestones" in found or (isinstance(columns, dict) and "date" in columns)


class DatedTable:
    """Reads a table the way its map says."""

    def __init__(self, columns: Mapping[str, str], milestones: Sequence[str]) -> None:
        """Take what the map says.

        Args:
            columns: the heading by what the column says.
            milestones: the headings of the columns with days; none in a list of events.
        """
        self._columns = columns
        self._milestones = milestones

    def reader(self) -> SystemReader:
        """Return it as what reads an export."""
        return SystemReader(name="table", called="the table", is_mine=self._is_mine, read_sheet=self._read)

    def problems(self) -> list[str]:
        """Return what is wrong with the columns of the map."""
        known = WORDS if self._milestones else (*WORDS, *EVENT[1:])
        found = [f"columns.{visible(name)} is not known." for name in self._columns if name not in known]
        if not self._milestones:
            found += [f"columns.{name} is missing: events have {', '.join(EVENT)}."
                      for name in EVENT if name not in self._columns]  # fmt: skip
        elif "key" not in self._columns and "customer" not in self._columns:
            found.append("columns.customer is missing, or columns.key.")
        return found

    def _is_mine(self, header: Sequence[str], renamed: Mapping[str, str]) -> bool:
        titles = {plain_heading(title) for title in header}
        return all(plain_heading(title) in titles for title in (*renamed.values(), *self._milestones))

    def _read(
        self, sheet: Sheet, deals: Deals, renamed: Mapping[str, str], bad: BadLines, tick: Callable[[], None]
    ) -> None:
        places = self._places(sheet, renamed)
        deals.renamed |= set(renamed)
        columns = {title: deals.column(sheet.source, title, is_last_entry=True) for title in self._milestones}
        created = deals.column(sheet.source, renamed["created"]) if "created" in renamed else 0
        at = deals.column(sheet.source, renamed["date"]) if "date" in renamed else 0
        for number, cells in sheet.rows(bad):
            tick()
            said = {
                name: without_guard(cells[place].strip()) if place < len(cells) else ""
                for name, place in places.words.items()
            }
            days = [(title, cells[place].strip()) for title, place in places.dates.items() if place < len(cells)]
            if not any(said.values()) and not any(day for _title, day in days):
                continue
            deals.rows += 1
            deal = self._deal(deals, number, said, bad)
            if deal is None:
                continue
            _describe(deal, said, created)
            if self._milestones:
                deal.amount, deal.owner = said.get("value", ""), said.get("owner", "")
                deal.changes += [Change(What.STAGE, title, day, columns[title], number) for title, day in days if day]
            elif said["date"]:
                deal.changes += _event(said, at, number)
            else:
                bad.add(number, f"it has nothing under {quoted(renamed['date'])}")

    def _places(self, sheet: Sheet, renamed: Mapping[str, str]) -> _Places:
        places = places_of(sheet.header)
        return _Places(
            {name: named_place(places, sheet, title, name) for name, title in renamed.items()},
            {title: named_place(places, sheet, title, "a milestone") for title in self._milestones},
        )

    def _deal(self, deals: Deals, number: int, said: Mapping[str, str], bad: BadLines) -> Deal | None:
        """Return the deal of a row: by its key, else by its customer and what it is called."""
        names = [said["key"]] if "key" in said else [said.get("customer", ""), said.get("title", "")]
        if not names[0]:
            bad.add(number, f"it has nothing under {quoted(self._columns['key' if 'key' in said else 'customer'])}")
            return None
        id_ = " / ".join(filter(None, names))
        if self._milestones and id_ in deals.by_id:
            bad.add(number, f"{quoted(id_)} is on an earlier row already; columns.key tells such rows apart")
            return None
        deal = deals.deal(id_, number)
        deal.is_listed = True
        return deal


def _describe(deal: Deal, said: Mapping[str, str], created: int) -> None:
    """Take what a row says of the deal itself; a later row of the same deal adds to it."""
    deal.customer = said.get("customer") or deal.customer
    deal.title = said.get("title") or deal.title
    deal.currency = said.get("currency") or deal.currency
    deal.reason = said.get("reason") or deal.reason
    if said.get("created"):
        deal.created, deal.created_column = said["created"], created


def _event(said: Mapping[str, str], column: int, number: int) -> list[Change]:
    """Return what an event changes: its stage, and the amount and the owner where it names them."""
    changes = [Change(What.STAGE, said["stage"], said["date"], column, number)] if said["stage"] else []
    for name, what in (("value", What.AMOUNT), ("owner", What.OWNER)):
        if said.get(name):
            changes.append(Change(what, said[name], said["date"], column, number))
    return changes
