"""`ms opportunities`: every opportunity as of a day, chosen and sorted.

Invariant: a list for acting on, never a figure: it holds no sum of the pipeline.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from milestone_cli.domain.basis import Basis
from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.money import Currency, plain
from milestone_cli.domain.opportunity import Status
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.domain.text import fold
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Money,
    Part,
    Sentence,
    Table,
    Value,
    counted,
    joined,
    named,
)

IN_PLAY = frozenset({Status.TARGET, Status.OPEN, Status.DEAD})
"""Neither won nor lost: its clock runs."""
LISTED = frozenset({Status.TARGET, Status.OPEN})
"""What a terminal lists unless `--status` says otherwise."""


class SortBy(StrEnum):
    """What `--sort` takes."""

    KEY = "key"
    VALUE = "value"
    WAITING = "waiting"
    MILESTONE = "milestone"
    CUSTOMER = "customer"
    REACHED = "reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One opportunity as of a day."""

    key: str
    number: int
    customer: str
    title: str
    process: str
    currency: Currency
    rep: str | None
    """The rep's key; None is nobody's."""
    value: int | None
    """The potential in minor units; None is unknown."""
    value_assumed: bool
    """`value` is the typical one of the process."""
    milestone: int
    """Its number in the version of the day; 0 is a target customer."""
    milestone_key: str | None
    milestone_name: str | None
    reached_on: Day | None
    """The day it got to where it stands; `since` of a takeover; None for a target customer."""
    waiting_days: int | None
    """Days it has waited there (a target customer: since it was opened); None once won or lost."""
    status: Status


@dataclass(frozen=True, slots=True)
class Place:
    """Where a milestone key stands in the version of a day."""

    number: int
    key: str | None
    name: str | None


class Places:
    """Places by process and milestone key, looked up once for all rows of a list."""

    def __init__(
        self, histories: Mapping[str, ProcessHistory], as_of: Day, bases: Mapping[str, Basis] | None = None
    ) -> None:
        self.histories = histories
        self.as_of = as_of
        self.bases = bases or {}
        self._known: dict[tuple[str, str | None], Place] = {}
        self._typical = {key: history.at(as_of).process.typical_value for key, history in histories.items()}

    def of(self, process: str, milestone: str | None) -> Place:
        """Return the place of a milestone key; number 0 for none."""
        found = self._known.get((process, milestone))
        if found is None:
            history = self.histories[process]
            number = history.place(milestone, self.as_of)
            at = history.at(self.as_of).process.milestone(number) if number else None
            found = Place(number, at.key if at else None, at.name if at else None)
            self._known[process, milestone] = found
        return found

    def listed(
        self,
        *,
        key: str,
        number: int,
        customer: str,
        title: str,
        process: str,
        rep: str | None,
        value: int | None,
        milestone: str | None,
        opened_on: Day | None,
        waiting_since: Day | None,
        status: Status,
    ) -> Listed:
        """Return an opportunity as it is listed, from its state."""
        place = self.of(process, milestone)
        typical = self._typical[process]
        since = opened_on if status is Status.TARGET else waiting_since
        waited = self.as_of - since if status in IN_PLAY and since is not None else None
        if status is Status.OPEN and waited is not None and self._is_dead(process, place, waited):
            status = Status.DEAD
        return Listed(
            key=key,
            number=number,
            customer=customer,
            title=title,
            process=process,
            currency=self.histories[process].currency,
            rep=rep,
            value=typical if value is None else value,
            value_assumed=value is None and typical is not None,
            milestone=place.number,
            milestone_key=place.key,
            milestone_name=place.name,
            reached_on=waiting_since,
            waiting_days=waited,
            status=status,
        )

    def _is_dead(self, process: str, place: Place, waited: int) -> bool:
        """Return whether the thresholds of the month set it aside; without a basis nothing is."""
        threshold = self.bases[process].threshold(place.key) if process in self.bases else None
        return threshold is not None and threshold.is_dead(waited)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which opportunities are wanted; an empty field wants all."""

    rep: str | None = None
    """The rep's key."""
    milestones: frozenset[tuple[str, int]] | None = None
    """Pairs of process and milestone number."""
    statuses: frozenset[Status] = frozenset()
    longer_than: int | None = None
    """Waiting for more days than this."""
    hide_closed: bool = False
    """Leave out the won, lost and dead ones, and say so; for a terminal, where no status is asked for."""
    sort: SortBy | None = None
    """None: the milestone, the furthest first, then the longest waiting."""
    reverse: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityList:
    """What was chosen, sorted, and what was left out."""

    rows: tuple[Listed, ...]
    total: int
    """How many were chosen before the limit."""
    hidden: Mapping[Status, int]
    """Closed and dead ones that fit the rest of the choice, by status."""


def opportunity_list(rows: Iterable[Listed], choice: Choice) -> OpportunityList:
    """Return the chosen opportunities in the wanted order."""
    chosen: list[Listed] = []
    hidden: Counter[Status] = Counter()
    for row in rows:
        if not _fits(row, choice):
            continue
        if choice.hide_closed and not choice.statuses and row.status not in LISTED:
            hidden[row.status] += 1
        else:
            chosen.append(row)
    ordered = _sorted(chosen, choice)
    return OpportunityList(rows=tuple(ordered[: choice.limit]), total=len(chosen), hidden=hidden)


