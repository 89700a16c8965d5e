"""The page for the Monday meeting: what the reports of one process say, side by side.

Invariant: the page computes no figure of its own; every one is that of the report it stands in, and its JSON is theirs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from milestone_cli.domain.day import Day, Month, iso, month_label
from milestone_cli.domain.money import Currency, half_up, plain
from milestone_cli.domain.process import Milestone
from milestone_cli.domain.setup import Rep
from milestone_cli.estimate.rates import SectionRate
from milestone_cli.reports.backtest import BacktestReport, backtest_document
from milestone_cli.reports.cascade import CascadeReport, cascade_json
from milestone_cli.reports.dead_horses import DeadHorsesReport, Waiting, waiting_json
from milestone_cli.reports.forecast import ForecastReport, Stream
from milestone_cli.reports.forecast_document import forecast_document
from milestone_cli.reports.kpis import KpisReport, MilestoneKpi
from milestone_cli.reports.kpis_document import kpis_json
from milestone_cli.reports.next_document import next_json
from milestone_cli.reports.next_steps import NextReport
from milestone_cli.reports.rates import RatesReport, rates_document

LARGEST = 4
"""So many dead horses are named; all are counted."""
PAST_MONTHS = 12
"""So many finished months are shown before the running one, or as many as there are."""


@dataclass(frozen=True, slots=True)
class RepAhead:
    """What one rep may expect, and by which rates of their own."""

    rep: Rep
    stream: Stream | None
    """At the last milestone; None where they have nothing open and bring in nothing."""
    sections: tuple[SectionRate, ...]
    """Of the process; empty where they own no opportunity."""
    dead: int
    """Dead horses of theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessReport:
    """All that the page says of one process."""

    kpis: KpisReport
    """Of the period asked for; with the reps' lamps if the page is the team's."""
    cascade: CascadeReport
    past: tuple[KpisReport, ...]
    """Of the finished months since the book (or the rep) began, at most twelve, and the running one, oldest first."""
    forecast: ForecastReport
    """Of every milestone; with each rep's part of the last one wherever there are `rep_rates`."""
    rates: RatesReport
    rep_rates: tuple[RatesReport, ...]
    """Of every rep who owns an opportunity, if the page is the team's and the team not too large."""
    next: NextReport
    """The first steps of the running month."""
    dead_horses: DeadHorsesReport
    past_forecasts: BacktestReport | None
    """The team's; None on the page of a rep."""

    @property
    def key(self) -> str:
        """The key of the process."""
        return self.kpis.process

    @property
    def currency(self) -> Currency:
        """The currency of every sum."""
        return self.kpis.currency

    @property
    def milestones(self) -> tuple[Milestone, ...]:
        """The milestones as of the period."""
        return tuple(row.milestone for row in self.kpis.milestones)

    @property
    def mean_of_past(self) -> int | None:
        """What arrived at the last milestone in a finished month on average, in minor units; None without one.

        The month in which the book began is no whole one, unless it began on its first day.
        """
        whole = (month for month in self.past[:-1] if month.began is not None and month.period.start >= month.began)
        found = [row.reached for month in whole if (row := month_row(month, self.last)) is not None]
        return half_up(Fraction(sum(found), len(found))) if found else None

    @property
    def last(self) -> str:
        """The key of the last milestone of the forecast."""
        return self.forecast.shown.milestone.key

    @property
    def reps_ahead(self) -> tuple[RepAhead, ...]:
        """What every rep of the KPIs may expect, in the same order; empty where it was not asked."""
        if self.forecast.reps is None:
            return ()
        streams = {one.rep: one.stream for one in self.forecast.reps}
        sections = {one.rep: one.sections for one in self.rep_rates}
        dead = Counter(one.listed.rep for one in self.dead_horses.dead)
        return tuple(
            RepAhead(rep, streams.get(rep.key), sections.get(rep.key, ()), dead[rep.key])
            for rep, _ in self.kpis.reps or ()
        )

    @property
    def largest(self) -> tuple[Waiting, ...]:
        """The dead horses that tie up most money."""
        return self.dead_horses.dead[:LARGEST]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page, for the team or one rep."""

    as_of: Day
    rep: Rep | None
    processes: tuple[ProcessReport, ...]


def month_row(report: KpisReport, key: str) -> MilestoneKpi | None:
    """Return the milestone called `key` in a month; None where that month's version did not have it."""
    return next((row for row in report.milestones if row.milestone.key == key), None)


def month_of_kpis(report: KpisReport) -> Month:
    """Return the month a report is about."""
    return report.period.months()[0]


def page_json(page: Page) -> dict[str, object]:
    """Return every figure of the page, each in the form in which its own command gives it."""
    return {
        "as_of": iso(page.as_of),
        "rep": None if page.rep is None else page.rep.key,
        "processes": [_process_json(report, page) for report in page.processes],
    }


def _process_json(report: ProcessReport, page: Page) -> dict[str, object]:
    mean = report.mean_of_past
    rep = None if page.rep is None else page.rep.key
    forecast = forecast_document([report.forecast], page.as_of, rep, grid=True).json["processes"]
    return {
        "process": report.key,
        "title": report.kpis.title,
        "currency": report.currency.code,
        "kpis": kpis_json(report.kpis),
        "cascade": cascade_json(report.cascade),
        "past": [{"month": month_label(month_of_kpis(month))} | kpis_json(month) for month in report.past],
        "mean_of_past": None if mean is None else plain(mean, report.currency),
        "forecast": forecast[0] if isinstance(forecast, list) else None,
        "rates": _rates_json(report, page.as_of, rep),
        "next": next_json(report.next),
        "dead_horses": _dead_json(report),
        "backtest": _backtest_json(report, page.as_of),
    }


def _rates_json(report: ProcessReport, as_of: Day, rep: str | None) -> object:
    processes = rates_document([report.rates, *report.rep_rates], as_of, rep).json["processes"]
    return processes[0] if isinstance(processes, list) else None


def _backtest_json(report: ProcessReport, as_of: Day) -> object:
    if report.past_forecasts is None:
        return None
    processes = backtest_document([report.past_forecasts], as_of).json["processes"]
    return processes[0] if isinstance(processes, list) else None


def _dead_json(report: ProcessReport) -> dict[str, object]:
    dead = report.dead_horses
    return {
        "count": len(dead.dead),
        "value": plain(dead.tied_up, report.currency),
        "soon": len(dead.soon),
        "largest": [waiting_json(one) for one in report.largest],
    } | ({"reps": [{"rep": one.rep.key, "count": one.dead} for one in report.reps_ahead]} if report.reps_ahead else {})
