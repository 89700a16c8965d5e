"""How good a forecast was: scores that only the truth makes best."""

from __future__ import annotations

import numpy as np

from milestone_cli.estimate.journeys import Floats


def crps(paths: Floats, came: Floats) -> Floats:
    """Return the continuous ranked probability score of simulated paths, in the units of what was forecast.

    Formula: mean |x - y| - mean |x - x'| / 2 over the ensemble, exactly, by sorting: the second mean is the sum of
    x_(i) (2 i - P - 1) times 2 / P^2. Source: Gneiting and Raftery 2007, J. American Statistical Association 102,
    359-378. For one path it is the absolute error.

    Args:
        paths: P x ...
        came: what came, of the other axes' shape.

    >>> float(crps(np.array([1.0, 3.0]), np.array(2.0)))
    0.5
    """
    ordered = np.sort(paths, axis=0)
    number = len(ordered)
    rank = (2 * np.arange(1, number + 1) - number - 1).reshape(-1, *[1] * (ordered.ndim - 1))
    return np.asarray(np.abs(ordered - came).mean(axis=0) - (ordered * rank).sum(axis=0) / number**2)


def coverage(low: Floats, high: Floats, came: Floats) -> float:
    """Return the share of what came that lay within its interval, both bounds included.

    >>> coverage(np.array([0.0, 0.0]), np.array([1.0, 1.0]), np.array([1.0, 1.5]))
    0.5
    """
    return float(((came >= low) & (came <= high)).mean()) if len(came) else float("nan")
