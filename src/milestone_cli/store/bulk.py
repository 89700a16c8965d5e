"""Whole opportunities at once: what an import appends, at the cost of the rows and not of a question per opportunity.

Invariant: the journal and the projections it leaves are those that single commands would have left; the rows go out in
batches, the parents before what names them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, exists, func, select, update

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.domain.opportunity import Opportunity
from milestone_cli.domain.text import fold
from milestone_cli.store import entities
from milestone_cli.store.facts import arrangement, facts_of
from milestone_cli.store.lists import any_of
from milestone_cli.store.projection import Projector, loss_rows, tenure_rows
from milestone_cli.store.recording import Ledger
from milestone_cli.store.rows import RowsBehind
from milestone_cli.store.sqlite_schema import driver
from milestone_cli.store.tables import TABLES
from milestone_cli.store.undo import facts_of_undone_imports

BATCH = 1500
"""So many facts wait in memory before they are written."""
_CHUNK = 500

_fact = TABLES["fact"]
_rep = TABLES["rep"]
_customer = TABLES["customer"]
_opportunity = TABLES["opportunity"]
_arrival = TABLES["arrival"]
_external = TABLES["external"]
_PARENTS = ("customer", "opportunity")
"""Tables whose rows name texts and are named by facts."""
_MADE = ("arrival", "tenure", "loss")
"""Those made from the facts."""


@dataclass(frozen=True, slots=True)
class Known:
    """An opportunity that is in the book."""

    number: int
    key: str
    process: str


@dataclass(frozen=True, slots=True)
class Named:
    """How an opportunity is called."""

    key: str
    customer: str
    process: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """An opportunity with what the book holds of it."""

    number: int
    facts: tuple[Fact, ...]
    """All facts, voided ones and voids included."""


def known_opportunities(connection: Connection, processes: Mapping[str, int]) -> dict[str, Known]:
    """Return the opportunities that were not undone, by folded key; `processes` are the numbers by key."""
    keys = {number: key for key, number in processes.items()}
    query = select(_opportunity.c.folded, _opportunity.c.number, _opportunity.c.key, _opportunity.c.process)
    rows = connection.execute(query.where(_opportunity.c.folded.is_not(None)))
    return {row.folded: Known(row.number, row.key, keys[row.process]) for row in rows}


def exported_opportunities(connection: Connection, processes: Mapping[str, int]) -> dict[int, Named]:
    """Return how every opportunity is called, by number; `processes` are the numbers by key."""
    keys = {number: key for key, number in processes.items()}
    query = select(_opportunity.c.number, _opportunity.c.key, _opportunity.c.process, _customer.c.name)
    rows = connection.execute(query.join(_customer, _customer.c.number == _opportunity.c.customer))
    return {row.number: Named(row.key, row.name, keys[row.process]) for row in rows}


def recorded(connection: Connection, numbers: Iterable[int]) -> Iterator[Recorded]:
    """Yield opportunities with their facts, a bounded number at a time."""
    left = iter(numbers)
    while part := list(islice(left, _CHUNK)):
        for number, facts in facts_of(connection, part):
            yield Recorded(number, tuple(facts))


def undone_imports(connection: Connection) -> set[str]:
    """Return the ids of the facts of imports that were undone: to an import they are not there."""
    return facts_of_undone_imports(connection)


def external_owners(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, int | None]]:
    """Return (fact id, opportunity number) by the id in another system, or in the book a line was exported from."""
    found: dict[str, tuple[str, int | None]] = {}
    into = arrangement(connection).into
    columns, wanted = (_fact.c.id, _fact.c.opportunity), any_of(ids)
    for row in connection.execute(select(*columns).where(_fact.c.id.in_(wanted))):
        found[row.id] = (row.id, into.get(row.opportunity, row.opportunity))
    linked = select(_external.c.external_id, *columns).join(_fact, _fact.c.number == _external.c.fact)
    for link in connection.execute(linked.where(_external.c.external_id.in_(wanted))):
        found[link.external_id] = (link.id, into.get(link.opportunity, link.opportunity))
    return found


def opened_by(connection: Connection, begin: str, *, without: Collection[str] = ()) -> dict[str, int]:
    """Return the numbers of opportunities by their ids in another system, as far as these begin like this.

    Args:
        connection: of the book.
        begin: the name of the system, up to a `:`.
        without: the ids of facts that are not there to an import.
    """
    behind = begin[:-1] + chr(ord(begin[-1]) + 1)
    columns = select(_external.c.external_id, _fact.c.opportunity, _fact.c.id)
    query = columns.join(_fact, _fact.c.number == _external.c.fact).where(_fact.c.kind == Kind.OPENED.value)
    query = query.where(_external.c.external_id >= begin, _external.c.external_id < behind)
    rows = connection.execute(query.execution_options(yield_per=_CHUNK))
    one = arrangement(connection).one
    return {external: one(number) for external, number, id_ in rows if id_ not in without}


def has_arrivals(connection: Connection, process: int) -> bool:
    """Return whether anything has arrived in the process."""
    return bool(connection.execute(select(exists().where(_arrival.c.process == process))).scalar())


def count_by_status(connection: Connection, process: int) -> dict[str, int]:
    """Return how many opportunities of the process have each status."""
    query = select(_opportunity.c.status, func.count()).where(_opportunity.c.process == process)
    return {row.status: row[1] for row in connection.execute(query.group_by(_opportunity.c.status))}


class BulkLedger:
    """Beside the ledger of a command: takes in opportunities that are not in the book yet.

    A context manager; inside, nothing else of the book is read or written.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._journal = ledger.journal
        self._connection = ledger.book.connection
        self._processes = ledger.book.process_numbers
        self._projector = Projector(self._connection, ledger.book.setup.processes)
        self._number = entities.next_opportunity(self._connection) - 1
        rows = self._connection.execute(select(_customer)).all()
        self._customers: dict[str, int] = {row.folded: row.number for row in rows}
        self._written: dict[int, str] = {row.number: row.name for row in rows if row.name != row.folded}
        """How customers are written, unless it is as they are looked up."""
        self._otherwise: set[int] = set()
        """Those who are written in two ways."""
        self._last_customer = max(self._customers.values(), default=0)
        self._rows: dict[str, list[Any]] = {name: [] for name in (*_PARENTS, *_MADE)}
        """The values of rows, one after the other, by table."""
        self._named: dict[int, Day] = {}
        self._waiting = 0
        self._behind = RowsBehind(driver(self._connection))

    def __enter__(self) -> Self:
        self._behind.__enter__()
        self._journal.before_facts, self._journal.behind = partial(self._write, *_PARENTS), self._behind
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.flush()
        finally:
            self._journal.before_facts = self._journal.behind = None
            self._behind.__exit__(kind, error, trace)
        if kind is None:
            self._begin_reps()
            self._ledger.written_otherwise(self._otherwise)

    def open(self, key: str, customer: str, process: str, facts: Sequence[Fact], state: Opportunity) -> int:
        """Append an opportunity with all its facts; return its number.

        Args:
            key: free in the book.
            customer: the name.
            process: its key.
            facts: in the order of entry, the opening first.
            state: what they amount to.
        """
        self._number += 1
        number, place = self._number, self._processes[process]
        owner, refs = self._customer(customer)
        refs["key"] = self._journal.keep_text(key)
        extra = {"process": process, "customer": owner}
        write, named = self._journal.write, self._named
        write(facts[0], number, refs=refs, extra=extra)
        for fact in facts[1:]:
            write(fact, number)
        for fact in facts:
            if fact.rep is not None and fact.on < named.get(fact.rep, fact.on + 1):
                named[fact.rep] = fact.on
        made = self._rows
        made["opportunity"] += (number, place, owner, key, *self._projector.state_row(place, key, state))
        for row in self._projector.arrival_rows(number, place, state):
            made["arrival"] += row
        for row in tenure_rows(number, place, state):
            made["tenure"] += row
        for row in loss_rows(number, place, state):
            made["loss"] += row
        self._waiting += len(facts)
        if self._waiting >= BATCH:
            self.flush()
        return number

    def _customer(self, name: str) -> tuple[int, dict[str, tuple[int, str]]]:
        folded = fold(name)
        reference = self._journal.keep_text(name)
        number = self._customers.get(folded)
        if number is not None:
            if self._written.get(number, folded) != name:
                self._otherwise.add(number)
            return number, {"customer": reference}
        self._last_customer += 1
        if name != folded:
            self._written[self._last_customer] = name
        self._customers[folded] = self._last_customer
        self._rows["customer"] += (self._last_customer, name, folded, reference[0])
        return self._last_customer, {"customer": reference}

    def flush(self) -> None:
        """Hand the waiting rows to SQLite."""
        self._journal.flush()
        self._write(*_MADE)
        self._waiting = 0

    def _write(self, *names: str) -> None:
        for name in names:
            self._behind.insert(TABLES[name], self._rows[name])
            self._rows[name] = []

    def _begin_reps(self) -> None:
        """Write since when the reps are named."""
        for rep, day in self._named.items():
            earlier = _rep.c.first_named.is_(None) | (_rep.c.first_named > day)
            self._connection.execute(update(_rep).where(_rep.c.number == rep, earlier).values(first_named=day))
