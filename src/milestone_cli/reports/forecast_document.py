"""The forecast as tables for readers and as the JSON of the contract.

Invariant: readers see estimates in whole units of the currency, programs the same to the cent; no single opportunity
is given a month.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from milestone_cli.domain.day import Day, Month, iso, month_label
from milestone_cli.domain.money import Currency, plain
from milestone_cli.reports.forecast import Figure, ForecastReport, Stream, cents, told
from milestone_cli.reports.forecast_explained import change_json, explained, explained_json
from milestone_cli.reports.forecast_fans import with_fans
from milestone_cli.reports.forecast_words import months_words, notes
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Part,
    Sentence,
    Table,
    Value,
    counted,
    joined,
    month_word,
    named,
    whose,
)

COLUMNS = (
    Column("span", "Month", CellKind.WORD),
    Column("p10", "P10", CellKind.ABOUT, 2, group="band"),
    Column("p50", "P50", CellKind.ABOUT),
    Column("p90", "P90", CellKind.ABOUT, 2, group="band"),
    Column("mean", "Mean", CellKind.ABOUT, 5),
    Column("from_open", "From open", CellKind.ABOUT, 6),
    Column("from_new", "From new", CellKind.ABOUT, 6),
    Column("count_mean", "Count", CellKind.NUMBER, 7, digits=1),
    Column("target", "Target", CellKind.ABOUT),
    Column("chance", "Chance", CellKind.RATE, 3),
    Column("lamp", "Lamp", CellKind.LAMP),
)
REPS = (Column("rep", "Rep", CellKind.NAME), *COLUMNS[1:])
ASKED = (
    Column("span", "Month", CellKind.WORD),
    Column("p50", "P50", CellKind.ABOUT),
    Column("what_if_p50", "What if", CellKind.ABOUT),
    Column("mean", "Mean", CellKind.ABOUT, 2),
    Column("what_if_mean", "What if", CellKind.ABOUT, 2),
    Column("difference", "More", CellKind.ABOUT),
    Column("chance", "Chance", CellKind.RATE, 3),
    Column("what_if_chance", "What if", CellKind.RATE, 3),
)


BLOCK = 7
"""The grid shows so many months a table: as many lamps as fit beside each other on a narrow screen."""


def forecast_document(
    reports: Sequence[ForecastReport],
    as_of: Day,
    rep: str | None,
    *,
    by_quarter: bool = False,
    grid: bool = False,
    explain: bool = False,
) -> Document:
    """Return everything `ms forecast` says."""
    tables: list[Table] = []
    for report in reports:
        tables += _grid(report) if grid else [_table(report, by_quarter=by_quarter)]
        tables += _more(report, by_quarter=by_quarter, explain=explain)
    json: dict[str, object] = {
        "as_of": iso(as_of),
        "rep": rep,
        "processes": [_json(report, explain=explain) for report in reports],
    }
    return Document(tables=tuple(tables), json=json)


def _more(report: ForecastReport, *, by_quarter: bool, explain: bool) -> Iterator[Table]:
    if report.reps is not None:
        yield _reps(report)
    if report.asked is not None:
        yield _asked(report, report.asked, by_quarter=by_quarter)
    yield from explained(report, explain=explain)


def _head(report: ForecastReport) -> tuple[Part, ...]:
    """Return the process and whose forecast it is, with which every title begins."""
    return named(report.title), whose(report.rep)


def _title(report: ForecastReport) -> Line:
    if report.parts:
        return joined((*_head(report), "forecast of the orders"))
    milestone = (counted(report.shown.number), named(report.shown.milestone.name))
    return joined((*_head(report), Sentence("forecast of milestone {} ({})", milestone)))


def _spans(report: ForecastReport, stream: Stream, *, by_quarter: bool) -> Iterator[tuple[Line, Figure]]:
    """Yield the running month, every month or quarter, and the sum of all but the running one."""
    yield Sentence("{} running", (Value(report.running, CellKind.MONTH),)), stream.running
    if by_quarter:
        yield from ((_label(label), stream.span(places)) for label, places in report.quarters)
    else:
        yield from zip(map(month_word, report.months), stream.months, strict=True)
    if len(report.months) > 1:
        yield _span_words(report), stream.total


def _label(label: str) -> Line:
    return joined((named(label),))


def _span_words(report: ForecastReport) -> Line:
    return months_words(len(report.months))


def _table(report: ForecastReport, *, by_quarter: bool) -> Table:
    spans = list(_spans(report, report.shown.stream, by_quarter=by_quarter))
    drawn = [figure for _, figure in spans]
    if len(report.months) > 1:
        drawn.pop()  # the sum of the months would squeeze every one of them
    table = Table(
        title=_title(report),
        columns=COLUMNS,
        rows=tuple((span, *cells_of(figure)) for span, figure in spans),
        currency=report.currency,
        notes=tuple(notes(report)),
    )
    return with_fans(table, drawn, report.currency)


def cells_of(figure: Figure) -> tuple[Cell, ...]:
    """Return the figures of one span, under `COLUMNS` without the first."""
    return (
        told(figure.p10),
        told(figure.p50),
        told(figure.p90),
        cents(figure.mean),
        cents(figure.from_open),
        cents(figure.from_new),
        figure.count_mean,
        None if figure.target is None else cents(figure.target),
        figure.chance,
        figure.lamp,
    )


def _grid(report: ForecastReport) -> list[Table]:
    """Return the milestones by months: the lamps to expect, then the money in the middle (P50), some months a table."""
    figures = {one.number: (one.stream.running, *one.stream.months) for one in report.milestones}
    blocks = range(0, len(report.months) + 1, BLOCK)
    lit, middle = joined((*_head(report), "lamps to expect")), joined((*_head(report), "P50"))
    lamps = [_block(report, lit, start, CellKind.LAMP, lambda number, i: figures[number][i].lamp) for start in blocks]
    money = [
        _block(report, middle, start, CellKind.ABOUT, lambda number, i: told(figures[number][i].p50))
        for start in blocks
    ]
    return [*lamps, *money[:-1], replace(money[-1], notes=tuple(notes(report)))]


def _block(report: ForecastReport, title: Line, start: int, kind: CellKind, cell: Callable[[int, int], Cell]) -> Table:
    """Return the milestones by some of the months; `cell` takes a milestone's number and a month's place."""
    months = [report.running, *report.months][start : start + BLOCK]
    head = (Column("number", "#", CellKind.COUNT), Column("milestone", "Milestone", CellKind.TEXT))
    columns = (
        Column(f"m{_key(month)}", month_word(month), kind, place, folds=True)
        for place, month in enumerate(months, start=2)
    )
    return Table(
        title=title,
        columns=(*head, *columns),
        rows=tuple(
            (one.number, one.milestone.name, *(cell(one.number, start + i) for i in range(len(months))))
            for one in report.milestones
        ),
        currency=report.currency,
    )


def _key(month: Month) -> str:
    return month_label(month).replace("-", "_")


def _reps(report: ForecastReport) -> Table:
    reps = report.reps or ()
    totals = [one.stream.total for one in reps]
    table = Table(
        title=joined((named(report.title), Sentence("{} by rep", (_span_words(report),)))),
        columns=REPS,
        rows=tuple((one.rep or Sentence("nobody"), *cells_of(total)) for one, total in zip(reps, totals, strict=True)),
        currency=report.currency,
        notes=("The means add up to the team's; the bands of single reps are wider than their part of the team's.",),
    )
    return with_fans(table, totals, report.currency)


def _asked(report: ForecastReport, asked: Stream, *, by_quarter: bool) -> Table:
    def rows() -> Iterator[tuple[Cell, ...]]:
        today = _spans(report, report.shown.stream, by_quarter=by_quarter)
        for (span, now), (_, then) in zip(today, _spans(report, asked, by_quarter=by_quarter), strict=True):
            mean, asked_mean = cents(now.mean), cents(then.mean)
            middle, asked_middle = told(now.p50), told(then.p50)
            yield span, middle, asked_middle, mean, asked_mean, asked_mean - mean, now.chance, then.chance

    return Table(
        title=joined((_title(report), "what if")), columns=ASKED, rows=tuple(rows()), currency=report.currency
    )  # fmt: skip


# JSON ---------------------------------------------------------------------------------------------------------------


def _json(report: ForecastReport, *, explain: bool) -> dict[str, object]:
    """Return the contract's object for one process."""
    found: dict[str, object] = {
        "process": report.process,
        "currency": report.currency.code,
        "milestone": report.shown.number,
        **_stream_json(report, report.shown.stream),
        "milestones": [
            {"number": one.number, "key": one.milestone.key, "name": one.milestone.name}
            | _stream_json(report, one.stream)
            for one in report.milestones
        ],
    }
    if report.reps is not None:
        found["reps"] = [{"rep": one.rep, **_stream_json(report, one.stream)} for one in report.reps]
    if report.asked is not None:
        found["what_if"] = _stream_json(report, report.asked)
    if report.change is not None:
        found["change"] = change_json(report.change, report.currency)
    if report.parts:
        found["parts"] = [part.process for part in report.parts]
    if explain:
        parts = {part.process: explained_json(part) for part in report.parts}
        found["explain"] = parts or explained_json(report)
    return found


