"""A terminal taken over whole: frames are drawn, keys are read, and at the end it is as it was found.

Invariant: whatever ends the program while it holds the screen (q, Ctrl-C, a signal, a defect), cursor, colours, echo
and the lines of before are back.
"""

from __future__ import annotations

import codecs
import os
import re
import select
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from milestone_cli.console import Terminal
from milestone_cli.errors import UsageError

ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"
"""The other screen, no cursor, and a line that is too long is cut and not wrapped."""
LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
_NAMES = {"A": "up", "B": "down", "C": "right", "D": "left", "5~": "page up", "6~": "page down"}
"""What keys send behind `ESC [` or `ESC O`."""
_KEY = re.compile(r"\x1b[\[O](?P<name>[0-9;]*[A-Za-z~])|\x1b[\[O]?[0-9;]*\Z|(?P<sign>.)", re.DOTALL)


def keys_in(typed: str) -> tuple[list[str], str]:
    r"""Return the keys that were pressed, in their order, and the beginning of one whose end is still to come.

    A key that has neither a letter nor a name here is left out.

    >>> keys_in("rp" + chr(27) + "[D" + chr(27) + "[")
    (['r', 'p', 'left'], '\x1b[')
    """
    found: list[str] = []
    for key in _KEY.finditer(typed):
        if key["name"] is None and key["sign"] is None:
            return found, key[0]
        name = key["sign"] if key["name"] is None else _NAMES.get(key["name"])
        if name is not None:
            found.append(name)
    return found, ""


class FullScreen:
    """The screen of a terminal while it is taken over; made by `full_screen`."""

    def __init__(self, terminal: Terminal, keyboard: int) -> None:
        self._terminal = terminal
        self._keyboard = keyboard
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun = ""
        """The beginning of a key whose end is not read yet."""

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines, as they are now."""
        found = os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1)
        return max(found.columns, 20), max(found.lines, 5)

    def draw(self, shown: Sequence[str], footer: str) -> None:
        """Show the first lines that fit, and the footer in the last line of the window."""
        columns, lines = self.size
        shown = [*shown[: lines - 1], *[""] * (lines - 1 - len(shown))]
        body = "".join(f"{line}\x1b[0m\x1b[K\r\n" for line in shown)
        self._write(f"\x1b[H{body}\x1b[2m{footer[: columns - 1]}\x1b[0m\x1b[K")

    def keys(self, seconds: float) -> list[str]:
        """Return the keys pressed within so many seconds, arrows by their names; `q` where the terminal is gone."""
        ready, _, _ = select.select([self._keyboard], [], [], seconds)
        if not ready:
            return []
        pressed = os.read(self._keyboard, 1024)
        if not pressed:
            return ["q"]
        found, self._begun = keys_in(self._begun + self._decoder.decode(pressed))
        return found

    def enter(self) -> None:
        """Take the screen; also after the program was stopped and goes on."""
        import tty

        tty.setcbreak(self._keyboard)
        self._write(ENTER)

    def leave(self) -> None:
        """Give the screen back."""
        self._write(LEAVE)

    def _write(self, text: str) -> None:
        if self._terminal.stdout is not None:
            encoding = self._terminal.encoding
            self._terminal.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self._terminal.stdout.flush()


@contextmanager
def full_screen(terminal: Terminal, instead: str) -> Iterator[FullScreen]:
    """Take over the terminal.

    Args:
        terminal: where the program runs.
        instead: what to do where there is none.

    Raises:
        UsageError: standard input or output is no terminal, or one that cannot be taken over.
    """
    if not terminal.may_prompt or terminal.stdin is None or terminal.environ.get("TERM", "dumb") == "dumb":
        raise UsageError("This needs a terminal.", instead)
    try:
        import termios
    except ImportError:
        raise UsageError("This needs a terminal of a kind that this system does not have.", instead) from None
    keyboard = terminal.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    screen = FullScreen(terminal, keyboard)

    def restore() -> None:
        screen.leave()
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)

    with _signals(screen, restore):
        try:
            screen.enter()
            yield screen
        finally:
            restore()


@contextmanager
def _signals(screen: FullScreen, restore: Any) -> Iterator[None]:  # noqa: ANN401  # a function without arguments
    """While the screen is taken: end in order when told to end, give it back while the program is stopped."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    def stop(_number: int, _frame: FrameType | None) -> None:
        restore()
        os.kill(os.getpid(), signal.SIGSTOP)
        screen.enter()

    wanted = {signal.SIGTERM: end, signal.SIGHUP: end, signal.SIGTSTP: stop}
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
