"""Writes light-history.csv into examples/, the made-up facts of the tutorial: `python docs/make_history.py`.

Invariant: everything is made up and drawn from a fixed seed, so that the file is the same each time.
"""

from __future__ import annotations

import csv
import io
import math
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

FILE = Path(__file__).parent.parent / "examples" / "light-history.csv"
COLUMNS = (
    "opportunity",
    "milestone",
    "date",
    "value",
    "customer",
    "rep",
    "outcome",
    "reason",
    "evidence",
    "text",
    "by",
)
SEED = 2200
BEGIN, END = date(2024, 12, 1), date(2026, 11, 20)
WEEKLY = 2.4
"""New opportunities a week."""
RATES, DAYS = (0.58, 0.42, 0.56), (16, 30, 20)
"""Of each section: the share that moves on, and the median days of those who do."""
MEDIAN_VALUE, SPREAD = 34_000, 0.45
REPS = ("mia", "tom")
FIRST = "Amber Black Blue Brown Coral Copper Golden Green Grey Indigo Ivory Lilac Olive Orange Red Silver Violet White"
SECOND = "Bakery Brewery Carpentry Dairy Forge Foundry Garage Glassworks Joinery Laundry Mill Pottery Press Sawmill"
SAID = (
    ("said", "The light costs us 18 thousand a year"),
    ("wrote", "Come on Tuesday and bring the instrument"),
    ("wrote", "Please send us a binding offer; we decide on the 12th"),
    ("wrote", "We order as offered"),
)
"""What a customer says or writes at each milestone."""
ROLES = ("owner", "head of production", "head of purchasing", "controller")
REASONS = ("keeps the old light", "no budget this year", "bought elsewhere", "hall will be closed")

Row = dict[str, str]


def history() -> str:
    """Return the file: one fact a line, in the order of the days."""
    draw = random.Random(SEED)  # noqa: S311  # made-up figures, not a secret
    names = [f"{first} {second}" for first in FIRST.split() for second in SECOND.split()]
    draw.shuffle(names)
    rows: list[Row] = []
    day = BEGIN
    while True:
        day += timedelta(days=round(draw.expovariate(WEEKLY / 7)))
        if day > END:
            break
        rows += _life(draw, names.pop(), day)
    rows += [_target(draw, names.pop()) for _ in range(3)]
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted((row for row in rows if row["date"] <= END.isoformat()), key=lambda row: row["date"]))
    return out.getvalue()


def _life(draw: random.Random, name: str, day: date) -> Iterator[Row]:
    """Yield what one customer does until it orders, is lost, or is heard of no more."""
    key = name.lower().replace(" ", "-")
    yield _act(draw, key, 1, day) | {"value": _value(draw), "customer": name, "rep": draw.choice(REPS)}
    for section, (rate, median) in enumerate(zip(RATES, DAYS, strict=True)):
        wait = timedelta(days=max(1, round(median * math.exp(draw.gauss(0, 0.6)))))
        if draw.random() >= rate:
            if draw.random() < 0.92:  # the others become dead horses
                yield {
                    "opportunity": key, "date": (day + 2 * wait).isoformat(), "outcome": "lost",
                    "reason": draw.choice(REASONS),
                }  # fmt: skip
            return
        day += wait
        yield _act(draw, key, section + 2, day)


def _target(draw: random.Random, name: str) -> Row:
    """Return a target customer who has done nothing yet."""
    day = END - timedelta(days=draw.randint(5, 60))
    return {
        "opportunity": name.lower().replace(" ", "-"), "milestone": "0", "date": day.isoformat(),
        "value": _value(draw), "customer": name, "rep": draw.choice(REPS),
    }  # fmt: skip


def _act(draw: random.Random, key: str, milestone: int, day: date) -> Row:
    row = {"opportunity": key, "milestone": str(milestone), "date": day.isoformat()}
    if draw.random() < 0.4:
        evidence, text = SAID[milestone - 1]
        row |= {"evidence": evidence, "text": text, "by": f"{draw.choice(ROLES)} (made up)"}
    return row


def _value(draw: random.Random) -> str:
    return f"{max(5, round(MEDIAN_VALUE * math.exp(SPREAD * draw.gauss(0, 1)) / 1000))}000.00"


if __name__ == "__main__":
    FILE.write_text(history(), encoding="utf-8")
