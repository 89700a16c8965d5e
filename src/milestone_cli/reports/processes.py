"""The processes of a team: how many milestones, which plan, what changed when.

Invariant: what is shown holds on the day looked from; a version that is still to come is listed among the versions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.definition import Difference, differences
from milestone_cli.domain.money import plain
from milestone_cli.domain.process import Definition, Milestone, Process, ProcessHistory
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Money,
    Part,
    Sentence,
    Table,
    Value,
    named,
)

"""In place of a day, for what always held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessPage:
    """What one process is on a day."""

    history: ProcessHistory
    """As it was set by that day."""
    as_of: Day
    target: int | None
    """The team's own target in the month of the day, in minor units a month; None where there is none."""
    opportunities: int
    """All of them, whatever became of them."""
    open_at: Mapping[str, int] = field(default_factory=dict)
    """Open opportunities by the key of the milestone they stand at."""

    @property
    def definition(self) -> Definition:
        """What holds on the day."""
        return self.history.at(self.as_of)


@dataclass(frozen=True, slots=True)
class Step:
    """One definition against the one before it."""

    definition: Definition
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changes: tuple[Difference, ...]
    reordered: bool
    """Milestones that stay are in another order."""


def steps(history: ProcessHistory) -> tuple[Step, ...]:
    """Return what changed when, the first definition first."""
    found: list[Step] = []
    for definition in history.definitions:
        after = definition.process
        before = found[-1].definition.process if found else after
        found.append(
            Step(
                definition,
                tuple(key for key in after.keys if key not in before.keys),
                tuple(key for key in before.keys if key not in after.keys),
                tuple(differences(before, after)),
                [key for key in before.keys if key in after.keys] != [key for key in after.keys if key in before.keys],
            )
        )
    return tuple(found)


LIST = (
    Column("process", "Process", CellKind.NAME, 1),
    Column("title", "Title", CellKind.NAME, 2),
    Column("version", "Version", CellKind.COUNT, 3),
    Column("milestones", "Milestones", CellKind.COUNT, 2),
    Column("currency", "Currency", CellKind.TEXT, 4),
    Column("target", "Target a month", CellKind.MONEY, 1),
    Column("opportunities", "Opportunities", CellKind.COUNT, 2),
)
MILESTONES = (
    Column("number", "#", CellKind.COUNT, 1),
    Column("key", "Key", CellKind.NAME, 2),
    Column("name", "Milestone", CellKind.TEXT, 1),
    Column("customer_action", "What the customer does", CellKind.TEXT, 1),
    Column("rate", "Rate", CellKind.RATE, 1),
    Column("days", "Days", CellKind.COUNT, 1),
)
VERSIONS = (
    Column("version", "Version", CellKind.COUNT, 1),
    Column("valid_from", Sentence("From", context="day"), CellKind.DAY, 1),
    Column("set_on", "Set on", CellKind.DAY, 2),
    Column("change", "What changed", CellKind.WORD, 1),
)


def processes_document(pages: Sequence[ProcessPage], as_of: Day, *, single: bool = False) -> Document:
    """Return the list of processes, or all about the one of them (`single`)."""
    json: dict[str, object] = {"as_of": iso(as_of), "rep": None, "processes": [_json(page) for page in pages]}
    if single:
        page = pages[0]
        before = tuple(_head(page))
        tables = (milestones_table(page.definition.process, page.open_at), _versions_table(page.history))
        return Document(before=before, tables=tables, json=json)
    table = Table(
        title="Processes",
        columns=LIST,
        rows=tuple(_cells(page) for page in pages),
        empty="No process is defined yet; `ms define-process` defines one.",
    )
    return Document(tables=(table,), json=json)


def _cells(page: ProcessPage) -> tuple[Cell, ...]:
    definition = page.definition
    process = definition.process
    target = None if page.target is None else Money(page.target, process.currency)
    return (
        process.key,
        process.title,
        definition.version,
        len(process.milestones),
        process.currency.code,
        target,
        page.opportunities,
    )


