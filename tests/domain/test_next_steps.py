"""The order of the next steps, worked by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from tests.desk import measured, process

from milestone_cli.domain.basis import KNOT_WEEKS, SOON_DAYS, planned_basis
from milestone_cli.domain.dead_horses import NEVER, DeadRule, Threshold
from milestone_cli.domain.gaps import Gap, costliest
from milestone_cli.domain.next_steps import (
    Candidate,
    Steering,
    StepKind,
    Where,
    damped,
    effects_of,
    next_steps,
)
from milestone_cli.domain.outlook import outlook, planned_outlook
from milestone_cli.domain.process import ProcessHistory

TODAY = 20_000
MEAN = Fraction(100_000)
PLANNED = planned_basis(ProcessHistory.of("b2b", [(process(), 0, None)]).at(0), 2026 * 12)


def steering(focus: int | None = 3, basis=PLANNED) -> Steering:
    return Steering(basis, focus, (MEAN,) * 5, TODAY)


def one(key: str, milestone: int = 2, *, waited: int = 5, value: int | None = 100_000, **more) -> Candidate:
    return Candidate(number=len(key), key=key, rep=1, value=value, milestone=milestone, since=TODAY - waited, **more)


def keys(steps) -> list[str]:
    return [step.candidate.key for step in steps]


def test_a_move_that_arrives_at_the_focus_counts_full_one_before_it_less_one_behind_it_little():
    assert effects_of(steering(3)) == {
        1: (Where.BEFORE, 0.5),
        2: (Where.AT, 1.0),
        3: (Where.BEHIND, 0.1),
        4: (Where.BEHIND, 0.1),
    }
    assert effects_of(steering(5))[1] == (Where.BEFORE, 0.125)


def test_with_nothing_short_what_counts_is_the_share_that_becomes_an_order():
    assert effects_of(steering(None)) == {
        1: (Where.NO_FOCUS, 0.125),
        2: (Where.NO_FOCUS, 0.25),
        3: (Where.NO_FOCUS, 0.5),
        4: (Where.NO_FOCUS, 1.0),
    }


def test_the_order_is_chance_times_effect_whatever_the_size():
    opens = [one("far", 4, value=90_000_000), one("before", 1), one("whale", 2, value=90_000_000), one("at", 2)]
    steps = next_steps(steering(3), opens=opens, limit=10)
    assert keys(steps) == ["at", "whale", "before", "far"]
    assert steps[0].terms is not None
    assert steps[0].terms.score == pytest.approx(planned_outlook(0.5, 30, 5).chance_soon)


def test_a_potential_enters_only_up_to_the_mean_and_an_unknown_one_counts_as_the_mean():
    assert [damped(value, MEAN) for value in (25_000, 100_000, 10**9, None, 0)] == [0.25, 1.0, 1.0, 1.0, 1.0]
    assert damped(25_000, None) == 1.0


def test_of_equals_the_key_decides_whatever_order_they_are_read_in():
    opens = [one(key) for key in ("cc", "a", "bbb")]
    assert keys(next_steps(steering(), opens=opens, limit=2)) == ["a", "bbb"]
    assert keys(next_steps(steering(), opens=reversed(opens), limit=2)) == ["a", "bbb"]


def test_target_customers_come_in_when_milestone_1_is_the_focus_the_longest_waiting_first():
    targets = [one("young", 0, waited=3, value=10**9), one("old", 0, waited=90), one("older", 0, waited=91)]
    opens = [one(f"open-{number}") for number in range(9)]
    found = next_steps(steering(1), opens=opens, targets=targets, limit=4)
    assert keys(found) == ["older", "open-0", "old", "open-1"]
    assert [step.kind for step in found[:3]] == [StepKind.TARGET, StepKind.OPEN, StepKind.TARGET]
    assert (found[0].outlook, found[0].terms, found[0].dead_on, found[0].waited) == (None, None, None, 91)
    assert keys(next_steps(steering(1), opens=[], targets=targets, limit=4)) == ["older", "old", "young"]
    assert keys(next_steps(steering(2), opens=opens[:1], targets=targets, limit=4)) == ["open-0"]


def test_lost_ones_come_up_on_their_day_first_but_take_no_more_than_a_third():
    lost = [one(f"lost-{number}", revisit_on=TODAY - number) for number in (5, 1, 3)]
    found = next_steps(steering(), opens=[one(f"open-{n}") for n in range(9)], revisits=lost, limit=6)
    assert keys(found) == ["lost-1", "open-0", "open-1", "open-2", "open-3", "lost-3"]
    assert keys(next_steps(steering(), opens=[], revisits=lost, limit=1)) == ["lost-1"]
    assert keys(next_steps(steering(), opens=[one("open")], revisits=lost, limit=9)) == [
        "lost-1", "open", "lost-3", "lost-5",
    ]  # fmt: skip


@pytest.mark.parametrize("focus", [None, 1, 3])
def test_the_first_rows_are_the_same_however_many_are_asked_for(focus):
    """Today's page shows three, the report five, `ms next` ten: of one list."""
    opens = [one(f"open-{number}", 1 + number % 4, waited=number) for number in range(9)]
    targets = [one(f"target-{number}", 0, waited=number) for number in range(7)]
    lost = [one(f"lost-{number}", revisit_on=TODAY - number) for number in range(6)]
    for some in ({"opens": opens}, {"opens": opens[:2]}, {"opens": []}):
        asked = [
            next_steps(steering(focus), targets=targets, revisits=lost, limit=limit, **some) for limit in range(1, 20)
        ]
        assert all(longer[: len(shorter)] == shorter for shorter, longer in pairwise(asked))
        whole = asked[-1]
        others = sum(step.kind is not StepKind.REVISIT for step in whole)
        for rows in range(1, others + 1):
            assert sum(step.kind is StepKind.REVISIT for step in whole[:rows]) <= max(1, rows // 3)


def test_the_day_it_turns_into_a_dead_horse_runs_from_when_it_began_to_wait():
    basis = replace(PLANNED, dead=(Threshold(90, DeadRule.MEASURED), NEVER, NEVER, NEVER))
    found = next_steps(steering(3, basis), opens=[one("a", 1, waited=20), one("b", 2)], limit=5)
    assert {step.candidate.key: step.dead_on for step in found} == {"a": TODAY - 20 + 90, "b": None}


def test_measured_chances_are_read_from_the_snapshot_and_planned_ones_follow_the_plan():
    basis = measured(PLANNED)
    rising = tuple(week / 1000 for week in KNOT_WEEKS)
    basis = replace(basis, measured=(replace(basis.measured[0], soon=rising), *basis.measured[1:]))
    seen = outlook(basis, 0, 14)
    assert (seen.chance_left, seen.days_p50, seen.days_p90) == (0.5, 20.0, 60.0)
    assert seen.chance_soon == pytest.approx(2 / 1000)
    planned = outlook(PLANNED, 0, 0)
    assert (planned.chance_left, planned.days_p50) == (0.5, 30.0)
    assert planned.chance_soon == pytest.approx(0.25)


def test_under_the_plan_what_waits_longer_has_less_left_and_the_chance_soon_is_a_part_of_it():
    left = [planned_outlook(0.4, 50, waited) for waited in range(0, 2000, 25)]
    assert all(later.chance_left < sooner.chance_left for sooner, later in pairwise(left))
    assert all(0 <= seen.chance_soon <= seen.chance_left for seen in left)
    assert planned_outlook(1.0, 1, 100_000).chance_left == 0.0
    half = planned_outlook(0.4, SOON_DAYS, 0)
    assert half.chance_soon == pytest.approx(0.2)


def test_the_gap_that_costs_most_is_the_focus_and_of_equals_the_earlier_one():
    may = (24_316, 24_316)
    gaps = [Gap(1, Fraction(1600), Fraction(1, 16), may), Gap(2, Fraction(100), Fraction(1), may)]
    assert costliest(reversed(gaps)) == gaps[0]
    assert costliest([]) is None
