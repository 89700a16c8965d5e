"""A hand that records in a book through the store, as the commands do, for the tests of store and reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from milestone_cli.domain import changes
from milestone_cli.domain.basis import KNOT_WEEKS, Basis, Measured, RateSource
from milestone_cli.domain.day import Day, day_of
from milestone_cli.domain.facts import Fact
from milestone_cli.domain.money import currency
from milestone_cli.domain.process import Milestone, Process
from milestone_cli.store import check, undo
from milestone_cli.store.book import Book, Opening, open_book
from milestone_cli.store.journal import Clock
from milestone_cli.store.recording import Ledger, NewOpportunity, recording
from milestone_cli.store.sqlite import Access
from milestone_cli.store.tables import TABLES

if TYPE_CHECKING:
    from milestone_cli.reports.kpis import KpisReport

KEYS = ("interest", "invited", "problem", "offer", "order")
TODAY = day_of(2026, 11, 23)
PROJECTED = ("opportunity", "arrival", "tenure", "rep", "customer")


def process(
    keys: Sequence[str] = KEYS,
    *,
    key: str = "b2b",
    rates: Sequence[str] = (),
    days: Sequence[int] = (),
    **more: Any,
) -> Process:
    """Return a process of these milestones; rates and days of its sections are 0.5 and 30 where not given."""
    milestones = tuple(
        Milestone(
            key=name,
            name=name.capitalize(),
            rate=Decimal(rates[place - 1]) if place and rates else None,
            days=days[place - 1] if place and days else None,
        )
        for place, name in enumerate(keys)
    )
    return Process(**{"key": key, "title": key.upper(), "currency": currency("EUR"), "milestones": milestones} | more)


def measured(basis: Basis) -> Basis:
    """Return a basis as if every section had been measured."""
    sections = tuple(
        Measured(
            cases=30 + place, low=0.3, high=0.6, weight_of_data=0.8, days_p50=20.0, days_p90=60.0,
            chances=(0.5,) * len(KNOT_WEEKS), soon=(0.2,) * len(KNOT_WEEKS),
        )
        for place in range(len(basis.rates))
    )  # fmt: skip
    return replace(
        basis,
        source=RateSource.MEASURED,
        rates=(Fraction(2, 5),) * len(sections),
        measured=sections,
        expected=((0.25,) * len(KNOT_WEEKS),) * len(sections),
        needs=((1.0, 3.0),) * (len(sections) + 1),
    )


@dataclass
class Desk:
    """One file and one day."""

    path: Path
    today: Day = TODAY
    now: int = 1_700_000_000_000_000
    who: str = "me"

    process = staticmethod(process)

    def clock(self) -> Clock:
        """Return the time of the next command, a second after the last one's."""
        self.now += 1_000_000
        return Clock(self.now, self.today)

    @contextmanager
    def writing(self, command: str = "add", *, dry_run: bool = False, undoes: int | None = None) -> Iterator[Ledger]:
        """Hand out a ledger for one command."""
        opening = Opening(self.path, Access.CREATE, self.clock(), dry_run=dry_run)
        with open_book(opening) as book, recording(book, command, self.who, undoes=undoes) as ledger:
            yield ledger

    @contextmanager
    def reading(self) -> Iterator[Book]:
        """Hand out the book to look at."""
        with open_book(Opening(self.path, Access.READ, self.clock())) as book:
            yield book

    def define(self, definition: Process, *, on: Day | None = None, valid_from: Day | None = None) -> None:
        """Define a process, from the beginning of time unless `valid_from` is given."""
        with self.writing("define-process") as ledger:
            ledger.define(definition, on=self.today if on is None else on, valid_from=valid_from)

    def target(
        self,
        amount: int,
        rep: int | None = None,
        *,
        on: Day | None = None,
        valid_from: Day | None = None,
        key: str = "b2b",
    ) -> None:
        """Set a target in minor units a month."""
        with self.writing("set-target") as ledger:
            ledger.set_target(key, rep, amount, on=self.today if on is None else on, valid_from=valid_from)

    def rep(self, key: str, *, began: Day | None = None) -> int:
        """Add a rep; return their number."""
        with self.writing("add-rep") as ledger:
            day = self.today if began is None else began
            return ledger.add_rep(key, key.capitalize(), on=day, began=day).number

    def retire(self, rep: int, on: Day) -> None:
        """Retire a rep."""
        with self.writing("retire-rep") as ledger:
            ledger.retire_rep(ledger.book.setup.reps[rep], on=on)

    def add(
        self,
        customer: str,
        on: Day,
        *reached: tuple[str, Day],
        value: int | None = None,
        rep: int | None = None,
        key: str = "b2b",
    ) -> int:
        """Open an opportunity, let it reach milestones; return its number."""
        with self.writing("add") as ledger:
            number, _ = ledger.open(NewOpportunity(customer=customer, process=key, on=on, value=value, rep=rep))
            ledger.project()
            for milestone, day in reached:
                ledger.record(changes.advance(ledger.book.case(number, self.today), milestone, on=day))
        return number

    def change(self, decide: Callable[..., tuple[Fact, ...]], number: int, *words: Any, **more: Any) -> list[Fact]:
        """Decide and record a change of one opportunity."""
        with self.writing(decide.__name__) as ledger:
            return ledger.record(decide(ledger.book.case(number, self.today), *words, **more))

    def advance(self, number: int, milestone: str, on: Day, value: int | None = None) -> Fact:
        """Let a customer reach a milestone; return the fact."""
        return self.change(changes.advance, number, milestone, on=on, value=value)[0]

    def undo(self, name: str | None = None) -> int:
        """Take back the last command, or the one named; return its number."""
        with self.reading() as book:
            command = undo.last_of(book.connection, self.who) if name is None else undo.named(book.connection, name)
        with self.writing("undo", undoes=command.number) as ledger:
            undo.undo(ledger, command, today=self.today)
        return command.number

    def problems(self) -> list[str]:
        """Return what `ms check` finds."""
        with self.reading() as book:
            return list(check.problems(book))

    def tables(self, *names: str) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of the projections, or of the tables named."""
        with self.reading() as book:
            return rows_of(book, *names)

    def rebuild(self) -> None:
        """Write the projections anew."""
        with open_book(Opening(self.path, Access.WRITE, self.clock())) as book:
            check.mend(book)

    def kpis(self, period: str, as_of: Day, *, rep: int | None = None, by_rep: bool = False) -> KpisReport:
        """Return what `ms kpis` shows."""
        from milestone_cli.commands.grounds import ground
        from milestone_cli.domain.period import parse_period
        from milestone_cli.reports.kpis import kpis

        with self.reading() as book:
            owner = None if rep is None else book.setup.reps[rep]
            span = parse_period(period, today=as_of)
            return kpis(ground(book, "b2b", span, as_of, rep=owner, by_rep=by_rep), owner)


def rows_of(book: Book, *names: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of the projections, or of the tables named, in an order that can be compared."""
    return {
        name: sorted(map(tuple, book.connection.execute(select(TABLES[name]))), key=repr) for name in names or PROJECTED
    }
