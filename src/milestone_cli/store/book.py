"""A book: one file, open for one command, and what it hands out to reports and decisions.

Invariant: everything read from a book in one command is one consistent state; a looking command writes nothing but a
missing snapshot, and only where the file can be written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from milestone_cli.domain.arrivals import Arrived, ListedArrival
from milestone_cli.domain.basis import MEAN_MONTHS, Basis, Worth, planned_basis
from milestone_cli.domain.changes import Case
from milestone_cli.domain.day import Day, first_of_month, last_of_month, month_of
from milestone_cli.domain.process import Definition, ProcessHistory
from milestone_cli.domain.setup import Setup
from milestone_cli.errors import MsError
from milestone_cli.store import hindcasts, lookup, queries, snapshots
from milestone_cli.store.columns import Columns, read_columns
from milestone_cli.store.facts import arrangement, facts_of
from milestone_cli.store.hindcasts import HindcastKind, KeptHindcast
from milestone_cli.store.journal import Clock, head
from milestone_cli.store.setup import read_setup
from milestone_cli.store.sqlite import Access, Handle, memory_handle, open_file
from milestone_cli.store.sqlite_errors import MISREAD, damaged
from milestone_cli.store.tables import TABLES

CASES = 500
"""So many opportunities are read at a time where a command is about many."""


Measure = Callable[["Book", Definition, Basis, Day], Basis]
"""Turns the planned basis of a month into the measured one: from the book, the definition, that basis, and the last day
whose facts count. The store itself estimates nothing."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How a command wants the file opened."""

    path: Path
    access: Access
    clock: Clock
    on_wait: Callable[[], None] | None = None
    """Called once when another process holds the file for longer than a second."""
    dry_run: bool = False
    """Everything is done and taken back at the end."""
    keep: bool = True
    """A looking command stores what it had to compute."""
    on_commit: Callable[[], None] | None = None
    """Called as soon as what was recorded is in the file."""
    measure: Measure | None = None
    """How a month without a snapshot is measured; None leaves the plan."""


class _TakenBack(Exception):
    """Ends a dry run's transaction."""


@contextmanager
def open_book(opening: Opening) -> Iterator[Book]:
    """Open the file, hand out a book, commit at the end; take everything back on an error or in a dry run."""
    with _opened(opening) as handle:
        try:
            with handle.transaction(on_commit=opening.on_commit) as connection:
                book = Book(connection, opening.path, opening.clock, measure=opening.measure)
                seen = head(connection)
                yield book
                if opening.access is not Access.READ:
                    _keep(connection, book)
                if opening.dry_run:
                    raise _TakenBack  # noqa: TRY301 - leaving the block by an error is what takes back
        except _TakenBack:
            return
        except MISREAD as error:
            if not _is_whole(handle):
                raise damaged(handle.path) from error
            raise
        if opening.keep and (book.made or book.hindcast) and opening.access is Access.READ and handle.writable:
            _keep_after_looking(opening, book, seen)


def _is_whole(handle: Handle) -> bool:
    """Return whether it cannot be the file that made a command fail."""
    from milestone_cli.store.check import is_sound

    with handle.transaction(write=False) as connection:
        return is_sound(connection)


def _opened(opening: Opening) -> Handle:
    """Open the file; a dry run that would make it works in memory, so that no file is left behind."""
    if opening.dry_run and opening.access is Access.CREATE and not opening.path.exists():
        return memory_handle()
    return open_file(opening.path, opening.access, on_wait=opening.on_wait)


def _keep_after_looking(opening: Opening, book: Book, seen: str) -> None:
    """Store what a looking command had to compute, unless the journal has grown meanwhile. Never in anybody's way."""
    try:
        with open_file(opening.path, Access.WRITE, wait_seconds=0.5) as handle, handle.transaction() as connection:
            if head(connection) == seen:
                _keep(connection, book)
    except MsError:
        return


def _keep(connection: Connection, book: Book) -> None:
    for process, basis in book.made:
        snapshots.save(connection, process, basis, now=book.clock.now)
    for process, made in book.hindcast:
        hindcasts.save(connection, process, made)


