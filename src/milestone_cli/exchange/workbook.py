"""Workbooks (xlsx) as sheets of text: days as ISO, numbers plain, of a formula its last result.

Invariant: a workbook is looked over before it is read, so that none grows beyond what a file may hold; what cannot be
read is refused in one sentence.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from importlib.util import find_spec
from typing import IO, Any

from milestone_cli.domain.text import quoted
from milestone_cli.errors import ExtraMissing, MsError
from milestone_cli.exchange.reader import BadLines, Row, UnreadableFile

MOST_ROWS = 1_048_576
"""What a sheet can have."""
MOST_COLUMNS = 4096
MOST_BYTES = 1 << 30
"""Of all parts together, unpacked."""
_PART = 1 << 26
"""Bytes of a part that is held whole."""
_STRINGS = 1 << 28
_MOST_STRINGS = 5_000_000
_LONGEST = 1 << 21
"""Bytes of one row, and of all between two rows."""
_TAIL = 1 << 24
"""Bytes below the last row."""
_CHUNK = 1 << 20
_OVERLAP = 256
_ROW = re.compile(rb"<(?:\w+:)?row[ />]")
_END = re.compile(rb"</(?:\w+:)?sheetData>|<(?:\w+:)?sheetData */>")
_NO_RESULT = re.compile(rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?: [^<>]{0,200})?/>)\s*</(?:\w+:)?c>")
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_MIDNIGHT = time()
_AGAIN = "Save what is to be imported as CSV, or as a new workbook."


@dataclass(slots=True)
class WorkbookSheet:
    """One sheet of an open workbook."""

    source: str
    header: list[str]
    size: int
    _rows: Iterator[tuple[int, list[str]]]
    position: int = 0

    def rows(self, bad: BadLines, *, ragged: bool = False) -> Iterator[Row]:
        """Yield the rows below the header, as `Sheet` says."""
        wide = len(self.header)
        for number, cells in self._rows:
            self.position = min(number, self.size)
            if len(cells) > wide and not ragged:
                if any(cells[wide:]):
                    bad.add(number, f"it has {len(cells)} cells, the header {wide}")
                    continue
                del cells[wide:]
            yield number, cells


@contextmanager
def open_workbook(raw: IO[bytes], source: str) -> Iterator[Iterator[WorkbookSheet]]:
    """Hand out the visible sheets of a workbook that are not empty.

    Raises:
        ExtraMissing: openpyxl is not installed.
        UnreadableFile: no workbook, one beyond the limits, or one with formulas that were never computed.
    """
    if find_spec("openpyxl") is None:
        raise ExtraMissing(f"Reading the workbook {source}", "excel", ["openpyxl"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what openpyxl leaves out: forms, charts, validations
        with _understood(source):
            _look_over(raw, source)
            import openpyxl

            book = openpyxl.load_workbook(raw, read_only=True, data_only=True, keep_links=False)
        try:
            sheets = _sheets(book, source)
            first = next(sheets, None)
            if first is None:
                raise UnreadableFile(f"{source} is empty.", "The first row of a sheet names the columns.")
            yield _chained(first, sheets)
        finally:
            book.close()


@contextmanager
def _understood(source: str) -> Iterator[None]:
    """Turn whatever a damaged workbook makes openpyxl raise into one sentence."""
    try:
        yield
    except MsError:
        raise
    except zipfile.BadZipFile as error:
        raise UnreadableFile(f"{source} is a damaged workbook, or no workbook at all.", _AGAIN) from error
    except Exception as error:  # anything can come of XML that somebody made up
        raise UnreadableFile(f"{source} cannot be read as a workbook ({type(error).__name__}).", _AGAIN) from error


def _chained(first: WorkbookSheet, others: Iterator[WorkbookSheet]) -> Iterator[WorkbookSheet]:
    yield first
    yield from others


def _sheets(book: Any, source: str) -> Iterator[WorkbookSheet]:  # noqa: ANN401  # openpyxl has no types
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        size = min(sheet.max_row or MOST_ROWS, MOST_ROWS)
        sheet.reset_dimensions()
        name = source if len(book.worksheets) == 1 else f"{source}, sheet {sheet.title}"
        rows = _texts(sheet, name)
        for _number, cells in rows:
            header = [cell.strip() for cell in cells]
            while header and not header[-1]:
                header.pop()
            if header:
                yield WorkbookSheet(name, header, size, rows)
                break


def _texts(sheet: Any, source: str) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401  # openpyxl has no types
    """Yield the rows with something in them as texts, with their numbers."""
    rows = sheet.iter_rows(values_only=True)
    for number in range(1, MOST_ROWS + 1):
        with _understood(source):
            values = next(rows, None)
        if values is None:
            return
        if len(values) > MOST_COLUMNS:
            raise UnreadableFile(f"{source} has more than {MOST_COLUMNS} columns in row {number}.", _AGAIN)
        cells = [_text(value) for value in values]
        if any(cells):
            yield number, cells
    raise UnreadableFile(f"{source} has more than {MOST_ROWS} rows.", _AGAIN)


def _text(value: object) -> str:
    """Return a cell as a file of text would have it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _plain(value)
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == _MIDNIGHT else value.isoformat(" ", "seconds")
    return str(value)  # a whole number, a day, a time


