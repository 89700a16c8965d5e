"""What the facts of one opportunity amount to."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milestone_cli.domain.facts import Fact, Kind, as_known, effective
from milestone_cli.domain.money import currency
from milestone_cli.domain.opportunity import Misfit, Opportunity, Status, Tenure, replay
from milestone_cli.domain.process import Milestone, Process, ProcessHistory

KEYS = ("interest", "invited", "problem", "offer", "order")
D = 20_000
ANNA, BEN = 1, 2


def process_of(*keys: str) -> Process:
    milestones = tuple(Milestone(key=key, name=key.title()) for key in keys)
    return Process(key="b2b", title="B2B", currency=currency("EUR"), milestones=milestones)


HISTORY = ProcessHistory.of("b2b", [(process_of(*KEYS), D - 1000, None)])


def told(*facts: Fact) -> list[Fact]:
    """The facts as recorded one after the other."""
    return [
        replace(fact, number=number, id=fact.id or f"f{number}", entered_at=number, known_on=fact.known_on or fact.on)
        for number, fact in enumerate(facts, start=1)
    ]


def opened(on: int = D, **more: Any) -> Fact:
    return Fact(kind=Kind.OPENED, on=on, **more)


def reached(milestone: str, on: int, **more: Any) -> Fact:
    return Fact(kind=Kind.REACHED, on=on, milestone=milestone, **more)


def fact(kind: Kind, on: int, **more: Any) -> Fact:
    return Fact(kind=kind, on=on, **more)


def state_of(*facts: Fact, history: ProcessHistory = HISTORY) -> Opportunity:
    return replay(effective(told(*facts)), history)


def misfits(state: Opportunity) -> list[Misfit]:
    return [problem.why for problem in state.problems]


def arrivals(state: Opportunity) -> dict[str, tuple[int, bool]]:
    return {key: (arrival.on, arrival.implied) for key, arrival in state.arrivals.items()}


# The order of facts and what stands of them ---------------------------------------------------------------------------


def test_facts_order_by_day_then_entry_then_position_then_id():
    early = Fact(kind=Kind.REACHED, on=1, entered_at=9, position=9, id="z")
    entered = Fact(kind=Kind.REACHED, on=2, entered_at=1, position=9, id="z")
    placed = Fact(kind=Kind.REACHED, on=2, entered_at=2, position=1, id="z")
    named = [Fact(kind=Kind.REACHED, on=2, entered_at=2, position=2, id=name) for name in "ab"]
    order = [early, entered, placed, *named]
    assert effective(reversed(order)) == order


def test_the_opening_comes_first_whatever_its_day():
    facts = told(opened(D + 5), reached("interest", D))
    assert [one.kind for one in effective(reversed(facts))] == [Kind.OPENED, Kind.REACHED]


def test_a_void_takes_a_fact_back_and_a_voided_void_does_not():
    facts = told(
        opened(),
        reached("interest", D + 1),
        fact(Kind.VOIDED, D + 2, voids="f2"),
        fact(Kind.VOIDED, D + 3, voids="f3"),
    )
    assert [one.id for one in effective(facts[:3])] == ["f1"]
    assert [one.id for one in effective(facts)] == ["f1", "f2"]


def test_a_void_acts_at_every_as_of_but_not_before_it_was_known():
    facts = told(opened(), reached("interest", D + 1), fact(Kind.VOIDED, D + 9, voids="f2"))
    assert [one.id for one in as_known(facts, as_of=D + 1)] == ["f1"]
    assert [one.id for one in as_known(facts, known_on=D + 8)] == ["f1", "f2"]
    assert [one.id for one in as_known(facts, known_on=D + 9)] == ["f1"]
    assert [one.id for one in as_known(facts)] == ["f1"]


def test_the_opening_is_seen_as_soon_as_any_other_fact_is():
    facts = told(opened(D + 5), reached("interest", D))
    assert [one.id for one in as_known(facts, as_of=D)] == ["f1", "f2"]
    assert as_known(facts, as_of=D - 1) == []
    assert [one.id for one in as_known(facts, as_of=D + 5)] == ["f1", "f2"]


def test_what_is_known_later_than_known_on_is_not_there():
    facts = told(opened(), reached("interest", D + 1, known_on=D + 7))
    assert [one.id for one in as_known(facts, known_on=D + 6)] == ["f1"]
    assert [one.id for one in as_known(facts, known_on=D + 7, as_of=D + 1)] == ["f1", "f2"]


# Where it stands ------------------------------------------------------------------------------------------------------


def test_without_facts_it_is_not_even_opened():
    state = replay([], HISTORY)
    assert (state.opened_on, state.status, state.arrivals) == (None, Status.TARGET, {})


def test_an_opened_one_is_a_target_customer():
    state = state_of(opened(texts={"title": "Second plant"}, value=4_000_000, rep=ANNA))
    assert (state.status, state.milestone, state.waiting_since) == (Status.TARGET, None, None)
    assert (state.title, state.value, state.rep, state.opened_on) == ("Second plant", 4_000_000, ANNA, D)


def test_a_milestone_reached_is_an_arrival_and_starts_the_clock():
    state = state_of(opened(), reached("interest", D + 3))
    assert (state.status, state.milestone, state.waiting_since) == (Status.OPEN, "interest", D + 3)
    assert arrivals(state) == {"interest": (D + 3, False)}


def test_a_later_milestone_implies_the_earlier_ones_on_the_same_day():
    state = state_of(opened(), reached("interest", D + 1), reached("offer", D + 9))
    assert arrivals(state) == {
        "interest": (D + 1, False),
        "invited": (D + 9, True),
        "problem": (D + 9, True),
        "offer": (D + 9, False),
    }
    assert state.milestone == "offer"


def test_the_last_milestone_wins_it():
    state = state_of(opened(), reached("order", D + 9))
    assert (state.status, state.won_on) == (Status.WON, D + 9)
    assert len(state.arrivals) == len(KEYS)


def test_a_fact_about_an_implied_milestone_between_its_neighbours_makes_it_real():
    state = state_of(opened(), reached("problem", D + 9), reached("invited", D + 5))
    assert arrivals(state) == {"interest": (D + 5, True), "invited": (D + 5, False), "problem": (D + 9, False)}
    assert (state.milestone, state.waiting_since, state.out_of_order) == ("problem", D + 9, False)


def test_a_fact_about_an_implied_milestone_on_the_same_day_makes_it_real_with_its_own_value_and_rep():
    state = state_of(
        opened(value=1, rep=ANNA), reached("problem", D + 9), reached("invited", D + 9, value=500, rep=BEN)
    )
    found = state.arrivals["invited"]
    assert (found.on, found.implied, found.value, found.rep) == (D + 9, False, 500, BEN)


def test_a_milestone_said_later_than_the_next_one_is_pulled_down_to_it_and_reported():
    state = state_of(opened(value=7, rep=ANNA), reached("problem", D + 9), reached("invited", D + 12))
    found = state.arrivals["invited"]
    assert (found.on, found.implied, found.value, found.rep) == (D + 9, False, 7, ANNA)
    assert state.out_of_order
    assert misfits(state) == []


def test_a_milestone_reached_twice_counts_once_with_its_first_day():
    state = state_of(opened(), reached("interest", D + 1), reached("interest", D + 4))
    assert arrivals(state) == {"interest": (D + 1, False)}
    assert misfits(state) == [Misfit.ALREADY_REACHED]


def test_nothing_after_the_order_counts():
    longer = ProcessHistory.of(
        "b2b", [(process_of(*KEYS), D - 1000, None), (process_of(*KEYS, "paid"), D + 10, D + 10)]
    )
    state = state_of(opened(), reached("order", D + 5), reached("paid", D + 20), history=longer)
    assert misfits(state) == [Misfit.ALREADY_WON]
    assert (state.milestone, state.won_on) == ("order", D + 5)


def test_a_milestone_that_no_version_has_has_no_effect():
    state = state_of(opened(), reached("nowhere", D + 1))
    assert misfits(state) == [Misfit.UNKNOWN_MILESTONE]
    assert state.status is Status.TARGET


@pytest.mark.parametrize("kind", [Kind.REACHED, Kind.STANDING])
def test_without_any_version_no_milestone_has_an_effect(kind):
    state = state_of(opened(), fact(kind, D + 1, milestone="interest"), history=ProcessHistory("b2b", ()))
    assert (misfits(state), state.status) == ([Misfit.UNKNOWN_MILESTONE], Status.TARGET)


def test_a_milestone_of_another_version_than_the_day_s_is_found_there():
    shorter = ProcessHistory.of(
        "b2b", [(process_of(*KEYS), D - 1000, None), (process_of("interest", "offer", "order"), D, D)]
    )
    state = state_of(opened(), reached("problem", D + 5), reached("offer", D + 6), history=shorter)
    assert arrivals(state)["problem"] == (D + 5, False)
    assert arrivals(state)["offer"] == (D + 6, False)
    assert misfits(state) == []


def test_facts_without_an_opening_are_reported_and_still_count():
    state = state_of(reached("interest", D + 1), reached("invited", D + 2))
    assert misfits(state) == [Misfit.NOT_OPENED]
    assert (state.opened_on, state.milestone) == (D + 1, "invited")


def test_renaming_changes_the_title_and_nothing_else():
    state = state_of(opened(texts={"title": "old"}), fact(Kind.RENAMED, D + 1, texts={"title": "new"}))
    assert state.title == "new"
    assert state_of(opened(texts={"title": "old"}), fact(Kind.RENAMED, D + 1)).title == "old"


# Value and rep --------------------------------------------------------------------------------------------------------


def test_an_arrival_takes_the_value_and_rep_of_its_own_line_else_the_last_earlier_ones():
    state = state_of(
        opened(value=100, rep=ANNA),
        reached("interest", D + 1),
        reached("invited", D + 2, value=300, rep=BEN),
        reached("problem", D + 3),
    )
    found = {key: (arrival.value, arrival.rep) for key, arrival in state.arrivals.items()}
    assert found == {"interest": (100, ANNA), "invited": (300, BEN), "problem": (300, BEN)}


def test_a_backdated_revaluation_reprices_later_arrivals_without_a_value_of_their_own():
    state = state_of(
        opened(value=100),
        reached("interest", D + 1),
        reached("invited", D + 3),
        reached("problem", D + 5, value=900),
        reached("offer", D + 7),
        fact(Kind.REVALUED, D + 2, value=200),
    )
    assert [arrival.value for arrival in state.arrivals.values()] == [100, 200, 900, 900]
    assert state.value == 900


def test_a_value_of_zero_says_nothing():
    assert state_of(opened(value=0)).value is None
    assert state_of(opened(value=5), reached("interest", D, value=0)).arrivals["interest"].value == 5


def test_a_rep_owns_it_while_it_is_open_and_the_next_from_the_day_of_assignment():
    state = state_of(
        opened(rep=ANNA),
        reached("interest", D + 1),
        fact(Kind.ASSIGNED, D + 4, rep=BEN),
        fact(Kind.LOST, D + 9),
    )
    assert state.tenures == [Tenure(ANNA, D + 1, D + 4), Tenure(BEN, D + 4, D + 9)]


def test_a_tenure_that_begins_and_ends_on_one_day_is_none():
    state = state_of(opened(rep=ANNA), reached("interest", D + 1), fact(Kind.ASSIGNED, D + 1, rep=BEN))
    assert state.tenures == [Tenure(BEN, D + 1, None)]


def test_an_open_one_without_a_rep_has_no_tenure():
    assert state_of(opened(), reached("interest", D + 1)).tenures == []


# Loss, return, takeover -----------------------------------------------------------------------------------------------


def test_a_loss_keeps_where_it_stood_with_reason_and_day_to_look_again():
    state = state_of(
        opened(), reached("interest", D + 1), fact(Kind.LOST, D + 5, revisit=D + 90, texts={"reason": "too dear"})
    )
    assert (state.status, state.milestone, state.lost_on) == (Status.LOST, "interest", D + 5)
    assert (state.reason, state.revisit_on) == ("too dear", D + 90)


def test_a_second_loss_of_the_same_day_supplies_the_day_to_look_again_where_the_first_has_none():
    first, second, other_day = (
        fact(Kind.LOST, on, revisit=revisit) for on, revisit in ((D + 5, None), (D + 5, D + 90), (D + 6, D + 70))
    )
    supplied = state_of(opened(), first, second)
    assert (supplied.revisit_on, misfits(supplied)) == (D + 90, [Misfit.ALREADY_LOST])
    assert replace(supplied, revisit_on=None, problems=[]) == state_of(opened(), first)
    assert state_of(opened(), second, replace(second, revisit=D + 60)).revisit_on == D + 90
    assert state_of(opened(), first, other_day).revisit_on is None
    assert state_of(opened(), first, second, fact(Kind.REOPENED, D + 6)).revisit_on is None


def test_reopening_does_not_reset_the_clock():
    state = state_of(
        opened(), reached("interest", D + 1), fact(Kind.LOST, D + 5, texts={"reason": "x"}), fact(Kind.REOPENED, D + 8)
    )
    assert (state.status, state.waiting_since, state.lost_on, state.reason) == (Status.OPEN, D + 1, None, "")
    assert not state.reopened


def test_only_a_milestone_resets_the_clock():
    state = state_of(
        opened(rep=ANNA),
        reached("interest", D + 1),
        fact(Kind.REVALUED, D + 4, value=9),
        fact(Kind.ASSIGNED, D + 5, rep=BEN),
        fact(Kind.LOST, D + 6),
        fact(Kind.REOPENED, D + 7),
    )
    assert state.waiting_since == D + 1


def test_a_milestone_after_a_loss_implies_a_reopening():
    state = state_of(opened(), reached("interest", D + 1), fact(Kind.LOST, D + 5), reached("invited", D + 8))
    assert (state.status, state.reopened, state.lost_on) == (Status.OPEN, True, None)


def test_an_earlier_milestone_told_after_a_loss_does_not_reopen():
    state = state_of(opened(), reached("problem", D + 1), fact(Kind.LOST, D + 5), reached("invited", D + 8))
    assert state.status is Status.LOST


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ([reached("order", D + 1), fact(Kind.LOST, D + 2)], Misfit.ALREADY_WON),
        ([fact(Kind.LOST, D + 1), fact(Kind.LOST, D + 2)], Misfit.ALREADY_LOST),
        ([fact(Kind.REOPENED, D + 1)], Misfit.NOT_LOST),
        ([fact(Kind.STANDING, D + 1, milestone="nowhere")], Misfit.UNKNOWN_MILESTONE),
        ([reached("interest", D + 1), fact(Kind.STANDING, D + 2, milestone="invited")], Misfit.TAKEOVER_TOO_LATE),
        ([fact(Kind.LOST, D + 1), fact(Kind.STANDING, D + 2, milestone="invited")], Misfit.TAKEOVER_TOO_LATE),
        (
            [fact(Kind.STANDING, D + 1, milestone="invited"), fact(Kind.STANDING, D + 2, milestone="offer")],
            Misfit.TAKEOVER_TOO_LATE,
        ),
        ([fact(Kind.STANDING, D + 1, milestone="problem"), reached("invited", D + 2)], Misfit.BEFORE_TAKEOVER),
        ([fact(Kind.STANDING, D + 1, milestone="problem"), reached("problem", D + 2)], Misfit.BEFORE_TAKEOVER),
    ],
)
def test_what_does_not_fit_is_named_and_moves_nothing(facts, why):
    before, after = state_of(opened(), *facts[:-1]), state_of(opened(), *facts)
    assert misfits(after) == [why]
    assert (after.status, after.milestone, arrivals(after)) == (before.status, before.milestone, arrivals(before))


def test_a_takeover_is_no_arrival_and_its_clock_runs_from_since():
    state = state_of(opened(), fact(Kind.STANDING, D + 10, milestone="problem", since=D - 40))
    assert (state.status, state.milestone, state.waiting_since) == (Status.OPEN, "problem", D - 40)
    assert state.arrivals == {}
    assert state.standing is not None
    assert (state.standing.on, state.standing.since) == (D + 10, D - 40)


def test_a_takeover_without_since_or_with_a_later_one_stands_since_its_own_day():
    for since in (None, D + 50):
        assert state_of(opened(), fact(Kind.STANDING, D + 10, milestone="problem", since=since)).waiting_since == D + 10


def test_after_a_takeover_only_what_lies_behind_it_is_implied():
    state = state_of(opened(), fact(Kind.STANDING, D, milestone="invited", since=D - 40), reached("offer", D + 3))
    assert arrivals(state) == {"problem": (D + 3, True), "offer": (D + 3, False)}


# Laws -----------------------------------------------------------------------------------------------------------------

KINDS = [
    Kind.REACHED, Kind.STANDING, Kind.LOST, Kind.REOPENED, Kind.REVALUED, Kind.ASSIGNED, Kind.RENAMED, Kind.VOIDED,
]  # fmt: skip


@st.composite
def any_facts(draw: st.DrawFn) -> list[Fact]:
    """Facts in any order, sensible or not."""
    count = draw(st.integers(0, 8))
    facts = [opened(D, value=draw(st.sampled_from([None, 100])), rep=draw(st.sampled_from([None, ANNA])))]
    for number in range(2, count + 2):
        kind = draw(st.sampled_from(KINDS))
        facts.append(
            Fact(
                kind=kind,
                on=D + draw(st.integers(0, 6)),
                milestone=draw(st.sampled_from([*KEYS, "nowhere"])) if kind in (Kind.REACHED, Kind.STANDING) else None,
                value=draw(st.sampled_from([None, 0, 500])),
                rep=draw(st.sampled_from([None, ANNA, BEN])),
                voids=f"f{draw(st.integers(2, max(2, number - 1)))}" if kind is Kind.VOIDED else None,
            )
        )
    return told(*facts)


@given(any_facts(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_entry_into_memory_does_not_matter(facts, random):
    shuffled = list(facts)
    random.shuffle(shuffled)
    assert replay(effective(shuffled), HISTORY) == replay(effective(facts), HISTORY)


@given(any_facts())
@settings(max_examples=150, deadline=None)
def test_arrivals_never_go_backwards_and_have_no_gap(facts):
    state = replay(effective(facts), HISTORY)
    if state.standing is None:
        days = [state.arrivals[key].on for key in KEYS if key in state.arrivals]
        assert days == sorted(days)
        assert [key for key in KEYS if key in state.arrivals] == list(KEYS[: len(state.arrivals)])
    for tenure, following in itertools.pairwise(state.tenures):
        assert tenure.ends is not None
        assert tenure.begins < tenure.ends <= following.begins


@given(any_facts(), st.integers(D - 1, D + 7))
@settings(max_examples=150, deadline=None)
def test_a_past_day_sees_no_arrival_of_a_later_one(facts, day):
    state = replay(as_known(facts, as_of=day), HISTORY)
    assert all(arrival.on <= day for arrival in state.arrivals.values())


# The day of an edit of many -------------------------------------------------------------------------------------------


def test_an_arrival_in_an_edit_of_many_is_marked_with_what_it_implies():
    state = state_of(opened(), reached("interest", D + 1), reached("problem", D + 9, bulk=True))
    marked = {key: arrival.bulk for key, arrival in state.arrivals.items()}
    assert marked == {"interest": False, "invited": True, "problem": True}
    assert state.waiting_since == D + 9


@pytest.mark.parametrize(("on", "bulk"), [(D + 9, False), (D + 20, True)])
def test_an_implied_arrival_loses_the_mark_only_by_a_fact_of_its_own_day(on, bulk):
    state = state_of(opened(), reached("problem", D + 9, bulk=True), reached("invited", on))
    assert (state.arrivals["invited"].on, state.arrivals["invited"].bulk) == (D + 9, bulk)
