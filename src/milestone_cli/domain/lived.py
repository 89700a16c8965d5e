"""Whether a process is lived: what its facts say, and which of four ways of working that amounts to.

no process: neither a target nor a single customer action. on paper: it is defined, but a target, facts of the last 30
days, or their entry within a week is missing. watched: all three are there. dynamic: and the process was revised within
a year. Invariant: it is about the process; nobody is named and nobody is ranked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from milestone_cli.domain.day import Day

WITHIN_DAYS = 7
"""Half of the facts entered within so many days is prompt."""
RECENT_DAYS = 30
REVISED_DAYS = 365


class Way(StrEnum):
    """How a team works by its process."""

    NO_PROCESS = "no_process"
    ON_PAPER = "on_paper"
    WATCHED = "watched"
    DYNAMIC = "dynamic"


class Sign(StrEnum):
    """What decides it."""

    TARGET = "target"
    """A target is set."""
    RECENT = "recent"
    """Customer actions of the last 30 days are recorded."""
    PROMPT = "prompt"
    """Half of the facts are entered within a week."""
    REVISED = "revised"
    """The process was revised within the last year."""


WATCHED = (Sign.TARGET, Sign.RECENT, Sign.PROMPT)
"""What a watched process shows."""


@dataclass(frozen=True, slots=True)
class Ridden:
    """A dead horse that was given a new potential or another owner."""

    opportunity: int
    """Its number."""
    on: Day
    """The day of that fact."""
    milestone: int
    """The number of the milestone at which it waited."""
    since: Day
    after: int
    """From so many days on one that waits there is set aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What the facts of a period say about a process, for the team or one rep."""

    actions: int = 0
    """Customer actions recorded, implied ones not counted."""
    with_evidence: int = 0
    """Of them, with what the customer did, said or wrote."""
    with_person: int = 0
    """Of them, with who at the customer it was."""
    delays: Mapping[int, int] = field(default_factory=dict)
    """How many were entered after so many days; without what was imported and does not say when."""
    implied: int = 0
    """Arrivals that only a later milestone says."""
    recent: int = 0
    """Customer actions of the last 30 days."""
    rides: tuple[Ridden, ...] = ()
    """Every time a dead horse was given a new potential or another owner, oldest first."""

    @property
    def ridden(self) -> int:
        """How many dead horses these were."""
        return len({ride.opportunity for ride in self.rides})

    @property
    def arrivals(self) -> int:
        """Milestones reached, the implied ones counted."""
        return self.actions + self.implied

    @property
    def entries_not_counted(self) -> int:
        """Customer actions that came by import without a day of entry."""
        return self.actions - sum(self.delays.values())

    @property
    def days_to_entry(self) -> float | None:
        """Median days from the customer's act to its entry; None where no entry counts.

        >>> Life(actions=5, delays={0: 2, 3: 2}).days_to_entry
        1.5
        """
        return median_of(self.delays)


def median_of(counts: Mapping[int, int]) -> float | None:
    """Return the median of numbers given as how often each occurs; of an even number the mean of the middle two.

    >>> median_of({1: 1, 2: 1, 30: 1}), median_of({})
    (2.0, None)
    """
    total = sum(counts.values())
    if not total:
        return None
    middle: list[int] = []
    seen = 0
    for number in sorted(counts):
        before, seen = seen, seen + counts[number]
        middle += [number for place in ((total - 1) // 2, total // 2) if before <= place < seen]
    return sum(middle) / 2


def signs(life: Life, *, target_set: bool, revised: bool) -> Mapping[Sign, bool]:
    """Return which signs a process shows; a median nobody knows is not within a week."""
    days = life.days_to_entry
    return {
        Sign.TARGET: target_set,
        Sign.RECENT: life.recent > 0,
        Sign.PROMPT: days is not None and days <= WITHIN_DAYS,
        Sign.REVISED: revised,
    }


def way_of_working(life: Life, shown: Mapping[Sign, bool]) -> Way:
    """Return the way of working that a defined process shows.

    >>> way_of_working(Life(), signs(Life(), target_set=False, revised=True)).value
    'no_process'
    """
    if not life.actions and not shown[Sign.TARGET]:
        return Way.NO_PROCESS
    if not all(shown[sign] for sign in WATCHED):
        return Way.ON_PAPER
    return Way.DYNAMIC if shown[Sign.REVISED] else Way.WATCHED
