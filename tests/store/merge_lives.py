"""Four books that are lived in, for the laws of merging."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection, select
from tests.desk import KEYS, process

from milestone_cli.domain import changes
from milestone_cli.domain.changes import Amendment
from milestone_cli.domain.day import Day, day_of
from milestone_cli.domain.facts import Fact, Kind, effective
from milestone_cli.domain.merged import Merged
from milestone_cli.errors import MsError
from milestone_cli.store import merging, undo
from milestone_cli.store.book import Book
from milestone_cli.store.journal import Clock
from milestone_cli.store.recording import Ledger, NewOpportunity, recording
from milestone_cli.store.sqlite import Handle, Patience, memory_handle
from milestone_cli.store.sqlite_path import MEMORY, connect
from milestone_cli.store.sqlite_schema import driver
from milestone_cli.store.tables import TABLES

START = day_of(2026, 10, 1)
PLANS = (process(), process(rates=["0.4"] * 4, days=[10] * 4), process((*KEYS, "paid")), process(KEYS[:4]))
REPS = ("anna", "Ben", "carla")
CUSTOMERS = ("Acme GmbH", "ACME gmbh", "Bolt AG", "Bolt", "Łódź Sp.")
BEGUN = "define-process"
"""The command that every book begins with; later definitions are another's."""
EXTERNAL = ("x1", "x2", "x3", "x4")
AGO, WHICH = st.integers(0, 25), st.integers(0, 4)
VALUES, REP = st.none() | st.integers(1, 10**7), st.integers(0, 2)
MILESTONES = st.sampled_from((*KEYS, "1", "3"))
OPERATIONS = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(CUSTOMERS), AGO, VALUES, st.none() | REP),
    st.tuples(st.just("add"), st.sampled_from(CUSTOMERS), AGO, VALUES, st.none() | REP),
    st.tuples(st.just("take"), st.sampled_from(EXTERNAL), st.sampled_from(CUSTOMERS), AGO),
    st.tuples(st.just("named"), st.sampled_from(CUSTOMERS), st.sampled_from(("deal", "bolt", "acme-gmbh-2")), AGO),
    st.tuples(st.just("advance"), WHICH, MILESTONES, AGO, VALUES),
    st.tuples(st.just("advance"), WHICH, MILESTONES, AGO, VALUES),
    st.tuples(st.just("standing"), WHICH, MILESTONES, AGO, AGO),
    st.tuples(st.just("revalue"), WHICH, AGO, st.integers(1, 10**9)),
    st.tuples(st.just("assign"), WHICH, AGO, REP),
    st.tuples(st.just("lose"), WHICH, AGO, st.none() | st.integers(1, 60)),
    st.tuples(st.just("reopen"), WHICH, AGO),
    st.tuples(st.just("amend"), WHICH, st.integers(0, 5), AGO, VALUES),
    st.tuples(st.just("undo"), st.none() | st.integers(2, 14)),
    st.tuples(st.just("define"), st.integers(0, len(PLANS) - 1), st.integers(-30, 10)),
    st.tuples(st.just("target"), st.none() | REP, st.integers(0, 10**9), st.none() | st.integers(-30, 60)),
    st.tuples(st.just("retire"), REP),
    st.tuples(st.just("sleep"), st.integers(1, 4)),
)
BOOKS = st.tuples(st.integers(-1, 3), OPERATIONS)
"""In which book; before the copy was taken where it is below 0."""


