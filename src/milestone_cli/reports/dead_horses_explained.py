"""Why each dead horse is set aside: its days against its section's age, and where that age comes from.

Invariant: it is told from the snapshot that set it aside; nothing is computed a second way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from milestone_cli.domain.basis import Basis
from milestone_cli.domain.day import iso
from milestone_cli.domain.dead_horses import (
    ENOUGH_CASES,
    HOPELESS,
    SHARE_OF_RATE,
    TIMES_PLANNED,
    DeadRule,
    Threshold,
    hopeless,
)
from milestone_cli.domain.process import Process
from milestone_cli.reports.dead_horses import DeadHorsesReport, Waiting, because, dead_horses_tables
from milestone_cli.reports.explained import with_explanations
from milestone_cli.reports.snapshot import snapshot_json, snapshot_line
from milestone_cli.reports.table import Cell, CellKind, Column, Document, Line, Sentence, Table, Value, joined, named

WEEK = 7
CLOCK = (
    "The days run from when the customer last reached a milestone; a new potential, another owner or a reopening do not"
    " begin them anew."
)
REASONS = (
    Column("key", "Key", CellKind.NAME),
    Column("milestone", "#", CellKind.COUNT),
    Column("since", "There since", CellKind.DAY),
    Column("dead_after_days", "+ days", CellKind.COUNT),
    Column("aside_on", "= set aside on", CellKind.DAY),
    Column("waiting_days", "Waited", CellKind.COUNT, 2),
    Column("chance_left", "Chance", CellKind.RATE, 2, digits=1, group="chance"),
    Column("hopeless", "Set aside under", CellKind.RATE, 2, digits=1, group="chance"),
    Column("rule", "Because", CellKind.WORD, 3),
)
AGES = (
    Column("from", "From", CellKind.COUNT),
    Column("to", "To", CellKind.COUNT),
    Column("dead_after_days", "Set aside after days", CellKind.COUNT),
    Column("rule", "Because", CellKind.WORD, 2),
    Column("rate", "Rate", CellKind.RATE, digits=1, group="chance"),
    Column("hopeless", "Set aside under", CellKind.RATE, digits=2, group="chance"),
    Column("chance_before", "A week before", CellKind.RATE, 2, digits=2, group="then"),
    Column("chance_then", "At that age", CellKind.RATE, 2, digits=2, group="then"),
    Column("days_p50", "P50", CellKind.NUMBER, 3),
    Column("cases", "Cases", CellKind.COUNT, 3),
    Column("planned_days", "Planned days", CellKind.COUNT, 4),
)


def explained(document: Document, reports: Sequence[DeadHorsesReport], rep: str | None) -> Document:
    """Return the dead horses' document with the reason of each, and how the ages of the sections come about."""
    tables: list[Table] = []
    for report in reports:
        tables += [*dead_horses_tables(report, rep), *_tables(report)]
    return with_explanations(document, tables, [_json(report) for report in reports])


def _tables(report: DeadHorsesReport) -> Iterator[Table]:
    title = named(report.process.title)
    waiting = (*report.dead, *report.soon)
    if waiting:
        yield Table(
            title=joined((title, "why each is set aside")),
            columns=REASONS,
            rows=tuple(_reason(report.basis, one) for one in waiting),
            notes=(CLOCK,),
        )
    yield Table(
        title=joined((title, "how the age of a section comes about")),
        columns=AGES,
        rows=tuple(_age(report, place) for place in range(len(report.thresholds))),
        notes=tuple(_notes(report)),
    )


def _reason(basis: Basis, one: Waiting) -> tuple[Cell, ...]:
    return (
        one.listed.key,
        one.listed.milestone,
        one.since,
        one.threshold.after,
        one.aside_on,
        one.waited,
        one.chance_left,
        limit_of(basis, one.listed.milestone - 1),
        because(one.threshold, one.measured),
    )


def limit_of(basis: Basis, place: int) -> float | None:
    """Return below which chance a section sets aside; None where its chances are not what decides.

    Args:
        basis: of the month.
        place: the index 0..k-2 of the milestone at which the section begins.
    """
    if place >= len(basis.measured) or basis.dead[place].rule not in {DeadRule.MEASURED, DeadRule.NONE}:
        return None
    enough = basis.measured[place].cases >= ENOUGH_CASES
    return hopeless(float(basis.count_rates[place])) if enough else None


def _age(report: DeadHorsesReport, place: int) -> tuple[Cell, ...]:
    basis, threshold, measured = report.basis, report.thresholds[place], report.measured[place]
    limit = limit_of(basis, place)
    before, then = _around(report, place)
    return (
        place + 1,
        place + 2,
        threshold.after,
        because(threshold, measured),
        None if limit is None else float(basis.count_rates[place]),
        limit,
        before,
        then,
        None if measured is None else measured.days_p50,
        0 if measured is None else measured.cases,
        _planned_days(report.process, place, threshold),
    )


def _around(report: DeadHorsesReport, place: int) -> tuple[float | None, float | None]:
    """Return the chance still to move a week before the age and at it; None where another rule decides."""
    threshold, measured = report.thresholds[place], report.measured[place]
    if threshold.rule is not DeadRule.MEASURED or threshold.after is None or measured is None:
        return None, None
    return measured.chance_left(threshold.after - WEEK), measured.chance_left(threshold.after)


def _planned_days(process: Process, place: int, threshold: Threshold) -> int | None:
    """Return the planned days where four times these are the age."""
    return process.milestones[place + 1].days if threshold.rule is DeadRule.PLANNED else None


def _notes(report: DeadHorsesReport) -> Iterator[Line]:
    yield snapshot_line(report.basis)
    rules = {threshold.rule for threshold in report.thresholds}
    if rules & {DeadRule.MEASURED, DeadRule.NONE}:
        yield Sentence(
            "Set aside in the first week after P50 in which the chance still to move is under {}, or under {} of the"
            " section's rate if that is lower.",
            (Value(HOPELESS, CellKind.RATE), Value(SHARE_OF_RATE, CellKind.RATE)),
        )
    if DeadRule.PLANNED in rules:
        yield Sentence(
            "Until a section has {} cases: {} times the planned days, where these are given.",
            (Value(ENOUGH_CASES, CellKind.COUNT), Value(TIMES_PLANNED, CellKind.COUNT)),
        )
    if DeadRule.FIXED in rules:
        yield "`dead_after_days` in the process file rules over both."


def _json(report: DeadHorsesReport) -> dict[str, object]:
    return {
        "snapshot": snapshot_json(report.basis),
        "opportunities": [_reason_json(report.basis, one) for one in (*report.dead, *report.soon)],
        "sections": [_age_json(report, place) for place in range(len(report.thresholds))],
    }


def _reason_json(basis: Basis, one: Waiting) -> dict[str, object]:
    found: dict[str, object] = dict(zip((column.key for column in REASONS), _reason(basis, one), strict=True))
    return found | {"since": iso(one.since), "aside_on": iso(one.aside_on), "rule": one.threshold.rule.value}


def _age_json(report: DeadHorsesReport, place: int) -> dict[str, object]:
    found: dict[str, object] = dict(zip((column.key for column in AGES), _age(report, place), strict=True))
    return found | {"rule": report.thresholds[place].rule.value}
