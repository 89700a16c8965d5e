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
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench import CASES, FIRST, Bench, Case, Fork, WarmBench

State = tuple[object, ...]


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
    options = parser.parse_args()
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
