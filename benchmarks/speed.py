"""How long whole commands take, against named yardsticks in the same run: `python benchmarks/speed.py`.

Every row of the table names a command, a size of book, a yardstick and the ratio to stay under. Command and yardstick
take turns as whole processes, so that what else the machine does meets both alike; shown are medians and minima, and
the peak of memory of the command.
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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from made_book import PROGRAM, environment, made_book, made_facts
from measured_process import Run, run

import milestone_cli

REPEATS = 11
SMALL, MIDDLE, LARGE, LARGEST = 1_000, 10_000, 100_000, 1_000_000
MILLION_FACTS = 270_000
"""So many opportunities have about a million facts."""
NO_BOOK = 0

YARDSTICKS = {
    "pass": "pass",
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
EXECUTEMANY = """
import sqlite3, sys, time
source, target = sqlite3.connect(sys.argv[1]), sqlite3.connect(sys.argv[2], isolation_level=None)
target.execute("PRAGMA journal_mode=WAL")
target.execute("PRAGMA synchronous=FULL")
rows = {}
for table in ("fact", "arrival"):
    made = "SELECT sql FROM sqlite_schema WHERE type IN ('table', 'index') AND tbl_name = ? AND sql IS NOT NULL"
    for [statement] in source.execute(f"{made} ORDER BY type DESC", (table,)):
        target.execute(statement)
    rows[table] = source.execute(f"SELECT * FROM {table}").fetchall()
begin = time.perf_counter()
target.execute("BEGIN IMMEDIATE")
for table, values in rows.items():
    target.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values[0]))})", values)
