"""A document for the eyes: Rich tables fitted to a terminal, plain aligned text where there is none.

Invariant: a number, a day or a lamp is never cut, and what a screen leaves out is said.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from milestone_cli.domain.lamps import Lamp
from milestone_cli.render.cells import (
    RIGHT_ALIGNED,
    UNTRUSTED,
    one_line,
    shown_line,
    shown_row,
    shown_title,
)
from milestone_cli.reports.table import Cell, CellKind, Column, Document, Table

GAP = 2
"""Blanks between two columns."""
NARROWEST = 14
"""Text columns are squeezed down to this, then columns are dropped."""
WIDEST = 60
"""Plain text pads a column up to this; one long name does not push all others aside."""
LAMP_STYLES = {Lamp.GREEN: "green", Lamp.AMBER: "yellow", Lamp.RED: "bold red", Lamp.GREY: "bright_black"}


@dataclass(frozen=True, slots=True)
class Need:
    """How wide a column wants to be, in terminal cells."""

    least: int
    """Below this it is dropped."""
    content: int
    """What its longest cell takes."""
    title: int
    """What its header takes on one line."""


def as_screen(document: Document, *, locale: str, width: int | None, colour: bool, row_limit: int) -> str:
    """Return `document` for a terminal of `width` columns, or without limits and box art where `width` is None."""
    if width is None:
        return _plain_text(document, locale)
    width = max(width, 1)
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=True,
        force_jupyter=False,
        color_system="standard" if colour else None,
        no_color=not colour,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    for position, block in enumerate(_blocks(document, locale, width, row_limit)):
        if position:
            console.print()
        for part, room in block:
            console.width = room
            console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _blocks(document: Document, locale: str, width: int, row_limit: int) -> Iterator[list[tuple[RenderableType, int]]]:
    """Yield what stands together, each part with the columns it takes."""
    if document.before:
        yield [_remark(shown_line(line, locale), width) for line in document.before]
    for table in document.tables:
        yield list(_table_parts(table, locale, width, row_limit))
    if document.after:
        yield [_remark(shown_line(line, locale), width) for line in document.after]


def _table_parts(table: Table, locale: str, width: int, row_limit: int) -> Iterator[tuple[RenderableType, int]]:
    if table.title:
        yield _remark(one_line(table.title), width, style="bold")
    if not table.rows:
        yield _remark(table.empty, width)
    else:
        rows = table.rows[: max(row_limit, 1)]
        texts = [shown_row(row, table, locale) for row in rows]
        kept, widths = fit(table.columns, needs(table.columns, texts), width)
        yield _grid(table, rows, texts, kept, widths), max(width, _total(widths))
        for remark in _left_out(table, len(rows), kept):
            yield _remark(remark, width, style="italic")
    for note in table.notes:
        yield _remark(shown_line(note, locale), width)


def _remark(text: str, width: int, *, style: str = "") -> tuple[Text, int]:
    lines = wrapped(text, width)
    return Text("\n".join(lines), style=style), max(width, *map(cell_len, lines))


def wrapped(text: str, width: int) -> list[str]:
    """Return `text` in lines of at most `width` columns, a word that is longer on a line of its own.

    So a path or command can be copied whole, which Rich's own wrapping would break. A line that begins with four blanks
    is a command to copy: it stays one line.

    >>> wrapped("Written to /a/long/path now.", 12)
    ['Written to', '/a/long/path', 'now.']
    """
    if text.startswith("    "):
        return [text]
    lines: list[str] = []
    for word in text.split(" "):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _left_out(table: Table, rows: int, kept: Sequence[int]) -> Iterator[str]:
    hidden = len(table.rows) - rows + table.left_out
    if hidden:
        yield f"{hidden} more {'row is' if hidden == 1 else 'rows are'} not shown; -o FILE or a pipe holds all."
    dropped = [shown_title(column) for index, column in enumerate(table.columns) if index not in kept]
    if dropped:
        yield f"Not shown at this width: {', '.join(dropped)}."


def needs(columns: Sequence[Column], texts: Sequence[Sequence[str]]) -> list[Need]:
    """Return how wide each column must and would like to be."""
    found = []
    for index, column in enumerate(columns):
        title = shown_title(column)
        word = max(map(cell_len, title.split()), default=0)
        content = max(max((cell_len(row[index]) for row in texts), default=0), word)
        least = min(content, max(NARROWEST, word)) if column.kind in UNTRUSTED else content
        found.append(Need(least, content, max(content, cell_len(title))))
    return found


def fit(columns: Sequence[Column], need: Sequence[Need], width: int) -> tuple[list[int], list[int]]:
    """Return which columns are kept and how wide each of them is.

    The least important go first, of equals the rightmost, and with each those of its group; columns of importance 1
    stay even if the lines get longer than the terminal.
    """
    kept = list(range(len(columns)))
    while _total([need[i].least for i in kept]) > width:
        index = max(kept, key=lambda i: (columns[i].importance, i))
        if columns[index].importance <= 1:
            break
        group = columns[index].group
        kept = [i for i in kept if i != index and not (group and columns[i].group == group)]
    widths = [need[i].least for i in kept]
    for wishes in ([need[i].content for i in kept], [need[i].title for i in kept]):
        _widen(widths, wishes, width - _total(widths))
    return kept, widths


def _widen(widths: list[int], wishes: Sequence[int], room: int) -> None:
    """Give `room` away cell by cell, to the narrowest that still wishes."""
    for _ in range(room):
        wishing = [i for i, wish in enumerate(wishes) if widths[i] < wish]
        if not wishing:
            return
        widths[min(wishing, key=lambda i: widths[i])] += 1


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _grid(
    table: Table,
    rows: Sequence[tuple[Cell, ...]],
    texts: Sequence[Sequence[str]],
    kept: Sequence[int],
    widths: Sequence[int],
) -> RichTable:
    grid = RichTable(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
    for index, width in zip(kept, widths, strict=True):
        column = table.columns[index]
        grid.add_column(
            Text(shown_title(column)),
            width=width,
            justify="right" if column.kind in RIGHT_ALIGNED else "left",
            vertical="top",
        )
    for row, text in zip(rows, texts, strict=True):
        grid.add_row(*(_cell(row[index], text[index], table.columns[index].kind) for index in kept))
    return grid


def _cell(cell: Cell, text: str, kind: CellKind) -> Text:
    if kind is CellKind.TEXT:
        return Text(text, overflow="fold")
    if kind is CellKind.LAMP and cell is not None:
        return Text(text, style=LAMP_STYLES[Lamp(str(cell))], no_wrap=True)
    return Text(text, no_wrap=True, overflow="ellipsis")


def _plain_text(document: Document, locale: str) -> str:
    """Return everything, aligned with blanks alone."""
    blocks = [
        [shown_line(line, locale) for line in document.before],
        *([*_plain_table(table, locale)] for table in document.tables),
        [shown_line(line, locale) for line in document.after],
    ]
    return "\n".join("".join(f"{line.rstrip()}\n" for line in block) for block in blocks if block)


def _plain_table(table: Table, locale: str) -> Iterable[str]:
    if table.title:
        yield one_line(table.title)
    if table.rows:
        texts = [[shown_title(column) for column in table.columns]]
        texts += [shown_row(row, table, locale) for row in table.rows]
        widths = [min(WIDEST, max(map(cell_len, column))) for column in zip(*texts, strict=True)]
        for row in texts:
            yield (" " * GAP).join(map(_padded, row, widths, table.columns))
        if table.left_out:
            yield f"{table.left_out} more rows are not listed."
    else:
        yield table.empty
    yield from (shown_line(note, locale) for note in table.notes)


def _padded(text: str, width: int, column: Column) -> str:
    blanks = " " * (width - cell_len(text))
    return blanks + text if column.kind in RIGHT_ALIGNED else text + blanks
