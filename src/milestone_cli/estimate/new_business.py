"""What comes from opportunities that are not there yet: the inflow, thinned on its way.

Invariant: new business without any history is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from milestone_cli.domain.day import month_of
from milestone_cli.estimate.counts import MONTH
from milestone_cli.estimate.inflow import Inflow
from milestone_cli.estimate.journeys import Floats
from milestone_cli.estimate.kernels import read
from milestone_cli.estimate.revaluation import Revaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBusiness:
    """What the inflow brings to one milestone, per arrival a month."""

    transfer: Floats
    """V x S x H x H: arrivals here in month h per opportunity that comes in in month g, with its class's share."""
    money: Floats
    """V: mean money of an arrival of each class."""
    noise: Floats
    """V: variance of the logarithm of what revaluations do to it."""


def expected_inflow(new: Inflow, edges: Floats) -> Floats:
    """Return per month the inflow over the level: its length in months of 30.4375 days times its season.

    Args:
        new: what is to be expected.
        edges: H + 1, first days of the months to come; the last one is the day after.
    """
    days = np.arange(int(edges[0]), int(edges[-1]))
    if not len(days):
        return np.zeros(len(edges) - 1)
    first = month_of(int(days[0]))
    ends = [month_of(int(edge)) for edge in edges]
    if not (new.season != 1).any():
        return np.asarray(np.diff(edges) / MONTH)
    factor = np.array([new.season[month % 12] for month in range(first, max(ends) + 1)])
    place = np.array([month_of(int(day)) for day in days]) - first
    cumulative = np.append(0.0, np.cumsum(factor[place]))
    return np.asarray(np.diff(cumulative[(edges - edges[0]).astype(np.int64)]) / MONTH)


def new_business(  # noqa: PLR0917 - used at one place
    new: Inflow, target: int, shares: Sequence[Floats], starts: Floats, ends: Floats, changes: Revaluation
) -> NewBusiness:
    """Return what comes from new opportunities at a milestone index.

    Args:
        new: what is to be expected.
        target: index of the milestone.
        shares: per section before it, V x S x (W + 1), arrived by weeks since entering it.
        starts: H, the months' first moments in weeks of the customers' clock from today.
        ends: H, their ends.
        changes: how potentials change.
    """
    months, classes = len(ends), new.shares.shape[1]
    draws = shares[0].shape[1] if shares else 1
    transfer = np.zeros((classes, draws, months, months))
    transfer += new.shares[target:].sum(axis=0)[:, None, None, None] * np.eye(months)
    money = new.shares[target:].sum(axis=0)
    noise, heads = np.zeros(classes), money.copy()
    for entry in range(target):
        if not new.shares[entry].any():
            continue
        by_month = month_transfer(shares[entry], starts, ends) * new.shares[entry][:, None, None, None]
        transfer += by_month
        reach = by_month.sum(axis=(2, 3)).mean(axis=1)
        heads += reach
        money += reach * changes.ratio(entry, target)
        noise += reach * changes.noise(entry, target)
    return NewBusiness(
        transfer=transfer,
        money=new.mean_values * np.divide(money, heads, out=np.ones(classes), where=heads > 0),
        noise=np.divide(noise, heads, out=np.zeros(classes), where=heads > 0),
    )


def month_transfer(shares: Floats, starts: Floats, ends: Floats) -> Floats:
    """Return V x S x H x H: of what enters a section in month g, spread evenly over it, the share arriving in month h.

    Args:
        shares: V x S x (W + 1), arrived by weeks since entering.
        starts: H, the months' first moments in weeks from today.
        ends: H, their ends.
    """
    weeks = np.arange(shares.shape[2] - 1)
    later = ends - weeks[:, None] - 0.5
    arrived = np.where(later > 0, read(shares, later), 0.0)
    return np.diff(_spread(weeks, starts, ends) @ arrived, axis=-1, prepend=0.0)


def _spread(weeks: Floats, starts: Floats, ends: Floats) -> Floats:
    """Return H x W: which share of a month's inflow comes in in each week to come."""
    length = np.maximum(ends - starts, 1e-9)[:, None]
    inside = np.minimum(weeks + 1, ends[:, None]) - np.maximum(weeks, starts[:, None])
    return np.asarray(np.clip(inside, 0.0, None) / length)
