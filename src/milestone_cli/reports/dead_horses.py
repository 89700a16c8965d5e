"""Dead horses: what is set aside, what will be soon, and from which age each section sets aside.

Invariant: a list for letting go; nothing in it is a figure of merit, and nobody is named but the owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from milestone_cli.domain.basis import Basis, Measured
from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.dead_horses import ENOUGH_CASES, TIMES_PLANNED, DeadRule, Threshold
from milestone_cli.domain.money import plain
from milestone_cli.domain.opportunity import Status
from milestone_cli.domain.process import Process
from milestone_cli.reports.opportunities import Listed, listed_json
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Part,
    Sentence,
    Table,
    Value,
    counted,
    joined,
    named,
)
from milestone_cli.reports.table import whose as whose_words

SOON_DAYS = 30
"""What turns dead within so many days is told beforehand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One opportunity that waits, against the others in its section."""

    listed: Listed
    waited: int
    """Days at its milestone."""
    aside_on: Day
    """The day from which it is (or will be) set aside."""
    threshold: Threshold
    """Of its section."""
    measured: Measured | None
    """What is known of its section; None without a case."""

    @property
    def since(self) -> Day:
        """The day from which it waits."""
        return self.aside_on - (self.threshold.after or 0)

    @property
    def chance_left(self) -> float | None:
        """The chance that it still moves on."""
        return None if self.measured is None else self.measured.chance_left(self.waited)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadHorsesReport:
    """The dead horses of one process."""

    process: Process
    basis: Basis
    """Of the day's month."""
    dead: tuple[Waiting, ...]
    """The most money first."""
    soon: tuple[Waiting, ...]
    """The next to be set aside first."""

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        """Of the k-1 sections."""
        return self.basis.dead

    @property
    def measured(self) -> tuple[Measured | None, ...]:
        """What is known of the k-1 sections."""
        return tuple(self.basis.section(key) for key in self.basis.keys[:-1])

    @property
    def tied_up(self) -> int:
        """The potential of what is set aside, in minor units."""
        return sum(one.listed.value or 0 for one in self.dead)


def dead_horses_report(process: Process, basis: Basis, rows: Iterable[Listed], as_of: Day) -> DeadHorsesReport:
    """Return what is and what will be set aside among opportunities that are open by their facts."""
    waiting = [found for row in rows if (found := _waiting(basis, row, as_of)) is not None]
    dead = [one for one in waiting if one.listed.status is Status.DEAD]
    soon = [one for one in waiting if one.listed.status is Status.OPEN and one.aside_on <= as_of + SOON_DAYS]
    return DeadHorsesReport(
        process=process,
        basis=basis,
        dead=tuple(sorted(dead, key=lambda one: (-(one.listed.value or 0), -one.waited, one.listed.key))),
        soon=tuple(sorted(soon, key=lambda one: (one.aside_on, one.listed.key))),
    )


def _waiting(basis: Basis, row: Listed, as_of: Day) -> Waiting | None:
    threshold = basis.threshold(row.milestone_key)
    if threshold is None or threshold.after is None or row.waiting_days is None:
        return None
    return Waiting(
        listed=row,
        waited=row.waiting_days,
        aside_on=as_of - row.waiting_days + threshold.after,
        threshold=threshold,
        measured=None if row.milestone_key is None else basis.section(row.milestone_key),
    )


def _columns(when: str, title: str) -> tuple[Column, ...]:
    return (
        Column("key", "Key", CellKind.NAME, whole=True),
        Column("customer", "Customer", CellKind.NAME, 4),
        Column("rep", "Rep", CellKind.NAME, 5),
        Column("value", "Potential", CellKind.MONEY),
        Column("milestone", "#", CellKind.COUNT),
        Column("milestone_name", "Milestone", CellKind.TEXT, 3),
        Column("waiting_days", "Waited", CellKind.COUNT),
        Column("days_p50", "P50", CellKind.NUMBER, 2),
        Column("days_p90", "P90", CellKind.NUMBER, 2),
        Column("chance_left", "Chance", CellKind.RATE, 1, digits=1),
        Column(when, title, CellKind.DAY, 2),
    )


SECTIONS = (
    Column("from", "From", CellKind.COUNT),
    Column("to", "To", CellKind.COUNT),
    Column("dead_after_days", "Set aside after days", CellKind.COUNT),
    Column("rule", "Because", CellKind.WORD),
    Column("days_p50", "P50", CellKind.NUMBER, 2),
    Column("days_p90", "P90", CellKind.NUMBER, 2),
    Column("cases", "Cases", CellKind.COUNT, 2),
)
_RULES: dict[DeadRule, Line] = {
    DeadRule.FIXED: "dead_after_days of the process",
    DeadRule.MEASURED: "hardly any moved later",
    DeadRule.PLANNED: Sentence("{} times the planned days", (counted(TIMES_PLANNED),)),
}


