"""A made-up team's three years: two processes, four reps, some fifteen hundred opportunities, as rows of native facts.

Invariant: everything is made up and drawn from a fixed seed; the same day gives the same rows. Rates, durations and
sizes are those of a believable team: many never answer, a bad quarter, a slow August, losses that nobody records.
"""

from __future__ import annotations

import csv
import io
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import resources

from milestone_cli.domain.day import Day, first_of_month, iso, last_of_month, month_of
from milestone_cli.domain.text import slug
from milestone_cli.exchange.native import COLUMNS
from milestone_cli.exchange.process_file import ProcessFile, read_process

SEED = 20
MONTHS = 36
"""So many whole months lie before the running one."""
BAD_QUARTER = range(10, 13)
"""Months ago in which hardly anybody was called and fewer customers moved."""
AUGUST = 7
REPS = ("anna", "ben", "carla", "deniz")
"""Made up; deniz joined a year ago."""
JOINED_MONTHS_AGO = {"deniz": 12}


@dataclass(frozen=True, slots=True)
class Market:
    """How customers of one process behave."""

    process: str
    monthly: float
    """New opportunities a month."""
    rates: tuple[float, ...]
    days: tuple[float, ...]
    """Median days per section of those who move on."""
    median_value: float
    """In units of the currency."""
    spread: float
    """Standard deviation of the logarithm of the value."""
    round_to: int
    trades: str
    """Words that its customers' names end in."""
    legal_forms: str
    """Words behind the name; none for small businesses."""


MARKETS = (
    Market(
        "b2b",
        27.0,
        (0.54, 0.57, 0.50, 0.56),
        (34.0, 55.0, 62.0, 48.0),
        44_000,
        0.7,
        500,
        "Maschinen Werkzeug Verpackung Logistik Chemie Optik Pumpen Textil Druck Metall Holz Antriebe",
        "GmbH AG KG SE",
    ),
    Market(
        "smb",
        18.0,
        (0.44, 0.64, 0.55),
        (6.0, 16.0, 11.0),
        4_600,
        0.45,
        100,
        "Backwaren Malerei Tischlerei Fahrschule Optiker Apotheke Dachbau Reisen Radladen Praxis Elektro Garten",
        "",
    ),
)

_FIRST = (
    "Ahorn Birken Buchen Eichen Erlen Eschen Fichten Kiefern Linden Pappel Tannen Ulmen Weiden Zedern Ginster Holunder"
)
_SECOND = "bach berg bruck feld furt grund hain hof kamp moor ried see stein tal wald werder"
_SAID = (
    "That costs us too much every week",
    "Come by and show it to those who work with it",
    "We decide in the next meeting of the board",
    "Send us a binding offer by Friday",
    "The budget is approved",
    "A small part first, the rest next year",
)
_ROLES = ("head of production", "managing director", "head of purchasing", "plant engineer", "owner")
_REASONS = ("stays with the old supplier", "no budget this year", "project stopped", "bought elsewhere", "no answer")
TARGET_MONTHS = 3
"""So many months ago the target customers were noted that have not answered yet."""

Row = dict[str, str]
"""One line of the native form, by column."""


def demo_rows(market: Market, today: Day) -> Iterator[Row]:
    """Yield the facts of one made-up market up to `today`, opportunity by opportunity, each by its days."""
    draw = random.Random(f"{SEED} {market.process}")  # noqa: S311  # made-up figures, not a secret
    names = _names(draw, market)
    running = month_of(today)
    for back in range(MONTHS, -1, -1):
        month = running - back
        for _ in range(_arrivals(draw, market, back, month)):
            day = draw.randint(first_of_month(month), last_of_month(month))
            rows = list(_life(draw, market, next(names), day, back=back, today=today))
            yield from (row for row in rows if row["date"] <= iso(today))
        if back <= TARGET_MONTHS:
            for _ in range(round(market.monthly / 5)):
                day = draw.randint(first_of_month(month), last_of_month(month))
                row = _target(draw, market, next(names), day, today)
                yield from [row] if day <= today else []


def _names(draw: random.Random, market: Market) -> Iterator[tuple[str, str]]:
    """Yield made-up customers with the key of their opportunity; a few come back with a second one."""
    taken: dict[str, int] = {}
    while True:
        town = draw.choice(_FIRST.split()) + draw.choice(_SECOND.split())
        short = f"{town} {draw.choice(market.trades.split())}"
        key = slug(short)
        taken[key] = taken.get(key, 0) + 1
        name = f"{short} {draw.choice(market.legal_forms.split() or [''])}".strip()
        yield name, key if taken[key] == 1 else f"{key}-{taken[key]}"


