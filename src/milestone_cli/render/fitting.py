"""Which columns of a table a terminal has room for, and how wide each of them is.

Invariant: a column of figures is as wide as its longest cell or is not there; only words are squeezed and only drawings
shrink.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from milestone_cli.render.cells import DRAWN, UNTRUSTED
from milestone_cli.render.drawings import BAR_WIDTHS, FAN_WIDTHS
from milestone_cli.reports.table import CellKind, Column

GAP = 2
"""Blanks between two columns."""
NARROWEST = 14
"""Text columns are squeezed down to this, then columns are dropped."""
LONGEST_KEY = 32
"""So far a key is shown whole even if columns are dropped for it."""
_WIDTHS = {CellKind.BAR: BAR_WIDTHS, CellKind.FAN: FAN_WIDTHS}


@dataclass(frozen=True, slots=True)
class Need:
    """How wide a column wants to be, in terminal cells."""

    least: int
    """Below this it is dropped."""
    content: int
    """What its longest cell takes."""
    title: int
    """What its header takes on one line."""
    most: int = 0
    """What a drawing grows to when everything else has its room."""


def needs(heads: Sequence[str], texts: Sequence[Sequence[str]], columns: Sequence[Column]) -> list[Need]:
    """Return how wide each column must and would like to be."""
    from rich.cells import cell_len

    found = []
    for index, (title, column) in enumerate(zip(heads, columns, strict=True)):
        word = max(map(cell_len, title.split()), default=0)
        if column.kind in DRAWN:
            least, most = (max(word, width) for width in _WIDTHS[column.kind])
            found.append(Need(least, least, max(least, cell_len(title)), most))
            continue
        content = max(max((cell_len(row[index]) for row in texts), default=0), word)
        squeezed = max(LONGEST_KEY if column.whole else NARROWEST, word)
        least = min(content, squeezed) if column.kind in UNTRUSTED else content
        found.append(Need(least, content, max(content, cell_len(title))))
    return found


def fit(columns: Sequence[Column], need: Sequence[Need], width: int) -> tuple[list[int], list[int]]:
    """Return which columns are kept and how wide each of them is.

    The least important go first, of equals the rightmost, and with each those of its group; columns of importance 1
    stay even if the lines get longer than the terminal. A drawing says nothing new, so it squeezes no words: before it
    does, what is less important than it goes, then it goes itself.
    """
    kept = list(range(len(columns)))
    while total([need[i].least for i in kept]) > width and (fewer := _without_least(columns, kept, 1)):
        kept = fewer
    while total([need[i].content for i in kept]) > width:
        drawn = [columns[i].importance for i in kept if columns[i].kind in DRAWN]
        fewer = _without_least(columns, kept, max(1, min(drawn) - 1)) if drawn else []
        if not fewer:
            break
        kept = fewer
    widths = [need[i].least for i in kept]
    for wishes in ([need[i].content for i in kept], [need[i].title for i in kept], [need[i].most for i in kept]):
        _widen(widths, wishes, width - total(widths))
    return kept, widths


def _without_least(columns: Sequence[Column], kept: Sequence[int], stays: int) -> list[int]:
    """Return what is kept without the least important; nothing if all of it is as important as what `stays`."""
    index = max(kept, key=lambda i: (columns[i].importance, i))
    if columns[index].importance <= stays:
        return []
    group = columns[index].group
    return [i for i in kept if i != index and not (group and columns[i].group == group)]


def _widen(widths: list[int], wishes: Sequence[int], room: int) -> None:
    """Give `room` away cell by cell, to the narrowest that still wishes."""
    for _ in range(room):
        wishing = [i for i, wish in enumerate(wishes) if widths[i] < wish]
        if not wishing:
            return
        widths[min(wishing, key=lambda i: widths[i])] += 1


def total(widths: Sequence[int]) -> int:
    """Return how many columns of the terminal a table takes."""
    return sum(widths) + GAP * (len(widths) - 1)
