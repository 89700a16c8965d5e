"""What a file holds in numbers, and what of it a backup lacks.

Invariant: looking changes nothing, and works on a book of any schema version: only the journal is counted in backups.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from milestone_cli.errors import FileError, NoFileYet
from milestone_cli.store.backup import book_place
from milestone_cli.store.sqlite_errors import named_as_argument, translated
from milestone_cli.store.sqlite_path import connect, connect_to_copy, reading_mode
from milestone_cli.store.sqlite_schema import driver


@dataclass(frozen=True, slots=True)
class Contents:
    """How much a book holds."""

    facts: int
    commands: int
    last_at: int | None
    """When the last command was recorded, in microseconds since 1970 UTC; None in an empty book."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What going back to a backup costs."""

    backup: Contents
    present: Contents | None
    """None where the present book is missing or cannot be read."""
    facts: int
    """Facts of the present book that the backup lacks."""
    commands: int


def contents(connection: Connection) -> Contents:
    """Return what an open book holds."""
    return _counted(driver(connection))


def contents_at(path: Path) -> Contents:
    """Return what the book at `path` holds.

    Raises:
        NoFileYet: Nothing there.
        FileError: It cannot be read.
    """
    place = book_place(path)
    with translated(place), closing(connect_to_copy(place)) as raw:
        return _counted(raw)


def row_counts(connection: Connection) -> dict[str, int]:
    """Return how much is made from the journal, by the name of the table.

    Opportunities count that stand: what was taken back, or is one with another, has a row and nothing in it.
    """
    raw = driver(connection)
    counted = {"opportunity": " WHERE status <> 'undone'", "arrival": "", "snapshot": ""}
    return {
        name: int(raw.execute(f'SELECT count(*) FROM "{name}"{which}').fetchone()[0]) for name, which in counted.items()
    }


def loss(path: Path, source: Path) -> Loss:
    """Return what is lost when the book at `path` is replaced by the backup at `source`.

    Raises:
        NoFileYet: Nothing at `source`.
        FileError: The backup cannot be read.
    """
    with named_as_argument("Name another backup."):
        origin = book_place(source)
    with translated(origin), closing(connect(origin, reading_mode(origin))) as raw:
        backup = _counted(raw)
        # by their ids: the links are others in a file of an older version
        commands = {command for [command] in raw.execute("SELECT id FROM command")}
    try:
        place = book_place(path)
        with translated(place), closing(connect_to_copy(place)) as raw:
            present = _counted(raw)
            rows = "SELECT id, (SELECT count(*) FROM fact WHERE fact.command = command.number) FROM command"
            missing = [facts for command, facts in raw.execute(rows) if command not in commands]
    except (NoFileYet, FileError):
        return Loss(backup, None, 0, 0)
    return Loss(backup, present, sum(missing), len(missing))


def _counted(raw: sqlite3.Connection) -> Contents:
    [facts] = raw.execute("SELECT count(*) FROM fact").fetchone()
    commands, last_at = raw.execute("SELECT count(*), max(entered_at) FROM command").fetchone()
    return Contents(facts, commands, last_at)
