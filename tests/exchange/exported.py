"""Files as other systems export them, made by the tests, and what a reader takes from them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from milestone_cli.exchange.deals import Deal, Deals
from milestone_cli.exchange.reader import BadLines, open_table


class File(NamedTuple):
    """A file of an export."""

    name: str
    content: bytes


def exported(
    name: str,
    header: Sequence[str],
    *rows: Sequence[str],
    encoding: str = "utf-8",
    delimiter: str = ",",
    end: str = "\r\n",
) -> File:
    """Return a table as a system writes it: every cell quoted where it must be."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    writer.writerow(header)
    writer.writerows(rows)
    return File(name, text.getvalue().encode(encoding))


def read(
    read_sheet: Callable[..., None], files: Iterable[File], renamed: Mapping[str, str] | None = None
) -> tuple[Deals, list[tuple[int, str]]]:
    """Return what a reader takes from files, and the lines it refuses."""
    deals, refused = Deals(), []
    for file in files:
        deals.begin(file.name)
        bad = BadLines(file.name)
        with open_table(io.BytesIO(file.content), file.name) as table:
            read_sheet(table, deals, renamed or {}, bad, lambda: None)
        refused += bad.first
    return deals, refused


def said(deal: Deal) -> list[tuple[str, str, str, str]]:
    """Return the changes of a deal: what, from, to, when."""
    return [(change.what.value, change.old, change.value, change.time) for change in deal.changes]
