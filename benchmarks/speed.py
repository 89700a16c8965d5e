"""How long whole commands take, against named yardsticks in the same run: `python benchmarks/speed.py`.

Every row of the table names a command, a size of book, a yardstick and the ratio to stay under. Command and yardstick
take turns as whole processes, so that what else the machine does meets both alike; shown are medians and minima.
Invariant: books are made once (see `made_book.py`); a command that records works on a copy.
"""

from __future__ import annotations

import argparse
import compileall
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from made_book import PROGRAM, environment, made_book

import milestone_cli

REPEATS = 11
SIZES = (1_000, 10_000, 100_000)
"""Books of a million are measured on request: `--size 1000000`."""

Words = tuple[str, ...]

YARDSTICKS = {
    "imports": "import typer, sqlmodel",
    "columns": """
import os, sqlite3
import numpy, sqlmodel, typer
connection = sqlite3.connect(os.environ["MS_DB"])
arrivals = numpy.array(connection.execute(
    "SELECT opportunity, milestone, day, coalesce(value, -1) FROM arrival WHERE implied = 0").fetchall())
losses = numpy.array(connection.execute(
    "SELECT number, lost_on FROM opportunity WHERE lost_on IS NOT NULL").fetchall())
""",
}
"""Plain scripts: what starting costs, and what reading the columns of the rates into arrays costs."""


@dataclass(frozen=True, slots=True)
class Row:
    """One command that is measured."""

    command: str
    """As it is typed; `{open}` stands for another open opportunity at milestone 1 each time."""
    yardstick: str
    at_most: float
    """The ratio to the yardstick to stay under."""
    size: int | None = None
    """The size of book the ratio is promised for; None for every size."""


ROWS = (
    Row("rates", "columns", 1.8, size=100_000),
    Row("forecast --months 6", "columns", 2.0, size=100_000),
    Row("kpis", "imports", 1.4),
    Row("advance {open} 2 --yes --quiet", "imports", 1.3),
)


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of the runs of a command and of its yardstick."""

    command: Sequence[float]
    yardstick: Sequence[float]

    def ratio(self, of: Callable[[Sequence[float]], float]) -> float:
        """Return the command's time over the yardstick's, by median or minimum."""
        return of(self.command) / of(self.yardstick)


def main() -> None:
    """Make the books that are missing and print the table."""
    options = _options()
    compileall.compile_dir(str(Path(milestone_cli.__file__).parent), quiet=1)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) if options.folder is None else options.folder
        folder.mkdir(parents=True, exist_ok=True)
        print(f"{'ms ...':34}{'size':>9}{'yardstick':>11}{'median':>9}{'min':>8}{'ratio':>8}{'min':>7}{'at most':>9}")
        for size in options.size or SIZES:
            book = made_book(folder, size)
            copy = Path(scratch) / "copy.db"
            shutil.copyfile(book, copy)
            for row in ROWS:
                if row.command.startswith(options.only) and (row.size in (None, size) or options.size):
                    print(_line(row, size, measured(row, copy, options.repeats)), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where the books are kept; else they are made anew and thrown away")
    parser.add_argument("--size", type=int, action="append", help="opportunities, also more than once")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="runs of each command and yardstick")
    parser.add_argument("--only", default="", help="the beginning of the commands to measure")
    return parser.parse_args()


def measured(row: Row, book: Path, repeats: int) -> Times:
    """Return the times of a command and its yardstick, taking turns after one run of each that does not count."""
    # a row that records needs an opportunity a run; the others take nothing
    names = _open_ones(book, repeats + 1)
    yardstick = (sys.executable, "-c", YARDSTICKS[row.yardstick])
    pairs = []
    for name in names:
        command = (*PROGRAM, *row.command.format(open=name).split())
        pairs.append((_seconds(yardstick, book), _seconds(command, book)))
    baseline, own = zip(*pairs[1:], strict=True)
    return Times(own, baseline)


def _open_ones(book: Path, number: int) -> Iterator[str]:
    connection = sqlite3.connect(book)
    query = (
        "SELECT key FROM opportunity WHERE status = 'open' AND (SELECT max(milestone) FROM arrival"
        " WHERE arrival.opportunity = opportunity.number) = 1 ORDER BY number DESC LIMIT ?"
    )
    keys = [key for (key,) in connection.execute(query, (number,))]
    connection.close()
    return iter(keys)


def _seconds(words: Words, book: Path) -> float:
    start = time.perf_counter()
    subprocess.run(words, env=environment(book), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def _line(row: Row, size: int, times: Times) -> str:
    middle, least = statistics.median(times.command), min(times.command)
    ratios = times.ratio(statistics.median), times.ratio(min)
    promised = f"{row.at_most:9.1f}" if row.size in (None, size) else f"{'-':>9}"
    return (
        f"{row.command:34}{size:9,}{row.yardstick:>11}{middle:9.3f}{least:8.3f}"
        f"{ratios[0]:8.2f}{ratios[1]:7.2f}{promised}"
    )


if __name__ == "__main__":
    main()
