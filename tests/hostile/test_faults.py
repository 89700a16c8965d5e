"""What fails below `ms` while it writes: no room, no right, a lock that stays, a file that is moved away.

Law: one sentence, exit code 3, and everything as it was; or done whole. `python benchmarks/faults.py` tries every 4 kB.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import faults
import pytest
from bench import Bench
from tests.hostile.conftest import Run, one_message

from milestone_cli.store import journal, sqlite, traces
from milestone_cli.store import restore as restored

SAME_WAY = {"amend", "set-target", "export", "export whole", "export --sql", "report", "rates"}
"""What writes like another one; the benchmark tries them all."""
FITS_ALWAYS = {"kpis", "rates"}
"""Looking needs no room."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return faults.prepared(tmp_path_factory.mktemp("full"))


@pytest.mark.parametrize("case", faults.CASES, ids=lambda case: case.name)
def test_where_no_file_may_grow_a_command_is_done_whole_or_not_at_all(bench: Bench, case: faults.Case):
    trial = faults.Trial(bench, case, faults.file_size)
    rooms = (204_800,) if case.name == "report" else (0, 40_960, 204_800)  # a page takes a second
    for room in rooms:
        trial.once(room)
    assert trial.tally.failures == []
    assert trial.tally.refused + trial.tally.done == len(rooms)
    assert (trial.tally.refused == 0) == (case.name in FITS_ALWAYS)


def test_on_a_full_file_system_a_command_is_done_whole_or_not_at_all(tmp_path: Path):
    tried = [case.name for case in faults.CASES if case.name not in SAME_WAY]
    told = tmp_path / "told.txt"
    with told.open("w") as out:
        ended = faults.on_a_small_disk(["--only", *tried, "--bounds", "0", "65536"], stdout=out, stderr=out)
    if ended is None:
        pytest.skip("no small file system can be made here")
    said = told.read_text()
    assert ended == 0, said
    lines = said.splitlines()
    assert len(lines) == len(tried)
    for name, line in zip(tried, lines, strict=True):
        assert f"room  {name}" in line
        assert ("refused    0" in line) == (name in FITS_ALWAYS), line


