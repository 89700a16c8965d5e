"""Past forecasts held against what came: on the ends of past months, each with only what was known then.

Invariant: nothing that lies after an origin, or became known after it, changes what was said at it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from milestone_cli.domain.day import first_of_month, month_of
from milestone_cli.estimate.arrivals import arrivals, began
from milestone_cli.estimate.calibration import Hindcast
from milestone_cli.estimate.counts import MONTH
from milestone_cli.estimate.forecast import forecast
from milestone_cli.estimate.hindcasts import FEWEST_ROWS, calibrated, hindcast, hindcast_origins
from milestone_cli.estimate.journeys import Floats, Journeys
from milestone_cli.estimate.known import known_by
from milestone_cli.estimate.naive import past_months, pipeline_paths, run_rate_paths
from milestone_cli.estimate.plan import SectionPlan
from milestone_cli.estimate.scores import coverage, crps

FEWEST_MONTHS = 6
"""A book must have seen so many months before an origin."""
SHARES = (0.05, 0.10, 0.50, 0.90, 0.95)
PATHS = 1000


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
    def of(cls, paths: Floats, came: float) -> Said:
        """Return it for P simulated outcomes."""
        p05, p10, p50, p90, p95 = (float(quantile) for quantile in np.quantile(paths, SHARES))
        return cls(
            mean=float(paths.mean()), p05=p05, p10=p10, p50=p50, p90=p90, p95=p95,
            crps=float(crps(paths, np.array(came))),
        )  # fmt: skip


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """How good past forecasts of `months` months at the last milestone were."""

    months: int
    points: tuple[Point, ...]
    """The sums, oldest first."""
    single: tuple[tuple[Point, ...], ...]
    """`months` tuples: the same for each month after the origin."""

    @property
    def crps(self) -> float:
        """The mean score of the sums, in money; 0 is perfect."""
        return _mean([point.said.crps for point in self.points])

    @property
    def crps_naive(self) -> float:
        """The run rate's."""
        return _mean([point.run_rate.crps for point in self.points])

    @property
    def crps_pipeline(self) -> float:
        """The stage-weighted pipeline's."""
        return _mean([point.pipeline.crps for point in self.points])

    @property
    def mae(self) -> float:
        """Mean absolute error of the mean of the sums, in money."""
        return _mean([abs(point.said.mean - point.actual) for point in self.points])

    @property
    def mae_naive(self) -> float:
        """The run rate's."""
        return _mean([abs(point.run_rate.mean - point.actual) for point in self.points])

    @property
    def bias(self) -> float:
        """Mean error of a month's share of the sum, in mean months: 0.1 is a tenth too much."""
        came = sum(point.actual for point in self.points)
        return sum(point.said.mean - point.actual for point in self.points) / came if came > 0 else float("nan")

    @property
    def coverage_p10_p90(self) -> float:
        """Share of the sums that lay from P10 to P90; 0.8 is right."""
        return _covered(self.points, "p10", "p90")

    @property
    def coverage_p05_p95(self) -> float:
        """Share of the sums that lay from P05 to P95; 0.9 is right."""
        return _covered(self.points, "p05", "p95")


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


def _covered(points: Sequence[Point], low: str, high: str) -> float:
    return coverage(
        np.array([getattr(point.said, low) for point in points]),
        np.array([getattr(point.said, high) for point in points]),
        np.array([point.actual for point in points]),
    )


def backtest_origins(journeys: Journeys, months: int, *, most: int = 24) -> list[int]:
    """Return the days from which forecasts are tried: ends of months, oldest first, whose months have all gone by.

    Args:
        journeys: as of today.
        months: how many months each forecast is for.
        most: at most so many, the newest ones.
    """
    newest = month_of(journeys.as_of + 1) - months
    oldest = max(month_of(int(began(journeys))) + FEWEST_MONTHS, newest - most + 1)
    return [first_of_month(month) - 1 for month in range(oldest, newest + 1)]


def backtest(
    journeys: Journeys,
    plans: Sequence[SectionPlan],
    *,
    months: int = 6,
    origins: Sequence[int] | None = None,
    cached: Mapping[int, Hindcast] | None = None,
    plans_on: Callable[[int], Sequence[SectionPlan]] | None = None,
    seed: int = 1,
    typical_value: float | None = None,
) -> Backtest:
    """Return how good the forecasts of past days were.

    Args:
        journeys: as of today.
        plans: the sections' plans.
        months: how many months each forecast is for.
        origins: ends of months; None: the newest 24 that there are.
        cached: hindcasts made before, by origin.
        plans_on: the plans as they were on a day; None: as they are.
        seed: where chance begins.
        typical_value: the potential of new business where none is known.
    """
    kept: dict[int, Hindcast | None] = dict(cached or {})
    tried = []
    for origin in backtest_origins(journeys, months) if origins is None else sorted(origins):
        planned = plans if plans_on is None else plans_on(origin)
        then = known_by(journeys, origin)
        if len(then.recorded) < FEWEST_ROWS:
            continue
        for day in hindcast_origins(then):
            if day not in kept:
                kept[day] = hindcast(then, planned, day, seed=seed, typical_value=typical_value)
        said = [one for day in hindcast_origins(then) if (one := kept[day]) is not None]
        tried.append(_points(journeys, then, planned, months, said, seed=seed, typical_value=typical_value))
    return Backtest(
        months=months,
        points=tuple(points[0] for points in tried),
        single=tuple(tuple(points[month + 1] for points in tried) for month in range(months)),
    )


def _points(
    journeys: Journeys,
    then: Journeys,
    plans: Sequence[SectionPlan],
    months: int,
    said: Sequence[Hindcast],
    *,
    seed: int,
    typical_value: float | None,
) -> list[Point]:
    """Return the points of one origin: the sum, then every month."""
    first = month_of(then.as_of + 1)
    ends = [first_of_month(first + month) - 1 for month in range(months + 1)]
    found = forecast(
        then, plans, ends, seed=seed, paths=PATHS, milestones=[then.milestones - 1], calibration=calibrated(then, said),
        typical_value=typical_value,
    )  # fmt: skip
    edges = np.array(ends, dtype=np.float64) + 1
    came = arrivals(journeys, journeys.milestones - 1).money(edges)
    rng = np.random.default_rng((seed, then.as_of))
    past = past_months(then, then.milestones - 1)
    methods = (
        found.money[-1][:, 1:],
        run_rate_paths(past, np.diff(edges) / MONTH, PATHS, rng),
        pipeline_paths(then, plans, edges[1:] - edges[0], PATHS, rng),
    )
    points = []
    for month in range(-1, months):
        actual = float(came.sum() if month < 0 else came[month])
        own = [Said.of(paths.sum(axis=1) if month < 0 else paths[:, month], actual) for paths in methods]
        points.append(
            Point(origin=then.as_of, actual=actual, said=own[0], run_rate=own[1], pipeline=own[2])
        )  # fmt: skip
    return points
