"""Whether the journal of a file can be believed: its pages, its schema, the chain over all facts, and their texts.

Invariant: nothing is read as if it were right before these hold; everything else in a file is made from the journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from enum import Enum
from itertools import chain
from pathlib import Path

from sqlalchemy import Connection

from milestone_cli.store.journal import Clock, broken_links, broken_texts
from milestone_cli.store.sqlite import Handle, Patience, integrity_problems, memory_handle, problems_of
from milestone_cli.store.sqlite_errors import MISREAD
from milestone_cli.store.sqlite_path import MEMORY, plain
from milestone_cli.store.sqlite_schema import driver, schema


class Proof(Enum):
    """What must hold of a copy; each asks for what those before it do too."""

    PAGES = "pages"
    """SQLite's pages and references: all that can be asked of an older schema."""
    JOURNAL = "journal"
    """The journal, from which all else can be made."""
    EVERYTHING = "everything"
    """What is made from the journal agrees with it, which takes a replay."""


def journal_problems(connection: Connection) -> Iterator[str]:
    """Yield a sentence for everything wrong with SQLite's pages, the schema, the chain, or the texts."""
    yield from whole_first(
        integrity_problems(connection),
        chain(schema_problems(connection), broken_links(connection)),
        broken_texts(connection),
    )


def whole_first(*proofs: Iterable[str]) -> Iterator[str]:
    """Yield what the proofs find up to the first that finds anything: the next ones take for granted what it proves."""
    for proof in proofs:
        found = False
        for problem in proof:
            found = True
            yield problem
        if found:
            return


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
        return next(journal_problems(connection), None) is None
    except MISREAD:
        return False


def first_problem_of(path: Path, proof: Proof) -> str:
    """Return what is wrong with a closed file first; empty if all that `proof` asks holds."""
    with closing(plain(path, "mode=ro")) as raw:
        if proof is Proof.PAGES:
            return next(iter(problems_of(raw, limit=1)), "")
        with (
            Handle(path, raw, Patience(MEMORY), writable=False, writes=False) as handle,
            handle.transaction() as connection,
        ):
            try:
                return next(_problems(connection, path, proof), "")
            except MISREAD:
                return "what it holds cannot be read"


def _problems(connection: Connection, path: Path, proof: Proof) -> Iterator[str]:
    if proof is Proof.JOURNAL:
        return journal_problems(connection)
    from milestone_cli.store.book import Book
    from milestone_cli.store.check import problems

    return problems(Book(connection, path, Clock(0, 0)))
