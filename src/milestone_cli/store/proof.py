"""Whether the journal of a file can be believed: its pages, its schema, the chain over all facts, and their texts.

Invariant: nothing is read as if it were right before these hold; everything else in a file is made from the journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

from sqlalchemy import Connection

from milestone_cli.store.journal import Clock, broken_links, broken_texts
from milestone_cli.store.sqlite import Handle, Patience, integrity_problems, memory_handle
from milestone_cli.store.sqlite_errors import MISREAD
from milestone_cli.store.sqlite_path import MEMORY, plain
from milestone_cli.store.sqlite_schema import driver, schema


def journal_problems(connection: Connection) -> Iterator[str]:
    """Yield one sentence for everything wrong with SQLite's pages and references, else with the chain."""
    found = integrity_problems(connection)
    yield from found or broken_links(connection)


def schema_problems(connection: Connection) -> Iterator[str]:
    """Yield one sentence for every table, index, trigger and view that is not as this program makes them."""
    with memory_handle() as handle, handle.transaction() as made:
        expected = schema(driver(made))
    found = schema(driver(connection))
    for kind, name in sorted(expected.keys() | found.keys()):
        if expected.get((kind, name)) != found.get((kind, name)):
            yield f"The {kind} {name} of the schema is missing, changed or not one of ours."


def is_whole(connection: Connection) -> bool:
    """Return whether the journal and its texts are whole, so that everything else can be made from them."""
    try:
        return not first_problem(connection)
    except MISREAD:
        return False


def first_problem(connection: Connection) -> str:
    """Return what is wrong with the journal, its texts or the schema; empty if they are whole."""
    # the schema comes first: what is read afterwards takes it for granted
    found = chain(schema_problems(connection), journal_problems(connection), broken_texts(connection))
    return next(iter(integrity_problems(connection, limit=1)), "") or next(found, "")


def first_problem_of(path: Path, *, everything: bool) -> str:
    """Return what `first_problem` does, of a closed file with the newest schema.

    Args:
        path: the file.
        everything: what is made from the journal must agree with it too, which takes a replay.
    """
    with (
        closing(plain(path, "mode=ro")) as raw,
        Handle(path, raw, Patience(MEMORY), writable=False, writes=False) as handle,
        handle.transaction() as connection,
    ):
        found = first_problem(connection)
        if found or not everything:
            return found
        from milestone_cli.store.book import Book
        from milestone_cli.store.check import problems

        return next(problems(Book(connection, path, Clock(0, 0))), "")
