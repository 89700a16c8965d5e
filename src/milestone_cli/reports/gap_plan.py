"""The plan for one month: what must arrive at which milestone by when, given what is open already.

Invariant: what must arrive at a milestone is all of what is missing, there; the milestones are not added up, for it is
the same money on its way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from milestone_cli.domain.basis import RateSource
from milestone_cli.domain.day import Day, Month, iso, last_of_month, month_label, month_of
from milestone_cli.domain.money import Currency, half_up, plain
from milestone_cli.reports.cascade import CascadeReport, Requirement, cascade_json
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Sentence,
    Table,
    Value,
    counted,
    joined,
    named,
    several,
    whose,
)

if TYPE_CHECKING:
    from milestone_cli.estimate.gap_plan import GapPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class GapMilestone:
    """What one milestone needs for the month."""

    row: Requirement
    """The same milestone in the cascade of every month."""
    required: int | None
    """Minor units in all; None without a target and where it is too late."""
    count: float | None
    """Opportunities in all, by their mean value; None where nothing tells what one is worth."""
    by: Day | None
    """The last day on which arrivals still matter; None where nothing must arrive or it is too late."""
    too_late: bool
    """Of what arrives from now on hardly anything comes through by the end of the month."""
    months: tuple[int, ...]
    """What must arrive in the running month and each one up to the month, in minor units."""
    in_month: float | None
    """Of what comes of it, the share that arrives in the very month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapReport:
    """The plan of one process for one month."""

    cascade: CascadeReport
    """With the month's target."""
    month: Month
    as_of: Day
    arrived: int
    """At the last milestone in the month so far, in minor units."""
    from_open: int
    """What open opportunities, without dead horses, are still expected to bring in the month."""
    gap: int | None
    """What is missing; None without a target."""
    milestones: tuple[GapMilestone, ...]
    cases: tuple[int, ...]
    """Of each section; empty under planned rates and days."""
    asked: bool
    """The plan was asked for; else planned rates hold because nothing has been recorded."""

    @property
    def rates(self) -> RateSource:
        """By which rates and days the plan is made."""
        return RateSource.MEASURED if self.cases else RateSource.PLANNED


def gap_report(
    cascade: CascadeReport,
    plan: GapPlan,
    mean_values: Sequence[Fraction | None],
    *,
    month: Month,
    as_of: Day,
    arrived: int,
    cases: Sequence[int],
    asked: bool,
) -> GapReport:
    """Return the plan for a month.

    Args:
        cascade: with the month's target.
        plan: for what of it has not arrived yet, in minor units.
        mean_values: minor units per arrival at each milestone.
        month: whose target it is.
        as_of: the day it is made.
        arrived: at the last milestone in the month so far, in minor units.
        cases: of each section; empty under planned rates and days.
        asked: the plan was asked for.
    """
    wanted = cascade.target is not None
    rows = tuple(
        _milestone(row, place, plan, mean, month - plan.month, wanted=wanted)
        for place, (row, mean) in enumerate(zip(cascade.milestones, mean_values, strict=True))
    )
    return GapReport(
        cascade=cascade,
        month=month,
        as_of=as_of,
        arrived=arrived,
        from_open=round(plan.from_open),
        gap=round(plan.gap) if wanted else None,
        milestones=rows,
        cases=tuple(cases),
        asked=asked,
    )


def _milestone(
    row: Requirement, place: int, plan: GapPlan, mean: Fraction | None, running: Month, *, wanted: bool
) -> GapMilestone:
    latest = plan.latest[place]
    total = float(plan.required[place].sum())
    needed = wanted and (latest is not None or not plan.gap)
    return GapMilestone(
        row=row,
        required=round(total) if needed else None,
        count=total / float(mean) if needed and mean else None,
        by=None if latest is None or not total else last_of_month(running + latest),
        too_late=latest is None,
        months=tuple(round(amount) for amount in plan.required[place]),
        in_month=float(plan.in_month[place]) if needed and total else None,
    )


COLUMNS = (
    Column("number", "#", CellKind.COUNT, 1),
    Column("milestone", "Milestone", CellKind.TEXT, 1),
    Column("required", "Required in all", CellKind.ABOUT, 1),
    Column("by", "By", CellKind.DAY, 1),
    Column("count", "Count", CellKind.NUMBER, 2, digits=1),
    Column("in_month", "Of it in the month", CellKind.RATE, 3),
    Column("lead_days", "Days to the end", CellKind.NUMBER, 4),
)


def gap_document(reports: Sequence[GapReport], as_of: Day, rep: str | None) -> Document:
    """Return everything `ms cascade --for` says."""
    json: dict[str, object] = {
        "as_of": iso(as_of),
        "rep": rep,
        "processes": [gap_json(report) for report in reports],
    }
    return Document(tables=tuple(table for report in reports for table in gap_tables(report, rep)), json=json)


