"""What SQLite's and the operating system's errors mean, in sentences of ours.

Invariant: an error is recognised by its code, and its text, which may hold customer data, is never repeated.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from milestone_cli.errors import Damaged, DiskFull, FileError, InvalidValue, Locked, MsError, NewerFile, NoPermission

NOTHING = "Nothing was recorded."
"""Ends each sentence about a file: whoever reads it need not wonder."""
_NO_TEXT = "Could not decode to UTF-8"
"""What the driver says of a text that is none any more; it has no code of its own."""
_OS_FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
_OS_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


MISREAD = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What a row that was changed from outside makes of code that reads it as one of ours."""


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the operating system about `path` into ours; what is a bug passes through."""
    try:
        with database_errors(path):
            yield
    except OSError as error:
        raise _of_system(error, path) from error
    except UnicodeDecodeError as error:
        # what SQLite has to say of a damaged schema quotes it, and is then no text itself
        raise damaged(path) from error


@contextmanager
def named_as_argument(hint: str) -> Iterator[None]:
    """Say `hint` wherever an error advises another --db: the path that it is about was given as an argument."""
    try:
        yield
    except (FileError, InvalidValue) as error:
        if "--db" in error.hint:
            error.hint = hint
        raise


@contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """Turn errors of SQLite about `path` into ours; those of the system pass: they may be about another file."""
    try:
        yield
    except DBAPIError as error:
        told = _of_sqlite(error.orig, path)
        if told is None:
            raise
        raise told from error
    except sqlite3.Error as error:
        told = _of_sqlite(error, path)
        if told is None:
            raise
        raise told from error


def _of_sqlite(error: BaseException | None, path: Path) -> MsError | None:
    """Return what `error` means to a user, or None for a defect of ours (a constraint, a wrong statement)."""
    if not isinstance(error, sqlite3.Error):
        return None
    if str(error).startswith(_NO_TEXT):
        return damaged(path)
    code = getattr(error, "sqlite_errorcode", 0)
    told = _MEANINGS.get(code) or _MEANINGS.get(code & 0xFF)
    if told is not None:
        return told(path)
    if isinstance(error, sqlite3.OperationalError):
        shown = error_name(error)
        return FileError(f"{path} cannot be used ({shown}). {NOTHING}", "`ms check` says whether the file is whole.")
    return None


def _of_system(error: OSError, path: Path) -> MsError:
    if error.errno in _OS_FULL:
        return disk_full(path)
    if error.errno in _OS_FORBIDDEN:
        return _forbidden(path)
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    shown = str(path) if error.errno != errno.ENAMETOOLONG else f"{str(path)[:60]}..."
    return FileError(f"{shown} cannot be used: {reason}. {NOTHING}", "Name another file with --db.")


def locked(path: Path, seconds: float | None = None) -> Locked:
    """Return the error for a file that another program holds, after `seconds` of waiting."""
    waited = "" if seconds is None else f" (waited {seconds:.0f} s)"
    return Locked(f"{path} is held by another program{waited}. {NOTHING}", "Try again when it has finished.")


def damaged(path: Path, what: str = "") -> Damaged:
    """Return the error for a file that does not hold together, with `what` was found there."""
    found = f": {what}" if what else ""
    return Damaged(f"{path} is damaged{found}. {NOTHING}", "`ms check` says what; `ms restore` brings back a backup.")


def disk_full(path: Path) -> DiskFull:
    """Return the error for a file that cannot grow."""
    return DiskFull(f"Disk full while writing {path}. {NOTHING}", "Make room or raise the size limit, then repeat.")


def no_room_to_look(path: Path) -> DiskFull:
    """Return the error for a file beside which SQLite needs room even for reading it."""
    return DiskFull(
        f"{path} cannot be opened: its last user was stopped, and reading what that one left needs room on the disk.",
        "Make room or raise the size limit, then repeat.",
    )


def moved(path: Path) -> FileError:
    """Return the error for a file that is no longer the one that was opened."""
    return FileError(f"{path} was moved or replaced while it was open. {NOTHING}", "Repeat the command.")


def _forbidden(path: Path) -> NoPermission:
    return NoPermission(
        f"No permission to use {path}. {NOTHING}", "Give yourself rights on the file and its directory, or use --db."
    )


def only_readable(path: Path) -> NoPermission:
    """Return the error for a command that records in a file that can only be looked at."""
    return NoPermission(
        f"{path} can be read but not written. {NOTHING}",
        "Give yourself the right to write the file and its directory, or use --db.",
    )


def newer(path: Path) -> NewerFile:
    """Return the error for a file whose schema this program does not know."""
    return NewerFile(
        f"{path} was made by a newer ms. Nothing was changed.", "Update this one: pip install -U milestone-cli."
    )


_UNKNOWN_FORMAT = "unsupported file format"
"""What SQLite says, as an error of a statement, of a header with a format that does not exist."""


def error_name(error: sqlite3.Error) -> str:
    """Return SQLite's name of the error ("SQLITE_CORRUPT")."""
    return str(getattr(error, "sqlite_errorname", type(error).__name__))


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether the error says that the file does not hold together, or is no database at all."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or _UNKNOWN_FORMAT in str(error)


def is_full(error: sqlite3.Error) -> bool:
    """Return whether the error says that there was no room to write."""
    code = getattr(error, "sqlite_errorcode", 0)
    return (_MEANINGS.get(code) or _MEANINGS.get(code & 0xFF)) is disk_full


_MEANINGS: dict[int, Callable[[Path], MsError]] = {
    sqlite3.SQLITE_BUSY: locked,
    sqlite3.SQLITE_LOCKED: locked,
    sqlite3.SQLITE_PROTOCOL: locked,
    sqlite3.SQLITE_FULL: disk_full,
    sqlite3.SQLITE_IOERR_WRITE: disk_full,
    sqlite3.SQLITE_IOERR_FSYNC: disk_full,
    sqlite3.SQLITE_IOERR_DIR_FSYNC: disk_full,
    sqlite3.SQLITE_IOERR_TRUNCATE: disk_full,
    sqlite3.SQLITE_IOERR_SHMOPEN: disk_full,
    sqlite3.SQLITE_IOERR_SHMSIZE: disk_full,
    sqlite3.SQLITE_CORRUPT: damaged,
    sqlite3.SQLITE_NOTADB: damaged,
    sqlite3.SQLITE_IOERR_READ: damaged,
    sqlite3.SQLITE_IOERR_SHORT_READ: damaged,
    sqlite3.SQLITE_IOERR_CORRUPTFS: damaged,
    sqlite3.SQLITE_READONLY_DBMOVED: moved,
    sqlite3.SQLITE_READONLY: _forbidden,
    sqlite3.SQLITE_CANTOPEN: _forbidden,
    sqlite3.SQLITE_PERM: _forbidden,
    sqlite3.SQLITE_AUTH: _forbidden,
}
"""By extended code, else by its primary one."""
