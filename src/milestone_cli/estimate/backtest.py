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
from milestone_cli.estimate.hindcasts import FEWEST_ROWS, hindcast, hindcast_origins
from milestone_cli.estimate.journeys import Journeys
from milestone_cli.estimate.known import known_by
from milestone_cli.estimate.plan import SectionPlan
from milestone_cli.estimate.points import Method, Point, Said, Scores, scores
from milestone_cli.estimate.replays import Replay, month_ends, replay

FEWEST_MONTHS = 6
"""A book must have seen so many months before an origin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """How good past forecasts of `months` months at the last milestone were."""

    months: int
    points: tuple[Point, ...]
    """The sums, oldest first."""
    single: tuple[tuple[Point, ...], ...]
    """`months` tuples: the same for each month after the origin."""

    def scores(self, method: Method = "said") -> Scores:
        """Return how good a method was at the sums."""
        return scores(self.points, method)

    @property
    def crps(self) -> float:
        """The mean score of the sums, in money; 0 is perfect."""
        return self.scores().crps

    @property
    def crps_naive(self) -> float:
        """The run rate's."""
        return self.scores("run_rate").crps

    @property
    def crps_pipeline(self) -> float:
        """The stage-weighted pipeline's."""
        return self.scores("pipeline").crps

    @property
    def mae(self) -> float:
        """Mean absolute error of the mean of the sums, in money."""
        return self.scores().mae

    @property
    def mae_naive(self) -> float:
        """The run rate's."""
        return self.scores("run_rate").mae

    @property
    def bias(self) -> float:
        """Mean error of a month's share of the sum, in mean months: 0.1 is a tenth too much."""
        return self.scores().bias

    @property
    def coverage_p10_p90(self) -> float:
        """Share of the sums that lay from P10 to P90; 0.8 is right."""
        return self.scores().coverage_p10_p90

    @property
    def coverage_p05_p95(self) -> float:
        """Share of the sums that lay from P05 to P95; 0.9 is right."""
        return self.scores().coverage_p05_p95


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
    planned_on = plans_on or (lambda _: plans)
    tried = []
    for origin in backtest_origins(journeys, months) if origins is None else sorted(origins):
        then = known_by(journeys, origin)
        if len(then.recorded) < FEWEST_ROWS:
            continue
        for day in hindcast_origins(then):
            if day not in kept:
                kept[day] = hindcast(then, planned_on(day), day, seed=seed, typical_value=typical_value)
        said = [one for day in hindcast_origins(then) if (one := kept[day]) is not None]
        tried.append(replay(then, planned_on(origin), months, said, seed=seed, typical_value=typical_value))
    return held_against(journeys, tried, months)


def held_against(journeys: Journeys, replays: Sequence[Replay], months: int) -> Backtest:
    """Return what was said on past days beside what came, by all that is known today.

    Args:
        journeys: as of today.
        replays: of so many months each, oldest first.
        months: how many.
    """
    points = [_points(journeys, said) for said in replays]
    return Backtest(
        months=months,
        points=tuple(found[0] for found in points),
        single=tuple(tuple(found[month + 1] for found in points) for month in range(months)),
    )


def _points(journeys: Journeys, said: Replay) -> list[Point]:
    """Return the points of one origin: the sum, then every month."""
    edges = np.array(month_ends(said.origin, said.months), dtype=np.float64) + 1
    came = arrivals(journeys, journeys.milestones - 1).money(edges)
    actual = [float(came.sum()), *came.tolist()]
    return [
        Point(
            origin=said.origin,
            actual=amount,
            said=Said.of(said.forecast[place], amount),
            run_rate=Said.of(said.run_rate[place], amount),
            pipeline=Said.of(said.pipeline[place], amount),
        )
        for place, amount in enumerate(actual)
    ]
