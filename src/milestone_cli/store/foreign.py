"""Somebody else's file, to read from: a consistent copy of it, seen only if it is a whole book of ours.

Invariant: the file itself is not changed, whatever it is and whoever writes to it meanwhile; the copy has exactly our
schema, so nothing in it runs, and is gone when it is closed or this process ends.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection

from milestone_cli.errors import (
    Damaged,
    DiskFull,
    FileError,
    Locked,
    NewerFile,
    NoFileYet,
    NoPermission,
    RuleBroken,
)
from milestone_cli.store import tables
from milestone_cli.store.backup import book_place, pour
from milestone_cli.store.schema_versions import is_of_version
from milestone_cli.store.sqlite import Handle, Patience, problems_of
from milestone_cli.store.sqlite_errors import locked, translated
from milestone_cli.store.sqlite_path import can_write, connect, has_content, located, opening_mode, set_up

PROVE_IT_THERE = "Have it proved where it comes from (`ms check`), and take a copy that `ms backup` makes there."
"""What to do about a file that is not taken in."""
Foreign = Connection
"""The copy of another book, as a command hands it on."""
_NAME_IT = "Name the file of the other book."
_MAKE_IT_READABLE = "Give yourself the right to read it, or have a copy of it made with `ms backup`."


@contextmanager
def copy_of(path: Path, own: Path, *, wait_seconds: float = 30.0) -> Iterator[Connection]:
    """Hand out a copy of the book at `path`, as it is at one moment, brought up to this program's schema.

    Args:
        path: Links are followed.
        own: The book that is worked on: `path` must be another one.
        wait_seconds: How long to wait while somebody keeps everybody out.

    Raises:
        RuleBroken: Nothing there, or it is the book that is worked on.
        FileError: It cannot be read, is not one of ours, is newer than this program, or is damaged; what to do is said
            of the other book, never of the one that is worked on.
    """
    mine = located(own)
    with ExitStack() as stack:
        try:
            handle = _copied(stack, _other(path, mine), wait_seconds)
        except FileError as error:
            error.hint = _remedy(error)
            raise
        # what goes wrong while the copy is used is not about this file
        yield stack.enter_context(handle.transaction())


def _remedy(error: FileError) -> str:
    """Return what to do about the other file; the hint of an error is about one's own."""
    match error:
        case Damaged():
            return PROVE_IT_THERE
        case NoPermission():
            return _MAKE_IT_READABLE
        case Locked() | NewerFile() | DiskFull():  # these speak of no file of one's own
            return error.hint
        case _:
            return _NAME_IT


def _copied(stack: ExitStack, origin: Path, wait_seconds: float) -> Handle:
    """Return a copy of the book at `origin` with the schema of today; the stack closes it."""
    with translated(origin):
        copy = stack.enter_context(closing(sqlite3.connect("", isolation_level=None)))
        set_up(copy)
        with closing(connect(origin, opening_mode(origin))) as raw:
            pour(raw, copy, Patience(origin, wait_seconds))
        version = _accepted(copy, origin)
        handle = stack.enter_context(Handle(origin, copy, Patience(origin), writable=True, writes=False))
        if version < tables.SCHEMA_VERSION:
            _migrate(handle, version)
    return handle


def _other(path: Path, mine: Path) -> Path:
    try:
        origin = book_place(path)
    except NoFileYet as error:
        there = f"{path} is empty: there is no book in it." if path.exists() else f"There is no book at {path}."
        raise RuleBroken(there, _NAME_IT) from error
    if origin == mine or (mine.exists() and origin.samefile(mine)):
        raise RuleBroken(f"{path} is the book itself.", "Name another one, or this one with --db.")
    if has_content(origin, "-journal") and not can_write(origin):
        raise locked(origin)
    return origin


def _accepted(copy: sqlite3.Connection, origin: Path) -> int:
    """Return the version of the copy's schema, or refuse it."""
    [version] = copy.execute("PRAGMA user_version").fetchone()
    if not is_of_version(copy, version):
        raise _refused(origin, "its schema is not that of ms")
    problems = problems_of(copy, limit=1)
    if problems:
        raise _refused(origin, f"it is damaged ({problems[0]})")
    return int(version)


def _migrate(handle: Handle, version: int) -> None:
    from milestone_cli.store import migrations

    with handle.transaction(write=True) as connection:
        migrations.migrate(connection, version)


def _refused(origin: Path, reason: str) -> Damaged:
    return Damaged(f"{origin} is not taken in: {reason}. Nothing was recorded.", PROVE_IT_THERE)
