"""Seconds of one core and peak memory: `python benchmarks/forecast/speed.py [OPPORTUNITIES A YEAR]`."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
from simulator import SCENARIOS, seen, simulate  # noqa: E402

from milestone_cli.domain.day import first_of_month, month_of  # noqa: E402
from milestone_cli.estimate.forecast import forecast  # noqa: E402
from milestone_cli.estimate.hindcasts import hindcasts  # noqa: E402
from milestone_cli.estimate.model import measure  # noqa: E402
from milestone_cli.estimate.plan import ProcessPlan  # noqa: E402


def main() -> None:
    """Print how long each part takes, first and again."""
    a_year = int(sys.argv[1]) if len(sys.argv) > 1 else 17_500
    team = simulate(3, a_year, SCENARIOS["base"])
    month = month_of(0) + 66
    ends = [first_of_month(month + ahead) - 1 for ahead in range(13)]
    journeys, _ = seen(team, ends[0])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    facts = int((~np.isnan(journeys.recorded)).sum())
    print(f"{len(journeys.recorded):,} opportunities, {facts:,} arrivals; {before} MB with nothing but the simulator")
    model = measure(journeys, team.plans)
    parts: dict[str, Callable[[], object]] = {
        "measure": lambda: measure(journeys, team.plans),
        "last milestone, 12 months": lambda: forecast(journeys, team.plans, ends, model=model, milestones=[4]),
        "all milestones, 12 months": lambda: forecast(journeys, team.plans, ends, model=model),
        "hindcasts": lambda: hindcasts(journeys, lambda _: ProcessPlan(team.plans)),
    }
    for part, work in parts.items():
        took = []
        for _ in range(3):
            start = time.process_time()
            work()
            took.append(time.process_time() - start)
        print(f"{part:28} first {took[0]:.2f} s, best {min(took):.2f} s")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
