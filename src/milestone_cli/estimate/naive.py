"""The run rate and the stage-weighted pipeline: what a forecast must beat.

The run rate draws single months from the last twelve, around their mean, which is itself uncertain. The stage-weighted
pipeline is what a CRM shows: potential times the planned chance, spread evenly over twice the planned days that are
left, and nothing of what is not there yet.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from milestone_cli.estimate.arrivals import arrivals, began, carried_forward
from milestone_cli.estimate.counts import MONTH, whole_months
from milestone_cli.estimate.journeys import Flags, Floats, Journeys
from milestone_cli.estimate.plan import SectionPlan

MONTHS = 12
_ONE_BY_ONE = 1000


def past_months(journeys: Journeys, milestone: int, months: int = MONTHS, *, only: Flags | None = None) -> Floats:
    """Return the money of the months before the as-of day, oldest first; as many as the book has seen, at least one.

    Args:
        journeys: as of today.
        milestone: its index.
        months: the most of them, each of 30.4375 days, the last one ending on the as-of day.
        only: N, the rows that count.
    """
    seen = whole_months(journeys.as_of + 1 - began(journeys), months)
    came = arrivals(journeys, milestone)
    money = np.nan_to_num(came.values)
    if only is not None:
        money = money * only[came.rows]
    back = np.floor((journeys.as_of - came.days) / MONTH).astype(np.int64)
    inside = back < seen
    return np.bincount(back[inside], money[inside], seen)[::-1].astype(np.float64)


def run_rate_paths(past: Floats, lengths: Floats, paths: int, rng: np.random.Generator) -> Floats:
    """Return P x H: months drawn from the past ones, around a mean that is drawn too.

    Args:
        past: money of the past months.
        lengths: H, the months to come in months of 30.4375 days.
        paths: P.
        rng: where chance comes from.
    """
    level = run_rate_level(past, paths, rng)
    return np.stack([run_rate_month(past, level, float(length), rng) for length in lengths], axis=1)


def run_rate_level(past: Floats, paths: int, rng: np.random.Generator) -> Floats:
    """Return P: by how much the mean month may lie off the past one, as a bootstrap of the past months says."""
    return np.asarray(rng.choice(past, (paths, len(past))).mean(axis=1) - past.mean())


def run_rate_month(past: Floats, level: Floats, length: float, rng: np.random.Generator) -> Floats:
    """Return P: one of the past months each, moved by the level; `length` is in months of 30.4375 days."""
    return np.asarray(np.maximum(rng.choice(past, len(level)) + level, 0.0) * length)


def pipeline_paths(
    journeys: Journeys, plans: Sequence[SectionPlan], ends: Floats, paths: int, rng: np.random.Generator
) -> Floats:
    """Return P x H: what a CRM forecasts at the last milestone.

    Args:
        journeys: as of today.
        plans: the sections' plans.
        ends: H, the months' ends in days from today.
        paths: P.
        rng: where chance comes from.
    """
    reached = ~np.isnan(journeys.recorded)
    last = journeys.milestones - 1 - np.argmax(reached[:, ::-1], axis=1)
    still = np.flatnonzero(np.isnan(journeys.lost) & (last < journeys.milestones - 1))
    section = last[still]
    values = np.nan_to_num(carried_forward(journeys.values[still])[np.arange(len(still)), section])
    chance = np.cumprod([plan.rate for plan in plans][::-1])[::-1][section]
    days = np.cumsum([max(plan.days, 1.0) for plan in plans][::-1])[::-1][section]
    arrived = np.clip(ends / (2 * days[:, None]), 0.0, 1.0) * chance[:, None]
    found = np.zeros((paths, len(ends)))
    if not len(still):
        return found
    if len(still) > _ONE_BY_ONE:
        monthly = np.diff(arrived, axis=1, prepend=0.0)
        spread = np.sqrt(values**2 @ (monthly * (1 - monthly)))
        return np.maximum(rng.normal(values @ monthly, spread, found.shape), 0.0)
    for path in range(paths):
        month = (rng.random(len(still))[:, None] > arrived).sum(axis=1)
        found[path] = np.bincount(month, values, len(ends) + 1)[: len(ends)]
    return found
