"""Rows into their tables, many with one statement; where there are very many, beside the work that makes the next ones.

Invariant: rows are written in the order in which they were handed over, in the transaction that runs; what SQLite
refuses is raised before that transaction can be committed.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from itertools import chain
from queue import Queue
from threading import Thread
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Table

from milestone_cli.store.interrupts import Held, interrupts_held

_Row = tuple[Any, ...]
_MOST_ROWS = 500
"""With more in a statement SQLite gains nothing."""
_MOST_DRAWN = 900
"""SQLite before 3.32 takes no more than 999 bound values."""
_MOST_DRAWN_NOW = 32_766
"""What later ones take, unless they were built for more."""
_AHEAD = 12
"""So many lists of rows wait to be written."""
_SWITCH_SECONDS = 0.0002
"""How long Python lets one thread compute while SQLite's waits for its next rows."""


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[_Row], *, replace: bool = False, ignore: bool = False
) -> None:
    """Write rows, each with a value for every column of `table` in its order.

    One whose key is there already is refused, takes its place (`replace`), or is left out (`ignore`). They go to the
    driver as they are: SQLAlchemy's own insert costs as much again as SQLite's.
    """
    insert_values(connection, table, list(chain.from_iterable(rows)), replace=replace, ignore=ignore)


def insert_values(
    connection: Connection, table: Table, values: Sequence[Any], *, replace: bool = False, ignore: bool = False
) -> None:
    """Write rows as `insert_rows` does, given as their values, one row after the other."""
    verb = "INSERT OR REPLACE" if replace else "INSERT OR IGNORE" if ignore else "INSERT"
    for statement, part in _statements(verb, table, values):
        connection.exec_driver_sql(statement, tuple(part))


def _statements(verb: str, table: Table, values: Sequence[Any]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield statements that write all rows, with their values: one for many rows costs less than one for each."""
    width = len(table.c)
    most = _rows_at_once(width) * width
    for start in range(0, len(values), most):
        part = values[start : start + most]
        yield _statement(verb, table, len(part) // width), part


def _rows_at_once(columns: int) -> int:
    drawn = _MOST_DRAWN_NOW if sqlite3.sqlite_version_info >= (3, 32) else _MOST_DRAWN
    return min(_MOST_ROWS, drawn // columns)


@cache
def _beginning(verb: str, table: Table) -> str:
    return f"{verb} INTO {table.name} ({', '.join(table.c.keys())}) VALUES "


def _statement(verb: str, table: Table, rows: int) -> str:
    one = f"({', '.join('?' * len(table.c))})"
    return _beginning(verb, table) + ", ".join([one] * rows)


class RowsBehind:
    """Writes rows in a thread of its own: SQLite needs no Python while it inserts, so both go on at once.

    A context manager. Inside, nobody else uses the connection before `wait`, and a Ctrl-C is heard where rows are
    handed over, so that the thread is never left alone with the connection; what is still to be written at an error is
    left out, as the transaction will not be committed.
    """

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw
        self._lists: Queue[tuple[str, Table, Sequence[Any]] | None] = Queue(_AHEAD)
        self._thread = Thread(target=self._run, name="rows", daemon=True)
        self._error: BaseException | None = None
        self._given_up = False
        self._held = Held()
        self._undone_at_end = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._held = stack.enter_context(interrupts_held())
            stack.callback(sys.setswitchinterval, sys.getswitchinterval())
            sys.setswitchinterval(_SWITCH_SECONDS)
            self._thread.start()
            self._undone_at_end = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._given_up = self._given_up or kind is not None
        self._lists.put(None)
        self._thread.join()
        self._undone_at_end.__exit__(kind, error, trace)
        if kind is None:
            self._raise()

    def insert(self, table: Table, values: Sequence[Any], *, replace: bool = False) -> None:
        """Hand over rows as `insert_values` takes them; the list is not to be changed from here on.

        Raises:
            sqlite3.Error: what was handed over before could not be written.
            KeyboardInterrupt: Ctrl-C was pressed.
        """
        self._held.hear()
        self._raise()
        if values:
            self._lists.put(("INSERT OR REPLACE" if replace else "INSERT", table, values))

    def wait(self) -> None:
        """Return when everything handed over is written.

        Raises:
            sqlite3.Error: it could not be.
        """
        self._lists.join()
        self._raise()

    def _raise(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _run(self) -> None:
        while (given := self._lists.get()) is not None:
            try:
                self._write(*given)
            except BaseException as error:  # noqa: BLE001 - it is raised where the rows came from
                self._error, self._given_up = error, True
            finally:
                self._lists.task_done()

    def _write(self, verb: str, table: Table, values: Sequence[Any]) -> None:
        for statement, part in _statements(verb, table, values):
            # outside of the transaction a row would be kept whatever becomes of the others
            if self._given_up or not self._raw.in_transaction:
                return
            self._raw.execute(statement, part)
