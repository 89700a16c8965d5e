"""The KPIs as tables for readers and as the JSON of the contract.

Invariant: both say the same figures; a figure that is not built yet is null, never a placeholder.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.money import Currency, half_up, plain
from milestone_cli.domain.targets import TargetSource
from milestone_cli.reports.gap_words import act_line
from milestone_cli.reports.kpis import KpisReport, MilestoneKpi
from milestone_cli.reports.kpis_columns import COLUMNS, with_rows
from milestone_cli.reports.table import (
    CellKind,
    Document,
    Line,
    Sentence,
    Table,
    Value,
    joined,
    named,
    several,
    whose,
)

_SOURCES = {
    TargetSource.OWN: "own target",
    TargetSource.SHARE: "equal share of the team's target",
    TargetSource.SUM: "sum of the reps' targets",
    TargetSource.NONE: "no target",
}


def kpis_document(reports: Sequence[KpisReport], as_of: Day, rep: str | None) -> Document:
    """Return everything `ms kpis` says: one table per process, one more per rep with `--by rep`."""
    tables: list[Table] = []
    for report in reports:
        tables.append(_table(report))
        tables.extend(_rep_tables(report))
    json: dict[str, object] = {"as_of": iso(as_of), "rep": rep, "processes": [kpis_json(report) for report in reports]}
    return Document(tables=tuple(tables), json=json)


def lamps_table(report: KpisReport) -> Table:
    """Return the lamps alone, with where to act, for today's page."""
    wanted = ("number", "milestone", "target", "reached", "ratio", "lamp", "reason")
    return kpis_table(report, wanted)


def kpis_table(report: KpisReport, wanted: Sequence[str]) -> Table:
    """Return the table with these of its columns, by key, in this order."""
    return with_rows(_table(report), report.milestones, report.currency, wanted)


def _table(report: KpisReport) -> Table:
    gone = Sentence("{} gone", (Value(report.period.elapsed(report.as_of), CellKind.RATE),))
    rep = None if report.rep is None else report.rep.key
    table = Table(
        title=joined((named(report.title), named(report.period.label), whose(rep), gone)),
        columns=(),
        rows=(),
        currency=report.currency,
        notes=tuple(_notes(report)),
    )
    return with_rows(table, report.milestones, report.currency, [column.key for column in COLUMNS])


def _rep_tables(report: KpisReport) -> Iterator[Table]:
    wanted = [column.key for column in COLUMNS]
    for rep, rows in report.reps or ():
        title = joined((named(report.title), named(report.period.label), named(rep.key)))
        yield with_rows(
            Table(title=title, columns=(), rows=(), currency=report.currency), rows, report.currency, wanted
        )


def _notes(report: KpisReport) -> list[Line]:
    notes: list[Line] = []
    act = act_line(report)
    if act is not None:
        notes.append(act)
    notes.append(Sentence("Target: {}. {}", (_SOURCES[report.target_source], _rates(report))))
    if report.added and report.rep is not None:
        notes.append(
            Sentence(
                "{} owns no open opportunity there; the share is shown in this view only.", (named(report.rep.key),)
            )
        )
    assumed = max(row.assumed for row in report.milestones)
    if assumed:
        template = "Where no potential is known the typical value is assumed: up to {} of a sum."
        notes.append(Sentence(template, (_money(assumed, report.currency),)))
    if report.mismatch > 0:
        notes.append(
            Sentence("The reps' targets are {} a month above the team's.", (_money(report.mismatch, report.currency),))
        )
    elif report.mismatch < 0:
        notes.append(
            Sentence("The reps' targets are {} a month below the team's.", (_money(-report.mismatch, report.currency),))
        )
    return notes


def _rates(report: KpisReport) -> Line:
    return rates_words([row.measured.cases for row in report.milestones if row.measured is not None])


def rates_words(cases: Sequence[int]) -> Line:
    """Return where the rates come from; `cases` are those of each measured section, none under planned rates."""
    if not cases:
        return "Rates as planned in the process file."
    return Sentence("Rates as measured before this month, on {} cases a section.", (several(min(cases), max(cases)),))


def _money(minor: int, currency: Currency) -> Value:
    return Value(minor, CellKind.MONEY, currency)


def kpis_json(report: KpisReport) -> dict[str, object]:
    """Return the contract's object for one process."""
    period = report.period
    found: dict[str, object] = {
        "process": report.process,
        "version": report.version,
        "currency": report.currency.code,
        "period": {
            "label": period.label,
            "start": iso(period.start),
            "end": iso(period.end),
            "elapsed": round(period.elapsed(report.as_of), 4),
        },
        "target_source": report.target_source.value,
        "rates": report.rates.value,
        "milestones": [_row_json(row, report.currency) for row in report.milestones],
        "focus": report.focus,
        "focus_costs": None if report.gap is None else plain(half_up(report.gap.costs), report.currency),
    }
    if report.reps is not None:
        found["reps"] = [
            {"rep": rep.key, "milestones": [_row_json(row, report.currency) for row in rows]}
            for rep, rows in report.reps
        ]
    return found


def _row_json(row: MilestoneKpi, currency: Currency) -> dict[str, object]:
    def money(minor: int | None) -> str | None:
        return None if minor is None else plain(minor, currency)

    return {
        "number": row.number,
        "key": row.milestone.key,
        "name": row.milestone.name,
        "rate_to_next": None if row.rate_to_next is None else float(row.rate_to_next),
        "rate_low": None if row.measured is None else row.measured.low,
        "rate_high": None if row.measured is None else row.measured.high,
        "count_rate_to_next": None if row.count_rate_to_next is None else float(row.count_rate_to_next),
        "cases": None if row.measured is None else row.measured.cases,
        "target": money(row.wanted),
        "count_target": row.count_target,
        "feeds": row.feeds,
        "reached": money(row.reached),
        "assumed": money(row.assumed),
        "count": row.count,
        "ratio": row.ratio,
        "missing": money(row.missing),
        "per_week": money(row.per_week),
        "lamp": row.signal.lamp.value,
        "reason": row.signal.reason.value,
        "trend": [money(minor) for minor in row.trend],
    }
