"""Any file to import as what a reader takes: the sheets of a table or of a workbook, or the objects of a JSON file.

Invariant: what kind of file it is, is seen from its first bytes and never from its name.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Protocol

from milestone_cli.exchange.reader import BadLines, Row, UnreadableFile, open_table

JSON_LIMIT = 200_000_000
"""Bytes of a JSON file: it is held whole, and takes several times as much in memory."""
_WORKBOOK = b"PK\x03\x04"


class Sheet(Protocol):
    """A table, open at its first row."""

    source: str
    """Its name for messages: the file, and of a workbook the sheet."""
    header: list[str]
    """The cells of its first row, without blanks around them."""
    size: int
    """How far `position` goes."""

    @property
    def position(self) -> int:
        """How far it is read."""

    def rows(self, bad: BadLines, *, ragged: bool = False) -> Iterator[Row]:
        """Yield the rows below the header, blank ones left out; one that is no row goes to `bad`.

        Args:
            bad: takes what is wrong.
            ragged: a row may have more cells than the header.
        """


def is_json(raw: IO[bytes]) -> bool:
    """Tell whether the file begins like a JSON object or list."""
    begin = raw.read(64)
    raw.seek(0)
    return begin.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in {b"{", b"["}


@contextmanager
def open_sheets(raw: IO[bytes], source: str) -> Iterator[Iterator[Sheet]]:
    """Hand out the sheets of a table or a workbook, one after the other; each is read before the next one.

    Args:
        raw: the file, open for reading at its beginning.
        source: its name for messages.

    Raises:
        UnreadableFile: no table, or a workbook that cannot be read.
        RuleBroken: a file of another kind; the message says which.
        ExtraMissing: workbooks need the extra `excel`.
    """
    begin = raw.read(len(_WORKBOOK))
    raw.seek(0)
    if begin == _WORKBOOK:
        from milestone_cli.exchange.workbook import open_workbook

        with open_workbook(raw, source) as sheets:
            yield sheets
    else:
        with open_table(raw, source) as table:
            yield iter((table,))


@contextmanager
def open_sheet(raw: IO[bytes], source: str) -> Iterator[Sheet]:
    """Hand out the one sheet of a table, or the first one of a workbook that is not empty."""
    with open_sheets(raw, source) as sheets:
        yield next(sheets)


def read_json(raw: IO[bytes], source: str) -> list[object]:
    """Return what a JSON file holds: several objects where they stand one after the other.

    Raises:
        UnreadableFile: not JSON, or too large.
    """
    content = raw.read(JSON_LIMIT + 1)
    if len(content) > JSON_LIMIT:
        raise UnreadableFile(
            f"{source} has more than {JSON_LIMIT // 1_000_000} MB of JSON.", "Split it into several files."
        )
    try:
        text = content.decode(json.detect_encoding(content)).lstrip()
        return _documents(text)
    except (ValueError, RecursionError) as error:  # also UnicodeDecodeError
        raise UnreadableFile(f"{source} is not valid JSON.", "Export it once more.") from error


def _documents(text: str) -> list[object]:
    decoder = json.JSONDecoder()
    found = []
    place = 0
    while place < len(text):
        document, place = decoder.raw_decode(text, place)
        found.append(document)
        while place < len(text) and text[place] in " \t\r\n":
            place += 1
    return found
