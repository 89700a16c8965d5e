"""The chart of the months to come: a fan from what is known to what may arrive, against the target.

Invariant: past months are bars of what arrived, months to come a band; no month is both but the running one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from milestone_cli.render import page_words as words
from milestone_cli.render.charts import (
    BAND,
    GOT,
    QUIET,
    SOFT,
    Chart,
    Notation,
    Row,
    base,
    goal,
    months_axis,
    spec_of,
    upwards,
)
from milestone_cli.render.charts_now import milestone_label
from milestone_cli.render.ticks import Scale
from milestone_cli.reports.forecast import Figure, cents, told
from milestone_cli.reports.page import ProcessReport, month_of_kpis, month_row
from milestone_cli.reports.table import CellKind, Column, Table

if TYPE_CHECKING:
    import altair as alt

_COLUMNS = (
    Column("month", words.MONTH, CellKind.MONTH),
    Column("p10", "P10", CellKind.ABOUT),
    Column("p50", "P50", CellKind.ABOUT),
    Column("p90", "P90", CellKind.ABOUT),
    Column("target", words.TARGET, CellKind.ABOUT),
    Column("chance", words.CHANCE_SHORT, CellKind.RATE),
    Column("lamp", words.LAMP, CellKind.LAMP),
)


def fan(report: ProcessReport, notation: Notation) -> Chart:
    """Return the forecast of the last milestone behind the months that led to it."""
    shown = report.forecast.shown
    label = milestone_label(shown.number, shown.milestone)
    mean = report.mean_of_past
    legend = [("got", words.ARRIVED_SO_FAR), ("band", words.P10_TO_P90), ("p50", words.P50), ("due", words.TARGET)]
    if mean is not None:
        legend.append(("mean", words.MEAN_OF_PAST.format(notation.about(mean))))
    return Chart(
        key=f"{report.key}-fan",
        title=words.FORECAST.format(label),
        says=words.FORECAST_SAYS,
        spec=_spec(_past(report, notation), _ahead(report, notation), mean, notation),
        legend=tuple(legend),
        table=_table(report),
    )


def _past(report: ProcessReport, notation: Notation) -> list[Row]:
    rows = []
    for past in report.past:
        row, month = month_row(past, report.last), notation.month(month_of_kpis(past))
        arrived = None if row is None else row.reached
        wanted = None if row is None else row.wanted
        arrived_text, target_text = notation.money(arrived), notation.about(wanted)
        rows.append(
            {
                "month": month,
                "arrived": notation.major(arrived),
                "target": notation.major(wanted),
                "running": False,
                "arrived_text": arrived_text,
                "target_text": target_text,
                "says": f"{month}: {words.ARRIVED_SO_FAR} {arrived_text}, {words.TARGET} {target_text}",
            }
        )
    rows[-1]["running"] = True
    return rows


def _ahead(report: ProcessReport, notation: Notation) -> list[Row]:
    stream = report.forecast.shown.stream
    months = [report.forecast.running, *report.forecast.months]
    figures = [stream.running, *stream.months]
    return [_ahead_row(notation.month(month), one, notation) for month, one in zip(months, figures, strict=True)]


def _ahead_row(month: str, figure: Figure, notation: Notation) -> Row:
    texts = {name: notation.about(told(getattr(figure, name))) for name in ("p10", "p50", "p90")}
    target = None if figure.target is None else cents(figure.target)
    wanted, chance = notation.about(target), notation.percent(figure.chance)
    return {
        "month": month,
        **{name: notation.major(told(getattr(figure, name))) for name in texts},
        "target": notation.major(target),
        **{f"{name}_text": text for name, text in texts.items()},
        "target_text": wanted,
        "chance_text": chance,
        "says": f"{month}: P10 {texts['p10']}, P50 {texts['p50']}, P90 {texts['p90']}, {words.TARGET} {wanted}, "
        f"{words.CHANCE_SHORT} {chance}",
    }


def _spec(past: list[Row], ahead: list[Row], mean: int | None, notation: Notation) -> Mapping[str, object]:
    import altair as alt

    sums = [row[name] for row in past for name in ("arrived", "target")]
    marks = notation.money_scale([*sums, *(row[name] for row in ahead for name in ("p90", "target"))])
    names = list(dict.fromkeys(row["month"] for row in (*past, *ahead)))
    x = months_axis("month", names, 3)
    before = {"month": words.MONTH, "arrived_text": words.ARRIVED_SO_FAR, "target_text": words.TARGET}
    after = {"month": words.MONTH} | {f"{name}_text": name.upper() for name in ("p10", "p50", "p90")}
    after |= {"target_text": words.TARGET, "chance_text": words.CHANCE_SHORT}
    known, coming = base(past, before).encode(x=x), base(ahead, after).encode(x=x)
    wanted = [{"month": row["month"], "target": row["target"], "says": row["says"]} for row in (*past[:-1], *ahead)]
    colour = alt.condition("datum.running", alt.value(SOFT), alt.value(GOT))
    layers = [
        coming.mark_area(color=BAND, aria=False).encode(y=upwards("p10", marks), y2="p90:Q"),
        known.mark_bar(cornerRadiusEnd=2).encode(y=upwards("arrived", marks), color=colour),
        goal(base(wanted, {}), size=26, across=True).encode(x=x, y=upwards("target", marks)),
        coming.mark_line(color=GOT, strokeWidth=2.5, aria=False).encode(y=upwards("p50", marks)),
        coming.mark_point(color=GOT, filled=True, size=70, opacity=1).encode(y=upwards("p50", marks)),
    ]
    return spec_of([*_mean(mean, marks, notation), *layers], says=words.FORECAST_SAYS, height=250)


def _mean(mean: int | None, marks: Scale, notation: Notation) -> list[alt.Chart]:
    """Return a dashed line at the mean of the finished months."""
    if mean is None:
        return []
    row = {"mean": notation.major(mean), "says": words.MEAN_OF_PAST.format(notation.about(mean))}
    rule = base([row], {"says": words.MEAN}).mark_rule(color=QUIET, strokeDash=[5, 4], strokeWidth=1.5)
    return [rule.encode(y=upwards("mean", marks))]


def _table(report: ProcessReport) -> Table:
    stream = report.forecast.shown.stream
    months = [report.forecast.running, *report.forecast.months]
    rows = [
        (
            month, told(one.p10), told(one.p50), told(one.p90), None if one.target is None else cents(one.target),
            one.chance, one.lamp,
        )
        for month, one in zip(months, [stream.running, *stream.months], strict=True)
    ]  # fmt: skip
    return Table(title="", columns=_COLUMNS, rows=tuple(rows), currency=report.currency)
