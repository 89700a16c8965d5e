"""The cascade: what must arrive at each milestone a month so that the target arrives at the last.

Invariant: amounts are rounded once from the exact chain; a target given on the command line is for looking only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from milestone_cli.domain.basis import Basis, Measured, RateSource
from milestone_cli.domain.cascade import Lever, lead_months, levers, required
from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.money import Currency, half_up, plain
from milestone_cli.domain.process import Definition, Milestone
from milestone_cli.domain.targets import TargetSource
from milestone_cli.reports.kpis_document import rates_words
from milestone_cli.reports.table import Cell, CellKind, Column, Document, Line, Sentence, Table, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What one milestone needs each month."""

    number: int
    milestone: Milestone
    rate_to_next: Fraction | None
    """By value, as the money cascades."""
    count_rate_to_next: Fraction | None
    measured: Measured | None
    """The interval of the rate and its cases; None under planned rates and at the last milestone."""
    required: Fraction | None
    """Minor units a month, unrounded; None without a target."""
    required_p10: Fraction | None
    """In 1 case in 10 less is enough; None under planned rates."""
    required_p90: Fraction | None
    count: float | None
    """Opportunities a month; None where nothing tells what an order is worth."""
    lead_days: Fraction
    """Median days from here to the last milestone."""

    @property
    def amount(self) -> int | None:
        """The requirement in minor units, rounded once, half up."""
        return None if self.required is None else half_up(self.required)


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadeReport:
    """The cascade of one process."""

    process: str
    title: str
    currency: Currency
    target: Fraction | None
    """Minor units a month at the last milestone."""
    source: TargetSource
    rates: RateSource
    milestones: tuple[Requirement, ...]
    levers: tuple[Lever, ...]
    too_uncertain: bool
    """P90 of what the first milestone needs is over twice P10."""


def cascade_report(
    definition: Definition,
    basis: Basis,
    target: Fraction | None,
    source: TargetSource,
    mean_values: Sequence[Fraction | None],
) -> CascadeReport:
    """Return the cascade of `target` (minor units a month) with the rates of `basis`."""
    process = definition.process
    amounts: Sequence[Fraction | None] = required(target, basis.rates) if target else (None,) * len(process.milestones)
    rates: tuple[Fraction | None, ...] = (*basis.rates, None)
    count_rates: tuple[Fraction | None, ...] = (*basis.count_rates, None)
    counts = required_counts(amounts, basis.count_rates, mean_values)
    rows = tuple(
        Requirement(
            number=number,
            milestone=milestone,
            rate_to_next=rates[number - 1],
            count_rate_to_next=count_rates[number - 1],
            measured=basis.section(milestone.key),
            required=amounts[number - 1],
            required_p10=_quantile(target, basis, number - 1, 0),
            required_p90=_quantile(target, basis, number - 1, 1),
            count=counts[number - 1],
            lead_days=basis.lead_days[number - 1],
        )
        for number, milestone in enumerate(process.milestones, start=1)
    )
    return CascadeReport(
        process=process.key,
        title=process.title,
        currency=process.currency,
        target=target or None,
        source=source,
        rates=basis.source,
        milestones=rows,
        levers=levers(target, basis.rates) if target else (),
        too_uncertain=basis.too_uncertain,
    )


def _quantile(target: Fraction | None, basis: Basis, place: int, which: int) -> Fraction | None:
    return target * Fraction(str(basis.needs[place][which])) if target and basis.needs else None


def required_counts(
    amounts: Sequence[Fraction | None], count_rates: Sequence[Fraction], mean_values: Sequence[Fraction | None]
) -> list[float | None]:
    """Return how many opportunities must arrive at each milestone: orders carried backwards with the rates by count.

    Where nothing tells what an order is worth, a milestone's own mean value does.

    Args:
        amounts: required at each milestone 1..k, in minor units.
        count_rates: of the k-1 sections.
        mean_values: minor units per arrival at each milestone.
    """
    last, mean = amounts[-1], mean_values[-1]
    if last is None:
        return [None] * len(amounts)
    if not mean:
        return [
            float(amount / own) if amount is not None and own else None
            for amount, own in zip(amounts, mean_values, strict=True)
        ]
    return [float(count) for count in required(last / mean, count_rates)]


