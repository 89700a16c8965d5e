"""What a file to import says, opportunity by opportunity, before anything of it is compared with the book.

Invariant: everything here could be read and is valid by itself; keys, customers and reps are still names, not numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.facts import Evidence, Kind
from milestone_cli.domain.text import clean_name, fold
from milestone_cli.exchange.reader import without_guard

KEY_LIMIT = 200
TEXT_LIMIT = 2000
"""Characters of evidence, reasons and references."""


_FILE = 10**9
"""Lines of the first file have their own number, those of the next one this much more."""


def line_number(source: int, line: int) -> int:
    """Return the number of a line over all files.

    >>> line_number(0, 17), place_of(line_number(2, 17))
    (17, (2, 17))
    """
    return source * _FILE + line


def place_of(number: int) -> tuple[int, int]:
    """Return the place of the file and the line in it."""
    return divmod(number, _FILE)


class More(NamedTuple):
    """What only some lines say."""

    recorded_at: int | None
    """When the source learned of it, in microseconds since 1970 UTC."""
    known_on: Day
    """The day of `recorded_at`, else the day of the line."""
    since: Day | None
    evidence: Evidence | None
    texts: Mapping[str, str]
    """By role, as in a fact."""
    bulk: bool = False
    """Its day is that of an edit of many at once."""


class Line(NamedTuple):
    """One fact as the file says it."""

    number: int
    """Of the line, from 1, over all files."""
    kind: Kind
    milestone: str | None
    """The key of the milestone; None where the kind has none."""
    on: Day
    value: int | None
    """Minor units; None says nothing about it."""
    rep: int | None
    """The place in `Gathering.reps`; None says nothing about it."""
    more: More | None

    @property
    def known_on(self) -> Day:
        """The day from which it counts as known."""
        return self.on if self.more is None else self.more.known_on


@dataclass(slots=True)
class GatheredOpportunity:
    """All lines of one opportunity, in the order of the file."""

    key: str
    process: str
    customer: str = ""
    """Empty: the key."""
    title: str = ""
    lines: list[Line] = field(default_factory=list)
    external: str = ""
    """Its id in another system; a line that brings no id of its own has one made from this and from what it says."""
    is_whole: bool = False
    """The files tell of more than one move: what the book has beside these came from there and is there no longer."""

    def id_of(self, line: Line) -> str:
        """Return the id of a line in the other system; empty where it has none."""
        if line.more is not None and (own := line.more.texts.get("external")):
            return own
        return line_id(self.external, line.kind, line.milestone, line.on) if self.external else ""

    def take_in(self, other: GatheredOpportunity) -> None:
        """Add the lines, under their own ids, of another one that is one with this in the book: a merge united them."""
        for line in other.lines:
            if id_ := other.id_of(line):
                more = line.more or More(None, line.on, None, None, {})
                self.lines.append(line._replace(more=more._replace(texts={**more.texts, "external": id_})))
            else:
                self.lines.append(line)
        self.is_whole = self.is_whole or other.is_whole


def line_id(external: str, kind: Kind, milestone: str | None, on: Day) -> str:
    """Return an id that a fact has in every export: of a milestone by its key, of all else by its day.

    >>> line_id("odoo:7", Kind.REACHED, "offer", 0), line_id("odoo:7", Kind.LOST, None, 0)
    ('odoo:7:reached:offer', 'odoo:7:lost:1970-01-01')
    """
    if kind is Kind.OPENED:
        return external
    return f"{external}:{kind.value}:{iso(on) if milestone is None else milestone}"


@dataclass(slots=True)
class NamedRep:
    """A rep whom the file names."""

    key: str
    first: Day
    """The earliest day of a line that names them."""


@dataclass(slots=True)
class Gathering:
    """All of one file."""

    source: str
    sources: Sequence[str] = ()
    """The names of the files where there are several."""
    system: str = ""
    """What the ids of the opportunities begin with, where they are those of another system."""
    owners: Mapping[str, int] = field(default_factory=dict)
    """The numbers of the opportunities that the book has of that system, by their ids there."""
    opportunities: dict[str, GatheredOpportunity] = field(default_factory=dict)
    """By folded key, in the order of the file."""
    reps: list[NamedRep] = field(default_factory=list)
    lines: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    """Rows of a list left out on purpose, by why."""
    external: dict[str, int] = field(default_factory=dict)
    """The line that has an id of another system first."""


class RepPlaces:
    """Finds the place of a rep by the name in the file."""

    def __init__(self, gathering: Gathering) -> None:
        self._reps = gathering.reps
        self._by_text: dict[str, int] = {}
        self._by_fold: dict[str, int] = {}

    def place(self, text: str, day: Day) -> int:
        """Return the place of the rep called `text` on a line of that day.

        Raises:
            InvalidValue: no name.
        """
        place = self._by_text.get(text)
        if place is None:
            name = clean_name(without_guard(text), "rep")
            place = self._by_fold.setdefault(fold(name), len(self._reps))
            if place == len(self._reps):
                self._reps.append(NamedRep(name, day))
            self._by_text[text] = place
        rep = self._reps[place]
        rep.first = min(rep.first, day)
        return place
