"""The page as tables, for a workbook: each section the table of its own command.

Invariant: nothing is said that the command of the section does not say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from milestone_cli.domain.day import Day
from milestone_cli.reports.backtest import backtest_document
from milestone_cli.reports.cascade import cascade_document
from milestone_cli.reports.dead_horses import dead_horses_document
from milestone_cli.reports.forecast_document import forecast_document
from milestone_cli.reports.kpis import MilestoneKpi
from milestone_cli.reports.kpis_document import kpis_document
from milestone_cli.reports.next_document import next_document
from milestone_cli.reports.page import Page, ProcessReport, month_of_kpis, page_json
from milestone_cli.reports.rates import rates_document
from milestone_cli.reports.table import Cell, CellKind, Column, Document, Line, Sentence, Table, counted, joined, whose
from milestone_cli.reports.table import named as typed

_MILESTONE = (
    Column("number", "#", CellKind.COUNT),
    Column("milestone", "Milestone", CellKind.TEXT),
    Column("target", "Target", CellKind.ABOUT),
    Column("reached", "Reached", CellKind.MONEY),
    Column("ratio", "%", CellKind.RATE),
    Column("count", "Count", CellKind.COUNT),
    Column("lamp", "Lamp", CellKind.LAMP),
)
_PAST = (Column("month", "Month", CellKind.MONTH), *_MILESTONE)
_REPS = (Column("rep", "Rep", CellKind.NAME), *_MILESTONE)


def page_document(page: Page) -> Document:
    """Return every section of the page as tables, process by process."""
    rep = None if page.rep is None else page.rep.key
    tables = [table for report in page.processes for table in _tables(report, page.as_of, rep)]
    return Document(tables=tuple(tables), json=page_json(page))


def _tables(report: ProcessReport, as_of: Day, rep: str | None) -> Iterator[Table]:
    def named(name: Line, tables: Iterable[Table]) -> Iterator[Table]:
        for place, table in enumerate(tables, start=1):
            further = (counted(place),) if place > 1 else ()
            yield replace(table, name=joined((typed(report.key), name, *further), " "))

    yield from named(
        Sentence("kpis", context="sheet"), kpis_document([replace(report.kpis, reps=None)], as_of, rep).tables
    )
    yield from named(Sentence("reps", context="sheet"), _reps(report))
    yield from named(Sentence("cascade", context="sheet"), cascade_document([report.cascade], as_of, rep).tables)
    yield from named(Sentence("arrivals", context="sheet"), [_past(report, rep)])
    ahead, *theirs = forecast_document([report.forecast], as_of, rep).tables
    yield from named(Sentence("forecast", context="sheet"), [ahead])
    grid = forecast_document([replace(report.forecast, reps=None)], as_of, rep, grid=True).tables
    yield from named(Sentence("expected", context="sheet"), grid)
    yield from named(Sentence("rates", context="sheet"), rates_document([report.rates], as_of, rep).tables)
    if report.past_forecasts is not None:
        yield from named(
            Sentence("past forecasts", context="sheet"), backtest_document([report.past_forecasts], as_of).tables
        )
    yield from named(Sentence("next", context="sheet"), next_document([report.next], as_of, rep, explain=False).tables)
    yield from named(
        Sentence("dead horses", context="sheet"), dead_horses_document([report.dead_horses], as_of, rep).tables
    )
    yield from named(Sentence("reps ahead", context="sheet"), theirs)
    yield from named(Sentence("rates of reps", context="sheet"), rates_document(report.rep_rates, as_of, rep).tables)


def _cells(row: MilestoneKpi) -> tuple[Cell, ...]:
    return (row.number, row.milestone.name, row.wanted, row.reached, row.ratio, row.count, row.signal.lamp)


def _past(report: ProcessReport, rep: str | None) -> Table:
    rows = [(month_of_kpis(month), *_cells(row)) for month in report.past for row in month.milestones]
    title = joined((typed(report.kpis.title), whose(rep), "arrivals per month"))
    return Table(title=title, columns=_PAST, rows=tuple(rows), currency=report.currency)


def _reps(report: ProcessReport) -> Iterator[Table]:
    if report.kpis.reps:
        rows = [(rep.key, *_cells(row)) for rep, milestones in report.kpis.reps for row in milestones]
        title = joined((typed(report.kpis.title), typed(report.kpis.period.label), "per rep"))
        yield Table(title=title, columns=_REPS, rows=tuple(rows), currency=report.currency)
