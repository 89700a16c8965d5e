"""Programs that are stopped in the middle: what was acknowledged is there, nothing is half written, the file is whole."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from bench import CASES, FIRST, Case, WarmBench
from crash import kill_all
from tests.hostile.conftest import Answer, Run

WRITER = """
import sys
from milestone_cli.cli import run
for number in range(10_000):
    assert run(["add", f"Kept {number}", "--key", f"kept-{number}", "--reached", "1", "-q"]) == 0
    if number % 3 == 2:
        assert run(["undo", "-q"]) == 0
        print("undone", number, file=sys.stderr, flush=True)
    else:
        print("kept", number, file=sys.stderr, flush=True)
"""
"""Records one after the other and acknowledges each on standard error."""
ROWS = 6000
STOPPED = """
import os, signal, sys
from contextlib import contextmanager
from milestone_cli.cli import run
from milestone_cli.console import Terminal
work, calls, progress = sys.argv[1], iter(range(int(sys.argv[2]) - 1, -1, -1)), Terminal.progress

@contextmanager
def stopping(terminal, total, label):
    with progress(terminal, total, label) as tell:
        def stop(done):
            tell(done)
            if str(getattr(label, "template", label)).startswith(work) and next(calls) == 0:
                print(work, flush=True)
                os.kill(os.getpid(), signal.SIGINT)
        yield stop

