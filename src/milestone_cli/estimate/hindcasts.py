"""Forecasts made again on past days, with only what was known then: what today's forecast is corrected by.

Invariant: a hindcast depends on nothing that lies after its origin or became known after it, so it can be kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from milestone_cli.domain.day import first_of_month, month_of
from milestone_cli.estimate.arrivals import arrivals, began
from milestone_cli.estimate.calibration import Calibration, Hindcast, calibration
from milestone_cli.estimate.counts import MONTH
from milestone_cli.estimate.forecast import forecast
from milestone_cli.estimate.journeys import Floats, Journeys
from milestone_cli.estimate.keeping import Keeping, made_anew
from milestone_cli.estimate.known import known_by
from milestone_cli.estimate.marks import marks
from milestone_cli.estimate.model import Model, measure
from milestone_cli.estimate.naive import past_months
from milestone_cli.estimate.plan import ProcessPlan, SectionPlan

LAGS = (3, 5, 7, 9, 11, 13)
"""Months back from the end of the last whole month."""
MONTHS = 3
"""The sum of so many months is forecast."""
FEWEST_MONTHS = 9
"""A book must have seen so many months before an origin."""
FEWEST_ROWS = 8
DRAWS, PATHS, LARGEST = 25, 500, 150
VERSION = 5
"""Changes whenever a hindcast of the same facts would differ: kept ones are then made anew."""


def hindcast_origins(journeys: Journeys, lags: Sequence[int] = LAGS) -> list[int]:
    """Return the days, ends of months, from which a forecast is calibrated, newest first.

    Args:
        journeys: as of today.
        lags: how many whole months back each lies.
    """
    current = month_of(journeys.as_of + 1)
    oldest = month_of(int(began(journeys)))
    return [first_of_month(current - lag) - 1 for lag in lags if current - lag - oldest >= FEWEST_MONTHS]


def hindcast(journeys: Journeys, plan: ProcessPlan, origin: int, *, seed: int = 1) -> Hindcast | None:
    """Return what would have been said on a past day of the three months after it; None if hardly anything was there.

    Args:
        journeys: as of the origin's day or later.
        plan: as it was on the origin's day.
        origin: the last day of a month.
        seed: where chance begins.
    """
    then = known_by(journeys, origin)
    if len(then.recorded) < FEWEST_ROWS:
        return None
    first = month_of(origin + 1)
    ends = [first_of_month(first + month) - 1 for month in range(MONTHS + 1)]
    model = measure(then, plan.sections, seed=seed, draws=DRAWS, typical_value=plan.typical_value)
    level, static = (_sum(then, plan.sections, ends, model, static=static, seed=seed) for static in (False, True))
    last = journeys.milestones - 1
    return Hindcast(
        origin=origin,
        until=ends[-1],
        mean=float(level.mean()),
        variance=float(level.var()),
        static_mean=float(static.mean()),
        static_variance=float(static.var()),
        run_rate=float(past_months(then, last).mean()) * (ends[-1] - origin) / MONTH,
    )


def _sum(
    then: Journeys, plans: Sequence[SectionPlan], ends: Sequence[int], model: Model, *, static: bool, seed: int
) -> Floats:
    """Return P paths of the three months' money at the last milestone."""
    said = forecast(
        then, plans, ends, seed=seed, paths=PATHS, largest=LARGEST, milestones=[then.milestones - 1], model=model,
        calibration=Calibration(spread=0.0, static=static),
    )  # fmt: skip
    return np.asarray(said.money[-1].sum(axis=1))


def hindcasts(
    journeys: Journeys,
    plan_on: Callable[[int], ProcessPlan],
    *,
    seed: int = 1,
    keeping: Keeping[Hindcast | None] = made_anew,
) -> list[Hindcast]:
    """Return the hindcasts that a forecast of today is calibrated by.

    Args:
        journeys: as of today.
        plan_on: the plan as it was on a day.
        seed: where chance begins.
        keeping: where they may lie already.
    """
    if not len(journeys.recorded):
        return []
    marked, found = marks(journeys), []
    for origin in hindcast_origins(journeys):
        plan = plan_on(origin)
        rests_on = marked.by(origin, plan.sections, plan.typical_value, VERSION, seed)
        found.append(keeping(origin, rests_on, partial(hindcast, journeys, plan, origin, seed=seed)))
    return [said for said in found if said is not None]


def calibrated(journeys: Journeys, said: Sequence[Hindcast]) -> Calibration:
    """Return what hindcasts teach, given what has come since by all that is known today."""
    came = arrivals(journeys, journeys.milestones - 1)
    return calibration(
        said, [float(came.money(np.array([one.origin + 1.0, one.until + 1.0]))[0]) for one in said]
    )  # fmt: skip
