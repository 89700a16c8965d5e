"""The tables of the page, written for its reader.

Invariant: a cell is plain text with at most a lamp beside it; a lamp has shape and word, never colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from milestone_cli.domain.lamps import Lamp
from milestone_cli.domain.next_steps import Step
from milestone_cli.render import page_words as words
from milestone_cli.render.cells import RIGHT_ALIGNED, one_line, shown, shown_title
from milestone_cli.render.charts import Notation
from milestone_cli.render.charts_now import milestone_label
from milestone_cli.reports.forecast import Figure, cents
from milestone_cli.reports.forecast_words import to_three_digits
from milestone_cli.reports.kpis import MilestoneKpi
from milestone_cli.reports.page import ProcessReport, RepAhead
from milestone_cli.reports.table import Cell, CellKind, Column, Table
from milestone_cli.translation import translated

if TYPE_CHECKING:
    from milestone_cli.estimate.rates import SectionRate

SHORT = 14
"""A text of so many letters is never broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlCell:
    """One cell."""

    text: str
    right: bool = False
    """A figure, which stands at the right."""
    lamp: str = ""
    """The word of the lamp it shows, for its colour."""
    remark: str = ""
    """A second line."""
    code: str = ""
    """What is typed to work on it: a key."""

    @property
    def short(self) -> bool:
        """Whether it stays on one line."""
        return len(self.text) + len(self.remark) <= SHORT


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlTable:
    """One table."""

    head: tuple[HtmlCell, ...]
    rows: tuple[tuple[HtmlCell, ...], ...]
    heading: int = 0
    """The place of the column whose cells name their row."""


def html_table(table: Table, locale: str, heading: int = 0) -> HtmlTable:
    """Return any table."""
    head = [HtmlCell(text=shown_title(one, locale), right=one.kind in RIGHT_ALIGNED) for one in table.columns]
    rows = [
        tuple(_cell(cell, column, table, locale) for cell, column in zip(row, table.columns, strict=True))
        for row in table.rows
    ]
    return HtmlTable(head=tuple(head), rows=tuple(rows), heading=heading)


def _cell(cell: Cell, column: Column, table: Table, locale: str) -> HtmlCell:
    text = shown(cell, column.kind, locale, currency=table.currency, digits=column.digits)
    lamp = Lamp(str(cell)).value if column.kind is CellKind.LAMP and cell is not None else ""
    return HtmlCell(text=text, right=column.kind in RIGHT_ALIGNED, lamp=lamp)


def _lamp(lamp: Lamp, locale: str, remark: str = "") -> HtmlCell:
    return HtmlCell(text=shown(lamp, CellKind.LAMP, locale), lamp=lamp.value, remark=remark)


def expected_table(report: ProcessReport, locale: str) -> HtmlTable:
    """Return the lamps to expect: milestones by months, with the share of the requirement at P50."""
    forecast = report.forecast
    months = [shown(month, CellKind.MONTH, locale) for month in (forecast.running, *forecast.months)]
    rows = [
        (
            HtmlCell(text=f"{one.number} {one_line(one.milestone.name)}"),
            *(_expected(figure, locale) for figure in (one.stream.running, *one.stream.months)),
        )
        for one in forecast.milestones
    ]
    return HtmlTable(
        head=tuple(HtmlCell(text=text) for text in (translated(words.MILESTONE, locale), *months)), rows=tuple(rows)
    )


def _expected(figure: Figure, locale: str) -> HtmlCell:
    share = figure.p50 / float(figure.target) if figure.target and figure.p50 is not None else None
    return _lamp(figure.lamp, locale, "" if share is None else shown(share, CellKind.RATE, locale))


def reps_table(report: ProcessReport, notation: Notation) -> HtmlTable | None:
    """Return the lamps of every rep in alphabetical order, without a sum; None on the page of one rep."""
    if not report.kpis.reps:
        return None
    rows = [
        (HtmlCell(text=one_line(rep.name or rep.key)), *(_reached(row, notation) for row in milestones))
        for rep, milestones in report.kpis.reps
    ]
    names = (f"{number} {one_line(one.name)}" for number, one in enumerate(report.milestones, start=1))
    return HtmlTable(
        head=tuple(HtmlCell(text=text) for text in (notation.say(words.REP_HEAD), *names)), rows=tuple(rows)
    )


def _reached(row: MilestoneKpi, notation: Notation) -> HtmlCell:
    """Return a lamp with what arrived of its target."""
    if row.ratio is None:
        return _lamp(row.signal.lamp, notation.locale, notation.money(row.reached))
    sums = (notation.percent(row.ratio), notation.money(row.reached), notation.about(row.wanted))
    return _lamp(row.signal.lamp, notation.locale, notation.say(words.REP_REACHED, *sums))


