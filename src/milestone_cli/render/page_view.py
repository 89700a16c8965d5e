"""What the template shows of a process: headline, charts and tables, every value already written for the reader.

Invariant: plain text throughout; the template alone makes markup of it, and escapes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from milestone_cli.domain.basis import RateSource
from milestone_cli.domain.day import month_of
from milestone_cli.domain.lamps import Lamp
from milestone_cli.domain.period import PeriodKind
from milestone_cli.render import page_words as words
from milestone_cli.render.cells import one_line, shown_line
from milestone_cli.render.charts import Chart, Notation
from milestone_cli.render.charts_ahead import fan
from milestone_cli.render.charts_now import funnel, milestone_label, months
from milestone_cli.render.charts_past import past_forecasts
from milestone_cli.render.charts_rates import durations, rates
from milestone_cli.render.page_reps import reps_ahead_table, reps_table
from milestone_cli.render.page_steps import how_to_win, next_table
from milestone_cli.render.page_tables import HtmlTable, dead_table, expected_table, html_table
from milestone_cli.reports.backtest import backtest_document
from milestone_cli.reports.cascade import lever_lines
from milestone_cli.reports.forecast import cents
from milestone_cli.reports.forecast_words import chance_words, to_three_digits
from milestone_cli.reports.forecast_words import notes as forecast_notes
from milestone_cli.reports.gap_words import act_line, is_over, nothing_short
from milestone_cli.reports.kpis_document import kpis_table
from milestone_cli.reports.next_document import NOTHING_TO_MOVE, act
from milestone_cli.reports.page import Page, ProcessReport, month_of_kpis
from milestone_cli.reports.table import CellKind, Line

LEVERS = 2
"""So many levers are shown, the strongest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One figure of the headline."""

    label: str
    figure: str
    remark: str
    lamp: str = ""
    """The lamp's word, for its colour; empty without one."""
    sign: str = ""
    """Its shape and word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A chart with its table written out."""

    chart: Chart
    table: HtmlTable


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessView:
    """All that the template needs of a process."""

    key: str
    title: str
    remark: str
    cards: tuple[Card, ...]
    lamps_title: str
    funnel: Drawn
    lamp_notes: tuple[str, ...]
    levers: tuple[str, ...]
    levers_lead: str
    months: tuple[Drawn, ...]
    fan: Drawn | None
    forecast_notes: tuple[str, ...]
    expected: HtmlTable | None
    rates: Drawn
    rates_are: str
    durations: Drawn
    past: Drawn | None
    past_notes: tuple[str, ...]
    next_lead: str
    next: HtmlTable | None
    """None where there is nothing to move."""
    how_to_win: tuple[str, ...]
    next_hint: str
    dead_lead: str
    dead: HtmlTable | None
    reps_title: str
    reps: HtmlTable | None
    """None on the page of one rep."""
    reps_ahead: HtmlTable | None

    @property
    def charts(self) -> Iterator[Chart]:
        """Every chart of the process."""
        drawn = (self.funnel, *self.months, *filter(None, [self.fan, self.past]), self.rates, self.durations)
        return (one.chart for one in drawn)


def standing(page: Page, locale: str) -> str:
    """Return whose page it is and of which day."""
    notation, rep = Notation(locale, page.processes[0].currency), page.rep
    whose = notation.say(words.TEAM) if rep is None else notation.say(words.REP, one_line(rep.name or rep.key))
    return f"{whose}, {notation.say(words.STANDING, notation.text(page.as_of, CellKind.DAY))}"


