"""Curves, hazards and ways: against formulas, brute force and simulation."""

import math

import numpy as np
import pytest

from milestone_cli.estimate.counts import WEEK, WEEKS, Counts
from milestone_cli.estimate.curves import grid, normal_below
from milestone_cli.estimate.dead import dead_after
from milestone_cli.estimate.hazards import Hazards, draw_hazards, quantile_days
from milestone_cli.estimate.plan import SectionPlan, pseudo_counts
from milestone_cli.estimate.ways import median_way

NOTHING = Counts(np.zeros(WEEKS), np.zeros(WEEKS), np.zeros(WEEKS))


def constant(moving, losing):
    return Hazards(np.full((3, WEEKS), moving), np.full((3, WEEKS), losing))


def test_the_normal_distribution_is_exact_to_seven_digits():
    values = np.random.default_rng(1).uniform(-7, 7, 5000)
    exact = [0.5 * (1 + math.erf(value / math.sqrt(2))) for value in values]
    assert normal_below(values) == pytest.approx(exact, abs=1e-7)


def test_every_curve_of_the_grid_is_a_survival_with_its_own_hazard():
    curves = grid()
    assert len(curves.hazard) == 19 * 28 * 7
    assert (curves.survival[:, 0] == 1).all()
    assert (np.diff(curves.survival, axis=1) <= 1e-6).all()
    steps = -np.diff(np.log(curves.survival.astype(float)), axis=1)
    np.testing.assert_allclose(curves.hazard[:, :-1], np.maximum(steps, 1e-7), atol=3e-5)


def test_two_constant_hazards_share_those_who_leave():
    rate = constant(0.03, 0.01).rate()
    assert rate == pytest.approx(np.full(3, 0.75 * (1 - math.exp(-0.04 * WEEKS))))


def test_the_chance_still_to_move_is_what_is_left_over_who_is_left():
    rng = np.random.default_rng(5)
    found = Hazards(rng.gamma(1, 0.02, (4, WEEKS)), rng.gamma(1, 0.02, (4, WEEKS)))
    incidence, survival = found.incidence.mean(axis=0), found.survival.mean(axis=0)
    for week in (0, 7, 100, 299):
        assert found.still_moves()[week] == pytest.approx(incidence[week:].sum() / survival[week])


def test_a_level_is_a_factor_on_both_causes():
    hazards = constant(0.02, 0.01)
    exposure = np.full(WEEKS, 1e4)
    seen = Counts(exposure * 0.03, exposure * 0.005, exposure)
    found = hazards.at_level_of(seen, 10.0, np.random.default_rng(1))
    assert found.moving.mean() == pytest.approx(0.03, rel=0.01)
    assert found.losing.mean() == pytest.approx(0.005, rel=0.01)


def test_without_data_the_hazards_follow_the_plan():
    found = draw_hazards(NOTHING, pseudo_counts(SectionPlan(0.5, 60)), np.random.default_rng(1), draws=2000)
    assert found.rate().mean() == pytest.approx(0.5, abs=0.07)
    assert np.quantile(found.rate(), 0.95) - np.quantile(found.rate(), 0.05) > 0.35


def test_a_plan_that_weighs_much_is_kept_as_far_as_the_grid_is_fine():
    sure = pseudo_counts(SectionPlan(0.4, 50), 5000.0)
    found = draw_hazards(NOTHING, sure, np.random.default_rng(1), draws=300)
    assert found.rate().mean() == pytest.approx(0.4, abs=0.06)


def test_the_quantile_of_nothing_is_no_number():
    assert math.isnan(quantile_days(np.zeros(WEEKS), 0.5))


@pytest.mark.parametrize("seed", range(20))
def test_dead_after_equals_a_search_through_all_weeks(seed):
    rng = np.random.default_rng(seed)
    still = np.sort(rng.uniform(0, 0.6, WEEKS))[::-1] * rng.uniform(0.1, 1)
    rate, median = rng.uniform(0.05, 0.9), rng.uniform(1, 400)
    limit = min(0.10, rate / 5)
    right = [week * 7 for week in range(WEEKS) if still[week] < limit and week * 7 >= median]
    assert dead_after(still, rate, median) == (right[0] if right else None)


def test_nothing_is_dead_where_the_chance_never_falls():
    assert dead_after(np.full(WEEKS, 0.4), 0.5, 10) is None


def test_the_median_way_equals_a_simulation():
    rng = np.random.default_rng(3)
    stays = [40 * np.exp(rng.normal(0, 0.8, 200_000)), 60 * rng.weibull(1.3, 200_000), rng.uniform(0, 90, 200_000)]
    ways = [np.bincount((days / WEEK).astype(int).clip(0, WEEKS - 1), minlength=WEEKS) * share
            for days, share in zip(stays, (1e-6, 3e-6, 2e-6), strict=True)]  # fmt: skip
    for sections in (1, 2, 3):
        simulated = np.median(np.sum(stays[:sections], axis=0))
        assert median_way(ways[:sections]) == pytest.approx(simulated, rel=0.02)


def test_the_way_over_no_section_takes_no_time():
    assert median_way([]) == 0


def test_what_takes_longer_than_the_last_week_stays_in_it():
    late = np.zeros(WEEKS)
    late[-1] = 1.0
    assert median_way([late, late]) == pytest.approx((WEEKS - 0.5) * WEEK)


def test_the_chance_to_move_within_so_many_days_is_that_of_the_hazards():
    hazards = Hazards(np.full((3, 300), 0.05), np.full((3, 300), 0.02))
    leaving = 1 - np.exp(-0.07 * np.arange(5))
    expected = 5 / 7 * (leaving[4] + (30 / 7 - 4) * np.exp(-0.28) * leaving[1])
    soon = hazards.moves_within(30)
    assert soon[:200] == pytest.approx(np.full(200, expected))
    assert (soon <= hazards.still_moves() + 1e-12).all()
    assert hazards.moves_within(10_000) == pytest.approx(hazards.still_moves())
