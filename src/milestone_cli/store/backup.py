"""Copies of the file: made by hand, and made by themselves before anything risky.

Invariant: a copy is written beside its place (`leftovers.py`), checked, synced and renamed: a file with a backup's name
is always whole.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from milestone_cli.errors import Damaged, FileError, NoFileYet, NotADatabase, RuleBroken
from milestone_cli.store import tables
from milestone_cli.store.leftovers import remove_abandoned, unfinished
from milestone_cli.store.proof import Proof, first_problem_of
from milestone_cli.store.sqlite import Patience
from milestone_cli.store.sqlite_errors import damaged, is_damage, locked, named_as_argument, translated
from milestone_cli.store.sqlite_path import (
    SIDECARS,
    beside,
    connect,
    connect_to_copy,
    has_content,
    identity,
    located,
    make_empty,
    opening_mode,
    plain,
    refuse_strangers,
)

_OTHER_TARGET = "Name another file for the backup."
KEPT_NEWEST = 5
"""So many automatic backups are kept, and beyond them the newest of each month."""


def backup(source: Path, target: Path, *, overwrite: bool = False, dry_run: bool = False) -> Path:
    """Copy the book at `source` to `target` while others may write to it.

    An existing `target` is replaced if it is an older copy of the same book; anything else only with `overwrite`.

    Args:
        source: The book.
        target: Where the copy goes; its directory must be there. Mode 0600.
        overwrite: Whether whatever is at `target` may be lost.
        dry_run: Refuse what would be refused, and write nothing.

    Returns:
        The place of the copy.

    Raises:
        NoFileYet: No book at `source`.
        RuleBroken: `target` is a link, the book itself, or something that would be lost.
        FileError: One of the two cannot be used; `target` is as it was.
    """
    book = book_place(source)
    with named_as_argument(_OTHER_TARGET):
        place = _target(book, target)
        _copy_to(book, place, overwrite=overwrite, dry_run=dry_run)
    return place


def _copy_to(book: Path, place: Path, *, overwrite: bool, dry_run: bool) -> None:
    with translated(place), closing(connect_to_copy(book)) as raw:
        if not overwrite and place.exists() and not _is_older_copy(place, raw):
            raise RuleBroken(
                f"{place} is there already and is no older copy of this book.", "Name another file, or add --yes."
            )
        if not dry_run:
            remove_abandoned(copying_directories(book))
            _write_copy(raw, book, place, Proof.PAGES)


def book_place(path: Path) -> Path:
    """Return the real place of the book at `path`, or refuse what is no book of ours."""
    place = located(path)
    with translated(place):
        known = Patience(place).run(lambda: identity(place))
    if known is None:
        raise NoFileYet(place)
    refuse_strangers(known, place)
    return place


def _target(book: Path, target: Path) -> Path:
    with translated(target):
        linked = target.is_symlink()
    if linked:
        raise RuleBroken(f"{target} is a link; a backup is not written through one.", "Name the file itself.")
    place = located(target)
    if not place.parent.is_dir():
        raise FileError(f"There is no directory {place.parent}.", "Make it first, or name another file.")
    if place in (book, *(beside(book, ending) for ending in SIDECARS)) or (place.exists() and place.samefile(book)):
        raise RuleBroken(f"{place} is the book itself.", _OTHER_TARGET)
    if has_content(place, "-wal") or has_content(place, "-journal"):
        raise RuleBroken(f"{place} is open in another program, or was when that stopped.", _OTHER_TARGET)
    return place


def _is_older_copy(place: Path, book: sqlite3.Connection) -> bool:
    """Return whether the last command in the file at `place` is one of the book's, by its global id."""
    try:
        known = identity(place)
        if known is None or known.application != tables.APPLICATION_ID:
            return known is None
        with closing(connect(place, opening_mode(place))) as old:
            last = old.execute("SELECT id FROM command ORDER BY number DESC LIMIT 1").fetchone()
    except (sqlite3.Error, NotADatabase):
        return False
    return last is None or book.execute("SELECT 1 FROM command WHERE id = ?", last).fetchone() is not None


def _write_copy(raw: sqlite3.Connection, book: Path, place: Path, proof: Proof) -> None:
    """Copy what `raw` sees to `place`: proven, synced, then renamed."""
    with unfinished(place.parent) as part:
        make_empty(part)
        with closing(plain(part, "mode=rw")) as copy:
            pour(raw, copy, Patience(book))
            # One file without a -wal: it can be moved, and looked at on a disk that cannot be written.
            copy.execute("PRAGMA journal_mode=DELETE")
        if problem := first_problem_of(part, proof):
            raise damaged(book, problem)
        _sync(part)
        part.replace(place)
        _sync(place.parent)


