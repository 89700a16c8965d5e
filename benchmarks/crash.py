"""Kills `ms` in the middle of everything that writes: `python benchmarks/crash.py --kills 200`.

Each command runs as a process on a copy of a made-up book and is killed (SIGKILL) after a random share of the time it
takes; two thirds of the kills wait until it has begun to write. Afterwards the journal must be the one from before or
the whole one from after, the one from after if the answer had been given, and `ms check` must find the file whole: it
replays the journal and compares it with everything made from it. Printed is one line a command; exit 1 on any failure.
With --warm the commands are forks of a process that has loaded everything: ten times as many kills in the same time,
all of them in the work itself.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from unittest import mock

from milestone_cli.cli import run

PROGRAM = (sys.executable, "-m", "milestone_cli")
TODAY = "2026-11-23"
PROCESS = """\
name = "b2b"
currency = "EUR"
[target]
per_month = 100_000
[[milestone]]
key = "interest"
name = "Interest shown"
customer_action = "The customer shows interest"
[[milestone]]
key = "invited"
name = "Invited"
customer_action = "A decider invites us"
[[milestone]]
key = "order"
name = "Order"
customer_action = "The customer orders"
"""
WITH_ONE_MORE = PROCESS.replace(
    '[[milestone]]\nkey = "order"',
    '[[milestone]]\nkey = "budget"\nname = "Budget named"\ncustomer_action = "The customer names a budget"\n'
    '[[milestone]]\nkey = "order"',
)
OPPORTUNITIES = 400
FIRST = Path(__file__).parent.parent / "tests" / "store" / "data" / "version-1.sql"
"""A book of the first schema."""

State = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One command that is killed."""

    name: str
    words: tuple[str, ...]
    target: str = "book.db"
    """The file it writes."""
    old_schema: bool = False
    """It begins with a file of the first schema."""


CASES = (
    Case("advance", ("advance", "case-7", "2", "--on", "2026-11-20", "--said", "Come by", "-q")),
    Case("undo", ("undo", "--yes", "-q")),
    Case("import", ("import", "more.csv", "-q")),
    Case("define-process", ("define-process", "more.toml", "--from", "2026-11-01", "--yes", "-q")),
    Case("migrate", ("add", "Later", "--process", "b2b", "-q"), old_schema=True),
    Case("backup", ("backup", "copy.db", "-q"), target="copy.db"),
    Case("restore", ("restore", "saved.db", "--yes", "-q")),
)


@dataclass(slots=True)
class Tally:
    """What became of the kills of one command."""

    kills: int = 0
    before: int = 0
    """Left as it was before."""
    after: int = 0
    """Done whole."""
    finished: int = 0
    """It was done before the kill came, and had said so."""
    failures: list[str] = field(default_factory=list)


