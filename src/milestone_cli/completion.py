"""What TAB offers: commands and options from the table, names from the file.

Invariant: stdlib only, the file is opened read-only, and whatever goes wrong nothing is printed: a shell that waits
for candidates must never see an error. Only names that every shell reads as one plain word are offered, since zsh
evaluates what it gets.
"""

from __future__ import annotations

import re
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import NamedTuple

from milestone_cli.commands import COMMANDS, ROOT_SHARED, SHARED_OPTIONS, Command, Option
from milestone_cli.errors import UsageError

_LIMIT = 50
"""No more names than this: nobody reads on."""
_WAIT = 0.2
"""Seconds to wait for a file that another program holds."""
_LAST = "\U0010ffff"
"""Sorts behind every name that begins in the same way."""
_WORD = re.compile(r"\w[\w.@+/-]*")

_BASH = """\
# To keep it: ms --show-completion >> ~/.bashrc
_ms_completion() {
    local IFS=$'\\n'
    COMPREPLY=( $( env COMP_WORDS="${COMP_WORDS[*]}" \\
                   COMP_CWORD=$COMP_CWORD \\
                   _MS_COMPLETE=complete_bash $1 ) )
    return 0
}

complete -o default -F _ms_completion ms"""
_ZSH = """\
#compdef ms
# To keep it: ms --show-completion >> ~/.zshrc (behind the line with compinit)
_ms_completion() {
  eval $(env _TYPER_COMPLETE_ARGS="${words[1,$CURRENT]}" _MS_COMPLETE=complete_zsh ms)
}

compdef _ms_completion ms"""
_FISH_CALL = "env _MS_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION={} _TYPER_COMPLETE_ARGS=(commandline -cp) ms"
_FISH = (
    "# To keep it: ms --show-completion > ~/.config/fish/completions/ms.fish\n"
    f'complete --command ms --no-files --arguments "({_FISH_CALL.format("get-args")})" '
    f'--condition "{_FISH_CALL.format("is-args")}"'
)
_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


class Candidate(NamedTuple):
    """One thing TAB offers."""

    value: str
    help: str = ""


class Line(NamedTuple):
    """What stands on the command line before the cursor."""

    command: Command | None
    places: tuple[str, ...]
    """The words that are no options, without the command."""
    options: Mapping[str, str]
    """The value of each option so far, by its long flag; empty for a switch."""
    pending: Option | None
    """The option whose value the cursor is at."""
    no_more_options: bool
    """`--` was given."""


def complete(environ: Mapping[str, str]) -> int:
    """Answer the shell that asks in `environ`, and return the exit code it understands."""
    try:
        instruction, _, shell = environ["_MS_COMPLETE"].partition("_")
        if instruction == "source":
            print(script(shell))  # noqa: T201
            return 0
        before, word = _words(shell, environ)
        found = list(candidates(before, word, environ))
        return _answer(shell, found, environ)
    except Exception:  # noqa: BLE001  # silent on any failure
        return 1


def script(shell: str) -> str:
    """Return the script that makes TAB work in `shell`; it is the one that Typer would write.

    Raises:
        UsageError: there is none for that shell.
    """
    found = _SCRIPTS.get(shell)
    if found is None:
        known = ", ".join(_SCRIPTS)
        message = f'There is no TAB script for the shell "{shell}".' if shell else "SHELL does not tell the shell."
        raise UsageError(message, f"Name one of {known}, like this: SHELL=bash ms --show-completion.")
    return found


