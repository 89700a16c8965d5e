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


def crps_of_quantiles(quantiles: Floats, came: float) -> float:
    """Return the continuous ranked probability score of a distribution known by its quantiles.

    Formula: twice the integral over p of (1{y < q_p} - p) (q_p - y), by trapezoids. Source: Laio and Tamea 2007,
    Hydrology and Earth System Sciences 11, 1267-1277.

    Args:
        quantiles: of 0, 1/m, 2/m, ... 1.
        came: what came.

    >>> even = np.linspace(0.0, 1.0, 101)
    >>> round(crps_of_quantiles(even, 0.5), 4), round(crps_of_quantiles(even, 2.0), 4)
    (0.0833, 1.3333)
    """
    share = np.linspace(0.0, 1.0, len(quantiles))
    loss = np.where(quantiles > came, 1 - share, share) * np.abs(quantiles - came)
    return 2 * float(np.trapezoid(loss, share))


def coverage(low: Floats, high: Floats, came: Floats) -> float:
    """Return the share of what came that lay within its interval, both bounds included.

    >>> coverage(np.array([0.0, 0.0]), np.array([1.0, 1.0]), np.array([1.0, 1.5]))
    0.5
    """
    return float(((came >= low) & (came <= high)).mean()) if len(came) else float("nan")
