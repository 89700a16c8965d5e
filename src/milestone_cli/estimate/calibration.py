"""What past forecasts teach: how wide, how high, whether to follow the level of late, how far to trust the run rate.

Formula: e = (came - mean) / mean over the n hindcasts, weights w that halve every six months back and sum to n; extra
spread s^2 = (sum w min(e^2, 6.25 (P + 0.04)) - sum w P + 3 x 0.01) / (n + 3), P the relative variance the forecast
itself had; bias = half of the shrunk mean of e.
Invariant: a function of the hindcasts and of what came; a hindcast holds only what was said at its origin.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from milestone_cli.estimate.journeys import Floats
from milestone_cli.estimate.luck import Luck, Purpose

USUAL_SPREAD, USUAL_CASES = 0.10, 3.0
"""Without hindcasts a sum of three months is off by 10 % more than the model knows."""
SMALLEST_SPREAD = 0.02
BIAS_WEIGHT = 0.5
LOWEST_BIAS, HIGHEST_BIAS = -0.3, 0.4
HALF_LIFE_DAYS = 183.0
"""What a hindcast says counts half half a year later: after a change the newest ones see it first."""
ENOUGH_TO_CHOOSE, ENOUGH_TO_BLEND = 3, 4
STATIC_IF_BETTER = 0.9
MOST_BLENDED = 0.8
ELSEWHERE_SPREAD = 0.12
"""At other milestones than the last the spread is no wider than this: it was not measured there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindcast:
    """A forecast of three months made on a past day with what was known then; floats and ints only."""

    origin: int
    """The last day whose facts it knew."""
    until: int
    """The last day of the sum."""
    mean: float
    """Money expected at the last milestone after `origin` until `until`."""
    variance: float
    static_mean: float
    """The same with the hazards of the whole history instead of today's level."""
    static_variance: float
    run_rate: float
    """What the twelve months before would have said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What a forecast is corrected by."""

    spread: float = USUAL_SPREAD
    """Standard deviation of an error common to all months, in log."""
    bias: float = 0.0
    """The mean is multiplied by 1 + this."""
    static: bool = False
    """The hazards of the whole history have done better than today's level."""
    blend: float = 0.0
    """Share of the run rate, where it has done better."""
    hindcasts: int = 0
    """How many it stands on."""

    @property
    def kept(self) -> float:
        """What the model's mean is multiplied by; the run rate has the rest."""
        return (1 + self.bias) * (1 - self.blend)

    def elsewhere(self) -> Calibration:
        """Return what of it holds at other milestones than the last, where nothing was measured."""
        return Calibration(
            spread=min(self.spread, ELSEWHERE_SPREAD), static=self.static, hindcasts=self.hindcasts,
        )  # fmt: skip


def calibration(hindcasts: Sequence[Hindcast], came: Sequence[float]) -> Calibration:
    """Return what the hindcasts teach.

    Args:
        hindcasts: any number.
        came: what arrived in the three months of each, by all that is known today.

    >>> said = Hindcast(origin=0, until=91, mean=100.0, variance=400.0, static_mean=100.0, static_variance=400.0,
    ...                 run_rate=100.0)
    >>> learnt = calibration([said] * 6, [80.0] * 6)
    >>> round(learnt.bias, 3), learnt.static, learnt.blend
    (-0.013, False, 0.0)
    """
    number = len(hindcasts)
    if not number:
        return Calibration()
    arrived = np.asarray(came, dtype=np.float64)
    level = np.array([(said.mean, said.variance) for said in hindcasts])
    static = np.array([(said.static_mean, said.static_variance) for said in hindcasts])
    age = np.array([said.origin for said in hindcasts], dtype=np.float64)
    weights = 0.5 ** ((age.max() - age) / HALF_LIFE_DAYS)
    weights *= number / weights.sum()
    off = float(weights @ np.abs(level[:, 0] - arrived))
    off_static = float(weights @ np.abs(static[:, 0] - arrived))
    take_static = number >= ENOUGH_TO_CHOOSE and off_static < STATIC_IF_BETTER * off
    mean, variance = (static if take_static else level).T
    error = (arrived - mean) / np.maximum(mean, 1e-9)
    own = variance / np.maximum(mean, 1e-9) ** 2
    spread = _spread(error, own, weights)
    off_run_rate = float(weights @ np.abs(np.array([said.run_rate for said in hindcasts]) - arrived))
    worse = (min(off, off_static) if take_static else off) / max(off_run_rate, 1e-9) - 1
    return Calibration(
        spread=spread,
        bias=_bias(error, own, spread, weights),
        static=bool(take_static),
        blend=float(np.clip(worse, 0.0, MOST_BLENDED)) if number >= ENOUGH_TO_BLEND else 0.0,
        hindcasts=number,
    )


def _spread(error: Floats, own: Floats, weights: Floats) -> float:
    squares = np.minimum(error**2, 6.25 * (own + 0.04))
    extra = (weights @ (squares - own) + USUAL_CASES * USUAL_SPREAD**2) / (len(error) + USUAL_CASES)
    return math.sqrt(max(float(extra), SMALLEST_SPREAD**2))


def _bias(error: Floats, own: Floats, spread: float, weights: Floats) -> float:
    weights = weights / (own + spread**2)
    shrunk = float(weights @ np.clip(error, -0.7, 1.0)) / (float(weights.sum()) + 3 / spread**2)
    return min(max(BIAS_WEIGHT * shrunk, LOWEST_BIAS), HIGHEST_BIAS)


def common_error(spread: float, paths: int, months: int, luck: Luck) -> Floats:
    """Return P x H factors with mean 1: an error that all months share and one that grows from month to month."""
    fixed = 0.8 * luck.of(Purpose.COMMON).normal(size=(paths, 1))
    steps = luck.by_month(Purpose.GROWING, months, lambda rng, _: rng.normal(size=paths))
    growing = 0.6 / math.sqrt(3) * np.cumsum(steps, axis=1)
    variance = spread**2 * (0.64 + 0.12 * np.arange(1, months + 1))
    return np.asarray(np.exp(np.clip(spread * (fixed + growing), -1.5, 1.5) - variance / 2))
