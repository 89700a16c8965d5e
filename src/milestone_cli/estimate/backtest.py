"""Past forecasts held against what came: on the ends of past months, each with only what was known then.

Invariant: nothing that lies after an origin, or became known after it, changes what was said at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from milestone_cli.domain.day import first_of_month, month_of
from milestone_cli.estimate.arrivals import arrivals, began
from milestone_cli.estimate.calibration import Hindcast
from milestone_cli.estimate.hindcasts import FEWEST_ROWS, hindcast_origins, hindcasts
from milestone_cli.estimate.journeys import Journeys
from milestone_cli.estimate.keeping import Keeping, made_anew
from milestone_cli.estimate.known import known_by
from milestone_cli.estimate.plan import ProcessPlan
from milestone_cli.estimate.points import Method, Point, Said, Scores, scores
from milestone_cli.estimate.replays import Replay, month_ends, replay, rests_on

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
    plan_on: Callable[[int], ProcessPlan],
    *,
    months: int = 6,
    origins: Iterable[int] | None = None,
    seed: int = 1,
    keeping: Keeping[Replay] = made_anew,
    hindcasts_kept: Keeping[Hindcast | None] = made_anew,
    done: Callable[[int], None] = lambda _: None,
) -> Backtest:
    """Return how good the forecasts of past days were.

    Args:
        journeys: as of today.
        plan_on: the plan as it was on a day.
        months: how many months each forecast is for.
        origins: ends of months, oldest first; None: the newest 24 that there are.
        seed: where chance begins.
        keeping: where what was said on these days may lie already.
        hindcasts_kept: where what it was calibrated by may.
        done: is told 1 after each origin.
    """
    replays = []
    for origin in backtest_origins(journeys, months) if origins is None else origins:
        then = known_by(journeys, origin)
        if len(then.recorded) >= FEWEST_ROWS:
            planned = [plan_on(day).sections for day in (origin, *hindcast_origins(then))]
            rests = rests_on(then, planned, plan_on(origin).typical_value, months, seed)
            make = partial(_replay, then, plan_on, months, seed=seed, hindcasts_kept=hindcasts_kept)
            replays.append(keeping(origin, rests, make))
        done(1)
    return held_against(journeys, replays, months)


def _replay(
    then: Journeys,
    plan_on: Callable[[int], ProcessPlan],
    months: int,
    *,
    seed: int,
    hindcasts_kept: Keeping[Hindcast | None],
) -> Replay:
    said = hindcasts(then, plan_on, seed=seed, keeping=hindcasts_kept)
    return replay(then, plan_on(then.as_of), months, said, seed=seed)


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
