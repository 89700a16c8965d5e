"""Unfinished copies: whose maker is gone they go, and one that is being written stays."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from milestone_cli.store import leftovers
from milestone_cli.store.backup import automatic_backup, backup
from milestone_cli.store.leftovers import remove_abandoned, unfinished, unfinished_copies
from milestone_cli.store.restore import restore
from milestone_cli.store.sqlite import Access, open_file

BUSY = """
import sys, time
from pathlib import Path
from milestone_cli.store.leftovers import unfinished
with unfinished(Path(sys.argv[1])) as copy:
    copy.write_bytes(b"half of it")
    print(copy, flush=True)
    time.sleep(60)
"""
"""Works on a copy until it is killed."""
LOCKS = pytest.mark.skipif(sys.platform == "win32", reason="directories cannot be locked there")


@contextmanager
def busy(directory: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """Run a process that works on a copy in `directory`; it is killed in the end."""
    with subprocess.Popen([sys.executable, "-c", BUSY, str(directory)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Path(process.stdout.readline().strip()), process
        finally:
            process.kill()


def abandoned(directory: Path) -> Path:
    """Lay down what a killed process leaves."""
    directory.mkdir(exist_ok=True)
    copy = directory / ".ms-abcd_123.part" / "new.db"
    copy.parent.mkdir(mode=0o700)
    copy.write_bytes(b"half of it")
    (copy.parent / "new.db-wal").write_bytes(b"more")
    return copy


@pytest.fixture
def book(tmp_path: Path) -> Path:
    open_file(tmp_path / "ms.db", Access.CREATE).close()
    return tmp_path / "ms.db"


def test_nothing_is_left_of_a_copy_that_is_finished_or_given_up(tmp_path: Path):
    with unfinished(tmp_path) as copy:
        copy.write_bytes(b"whole")
        copy.rename(tmp_path / "copy.db")
    with suppress(FileExistsError), unfinished(tmp_path) as copy:
        copy.write_bytes(b"half of it")
        copy.touch(exist_ok=False)
    assert (tmp_path / "copy.db").exists()
    assert list(tmp_path.glob(".*")) == []


@LOCKS
def test_one_that_is_being_written_stays_until_its_writer_is_killed(tmp_path: Path):
    with busy(tmp_path) as (copy, process):
        assert remove_abandoned((tmp_path,)) == []
        assert unfinished_copies((tmp_path,)) == [copy]
        assert copy.read_bytes() == b"half of it"
        process.kill()
        process.wait()
        assert remove_abandoned((tmp_path,)) == [copy]
    assert list(tmp_path.glob(".*")) == []


def test_what_only_looks_like_one_stays(tmp_path: Path):
    (tmp_path / ".ms-abcdefgh.part").write_text("a file")
    (tmp_path / ".ms-notours.part").mkdir()
    elsewhere = abandoned(tmp_path / "elsewhere")
    (tmp_path / ".ms-linked_1.part").symlink_to(elsewhere.parent)
    assert remove_abandoned((tmp_path, tmp_path / "missing")) == []
    assert elsewhere.exists()


@pytest.mark.parametrize("where", ["", "ms-backups"])
@pytest.mark.parametrize("command", ["backup", "automatic", "restore"])
def test_whoever_writes_a_copy_or_restores_removes_what_was_left(book: Path, tmp_path: Path, where: str, command: str):
    copy = backup(book, tmp_path / "copy.db")
    left = abandoned(tmp_path / where)
    if command == "backup":
        backup(book, tmp_path / "copy.db")
    elif command == "automatic":
        assert automatic_backup(book, "import")
    else:
        restore(book, copy)
    assert not left.parent.exists()


def test_what_lies_in_the_directory_of_a_backup_goes_with_the_next_one_there(book: Path, tmp_path: Path):
    left = abandoned(tmp_path / "stick")
    backup(book, tmp_path / "stick" / "copy.db", dry_run=True)
    assert left.exists()
    backup(book, tmp_path / "stick" / "copy.db")
    assert [file.name for file in (tmp_path / "stick").iterdir()] == ["copy.db"]


def test_where_nothing_can_be_locked_the_age_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refused(_home: Path) -> int:
        raise OSError

    monkeypatch.setattr(leftovers, "_lock", refused)
    with unfinished(tmp_path) as copy:
        copy.write_bytes(b"half of it")
        assert remove_abandoned((tmp_path,)) == []
        yesterday = time.time() - 25 * 3600
        os.utime(copy, (yesterday, yesterday))
        assert remove_abandoned((tmp_path,)) == []
        os.utime(copy.parent, (yesterday, yesterday))
        assert remove_abandoned((tmp_path,)) == [copy]


def test_one_that_cannot_be_looked_into_is_not_taken_for_old(tmp_path: Path):
    assert not leftovers._lain_still(tmp_path / "gone")
    assert not leftovers._holds_a_copy_alone(tmp_path / "gone")


def test_a_directory_that_somebody_has_put_something_into_stays(tmp_path: Path):
    copy = abandoned(tmp_path)
    (copy.parent / "notes.txt").write_text("mine")
    assert remove_abandoned((tmp_path,)) == []
    assert (copy.parent / "notes.txt").read_text() == "mine"


@LOCKS
def test_a_directory_taken_away_before_it_is_locked_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    lock, homes = leftovers._lock, []

    def late(home: Path) -> int:
        homes.append(home)
        if len(homes) == 1:
            home.rmdir()
        elif len(homes) == 2:
            raise BlockingIOError
        elif len(homes) == 3:
            handle = lock(home)
            home.rmdir()
            return handle
        return lock(home)

    monkeypatch.setattr(leftovers, "_lock", late)
    with unfinished(tmp_path) as copy:
        assert copy.parent == homes[3]
        assert copy.parent.is_dir()
