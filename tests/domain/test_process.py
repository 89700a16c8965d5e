"""Versions: what a period shows, and where an opportunity stands when milestones come and go."""

from decimal import Decimal
from fractions import Fraction

import pytest
from tests.desk import KEYS, process

from milestone_cli.domain.day import day_of
from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.domain.opportunity import Status, replay
from milestone_cli.domain.process import ProcessHistory

JANUARY, JULY = day_of(2026, 1, 1), day_of(2026, 7, 1)


def reached(milestone, on):
    return Fact(kind=Kind.REACHED, on=on, milestone=milestone)


def lived(history, *facts):
    return replay([Fact(kind=Kind.OPENED, on=facts[0].on), *facts], history)


def two_versions(keys):
    return ProcessHistory.of("b2b", [(process(), JANUARY, None), (process(keys), JANUARY, JULY)])


def test_rates_and_days_that_are_not_given_are_a_half_and_30():
    plan = process()
    assert plan.planned_rates() == (Fraction(1, 2),) * 4
    assert plan.planned_lead_days(1) == 120
    assert plan.planned_days_to(3) == 60


def test_planned_rates_are_exactly_what_was_typed():
    plan = process(("a", "b"), rates=["0.1"])
    assert plan.planned_rates() == (Fraction(1, 10),)
    assert plan.milestone(2).planned_rate == Decimal("0.1")


def test_the_lead_is_the_sum_of_the_days_still_to_come():
    plan = process(days=[10, 20, 30, 40])
    assert [plan.planned_lead_days(number) for number in range(1, 6)] == [100, 90, 70, 40, 0]
    assert [plan.planned_days_to(number) for number in range(1, 6)] == [0, 10, 30, 60, 100]


def test_the_first_definition_holds_from_the_beginning_of_time():
    history = ProcessHistory.of("b2b", [(process(), JULY, None)])
    assert history.at(day_of(1990, 1, 1)).version == 1


def test_changed_days_are_the_same_version():
    history = ProcessHistory.of("b2b", [(process(), JANUARY, None), (process(days=[1, 2, 3, 4]), JANUARY, JULY)])
    assert [item.version for item in history.definitions] == [1, 1]
    assert history.at(JULY - 1).process.planned_lead_days(1) == 120
    assert history.at(JULY).process.planned_lead_days(1) == 10


@pytest.mark.parametrize(
    "keys", [KEYS[:-1], (*KEYS, "paid"), ("invited", "interest", "problem", "offer", "order")], ids=str
)
def test_removing_adding_or_reordering_milestones_makes_a_new_version_from_its_day_on(keys):
    history = two_versions(keys)
    assert history.at(JULY - 1).version == 1
    assert history.at(JULY).version == 2


def test_a_definition_entered_later_for_an_earlier_day_takes_its_place():
    entered = [
        (process(), JANUARY, None),
        (process((*KEYS, "paid")), JANUARY, JULY),
        (process(days=[9] * 4), JULY, JULY - 10),
    ]
    history = ProcessHistory.of("b2b", entered)
    assert [item.version for item in history.definitions] == [1, 1, 2]
    assert history.newest.process.last.key == "paid"


def test_of_two_definitions_valid_from_the_same_day_the_later_one_holds():
    entered = [(process(), JANUARY, None), (process(days=[9] * 4), JULY, None)]
    assert ProcessHistory.of("b2b", entered).at(JANUARY).process.planned_lead_days(1) == 36


def test_what_was_defined_after_the_as_of_day_is_not_seen_but_the_first_always_is():
    history = ProcessHistory.of("b2b", [(process(), JULY, None), (process(days=[9] * 4), JULY + 5, JULY + 31)])
    assert len(history.seen(JULY).definitions) == 1
    assert len(history.seen(JANUARY).definitions) == 1
    assert history.seen(JULY + 5) is history


def test_history_from_is_what_was_said_last_even_twice_on_one_day():
    entered = [(process(), JULY, None), (process(history_from=JANUARY), JULY, None)]
    assert ProcessHistory.of("b2b", entered).history_from == JANUARY


def test_all_keys_are_those_of_every_version():
    history = two_versions(("interest", "problem", "pilot", "order"))
    assert history.all_keys() == (*KEYS, "pilot")
    assert history.currency.code == "EUR"


def test_one_at_a_removed_milestone_stands_at_the_last_remaining_one_before_it():
    history = two_versions(("interest", "invited", "order"))
    assert history.place("offer", JULY - 1) == 4
    assert history.place("offer", JULY) == 2
    assert history.place("order", JULY) == 3


def test_one_before_whose_milestone_nothing_remains_stands_before_milestone_1():
    history = two_versions(("problem", "offer", "order"))
    assert history.place("invited", JULY) == 0
    assert history.place(None, JULY) == 0
    assert history.place("never", JULY) == 0


def test_after_a_milestone_was_removed_the_next_one_implies_nothing_that_is_gone():
    history = two_versions(("interest", "invited", "offer", "order"))
    state = lived(history, reached("problem", JULY - 5), reached("order", JULY + 5))
    implied = [arrival.milestone for arrival in state.arrivals.values() if arrival.implied]
    assert implied == ["interest", "invited", "offer"]
    assert state.status is Status.WON


def test_won_stays_won_when_a_milestone_is_added_behind_the_order():
    history = two_versions((*KEYS, "paid"))
    state = lived(history, reached("order", JULY - 5), reached("paid", JULY + 5))
    assert (state.status, state.won_on) == (Status.WON, JULY - 5)
    assert "paid" not in state.arrivals


def test_what_was_not_won_yet_must_reach_the_new_last_milestone():
    history = two_versions((*KEYS, "paid"))
    assert lived(history, reached("order", JULY)).status is Status.OPEN
    assert lived(history, reached("paid", JULY)).status is Status.WON


def test_reordered_milestones_count_by_their_place_on_the_day():
    history = two_versions(("interest", "problem", "invited", "offer", "order"))
    assert list(lived(history, reached("invited", JULY - 1)).arrivals) == ["interest", "invited"]
    assert list(lived(history, reached("invited", JULY)).arrivals) == ["interest", "problem", "invited"]


def test_a_fact_at_a_milestone_of_another_version_than_that_days_still_counts():
    history = two_versions(("interest", "offer", "order"))
    state = lived(history, reached("problem", JULY + 5))
    assert state.arrivals["problem"].on == JULY + 5
