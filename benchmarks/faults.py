"""Lets the disk end at every 4 kB in the middle of everything that writes: `python benchmarks/faults.py`.

Each command runs on a copy of a made-up book again and again: first no file may grow beyond nothing (RLIMIT_FSIZE),
then beyond 4 kB, 8 kB and so on until it no longer matters. The same with a file system that has room for nothing,
4 kB, 8 kB (a small one in memory, in a mount namespace of its own; left out where none can be made). Every run must end
with exit code 0 and everything done, or with 3, one sentence, and every row, every file of a result and every name
beside the book as before; `ms check` must find the file whole, and the command must work once there is room. Printed is
one line a command; exit 1 on any failure.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import FIRST, Bench, Case

STEP = 4096
CASES = (
    Case("add", ("add", "Echo", "--reached", "1", "--on", "2026-11-20", "-q")),
    Case("advance", ("advance", "case-7", "2", "--on", "2026-11-20", "--said", "Come by", "-q")),
    Case("amend", ("amend", "7", "--value", "2k", "-q")),
    Case("undo", ("undo", "--yes", "-q")),
    Case("import", ("import", "more.csv", "-q")),
    Case("define-process", ("define-process", "more.toml", "--from", "2026-11-01", "--yes", "-q")),
    Case("set-target", ("set-target", "50k", "-q")),
    Case("add-rep", ("add-rep", "anna", "-q")),
    Case("forget", ("forget", "case-7", "--yes", "-q")),
    Case("check", ("check", "--rebuild", "-q")),
    Case("migrate", ("add", "Later", "--process", "b2b", "-q"), old_schema=True),
    Case("backup", ("backup", "copy.db", "-q"), target="copy.db"),
    Case("restore", ("restore", "saved.db", "--yes", "-q")),
    Case("export", ("export", "-o", "facts.out.csv", "-q"), target="facts.out.csv"),
    Case("export whole", ("export", "-o", "whole.json", "-q"), target="whole.json"),
    Case("export --sql", ("export", "--sql", "-o", "plain.db", "-q"), target="plain.db"),
    Case("report", ("report", "-o", "page.html", "-q"), target="page.html"),
    Case("config", ("config", "set", "locale", "de", "-q"), target="no.toml"),
    Case("kpis", ("kpis", "-q")),
    Case("rates", ("rates", "-q")),
)
"""Everything that writes; the last two look, and keep what they computed where there is room."""
_REST = {"forget": ("forget", "--finish")}
"""What does the second step of a command whose first one is done."""
_KEPT_BY_LOOKING = frozenset({"snapshot", "hindcast"})
_MADE_OF_ITSELF = frozenset({"sqlite_sequence", "sqlite_stat1"})
_SIDECARS = ("-wal", "-shm", "-journal")
_SAME_EVERY_TIME = (".csv", ".json", ".toml")
"""Results without a moment or an id of their own."""
_ENOUGH = 6
"""So many runs one after the other in which the bound no longer mattered."""

Bound = Callable[[int], AbstractContextManager[None]]
"""Lets the disk end after so many bytes."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a run left: rows of the book, contents of every other file."""

    rows: dict[str, str]
    """A digest by table."""
    counts: tuple[int, ...]
    """Schema, facts, commands; what a command that is done always adds, whatever the ids and moments in it are."""
    files: dict[str, str]
    """A digest of every other file but automatic backups, by name."""


@dataclass(slots=True)
class Tally:
    """What became of one command under one kind of bound."""

    runs: int = 0
    refused: int = 0
    done: int = 0
    failures: list[str] = field(default_factory=list)
    said: set[str] = field(default_factory=set)
    """The sentences, each once."""


