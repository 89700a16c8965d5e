"""Laws: whatever valid commands are recorded, in whatever order, the file is the replay of its journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from tests.desk import KEYS, process, rows_of

from milestone_cli.domain import changes
from milestone_cli.domain.changes import Amendment
from milestone_cli.domain.day import Day, day_of
from milestone_cli.domain.facts import effective
from milestone_cli.errors import MsError
from milestone_cli.store import check, undo
from milestone_cli.store.book import Book
from milestone_cli.store.journal import Clock
from milestone_cli.store.recording import Ledger, NewOpportunity, recording
from milestone_cli.store.sqlite import memory_handle
from milestone_cli.store.tables import TABLES
from milestone_cli.store.view import view

START = day_of(2026, 10, 1)
VARIANTS = (
    process(),
    process(rates=["0.4"] * 4, days=[10] * 4),
    process(("interest", "problem", "offer", "order")),
    process((*KEYS, "paid")),
    process(("invited", "interest", "problem", "offer", "order")),
)
REPS = ("anna", "ben")
FIRST = (("add", "Acme GmbH", 3, None, 1), ("add", "Bolt AG", 20, 5_000_00, None))
CUSTOMERS = ("Acme GmbH", "Bolt AG", "Łódź Sp.")
AGO = st.integers(0, 25)
WHICH = st.integers(0, 3)
VALUES = st.none() | st.integers(1, 10**9)
MILESTONES = st.sampled_from((*KEYS, "paid", "1", "3"))
OPERATIONS = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(CUSTOMERS), AGO, VALUES, st.none() | st.integers(1, 2)),
    st.tuples(st.just("advance"), WHICH, MILESTONES, AGO, VALUES),
    st.tuples(st.just("advance"), WHICH, MILESTONES, AGO, VALUES),
    st.tuples(st.just("standing"), WHICH, MILESTONES, AGO, AGO),
    st.tuples(st.just("revalue"), WHICH, AGO, st.integers(1, 10**9)),
    st.tuples(st.just("assign"), WHICH, AGO, st.integers(1, 2)),
    st.tuples(st.just("lose"), WHICH, AGO),
    st.tuples(st.just("reopen"), WHICH, AGO),
    st.tuples(st.just("amend"), WHICH, st.integers(0, 5), AGO, VALUES),
    st.tuples(st.just("undo"), st.just(None)),
    st.tuples(st.just("undo"), st.integers(2, 14)),
    st.tuples(st.just("define"), st.integers(0, len(VARIANTS) - 1), st.none() | st.integers(-30, 10)),
    st.tuples(st.just("target"), st.none() | st.integers(1, 2), st.integers(0, 10**9)),
    st.tuples(st.just("retire"), st.integers(1, 2)),
    st.tuples(st.just("sleep"), st.integers(1, 4)),
)


@dataclass
class Life:
    """A book in memory that commands are recorded in; what is refused leaves no trace."""

    connection: Connection
    day: Day = START
    now: int = 1_790_000_000_000_000
    known: dict[Day, dict[str, Any]] = field(default_factory=dict)
    """The state at the end of every day."""

    def book(self) -> Book:
        self.now += 1_000_000
        return Book(self.connection, Path("memory"), Clock(self.now, self.day))

    def do(self, name: str, *words: Any) -> None:
        if name == "sleep":
            self.day += words[0]
            return
        try:
            with self.connection.begin_nested():
                if name == "undo":
                    self.undo(*words)
                else:
                    with recording(self.book(), name, "me") as ledger:
                        getattr(self, name)(ledger, *words)
        except MsError:
            return
        finally:
            self.known[self.day] = state(self.book())

    def undo(self, number: int | None) -> None:
        book = self.book()
        found = undo.last_of(self.connection, "me") if number is None else undo.named(self.connection, str(number))
        with recording(book, "undo", "me", undoes=found.number) as ledger:
            undo.undo(ledger, found, today=self.day)

    def add(self, ledger: Ledger, customer: str, ago: int, value: int | None, rep: int | None) -> None:
        owner = None if rep is None else self.rep(ledger, rep)
        ledger.open(NewOpportunity(customer=customer, process="b2b", on=self.day - ago, value=value, rep=owner))

    def rep(self, ledger: Ledger, number: int) -> int:
        return ledger.book.setup.rep(REPS[number - 1]).number

    def case(self, ledger: Ledger, which: int) -> changes.Case:
        keys = [row["number"] for row in ledger.book.opportunities()]
        if not keys:
            raise MsError("There is none.", "")
        return ledger.book.case(keys[which % len(keys)], self.day)

    def advance(self, ledger: Ledger, which: int, milestone: str, ago: int, value: int | None) -> None:
        ledger.record(changes.advance(self.case(ledger, which), milestone, on=self.day - ago, value=value))

    def standing(self, ledger: Ledger, which: int, milestone: str, ago: int, before: int) -> None:
        on = self.day - ago
        ledger.record(changes.take_over(self.case(ledger, which), milestone, on=on, since=on - before))

    def revalue(self, ledger: Ledger, which: int, ago: int, value: int) -> None:
        ledger.record(changes.revalue(self.case(ledger, which), value, on=self.day - ago))

    def assign(self, ledger: Ledger, which: int, ago: int, rep: int) -> None:
        ledger.record(changes.assign(self.case(ledger, which), self.rep(ledger, rep), on=self.day - ago))

    def lose(self, ledger: Ledger, which: int, ago: int) -> None:
        ledger.record(changes.lose(self.case(ledger, which), on=self.day - ago, reason="price"))

    def reopen(self, ledger: Ledger, which: int, ago: int) -> None:
        ledger.record(changes.reopen(self.case(ledger, which), on=self.day - ago))

    def amend(self, ledger: Ledger, which: int, fact: int, ago: int, value: int | None) -> None:
        case = self.case(ledger, which)
        facts = effective(case.facts)
        wrong = facts[fact % len(facts)]
        ledger.correct(wrong, changes.amend(case, wrong, Amendment(on=self.day - ago, value=value)))

    def define(self, ledger: Ledger, variant: int, ahead: int | None) -> None:
        valid_from = None if ahead is None else self.day + ahead
        ledger.define(VARIANTS[variant], on=self.day, valid_from=valid_from)

    def target(self, ledger: Ledger, rep: int | None, amount: int) -> None:
        owner = None if rep is None else self.rep(ledger, rep)
        ledger.set_target("b2b", owner, amount, on=self.day, valid_from=None)

    def retire(self, ledger: Ledger, rep: int) -> None:
        ledger.retire_rep(ledger.book.setup.reps[self.rep(ledger, rep)], on=self.day)


def state(book: Book) -> dict[str, Any]:
    """Return what the opportunities amount to, without those that are not there (any more)."""
    rows = rows_of(book, "opportunity", "arrival", "tenure")
    return rows | {"opportunity": [row for row in rows["opportunity"] if "undone" not in row]}


@contextmanager
def lived(operations) -> Iterator[Life]:
    """Live through a sequence of commands, after a first day on which everything was set up."""
    with memory_handle() as handle, handle.transaction() as connection:
        life = Life(connection)
        with recording(life.book(), "define-process", "lead") as ledger:
            ledger.define(VARIANTS[0], on=START, valid_from=None)
        with recording(life.book(), "add-rep", "lead") as ledger:
            for key in REPS:
                ledger.add_rep(key, key, on=START, began=START)
        for operation in (*FIRST, *operations):
            life.do(*operation)
        yield life


LIVES = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
SEQUENCES = st.lists(OPERATIONS, min_size=1, max_size=25)


@LIVES
@given(SEQUENCES)
def test_the_file_is_the_replay_of_its_journal(operations):
    with lived(operations) as life:
        book = life.book()
        assert list(check.problems(book)) == []
        before = rows_of(book)
        check.mend(book)
        assert rows_of(life.book()) == before


@LIVES
@given(SEQUENCES)
def test_the_file_as_it_was_known_on_a_day_is_the_file_of_that_day(operations):
    with lived(operations) as life:
        for day, was in life.known.items():
            with view(life.book(), known_on=day) as past:
                assert state(past) == was


@LIVES
@given(SEQUENCES, st.integers(-10, 60))
def test_the_arrivals_as_of_a_day_are_those_of_the_file_up_to_it(operations, ahead):
    with lived(operations) as life:
        day = START + ahead
        book = life.book()
        with view(book, as_of=book.last_day()) as same:
            assert same is book
        on = list(TABLES["arrival"].c.keys()).index("day")
        with view(book, as_of=day) as past:
            seen = rows_of(past, "arrival")["arrival"]
        assert seen == [row for row in rows_of(book, "arrival")["arrival"] if row[on] <= day]


@LIVES
@given(SEQUENCES)
def test_no_command_that_is_taken_makes_a_fact_that_does_not_fit(operations):
    """Only another definition of the process can: it moves milestones under facts that fitted."""
    told = [operation for operation in operations if operation[0] != "define"]
    with lived(told) as life:
        book = life.book()
        numbers = [row["number"] for row in book.opportunities()]
        for case in book.cases(numbers, life.day):
            found = case.state()
            assert found.problems == []
            assert not found.out_of_order
