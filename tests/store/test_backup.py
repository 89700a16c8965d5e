"""Copies that are whole, and the way back from them."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from milestone_cli.errors import (
    Damaged,
    FileError,
    Locked,
    NewerFile,
    NoFileYet,
    NoPermission,
    NotADatabase,
    RuleBroken,
)
from milestone_cli.store import backup as backup_module
from milestone_cli.store import migrations, tables
from milestone_cli.store import restore as restore_module
from milestone_cli.store.backup import automatic_backup, automatic_backups, backup
from milestone_cli.store.journal import Author, Clock, Recording
from milestone_cli.store.restore import restore
from milestone_cli.store.sqlite import Access, integrity_problems, open_file

ROW = "INSERT INTO command (id, name, who, entered_at, previous, hash) VALUES (?1, ?1, 'anna', 1, '', ?2)"


def made(path: Path, *names: str) -> Path:
    """Record an empty command of each name."""
    open_file(path, Access.CREATE).close()
    for name in names:
        with open_file(path, Access.CREATE) as handle, handle.transaction() as connection:
            Recording(connection, Author(name, "anna"), Clock(1, 20_000)).close()
    return path


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return made(tmp_path / "ms.db", "first")


def recorded(path: Path) -> list[str]:
    with open_file(path, Access.READ) as handle, handle.transaction() as connection:
        assert integrity_problems(connection) == []
        return list(connection.exec_driver_sql("SELECT name FROM command ORDER BY number").scalars())


def altered(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        for statement in statements:
            raw.execute(statement)
    return path


def damage(path: Path) -> None:
    """Destroy the page of the table `command`, behind the back of SQLite."""
    with closing(sqlite3.connect(path)) as raw:
        [root] = raw.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'command'").fetchone()
    content = bytearray(path.read_bytes())
    content[4096 * (root - 1) + 8 : 4096 * root] = b"\xa5" * 4088
    path.write_bytes(content)


def left_overs(directory: Path) -> list[str]:
    return [file.name for file in directory.iterdir() if file.name.startswith(".") or file.name.endswith("-journal")]


# By hand


def test_a_backup_holds_what_the_wal_holds_while_others_write(book: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(book, isolation_level=None)) as other:
        other.execute(ROW, ("in-wal", "in-wal"))
        other.execute("BEGIN IMMEDIATE")
        other.execute(ROW, ("unfinished", "unfinished"))
        copy = backup(book, tmp_path / "copy.db")
        other.execute("ROLLBACK")
    assert sorted(file.name for file in tmp_path.glob("copy*")) == ["copy.db"]
    assert copy.stat().st_mode & 0o777 == 0o600
    assert recorded(copy) == ["first", "in-wal"]
    assert left_overs(tmp_path) == []


def test_an_older_copy_is_replaced_and_nothing_else(book: Path, tmp_path: Path) -> None:
    copy = backup(book, tmp_path / "copy.db")
    made(book, "second")
    assert recorded(backup(book, copy)) == ["first", "second"]
    other = made(tmp_path / "other.db", "foreign")
    ahead = made(backup(book, tmp_path / "ahead.db"), "only here")
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear customer")
    photos = altered(tmp_path / "photos.db", "CREATE TABLE photo (name)")
    for target in (other, ahead, letter, photos):
        before = target.read_bytes()
        with pytest.raises(RuleBroken, match="no older copy"):
            backup(book, target)
        assert target.read_bytes() == before
    assert recorded(backup(book, letter, overwrite=True)) == ["first", "second"]
    empty = tmp_path / "empty.db"
    empty.touch()
    assert recorded(backup(book, empty)) == ["first", "second"]


def test_a_backup_is_not_written_through_links_or_onto_an_open_book(book: Path, tmp_path: Path) -> None:
    link, hard, dangling = tmp_path / "link.db", tmp_path / "hard.db", tmp_path / "dangling.db"
    link.symlink_to(book)
    dangling.symlink_to(tmp_path / "nothing.db")
    hard.hardlink_to(book)
    for target in (book, link, dangling, hard, tmp_path / "ms.db-wal"):
        with pytest.raises(RuleBroken):
            backup(book, target, overwrite=True)
    used = made(tmp_path / "used.db")
    with closing(sqlite3.connect(used, isolation_level=None)) as other:
        other.execute(ROW, ("x", "x"))
        with pytest.raises(RuleBroken, match="open in another program"):
            backup(book, used, overwrite=True)
    for target, error in ((tmp_path, NotADatabase), (tmp_path / "missing" / "copy.db", FileError)):
        with pytest.raises(error):
            backup(book, target)
    assert recorded(book) == ["first"]


def test_only_a_whole_book_of_ours_is_copied(book: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    with pytest.raises(NoFileYet):
        backup(tmp_path / "missing.db", target)
    with pytest.raises(NotADatabase):
        backup(altered(tmp_path / "photos.db", "CREATE TABLE photo (name)"), target)
    damage(book)
    with pytest.raises(Damaged):
        backup(book, target)
    assert not target.exists()
    assert left_overs(tmp_path) == []


def test_a_failing_backup_leaves_the_old_one(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = backup(book, tmp_path / "copy.db")
    before = copy.read_bytes()
    made(book, "second")

    def full(_handle: int) -> None:
        raise OSError(28, "no")

    monkeypatch.setattr(backup_module.os, "fsync", full)
    with pytest.raises(FileError, match="Disk full"):
        backup(book, copy)
    assert copy.read_bytes() == before
    assert left_overs(tmp_path) == []


# By themselves


def test_automatic_backups_lie_beside_the_book_newest_first(book: Path) -> None:
    first = automatic_backup(book, "import")
    second = automatic_backup(book, "import")
    assert first is not None
    assert second is not None
    assert first.parent == book.parent / "ms-backups"
    assert first.parent.stat().st_mode & 0o777 == 0o700
    assert automatic_backups(book) == [second, first]
    assert recorded(first) == ["first"]


def test_there_are_none_before_the_first(book: Path) -> None:
    assert automatic_backups(book) == []
    assert automatic_backups(book.with_name("missing.db")) == []


def test_the_newest_five_and_one_a_month_are_kept(book: Path) -> None:
    directory = book.parent / "ms-backups"
    directory.mkdir()
    days = ["20240105", "20240120", "20240131", "20240210", "20240301", "20240302", "20240303", "20240304"]
    for day in days:
        (directory / f"ms-{day}-101500-import.db").touch()
    (directory / "mine.db").touch()
    assert automatic_backup(book, "restore") is not None
    kept = [file.name[3:11] for file in automatic_backups(book)[1:]]
    assert kept == ["20240304", "20240303", "20240302", "20240301", "20240210", "20240131"]
    assert (directory / "mine.db").exists()


def test_a_directory_made_for_no_backup_goes_again(book: Path) -> None:
    damage(book)
    assert automatic_backup(book, "import") is None
    assert not (book.parent / "ms-backups").exists()


def test_a_damaged_book_pushes_no_good_backup_out(book: Path) -> None:
    for _ in range(5):
        automatic_backup(book, "import")
    before = automatic_backups(book)
    damage(book)
    assert automatic_backup(book, "import") is None
    assert automatic_backups(book) == before


# Back


def test_a_restore_brings_the_rows_back_and_saves_what_was_there(book: Path, tmp_path: Path) -> None:
    copy = backup(book, tmp_path / "copy.db")
    made(book, "second")
    book.chmod(0o640)
    done = restore(book, copy)
    assert recorded(book) == ["first"]
    assert book.stat().st_mode & 0o777 == 0o640
    assert done.set_aside is None
    assert done.saved == automatic_backups(book)[0]
    assert recorded(done.saved) == ["first", "second"]
    assert left_overs(tmp_path) == []
    made(book, "third")
    assert recorded(book) == ["first", "third"]


def test_the_wal_of_a_killed_program_does_not_come_back(book: Path, tmp_path: Path) -> None:
    copy = backup(book, tmp_path / "copy.db")
    process = multiprocessing.get_context("spawn").Process(target=_write_and_die, args=(book,))
    process.start()
    process.join(30)
    assert Path(f"{book}-wal").stat().st_size > 0
    done = restore(book, copy)
    assert recorded(book) == ["first"]
    assert done.saved is not None
    assert recorded(done.saved) == ["first", "killed"]


def _write_and_die(path: Path) -> None:
    handle = open_file(path, Access.WRITE)
    with handle.transaction() as connection:
        Recording(connection, Author("killed", "anna"), Clock(1, 20_000)).close()
    os._exit(0)


def test_a_restore_needs_the_book_for_itself(book: Path, tmp_path: Path) -> None:
    copy = backup(book, tmp_path / "copy.db")
    made(book, "second")
    told: list[int] = []
    with closing(sqlite3.connect(book, isolation_level=None)) as other:
        assert other.execute("SELECT count(*) FROM command").fetchone() == (2,)
        with pytest.raises(Locked):
            restore(book, copy, wait_seconds=1.3, on_wait=lambda: told.append(1))
        assert other.execute("SELECT count(*) FROM command").fetchone() == (2,)
    assert told == [1]
    assert recorded(book) == ["first", "second"]


def test_others_see_the_old_book_or_the_new_one(book: Path, tmp_path: Path) -> None:
    copy = made(tmp_path / "copy.db", *(f"new-{number}" for number in range(400)))
    made(book, *(f"old-{number}" for number in range(199)))
    seen: set[int] = set()
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            seen.add(len(recorded(book)))
            stop.wait(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        restore(book, copy)
    finally:
        stop.set()
        watcher.join()
    assert seen <= {200, 400}
    assert len(recorded(book)) == 400


def test_a_missing_or_empty_book_is_made_anew(book: Path, tmp_path: Path) -> None:
    copy = backup(book, tmp_path / "copy.db")
    missing, empty = tmp_path / "a" / "ms.db", tmp_path / "empty.db"
    empty.touch(mode=0o600)
    for path in (missing, empty):
        done = restore(path, copy)
        assert (done.saved, done.set_aside) == (None, None)
        assert recorded(path) == ["first"]
        assert path.stat().st_mode & 0o777 == 0o600


def _junk(path: Path) -> None:
    path.write_bytes(b"no database at all " * 300)


def _broken_schema(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xa5" * 3996
    path.write_bytes(content)


@pytest.mark.parametrize("break_it", [_junk, damage, _broken_schema])
def test_a_damaged_book_is_moved_aside_whole(book: Path, tmp_path: Path, break_it) -> None:
    copy = backup(book, tmp_path / "copy.db")
    break_it(book)
    before = book.read_bytes()
    done = restore(book, copy)
    assert recorded(book) == ["first"]
    assert done.saved is None
    assert done.set_aside is not None
    assert done.set_aside.name.startswith("ms.db.damaged-")
    assert done.set_aside.read_bytes() == before


def test_a_stray_wal_is_not_taken_for_the_new_books(book: Path, tmp_path: Path) -> None:
    copy = backup(book, tmp_path / "copy.db")
    process = multiprocessing.get_context("spawn").Process(target=_write_and_die, args=(book,))
    process.start()
    process.join(30)
    book.unlink()
    restore(book, copy)
    assert recorded(book) == ["first"]


STRANGERS = {
    "trigger": ["CREATE TRIGGER t AFTER INSERT ON arrival BEGIN DELETE FROM text; END"],
    "view": ["CREATE VIEW v AS SELECT 1"],
    "table": ["CREATE TABLE v (a)"],
    "index": ["CREATE INDEX i ON command (who)"],
    "missing trigger": ["DROP TRIGGER fact_update"],
    "changed trigger": [
        "DROP TRIGGER fact_update",
        "CREATE TRIGGER fact_update BEFORE UPDATE ON fact BEGIN SELECT 1; END",
    ],
    "no version": ["PRAGMA user_version=0"],
    "reference": ["INSERT INTO milestone (process, key) VALUES (77, 'x')"],
}


@pytest.mark.parametrize("statements", STRANGERS.values(), ids=STRANGERS.keys())
def test_a_strangers_file_is_refused(book: Path, tmp_path: Path, statements: list[str]) -> None:
    copy = altered(backup(book, tmp_path / "copy.db"), *statements)
    made(book, "second")
    with pytest.raises(FileError, match="is not restored"):
        restore(book, copy)
    assert recorded(book) == ["first", "second"]
    assert left_overs(tmp_path) == []


def test_what_is_no_backup_is_refused(book: Path, tmp_path: Path) -> None:
    copy = backup(book, tmp_path / "copy.db")
    photos = altered(tmp_path / "photos.db", "CREATE TABLE photo (name)")
    newer = altered(backup(book, tmp_path / "newer.db"), f"PRAGMA user_version={tables.SCHEMA_VERSION + 1}")
    broken = backup(book, tmp_path / "broken.db")
    damage(broken)
    for source, error in (
        (photos, NotADatabase),
        (newer, NewerFile),
        (broken, FileError),
        (tmp_path / "missing.db", NoFileYet),
        (book, RuleBroken),
    ):
        with pytest.raises(error):
            restore(book, source)
    with pytest.raises(NotADatabase):
        restore(photos, copy)
    with closing(sqlite3.connect(copy, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute(ROW, ("unfinished", "unfinished"))
        with pytest.raises(Locked):
            restore(book, copy)
    assert recorded(book) == ["first"]


def test_a_backup_in_wal_mode_is_read_without_changing_it(book: Path, tmp_path: Path) -> None:
    other = made(tmp_path / "other.db", "one")
    with closing(sqlite3.connect(other, isolation_level=None)) as raw:
        raw.execute(ROW, ("in-wal", "in-wal"))
        before = other.read_bytes()
        restore(book, other)
        assert other.read_bytes() == before
    assert recorded(book) == ["one", "in-wal"]


def test_a_book_that_can_only_be_read_is_not_restored(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = backup(book, tmp_path / "copy.db")
    monkeypatch.setattr(restore_module, "can_write", lambda _: False)
    with pytest.raises(NoPermission):
        restore(book, copy)


def test_a_backup_of_an_older_ms_is_brought_up_to_date_when_opened(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = backup(book, tmp_path / "copy.db")
    versions = tmp_path / "scripts" / "versions"
    versions.mkdir(parents=True)
    for script in (Path(migrations.__file__).parent / "versions").glob("v*.py"):
        (versions / script.name).write_text(script.read_text())
    now = tables.SCHEMA_VERSION
    (versions / "vnext.py").write_text(
        f"from alembic import op\nrevision = '{now + 1:04d}'\ndown_revision = '{now:04d}'\nREPROJECT = False\n\n"
        "def upgrade():\n    op.execute('ALTER TABLE fact ADD COLUMN mood TEXT')\n"
    )
    monkeypatch.setattr(migrations, "SCRIPTS", tmp_path / "scripts")
    monkeypatch.setattr(tables, "SCHEMA_VERSION", now + 1)
    made(book, "second")
    restore(book, copy)
    assert recorded(book) == ["first"]
    with open_file(book, Access.READ) as handle, handle.transaction() as connection:
        assert connection.exec_driver_sql("PRAGMA user_version").scalar() == now + 1
