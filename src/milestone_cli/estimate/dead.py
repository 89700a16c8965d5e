"""When an opportunity that only waits is a dead horse: the age from which hardly any like it ever moved again.

Rule: set aside when the chance still to move is under 10 %, or under a fifth of the section's rate if that is lower,
and never before the section's P50 duration.
"""

from __future__ import annotations

import math

import numpy as np

from milestone_cli.domain.dead_horses import Threshold, hopeless, threshold
from milestone_cli.estimate.counts import WEEK
from milestone_cli.estimate.journeys import Floats
from milestone_cli.estimate.plan import SectionPlan


def chance_left(still_moves: Floats, days: Floats) -> Floats:
    """Return the chances of opportunities that have waited so many days, interpolated between whole weeks.

    Args:
        still_moves: D, the chance that one still there after d weeks ever moves on.
        days: N.

    >>> chance_left(np.array([0.5, 0.3, 0.08, 0.02]), np.array([0.0, 10.5, 900.0]))
    array([0.5 , 0.19, 0.02])
    """
    return np.asarray(np.interp(days / WEEK, np.arange(len(still_moves)), still_moves))


def dead_after(still_moves: Floats, rate: float, days_p50: float) -> int | None:
    """Return the age in days from which an opportunity is set aside; None where the chance never falls so low.

    Args:
        still_moves: D, the chance that one still there after d weeks ever moves on.
        rate: the section's success rate.
        days_p50: the median days of those who move on.

    >>> dead_after(np.array([0.5, 0.3, 0.08, 0.02]), rate=0.5, days_p50=10.0)
    14
    """
    limit = hopeless(rate)
    first = math.ceil(days_p50 / WEEK)
    for week in range(first, len(still_moves)):
        if still_moves[week] < limit:
            return int(week * WEEK)
    return None


def set_aside(plan: SectionPlan, *, cases: int, still_moves: Floats, rate: float, days_p50: float) -> Threshold:
    """Return from which age on a section sets aside, by the process file, the measured chance, or the planned days.

    Args:
        plan: what the process file says.
        cases: stays seen in the section.
        still_moves: D, the chance that one still there after d weeks ever moves on.
        rate: the section's success rate.
        days_p50: the median days of those who move on.
    """
    return threshold(
        fixed=plan.dead_after_days,
        planned_days=round(plan.days) if plan.days_given else None,
        cases=cases,
        measured=dead_after(still_moves, rate, days_p50),
    )
