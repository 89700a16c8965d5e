"""The way of a deal: first arrivals, what is implied, and what does not fit the way of a process."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.exchange.journey import Journey, Present, Turn, Visit, in_order, journey
from milestone_cli.exchange.oddities import Oddity

LAST = 5
LOST, OPEN = Turn.LOST, Turn.OPEN


def visit(day: int, target: int, at: int | None = None, **more) -> Visit:
    return Visit(day, at, target, day, **more)


def way(*visits: Visit | tuple[int, int], now: int | None = None, closed: int | None = None):
    """Return the steps of a journey as (day, target), and the names of what was odd."""
    notes: list[Oddity] = []
    found = journey(
        [one if isinstance(one, Visit) else visit(*one) for one in visits],
        Present(target=now, closed=lambda: closed, line=99),
        LAST,
        lambda oddity, _line, _day, _milestones: notes.append(oddity),
    )
    return [(step.day, step.target) for step in found.steps], notes, found


def steps(*visits, **more):
    return way(*visits, **more)[0]


def odd(*visits, **more):
    return [oddity.value for oddity in way(*visits, **more)[1]]


def test_each_milestone_is_reached_once_on_its_first_day_and_runs_are_one():
    visits = [(1, 0), (2, 1), (3, 1), (5, 2), (6, 2), (9, 3)]
    assert steps(*visits, now=3) == [(2, 1), (5, 2), (9, 3)]
    assert odd(*visits, now=3) == []


def test_the_order_of_the_rows_does_not_matter():
    assert steps((9, 3), (2, 1), (5, 2), now=3) == [(2, 1), (5, 2), (9, 3)]


def test_a_stage_entered_again_keeps_its_first_day():
    visits = [(1, 1), (2, 2), (3, 1), (4, 2), (5, 3)]
    assert steps(*visits, now=3) == [(1, 1), (2, 2), (5, 3)]
    assert odd(*visits, now=3) == ["moved_back", "entered_again"]


def test_what_was_skipped_is_left_to_be_implied_and_told():
    visits = [(1, 1), (4, 4)]
    assert steps(*visits, now=4) == [(1, 1), (4, 4)]
    assert odd(*visits, now=4) == ["skipped"]


def test_a_skipped_stage_entered_later_is_no_arrival():
    visits = [(1, 1), (4, 3), (6, 2)]
    assert steps(*visits, now=2) == [(1, 1), (4, 3)]
    assert odd(*visits, now=2) == ["skipped", "moved_back"]


def test_a_win_is_the_last_milestone_and_nothing_comes_after_it():
    visits = [(1, 1), (4, LAST), (6, 2), (7, LAST)]
    assert steps(*visits, now=LAST) == [(1, 1), (4, LAST)]
    assert odd(*visits, now=LAST) == ["after_win", "won_without_passing"]


def test_a_win_that_does_not_stand_is_left_out():
    visits = [(1, 1), (4, LAST), (6, 2)]
    assert steps(*visits, now=2) == [(1, 1), (6, 2)]
    assert odd(*visits, now=2) == ["win_taken_back"]
    assert steps((1, 1), (4, LAST), (6, LOST), now=LOST) == [(1, 1), (6, LOST)]


def test_a_loss_and_what_comes_after_it():
    assert steps((1, 1), (2, LOST), (3, LOST), now=LOST) == [(1, 1), (2, LOST)]
    back = [(1, 1), (2, 2), (3, LOST), (5, 1), (7, 3)]
    assert steps(*back, now=3) == [(1, 1), (2, 2), (3, LOST), (5, OPEN), (7, 3)]
    assert odd(*back, now=3) == ["came_back", "moved_back"]
    assert steps(*back, (8, LOST), now=LOST)[-1] == (8, LOST)


def test_a_loss_taken_back_on_its_day_is_none():
    visits = [visit(1, 1, 10), visit(3, LOST, 100), visit(3, 1, 200), visit(9, 2, 10)]
    assert steps(*visits, now=2) == [(1, 1), (9, 2)]
    assert odd(*visits, now=2) == []


def test_a_deal_lost_without_a_milestone_is_a_lost_target_customer():
    assert steps((1, 0), (2, LOST), now=LOST) == [(2, LOST)]
    assert odd((1, 0), (2, LOST), now=LOST) == ["lost_without_passing"]


def test_a_loss_by_status_stays_though_the_stage_changes():
    visits = [visit(1, 1), visit(4, LOST, by_status=True), visit(6, 1)]
    assert steps(*visits, now=LOST) == [(1, 1), (4, LOST)]
    assert odd(*visits, now=LOST) == ["while_lost"]


def test_a_status_that_opens_again_reopens():
    visits = [visit(1, 1), visit(4, LOST, by_status=True), visit(8, OPEN, by_status=True)]
    assert steps(*visits, now=1) == [(1, 1), (4, LOST), (8, OPEN)]
    assert odd(*visits, now=1) == ["came_back"]


def test_an_end_without_a_change_takes_the_day_of_closing():
    assert steps((1, 1), now=LAST, closed=7) == [(1, 1), (7, LAST)]
    assert steps((1, 1), now=LOST, closed=7) == [(1, 1), (7, LOST)]
    assert steps((9, 1), now=LOST, closed=7) == [(9, 1), (9, LOST)]
    assert odd((9, 1), now=LOST, closed=7) == ["dates_backwards"]


def test_an_end_that_nobody_dates_leaves_the_deal_out():
    assert way((1, 1), now=LAST)[2].is_out
    assert odd((1, 1), now=LOST) == ["no_day_for_end"]


def test_an_end_in_the_history_goes_before_an_older_row():
    assert steps((1, 1), (4, LOST), now=1) == [(1, 1), (4, LOST)]
    assert odd((1, 1), (4, LOST), now=1) == ["stage_differs"]
    assert steps((1, 1), (4, LAST), now=1) == [(1, 1), (4, LAST)]
    assert steps((1, 1), (4, LAST), now=LOST, closed=9) == [(1, 1), (4, LAST)]


def test_a_loss_in_the_row_itself_that_no_longer_stands_is_left_out():
    loss = visit(4, LOST, is_last_entry=True)
    assert steps((1, 1), loss, now=1) == [(1, 1)]
    assert odd((1, 1), loss, now=1) == ["loss_taken_back"]


def test_a_stage_without_any_day_stands_and_one_beside_days_is_left_out():
    assert way(now=3)[2] == Journey(standing=3)
    assert odd(now=3) == ["no_day"]
    assert steps((1, 1), now=3) == [(1, 1)]
    assert odd((1, 1), now=3) == ["no_day_for_stage"]


def test_overwritten_dates_that_run_backwards_are_pulled_down():
    entries = [visit(1, 1, is_last_entry=True), visit(9, 2, is_last_entry=True), visit(5, 3, is_last_entry=True)]
    assert steps(*entries, now=3) == [(1, 1), (5, 2), (5, 3)]
    assert odd(*entries, now=3) == ["dates_backwards"]
    every = [visit(9, 1, is_last_entry=True), visit(7, 2, is_last_entry=True), visit(5, 3, is_last_entry=True)]
    assert steps(*every, now=1) == [(5, 1), (5, 2), (5, 3)]


def test_dates_of_a_history_are_never_pulled_down():
    assert steps((1, 1), (9, 2), (5, 3), now=3) == [(1, 1), (5, 3)]


def test_one_day_is_ordered_by_time_or_else_by_milestone():
    timed = [visit(1, 2, 300), visit(1, 1, 100), visit(1, LOST, 400)]
    assert [one.target for one in in_order(timed)] == [1, 2, LOST]
    mixed = [visit(1, LOST), visit(1, 2, 300), visit(1, 1, 900)]
    assert [one.target for one in in_order(mixed)] == [1, 2, LOST]


def test_an_arrival_in_a_bulk_edit_is_told():
    assert odd(visit(1, 1), visit(2, 2, bulk=True), now=2) == ["bulk"]
    assert [one.bulk for one in way(visit(1, 1), visit(2, 2, bulk=True), now=2)[2].steps] == [False, True]


def test_a_loss_in_a_bulk_edit_stays_a_loss_and_is_told_where_it_stands():
    lost = visit(9, LOST, bulk=True)
    assert steps((1, 1), lost, now=LOST) == [(1, 1), (9, LOST)]
    assert odd((1, 1), lost, now=LOST) == ["lost_in_bulk"]
    assert odd((1, 1), visit(9, LOST, 100, bulk=True), visit(9, OPEN, 200), now=1) == []


VISITS = st.lists(
    st.builds(
        Visit, st.integers(0, 30), st.none() | st.integers(0, 9), st.sampled_from([0, 1, 2, 3, 4, 5, LOST, OPEN]),
        st.just(2), by_status=st.booleans(), is_last_entry=st.booleans(), bulk=st.booleans(),
    ),
    max_size=12,
)  # fmt: skip


@pytest.mark.parametrize(
    ("now", "went", "told"),
    [
        (LOST, [(0, LOST)], ["while_lost", "lost_without_passing"]),
        (1, [(0, LOST), (2, OPEN), (2, 1)], ["came_back"]),
        (LAST, [(0, LOST), (2, OPEN), (2, 1), (9, LAST)], ["came_back", "won_without_passing"]),
    ],
)
def test_a_milestone_passed_after_a_loss_by_status_ends_it_unless_it_is_lost_now(now, went, told):
    visits = [visit(0, LOST, by_status=True), (2, 1)]
    assert steps(*visits, now=now, closed=9) == went
    assert odd(*visits, now=now, closed=9) == told


def test_what_a_deal_passed_while_it_was_lost_is_left_out_where_it_is_lost_still():
    visits = [(1, 1), visit(3, LOST, by_status=True), (4, 3), visit(5, OPEN), (6, 1)]
    assert steps(*visits, now=LOST) == [(1, 1), (3, LOST)]
    assert odd(*visits, now=LOST) == ["while_lost", "while_lost"]


@given(VISITS, st.none() | st.sampled_from([0, 1, 2, 3, 4, 5, LOST, OPEN]), st.none() | st.integers(0, 40))
def test_every_journey_is_one_that_a_process_allows(visits, now, closed):
    found = way(*visits, now=now, closed=closed)[2]
    days = [step.day for step in found.steps]
    reached = [step.target for step in found.steps if step.target > 0]
    assert days == sorted(days)
    assert reached == sorted(set(reached))
    lost = False
    for step in found.steps:
        assert step.target != Turn.NOTHING
        if step.target == LOST:
            assert not lost
        if step.target == OPEN or step.target > 0:
            assert lost == (step.target == OPEN)
        lost = step.target == LOST
    if found.steps and LAST in reached:
        assert found.steps[-1].target == LAST
    if not found.is_out and now in (LAST, LOST):
        assert found.steps[-1].target in (LAST, LOST)
    if now is not None and now != LOST and all(one.is_last_entry for one in visits):
        assert not lost
