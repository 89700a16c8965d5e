"""Tables for programs and spreadsheets, comma- or tab-separated.

Invariant: a text cell can never be read as a formula, and a number, day or sum never carries a guard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from milestone_cli.domain.text import visible
from milestone_cli.localization import ENGLISH
from milestone_cli.render.cells import UNTRUSTED, one_line, plain, shown_line, shown_title
from milestone_cli.reports.table import Cell, Document, Table

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_QUOTED = re.compile(r'[",\r\n]')
# Breaks are data inside quotes; what is left steers terminals or is no character at all.
_STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]+")


def as_csv(document: Document, *, locale: str) -> str:
    """Return the tables with commas; text as it is stored, but for control characters."""
    return _written(document, locale, comma_line)


def as_tsv(document: Document, *, locale: str) -> str:
    """Return the tables with tabs, one line a row whatever the cells hold."""
    return _written(document, locale, tab_line)


def guarded(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula; import takes the one `'` away again.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("'t Hooft")
    ("'=1+1", "''=1+1", "'t Hooft")
    """
    return f"'{text}" if _FORMULA.match(text) else text


def comma_line(cells: Sequence[str]) -> str:
    """Return one line of csv with its end.

    >>> comma_line(["a", "b,c", "1.50"]).strip()
    'a,"b,c",1.50'
    """
    if len(cells) == 1 and not cells[0]:
        return '""\n'
    return ",".join(map(_comma_cell, cells)) + "\n"


def tab_line(cells: Sequence[str]) -> str:
    """Return one line of tsv with its end; tabs and breaks inside a cell become blanks."""
    return "\t".join(map(one_line, cells)) + "\n"


def _comma_cell(text: str) -> str:
    text = _STEERING.sub(lambda found: visible(found[0]), text)
    if not _QUOTED.search(text):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _written(document: Document, locale: str, line: Callable[[Sequence[str]], str]) -> str:
    if not document.tables:
        return "".join(f"{shown_line(remark, locale)}\n" for remark in (*document.before, *document.after))
    several = len(document.tables) > 1
    return "\n".join(_table(table, line, titled=several) for table in document.tables)


def _table(table: Table, line: Callable[[Sequence[str]], str], *, titled: bool) -> str:
    title = [line([guarded(shown_title(table, ENGLISH))])] if titled else []
    head = line([column.key for column in table.columns])
    return "".join([*title, head, *(line(_cells(row, table)) for row in table.rows)])


def _cells(row: tuple[Cell, ...], table: Table) -> list[str]:
    texts = []
    for cell, column in zip(row, table.columns, strict=True):
        text = plain(cell, column.kind, currency=table.currency, digits=column.digits)
        texts.append(guarded(text) if column.kind in UNTRUSTED else text)
    return texts