def test_from_a_full_disk_a_backup_goes_to_another_one(book: Path, folder: Path, ms: Run):
    mounted = folder / "mounted"
    mounted.mkdir()
    script = f'mount -t tmpfs -o size=1m none {mounted} && cp {book} {mounted} && exec "$0" "$@"'
    fill = f"import os; os.posix_fallocate(os.open('{mounted}/x', 65), 0, os.statvfs('{mounted}').f_bavail * 4096)"
    run_it = f"{fill}; from milestone_cli.cli import run; raise SystemExit(run(['backup', 'copy.db', '-q']))"
    space = ("unshare", "-rm", "sh", "-c", script)
    if not shutil.which("unshare") or subprocess.run([*space, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    environ = os.environ | {"MS_DB": str(mounted / "book.db")}
    done = subprocess.run(
        [*space, sys.executable, "-c", run_it], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert ms("check", "--db", "copy.db").code == 0
    assert ms("log", "--json", "--db", "copy.db").json["total"] == ms("log", "--json").json["total"]


# Rights ---------------------------------------------------------------------------------------------------------------


READ_ONLY = """
import contextlib, io, json, sys
from milestone_cli.cli import run
answers = []
for words in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = int(run(words))
    answers.append((words, code, out.getvalue(), err.getvalue()))
print(json.dumps(answers))
"""
LOOKS = (("kpis",), ("show", "acme-gmbh"), ("rates",), ("next",), ("check",), ("export", "-o", "-"), ("log",))
WRITES = (
    ("add", "New"),
    ("advance", "acme-gmbh", "3"),
    ("amend", "6", "--wrote", "Yes"),
    ("undo", "--yes"),
    ("import", "facts.csv"),
    ("define-process", "longer.toml", "--yes"),
    ("set-target", "5k"),
    ("add-rep", "cleo"),
    ("retire-rep", "ben"),
    ("forget", "acme-gmbh", "--yes"),
    ("check", "--rebuild"),
    ("restore", "saved.db", "--yes"),
)
MAKES_FILES = (
    ("backup", "copy.db"),
    ("export", "-o", "facts.out.csv"),
    ("export", "--sql", "-o", "plain.db"),
    ("report", "-o", "page.html"),
    ("demo", "--db", "demo.db"),
    ("config", "set", "locale", "de"),
)


@pytest.fixture
def laid(book: Path, folder: Path, made: Path, ms: Run) -> Path:
    """A book with everything beside it that the commands above read."""
    (folder / "facts.csv").write_text("opportunity,milestone,date\nx,1,2026-01-01\n")
    process = (made.parent / "b2b.toml").read_text()
    (folder / "longer.toml").write_text(process + '[[milestone]]\nkey = "paid"\nname = "Paid"\n')
    assert ms("backup", "saved.db").code == 0
    return book


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_on_a_file_system_that_can_only_be_read_looking_works_and_recording_says_so(laid: Path, folder: Path):
    mounted = folder / "mounted"
    mounted.mkdir()
    fill = (
        f"mount -t tmpfs none {mounted} && cp {folder}/*.* {mounted} && cd {mounted} && mount -o remount,ro {mounted}"
    )
    space = ("unshare", "-rm", "sh", "-c")
    if not shutil.which("unshare") or subprocess.run([*space, fill], capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    environ = os.environ | {"MS_DB": str(mounted / "book.db"), "MS_CONFIG": str(mounted / "config.toml")}
    words = json.dumps([*LOOKS, *WRITES, *MAKES_FILES])
    done = subprocess.run(
        [*space, f'{fill} && exec "$0" "$@"', sys.executable, "-c", READ_ONLY, words],
        env=environ, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for argv, code, out, err in json.loads(done.stdout):
        if tuple(argv) in LOOKS:
            assert code == 0, (argv, err)
            assert "Error" not in err
            continue
        assert (code, out) == (3, ""), (argv, out, err)
        assert err.count("Error: ") == 1, argv
        assert "Traceback" not in err


# Others at work -------------------------------------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that waits does so for a third of a second."""
    monkeypatch.setattr(sqlite.Patience.__init__, "__defaults__", (0.3, None))
    for waiting in (sqlite.open_file, restored.restore, traces.overwrite):
        monkeypatch.setitem(waiting.__kwdefaults__, "wait_seconds", 0.3)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("argv", WRITES, ids=" ".join)
def test_a_lock_that_is_not_given_up_is_told_and_nothing_is_recorded(ms: Run, laid: Path, folder: Path, argv):
    before, beside = laid.read_bytes(), names(folder)
    with closing(sqlite3.connect(laid, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        message = one_message(ms(*argv), 3)
        assert time.monotonic() - begun < 10
        assert "held by another program" in message
        other.execute("ROLLBACK")
    assert laid.read_bytes() == before
    assert names(folder) == beside
    assert ms(*argv).code == 0


@pytest.mark.usefixtures("impatient")
def test_an_older_file_that_is_held_is_not_brought_up_to_date(ms: Run, folder: Path):
    path = folder / "book.db"
    first = Path(__file__).parent.parent / "store" / "data" / "version-1.sql"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(first.read_text(encoding="utf-8"))
    before = path.read_bytes()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for argv in (("kpis",), ("add", "New", "--process", "b2b")):
            assert "held by another program" in one_message(ms(*argv), 3)
        other.execute("ROLLBACK")
    assert path.read_bytes() == before
    assert not (folder / "book-backups").exists()
    assert ms("kpis").code == 0


@pytest.fixture
def moving(laid: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Moves the book away while a command has it open, in the middle of what it records; where it lies then."""
    away = laid.with_name("elsewhere.db")
    insert = journal.insert_values

    def moved(*given: object, **more: object) -> object:
        if laid.exists():
            laid.rename(away)
        return insert(*given, **more)

    monkeypatch.setattr(journal, "insert_values", moved)
    yield away
    monkeypatch.undo()


@pytest.mark.parametrize(
    "argv", [one for one in WRITES if one[0] in {"add", "advance", "undo", "add-rep"}], ids=" ".join
)
def test_a_file_moved_away_while_it_is_written_takes_nothing_more(ms: Run, laid: Path, moving: Path, argv):
    before, recorded = laid.read_bytes(), commands(laid)
    assert "moved or replaced" in one_message(ms(*argv), 3)
    assert moving.read_bytes() == before
    assert not laid.exists()
    assert ms("check", "--db", str(moving)).code == 0
    moving.rename(laid)  # where what SQLite left beside its old place belongs to it again
    assert commands(laid) == recorded
    assert ms("check").code == 0


def commands(book: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(book)) as raw:
        return raw.execute("SELECT * FROM command").fetchall()
