"""What recording commands do to a book: append facts, keep the projections with them, one command one transaction.

Invariant: facts and projections change together; when anything refuses, the caller's transaction takes all of it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from milestone_cli.domain.day import Day, month_of
from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.domain.process import BEGINNING, Process
from milestone_cli.domain.setup import Rep
from milestone_cli.domain.text import fold
from milestone_cli.errors import RuleBroken
from milestone_cli.store import entities, queries, snapshots, spelling
from milestone_cli.store.book import Book
from milestone_cli.store.facts import payload_of
from milestone_cli.store.journal import Author, Recording
from milestone_cli.store.payloads import encode_process
from milestone_cli.store.projection import Projector


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOpportunity:
    """What is said of an opportunity when it is opened."""

    customer: str
    process: str
    on: Day
    key: str = ""
    """Empty: one is made from the customer's name."""
    title: str = ""
    value: int | None = None
    """Minor units; None is unknown."""
    rep: int | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


Told = tuple[tuple[Process, Day | None], ...]
"""The definitions of a process, each with the day from which it holds."""


def told(book: Book) -> dict[str, Told]:
    """Return how every process is defined, whoever said it and when."""
    return {
        key: tuple((item.process, item.valid_from) for item in history.definitions)
        for key, history in book.setup.processes.items()
    }


