"""The part of a forecast that is taken from the run rate, where that has done better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from milestone_cli.estimate.counts import MONTH
from milestone_cli.estimate.journeys import Floats, Journeys
from milestone_cli.estimate.luck import Luck, Purpose
from milestone_cli.estimate.naive import past_months, run_rate_level, run_rate_month


@dataclass(frozen=True, slots=True)
class RunRate:
    """The run rate of one milestone."""

    blend: float
    """Its share of the forecast; 0 is none of it."""
    past: Floats
    """Money of the past months."""
    lengths: Floats
    """N + 1: the months to come in months of 30.4375 days."""
    by_rep: Floats
    """R x (N + 1): mean money, its share of the forecast already taken."""

    def blended(self, paths: Floats, luck: Luck) -> Floats:
        """Return the paths, a share of them replaced by the run rate."""
        if self.blend <= 0:
            return paths
        rng = luck.of(Purpose.RUN_RATE)
        replaced = rng.random(len(paths)) < self.blend
        number = int(replaced.sum())
        level = run_rate_level(self.past, number, rng)
        found = paths.copy()
        found[replaced] = luck.by_month(
            Purpose.PAST_MONTH,
            len(self.lengths),
            lambda stream, month: run_rate_month(self.past, level, self.lengths[month], stream),
        )
        return found


def run_rate(journeys: Journeys, target: int, reps: Sequence[int], edges: Floats, blend: float) -> RunRate:
    """Return the run rate of a milestone by rep, for months that begin and end at the edges (in days)."""
    lengths = np.diff(edges) / MONTH
    if blend <= 0 or not reps:
        return RunRate(0.0, np.zeros(1), lengths, np.zeros((len(reps), len(lengths))))
    own = [past_months(journeys, target, only=journeys.rep == rep) for rep in reps]
    means = np.array([past.mean() for past in own])
    return RunRate(blend, np.sum(own, axis=0), lengths, blend * means[:, None] * lengths)
