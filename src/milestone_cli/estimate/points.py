"""What was said of a past span of months, beside what came, and how good that was.

Invariant: every method is scored from the same percentiles by the same formulas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from milestone_cli.estimate.journeys import Floats
from milestone_cli.estimate.replays import Told
from milestone_cli.estimate.scores import coverage, crps_of_quantiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one method said of a number, and how good that was."""

    mean: float
    p05: float
    p10: float
    p50: float
    p90: float
    p95: float
    crps: float

    @classmethod
    def of(cls, told: Told, came: float) -> Said:
        """Return it for what was told of a number and what came."""
        p05, p10, p50, p90, p95 = (told.at(percent) for percent in (5, 10, 50, 90, 95))
        score = crps_of_quantiles(np.array(told.quantiles), came)
        return cls(mean=told.mean, p05=p05, p10=p10, p50=p50, p90=p90, p95=p95, crps=score)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One origin: the sum of the months after it, or one of these months."""

    origin: int
    """The last day whose facts were known."""
    actual: float
    """What came, by all that is known today."""
    said: Said
    """By this forecast."""
    run_rate: Said
    """By the mean of the last twelve months."""
    pipeline: Said
    """By planned chances times potentials."""

    @property
    def inside(self) -> bool:
        """What came lay from P10 to P90 of the forecast."""
        return self.said.p10 <= self.actual <= self.said.p90


Method = Literal["said", "run_rate", "pipeline"]
"""The field of a point that holds what a method said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """How good one method was over several points; NaN where there is none."""

    crps: float
    """The mean continuous ranked probability score, in money; 0 is perfect."""
    mae: float
    """Mean absolute error of the mean, in money."""
    bias: float
    """Mean error of a month's share of the points, in mean months: 0.1 is a tenth too much."""
    coverage_p10_p90: float
    """Share of the points that lay from P10 to P90; 0.8 is right."""
    coverage_p05_p95: float
    """Share of the points that lay from P05 to P95; 0.9 is right."""


def scores(points: Sequence[Point], method: Method) -> Scores:
    """Return how good a method was over several points."""
    said: list[Said] = [getattr(point, method) for point in points]
    came = np.array([point.actual for point in points])
    error = np.array([one.mean for one in said]) - came
    total = came.sum()
    return Scores(
        crps=_mean(np.array([one.crps for one in said])),
        mae=_mean(np.abs(error)),
        bias=float(error.sum() / total) if total > 0 else float("nan"),
        coverage_p10_p90=coverage(np.array([one.p10 for one in said]), np.array([one.p90 for one in said]), came),
        coverage_p05_p95=coverage(np.array([one.p05 for one in said]), np.array([one.p95 for one in said]), came),
    )


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else float("nan")
