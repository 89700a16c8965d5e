"""Where to act, in words: the milestone in focus, what is missing there, and what that costs.

Invariant: `ms kpis`, `ms next`, today's page, `ms watch` and the report say the same sums of the same gap.
"""

from __future__ import annotations

from collections.abc import Iterator

from milestone_cli.domain.day import month_of
from milestone_cli.domain.gaps import Gap
from milestone_cli.domain.lamps import Lamp, Reason
from milestone_cli.domain.money import Currency, half_up
from milestone_cli.domain.targets import TargetSource
from milestone_cli.reports.kpis import KpisReport, MilestoneKpi
from milestone_cli.reports.reward import rough
from milestone_cli.reports.table import CellKind, Line, Part, Sentence, Value, counted, joined, named

_WHY = {Reason.CHANCE: "which may be chance", Reason.ON_PACE: "on pace so far"}


def act_line(report: KpisReport) -> Line | None:
    """Return where to act in the period and what it costs not to; None where nothing is short."""
    gap = report.gap
    if gap is None:
        return None
    row = report.milestones[gap.number - 1]
    said = joined(tuple(_missing(report, row)), ", ")
    costs = costs_words(report, gap)
    if costs is None:
        return Sentence("{}.", (said,))
    # what is amber may still come by itself
    template = "{}; if it stays missing, {}." if row.signal.lamp is Lamp.AMBER else "{}; {}."
    return Sentence(template, (said, costs))


def _missing(report: KpisReport, row: MilestoneKpi) -> Iterator[Part]:
    verb, missing = verb_words(report, row), _about(row.missing or 0, report.currency)
    yield Sentence("{} milestone {} ({}): {} missing", (verb, counted(row.number), named(row.milestone.name), missing))
    if row.per_week is not None and row.per_week != row.missing:  # in the last week all of it is to go in what is left
        yield Sentence("{} a week", (_about(row.per_week, report.currency),))
    if row.signal.reason in _WHY:
        yield _WHY[row.signal.reason]


def verb_words(report: KpisReport, row: MilestoneKpi) -> str:
    """Return what is to be done about a gap, or that it is too late."""
    if is_over(report):
        return "Short in this period:"
    return "Act at" if row.signal.lamp is Lamp.RED else "Watch"


def costs_words(report: KpisReport, gap: Gap) -> Line | None:
    """Return what a gap costs at the last milestone, and when; None where that is told already or lies behind."""
    first, last = gap.feeds
    costs = rough(half_up(gap.costs), report.currency)
    if gap.share == 1 or not costs or last < month_of(report.as_of):
        return None
    if first == last:
        return Sentence("that costs about {} in {}", (_about(costs, report.currency), Value(last, CellKind.MONTH)))
    months = (Value(first, CellKind.MONTH), Value(last, CellKind.MONTH))
    return Sentence("that costs about {} from {} to {}", (_about(costs, report.currency), *months))


def nothing_short(report: KpisReport) -> str:
    """Return why there is nowhere to act."""
    if report.target_source is TargetSource.NONE:
        return "No target is set"
    if report.period.start > report.as_of:
        return "The period has not begun"
    if all(row.signal.lamp is Lamp.GREY for row in report.milestones):
        return "Nothing was due yet" if is_over(report) else "Nothing is due yet"
    return "Nothing was short" if is_over(report) else "Nothing is short today"


def is_over(report: KpisReport) -> bool:
    """Return whether the period lies behind: nothing can be done about it any more."""
    return report.period.end < report.as_of


def _about(minor: int, currency: Currency) -> Value:
    return Value(minor, CellKind.ABOUT, currency)
