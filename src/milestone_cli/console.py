"""The two ends of a command: standard output is the result, standard error and the keyboard are everything else.

Invariant: nothing asks a question unless standard input and output are both terminals, and nothing said here holds a
character that steers a terminal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from milestone_cli.domain.text import visible
from milestone_cli.errors import InvalidValue, MsError, UsageError
from milestone_cli.localization import ENGLISH

if TYPE_CHECKING:
    from milestone_cli.reports.table import Line

DEFAULT_WIDTH = 80
"""Columns where neither COLUMNS nor the terminal tells."""
_YES = frozenset({"y", "yes", "j", "ja"})
_NO = frozenset({"n", "no", "nein"})


class InputEnded(UsageError):
    """Ctrl-D where an answer was wanted."""

    def __init__(self) -> None:
        super().__init__("The input ended before the question was answered.", "Nothing was recorded; start again.")


@dataclass(slots=True, kw_only=True)
class Terminal:
    """What `ms` reads from and talks to; tests give it streams and an environment of their own."""

    stdin: TextIO | None = field(default_factory=lambda: sys.stdin)
    stdout: TextIO | None = field(default_factory=lambda: sys.stdout)
    stderr: TextIO | None = field(default_factory=lambda: sys.stderr)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    quiet: bool = False
    """Leaves out remarks, never warnings or errors."""
    locale: str = ENGLISH
    """Whose language remarks and questions are in; known once the options are read."""

    @property
    def is_terminal(self) -> bool:
        """Standard output is a terminal."""
        return _is_terminal(self.stdout)

    @property
    def may_prompt(self) -> bool:
        """Somebody can see a question and answer it."""
        return _is_terminal(self.stdin) and self.is_terminal

    @property
    def colour(self) -> bool:
        """Results may use colour: a terminal that is not dumb, and nobody set NO_COLOR."""
        return self.is_terminal and not self.environ.get("NO_COLOR") and self.environ.get("TERM") != "dumb"

    @property
    def encoding(self) -> str:
        """What standard output can write; a pipe gets UTF-8 whatever the locale."""
        return (self.stdout and self.stdout.encoding) or "utf-8"

    @property
    def width(self) -> int:
        """Columns: COLUMNS, else the terminal's own, else 80."""
        told = self.environ.get("COLUMNS", "")
        if told.isascii() and told.isdigit() and int(told[:6]) > 0:
            return int(told[:6])
        if self.stdout is not None:
            with suppress(OSError, ValueError):
                return os.get_terminal_size(self.stdout.fileno()).columns or DEFAULT_WIDTH
        return DEFAULT_WIDTH

    @property
    def table_width(self) -> int | None:
        """Columns a table has to fit in; None where standard output is no terminal and nothing is ever cut."""
        return self.width if self.is_terminal else None

    def say(self, line: Line) -> None:
        """Make a remark; --quiet leaves it out."""
        if not self.quiet:
            self._tell(self._worded(line))

    def say_as_is(self, text: str) -> None:
        """Make a remark that is written for its reader already."""
        if not self.quiet:
            self._tell(text)

    def warn(self, line: Line) -> None:
        """Tell what may surprise, even with --quiet."""
        warning = self._worded("Warning:")
        self._tell(f"{warning} {self._worded(line)}")

    def fail(self, error: MsError, *, json: bool = False) -> None:
        """Tell what went wrong and what to do, in words or as the object of the JSON contract."""
        if json:
            from milestone_cli.render.json import as_json

            content = {"code": error.code, "message": error.message, "hint": error.hint}
            self._write(as_json({"error": content}))
            return
        self._tell(f"Error: {error.message}")
        if error.hint:
            self._tell(error.hint)

    def ask(self, question: Line, default: str = "") -> str:
        """Return the answer to `question`; `default` on a bare Enter, or where nobody can be asked.

        Raises:
            InputEnded: Ctrl-D before an answer.
            InvalidValue: what was typed is not UTF-8.
        """
        if self.stdin is None or not self.may_prompt:
            return default
        self._write(f"{_harmless(self._worded(question))}{f' [{_harmless(default)}]' if default else ''}: ")
        try:
            line = self.stdin.readline()
            line.encode()  # some locales let undecodable bytes in as lone surrogates
        except UnicodeError as error:
            raise InvalidValue("What was typed is not valid UTF-8.", "Check the encoding of the terminal.") from error
        except KeyboardInterrupt:
            self._write("\n")
            raise
        if not line:
            self._write("\n")
            raise InputEnded
        return line.strip() or default

    def confirm(self, question: Line, *, yes: bool = False) -> bool:
        """Return whether `question` is answered with yes; `yes` is the flag --yes and answers it beforehand.

        Raises:
            UsageError: there is no --yes and nobody can be asked.
        """
        if yes:
            return True
        if not self.may_prompt:
            raise UsageError(f"{self._worded(question)} Nobody can be asked here.", "Add --yes to agree.")
        from milestone_cli.reports.table import joined

        return is_yes(self.ask(joined((question, "[y/N]"), " ")))

    @contextmanager
    def progress(self, total: int | None, label: Line) -> Iterator[Callable[[int], None]]:
        """Show how far something long has come, on standard error and only if that is a terminal.

        Yields a function that is told how many more are done.
        """
        stream = self.stderr
        if stream is None or self.quiet or not _is_terminal(stream) or self.environ.get("TERM") == "dumb":
            yield lambda _done: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(file=stream, no_color=not self.colour, markup=False, emoji=False, highlight=False)
        words = TextColumn("{task.description}", markup=False)
        with Progress(
            words, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=True
        ) as bar:
            task = bar.add_task(_harmless(self._worded(label)), total=total)
            yield lambda done: bar.advance(task, done)

    def _worded(self, line: Line) -> str:
        """Return a line in the reader's language; English needs no catalog, and a line without values no renderer."""
        if isinstance(line, str):
            from milestone_cli.translation import translated

            return translated(line, self.locale)
        from milestone_cli.render.cells import shown_line

        return shown_line(line, self.locale)

    def _tell(self, text: str) -> None:
        """Write lines, on a terminal broken between words."""
        lines = _harmless(text).split("\n")
        if _is_terminal(self.stderr) and max(map(len, lines)) >= self.width:
            from milestone_cli.render.screen import wrapped

            lines = [part for line in lines for part in wrapped(line, self.width)]
        self._write("\n".join(lines) + "\n")

    def _write(self, text: str) -> None:
        """Write to standard error; where that is closed there is nobody left to tell."""
        if self.stderr is None:
            return
        with suppress(OSError, ValueError):
            encoding = self.stderr.encoding or "utf-8"
            self.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self.stderr.flush()


def is_yes(answer: str) -> bool:
    """Return whether an answer agrees."""
    return answer.casefold() in _YES


def is_no(answer: str) -> bool:
    """Return whether an answer disagrees."""
    return answer.casefold() in _NO


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def _harmless(text: str) -> str:
    """Keep line ends, which messages of several lines have; show everything else that steers a terminal."""
    return "\n".join(map(visible, text.split("\n")))
