"""Whether somebody has written to the file since we looked: one connection that only ever asks for a number.

Invariant: watching writes nothing, holds no transaction open, and outlives a file that is moved away and comes back.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from milestone_cli.store.sqlite_path import connect, located, opening_mode

_Mark = tuple[int, int, int]


class Watcher:
    """Tells when a file has changed. A context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._raw: sqlite3.Connection | None = None
        self._place: tuple[int, int] | None = None
        self._seen: _Mark | None = None

    def changed(self) -> bool:
        """Return whether somebody has written (or moved the file) since the last call; the first call says so."""
        mark = self._mark()
        if mark == self._seen:
            return False
        self._seen = mark
        return True

    def _mark(self) -> _Mark | None:
        """Return `PRAGMA data_version` of this file; it rises with every commit of another connection."""
        try:
            found = self._path.stat()
        except OSError:
            self.close()
            return None
        if self._raw is None or self._place != (found.st_dev, found.st_ino):
            self.close()
            with suppress(sqlite3.Error):
                place = located(self._path)
                self._raw = connect(place, opening_mode(place))
            self._place = found.st_dev, found.st_ino
        if self._raw is None:
            return None
        try:
            [version] = self._raw.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            self.close()
            return None
        # a file opened as unchanging has no version: its time tells
        return (*self._place, hash((version, found.st_mtime_ns)))

    def close(self) -> None:
        """Let go of the file."""
        if self._raw is not None:
            self._raw.close()
        self._raw, self._place = None, None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
