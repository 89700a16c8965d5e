"""The way back from a backup.

Invariant: only the rows of the backup are taken, from a whole file with exactly our schema, into a schema made anew;
they go through SQLite into the file itself while others are locked out: whoever opens it sees the old book or the new.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from milestone_cli.errors import DiskFull, FileError, MsError, NotADatabase, RuleBroken
from milestone_cli.store import tables
from milestone_cli.store.backup import book_place, pour, save_automatically
from milestone_cli.store.blanking import blank
from milestone_cli.store.book import Book
from milestone_cli.store.forgotten import Identities, forgotten_identities, forgotten_texts, texts_with
from milestone_cli.store.journal import Clock
from milestone_cli.store.proof import Proof
from milestone_cli.store.schema_versions import statements
from milestone_cli.store.sqlite import Access, Patience, open_file, problems_of
from milestone_cli.store.sqlite_errors import disk_full, is_damage, locked, only_readable, translated
from milestone_cli.store.sqlite_path import (
    SIDECARS,
    beside,
    can_write,
    connect,
    has_content,
    identity,
    located,
    make_directory,
    make_empty,
    plain,
    reading_mode,
    refuse_strangers,
)
from milestone_cli.store.sqlite_schema import schema


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of the file that was there."""

    saved: Path | None
    """The automatic backup of it; None if there was nothing whole to save."""
    set_aside: Path | None
    """Where the file itself lies now, if it was damaged."""
    forgotten: int = 0
    """How many texts of the backup had been forgotten since; they were left out."""


def restore(
    path: Path, source: Path, *, wait_seconds: float = 30.0, on_wait: Callable[[], None] | None = None
) -> Restored:
    """Put the book in `source` in place of the one at `path`, which may be missing or damaged.

    Args:
        path: The book.
        source: A backup; an older schema is brought up to date when the book is next opened.
        wait_seconds: How long to wait until nobody else has the book open.
        on_wait: Called once when that has taken a second.

    Raises:
        NoFileYet: Nothing at `source`.
        FileError: One of the two cannot be used; the book is as it was.
    """
    place = located(path)
    origin = book_place(source)
    if origin == place:
        raise RuleBroken(f"{place} is the book itself.", "Name a backup of it.")
    with translated(place):
        make_directory(place)
        with tempfile.TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent) as directory:
            new = Path(directory) / "new.db"
            try:
                _take_over(origin, new)
            except DiskFull as error:
                raise disk_full(place) from error  # the backup is only read
            forgotten = _forget_again(place, new)
            with closing(plain(new, "mode=ro")) as fresh:
                done = _replace(place, fresh, Patience(place, wait_seconds, on_wait))
    return replace(done, forgotten=forgotten)


# What is accepted -----------------------------------------------------------------------------------------------------


def _take_over(origin: Path, new: Path) -> None:
    """Write the rows of `origin` into a new file at `new`, or refuse them."""
    if has_content(origin, "-journal"):
        raise locked(origin)
    make_empty(new)
    with translated(origin), closing(connect(new, "mode=rw")) as fresh:
        fresh.execute("PRAGMA foreign_keys=OFF")  # rows come table by table; checked at the end
        fresh.execute("ATTACH ? AS origin", (f"{origin.as_uri()}?{reading_mode(origin)}",))
        fresh.execute("BEGIN")
        [version] = fresh.execute("PRAGMA origin.user_version").fetchone()
        expected = statements(version)
        if not expected or schema(fresh, "origin") != {key: text for key, (text, _) in expected.items()}:
            raise _refused(origin, "its schema is not that of ms")
        _refuse_problems(fresh, origin)
        _copy_rows(fresh, {key: statement for key, (_, statement) in expected.items()})
        fresh.execute(f"PRAGMA main.application_id = {tables.APPLICATION_ID}")
        fresh.execute(f"PRAGMA main.user_version = {version}")
        fresh.execute("COMMIT")
        fresh.execute("DETACH origin")
        _refuse_problems(fresh, origin)


