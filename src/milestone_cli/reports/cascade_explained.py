"""What stands behind a cascade: the chain step by step, where the target comes from, what the levers save.

Invariant: it is told from the same ground and the same report; nothing is computed a second way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import zip_longest

from milestone_cli.domain.basis import RateSource
from milestone_cli.domain.cascade import Lever, lead_months
from milestone_cli.domain.day import first_of_month, month_label
from milestone_cli.domain.money import Currency, half_up, plain
from milestone_cli.reports.cascade import CascadeReport, Requirement
from milestone_cli.reports.cascade_ground import CascadeGround
from milestone_cli.reports.explained import with_explanations
from milestone_cli.reports.mean_value import mean_json, mean_line
from milestone_cli.reports.snapshot import snapshot_json, snapshot_line
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Plural,
    Sentence,
    Table,
    Value,
    joined,
    named,
)
from milestone_cli.reports.target_explained import target_json, target_table

MOST_DIGITS = 4
"""A measured rate has six decimals: all of them are shown, so that the chain can be checked by hand."""


def _chain_columns(digits: int) -> tuple[Column, ...]:
    """Return the columns of the chain, rates with so many digits of their percent."""
    return (
        Column("number", "#", CellKind.COUNT),
        Column("required_at_next", "Next needs", CellKind.MONEY),
        Column("rate_to_next", "/ rate", CellKind.RATE, digits=digits),
        Column("required", "= required", CellKind.MONEY),
        Column("count_at_next", "Next count", CellKind.NUMBER, 3, digits=2, group="count"),
        Column("count_rate_to_next", "/ by count", CellKind.RATE, 3, digits=digits, group="count"),
        Column("count", "= count", CellKind.NUMBER, 3, digits=2, group="count"),
        Column("p10_of_1", "P10 of 1", CellKind.NUMBER, 4, digits=4, group="needs"),
        Column("p90_of_1", "P90 of 1", CellKind.NUMBER, 4, digits=4, group="needs"),
        Column("planned", "Planned", CellKind.RATE, 5, group="made"),
        Column("weight_of_data", "Data", CellKind.RATE, 5, group="made"),
        Column("lead_days", "Days", CellKind.NUMBER, 3, digits=1, group="lead"),
        Column("lead_months", "Months", CellKind.COUNT, 3, group="lead"),
        Column("feeds", "Feeds", CellKind.MONTH, 2),
    )


def _lever_columns(digits: int) -> tuple[Column, ...]:
    """Return the columns of the levers, rates with so many digits of their percent."""
    return (
        Column("from", "From", CellKind.COUNT),
        Column("to", "To", CellKind.COUNT),
        Column("rate", "Rate", CellKind.RATE, digits=digits),
        Column("better", "Better", CellKind.RATE, digits=digits),
        Column("required", "Required at M1", CellKind.MONEY),
        Column("required_then", "With the better rate", CellKind.MONEY),
        Column("saves", "Saved", CellKind.MONEY),
    )


def explained(document: Document, behind: Sequence[tuple[CascadeGround, CascadeReport]]) -> Document:
    """Return the cascade's document with the arithmetic behind every table, and behind every object of its JSON."""
    tables: list[Table] = []
    for table, (ground, report) in zip(document.tables, behind, strict=True):
        tables += [table, *_tables(ground, report)]
    return with_explanations(document, tables, [_json(*one) for one in behind])


def _tables(ground: CascadeGround, report: CascadeReport) -> Iterator[Table]:
    rates = [rate for row in report.milestones for rate in (row.rate_to_next, row.count_rate_to_next)]
    yield Table(
        title=joined((named(report.title), "how the requirements come about")),
        columns=_chain_columns(_digits(rates)),
        rows=tuple(_chain(ground, report)),
        currency=report.currency,
        notes=tuple(_notes(ground, report)),
    )
    yield target_table(report.title, ground.target, report.currency)
    levers = [lever for lever in report.levers if half_up(lever.saves) > 0]
    if levers:
        yield Table(
            title=joined((named(report.title), "what a better rate saves")),
            columns=_lever_columns(_digits([lever.rate for lever in levers])),
            rows=tuple(_lever(report, lever) for lever in levers),
            currency=report.currency,
            notes=("Ten points more, at most 100%: with it milestone 1 needs what it needs now x rate / better.",),
        )


def _digits(rates: Sequence[Fraction | None]) -> int:
    """Return how many digits of their percent rates need to be told whole."""
    known = [100 * rate for rate in rates if rate is not None]
    return next((n for n in range(MOST_DIGITS) if all((one * 10**n).denominator == 1 for one in known)), MOST_DIGITS)


