"""The facts in the native form as a workbook that `ms import` takes again: days as days, amounts as numbers.

Invariant: every text is written as a text, never as a formula; the first row is the header.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from milestone_cli.errors import RuleBroken
from milestone_cli.exchange.facts_export import steerless
from milestone_cli.exchange.native import COLUMNS

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_576
"""What a sheet holds, the header included."""
_DATES = frozenset({"date", "since", "recorded_at"})
_ISO = len("2026-11-25")
_MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The workbook's own date: its content alone decides its bytes."""
_WIDTHS = {"opportunity": 24, "customer": 28, "title": 24, "text": 40, "date": 11, "since": 11, "recorded_at": 11}


def facts_workbook(rows: Iterable[list[str]]) -> bytes:
    """Return the rows, of which the first is the header, as a workbook with one sheet.

    Raises:
        RuleBroken: more facts than a sheet holds.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    # a row at a time: a book of half a million facts must not be in memory twice
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as workbook:
        workbook.set_properties({"created": _MADE})
        sheet = workbook.add_worksheet("facts")
        day, head = workbook.add_format({"num_format": "yyyy-mm-dd"}), workbook.add_format({"bold": True})
        for place, column in enumerate(COLUMNS):
            sheet.set_column(place, place, _WIDTHS.get(column, 14))
        sheet.freeze_panes(1, 0)
        for number, cells in enumerate(rows):
            if number == MOST_ROWS:
                raise RuleBroken("There are more facts than a sheet holds.", "Use -o facts.csv.")
            for place, cell in enumerate(cells):
                if cell:
                    _write(sheet, (number, place), cell, head if not number else day)
    return buffer.getvalue()


def _write(sheet: Worksheet, at: tuple[int, int], cell: str, look: Format) -> None:
    row, place = at
    column = COLUMNS[place]
    if not row:
        sheet.write_string(*at, cell, look)
    elif column in _DATES and len(cell) == _ISO:
        sheet.write_datetime(*at, date.fromisoformat(cell), look)
    elif column == "value" or (column == "milestone" and cell == "0"):
        sheet.write_number(*at, float(cell))
    else:
        sheet.write_string(*at, steerless(cell))
