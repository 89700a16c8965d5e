"""The charts of the sections: how many move on, and how long that takes.

Invariant: a rate is never drawn without its 90 % interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from milestone_cli.render import page_words as words
from milestone_cli.render.cells import one_line
from milestone_cli.render.charts import (
    BAND,
    GOT,
    ROW,
    Chart,
    Notation,
    Row,
    across,
    base,
    goal,
    rows_axis,
    spec_of,
)
from milestone_cli.render.ticks import Scale, scale
from milestone_cli.reports.page import ProcessReport
from milestone_cli.reports.rates import recent_since
from milestone_cli.reports.table import CellKind, Column, Table

if TYPE_CHECKING:
    from milestone_cli.estimate.rates import SectionRate

_RATES = (
    Column("section", words.SECTION_HEAD, CellKind.TEXT),
    Column("milestone", words.MILESTONE_TO_REACH, CellKind.TEXT),
    Column("rate", words.RATE, CellKind.RATE),
    Column("low", words.LOW, CellKind.RATE),
    Column("high", words.HIGH, CellKind.RATE),
    Column("planned", words.PLAN, CellKind.RATE),
    Column("cases", words.CASES, CellKind.COUNT),
    Column("changed", words.CHANGED, CellKind.TEXT),
    Column("days_p50", words.DAYS_P50, CellKind.NUMBER),
    Column("days_p90", words.DAYS_P90, CellKind.NUMBER),
    Column("planned_days", words.PLAN_DAYS, CellKind.NUMBER),
)


def rates(report: ProcessReport, notation: Notation) -> Chart:
    """Return the success rates with their intervals."""
    rows = [_rate_row(report, number, one, notation) for number, one in enumerate(report.rates.sections, start=1)]
    marks = Scale((0.0, 0.25, 0.5, 0.75, 1.0), tuple(notation.percent(share / 4) for share in range(5)))
    tips = {
        "section": notation.say(words.MILESTONE_TO_REACH),
        "rate_text": notation.say(words.RATE),
        "interval": notation.say(words.INTERVAL),
        "plan": notation.say(words.PLAN),
        "cases": notation.say(words.CASES),
    }
    return Chart(
        key=f"{report.key}-rates",
        title=notation.say(words.RATES),
        says=notation.say(words.RATES_SAYS),
        spec=_spec(rows, ("low", "high", "rate", "planned"), marks, tips, notation.say(words.RATES_SAYS)),
        legend=(
            ("dot", notation.say(words.RATE)),
            ("band", notation.say(words.INTERVAL)),
            ("due", notation.say(words.PLAN)),
        ),
        table=sections(report, notation),
    )


def durations(report: ProcessReport, notation: Notation) -> Chart:
    """Return the days that those who move on need."""
    rows = [_days_row(report, number, one, notation) for number, one in enumerate(report.rates.sections, start=1)]
    marks = scale([row[name] for row in rows for name in ("p90", "planned")], notation.number)
    tips = {
        "section": notation.say(words.MILESTONE_TO_REACH),
        "p50_text": notation.say(words.DAYS_P50),
        "p90_text": notation.say(words.DAYS_P90),
        "plan": notation.say(words.PLAN_DAYS),
    }
    return Chart(
        key=f"{report.key}-days",
        title=notation.say(words.DURATIONS),
        says=notation.say(words.DURATIONS_SAYS),
        spec=_spec(rows, ("p50", "p90", "p50", "planned"), marks, tips, notation.say(words.DURATIONS_SAYS)),
        legend=(
            ("dot", notation.say(words.DAYS_P50)),
            ("band", notation.say(words.TO_P90)),
            ("due", notation.say(words.PLAN)),
        ),
        table=sections(report, notation),
    )


def _label(report: ProcessReport, number: int) -> str:
    section = words.SECTION.format(number, number + 1)
    return f"{section}  {one_line(report.rates.process.milestone(number + 1).name)}"


def _rate_row(report: ProcessReport, number: int, one: SectionRate, notation: Notation) -> Row:
    section, rate = _label(report, number), notation.percent(one.rate.mean)
    interval = notation.say(words.RANGE, notation.percent(one.rate.low), notation.percent(one.rate.high))
    cases, plan = notation.text(one.cases, CellKind.COUNT), notation.percent(one.planned)
    return {
        "section": section,
        "rate": round(one.rate.mean, 4),
        "low": round(one.rate.low, 4),
        "high": round(one.rate.high, 4),
        "planned": one.planned,
        "rate_text": rate,
        "interval": interval,
        "cases": cases,
        "plan": plan,
        "says": f"{section}: "
        + notation.pairs((words.RATE, rate), (words.INTERVAL, interval), (words.PLAN, plan), (words.CASES, cases)),
    }


def _days_row(report: ProcessReport, number: int, one: SectionRate, notation: Notation) -> Row:
    section, planned = _label(report, number), float(report.rates.process.milestone(number + 1).planned_days)
    p50, p90, plan = (notation.number(days) for days in (one.days_p50, one.days_p90, planned))
    return {
        "section": section,
        "p50": round(one.days_p50, 1),
        "p90": round(one.days_p90, 1),
        "planned": planned,
        "p50_text": p50,
        "p90_text": p90,
        "plan": plan,
        "says": f"{section}: " + notation.pairs((words.DAYS_P50, p50), (words.DAYS_P90, p90), (words.PLAN_DAYS, plan)),
    }


def _spec(
    rows: list[Row], fields: tuple[str, str, str, str], marks: Scale, tips: dict[str, str], says: str
) -> Mapping[str, object]:
    """Return one row per section: a bar from the first field to the second, a dot at the third, a tick at the last."""
    low, high, dot, planned = fields
    plain = base(rows, tips).encode(y=rows_axis("section"))
    layers = [
        plain.mark_bar(color=BAND, height=12, cornerRadius=6, aria=False).encode(x=across(low, marks), x2=f"{high}:Q"),
        goal(plain, size=22, across=False).encode(x=across(planned, marks)),
        plain.mark_point(color=GOT, filled=True, size=110, opacity=1).encode(x=across(dot, marks)),
    ]
    return spec_of(layers, says=says, height=ROW * len(rows))


def sections(report: ProcessReport, notation: Notation) -> Table:
    """Return the figures behind both charts."""
    process = report.rates.process
    rows = tuple(
        (
            words.SECTION.format(number, number + 1), process.milestone(number + 1).name, one.rate.mean, one.rate.low,
            one.rate.high, one.planned, one.cases, _changed(report, one, notation), one.days_p50, one.days_p90,
            float(process.milestone(number + 1).planned_days),
        )
        for number, one in enumerate(report.rates.sections, start=1)
    )  # fmt: skip
    table = Table(title="", columns=_RATES, rows=rows)
    return table if report.rates.rep is None else _without(table, "changed")


def _without(table: Table, key: str) -> Table:
    """Return a table without a column: a rep has too few cases for it."""
    kept = [place for place, column in enumerate(table.columns) if column.key != key]
    return replace(
        table,
        columns=tuple(table.columns[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in table.rows),
    )


def _changed(report: ProcessReport, one: SectionRate, notation: Notation) -> str:
    """Return the rate of the last six months and the one before, where they surely differ."""
    if one.change is None:
        return notation.say(words.UNCHANGED)
    since = notation.month(recent_since(report.kpis.as_of))
    return notation.say(
        words.CHANGED_FROM, notation.percent(one.change.after), since, notation.percent(one.change.before)
    )
