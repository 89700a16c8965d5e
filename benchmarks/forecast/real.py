"""Real logs in the native form, forecast from past ends of months: `python benchmarks/forecast/real.py FACTS.csv ...`.

Plans are the defaults of a process file: 50 % and 30 days a section. What came is what the file says.
"""

from __future__ import annotations

import argparse
import csv
from datetime import date
from pathlib import Path

import numpy as np

from milestone_cli.domain.day import first_of_month, from_date, month_label, month_of
from milestone_cli.estimate.backtest import Backtest, backtest
from milestone_cli.estimate.journeys import Journeys
from milestone_cli.estimate.plan import ProcessPlan, SectionPlan

FEWEST_MONTHS = 6
FIRST_SHARE = 0.35
"""Forecasts begin when so much of the log's time is over."""
MOST = 12


def main() -> None:
    """Print the scores of every file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--months", type=int, default=6)
    asked = parser.parse_args()
    print(f"{'log':24} months origins | sum: to run rate  in 80  in 90   bias | single months: to run rate  in 80")
    for file in asked.files:
        journeys = facts(file)
        plan = ProcessPlan([SectionPlan(0.5, 30.0)] * (journeys.milestones - 1))
        tried = backtest(
            journeys, lambda _, plan=plan: plan, months=asked.months, origins=_origins(journeys, asked.months)
        )
        _show(file.stem, tried)


def facts(file: Path) -> Journeys:
    """Return the journeys of a file of facts, up to the end of its last whole month."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    days = np.array([from_date(date.fromisoformat(row["date"])) for row in rows])
    as_of = first_of_month(month_of(int(days.max()) + 1)) - 1
    keys = {key: place for place, key in enumerate(dict.fromkeys(row["opportunity"] for row in rows))}
    reps = {key: place for place, key in enumerate(sorted({row.get("rep") or "" for row in rows}))}
    milestones = max(int(row["milestone"]) for row in rows if row["milestone"])
    recorded, values = (np.full((len(keys), milestones), np.nan) for _ in range(2))
    lost, rep = np.full(len(keys), np.nan), np.full(len(keys), -1)
    for row, day in zip(rows, days.tolist(), strict=True):
        if day > as_of:
            continue
        place = keys[row["opportunity"]]
        rep[place] = reps[row.get("rep") or ""]
        if row["outcome"] == "lost":
            lost[place] = day
        elif not row["outcome"]:
            at = int(row["milestone"]) - 1
            recorded[place, at] = np.fmin(recorded[place, at], day)
            values[place, at] = float(row["value"] or "nan") or np.nan
    there = ~np.isnan(recorded).all(axis=1)
    return Journeys.in_order(
        as_of,
        recorded=recorded[there],
        lost=lost[there],
        values=values[there],
        seen_from=np.full(int(there.sum()), -np.inf),
        rep=rep[there],
    )


def _origins(journeys: Journeys, months: int) -> list[int]:
    first = month_of(int(np.nanmin(journeys.recorded)))
    last = month_of(journeys.as_of + 1)
    earliest = first + max(FEWEST_MONTHS, int(FIRST_SHARE * (last - first)))
    chosen = np.unique(np.linspace(min(earliest, last - months), last - months, MOST).astype(int))
    return [first_of_month(int(month)) - 1 for month in chosen]


def _show(name: str, tried: Backtest) -> None:
    single = [point for month in tried.single for point in month]
    ours = sum(point.said.crps for point in single) / sum(point.run_rate.crps for point in single)
    inside = np.mean([point.said.p10 <= point.actual <= point.said.p90 for point in single])
    print(f"{name:24} {tried.months:6} {len(tried.points):7} | {tried.crps / tried.crps_naive:16.3f}"
          f" {tried.coverage_p10_p90:6.2f} {tried.coverage_p05_p95:6.2f} {tried.bias:6.2f} | {ours:26.3f}"
          f" {inside:6.2f}")  # fmt: skip
    for point in tried.points:
        print(f"    {month_label(month_of(point.origin))} came {point.actual:14,.0f}  P10 {point.said.p10:14,.0f}"
              f"  P90 {point.said.p90:14,.0f}  run rate {point.run_rate.mean:14,.0f}")  # fmt: skip


if __name__ == "__main__":
    main()
