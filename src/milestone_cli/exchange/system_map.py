"""What the words of another system mean here: its stages, its words for won and lost, its owners, how it writes days.

Invariant: what a map does not name has no meaning; nothing is guessed from a name that looks alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from milestone_cli.domain.money import Separators
from milestone_cli.domain.process import Process
from milestone_cli.domain.text import quoted, visible
from milestone_cli.errors import InvalidValue, suggestions
from milestone_cli.exchange.date_forms import DateForm, date_form
from milestone_cli.exchange.headings import plain_heading
from milestone_cli.exchange.map_file import (
    InvalidMap,
    Text,
    currency_problem,
    parsed,
    plain_name,
    separators_of,
    stage_meanings,
)
from milestone_cli.exchange.moments import Forms

WON, LOST, REOPENED, IGNORE = "won", "lost", "reopened", "ignore"
STAGE_WORDS = (WON, LOST, REOPENED, IGNORE)
"""What a stage can mean beside a milestone."""
OPEN, DELETED = "open", "deleted"
STATUS_WORDS = (WON, LOST, OPEN, REOPENED, DELETED, IGNORE)
"""What a status can mean."""
_FORM = """A map is a TOML file like
  date = "d.m.Y"           # optional, like zone, decimal and currency
  [stages]
  "Qualification" = 1      # number or key of a milestone, 0, or won, lost, reopened, ignore
  [status]
  "Gewonnen" = "won"       # won, lost, open, reopened, deleted, ignore
  [owners]
  "005xx" = "anna"
--suggest-map writes one to complete."""
_MOST = 5000
_SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")

_Meanings = Annotated[dict[Text, StrictInt | StrictStr], Field(max_length=_MOST)]
_Words = Annotated[dict[Text, StrictStr], Field(max_length=_MOST)]


class _Pipeline(BaseModel):
    model_config = ConfigDict(extra="forbid")
    stages: _Meanings = {}


class _MapTable(BaseModel):
    model_config = ConfigDict(extra="forbid")
    system: Text | None = None
    source: Text | None = None
    currency: Text | None = None
    date: Text | None = None
    zone: Text | None = None
    decimal: Literal[",", "."] | None = None
    columns: _Words = {}
    dates: _Words = {}
    stages: _Meanings = {}
    pipelines: Annotated[dict[Text, Literal["ignore"] | _Pipeline], Field(max_length=_MOST)] = {}
    status: _Words = {}
    owners: _Words = {}
    currencies: _Words = {}
    milestones: _Meanings = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemMap:
    """How the export of a system is read."""

    name: str
    """Before the ids of its deals: the system, and the source where the map tells several apart."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """The heading by our name for the column."""
    stages: Mapping[str, str] = field(default_factory=dict)
    """By plain name: a milestone's key, TARGET, or one of STAGE_WORDS."""
    pipelines: Mapping[str, Mapping[str, str] | None] = field(default_factory=dict)
    """The stages of each pipeline by its plain name; None leaves its deals out."""
    status: Mapping[str, str] = field(default_factory=dict)
    """By plain name, one of STATUS_WORDS."""
    owners: Mapping[str, str] = field(default_factory=dict)
    """The rep by the owner's plain name; empty is nobody."""
    currencies: Mapping[str, str] = field(default_factory=dict)
    """By plain name: the process's own code, or IGNORE for those whose deals are left out."""
    forms: Forms = field(default_factory=Forms)
    zone: tzinfo | None = None
    """Where a day is a day; None leaves it to the setting."""
    separators: Separators | None = None
    """How amounts are written; None takes those with one reading."""
    milestones: Sequence[str] = ()
    """Of a table with a date for each milestone: the headings of these columns; what they mean is in `stages`."""

    def stage(self, pipeline: str, stage: str) -> str | None:
        """Return what a stage means; None where the map does not say."""
        own = self.pipelines.get(plain_name(pipeline)) if pipeline else None
        plain = plain_name(stage)
        meaning = own.get(plain) if own else None
        return self.stages.get(plain) if meaning is None else meaning

    def meaning_of_status(self, status: str) -> str | None:
        """Return what a word for won, lost or open means; None where neither the map nor the system says."""
        return self.status.get(plain_name(status))

    def leaves_out(self, pipeline: str) -> bool:
        """Tell whether the deals of a pipeline are left out."""
        return bool(pipeline) and self.pipelines.get(plain_name(pipeline), self.stages) is None

    def knows_pipeline(self, pipeline: str) -> bool:
        """Tell whether the map says enough of a pipeline: where it names any, it names all."""
        return not pipeline or not self.pipelines or plain_name(pipeline) in self.pipelines


@dataclass(frozen=True, slots=True)
class MapFile:
    """A map that has the right form; what it means, a process says."""

    table: _MapTable
    source: str
    """Its name for messages."""

    @property
    def columns(self) -> Mapping[str, str]:
        """The heading by our name for the column."""
        return self.table.columns

    @property
    def milestones(self) -> Sequence[str]:
        """The headings of the columns with the days of milestones."""
        return list(self.table.milestones)

    def refuse(self, problems: list[str]) -> None:
        """Raise InvalidMap if there is a problem."""
        if problems:
            raise InvalidMap(self.source, problems, _FORM)

    def meaning(self, process: Process, system: str, status: Mapping[str, str]) -> SystemMap:
        """Return what the map says.

        Args:
            process: the one whose milestones the stages are.
            system: the one that is asked for.
            status: what the system's own words for won, lost and open mean where the map says nothing.

        Raises:
            InvalidMap: every problem in it.
        """
        checked = _Checked(self.table, process, system)
        found = checked.map(status)
        self.refuse(checked.problems)
        return found


