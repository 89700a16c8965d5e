"""Events and exposure by week of stay: all that the data say, in three short arrays per section.

Invariant: exposure is person-weeks at risk, weighted by calendar day; an event counts with the weight of its own day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from milestone_cli.estimate.journeys import Floats, Integers, Stays

WEEKS = 300
"""Stays are counted in weeks 0..299; the last hazard is carried on."""
WEEK = 7.0
MONTH = 30.4375
HALF_LIFE_MONTHS = 48.0
"""What lies four years back counts half."""


def decay_per_week(half_life_months: float) -> float:
    """Return by how much the logarithm of a weight grows per week, for a half-life in months.

    >>> round(float(np.exp(-decay_per_week(12) * 365.25 / 7)), 6)
    0.5
    """
    return math.log(2) / (half_life_months * MONTH / WEEK)


def whole_months(days: float, most: int) -> int:
    """Return how many months of 30.4375 days fit into so many days, at least one; three days short is a month.

    >>> whole_months(59.0, 12), whole_months(3.0, 12), whole_months(9e9, 12)
    (2, 1, 12)
    """
    return int(min(max(days / MONTH + 0.1, 1), most))


@dataclass(frozen=True, slots=True)
class Counts:
    """Weighted events and exposure of one section (or of one class in it)."""

    moved: Floats
    """D: advances by week of stay."""
    lost: Floats
    """D: losses by week of stay."""
    exposure: Floats
    """D: opportunity-weeks at risk."""

    def __add__(self, other: Counts) -> Counts:
        """Return both together."""
        return Counts(self.moved + other.moved, self.lost + other.lost, self.exposure + other.exposure)


def count(stays: Stays, *, decay: float, weights: Floats | None = None) -> Counts:
    """Return the events and the exposure of `stays` in O(N): two bincounts and two cumulative sums.

    Args:
        stays: of one section.
        decay: growth of a weight per week of calendar time (see `decay_per_week`).
        weights: one more factor per stay, for example its value over the mean.
    """
    at_entry = np.exp(-decay * stays.age / WEEK)
    if weights is not None:
        at_entry = at_entry * weights
    at_exit = at_entry * np.exp(decay * stays.days / WEEK)
    week = np.minimum((stays.days / WEEK).astype(np.int64), WEEKS - 1)
    return Counts(
        moved=np.bincount(week, at_exit * stays.moved, WEEKS).astype(np.float64),
        lost=np.bincount(week, at_exit * stays.lost, WEEKS).astype(np.float64),
        exposure=np.maximum(_exposure(stays.days, at_entry, decay) - _exposure(stays.hidden, at_entry, decay), 0.0),
    )


def _exposure(days: Floats, at_entry: Floats, decay: float) -> Floats:
    """Return weighted opportunity-weeks by week of stay, for stays of `days` with weight `at_entry` on their first day.

    A weight grows by e^(decay) per week of stay, so E[d] = e^(decay d) (sum over longer stays of w + the partial week).
    """
    weeks = np.clip(days / WEEK, 0.0, WEEKS - 1e-6)
    last = weeks.astype(np.int64)
    ending = np.bincount(last, at_entry, WEEKS)
    partial = np.bincount(last, at_entry * (weeks - last), WEEKS)
    longer = np.append(ending[::-1].cumsum()[::-1][1:], 0.0)
    grown: Floats = (longer + partial) * np.exp(decay * np.arange(WEEKS))
    return grown


def count_classes(
    stays: Stays, classes: Integers, number: int, *, decay: float, weights: Floats | None = None
) -> Counts:
    """Return the same by class of potential: every array is V x D.

    Args:
        stays: of one section.
        classes: the class of each stay, 0..V-1.
        number: V.
        decay: growth of a weight per week of calendar time.
        weights: one more factor per stay.
    """
    at_entry = np.exp(-decay * stays.age / WEEK)
    if weights is not None:
        at_entry = at_entry * weights
    at_exit = at_entry * np.exp(decay * stays.days / WEEK)
    size, first = number * WEEKS, classes * WEEKS
    week = first + np.minimum((stays.days / WEEK).astype(np.int64), WEEKS - 1)
    hidden = stays.hidden > 0
    exposure = _class_exposure(stays.days, at_entry, first, number, decay)
    if hidden.any():
        exposure -= _class_exposure(stays.hidden[hidden], at_entry[hidden], first[hidden], number, decay)
    return Counts(
        moved=np.asarray(np.bincount(week, at_exit * stays.moved, size), np.float64).reshape(number, WEEKS),
        lost=np.asarray(np.bincount(week, at_exit * stays.lost, size), np.float64).reshape(number, WEEKS),
        exposure=np.maximum(exposure, 0.0),
    )


def _class_exposure(days: Floats, at_entry: Floats, first: Integers, number: int, decay: float) -> Floats:
    """Return V x D weighted opportunity-weeks; see `_exposure`."""
    weeks = np.clip(days / WEEK, 0.0, WEEKS - 1e-6)
    last = weeks.astype(np.int64)
    size = number * WEEKS
    ending = np.bincount(first + last, at_entry, size).reshape(number, WEEKS)
    partial = np.bincount(first + last, at_entry * (weeks - last), size).reshape(number, WEEKS)
    longer = ending[:, ::-1].cumsum(axis=1)[:, ::-1] - ending
    grown: Floats = (longer + partial) * np.exp(decay * np.arange(WEEKS))
    return grown
