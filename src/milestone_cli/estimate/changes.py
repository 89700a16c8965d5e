"""Whether a section's rate has really changed: the last six months held against what was before, or any two parts.

Formula: either part's level is a factor Gamma(4 + O) / (4 + X) per cause on the section's hazards, O the events seen
in the part and X those the hazards would have brought on its exposure; the rates under the two levels are compared draw
by draw.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from milestone_cli.estimate.counts import count
from milestone_cli.estimate.hazards import Hazards
from milestone_cli.estimate.journeys import Floats, Stays

RECENT_DAYS = 183
"""The last six months, that are held against what was before."""
CHANGE = 0.1
"""A change of less than a tenth of the rate is none."""
SURE = 0.95
"""A change is said only above this probability."""
LEVEL_CASES = 4.0
"""So many pseudo-events say that the level is what it was."""
_SMALLEST = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChange:
    """Two rates of one section that surely differ."""

    before: float
    after: float
    share: float
    """The later one over the earlier one, minus 1."""


def recent_change(cases: Stays, hazards: Hazards, rng: np.random.Generator, *, decay: float) -> RateChange | None:
    """Return the rate before the last six months and in them, where that they differ is all but sure; None where not.

    Args:
        cases: the stays of one section.
        hazards: the section's.
        rng: where chance comes from.
        decay: growth of a weight per week of calendar time.
    """
    split = cases.age - RECENT_DAYS
    return sure_change(until(cases, split), since(cases, split), hazards, rng, decay=decay)


def sure_change(
    before: Stays, after: Stays, hazards: Hazards, rng: np.random.Generator, *, decay: float
) -> RateChange | None:
    """Return the earlier and the later rate, where that they differ is all but sure; None where not.

    Args:
        before: stays, or parts of stays, of one section.
        after: others of it.
        hazards: those of both together.
        rng: where chance comes from.
        decay: growth of a weight per week of calendar time.
    """
    if not len(before) or not len(after):
        return None
    earlier = hazards.at_level_of(count(before, decay=decay), LEVEL_CASES, rng).rate()
    later = hazards.at_level_of(count(after, decay=decay), LEVEL_CASES, rng).rate()
    ratio = later / np.maximum(earlier, _SMALLEST) - 1
    sure = max(float((ratio > CHANGE).mean()), float((ratio < -CHANGE).mean()))
    if sure <= SURE:
        return None
    return RateChange(before=float(earlier.mean()), after=float(later.mean()), share=float(np.median(ratio)))


def until(cases: Stays, split: Floats) -> Stays:
    """Return the stays as they were seen `split` days after each entry; those that had not begun are left out."""
    begun = (split > 0) & (cases.hidden < split)
    kept, at = cases.only(begun), split[begun]
    going_on = kept.days > at
    return replace(kept, days=np.minimum(kept.days, at), moved=kept.moved & ~going_on, lost=kept.lost & ~going_on)


def since(cases: Stays, split: Floats) -> Stays:
    """Return what happened later than `split` days after each entry; what lies before counts as not seen."""
    lasting = cases.days > split
    kept = cases.only(lasting)
    return replace(kept, hidden=np.maximum(kept.hidden, split[lasting]))
