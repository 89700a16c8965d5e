"""Which format a result is written in, and the one way from a document to its text.

Invariant: every format says the same cells; rich is imported only for the screen.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import assert_never

from milestone_cli.domain.text import quoted
from milestone_cli.errors import UsageError
from milestone_cli.reports.table import Document

STDOUT = "-"
"""As the value of -o: standard output."""
SCREEN_ROWS = 200
"""A terminal shows no more rows of one table; a file or a pipe holds all."""


class Format(StrEnum):
    """What `--format` takes."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    TSV = "tsv"
    MD = "md"
    XLSX = "xlsx"


ENDINGS = {f".{form.value}": form for form in Format if form is not Format.TABLE}


def choose_format(flag: Format | None, *, json: bool, output: Path | None, is_terminal: bool) -> Format:
    """Return the format: --format, else --json, else the ending of -o, else a table on a terminal and tsv in a pipe.

    Raises:
        UsageError: an ending that names no format; xlsx to standard output or as long as there is no writer.
    """
    to_file = output is not None and str(output) != STDOUT
    if flag is not None:
        chosen = flag
    elif json:
        chosen = Format.JSON
    elif output is not None and to_file:
        chosen = format_of(output)
    else:
        chosen = Format.TABLE if is_terminal else Format.TSV
    if chosen is Format.XLSX:
        _refuse_xlsx(to_file=to_file)
    return chosen


def format_of(path: Path) -> Format:
    """Return the format that the ending of `path` names.

    >>> format_of(Path("kpis.CSV")).value
    'csv'

    Raises:
        UsageError: it names none.
    """
    found = ENDINGS.get(path.suffix.casefold())
    if found is None:
        known = ", ".join(ENDINGS)
        raise UsageError(
            f"The ending of {quoted(path.name)} names no format.", f"End it in one of {known}, or give --format."
        )
    return found


def render(
    document: Document,
    form: Format,
    *,
    locale: str,
    width: int | None = None,
    colour: bool = False,
    row_limit: int = SCREEN_ROWS,
) -> str:
    """Return `document` as text that ends with a line end.

    Args:
        document: what a command has to say.
        form: the format.
        locale: Babel's name of the reader's locale, for what readers see.
        width: columns of the terminal; None for a pipe or file, where no column is dropped and nothing is cut.
        colour: whether the screen may use colour.
        row_limit: rows of one table that a terminal shows.
    """
    match form:
        case Format.TABLE:
            from milestone_cli.render import screen

            return screen.as_screen(document, locale=locale, width=width, colour=colour, row_limit=row_limit)
        case Format.JSON:
            from milestone_cli.render.json import as_json

            return as_json(document.json if document.items is None else document.items)
        case Format.CSV | Format.TSV:
            from milestone_cli.render.csv import as_csv, as_tsv

            return as_csv(document, locale=locale) if form is Format.CSV else as_tsv(document, locale=locale)
        case Format.MD:
            from milestone_cli.render.markdown import as_markdown

            return as_markdown(document, locale=locale)
        case Format.XLSX:
            _refuse_xlsx(to_file=True)
            raise AssertionError
        case _:
            assert_never(form)


def _refuse_xlsx(*, to_file: bool) -> None:
    if not to_file:
        raise UsageError("xlsx cannot go to standard output.", "Name a file with -o, or use --format csv.")
    raise UsageError("xlsx is not built yet.", "Use csv for now: every spreadsheet opens it.")
