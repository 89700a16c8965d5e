"""A document for the eyes: Rich tables fitted to a terminal, plain aligned text where there is none.

Invariant: a number, a day or a lamp is never cut, and what a screen leaves out is said.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from milestone_cli.domain.lamps import Lamp
from milestone_cli.render.cells import (
    DRAWN,
    RIGHT_ALIGNED,
    WORDS,
    drawn,
    shown_figures,
    shown_line,
    shown_row,
    shown_title,
)
from milestone_cli.render.drawings import MARK, TRACK
from milestone_cli.render.fitting import GAP, Need, fit, needs, total
from milestone_cli.render.plain import as_plain
from milestone_cli.render.signs import legible
from milestone_cli.reports.table import Cell, CellKind, Column, Document, Line, Plural, Sentence, Table, counted, joined

LAMP_STYLES = {Lamp.GREEN: "green", Lamp.AMBER: "yellow", Lamp.RED: "bold red", Lamp.GREY: "bright_black"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What somebody reads in."""

    locale: str
    width: int
    """Columns."""
    row_limit: int
    """Rows of one table."""
    encoding: str
    """What it can show."""
    left_out: bool = True
    """It is said which columns have no room."""

    def line(self, line: Line) -> str:
        """Return a line as it is shown there."""
        return legible(shown_line(line, self.locale), self.encoding)

    def title(self, titled: Column | Table) -> str:
        """Return the title of a table or column as it is shown there."""
        return legible(shown_title(titled, self.locale), self.encoding)


def as_screen(
    document: Document,
    *,
    locale: str,
    width: int | None,
    colour: bool,
    row_limit: int,
    encoding: str = "utf-8",
    left_out: bool = True,
) -> str:
    """Return `document` for a terminal of `width` columns, or without limits and box art where `width` is None.

    Without `left_out` it is not said which columns have no room: for a window that is drawn anew all the time.
    """
    if width is None:
        return as_plain(document, locale)  # nobody's terminal: a pipe and a file get UTF-8
    window = Window(
        locale=locale, width=max(width, 1), row_limit=max(row_limit, 1), encoding=encoding, left_out=left_out
    )
    out = io.StringIO()
    console = Console(
        file=out,
        width=window.width,
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
    for position, block in enumerate(_blocks(document, window)):
        if position:
            console.print()
        for part, room in block:
            console.width = room
            console.print(part)
    # the rules under the headers and the drawings, whose stand-ins are as wide as they are
    return legible("".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines()), encoding)


def _blocks(document: Document, window: Window) -> Iterator[list[tuple[RenderableType, int]]]:
    """Yield what stands together, each part with the columns it takes."""
    if document.before:
        yield [_remark(line, window) for line in document.before]
    for table in document.tables:
        yield list(_table_parts(table, window))
    if document.after:
        yield [_remark(line, window) for line in document.after]


def _table_parts(table: Table, window: Window) -> Iterator[tuple[RenderableType, int]]:
    if table.title:
        yield _lines(window.title(table), window.width, style="bold")
    if table.rows:
        yield from _rows_parts(table.viewed, window)
    else:
        yield _remark(table.empty, window)
    for note in table.notes:
        yield _remark(note, window)


def _rows_parts(table: Table, window: Window) -> Iterator[tuple[RenderableType, int]]:
    rows = table.rows[: window.row_limit]
    heads = [window.title(column) for column in table.columns]
    texts = _texts(table, rows, window)
    need = needs(heads, texts, table.columns)
    kept: list[int] = []
    for part, widths in _folds(table.columns, need, window.width):
        if kept:
            yield Text(), window.width
        new = [index for index in part if index not in kept]
        said = [i for i, row in enumerate(rows) if not kept or any(row[index] is not None for index in new)]
        grid = _grid(table, [rows[i] for i in said], [heads, *(texts[i] for i in said)], part, widths)
        yield grid, max(window.width, total(widths))
        kept += new
    for legend in (table.columns[index].legend for index in kept):
        if legend:
            yield _remark(legend, window)
    for remark in _left_out(table, len(rows), kept if window.left_out else range(len(table.columns))):
        yield _remark(remark, window, style="italic")


