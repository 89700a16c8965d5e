"""A document as a workbook: one sheet a table, numbers as numbers in the form of their kind, lamps in their colours.

Invariant: no cell is a formula; every sheet says the same cells as the other formats, and the same document gives the
same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from milestone_cli.domain.day import first_of_month, to_date
from milestone_cli.domain.lamps import Lamp
from milestone_cli.domain.money import Currency
from milestone_cli.domain.text import visible
from milestone_cli.errors import RuleBroken
from milestone_cli.render.cells import RIGHT_ALIGNED, UNTRUSTED, one_line, plain, shown, shown_line, shown_title
from milestone_cli.render.csv import guarded
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Money,
    Plural,
    Sentence,
    Table,
    counted,
    the_month,
)

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS, LONGEST_TEXT, LONGEST_NAME = 1_000_000, 32_000, 31
"""What a sheet, a cell and a sheet's name hold."""
FIRST_DAY = date(1900, 3, 1)
"""Before it spreadsheets count days in different ways."""
MONTHS = "mmm yyyy"
"""How a spreadsheet shows a month, in its own reader's language."""
HEAD = 2
"""The row of the titles; above it stands what the table is about."""
_COLOURS = {Lamp.GREEN: ("#DDF3E4", "#14602F"), Lamp.AMBER: ("#FFF0CC", "#744B00"), Lamp.RED: ("#FBDDDA", "#A01810")}
_MONEY = frozenset({CellKind.MONEY, CellKind.ABOUT})
_DATES = frozenset({CellKind.DAY, CellKind.MONTH})
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The workbook's own date: its content alone decides its bytes."""


