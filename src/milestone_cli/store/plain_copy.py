"""A plain SQLite database for other programs: readable tables and the views over them, no journal, no triggers.

Invariant: it is no book: its mark is another one, so no `ms` records into it; it is written whole, in one piece.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Connection

from milestone_cli.store.views import as_query

APPLICATION_ID = 0x6D732D63
"""Marks a plain copy ("ms-c")."""
_INTEGERS = frozenset(
    {"number", "milestone", "from_milestone", "to_milestone", "days", "implied", "bulk", "planned_days"}
)
_NUMBERS = frozenset({"value", "planned_rate"})
_DAYS = frozenset({"day", "date", "since", "reached_on", "opened_on", "won_on", "lost_on", "entered_on", "left_on"})


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table of the copy."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Sequence[object]]
    view: str | None = None
    """The view that reads it; None has none."""
    texts: frozenset[str] = frozenset()
    """Columns that are texts here though their names say otherwise."""


def view_rows(
    connection: Connection, view: str, columns: Sequence[str], *, process: str | None
) -> Iterator[tuple[object, ...]]:
    """Yield the rows of a view of the book, of all processes or of one."""
    where, values = ("", ()) if process is None else (" WHERE process = ?", (process,))
    found = connection.exec_driver_sql(f"SELECT {', '.join(columns)} FROM ({as_query(view)}){where}", values)
    for row in found:
        yield tuple(row)


def as_database(tables: Iterable[CopiedTable]) -> bytes:
    """Return the bytes of a database with these tables and the views that read them."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as raw:
        raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        raw.execute("BEGIN")
        for table in tables:
            declared = ", ".join(f"{column} {_type(column, table)}" for column in table.columns)
            raw.execute(f"CREATE TABLE {table.name} ({declared})")
            places = ", ".join("?" * len(table.columns))
            raw.executemany(f"INSERT INTO {table.name} VALUES ({places})", table.rows)
            if table.view is not None:
                raw.execute(f"CREATE VIEW {table.view} AS SELECT * FROM {table.name}")
        raw.execute("COMMIT")
        return raw.serialize()


def _type(column: str, table: CopiedTable) -> str:
    if column in table.texts:
        return "TEXT"
    if column in _DAYS:
        # text as YYYY-MM-DD; the word tells other programs that it is a day
        return "DATE"
    return "INTEGER" if column in _INTEGERS else "REAL" if column in _NUMBERS else "TEXT"
