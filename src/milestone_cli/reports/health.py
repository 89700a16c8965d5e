"""Whether a process is lived, as a table and as JSON: shares of its facts, and the way of working they amount to.

Invariant: sums of a team or of the rep who asks; no list of people, no ranking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.lived import RECENT_DAYS, WITHIN_DAYS, Life, Sign, Way, way_of_working
from milestone_cli.domain.money import Currency
from milestone_cli.domain.period import Period
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Sentence,
    Table,
    Value,
    counted,
    joined,
    named,
    whose,
)


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets that hold."""

    amounts: Mapping[int | None, int]
    """Minor units a month by owner, None the team; none of them 0."""
    currency: Currency


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """How one process is lived, by the team or one rep."""

    process: str
    title: str
    life: Life
    signs: Mapping[Sign, bool]
    revised_on: Day | None
    """The last day it was revised; None where it is still as first defined."""
    until: Day
    """The last day whose facts count."""
    targets: Targets
    """Of the team and of every rep, on that day."""

    @property
    def way(self) -> Way:
        """The way of working."""
        return way_of_working(self.life, self.signs)


COLUMNS = (
    Column("actions", "Customer actions", CellKind.COUNT),
    Column("with_evidence", "With evidence", CellKind.RATE),
    Column("with_person", "With a person", CellKind.RATE),
    Column("days_to_entry", "Days to entry (median)", CellKind.NUMBER, digits=1),
    Column("implied", "Skipped", CellKind.RATE),
    Column("dead_ridden", "Dead ridden on", CellKind.COUNT),
    Column("recent", Sentence("Last {} days", (counted(RECENT_DAYS),)), CellKind.COUNT, 2),
    Column("revised_on", "Revised", CellKind.DAY, 2),
)
SIGNS = (Column("sign", "What decides", CellKind.WORD), Column("holds", "Holds", CellKind.BOOL))
SIGN_WORDS: dict[Sign, Line] = {
    Sign.TARGET: "A target is set",
    Sign.RECENT: Sentence("Customer actions of the last {} days are recorded", (counted(RECENT_DAYS),)),
    Sign.PROMPT: Sentence("Half of them are entered within {} days", (counted(WITHIN_DAYS),)),
    Sign.REVISED: "The process was revised within a year",
}
_WAYS = {Way.NO_PROCESS: "no process", Way.ON_PAPER: "on paper", Way.WATCHED: "watched", Way.DYNAMIC: "dynamic"}
_STEPS = {
    Sign.TARGET: "`ms set-target` sets one",
    Sign.RECENT: "`ms advance` records what a customer did",
    Sign.PROMPT: "enter what a customer did in the same week",
    Sign.REVISED: "hold `ms rates` against the process and revise it with `ms define-process`",
}


def health_document(reports: Sequence[HealthReport], period: Period, as_of: Day, rep: str | None) -> Document:
    """Return everything `ms health` says."""
    tables: list[Table] = []
    for report in reports:
        tables += health_tables(report, period, rep)
    return Document(
        before=() if reports else ("No process is defined: nothing to live by. `ms define-process` defines one.",),
        tables=tuple(tables),
        json={
            "as_of": iso(as_of),
            "rep": rep,
            "period": {"label": period.label, "start": iso(period.start), "end": iso(period.end)},
            "way": None if reports else Way.NO_PROCESS.value,
            "processes": [_json(report) for report in reports],
        },
    )


def health_tables(report: HealthReport, period: Period, rep: str | None) -> list[Table]:
    """Return the shares, and what the way of working follows from."""
    return [_figures(report, period, rep), _signs(report)]


def _figures(report: HealthReport, period: Period, rep: str | None) -> Table:
    life = report.life
    row: tuple[Cell, ...] = (
        life.actions,
        _share(life.with_evidence, life.actions),
        _share(life.with_person, life.actions),
        life.days_to_entry,
        _share(life.implied, life.arrivals),
        life.ridden,
        life.recent,
        report.revised_on,
    )
    return Table(
        title=joined((named(report.title), "is it lived?", named(period.label), whose(rep))),
        columns=COLUMNS,
        rows=(row,),
        notes=_notes(life),
    )


def _notes(life: Life) -> tuple[Line, ...]:
    if not life.entries_not_counted:
        return ()
    count = Value(life.entries_not_counted, CellKind.COUNT)
    return (Sentence("Days to entry: {} imported without `recorded_at` are not counted.", (count,)),)


def _signs(report: HealthReport) -> Table:
    return Table(
        title=joined((named(report.title), Sentence("way of working: {}", (_WAYS[report.way],)))),
        columns=SIGNS,
        rows=tuple((SIGN_WORDS[sign], holds) for sign, holds in report.signs.items()),
        notes=(_verdict(report),),
    )


def _verdict(report: HealthReport) -> Line:
    """Return how to come one way further: the first sign that is missing."""
    missing = next((sign for sign, holds in report.signs.items() if not holds), None)
    if missing is None:
        return Sentence("Way of working: {}.", (_WAYS[report.way],))
    return Sentence("Way of working: {}. One step further: {}.", (_WAYS[report.way], _STEPS[missing]))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _json(report: HealthReport) -> dict[str, object]:
    life = report.life
    return {
        "process": report.process,
        "actions": life.actions,
        "with_evidence": _share(life.with_evidence, life.actions),
        "with_person": _share(life.with_person, life.actions),
        "days_to_entry": life.days_to_entry,
        "entries_not_counted": life.entries_not_counted,
        "implied": _share(life.implied, life.arrivals),
        "dead_ridden": life.ridden,
        "recent": life.recent,
        "revised_on": None if report.revised_on is None else iso(report.revised_on),
        "signs": {sign.value: holds for sign, holds in report.signs.items()},
        "way": report.way.value,
    }
