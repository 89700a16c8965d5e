"""An older file whose update is stopped at whatever step: it stays as it was; the next call brings it up to date."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from milestone_cli.errors import FileError
from milestone_cli.store import backup, sqlite, tables
from milestone_cli.store.book import Opening, open_book
from milestone_cli.store.check import problems
from milestone_cli.store.journal import Clock
from milestone_cli.store.sqlite import Access, open_file

EARLIER = sorted((Path(__file__).parent / "data").glob("version-*.sql"))
STEPS = 40
"""At so many steps of each file it is stopped: the first, the last, and evenly between."""
EVERY = 25
"""A step is so many instructions of SQLite's machine."""
CHANGES = (
    sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE, sqlite3.SQLITE_ALTER_TABLE,
    sqlite3.SQLITE_CREATE_TABLE, sqlite3.SQLITE_CREATE_INDEX, sqlite3.SQLITE_CREATE_TRIGGER, sqlite3.SQLITE_CREATE_VIEW,
    sqlite3.SQLITE_DROP_TABLE, sqlite3.SQLITE_DROP_INDEX, sqlite3.SQLITE_DROP_TRIGGER, sqlite3.SQLITE_DROP_VIEW,
)  # fmt: skip


def made(path: Path, script: Path) -> Path:
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(script.read_text(encoding="utf-8"))
    return path


def contents(path: Path) -> tuple[int, list[str]]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as raw:
        return int(raw.execute("PRAGMA user_version").fetchone()[0]), list(raw.iterdump())


def up_to_date(path: Path) -> list[str]:
    """Open it; return what is wrong with it then."""
    with open_book(Opening(path, Access.READ, Clock(1_800_000_000_000_000, 20_800), keep=False)) as book:
        return list(problems(book))


def counting(monkeypatch: pytest.MonkeyPatch, prepare: Callable[[sqlite3.Connection], None]) -> None:
    """Prepare every connection that a file is opened with from here on."""
    connect = sqlite.connect

    def prepared(place: Path, mode: str) -> sqlite3.Connection:
        raw = connect(place, mode)
        prepare(raw)
        return raw

    monkeypatch.setattr(sqlite, "connect", prepared)


def spread(total: int) -> list[int]:
    return sorted({1 + round(place * (total - 1) / (STEPS - 1)) for place in range(STEPS)})


def test_there_is_a_file_of_every_earlier_version():
    assert [int(script.stem.removeprefix("version-")) for script in EARLIER] == list(range(1, tables.SCHEMA_VERSION))


@pytest.mark.parametrize("script", EARLIER, ids=lambda script: script.stem)
def test_one_that_is_interrupted_at_any_step_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: Path
):
    seen = [0]
    stop = [0]

    def step() -> bool:
        seen[0] += 1
        return seen[0] == stop[0]

    path = made(tmp_path / "book.db", script)
    counting(monkeypatch, lambda raw: raw.set_progress_handler(step, EVERY))
    before = contents(path)
    with open_file(made(tmp_path / "whole.db", script), Access.WRITE):
        total = seen[0]
    assert total > STEPS
    for stop[0] in spread(total):
        seen[0] = 0
        with pytest.raises(FileError), open_file(path, Access.WRITE):
            pass
        assert contents(path) == before, f"step {stop[0]} of {total}"
    stop[0] = 0
    assert up_to_date(path) == []
    assert contents(path)[0] == tables.SCHEMA_VERSION


@pytest.mark.parametrize("script", EARLIER, ids=lambda script: script.stem)
def test_one_in_which_any_change_is_refused_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: Path
):
    seen = [0]
    refused = [0]

    def allowed(action: int, *_: object) -> int:
        seen[0] += action in CHANGES
        return sqlite3.SQLITE_DENY if action in CHANGES and seen[0] == refused[0] else sqlite3.SQLITE_OK

    path = made(tmp_path / "book.db", script)
    counting(monkeypatch, lambda raw: raw.set_authorizer(allowed))
    before = contents(path)
    with open_file(made(tmp_path / "whole.db", script), Access.WRITE):
        total = seen[0]
    assert total > 10
    for refused[0] in spread(total):
        seen[0] = 0
        with pytest.raises(FileError), open_file(path, Access.WRITE):
            pass
        assert contents(path) == before, f"change {refused[0]} of {total}"
    refused[0] = 0
    assert up_to_date(path) == []


KILLED = """
import os, sqlite3, sys
from pathlib import Path
from milestone_cli.store import backup, migrations, sqlite
folder, every = Path(sys.argv[1]), int(sys.argv[2])
connect, seen = sqlite.connect, 0

def opened(path, stop):
    global seen
    seen = 0
    def step():
        global seen
        seen += 1
        if seen == stop:
            os.kill(os.getpid(), 9)
        return 0
    def prepared(place, mode):
        raw = connect(place, mode)
        raw.set_progress_handler(step, every)
        return raw
    sqlite.connect = prepared
    with sqlite.open_file(path, sqlite.Access.WRITE):
        return seen

total = opened(folder / "whole" / "book.db", 0)
for place in range(20):
    pid = os.fork()
    if pid == 0:
        opened(folder / str(place) / "book.db", 1 + round(place * (total - 1) / 19))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no signals here")
@pytest.mark.parametrize("script", EARLIER, ids=lambda script: script.stem)
def test_one_that_is_killed_at_any_step_leaves_the_old_file(tmp_path: Path, script: Path):
    folders = [tmp_path / name for name in ("whole", *map(str, range(20)))]
    for folder in folders:
        folder.mkdir()
        made(folder / "book.db", script)
    before = contents(folders[0] / "book.db")
    words = [sys.executable, "-c", KILLED, str(tmp_path), str(EVERY)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout.split() == [str(-signal.SIGKILL)] * 20, done.stderr
    for folder in folders[1:]:
        path = folder / "book.db"
        # a journal that was left says how to take back what was half written; whoever opens the file does so
        with closing(sqlite3.connect(path)) as raw:
            raw.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        assert contents(path) == before
        assert up_to_date(path) == []
        assert len(backup.automatic_backups(path)) in {1, 2}
