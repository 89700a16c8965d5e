"""Scores against closed forms."""

import math

import numpy as np
import pytest

from milestone_cli.estimate.calibration import Calibration, Hindcast, calibration, common_error
from milestone_cli.estimate.luck import Luck
from milestone_cli.estimate.scores import coverage, crps


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_the_score_equals_the_double_sum(size):
    rng = np.random.default_rng(size)
    paths, came = rng.gamma(1, 5, (size, 3)), rng.gamma(1, 5, 3)
    pairs = np.abs(paths[:, None] - paths[None]).mean(axis=(0, 1))
    np.testing.assert_allclose(crps(paths, came), np.abs(paths - came).mean(axis=0) - pairs / 2)


def test_the_score_of_a_normal_ensemble_is_the_known_one():
    paths = np.random.default_rng(1).normal(size=200_000)
    came = 0.7
    density, below = math.exp(-(came**2) / 2) / math.sqrt(2 * math.pi), 0.5 * (1 + math.erf(came / math.sqrt(2)))
    exact = came * (2 * below - 1) + 2 * density - 1 / math.sqrt(math.pi)
    assert float(crps(paths, np.array(came))) == pytest.approx(exact, abs=2e-3)


def test_one_path_is_scored_by_its_error():
    assert float(crps(np.array([3.0]), np.array(5.0))) == 2


def test_nothing_tried_has_no_coverage():
    assert math.isnan(coverage(np.empty(0), np.empty(0), np.empty(0)))


def said(mean, static=None, run_rate=None, variance=100.0):
    return Hindcast(
        origin=0, until=91, mean=mean, variance=variance, static_mean=mean if static is None else static,
        static_variance=variance, run_rate=mean if run_rate is None else run_rate,
    )  # fmt: skip


def test_without_hindcasts_the_usual_spread_is_taken_and_nothing_else():
    assert calibration([], []) == Calibration()


def test_forecasts_that_were_always_too_high_are_lowered_within_bounds():
    learnt = calibration([said(100.0)] * 6, [60.0] * 6)
    assert -0.3 <= learnt.bias < -0.05
    assert calibration([said(100.0)] * 6, [0.0] * 6).bias >= -0.3


def test_exact_forecasts_need_less_spread_than_wild_ones():
    exact = calibration([said(100.0)] * 6, [100.0] * 6)
    wild = calibration([said(100.0)] * 6, [40.0, 160.0] * 3)
    assert exact.spread < wild.spread
    assert exact.bias == 0


def test_the_whole_history_is_taken_where_it_did_clearly_better():
    assert calibration([said(200.0, static=110.0)] * 4, [100.0] * 4).static
    assert not calibration([said(200.0, static=195.0)] * 4, [100.0] * 4).static


def test_the_run_rate_is_mixed_in_where_it_did_better():
    learnt = calibration([said(160.0, run_rate=100.0)] * 6, [110.0] * 6)
    assert 0 < learnt.blend <= 0.8
    assert calibration([said(100.0, run_rate=300.0)] * 6, [110.0] * 6).blend == 0


def test_a_common_error_has_mean_1_and_grows_with_the_months():
    factors = common_error(0.2, 200_000, 6, Luck(1))
    np.testing.assert_allclose(factors.mean(axis=0), 1.0, atol=5e-3)
    assert (np.diff(factors.std(axis=0)) > 0).all()