def as_xlsx(document: Document, *, locale: str) -> bytes:
    """Return the tables as sheets of a workbook, with the remarks under them.

    Raises:
        RuleBroken: a table has more rows than a sheet.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": _MADE})
        formats = _Formats(workbook)
        last = len(document.tables) - 1
        names = _sheet_names(document.tables, locale)
        for place, table in enumerate(document.tables):
            sheet = workbook.add_worksheet(names[place])
            around = [*(document.before if not place else ()), *table.notes, *(document.after if place == last else ())]
            _Sheet(sheet, table, formats, locale).fill(around)
        if last < 0:
            _remarks(workbook.add_worksheet("ms"), 0, [*document.before, *document.after], locale)
    return buffer.getvalue()


class _Formats:
    """The cell formats of a workbook, each made once."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def of(self, **properties: object) -> Format:
        """Return the format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._workbook.add_format(properties)
        return self._made[key]


def _sheet_names(tables: Sequence[Table], locale: str) -> list[str]:
    """Return a name for each table that no other one has, whatever the case of its letters."""
    found: dict[str, None] = {}
    for number, table in enumerate(tables, start=1):
        words = _FORBIDDEN.sub(" ", one_line(shown_line(table.name or table.title, locale))).strip(" '") or "ms"
        plain_name, numbered = _short(words), _short(f"{number} {words}")
        taken = {name.casefold() for name in found}
        free = plain_name.casefold() not in taken | {"history"} and (table.name or len(tables) == 1)
        found[plain_name if free else numbered] = None
    return list(found)


def _short(name: str) -> str:
    return name[:LONGEST_NAME].rstrip(" '")


class _Sheet:
    """One table on its sheet."""

    def __init__(self, sheet: Worksheet, table: Table, formats: _Formats, locale: str) -> None:
        self._sheet = sheet
        self._table = table
        self._formats = formats
        self._locale = locale

    def fill(self, around: Sequence[Line]) -> None:
        """Write title, columns and, under them, the remarks."""
        table, sheet = self._table, self._sheet
        if len(table.rows) > MOST_ROWS:
            raise RuleBroken("There are more rows than a sheet holds.", "Use --format csv, or ask for less.")
        sheet.write_string(
            0, 0, _text(guarded(shown_title(table, self._locale))), self._formats.of(bold=True, font_size=13)
        )
        for place, column in enumerate(table.columns):
            align = "right" if column.kind in RIGHT_ALIGNED else "left"
            self._head(place, column.title, align)
            self._fill_column(place, column)
        self._fill_series()
        if table.rows:
            sheet.autofilter(HEAD, 0, HEAD + len(table.rows), len(table.columns) - 1)
        sheet.freeze_panes(HEAD + 1, 0)
        sheet.autofit(max_width=360)
        empty = [] if table.rows else [table.empty]
        _remarks(sheet, HEAD + 2 + len(table.rows), [*empty, *around], self._locale)

    def _head(self, place: int, title: Line, align: str) -> None:
        month = the_month(title)
        look = {"bold": True, "bottom": 1, "align": align}
        if month is None:
            text = _text(guarded(one_line(shown_line(title, self._locale))))
            self._sheet.write_string(HEAD, place, text, self._formats.of(**look))
        else:
            self._write_day((HEAD, place), month, CellKind.MONTH, self._formats.of(num_format=MONTHS, **look))

    def _fill_series(self) -> None:
        """Draw each series in its cell, and write its figures, oldest first, in columns behind the last one."""
        table, behind = self._table, len(self._table.columns)
        for place, column in enumerate(table.columns):
            series = [cell if isinstance(cell, tuple) else () for cell in (row[place] for row in table.rows)]
            longest = max(map(len, series), default=0)
            if column.kind is not CellKind.SPARK or not longest:
                continue
            money = replace(column, kind=CellKind.MONEY if table.currency is not None else CellKind.COUNT)
            values = [value for figures in series for value in figures]
            look = self._formats.of(num_format=_number_format(money, values, table.currency))
            from xlsxwriter.utility import xl_range

            for number in range(longest):
                self._head(behind + number, Sentence("{} {}", (column.title, counted(number + 1))), "right")
            for row, figures in enumerate(series, start=HEAD + 1):
                for number, value in enumerate(figures, start=behind):
                    self._sheet.write_number(row, number, value / self._unit(money), look)
                if figures:
                    end = behind + len(figures) - 1
                    self._sheet.add_sparkline(row, place, {"range": xl_range(row, behind, row, end)})
            behind += longest

    def _fill_column(self, place: int, column: Column) -> None:
        cells = [row[place] for row in self._table.rows]
        if column.kind is CellKind.SPARK:
            return
        look = self._formats.of(num_format=_number_format(column, cells, self._table.currency))
        for row, cell in enumerate(cells, start=HEAD + 1):
            if cell is not None:
                self._write((row, place), cell, column, look)
        if column.kind is CellKind.LAMP and cells:
            for lamp, (ground, ink) in _COLOURS.items():
                rule = {"type": "text", "criteria": "ends with", "value": self._lamp(lamp).split()[-1]}
                rule["format"] = self._formats.of(bg_color=ground, font_color=ink)
                self._sheet.conditional_format(HEAD + 1, place, HEAD + len(cells), place, rule)

    def _write(self, at: tuple[int, int], cell: Cell, column: Column, look: Format) -> None:
        """Write a value as what it is; nothing is left to the library to guess."""
        match cell:
            case Money():
                own = self._formats.of(num_format=_number_format(column, [cell], cell.currency))
                self._sheet.write_number(*at, cell.minor / 10**cell.currency.digits, own)
            case bool():
                self._sheet.write_boolean(*at, cell, look)
            case int() if column.kind in _DATES:
                self._write_day(at, cell, column.kind, look)
            case Sentence() if (month := the_month(cell)) is not None:
                self._write_day(at, month, CellKind.MONTH, self._formats.of(num_format=MONTHS, align="left"))
            case int() | float():
                self._sheet.write_number(*at, cell / self._unit(column), look)
            case _:
                text = self._lamp(Lamp(str(cell))) if column.kind is CellKind.LAMP else self._words(cell, column)
                self._sheet.write_string(*at, _text(text), look)

    def _write_day(self, at: tuple[int, int], cell: int, kind: CellKind, look: Format) -> None:
        day = to_date(first_of_month(cell) if kind is CellKind.MONTH else cell)
        if day < FIRST_DAY:
            self._sheet.write_string(*at, plain(cell, kind))
        else:
            self._sheet.write_datetime(*at, day, look)

    def _unit(self, column: Column) -> int:
        """Return by what a number is divided: money lies in minor units."""
        currency = self._table.currency
        return 10**currency.digits if column.kind in _MONEY and currency is not None else 1

    def _lamp(self, lamp: Lamp) -> str:
        return shown(lamp, CellKind.LAMP, self._locale)

    def _words(self, cell: Cell, column: Column) -> str:
        """Return a text; the program's own words are the reader's, all else is as a program reads it."""
        own = column.kind in (CellKind.WORD, CellKind.MONTH) or isinstance(cell, Sentence | Plural)
        text = (
            shown(cell, column.kind, self._locale) if own else plain(cell, column.kind, currency=self._table.currency)
        )
        return guarded(text) if column.kind in UNTRUSTED else text


def _remarks(sheet: Worksheet, row: int, lines: Sequence[Line], locale: str) -> None:
    for offset, line in enumerate(lines):
        sheet.write_string(row + offset, 0, _text(guarded(shown_line(line, locale))))


def _number_format(column: Column, cells: Sequence[Cell], currency: Currency | None) -> str:
    """Return how a spreadsheet shows the numbers of a column; decimals of money only where there are any."""
    match column.kind:
        case kind if kind in _MONEY and currency is not None:
            unit = 10**currency.digits
            minor = [cell.minor if isinstance(cell, Money) else cell for cell in cells]
            exact = column.kind is CellKind.MONEY and any(isinstance(one, int) and one % unit for one in minor)
            decimals = f".{'0' * currency.digits}" if exact else ""
            return f'#,##0{decimals} "{currency.code}"'
        case CellKind.COUNT:
            return "#,##0"
        case CellKind.NUMBER | CellKind.RATE:
            decimals = f".{'0' * column.digits}" if column.digits else ""
            return f"0{decimals}%" if column.kind is CellKind.RATE else f"#,##0{decimals}"
        case CellKind.DAY:
            return "yyyy-mm-dd"
        case CellKind.MONTH:
            return MONTHS
        case _:
            return "@" if column.kind in UNTRUSTED else "General"


def _text(text: str) -> str:
    """Return text that a cell can hold: one line, nothing hidden, not too long."""
    return visible(one_line(text))[:LONGEST_TEXT]
