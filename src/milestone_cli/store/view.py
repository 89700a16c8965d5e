"""A book as it was: the facts true by one day, known by another, replayed into memory.

Invariant: a view answers every question a book answers, by the same code over the same tables, and is never written to
a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, insert, select

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import as_known
from milestone_cli.store.book import Book
from milestone_cli.store.facts import all_facts
from milestone_cli.store.projection import Projector, identities_of
from milestone_cli.store.sqlite import memory_handle
from milestone_cli.store.tables import TABLES

_IDENTITIES = ("process", "milestone", "text", "customer", "rep", "opportunity")
"""Tables that say who and what; their state columns are written anew."""
_BATCH = 2000


@contextmanager
def view(book: Book, *, as_of: Day | None = None, known_on: Day | None = None) -> Iterator[Book]:
    """Hand out the book as of a day, or itself where that is the same.

    Args:
        book: the file.
        as_of: only facts true by this day; None takes all.
        known_on: only facts known by this day; None takes all.
    """
    if known_on is None and (as_of is None or _nothing_after(book, as_of)):
        yield book
        return
    with memory_handle() as handle, handle.transaction() as connection:
        past = Book(connection, book.path, book.clock, known_on=known_on, measure=book.measure)
        past.known_on = known_on
        past.__dict__["merged"] = book.merged
        _copy(book.connection, connection, _IDENTITIES if known_on is not None else (*_IDENTITIES, "snapshot"))
        past.__dict__["setup"] = book.setup if known_on is None else Book(
            book.connection, book.path, book.clock, known_on=known_on
        ).setup  # fmt: skip
        _replay(book, past, as_of, known_on)
        yield past


def _nothing_after(book: Book, day: Day) -> bool:
    last = book.last_day()
    return last is None or last <= day


def _copy(source: Connection, target: Connection, names: tuple[str, ...]) -> None:
    for name in names:
        table = TABLES[name]
        rows = source.execute(select(table)).mappings()
        while batch := rows.fetchmany(_BATCH):
            values = [dict(row) for row in batch]
            if name == "opportunity":
                values = [value | {"folded": None, "status": "undone", "opened_on": None} for value in values]
            if name == "rep":
                values = [value | {"first_named": None} for value in values]
            target.execute(insert(table), values)


def _replay(book: Book, past: Book, as_of: Day | None, known_on: Day | None) -> None:
    projector = Projector(past.connection, past.setup.processes)
    identities = identities_of(book.connection)
    for number, facts in all_facts(book.connection):
        process, key = identities[number]
        if projector.process_keys[process] in past.setup.processes:
            projector.write(number, process, key, as_known(facts, as_of=as_of, known_on=known_on))
    projector.flush()
