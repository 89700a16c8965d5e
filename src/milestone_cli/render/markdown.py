"""Tables as GitHub Markdown, in the same words as on screen.

Invariant: nothing in a cell or line is read as markup or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from milestone_cli.render.cells import RIGHT_ALIGNED, left_out_line, shown_line, shown_row, shown_title
from milestone_cli.reports.table import Column, Document, Table

_MARKUP = re.compile(r"[\\`*_\[\]|~]")


def as_markdown(document: Document, *, locale: str) -> str:
    """Return `document` as blocks with an empty line between them."""
    blocks = [
        *_lines(shown_line(line, locale) for line in document.before),
        *(block for table in document.tables for block in _table(table, locale)),
        *_lines(shown_line(line, locale) for line in document.after),
    ]
    return "".join(f"{block}\n\n" for block in blocks)[:-1]


def escaped(text: str) -> str:
    r"""Return `text` so that it reads in Markdown as it is.

    >>> escaped("a|b <i>")
    'a\\|b &lt;i>'
    """
    return _MARKUP.sub(r"\\\g<0>", text.replace("&", "&amp;").replace("<", "&lt;"))


def _lines(lines: Iterable[str]) -> list[str]:
    """A remark is a paragraph of its own; a sign in front of it makes neither heading, list nor quote."""
    return [_unblocked(escaped(line)) for line in lines if line.strip()]


def _unblocked(text: str) -> str:
    text = text.lstrip()
    return re.sub(r"^(\d+)(?=[.)])", r"\1\\", f"\\{text}" if text[0] in "#>+-=" else text)


def _table(table: Table, locale: str) -> list[str]:
    title = [f"## {escaped(shown_title(table, locale))}"] if table.title else []
    notes = _lines(shown_line(note, locale) for note in table.notes)
    if not table.rows:
        return [*title, escaped(shown_line(table.empty, locale)), *notes]
    head = [_row(shown_title(column, locale) for column in table.columns), _row_of(map(_rule, table.columns))]
    body = [_row(shown_row(row, table, locale)) for row in table.rows]
    more = [escaped(shown_line(left_out_line(table), locale))] if table.left_out else []
    return [*title, "\n".join([*head, *body]), *more, *notes]


def _row(cells: Iterable[str]) -> str:
    return _row_of(map(escaped, cells))


def _row_of(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(column: Column) -> str:
    return "---:" if column.kind in RIGHT_ALIGNED else "---"
