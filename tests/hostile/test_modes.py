"""What `ms` keeps for itself is its owner's alone, even where new files are everybody's."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.hostile.conftest import Run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no modes there")


@pytest.fixture
def openly(ms: Run, monkeypatch: pytest.MonkeyPatch):
    """Runs `ms` where nothing is taken from the mode of a new file."""

    def run(*argv: str):
        before = os.umask(0)
        try:
            return ms(*argv)
        finally:
            os.umask(before)

    return run


def modes(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): oct(stat.S_IMODE(file.stat().st_mode))
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_a_new_book_and_what_lies_beside_it(openly, folder: Path, made: Path):
    toml = str(made.parent / "b2b.toml")
    assert openly("define-process", toml, "--db", "new/ms.db").code == 0
    assert openly("demo", "--db", "new/demo.db").code == 0
    with closing(sqlite3.connect(folder / "new" / "ms.db", isolation_level=None)) as other:
        other.execute("SELECT count(*) FROM fact").fetchone()
        assert openly("add", "Acme", "--db", "new/ms.db").code == 0
        assert modes(folder / "new") == dict.fromkeys(("demo.db", "ms.db", "ms.db-shm", "ms.db-wal"), "0o600")
    assert stat.S_IMODE((folder / "new").stat().st_mode) == 0o700


def test_copies_and_what_is_set_aside(openly, book: Path, folder: Path):
    book.chmod(0o600)
    (folder / "facts.csv").write_text("opportunity,milestone,date\nx,1,2026-01-01\n")
    assert openly("import", "facts.csv").code == 0
    assert openly("backup", "copy.db").code == 0
    assert openly("forget", "x", "--yes", "--delete-backups").code == 0
    book.write_bytes(b"SQLite format 3\0" + b"\xa5" * 5000)
    assert openly("restore", "copy.db", "--yes").code == 0
    (folder / "facts.csv").unlink()
    found = modes(folder)
    assert len(found) == 4
    assert set(found.values()) == {"0o600"}, found
    assert stat.S_IMODE((folder / "book-backups").stat().st_mode) == 0o700


def test_the_report_of_a_failure(openly, book: Path, folder: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("milestone_cli.store.lookup.find_opportunity", broken)
    assert book.exists()
    assert openly("show", "acme-gmbh").code == 4
    found = modes(folder / "state")
    assert list(found.values()) == ["0o600"]
