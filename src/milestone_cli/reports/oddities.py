"""What an import of another system's deals found odd in them: how many of each, what was done, and the first cases.

Invariant: every kind of oddity that an import counts has its two sentences here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from milestone_cli.domain.day import Day, iso
from milestone_cli.reports.table import Cell, CellKind, Column, Sentence, Table, Value, joined, named

SAID = {
    "skipped": ("A stage entered without the ones before", "implied on the same day"),
    "entered_again": ("A stage entered again", "first arrival kept"),
    "moved_back": ("Moved back to an earlier stage", "reported: what a customer did stays done"),
    "dates_backwards": ("Days of stages that run backwards", "the later stage's day taken for the earlier one"),
    "won_without_passing": ("Won without passing every milestone", "the others implied on the same day"),
    "lost_without_passing": ("Lost before milestone 1", "taken as a target customer, lost"),
    "came_back": ("Open again after a loss", "reopened on that day"),
    "while_lost": ("Moved while lost", "left out"),
    "win_taken_back": ("Won, but not won any more", "the win left out"),
    "loss_taken_back": ("Lost, but open now without a day for it", "the loss left out"),
    "stage_differs": ("A stage that is not the end of its changes", "the changes count"),
    "after_win": ("Moved after it was won", "left out"),
    "bulk": ("Moved in an edit of many deals", "taken on the day of the edit, left out of rates and durations"),
    "lost_in_bulk": ("Lost in an edit of many deals", "counts as lost on the day of the edit"),
    "in_the_future": ("A day in the future", "left out"),
    "no_day": ("At a stage, nobody knows since when", "taken over as standing there"),
    "no_day_for_stage": ("At a stage without a day, after others", "left out"),
    "no_day_for_end": ("Won or lost, nobody knows when", "the deal left out"),
    "no_day_at_all": ("A deal without a single day", "the deal left out"),
    "only_history": ("Changes of a deal that is not in the files", "the deal left out"),
    "deleted": ("Deleted there", "the deal left out"),
    "amount_below_zero": ("An amount below 0", "taken as unknown"),
    "amount_rounded": ("An amount with more decimals than the currency", "rounded"),
    "amount_emptied": ("An amount taken away", "the one before kept"),
    "amount_differs": ("An amount that is not the last of its changes", "the changes count"),
    "owner_differs": ("An owner who is not the last of the changes", "the changes count"),
    "name_changed": ("A name too long, or with control characters", "cut, the characters left out"),
}
"""What was found and what was done, by the name of the oddity."""


@dataclass(frozen=True, slots=True)
class OddCase:
    """One case of an oddity."""

    file: str
    line: int
    """Of its file; 0 where it has none."""
    opportunity: str
    day: Day | None
    milestones: Sequence[int]


@dataclass(frozen=True, slots=True)
class Odd:
    """One kind of oddity."""

    name: str
    """Of `SAID`."""
    count: int
    first: Sequence[OddCase]


_COLUMNS = (
    Column("what", "What was found", CellKind.WORD, 1),
    Column("count", "How many", CellKind.COUNT, 1),
    Column("done", "What was done", CellKind.WORD, 1),
    Column("examples", "For example", CellKind.TEXT, 2),
)


def oddities_table(odd: Sequence[Odd]) -> Table | None:
    """Return the one table of all oddities; None where there are none."""
    if not odd:
        return None
    rows = tuple((SAID[one.name][0], one.count, SAID[one.name][1], _examples(one)) for one in odd)
    return Table(title="What did not fit the way of the process", columns=_COLUMNS, rows=rows, name="Oddities")


def _examples(odd: Odd) -> Cell:
    return joined([_case(one) for one in odd.first], ", ")


def _case(case: OddCase) -> Value | Sentence:
    if case.day is None:
        return named(case.opportunity)
    return Sentence("{} ({})", (named(case.opportunity), Value(case.day, CellKind.DAY)))


def oddities_json(odd: Sequence[Odd]) -> list[dict[str, object]]:
    """Return all oddities with their first cases as plain values."""
    return [
        {
            "what": one.name,
            "count": one.count,
            "done": SAID[one.name][1],
            "examples": [
                {
                    "file": case.file,
                    "line": case.line or None,
                    "opportunity": case.opportunity,
                    "date": None if case.day is None else iso(case.day),
                    "milestones": list(case.milestones),
                }
                for case in one.first
            ],
        }
        for one in odd
    ]
