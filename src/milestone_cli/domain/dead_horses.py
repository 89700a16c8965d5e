"""Dead horses: from which age an opportunity that only waits is set aside, and what says so.

Invariant: the age runs from the day the customer last reached a milestone; nothing the seller enters resets it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

HOPELESS = 0.10
"""Below this chance to move an opportunity only costs time."""
SHARE_OF_RATE = 0.2
"""A section in which few ever move is measured by its own rate."""
ENOUGH_CASES = 20
"""A section with fewer cases says nothing of its own."""
TIMES_PLANNED = 4
"""Until then an opportunity is set aside at so many times the planned days, where they are given."""


class DeadRule(StrEnum):
    """What decided the age."""

    FIXED = "fixed"
    """`dead_after_days` of the process file."""
    MEASURED = "measured"
    """The chance still to move has become too low."""
    PLANNED = "planned"
    """Too few cases: four times the planned days."""
    NONE = "none"
    """Too few cases and no planned days, or a chance that never falls so low: nothing is set aside."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The age at which a section sets aside."""

    after: int | None
    """Days waited from which on an opportunity is a dead horse; None where none ever is."""
    rule: DeadRule

    def is_dead(self, waited: int) -> bool:
        """Return whether an opportunity that has waited so many days is set aside."""
        return self.after is not None and waited >= self.after


def hopeless(rate: float) -> float:
    """Return the chance still to move below which a section sets aside: 10 %, or a fifth of its rate if that is less.

    >>> hopeless(0.8), round(hopeless(0.2), 2)
    (0.1, 0.04)
    """
    return min(HOPELESS, SHARE_OF_RATE * rate)


NEVER = Threshold(None, DeadRule.NONE)


def threshold(*, fixed: int | None, planned_days: int | None, cases: int, measured: int | None) -> Threshold:
    """Return from which age on a section sets aside.

    Args:
        fixed: `dead_after_days` of the process file; it rules over all.
        planned_days: the planned days, None where the process file does not give them.
        cases: stays seen in the section.
        measured: the age from which the chance still to move is too low, None where it never is.

    >>> threshold(fixed=None, planned_days=60, cases=3, measured=90).after
    240
    >>> threshold(fixed=None, planned_days=60, cases=20, measured=90).after
    90
    """
    if fixed is not None:
        return Threshold(fixed, DeadRule.FIXED)
    if cases >= ENOUGH_CASES:
        return NEVER if measured is None else Threshold(measured, DeadRule.MEASURED)
    return NEVER if planned_days is None else Threshold(TIMES_PLANNED * planned_days, DeadRule.PLANNED)
