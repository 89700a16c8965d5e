"""What was said on a past day can be kept: it survives JSON, its scores are right, and it rests on nothing later."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.estimate.made import NAN, journeys

from milestone_cli.estimate.backtest import backtest, backtest_origins, held_against
from milestone_cli.estimate.journeys import Journeys
from milestone_cli.estimate.known import known_by
from milestone_cli.estimate.plan import ProcessPlan, SectionPlan
from milestone_cli.estimate.replays import PERCENTS, Replay, Told, replay, rests_on
from milestone_cli.estimate.scores import crps, crps_of_quantiles

PLANS = [SectionPlan(0.5, 30.0)]
PLAN = ProcessPlan(PLANS)


def book(size=300, seed=3):
    rng = np.random.default_rng(seed)
    entry = np.sort(np.floor(rng.uniform(0, 1000, size)))
    end = entry + np.floor(rng.uniform(5, 60, size))
    won = (rng.random(size) < 0.5) & (end <= 1000)
    lost = np.where(~won & (end <= 1000), end, NAN)
    recorded = np.stack([entry, np.where(won, end, NAN)], axis=1)
    return journeys(recorded, lost=lost, values=np.full((size, 2), 100.0), as_of=1000)


TODAY = book()
ORIGIN = backtest_origins(TODAY, 3, most=1)[0]


@pytest.mark.parametrize("came", [-5.0, 0.2, 1.0, 3.0, 40.0])
def test_the_score_of_the_percentiles_is_that_of_the_paths(came):
    paths = np.random.default_rng(1).lognormal(0.0, 0.8, 1000)
    kept = np.array(Told.of(paths).quantiles)
    assert len(kept) == PERCENTS + 1
    assert crps_of_quantiles(kept, came) == pytest.approx(float(crps(paths, np.array(came))), rel=0.02)


def test_a_replay_survives_json():
    said = replay(known_by(TODAY, ORIGIN), PLAN, 3, [])
    assert said.months == 3
    assert Replay.of_json(json.loads(json.dumps(said.as_json()))) == said


def test_kept_and_fresh_give_the_same_figures():
    fresh = backtest(TODAY, lambda _: PLAN, months=3, origins=[ORIGIN])
    again = replay(known_by(TODAY, ORIGIN), PLAN, 3, [])
    kept = Replay.of_json(json.loads(json.dumps(again.as_json())))
    assert held_against(TODAY, [kept], 3) == held_against(TODAY, [again], 3)
    assert held_against(TODAY, [kept], 3).points[0].actual == fresh.points[0].actual


def changed_after(day, seed):
    """Return today's journeys with everything that lies after a day, or became known after it, otherwise."""
    rng = np.random.default_rng(seed)
    size = len(TODAY.recorded)
    later = TODAY.recorded > day
    recorded = np.where(later, day + 1 + rng.integers(0, 1000 - day, (size, 2)), TODAY.recorded)
    known = np.where(np.isnan(recorded), NAN, recorded)
    # recorded as of long ago, but nobody knew
    found_late = np.isnan(recorded[:, 1]) & (rng.random(size) < 0.3)
    recorded[found_late, 1] = recorded[found_late, 0] + 1
    known[found_late, 1] = day + 1
    lost = np.where(TODAY.lost > day, np.where(rng.random(size) < 0.5, NAN, day + 5), TODAY.lost)
    # lost by then, and taken up again since
    back = rng.random(size) < 0.3
    back &= TODAY.lost <= day
    taken_back = np.column_stack(
        [np.flatnonzero(back), TODAY.lost[back], TODAY.lost[back], np.full(back.sum(), day + 3)]
    )
    return Journeys.in_order(
        1000,
        recorded=np.sort(recorded, axis=1),
        lost=np.where(back, NAN, lost),
        values=np.where(later, rng.random((size, 2)), TODAY.values),
        seen_from=TODAY.seen_from,
        rep=rng.integers(0, 5, size),
        known=known,
        withdrawn=taken_back,
    )


@given(st.integers(0, 10_000), st.sampled_from(backtest_origins(TODAY, 1, most=12)))
def test_nothing_that_lies_or_became_known_after_a_day_changes_what_a_replay_rests_on(seed, day):
    assert rests_on(known_by(changed_after(day, seed), day), PLANS) == rests_on(known_by(TODAY, day), PLANS)


def test_nothing_that_lies_or_became_known_after_a_day_changes_what_was_said():
    then, otherwise = known_by(TODAY, ORIGIN), known_by(changed_after(ORIGIN, 1), ORIGIN)
    assert replay(then, PLAN, 3, []) == replay(otherwise, PLAN, 3, [])


def test_it_rests_on_facts_plans_and_losses_taken_back():
    then = known_by(TODAY, ORIGIN)
    found = {
        rests_on(then, PLANS, 3),
        rests_on(then, PLANS, 6),
        rests_on(then, [SectionPlan(0.4, 30.0)], 3),
        rests_on(replace(then, recorded=then.recorded - 1), PLANS, 3),
        rests_on(replace(then, withdrawn=np.array([[0.0, 10.0, 10.0, 20.0]])), PLANS, 3),
    }
    assert len(found) == 5


def test_a_day_reached_over_another_is_the_same_day():
    day = ORIGIN - 100
    assert rests_on(known_by(known_by(TODAY, ORIGIN), day)) == rests_on(known_by(TODAY, day))
