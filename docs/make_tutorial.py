"""Writes what the program says into tutorial.md: `python docs/make_tutorial.py`.

Invariant: every block of lines to type (`sh`) is run as a reader types it, from the top of the page to its end; what
stands behind it is what a terminal of 80 columns then shows, all of it. Blocks of other kinds are not run.
"""

from __future__ import annotations

import re
from pathlib import Path

from shell import Shell, shell

PAGE = Path(__file__).with_name("tutorial.md")
WIDTH = 80
_STEP = re.compile(r"^```sh\n(?P<lines>.*?)^```\n(?:\n```text\n.*?^```\n)?", re.MULTILINE | re.DOTALL)
_CLOCK = re.compile(r"-[0-9]{8}-[0-9]{6}-")
_FOLDER = "/home/you/ms"
"""Stands for the folder in which the page was made."""
_MADE_AT = "-20261123-093000-"
"""Stands in names of backups for the time by the clock, which the page cannot set."""


def tutorial() -> str:
    """Return the page as it is with what the program says now."""
    with shell(width=WIDTH) as window:
        return _STEP.sub(lambda step: _run(window, step["lines"]), PAGE.read_text(encoding="utf-8"))


def _run(window: Shell, lines: str) -> str:
    """Return a block of lines to type with what they show, a blank line where the next one is typed."""
    shown = "\n".join(filter(None, map(window.typed, lines.splitlines())))
    shown = _CLOCK.sub(_MADE_AT, shown.replace(str(window.place), _FOLDER))
    output = f"\n```text\n{shown.strip()}\n```\n" if shown else ""
    return f"```sh\n{lines}```\n{output}"


if __name__ == "__main__":
    PAGE.write_text(tutorial(), encoding="utf-8")