@dataclass
class Life:
    """A book in memory; what is refused leaves no trace."""

    connection: Connection
    who: str
    now: int
    day: Day = START

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
                    with recording(self.book(), "import" if name == "take" else name, self.who) as ledger:
                        getattr(self, name)(ledger, *words)
        except MsError:
            return

    def undo(self, number: int | None) -> None:
        found = undo.last_of(self.connection, self.who) if number is None else undo.named(self.connection, str(number))
        if found.name == BEGUN:
            raise MsError("What others have recorded with it could not be merged.")
        with recording(self.book(), "undo", self.who, undoes=found.number) as ledger:
            undo.undo(ledger, found, today=self.day)

    def last(self) -> int:
        return undo.commands(self.connection)[-1].number

    def merge(self, other: Life) -> Merged:
        book = self.book()
        return merging.merge(book, other.connection, self.who, today=self.day, other="other", progress=lambda _: None)

    def add(self, ledger: Ledger, customer: str, ago: int, value: int | None, rep: int | None) -> None:
        owner = None if rep is None else self.rep(ledger, rep)
        self.open(ledger, NewOpportunity(customer=customer, process="b2b", on=self.day - ago, value=value, rep=owner))

    def open(self, ledger: Ledger, new: NewOpportunity) -> None:
        """Open what a command would: the process is there."""
        ledger.book.setup.the_process(new.process)
        ledger.open(new)

    def named(self, ledger: Ledger, customer: str, key: str, ago: int) -> None:
        new = NewOpportunity(customer=customer, process="b2b", on=self.day - ago, key=key, title=key.title())
        self.open(ledger, new)

    def take(self, ledger: Ledger, external: str, customer: str, ago: int) -> None:
        if self.connection.execute(
            select(TABLES["external"]).where(TABLES["external"].c.external_id == external)
        ).first():
            raise MsError("Taken.")
        texts = {"external": external}
        self.open(ledger, NewOpportunity(customer=customer, process="b2b", on=self.day - ago, texts=texts))

    def rep(self, ledger: Ledger, place: int) -> int:
        return ledger.rep_called(REPS[place], on=self.day)[0].number

    def case(self, ledger: Ledger, which: int) -> changes.Case:
        numbers = [row["number"] for row in ledger.book.opportunities()]
        if not numbers:
            raise MsError("There is none.")
        return ledger.book.case(numbers[which % len(numbers)], self.day)

    def advance(self, ledger: Ledger, which: int, milestone: str, ago: int, value: int | None) -> None:
        ledger.record(changes.advance(self.case(ledger, which), milestone, on=self.day - ago, value=value))

    def standing(self, ledger: Ledger, which: int, milestone: str, ago: int, before: int) -> None:
        on = self.day - ago
        ledger.record(changes.take_over(self.case(ledger, which), milestone, on=on, since=on - before))

    def revalue(self, ledger: Ledger, which: int, ago: int, value: int) -> None:
        ledger.record(changes.revalue(self.case(ledger, which), value, on=self.day - ago))

    def assign(self, ledger: Ledger, which: int, ago: int, rep: int) -> None:
        ledger.record(changes.assign(self.case(ledger, which), self.rep(ledger, rep), on=self.day - ago))

    def lose(self, ledger: Ledger, which: int, ago: int, ahead: int | None = None) -> None:
        on = self.day - ago
        revisit = None if ahead is None else on + ahead
        ledger.record(changes.lose(self.case(ledger, which), on=on, reason="price", revisit=revisit))

    def reopen(self, ledger: Ledger, which: int, ago: int) -> None:
        ledger.record(changes.reopen(self.case(ledger, which), on=self.day - ago))

    def amend(self, ledger: Ledger, which: int, fact: int, ago: int, value: int | None) -> None:
        case = self.case(ledger, which)
        facts: list[Fact] = [one for one in effective(case.facts) if one.kind is not Kind.RENAMED]
        wrong = facts[fact % len(facts)]
        ledger.correct(wrong, changes.amend(case, wrong, Amendment(on=self.day - ago, value=value)))

    def define(self, ledger: Ledger, plan: int, ahead: int) -> None:
        ledger.define(PLANS[plan], on=self.day, valid_from=self.day + ahead)

    def target(self, ledger: Ledger, rep: int | None, amount: int, ahead: int | None) -> None:
        owner = None if rep is None else self.rep(ledger, rep)
        valid_from = None if ahead is None else self.day + ahead
        ledger.set_target("b2b", owner, amount, on=self.day, valid_from=valid_from)

    def retire(self, ledger: Ledger, rep: int) -> None:
        number = self.rep(ledger, rep)
        ledger.retire_rep(ledger.book.setup.reps[number], on=self.day)


def begin(stack: ExitStack, who: str, place: int) -> Life:
    """Return an empty book; the clocks of several never show the same time."""
    connection = stack.enter_context(stack.enter_context(memory_handle()).transaction())
    return Life(connection, who, 1_790_000_000_000_000 + place * 137_000)


def the_same_again(stack: ExitStack, life: Life, who: str = "") -> Life:
    """Return a copy of a book."""
    raw, source = connect(MEMORY, ""), driver(life.connection)
    source.execute("COMMIT")  # what is not committed is in no copy
    source.backup(raw)
    source.execute("BEGIN IMMEDIATE")
    handle = Handle(MEMORY, raw, Patience(MEMORY), writable=True, writes=True)
    connection = stack.enter_context(stack.enter_context(handle).transaction())
    return Life(connection, who or life.who, life.now + 11, life.day)


def live(stack: ExitStack, operations: list[tuple[int, tuple[Any, ...]]]) -> list[Life]:
    """Return four books after these operations."""
    root = begin(stack, "anna", 0)
    _set_up(root)
    for place, operation in operations:
        if place < 0:
            root.do(*operation)
    books = [root, the_same_again(stack, root, "ben"), begin(stack, "carla", 2), begin(stack, "dora", 3)]
    for book in books[2:]:
        _set_up(book)
    for place, operation in operations:
        if place >= 0:
            books[place].do(*operation)
    return books


def _set_up(life: Life) -> None:
    with recording(life.book(), BEGUN, life.who) as ledger:
        ledger.define(PLANS[0], on=life.day, valid_from=None)
    life.do("add", "Acme GmbH", 3, None, 1)


def shown(book: Book) -> dict[str, Any]:
    """Return what a book amounts to, in words that do not depend on its own numbers."""
    tables = {name: list(book.connection.execute(select(TABLES[name])).mappings()) for name in _TABLES}
    words: dict[str, dict[Any, Any]] = {name: {row["number"]: row["key"] for row in tables[name]} for name in _NAMED}
    words["customer"] = {row["number"]: row["name"] for row in tables["customer"]}
    words["standing_milestone"] = words["milestone"]
    found = {
        name: sorted((_worded(row, words) for row in tables[name] if _lives(row)), key=repr)
        for name in ("opportunity", "arrival", "tenure", "loss")
    }
    setup = book.setup
    found["processes"] = sorted(setup.processes.items())
    found["targets"] = [(t.process, words["rep"].get(t.rep), t.amount, t.set_on, t.valid_from) for t in setup.targets]
    found["reps"] = sorted((rep.key, rep.name, rep.began, rep.retired_on) for rep in setup.reps.values())
    return found


_NAMED = ("process", "milestone", "rep", "opportunity")
_TABLES = (*_NAMED, "customer", "arrival", "tenure", "loss")


def _lives(row: Any) -> bool:
    return row.get("status") != "undone"


def _worded(row: Any, words: dict[str, dict[Any, Any]]) -> dict[str, Any]:
    return {name: words[name].get(value) if name in words else value for name, value in row.items() if name != "number"}
