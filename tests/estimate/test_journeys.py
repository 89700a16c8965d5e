"""What counts as a stay, and from when to when."""

import numpy as np
import pytest
from tests.estimate.made import NAN, journeys

from milestone_cli.estimate.classes import value_classes
from milestone_cli.estimate.clock import even_clock
from milestone_cli.estimate.journeys import stays
from milestone_cli.estimate.known import fingerprint, known_by
from milestone_cli.estimate.marks import marks
from milestone_cli.estimate.standing import standing


def test_a_move_a_loss_and_waiting_end_a_stay():
    found = stays(journeys([[100, 130], [100, NAN], [100, NAN]], as_of=200, lost=[NAN, 160, NAN]), 0)
    assert found.days.tolist() == [30, 60, 100.5]
    assert (found.moved.tolist(), found.lost.tolist(), found.open.tolist()) == (
        [True, False, False],
        [False, True, False],
        [False, False, True],
    )


def test_a_skip_is_a_jump_that_reached_the_next_or_beyond():
    one = journeys([[10, NAN, 50, NAN]], values=[[5, 6, 7, 8]])
    first = stays(one, 0)
    assert (first.moved[0], first.to[0], first.days[0], first.value_after[0]) == (True, 2, 40, 7)
    assert len(stays(one, 1)) == 0
    assert stays(one, 2).open.tolist() == [True]


def test_an_opportunity_that_begins_at_a_later_milestone_is_no_case_before_it():
    one = journeys([[NAN, NAN, 50, 80]])
    assert [len(stays(one, section)) for section in range(3)] == [0, 0, 1]


def test_a_loss_followed_by_a_later_milestone_is_no_loss():
    found = journeys([[10, 50, NAN]], lost=[30])
    assert np.isnan(found.lost[0])
    assert (stays(found, 0).moved[0], stays(found, 1).open[0]) == (True, True)


def test_a_loss_at_the_last_milestone_reached_stands():
    found = stays(journeys([[10, 50, NAN]], lost=[50]), 1)
    assert (found.lost[0], found.days[0]) == (True, 0.25)


def test_of_days_out_of_order_the_later_milestone_wins():
    found = journeys([[30, 20, 40]])
    assert found.recorded.tolist() == [[20, 20, 40]]
    assert stays(found, 0).days.tolist() == [0.25]


def test_what_ended_before_the_book_began_was_never_seen():
    found = stays(journeys([[10, 40], [10, 60], [55, 90]], as_of=100, seen_from=[50, 50, 50]), 0)
    assert found.days.tolist() == [50, 35]
    assert found.hidden.tolist() == [40, 0]


def test_who_left_on_the_day_the_book_began_was_seen_leaving():
    found = stays(journeys([[10, 50]], as_of=100, seen_from=[50]), 0)
    assert (found.days[0], found.hidden[0]) == (40, 39.75)


def test_a_loss_ends_the_waiting_on_the_list_when_it_becomes_known():
    found = stays(journeys([[0, NAN]] * 3, as_of=100, lost=[30, 30, NAN], lost_known=[45, 300, NAN]), 0)
    assert found.days.tolist() == [30, 30, 100.5]
    assert found.waited.tolist() == [45, 100.5, 100.5]
    assert found.as_listed().days.tolist() == [45, 100.5, 100.5]


def test_without_days_of_knowing_a_loss_was_known_at_once():
    found = stays(journeys([[0, NAN]], as_of=100, lost=[30]), 0)
    assert found.waited is found.days


@pytest.mark.parametrize("section", range(3))
def test_every_opportunity_is_a_case_where_it_was_recorded_and_nowhere_else(section):
    rng = np.random.default_rng(4)
    recorded = np.where(rng.random((200, 4)) < 0.6, np.cumsum(rng.integers(1, 60, (200, 4)), axis=1), np.nan)
    recorded[:, 0] = 0
    found = stays(journeys(recorded), section)
    assert len(found) == (~np.isnan(recorded[:, section])).sum()
    assert found.moved.sum() == (~np.isnan(recorded[~np.isnan(recorded[:, section]), section + 1 :])).any(axis=1).sum()


def test_stays_that_begin_or_end_in_an_edit_of_many_are_left_out():
    made = journeys(
        [[10, 40, NAN], [10, 40, NAN], [10, NAN, 90], [10, NAN, NAN]],
        bulk=[[0, 1, 0], [0, 0, 0], [0, 0, 1], [0, 0, 0]],
    )
    first, second = stays(made, 0), stays(made, 1)
    assert (len(first), first.moved.tolist(), len(second), second.open.tolist()) == (2, [True, False], 1, [True])
    assert (made.moves_by_edit(), made.moves_by_edit(0), made.moves_by_edit(1)) == (2, 2, 0)


def test_a_milestone_pulled_down_to_the_day_of_an_edit_of_many_has_that_day():
    made = journeys([[30, 20, NAN], [10, 20, NAN]], bulk=[[0, 1, 0], [0, 1, 0]])
    assert made.bulk.tolist() == [[True, True, False], [False, True, False]]


def test_journeys_without_edits_of_many_carry_no_marks():
    assert journeys([[10, 40]], bulk=[[0, 0]]).bulk is None
    assert journeys([[10, 40]]).bulk is None


def test_who_stands_at_a_milestone_of_an_edit_of_many_is_open_since_its_day():
    plain, marked = journeys([[10, 40, NAN]], as_of=100), journeys([[10, 40, NAN]], as_of=100, bulk=[[0, 1, 0]])
    clock, classes = even_clock(), value_classes(np.empty(0))
    found, expected = (standing(one, classes, clock, [None, None]) for one in (marked, plain))
    assert (
        (found.section.tolist(), found.age.tolist()) == (expected.section.tolist(), expected.age.tolist()) == ([1], [9])
    )


def test_a_mark_counts_from_its_day_on_in_what_was_known():
    plain, marked = journeys([[10, 40, NAN]], as_of=100), journeys([[10, 40, NAN]], as_of=100, bulk=[[0, 1, 0]])
    assert known_by(marked, 30).bulk is None
    assert known_by(marked, 40).bulk.tolist() == [[False, True, False]]
    for told in (lambda one, day: marks(one).by(day), lambda one, day: fingerprint(known_by(one, day))):
        assert told(marked, 30) == told(plain, 30)
        assert told(marked, 40) != told(plain, 40)
