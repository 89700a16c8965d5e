"""By when what must arrive at every milestone so that one month's target is reached: what open business leaves missing.

Formula: (V - open) / P(j) must arrive at milestone j, P(j) the money that ever arrives at the last milestone per money
at j; it is spread over the months g = 0..X in which arrivals still matter by the lag's weights w[g] = n[g] T[g, X] over
their sum, n the months' days and T the money arriving in month X per money that arrived at j in month g. Plans add up:
those of every month's target together, sent forward through T, give the targets back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from milestone_cli.estimate.clock import month_edges
from milestone_cli.estimate.counts import WEEK
from milestone_cli.estimate.forecast import Forecast
from milestone_cli.estimate.journeys import Floats
from milestone_cli.estimate.kernels import arrival_shares, steps
from milestone_cli.estimate.model import Model
from milestone_cli.estimate.new_business import month_transfer
from milestone_cli.estimate.worth import DRAWS, conversions

STILL_MATTERS = 0.10
"""Arrivals matter for a month while a tenth of those that ever come through is there by its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapPlan:
    """What must arrive for one month's target."""

    target: float
    """Money wanted at the last milestone in the month."""
    month: int
    """Its index in the forecast's months: 0 is the running one."""
    from_open: float
    """What open opportunities are expected to bring in that month."""
    gap: float
    """What is missing; never below 0."""
    conversion: Floats
    """k: money that ever arrives at the last milestone per money at each."""
    required: Floats
    """k x (month + 1): of what must arrive at each milestone, the part in each month; 0 once it is too late."""
    in_month: Floats
    """k: of what comes of it, the share that arrives in the very month; the rest arrives in those around it."""
    there: Floats
    """k x (month + 1): of what ever comes through of a month's arrivals, the share that is there by the month's end."""
    latest: tuple[int | None, ...]
    """k: the last month whose arrivals still matter; None: it is too late for new ones at this milestone."""

    def with_conversion(self, conversion: Sequence[float]) -> GapPlan:
        """Return the plan with conversions that are known exactly, its months in the same proportion."""
        exact = np.asarray(conversion, dtype=np.float64)
        return replace(self, conversion=exact, required=self.required * (self.conversion / exact)[:, None])


def gap_plan(model: Model, forecast: Forecast, month: int, target: float) -> GapPlan:
    """Return what must arrive at each milestone in each month up to `month`.

    Args:
        model: of the team.
        forecast: of the same day, with the last milestone.
        month: index into the forecast's months.
        target: money wanted at the last milestone in that month.
    """
    last = len(model.sections)
    from_open = float(forecast.open_mean[last, month])
    gap = max(target - from_open, 0.0)
    found = transfers(model, forecast)
    days = np.diff(month_edges(forecast.month_ends, forecast.as_of))[: month + 1]
    required, there = np.zeros((2, last + 1, month + 1))
    in_month, latest = np.zeros(last + 1), []
    for place, (monthly, ever) in enumerate(zip(found.monthly, found.ever, strict=True)):
        through = monthly[: month + 1, month]
        by_then = monthly[: month + 1, : month + 1].sum(axis=1)
        there[place] = by_then / max(ever, 1e-12)
        weights = days * through * (by_then >= STILL_MATTERS * ever)
        mattering = np.flatnonzero(weights)
        latest.append(int(mattering[-1]) if len(mattering) else None)
        if len(mattering):
            weights /= weights.sum()
            required[place] = gap / ever * weights
            in_month[place] = float(weights @ through) / ever
    return GapPlan(
        target=target, month=month, from_open=from_open, gap=gap, conversion=found.ever, required=required,
        in_month=in_month, there=there, latest=tuple(latest),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Transfers:
    """What comes of money that arrives at each milestone."""

    monthly: Floats
    """k x (N + 1) x (N + 1): money at the last milestone in month h per money arriving at each in month g."""
    ever: Floats
    """k: the same whenever it arrives."""


def transfers(model: Model, forecast: Forecast) -> Transfers:
    """Return what comes of arrivals in the months of a forecast."""
    edges = month_edges(forecast.month_ends, forecast.as_of)
    ticks = model.clock.at(edges)
    passed = (ticks - ticks[0]) / WEEK
    ahead = math.ceil(passed[-1]) + 2
    static = forecast.calibration.static
    ways = [steps(section, ahead, static=static, by_heads=False, draws=DRAWS) for section in model.sections]
    last, months = len(ways), len(edges) - 1
    monthly, ever = np.zeros((last + 1, months, months)), np.ones(last + 1)
    monthly[last] = np.eye(months)
    shares, arriving = arrival_shares(ways, last, ahead), conversions(ways)
    for place, section in enumerate(model.sections):
        ratio = model.changes.ratio(place, last)
        transfer = month_transfer(shares[place], passed[:-1], passed[1:]).mean(axis=1)
        monthly[place] = np.tensordot(section.money_mix, transfer, 1) * ratio
        ever[place] = float(section.money_mix @ arriving[place].mean(axis=1)) * ratio
    return Transfers(monthly, ever)