def _head(page: ProcessPage) -> Iterator[Line]:
    process, unit = page.definition.process, page.definition.process.currency
    yield Sentence(
        "{} ({}), in {}, version {}.",
        (
            Value(process.title, CellKind.NAME),
            Value(process.key, CellKind.NAME),
            Value(unit.code, CellKind.TEXT),
            Value(page.definition.version, CellKind.COUNT),
        ),
    )
    if page.target:
        yield Sentence("Target of the team: {} a month.", (Value(page.target, CellKind.MONEY, unit),))
    else:
        yield "No target of the team; `ms set-target` sets one."
    yield Sentence(
        "Opportunities: {}, open: {}.",
        (Value(page.opportunities, CellKind.COUNT), Value(sum(page.open_at.values()), CellKind.COUNT)),
    )
    if process.typical_value is not None:
        template = "Where no potential is known, {} is assumed."
        yield Sentence(template, (Value(process.typical_value, CellKind.MONEY, unit),))
    if process.evidence_required:
        yield "`ms advance` must say what the customer did, said or wrote."
    if page.history.history_from is not None:
        template = "Before {} only the opportunities that were still open then are known."
        yield Sentence(template, (Value(page.history.history_from, CellKind.DAY),))


def milestones_table(process: Process, open_at: Mapping[str, int] | None = None) -> Table:
    """Return the milestones of a process with its plan; with `open_at`, how many stand at each."""
    standing = () if open_at is None else (Column("open", "Open", CellKind.COUNT, 2),)
    return Table(
        title="Milestones",
        columns=(*MILESTONES, *standing),
        rows=tuple(
            (*_milestone_cells(number, milestone), *(() if open_at is None else (open_at.get(milestone.key, 0),)))
            for number, milestone in enumerate(process.milestones, start=1)
        ),
        notes=("Rate and days: as planned, from the milestone before it.",),
    )


def _milestone_cells(number: int, milestone: Milestone) -> tuple[Cell, ...]:
    plan = (None, None) if number == 1 else (float(milestone.planned_rate), milestone.planned_days)
    return (number, milestone.key, milestone.name, milestone.customer_action or None, *plan)


def _versions_table(history: ProcessHistory) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for step in steps(history):
        item = step.definition
        lines: list[Line] = change_lines(step) if rows else ["defined"]
        rows += [(item.version, item.valid_from, item.set_on, line) for line in lines]
    return Table(
        title="Versions", columns=VERSIONS, rows=tuple(rows), notes=("Without a day it holds from the beginning.",)
    )


def change_lines(step: Step) -> list[Line]:
    """Return what changed in words, one line for each thing."""
    lines: list[Line] = [Sentence("added the milestone {}", (named(key),)) for key in step.added]
    lines += [Sentence("removed the milestone {}", (named(key),)) for key in step.removed]
    lines += ["other order"] if step.reordered else []
    return lines + [difference_line(change) for change in step.changes]


def difference_line(change: Difference) -> Line:
    """Return one change in words."""
    where = f"{change.milestone}, {change.what}" if change.milestone else change.what
    return Sentence("{}: {} -> {}", (named(where), _or_nothing(change.before), _or_nothing(change.after)))


def _or_nothing(value: str | None) -> Part:
    return named(value) if value else "nothing"


def _json(page: ProcessPage) -> dict[str, object]:
    definition = page.definition
    process, unit = definition.process, definition.process.currency
    return {
        "process": process.key,
        "title": process.title,
        "version": definition.version,
        "currency": unit.code,
        "evidence": "required" if process.evidence_required else "optional",
        "typical_value": None if process.typical_value is None else plain(process.typical_value, unit),
        "history_from": None if page.history.history_from is None else iso(page.history.history_from),
        "target": None if page.target is None else plain(page.target, unit),
        "opportunities": page.opportunities,
        "open": sum(page.open_at.values()),
        "milestones": [
            milestone_json(number, milestone) | {"open": page.open_at.get(milestone.key, 0)}
            for number, milestone in enumerate(process.milestones, start=1)
        ],
        "versions": [_step_json(step) for step in steps(page.history)],
    }


def milestone_json(number: int, milestone: Milestone) -> dict[str, object]:
    """Return one milestone with its plan."""
    return {
        "number": number,
        "key": milestone.key,
        "name": milestone.name,
        "customer_action": milestone.customer_action or None,
        "how": list(milestone.how),
        "rate": None if number == 1 else float(milestone.planned_rate),
        "days": None if number == 1 else milestone.planned_days,
        "dead_after_days": milestone.dead_after_days,
    }


def _step_json(step: Step) -> dict[str, object]:
    item = step.definition
    return {
        "version": item.version,
        "valid_from": None if item.valid_from is None else iso(item.valid_from),
        "set_on": iso(item.set_on),
        "milestones": list(item.process.keys),
        "changes": [difference_json(change) for change in step.changes],
    }


def difference_json(change: Difference) -> dict[str, object]:
    """Return one change."""
    return {"milestone": change.milestone, "key": change.what, "before": change.before, "after": change.after}
