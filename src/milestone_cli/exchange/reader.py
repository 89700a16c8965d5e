"""Delimited text from anywhere: the encoding, the separator and the header are found, the rows come one at a time.

Invariant: a row is never guessed at: it has the number of its line in the file, and what is no table is refused before
the first row. The file is read twice, never held.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from milestone_cli.domain.text import quoted
from milestone_cli.errors import MsError, RuleBroken

SEPARATORS = ",;\t"
"""What may stand between two cells."""
_LONGEST_HEADER = 64_000
_CHUNK = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_GUARDED = re.compile(r"''*[=+\-@\t\r]")
_STRANGERS = (
    (b"PK\x03\x04", "is a workbook of a spreadsheet program", "Save it as CSV there, then import that."),
    (b"\xd0\xcf\x11\xe0", "is an old workbook of a spreadsheet program", "Save it as CSV there, then import that."),
    (
        b"SQLite format 3\x00",
        "is a database",
        "Name it with --db to look into it, or with `ms restore` to go back to it.",
    ),
    (b"%PDF", "is a PDF", "Import takes csv, tsv and json."),
)

Row = tuple[int, list[str]]
"""The number of its first line, from 1, and its cells."""


class UnreadableFile(MsError):
    """A file to import that is not there, or is no table."""

    code = "unreadable_file"


@dataclass(slots=True)
class Delimited:
    """An open table."""

    source: str
    """Its name for messages."""
    header: list[str]
    """The cells of its first row, without blanks around them."""
    size: int
    """Bytes."""
    _raw: IO[bytes]
    _text: TextIOWrapper
    _separator: str
    _skipped: int

    @property
    def position(self) -> int:
        """How many bytes were read so far, at most a buffer ahead of the rows."""
        return self._raw.tell()

    def rows(self, bad: BadLines, *, ragged: bool = False) -> Iterator[Row]:
        """Yield the rows below the header, blank ones left out; one that is no row goes to `bad`.

        Args:
            bad: takes what is wrong.
            ragged: a row may have more cells than the header.
        """
        reader = csv.reader(self._text, delimiter=self._separator, strict=True)
        skipped, wide = self._skipped, len(self.header)
        while True:
            number = skipped + reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                bad.add(number, _reason(error))
                continue
            if len(cells) > wide and not ragged:
                if any(cell.strip() for cell in cells[wide:]):
                    bad.add(number, f"it has {len(cells)} cells, the header {wide}")
                    continue
                del cells[wide:]
            if any(cells):
                yield number, cells


def _reason(error: csv.Error) -> str:
    text = str(error)
    if "field larger" in text or "unexpected end" in text:
        return "a quote is opened and not closed"
    if "NUL" in text:
        return "it holds a NUL character"
    return f"a cell is quoted wrongly ({text})"


class BadLines:
    """What is wrong with the lines of a file: the first ones, and how many in all."""

    shown = 20

    def __init__(self, source: str) -> None:
        self.source = source
        self.count = 0
        self.first: list[tuple[int, str]] = []
        self._told: set[int] = set()

    def add(self, line: int, reason: str) -> None:
        """Take a finding down, once: a row that says two things of one bad day is one bad row."""
        # the hash alone: a million bad lines would be as many texts
        told = hash((line, reason))
        if told in self._told:
            return
        self._told.add(told)
        self.count += 1
        if len(self.first) < self.shown:
            self.first.append((line, reason))

    def refuse(self) -> None:
        """Raise InvalidLines if there is a single one."""
        if self.count:
            raise InvalidLines([self])


class BadFiles:
    """What is wrong with the lines of several files."""

    def __init__(self) -> None:
        self._files: dict[str, BadLines] = {}

    def of(self, source: str) -> BadLines:
        """Return what takes the findings of one file."""
        return self._files.setdefault(source, BadLines(source))

    def refuse(self) -> None:
        """Raise InvalidLines if there is a single one."""
        found = [bad for bad in self._files.values() if bad.count]
        if found:
            raise InvalidLines(found)


class InvalidLines(MsError):
    """Lines that cannot be read; nothing of the file was taken."""

    code = "invalid_lines"

    def __init__(self, files: Sequence[BadLines]) -> None:
        super().__init__(
            "\n".join(map(_listed, files)),
            f"Nothing was recorded. Correct the {'file' if len(files) == 1 else 'files'} and import "
            f"{'it' if len(files) == 1 else 'them'} again; --dry-run only looks.",
        )
        self.count = sum(bad.count for bad in files)


def _listed(bad: BadLines) -> str:
    listed = "".join(f"\n  {_where(line)}{reason.removesuffix('.')}" for line, reason in sorted(bad.first))
    more = f"\n  and {bad.count - len(bad.first)} more" if bad.count > len(bad.first) else ""
    return f"{bad.source} has {bad.count} {'line' if bad.count == 1 else 'lines'} that cannot be taken:{listed}{more}"


def _where(line: int) -> str:
    return f"line {line}: " if line else ""


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to import, `-` for standard input, so that it can be read twice.

    Raises:
        UnreadableFile: not there, a directory, not allowed.
    """
    if str(path) == "-":
        import sys

        if sys.stdin is None:
            raise UnreadableFile("Standard input is closed.", "Name a file.")
        with _copied(sys.stdin.buffer) as copy:
            yield copy
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        if file.seekable():
            yield file
            return
        with _copied(file) as copy:
            yield copy


