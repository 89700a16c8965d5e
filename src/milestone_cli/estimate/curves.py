"""A grid of smooth cure curves: what a hazard may look like where data are thin.

Formula: a share c ever moves, after a time with distribution F (Weibull or log-normal); S(d) = 1 - c F(d), and the
hazard of a week is log S(d) - log S(d+1). 19 shares x 28 medians x 7 shapes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from milestone_cli.estimate.counts import WEEK, WEEKS
from milestone_cli.estimate.journeys import Floats

LIMITS = (
    0.02, 0.05, 0.1, 0.15, 0.2, 0.26, 0.32, 0.38, 0.44, 0.5, 0.56, 0.62, 0.68, 0.74, 0.8, 0.86, 0.92, 0.97, 0.995,
)  # fmt: skip
MEDIANS, SHORTEST_MEDIAN, LONGEST_MEDIAN = 28, 2.0, 900.0
"""How many medians, evenly by their logarithm, in days."""
WEIBULL_SHAPES = (0.7, 1.0, 1.4, 2.0)
LOGNORMAL_SPREADS = (0.5, 0.8, 1.2)
_TINY = 1e-7

Narrow = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Curves:
    """Every curve of the grid, one a row."""

    hazard: Narrow
    """G x D: per week."""
    log_hazard: Narrow
    """G x D: its logarithm."""
    survival: Narrow
    """G x D: still there when week d begins."""


@cache
def grid() -> Curves:
    """Return the grid; it is the same for every section, process and file."""
    reached = _reached()
    size = len(LIMITS) * len(reached)
    curves = Curves(*(np.empty((size, WEEKS), np.float32) for _ in range(3)))
    for place, limit in enumerate(LIMITS):
        rows = slice(place * len(reached), (place + 1) * len(reached))
        survival = np.maximum(1 - limit * reached, 1e-9)
        cumulative = np.log(survival)
        curves.hazard[rows] = np.maximum(cumulative[:, :-1] - cumulative[:, 1:], _TINY)
        curves.survival[rows] = survival[:, :-1]
    np.log(curves.hazard, out=curves.log_hazard)
    return curves


def _reached() -> Floats:
    """Return the distributions of the stays of those who move, at the weeks' edges: (shapes x medians) x (D + 1)."""
    edges = np.arange(WEEKS + 1) * WEEK
    medians = np.exp(np.linspace(math.log(SHORTEST_MEDIAN), math.log(LONGEST_MEDIAN), MEDIANS))[:, None]
    weibull = [1 - np.exp(-math.log(2) * (edges / medians) ** shape) for shape in WEIBULL_SHAPES]
    with np.errstate(divide="ignore"):
        steps = np.log(edges) - np.log(medians)
    lognormal = normal_below(np.concatenate([steps / spread for spread in LOGNORMAL_SPREADS]))
    return np.concatenate([*weibull, lognormal])


def normal_below(standard: Floats) -> Floats:
    """Return the share of a standard normal below each value, within 1e-7.

    math.erf one by one is slow for a whole grid: the values are interpolated between 8,001 exact ones.

    >>> normal_below(np.array([-np.inf, 0.0, 1.96])).round(4)
    array([0.   , 0.5  , 0.975])
    """
    knots = np.linspace(-6.0, 6.0, 8001)
    exact = [0.5 * (1 + math.erf(knot / math.sqrt(2))) for knot in knots.tolist()]
    return np.asarray(np.interp(standard, knots, exact))
