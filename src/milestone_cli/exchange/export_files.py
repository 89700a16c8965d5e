"""The files of an export, read one after the other into deals.

Invariant: every file, and every sheet of a workbook, is read or named as left out; a heading that the map names and no
file has is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from milestone_cli.domain.text import quoted
from milestone_cli.errors import suggestions
from milestone_cli.exchange.deals import Deals
from milestone_cli.exchange.headings import missing_heading
from milestone_cli.exchange.reader import BadFiles, UnreadableFile, open_bytes
from milestone_cli.exchange.sheets import Sheet, is_json, open_sheets, read_json
from milestone_cli.exchange.systems import SystemReader

Progress = Callable[[int, str], AbstractContextManager[Callable[[int], None]]]
"""Shows how far a file is read: how far it goes and its name, then how much more is done."""
_STEP = 2000


@dataclass(slots=True)
class Export:
    """What the files say."""

    deals: Deals = field(default_factory=Deals)
    bad: BadFiles = field(default_factory=BadFiles)
    left_out: list[str] = field(default_factory=list)
    """Sheets of workbooks that are none of the system's tables."""
    headings: list[str] = field(default_factory=list)
    """Of all tables."""


def source_of(path: Path) -> str:
    """Return how messages call a file."""
    return "standard input" if str(path) == "-" else path.name


def read_export(paths: Sequence[Path], reader: SystemReader, renamed: Mapping[str, str], progress: Progress) -> Export:
    """Return what the files of an export say.

    Args:
        paths: the files, in any order.
        reader: of their system.
        renamed: by our name for a column, the heading that the map names.
        progress: shows how far each file is read.

    Raises:
        UnreadableFile: a file that is not there, is none of the system's, or lacks a heading of the map.
    """
    export = Export()
    for path, source in zip(paths, _sources(paths), strict=True):
        with open_bytes(path) as raw:
            if is_json(raw):
                _read_objects(raw, source, reader, export)
            else:
                with open_sheets(raw, source) as sheets:
                    _read_sheets(sheets, reader, renamed, export, progress)
    for name, heading in renamed.items():
        if name not in export.deals.renamed:
            raise _missing(name, heading, reader, export)
    export.deals.finish()
    if not export.deals.rows and not export.deals.by_id:
        export.bad.refuse()
        raise UnreadableFile(f"{', '.join(_sources(paths))}: no row below the header.", "One deal a row.")
    return export


def _sources(paths: Sequence[Path]) -> list[str]:
    """Return how messages call the files: by their names, by more of their paths where two have the same name."""
    names = [source_of(path) for path in paths]
    return [str(path) if names.count(name) > 1 else name for path, name in zip(paths, names, strict=True)]


def _read_objects(raw: IO[bytes], source: str, reader: SystemReader, export: Export) -> None:
    if reader.read_json is None:
        raise UnreadableFile(f"{source} is JSON; {reader.called} exports tables.", "Export it as csv or xlsx.")
    export.deals.begin(source)
    for found in read_json(raw, source):
        reader.read_json(found, source, export.deals, export.bad.of(source))


def _read_sheets(
    sheets: Iterator[Sheet], reader: SystemReader, renamed: Mapping[str, str], export: Export, progress: Progress
) -> None:
    unknown: list[Sheet] = []
    known = 0
    for sheet in sheets:
        export.headings += sheet.header
        if not reader.is_mine(sheet.header, renamed):
            unknown.append(sheet)
            continue
        known += 1
        export.deals.begin(sheet.source)
        with progress(sheet.size, sheet.source) as done:
            reader.read_sheet(sheet, export.deals, renamed, export.bad.of(sheet.source), _ticker(sheet, done))
    if not known:
        # the reader says what its tables are known by
        reader.read_sheet(unknown[0], export.deals, renamed, export.bad.of(unknown[0].source), lambda: None)
    export.left_out += [sheet.source for sheet in unknown]


def _ticker(sheet: Sheet, done: Callable[[int], None]) -> Callable[[], None]:
    """Return what is called once a row, and tells of every few rows how far the sheet is read."""

    def steps() -> Iterator[None]:
        rows = told = 0
        while True:
            rows += 1
            if not rows % _STEP:
                position = sheet.position
                done(position - told)
                told = position
            yield

    ticks = steps()
    return lambda: next(ticks)


def _missing(name: str, heading: str, reader: SystemReader, export: Export) -> UnreadableFile:
    """Return the error for a column that the map names and nothing has."""
    if reader.unknown_columns({name: heading}):
        names = [known for layout in reader.layouts for known in layout.columns]
        near = suggestions(name, names)
        hint = f"Did you mean {' or '.join(near)}? " if near else ""
        return UnreadableFile(
            f"[columns] of the map names {quoted(name)}, which is nothing that is read of {reader.called}.",
            f"{hint}It has {', '.join(dict.fromkeys(names))}.",
        )
    return missing_heading(heading, name, export.headings)