def candidates(before: Sequence[str], word: str, environ: Mapping[str, str]) -> Iterator[Candidate]:
    """Yield what can stand in place of `word`, which may be empty, behind the words `before` it.

    Args:
        before: the words up to the cursor, without the program's name.
        word: what is typed of the word at the cursor.
        environ: the environment, which may name the file and the process.
    """
    line = _read(before)
    flag, equals, begun = word.partition("=")
    option = _option(flag, line.command) if equals and not line.no_more_options else None
    if line.pending is not None:
        yield from _values(line.pending.takes, word, line, environ)
    elif option is not None:
        for found in _values(option.takes, begun, line, environ):
            yield Candidate(f"{flag}={found.value}", found.help)
    elif word.startswith("-") and not line.no_more_options:
        yield from _flags(word, line)
    elif line.command is None:
        yield from (Candidate(name, one.help) for name, one in COMMANDS.items() if name.startswith(word))
    else:
        kind = _place(line.command, len(line.places))
        yield from _values(kind, word, line, environ) if kind else _flags(word, line)


def _words(shell: str, environ: Mapping[str, str]) -> tuple[list[str], str]:
    """Return the words before the cursor, without the program's name, and the one at it."""
    if shell == "bash":
        words = _split(environ["COMP_WORDS"])
        cursor = int(environ["COMP_CWORD"])
        before, word = words[1:cursor], words[cursor] if cursor < len(words) else ""
        # Bash takes `--rep=an` apart at the equals sign.
        joined = [w for i, w in enumerate(before) if not (w == "=" and i and before[i - 1].startswith("--"))]
        return joined, "" if word == "=" else word
    text = environ.get("_TYPER_COMPLETE_ARGS", "")
    words = _split(text)[1:]
    if words and not text.endswith(" "):
        return words[:-1], words[-1]
    return words, ""


def _split(text: str) -> list[str]:
    """Split as a shell does; an open quotation mark ends with the text."""
    import shlex

    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        words.extend(lexer)
    except ValueError:
        words.append(lexer.token)
    return words


def _read(before: Sequence[str]) -> Line:
    command: Command | None = None
    places: list[str] = []
    options: dict[str, str] = {}
    pending: Option | None = None
    no_more_options = False
    for word in before:
        if pending is not None:
            options[pending.flags[0]], pending = word, None
        elif word == "--" and not no_more_options:
            no_more_options = True
        elif word.startswith("-") and len(word) > 1 and not no_more_options:
            flag, equals, value = word.partition("=")
            option = _option(flag, command)
            if option is not None and option.takes and not equals:
                pending = option
            elif option is not None:
                options[option.flags[0]] = value
        elif command is None:
            command = COMMANDS[word]
        else:
            places.append(word)
    return Line(command, tuple(places), options, pending, no_more_options)


def _options(command: Command | None) -> list[Option]:
    own = command.options if command is not None else (Option(("--version",)), Option(("--show-completion",)))
    shared = command.shared if command is not None else ROOT_SHARED
    return [*own, *(SHARED_OPTIONS[name] for name in shared), Option(("--help", "-h"))]


def _option(flag: str, command: Command | None) -> Option | None:
    return next((option for option in _options(command) if flag in option.flags), None)


def _flags(word: str, line: Line) -> Iterator[Candidate]:
    for option in _options(line.command):
        flag = option.flags[0]
        if flag.startswith(word) and flag not in line.options:
            yield Candidate(flag)


def _place(command: Command, position: int) -> str:
    return command.arguments[position] if position < len(command.arguments) else ""


# What can stand in a place ------------------------------------------------------------------------------------------

FIXED = {
    "DATE": "today yesterday monday tuesday wednesday thursday friday",
    "FORMAT": "table json csv tsv md xlsx html",
    "BY": "rep",
    "SPAN": "month quarter rep",
    "RATES_BY": "rep version",
    "RATES": "planned measured",
    "STATUS": "target open won lost dead",
    "COLUMN": "key value waiting milestone customer reached",
    "SYSTEM": "facts table salesforce hubspot pipedrive odoo",
    "SET": "set",
    "SETTING": "db process rep locale zone shared",
}
"""The kinds whose values are always the same."""
_ISO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_RUNNING = (
    "this-month last-month this-quarter last-quarter this-year last-year this-week last-week "
    "last-3-months last-6-months last-12-months ytd"
)


