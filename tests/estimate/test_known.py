"""What was known on a past day."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.estimate.made import NAN, journeys, pipeline

from milestone_cli.estimate.journeys import Journeys
from milestone_cli.estimate.known import known_by


def same(one, other):
    for name in ("recorded", "lost", "values", "seen_from", "rep"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert one.as_of == other.as_of


@given(st.integers(0, 5), st.integers(0, 1400), st.integers(0, 1400), st.booleans())
def test_what_was_known_by_a_day_is_the_same_seen_from_any_later_day(seed, one, other, known_late):
    today = pipeline(seed, 60, known_late=known_late)
    early, late = min(one, other), max(one, other)
    same(known_by(known_by(today, late), early), known_by(today, early))


def test_on_the_as_of_day_nothing_is_hidden():
    today = pipeline(3, 80)
    same(known_by(today, today.as_of), today)


@pytest.mark.parametrize("day", [200, 700, 1100])
def test_facts_after_a_day_do_not_change_what_was_known_by_it(day):
    today = pipeline(4, 100, known_late=True)
    later = today.recorded > day
    changed = replace(
        today,
        recorded=np.where(later, today.recorded + 5, today.recorded),
        lost=np.where(today.lost > day, today.lost + 9, today.lost),
        values=np.where(later, 1.0, today.values),
    )
    same(known_by(changed, day), known_by(today, day))


def test_a_milestone_counts_only_from_the_day_it_became_known():
    late = Journeys.in_order(
        100, recorded=np.array([[10.0, 20.0]]), lost=np.array([NAN]), values=np.full((1, 2), NAN),
        seen_from=np.array([-np.inf]), rep=np.array([0]), known=np.array([[NAN, 50.0]]),
    )  # fmt: skip
    assert np.isnan(known_by(late, 49).recorded[0, 1])
    assert known_by(late, 50).recorded[0, 1] == 20


def test_days_out_of_order_are_not_known_before_their_own_day():
    pulled = journeys([[40.0, 10.0]], as_of=100)
    assert pulled.recorded.tolist() == [[10.0, 10.0]]
    assert np.isnan(known_by(pulled, 20).recorded[0, 0])
    assert known_by(pulled, 40).recorded.tolist() == [[10.0, 10.0]]


def test_a_takeover_is_known_from_the_day_it_was_taken_over():
    standing = journeys([[10.0, NAN]], as_of=100, seen_from=[60.0])
    assert not len(known_by(standing, 59).recorded)
    assert known_by(standing, 60).recorded[0, 0] == 10


def test_a_loss_that_was_taken_back_counts_while_it_was_in_force():
    reopened = replace(journeys([[10.0, NAN]], as_of=100), withdrawn=np.array([[0.0, 30.0, 32.0, 50.0]]))
    assert np.isnan(known_by(reopened, 31).lost[0])
    assert known_by(reopened, 32).lost[0] == 30
    assert known_by(reopened, 49).lost[0] == 30
    assert np.isnan(known_by(reopened, 50).lost[0])


def test_a_loss_followed_by_a_milestone_counts_until_that_was_known():
    won_after_all = journeys([[10.0, 60.0]], as_of=100, lost=[30.0])
    assert np.isnan(won_after_all.lost[0])
    assert known_by(won_after_all, 40).lost[0] == 30
    assert np.isnan(known_by(won_after_all, 60).lost[0])


def test_rows_without_anything_are_dropped_and_withdrawn_losses_follow_their_rows():
    two = replace(journeys([[80.0, NAN], [10.0, NAN]], as_of=100), withdrawn=np.array([[1.0, 20.0, 20.0, 30.0]]))
    then = known_by(two, 50)
    assert len(then.recorded) == 1
    assert then.withdrawn.tolist() == [[0.0, 20.0, 20.0, 30.0]]
    assert known_by(then, 25).lost[0] == 20
