"""How good past forecasts were: their scores beside those of simpler methods, and every one beside what came.

Invariant: what was said and what came are the same in every table, the plot and the JSON.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.money import Currency, plain
from milestone_cli.domain.process import Process
from milestone_cli.estimate.backtest import Backtest
from milestone_cli.estimate.points import Method, Point, scores
from milestone_cli.reports.backtest_words import conclusion, none_yet, remarks, single_remarks
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Fan,
    Line,
    Part,
    Plural,
    Sentence,
    Table,
    Value,
    counted,
    joined,
    named,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestReport:
    """The past forecasts of one process for the team."""

    process: Process
    tried: Backtest
    """Money in minor units."""
    origins: int
    """From so many days a forecast could be tried; on some of them hardly anything was known."""
    began: Day | None
    """The first day of which anything is known."""
    last_move: Day | None
    """The newest day on which a customer reached a milestone."""


SCORES = (
    Column("method", "Method", CellKind.WORD),
    Column("crps", "CRPS", CellKind.ABOUT),
    Column("ratio", "To run rate", CellKind.NUMBER, digits=2),
    Column("mae", "Mean error", CellKind.ABOUT, 2),
    Column("bias", "Bias", CellKind.NUMBER, 2, digits=2),
    Column("coverage_p10_p90", "In P10-P90", CellKind.RATE),
    Column("coverage_p05_p95", "In P05-P95", CellKind.RATE, 3),
)
HORIZONS = (
    Column("month", "Month ahead", CellKind.COUNT),
    Column("crps", "CRPS", CellKind.ABOUT),
    Column("ratio", "To run rate", CellKind.NUMBER, digits=2),
    Column("mae", "Mean error", CellKind.ABOUT, 2),
    Column("coverage_p10_p90", "In P10-P90", CellKind.RATE),
    Column("coverage_p05_p95", "In P05-P95", CellKind.RATE, 3),
)
POINTS = (
    Column("origin", "Known by", CellKind.DAY),
    Column("p10", "P10", CellKind.ABOUT),
    Column("p50", "P50", CellKind.ABOUT),
    Column("p90", "P90", CellKind.ABOUT),
    Column("actual", "Came", CellKind.MONEY),
    Column("inside", "Inside", CellKind.BOOL),
    Column("run_rate", "Run rate", CellKind.ABOUT, 2),
)
PLOT = (Column("origin", "Known by", CellKind.DAY), Column("fan", "Said and came", CellKind.FAN))
METHODS: tuple[tuple[Method, str], ...] = (
    ("said", "ms"), ("run_rate", "run rate of 12 months"), ("pipeline", "stage-weighted pipeline"),
)  # fmt: skip


def backtest_document(reports: Sequence[BacktestReport], as_of: Day, *, drawn: bool = False) -> Document:
    """Return everything `ms backtest` says; `drawn` with the plot, for a terminal."""
    json: dict[str, object] = {"as_of": iso(as_of), "rep": None, "processes": [_json(report) for report in reports]}
    return Document(
        before=tuple(_first(report, several=len(reports) > 1) for report in reports),
        tables=tuple(table for report in reports if report.tried.points for table in _tables(report, drawn=drawn)),
        json=json,
    )


def _first(report: BacktestReport, *, several: bool) -> Line:
    """Return the one sentence that matters; it names the process where there are several."""
    tried = report.tried
    line = conclusion(tried) if tried.points else none_yet(report.began, tried.months, report.origins)
    if not several:
        return line
    return joined((named(report.process.title), line), ": ")


def _tables(report: BacktestReport, *, drawn: bool) -> list[Table]:
    tried = report.tried
    notes = remarks(tried, report.last_move)
    found = [_table(report, _title(report, _past(tried.months)), SCORES, _scores(report), notes)]
    if drawn:
        found.append(
            _table(report, _title(report, "what was said and what came"), PLOT, _fans(report), (_legend(report),))
        )
    if tried.months > 1:
        title = _title(report, "single months")
        found.append(_table(report, title, HORIZONS, _horizons(report), single_remarks(tried)))
    return [*found, points_table(report)]


def _title(report: BacktestReport, about: Part) -> Line:
    return joined((named(report.process.title), "team", about))


def _past(months: int) -> Line:
    return Plural("past forecasts of one month", "past forecasts of {} months", months, (counted(months),))


def points_table(report: BacktestReport) -> Table:
    """Return every past forecast beside what came."""
    return _table(report, _title(report, "every forecast"), POINTS, _points(report))


def _table(
    report: BacktestReport,
    title: Line,
    columns: tuple[Column, ...],
    rows: tuple[tuple[Cell, ...], ...],
    notes: tuple[Line, ...] = (),
) -> Table:
    return Table(title=title, columns=columns, rows=rows, currency=report.process.currency, notes=notes)


def _scores(report: BacktestReport) -> tuple[tuple[Cell, ...], ...]:
    tried = report.tried
    naive, rows = tried.crps_naive, []
    for method, name in METHODS:
        found = tried.scores(method)
        error = (round(found.mae), _number(found.bias))
        rows.append(
            (
                name, round(found.crps), _ratio(found.crps, naive), *error,
                found.coverage_p10_p90, found.coverage_p05_p95,
            )
        )  # fmt: skip
    return tuple(rows)


def _horizons(report: BacktestReport) -> tuple[tuple[Cell, ...], ...]:
    rows: list[tuple[Cell, ...]] = []
    for month, points in enumerate(report.tried.single, start=1):
        own, naive = scores(points, "said"), scores(points, "run_rate")
        error = (round(own.crps), _ratio(own.crps, naive.crps), round(own.mae))
        rows.append((month, *error, own.coverage_p10_p90, own.coverage_p05_p95))
    return tuple(rows)


def _points(report: BacktestReport) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (
            point.origin,
            *(round(amount) for amount in (point.said.p10, point.said.p50, point.said.p90)),
            round(point.actual),
            point.inside,
            round(point.run_rate.mean),
        )
        for point in report.tried.points
    )


def _fans(report: BacktestReport) -> tuple[tuple[Cell, ...], ...]:
    top = _top(report)
    return tuple((point.origin, _fan(point, top)) for point in report.tried.points)


def _fan(point: Point, top: int) -> Fan:
    p05, p10, p50, p90, p95 = (round(getattr(point.said, name)) for name in ("p05", "p10", "p50", "p90", "p95"))
    return Fan(p10=p10, p50=p50, p90=p90, end=top, outer=(p05, p95), came=round(point.actual))


def _top(report: BacktestReport) -> int:
    """Return where the scale of the plot ends: at what came or P90; a P95 far beyond is cut there."""
    return max(1, *(round(max(point.said.p90, point.actual)) for point in report.tried.points))


def _legend(report: BacktestReport) -> Sentence:
    return Sentence(
        "━ from P10 to P90, ─ from P05 to P95, ╋ P50, ● what came, ○ where it lay outside P10 to P90; from 0 to {}.",
        (Value(_top(report), CellKind.ABOUT, report.process.currency),),
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _ratio(own: float, other: float) -> float | None:
    return own / other if other > 0 else None


def _json(report: BacktestReport) -> dict[str, object]:
    tried, unit = report.tried, report.process.currency
    own, naive = tried.scores(), tried.scores("run_rate")
    return {
        "process": report.process.key,
        "currency": unit.code,
        "origins": len(tried.points),
        "months": tried.months,
        "crps": _money(own.crps, unit),
        "crps_naive": _money(naive.crps, unit),
        "crps_pipeline": _money(tried.crps_pipeline, unit),
        "coverage_p10_p90": _number(own.coverage_p10_p90),
        "coverage_p05_p95": _number(own.coverage_p05_p95),
        "mae": _money(own.mae, unit),
        "mae_naive": _money(naive.mae, unit),
        "bias": _number(own.bias),
        "points": [_point_json(point, unit) for point in tried.points],
        "horizons": [_horizon_json(month, points, unit) for month, points in enumerate(tried.single, start=1)],
    }


def _point_json(point: Point, unit: Currency) -> dict[str, object]:
    said = {name: _money(getattr(point.said, name), unit) for name in ("p05", "p10", "p50", "p90", "p95")}
    return {"origin": iso(point.origin), "actual": _money(point.actual, unit), **said, "inside": point.inside}


def _horizon_json(month: int, points: Sequence[Point], unit: Currency) -> dict[str, object]:
    own = scores(points, "said")
    return {
        "month": month,
        "crps": _money(own.crps, unit),
        "crps_naive": _money(scores(points, "run_rate").crps, unit),
        "mae": _money(own.mae, unit),
        "coverage_p10_p90": _number(own.coverage_p10_p90),
        "coverage_p05_p95": _number(own.coverage_p05_p95),
    }


def _money(amount: float, unit: Currency) -> str | None:
    return None if math.isnan(amount) else plain(round(amount), unit)
