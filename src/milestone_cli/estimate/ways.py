"""The way over several sections: how long it takes and which share arrives, from the sections' own distributions.

Formula: two stays that end in weeks a and b of their sections end together in week a + b or a + b + 1, half each; the
distribution over more sections is the convolution of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from milestone_cli.estimate.counts import WEEKS
from milestone_cli.estimate.hazards import quantile_days
from milestone_cli.estimate.journeys import Floats


def median_way(incidences: Sequence[Floats]) -> float:
    """Return the median days over sections one after the other, of those who arrive; 0 over none.

    Args:
        incidences: D each, the share that moves on by week of stay.

    >>> fortnight = np.zeros(WEEKS)
    >>> fortnight[2] = 0.4
    >>> median_way([fortnight]), median_way([fortnight, fortnight])
    (17.5, 35.0)
    """
    if not incidences:
        return 0.0
    way = _shape(incidences[0])
    for incidence in incidences[1:]:
        way = _after(way, _shape(incidence))
    return quantile_days(way, 0.5)


def _shape(incidence: Floats) -> Floats:
    total = incidence.sum()
    return incidence / total if total > 0 else incidence


def _after(first: Floats, second: Floats) -> Floats:
    """Return the distribution of one stay after another; what lies beyond the last week stays in it."""
    size = 4 * WEEKS
    both = np.fft.irfft(np.fft.rfft(first, size) * np.fft.rfft(second, size), size)[: 2 * WEEKS]
    shifted = (both + np.append(0.0, both[:-1])) / 2
    kept = shifted[:WEEKS].copy()
    kept[-1] += shifted[WEEKS:].sum()
    return np.asarray(np.maximum(kept, 0.0))
