"""What of a deal's history does not fit the way of a process: counted while an import reads, told in one table.

Invariant: an oddity is never passed over in silence and never stops an import; what does stop one is an error.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from milestone_cli.domain.day import Day


class Oddity(StrEnum):
    """What was found, and with it what is done about it."""

    SKIPPED = "skipped"
    """It entered a stage without the ones before: they are implied, on the same day."""
    ENTERED_AGAIN = "entered_again"
    """It entered a stage a second time: the first arrival is kept."""
    MOVED_BACK = "moved_back"
    """It went back to an earlier stage: what the customer did stays done."""
    DATES_BACKWARDS = "dates_backwards"
    """The dates of its stages run backwards: the later stage's day is taken for the earlier one too."""
    WON_WITHOUT_PASSING = "won_without_passing"
    """It was won without passing every milestone: they are implied, on the same day."""
    LOST_WITHOUT_PASSING = "lost_without_passing"
    """It was lost before milestone 1: a target customer, and lost."""
    CAME_BACK = "came_back"
    """It was open again after a loss: reopened on that day."""
    WHILE_LOST = "while_lost"
    """It changed its stage while it was lost: left out."""
    WIN_TAKEN_BACK = "win_taken_back"
    """It was won, but is not won now: the win is left out."""
    LOSS_TAKEN_BACK = "loss_taken_back"
    """It was lost, and is open now without a day for it: the loss is left out."""
    STAGE_DIFFERS = "stage_differs"
    """Its stage now is not the last one of its changes, with which it ended: the changes count."""
    AFTER_WIN = "after_win"
    """It changed its stage after it was won: left out."""
    BULK = "bulk"
    """Its stage was changed in an edit of many deals: the day is the edit's."""
    LOST_IN_BULK = "lost_in_bulk"
    """It was lost in an edit of many deals: it counts as lost on the edit's day, which is late."""
    IN_THE_FUTURE = "in_the_future"
    """The day has not come yet: left out."""
    NO_DAY = "no_day"
    """It is at a stage, and the export does not say since when: it stands there on the day of the import."""
    NO_DAY_FOR_STAGE = "no_day_for_stage"
    """It has passed milestones, and its present stage has no day: that stage is left out."""
    NO_DAY_FOR_END = "no_day_for_end"
    """It is won or lost, and the export does not say when: the deal is left out."""
    NO_DAY_AT_ALL = "no_day_at_all"
    """It has not a single day: the deal is left out."""
    ONLY_HISTORY = "only_history"
    """Its changes are in the files, it itself is not: the deal is left out."""
    DELETED = "deleted"
    """It was deleted there: the deal is left out."""
    AMOUNT_BELOW_ZERO = "amount_below_zero"
    """Its amount is below 0: taken as unknown."""
    AMOUNT_ROUNDED = "amount_rounded"
    """Its amount has more decimals than the currency: rounded."""
    AMOUNT_EMPTIED = "amount_emptied"
    """Its amount was taken away: the one before stays."""
    AMOUNT_DIFFERS = "amount_differs"
    """Its amount now is not the last one of its changes: the changes count."""
    OWNER_DIFFERS = "owner_differs"
    """Its owner now is not the last one of its changes: the changes count."""
    NAME_CHANGED = "name_changed"
    """A name of it is too long or holds control characters: cut, and they are left out."""


class Example(NamedTuple):
    """One case of an oddity."""

    number: int
    """Of the line, over all files."""
    opportunity: str
    """Its key, or the deal's id where it has none here."""
    day: Day | None
    milestones: tuple[int, ...]
    """The numbers of the milestones it is about."""


class Oddities:
    """Counts oddities, and keeps the first cases of each."""

    shown = 10

    def __init__(self) -> None:
        self.counts: dict[Oddity, int] = {}
        self.examples: dict[Oddity, list[Example]] = {}

    def add(
        self, oddity: Oddity, number: int, opportunity: str, day: Day | None = None, milestones: tuple[int, ...] = ()
    ) -> None:
        """Take one down.

        Args:
            oddity: what was found.
            number: of the line, over all files.
            opportunity: its key.
            day: when.
            milestones: the numbers of those it is about.
        """
        self.counts[oddity] = self.counts.get(oddity, 0) + 1
        first = self.examples.setdefault(oddity, [])
        if len(first) < self.shown:
            first.append(Example(number, opportunity, day, milestones))