@contextmanager
def _copied(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """Hand out what a pipe brings as a file that can be read twice."""
    import shutil

    with TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        yield copy


def _unreadable(path: Path, error: OSError) -> UnreadableFile:
    reason = (error.strerror or "it cannot be opened").lower()
    return UnreadableFile(f"{quoted(str(path))} cannot be read: {reason}.", "Check the name of the file.")


def looks_like_json(raw: IO[bytes]) -> bool:
    """Tell whether the file begins like a JSON object."""
    begin = raw.read(64)
    raw.seek(0)
    return begin.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{"


@contextmanager
def open_table(raw: IO[bytes], source: str) -> Iterator[Delimited]:
    """Find out how a table is written and hand it out at its first row.

    Args:
        raw: the file, open for reading at its beginning.
        source: its name for messages.

    Raises:
        UnreadableFile: empty, or no text.
        RuleBroken: a file of another kind; the message says which.
    """
    begin = raw.read(4096)
    for mark, what, hint in _STRANGERS:
        if begin.startswith(mark):
            raise RuleBroken(f"{source} {what}.", hint)
    encoding = _encoding(raw, begin, source)
    size = raw.seek(0, 2)
    raw.seek(0)
    text = TextIOWrapper(raw, encoding=encoding, newline="")
    try:
        line = text.readline(_LONGEST_HEADER)
        skipped = 1
        while line and (not line.strip() or line.lower().startswith("sep=")):
            line = text.readline(_LONGEST_HEADER)
            skipped += 1
        if not line:
            raise UnreadableFile(f"{source} is empty.", "The first line names the columns.")
        separator = max(SEPARATORS, key=line.count)
        yield Delimited(source, _header(line, separator, source), size, raw, text, separator, skipped)
    finally:
        if not text.closed:
            text.detach()


def _header(line: str, separator: str, source: str) -> list[str]:
    if "\x00" in line or len(line) >= _LONGEST_HEADER:
        raise UnreadableFile(f"{source} is no table: its first line is no header.", "Import takes csv, tsv and json.")
    try:
        cells = next(csv.reader([line], delimiter=separator, strict=True))
    except (csv.Error, StopIteration) as error:
        raise UnreadableFile(f"The first line of {source} is quoted wrongly.", "It names the columns.") from error
    header = [cell.strip() for cell in cells]
    while header and not header[-1]:
        header.pop()
    return header


def _encoding(raw: IO[bytes], begin: bytes, source: str) -> str:
    """Return the encoding: what a mark says, else UTF-8 where all of it is, else Latin-1 as Windows writes it."""
    for mark, name in _MARKS:
        if begin.startswith(mark):
            return _checked(raw, name, source)
    if begin[1:2] == b"\x00" and begin[:1] != b"\x00":
        return _checked(raw, "utf-16-le", source)
    if begin[:1] == b"\x00" and begin[1:2] != b"\x00" and len(begin) > 1:
        return _checked(raw, "utf-16-be", source)
    return "utf-8" if _decodes(raw, "utf-8") else "cp1252" if _decodes(raw, "cp1252") else "latin-1"


def _checked(raw: IO[bytes], name: str, source: str) -> str:
    if not _decodes(raw, name):
        said = name.removesuffix("-sig").upper()
        raise UnreadableFile(f"{source} says that it is {said}, but is not.", "Save it as CSV UTF-8 once more.")
    return name


def _decodes(raw: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    raw.seek(0)
    try:
        while chunk := raw.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def without_guard(text: str) -> str:
    """Take away the one `'` that export puts before what a spreadsheet would read as a formula.

    >>> without_guard("'=1+1"), without_guard("''=1+1"), without_guard("'t Hooft")
    ('=1+1', "'=1+1", "'t Hooft")
    """
    return text[1:] if _GUARDED.match(text) else text