def process_view(report: ProcessReport, locale: str) -> ProcessView:
    """Return one process as the template shows it."""
    notation = Notation(locale, report.currency)
    known = _known(report)
    return ProcessView(
        key=report.key,
        title=one_line(report.kpis.title),
        remark=_remark(report, notation),
        cards=tuple(_cards(report, notation)),
        lamps_title=notation.say(words.LAMPS, _period(report, notation)),
        funnel=_drawn(funnel(report, notation), locale, heading=1),
        lamp_notes=_lines(_lamp_notes(report), locale),
        levers=_lines(_strongest(report), locale),
        levers_lead=_levers_lead(report, notation),
        months=tuple(_drawn(chart, locale) for chart in months(report, notation)),
        fan=_drawn(fan(report, notation), locale) if known else None,
        forecast_notes=_lines(list(forecast_notes(report.forecast)), locale),
        expected=expected_table(report, locale) if known else None,
        rates=_drawn(rates(report, notation), locale),
        rates_are=_rates_are(report, notation),
        durations=_drawn(durations(report, notation), locale),
        past=_past(report, notation),
        past_notes=_past_notes(report, locale),
        next_lead=_next_lead(report, notation),
        next=next_table(report, notation),
        how_to_win=how_to_win(report, notation),
        next_hint=notation.say(words.NEXT_HINT) if report.next.steps else shown_line(NOTHING_TO_MOVE, locale),
        dead_lead=_dead_lead(report, notation),
        dead=dead_table(report, locale),
        reps_title=notation.say(words.REPS, _period(report, notation)),
        reps=reps_table(report, notation),
        reps_ahead=reps_ahead_table(report, notation),
    )


def _known(report: ProcessReport) -> bool:
    """Return whether any money can be told for the last milestone."""
    return not report.forecast.shown.stream.untold


def _drawn(chart: Chart, locale: str, heading: int = 0) -> Drawn:
    return Drawn(chart=chart, table=html_table(chart.table, locale, heading))


def _lines(lines: Sequence[Line], locale: str) -> tuple[str, ...]:
    return tuple(shown_line(line, locale) for line in lines)


def _remark(report: ProcessReport, notation: Notation) -> str:
    """Return which period the lamps are about, and whether it is another one than that of the day."""
    period, label = report.kpis.period, _period(report, notation)
    if not _is_running(report):
        return notation.say(words.OTHER_PERIOD, label)
    return notation.say(words.GONE, label, notation.percent(period.elapsed(report.kpis.as_of)))


def _period(report: ProcessReport, notation: Notation) -> str:
    """Return the period of the lamps, as a reader writes it."""
    period = report.kpis.period
    return notation.month(period.months()[0]) if period.kind is PeriodKind.MONTH else period.label


def _is_ahead(report: ProcessReport) -> bool:
    return report.kpis.period.start > report.kpis.as_of


def _is_running(report: ProcessReport) -> bool:
    return report.kpis.period.start <= report.kpis.as_of <= report.kpis.period.end


def _levers_lead(report: ProcessReport, notation: Notation) -> str:
    """Return by which rates a lever is measured: those of the money, frozen for the month, are no success rates."""
    if report.cascade.rates is RateSource.PLANNED:
        return notation.say(words.LEVERS_PLANNED)
    return notation.say(words.LEVERS_MEASURED, notation.month(month_of(report.kpis.as_of)))


def _rates_are(report: ProcessReport, notation: Notation) -> str:
    """Return whose success rates these are, of what and of which day."""
    rep = report.kpis.rep
    if rep is None:
        return notation.say(words.RATES_ARE)
    return notation.say(words.REP_RATES_ARE, one_line(rep.name or rep.key))


def _lamp_notes(report: ProcessReport) -> list[Line]:
    """Return the remarks under the lamps; where to act in the running month is said with the next steps."""
    act_first = act_line(report.kpis) if report.next.kpis.period == report.kpis.period else None
    return [line for line in kpis_table(report.kpis, ()).notes if line != act_first]


def _next_lead(report: ProcessReport, notation: Notation) -> str:
    """Return where to act; with its day where the lamps above speak of another month."""
    said = shown_line(act(report.next), notation.locale)
    if report.next.kpis.period == report.kpis.period:
        return said
    day, month = notation.text(report.kpis.as_of, CellKind.DAY), notation.month(month_of_kpis(report.next.kpis))
    return notation.say(words.NEXT_NOW, day, month, said)


def _strongest(report: ProcessReport) -> list[Line]:
    """Return the levers that save most."""
    levers = sorted(report.cascade.levers, key=lambda one: -one.saves)[:LEVERS]
    return lever_lines(replace(report.cascade, levers=tuple(levers)))


