"""A document as aligned text for a pipe or file that wants tables.

Invariant: nothing is cut, dropped or drawn.
"""

from __future__ import annotations

from collections.abc import Iterable

from milestone_cli.render.cells import RIGHT_ALIGNED, left_out_line, shown_line, shown_row, shown_title
from milestone_cli.render.fitting import GAP
from milestone_cli.reports.table import Column, Document, Table

WIDEST = 60
"""A column is padded up to this; one long name does not push all others aside."""


def as_plain(document: Document, locale: str) -> str:
    """Return everything, aligned with blanks alone, without limits and box art."""
    blocks = [
        [shown_line(line, locale) for line in document.before],
        *([*_plain_table(table, locale)] for table in document.tables),
        [shown_line(line, locale) for line in document.after],
    ]
    return "\n".join("".join(f"{line.rstrip()}\n" for line in block) for block in blocks if block)


def _plain_table(table: Table, locale: str) -> Iterable[str]:
    if table.title:
        yield shown_title(table, locale)
    if table.rows:
        yield from _rows(table, locale)
        if table.left_out:
            yield shown_line(left_out_line(table), locale)
    else:
        yield shown_line(table.empty, locale)
    yield from (shown_line(note, locale) for note in table.notes)


def _rows(table: Table, locale: str) -> Iterable[str]:
    from rich.cells import cell_len

    texts = [[shown_title(column, locale) for column in table.columns]]
    texts += [shown_row(row, table, locale) for row in table.rows]
    widths = [min(WIDEST, max(map(cell_len, column))) for column in zip(*texts, strict=True)]
    for row in texts:
        blanks = (" " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True))
        yield (" " * GAP).join(map(_padded, row, blanks, table.columns))


def _padded(text: str, blanks: str, column: Column) -> str:
    return blanks + text if column.kind in RIGHT_ALIGNED else text + blanks
