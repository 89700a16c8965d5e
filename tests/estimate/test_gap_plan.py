"""The plan for one month's gap, and what an opportunity is worth."""

from dataclasses import replace

import numpy as np
import pytest
from tests.estimate.made import pipeline

from milestone_cli.domain.day import first_of_month, month_of
from milestone_cli.estimate.calibration import Calibration
from milestone_cli.estimate.clock import even_clock
from milestone_cli.estimate.forecast import forecast
from milestone_cli.estimate.gap_plan import gap_plan, transfers
from milestone_cli.estimate.model import WhatIf, measure
from milestone_cli.estimate.plan import SectionPlan
from milestone_cli.estimate.worth import worth_kernel

PLANS = [SectionPlan(0.5, 45.0)] * 3
TODAY = pipeline(2, 800)
MODEL = measure(TODAY, PLANS, draws=20)
ENDS = [first_of_month(month_of(TODAY.as_of) + month + 1) - 1 for month in range(31)]
SAID = forecast(TODAY, PLANS, ENDS, model=MODEL, milestones=[3], calibration=Calibration(spread=0.0))


@pytest.mark.parametrize("month", [4, 12, 30])
def test_what_must_arrive_times_what_ever_comes_of_it_is_the_gap(month):
    plan = gap_plan(MODEL, SAID, month, 50_000.0)
    assert plan.gap == pytest.approx(50_000 - SAID.open_mean[-1, month])
    for milestone in range(4):
        if plan.latest[milestone] is not None:
            assert plan.required[milestone].sum() * plan.conversion[milestone] == pytest.approx(plan.gap)


def test_the_plans_of_every_month_sent_forward_give_the_target_back():
    target, last = 70_000.0, 40
    even = replace(MODEL, clock=even_clock())
    months = [TODAY.as_of + 30 * (month + 1) for month in range(last + 1)]
    found = forecast(TODAY, PLANS, months, model=even, milestones=[3], paths=100, calibration=Calibration(spread=0.0))
    asked = np.zeros((4, last + 1))
    for month in range(last + 1):
        plan = gap_plan(even, found, month, target + found.open_mean[-1, month])
        asked[:, : month + 1] += plan.required
    kernels = transfers(even, found).monthly
    for milestone in range(4):
        arriving = asked[milestone] @ kernels[milestone]
        # in the middle, where the months before and after are planned for too
        np.testing.assert_allclose(arriving[18:28], target, rtol=0.01)


def test_at_the_last_milestone_the_gap_itself_must_arrive_in_its_month():
    plan = gap_plan(MODEL, SAID, 6, 40_000.0)
    assert plan.required[-1, 6] == pytest.approx(plan.gap)
    assert plan.latest[-1] == 6
    assert plan.conversion[-1] == 1


def test_it_is_too_late_at_the_first_milestone_for_this_month():
    plan = gap_plan(MODEL, SAID, 0, 40_000.0)
    assert plan.latest[0] is None
    assert not plan.required[0].any()


def test_the_earlier_the_milestone_the_earlier_it_is_too_late():
    latest = gap_plan(MODEL, SAID, 12, 40_000.0).latest
    assert list(latest) == sorted(latest)


def test_a_target_that_open_business_reaches_leaves_no_gap():
    plan = gap_plan(MODEL, SAID, 3, 0.0)
    assert plan.gap == 0
    assert not plan.required.any()


def test_what_an_opportunity_is_worth_is_what_it_carries_in_the_long_run():
    kernel = worth_kernel(MODEL.sections, MODEL.changes)
    far = [first_of_month(month_of(TODAY.as_of) + month + 1) - 1 for month in range(37)]
    found = forecast(
        TODAY, PLANS, far, model=MODEL, milestones=[3], what_if=WhatIf(inflow=0.0),
        calibration=Calibration(spread=0.0),
        paths=100,
    )  # fmt: skip
    rows = found.carried_rows
    section = 3 - np.argmax(~np.isnan(TODAY.recorded[rows])[:, ::-1], axis=1)
    weeks = (TODAY.as_of - TODAY.recorded[rows, section]) / 7
    share = [np.interp(week, np.arange(300), kernel[place]) for week, place in zip(weeks, section, strict=True)]
    worth = TODAY.values[rows, section] * share
    assert worth.sum() == pytest.approx(found.carried.sum(), rel=0.1)


def test_the_worth_of_a_euro_lies_between_nothing_and_a_euro_and_falls_in_the_end():
    kernel = worth_kernel(MODEL.sections, MODEL.changes)
    assert kernel.shape == (3, 300)
    assert ((kernel >= 0) & (kernel <= 1)).all()
    assert (kernel[:, 250] < kernel[:, 0]).all()
    assert (np.diff(kernel[:, 0]) > 0).all()
