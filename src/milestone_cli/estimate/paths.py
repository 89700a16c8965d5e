"""Simulated months: the largest open opportunities one by one, the rest by their moments, new business at random.

Invariant: every path belongs to one draw of the hazards; P paths over S draws are P / S outcomes of each.
"""

from __future__ import annotations

import numpy as np

from milestone_cli.estimate.inflow import Inflow
from milestone_cli.estimate.journeys import Floats
from milestone_cli.estimate.new_business import NewBusiness
from milestone_cli.estimate.open_business import OpenBusiness

MANY = 50
"""From so many arrivals in a month and class on their money is drawn by its moments."""
_WITHIN_CLASS = 0.1
"""A new potential lies around one that was seen."""
_TINY = 1e-12


def open_paths(business: OpenBusiness, paths: int, rng: np.random.Generator) -> Floats:
    """Return P x H: money from open opportunities."""
    draws, months = business.rest_mean.shape
    each = paths // draws
    mean = np.repeat(business.rest_mean, each, axis=0)
    found = _gamma(mean, np.repeat(business.rest_variance, each, axis=0), rng)
    number = len(business.largest)
    if not number:
        return found
    luck = rng.random((draws, each, number), dtype=np.float32)
    month = np.zeros(luck.shape, np.int64)
    for end in range(months):
        month += luck > business.chances[:, None, :, end]
    money = np.broadcast_to(business.largest_money, luck.shape)
    if business.largest_noise.any():
        spread = np.sqrt(business.largest_noise)
        money = money * np.exp(rng.normal(size=luck.shape) * spread - business.largest_noise / 2)
    month += np.arange(paths).reshape(draws, each, 1) * (months + 1)
    arrived = np.bincount(month.ravel(), money.ravel(), paths * (months + 1)).reshape(paths, months + 1)
    return np.asarray(found + arrived[:, :months])


def inflow_paths(new: Inflow, expected: Floats, paths: int, rng: np.random.Generator) -> Floats:
    """Return P x H: mean number of opportunities coming in, the level walking, single months scattering around it.

    Args:
        new: what is to be expected.
        expected: H, see `expected_inflow`.
        paths: P.
        rng: where chance comes from.
    """
    level = np.repeat(new.level, paths // len(new.level))[:, None]
    walk = np.cumsum(rng.normal(-(new.drift**2) / 2, new.drift, (paths, len(expected))), axis=1)
    found = level * expected * np.exp(walk)
    if new.overdispersion > 1e-3:
        found = found * rng.standard_gamma(1 / new.overdispersion, found.shape) * new.overdispersion
    return np.asarray(found)


def new_paths(business: NewBusiness, new: Inflow, coming: Floats, rng: np.random.Generator) -> Floats:
    """Return P x H: money from new opportunities.

    Args:
        business: what the inflow brings to the milestone.
        new: the potentials to draw from.
        coming: P x H, mean number of opportunities coming in.
        rng: where chance comes from.
    """
    classes, draws, months, _ = business.transfer.shape
    paths = len(coming)
    found = np.zeros((paths, months))
    by_draw = coming.reshape(draws, paths // draws, months)
    for number in range(classes):
        values = new.bank[number]
        if not len(values) or not business.transfer[number].any():
            continue
        heads = rng.poisson(np.maximum(by_draw @ business.transfer[number], 0.0)).reshape(paths, months)
        ratio = business.money[number] / max(float(values.mean()), _TINY)
        found += ratio * _money_of(heads, values, business.noise[number] + _WITHIN_CLASS**2, rng)
    return found


def _money_of(heads: np.ndarray, values: Floats, noise: float, rng: np.random.Generator) -> Floats:
    """Return the money of so many arrivals, each with a potential like one of `values`."""
    many = heads > MANY
    few = np.where(many, 0, heads).ravel()
    number = int(few.sum())
    drawn = values[rng.integers(0, len(values), number)]
    drawn = drawn * np.exp(rng.normal(-noise / 2, np.sqrt(noise), number))
    owner = np.repeat(np.arange(len(few)), few)
    money = np.asarray(np.bincount(owner, drawn, len(few)), np.float64).reshape(heads.shape)
    if many.any():
        square = float((values**2).mean()) * np.exp(noise)
        variance = max(square - float(values.mean()) ** 2, 0.0)
        money[many] = _gamma(heads[many] * values.mean(), heads[many] * variance, rng)
    return money


def _gamma(mean: Floats, variance: Floats, rng: np.random.Generator) -> Floats:
    """Return draws with this mean and variance; the mean itself where nothing scatters."""
    scatter = (mean > _TINY) & (variance > _TINY)
    shape = np.where(scatter, mean**2 / np.maximum(variance, _TINY), 1.0)
    drawn = rng.standard_gamma(shape) * np.divide(variance, mean, out=np.zeros_like(mean), where=scatter)
    return np.where(scatter, drawn, mean)