Terminal.progress = stopping
sys.exit(run(["import", "many.csv"]))
"""
"""Imports, and is interrupted when it says that it has come so far: which work, the how manieth time it says so."""
KILLED = """
import sys, threading, os, signal, time
from milestone_cli.cli import run
wait, first, command = float(sys.argv[1]), sys.argv[2].split(), sys.argv[3].split()
assert run(first) == 0  # whatever the command needs of modules is there
print("begun", file=sys.stderr, flush=True)
kill = lambda: (time.sleep(wait), os.kill(os.getpid(), signal.SIGKILL))
threading.Thread(target=kill, daemon=True).start()
code = run(command)
print("acknowledged", code, file=sys.stderr, flush=True)
sys.exit(code)
"""
"""Runs a command, then another, which is killed after so many seconds."""

KILLED_COPYING = """
import os, signal, sys
from pathlib import Path
from milestone_cli.cli import run
from milestone_cli.store import backup, restore
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
backup.first_problem_of = restore._forget_again = die  # the copy is written, and has no name yet
run(sys.argv[1:])
"""


@pytest.fixture
def many(folder: Path) -> Path:
    path = folder / "many.csv"
    lines = (
        f"case-{number // 3},{number % 3 + 1},2026-0{number % 3 + 1}-01,100,Case {number // 3}\n"
        for number in range(ROWS)
    )
    path.write_text("opportunity,milestone,date,value,customer\n" + "".join(lines))
    return path


def run_script(folder: Path, script: str, *words: str) -> Answer:
    done = subprocess.run(
        [sys.executable, "-c", script, *words], cwd=folder, capture_output=True, text=True, check=False
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def facts(book: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(f"file:{book}?mode=ro", uri=True)) as raw:
        return raw.execute("SELECT (SELECT count(*) FROM fact), (SELECT count(*) FROM command)").fetchone()


@pytest.mark.parametrize(("work", "time"), [("Reading", 1), ("Recording", 1), ("Recording", 3)])
def test_ctrl_c_in_the_middle_of_an_import_takes_nothing_in(
    ms: Run, book: Path, folder: Path, many: Path, work: str, time: int
):
    assert many.exists()
    before = facts(book)
    stopped = run_script(folder, STOPPED, work, str(time))
    assert (stopped.code, stopped.out) == (130, f"{work}\n"), stopped
    assert stopped.err.startswith("Error: Interrupted: nothing recorded.")
    assert "Traceback" not in stopped.err
    assert facts(book) == before
    checked = ms("check")
    assert checked.code == 0, checked
    assert not list(folder.glob("*.part"))


@pytest.mark.parametrize("wait", [0.1, 0.7])
def test_an_import_that_is_killed_is_there_whole_or_not_at_all(
    ms: Run, book: Path, folder: Path, many: Path, wait: float
):
    assert many.exists()
    before = facts(book)
    killed = run_script(folder, KILLED, str(wait), "kpis -q", "import many.csv")
    assert killed.err.startswith("begun\n"), killed
    taken = (before[0] + ROWS + ROWS // 3, before[1] + 1)
    assert facts(book) == taken if "acknowledged" in killed.err else facts(book) in {before, taken}
    assert ms("check").code == 0
    assert ms("import", "many.csv").code == 0
    assert len(ms("opportunities", "--json").json["opportunities"]) == 4 + ROWS // 3


@pytest.mark.skipif(sys.platform == "win32", reason="directories cannot be locked there")
@pytest.mark.parametrize("words", [("import", "one.csv"), ("restore", "copy.db", "--yes"), ("backup", "second.db")])
def test_no_copy_that_a_killed_command_began_outlives_a_forgetting(
    ms: Run, book: Path, folder: Path, words: tuple[str, ...]
):
    (folder / "one.csv").write_text("opportunity,milestone,date,value,customer\nnew,1,2026-01-01,100,New\n")
    assert ms("backup", "copy.db").code == 0
    killed = run_script(folder, KILLED_COPYING, *words)
    assert killed.code == -signal.SIGKILL
    [left] = folder.rglob(".ms-*.part/new.db")
    assert left.stat().st_size > 0
    assert "1 unfinished copy that a stopped command had left is removed." in ms("forget", "Acme GmbH", "--yes").out
    assert not left.parent.exists()
    assert ms("check").code == 0


@pytest.mark.parametrize("seed", range(3))
def test_what_was_acknowledged_survives_a_kill(ms: Run, book: Path, folder: Path, seed: int):
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    with process:
        said = [process.stderr.readline() for _ in range(2)]
        time.sleep(random.Random(seed).uniform(0, 0.6))  # noqa: S311 - when, not a secret
        process.send_signal(signal.SIGKILL)
        said += process.stderr.read().splitlines()
    kept = {f"kept-{line.split()[1]}" for line in said if line.startswith("kept")}
    gone = {f"kept-{line.split()[1]}" for line in said if line.startswith("undone")}
    assert process.returncode == -signal.SIGKILL
    found = {one["key"]: one for one in ms("opportunities", "--json", "--locale", "en").json["opportunities"]}
    assert kept <= set(found)
    assert not gone & set(found)
    assert {one["milestone"] for key, one in found.items() if key.startswith("kept")} == {1}
    assert len(set(found) - kept) <= 5  # the four of the book, and one that was not acknowledged any more
    assert ms("check").code == 0
    assert ms("add", "Next").code == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no signals here")
def test_a_killed_first_command_leaves_a_place_where_the_next_one_works(ms: Run, folder: Path, made: Path):
    (folder / "new.toml").write_text((made.parent / "b2b.toml").read_text())
    for wait in ("0", "0.005", "0.02"):
        (folder / "warm.db").unlink(missing_ok=True)
        killed = run_script(folder, KILLED, wait, "define-process new.toml --db warm.db -q", "define-process new.toml")
        assert killed.err.startswith("begun\n"), killed
        assert killed.code == -signal.SIGKILL or killed.err.endswith("acknowledged 0\n"), killed
        assert ms("define-process", "new.toml").code == 0
        assert ms("check").code == 0
        for left in folder.glob("book.db*"):
            left.unlink()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmBench]:
    with WarmBench(tmp_path_factory.mktemp("killed"), FIRST) as made:
        yield made


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="no such signals here")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_20_kills_of_what_writes_leave_the_old_state_or_the_new_one(bench: WarmBench, case: Case):
    tally = kill_all(bench, case, 20, seed=1, say=lambda _: None)
    assert tally.kills == tally.before + tally.after == 20
    assert tally.failures == []
