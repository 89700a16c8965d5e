"""The tables of the reps on the page: what each has reached, what each may expect, and by which rates of their own.

Invariant: alphabetical, as the KPIs have them; no sum, no score and no rank.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from milestone_cli.render import page_words as words
from milestone_cli.render.cells import one_line
from milestone_cli.render.charts import Notation
from milestone_cli.render.page_tables import HtmlCell, HtmlTable, in_sheets, lamp_cell
from milestone_cli.reports.forecast import cents
from milestone_cli.reports.forecast_words import to_three_digits
from milestone_cli.reports.kpis import MilestoneKpi
from milestone_cli.reports.page import ProcessReport, RepAhead
from milestone_cli.reports.table import CellKind

if TYPE_CHECKING:
    from milestone_cli.estimate.rates import SectionRate


def reps_table(report: ProcessReport, notation: Notation) -> HtmlTable | None:
    """Return the lamps of every rep in alphabetical order, without a sum; None on the page of one rep."""
    if not report.kpis.reps:
        return None
    rows = [
        (HtmlCell(text=one_line(rep.name or rep.key)), *(_reached(row, notation) for row in milestones))
        for rep, milestones in report.kpis.reps
    ]
    names = (f"{number} {one_line(one.name)}" for number, one in enumerate(report.milestones, start=1))
    head = tuple(HtmlCell(text=text) for text in (notation.say(words.REP_HEAD), *names))
    return in_sheets(HtmlTable(head=head, rows=tuple(rows)))


def _reached(row: MilestoneKpi, notation: Notation) -> HtmlCell:
    """Return a lamp with what arrived of its target."""
    if row.ratio is None:
        return lamp_cell(row.signal.lamp, notation.locale, notation.money(row.reached))
    sums = (notation.percent(row.ratio), notation.money(row.reached), notation.about(row.wanted))
    return lamp_cell(row.signal.lamp, notation.locale, notation.say(words.REP_REACHED, *sums))


def reps_ahead_table(report: ProcessReport, notation: Notation) -> HtmlTable | None:
    """Return every rep's forecast, own rates and dead horses, as the lamps are ordered; None where it was not asked."""
    if not report.reps_ahead:
        return None
    sections = range(1, len(report.rates.sections) + 1)
    head = [
        HtmlCell(text=notation.say(words.REP_HEAD)),
        HtmlCell(text=notation.say(words.AHEAD, len(report.forecast.months)), right=True),
        HtmlCell(text=notation.say(words.REP_TARGET), right=True),
        *(HtmlCell(text=words.SECTION.format(number, number + 1), right=True) for number in sections),
        HtmlCell(text=notation.say(words.DEAD), right=True),
    ]
    rows = [
        (HtmlCell(text=one_line(one.rep.name or one.rep.key)), *_ahead(one, report, notation))
        for one in report.reps_ahead
    ]
    return in_sheets(HtmlTable(head=tuple(head), rows=tuple(rows)))


def _ahead(one: RepAhead, report: ProcessReport, notation: Notation) -> Iterator[HtmlCell]:
    """Yield the cells of one rep behind the name."""
    total = None if one.stream is None else one.stream.total
    p10, p50, p90 = (
        None if total is None or amount is None else to_three_digits(amount, report.currency).cell
        for amount in ((None,) * 3 if total is None else (total.p10, total.p50, total.p90))
    )
    band = "" if p50 is None else notation.say(words.RANGE, *(notation.text(x, CellKind.MONEY) for x in (p10, p90)))
    yield HtmlCell(text=notation.text(p50, CellKind.MONEY), remark=band, right=True)
    target = None if total is None or total.target is None else cents(total.target)
    yield HtmlCell(text=notation.about(target), right=True)
    for place in range(len(report.rates.sections)):
        yield (
            _rate(one.sections[place], notation) if one.sections else HtmlCell(text=notation.percent(None), right=True)
        )
    yield HtmlCell(text=notation.text(one.dead, CellKind.COUNT), right=True)


def _rate(section: SectionRate, notation: Notation) -> HtmlCell:
    """Return a rate with its interval."""
    low, high = notation.percent(section.rate.low), notation.percent(section.rate.high)
    return HtmlCell(text=notation.percent(section.rate.mean), remark=notation.say(words.RANGE, low, high), right=True)
