"""The forecast drawn beside its figures, for a terminal: one fan a row, all on one scale.

Invariant: a fan is drawn from the figures of its row and says nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from milestone_cli.domain.money import Currency
from milestone_cli.reports.forecast import Figure, cents
from milestone_cli.reports.table import Cell, CellKind, Column, Fan, Line, Sentence, Table, Value, View

FAN = Column("fan", "Band and target", CellKind.FAN, 4, folds=True)


def with_fans(table: Table, figures: Sequence[Figure], currency: Currency) -> Table:
    """Return a table that a terminal shows with the fans of its first rows, all on one scale."""
    end = max((cents(max(figure.p90 or 0, figure.target or 0)) for figure in figures), default=0)
    fans: list[Cell] = [_fan(figure, end) for figure in figures]
    if not end or not any(fans):
        return table
    fans += [None] * (len(table.rows) - len(fans))
    column = replace(FAN, legend=_legend(figures, end, currency))
    rows = ((*row, fan) for row, fan in zip(table.rows, fans, strict=True))
    return replace(table, view=View((*table.columns, column), tuple(rows)))


def _fan(figure: Figure, end: int) -> Fan | None:
    if figure.p10 is None or figure.p50 is None or figure.p90 is None:
        return None
    target = cents(figure.target) if figure.target else None
    return Fan(p10=cents(figure.p10), p50=cents(figure.p50), p90=cents(figure.p90), end=end, target=target)


def _legend(figures: Sequence[Figure], end: int, currency: Currency) -> Line:
    top = (Value(end, CellKind.ABOUT, currency),)
    if any(figure.target for figure in figures):
        return Sentence("━ from P10 to P90, ╋ P50, ◆ target (it may cover ╋); from 0 to {}.", top)
    return Sentence("━ from P10 to P90, ╋ P50; from 0 to {}.", top)