def _chain(ground: CascadeGround, report: CascadeReport) -> Iterator[tuple[Cell, ...]]:
    basis, process = ground.basis, ground.definition.process
    planned = process.planned_rates()
    for place, (row, following) in enumerate(zip_longest(report.milestones, report.milestones[1:])):
        low, high = basis.needs[place] if basis.needs else (None, None)
        carried = _carries_counts(ground) and following is not None
        yield (
            row.number,
            None if following is None else following.amount,
            _share(row.rate_to_next),
            row.amount,
            following.count if carried else None,
            _share(row.count_rate_to_next) if carried else None,
            row.count,
            low,
            high,
            None if following is None else float(planned[place]),
            None if row.measured is None else row.measured.weight_of_data,
            float(row.lead_days),
            lead_months(row.lead_days),
            basis.feeds(row.milestone.key),
        )


def _share(rate: Fraction | None) -> float | None:
    return None if rate is None else float(rate)


def _carries_counts(ground: CascadeGround) -> bool:
    """Return whether the count is that of orders carried backwards: it is where their worth is known."""
    return bool(ground.means[-1].amount)


def _notes(ground: CascadeGround, report: CascadeReport) -> Iterator[Line]:
    yield snapshot_line(ground.basis)
    yield "Required: what the next milestone needs / the rate by value; the chain is exact and rounded when shown."
    if ground.target.rep is not None:
        yield "The rates are the team's for every rep, so that the parts add up."
    no_case = [row.number for row in report.milestones if row.measured is not None and not row.measured.cases]
    if no_case:
        sections = named(", ".join(map(str, no_case)))
        yield Plural(
            "No case yet in section {}: the planned rate.",
            "No case yet in sections {}: the planned rates.",
            len(no_case),
            (sections,),
        )
    yield from _count_notes(ground, report)
    if ground.basis.needs:
        yield (
            "P10 and P90: the target x what 1 at the last milestone needs here; drawn from all rates together, so that"
            " what is uncertain about each adds up."
        )
    if report.rates is RateSource.MEASURED:
        yield "Days: the median way to the last milestone. `ms rates --explain` shows what the rates are made of."
    else:
        yield "Days: the planned ones added up."
    yield Sentence(
        "Feeds: {} and so many months on, days / 30.44 to the nearest. `ms kpis` asks for the target of that month, as"
        " it was set before {}.",
        (Value(ground.basis.month, CellKind.MONTH), Value(first_of_month(ground.basis.month), CellKind.DAY)),
    )


def _count_notes(ground: CascadeGround, report: CascadeReport) -> Iterator[Line]:
    """Yield what an order is worth and how many that makes; where nothing tells, what an arrival is worth elsewhere."""
    numbers, month = range(1, len(ground.means) + 1), ground.basis.month
    known = [(number, mean) for number, mean in zip(numbers, ground.means, strict=True) if mean.amount]
    if _carries_counts(ground):
        yield mean_line(*known[-1], month, report.currency)
        yield "Count: the target / that at the last milestone, carried back with the rates by count."
        return
    yield mean_line(numbers[-1], ground.means[-1], month, report.currency)
    for number, mean in known:
        yield mean_line(number, mean, month, report.currency)
    if known:
        yield "Count: what is required / that."


def _lever(report: CascadeReport, lever: Lever) -> tuple[Cell, ...]:
    first = report.milestones[0].required or Fraction(0)
    return (
        lever.section, lever.section + 1, float(lever.rate), float(lever.better), half_up(first),
        half_up(first - lever.saves), half_up(lever.saves),
    )  # fmt: skip


def _json(ground: CascadeGround, report: CascadeReport) -> dict[str, object]:
    currency = report.currency
    return {
        "snapshot": snapshot_json(ground.basis),
        "target": target_json(ground.target, currency),
        "mean_values": [mean_json(mean, currency) for mean in ground.means],
        "milestones": [
            _milestone_json(ground, row, cells, currency)
            for row, cells in zip(report.milestones, _chain(ground, report), strict=True)
        ],
        "levers": [
            {
                "from": lever.section,
                "to": lever.section + 1,
                "required": _money(report.milestones[0].required, currency),
                "required_then": _money((report.milestones[0].required or Fraction(0)) - lever.saves, currency),
                "saves": _money(lever.saves, currency),
            }
            for lever in report.levers
        ],
    }


def _milestone_json(
    ground: CascadeGround, row: Requirement, cells: tuple[Cell, ...], currency: Currency
) -> dict[str, object]:
    """Return the step of one milestone by the keys of the table's columns."""
    found: dict[str, object] = dict(zip((column.key for column in _chain_columns(0)), cells, strict=True))
    following = found["required_at_next"]
    return found | {
        "required_at_next": plain(following, currency) if isinstance(following, int) else None,
        "required": _money(row.required, currency),
        "feeds": month_label(ground.basis.feeds(row.milestone.key)),
    }


def _money(amount: Fraction | None, currency: Currency) -> str | None:
    return None if amount is None else plain(half_up(amount), currency)
