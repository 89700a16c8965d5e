"""How potentials change on the way: the money after a move per money before it.

Formula: per transition the ratio of sums with ten pseudo-cases at 1 (a mean of ratios over-forecasts), and log-normal
noise around it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from milestone_cli.estimate.journeys import Floats, Journeys

CASES = 10.0
"""So many pseudo-cases say that a potential stays what it was."""
_FARTHEST = 3.0
_UNCHANGED = 1e-4


@dataclass(frozen=True, slots=True)
class Revaluation:
    """Along the k milestones, from the first one on."""

    log_ratio: Floats
    """k: logarithm of the mean change since the first milestone."""
    variance: Floats
    """k: variance of the logarithm since the first milestone."""

    def ratio(self, start: int, end: int) -> float:
        """Return the mean change from one milestone index to a later one."""
        return math.exp(self.log_ratio[end] - self.log_ratio[start])

    def noise(self, start: int, end: int) -> float:
        """Return the variance of the logarithm of the change between two milestones."""
        return float(self.variance[end] - self.variance[start])


def revaluation(journeys: Journeys) -> Revaluation:
    """Return how the potentials known on entry changed; a skipped milestone has that of the next one recorded."""
    values = _carried_back(journeys.values)
    steps = journeys.milestones - 1
    pairs = [_pair(values[:, step], values[:, step + 1]) for step in range(steps)]
    changes = [np.clip(np.log(after / before), -_FARTHEST, _FARTHEST) for before, after in pairs]
    every = np.concatenate([np.empty(0), *changes])
    spread = float(every.std()) if len(every) >= CASES else 0.0
    if spread <= _UNCHANGED:
        return Revaluation(np.zeros(steps + 1), np.zeros(steps + 1))
    ratio, variance = np.zeros(steps), np.zeros(steps)
    for step, ((before, after), change) in enumerate(zip(pairs, changes, strict=True)):
        usual = float(before.mean()) if len(before) else 1.0
        ratio[step] = math.log((after.sum() + CASES * usual) / (before.sum() + CASES * usual))
        squares = ((change - change.mean()) ** 2).sum() if len(change) else 0.0
        variance[step] = (squares + CASES * spread**2 / 2) / (len(change) + CASES)
    return Revaluation(np.append(0.0, np.cumsum(ratio)), np.append(0.0, np.cumsum(variance)))


def _pair(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    both = (before > 0) & (after > 0)
    return before[both], after[both]


def _carried_back(values: Floats) -> Floats:
    filled = values.copy()
    for milestone in range(values.shape[1] - 2, 0, -1):
        gone = np.isnan(filled[:, milestone])
        filled[gone, milestone] = filled[gone, milestone + 1]
    return filled