def _texts(table: Table, rows: Sequence[tuple[Cell, ...]], window: Window) -> list[list[str]]:
    """Return the cells as a reader sees them, the values in sentences of figures under one another."""
    texts = [shown_row(row, table, window.locale) for row in rows]
    for index, column in enumerate(table.columns):
        if column.kind is CellKind.FIGURES:
            for line, text in zip(texts, shown_figures([row[index] for row in rows], window.locale), strict=True):
                line[index] = text
    return [[legible(text, window.encoding) for text in line] for line in texts]


def _folds(columns: Sequence[Column], need: Sequence[Need], width: int) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the columns that stand beside each other with their widths, then those that fold, as often as it takes."""
    first = list(takewhile(lambda i: columns[i].importance <= 1, range(len(columns))))
    waiting = list(range(len(columns)))
    part: list[int] = []
    while True:
        places, widths = fit([columns[i] for i in waiting], [need[i] for i in waiting], width)
        if part and len(places) == len(first):
            return  # not even one of those left has room
        rest = [i for place, i in enumerate(waiting) if columns[i].folds and place not in places]
        if rest:  # what follows below takes nobody's room
            waiting = [i for i in waiting if i not in rest]
            places, widths = fit([columns[i] for i in waiting], [need[i] for i in waiting], width)
        part = [waiting[place] for place in places]
        yield part, widths
        if not rest:
            return
        waiting = [*first, *rest]


def _remark(line: Line, window: Window, *, style: str = "") -> tuple[Text, int]:
    return _lines(window.line(line), window.width, style=style)


def _lines(text: str, width: int, *, style: str = "") -> tuple[Text, int]:
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


def _left_out(table: Table, rows: int, kept: Sequence[int]) -> Iterator[Line]:
    hidden = len(table.rows) - rows + table.left_out
    if hidden:
        yield Plural(
            "{} more row is not shown; -o FILE or a pipe holds all.",
            "{} more rows are not shown; -o FILE or a pipe holds all.",
            hidden,
            (counted(hidden),),
        )
    dropped = [column.title for index, column in enumerate(table.columns) if column.title and index not in kept]
    if dropped:
        yield Sentence("Not shown at this width: {}.", (joined(dropped, ", "),))


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
            Text(texts[0][index]),
            width=width,
            justify="right" if column.kind in RIGHT_ALIGNED else "left",
            vertical="top",
        )
    for row, text in zip(rows, texts[1:], strict=True):
        style = _lamp_style(row, table.columns)
        places = zip(kept, widths, strict=True)
        grid.add_row(*(_cell(row[i], text[i], table.columns[i].kind, style, width) for i, width in places))
    return grid


def _lamp_style(row: Sequence[Cell], columns: Sequence[Column]) -> str:
    """Return the colour of a row's first lamp, which its drawings share."""
    lamps = (cell for cell, column in zip(row, columns, strict=True) if column.kind is CellKind.LAMP)
    lamp = next(lamps, None)
    return "" if lamp is None else LAMP_STYLES[Lamp(str(lamp))]


def _cell(cell: Cell, text: str, kind: CellKind, style: str, width: int) -> Text:
    if kind in WORDS:
        return Text(text, overflow="fold")
    if kind in DRAWN:
        return _drawing(drawn(cell, kind, width), style)
    if kind is CellKind.LAMP and cell is not None:
        return Text(text, style=LAMP_STYLES[Lamp(str(cell))], no_wrap=True)
    return Text(text, no_wrap=True, overflow="ellipsis")


def _drawing(text: str, style: str) -> Text:
    """Return a drawing in the colour of its lamp, but for what is wanted: the rest of a bar, the mark in a fan."""
    found = Text(text, style=style, no_wrap=True)
    if TRACK in text:
        found.stylize("not bold bright_black", text.index(TRACK))
    if MARK in text:
        found.stylize("bold default", text.index(MARK), text.index(MARK) + 1)
    return found