def reps_ahead_table(report: ProcessReport, notation: Notation) -> HtmlTable | None:
    """Return every rep's forecast, own rates and dead horses, as the lamps are ordered; None where it was not asked."""
    if not report.reps_ahead:
        return None
    sections = range(1, len(report.rates.sections) + 1)
    head = [
        HtmlCell(text=notation.say(words.REP_HEAD)),
        HtmlCell(text=notation.say(words.AHEAD, len(report.forecast.months)), right=True),
        HtmlCell(text=notation.say(words.REP_TARGET), right=True),
        *(HtmlCell(text=words.SECTION.format(number, number + 1)) for number in sections),
        HtmlCell(text=notation.say(words.DEAD), right=True),
    ]
    rows = [
        (HtmlCell(text=one_line(one.rep.name or one.rep.key)), *_ahead(one, report, notation))
        for one in report.reps_ahead
    ]
    return HtmlTable(head=tuple(head), rows=tuple(rows))


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
        yield _rate(one.sections[place], notation) if one.sections else HtmlCell(text=notation.percent(None))
    yield HtmlCell(text=notation.text(one.dead, CellKind.COUNT), right=True)


def _rate(section: SectionRate, notation: Notation) -> HtmlCell:
    """Return a rate with its interval."""
    low, high = notation.percent(section.rate.low), notation.percent(section.rate.high)
    return HtmlCell(text=notation.percent(section.rate.mean), remark=notation.say(words.RANGE, low, high))


_DEAD = (
    Column("customer", words.CUSTOMER, CellKind.NAME),
    Column("rep", words.REP_HEAD, CellKind.NAME),
    Column("value", words.POTENTIAL, CellKind.MONEY),
    Column("milestone", words.STANDS_AT, CellKind.TEXT),
    Column("waited", words.WAITED, CellKind.COUNT),
    Column("chance", words.CHANCE_LEFT, CellKind.RATE, digits=1),
)


def next_table(report: ProcessReport, notation: Notation) -> HtmlTable | None:
    """Return the next steps: with whom, what to win, how long it has waited and may wait; None if there is none."""
    if not report.next.steps:
        return None
    titles = (words.CUSTOMER_AND_KEY, *([] if report.kpis.rep else [words.REP_HEAD]), words.TO_WIN)
    figures = (words.WAITED_USUAL, words.IN_30_DAYS, words.CHANCE_LEFT, words.DEAD_ON, words.POTENTIAL)
    head = [HtmlCell(text=notation.say(title), right=title in figures) for title in (*titles, *figures)]
    rows = [tuple(_step(report, step, notation)) for step in report.next.steps]
    return HtmlTable(head=tuple(head), rows=tuple(rows))


def _step(report: ProcessReport, step: Step, notation: Notation) -> Iterator[HtmlCell]:
    """Yield the cells of one next step."""
    found, one, seen = report.next, step.candidate, step.outlook
    called, (number, milestone) = found.called[one.number], found.to_win(step)
    yield HtmlCell(text=one_line(called.customer), code=one_line(called.key))
    if report.kpis.rep is None:
        yield HtmlCell(text=notation.text(None if one.rep is None else found.reps.get(one.rep), CellKind.NAME))
    yield HtmlCell(text=milestone_label(number, milestone))
    waited = notation.text(step.waited, CellKind.COUNT)
    if seen is not None:
        waited = notation.say(words.USUAL, waited, notation.number(seen.days_p50), notation.number(seen.days_p90))
    yield HtmlCell(text=waited, right=True)
    for chance in (None, None) if seen is None else (seen.chance_soon, seen.chance_left):
        yield HtmlCell(text=notation.percent(chance), right=True)
    yield HtmlCell(text=notation.text(step.dead_on, CellKind.DAY), right=True)
    yield HtmlCell(text=notation.money(one.value), right=True)


def how_to_win(report: ProcessReport, notation: Notation) -> tuple[str, ...]:
    """Return for every milestone of the next steps what the customer does and how to win it, one line each."""
    found = []
    for number, one in report.next.won_next:
        said = ". ".join(filter(None, (one.customer_action or one.name, "; ".join(one.how))))
        found.append(notation.say(words.HOW_TO_WIN, milestone_label(number, one), one_line(said)))
    return tuple(found)


def dead_table(report: ProcessReport, locale: str) -> HtmlTable | None:
    """Return the largest dead horses; None if there is none."""
    rows = tuple(
        (row.customer, row.rep, row.value, f"{row.milestone} {row.milestone_name}", one.waited, one.chance_left)
        for one in report.largest
        for row in [one.listed]
    )
    return html_table(Table(title="", columns=_DEAD, rows=rows, currency=report.currency), locale) if rows else None
