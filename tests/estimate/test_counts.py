"""Events and exposure by week: the two bincounts against a loop over every opportunity and week."""

import math

import numpy as np
import pytest
from tests.estimate.made import cases

from milestone_cli.estimate.counts import WEEK, WEEKS, count, decay_per_week


def by_hand(stays, decay, weights):
    """The weight of the day of entry grows by e^decay with every week of stay."""
    moved, lost, exposure = np.zeros(WEEKS), np.zeros(WEEKS), np.zeros(WEEKS)
    for days, hidden, age, is_moved, is_lost, factor in zip(
        stays.days, stays.hidden, stays.age, stays.moved, stays.lost, weights, strict=True
    ):
        week = min(int(days / WEEK), WEEKS - 1)
        weight = factor * math.exp(-decay * (age - days) / WEEK)
        moved[week] += weight * is_moved
        lost[week] += weight * is_lost
        for each in range(WEEKS):
            inside = min(days / WEEK, each + 1) - max(hidden / WEEK, each)
            exposure[each] += factor * math.exp(-decay * age / WEEK + decay * each) * max(inside, 0.0)
    return moved, lost, exposure


@pytest.mark.parametrize("weighted", [False, True])
def test_counts_equal_a_loop_over_opportunities_and_weeks(weighted):
    rng = np.random.default_rng(2)
    size = 60
    days = np.round(rng.exponential(200, size)) + 0.25
    ends = rng.integers(0, 3, size)
    stays = cases(
        days=days, moved=ends == 1, lost=ends == 2, hidden=np.floor(days * rng.uniform(0, 0.9, size)),
        age=days + rng.uniform(0, 900, size),
    )  # fmt: skip
    weights = rng.uniform(0.1, 5, size) if weighted else np.ones(size)
    decay = decay_per_week(48)
    found = count(stays, decay=decay, weights=weights if weighted else None)
    for ours, right in zip((found.moved, found.lost, found.exposure), by_hand(stays, decay, weights), strict=True):
        assert ours == pytest.approx(right, abs=1e-4)


def test_a_stay_longer_than_the_last_week_keeps_its_exposure_up_to_there():
    found = count(cases(days=[WEEK * (WEEKS + 50)]), decay=0.0)
    assert found.exposure.sum() == pytest.approx(WEEKS, abs=1e-5)


def test_what_lies_a_half_life_back_counts_half():
    year = 365.25
    found = count(cases(days=[10, 10], moved=[True, True], age=[10, 10 + year]), decay=decay_per_week(12))
    assert found.moved[1] == pytest.approx(1.5)
