"""The charts of what had to arrive and what did: the funnel of a period, and each milestone month by month.

Invariant: what is wanted is drawn before what arrived, and what arrived never hides it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from milestone_cli.domain.process import Milestone
from milestone_cli.render import page_words as words
from milestone_cli.render.cells import LAMPS, one_line
from milestone_cli.render.charts import (
    GOT,
    ROW,
    SOFT,
    WANT,
    Chart,
    Notation,
    Row,
    across,
    base,
    goal,
    months_axis,
    rows_axis,
    spec_of,
    upwards,
)
from milestone_cli.reports.kpis import KpisReport, MilestoneKpi
from milestone_cli.reports.kpis_document import kpis_table
from milestone_cli.reports.page import ProcessReport, month_of_kpis, month_row
from milestone_cli.reports.table import CellKind, Column, Table

if TYPE_CHECKING:
    import altair as alt

SHOWN = (
    "number", "milestone", "lamp", "reason", "target", "reached", "ratio", "count", "count_target", "missing",
    "per_week", "feeds",
)  # fmt: skip
"""The columns of the KPIs on the page."""
_MONTHS = (
    Column("month", words.MONTH, CellKind.MONTH),
    Column("reached", words.REACHED, CellKind.MONEY),
    Column("required", words.REQUIRED, CellKind.ABOUT),
    Column("ratio", "%", CellKind.RATE),
    Column("lamp", words.LAMP, CellKind.LAMP),
)


def milestone_label(number: int, milestone: Milestone) -> str:
    """Return a milestone as the charts name it."""
    return f"{number} {one_line(milestone.name)}"


# The funnel ---------------------------------------------------------------------------------------------------------


def funnel(report: ProcessReport, notation: Notation) -> Chart:
    """Return what each milestone needs in the period against what reached it."""
    rows = [_funnel_row(report.kpis, row, notation) for row in report.kpis.milestones]
    return Chart(
        key=f"{report.key}-funnel",
        title=words.FUNNEL,
        says=words.FUNNEL_SAYS,
        spec=_funnel_spec(rows, notation),
        legend=(("want", words.REQUIRED), ("got", words.REACHED), ("due", words.DUE)),
        table=kpis_table(report.kpis, SHOWN),
    )


def _funnel_row(report: KpisReport, row: MilestoneKpi, notation: Notation) -> Row:
    at, lamp = milestone_label(row.number, row.milestone), LAMPS[row.signal.lamp]
    required, reached, share = notation.about(row.wanted), notation.money(row.reached), notation.percent(row.ratio)
    elapsed = report.period.elapsed(report.as_of)
    return {
        "at": at,
        "required": notation.major(row.wanted),
        "reached": notation.major(row.reached),
        "due": None if row.target is None else notation.major(float(row.target) * elapsed),
        "required_text": required,
        "reached_text": f"{reached} ({share})",
        "lamp": lamp,
        "says": f"{at}: {words.REQUIRED} {required}, {words.REACHED} {reached} ({share}), {lamp}",
    }


def _funnel_spec(rows: list[Row], notation: Notation) -> Mapping[str, object]:
    import altair as alt

    marks = notation.money_scale([row[name] for row in rows for name in ("required", "reached")])
    tips = {"at": words.MILESTONE, "required_text": words.REQUIRED, "reached_text": words.REACHED, "lamp": words.LAMP}
    plain = base(rows, tips).encode(y=rows_axis("at"))
    layers = [
        plain.mark_bar(color=WANT, height=alt.RelativeBandSize(0.78), cornerRadiusEnd=3, aria=False).encode(
            x=across("required", marks)
        ),
        plain.mark_bar(color=GOT, height=alt.RelativeBandSize(0.4), cornerRadiusEnd=3).encode(
            x=across("reached", marks)
        ),
        goal(plain, size=ROW * 0.6, across=False).encode(x=across("due", marks)),
    ]
    return spec_of(layers, says=words.FUNNEL_SAYS, height=ROW * len(rows))


# Month by month -----------------------------------------------------------------------------------------------------


def months(report: ProcessReport, notation: Notation) -> list[Chart]:
    """Return one chart per milestone: what reached it in each of the last months, and what each month required."""
    numbered = enumerate(report.milestones, start=1)
    return [_months(report, number, milestone, notation) for number, milestone in numbered]


def _months(report: ProcessReport, number: int, milestone: Milestone, notation: Notation) -> Chart:
    label = milestone_label(number, milestone)
    rows = [_month_row(month, milestone.key, notation) for month in report.past]
    rows[-1]["running"] = True
    return Chart(
        key=f"{report.key}-months-{number}",
        title=label,
        says=words.MONTHS_SAYS.format(label),
        spec=_months_spec(rows, words.MONTHS_SAYS.format(label), notation),
        legend=(),
        table=_months_table(report, milestone),
    )


def _month_row(report: KpisReport, key: str, notation: Notation) -> Row:
    row, month = month_row(report, key), notation.month(month_of_kpis(report))
    reached = notation.money(None if row is None else row.reached)
    required = notation.about(None if row is None else row.wanted)
    return {
        "month": month,
        "running": False,
        "reached": notation.major(None if row is None else row.reached),
        "required": notation.major(None if row is None else row.wanted),
        "reached_text": reached,
        "required_text": required,
        "says": f"{month}: {words.REACHED} {reached}, {words.REQUIRED} {required}",
    }


def _months_spec(rows: list[Row], says: str, notation: Notation) -> Mapping[str, object]:
    import altair as alt

    marks = notation.money_scale([row[name] for row in rows for name in ("required", "reached")], 2)
    tips = {"month": words.MONTH, "reached_text": words.REACHED, "required_text": words.REQUIRED}
    names = [row["month"] for row in rows]
    plain: alt.Chart = base(rows, tips).encode(x=months_axis("month", names, 4))
    colour = alt.condition("datum.running", alt.value(SOFT), alt.value(GOT))
    layers = [
        plain.mark_bar(cornerRadiusEnd=2).encode(y=upwards("reached", marks), color=colour),
        goal(plain, size=15, across=True).encode(y=upwards("required", marks)),
    ]
    return spec_of(layers, says=says, height=110)


def _months_table(report: ProcessReport, milestone: Milestone) -> Table:
    rows = []
    for month in report.past:
        row = month_row(month, milestone.key)
        if row is not None:
            rows.append((month_of_kpis(month), row.reached, row.wanted, row.ratio, row.signal.lamp))
    return Table(title="", columns=_MONTHS, rows=tuple(rows), currency=report.currency)
