"""Where those who move on arrive: at the next milestone, or beyond it.

Formula: share of i -> m in week d of stay = (events within 4 weeks of d + 8 x the pooled share) / (their sum over m);
the pooled share holds two pseudo-events at the next milestone.
"""

from __future__ import annotations

import numpy as np

from milestone_cli.estimate.counts import WEEK, WEEKS
from milestone_cli.estimate.journeys import Floats, Stays

JUMP_CASES = 8.0
"""So many pseudo-events say that the shares are the same at every age."""
NEXT_CASES = 2.0
_NEAR = 4


def jump_shares(cases: Stays, section: int, milestones: int) -> Floats:
    """Return k x D: of those who leave milestone index `section` in week d, the share that arrives at each.

    Nobody arrives where nobody ever did, except at the next milestone; the shares of a week sum to 1.
    """
    week = np.minimum((cases.days[cases.moved] / WEEK).astype(np.int64), WEEKS - 1)
    seen = np.bincount(cases.to[cases.moved] * WEEKS + week, minlength=milestones * WEEKS)
    by_week = seen.reshape(milestones, WEEKS).astype(np.float64)
    total = by_week.sum(axis=1)
    pooled = total.copy()
    pooled[section + 1] += NEXT_CASES
    pooled /= pooled.sum()
    near = _window_sums(by_week)
    shares = near + JUMP_CASES * pooled[:, None]
    return np.asarray(shares / shares.sum(axis=0))


def _window_sums(by_week: Floats) -> Floats:
    """Return the sums over nine weeks around each; the first week stands for itself, where jumps of a day lie."""
    padded = np.pad(by_week, ((0, 0), (_NEAR + 1, _NEAR)))
    cumulative = padded.cumsum(axis=1)
    width = 2 * _NEAR + 1
    near: Floats = cumulative[:, width:] - cumulative[:, :-width]
    near[:, 0] = by_week[:, 0] * width
    return near
