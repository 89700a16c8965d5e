"""A map to complete: all that an export names, with a ? in every place where somebody has to say what is meant.

Invariant: nothing is guessed; as long as one ? is left, the map cannot be used. What a given map says is kept.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from milestone_cli.domain.process import Process
from milestone_cli.domain.text import visible
from milestone_cli.exchange.headings import plain_heading
from milestone_cli.exchange.map_file import OPEN_PLACE, plain_name
from milestone_cli.exchange.map_findings import Findings
from milestone_cli.exchange.moments import ColumnForms
from milestone_cli.exchange.system_map import STAGE_WORDS, STATUS_WORDS, MapFile

_MOST_OWNERS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What a map is suggested from."""

    found: Findings
    system: str
    files: Sequence[str]
    """Their names."""
    process: Process | None
    """The one whose milestones the stages will be, where it is known."""
    given: MapFile
    """A map that says some of it already."""
    status: Mapping[str, str]
    """What the system's own words for won, lost and open mean."""

    def text(self) -> str:
        """Return the map, in TOML but for its open places."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        table = self.given.table
        yield f"# How `ms import --from {self.system}` reads {', '.join(map(_comment, self.files))}."
        yield f"# Write what is meant in place of each {OPEN_PLACE}; until then the map cannot be used."
        yield ""
        yield f"system = {quoted_toml(self.system)}"
        if table.source is not None:
            yield f"source = {quoted_toml(table.source)}"
        yield from self._forms()
        if table.columns:
            yield from ("", "[columns]")
            yield from (f"{name} = {quoted_toml(heading)}" for name, heading in table.columns.items())
        yield from self._stages()
        yield from self._status()
        yield from self._currencies()
        yield from self._owners()

    def _forms(self) -> Iterator[str]:
        table = self.given.table
        if table.zone is not None:
            yield f"zone = {quoted_toml(table.zone)}"
        elif self.system != "table" or table.milestones or "date" in table.columns:
            yield '# zone = "Europe/Berlin"    # where a day is a day; else the setting zone, else the machine\'s'
        if table.decimal is not None:
            yield f"decimal = {quoted_toml(table.decimal)}"
        elif len(self.found.decimals) == 1:
            yield f"decimal = {quoted_toml(*self.found.decimals)}    # found"
        elif self.found.has_signs:
            yield f'decimal = {OPEN_PLACE}    # "," or ".": the amounts do not say'
        if table.date is not None:
            yield f"date = {quoted_toml(table.date)}"
        else:
            yield from self._dates()

    def _dates(self) -> Iterator[str]:
        """Yield the form of the dates: one for all, or one for each column where they differ."""
        given = {plain_heading(heading): form for heading, form in self.given.table.dates.items()}
        columns = [column for column in self.found.columns if column.candidates]
        forms = {_form_of(column) for column in columns}
        if not given and not columns:
            yield '# date = "ISO"    # found: no date can be mistaken'
        elif not given and len(forms - {None}) == 1:
            yield f"date = {quoted_toml(next(form for form in forms if form))}    # found"
        elif not given and forms == {None}:
            yield f"date = {OPEN_PLACE}    # {_doubt(columns[0])}"
        else:
            yield from ("", "[dates]    # the form of each column")
            for heading in dict.fromkeys(column.column.heading for column in columns):
                mine = [column for column in columns if column.column.heading == heading]
                form = given.get(plain_heading(heading)) or _form_of(mine[0])
                said = quoted_toml(form) if form else f"{OPEN_PLACE}    # {_doubt(mine[0])}"
                yield f"{quoted_toml(heading)} = {said}"

    def _stages(self) -> Iterator[str]:
        yield ""
        if self.process is not None:
            named = ", ".join(f"{number} {key}" for number, key in enumerate(self.process.keys, start=1))
            yield f"# The milestones of {self.process.key}: {named}."
        yield f"# A stage is the key or number of a milestone, 0 (a target customer), or {', '.join(STAGE_WORDS)}."
        table = self.given.table
        pipelines = {name: stages for name, stages in self.found.stages.items() if name}
        if len(pipelines) < 2 and not table.pipelines:
            every: Counter[str] = sum(self.found.stages.values(), Counter())
            yield "[stages]"
            yield from _places(every, table.stages)
            return
        if "" in self.found.stages or table.stages:
            yield "[stages]    # of every pipeline"
            yield from _places(self.found.stages.get("", Counter()), table.stages)
            yield ""
        yield '# A pipeline can be left out: pipelines."NAME" = "ignore" in place of its table.'
        known = {plain_name(name): pipeline for name, pipeline in table.pipelines.items()}
        for name, stages in pipelines.items():
            pipeline = known.get(plain_name(name))
            if isinstance(pipeline, str):
                yield f'[pipelines]\n{quoted_toml(name)} = "ignore"'
                continue
            yield f"[pipelines.{quoted_toml(name)}.stages]"
            yield from _places(stages, {**table.stages, **(pipeline.stages if pipeline else {})})
            yield ""

    def _status(self) -> Iterator[str]:
        if not self.found.status and not self.given.table.status:
            return
        yield from ("", f"# A word is {', '.join(STATUS_WORDS[:-1])} or {STATUS_WORDS[-1]}.", "[status]")
        given = {plain_name(word): meaning for word, meaning in self.given.table.status.items()}
        for word, count in _folded(self.found.status):
            meaning = given.get(plain_name(word), self.status.get(plain_name(word)))
            said = quoted_toml(meaning) if meaning else OPEN_PLACE
            yield f"{quoted_toml(word)} = {said}    # {_deals(count)}"

    def _currencies(self) -> Iterator[str]:
        own = None if self.process is None else self.process.currency.code
        given = {plain_name(code): meaning for code, meaning in self.given.table.currencies.items()}
        others = [(code, count) for code, count in _folded(self.found.currencies) if code != own]
        if not others or (own is None and len(self.found.currencies) == 1):
            return
        yield from (
            "",
            f'# Deals in another currency than {own or "the process"} can be left out: "ignore".',
            "[currencies]",
        )
        for code, count in others:
            meaning = given.get(plain_name(code))
            said = quoted_toml(meaning) if meaning else OPEN_PLACE
            yield f"{quoted_toml(code)} = {said}    # {_deals(count)}"

    def _owners(self) -> Iterator[str]:
        if not self.found.owners:
            return
        yield from (
            "",
            "# Who is who: an owner that is not named here becomes a rep of that name; empty is nobody.",
            "[owners]",
        )
        given = {plain_name(owner): rep for owner, rep in self.given.table.owners.items()}
        for owner, count in _folded(self.found.owners)[:_MOST_OWNERS]:
            rep = given.get(plain_name(owner))
            begin = "# " if rep is None else ""
            yield f"{begin}{quoted_toml(owner)} = {quoted_toml(owner if rep is None else rep)}    # {_deals(count)}"


def _places(stages: Counter[str], given: Mapping[str, int | str]) -> Iterator[str]:
    """Yield a line for each stage, the most frequent first."""
    known = {plain_name(stage): meaning for stage, meaning in given.items()}
    for stage, count in _folded(stages):
        meaning = known.get(plain_name(stage))
        said = OPEN_PLACE if meaning is None else meaning if isinstance(meaning, int) else quoted_toml(meaning)
        yield f"{quoted_toml(stage)} = {said}    # {_deals(count)}"


def _folded(words: Counter[str]) -> list[tuple[str, int]]:
    """Return the words, the most frequent first; spellings that a map does not tell apart are one, by the first."""
    counts: dict[str, tuple[str, int]] = {}
    for word, count in words.most_common():
        first, so_far = counts.get(plain_name(word), (word, 0))
        counts[plain_name(word)] = first, so_far + count
    return sorted(counts.values(), key=lambda one: -one[1])


def _form_of(column: ColumnForms) -> str | None:
    """Return the form of a column; None where it fits two with different days."""
    return None if column.is_open or column.best is None else column.best.name


def _doubt(column: ColumnForms) -> str:
    if column.doubt is None:
        return ""
    readings = " or ".join(quoted_toml(form.name) for form, _day in column.doubt.readings)
    return f"{readings}: {_comment(column.doubt.text)} in line {column.doubt.line}"


def _deals(count: int) -> str:
    return f"{count} {'deal' if count == 1 else 'deals'}"


def _comment(text: str) -> str:
    return visible(text[:60])


def quoted_toml(text: str) -> str:
    r"""Return a text as TOML has it, with all that cannot be seen escaped.

    >>> quoted_toml('say "x"'), quoted_toml("a\x7f")
    ('"say \\"x\\""', '"a\\u007f"')
    """
    return "".join(
        sign if sign.isprintable() else f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"
        for sign in json.dumps(text, ensure_ascii=False)
    )
