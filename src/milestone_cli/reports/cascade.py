"""The cascade: what must arrive at each milestone a month so that the target arrives at the last.

Invariant: amounts are rounded once from the exact chain; a target given on the command line is for looking only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from milestone_cli.domain.basis import Basis, RateSource
from milestone_cli.domain.cascade import Lever, lead_months, levers, required
from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.money import Currency, half_up, plain
from milestone_cli.domain.process import Definition, Milestone
from milestone_cli.domain.targets import TargetSource
from milestone_cli.reports.table import Cell, CellKind, Column, Document, Line, Sentence, Table, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What one milestone needs each month."""

    number: int
    milestone: Milestone
    rate_to_next: Fraction | None
    required: Fraction | None
    """Minor units a month, unrounded; None without a target."""
    mean_value: Fraction | None
    """Minor units per arrival; None where nothing tells."""
    lead_days: Fraction
    """Median days from here to the last milestone."""

    @property
    def amount(self) -> int | None:
        """The requirement in minor units, rounded once, half up."""
        return None if self.required is None else half_up(self.required)

    @property
    def count(self) -> float | None:
        """Opportunities a month."""
        return float(self.required / self.mean_value) if self.required is not None and self.mean_value else None


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
    rows = tuple(
        Requirement(
            number=number,
            milestone=milestone,
            rate_to_next=rates[number - 1],
            required=amounts[number - 1],
            mean_value=mean_values[number - 1],
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
    )


COLUMNS = (
    Column("number", "#", CellKind.COUNT, 1),
    Column("milestone", "Milestone", CellKind.TEXT, 1),
    Column("required", "Required a month", CellKind.MONEY, 1),
    Column("count", "Count", CellKind.NUMBER, 2, digits=1),
    Column("rate_to_next", "Rate to next", CellKind.RATE, 2, digits=0),
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
    return (row.number, row.milestone.name, row.amount, row.count, rate, float(row.lead_days))


def _notes(report: CascadeReport) -> list[Line]:
    planned = "Rates as planned in the process file." if report.rates is RateSource.PLANNED else "Rates as measured."
    if report.target is None:
        return ["No target: set one with `ms set-target`, or try one with --target.", planned]
    notes: list[Line] = [planned]
    notes.extend(_lever(lever, report.currency) for lever in report.levers if half_up(lever.saves) > 0)
    return notes


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
        "milestones": [
            {
                "number": row.number,
                "key": row.milestone.key,
                "name": row.milestone.name,
                "rate_to_next": None if row.rate_to_next is None else float(row.rate_to_next),
                "cases": None,
                "required": money(row.required),
                "required_p10": None,
                "required_p90": None,
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
