"""What an import did: counts, and the first of everything that is to be told.

Invariant: nothing that a line said is passed over in silence: it was added, was there, or is among the remarks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from milestone_cli.domain.day import Day

SHARE_OF_LOSSES = 20
"""Fewer than one loss in so many closed opportunities is a warning."""


class Remarks:
    """Something to tell about lines: the first ones, and how many in all."""

    shown = 20

    def __init__(self) -> None:
        self.count = 0
        self.first: list[tuple[int, str, str]] = []
        """Line, opportunity, what."""

    def add(self, line: int, opportunity: str, what: str) -> None:
        """Take one down."""
        self.count += 1
        if len(self.first) < self.shown:
            self.first.append((line, opportunity, what))


@dataclass(slots=True)
class ProcessTaken:
    """What an import means for one process."""

    first: bool
    """Nothing had arrived before it."""
    arrivals: bool = False
    """It brought milestones that customers reached."""
    newest: Day = 0
    """The newest day of what was added."""
    history_from: Day | None = None
    """Set by this import: before it only the opportunities still open were known."""
    won: int = 0
    lost: int = 0
    open: int = 0


@dataclass(slots=True)
class Taken:
    """What an import did, or would do."""

    facts: int = 0
    """Added; the openings of opportunities that no line names are not counted."""
    opportunities: int = 0
    """Added."""
    present: int = 0
    """Lines that say what is there already."""
    reps: list[str] = field(default_factory=list)
    """Added."""
    left_out: Remarks = field(default_factory=Remarks)
    out_of_order: Remarks = field(default_factory=Remarks)
    gone: Remarks = field(default_factory=Remarks)
    """Facts of the book that came from the same system, and that its files no longer have."""
    missing: Remarks = field(default_factory=Remarks)
    """Opportunities of the book that came from the same system, and that are not among the files' any more."""
    may_be_back: Remarks = field(default_factory=Remarks)
    """Opportunities added that may be forgotten ones under other facts."""
    reopened: int = 0
    """Opportunities with a milestone after a loss that no line reopens."""
    processes: dict[str, ProcessTaken] = field(default_factory=dict)
    first_day: Day | None = None
    last_day: Day | None = None


def few_losses(taken: ProcessTaken) -> bool:
    """Tell whether there are so few losses among the closed ones that rates from them may be too high."""
    return taken.first and taken.lost > 0 and taken.lost * SHARE_OF_LOSSES < taken.lost + taken.won
