"""Made stays and journeys for the tests of the estimator."""

import numpy as np

from milestone_cli.estimate.journeys import Journeys, Stays

NAN = float("nan")


def cases(days, *, moved=None, lost=None, hidden=None, age=None, value=None, value_after=None, rep=None):
    days = np.asarray(days, float)
    size = len(days)
    moved = np.zeros(size, bool) if moved is None else np.asarray(moved, bool)
    age = days + 0.0 if age is None else np.asarray(age, float)
    return Stays(
        entry=-age,
        days=days,
        waited=days,
        hidden=np.zeros(size) if hidden is None else np.asarray(hidden, float),
        moved=moved,
        lost=np.zeros(size, bool) if lost is None else np.asarray(lost, bool),
        to=np.where(moved, 1, -1),
        value=np.full(size, NAN) if value is None else np.asarray(value, float),
        value_after=np.full(size, NAN) if value_after is None else np.asarray(value_after, float),
        rep=np.zeros(size, np.int64) if rep is None else np.asarray(rep),
        age=age,
    )


def journeys(recorded, *, as_of=1000, lost=None, values=None, seen_from=None, rep=None, lost_known=None, bulk=None):
    recorded = np.atleast_2d(np.asarray(recorded, float))
    size = len(recorded)
    return Journeys.in_order(
        as_of,
        recorded=recorded,
        lost=np.full(size, NAN) if lost is None else np.asarray(lost, float),
        lost_known=None if lost_known is None else np.asarray(lost_known, float),
        values=np.full(recorded.shape, NAN) if values is None else np.asarray(values, float),
        seen_from=np.full(size, -np.inf) if seen_from is None else np.asarray(seen_from, float),
        rep=np.zeros(size, np.int64) if rep is None else np.asarray(rep),
        bulk=None if bulk is None else np.atleast_2d(np.asarray(bulk, bool)),
    )


def stationary(seed, size, rate, *, median=40.0, recorded_losses=0.6, span=1500, value_effect=0.0):
    """Return journeys over one section whose true rate never changes, arrivals spread evenly over `span` days."""
    rng = np.random.default_rng(seed)
    worth = rng.normal(size=size)
    odds = np.log(rate / (1 - rate)) + value_effect * worth
    chance = 1 / (1 + np.exp(-odds))
    entry = np.floor(rng.uniform(0, span, size))
    stay = median * np.exp(rng.normal(0, 0.7, size))
    moves = rng.random(size) < chance
    told = ~moves & (rng.random(size) < recorded_losses)
    end = entry + np.ceil(stay)
    recorded = np.stack([entry, np.where(moves & (end <= span), end, NAN)], axis=1)
    value = 1000 * np.exp(worth)
    return journeys(
        recorded,
        as_of=span,
        lost=np.where(told & (end <= span), end, NAN),
        values=np.stack([value, value], axis=1),
    )


def pipeline(seed, size=400, rates=(0.6, 0.5, 0.5), *, span=1400, median=30.0, reps=3, skipped=0.05, known_late=False):
    """Return journeys over len(rates) sections: jumps, recorded and unrecorded losses, log-normal potentials."""
    rng = np.random.default_rng(seed)
    milestones = len(rates) + 1
    recorded = np.full((size, milestones), NAN)
    recorded[:, 0] = np.floor(rng.uniform(0, span, size))
    lost = np.full(size, NAN)
    there = np.ones(size, bool)
    worth = rng.normal(size=size)
    for section, rate in enumerate(rates):
        chance = 1 / (1 + np.exp(-(np.log(rate / (1 - rate)) - 0.3 * worth)))
        moves = there & (rng.random(size) < chance)
        stay = np.ceil(median * np.exp(rng.normal(0, 0.7, size)))
        recorded[moves, section + 1] = recorded[moves, section] + stay[moves]
        told = there & ~moves & (rng.random(size) < 0.6)
        lost[told] = recorded[told, section] + stay[told]
        there = moves
    jumped = rng.random(recorded.shape) < skipped
    jumped[:, [0, -1]] = False
    recorded[jumped] = NAN
    known = recorded + np.floor(rng.exponential(6, recorded.shape)) if known_late else None
    seen = recorded if known is None else known
    recorded = np.where(seen <= span, recorded, NAN)
    lost = np.where(lost <= span, lost, NAN)
    return Journeys.in_order(
        span,
        recorded=recorded,
        lost=lost,
        values=np.repeat(np.round(1000 * np.exp(worth))[:, None], milestones, axis=1),
        seen_from=np.full(size, -np.inf),
        rep=rng.integers(-1, reps, size),
        known=known,
    )