def _plain(value: float) -> str:
    """Return a number with the 15 digits that a spreadsheet shows of it, and never so that it looks grouped."""
    if value.is_integer() and abs(value) < 1e18:
        return str(int(value))
    text = f"{Decimal(f'{value:.15g}'):f}"
    # 120.125 could be read as grouped where a point groups; 120.1250 cannot
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text


def _look_over(raw: IO[bytes], source: str) -> None:
    """Refuse what would grow beyond all bounds, before anything of it is read."""
    with zipfile.ZipFile(raw) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if "[Content_Types].xml" not in names:
            kind = "a spreadsheet of another program" if "mimetype" in names else "no workbook"
            raise UnreadableFile(f"{source} is {kind}.", "Save it as xlsx or CSV, then import that.")
        if any(part.flag_bits & 1 for part in parts):
            raise UnreadableFile(f"{source} is protected by a password.", "Save it without one, then import that.")
        if sum(part.file_size for part in parts) > MOST_BYTES:
            raise UnreadableFile(f"{source} would take more than {MOST_BYTES >> 20} MB unpacked.", _AGAIN)
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as stream:
                    _look_over_part(stream, part, source)
    raw.seek(0)


def _look_over_part(stream: IO[bytes], part: zipfile.ZipInfo, source: str) -> None:
    if "/worksheets/" in part.filename:
        _look_over_sheet(stream, source)
        return
    is_strings = part.filename.endswith("sharedStrings.xml")
    count = sum(chunk.count(b"<si") for chunk in _chunks(stream, source))
    if part.file_size > (_STRINGS if is_strings else _PART) or count > _MOST_STRINGS:
        raise UnreadableFile(f"{source} has a part {quoted(part.filename)} that is too large to be held.", _AGAIN)


def _look_over_sheet(stream: IO[bytes], source: str) -> None:
    since, limit = 0, _LONGEST
    for chunk in _chunks(stream, source):
        if _NO_RESULT.search(chunk):
            raise UnreadableFile(
                f"{source} has formulas without results: the program that wrote it does not compute.",
                "Open it in a spreadsheet program and save it there, then import that.",
            )
        if _END.search(chunk):
            limit = _TAIL
        last = max((found.start() for found in _ROW.finditer(chunk)), default=None)
        since = since + len(chunk) if last is None else len(chunk) - last
        if since > limit:
            raise UnreadableFile(f"{source} has a row, or something between its rows, of more than 2 MB.", _AGAIN)


def _chunks(stream: IO[bytes], source: str) -> Iterator[bytes]:
    """Yield a part in pieces that overlap, so that nothing is missed at their ends; no part declares anything."""
    rest = b""
    while piece := stream.read(_CHUNK):
        chunk = rest + piece
        if _DECLARED.search(chunk):
            raise UnreadableFile(f"{source} declares XML entities, which no workbook needs.", _AGAIN)
        yield chunk
        rest = chunk[-_OVERLAP:]