def gap_tables(report: GapReport, rep: str | None) -> list[Table]:
    """Return what must arrive, and how much of it in each month."""
    head = (named(report.cascade.title), whose(rep))
    wanted = Sentence("required for {}", (named(month_label(report.month)),))
    tables = [
        Table(
            title=joined((*head, wanted)),
            columns=COLUMNS,
            rows=tuple(_cells(one) for one in report.milestones),
            currency=report.cascade.currency,
            notes=tuple(_notes(report)),
        )
    ]
    rows = _months(report)
    if rows:
        columns = [
            Column(f"m{one.row.number}", Sentence("M{}", (counted(one.row.number),)), CellKind.ABOUT, one.row.number)
            for one in report.milestones
        ]
        tables.append(
            Table(
                title=joined((*head, "of it in each month")),
                columns=(Column("month", "Month", CellKind.MONTH, 1), *columns),
                rows=rows,
                currency=report.cascade.currency,
            )
        )
    return tables


def _cells(one: GapMilestone) -> tuple[Cell, ...]:
    row = one.row
    return (row.number, row.milestone.name, one.required, one.by, one.count, one.in_month, float(row.lead_days))


def _months(report: GapReport) -> tuple[tuple[Cell, ...], ...]:
    """Return a row for each month in which any whole unit must arrive."""
    unit, last = 10**report.cascade.currency.digits, len(report.milestones[0].months) - 1
    rows = []
    for place in range(last + 1):
        amounts = [one.months[place] or None for one in report.milestones]
        if any(amount and amount >= unit for amount in amounts):
            rows.append((report.month - last + place, *amounts))
    return tuple(rows)


def _notes(report: GapReport) -> list[Line]:
    notes = [_missing(report)]
    if report.gap:
        notes += [_too_late(one, report) for one in report.milestones if one.too_late]
        notes += _spread(report)
    return [*notes, _rates(report)]


def _missing(report: GapReport) -> Line:
    """Return the arithmetic of the gap in a sentence."""
    currency, gap = report.cascade.currency, report.gap
    if gap is None:
        return Sentence(
            "No target for {}: set one with `ms set-target`, or try one with --target. Open business is expected to "
            "bring {}.",
            (Value(report.month, CellKind.MONTH), _money(report.from_open, currency)),
        )
    values = (_money(report.from_open, currency), Value(report.month, CellKind.MONTH))
    coming = Sentence("Open business is expected to bring {} in {}", values)
    if report.arrived:
        there = _money(report.arrived, currency)
        coming = Sentence("Open business is expected to bring {} in {}, {} is there already", (*values, there))
    target = _money(half_up(report.cascade.target or Fraction(0)), currency)
    if gap:
        return Sentence("{}; the target is {}: {} is missing.", (coming, target, _money(gap, currency)))
    return Sentence("{}; the target is {}: nothing is missing.", (coming, target))


def _too_late(one: GapMilestone, report: GapReport) -> Line:
    """Say that it is too late, and for when what arrives there now would come."""
    arrives = month_of(report.as_of + round(one.row.lead_days))
    values = (Value(one.row.number, CellKind.COUNT), Value(one.row.milestone.name, CellKind.TEXT))
    if arrives <= report.month:
        return Sentence("Too late for milestone {} ({}).", values)
    return Sentence(
        "Too late for milestone {} ({}): what arrives there now is typically an order in {}.",
        (*values, Value(arrives, CellKind.MONTH)),
    )


def _spread(report: GapReport) -> list[Line]:
    """Say that the amounts are one and the same money, and how much of it comes in the very month."""
    first = next((one for one in report.milestones if one.in_month is not None), None)
    if first is None or first is report.milestones[-1] or first.in_month is None:
        return []
    values = (
        Value(first.row.number, CellKind.COUNT),
        Value(first.in_month, CellKind.RATE),
        Value(report.month, CellKind.MONTH),
    )
    return [
        "It is the same money on its way: do not add the milestones up.",
        Sentence(
            "Of what milestone {} brings so, {} arrives in {} itself; the rest serves the months around it, as their "
            "plans serve this one.",
            values,
        ),
    ]


def _rates(report: GapReport) -> Line:
    if not report.cases:
        if report.asked:
            return "Rates and days as planned in the process file."
        return "Rates and days as planned in the process file: nothing has been recorded yet."
    return Sentence(
        "Rates and days as measured up to {}, on {} cases a section; dead horses are left out.",
        (Value(report.as_of, CellKind.DAY), several(min(report.cases), max(report.cases))),
    )


def _money(minor: int, currency: Currency) -> Value:
    return Value(minor, CellKind.ABOUT, currency)


def gap_json(report: GapReport) -> dict[str, object]:
    """Return the contract's object for one process: the cascade's, for one month."""

    def money(minor: int | None) -> str | None:
        return None if minor is None else plain(minor, report.cascade.currency)

    every = cascade_json(report.cascade)
    running = report.month - len(report.milestones[0].months) + 1
    rows: list[dict[str, object]] = every["milestones"]  # type: ignore[assignment]  # what cascade_json puts there
    return every | {
        "for": month_label(report.month),
        "rates": report.rates.value,
        "arrived": money(report.arrived),
        "from_open": money(report.from_open),
        "gap": money(report.gap),
        "levers": [],
        "milestones": [
            row
            | {
                "required": money(one.required),
                "required_p10": None,
                "required_p90": None,
                "count": one.count,
                "by": None if one.by is None else iso(one.by),
                "too_late": one.too_late,
                "in_month": one.in_month,
                "months": [
                    {"month": month_label(running + place), "required": money(amount)}
                    for place, amount in enumerate(one.months)
                ],
            }
            for row, one in zip(rows, report.milestones, strict=True)
        ],
    }
