"""Files on which commands run again and again: laid anew each time; in this process, as a process, or as a fork."""

from __future__ import annotations

import contextlib
import io
import json
import os
import select
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
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
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
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
    """Run command lines that come in as JSON, in this process or in a fork of it, and tell how they ended.

    A fork that has ended is buried only when the next line comes: until then nobody else can have its number.
    """
    pid = 0
    for line in sys.stdin:
        if pid:
            os.waitpid(pid, 0)
            pid = 0
        asked = json.loads(line)
        if not asked["fork"]:
            print(_obey(asked), flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            os._exit(_obey(asked))
        print(pid, flush=True)
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert ended
        print(ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status, flush=True)


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


if __name__ == "__main__":
    serve()
