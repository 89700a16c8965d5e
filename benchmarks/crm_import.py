"""How long an import of another system's history takes, and how much memory: `python benchmarks/crm_import.py`.

Made exports of Salesforce of any number of history rows, taken in by `ms import` as a whole process; then once more, as
a newer export that adds a row to each tenth opportunity. Shown: seconds, the peak of memory, rows a second.
Invariant: the same seed gives the same files; every person, customer and deal in them is made up.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from measured_process import run

ROWS = 500_000
OPPORTUNITY = (
    "Id", "Name", "AccountId", "Account.Name", "StageName", "Amount", "CloseDate", "CreatedDate", "OwnerId",
    "IsClosed", "IsWon",
)  # fmt: skip
HISTORY = (
    "Id", "OpportunityId", "CreatedById", "CreatedDate", "StageName", "Amount", "ExpectedRevenue", "CloseDate",
    "Probability", "ForecastCategory", "SystemModstamp", "IsDeleted",
)  # fmt: skip
STAGES = ("Prospecting", "Qualification", "Needs Analysis", "Proposal", "Negotiation", "Closed Won", "Closed Lost")
MAP = """system = "salesforce"
zone = "Europe/Berlin"
[stages]
"Prospecting" = 0
"Qualification" = 1
"Needs Analysis" = 2
"Proposal" = 3
"Negotiation" = 4
"Closed Won" = "won"
"Closed Lost" = "lost"
"""
TODAY = datetime(2026, 11, 25, tzinfo=UTC)
PROGRAM = (sys.executable, "-m", "milestone_cli")
PROCESS = Path(__file__).parent.parent / "examples" / "b2b-long-cycle.toml"


def histories(rows: int, seed: int) -> Iterator[list[tuple[datetime, str, int]]]:
    """Yield the histories of opportunities, of so many rows in all: time, stage, amount."""
    draw = random.Random(seed)  # noqa: S311 - made data
    made = 0
    while made < rows:
        at = TODAY - timedelta(days=draw.randrange(60, 2000), seconds=draw.randrange(86_400))
        stage, amount, steps = 0, draw.randrange(5, 400) * 1000, []
        for _ in range(draw.randrange(2, 10)):
            steps.append((at, STAGES[stage], amount))
            at += timedelta(days=draw.randrange(0, 45), seconds=draw.randrange(86_400))
            if at >= TODAY or stage >= 5:
                break
            chance = draw.random()
            if chance < 0.55:
                stage = min(5, stage + draw.choice((1, 1, 1, 2)))
            elif chance < 0.65:
                stage = 6
            elif chance < 0.7:
                stage = max(0, stage - 1)
            else:
                amount += draw.randrange(-5, 20) * 100
        made += len(steps)
        yield steps


def write_export(folder: Path, rows: int, *, newer: bool = False) -> tuple[Path, Path]:
    """Write Opportunity and OpportunityHistory; a newer one has one row more of each tenth opportunity that is open."""
    name = "newer" if newer else "first"
    paths = folder / f"{name}-opportunity.csv", folder / f"{name}-history.csv"
    draw = random.Random(7)  # noqa: S311 - made data
    with paths[0].open("w", newline="") as one, paths[1].open("w", newline="") as other:
        deals, history = csv.writer(one), csv.writer(other)
        deals.writerow(OPPORTUNITY)
        history.writerow(HISTORY)
        row = 0
        for number, steps in enumerate(histories(rows, seed=20)):
            if newer and not number % 10 and steps[-1][1] in STAGES[:4]:
                steps.append((TODAY - timedelta(hours=2), "Negotiation", steps[-1][2]))
            id_, customer, owner = f"006{number:012}AAA", draw.randrange(40_000), f"005{draw.randrange(40):012}AAA"
            at, stage, amount = steps[-1]
            deals.writerow(
                [id_, f"Deal {number}", f"001{customer:012}AAA", f"Example {customer} AG", stage, f"{amount}.0",
                 "2026-12-31", _written(steps[0][0]), owner, str(stage in STAGES[5:]).lower(),
                 str(stage == STAGES[5]).lower()]
            )  # fmt: skip
            for at, stage, amount in steps:
                row += 1
                history.writerow(
                    [f"008{row:012}AAA", id_, owner, _written(at), stage, f"{amount}.0", f"{amount / 2}", "2026-12-31",
                     50, "Pipeline", _written(at), "false"]
                )  # fmt: skip
    return paths


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def main() -> None:
    """Measure a first import, the same once more, and a newer one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=ROWS, help="of the history")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        map_ = folder / "map.toml"
        map_.write_text(MAP)
        environment = {**os.environ, "MS_DB": str(folder / "ms.db"), "MS_TODAY": "2026-11-25", "HOME": name}
        run((*PROGRAM, "define-process", str(PROCESS)), environment)
        first, newer = write_export(folder, asked.rows), write_export(folder, asked.rows, newer=True)
        print(f"{'':24} {'seconds':>8} {'of the processor':>17} {'MiB':>6}")
        for title, files in (("first import", first), ("the same again", first), ("a newer export", newer)):
            words = ("import", *map(str, files), "--from", "salesforce", "--map", str(map_))
            took = run((*PROGRAM, *words), environment)
            print(f"{title:24} {took.seconds:8.1f} {took.processor:17.1f} {took.peak:6}", flush=True)


if __name__ == "__main__":
    main()