def _copy_rows(fresh: sqlite3.Connection, statements: dict[tuple[str, str], str]) -> None:
    """Make the tables, fill them from `origin`, then make everything else: indexes are quicker on full tables."""
    for (kind, name), statement in statements.items():
        if kind == "table":
            fresh.execute(statement)
            fresh.execute(f'INSERT INTO main."{name}" SELECT * FROM origin."{name}"')
    for (kind, _), statement in statements.items():
        if kind != "table":
            fresh.execute(statement)


def _refuse_problems(fresh: sqlite3.Connection, origin: Path) -> None:
    problems = problems_of(fresh, limit=1)
    if problems:
        raise _refused(origin, f"it is damaged ({problems[0]})")


def _refused(origin: Path, reason: str) -> FileError:
    return FileError(f"{origin} is not restored: {reason}. Nothing was changed.", "Name another backup.")


# What stays forgotten -------------------------------------------------------------------------------------------------


def _forget_again(place: Path, new: Path) -> int:
    """Forget at `new` what is forgotten in the book at `place`, if that can be read; return how many texts."""
    identities = _forgotten_at(place)
    if not identities:
        return 0
    with open_file(new, Access.WRITE) as handle:
        with handle.transaction() as connection:
            texts = texts_with(connection, identities) - forgotten_texts(connection)
            if texts:
                blank(Book(connection, new, Clock(0, 0)), texts)
        handle.write_anew()
    with closing(plain(new, "mode=rw")) as raw:
        raw.execute("PRAGMA journal_mode=DELETE")  # one file without a -wal, which is only read from here on
    return len(texts)


def _forgotten_at(place: Path) -> Identities | None:
    """Return what is forgotten in the book at `place`; a file that is none, or older than forgetting, knows nothing."""
    try:
        known = identity(place)
        if known is None or known.version != tables.SCHEMA_VERSION:
            return None
        with open_file(place, Access.READ) as handle, handle.transaction() as connection:
            return forgotten_identities(connection)
    except (MsError, sqlite3.Error):
        return None


# Into its place -------------------------------------------------------------------------------------------------------


def _replace(place: Path, fresh: sqlite3.Connection, patience: Patience) -> Restored:
    present = _present(place, patience)
    if present is not None:
        with closing(present):
            saved = save_automatically(present, place, "restore", Proof.EVERYTHING)
            if saved is not None:
                pour(fresh, present, patience)
                return Restored(saved, None)
    set_aside = _set_aside(place)
    make_empty(place)
    with closing(_held(place, patience)) as target:
        pour(fresh, target, patience)
    return Restored(None, set_aside)


def _present(place: Path, patience: Patience) -> sqlite3.Connection | None:
    """Return the book that lies there, held; None if there is none that can be opened. Others' files are refused."""
    try:
        known = patience.run(lambda: identity(place))
    except NotADatabase:
        return None
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return None
        raise
    if known is None:
        return None
    refuse_strangers(known, place)
    if not can_write(place):
        raise only_readable(place)
    try:
        return _held(place, patience)
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return None
        raise


def _held(place: Path, patience: Patience) -> sqlite3.Connection:
    """Return a connection that keeps everybody else out until it is closed, without an open transaction."""
    raw = plain(place, "mode=rw")
    try:
        raw.execute("PRAGMA locking_mode=EXCLUSIVE")
        patience.run(lambda: raw.execute("BEGIN EXCLUSIVE"))
        raw.execute("COMMIT")
    except BaseException:
        raw.close()
        raise
    return raw


def _set_aside(place: Path) -> Path | None:
    """Move a damaged file out of the way, with what lies beside it: a stray -wal would be taken for the new one's."""
    ending = f".damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    aside = place.with_name(place.name + ending)
    for file, goal in [(beside(place, part), beside(aside, part)) for part in SIDECARS]:
        if file.exists():
            file.replace(goal)
    if not place.exists() or place.stat().st_size == 0:
        return None
    place.replace(aside)
    return aside
