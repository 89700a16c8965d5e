"""The forecast: laws, and its mean against brute force."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.estimate.made import NAN, journeys, pipeline

from milestone_cli.domain.day import first_of_month, month_of
from milestone_cli.estimate.calibration import Calibration
from milestone_cli.estimate.counts import WEEK, WEEKS
from milestone_cli.estimate.forecast import chance_of_at_least, forecast, quantiles
from milestone_cli.estimate.model import WhatIf, measure
from milestone_cli.estimate.plan import SectionPlan
from milestone_cli.estimate.sections import moved_by_week

PLANS = [SectionPlan(0.5, 45.0)] * 3
TODAY = pipeline(1)
NOTHING = Calibration(spread=0.0)


def ends(as_of, months):
    first = month_of(as_of)
    return [first_of_month(first + month + 1) - 1 for month in range(months + 1)]


def said(today=TODAY, months=6, **options):
    return forecast(today, PLANS, ends(today.as_of, months), **options)


def test_open_and_new_business_together_are_the_mean_of_the_paths():
    found = said(calibration=Calibration(spread=0.2, bias=-0.1))
    np.testing.assert_allclose(found.money.mean(axis=1), found.mean)
    assert found.money.shape == (4, 1000, 7)
    assert (found.money >= 0).all()


def test_the_reps_add_up_to_the_team():
    found = said(calibration=Calibration(bias=0.1, blend=0.3))
    np.testing.assert_allclose(found.rep_open_mean.sum(axis=0), found.open_mean)
    np.testing.assert_allclose(found.rep_new_mean.sum(axis=0), found.new_mean)
    np.testing.assert_allclose(found.rep_count_mean.sum(axis=0), found.count_mean)
    assert found.reps == (-1, 0, 1, 2)


def test_a_rep_alone_is_the_same_part_of_the_team():
    learnt = Calibration(bias=0.1, blend=0.3)
    team, alone = said(calibration=learnt), said(calibration=learnt, rep=1)
    place = team.reps.index(1)
    np.testing.assert_allclose(alone.open_mean, team.rep_open_mean[place])
    np.testing.assert_allclose(alone.new_mean, team.rep_new_mean[place])
    np.testing.assert_allclose(alone.money[-1].mean(axis=0), alone.mean[-1])


def test_the_same_seed_says_the_same_and_another_one_nearly():
    one, again, other = said(seed=5), said(seed=5), said(seed=6)
    np.testing.assert_array_equal(one.money, again.money)
    assert not np.array_equal(one.money, other.money)
    assert one.mean[-1].sum() == pytest.approx(other.mean[-1].sum(), rel=0.1)


def test_without_anything_recorded_nothing_is_forecast_and_it_says_why():
    empty = journeys(np.empty((0, 4)), as_of=1000)
    found = said(empty)
    assert found.inflow_months == 0
    assert not found.money.any()
    assert found.weight_of_data == (0, 0, 0)
    assert found.reps == ()


def test_a_single_opportunity_is_worth_what_the_plan_says():
    one = journeys([[995.0, NAN, NAN, NAN]], as_of=1000, values=[[8000.0, NAN, NAN, NAN]])
    found = said(one, months=36, what_if=WhatIf(inflow=0.0))
    assert found.carried.tolist() == pytest.approx([1000.0], rel=0.15)
    assert found.open_mean[-1].sum() == pytest.approx(found.carried.sum())
    assert not found.new_mean.any()


def test_leaving_an_opportunity_out_lowers_the_mean_by_what_it_carried():
    whole = said(calibration=NOTHING)
    biggest = int(np.argmax(whole.carried))
    less = said(calibration=NOTHING, what_if=WhatIf(without=[int(whole.carried_rows[biggest])]))
    assert whole.open_mean[-1].sum() - less.open_mean[-1].sum() == pytest.approx(whole.carried[biggest])
    np.testing.assert_allclose(less.new_mean, whole.new_mean)


def test_dead_horses_bring_nothing():
    old = journeys([[0.0, NAN, NAN, NAN], [990.0, NAN, NAN, NAN]], as_of=1000, values=np.full((2, 4), 500.0))
    found = said(old, set_aside=[300, None, None])
    assert found.carried_rows.tolist() == [1]
    assert said(old, set_aside=[None, None, None]).carried_rows.tolist() == [0, 1]


@given(st.floats(0.3, 0.8), st.floats(0.05, 0.15))
@settings(max_examples=8, deadline=None)
def test_a_higher_rate_brings_more(rate, more):
    model = measure(TODAY, PLANS, draws=10)
    low, high = (
        said(model=model, paths=10, milestones=[3], what_if=WhatIf(rates={1: asked}), months=12).mean[-1].sum()
        for asked in (rate, rate + more)
    )
    assert high > low


@pytest.mark.parametrize("static", [False, True])
def test_the_rate_that_was_asked_for_is_the_one_that_is_taken(static):
    asked = measure(TODAY, PLANS).asked(WhatIf(rates={1: 0.6}), static=static)
    moved, _ = moved_by_week(asked.sections[1], by_heads=False, static=static)
    assert moved.sum(axis=1).mean() == pytest.approx(0.6, abs=0.005)


def test_money_in_cents_is_a_hundred_times_the_money():
    euros = said(milestones=[3])
    cents = said(replace(TODAY, values=TODAY.values * 100), milestones=[3])
    np.testing.assert_allclose(cents.money, euros.money * 100, rtol=1e-6)
    np.testing.assert_allclose(cents.count_mean, euros.count_mean)


def test_the_order_of_the_rows_does_not_matter_for_the_means():
    turned = np.arange(len(TODAY.recorded))[::-1]
    names = ("recorded", "lost", "values", "seen_from", "rep")
    back = replace(TODAY, **{name: getattr(TODAY, name)[turned] for name in names})
    np.testing.assert_allclose(said(back).mean, said().mean, rtol=1e-9)


def test_the_number_of_paths_is_a_multiple_of_the_draws():
    assert said(paths=150, draws=40, milestones=[3]).money.shape[1] == 120


def test_the_inflow_of_a_question_scales_new_business_alone():
    once, twice = said(calibration=NOTHING), said(calibration=NOTHING, what_if=WhatIf(inflow=2.0))
    np.testing.assert_allclose(twice.new_mean, 2 * once.new_mean)
    np.testing.assert_allclose(twice.open_mean, once.open_mean)


def test_an_unknown_potential_is_taken_to_be_like_new_business():
    values = TODAY.values.copy()
    hidden = np.flatnonzero(np.isnan(TODAY.lost) & np.isnan(TODAY.recorded[:, -1]))[-5:]
    values[hidden] = NAN
    found = said(replace(TODAY, values=values))
    assert np.isfinite(found.money).all()
    assert (found.carried[np.isin(found.carried_rows, hidden)] > 0).any()


def test_without_any_potential_the_typical_one_is_taken_or_no_money_is_forecast():
    blank = replace(TODAY, values=np.full_like(TODAY.values, NAN))
    nothing, typical = said(blank), said(blank, typical_value=40_000.0)
    assert not nothing.money.any()
    assert nothing.count_mean.sum() > 0
    assert typical.mean[-1].sum() > 0
    assert typical.inflow_value == 40_000


def test_a_revaluation_since_the_last_milestone_counts():
    now = np.full(len(TODAY.recorded), NAN)
    before = said(calibration=NOTHING)
    row = int(before.carried_rows[np.argmax(before.carried)])
    now[row] = TODAY.values[row, 0] * 1.2
    after = said(replace(TODAY, potential=now), calibration=NOTHING)
    assert after.open_mean[-1].sum() > before.open_mean[-1].sum()


@pytest.mark.parametrize("as_of", [1399, 1404, 1415])
def test_the_running_month_holds_the_days_that_are_left(as_of):
    today = replace(TODAY, as_of=as_of)
    found = forecast(today, PLANS, ends(as_of, 2), calibration=NOTHING)
    left = (found.month_ends[0] - as_of) / 30.4375
    assert found.inflow_count[0] == pytest.approx(found.inflow_count[1] * left, rel=0.4)


@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(0, 36))
@settings(max_examples=10, deadline=None)
def test_it_never_fails_and_never_says_nan(seed, size, months):
    today = pipeline(seed, size, known_late=seed % 2 == 0)
    found = said(today, months=months, draws=5, paths=10)
    for name in ("money", "open_mean", "new_mean", "count_mean", "carried", "rep_open_mean", "inflow_count"):
        assert np.isfinite(getattr(found, name)).all(), name


def test_quantiles_and_chances_are_read_off_the_paths():
    total = said().money[-1][:, 1:].sum(axis=1)
    low, middle, high = quantiles(total, [0.1, 0.5, 0.9])
    assert low <= middle <= high
    assert chance_of_at_least(total, middle) == pytest.approx(0.5, abs=0.01)


def walk(section, entered, age, rng, model):
    """Return where each opportunity goes from a section and when: hazard by hazard, in weeks from today."""
    moving, losing = (hazard[0, 0] for hazard in model.sections[section].hazards())
    extended = 900
    moving, losing = (np.append(h, np.full(extended - WEEKS, h[-1])) for h in (moving, losing))
    cumulative = np.append(0.0, np.cumsum(moving + losing))
    level = np.interp(age, np.arange(extended + 1), cumulative) + rng.exponential(size=len(entered))
    stay = np.interp(level, cumulative, np.arange(extended + 1), right=np.inf)
    week = np.minimum(np.nan_to_num(stay, posinf=0), extended - 1).astype(int)
    moves = np.isfinite(stay) & (rng.random(len(stay)) < moving[week] / (moving + losing)[week])
    share = np.cumsum(model.sections[section].jumps[:, np.minimum(week, WEEKS - 1)], axis=0)
    to = (rng.random(len(stay)) > share).sum(axis=0)
    return np.where(moves, to, -1), entered + stay - age


def arrived_by(months, model, start, section, age, rng):
    """Return the share at the last milestone by the end of each month."""
    at, when, old = np.full(len(start), section), start, np.full(len(start), float(age))
    for step in range(section, 3):
        here = at == step
        at[here], when[here] = walk(step, when[here], old[here], rng, model)
        old[:] = 0.0
    weeks = (np.array(months) - TODAY.as_of) / WEEK
    return np.array([((at == 3) & (when <= week)).mean() for week in weeks])


def one_class():
    """Return journeys whose potentials are all the same, so that there is one class."""
    return replace(TODAY, values=np.where(np.isnan(TODAY.recorded), NAN, 1000.0))


def test_the_mean_of_what_is_open_equals_two_million_simulated_ways():
    today = one_class()
    age = 5
    alone = np.full((1, 4), NAN)
    alone[0, 0] = today.as_of - 7 * age
    model = measure(today, PLANS, draws=1)
    plain = replace(model.clock, speeds=np.ones(12), days=np.array([-1e6, 1e6]), readings=np.array([-1e6, 1e6]))
    model = replace(model, clock=plain)
    waiting = journeys(alone, as_of=today.as_of, values=[[1000.0, NAN, NAN, NAN]])
    months = ends(today.as_of, 9)
    found = forecast(waiting, PLANS, months, model=model, draws=1, calibration=NOTHING, milestones=[3], paths=1)
    exact = arrived_by(months, model, np.zeros(2_000_000), 0, age, np.random.default_rng(1))
    said_by = found.open_mean[-1].cumsum() / 1000
    np.testing.assert_allclose(said_by[[3, 6, 9]], exact[[3, 6, 9]], rtol=0.02)


def test_the_mean_of_new_business_equals_a_million_simulated_arrivals():
    model = measure(one_class(), PLANS, draws=1)
    even = replace(model.clock, speeds=np.ones(12), days=np.array([-1e6, 1e6]), readings=np.array([-1e6, 1e6]))
    model = replace(model, clock=even, new=replace(model.new, season=np.ones(12)))
    months = ends(TODAY.as_of, 9)
    empty = journeys(np.empty((0, 4)), as_of=TODAY.as_of)
    found = forecast(empty, PLANS, months, model=model, draws=1, calibration=NOTHING, milestones=[3], paths=1)
    weeks = (months[-1] - TODAY.as_of) / WEEK
    rng = np.random.default_rng(1)
    share = arrived_by(months, model, rng.uniform(0, weeks, 1_000_000), 0, 0, rng)
    expected = share * found.inflow_count.sum() * found.inflow_value
    np.testing.assert_allclose(found.new_mean[-1].cumsum()[[5, 9]], expected[[5, 9]], rtol=0.02)


def test_simulated_money_has_the_analytic_mean_before_it_is_brought_to_it(monkeypatch):
    monkeypatch.setattr("milestone_cli.estimate.forecast.CLOSEST", 1.0)
    monkeypatch.setattr("milestone_cli.estimate.forecast.FARTHEST", 1.0)
    found = said(paths=20_000, milestones=[3], calibration=Calibration(spread=0.2))
    assert found.money[-1].sum(axis=1).mean() == pytest.approx(found.mean[-1].sum(), rel=0.02)
