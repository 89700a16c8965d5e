"""From the book to the page: every report of a process, read and measured once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from milestone_cli.commands.seeds import SEED

if TYPE_CHECKING:
    from milestone_cli.commands.forecasting import Outlook
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.period import Period
    from milestone_cli.domain.setup import Rep
    from milestone_cli.reports.backtest import BacktestReport
    from milestone_cli.reports.kpis import KpisReport
    from milestone_cli.reports.next_steps import NextReport
    from milestone_cli.reports.page import ProcessReport
    from milestone_cli.store.book import Book

LARGE = 20_000
"""Opportunities that make a book too large to forecast from past days while somebody waits for a page."""
STEPS = 5
"""So many next steps are named."""
MOST_REPS = 30
"""Of so many reps at most the page says what each may expect: every one is a forecast of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a page is about."""

    as_of: Day
    period: Period
    """Of the lamps; the other sections look back and ahead from the day."""
    rep: Rep | None
    months: int
    """So many months ahead."""


def process_report(book: Book, process: str, asked: Asked) -> ProcessReport:
    """Return all that the page says of one process."""
    from milestone_cli.commands import cascade, dead_horses, rates
    from milestone_cli.commands.forecast_parts import Asking, Forecasting
    from milestone_cli.reports.page import ProcessReport

    rep, as_of = asked.rep, asked.as_of
    found = _kpis(book, process, asked)
    by_rep = found.reps is not None and 0 < len(found.reps) <= MOST_REPS
    asking = Asking(
        months=asked.months,
        milestone=None,
        every_milestone=True,
        by_rep=by_rep,
        since=None,
        what_if=None,
        explain=False,
        seed=SEED,
        together=False,
    )
    ahead = Forecasting(book, process, as_of, rep, asking)
    measured, *theirs = rates.reports_of(book, ahead.now.process, ahead.now.journeys, rep=rep, by_rep=by_rep)
    return ProcessReport(
        kpis=found,
        cascade=cascade.report_of(book, process, as_of, rep),
        past=_past(book, process, asked),
        forecast=ahead.report(),
        rates=measured,
        rep_rates=tuple(theirs),
        next=_next(book, process, asked),
        dead_horses=dead_horses.report_of(book, process, as_of, None if rep is None else rep.key),
        past_forecasts=_past_forecasts(book, ahead.now, as_of) if rep is None else None,
    )


def _past_forecasts(book: Book, now: Outlook, as_of: Day) -> BacktestReport | None:
    """Return how good past forecasts were; of a large book only what `ms backtest` has kept, None if it never ran."""
    from milestone_cli.commands.backtest import MONTHS, ORIGINS
    from milestone_cli.commands.replaying import backtest_report

    large = len(now.journeys.recorded) > LARGE
    found = backtest_report(book, now.process.key, as_of, MONTHS, ORIGINS, make=not large)
    return None if large and not found.tried.points else found


def _next(book: Book, process: str, asked: Asked) -> NextReport:
    """Return the first steps of the running month, whatever the period of the lamps."""
    from milestone_cli.commands.grounds import ground
    from milestone_cli.commands.steps import next_report
    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.period import month_period
    from milestone_cli.reports.kpis import kpis

    found = ground(book, process, month_period(month_of(asked.as_of)), asked.as_of, rep=asked.rep)
    return next_report(book, found, kpis(found, asked.rep), STEPS)


def _kpis(book: Book, process: str, asked: Asked) -> KpisReport:
    from milestone_cli.commands.grounds import ground
    from milestone_cli.reports.kpis import kpis

    found = ground(book, process, asked.period, asked.as_of, rep=asked.rep, by_rep=asked.rep is None)
    return kpis(found, asked.rep)


def _past(book: Book, process: str, asked: Asked) -> tuple[KpisReport, ...]:
    """Return the running month, and before it the twelve finished ones, as far as the book (or the rep) goes back."""
    from milestone_cli.commands.grounds import month_kpis
    from milestone_cli.domain.day import month_of
    from milestone_cli.reports.page import PAST_MONTHS

    running = month_of(asked.as_of)
    now = month_kpis(book, process, running, asked.as_of, asked.rep)
    first = running if now.began is None else max(month_of(now.began), running - PAST_MONTHS)
    past = (month_kpis(book, process, month, asked.as_of, asked.rep) for month in range(first, running))
    return (*past, now)
