"""The plan of a section as pseudo-cases: what thin data fall back on, smoothly.

Formula: f0 = Weibull(shape 1.15, mean m) by week; six cases with the planned rate p bring 6 p f0 advances, 6 (1-p) 0.6
f0 losses and the exposure that belongs to them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from milestone_cli.estimate.counts import WEEK, WEEKS, Counts
from milestone_cli.estimate.journeys import Floats

PLAN_CASES = 6.0
"""The plan weighs as much as six cases seen to their end."""
SHAPE = 1.15
RECORDED_LOSSES = 0.6
"""Of those that never move on, so many are recorded as lost; the others just stay."""
SHORTEST_MEAN = 3.0


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """What the process file says of a section."""

    rate: float
    """Planned share that moves on, 0 < rate <= 1."""
    days: float
    """Planned typical days."""
    days_given: bool = True
    """The process file names them; else they are the default and set nothing aside."""
    dead_after_days: int | None = None
    """The age at which the process file itself sets aside."""


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """What the process file said on a day of all that facts may leave open."""

    sections: Sequence[SectionPlan]
    typical_value: float | None = None
    """The potential of new business where none is known."""


def stay_shape(days: float) -> Floats:
    """Return the planned distribution of a stay of those who move on: probability per week, length D.

    >>> float((stay_shape(60.0) * (np.arange(WEEKS) * WEEK + WEEK / 2)).sum().round(1))
    60.0
    """
    mean = max(days, SHORTEST_MEAN)
    scale = mean / math.gamma(1 + 1 / SHAPE)
    edges = np.arange(WEEKS + 1) * WEEK
    shape: Floats = np.diff(1 - np.exp(-((edges / scale) ** SHAPE)))
    return shape


def pseudo_counts(plan: SectionPlan, cases: float = PLAN_CASES) -> Counts:
    """Return the plan as the counts of `cases` pseudo-cases.

    >>> planned = pseudo_counts(SectionPlan(0.5, 60.0))
    >>> round(float(planned.moved.sum()), 3), round(float(planned.lost.sum()), 3)
    (3.0, 1.8)
    """
    shape = stay_shape(plan.days)
    moved = plan.rate * shape
    lost = (1 - plan.rate) * RECORDED_LOSSES * shape
    still_there = 1 - np.append(0.0, np.cumsum(moved + lost)[:-1])
    return Counts(cases * moved, cases * lost, cases * still_there)
