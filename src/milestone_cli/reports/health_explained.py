"""What stands behind the health of a process: the counts of every share, what each sign has found, what was ridden on.

Invariant: told from the same counts; sums and opportunities, never a list of people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from milestone_cli.domain.day import iso
from milestone_cli.domain.lived import RECENT_DAYS, REVISED_DAYS, WITHIN_DAYS, Life, Ridden, Sign
from milestone_cli.domain.period import Period
from milestone_cli.reports.explained import with_explanations
from milestone_cli.reports.health import SIGN_WORDS, HealthReport, health_tables
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Plural,
    Sentence,
    Table,
    Value,
    counted,
    joined,
    named,
)

Names = Mapping[str, Mapping[int, tuple[str, str]]]
"""By process and number of an opportunity: its key and customer."""
COUNTS = (
    Column("figure", "What", CellKind.WORD),
    Column("part", "So many", CellKind.COUNT),
    Column("whole", "of", CellKind.COUNT),
    Column("share", "= share", CellKind.RATE, digits=1),
)
DELAYS = (
    Column("from", "From day", CellKind.COUNT),
    Column("to", "to day", CellKind.COUNT),
    Column("actions", "Entered", CellKind.COUNT),
    Column("share", "Share", CellKind.RATE, digits=1),
)
SIGNS = (
    Column("sign", "What decides", CellKind.WORD),
    Column("found", "Found", CellKind.WORD),
    Column("asked", "Asked for", CellKind.WORD),
    Column("holds", "Holds", CellKind.BOOL),
)
RIDES = (
    Column("key", "Key", CellKind.NAME),
    Column("on", "On", CellKind.DAY),
    Column("milestone", "#", CellKind.COUNT),
    Column("since", "There since", CellKind.DAY, 2),
    Column("waited", "Waited", CellKind.COUNT),
    Column("dead_after_days", "Set aside after days", CellKind.COUNT),
)
SPANS: tuple[tuple[int, int | None], ...] = ((0, 0), (1, 1), (2, WITHIN_DAYS), (WITHIN_DAYS + 1, 30), (31, None))
"""Days from a customer's act to its entry, told together; both ends are in it."""


def explained(
    document: Document, reports: Sequence[HealthReport], period: Period, rep: str | None, names: Names
) -> Document:
    """Return the document with the counts behind each process."""
    tables: list[Table] = []
    for report in reports:
        tables += [*health_tables(report, period, rep), *_tables(report, names)]
    return with_explanations(document, tables, [_json(report, names) for report in reports])


def _tables(report: HealthReport, names: Names) -> Iterator[Table]:
    title = named(report.title)
    yield Table(
        title=joined((title, "the counts behind the shares")),
        columns=COUNTS,
        rows=tuple((*count, _share(*count[1:])) for count in _counts(report.life).values()),
    )
    yield Table(
        title=joined((title, "days from the customer's act to its entry")),
        columns=DELAYS,
        rows=tuple(_delays(report.life)),
        notes=("The median is the day by which half of them are entered.",) if report.life.delays else (),
        empty="No entry counts.",
    )
    yield Table(
        title=joined((title, "what each sign has found")),
        columns=SIGNS,
        rows=tuple((SIGN_WORDS[sign], *_found(report, sign), holds) for sign, holds in report.signs.items()),
    )
    yield Table(
        title=joined((title, "dead horses ridden on")),
        columns=RIDES,
        rows=tuple(_ride(ride, names[report.process]) for ride in report.life.rides),
        notes=("Revalued or given to another rep on a day on which it was a dead horse.",) if report.life.rides else (),
        empty="No dead horse was revalued or given to another rep.",
    )


def _counts(life: Life) -> dict[str, tuple[Line, int, int]]:
    """Return what is counted, of what: by the name of the share."""
    entries = sum(life.delays.values())
    return {
        "with_evidence": ("with evidence, of the customer actions", life.with_evidence, life.actions),
        "with_person": ("with a person, of the customer actions", life.with_person, life.actions),
        "implied": ("skipped, of all milestones reached", life.implied, life.arrivals),
        "entries": ("entered on a day that is known, of the customer actions", entries, life.actions),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _delays(life: Life) -> Iterator[tuple[Cell, ...]]:
    total = sum(life.delays.values())
    for first, last in SPANS:
        count = sum(number for days, number in life.delays.items() if first <= days and (last is None or days <= last))
        if total:
            yield (first, last, count, count / total)


def _found(report: HealthReport, sign: Sign) -> tuple[Line, Line]:
    """Return what is there, and what it takes."""
    life = report.life
    match sign:
        case Sign.TARGET:
            return _targets(report), "one or more"
        case Sign.RECENT:
            since = Value(report.until - RECENT_DAYS + 1, CellKind.DAY)
            return Sentence("{} since {}", (counted(life.recent), since)), "one or more"
        case Sign.PROMPT:
            days = life.days_to_entry
            found = (
                "nobody knows" if days is None else Sentence("after {} days", (Value(days, CellKind.NUMBER, digits=1),))
            )
            return found, Sentence("at most {} days", (counted(WITHIN_DAYS),))
        case Sign.REVISED:
            found = "never" if report.revised_on is None else joined((Value(report.revised_on, CellKind.DAY),))
            return found, Sentence("after {}", (Value(report.until - REVISED_DAYS, CellKind.DAY),))


def _targets(report: HealthReport) -> Line:
    amounts, currency = report.targets.amounts, report.targets.currency
    if not amounts:
        return "no target"
    team = amounts.get(None)
    if team:
        return Sentence("{} a month for the team", (Value(team, CellKind.MONEY, currency),))
    return Plural("a target of 1 rep", "targets of {} reps", len(amounts), (counted(len(amounts)),))


def _ride(ride: Ridden, names: Mapping[int, tuple[str, str]]) -> tuple[Cell, ...]:
    key, _ = names[ride.opportunity]
    return (key, ride.on, ride.milestone, ride.since, ride.on - ride.since, ride.after)


def _json(report: HealthReport, names: Names) -> dict[str, object]:
    return {
        "counts": {name: {"part": part, "whole": whole} for name, (_, part, whole) in _counts(report.life).items()},
        "days_to_entry": [
            dict(zip((column.key for column in DELAYS), cells, strict=True)) for cells in _delays(report.life)
        ],
        "rides": [
            {
                "opportunity": names[report.process][ride.opportunity][0],
                "on": iso(ride.on),
                "milestone": ride.milestone,
                "since": iso(ride.since),
                "dead_after_days": ride.after,
            }
            for ride in report.life.rides
        ],
    }