# Bounds ---------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def file_size(limit: int) -> Iterator[None]:
    """Let no file grow beyond `limit` bytes; Python leaves the signal out, so that writing fails with EFBIG."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def disk_room(ballast: Path) -> Bound:
    """Return what leaves so many bytes on the disk on which `ballast` is made; use it on a small one of its own."""

    @contextlib.contextmanager
    def bound(room: int) -> Iterator[None]:
        found = os.statvfs(ballast.parent)
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(STEP, found.f_bavail * found.f_frsize - room))
        try:
            yield
        finally:
            ballast.unlink()

    return bound


# One command ----------------------------------------------------------------------------------------------------------


class Trial:
    """One command under one kind of bound, and what it leaves without one."""

    def __init__(self, bench: Bench, case: Case, bound: Bound) -> None:
        self.tally = Tally()
        """What became of it so far."""
        self._bench, self._case, self._bound = bench, case, bound
        bench.lay(case)
        self._before = left(bench.work)
        code, said = bench.ms(case.words)
        assert code == 0, said
        self._after = left(bench.work)
        self.largest = max(path.stat().st_size for path in bench.work.rglob("*") if path.is_file())
        """How many bytes the largest file has then."""

    def until_it_fits(self, step: int) -> Tally:
        """Run it under every bound, a step wider each time, until that no longer matters."""
        room, fitted = 0, 0
        while fitted < _ENOUGH or room < self.largest + _ENOUGH * step:
            fitted = fitted + 1 if self.once(room) else 0
            room += step
        return self.tally

    def once(self, room: int) -> bool:
        """Run it under one bound and judge what it left; return whether it was done."""
        self._bench.lay(self._case)
        with self._bound(room):
            code, said = self._bench.ms(self._case.words)
        self.tally.runs += 1
        self.tally.done += code == 0
        self.tally.refused += code == 3
        self.tally.failures += [f"{room} bytes: {problem}" for problem in self._problems(code, said)]
        if code:
            self.tally.said.add(said.replace(str(self._bench.work), "...").strip())
        return code == 0

    def _problems(self, code: int, said: str) -> Iterator[str]:
        """Yield what is wrong with what one run left, then with what it does once there is room."""
        if code not in (0, 3):
            yield f"exit code {code}: {said[:300]}"
        if code == 3 and (said.count("Error: ") + said.count('"error": {') != 1 or "Traceback" in said):
            yield f"said {said[:300]!r}"
        whole, found = self._bench.ms(("check",))
        if whole != 0:
            yield f"check: {found[:300]}"
            return
        now = left(self._bench.work)
        yield from _wrong_backups(self._bench.work)
        if code == 0:
            yield from self._not_done(now)
            return
        if now.rows != self._before.rows and not self._half_way_is_whole(now, said):
            changed = sorted(name for name, rows in now.rows.items() if self._before.rows.get(name) != rows)
            yield f"changed {', '.join(changed)} and said {said[:200]!r}"
        if now.files != self._before.files:
            yield f"beside it: {sorted(now.files.items() ^ self._before.files.items())}"
        yield from self._again(now)

    def _again(self, now: Left) -> Iterator[str]:
        """Do what was refused, or the rest of it."""
        name, words = self._case.name, self._case.words
        code, said = self._bench.ms(_REST.get(name, words) if now.counts == self._after.counts else words)
        if code != 0:
            yield f"with room again: exit code {code}: {said[:300]}"
        yield from self._not_done(left(self._bench.work))

    def _not_done(self, now: Left) -> Iterator[str]:
        if now.counts != self._after.counts:
            yield f"told as done, but schema, facts and commands are {now.counts}, not {self._after.counts}"
        if now.files.keys() != self._after.files.keys():
            yield f"beside it: {sorted(now.files.keys() ^ self._after.files.keys())}"
        target = self._case.target
        if target.endswith(_SAME_EVERY_TIME) and now.files.get(target) != self._after.files.get(target):
            yield f"{target} is not what it should be"

    def _half_way_is_whole(self, now: Left, said: str) -> bool:
        """Tell where a command is done in two whole steps, and says so: the second one alone failed."""
        if self._case.old_schema:  # brought up to date; the fact is not recorded
            return now.counts == (self._after.counts[0], *self._before.counts[1:])
        if self._case.name == "forget":  # forgotten; the old bytes are not overwritten yet
            return "forgotten" in said and now.counts == self._after.counts
        return False


def _wrong_backups(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*-backups/*")):
        try:
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
                [found] = raw.execute("PRAGMA integrity_check").fetchone()
                raw.execute("SELECT count(*) FROM fact").fetchone()
        except sqlite3.Error as error:
            found = str(error)
        if found != "ok":
            yield f"{path.name}: {found}"


def left(folder: Path) -> Left:
    """Return what is in the folder now; what SQLite keeps beside an open file is part of the book."""
    rows: dict[str, str] = {}
    with contextlib.closing(sqlite3.connect(folder / "book.db")) as raw:
        tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
        for table in tables:
            if table not in _KEPT_BY_LOOKING | _MADE_OF_ITSELF:
                found = sorted(map(repr, raw.execute(f"SELECT * FROM {table}")))  # noqa: S608
                rows[table] = hashlib.sha256("".join(found).encode()).hexdigest()
        counts = tuple(
            raw.execute(query).fetchone()[0]
            for query in ("PRAGMA user_version", "SELECT count(*) FROM fact", "SELECT count(*) FROM command")
        )
    files = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("book.db") and "backups" not in path.parent.name
    }
    files |= {path.name: "" for path in folder.iterdir() if path.is_dir() and not path.name.endswith("-backups")}
    known = {f"book.db{ending}" for ending in ("", *_SIDECARS)}
    files |= {path.name: "" for path in folder.glob("*book.db*") if path.name not in known}
    return Left(rows, counts, files)


# All of them ----------------------------------------------------------------------------------------------------------


def prepared(folder: Path) -> Bench:
    """Return a bench whose results exist already, so that it can be seen whether they stay."""
    bench = Bench(folder, FIRST)
    for name in ("facts.out.csv", "whole.json", "page.html"):
        (bench.ready / name).write_text("as it was", encoding="utf-8")
    shutil.copy(bench.ready / "saved.db", bench.ready / "copy.db")
    bench.lay(CASES[0])
    for words in (("report", "-o", "warm.html", "-q"), ("rates", "-q")):
        assert bench.ms(words)[0] == 0  # what is imported late is there from here on
    return bench


def main() -> int:
    """Run every command under every bound; return 1 if anything was lost, half written or left beside the book."""
    options = _options()
    if options.disk:
        return _all(Path(os.environ["TMPDIR"]), disk_room(Path(os.environ["TMPDIR"]) / "ballast"), "room", options)
    failed = 0
    if "size" in options.kinds:
        with tempfile.TemporaryDirectory() as scratch:
            failed |= _all(Path(scratch), file_size, "size", options)
    if "disk" in options.kinds:
        ended = on_a_small_disk(sys.argv[1:])
        if ended is None:
            print("room: no small file system can be made here, left out")
        failed |= ended or 0
    return failed


def on_a_small_disk(words: Sequence[str], **more: Any) -> int | None:  # noqa: ANN401 - what `subprocess.run` takes
    """Do it on a file system in memory that only a process of its own sees; return None where none can be made."""
    with tempfile.TemporaryDirectory() as scratch:
        mount = f"mount -t tmpfs -o size=24m none {scratch}"
        space = ("unshare", "-rm", "sh", "-c")
        if not shutil.which("unshare") or subprocess.run([*space, mount], capture_output=True, check=False).returncode:
            return None
        command = [*space, f'{mount} && exec "$0" "$@"', sys.executable, __file__, "--disk", *words]
        environ = os.environ | {"TMPDIR": scratch, "SQLITE_TMPDIR": scratch}
        return subprocess.run(command, env=environ, check=False, **more).returncode


def _all(folder: Path, bound: Bound, kind: str, options: argparse.Namespace) -> int:
    bench, failed = prepared(folder), False
    for case in CASES:
        if not case.name.startswith(tuple(options.only)):
            continue
        trial = Trial(bench, case, bound)
        if options.bounds:
            for room in options.bounds:
                trial.once(room)
        else:
            trial.until_it_fits(STEP * options.every)
        failed |= bool(trial.tally.failures)
        _print(kind, case, trial.tally, say=options.say)
    return int(failed)


def _print(kind: str, case: Case, tally: Tally, *, say: bool) -> None:
    print(
        f"{kind}  {case.name:15} {tally.runs:4} bounds: refused {tally.refused:4}, done {tally.done:4}, "
        f"failures {len(tally.failures)}",
        flush=True,
    )
    for line in [*tally.failures[:10], *(sorted(tally.said) if say else ())]:
        print("   ", line.replace("\n", " "), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="so many times 4 kB is a step")
    parser.add_argument("--bounds", type=int, nargs="+", help="these bounds in bytes and no others")
    parser.add_argument("--only", nargs="+", default=[""], help="the beginnings of the names of the commands to try")
    parser.add_argument("--kinds", nargs="+", default=["size", "disk"], choices=["size", "disk"])
    parser.add_argument("--say", action="store_true", help="print what was said too")
    parser.add_argument("--disk", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