# The headline -------------------------------------------------------------------------------------------------------


def _cards(report: ProcessReport, notation: Notation) -> Iterator[Card]:
    last = report.kpis.milestones[-1]
    wanted = (
        notation.say(words.NO_TARGET)
        if last.wanted is None
        else notation.say(words.OF_TARGET, notation.about(last.wanted))
    )
    label = notation.say(words.ARRIVED, one_line(last.milestone.name), _period(report, notation))
    yield _lit(Card(label=label, figure=notation.money(last.reached), remark=wanted), last.signal.lamp, notation)
    yield _act(report, notation)
    yield from _ahead(report, notation)
    dead = report.dead_horses
    tied_up = notation.say(words.TIED_UP, notation.money(dead.tied_up))
    yield Card(
        label=notation.say(words.SET_ASIDE), figure=notation.text(len(dead.dead), CellKind.COUNT), remark=tied_up
    )


def _lit(card: Card, lamp: Lamp, notation: Notation) -> Card:
    return replace(card, lamp=lamp.value, sign=notation.text(lamp, CellKind.LAMP))


def _act(report: ProcessReport, notation: Notation) -> Card:
    over = is_over(report.kpis)
    was_short = notation.say(words.WAS_SHORT, _period(report, notation))
    if report.kpis.focus is None:
        return Card(
            label=was_short if over else notation.say(words.ALL_WELL),
            figure=notation.say(words.NOTHING if over else words.NOT_YET if _is_ahead(report) else words.NOWHERE),
            remark=notation.say(nothing_short(report.kpis)),
        )
    row = report.kpis.milestones[report.kpis.focus - 1]
    missing = notation.about(row.missing)
    remark = notation.say(words.MISSING, missing)
    if row.per_week not in (None, row.missing):
        remark = notation.say(words.PER_WEEK, missing, notation.about(row.per_week))
    label = was_short if over else notation.say(words.ACT if row.signal.lamp is Lamp.RED else words.WATCH)
    return _lit(
        Card(label=label, figure=milestone_label(row.number, row.milestone), remark=remark), row.signal.lamp, notation
    )


def _ahead(report: ProcessReport, notation: Notation) -> Iterator[Card]:
    if not _known(report):
        return
    total, months = report.forecast.shown.stream.total, len(report.forecast.months)
    p10, p50, p90 = (
        notation.text(to_three_digits(one or 0.0, report.currency).cell, CellKind.MONEY)
        for one in (total.p10, total.p50, total.p90)
    )
    yield Card(label=notation.say(words.AHEAD, months), figure=p50, remark=notation.say(words.BAND, p10, p90))
    if total.target:
        remark = notation.say(words.CHANCE_OF, notation.about(cents(total.target)), months)
        yield Card(
            label=notation.say(words.CHANCE),
            figure=shown_line(chance_words(total.chance or 0.0), notation.locale),
            remark=remark,
        )


def _past(report: ProcessReport, notation: Notation) -> Drawn | None:
    past = report.past_forecasts
    if past is None or not past.tried.points:
        return None
    return _drawn(past_forecasts(past, notation), notation.locale)


def _past_notes(report: ProcessReport, locale: str) -> tuple[str, ...]:
    """Return what the past forecasts come to, or why there are none; nothing on the page of a rep."""
    if report.past_forecasts is None:
        return ()
    said = backtest_document([report.past_forecasts], report.kpis.as_of)
    about_band = said.tables[0].notes[1:] if said.tables else ()  # the first explains a score that is not shown here
    return _lines([*said.before, *about_band], locale)


def _dead_lead(report: ProcessReport, notation: Notation) -> str:
    dead = report.dead_horses
    lead = notation.say(words.DEAD_NONE)
    if dead.dead:
        lead = notation.say(
            words.DEAD_LEAD, notation.text(len(dead.dead), CellKind.COUNT), notation.money(dead.tied_up)
        )
    return f"{lead} {notation.say(words.DEAD_SOON, len(dead.soon))}" if dead.soon else lead
