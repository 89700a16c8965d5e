"""Names from the file: opportunities, milestones, reps, processes.

Invariant: the file is opened read-only. Only names that every shell reads as one plain word are handed out, since zsh
evaluates what it gets.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing

from milestone_cli.completion.line import Line

_LIMIT = 50
"""No more names than this: nobody reads on."""
_WAIT = 0.2
"""Seconds to wait for a file that another program holds."""
_LAST = "\U0010ffff"
"""Sorts behind every name that begins in the same way."""
_WORD = re.compile(r"\w[\w.@+/-]*")

ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""A day as `MS_TODAY` may name it here; other forms are too slow to read for TAB."""


def folded(text: str) -> str:
    """Return a text as names are compared."""
    from milestone_cli.domain.text import fold

    return fold(text)


def names(kind: str, word: str, line: Line, environ: Mapping[str, str]) -> list[str]:
    """Return what begins with `word` among the names of a kind of `LIVE`."""
    from pathlib import Path

    from milestone_cli.config import default_db

    named = line.options.get("--db") or _setting("db", environ)
    path = Path(named).expanduser() if named else default_db()
    address = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=_WAIT)) as connection:
        return [name for name in LIVE[kind](connection, folded(word), line, environ) if _WORD.fullmatch(name)]


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
    day = date.fromisoformat(told if ISO.fullmatch(told) else time.strftime("%Y-%m-%d"))
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _milestones(connection: sqlite3.Connection, _word: str, line: Line, environ: Mapping[str, str]) -> list[str]:
    """The milestones that the opportunity on the line has still to reach; without one, those of the process."""
    kinds = line.command.arguments if line.command is not None else ()
    if line.places and kinds[:1] == ("OPPORTUNITY",):
        name = folded(line.places[0])
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
LIVE: dict[str, _Query] = {
    "OPPORTUNITY": _live_opportunities,
    "LOST_OPPORTUNITY": _opportunities("lost"),
    "ANY_OPPORTUNITY": _opportunities("target open won lost"),
    "MILESTONE": _milestones,
    "REP": _reps,
    "PROCESS": _processes,
}
