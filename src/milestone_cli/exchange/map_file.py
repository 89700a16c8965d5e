"""What every map has in common: a TOML file, the words for what a stage can mean, and how its problems are told.

Invariant: a map is taken whole or refused with every problem named.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, StrictStr

from milestone_cli.domain.changes import find_milestone
from milestone_cli.domain.money import Separators
from milestone_cli.domain.process import Process
from milestone_cli.domain.text import fold, quoted, visible
from milestone_cli.errors import MsError, UnknownName
from milestone_cli.exchange.reader import open_bytes

SIZE_LIMIT = 1_000_000
TARGET = "0"
"""The meaning of a stage before milestone 1: a target customer."""
OPEN_PLACE = "?"
"""What stands in a suggested map where somebody has to say what is meant."""
_SHOWN = 20
_HOW = "A stage means the number or key of a milestone, 0 (a target customer), or won, lost, reopened, ignore."
_OPEN = re.compile(r"^[ \t]*(\"(?:[^\"\\]|\\.)*\"|'[^']*'|[A-Za-z0-9_-]+)[ \t]*=[ \t]*\?", re.MULTILINE)

Text = Annotated[StrictStr, Field(min_length=1, max_length=200)]
"""A text of a map."""


class InvalidMap(MsError):
    """A map that cannot be used."""

    code = "invalid_map"

    def __init__(self, source: str, problems: list[str], form: str) -> None:
        listed = problems[0] if len(problems) == 1 else "".join(f"\n  {problem}" for problem in problems[:_SHOWN])
        more = f"\n  and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        super().__init__(f"{visible(source)}: {listed}{more}", form)


def read_text(path: Path) -> bytes:
    """Return the content of a map, a little more of it than one may have.

    Raises:
        UnreadableFile: it is not there, or not allowed.
    """
    with open_bytes(path) as raw:
        return raw.read(SIZE_LIMIT + 1)


def parsed(text: bytes, source: str, form: str) -> dict[str, object]:
    """Return what the TOML text of a map says.

    Args:
        text: the content of the file.
        source: its name for messages.
        form: what a map looks like, for whoever got it wrong.

    Raises:
        InvalidMap: too long, no TOML, or places of a suggested map are still open.
    """
    if len(text) > SIZE_LIMIT:
        raise InvalidMap(source, [f"{len(text)} bytes are too many for a map."], form)
    try:
        content = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidMap(source, ["not valid UTF-8."], form) from error
    if still := still_open(content):
        raise InvalidMap(source, still, _HOW)
    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise InvalidMap(source, [f"not valid TOML: {visible(str(error))}."], form) from error
    except (RecursionError, ValueError) as error:
        raise InvalidMap(source, ["not valid TOML: nested too deep, or a number too long."], form) from error


def still_open(content: str) -> list[str]:
    r"""Return a sentence for each place of a suggested map that nobody has filled in yet.

    >>> still_open('a = 1\n"First talk" = ?')
    ['Line 2: "First talk" has no meaning yet; write one in place of the ?.']
    """
    return [
        f"Line {content.count(chr(10), 0, found.start()) + 1}: {visible(found[1])} has no meaning yet; "
        "write one in place of the ?."
        for found in _OPEN.finditer(content)
    ]


def plain_name(text: str) -> str:
    """Return the name of a stage, a status or an owner as it is compared.

    >>> plain_name("  First   Talk ")
    'first talk'
    """
    return fold(" ".join(text.split()))


def stage_meanings(
    stages: Mapping[str, int | str], place: str, words: tuple[str, ...], process: Process, problems: list[str]
) -> dict[str, str]:
    """Return what stages mean by their plain names: a milestone's key, TARGET, or one of `words`.

    Args:
        stages: as the map has them.
        place: the table of the map, for messages.
        words: what a stage can be beside a milestone.
        process: the one whose milestones they are.
        problems: takes what is wrong.
    """
    found: dict[str, str] = {}
    for name, meaning in stages.items():
        plain = plain_name(name)
        if plain in found:
            problems.append(f"{place} {quoted(name)} is there twice.")
        try:
            found[plain] = stage_meaning(meaning, words, process)
        except UnknownName as error:
            problems.append(f"{place} {quoted(name)}: {error.message} {error.hint}")
    return found


def stage_meaning(meaning: int | str, words: tuple[str, ...], process: Process) -> str:
    """Return a milestone's key, TARGET, or one of `words`.

    Raises:
        UnknownName: there is no such milestone.
    """
    word = str(meaning).strip().casefold()
    if word in words:
        return word
    if word in (TARGET, "target"):
        return TARGET
    return find_milestone(process, word)[1].key


def currency_problem(code: str | None, process: Process) -> list[str]:
    """Return what is wrong with the currency that a map names."""
    if code is None or code == process.currency.code:
        return []
    return [
        f"currency is {quoted(code)}, but {process.key} counts in {process.currency.code}; convert the amounts first"
    ]


def separators_of(decimal: str | None) -> Separators | None:
    """Return how amounts are written where `decimal` stands before the decimals; None leaves it open."""
    return None if decimal is None else Separators(decimal, "." if decimal == "," else ",")
