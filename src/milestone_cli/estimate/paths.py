"""Simulated months: the largest open opportunities one by one, the rest by their moments, new business at random.

Invariant: every path belongs to one draw of the hazards; P paths over S draws are P / S outcomes of each.
"""

from __future__ import annotations

import numpy as np

from milestone_cli.estimate.inflow import Inflow
from milestone_cli.estimate.journeys import Floats
from milestone_cli.estimate.luck import Luck, Purpose
from milestone_cli.estimate.new_business import NewBusiness
from milestone_cli.estimate.open_business import OpenBusiness

MANY = 50
"""From so many arrivals in a month and class on their money is drawn by its moments."""
_WITHIN_CLASS = 0.1
"""A new potential lies around one that was seen."""
_TINY = 1e-12


def open_paths(business: OpenBusiness, paths: int, luck: Luck) -> Floats:
    """Return P x H: money from open opportunities."""
    draws, months = business.rest_mean.shape
    each = paths // draws
    mean = np.repeat(business.rest_mean, each, axis=0)
    variance = np.repeat(business.rest_variance, each, axis=0)
    found = luck.by_month(Purpose.REST, months, lambda rng, month: _gamma(mean[:, month], variance[:, month], rng))
    number = len(business.largest)
    if not number:
        return found
    when = luck.of(Purpose.ARRIVING).random((draws, each, number), dtype=np.float32)
    month = np.zeros(when.shape, np.int64)
    for end in range(months):
        month += when > business.chances[:, None, :, end]
    money = np.broadcast_to(business.largest_money, when.shape)
    if business.largest_noise.any():
        spread = np.sqrt(business.largest_noise)
        around = luck.of(Purpose.POTENTIAL).normal(size=when.shape)
        money = money * np.exp(around * spread - business.largest_noise / 2)
    month += np.arange(paths).reshape(draws, each, 1) * (months + 1)
    arrived = np.bincount(month.ravel(), money.ravel(), paths * (months + 1)).reshape(paths, months + 1)
    return np.asarray(found + arrived[:, :months])


def inflow_paths(new: Inflow, expected: Floats, paths: int, luck: Luck) -> Floats:
    """Return P x H: mean number of opportunities coming in, the level walking, single months scattering around it.

    Args:
        new: what is to be expected.
        expected: H, see `expected_inflow`.
        paths: P.
        luck: where chance comes from.
    """
    months = len(expected)
    level = np.repeat(new.level, paths // len(new.level))[:, None]
    steps = luck.by_month(Purpose.WALK, months, lambda rng, _: rng.normal(-(new.drift**2) / 2, new.drift, paths))
    found = level * expected * np.exp(np.cumsum(steps, axis=1))
    if new.overdispersion > 1e-3:
        shape = 1 / new.overdispersion
        scatter = luck.by_month(Purpose.SCATTER, months, lambda rng, _: rng.standard_gamma(shape, paths))
        found = found * scatter * new.overdispersion
    return np.asarray(found)


def new_paths(business: NewBusiness, new: Inflow, coming: Floats, luck: Luck) -> Floats:
    """Return P x H: money from new opportunities.

    Args:
        business: what the inflow brings to the milestone.
        new: the potentials to draw from.
        coming: P x H, mean number of opportunities coming in.
        luck: where chance comes from.
    """
    classes, draws, months, _ = business.transfer.shape
    paths = len(coming)
    found = np.zeros((paths, months))
    by_draw = coming.reshape(draws, paths // draws, months)
    for number in range(classes):
        values = new.bank[number]
        if not len(values) or not business.transfer[number].any():
            continue
        mean = np.maximum(by_draw @ business.transfer[number], 0.0).reshape(paths, months)
        ratio = business.money[number] / max(float(values.mean()), _TINY)
        noise = business.noise[number] + _WITHIN_CLASS**2
        for month in range(months):
            rng = luck.of(Purpose.NEW, number, month)
            found[:, month] += ratio * _money_of(rng.poisson(mean[:, month]), values, noise, rng)
    return found


def _money_of(heads: np.ndarray, values: Floats, noise: float, rng: np.random.Generator) -> Floats:
    """Return P: the money of so many arrivals, each with a potential like one of `values`."""
    many = heads > MANY
    few = np.where(many, 0, heads)
    number = int(few.sum())
    drawn = values[rng.integers(0, len(values), number)]
    drawn = drawn * np.exp(rng.normal(-noise / 2, np.sqrt(noise), number))
    owner = np.repeat(np.arange(len(few)), few)
    money = np.asarray(np.bincount(owner, drawn, len(few)), np.float64)
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