def because(threshold: Threshold, measured: Measured | None) -> Line:
    """Return what decided the age from which a section sets aside."""
    if threshold.rule is not DeadRule.NONE:
        return _RULES[threshold.rule]
    enough = measured is not None and measured.cases >= ENOUGH_CASES
    if enough:
        return "the chance never falls so low"
    return Sentence("under {} cases, no planned days", (counted(ENOUGH_CASES),))


def dead_horses_document(reports: Sequence[DeadHorsesReport], as_of: Day, rep: str | None) -> Document:
    """Return everything `ms dead-horses` says."""
    tables = tuple(table for report in reports for table in dead_horses_tables(report, rep))
    json: dict[str, object] = {"as_of": iso(as_of), "rep": rep, "processes": [_json(report) for report in reports]}
    return Document(tables=tables, json=json)


def dead_horses_tables(report: DeadHorsesReport, rep: str | None) -> Iterator[Table]:
    """Yield what is set aside in one process, what will be soon, and from which ages."""
    whose = (named(report.process.title), whose_words(rep))
    yield _list(
        joined((*whose, "dead horses")), report, report.dead, _columns("aside_on", "Since"),
        empty="No dead horse.", notes=_tied_up(report),
    )  # fmt: skip
    if report.soon:
        title = joined((*whose, Sentence("set aside within {} days", (counted(SOON_DAYS),))))
        yield _list(title, report, report.soon, _columns("aside_on", "On"))
    yield _sections(whose, report)


def _list(
    title: Line,
    report: DeadHorsesReport,
    rows: Sequence[Waiting],
    columns: tuple[Column, ...],
    *,
    empty: str = "",
    notes: tuple[Line, ...] = (),
) -> Table:
    return Table(
        title=title,
        columns=columns,
        rows=tuple(_cells(one) for one in rows),
        currency=report.process.currency,
        empty=empty,
        notes=notes,
    )


def _tied_up(report: DeadHorsesReport) -> tuple[Line, ...]:
    if not report.dead:
        return ()
    money = Value(report.tied_up, CellKind.MONEY, report.process.currency)
    template = "{} set aside, {} tied up. `ms lose` lets one go for good; a milestone reached brings it back."
    return (Sentence(template, (Value(len(report.dead), CellKind.COUNT), money)),)


def _cells(one: Waiting) -> tuple[Cell, ...]:
    row, measured = one.listed, one.measured
    p50, p90 = (None, None) if measured is None else (measured.days_p50, measured.days_p90)
    return (
        row.key, row.customer, row.rep, row.value, row.milestone, row.milestone_name, one.waited, p50, p90,
        one.chance_left, one.aside_on,
    )  # fmt: skip


def _sections(whose: tuple[Part, ...], report: DeadHorsesReport) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for number, (threshold, measured) in enumerate(zip(report.thresholds, report.measured, strict=True), start=1):
        p50, p90, cases = (
            (None, None, 0) if measured is None else (measured.days_p50, measured.days_p90, measured.cases)
        )
        rows.append((number, number + 1, threshold.after, because(threshold, measured), p50, p90, cases))
    return Table(title=joined((*whose, "from which age a section sets aside")), columns=SECTIONS, rows=tuple(rows))


def _json(report: DeadHorsesReport) -> dict[str, object]:
    return {
        "process": report.process.key,
        "currency": report.process.currency.code,
        "count": len(report.dead),
        "value": plain(report.tied_up, report.process.currency),
        "opportunities": [waiting_json(one) for one in report.dead],
        "soon": [waiting_json(one) for one in report.soon],
        "sections": [
            {
                "from": number,
                "to": number + 1,
                "dead_after_days": threshold.after,
                "rule": threshold.rule.value,
                "days_p50": None if measured is None else measured.days_p50,
                "days_p90": None if measured is None else measured.days_p90,
                "cases": 0 if measured is None else measured.cases,
            }
            for number, (threshold, measured) in enumerate(
                zip(report.thresholds, report.measured, strict=True), start=1
            )
        ],
    }


def waiting_json(one: Waiting) -> dict[str, object]:
    """Return the fields of one that waits."""
    measured = one.measured
    return listed_json(one.listed) | {
        "days_p50": None if measured is None else measured.days_p50,
        "days_p90": None if measured is None else measured.days_p90,
        "chance_left": one.chance_left,
        "aside_on": iso(one.aside_on),
        "rule": one.threshold.rule.value,
    }
