"""An open file: made, migrated, locked and read in transactions; what is special to SQLite begins here.

Invariant: one connection and one transaction at a time; a writing one holds the write lock from its first moment, a
reading one sees a single state; whatever SQLite refuses leaves as a `FileError` and a refused file is not changed.
"""

from __future__ import annotations

import logging
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

from milestone_cli.errors import DiskFull, NoFileYet, NoPermission
from milestone_cli.store import tables
from milestone_cli.store.interrupts import interrupts_held
from milestone_cli.store.sqlite_errors import (
    damaged,
    database_errors,
    error_name,
    locked,
    moved,
    newer,
    only_readable,
    translated,
)
from milestone_cli.store.sqlite_path import (
    MEMORY,
    Identity,
    can_write,
    connect,
    identity,
    located,
    loose_permissions,
    make_empty,
    on_network,
    opening_mode,
    reading_mode,
    refuse_strangers,
)
from milestone_cli.store.sqlite_schema import driver, make_schema

__all__ = [
    "Access",
    "Handle",
    "Patience",
    "integrity_problems",
    "loose_permissions",
    "memory_handle",
    "on_network",
    "open_file",
    "translated",
]

# a Ctrl-C while a connection is closed is told by whoever was stopped, not by SQLAlchemy with a traceback as well
logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())

T = TypeVar("T")

_TELL_AFTER_SECONDS = 1.0
_MOST_COUNTED = 10_000
"""Rows that point to nothing are counted up to here."""


class Access(Enum):
    """What a command wants of the file."""

    READ = "read"
    """Looks; never makes a file."""
    WRITE = "write"
    """Records in a file that must be there."""
    CREATE = "create"
    """Records, and makes the file and its directories where they are missing."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for others who hold the file."""

    path: Path
    wait_seconds: float = 30.0
    on_wait: Callable[[], None] | None = None
    """Called once when one second has gone by."""

    def run(self, action: Callable[[], T]) -> T:
        """Do `action`, again with jitter while others hold the file.

        Raises:
            Locked: The file was held for longer than `wait_seconds`.
        """
        begun = time.monotonic()
        told = False
        while True:
            try:
                return action()
            except sqlite3.OperationalError as error:
                if not _is_busy(error):
                    raise
            waited = time.monotonic() - begun
            if not told and waited >= _TELL_AFTER_SECONDS and self.on_wait:
                self.on_wait()
                told = True
            if waited >= self.wait_seconds:
                raise locked(self.path, waited)
            time.sleep(random.uniform(0.002, 0.03))  # noqa: S311 - jitter, not a secret