COLUMNS = (
    Column("number", "#", CellKind.COUNT, 1),
    Column("milestone", "Milestone", CellKind.TEXT, 1),
    Column("required", "Required a month", CellKind.ABOUT, 1),
    Column("required_p10", "P10", CellKind.ABOUT, 3, group="required"),
    Column("required_p90", "P90", CellKind.ABOUT, 3, group="required"),
    Column("count", "Count", CellKind.NUMBER, 2, digits=1),
    Column("rate_to_next", "Rate", CellKind.RATE, 4, group="rate"),
    Column("rate_low", "Low", CellKind.RATE, 4, group="rate"),
    Column("rate_high", "High", CellKind.RATE, 4, group="rate"),
    Column("cases", "Cases", CellKind.COUNT, 4, group="rate"),
    Column("lead_days", "Days to the end", CellKind.NUMBER, 4),
)


def cascade_document(reports: Sequence[CascadeReport], as_of: Day, rep: str | None) -> Document:
    """Return everything `ms cascade` says."""
    json: dict[str, object] = {
        "as_of": iso(as_of),
        "rep": rep,
        "processes": [cascade_json(report) for report in reports],
    }
    return Document(tables=tuple(_table(report, rep) for report in reports), json=json)


def _table(report: CascadeReport, rep: str | None) -> Table:
    return Table(
        title=f"{report.title} · {rep or 'team'} · required each month",
        columns=COLUMNS,
        rows=tuple(_cells(row) for row in report.milestones),
        currency=report.currency,
        notes=tuple(_notes(report)),
    )


def _cells(row: Requirement) -> tuple[Cell, ...]:
    rate = None if row.rate_to_next is None else float(row.rate_to_next)
    low, high, cases = (
        (None, None, None) if row.measured is None else (row.measured.low, row.measured.high, row.measured.cases)
    )
    p10, p90 = (None if amount is None else half_up(amount) for amount in (row.required_p10, row.required_p90))
    days = float(row.lead_days)
    return (row.number, row.milestone.name, row.amount, p10, p90, row.count, rate, low, high, cases, days)


def _notes(report: CascadeReport) -> list[Line]:
    source = rates_words([row.measured.cases for row in report.milestones if row.measured is not None])
    if report.target is None:
        return ["No target: set one with `ms set-target`, or try one with --target.", source]
    notes: list[Line] = [source]
    if report.too_uncertain:
        notes.append(
            "Too uncertain to steer by: P90 at the first milestone is over twice P10. More cases make it narrower;"
            " until then steer by the plan (--rates planned)."
        )
    return [*notes, *lever_lines(report)]


def lever_lines(report: CascadeReport) -> list[Line]:
    """Return what a better rate would save, one line a section."""
    return [_lever(lever, report.currency) for lever in report.levers if half_up(lever.saves) > 0]


def _lever(lever: Lever, currency: Currency) -> Sentence:
    return Sentence(
        "{} -> {} from {} to {} saves {} at M1",
        (
            Value(lever.section, CellKind.COUNT),
            Value(lever.section + 1, CellKind.COUNT),
            Value(float(lever.rate), CellKind.RATE),
            Value(float(lever.better), CellKind.RATE),
            Value(_whole(lever.saves, currency), CellKind.MONEY, currency),
        ),
    )


def _whole(amount: Fraction, currency: Currency) -> int:
    """Round to whole units of the currency: a lever is a hint, not an account."""
    unit: int = 10**currency.digits
    return half_up(amount / unit) * unit


def cascade_json(report: CascadeReport) -> dict[str, object]:
    """Return the contract's object for one process."""

    def money(amount: Fraction | None) -> str | None:
        return None if amount is None else plain(half_up(amount), report.currency)

    return {
        "process": report.process,
        "currency": report.currency.code,
        "target": money(report.target),
        "target_source": report.source.value,
        "rates": report.rates.value,
        "too_uncertain": report.too_uncertain,
        "milestones": [
            {
                "number": row.number,
                "key": row.milestone.key,
                "name": row.milestone.name,
                "rate_to_next": None if row.rate_to_next is None else float(row.rate_to_next),
                "rate_low": None if row.measured is None else row.measured.low,
                "rate_high": None if row.measured is None else row.measured.high,
                "count_rate_to_next": None if row.count_rate_to_next is None else float(row.count_rate_to_next),
                "cases": None if row.measured is None else row.measured.cases,
                "required": money(row.required),
                "required_p10": money(row.required_p10),
                "required_p90": money(row.required_p90),
                "count": row.count,
                "lead_days": float(row.lead_days),
                "lead_months": lead_months(row.lead_days),
                "by": None,
            }
            for row in report.milestones
        ],
        "levers": [
            {
                "from": lever.section,
                "to": lever.section + 1,
                "rate": float(lever.rate),
                "better": float(lever.better),
                "saves": money(lever.saves),
            }
            for lever in report.levers
        ],
    }
