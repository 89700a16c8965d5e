"""A team's spreadsheet list as an opening balance: one row per opportunity, where it stands and since when.

Invariant: what comes in this way is `standing` or a target customer, never an arrival: no lamp turns green on it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from milestone_cli.domain.day import Day, iso, parse_day
from milestone_cli.domain.facts import Kind
from milestone_cli.domain.money import Currency, Separators, parse_amount
from milestone_cli.domain.text import clean_name, fold, quoted, slug
from milestone_cli.errors import InvalidValue, MsError
from milestone_cli.exchange.date_forms import DateReader
from milestone_cli.exchange.gathered import KEY_LIMIT, GatheredOpportunity, Gathering, Line, More, RepPlaces
from milestone_cli.exchange.headings import named_place, places_of
from milestone_cli.exchange.map_file import TARGET, plain_name
from milestone_cli.exchange.reader import BadLines, UnreadableFile, without_guard
from milestone_cli.exchange.sheets import Sheet
from milestone_cli.exchange.table_map import LEFT_OUT, TableMap

_BEGINS_WITH_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]")
_NOTHING = frozenset({"", "0", "-", "–", "—", "0,00", "0.00", "n/a", "?"})
"""What stands in a list where no amount or day is known."""


class UnknownStages(MsError):
    """Stages of the list that the map does not name; nothing of the list was taken."""

    code = "unknown_stages"

    def __init__(self, source: str, stages: Counter[str], known: int) -> None:
        listed = "".join(
            f"\n  {quoted(stage) if stage else 'no stage'} ({count} {'row' if count == 1 else 'rows'})"
            for stage, count in stages.most_common(20)
        )
        more = f"\n  and {len(stages) - 20} more" if len(stages) > 20 else ""
        super().__init__(
            f"{source} has stages that the map does not name:{listed}{more}",
            f"The map names {known}; add these to [stages]: a milestone's number or key, or lost, won, ignore.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a list is read with."""

    map: TableMap
    process: str
    """The key of the process."""
    currency: Currency
    on: Day
    """The day the list is taken over."""
    separators: Separators | None
    """Of the locale, for amounts where the map names no decimal sign."""
    day_first: bool | None
    """Of the locale, for days where the map names no form."""


def read_list(table: Sheet, reading: Reading, progress: Callable[[int], None]) -> Gathering:
    """Return what the rows of a list amount to.

    Raises:
        UnreadableFile: a column of the map is not there, or there is no row.
        UnknownStages: stages that the map does not name.
        InvalidLines: rows that cannot be taken.
    """
    return _List(table, reading).read(progress)


class _List:
    def __init__(self, table: Sheet, reading: Reading) -> None:
        self._table = table
        self._reading = reading
        places = places_of(table.header)
        self._places = {what: named_place(places, table, title, what) for what, title in reading.map.columns.items()}
        self._gathering = Gathering(table.source)
        self._reps = RepPlaces(self._gathering)
        self._bad = BadLines(table.source)
        self._unknown: Counter[str] = Counter()
        self._dates = DateReader(None)
        self._slugs: dict[str, int] = {}

    def read(self, progress: Callable[[int], None]) -> Gathering:
        done = 0
        for number, cells in self._table.rows(self._bad):
            said = {
                what: without_guard(cells[place].strip()) if place < len(cells) else ""
                for what, place in self._places.items()
            }
            if any(said.values()):
                self._gathering.lines += 1
                try:
                    self._take(number, said)
                except InvalidValue as error:
                    self._bad.add(number, error.message)
            position = self._table.position
            progress(position - done)
            done = position
        if self._unknown:
            raise UnknownStages(self._gathering.source, self._unknown, len(self._reading.map.stages))
        self._bad.refuse()
        if not self._gathering.lines:
            raise UnreadableFile(f"{self._table.source} has no row below its header.", "One opportunity a row.")
        return self._gathering

    def _take(self, number: int, said: dict[str, str]) -> None:
        stage = self._reading.map.stages.get(plain_name(said["stage"]))
        if stage is None:
            self._unknown[said["stage"]] += 1
            return
        if stage in LEFT_OUT:
            self._gathering.skipped[stage] = self._gathering.skipped.get(stage, 0) + 1
            return
        customer = clean_name(said["customer"], "customer")
        key = self._key(said.get("key", ""), customer)
        on = self._reading.on
        value = self._amount(said.get("value", ""))
        since = self._since(said.get("since", ""))
        owner = said.get("owner", "")
        owner = self._reading.map.owners.get(plain_name(owner), owner)
        rep = self._reps.place(owner, on) if owner not in _NOTHING else None
        title = said.get("title", "")
        found = GatheredOpportunity(key, self._reading.process, customer, clean_name(title, "title") if title else "")
        if stage == TARGET:
            found.lines.append(Line(number, Kind.OPENED, None, on, value, rep, None))
        else:
            more = More(None, on, since, None, {})
            found.lines.append(Line(number, Kind.STANDING, stage, on, value, rep, more))
        self._gathering.opportunities[fold(key)] = found

    def _key(self, text: str, customer: str) -> str:
        """Return the key in the list, else one made from the customer: the same for the same list tomorrow."""
        if text:
            key = clean_name(text, "key", limit=KEY_LIMIT)
            if fold(key) in self._gathering.opportunities:
                raise InvalidValue(f"The key {quoted(key)} is on an earlier row already")
            return key
        wanted = slug(customer)
        while True:
            self._slugs[wanted] = count = self._slugs.get(wanted, 0) + 1
            key = wanted if count == 1 else f"{wanted}-{count}"
            if fold(key) not in self._gathering.opportunities:
                return key

    def _amount(self, text: str) -> int | None:
        if text.casefold() in _NOTHING:
            return None
        separators = self._reading.map.separators or self._reading.separators
        return parse_amount(text, self._reading.currency, separators=separators)

    def _since(self, text: str) -> Day:
        if text.casefold() in _NOTHING:
            return self._reading.on
        day = self._day(text)
        if day > self._reading.on:
            raise InvalidValue(f"{iso(day)} lies after the takeover on {iso(self._reading.on)}")
        return day

    def _day(self, text: str) -> Day:
        form = self._reading.map.date
        if form is not None or _BEGINS_WITH_DAY.match(text):
            return self._dates.moment(text, form).day
        return parse_day(text, today=self._reading.on, day_first=self._reading.day_first)