class Book:
    """The file as one command sees it."""

    def __init__(
        self,
        connection: Connection,
        path: Path,
        clock: Clock,
        *,
        known_on: Day | None = None,
        measure: Measure | None = None,
    ) -> None:
        self.connection = connection
        self.path = path
        self.clock = clock
        self.known_on = known_on
        self.measure = measure
        self.made: list[tuple[int, Basis]] = []
        """Snapshots computed by this command that are not in the file yet."""
        self.hindcast: list[tuple[int, KeptHindcast]] = []
        """Forecasts from past days made by this command that are not in the file yet."""

    @cached_property
    def setup(self) -> Setup:
        """Everything set up, whatever the day."""
        return read_setup(self.connection, known_on=self.known_on)

    def forget_setup(self) -> None:
        """Read the set-up anew at its next use: this command has changed it."""
        self.__dict__.pop("setup", None)
        self.__dict__.pop("process_numbers", None)
        self.__dict__.pop("merged", None)

    @cached_property
    def merged(self) -> bool:
        """Whether the book holds what other books have recorded."""
        return arrangement(self.connection).merged

    @cached_property
    def process_numbers(self) -> Mapping[str, int]:
        """The numbers of the processes in this file by key."""
        table = TABLES["process"]
        return {row.key: row.number for row in self.connection.execute(select(table))}

    # -- opportunities -------------------------------------------------------------------------------------------------

    def find(self, name: str) -> int:
        """Return the number of the opportunity called `name` (see `lookup.find_opportunity`)."""
        return lookup.find_opportunity(self.connection, name)

    def case(self, number: int, today: Day) -> Case:
        """Return one opportunity with all its facts, ready for a decision."""
        opportunity, customer = TABLES["opportunity"], TABLES["customer"]
        number = arrangement(self.connection).one(number)
        row = self.connection.execute(
            select(opportunity.c.key, opportunity.c.process, customer.c.name)
            .join(customer, customer.c.number == opportunity.c.customer)
            .where(opportunity.c.number == number)
        ).one()
        facts = next((found for _, found in facts_of(self.connection, [number])), [])
        return Case(row.key, number, row.name, tuple(facts), self.history_of(row.process), today)

    def cases(self, numbers: Iterable[int], today: Day) -> Iterator[Case]:
        """Yield these opportunities as `case` does, in the order of their numbers, a bounded number at a time."""
        opportunity, customer = TABLES["opportunity"], TABLES["customer"]
        query = select(opportunity.c.number, opportunity.c.key, opportunity.c.process, customer.c.name).join(
            customer, customer.c.number == opportunity.c.customer
        )
        wanted = sorted(set(numbers))
        for start in range(0, len(wanted), CASES):
            part = wanted[start : start + CASES]
            facts = dict(facts_of(self.connection, part))
            for row in self.connection.execute(query.where(opportunity.c.number.in_(part)).order_by("number")):
                found = tuple(facts.get(row.number, ()))
                yield Case(row.key, row.number, row.name, found, self.history_of(row.process), today)

    def in_play_of(self, rep: int, *, process: str | None = None) -> list[int]:
        """Return the numbers of the target and open opportunities that the rep owns."""
        number = None if process is None else self.process_numbers[process]
        return queries.in_play_of(self.connection, rep, process=number)

    def history_of(self, process: int) -> ProcessHistory:
        """Return the history of the process with this number."""
        key = next(key for key, number in self.process_numbers.items() if number == process)
        return self.setup.processes[key]

    def opportunities(self, *, process: str | None = None, statuses: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
        """Yield the columns of every opportunity (of these statuses), in the order of their keys."""
        number = None if process is None else self.process_numbers[process]
        return queries.opportunity_rows(self.connection, process=number, statuses=statuses)

    def names(self, process: str) -> dict[int, tuple[str, str]]:
        """Return key and customer of every opportunity of a process by its number."""
        return queries.names(self.connection, self.process_numbers[process])

    def tallies(self) -> list[queries.Tally]:
        """Return how many opportunities there are, by process, owner, milestone and status."""
        return queries.tallies(self.connection)

    def milestone_keys(self, process: str) -> dict[int, str]:
        """Return a process's milestone keys by their number in this file."""
        return queries.milestone_keys(self.connection, self.process_numbers[process])

    # -- arrivals ------------------------------------------------------------------------------------------------------

    def arrived(self, process: str, start: Day, end: Day, *, rep: int | None = None) -> dict[str, Arrived]:
        """Return what arrived in a span of days (both ends included) by milestone key."""
        return queries.arrived(self.connection, self.process_numbers[process], start, end, rep=rep)

    def arrived_by_rep(self, process: str, start: Day, end: Day) -> dict[int | None, dict[str, Arrived]]:
        """Return what arrived in a span of days by rep and milestone key."""
        return queries.arrived_by_rep(self.connection, self.process_numbers[process], start, end)

    def arrivals_listed(self, process: str, start: Day, end: Day, *, rep: int | None = None) -> list[ListedArrival]:
        """Return every single arrival in a span of days (both ends included)."""
        return queries.arrivals_listed(self.connection, self.process_numbers[process], start, end, rep=rep)

    def began(self, process: str) -> Day | None:
        """Return the day of the first fact about an opportunity of the process; None where there is none."""
        return queries.first_day(self.connection, self.process_numbers[process])

    def columns(self, process: str, as_of: Day) -> Columns:
        """Return what is recorded of a process up to a day, for the estimator."""
        newest = (queries.last_revaluation(self.connection) or as_of) <= as_of
        return read_columns(self.connection, self.process_numbers[process], as_of, newest=newest, merged=self.merged)

    def last_day(self) -> Day | None:
        """Return the latest day any fact is true on."""
        return queries.last_day(self.connection)

    # -- the ground of a month -----------------------------------------------------------------------------------------

    def basis(self, process: str, month: int, as_of: Day, *, for_targets: bool = True) -> Basis:
        """Return what the targets of `month` cascade with: from its snapshot, else computed (and kept) now.

        A month after the one of `as_of` is computed with what is known and not kept.

        Args:
            process: its key.
            month: whose basis.
            as_of: what is known.
            for_targets: False where only the rates are wanted: that must not fix who shares the target.
        """
        number = self.process_numbers[process]
        running = month <= month_of(as_of)
        for made_for, basis in self.made:
            if (made_for, basis.month) == (number, month):
                return basis
        history = self.setup.processes[process].seen(as_of)
        definition = history.at(min(as_of, last_of_month(month)))
        kept = running and self.known_on is None
        if kept:
            stored = snapshots.load(self.connection, number, month)
            if stored is not None and stored.rests_on(definition):
                return stored
            # while a change within the month lies ahead of the as-of day, what is stored for its end stays
            kept = stored is None or definition is history.at(last_of_month(month))
        basis = self._compute(process, month, as_of)
        began = self.began(process)
        # in the month the book begins, whoever looks before anybody owns an opportunity must not fix that nobody shares
        settled = for_targets and bool(basis.owners)
        shared_out = began is not None and (began < first_of_month(month) or settled)
        if kept and shared_out and began is not None and month >= month_of(began):
            self.made.append((number, basis))
        return basis

    def _compute(self, process: str, month: int, as_of: Day) -> Basis:
        number = self.process_numbers[process]
        first = first_of_month(month)
        began = self.began(process)
        owners_day = min(as_of, last_of_month(month) if began is not None and began > first else first)
        owners = [
            rep for rep in queries.owners_on(self.connection, number, owners_day) if self._active(rep, owners_day)
        ]
        before = self.arrived(process, first_of_month(month - MEAN_MONTHS), first - 1)
        worths = {key: Worth(sums.count - sums.unknown, sums.money) for key, sums in before.items()}
        definition = self.setup.processes[process].seen(as_of).at(min(as_of, last_of_month(month)))
        planned = planned_basis(definition, month, owners=tuple(owners), worths=worths)
        return planned if self.measure is None else self.measure(self, definition, planned, min(first - 1, as_of))

    def hindcasts(
        self, process: str, months: int, kind: HindcastKind = HindcastKind.CALIBRATION
    ) -> Mapping[int, KeptHindcast]:
        """Return the forecasts over so many months that are kept, by the past day they were made from."""
        number = self.process_numbers[process]
        now = {
            made.origin: made
            for made_for, made in self.hindcast
            if (made_for, made.months, made.kind) == (number, months, kind)
        }
        return hindcasts.load(self.connection, number, months, kind) | now

    def keep_hindcast(self, process: str, made: KeptHindcast) -> None:
        """Have a forecast from a past day kept: in the file at the command's end, for this command from now on."""
        self.hindcast.append((self.process_numbers[process], made))

    def _active(self, rep: int, day: Day) -> bool:
        found = self.setup.reps.get(rep)
        return found is not None and found.active_on(day)

    def overall_worths(self, process: str, as_of: Day) -> dict[str, Worth]:
        """Return count and money of all arrivals with a known potential up to `as_of`, by milestone key."""
        began = self.began(process)
        everything = {} if began is None else self.arrived(process, min(began, as_of), as_of)
        return {key: Worth(sums.count - sums.unknown, sums.money) for key, sums in everything.items()}