def _fits(row: Listed, choice: Choice) -> bool:
    if choice.rep is not None and row.rep != choice.rep:
        return False
    if choice.milestones is not None and (row.process, row.milestone) not in choice.milestones:
        return False
    if choice.statuses and row.status not in choice.statuses:
        return False
    return choice.longer_than is None or (row.waiting_days is not None and row.waiting_days > choice.longer_than)


def _sorted(rows: list[Listed], choice: Choice) -> list[Listed]:
    """Return the rows in order; what has nothing to sort by comes last in both directions."""
    rows = sorted(rows, key=lambda row: fold(row.key))
    for stage in (SortBy.WAITING, SortBy.MILESTONE) if choice.sort is None else (choice.sort,):
        order, downwards = _ORDERS[stage]
        known = [row for row in rows if order(row) is not None]
        known.sort(key=order, reverse=downwards is not choice.reverse)
        rows = known + [row for row in rows if order(row) is None]
    return rows


_ORDERS: Mapping[SortBy, tuple[Callable[[Listed], Any], bool]] = {
    SortBy.KEY: (lambda row: fold(row.key), False),
    SortBy.CUSTOMER: (lambda row: fold(row.customer), False),
    SortBy.VALUE: (lambda row: row.value, True),
    SortBy.WAITING: (lambda row: row.waiting_days, True),
    SortBy.MILESTONE: (lambda row: row.milestone, True),
    SortBy.REACHED: (lambda row: row.reached_on, True),
}
"""What each order looks at, and whether it goes downwards: the largest, longest, furthest or latest first."""

COLUMNS = (
    Column("key", "Key", CellKind.NAME, whole=True),
    Column("customer", "Customer", CellKind.NAME, 3),
    Column("title", "Title", CellKind.NAME, 8),
    Column("process", "Process", CellKind.NAME, 7),
    Column("rep", "Rep", CellKind.NAME, 4),
    Column("value", "Value", CellKind.MONEY, 1),
    Column("value_assumed", "Assumed", CellKind.BOOL, 5),
    Column("milestone", "#", CellKind.COUNT, 1),
    Column("milestone_name", "Milestone", CellKind.TEXT, 2),
    Column("reached_on", "Reached", CellKind.DAY, 6),
    Column("waiting_days", "Waiting", CellKind.COUNT, 1),
    Column("status", "Status", CellKind.WORD, 1),
)


def opportunities_document(found: OpportunityList, as_of: Day, rep: str | None) -> Document:
    """Return the list as a table and as the JSON of the contract."""
    table = Table(
        title=joined(("Opportunities", named(iso(as_of)), *(() if rep is None else (named(rep),)))),
        columns=COLUMNS,
        rows=cells_of(found.rows),
        notes=tuple(_notes(found)),
        total_rows=found.total,
    )
    return Document(
        tables=(table,),
        json={
            "as_of": iso(as_of),
            "rep": rep,
            "total": found.total,
            "opportunities": [listed_json(r) for r in found.rows],
        },
    )


def cells_of(rows: Sequence[Listed]) -> tuple[tuple[Cell, ...], ...]:
    """Return the rows of a table with `COLUMNS`."""
    return tuple(
        (
            row.key, row.customer, row.title or None, row.process, row.rep,
            None if row.value is None else Money(row.value, row.currency), row.value_assumed,
            row.milestone, row.milestone_name, row.reached_on, row.waiting_days, row.status.value,
        )
        for row in rows
    )  # fmt: skip


def _notes(found: OpportunityList) -> list[Line]:
    notes: list[Line] = []
    if assumed := sum(row.value_assumed for row in found.rows):
        notes.append(
            Sentence(
                "{} without a known potential: the typical value of the process is assumed.",
                (Value(assumed, CellKind.COUNT),),
            )
        )
    hidden = [status for status in (Status.WON, Status.LOST, Status.DEAD) if found.hidden.get(status)]
    if hidden:
        parts = joined([_hidden(status, found.hidden[status]) for status in hidden], ", ")
        flags = named(" ".join("--status " + status.value for status in hidden))
        notes.append(Sentence("Hidden here: {}; {} lists them.", (parts, flags)))
    return notes


def _hidden(status: Status, count: int) -> Part:
    return joined((counted(count), status.value), " ")


def listed_json(row: Listed) -> dict[str, object]:
    """Return the contract's object for one opportunity."""
    return {
        "key": row.key,
        "number": row.number,
        "customer": row.customer,
        "title": row.title or None,
        "process": row.process,
        "currency": row.currency.code,
        "rep": row.rep,
        "value": None if row.value is None else plain(row.value, row.currency),
        "value_assumed": row.value_assumed,
        "milestone": row.milestone,
        "milestone_key": row.milestone_key,
        "milestone_name": row.milestone_name,
        "reached_on": None if row.reached_on is None else iso(row.reached_on),
        "waiting_days": row.waiting_days,
        "status": row.status.value,
    }