def pour(source: sqlite3.Connection, target: sqlite3.Connection, patience: Patience) -> None:
    """Replace everything in `target` by what is in `source`, in one transaction.

    Raises:
        Locked: One of the two was held for longer than the patience lasts.
    """
    begun = time.monotonic()

    def give_up(status: int, _remaining: int, _total: int) -> None:
        waited = time.monotonic() - begun
        if status & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and waited >= patience.wait_seconds:
            raise locked(patience.path, waited)

    source.backup(target, pages=-1, progress=give_up, sleep=0.02)


def _sync(path: Path) -> None:
    """Make sure that the disk has it; directories cannot be synced on every system."""
    if path.is_dir():
        with suppress(OSError):
            _sync_open(path, os.O_RDONLY)
    else:
        _sync_open(path, os.O_RDWR)


def _sync_open(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def automatic_backup(path: Path, reason: str, *, proof: Proof = Proof.JOURNAL, keep: int = KEPT_NEWEST) -> Path | None:
    """Copy the book into the directory beside it, `ms-backups/ms-20261123-101500-import.db`, and drop old ones.

    Args:
        path: The book.
        reason: A word for the name: migration, restore, import.
        proof: What must hold of the copy, so that one can go back to it without looking.
        keep: How many of the newest to keep, besides the newest of each month.

    Returns:
        The place of the copy; None if the book is damaged, for a damaged copy must not push out a good one.
    """
    book = book_place(path)
    with translated(book), closing(connect(book, opening_mode(book))) as raw:
        return save_automatically(raw, book, reason, proof, keep=keep)


def save_automatically(
    raw: sqlite3.Connection, book: Path, reason: str, proof: Proof, *, keep: int = KEPT_NEWEST
) -> Path | None:
    """Do what `automatic_backup` does, with the connection that has the book open."""
    directory = _directory(book)
    with translated(directory), _directory_made(directory):
        remove_abandoned(copying_directories(book))
        place = _free_name(directory, book.stem, reason)
        try:
            _write_copy(raw, book, place, proof)
        except Damaged:
            return None
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            return None
        _prune(book, keep)
    return place


@contextmanager
def _directory_made(directory: Path) -> Iterator[None]:
    """Make the directory of the backups; one that was made for nothing goes again."""
    there = directory.exists()
    directory.mkdir(mode=0o700, exist_ok=True)
    try:
        yield
    finally:
        if not there:
            with suppress(OSError):
                directory.rmdir()  # only where nothing is in it


def automatic_backups(path: Path) -> list[Path]:
    """Return the automatic backups of the book at `path`, newest first."""
    book = Path(os.path.realpath(path))
    pattern = re.compile(re.escape(book.stem) + r"-(\d{8}-\d{6})-([a-z]+)(?:-(\d+))?\.db")
    found = []
    with translated(_directory(book)), suppress(FileNotFoundError):
        for file in _directory(book).iterdir():
            match = pattern.fullmatch(file.name)
            if match:
                found.append((match[1], int(match[3] or 1), file))
    return [file for _, _, file in sorted(found, reverse=True)]


def backup_directory(path: Path) -> Path:
    """Return where the automatic backups of the book at `path` lie, whether there are any or not."""
    return _directory(Path(os.path.realpath(path)))


def copying_directories(path: Path) -> tuple[Path, Path]:
    """Return where copies of the book at `path` are made: beside it, and among its automatic backups."""
    book = Path(os.path.realpath(path))
    return book.parent, _directory(book)


def _directory(book: Path) -> Path:
    return book.parent / f"{book.stem}-backups"


def _free_name(directory: Path, stem: str, reason: str) -> Path:
    start = f"{stem}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{reason}"
    place, number = directory / f"{start}.db", 1
    while place.exists():
        number += 1
        place = directory / f"{start}-{number}.db"
    return place


def _prune(book: Path, keep: int) -> None:
    months = set()
    for position, file in enumerate(automatic_backups(book)):
        month = file.name[len(book.stem) + 1 :][:6]
        if position >= keep and month in months:
            file.unlink(missing_ok=True)
        months.add(month)
