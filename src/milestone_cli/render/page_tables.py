"""The tables of the page, written for its reader.

Invariant: a cell is plain text with at most a lamp beside it; a lamp has shape and word, never colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from milestone_cli.domain.lamps import Lamp
from milestone_cli.render import page_words as words
from milestone_cli.render.cells import RIGHT_ALIGNED, one_line, shown, shown_title
from milestone_cli.reports.forecast import Figure
from milestone_cli.reports.page import ProcessReport
from milestone_cli.reports.table import Cell, CellKind, Column, Table
from milestone_cli.translation import translated

SHORT = 14
"""A text of so many letters is never broken."""
ON_PAPER = 7
"""So many columns of lamps stand side by side on A4, behind the column that names the rows."""


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
    sheets: tuple[HtmlTable, ...] = ()
    """The same, a few columns at a time, where paper has no room for all of them beside one another."""


def in_sheets(table: HtmlTable) -> HtmlTable:
    """Return a table of lamps with its sheets for paper: as few as hold it, each about as wide as the others."""
    count = len(table.head) - 1
    sheets = -(-count // ON_PAPER)
    if sheets <= 1:
        return table
    edges = [1 + -(-count * place // sheets) for place in range(sheets + 1)]
    return replace(
        table,
        sheets=tuple(
            HtmlTable(
                head=_columns(table.head, begin, end), rows=tuple(_columns(row, begin, end) for row in table.rows)
            )
            for begin, end in pairwise(edges)
        ),
    )


def _columns(row: Sequence[HtmlCell], begin: int, end: int) -> tuple[HtmlCell, ...]:
    return (row[0], *row[begin:end])


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


def lamp_cell(lamp: Lamp, locale: str, remark: str = "") -> HtmlCell:
    """Return a lamp with what is to be said beside it."""
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
    head = tuple(HtmlCell(text=text) for text in (translated(words.MILESTONE, locale), *months))
    return in_sheets(HtmlTable(head=head, rows=tuple(rows)))


def _expected(figure: Figure, locale: str) -> HtmlCell:
    share = figure.p50 / float(figure.target) if figure.target and figure.p50 is not None else None
    return lamp_cell(figure.lamp, locale, "" if share is None else shown(share, CellKind.RATE, locale))


_DEAD = (
    Column("customer", words.CUSTOMER, CellKind.NAME),
    Column("rep", words.REP_HEAD, CellKind.NAME),
    Column("value", words.POTENTIAL, CellKind.MONEY),
    Column("milestone", words.STANDS_AT, CellKind.TEXT),
    Column("waited", words.WAITED, CellKind.COUNT),
    Column("chance", words.CHANCE_LEFT, CellKind.RATE, digits=1),
)


def dead_table(report: ProcessReport, locale: str) -> HtmlTable | None:
    """Return the largest dead horses; None if there is none."""
    rows = tuple(
        (row.customer, row.rep, row.value, f"{row.milestone} {row.milestone_name}", one.waited, one.chance_left)
        for one in report.largest
        for row in [one.listed]
    )
    return html_table(Table(title="", columns=_DEAD, rows=rows, currency=report.currency), locale) if rows else None
