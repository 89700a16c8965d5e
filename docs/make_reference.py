"""Writes reference.md, the page of every command, from the program's own help: `python docs/make_reference.py`."""

from __future__ import annotations

import ast
import inspect
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

from milestone_cli import cli, commands
from milestone_cli.config import KEYS
from milestone_cli.errors import ExitCode
from milestone_cli.options import SHARED

PAGE = Path(__file__).with_name("reference.md")
_SHARED = re.compile(r"\nOptions of every command:\n(?:[ ]+.*\n)+")
_HEAD = """\
# Every command

Written by `python docs/make_reference.py` from the program's own help. Under each command stands which
of the options that many commands share it takes; these are described once, in the next section.

"""

_SETTINGS = """\
An option rules over a variable, a variable over the config file, the config file over the default. `ms config` shows
each with its value and where that comes from; `ms config set locale de` writes into the config file.

"""
_VARIABLES = """\
`MS_CONFIG` names another config file. Where `NO_COLOR` is set or `TERM` is `dumb` there is no colour; `COLUMNS` says
how wide the screen is. Without `MS_LOCALE` the locale is the shell's: `LC_ALL`, `LC_MESSAGES`, `LANG`.

"""


def reference() -> str:
    """Return the page."""
    parts = [
        _HEAD,
        "## Options of many commands\n\n",
        _shared_options(),
        "## Settings and variables\n\n",
        _SETTINGS,
        _settings(),
        _VARIABLES,
        "## Exit codes\n\n",
        _exit_codes(),
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
        rows.append((flags, option.metavar or "", option.help))
    return _table(("option", "takes", "meaning"), rows)


def _settings() -> str:
    rows = [
        (f"`{key}`", _code(known.flag), _code(known.variable), "yes" if known.storable else "no", known.meaning)
        for key, known in KEYS.items()
    ]
    return _table(("setting", "option", "variable", "in the config file", "meaning"), rows)


def _exit_codes() -> str:
    """Return every exit code with what stands under it in the code."""
    rows = []
    for code, meaning in pairwise(ast.walk(ast.parse(inspect.getsource(ExitCode)))):
        match code, meaning:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=text)):
                rows.append((str(ExitCode[name].value), str(text)))
    return _table(("code", "means"), rows)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines) + "\n"


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
