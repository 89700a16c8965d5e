"""Where two books say different things of one opportunity: both are told, and which of the two holds."""

from __future__ import annotations

import itertools

import pytest
from tests.desk import process

from milestone_cli.domain.contradictions import Side, Why, compare
from milestone_cli.domain.day import day_of
from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.domain.process import ProcessHistory

DAY = day_of(2026, 9, 1)
HISTORY = ProcessHistory.of("b2b", [(process(), DAY, None)])
numbers = itertools.count(1)


def fact(kind, on=0, milestone=None, **more):
    """Return a fact so many days after the first, entered after those made before it."""
    number = next(numbers)
    return Fact(
        kind=kind, on=DAY + on, milestone=milestone, id=f"{number:032x}", number=number, entered_at=number,
        known_on=DAY + on, opportunity=1, **more,
    )  # fmt: skip


def reached(milestone, on, **more):
    return fact(Kind.REACHED, on, milestone, **more)


def told(here, there):
    """Return which side holds and why, of books that share no fact but those in both lists."""
    return [(one.holds, one.why) for one in compare(here, there, HISTORY).contradictions]


OPENED = fact(Kind.OPENED)


def test_what_both_have_and_what_both_say_is_no_contradiction():
    here, there = (
        [OPENED, reached("interest", 2), fact(Kind.REVALUED, 3, value=7), fact(Kind.ASSIGNED, 3, rep=2)]
        for _ in range(2)
    )
    compared = compare(here, there, HISTORY)
    assert (compared.contradictions, compared.alike) == ((), 3)


def test_of_two_days_of_a_milestone_the_earlier_one_holds():
    here, there = [OPENED, reached("interest", 5)], [OPENED, reached("interest", 2)]
    [found] = compare(here, there, HISTORY).contradictions
    assert (found.holds, found.why) == (Side.THERE, Why.EARLIER_DAY)
    assert (found.here.on, found.there.on) == (DAY + 5, DAY + 2)
    assert told(there, here) == [(Side.HERE, Why.EARLIER_DAY)]


def test_of_one_day_of_a_milestone_with_two_values_the_one_entered_first_holds():
    here, there = [OPENED, reached("interest", 5, value=3)], [OPENED, reached("interest", 5, value=4)]
    assert told(here, there) == [(Side.HERE, Why.ENTERED_EARLIER)]


@pytest.mark.parametrize(
    ("kind", "one", "other"), [(Kind.REVALUED, {"value": 3}, {"value": 4}), (Kind.ASSIGNED, {"rep": 1}, {"rep": 2})]
)
def test_of_two_values_or_reps_of_one_day_the_one_entered_later_holds(kind, one, other):
    here, there = [OPENED, fact(kind, 5, **one)], [OPENED, fact(kind, 5, **other)]
    assert told(here, there) == [(Side.THERE, Why.ENTERED_LATER)]
    assert told(there, here) == [(Side.HERE, Why.ENTERED_LATER)]


def test_what_changes_a_fact_of_the_other_book_knowingly_contradicts_nothing():
    known = fact(Kind.REVALUED, 5, value=3)
    assert told([OPENED, known], [OPENED, known, fact(Kind.REVALUED, 5, value=4)]) == []


def test_two_openings_hold_each_from_its_day_on_and_the_earlier_title_stays():
    here = [fact(Kind.OPENED, 0, value=3, rep=1, texts={"title": "Plant"})]
    there = [fact(Kind.OPENED, 4, value=5, rep=2, texts={"title": "Works"})]
    assert told(here, there) == [(Side.BOTH, Why.LATER_DAY), (Side.HERE, Why.EARLIER_DAY)]
    assert told(there, here) == [(Side.BOTH, Why.LATER_DAY), (Side.THERE, Why.EARLIER_DAY)]


def test_two_openings_that_say_the_same_of_value_and_rep_contradict_nothing():
    assert told([fact(Kind.OPENED, 0, value=3)], [fact(Kind.OPENED, 4, value=3, rep=2)]) == []


def test_what_was_lost_or_won_before_has_no_effect_again():
    lost, won = fact(Kind.LOST, 3), reached("order", 3)
    assert told([OPENED, lost], [OPENED, fact(Kind.LOST, 5)]) == [(Side.HERE, Why.LOST)]
    assert told([OPENED, won], [OPENED, fact(Kind.LOST, 5)]) == [(Side.HERE, Why.WON)]


def test_a_reopening_of_what_is_not_lost_then_holds_on_no_side():
    lost = fact(Kind.LOST, 2)
    here = [OPENED, lost, fact(Kind.VOIDED, 9, voids=lost.id)]
    there = [OPENED, lost, fact(Kind.REOPENED, 4)]
    [found] = compare(here, there, HISTORY).contradictions
    assert (found.holds, found.why, found.here) == (Side.NEITHER, Why.NOT_LOST, None)
    assert found.there.kind is Kind.REOPENED


def test_a_takeover_stands_before_milestones_and_comes_too_late_after_them():
    taken = fact(Kind.STANDING, 3, "problem", since=DAY)
    assert told([OPENED, taken], [OPENED, reached("invited", 6)]) == [(Side.HERE, Why.TAKEN_OVER)]
    assert told([OPENED, reached("invited", 1)], [OPENED, taken]) == [(Side.HERE, Why.TAKEN_OVER_LATE)]


def test_a_milestone_that_the_other_book_itself_makes_nothing_of_contradicts_nothing():
    there = [OPENED, reached("paid", 3)]
    assert told([OPENED], there) == []
    longer = ProcessHistory.of("b2b", [(process((*process().keys, "paid")), DAY, None)])
    assert compare([OPENED], there, longer).contradictions == ()


def test_an_opening_that_was_taken_back_contradicts_nothing():
    here = [OPENED, fact(Kind.VOIDED, 9, voids=OPENED.id)]
    assert told(here, [OPENED, reached("interest", 3)]) == []


def test_a_milestone_before_which_a_later_one_was_reached_is_out_of_order():
    here, there = [OPENED, reached("problem", 2)], [OPENED, reached("invited", 6)]
    [found] = compare(here, there, HISTORY).contradictions
    assert (found.holds, found.why) == (Side.HERE, Why.OUT_OF_ORDER)


def test_a_customer_who_moves_after_a_loss_is_back():
    here, there = [OPENED, reached("interest", 1), fact(Kind.LOST, 3)], [OPENED, reached("invited", 6)]
    assert told(here, there) == [(Side.THERE, Why.MOVED)]
    assert told(there, here) == [(Side.HERE, Why.MOVED)]