def _is_busy(error: sqlite3.Error) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class Handle:
    """An open file: one connection, one transaction at a time. A context manager that closes it."""

    def __init__(
        self, path: Path, raw: sqlite3.Connection, patience: Patience, *, writable: bool, writes: bool
    ) -> None:
        self.path = path
        """The real place of the file, links followed; ":memory:" for a book in memory."""
        self.writable = writable
        """Whether `transaction(write=True)` can work here, whatever the file was opened for."""
        self.created = False
        """Whether opening it made the schema."""
        self._raw = raw
        self._writes = writes
        self._patience = patience
        self._place = _place_on_disk(path)
        self._engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool, hide_parameters=True)
        event.listen(self._engine, "begin", self._begin)

    @contextmanager
    def transaction(
        self, *, write: bool | None = None, on_commit: Callable[[], None] | None = None
    ) -> Iterator[Connection]:
        """Give a connection in one transaction: committed at the end of the block, rolled back by any error.

        Args:
            write: Whether to take the write lock at once; None = as the file was opened.
            on_commit: Called once the commit is done, before a Ctrl-C pressed meanwhile is heard.

        Raises:
            FileError: What SQLite refused, in our words.
        """
        wanted = self._writes if write is None else write
        if wanted and not self.writable:
            raise only_readable(self.path)
        with database_errors(self.path), self._engine.connect() as connection:
            connection.execution_options(ms_write=wanted)
            with connection.begin() as transaction:
                yield connection
                if wanted and self._place != _place_on_disk(self.path):
                    # SQLite would write beside the old place, where nobody would look for it.
                    raise moved(self.path)
                if not wanted:
                    # Nothing to keep; a commit would stumble over the damage that `ms check` has just found.
                    transaction.rollback()
                else:
                    with interrupts_held():
                        transaction.commit()
                        if on_commit is not None:
                            on_commit()

    def write_ahead(self) -> None:
        """Let others read while one writes (WAL); the file remembers it."""
        self._patience.run(lambda: self._raw.execute("PRAGMA journal_mode=WAL").fetchone())

    def write_anew(self) -> None:
        """Write the file anew without what was deleted from it, and empty the -wal.

        Others may go on reading and recording meanwhile, but one who looks at an older state keeps the -wal from being
        emptied.

        Raises:
            Locked: somebody did so for longer than the patience lasts; the old bytes are still there.
            FileError: what else SQLite refused.
        """
        with database_errors(self.path):
            # pages made anew are zeroed first, so that nothing of the cache's old ones is in their unused parts
            self._raw.execute("PRAGMA secure_delete=ON")
            self._patience.run(lambda: self._raw.execute("VACUUM"))
            self._patience.run(self._empty_wal)

    def _empty_wal(self) -> None:
        [busy, _, _] = self._raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            error = sqlite3.OperationalError("the -wal is in use")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error

    def close(self) -> None:
        """Close the connection; the file can be copied and moved now."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self, connection: Connection) -> None:
        write = bool(connection.get_execution_options().get("ms_write"))
        self._patience.run(lambda: self._begin_once("BEGIN IMMEDIATE" if write else "BEGIN"))

    def _begin_once(self, begin: str) -> None:
        if self._place != _place_on_disk(self.path):
            raise moved(self.path)
        self._raw.execute(begin)
        try:
            # Reading takes the snapshot here, where waiting is possible, not at the first SELECT of a report.
            [version] = self._raw.execute("PRAGMA user_version").fetchone()
        except BaseException:
            self._raw.rollback()
            raise
        if version > tables.SCHEMA_VERSION:
            self._raw.rollback()
            raise newer(self.path)


def _place_on_disk(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def open_file(
    path: Path, access: Access, *, wait_seconds: float = 30.0, on_wait: Callable[[], None] | None = None
) -> Handle:
    """Open the file at `path`, make or migrate it where needed.

    Args:
        path: Links are followed; a link to nothing is refused.
        access: What the command wants.
        wait_seconds: How long a transaction waits for other writers.
        on_wait: Called once per transaction that has waited a second.

    Raises:
        NoFileYet: Nothing there, or an empty file, and `access` is not CREATE.
        FileError: The file cannot be used; it was not changed.
    """
    place = located(path)
    patience = Patience(place, wait_seconds, on_wait)
    with translated(place):
        known = patience.run(lambda: identity(place))
        if known is None:
            if access is not Access.CREATE:
                raise NoFileYet(place)
            make_empty(place)
        else:
            refuse_strangers(known, place)
        writable = can_write(place)
        if access is not Access.READ and not writable:
            raise only_readable(place)
        writes = access is not Access.READ
        try:
            return _opened(patience, known, opening_mode(place), writable=writable, writes=writes)
        except DiskFull:
            if writes or known is None or known.version < tables.SCHEMA_VERSION:
                raise
            # Looking needs no room: what SQLite would keep beside an open file is for those who record.
            return _opened(patience, known, reading_mode(place), writable=False, writes=False)


def _opened(patience: Patience, known: Identity | None, mode: str, *, writable: bool, writes: bool) -> Handle:
    place = patience.path
    with database_errors(place):
        raw = patience.run(lambda: connect(place, mode))
        handle = Handle(place, raw, patience, writable=writable, writes=writes)
        try:
            _make_ready(handle, known)
        except BaseException:
            handle.close()
            raise
    return handle


def empty_memory() -> Handle:
    """Return a database in memory with nothing in it."""
    return Handle(MEMORY, connect(MEMORY, ""), Patience(MEMORY), writable=True, writes=True)


def memory_handle() -> Handle:
    """Return a book in memory with the same schema, for replaying what was known on a day."""
    handle = empty_memory()
    with handle.transaction() as connection:
        make_schema(connection)
    handle.created = True
    return handle


def _make_ready(handle: Handle, known: Identity | None) -> None:
    if known is None:
        with handle.transaction(write=True) as connection:
            if connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar() == 0:
                make_schema(connection)
                handle.created = True
    elif known.version < tables.SCHEMA_VERSION:
        _migrate(handle)
    if handle.writable:
        handle.write_ahead()


def _migrate(handle: Handle) -> None:
    """Bring an older file up to date in one transaction, after a backup made under the same lock."""
    if not handle.writable:
        raise NoPermission(
            f"{handle.path} was made by an older ms and can only be read, so it cannot be brought up to date.",
            "Copy it with `ms backup` where it can be written.",
        )
    from milestone_cli.store import backup, migrations
    from milestone_cli.store.proof import Proof
    from milestone_cli.store.schema_versions import is_of_version

    with handle.transaction(write=True) as connection:
        version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
        if version < tables.SCHEMA_VERSION:
            # before the backup, which would push good ones out
            if not is_of_version(driver(connection), version):
                raise damaged(handle.path, f"it says that it is of version {version}, but its schema is another")
            if backup.automatic_backup(handle.path, "migration", proof=Proof.PAGES) is None:
                raise damaged(handle.path, "it was made by an older ms, and no backup of it could be written")
            migrations.migrate(connection, version)


def integrity_problems(connection: Connection, *, limit: int = 20) -> list[str]:
    """Return what is wrong with the file, one short text each, at most about `limit`; empty when it is whole."""
    return problems_of(driver(connection), limit=limit)


def problems_of(raw: sqlite3.Connection, *, limit: int = 20) -> list[str]:
    """Return what `integrity_problems` does, of a driver's connection."""
    problems: list[str] = []
    try:
        found = [text for [text] in raw.execute(f"PRAGMA integrity_check({limit})")]
        problems += [str(text) for text in found if text != "ok"]
    except sqlite3.DatabaseError as error:
        problems.append(f"integrity check stopped ({error_name(error)})")
    try:
        broken = raw.execute("PRAGMA foreign_key_check").fetchmany(_MOST_COUNTED)
        for (table, parent), found_rows in groupby(sorted((one[0], one[2]) for one in broken)):
            count = sum(1 for _ in found_rows)
            rows = "1 row" if count == 1 else f"{count} rows" if count < _MOST_COUNTED else f"{count} rows and more"
            problems.append(f"{rows} of {table} {'points' if count == 1 else 'point'} to nothing in {parent}")
    except sqlite3.DatabaseError as error:
        problems.append(f"check of references stopped ({error_name(error)})")
    return problems
