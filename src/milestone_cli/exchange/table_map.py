"""How a team's spreadsheet list reads: which column says what, which milestone a stage is.

Invariant: a map is taken whole or refused with every problem named; nothing in it depends on the locale but what it
leaves to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from milestone_cli.domain.money import Separators
from milestone_cli.domain.process import Process
from milestone_cli.domain.text import visible
from milestone_cli.errors import InvalidValue, suggestions
from milestone_cli.exchange.date_forms import DateForm, date_form
from milestone_cli.exchange.map_file import (
    InvalidMap,
    Text,
    currency_problem,
    parsed,
    plain_name,
    separators_of,
    stage_meanings,
)

LEFT_OUT = ("lost", "won", "ignore")
"""What a stage can be beside a milestone: such rows do not go in."""
FORM = """A map is a TOML file like
  decimal = ","            # optional: the sign before the decimals
  date = "DD.MM.YYYY"      # optional
  currency = "EUR"         # optional
  [columns]
  customer = "Company"
  stage = "Phase"
  value = "Potential"      # optional, like title, key, owner and since
  [stages]
  "First talk" = 2         # number or key of a milestone, or lost, won, ignore"""
"""What a map of a list looks like."""


class _Columns(BaseModel):
    model_config = ConfigDict(extra="forbid")
    customer: Text
    stage: Text
    title: Text | None = None
    key: Text | None = None
    owner: Text | None = None
    value: Text | None = None
    since: Text | None = None


class _MapTable(BaseModel):
    model_config = ConfigDict(extra="forbid")
    system: Literal["table"] | None = None
    columns: _Columns
    stages: Annotated[dict[Text, StrictInt | StrictStr], Field(min_length=1, max_length=500)]
    decimal: Literal[",", "."] | None = None
    date: Text | None = None
    currency: Text | None = None
    owners: dict[Text, StrictStr] = {}


@dataclass(frozen=True, slots=True)
class TableMap:
    """How to read a list."""

    columns: Mapping[str, str]
    """The header in the list by what it says: customer, stage, title, key, owner, value, since."""
    stages: Mapping[str, str]
    """By folded text: a milestone's key, "0" for a target customer, or one of LEFT_OUT."""
    separators: Separators | None
    """How amounts are written; None leaves it to the locale."""
    date: DateForm | None
    """How days are written; None takes every form with one reading."""
    owners: Mapping[str, str]
    """The rep by the owner's plain name; empty is nobody."""


def read_map(text: bytes, source: str, process: Process) -> TableMap:
    """Return the map in a TOML text.

    Args:
        text: the content of the file.
        source: its name for messages.
        process: the one whose milestones the stages are.

    Raises:
        InvalidMap: every problem in it.
    """
    table = _validated(parsed(text, source, FORM), source)
    problems = currency_problem(table.currency, process)
    stages = stage_meanings(table.stages, "[stages]", LEFT_OUT, process, problems)
    date = None
    if table.date is not None:
        try:
            date = date_form(table.date)
        except InvalidValue as error:
            problems.append(f"{error.message}.")
    if problems:
        raise InvalidMap(source, problems, FORM)
    columns = {what: name for what, name in table.columns.model_dump().items() if name is not None}
    owners = {plain_name(owner): rep.strip() for owner, rep in table.owners.items()}
    return TableMap(columns, stages, separators_of(table.decimal), date, owners)


def _validated(found: dict[str, object], source: str) -> _MapTable:
    try:
        return _MapTable.model_validate(found)
    except ValidationError as error:
        raise InvalidMap(source, [_problem(item["type"], item["loc"]) for item in error.errors()], FORM) from error


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
    if loc[0] == "system":
        return 'It is a map of another system; --from names it, a list has system = "table".'
    return f"{place} must be a text."