def _values(kind: str, word: str, line: Line, environ: Mapping[str, str]) -> Iterator[Candidate]:
    if kind in FIXED:
        found: Sequence[str] = FIXED[kind].split()
    elif kind in {"PERIOD", "MONTH"}:
        found = _periods(kind, word, environ)
    elif kind in _LIVE:
        found = _names(_LIVE[kind], word, line, environ)
    else:
        found = ()
    return (Candidate(name) for name in found if _fold(name).startswith(_fold(word)))


def _periods(kind: str, word: str, environ: Mapping[str, str]) -> list[str]:
    """Return running periods and the quarters of the year; the months too once a digit is typed."""
    told = environ.get("MS_TODAY", "")
    year = int(told[:4]) if re.fullmatch(_ISO, told) else time.localtime().tm_year
    months = [f"{y}-{month:02d}" for y in (year, year - 1) for month in range(1, 13)]
    if kind == "MONTH":
        ahead = [f"{year + 1}-{month:02d}" for month in range(1, 13)]
        return ["this-month", "next-month", "last-month", *months, *ahead]
    quarters = [f"{year}-Q{quarter}" for quarter in range(1, 5)]
    return [*_RUNNING.split(), *quarters, *([str(year), *months] if word[:1].isdigit() else [])]


def _fold(text: str) -> str:
    from milestone_cli.domain.text import fold

    return fold(text)


# Names from the file ------------------------------------------------------------------------------------------------


def _names(query: _Query, word: str, line: Line, environ: Mapping[str, str]) -> list[str]:
    from pathlib import Path

    from milestone_cli.config import default_db

    named = line.options.get("--db") or _setting("db", environ)
    path = Path(named).expanduser() if named else default_db()
    address = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=_WAIT)) as connection:
        return [name for name in query(connection, _fold(word), line, environ) if _WORD.fullmatch(name)]


def _setting(key: str, environ: Mapping[str, str]) -> str:
    """Return a setting as the variables and the config file have it, unchecked: checking takes too long for TAB."""
    from milestone_cli.config import KEYS, config_path

    told = environ.get(KEYS[key].variable)
    if told:
        return told
    try:
        with config_path(environ).open("rb") as file:
            import tomllib

            return str(tomllib.load(file).get(key, ""))
    except (OSError, ValueError):
        return ""


def _column(connection: sqlite3.Connection, sql: str, *values: object) -> list[str]:
    return [str(name) for (name,) in connection.execute(sql, values)]


def _opportunities(statuses: str) -> _Query:
    """A range of the index on the folded key, so that the size of the file does not matter."""

    def query(connection: sqlite3.Connection, word: str, _line: Line, _environ: Mapping[str, str]) -> list[str]:
        return _column(
            connection,
            "SELECT key FROM opportunity WHERE folded >= ? AND folded < ? AND instr(?, status) ORDER BY folded LIMIT ?",
            word,
            word + _LAST,
            statuses,
            _LIMIT,
        )

    return query


def _live_opportunities(connection: sqlite3.Connection, word: str, line: Line, environ: Mapping[str, str]) -> list[str]:
    """Those neither won nor lost nor set aside by the newest snapshot; a dead horse only where no other one fits."""
    found = _column(
        connection,
        "WITH newest AS (SELECT process, max(month) AS month FROM snapshot GROUP BY process), aside AS ("
        " SELECT milestone.number AS milestone, json_extract(dead.value, '$[0]') AS age FROM newest"
        " JOIN snapshot ON snapshot.process = newest.process AND snapshot.month = newest.month"
        " JOIN json_each(snapshot.payload, '$.keys') AS keys"
        " JOIN json_each(snapshot.payload, '$.dead') AS dead ON dead.key = keys.key"
        " JOIN milestone ON milestone.process = newest.process AND milestone.key = keys.value) "
        "SELECT key FROM opportunity LEFT JOIN aside ON aside.milestone = opportunity.milestone"
        " WHERE folded >= ? AND folded < ? AND status IN ('target', 'open')"
        " AND (age IS NULL OR waiting_since IS NULL OR ? - waiting_since < age) ORDER BY folded LIMIT ?",
        word,
        word + _LAST,
        _today(environ),
        _LIMIT,
    )
    return found or _opportunities("target open")(connection, word, line, environ)


