"""What may still be expected of an opportunity that waits: the chance to move, ever and within 30 days.

Measured sections are read from the month's snapshot. Under the plan a share p ever moves, after an exponential time
whose median is the planned days: of those still there after d days, p e^(-cd) / (1 - p + p e^(-cd)) ever move, c =
ln 2 / days. Invariant: the longer it waits, the less is left of the plan's chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from milestone_cli.domain.basis import SOON_DAYS, Basis


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a section says of one that has waited so many days in it."""

    chance_left: float
    """That it ever moves on."""
    chance_soon: float
    """That it moves on within the next 30 days."""
    days_p50: float
    """Median days of those who move on."""
    days_p90: float


def outlook(basis: Basis, place: int, waited: int) -> Outlook:
    """Return what is to be expected of an opportunity.

    Args:
        basis: of the month.
        place: the index 0..k-2 of the milestone it stands at.
        waited: days since it reached it.
    """
    if basis.measured:
        section = basis.measured[place]
        left, soon = section.chance_left(waited), section.chance_soon(waited)
        return Outlook(left, min(soon, left), section.days_p50, section.days_p90)
    days = float(basis.lead_days[place] - basis.lead_days[place + 1])
    return planned_outlook(float(basis.count_rates[place]), max(days, 1.0), max(waited, 0))


def planned_outlook(rate: float, days: float, waited: int) -> Outlook:
    """Return what the plan alone says.

    >>> found = planned_outlook(0.5, 30.0, 30)
    >>> round(found.chance_left, 4), round(found.chance_soon, 4)
    (0.3333, 0.1667)
    """
    hazard = math.log(2) / days
    still, later = (rate * math.exp(-hazard * day) for day in (waited, waited + SOON_DAYS))
    there = 1 - rate + still
    # where the plan says that all move on, and that long ago, nobody is left to say anything of
    left, soon = (still / there, (still - later) / there) if there else (0.0, 0.0)
    return Outlook(left, soon, days, days * math.log(10) / math.log(2))
