"""A reader's shell: what `ms` shows when a line is typed, for the pages and pictures that are made from it.

Invariant: it runs the program itself, in a fresh home and directory with the examples; nothing of whoever makes the
pages gets in, neither settings nor the locale nor the width of the window.
"""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from milestone_cli import cli

ROOT = Path(__file__).parent.parent
KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "OPENBLAS_NUM_THREADS")
"""All that is left of the environment of whoever makes the pages."""


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


class _Beside(io.TextIOBase):
    """Standard error, shown on the same screen; no terminal, so that no bar moves on it."""

    def __init__(self, screen: _Screen) -> None:
        self.screen = screen

    def write(self, text: str) -> int:
        return self.screen.write(text)


class Failed(Exception):
    """A line of a page does not run."""


@dataclass(frozen=True, slots=True)
class Shell:
    """A shell that knows `ms`, `export`, and `|` between a program and `ms`."""

    place: Path
    """The directory in which the lines are typed."""

    def typed(self, line: str) -> str:
        """Return what the screen shows after a line; a comment behind it is left out.

        Raises:
            Failed: the program says no, or the line is of no kind that is known here.
        """
        words = shlex.split(line, comments=True)
        given = ""
        if "|" in words:
            bar = words.index("|")
            given = subprocess.run(words[:bar], capture_output=True, check=True, text=True).stdout  # noqa: S603
            words = words[bar + 1 :]
        match words:
            case []:
                return ""
            case ["export", *settings]:
                os.environ.update(setting.split("=", 1) for setting in settings)
                return ""
            case ["ms", *argv]:
                return _shown(line, argv, given)
        raise Failed(f"{line}\nis neither `ms` nor `export`")


def _shown(line: str, argv: list[str], given: str) -> str:
    screen, keyboard = _Screen(), io.TextIOWrapper(io.BytesIO(given.encode()), encoding="utf-8")
    with redirect_stdout(screen), redirect_stderr(_Beside(screen)), patch("sys.stdin", keyboard):
        code = cli.run(argv)
    if code:
        raise Failed(f"{line}\ngives {code}\n{screen.getvalue()}")
    return screen.getvalue()


@contextmanager
def shell(*, width: int, colour: bool = False) -> Iterator[Shell]:
    """Open a shell in a window of `width` columns, in a fresh directory that holds the examples."""
    with TemporaryDirectory() as made:
        home, place = Path(made) / "home", Path(made) / "ms"
        home.mkdir()
        place.mkdir()
        shutil.copytree(ROOT / "examples", place / "examples")
        environ = {name: os.environ[name] for name in KEPT if name in os.environ}
        environ |= dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"), str(home))
        environ |= {"LC_ALL": "C.UTF-8", "TERM": "xterm", "COLUMNS": str(width)} | ({} if colour else {"NO_COLOR": "1"})
        with patch.dict(os.environ, environ, clear=True), chdir(place):
            yield Shell(place)