class Bench:
    """A folder with the files that the commands work on."""

    def __init__(self, folder: Path, old_schema: Path) -> None:
        self.folder = folder
        self.ready = folder / "ready"
        self.work = folder / "work"
        self.ready.mkdir()
        self._old_schema = old_schema
        self._make()

    def _make(self) -> None:
        for name, text in (("b2b.toml", PROCESS), ("more.toml", WITH_ONE_MORE)):
            (self.ready / name).write_text(text, encoding="utf-8")
        for name, first in (("facts.csv", 0), ("more.csv", OPPORTUNITIES)):
            (self.ready / name).write_text(_facts(first), encoding="utf-8")
        book = self.ready / "book.db"
        for words in (("define-process", "b2b.toml"), ("import", "facts.csv"), ("kpis",), ("backup", "saved.db"),
                      ("add", "Last", "--reached", "1")):  # fmt: skip
            assert self.ms(words, self.ready)[0] == 0, words
        shutil.rmtree(self.ready / "book-backups", ignore_errors=True)
        fold(book)
        with contextlib.closing(sqlite3.connect(self.ready / "old.db")) as raw:
            raw.executescript(self._old_schema.read_text(encoding="utf-8"))

    def lay(self, case: Case) -> None:
        """Lay the files anew."""
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(self.ready, self.work)
        if case.old_schema:
            shutil.copyfile(self.work / "old.db", self.work / "book.db")
            (self.work / "book.db").chmod(0o600)

    def ms(self, words: Sequence[str], folder: Path | None = None) -> tuple[int, str]:
        """Run a command in this process; return its exit code and all it said."""
        said = io.StringIO()
        place = folder or self.work
        with (
            mock.patch.dict(os.environ, environment(place)),
            contextlib.chdir(place), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said),
        ):  # fmt: skip
            code = run(list(words))
        return code, said.getvalue()

    def start(self, case: Case) -> subprocess.Popen[str] | Fork:
        """Start the command as a process."""
        return subprocess.Popen(
            [*PROGRAM, *case.words], cwd=self.work, env={**os.environ, **environment(self.work)}, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip


class WarmBench(Bench):
    """A bench whose commands are forks of a process that has run each of them once. A context manager."""

    def __init__(self, folder: Path, old_schema: Path) -> None:
        super().__init__(folder, old_schema)
        self._mother = subprocess.Popen(
            [sys.executable, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        for case in CASES:
            self.lay(case)
            self._ask(case, fork=False)
            assert self.answer() == 0, case.name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._mother.stdin
        self._mother.stdin.close()
        self._mother.wait()
        assert self._mother.stdout
        self._mother.stdout.close()

    def start(self, case: Case) -> Fork:
        """Start the command as a fork."""
        self._ask(case, fork=True)
        return Fork(self, self.answer())

    def answer(self) -> int:
        """Return the next number the process tells."""
        assert self._mother.stdout
        return int(self._mother.stdout.readline())

    def has_answered(self) -> bool:
        """Return whether it has told one."""
        return bool(select.select([self._mother.stdout], [], [], 0)[0])

    def _ask(self, case: Case, *, fork: bool) -> None:
        assert self._mother.stdin
        asked = {"words": case.words, "folder": str(self.work), "fork": fork}
        self._mother.stdin.write(json.dumps(asked).encode() + b"\n")


@dataclass(slots=True)
class Fork:
    """A command that runs as a fork; behaves like the `subprocess.Popen` of others."""

    bench: WarmBench
    pid: int
    returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        if self.returncode is None and self.bench.has_answered():
            self.returncode = self.bench.answer()
        return self.returncode

    def communicate(self) -> tuple[str, str]:
        """Wait for its end."""
        if self.returncode is None:
            self.returncode = self.bench.answer()
        return "", f"exit code {self.returncode}"

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)


def serve() -> None:
    """Run command lines that come in as JSON, in this process or in a fork of it, and tell how they ended."""
    for line in sys.stdin:
        asked = json.loads(line)
        if not asked["fork"]:
            print(_obey(asked), flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            os._exit(_obey(asked))
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def _obey(asked: dict[str, Any]) -> int:
    os.environ |= environment(Path(asked["folder"]))
    os.chdir(asked["folder"])
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return run(list(asked["words"]))


def environment(folder: Path) -> dict[str, str]:
    """Return what a process is told, so that it sees nothing of whoever runs this."""
    own = {"MS_DB": str(folder / "book.db"), "MS_TODAY": TODAY, "MS_ZONE": "UTC", "MS_CONFIG": str(folder / "no.toml")}
    return own | {"LC_ALL": "C.UTF-8", "XDG_STATE_HOME": str(folder / "state")}


def _facts(first: int) -> str:
    lines = ["opportunity,milestone,date,value,outcome"]
    for number in range(first, first + OPPORTUNITIES):
        lines.append(f"case-{number},1,2026-0{number % 9 + 1}-05,{1000 + number},")
        if number % 3 == 0:
            lines.append(f"case-{number},2,2026-{number % 9 + 2:02d}-15,,")
        if number % 5 == 1:
            lines.append(f"case-{number},,2026-{number % 9 + 2:02d}-20,,lost")
    return "\n".join(lines) + "\n"


def fold(book: Path) -> None:
    """Put everything of a book into the one file."""
    with contextlib.closing(sqlite3.connect(book)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def state(path: Path) -> State | None:
    """Return what a file holds of the journal; None if there is none."""
    if not path.exists():
        return None
    with contextlib.closing(sqlite3.connect(path)) as raw:
        facts, commands = (
            raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in ("fact", "command")
        )
        return (facts, commands, raw.execute("PRAGMA user_version").fetchone()[0])


def kill_all(bench: Bench, case: Case, kills: int, seed: int, *, say: Callable[[str], None] = print) -> Tally:
    """Kill one command so many times and look at what it left."""
    draw = random.Random(f"{seed} {case.name}")  # noqa: S311 - when, not a secret
    bench.lay(case)
    before = state(bench.work / case.target)
    took = max(_whole_run(bench, case) for _ in range(2))
    after = state(bench.work / case.target)
    tally = Tally()
    for _ in range(kills):
        bench.lay(case)
        acknowledged = _kill(bench, case, draw, took)
        tally.kills += 1
        _judge(bench, case, (before, after), tally, acknowledged=acknowledged)
    say(
        f"{case.name:15} {tally.kills:4} kills in {took:.2f} s each: as before {tally.before}, "
        f"done whole {tally.after} (finished and told {tally.finished}), failures {len(tally.failures)}"
    )
    for failure in tally.failures[:10]:
        say(f"    {failure}")
    return tally


def _whole_run(bench: Bench, case: Case) -> float:
    """Let the command finish; return how many seconds it took."""
    bench.lay(case)
    started = time.perf_counter()
    process = bench.start(case)
    _, said = process.communicate()
    assert process.returncode == 0, said
    return time.perf_counter() - started


def _kill(bench: Bench, case: Case, draw: random.Random, took: float) -> bool:
    """Start the command and kill it; return whether it was done before."""
    process = bench.start(case)
    how = draw.choice(("any time", "at the first bytes", "after them"))
    if how == "any time":
        time.sleep(draw.uniform(0, 1.1 * took))
    else:
        _wait_for_writing(bench, case, process)
        time.sleep(draw.uniform(0, took / 2) if how == "after them" else draw.expovariate(1 / min(0.02, took / 5)))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == 0


def _wait_for_writing(bench: Bench, case: Case, process: subprocess.Popen[str] | Fork) -> None:
    """Wait until the first bytes are written beside the target, or into it."""
    beginning = {path: path.stat().st_size for path in bench.work.iterdir() if path.is_file()}
    while process.poll() is None:
        for path in bench.work.iterdir():
            with contextlib.suppress(FileNotFoundError):
                is_ours = path.name.startswith((case.target, f".{case.target}"))
                if is_ours and path.is_file() and path.stat().st_size != beginning.get(path, 0):
                    return
        time.sleep(0.0005)


def _judge(
    bench: Bench, case: Case, ends: tuple[State | None, State | None], tally: Tally, *, acknowledged: bool
) -> None:
    found, (before, after) = state(bench.work / case.target), ends
    if found == after:
        tally.after += 1
    elif found == before and not acknowledged:
        tally.before += 1
    elif case.old_schema and found is not None and found[:2] == (before or ())[:2] and not acknowledged:
        tally.before += 1  # brought up to date, and the fact not recorded yet
    else:
        tally.failures.append(f"left {found}; before {before}, after {after}, acknowledged {acknowledged}")
    tally.finished += acknowledged
    for file in {"book.db", case.target}:
        if (bench.work / file).exists():
            code, said = bench.ms(("check", "--db", file))
            if code != 0:
                tally.failures.append(f"check of {file}: {said[:200]}")


def main() -> int:
    """Kill every command so many times; return 1 if anything was lost or half written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="the beginning of the names of the commands to kill")
    parser.add_argument("--warm", action="store_true", help="kill forks of a process that has loaded everything")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return 0
    failed = False
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as open_until_the_end:
        folder = Path(scratch)
        bench = open_until_the_end.enter_context(WarmBench(folder, FIRST)) if options.warm else Bench(folder, FIRST)
        for case in CASES:
            if case.name.startswith(options.only):
                failed |= bool(kill_all(bench, case, options.kills, options.seed).failures)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
