"""How a team's spreadsheet list reads: which column says what, which milestone a stage is.

Invariant: a map is taken whole or refused with every problem named; nothing in it depends on the locale but what it
leaves to it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from milestone_cli.domain.changes import find_milestone
from milestone_cli.domain.money import Separators
from milestone_cli.domain.process import Process
from milestone_cli.domain.text import fold, quoted, visible
from milestone_cli.errors import InvalidValue, MsError, UnknownName, suggestions

SIZE_LIMIT = 1_000_000
LEFT_OUT = ("lost", "won", "ignore")
"""What a stage can be beside a milestone: such rows do not go in."""
TARGET = "0"
_TOKENS = {"YYYY": "(?P<year>[0-9]{4})", "YY": "(?P<short>[0-9]{2})", "MM": "(?P<month>[0-9]{1,2})",
           "DD": "(?P<day>[0-9]{1,2})"}  # fmt: skip
_FORM = """A map is a TOML file like
  decimal = ","            # optional: the sign before the decimals
  date = "DD.MM.YYYY"      # optional
  currency = "EUR"         # optional
  [columns]
  customer = "Company"
  stage = "Phase"
  value = "Potential"      # optional, like title, key, owner and since
  [stages]
  "First talk" = 2         # number or key of a milestone, or lost, won, ignore"""

_Text = Annotated[StrictStr, Field(min_length=1, max_length=200)]


class InvalidMap(MsError):
    """A map that cannot be used."""

    code = "invalid_map"

    def __init__(self, source: str, problems: list[str]) -> None:
        listed = problems[0] if len(problems) == 1 else "".join(f"\n  {problem}" for problem in problems[:20])
        super().__init__(f"{visible(source)}: {listed}", _FORM)


class _Columns(BaseModel):
    model_config = ConfigDict(extra="forbid")
    customer: _Text
    stage: _Text
    title: _Text | None = None
    key: _Text | None = None
    owner: _Text | None = None
    value: _Text | None = None
    since: _Text | None = None


class _MapTable(BaseModel):
    model_config = ConfigDict(extra="forbid")
    columns: _Columns
    stages: Annotated[dict[_Text, StrictInt | StrictStr], Field(min_length=1, max_length=500)]
    decimal: Literal[",", "."] | None = None
    date: _Text | None = None
    currency: _Text | None = None


@dataclass(frozen=True, slots=True)
class TableMap:
    """How to read a list."""

    columns: Mapping[str, str]
    """The header in the list by what it says: customer, stage, title, key, owner, value, since."""
    stages: Mapping[str, str]
    """By folded text: a milestone's key, "0" for a target customer, or one of LEFT_OUT."""
    separators: Separators | None
    """How amounts are written; None leaves it to the locale."""
    date: re.Pattern[str] | None
    """How days are written; None takes every form with one reading."""


def read_map(text: bytes, source: str, process: Process) -> TableMap:
    """Return the map in a TOML text.

    Args:
        text: the content of the file.
        source: its name for messages.
        process: the one whose milestones the stages are.

    Raises:
        InvalidMap: every problem in it.
    """
    table = _validated(_parsed(text, source), source)
    problems = []
    if table.currency is not None and table.currency != process.currency.code:
        problems.append(
            f"currency is {quoted(table.currency)}, but {process.key} counts in {process.currency.code}; "
            "convert the amounts first"
        )
    stages: dict[str, str] = {}
    for name, meaning in table.stages.items():
        try:
            stages[fold(" ".join(name.split()))] = _stage(meaning, process)
        except UnknownName as error:
            problems.append(f"[stages] {quoted(name)}: {error.message} {error.hint}")
    date = None
    if table.date is not None:
        try:
            date = _date_pattern(table.date)
        except InvalidValue as error:
            problems.append(error.message)
    if problems:
        raise InvalidMap(source, problems)
    separators = None if table.decimal is None else Separators(table.decimal, "." if table.decimal == "," else ",")
    columns = {what: name for what, name in table.columns.model_dump().items() if name is not None}
    return TableMap(columns, stages, separators, date)


def _parsed(text: bytes, source: str) -> dict[str, object]:
    if len(text) > SIZE_LIMIT:
        raise InvalidMap(source, [f"{len(text)} bytes are too many for a map."])
    try:
        return tomllib.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidMap(source, ["not valid UTF-8."]) from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidMap(source, [f"not valid TOML: {visible(str(error))}."]) from error
    except (RecursionError, ValueError) as error:
        raise InvalidMap(source, ["not valid TOML: nested too deep, or a number too long."]) from error


def _validated(found: dict[str, object], source: str) -> _MapTable:
    try:
        return _MapTable.model_validate(found)
    except ValidationError as error:
        raise InvalidMap(source, [_problem(item["type"], item["loc"]) for item in error.errors()]) from error


def _problem(kind: str, loc: tuple[int | str, ...]) -> str:
    place = ".".join(visible(str(part)) for part in loc[:2])
    if kind == "missing":
        return f"{place} is missing."
    if kind == "extra_forbidden":
        known = _Columns.model_fields if loc[0] == "columns" else _MapTable.model_fields
        near = suggestions(str(loc[-1]), known)
        return f"{place} is not known" + (f" (perhaps {' or '.join(near)}?)." if near else ".")
    if loc[0] == "stages":
        return f"{place} must be the number or key of a milestone, or lost, won, ignore."
    if loc[0] == "decimal":
        return 'decimal must be "," or ".".'
    return f"{place} must be a text."


def _stage(meaning: int | str, process: Process) -> str:
    word = str(meaning).strip().casefold()
    if word in LEFT_OUT:
        return word
    if word in (TARGET, "target"):
        return TARGET
    return find_milestone(process, word)[1].key


def _date_pattern(form: str) -> re.Pattern[str]:
    parts = re.split(r"(YYYY|YY|MM|DD)", form)
    tokens = [part for part in parts if part in _TOKENS]
    if sorted(token[0] for token in tokens) != ["D", "M", "Y"]:
        raise InvalidValue(f"date is {quoted(form)}; write it with DD, MM and YYYY or YY, like DD.MM.YYYY")
    return re.compile("".join(_TOKENS.get(part) or re.escape(part) for part in parts))
