"""The lamp of a milestone in a period: a pure function of what was wanted, what came and what day it is.

Invariant: exactly one lamp with exactly one reason, and the reason alone tells which rule decided.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

CHANCE_ALONE = 0.2
"""A shortfall that chance alone brings about at least this often is not called red."""
GRACE_WEEKDAYS = 3
"""Before the third weekday of a period is over nothing is called short."""
_LONGEST_DAYS = 10_000
"""No period has more days."""


class Lamp(StrEnum):
    """What a rep sees first."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


class Reason(StrEnum):
    """Why the lamp is what it is."""

    REACHED = "reached"
    NO_TARGET = "no_target"
    FUTURE = "future"
    NOT_DUE = "not_due"
    ON_PACE = "on_pace"
    CHANCE = "chance"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Signal:
    """A lamp and the rule that decided it."""

    lamp: Lamp
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the lamp of one milestone in one period is decided from."""

    target: Fraction | None
    """Money wanted in the period, in minor units; None or 0 is no target."""
    reached: int
    """Money that arrived, in minor units."""
    count: int
    """Opportunities that arrived."""
    unknown: int
    """How many of them have no known potential."""
    mean_value: Fraction | None
    """Mean potential of one arrival here, in minor units; None where nothing tells."""
    elapsed: float
    """Share of the period's days gone by, the as-of day counted."""
    future: bool
    """The period begins after the as-of day."""
    due: bool
    """The book and the rep are older than the lead time from milestone 1 to here."""
    weekdays_over: int
    """Weekdays of the period before the as-of day, which itself is still running."""
    finished: bool
    """The period's last day is the as-of day or before it."""


def signal(at: Situation) -> Signal:
    """Return the lamp of one milestone and its reason (rules: docs/concepts)."""
    if not at.target:
        return Signal(Lamp.GREY, Reason.NO_TARGET)
    if at.reached >= at.target:
        return Signal(Lamp.GREEN, Reason.REACHED)
    if at.future or not at.due:
        return Signal(Lamp.GREY, Reason.FUTURE if at.future else Reason.NOT_DUE)
    if at.reached >= at.target * _exact(at.elapsed) or (not at.finished and at.weekdays_over < GRACE_WEEKDAYS):
        return Signal(Lamp.AMBER, Reason.ON_PACE)
    if at.mean_value and chance_of_at_most(at, at.mean_value) >= CHANCE_ALONE:
        return Signal(Lamp.AMBER, Reason.CHANCE)
    return Signal(Lamp.RED, Reason.SHORT)


def _exact(elapsed: float) -> Fraction:
    """Return the share of days as the fraction it was, so that just on pace is on pace."""
    return Fraction(elapsed).limit_denominator(_LONGEST_DAYS)


def chance_of_at_most(at: Situation, mean_value: Fraction) -> float:
    """Return how often chance alone brings as few as came: P(N <= n), N ~ Poisson(count target x elapsed).

    n is the smaller of the arrivals and of their money over the mean value, an unknown potential counting one mean.
    """
    if not at.target:
        return 1.0
    worth = (at.reached + at.unknown * mean_value) / mean_value
    return poisson_at_most(math.floor(min(worth, Fraction(at.count))), float(at.target / mean_value) * at.elapsed)


def poisson_at_most(n: int, mean: float) -> float:
    """Return P(N <= n) for N ~ Poisson(mean), summed term by term in logarithms.

    >>> round(poisson_at_most(2, 3.0), 4)
    0.4232
    """
    if n < 0:
        return 0.0
    if mean <= 0:
        return 1.0
    terms = (math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(n + 1))
    return min(1.0, math.fsum(terms))
