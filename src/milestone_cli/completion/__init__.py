"""What TAB offers: commands and options from the table, names from the file.

Invariant: stdlib only, the file is opened read-only, and whatever goes wrong nothing is printed: a shell that waits
for candidates must never see an error.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

from milestone_cli.commands import COMMANDS
from milestone_cli.completion.line import Line, option_of, read
from milestone_cli.completion.names import ISO, LIVE, folded, names
from milestone_cli.completion.shells import Candidate, answer, script, words

__all__ = ["FIXED", "Candidate", "candidates", "complete", "script"]

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
    "WHOM": "customer rep person",
    "SET": "set",
    "SETTING": "db process rep locale zone shared",
}
"""The kinds whose values are always the same."""
_RUNNING = (
    "this-month last-month this-quarter last-quarter this-year last-year this-week last-week "
    "last-3-months last-6-months last-12-months ytd"
)


def complete(environ: Mapping[str, str]) -> int:
    """Answer the shell that asks in `environ`, and return the exit code it understands."""
    try:
        instruction, _, shell = environ["_MS_COMPLETE"].partition("_")
        if instruction == "source":
            print(script(shell))  # noqa: T201
            return 0
        before, word = words(shell, environ)
        found = list(candidates(before, word, environ))
        return answer(shell, found, environ)
    except Exception:  # noqa: BLE001  # silent on any failure
        return 1


def candidates(before: Sequence[str], word: str, environ: Mapping[str, str]) -> Iterator[Candidate]:
    """Yield what can stand in place of `word`, which may be empty, behind the words `before` it.

    Args:
        before: the words up to the cursor, without the program's name.
        word: what is typed of the word at the cursor.
        environ: the environment, which may name the file and the process.
    """
    line = read(before)
    flag, equals, begun = word.partition("=")
    option = option_of(flag, line.command) if equals and not line.no_more_options else None
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
        kind = line.place()
        yield from _values(kind, word, line, environ) if kind else _flags(word, line)


def _flags(word: str, line: Line) -> Iterator[Candidate]:
    for option in line.options_left():
        if option.flags[0].startswith(word):
            yield Candidate(option.flags[0])


def _values(kind: str, word: str, line: Line, environ: Mapping[str, str]) -> Iterator[Candidate]:
    if kind in FIXED:
        found: Sequence[str] = FIXED[kind].split()
    elif kind in {"PERIOD", "MONTH"}:
        found = _periods(kind, word, environ)
    elif kind in LIVE:
        found = names(kind, word, line, environ)
    else:
        found = ()
    return (Candidate(name) for name in found if folded(name).startswith(folded(word)))


def _periods(kind: str, word: str, environ: Mapping[str, str]) -> list[str]:
    """Return running periods and the quarters of the year; the months too once a digit is typed."""
    told = environ.get("MS_TODAY", "")
    year = int(told[:4]) if ISO.fullmatch(told) else time.localtime().tm_year
    months = [f"{y}-{month:02d}" for y in (year, year - 1) for month in range(1, 13)]
    if kind == "MONTH":
        ahead = [f"{year + 1}-{month:02d}" for month in range(1, 13)]
        return ["this-month", "next-month", "last-month", *months, *ahead]
    quarters = [f"{year}-Q{quarter}" for quarter in range(1, 5)]
    return [*_RUNNING.split(), *quarters, *([str(year), *months] if word[:1].isdigit() else [])]