def _arrivals(draw: random.Random, market: Market, back: int, month: int) -> int:
    """Draw how many opportunities reach milestone 1 in a month: slow growth, a bad quarter, a slow August."""
    mean = market.monthly * (1 + 0.1 * (MONTHS / 2 - back) / 12)
    if back in BAD_QUARTER:
        mean *= 0.45
    if month % 12 == AUGUST:
        mean *= 0.7
    return _poisson(draw, mean * draw.gammavariate(12, 1 / 12))


def _poisson(draw: random.Random, mean: float) -> int:
    limit, count, product = math.exp(-mean), 0, draw.random()
    while product > limit:
        count += 1
        product *= draw.random()
    return count


def _life(
    draw: random.Random, market: Market, name: tuple[str, str], day: Day, *, back: int, today: Day
) -> Iterator[Row]:
    """Yield what one customer does from milestone 1 on, until it orders, is lost, or is heard of no more."""
    customer, key = name
    rep = draw.choice([rep for rep in REPS if JOINED_MONTHS_AGO.get(rep, MONTHS) >= back])
    size = draw.gauss(0, 1)
    value = _rounded(market.median_value * math.exp(market.spread * size), market)
    slowness = math.exp(draw.gauss(0, 0.3))
    yield _row(draw, key, 1, day, today, customer=customer, value=value, rep=rep)
    for section, (rate, median) in enumerate(zip(market.rates, market.days, strict=True)):
        chance = rate - 0.05 * size - (0.12 if month_of(today) - month_of(day) in BAD_QUARTER else 0)
        wait = max(0, round(median * slowness * math.exp(draw.gauss(0, 0.7))))
        if draw.random() >= chance:
            yield from _end(draw, key, day + max(3, round(median * math.exp(draw.gauss(0.1, 0.8)))))
            return
        day += wait + (10 if month_of(day + wait) % 12 == AUGUST else 0)
        ordered = section + 1 == len(market.rates)
        if not ordered and draw.random() < 0.04:  # the next milestone will imply this one
            continue
        revalued = draw.random() < 0.2
        if revalued:
            value = _rounded(value * math.exp(draw.gauss(-0.05, 0.25)), market)
        yield _row(draw, key, section + 2, day, today, value=value if revalued else 0)


def _target(draw: random.Random, market: Market, name: tuple[str, str], day: Day, today: Day) -> Row:
    """Return a target customer who has done nothing yet."""
    customer, key = name
    value = _rounded(market.median_value * math.exp(market.spread * draw.gauss(0, 1)), market)
    row = _row(draw, key, 0, day, today, customer=customer, value=value, rep=draw.choice(REPS))
    return {column: text for column, text in row.items() if column not in ("evidence", "text", "by")}


def _end(draw: random.Random, key: str, day: Day) -> Iterator[Row]:
    """Two in three losses are recorded; the others become dead horses."""
    if draw.random() < 0.66:
        yield {"opportunity": key, "date": iso(day), "outcome": "lost", "reason": draw.choice(_REASONS)}


def _row(
    draw: random.Random,
    key: str,
    milestone: int,
    day: Day,
    today: Day,
    *,
    value: int,
    customer: str = "",
    rep: str = "",
) -> Row:
    row = {"opportunity": key, "milestone": str(milestone), "date": iso(day)}
    if customer:
        row["customer"] = customer
    if value and draw.random() < 0.97:
        row["value"] = f"{value}.00"
    if rep:
        row["rep"] = rep
    if draw.random() < 0.45:
        row |= {"evidence": draw.choice(("said", "wrote")), "text": draw.choice(_SAID), "by": draw.choice(_ROLES)}
    if draw.random() < 0.2:
        row["recorded_at"] = iso(min(today, day + draw.randint(1, 12)))
    return row


def _rounded(value: float, market: Market) -> int:
    return max(market.round_to, round(value / market.round_to) * market.round_to)


def demo_process(market: Market) -> ProcessFile:
    """Return the built-in process of a market, its title saying that what is in it is made up."""
    name = f"{market.process}_example.toml"
    text = resources.files("milestone_cli.exchange").joinpath(name).read_bytes()
    found = read_process(text, name)
    return replace(found, process=replace(found.process, title=f"{found.process.title} (made up)"))


def demo_file(markets: Iterable[Market], today: Day) -> bytes:
    """Return the facts of all markets as a file in the native form."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for market in markets:
        writer.writerows(row | {"process": market.process} for row in demo_rows(market, today))
    return out.getvalue().encode()
