"""The chart of past forecasts: what each would have said, and what came.

Invariant: what came is drawn over the band it is held against, whether it lies inside or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from milestone_cli.domain.day import month_of
from milestone_cli.render import page_words as words
from milestone_cli.render.charts import BAND, GOAL, GOT, Chart, Notation, Row, base, months_axis, spec_of, upwards
from milestone_cli.reports.backtest import BacktestReport, points_table
from milestone_cli.reports.forecast import cents

if TYPE_CHECKING:
    from milestone_cli.estimate.points import Point

FEW = 8
"""So many months all have their label."""


def past_forecasts(report: BacktestReport, notation: Notation) -> Chart:
    """Return every past forecast beside what came in its months."""
    rows = [_row(point, notation) for point in report.tried.points]
    months = notation.number(report.tried.months)
    return Chart(
        key=f"{report.process.key}-past",
        title=notation.say(words.PAST_FORECASTS, months),
        says=notation.say(words.PAST_FORECASTS_SAYS, months),
        spec=_spec(rows, notation.say(words.PAST_FORECASTS_SAYS, months), notation),
        legend=(
            ("band", notation.say(words.P10_TO_P90)),
            ("p50", notation.say(words.P50)),
            ("came", notation.say(words.CAME)),
        ),
        table=points_table(report),
    )


def _row(point: Point, notation: Notation) -> Row:
    sums = {"p10": point.said.p10, "p50": point.said.p50, "p90": point.said.p90, "came": point.actual}
    texts = {name: notation.about(cents(amount)) for name, amount in sums.items()}
    month = notation.month(month_of(point.origin))
    return {
        "month": month,
        **{name: notation.major(cents(amount)) for name, amount in sums.items()},
        **{f"{name}_text": text for name, text in texts.items()},
        "says": f"{month}: P10 {texts['p10']}, P50 {texts['p50']}, P90 {texts['p90']}, "
        + notation.pairs((words.CAME, texts["came"])),
    }


def _spec(rows: list[Row], says: str, notation: Notation) -> Mapping[str, object]:
    marks = notation.money_scale([row[name] for row in rows for name in ("p90", "came")], 3)
    tips = {"month": notation.say(words.KNOWN_BY)} | {f"{name}_text": name.upper() for name in ("p10", "p50", "p90")}
    plain = base(rows, tips | {"came_text": notation.say(words.CAME)}).encode(
        x=months_axis("month", [row["month"] for row in rows], 1 if len(rows) <= FEW else 2)
    )
    layers = [
        plain.mark_bar(color=BAND, width=18, cornerRadius=4, aria=False).encode(y=upwards("p10", marks), y2="p90:Q"),
        plain.mark_tick(color=GOT, thickness=3, bandSize=18, opacity=1, aria=False).encode(y=upwards("p50", marks)),
        plain.mark_point(color=GOAL, filled=True, size=90, opacity=1).encode(y=upwards("came", marks)),
    ]
    return spec_of(layers, says=says, height=140)
