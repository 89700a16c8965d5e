"""Backtest and hindcasts: nothing later than the origin, and scores that are what they say."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from tests.estimate.made import NAN, journeys, pipeline

from milestone_cli.estimate.backtest import backtest, backtest_origins
from milestone_cli.estimate.calibration import Hindcast
from milestone_cli.estimate.hindcasts import calibrated, hindcast, hindcast_origins, hindcasts
from milestone_cli.estimate.naive import past_months, pipeline_paths, run_rate_paths
from milestone_cli.estimate.plan import ProcessPlan, SectionPlan

PLANS = [SectionPlan(0.5, 45.0)] * 3
PLAN = ProcessPlan(PLANS)
TODAY = pipeline(7, 600)


def always(_day):
    return PLAN


def changed_after(day):
    later = TODAY.recorded > day
    moved = np.where(later, np.minimum(TODAY.recorded + 11, TODAY.as_of), TODAY.recorded)
    return replace(TODAY, recorded=moved, values=np.where(later, 3.0, TODAY.values))


def test_what_came_later_does_not_change_a_past_forecast():
    origin = backtest_origins(TODAY, 3, most=1)[0]
    before = backtest(TODAY, always, months=3, origins=[origin]).points[0]
    after = backtest(changed_after(origin), always, months=3, origins=[origin]).points[0]
    assert replace(after.said, crps=0) == replace(before.said, crps=0)
    assert replace(after.run_rate, crps=0) == replace(before.run_rate, crps=0)
    assert after.actual != before.actual


def test_a_hindcast_is_the_same_whenever_it_is_made():
    origin = hindcast_origins(TODAY)[0]
    assert hindcast(TODAY, PLAN, origin) == hindcast(changed_after(origin), PLAN, origin)


def test_a_hindcast_survives_json():
    said = hindcasts(TODAY, always)[0]
    assert Hindcast(**json.loads(json.dumps(asdict(said)))) == said


def test_kept_hindcasts_are_taken_as_they_are():
    made = hindcasts(TODAY, always)
    marked = {said.origin: replace(said, mean=-1.0) for said in made[:2]}
    again = hindcasts(TODAY, always, keeping=lambda origin, _, make: marked.get(origin) or make())
    assert [said.mean for said in again][:2] == [-1.0, -1.0]
    assert calibrated(TODAY, made).hindcasts == len(made) == 6


def test_a_young_book_has_no_hindcasts_and_no_backtest():
    young = journeys([[90.0, NAN]], as_of=100)
    assert hindcast_origins(young) == []
    tried = backtest(young, lambda _: ProcessPlan([SectionPlan(0.5, 30.0)]))
    assert tried.points == ()
    assert np.isnan(tried.crps)
    assert np.isnan(tried.bias)


def test_the_backtest_says_what_its_points_say():
    tried = backtest(TODAY, always, months=3, origins=backtest_origins(TODAY, 3, most=3))
    assert len(tried.points) == 3
    assert len(tried.single) == 3
    assert tried.crps == pytest.approx(np.mean([point.said.crps for point in tried.points]))
    assert tried.mae_naive == pytest.approx(
        np.mean([abs(point.run_rate.mean - point.actual) for point in tried.points])
    )
    for place, point in enumerate(tried.points):
        assert point.actual == pytest.approx(sum(month[place].actual for month in tried.single))
        assert point.said.p05 <= point.said.p10 <= point.said.p50 <= point.said.p90 <= point.said.p95
    assert 0 <= tried.coverage_p10_p90 <= tried.coverage_p05_p95 <= 1
    came = sum(point.actual for point in tried.points)
    said = sum(point.said.mean for point in tried.points)
    assert tried.bias == pytest.approx(said / came - 1)
    assert tried.crps_pipeline > 0


def test_the_run_rate_has_the_mean_of_the_past_months():
    past = np.array([1.0, 5.0, 9.0, 3.0])
    paths = run_rate_paths(past, np.array([1.0, 0.5]), 50_000, np.random.default_rng(1))
    assert paths.mean(axis=0) == pytest.approx([4.6, 2.3], rel=0.1)
    assert (paths >= 0).all()


def test_past_months_end_on_the_as_of_day():
    book = journeys([[10.0, 100.0], [10.0, 65.0], [10.0, 60.0]], as_of=100, values=[[NAN, 1.0], [NAN, 2.0], [NAN, 4.0]])
    assert past_months(book, 1).tolist() == [0, 6, 1]
    assert past_months(book, 1, only=np.array([True, False, True])).tolist() == [0, 4, 1]


@pytest.mark.parametrize("size", [10, 5000])
def test_the_weighted_pipeline_has_chance_times_potential(size):
    waiting = np.full((size, 4), NAN)
    waiting[:, 1] = 90.0
    book = journeys(waiting, as_of=100, values=np.full((size, 4), 100.0))
    paths = pipeline_paths(book, PLANS, np.array([90.0, 180.0, 400.0]), 4000, np.random.default_rng(1))
    assert paths.mean(axis=0) == pytest.approx(np.array([0.5, 0.5, 0.0]) * 25 * size, rel=0.05, abs=1)
