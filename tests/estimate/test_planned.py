"""The plan for a month under the process file alone: to the euro, sent forward, and against single customers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.estimate.made import journeys

from milestone_cli.domain.day import first_of_month, month_of
from milestone_cli.estimate.forecast import forecast
from milestone_cli.estimate.gap_plan import gap_plan, transfers
from milestone_cli.estimate.plan import SHAPE, SectionPlan
from milestone_cli.estimate.planned import planned_model
from milestone_cli.estimate.worth import worth_kernel

AS_OF = first_of_month(2026 * 12 + 10) + 22
TARGET = 100_000.0
NOTHING = journeys(np.empty((0, 5)), as_of=AS_OF)


def made(plans, months, seen=NOTHING):
    """Return the planned model and the forecast of the running month and so many after it."""
    model = planned_model(seen, plans)
    ends = [first_of_month(month_of(AS_OF) + month + 1) - 1 for month in range(months + 1)]
    return model, forecast(seen, plans, ends, model=model, milestones=[len(plans)], paths=10)


HALVES = [SectionPlan(0.5, 60.0)] * 4


def test_a_month_far_enough_ahead_asks_for_the_worked_example():
    model, said = made(HALVES, 30)
    plan = gap_plan(model, said, 30, TARGET)
    assert plan.required.sum(axis=1) == pytest.approx([1_600_000, 800_000, 400_000, 200_000, 100_000], rel=1e-6)
    assert worth_kernel(model.sections, model.changes)[:, [0, 40]] == pytest.approx(
        np.array([[1 / 16, 1 / 8, 1 / 4, 1 / 2]] * 2).T, rel=1e-6
    )


@pytest.mark.parametrize("month", [3, 9, 18])
def test_the_plan_sent_forward_gives_the_target_back(month):
    model, said = made(HALVES, 60)
    plan, kernels = gap_plan(model, said, month, TARGET), transfers(model, said).monthly
    for milestone, required in enumerate(plan.required):
        if plan.latest[milestone] is not None:
            arriving = required @ kernels[milestone][: month + 1]
            assert arriving.sum() == pytest.approx(TARGET, rel=0.01)
            assert arriving[month] == pytest.approx(TARGET * plan.in_month[milestone], rel=1e-9)


def test_the_plans_of_every_month_sent_forward_give_every_month_its_target():
    model, said = made(HALVES, 60)
    kernels, asked = transfers(model, said).monthly, np.zeros((5, 61))
    for month in range(61):
        asked[:, : month + 1] += gap_plan(model, said, month, TARGET).required
    for milestone in range(5):
        arriving = asked[milestone] @ kernels[milestone]
        # what a year in the middle brings: long after the start, long before the last month planned for
        assert arriving[28:40].mean() == pytest.approx(TARGET, rel=0.01)


def test_single_customers_who_do_what_the_plan_says_bring_the_target():
    plans = [SectionPlan(0.4, 50.0), SectionPlan(0.6, 20.0)]
    month = 9
    model, said = made(plans, month)
    plan = gap_plan(model, said, month, TARGET)
    rng, drawn = np.random.default_rng(5), 400_000
    edges = np.array([AS_OF + 1.0, *(end + 1.0 for end in said.month_ends)])
    place = rng.choice(month + 1, drawn, p=plan.required[0] / plan.required[0].sum())
    day = rng.uniform(edges[place], edges[place + 1])
    won = np.ones(drawn, bool)
    for section in plans:
        won &= rng.random(drawn) < section.rate
        day += section.days / math.gamma(1 + 1 / SHAPE) * rng.weibull(SHAPE, drawn)
    money = plan.required[0].sum() / drawn
    assert won.sum() * money == pytest.approx(TARGET, rel=0.01)
    inside = won & (day >= edges[month]) & (day < edges[month + 1])
    assert inside.sum() * money == pytest.approx(TARGET * plan.in_month[0], rel=0.03)


def test_where_a_section_takes_hardly_a_day_all_of_it_arrives_in_the_month_itself():
    model, said = made([SectionPlan(0.25, 0.5)], 6)
    plan = gap_plan(model, said, 5, TARGET)
    assert plan.required.sum(axis=1) == pytest.approx([400_000, 100_000], rel=1e-6)
    assert plan.required[0, 5] == pytest.approx(400_000, rel=0.25)
    assert plan.latest == (5, 5)


def test_nothing_is_asked_for_after_the_last_month_that_matters():
    model, said = made(HALVES, 18)
    plan = gap_plan(model, said, 18, TARGET)
    for milestone, latest in enumerate(plan.latest):
        assert not plan.required[milestone, latest + 1 :].any()
        assert plan.required[milestone, latest] > 0


def test_the_days_left_of_the_running_month_are_asked_for_no_more_than_they_are():
    model, said = made(HALVES, 6)
    plan = gap_plan(model, said, 6, TARGET)
    running, whole = plan.required[1, :2]
    assert running < whole * 8 / 30


def test_on_the_last_day_of_a_month_it_is_too_late_everywhere():
    seen = journeys(np.empty((0, 5)), as_of=first_of_month(2026 * 12 + 11) - 1)
    model = planned_model(seen, HALVES)
    said = forecast(seen, HALVES, [seen.as_of], model=model, milestones=[4], paths=10)
    plan = gap_plan(model, said, 0, TARGET)
    assert plan.latest == (None,) * 5
    assert not plan.required.any()


def test_open_business_counts_by_the_plan():
    recorded = np.full((40, 5), np.nan)
    recorded[:, 0] = AS_OF - 1
    values = np.where(np.isnan(recorded), np.nan, 40_000.0)
    seen = journeys(recorded, as_of=AS_OF, values=values)
    _, said = made(HALVES, 60, seen)
    assert said.open_mean[-1].sum() == pytest.approx(40 * 40_000 / 16, rel=0.01)