def _stream_json(report: ForecastReport, stream: Stream) -> dict[str, object]:
    currency = report.currency
    running = {"month": month_label(report.running), "arrived": plain(stream.arrived, currency)}
    return {
        "running": running | figure_json(stream.running, currency),
        "months": [
            {"month": month_label(month)} | figure_json(figure, currency)
            for month, figure in zip(report.months, stream.months, strict=True)
        ],
        "quarters": [
            {"quarter": label} | figure_json(stream.span(places), currency) for label, places in report.quarters
        ],
        "total": figure_json(stream.total, currency),
    }


def figure_json(figure: Figure, currency: Currency) -> dict[str, object]:
    """Return the fields of one span."""

    def money(amount: float | None) -> str | None:
        return None if amount is None else plain(cents(amount), currency)

    return {
        "target": None if figure.target is None else money(float(figure.target)),
        "mean": money(figure.mean),
        "p05": money(figure.p05),
        "p10": money(figure.p10),
        "p50": money(figure.p50),
        "p90": money(figure.p90),
        "p95": money(figure.p95),
        "from_open": money(figure.from_open),
        "from_new": money(figure.from_new),
        "count_mean": round(figure.count_mean, 4),
        "chance_of_target": figure.chance,
        "lamp": figure.lamp.value,
    }
