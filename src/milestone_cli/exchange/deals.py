"""What another system's export says of its deals, before a map says what it means.

Invariant: everything is text as the export has it, with the line it stands on. A reader of a system knows how its files
are laid out, and nothing else: what a stage, a status or a date means is decided afterwards, by the map and for a whole
column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple


class What(Enum):
    """What a change is about."""

    STAGE = "stage"
    """It entered a stage: `value` is its name."""
    AMOUNT = "amount"
    OWNER = "owner"
    STATUS = "status"
    """Where a system keeps won and lost beside the stage: `value` is its word for it."""


class Change(NamedTuple):
    """One change of a deal as a row, or a cell of a row, says it."""

    what: What
    value: str
    """The new stage, amount, owner or status; empty where the export leaves it empty."""
    time: str
    """When, as written."""
    column: int
    """The place in `Deals.columns` of the column that `time` stands in: one column has one form of date."""
    line: int
    """Of its file, from 1."""
    pipeline: str = ""
    """Of a stage, where the export says it; else that of the deal."""
    bulk: bool = False
    """Made by an edit of many deals at once: the day is the edit's, not the customer's."""
    old: str = ""
    """What it was before, where the export says it: of the earliest change, what it was from the beginning."""


@dataclass(slots=True)
class Deal:
    """All that the files say of one deal."""

    id: str
    """The system's own."""
    line: int
    """Where it was met first."""
    source: int = 0
    """The file of that line: its place in `Deals.sources`."""
    title: str = ""
    customer: str = ""
    owner: str = ""
    amount: str = ""
    currency: str = ""
    pipeline: str = ""
    stage: str = ""
    """Where it stands by the newest row about the deal itself."""
    since: Change | None = None
    """That it entered `stage`, as the row about the deal itself says when: for a deal that no history moves."""
    begun: bool = False
    """`since` is the day of creation, only because nothing says that it was at another stage before."""
    status: str = ""
    """Won, lost or open in the system's own word, where that is not a stage."""
    reason: str = ""
    """Of a loss."""
    created: str = ""
    created_column: int = 0
    closed: str = ""
    """When it was won or lost, as written; empty where the export does not say."""
    closed_column: int = 0
    is_listed: bool = False
    """A row about the deal itself was there, not only its changes."""
    is_deleted: bool = False
    changes: list[Change] = field(default_factory=list)
    """In the order of the files."""


class Named(NamedTuple):
    """What is meant by an id."""

    name: str
    pipeline: str = ""
    """Of a stage."""


class DateColumn(NamedTuple):
    """A column of dates: all of it is written in one form."""

    source: int
    """Its file: the place in `Deals.sources`."""
    heading: str
    is_utc: bool = False
    """A time in it that names no zone is UTC; else it is the time of the map's zone."""
    is_last_entry: bool = False
    """It has one date a stage, which entering the stage again overwrites: they can run backwards without the deal."""


@dataclass(slots=True)
class Deals:
    """All that the files say."""

    by_id: dict[str, Deal] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    """The names of the files, and of the sheets of a workbook, in the order in which they are read."""
    columns: list[DateColumn] = field(default_factory=list)
    rows: int = 0
    """Read, over all files."""
    dropped: dict[str, int] = field(default_factory=dict)
    """Headings that hold what nobody can know, like a probability or an expected closing date, and in how many rows."""
    renamed: set[str] = field(default_factory=set)
    """Our names of the columns for which a heading of the map was there, in at least one file."""
    names: dict[tuple[What, str], Named] = field(default_factory=dict)
    """What a stage or an owner is called that changes name by an id, where a file says so; `finish` puts it in."""
    notices: list[str] = field(default_factory=list)
    """What the export cannot say, in the reader's words: one English sentence each, a constant of the reader."""

    def begin(self, source: str) -> None:
        """Say which file, or sheet of one, is read from here on."""
        self.sources.append(source)

    def deal(self, id_: str, line: int) -> Deal:
        """Return the deal with this id; one not met before begins here."""
        found = self.by_id.get(id_)
        if found is None:
            found = self.by_id[id_] = Deal(id_, line, max(0, len(self.sources) - 1))
        return found

    def column(self, source: str, heading: str, *, is_utc: bool = False, is_last_entry: bool = False) -> int:
        """Return the place of a date column of the file that is being read.

        Args:
            source: the name of the file.
            heading: as the file has it.
            is_utc: times in it that name no zone are UTC.
            is_last_entry: one date a stage, overwritten when the stage is entered again.
        """
        if not self.sources or self.sources[-1] != source:
            self.begin(source)
        wanted = DateColumn(len(self.sources) - 1, heading, is_utc, is_last_entry)
        if wanted not in self.columns:
            self.columns.append(wanted)
        return self.columns.index(wanted)

    def finish(self) -> None:
        """All files are read: put names for ids, and let a deal that no history moves stand where its row says."""
        for deal in self.by_id.values():
            if self.names:
                deal.changes = list(self._named(deal.changes))
            entered = deal.since
            if entered is not None and all(
                change.value == entered.value and change.old in ("", entered.value)
                for change in deal.changes
                if change.what is What.STAGE
            ):
                deal.changes.append(entered)
            deal.since = None

    def _named(self, changes: Sequence[Change]) -> Iterator[Change]:
        """Yield changes with names for their ids; a first move between pipelines with where it came from before it."""
        first = min((change.time for change in changes if change.what is What.STAGE), default="")
        for change in changes:
            new = self.names.get((change.what, change.value), Named(change.value, change.pipeline))
            old = self.names.get((change.what, change.old), Named(change.old, new.pipeline))
            if change.what is What.STAGE and change.time == first and old.name and old.pipeline != new.pipeline:
                yield change._replace(value=old.name, pipeline=old.pipeline, time="", old="", bulk=False)
                old = Named("")
            yield change._replace(value=new.name, pipeline=new.pipeline, old=old.name)
