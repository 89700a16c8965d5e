"""The columns of the KPIs: all of them for files and pipes, and the same told shorter for a terminal.

Invariant: a terminal shows no figure that the columns for files have not got.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from milestone_cli.domain.day import parse_month
from milestone_cli.domain.lamps import Reason
from milestone_cli.domain.money import Currency
from milestone_cli.reports.kpis import MilestoneKpi
from milestone_cli.reports.table import Cell, CellKind, Column, Sentence, Table, Value, View, counted

_REASONS = {
    Reason.REACHED: "reached",
    Reason.NO_TARGET: "no target",
    Reason.FUTURE: "not begun",
    Reason.NOT_DUE: "not due yet",
    Reason.ON_PACE: "on pace",
    Reason.CHANCE: "may be chance",
    Reason.SHORT: "short",
}
COLUMNS = (
    Column("number", "#", CellKind.COUNT),
    Column("milestone", "Milestone", CellKind.TEXT),
    Column("rate_to_next", "Rate", CellKind.RATE, group="rate"),
    Column("rate_low", "Low", CellKind.RATE, group="rate"),
    Column("rate_high", "High", CellKind.RATE, group="rate"),
    Column("cases", "Cases", CellKind.COUNT, group="rate"),
    Column("target", "Target", CellKind.ABOUT),
    Column("reached", "Reached", CellKind.MONEY),
    Column("ratio", "%", CellKind.RATE),
    Column("count", "Count", CellKind.COUNT),
    Column("count_target", "of", CellKind.NUMBER, digits=1),
    Column("missing", "Missing", CellKind.ABOUT),
    Column("per_week", "To go a week", CellKind.ABOUT),
    Column("lamp", "Lamp", CellKind.LAMP),
    Column("reason", "Why", CellKind.WORD),
    Column("feeds", "Feeds", CellKind.MONTH),
    Column("trend", "Trend", CellKind.SPARK),
)
"""What files and pipes hold."""
SCREEN = (
    Column("number", "#", CellKind.COUNT),
    Column("milestone", "Milestone", CellKind.TEXT),
    Column("reached", "Reached", CellKind.MONEY, 2),
    Column("bar", "", CellKind.BAR, 5),
    Column("of_target", "Target", CellKind.FIGURES),
    Column("lamp", "Lamp", CellKind.LAMP),
    Column("reason", "Why", CellKind.WORD, 9),
    Column("missing", "Missing", CellKind.ABOUT, 3),
    Column("per_week", "A week", CellKind.ABOUT, 6),
    Column("trend", "Trend", CellKind.SPARK, 4),
    Column("of_count", "Count", CellKind.FIGURES, 7),
    *(replace(column, importance=8) for column in COLUMNS if column.group == "rate"),
    Column("feeds", "Feeds", CellKind.MONTH, 10),
)
"""What a terminal shows: how far a milestone is, in one cell; then, as far as there is room, what else helps to act."""
_SAYS = {"bar": "ratio", "of_target": "target", "of_count": "count"}
"""Of which column a cell of the screen alone tells."""


def with_rows(table: Table, rows: Sequence[MilestoneKpi], currency: Currency, wanted: Sequence[str]) -> Table:
    """Return a table of KPIs with these columns; on a terminal with those that say the same."""
    places = {column.key: place for place, column in enumerate(COLUMNS)}
    kept = [places[key] for key in wanted]
    return replace(
        table,
        columns=tuple(COLUMNS[place] for place in kept),
        rows=tuple(tuple(_cells(row)[place] for place in kept) for row in rows),
        view=_view([_screen_cells(row, currency) for row in rows], wanted),
    )


def _view(rows: Sequence[tuple[Cell, ...]], wanted: Sequence[str]) -> View:
    """Return what a terminal shows of the wanted columns; of those that may be dropped only what says something."""
    kept = [
        place
        for place, column in enumerate(SCREEN)
        if _SAYS.get(column.key, column.key) in wanted
        and (column.importance == 1 or any(row[place] is not None for row in rows))
    ]
    return View(tuple(SCREEN[place] for place in kept), tuple(tuple(row[place] for place in kept) for row in rows))


def _cells(row: MilestoneKpi) -> tuple[Cell, ...]:
    return (
        row.number,
        row.milestone.name,
        None if row.rate_to_next is None else float(row.rate_to_next),
        None if row.measured is None else row.measured.low,
        None if row.measured is None else row.measured.high,
        None if row.measured is None else row.measured.cases,
        row.wanted,
        row.reached,
        row.ratio,
        row.count,
        row.count_target,
        row.missing,
        row.per_week,
        row.signal.lamp,
        _REASONS[row.signal.reason],
        _months(row.feeds) if row.target else None,
        row.trend,
    )


def _months(label: str) -> Cell:
    """Return the month, or the first and the last one, of a label like 2026-11 or 2026-11..2027-01."""
    months = tuple(map(parse_month, label.split("..")))
    return months if len(months) > 1 else months[0]


def _screen_cells(row: MilestoneKpi, currency: Currency) -> tuple[Cell, ...]:
    """Return what stands under `SCREEN`."""
    cells = dict(zip((column.key for column in COLUMNS), _cells(row), strict=True))
    cells |= {"bar": row.ratio, "of_target": _of_target(row, currency), "of_count": _of_count(row)}
    return tuple(cells[column.key] for column in SCREEN)


def _of_target(row: MilestoneKpi, currency: Currency) -> Cell:
    if row.ratio is None or row.wanted is None:
        return None
    return Sentence("{} of {}", (Value(row.ratio, CellKind.RATE), Value(row.wanted, CellKind.ABOUT, currency)))


def _of_count(row: MilestoneKpi) -> Cell:
    if row.count_target is None:
        return Sentence("{}", (counted(row.count),))
    return Sentence("{} of {}", (counted(row.count), Value(row.count_target, CellKind.NUMBER, digits=1)))
