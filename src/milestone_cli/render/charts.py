"""What the charts of the page share: how a chart is described, its marks, its axes, its notation.

Invariant: a chart holds the figures of its report and the same figures as text, written for the reader; its colours are
names that the page's style sheet fills in, so that light, dark and paper need no second drawing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from milestone_cli.domain.day import Month
from milestone_cli.domain.money import Currency
from milestone_cli.render.cells import shown
from milestone_cli.render.ticks import Scale, scale
from milestone_cli.reports.table import Cell, CellKind, Table

if TYPE_CHECKING:
    import altair as alt

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"
WANT, GOT, SOFT, BAND, GOAL, INK, QUIET, LINE = (
    f"var(--{name})" for name in ("want", "got", "got-soft", "band", "goal", "ink", "quiet", "line")
)
"""The colours, by the names of the style sheet."""
ROW = 38
"""Pixels of a row in a chart that lies on its side."""
Row = dict[str, Any]
"""One datum of a chart: figures, and texts for the reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart with what stands around it."""

    key: str
    """Its id in the page."""
    title: str
    says: str
    """What kind of chart it is, for who cannot see it."""
    spec: Mapping[str, object]
    """In Vega-Lite."""
    legend: tuple[tuple[str, str], ...]
    """Class of the swatch, and its meaning."""
    table: Table
    """The figures behind it."""


@dataclass(frozen=True, slots=True)
class Notation:
    """How the reader of a page writes values."""

    locale: str
    currency: Currency

    def text(self, cell: Cell, kind: CellKind, digits: int = 0) -> str:
        """Return any value."""
        return shown(cell, kind, self.locale, currency=self.currency, digits=digits)

    def money(self, minor: int | None) -> str:
        """Return a sum that was recorded."""
        return self.text(minor, CellKind.MONEY)

    def about(self, minor: int | None) -> str:
        """Return a sum that was computed."""
        return self.text(minor, CellKind.ABOUT)

    def percent(self, share: float | None) -> str:
        """Return a share."""
        return self.text(share, CellKind.RATE)

    def number(self, value: float | None, digits: int = 0) -> str:
        """Return a number."""
        return self.text(value, CellKind.NUMBER, digits)

    def month(self, month: Month) -> str:
        """Return a month."""
        return self.text(month, CellKind.MONTH)

    def major(self, minor: float | None) -> float | None:
        """Return a sum in the currency itself, as the charts draw it."""
        return None if minor is None else round(float(minor) / 10**self.currency.digits, self.currency.digits)

    def money_scale(self, values: Sequence[float | None], wanted: int = 4) -> Scale:
        """Return the scale of sums in the currency itself."""
        return scale(values, lambda value: self.money(round(value * 10**self.currency.digits)), wanted)


def base(rows: Sequence[Row], tips: Mapping[str, str]) -> alt.Chart:
    """Return a chart without marks; `tips` are the titles of the texts shown at the pointer, by field."""
    import altair as alt

    tooltip = [alt.Tooltip(field=field, type="nominal", title=title) for field, title in tips.items()]
    return alt.Chart(alt.InlineData(values=list(rows))).encode(tooltip=tooltip, description=alt.Description("says:N"))


def across(field: str, marks: Scale) -> alt.X:
    """Return the axis of values of a chart that lies on its side."""
    import altair as alt

    axis = alt.Axis(values=list(marks.values), labelExpr=marks.expression, title=None, domain=False, ticks=False)
    return alt.X(field=field, type="quantitative", axis=axis, scale=alt.Scale(domain=marks.domain))


def goal(chart: alt.Chart, *, size: float, across: bool) -> alt.Chart:
    """Return marks of what is wanted, over which nothing else lies; read out with what arrived, not on their own."""
    import altair as alt

    made: alt.Chart = chart.mark_tick(
        color=GOAL,
        thickness=2.5,
        opacity=1,
        aria=False,
        bandSize=size if across else alt.Undefined,
        size=alt.Undefined if across else size,
    )
    return made


def rows_axis(field: str) -> alt.Y:
    """Return the axis of names of a chart that lies on its side."""
    import altair as alt

    axis = alt.Axis(title=None, domain=False, ticks=False, grid=False, labelLimit=170, labelPadding=8, labelColor=INK)
    return alt.Y(field=field, type="nominal", sort=None, axis=axis)


def upwards(field: str, marks: Scale) -> alt.Y:
    """Return the axis of values of a chart of months."""
    import altair as alt

    axis = alt.Axis(values=list(marks.values), labelExpr=marks.expression, title=None, domain=False, ticks=False)
    return alt.Y(field=field, type="quantitative", axis=axis, scale=alt.Scale(domain=marks.domain))


def months_axis(field: str, months: Sequence[str], every: int) -> alt.X:
    """Return the axis of months, every so many with a label, the last one always."""
    import altair as alt

    labelled = [month for place, month in enumerate(months) if (len(months) - 1 - place) % every == 0]
    axis = alt.Axis(
        values=labelled, labelExpr="split(datum.value, ' ')", labelAngle=0, title=None, grid=False, ticks=False,
        domainColor=LINE,
    )  # fmt: skip
    scaled = alt.Scale(domain=list(months), paddingInner=0.3, paddingOuter=0.15)
    return alt.X(field=field, type="ordinal", axis=axis, scale=scaled)


def spec_of(layers: Sequence[alt.Chart], *, says: str, height: int) -> Mapping[str, object]:
    """Return marks laid over each other as a specification that fills the width of its place."""
    import altair as alt

    chart = alt.layer(*layers).properties(
        width="container", height=height, description=says, autosize=alt.AutoSizeParams(type="fit-x")
    )
    found: Mapping[str, object] = chart.configure(
        background="transparent",
        font=FONT,
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(aria=False, gridColor=LINE, labelColor=QUIET, labelFontSize=11, titleColor=QUIET),
    ).to_dict()
    return found
