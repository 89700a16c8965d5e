"""Writes reference.md, the page of every command, from the program's own help: `python docs/make_reference.py`."""

from __future__ import annotations

import os
import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from milestone_cli import cli, commands
from milestone_cli.options import SHARED

PAGE = Path(__file__).with_name("reference.md")
_SHARED = re.compile(r"\nOptions of every command:\n(?:[ ]+.*\n)+")
_HEAD = """\
# Every command

Written by `python docs/make_reference.py` from the program's own help. Under each command stands which
of the options that many commands share it takes; these are described once, in the next section.

"""


def reference() -> str:
    """Return the page."""
    parts = [
        _HEAD,
        "## Options of many commands\n\n",
        _shared_options(),
        "## ms\n\n",
        _fenced(_SHARED.sub("\n", _help())),
    ]
    for panel in commands.PANELS:
        parts.append(f"# {panel}\n\n")
        parts += [_section(command) for command in commands.COMMANDS.values() if command.panel == panel]
    return "".join(parts).rstrip("\n") + "\n"


def _shared_options() -> str:
    rows = []
    for name, annotation in SHARED.items():
        option = annotation.__metadata__[0]
        flags = ", ".join(f"`{flag}`" for flag in commands.SHARED_OPTIONS[name].flags)
        rows.append(f"| {flags} | {option.metavar or ''} | {option.help} |\n")
    return "| option | takes | meaning |\n| --- | --- | --- |\n" + "".join(rows) + "\n"


def _section(command: commands.Command) -> str:
    text = _SHARED.sub("\n", _help(command.name))
    text = re.sub(r"\n{3,}", "\n\n", text)
    shared = ", ".join(
        f"`{commands.SHARED_OPTIONS[name].flags[0]}`" for name in commands.SHARED_OPTIONS if name in command.shared
    )
    return f"## ms {command.name}\n\n{_fenced(text)}Also: {shared}.\n\n"


def _fenced(text: str) -> str:
    return f"```text\n{text.strip()}\n```\n\n"


def _help(*words: str) -> str:
    out = StringIO()
    with patch.dict(os.environ, {"COLUMNS": "100", "NO_COLOR": "1"}), redirect_stdout(out):
        cli.run([*words, "--help"])
    return out.getvalue()


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