def _today(environ: Mapping[str, str]) -> int:
    """Return today as a day number: MS_TODAY where it is an ISO date, else the clock."""
    from datetime import date

    told = environ.get("MS_TODAY", "")
    day = date.fromisoformat(told if re.fullmatch(_ISO, told) else time.strftime("%Y-%m-%d"))
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _milestones(connection: sqlite3.Connection, _word: str, line: Line, environ: Mapping[str, str]) -> list[str]:
    """The milestones that the opportunity on the line has still to reach; without one, those of the process."""
    kinds = line.command.arguments if line.command is not None else ()
    if line.places and kinds[:1] == ("OPPORTUNITY",):
        name = _fold(line.places[0])
        number = int(name) if name.isascii() and name.isdigit() and len(name) < 19 else -1
        return _column(
            connection,
            "SELECT milestone.key FROM milestone JOIN ("
            " SELECT number, process FROM opportunity WHERE folded = ? OR number = ?"
            " OR (folded >= ? AND folded < ? AND status IN ('target', 'open'))"
            " ORDER BY folded = ? DESC, number = ? DESC LIMIT 1) AS asked ON milestone.process = asked.process "
            "WHERE NOT EXISTS (SELECT 1 FROM arrival WHERE arrival.opportunity = asked.number"
            " AND arrival.milestone = milestone.number AND arrival.implied = 0) ORDER BY milestone.number",
            name,
            number,
            name,
            name + _LAST,
            name,
            number,
        )
    process = line.options.get("--process") or _setting("process", environ)
    return _column(
        connection,
        "SELECT DISTINCT milestone.key FROM milestone JOIN process ON process.number = milestone.process "
        "WHERE ? IN ('', process.key) ORDER BY milestone.number",
        process,
    )


def _reps(connection: sqlite3.Connection, word: str, _line: Line, _environ: Mapping[str, str]) -> list[str]:
    return _column(
        connection,
        "SELECT key FROM rep WHERE folded >= ? AND folded < ? ORDER BY folded LIMIT ?",
        word,
        word + _LAST,
        _LIMIT,
    )


def _processes(connection: sqlite3.Connection, _word: str, _line: Line, _environ: Mapping[str, str]) -> list[str]:
    return _column(connection, "SELECT key FROM process ORDER BY key LIMIT ?", _LIMIT)


_Query = Callable[[sqlite3.Connection, str, Line, Mapping[str, str]], list[str]]
_LIVE: dict[str, _Query] = {
    "OPPORTUNITY": _live_opportunities,
    "LOST_OPPORTUNITY": _opportunities("lost"),
    "ANY_OPPORTUNITY": _opportunities("target open won lost"),
    "MILESTONE": _milestones,
    "REP": _reps,
    "PROCESS": _processes,
}


# The answer ---------------------------------------------------------------------------------------------------------


def _answer(shell: str, found: Sequence[Candidate], environ: Mapping[str, str]) -> int:
    if shell == "bash":
        lines = [one.value for one in found]
    elif shell == "zsh":
        lines = [_for_zsh(found)]
    elif shell == "fish":
        if environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
            return 0 if found else 1
        lines = [f"{one.value}\t{one.help}" if one.help else one.value for one in found]
    else:
        return 1
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
    return 0


def _for_zsh(found: Sequence[Candidate]) -> str:
    if not found:
        return "_files"
    items = (f'"{_escaped(one.value)}"' + (f':"{_escaped(one.help)}"' if one.help else "") for one in found)
    return "_arguments '*: :((" + "\n".join(items) + "))'"


def _escaped(text: str) -> str:
    """Escape for the script of zsh, as Typer does."""
    for sign, escaped in (('"', '""'), ("'", "''"), ("$", "\\$"), ("`", "\\`"), (":", r"\\:")):
        text = text.replace(sign, escaped)
    return text
