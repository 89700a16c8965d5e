"""Made books of any size: what the simulator's team recorded, taken in by `ms define-process` and `ms import`.

Invariant: a book is made once into a folder and never changed there; the same size gives the same facts.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from simulator import MILESTONES, MONTH_DAYS, SCENARIOS, Team, seen, simulate

AS_OF = date(2024, 12, 31)
"""The day every book is looked at."""
MONTHS = 66
"""So much history it has."""
YEARS = MONTHS / 12
SEED = 3
PROGRAM = (sys.executable, "-m", "milestone_cli")
_HEAD = ("opportunity", "milestone", "date", "value", "rep", "outcome", "recorded_at")
_LAST = int(MONTHS * MONTH_DAYS)


def environment(book: Path) -> dict[str, str]:
    """Return what a process is told by the environment, so that it works on `book` as of the day of the books."""
    own = {"MS_DB": str(book), "MS_TODAY": AS_OF.isoformat(), "MS_CONFIG": str(book.with_name("none.toml"))}
    return os.environ | own | {"MS_ZONE": "UTC", "NO_COLOR": "1"}


def made_book(folder: Path, size: int) -> Path:
    """Return the file of a book with about `size` opportunities; it is made if it is not in the folder yet."""
    path = folder / f"book-{size}.db"
    if path.exists():
        return path
    unfinished = folder / f"book-{size}.new"
    unfinished.unlink(missing_ok=True)
    definition, facts = made_facts(folder, size)
    for words in (("define-process", str(definition)), ("import", str(facts), "--complete-history")):
        subprocess.run(
            [*PROGRAM, *words, "--yes", "--quiet"], env=environment(unfinished), check=True, stdout=subprocess.DEVNULL
        )
    return unfinished.rename(path)


def made_facts(folder: Path, size: int) -> tuple[Path, Path]:
    """Return a process and the facts of about `size` opportunities as files to take in; made if they are not there."""
    definition, facts = folder / f"facts-{size}.toml", folder / f"facts-{size}.csv"
    if not facts.exists():
        # a process counts the peak of the one that started it as its own, so this one stays small
        with ProcessPoolExecutor(max_workers=1) as other:
            other.submit(_write_facts, definition, facts, size).result()
    return definition, facts


def _write_facts(definition: Path, facts: Path, size: int) -> None:
    team = simulate(SEED, size / YEARS, SCENARIOS["base"], months=MONTHS + 1)
    definition.write_text(_process_file(team), encoding="utf-8")
    unfinished = facts.with_suffix(".new")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([_HEAD, *_lines(team)])
    unfinished.rename(facts)


def _process_file(team: Team) -> str:
    parts = ['name = "made"\ntitle = "Made"\ncurrency = "EUR"\n[target]\nper_month = 1_000_000\n']
    for number in range(1, MILESTONES + 1):
        parts.append(f'[[milestone]]\nkey = "m{number}"\nname = "Milestone {number}"\n')
        parts.append(f'customer_action = "The customer says yes to {number}"\n')
        if number > 1:
            plan = team.plans[number - 2]
            parts.append(f"rate = {plan.rate:.3f}\ndays = {max(round(plan.days), 1)}\n")
    return "".join(parts)


def _lines(team: Team) -> Iterator[tuple[object, ...]]:
    """Yield the facts recorded by the day of the books, opportunity by opportunity."""
    journeys, rows = seen(team, _LAST)
    told = np.where(team.lost_entered <= _LAST, team.lost, np.nan)
    for place, row in enumerate(rows.tolist()):
        key, rep = f"o-{row}", f"rep-{team.rep[row]}"
        for milestone in np.flatnonzero(~np.isnan(journeys.recorded[place])).tolist():
            day, known = journeys.recorded[place, milestone], team.entered[row, milestone]
            yield key, milestone + 1, _iso(day), f"{team.values[row, milestone]:.2f}", rep, "", _iso(max(known, day))
        if not np.isnan(told[row]):
            yield key, "", _iso(told[row]), "", "", "lost", _iso(team.lost_entered[row])


def _iso(day: float) -> str:
    return (AS_OF + timedelta(days=int(day) - _LAST)).isoformat()