class Ledger:
    """A command at work on a book; made by `recording`."""

    def __init__(self, book: Book, author: Author, *, undoes: int | None = None) -> None:
        self.book = book
        self.journal = Recording(book.connection, author, book.clock, undoes=undoes)
        self._touched: set[int] = set()
        self._otherwise: set[int] = set()
        """Customers who may have to be written in another way."""
        self._reps_otherwise = False
        """Reps may have to."""

    # -- opportunities -------------------------------------------------------------------------------------------------

    def open(self, new: NewOpportunity) -> tuple[int, str]:
        """Open an opportunity; return its number and key."""
        connection = self.book.connection
        if new.key and entities.key_taken(connection, new.key):
            raise RuleBroken(f'There is an opportunity "{new.key}" already.', "Choose another --key.")
        customer = entities.customer_called(self.journal, new.customer)
        key = new.key or entities.free_key(connection, new.customer)
        number = entities.next_opportunity(connection)
        entities.make_opportunity(connection, number, self.book.process_numbers[new.process], customer.number, key)
        texts = {"key": key, **({"title": new.title} if new.title else {}), **new.texts}
        fact = Fact(
            kind=Kind.OPENED, on=new.on, opportunity=number, value=new.value, rep=new.rep, texts=texts
        )  # fmt: skip
        if not customer.is_written_so:
            self.written_otherwise({customer.number})
        extra = {"process": new.process, "customer": customer.number}
        self.journal.append(fact, refs={"customer": customer.name}, extra=extra)
        self._touched.add(number)
        return number, key

    def record(self, facts: Iterable[Fact]) -> list[Fact]:
        """Append facts about opportunities and keep their projections; return them as recorded."""
        recorded = [self.journal.append(fact) for fact in facts]
        self._touched.update(fact.opportunity for fact in recorded)
        return recorded

    def correct(self, wrong: Fact, facts: Sequence[Fact]) -> list[Fact]:
        """Append the void of `wrong` and its corrected copy; what an opening says beside its own fields stays."""
        extra: dict[str, Any] = {}
        if wrong.kind is Kind.OPENED:
            payload = payload_of(self.book.connection, wrong.id)
            extra = {name: payload[name] for name in ("process", "customer") if name in payload}
            self.written_otherwise({payload["customer"]} if "customer" in payload else ())
        recorded = [self.journal.append(fact, extra=extra if fact.kind is wrong.kind else None) for fact in facts]
        self._touched.update(fact.opportunity for fact in recorded)
        return recorded

    def project(self) -> None:
        """Bring the projections of the touched opportunities up to the journal."""
        self.journal.flush()
        if self._touched:
            Projector(self.book.connection, self.book.setup.processes).rewrite(self._touched)
            self._touched.clear()
        if self._otherwise:
            spelling.respell_customers(self.book.connection, self._otherwise)
            self._otherwise.clear()
        if self._reps_otherwise:
            spelling.respell_reps(self.book.connection)
            self._reps_otherwise = False
            self.book.forget_setup()

    def respell(self, facts: Iterable[Fact]) -> None:
        """Write everybody as the facts that stand do, after these were taken back or brought back."""
        naming = [fact for fact in facts if fact.kind in (Kind.OPENED, Kind.REP_ADDED, Kind.VOIDED)]
        customers = spelling.customers_of(self.book.connection, {fact.opportunity for fact in naming} - {0})
        self.written_otherwise(customers, reps=any(not fact.opportunity for fact in naming))

    def written_otherwise(self, customers: Iterable[int], *, reps: bool = False) -> None:
        """Have these customers, and the reps, written at the end as the facts that stand write them."""
        self._otherwise.update(customers)
        self._reps_otherwise = self._reps_otherwise or reps

    # -- set-up --------------------------------------------------------------------------------------------------------

    def define(self, process: Process, *, on: Day, valid_from: Day | None) -> None:
        """Record a definition of a process; the first one, a new version, or a changed plan."""
        before = self.book.setup.processes.get(process.key)
        begins = BEGINNING if valid_from is None else valid_from
        same = before is not None and before.at(begins).process.keys == process.keys
        kind = Kind.PLAN_CHANGED if same else Kind.VERSION_DEFINED
        number = entities.process_number(self.book.connection, process.key, process.keys)
        payload = {"process": process.key, "definition": encode_process(process), "from": valid_from}
        self.journal.append_setup(kind, on, payload)
        self._setup_changed()
        first = None if valid_from is None else month_of(valid_from)
        self._drop_snapshots(process=number, from_month=first)
        if before is not None and not same:
            self._touched.update(queries.opportunity_numbers(self.book.connection, number))

    def set_target(self, process: str, rep: int | None, amount: int, *, on: Day, valid_from: Day | None) -> None:
        """Record a target of the team (`rep` None) or a rep, in minor units a month."""
        payload = {"process": process, "rep": rep, "amount": amount, "from": valid_from}
        self.journal.append_setup(Kind.TARGET_SET, on, payload)
        self._setup_changed()

    def add_rep(self, key: str, name: str, *, on: Day, began: Day) -> Rep:
        """Record that a rep works here since `began`; return them."""
        number = entities.rep_row(self.book.connection, key, name)
        refs = {"key": self.journal.keep_text(key), "name": self.journal.keep_text(name)}
        self.journal.append_setup(Kind.REP_ADDED, on, {"rep": number, "from": began, "texts": refs})
        self._setup_changed()
        self.written_otherwise((), reps=True)
        return Rep(number, key, name, began)

    def retire_rep(self, rep: Rep, *, on: Day) -> None:
        """Record that a rep has left."""
        self.journal.append_setup(Kind.REP_RETIRED, on, {"rep": rep.number})
        self._setup_changed()

    def rep_called(self, name: str, *, on: Day) -> tuple[Rep, bool]:
        """Return the rep with this key, adding them if they are new; the flag says so. For imports."""
        wanted = fold(name)
        for rep in self.book.setup.reps.values():
            if fold(rep.key) == wanted:
                return rep, False
        return self.add_rep(name, name, on=on, began=on), True

    def _setup_changed(self) -> None:
        """Let the book read the set-up anew, with what this command has appended."""
        self.journal.flush()
        self.book.forget_setup()

    def touch(self, numbers: Iterable[int]) -> None:
        """Write the projections of these opportunities anew at the end."""
        self._touched.update(numbers)

    def void_setup(self, fact_id: str, *, on: Day) -> None:
        """Take back a fact of the set-up."""
        self.journal.append_setup(Kind.VOIDED, on, {"voids": fact_id})
        self._setup_changed()

    def forget_snapshots(self, touched: Sequence[Day]) -> None:
        """Make the snapshots anew that an import (or its undo) of facts on these days touches."""
        if touched:
            self._drop_snapshots(from_month=month_of(min(touched)) + 1)

    def drop_snapshots(self) -> None:
        """Make every snapshot anew: a definition was taken back."""
        self._drop_snapshots()

    def redefine(self, before: Mapping[str, Told]) -> None:
        """Make anew what changed definitions amount to.

        Args:
            before: what was defined, by process, before this command.
        """
        self._setup_changed()
        after = told(self.book)
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                number = self.book.process_numbers[key]
                days = [BEGINNING if day is None else day for _, day in {*before.get(key, ())} ^ {*after.get(key, ())}]
                first = min(days, default=BEGINNING)
                self._drop_snapshots(process=number, from_month=None if first == BEGINNING else month_of(first))
                self._touched.update(queries.opportunity_numbers(self.book.connection, number))

    def _drop_snapshots(self, *, process: int | None = None, from_month: int | None = None) -> None:
        snapshots.drop(self.book.connection, process=process, from_month=from_month)
        self.book.made.clear()


@contextmanager
def recording(book: Book, command: str, who: str, *, undoes: int | None = None) -> Iterator[Ledger]:
    """Record one command: what is appended inside is projected and linked into the chain at the end."""
    ledger = Ledger(book, Author(command, who), undoes=undoes)
    yield ledger
    ledger.project()
    if ledger.journal.facts_written:
        ledger.journal.close()
