"""Where a forgotten text may still lie: in unused parts of the file, in copies that `ms` itself has made.

Invariant: as long as the file was not written anew since the last forgetting, it says so itself; whoever is stopped in
between finds out.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from milestone_cli.errors import DiskFull, ExitCode, FileError, Locked
from milestone_cli.store.backup import automatic_backup, automatic_backups, copying_directories
from milestone_cli.store.forgotten import any_users, forgotten_texts
from milestone_cli.store.journal import read_meta, write_meta
from milestone_cli.store.leftovers import remove_abandoned, unfinished_copies
from milestone_cli.store.lists import LISTED, listed
from milestone_cli.store.sqlite import Access, open_file
from milestone_cli.store.sqlite_path import SIDECARS, connect, reading_mode

_DUE = "overwrite_due"
_AUTHORS_APART = 3
"""From this version of the schema on, who recorded lies apart from the commands."""


class NotOverwritten(FileError):
    """The texts are forgotten; what they were may still lie in unused parts of the file."""

    code = "not_overwritten"

    def __init__(self, path: Path, why: str, remedy: str, finish: str) -> None:
        super().__init__(
            f"{path} could not be written anew: {why}. All of it is forgotten, but the old bytes may still lie in "
            "unused parts of the file.",
            f"{remedy}, then `{finish}` overwrites them.",
        )


def overwrite_due(connection: Connection) -> bool:
    """Return whether the file has still to be written anew after a forgetting."""
    return read_meta(connection, _DUE) == "yes"


def mark_due(connection: Connection) -> None:
    """Take down, with the forgetting, that the file has to be written anew."""
    write_meta(connection, _DUE, "yes")


def overwrite(
    path: Path, finish: str, *, wait_seconds: float = 30.0, on_wait: Callable[[], None] | None = None
) -> None:
    """Write the file anew, so that nothing forgotten is left in it or beside it.

    Args:
        path: The book.
        finish: The command that does it again, for the hint.
        wait_seconds: How long to wait for others.
        on_wait: Called once when that has taken a second.

    Raises:
        NotOverwritten: others hold the file, there is no room, or somebody pressed Ctrl-C; nothing else is wrong.
    """
    try:
        with open_file(path, Access.WRITE, wait_seconds=wait_seconds, on_wait=on_wait) as handle:
            handle.write_anew()
            with handle.transaction() as connection:
                write_meta(connection, _DUE, "no")
    except Locked as error:
        why = "another program is looking at an older state of it"
        raise NotOverwritten(path, why, "Wait until that has finished", finish) from error
    except DiskFull as error:
        why = "there is no room for a second copy, which that takes for a moment"
        raise NotOverwritten(path, why, "Make room on its disk and for temporary files", finish) from error
    except FileError as error:
        raise NotOverwritten(path, "SQLite refused it", "Look with `ms check` what is wrong", finish) from error
    except KeyboardInterrupt as error:
        interrupted = NotOverwritten(path, "it was interrupted", "Take the time", finish)
        interrupted.exit_code = ExitCode.INTERRUPTED
        raise interrupted from error


@dataclass(frozen=True, slots=True)
class Traces:
    """By what a copy is recognised that still holds what is being forgotten."""

    salts: frozenset[tuple[int, str]]
    """Number and salt of each text: as good as a global id."""
    names: frozenset[str]
    """Names and keys: in a copy that went another way since, the same ones have other numbers."""


def copies_with(path: Path, traces: Traces) -> list[Path]:
    """Return the automatic backups, and files set aside as damaged, that hold any of it, newest first.

    One that cannot be read counts, for it may hold it.
    """

    def holds(raw: sqlite3.Connection) -> bool:
        salts = json.dumps([list(one) for one in traces.salts])
        names = listed(sorted(traces.names))
        found = _any(raw, "SELECT 1 FROM json_each(?) AS one JOIN text ON number = json_extract(one.value, '$[0]')"
                     " AND salt = json_extract(one.value, '$[1]')", salts)  # fmt: skip
        found = found or _any(raw, f"SELECT 1 FROM text WHERE body {LISTED}", names)
        if found or _version(raw) >= _AUTHORS_APART:
            return found
        return _any(raw, f"SELECT 1 FROM command WHERE who {LISTED}", names)

    return [copy for copy in _copies(path) if _told(copy, holds)]


def copies_with_forgotten(path: Path, connection: Connection) -> list[Path]:
    """Return those of them that hold a text which is forgotten in the file."""
    texts = forgotten_texts(connection)
    holds = _any_left(texts, users=any_users(connection, texts))
    return [copy for copy in _copies(path) if texts and _told(copy, holds)]


def _any_left(texts: Iterable[int], *, users: bool) -> Callable[[sqlite3.Connection], bool]:
    """Return what tells whether a copy holds one of these texts; `users`: names of users are among them."""
    numbers = listed(sorted(texts))

    def holds(raw: sqlite3.Connection) -> bool:
        if users and _version(raw) < _AUTHORS_APART:
            return True
        return _any(raw, "SELECT 1 FROM json_each(?) AS one JOIN text ON number = one.value WHERE body <> ''", numbers)

    return holds


def automatic_among(path: Path, copies: Iterable[Path]) -> list[Path]:
    """Return which of `copies` are automatic backups."""
    automatic = set(automatic_backups(path))
    return [copy for copy in copies if copy in automatic]


def replace_copies(path: Path, copies: Iterable[Path]) -> list[Path] | None:
    """Write a new automatic backup, then delete those of `copies` that are automatic ones; return what was deleted.

    None if the book is damaged, so that no new one could be written: nothing is deleted then.
    """
    going = automatic_among(path, copies)
    if going and automatic_backup(path, "forget") is None:
        return None
    for copy in going:
        copy.unlink(missing_ok=True)
    return going


def remove_unfinished(path: Path) -> list[Path]:
    """Remove the unfinished copies that stopped commands have left; return which."""
    return remove_abandoned(copying_directories(path))


def unfinished(path: Path) -> list[Path]:
    """Return the unfinished copies that are there; one that is being written may hold anything."""
    return unfinished_copies(copying_directories(path))


def _copies(path: Path) -> list[Path]:
    place = Path(os.path.realpath(path))
    beginning = f"{place.name}.damaged-"
    aside = [file for file in place.parent.iterdir() if file.name.startswith(beginning)]
    whole = [file for file in aside if not file.name.endswith(SIDECARS)]
    return [*automatic_backups(place), *sorted(whole, reverse=True)]


def _told(copy: Path, holds: Callable[[sqlite3.Connection], bool]) -> bool:
    try:
        with closing(connect(copy, reading_mode(copy))) as raw:
            return holds(raw)
    except sqlite3.Error:
        return True


def _any(raw: sqlite3.Connection, query: str, value: str) -> bool:
    return raw.execute(f"{query} LIMIT 1", (value,)).fetchone() is not None


def _version(raw: sqlite3.Connection) -> int:
    return int(raw.execute("PRAGMA user_version").fetchone()[0])
