"""Where two books say different things of one opportunity: both are told, and which of the two holds."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from tests.desk import process

from milestone_cli.domain.contradictions import Side, Why, compare
from milestone_cli.domain.day import day_of
from milestone_cli.domain.facts import Evidence, Fact, Kind
from milestone_cli.domain.opportunity import replay
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


def test_an_opening_that_one_of_two_has_taken_back_is_told_on_both_sides_and_what_comes_later_counts():
    gone = [OPENED, fact(Kind.VOIDED, 9, voids=OPENED.id)]
    gone_on = [OPENED, reached("interest", 3)]
    counts = (Side.BOTH, Why.NO_OPENING)
    assert told(gone, gone_on) == [(Side.HERE, Why.TAKEN_BACK), counts]
    assert told(gone_on, gone) == [(Side.THERE, Why.TAKEN_BACK), counts]
    # the other book may have taken this one's word before
    assert told(gone, [*gone, gone_on[1]]) == [counts]


def test_what_the_other_book_has_only_taken_back_is_told():
    moved = reached("interest", 2)
    compared = compare([OPENED, moved], [OPENED, moved, fact(Kind.VOIDED, 9, voids=moved.id)], HISTORY)
    [found] = compared.contradictions
    assert (found.here.milestone, found.there, found.holds) == ("interest", None, Side.THERE)
    assert (found.why, compared.alike) == (Why.TAKEN_BACK, 0)


def test_what_this_book_has_taken_back_on_its_own_is_no_news_to_it():
    moved = reached("interest", 2)
    here = [OPENED, moved, fact(Kind.VOIDED, 9, voids=moved.id)]
    assert told(here, [OPENED, moved]) == []
    assert told(here, [OPENED, moved, reached("invited", 5)]) == []


def corrected(wrong, **more):
    """Return what takes a fact back and says it anew in the same moment."""
    taking_back = fact(Kind.VOIDED, 9, voids=wrong.id)
    return [taking_back, replace(fact(wrong.kind, **more), entered_at=taking_back.entered_at)]


def test_what_the_other_book_has_corrected_is_told_with_what_it_says_now():
    wrong = reached("interest", 2)
    [found] = compare(
        [OPENED, wrong], [OPENED, wrong, *corrected(wrong, on=4, milestone="interest")], HISTORY
    ).contradictions
    assert (found.here.on, found.there.on) == (DAY + 2, DAY + 4)
    assert (found.holds, found.why) == (Side.THERE, Why.CORRECTED)


def test_what_the_other_book_has_corrected_in_its_text_alone_is_told_as_that_text():
    wrong = reached("interest", 2, texts={"text": "Yes"})
    now = corrected(wrong, on=2, milestone="interest", texts={"text": "No"})
    [found] = compare([OPENED, wrong], [OPENED, wrong, *now], HISTORY).contradictions
    assert (found.here.text, found.there.text, found.here.key) == ("Yes", "No", "text")
    assert (found.holds, found.why) == (Side.THERE, Why.CORRECTED)


def test_a_correction_that_the_other_book_undid_brings_the_first_day_back_and_that_is_told_in_both():
    first = reached("interest", 2)
    amended = corrected(first, on=10, milestone="interest")
    both = [OPENED, first, *amended]
    again = [*both, *corrected(amended[1], on=11, milestone="interest")]
    undone = [*both, *(fact(Kind.VOIDED, 9, voids=one.id) for one in amended)]
    [found] = compare(again, undone, HISTORY).contradictions
    assert (found.here.on, found.there.on) == (DAY + 11, DAY + 2)
    assert (found.holds, found.why) == (Side.THERE, Why.EARLIER_DAY)
    [found] = compare(undone, again, HISTORY).contradictions
    assert (found.here.on, found.there.on) == (DAY + 2, DAY + 11)
    assert (found.holds, found.why) == (Side.HERE, Why.EARLIER_DAY)


def test_what_was_taken_back_here_and_is_brought_back_there_is_told():
    moved = reached("interest", 2)
    taken = fact(Kind.VOIDED, 9, voids=moved.id)
    here = [OPENED, moved, taken]
    [found] = compare(here, [*here, fact(Kind.VOIDED, 9, voids=taken.id)], HISTORY).contradictions
    assert (found.here, found.there.milestone) == (None, "interest")
    assert (found.holds, found.why) == (Side.THERE, Why.BROUGHT_BACK)


def test_what_an_undone_merge_had_brought_contradicts_again_and_is_not_told_as_brought_back():
    mine, brought = reached("interest", 5), reached("interest", 2)
    invited = reached("invited", 7)
    voids = [fact(Kind.VOIDED, 9, voids=one.id) for one in (brought, invited)]
    here, there = [OPENED, mine, brought, invited, *voids], [OPENED, brought, invited]
    back = [fact(Kind.VOIDED, 9, voids=one.id) for one in voids]
    compared = compare(here, there, HISTORY, back=back)
    assert [(one.holds, one.why) for one in compared.contradictions] == [(Side.THERE, Why.EARLIER_DAY)]
    assert compared.alike == 0


def test_of_two_openings_of_one_day_the_one_entered_later_says_value_and_rep_and_the_first_the_title():
    here = [fact(Kind.OPENED, 0, value=3, texts={"title": "Plant"})]
    there = [fact(Kind.OPENED, 0, value=5, texts={"title": "Works"})]
    assert told(here, there) == [(Side.THERE, Why.ENTERED_LATER), (Side.HERE, Why.ENTERED_EARLIER)]


def test_titles_that_differ_are_told_where_the_two_say_nothing_else():
    here, there = ([fact(Kind.OPENED, 0, texts={"title": title})] for title in ("Plant", "Works"))
    [found] = compare(here, there, HISTORY).contradictions
    assert (found.here.text, found.there.text, found.holds) == ("Plant", "Works", Side.HERE)


@pytest.mark.parametrize(
    ("kind", "milestone", "role", "one", "other"),
    [
        (Kind.REACHED, "interest", "text", {"texts": {"text": "Yes"}}, {"texts": {"text": "Perhaps"}}),
        (Kind.REACHED, "interest", "by", {"texts": {"by": "Ms A"}}, {"texts": {"by": "Ms B"}}),
        (Kind.REACHED, "interest", "ref", {}, {"texts": {"ref": "a mail"}}),
        (Kind.REACHED, "interest", "evidence", {"evidence": Evidence.SAID}, {"evidence": Evidence.WROTE}),
        (Kind.LOST, None, "reason", {"texts": {"reason": "Price"}}, {"texts": {"reason": "Time"}}),
        (Kind.LOST, None, "revisit", {"revisit": DAY + 90}, {"revisit": DAY + 60}),
        (Kind.REACHED, "interest", "bulk", {"bulk": True}, {"bulk": False}),
        (Kind.REACHED, "interest", "bulk", {"bulk": False}, {"bulk": True}),
    ],
)
def test_what_two_say_otherwise_of_the_same_day_is_told_and_what_was_entered_first_holds(
    kind, milestone, role, one, other
):
    first = [OPENED, fact(kind, 5, milestone, **one)]
    second = [OPENED, fact(kind, 5, milestone, **other)]
    compared = compare(first, second, HISTORY)
    [found] = compared.contradictions
    assert (found.holds, found.why, compared.alike) == (Side.HERE, Why.ENTERED_EARLIER, 1)
    assert found.there.key == role
    assert (found.here is None) == (one == {})
    assert told(second, first) == [(Side.THERE, Why.ENTERED_EARLIER)]


def lost(on, revisit=None):
    return fact(Kind.LOST, on, revisit=None if revisit is None else DAY + revisit)


def test_a_day_to_look_again_that_only_one_of_two_losses_has_holds_and_is_no_contradiction():
    here, there = [OPENED, lost(5)], [OPENED, lost(5, 90)]
    assert told(here, there) == told(there, here) == []
    assert replay([*here, there[1]], HISTORY).revisit_on == DAY + 90


def test_a_day_to_look_again_that_gives_way_to_one_entered_earlier_is_told_whoever_was_lost_first():
    first, theirs, mine = lost(5), lost(5, 60), lost(5, 90)
    [found] = compare([OPENED, first, mine], [OPENED, theirs], HISTORY).contradictions
    assert (found.holds, found.why) == (Side.THERE, Why.ENTERED_EARLIER)
    assert (found.here.text, found.there.text) == ("2026-11-30", "2026-10-31")
    # both are of the other book, which knows
    assert told([OPENED, first], [OPENED, theirs, mine]) == []


def test_of_a_loss_that_is_over_no_day_to_look_again_is_told():
    again = fact(Kind.REOPENED, 9)
    assert told([OPENED, lost(5, 90), again], [OPENED, lost(5, 60)]) == []


def test_a_day_to_look_again_that_the_other_book_has_corrected_is_told():
    wrong = lost(5, 90)
    now = corrected(wrong, on=5, revisit=DAY + 60)
    [found] = compare([OPENED, wrong], [OPENED, wrong, *now], HISTORY).contradictions
    assert (found.here.key, found.here.text, found.there.text) == ("revisit", "2026-11-30", "2026-10-31")
    assert (found.holds, found.why) == (Side.THERE, Why.CORRECTED)


def test_where_what_holds_says_more_nothing_is_lost():
    assert told([OPENED, reached("interest", 5, texts={"text": "Yes"})], [OPENED, reached("interest", 5)]) == []


def test_a_milestone_before_which_a_later_one_was_reached_is_out_of_order():
    here, there = [OPENED, reached("problem", 2)], [OPENED, reached("invited", 6)]
    [found] = compare(here, there, HISTORY).contradictions
    assert (found.holds, found.why) == (Side.HERE, Why.OUT_OF_ORDER)


def test_a_customer_who_moves_after_a_loss_is_back():
    here, there = [OPENED, reached("interest", 1), fact(Kind.LOST, 3)], [OPENED, reached("invited", 6)]
    assert told(here, there) == [(Side.THERE, Why.MOVED)]
    assert told(there, here) == [(Side.HERE, Why.MOVED)]