target.execute("COMMIT")
print(time.perf_counter() - begin)
"""
"""The rows of facts and arrivals of one book into another, which has the same indexes; prints its own seconds."""


@dataclass(frozen=True, slots=True)
class Row:
    """One command that is measured."""

    command: str
    """As it is typed; `{open}` stands for another open opportunity at milestone 1 each time, TAB completes."""
    yardstick: str
    """One of the scripts; `1,000`: the command itself on the smallest book; `executemany`."""
    at_most: float
    """The ratio to the yardstick to stay under."""
    sizes: tuple[int, ...] = (NO_BOOK,)
    """The opportunities of the books it is measured on."""


ADVANCE = "advance {open} 2 --yes --quiet"
ROWS = (
    Row("--version", "pass", 1.5),
    Row("--help", "pass", 14),
    Row("advance o-1 TAB", "pass", 3, (LARGE,)),
    Row(ADVANCE, "imports", 1.3, (SMALL, MIDDLE, LARGE, LARGEST)),
    Row(ADVANCE, "1,000", 1.1, (LARGEST,)),
    Row("kpis --rep rep-1", "imports", 1.4, (LARGE,)),
    Row("kpis", "imports", 1.4, (SMALL, LARGE)),
    Row("kpis", "imports", 1.6, (LARGEST,)),
    Row("rates", "columns", 1.8, (LARGE, LARGEST)),
    Row("forecast --months 6", "columns", 2.0, (LARGE, LARGEST)),
    Row("import", "executemany", 3, (MILLION_FACTS,)),
)

Turn = Callable[[], Run]


@dataclass(frozen=True, slots=True)
class Times:
    """The runs of a command and the seconds of its yardstick."""

    command: Sequence[Run]
    yardstick: Sequence[float]

    def ratio(self, of: Callable[[Sequence[float]], float]) -> float:
        """Return the command's time over the yardstick's, by median or minimum."""
        return of(self.seconds) / of(self.yardstick)

    @property
    def seconds(self) -> list[float]:
        """The seconds of the command."""
        return [one.seconds for one in self.command]


class Bench:
    """The books, and copies of them to record in."""

    def __init__(self, folder: Path, scratch: Path, repeats: int) -> None:
        self._folder = folder
        self._scratch = scratch
        self._repeats = repeats
        self._copies: dict[int, Path] = {}

    def measured(self, row: Row, size: int) -> Times:
        """Return the times of a command and its yardstick, taking turns after one run of each that does not count."""
        if row.command == "import":
            yardstick, command = self._importing(size)
        else:
            command = self._command(row.command, size)
            if row.yardstick == "1,000":
                yardstick = self._command(row.command, SMALL)
            else:
                words = (sys.executable, "-c", YARDSTICKS[row.yardstick])
                where = environment(self._copy(size))

                def yardstick() -> Run:
                    return run(words, where)

        pairs = [(yardstick(), command()) for _ in range(self._repeats + 1)][1:]
        return Times([own for _, own in pairs], [other.seconds for other, _ in pairs])

    def _command(self, command: str, size: int) -> Turn:
        book = self._copy(size)
        where = environment(book)
        if command.endswith("TAB"):
            words = command.removesuffix("TAB").split()
            line = " ".join(("ms", *words))
            where |= {"_MS_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
            return lambda: run(PROGRAM, where)
        # a row that records needs an opportunity a run; the others take nothing
        names = _open_ones(book, self._repeats + 1) if "{open}" in command else iter(())
        return lambda: run((*PROGRAM, *command.format(open=next(names, "")).split()), where)

    def _copy(self, size: int) -> Path:
        """Return a copy of a book that may be recorded in; where no book is needed, a place without one."""
        place = self._copies.setdefault(size, self._scratch / f"copy-{size}.db")
        if size != NO_BOOK and not place.exists():
            shutil.copyfile(made_book(self._folder, size), place)
        return place

    def _importing(self, size: int) -> tuple[Turn, Turn]:
        definition, facts = made_facts(self._folder, size)
        whole, new, floor = made_book(self._folder, size), self._scratch / "new.db", self._scratch / "floor.db"

        def inserted() -> Run:
            floor.unlink(missing_ok=True)
            words = (sys.executable, "-c", EXECUTEMANY, str(whole), str(floor))
            seconds = float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
            return Run(seconds, seconds, 0)

        def imported() -> Run:
            for left in self._scratch.glob("new.db*"):
                left.unlink()
            run((*PROGRAM, "define-process", str(definition), "--yes", "--quiet"), environment(new))
            return run((*PROGRAM, "import", str(facts), "--complete-history", "--yes", "--quiet"), environment(new))

        return inserted, imported


def main() -> None:
    """Make the books that are missing and print the table."""
    options = _options()
    compileall.compile_dir(str(Path(milestone_cli.__file__).parent), quiet=1)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) if options.folder is None else options.folder
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(folder, Path(scratch), options.repeats)
        print(
            f"{'ms ...':32}{'size':>9} {'yardstick':>11}{'median':>9}{'min':>8}{'ratio':>7}{'min':>6}{'at most':>9}"
            f"{'MiB':>6}"
        )
        for row in ROWS:
            for size in row.sizes:
                if row.command.startswith(options.only) and size <= options.most:
                    print(_line(row, size, bench.measured(row, size)), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where the books are kept; else they are made anew and thrown away")
    parser.add_argument("--most", type=int, default=LARGEST, help="leave out larger books; the largest take minutes")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="runs of each command and yardstick")
    parser.add_argument("--only", default="", help="the beginning of the commands to measure")
    return parser.parse_args()


def _open_ones(book: Path, number: int) -> Iterator[str]:
    connection = sqlite3.connect(book)
    query = (
        "SELECT key FROM opportunity WHERE status = 'open' AND (SELECT max(milestone) FROM arrival"
        " WHERE arrival.opportunity = opportunity.number) = 1 ORDER BY number DESC LIMIT ?"
    )
    keys = [key for (key,) in connection.execute(query, (number,))]
    connection.close()
    return iter(keys)


def _line(row: Row, size: int, times: Times) -> str:
    middle, least = statistics.median(times.seconds), min(times.seconds)
    ratios = times.ratio(statistics.median), times.ratio(min)
    return (
        f"{row.command:32}{size or '-':>9} {row.yardstick:>11}{middle:9.3f}{least:8.3f}"
        f"{ratios[0]:7.2f}{ratios[1]:6.2f}{row.at_most:9.1f}{max(one.peak for one in times.command):6}"
    )


if __name__ == "__main__":
    main()
