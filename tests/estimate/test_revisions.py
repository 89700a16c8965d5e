"""Cohorts before and after a revision."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.estimate.made import NAN, journeys, stationary

from milestone_cli.estimate.journeys import stays
from milestone_cli.estimate.plan import SectionPlan
from milestone_cli.estimate.revisions import Cohort, cohort_rates

TURN = 750
PLAN = [SectionPlan(0.5, 60.0)]


def cohorts(seen, *, ends=("a", "b"), plans=(PLAN, PLAN)):
    return [
        Cohort(journeys=seen, plans=plans[0], ends=[("a", "b")], first=-math.inf, end=TURN),
        Cohort(journeys=seen, plans=plans[1], ends=[ends], first=TURN, end=math.inf),
    ]


def turned(seed, before, after, size=400):
    """Return journeys whose rate changes for those who enter from day `TURN` on."""
    one, other = stationary(seed, size, before), stationary(seed + 1, size, after)
    early, late = one.recorded[:, 0] < TURN, other.recorded[:, 0] >= TURN
    return journeys(
        np.concatenate([one.recorded[early], other.recorded[late]]),
        as_of=one.as_of,
        lost=np.concatenate([one.lost[early], other.lost[late]]),
    )


def test_a_stay_belongs_to_the_day_it_began_whatever_became_of_it_later():
    seen = journeys([[10, 900], [700, 800], [TURN, NAN], [TURN - 1, NAN]], as_of=1000)
    before, after = cohorts(seen)
    assert before.stays(0).moved.tolist() == [True, True, False]
    assert after.stays(0).open.tolist() == [True]
    both = before.stays(0) + after.stays(0)
    assert sorted(both.days) == sorted(stays(seen, 0).days)


def test_without_a_change_none_is_reported():
    changes = [cohort_rates(cohorts(stationary(seed, 400, 0.5)), 1)[1][0].change for seed in range(20)]
    assert sum(change is not None for change in changes) <= 1


@pytest.mark.parametrize(("before", "after"), [(0.3, 0.6), (0.6, 0.3)])
def test_a_great_change_is_reported_with_its_size(before, after):
    first, second = cohort_rates(cohorts(turned(5, before, after)), 1)
    assert first[0].change is None
    change = second[0].change
    assert (change.before, change.after) == (first[0].rate.mean, second[0].rate.mean)
    assert change.share == pytest.approx(after / before - 1, rel=0.3)
    assert first[0].rate.mean == pytest.approx(before, abs=0.07)
    assert second[0].rate.mean == pytest.approx(after, abs=0.07)


def test_an_unfinished_cohort_is_not_taken_for_a_bad_one():
    """Those who entered last month have hardly had time to move: that is no fall."""
    seen = stationary(7, 2000, 0.5)
    split = [
        Cohort(journeys=seen, plans=PLAN, ends=[("a", "b")], first=-math.inf, end=1470),
        Cohort(journeys=seen, plans=PLAN, ends=[("a", "b")], first=1470, end=math.inf),
    ]
    assert cohort_rates(split, 1)[1][0].change is None


def test_a_revised_plan_alone_changes_no_rate():
    plans = ([SectionPlan(0.2, 60.0)], [SectionPlan(0.9, 60.0)])
    assert cohort_rates(cohorts(stationary(3, 40, 0.5), plans=plans), 1)[1][0].change is None


def test_a_section_that_the_definition_before_did_not_have_has_not_changed():
    assert cohort_rates(cohorts(turned(5, 0.3, 0.6), ends=("x", "b")), 1)[1][0].change is None


def test_a_cohort_without_a_case_is_the_plan_exactly():
    rates = cohort_rates(cohorts(journeys([[10, 40]], as_of=700)), 1)
    assert rates[1][0].rate.mean == 0.5
    assert rates[1][0].cases == 0
