"""Forecasts of simulated teams against the run rate, a CRM's pipeline and AutoETS: `python benchmarks/forecast/run.py`.

Six scenarios, four sizes, rolling origins, only what was recorded by each origin; scores are those of the sum of six
months and of single months at the last milestone, in mean months.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from multiprocessing import Pool
from pathlib import Path

# one thread each: the processes themselves are the parallel part; has to be set before numpy is imported
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
from simulator import SCENARIOS  # noqa: E402
from study import LAST, Job, Score, study  # noqa: E402

TEAMS = {40: 8, 200: 5, 2000: 3, 20000: 1}
"""How many seeds per scenario and number of opportunities a year."""
TURNED = 66
"""An origin half a year after the market turned."""


def main() -> None:
    """Run the studies that were asked for and print the tables."""
    asked = _arguments()
    start = time.time()
    jobs = [
        Job(scenario=scenario, size=size, seed=seed, tag=asked.tag)
        for size in sorted(asked.sizes, reverse=True)
        for scenario in asked.scenarios
        for seed in range(max(round(TEAMS[size] * asked.times), 1))
    ]
    if asked.milestones:
        jobs = [
            Job(scenario=scenario, size=size, seed=seed, tag=asked.tag, origins=(48, 66), milestones=True)
            for size in asked.sizes
            for scenario in ("base", "messy")
            for seed in range(asked.milestones)
        ]
    with Pool(asked.processes) as pool:
        scores = [score for found in pool.imap_unordered(study, jobs, chunksize=1) for score in found]
    if asked.milestones:
        by_milestone(scores)
    else:
        summary(scores)
    print(f"\n{time.time() - start:.0f} s")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=list(TEAMS))
    parser.add_argument("--scenarios", nargs="*", default=list(SCENARIOS))
    parser.add_argument("--times", type=float, default=1.0, help="so many times the usual number of teams")
    parser.add_argument("--tag", default="look", help="names a family of seeds")
    parser.add_argument("--milestones", type=int, default=0, metavar="SEEDS", help="every milestone instead")
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


def summary(scores: Sequence[Score]) -> None:
    """Print per size and scenario: scores, ratios, coverage, bias."""
    print("sum of 6 months        origins   crps | ratio to run12    crm    ets | single | in 80  in 90 |   bias")
    for size in sorted({score.size for score in scores}):
        own = [score for score in scores if score.size == size]
        _row(f"{size}", "all", own)
        for scenario in SCENARIOS:
            _row("", scenario, [score for score in own if score.scenario == scenario])
    turned = [
        score for score in scores
        if score.scenario == "regime" and score.origin == TURNED and score.span == "s6" and score.method == "ms"
        and score.size >= 2000
    ]  # fmt: skip
    if turned:
        ratio = sum(score.said for score in turned) / sum(score.came for score in turned)
        print(f"\nhalf a year after the market turned, expected over observed money: {ratio:.2f} ({len(turned)} teams)")


def _row(size: str, scenario: str, scores: Sequence[Score]) -> None:
    sums = _by_method([score for score in scores if score.span == "s6"])
    if not sums:
        return
    single = _by_method([score for score in scores if not score.span.startswith("s")])
    ours = sums["ms"]
    ratios = " ".join(f"{_ratio(sums, method):6.3f}" for method in ("run12", "crm", "ets"))
    print(f"{size:>6} {scenario:14} {len(ours):7} {_crps(ours):7.3f} | {'':8} {ratios} |"
          f" {_ratio(single, 'run12'):6.3f} |"
          f" {np.mean([s.in_80 for s in ours]):5.2f}  {np.mean([s.in_90 for s in ours]):5.2f} |"
          f" {np.mean([s.bias for s in ours]):6.3f}")  # fmt: skip


def _by_method(scores: Sequence[Score]) -> dict[str, list[Score]]:
    found: dict[str, list[Score]] = {}
    for score in scores:
        found.setdefault(score.method, []).append(score)
    return found


def _crps(scores: Sequence[Score]) -> float:
    return float(np.mean([score.crps for score in scores]))


def _ratio(methods: dict[str, list[Score]], other: str) -> float:
    if other not in methods:
        return float("nan")
    both = {(s.scenario, s.size, s.seed, s.origin, s.span) for s in methods[other]}
    ours = [s for s in methods["ms"] if (s.scenario, s.size, s.seed, s.origin, s.span) in both]
    return _crps(ours) / _crps(methods[other])


def by_milestone(scores: Sequence[Score]) -> None:
    """Print per size and milestone the ratio to the run rate."""
    print("sum of 6 months  milestone  origins   crps  ratio to run12  in 80   bias")
    for size in sorted({score.size for score in scores}):
        for milestone in range(LAST + 1):
            own = _by_method([s for s in scores if s.size == size and s.milestone == milestone and s.span == "s6"])
            ours = own["ms"]
            print(f"{size:15} {milestone + 1:10} {len(ours):8} {_crps(ours):6.3f} {_ratio(own, 'run12'):15.3f}"
                  f" {np.mean([s.in_80 for s in ours]):6.2f} {np.mean([s.bias for s in ours]):6.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