EMPTY_MAP = MapFile(_MapTable(), "")
"""A map that says nothing."""


def read_map_file(text: bytes, source: str) -> MapFile:
    """Return the map in a TOML text.

    Args:
        text: the content of the file.
        source: its name for messages.

    Raises:
        InvalidMap: every problem with its form.
    """
    return map_file_of(parsed(text, source, _FORM), source)


def map_file_of(found: Mapping[str, object], source: str) -> MapFile:
    """Return the map that a TOML text has been parsed to."""
    try:
        return MapFile(_MapTable.model_validate(found), source)
    except ValidationError as error:
        problems = [_problem(item["type"], item["loc"]) for item in error.errors()]
        raise InvalidMap(source, list(dict.fromkeys(problems)), _FORM) from error


class _Checked:
    """Takes a table that has the right shape, and names all that is wrong with what it says."""

    def __init__(self, table: _MapTable, process: Process, system: str) -> None:
        self._table = table
        self._process = process
        self._system = system
        self.problems = currency_problem(table.currency, process)

    def map(self, status: Mapping[str, str]) -> SystemMap:
        table = self._table
        return SystemMap(
            name=self._name(),
            columns=dict(table.columns),
            stages=self._stages(table.stages, "[stages]") | self._stages(table.milestones, "[milestones]"),
            pipelines=self._pipelines(),
            status=dict(status) | self._words(table.status, "[status]", STATUS_WORDS),
            owners=self._plain(table.owners, "[owners]"),
            currencies=self._currencies(),
            forms=self._forms(),
            zone=self._zone(),
            separators=separators_of(table.decimal),
            milestones=list(table.milestones),
        )

    def _name(self) -> str:
        table = self._table
        if table.system is not None and table.system != self._system:
            self.problems.append(
                f"It is a map for {quoted(table.system)}, not for {self._system}; --from names the system."
            )
        if table.source is None:
            return self._system
        if not _SOURCE.fullmatch(table.source):
            self.problems.append(f"source is {quoted(table.source)}; write it with a-z, 0-9 and -.")
        return f"{self._system}/{table.source}"

    def _stages(self, stages: Mapping[str, int | str], place: str) -> dict[str, str]:
        return stage_meanings(stages, place, STAGE_WORDS, self._process, self.problems)

    def _pipelines(self) -> dict[str, Mapping[str, str] | None]:
        found: dict[str, Mapping[str, str] | None] = {}
        for name, pipeline in self._table.pipelines.items():
            place = f"[pipelines.{quoted(name)}]"
            if plain_name(name) in found:
                self.problems.append(f"{place} is there twice.")
            stages = None if isinstance(pipeline, str) else self._stages(pipeline.stages, place)
            found[plain_name(name)] = stages
        return found

    def _words(self, words: Mapping[str, str], place: str, known: Sequence[str]) -> dict[str, str]:
        found = {name: word.strip().casefold() for name, word in self._plain(words, place).items()}
        self.problems += [
            f"{place} {quoted(name)} is {quoted(word)}; write one of {', '.join(known)}."
            for name, word in words.items()
            if word.strip().casefold() not in known
        ]
        return found

    def _currencies(self) -> dict[str, str]:
        code = self._process.currency.code
        found = self._plain(self._table.currencies, "[currencies]")
        self.problems += [
            f"[currencies] {quoted(name)} is {quoted(word)}; write {IGNORE} to leave its deals out, or {code}."
            for name, word in self._table.currencies.items()
            if word not in (IGNORE, code)
        ]
        return {plain_name(code): code} | found

    def _plain(self, words: Mapping[str, str], place: str) -> dict[str, str]:
        found = {plain_name(name): word.strip() for name, word in words.items()}
        if len(found) < len(words):
            self.problems.append(f"{place} has one name twice, in two spellings.")
        return found

    def _forms(self) -> Forms:
        by_heading = {
            plain_heading(heading): form
            for heading, text in self._table.dates.items()
            if (form := self._form(text)) is not None
        }
        return Forms(None if self._table.date is None else self._form(self._table.date), by_heading)

    def _form(self, text: str) -> DateForm | None:
        try:
            return date_form(text)
        except InvalidValue as error:
            self.problems.append(f"{error.message}.")
            return None

    def _zone(self) -> tzinfo | None:
        name = self._table.zone
        if name is None:
            return None
        from zoneinfo import ZoneInfo

        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # not known, or no name at all
            self.problems.append(f"zone is {quoted(name)}; write the name of a time zone like Europe/Berlin or UTC.")
            return None


def _problem(kind: str, loc: tuple[int | str, ...]) -> str:
    parts = [part for part in loc if not (isinstance(part, str) and part.startswith(("literal[", "_Pipeline")))]
    place = ".".join(visible(str(part)) for part in parts[:4])
    if kind == "extra_forbidden":
        known = _Pipeline.model_fields if loc[0] == "pipelines" else _MapTable.model_fields
        near = suggestions(str(loc[-1]), known)
        return f"{place} is not known" + (f" (perhaps {' or '.join(near)}?)." if near else ".")
    if loc[0] in ("stages", "milestones") or (loc[0] == "pipelines" and "stages" in loc[1:]):
        place = ".".join(visible(str(part)) for part in parts if part not in ("int", "str"))
        return f"{place} must be the number or key of a milestone, 0, or {', '.join(STAGE_WORDS)}."
    if loc[0] == "pipelines":
        return f'{place} must be "ignore" or a table [pipelines."NAME".stages].'
    if loc[0] == "decimal":
        return 'decimal must be "," or ".".'
    return f"{place} must be a text" + (f" of at most 200 characters, and there are at most {_MOST} of them."
                                        if kind in {"string_too_long", "too_long"} else ".")  # fmt: skip
