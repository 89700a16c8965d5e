"""What stands behind a forecast: who carries it, what comes in, what it was corrected by, and what has changed.

Invariant: an opportunity has its share of the money over all months together, never a month of its own: that would
bring the closing date back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from milestone_cli.domain.day import iso
from milestone_cli.domain.money import Currency, plain
from milestone_cli.estimate.comparison import Change
from milestone_cli.reports.forecast import Carrier, ForecastReport, Grounds, cents
from milestone_cli.reports.table import CellKind, Column, Line, Sentence, Table, Value, joined, named

CARRIERS = (
    Column("key", "Key", CellKind.NAME, whole=True),
    Column("customer", "Customer", CellKind.NAME, 3),
    Column("value", "Potential", CellKind.MONEY, 2),
    Column("milestone", "#", CellKind.COUNT),
    Column("waiting_days", "Waited", CellKind.COUNT, 3),
    Column("money", "Expected", CellKind.ABOUT),
    Column("share", "Of open", CellKind.RATE, digits=1),
)
TERMS = (Column("term", "What", CellKind.WORD), Column("money", "Money", CellKind.ABOUT))
LISTED = 20
"""So many carriers are named to readers; files and JSON hold all."""


def explained(report: ForecastReport, *, explain: bool) -> Iterator[Table]:
    """Yield the tables behind a forecast that were asked for."""
    if report.change is not None:
        yield _change(report, report.change)
    for part in report.parts or (report,):
        if explain and part.grounds is not None:
            yield _carriers(part, part.grounds)


def _carriers(report: ForecastReport, grounds: Grounds) -> Table:
    title = joined((named(report.title), "who carries it, over all months"))
    return carriers_table(title, grounds.carriers, report.currency, tuple(_grounds(report, grounds)))


def carriers_table(title: Line, carriers: Sequence[Carrier], currency: Currency, notes: tuple[Line, ...]) -> Table:
    """Return the largest carriers with their share of what all of them bring."""
    total = sum(one.money for one in carriers) or 1.0
    return Table(
        title=title,
        columns=CARRIERS,
        rows=tuple(
            (
                one.key, one.customer, one.value, one.milestone, one.waiting_days, cents(one.money),
                one.money / total,
            )
            for one in carriers[:LISTED]
        ),
        currency=currency,
        notes=notes,
        total_rows=len(carriers),
    )  # fmt: skip


def _grounds(report: ForecastReport, grounds: Grounds) -> Iterator[Line]:
    coming = float(grounds.inflow_count[1:].mean()) if len(grounds.inflow_count) > 1 else 0.0
    yield Sentence(
        "Assumed to come in: {} new opportunities a month of {} each, from {} months of history.",
        (
            Value(coming, CellKind.NUMBER, digits=1),
            Value(cents(grounds.inflow_value), CellKind.ABOUT, report.currency),
            Value(grounds.inflow_months, CellKind.COUNT),
        ),
    )
    weights = [Value(weight, CellKind.RATE) for weight in grounds.weight_of_data]
    yield Sentence("Data against plan, by section: {}.", (joined(weights, ", "),))
    yield Sentence(
        "Learnt from {} past forecasts: the mean is changed by {}, the band is wider by {}, {} of it is the run rate.",
        (
            Value(grounds.hindcasts, CellKind.COUNT),
            Value(grounds.bias, CellKind.RATE, digits=1),
            Value(grounds.spread, CellKind.RATE),
            Value(grounds.blend, CellKind.RATE),
        ),
    )
    if grounds.static:
        yield "The rates of the whole history have done better than those of late: these count."


def explained_json(report: ForecastReport) -> dict[str, object] | None:
    """Return what stands behind a forecast as plain values."""
    grounds = report.grounds
    if grounds is None:
        return None
    return {
        "carriers": [carrier_json(one, report.currency) for one in grounds.carriers],
        "inflow_per_month": [round(float(count), 4) for count in grounds.inflow_count],
        "inflow_value": _plain(grounds.inflow_value, report.currency),
        "inflow_months": grounds.inflow_months,
        "weight_of_data": list(grounds.weight_of_data),
        "calibration": {
            "hindcasts": grounds.hindcasts,
            "spread": grounds.spread,
            "bias": grounds.bias,
            "run_rate": grounds.blend,
            "static": grounds.static,
        },
    }


def carrier_json(one: Carrier, currency: Currency) -> dict[str, object]:
    """Return one carrier as plain values."""
    return {
        "opportunity": one.key,
        "value": None if one.value is None else plain(one.value, currency),
        "milestone": one.milestone,
        "waiting_days": one.waiting_days,
        "expected": _plain(one.money, currency),
    }


def _terms(change: Change) -> tuple[tuple[str, Line, float], ...]:
    return (
        ("then", Sentence("expected on {}", (named(iso(change.since)),)), change.then),
        ("arrived", "won since, against what was expected of these", change.arrived),
        ("moved", "reached a later milestone", change.moved),
        ("waited", "did not move", change.waited),
        ("lost", "lost or dead", change.lost),
        ("revalued", "another potential", change.revalued),
        ("new", "new business", change.new),
        ("rates", "other rates and inflow", change.rates),
        ("now", "arrived since and still expected", change.now),
    )


def _change(report: ForecastReport, change: Change) -> Table:
    days = (named(iso(change.since)), named(iso(change.until)))
    return Table(
        title=joined((named(report.title), Sentence("from {} until {}: what has changed since", days))),
        columns=TERMS,
        rows=tuple((words, cents(money)) for _, words, money in _terms(change)),
        currency=report.currency,
    )


def change_json(change: Change, currency: Currency) -> dict[str, object]:
    """Return the terms as plain values."""
    found: dict[str, object] = {"since": iso(change.since), "until": iso(change.until)}
    return found | {name: _plain(money, currency) for name, _, money in _terms(change)}


def _plain(amount: float, currency: Currency) -> str:
    return plain(cents(amount), currency)
