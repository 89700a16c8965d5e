"""Which format a result is written in, and the one way from a document to its text.

Invariant: every format says the same cells; rich is imported only for the screen.
"""

from __future__ import annotations

from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import assert_never

from milestone_cli.domain.text import quoted
from milestone_cli.errors import ExtraMissing, UsageError
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
    HTML = "html"


PAGE_FORMS = (Format.HTML, Format.JSON, Format.XLSX)
"""What a page can be written as; html is for pages alone."""
EXTRAS = {
    Format.XLSX: ("A workbook", "excel", {"xlsxwriter": "xlsxwriter"}),
    Format.HTML: (
        "A page with charts", "report", {"altair": "altair", "jinja2": "jinja2", "vl_convert": "vl-convert-python"},
    ),
}  # fmt: skip
"""What is written with packages of an extra: what it is, the extra, the package of each module."""
ENDINGS = {f".{form.value}": form for form in Format if form is not Format.TABLE}


def choose_format(
    flag: Format | None, *, json: bool, output: Path | None, is_terminal: bool, page: bool = False
) -> Format:
    """Return the format: --format, else --json, else the ending of -o, else a table on a terminal and tsv in a pipe.

    A `page` is html unless said otherwise.

    Raises:
        UsageError: an ending that names no format; one that the command does not write, or not to a terminal.
        ExtraMissing: packages of an extra are not installed.
    """
    to_file = output is not None and str(output) != STDOUT
    if flag is not None:
        chosen = flag
    elif json:
        chosen = Format.JSON
    elif output is not None and to_file:
        chosen = format_of(output)
    elif page:
        chosen = Format.HTML
    else:
        chosen = Format.TABLE if is_terminal else Format.TSV
    if page != (chosen is Format.HTML):
        _refuse_unless_shared(chosen, page=page)
    if chosen is Format.XLSX and not to_file:
        raise UsageError("xlsx cannot go to standard output.", "Name a file with -o, or use --format csv.")
    if chosen is Format.HTML and not to_file and is_terminal:
        raise UsageError("A page is nothing to read on a terminal.", "Name a file with -o report.html.")
    _require(chosen)
    return chosen


def _require(form: Format) -> None:
    """Refuse what is written with packages that are not installed."""
    what, extra, packages = EXTRAS.get(form, ("", "", {}))
    if not all(map(find_spec, packages)):
        raise ExtraMissing(what, extra, packages.values())


def _refuse_unless_shared(chosen: Format, *, page: bool) -> None:
    if page and chosen not in PAGE_FORMS:
        raise UsageError(
            f"A page cannot be written as {chosen.value}.", "End the file in .html, .json or .xlsx, or see `ms kpis`."
        )
    if not page and chosen is Format.HTML:
        raise UsageError("html is for `ms report` alone.", "Use another format, or `ms report -o report.html`.")


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


def workbook_or_text(
    document: Document,
    form: Format,
    *,
    locale: str,
    width: int | None = None,
    colour: bool = False,
    encoding: str = "utf-8",
) -> str | bytes:
    """Return `document` in any form: a workbook as bytes, all others as `render` does."""
    if form is Format.XLSX:
        from milestone_cli.render.xlsx import as_xlsx

        return as_xlsx(document, locale=locale)
    return render(document, form, locale=locale, width=width, colour=colour, encoding=encoding)


def render(
    document: Document,
    form: Format,
    *,
    locale: str,
    width: int | None = None,
    colour: bool = False,
    row_limit: int = SCREEN_ROWS,
    encoding: str = "utf-8",
) -> str:
    """Return `document` as text that ends with a line end.

    Args:
        document: what a command has to say.
        form: the format.
        locale: Babel's name of the reader's locale, for what readers see.
        width: columns of the terminal; None for a pipe or file, where no column is dropped and nothing is cut.
        colour: whether the screen may use colour.
        row_limit: rows of one table that a terminal shows.
        encoding: what the terminal can show; signs that are not in it are replaced by simpler ones.
    """
    match form:
        case Format.TABLE:
            from milestone_cli.render import screen

            return screen.as_screen(
                document, locale=locale, width=width, colour=colour, row_limit=row_limit, encoding=encoding
            )
        case Format.JSON:
            from milestone_cli.render.json import as_json

            return as_json(document.json if document.items is None else document.items)
        case Format.CSV | Format.TSV:
            from milestone_cli.render.csv import as_csv, as_tsv

            return as_csv(document, locale=locale) if form is Format.CSV else as_tsv(document, locale=locale)
        case Format.MD:
            from milestone_cli.render.markdown import as_markdown

            return as_markdown(document, locale=locale)
        case Format.XLSX | Format.HTML:
            raise AssertionError(f"{form.value} is no text of tables")
        case _:
            assert_never(form)
