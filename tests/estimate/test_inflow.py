"""New business: level, season, potentials, shares; the customers' clock and the classes of potential."""

from dataclasses import replace

import numpy as np
import pytest
from tests.estimate.made import NAN, cases, journeys, pipeline

from milestone_cli.domain.day import first_of_month
from milestone_cli.estimate.arrivals import arrivals, began, entries
from milestone_cli.estimate.classes import value_classes
from milestone_cli.estimate.clock import clock_of, even_clock, seasonal_clock
from milestone_cli.estimate.counts import count, count_classes, decay_per_week
from milestone_cli.estimate.inflow import inflow, level_of
from milestone_cli.estimate.jumps import jump_shares
from milestone_cli.estimate.revaluation import revaluation

DECAY = decay_per_week(48)


def measured(today, **options):
    return inflow(today, value_classes(today.values), np.random.default_rng(1), draws=200, **options)


def even_book(a_month, months=40, start=15):
    days = start + np.arange(0, months * 30.4375, 30.4375 / a_month)
    recorded = np.stack([np.floor(days), np.full(len(days), NAN)], axis=1)
    return journeys(recorded, as_of=int(start + months * 30.4375), values=np.full(recorded.shape, 500.0))


def test_an_even_inflow_is_measured_as_it_is():
    found = measured(even_book(20))
    assert found.level.mean() == pytest.approx(20, rel=0.06)
    assert found.overdispersion < 0.05
    assert found.shares.sum() == pytest.approx(1)
    assert found.shares[1:].sum() == 0


@pytest.mark.parametrize("days", [1, 7, 20])
def test_a_level_is_no_surer_than_so_few_arrivals_make_it_however_young_the_book(days):
    """Two arrivals say of their rate no more than a Gamma of two: a spread of 71 %."""
    two = journeys([[100.0, NAN], [100.0, NAN]], as_of=99 + days, values=np.full((2, 2), 500.0))
    found = inflow(two, value_classes(two.values), np.random.default_rng(1), draws=4000)
    assert found.level.std() / found.level.mean() == pytest.approx(0.5**0.5, abs=0.09)


def test_nothing_came_so_nothing_will():
    found = measured(journeys(np.empty((0, 3)), as_of=100))
    assert not found.level.any()
    assert found.months == 0


def test_what_is_still_to_be_entered_counts_as_if_it_were():
    rng = np.random.default_rng(1)
    truth = even_book(60)
    known = np.where(
        np.isnan(truth.recorded), NAN, truth.recorded + np.floor(rng.exponential(20, truth.recorded.shape))
    )
    told = known[:, 0] <= truth.as_of
    names = ("recorded", "lost", "values", "seen_from", "rep")
    seen = {name: getattr(truth, name)[told] for name in names}
    as_entered = replace(truth, known=known[told], **seen)
    unaware = replace(as_entered, known=None)
    assert measured(unaware).level.mean() < 55
    assert measured(as_entered).level.mean() == pytest.approx(60, rel=0.05)


def test_few_arrivals_follow_nothing_fast():
    assert level_of(np.array([3.0, 2.0] * 12))[1] >= 6
    assert level_of(np.append(np.full(20, 20.0), np.full(8, 60.0)))[1] < 6


def test_what_was_taken_over_is_no_arrival():
    book = journeys([[10.0, NAN], [80.0, NAN], [70.0, 90.0]], as_of=100, seen_from=[60.0, -np.inf, -np.inf])
    came, milestone = entries(book)
    assert came.days.tolist() == [80, 70]
    assert milestone.tolist() == [0, 0]
    assert began(book) == 60
    assert arrivals(book, 1).days.tolist() == [90]


def test_a_later_milestone_implies_the_earlier_ones_on_its_day_with_its_money():
    book = journeys([[NAN, NAN, 40.0]], as_of=100, values=[[NAN, NAN, 7.0]])
    for milestone in range(3):
        came = arrivals(book, milestone)
        assert (came.days.tolist(), came.values.tolist()) == ([40], [7])


def test_the_reps_share_the_inflow():
    found = measured(pipeline(1))
    assert sum(found.reps.values()) == pytest.approx(1)
    assert set(found.reps) == {-1, 0, 1, 2}


def test_a_clock_that_slows_down_in_summer_makes_stays_in_summer_shorter():
    speeds = np.where(np.arange(12) == 7, 0.5, 1.0)
    clock = clock_of(speeds, 0, 800)
    august = first_of_month(1970 * 12 + 7)
    stay = replace(cases([20.0]), entry=np.array([float(august)]))
    assert clock.timed(stay).days[0] == pytest.approx(10)
    assert even_clock().timed(stay) is stay


def test_a_slow_month_is_found_after_two_years_and_not_before():
    rng = np.random.default_rng(2)
    true = clock_of(np.where(np.arange(12) == 7, 0.3, 1.0), 0, 3000)
    entry = np.floor(rng.uniform(0, 1500, 20_000))
    end = np.floor(np.interp(true.at(entry) + rng.exponential(40, len(entry)), true.readings, true.days))
    moved = end <= 1500
    section = replace(
        cases(np.where(moved, np.maximum(end - entry, 0.25), 1500.5 - entry), moved=moved, age=1500.5 - entry),
        entry=entry,
    )
    found = seasonal_clock([section], 1500, decay=DECAY).speeds
    assert found[7] < 0.6 < found[[0, 3, 5, 10]].min()
    young = replace(section, entry=section.entry + 1000)
    assert (seasonal_clock([young], 1500, decay=DECAY).speeds == 1).all()


def test_counts_by_class_add_up_to_the_counts_of_all():
    rng = np.random.default_rng(3)
    stays = cases(rng.uniform(1, 400, 500), moved=rng.random(500) < 0.4, hidden=rng.uniform(0, 1, 500))
    together, apart = count(stays, decay=DECAY), count_classes(stays, rng.integers(0, 4, 500), 4, decay=DECAY)
    for name in ("moved", "lost", "exposure"):
        np.testing.assert_allclose(getattr(apart, name).sum(axis=0), getattr(together, name), atol=1e-9)


def test_classes_grow_with_the_potential_and_the_middle_one_lies_in_the_middle():
    values = np.exp(np.random.default_rng(4).normal(size=5000))
    classes = value_classes(values)
    place = classes.of(np.sort(values))
    assert (np.diff(place) >= 0).all()
    assert (np.diff(classes.centres) > 0).all()
    assert classes.of(np.array([NAN]))[0] == classes.of(np.array([np.median(values)]))[0]


def test_jump_shares_sum_to_one_and_lead_nowhere_that_nobody_went():
    rng = np.random.default_rng(5)
    stays = replace(cases(rng.uniform(0, 300, 400), moved=rng.random(400) < 0.6), to=rng.integers(1, 3, 400))
    shares = jump_shares(stays, 0, 5)
    np.testing.assert_allclose(shares.sum(axis=0), 1)
    assert not shares[[0, 3, 4]].any()


def test_a_revaluation_is_a_ratio_of_sums():
    values = np.array([[100.0, 50.0], [100.0, 350.0]] * 200)
    found = revaluation(journeys(np.tile([10.0, 20.0], (400, 1)), values=values))
    assert found.ratio(0, 1) == pytest.approx(2.0, rel=0.05)
    assert found.noise(0, 1) > 0.5
    unchanged = revaluation(journeys([[10.0, 20.0]], values=[[5.0, 5.0]]))
    assert unchanged.ratio(0, 1) == 1
