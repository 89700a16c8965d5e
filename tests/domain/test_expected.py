"""What one opportunity is worth, by its facts and the month's snapshot."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from tests.desk import TODAY, process

from milestone_cli.domain.basis import KNOT_WEEKS, planned_basis
from milestone_cli.domain.expected import expected
from milestone_cli.domain.opportunity import Opportunity
from milestone_cli.domain.process import Definition, ProcessHistory

DEFINITION = Definition(process(days=(30,) * 4), 1, TODAY - 900, None)
HISTORY = ProcessHistory("b2b", (DEFINITION,))
PLANNED = planned_basis(DEFINITION, 2026 * 12 + 10)
FALLING = tuple(0.8 * 0.99**week for week in KNOT_WEEKS)
MEASURED = replace(PLANNED, expected=(FALLING, *((0.5,) * len(KNOT_WEEKS),) * 3))


def standing(milestone: str | None, waited: int = 0, value: int | None = 4_000_000, **more) -> Opportunity:
    return Opportunity(opened_on=TODAY - waited, value=value, milestone=milestone, waiting_since=TODAY - waited, **more)


def worth(state: Opportunity, basis=MEASURED, history=HISTORY):
    return expected(state, history, basis, TODAY)


def test_under_the_plan_it_is_the_potential_times_the_rates_that_are_left():
    assert worth(standing("interest"), PLANNED).amount == 4_000_000 // 16
    assert worth(standing("offer", 90), PLANNED).amount == 2_000_000


def test_measured_it_falls_with_the_days_waited_and_between_the_weeks_too():
    fresh, weeks, between = (worth(standing("interest", days)).amount for days in (0, 70, 73))
    assert fresh == 3_200_000
    assert weeks == round(4_000_000 * 0.8 * 0.99**10)
    assert worth(standing("interest", 77)).amount < between < weeks


def test_what_is_won_is_worth_its_value_and_what_is_lost_nothing():
    assert worth(standing("order", won_on=TODAY)).amount == 4_000_000
    assert worth(standing("offer", lost_on=TODAY)).amount == 0
    assert not worth(standing("offer", lost_on=TODAY)).forecast


def test_a_target_customer_and_an_unknown_potential_are_worth_nobody_knows_what():
    assert worth(standing(None)).amount is None
    assert worth(standing("offer", value=None)).amount is None


def test_a_typical_value_is_assumed_and_said_so():
    typical = ProcessHistory("b2b", (replace(DEFINITION, process=process(typical_value=1_000_000)),))
    found = worth(standing("offer", value=None), PLANNED, typical)
    assert (found.amount, found.assumed) == (500_000, True)


@pytest.mark.parametrize(("waited", "counted"), [(119, True), (120, False)])
def test_a_forecast_counts_on_it_until_it_is_a_dead_horse(waited, counted):
    found = worth(standing("interest", waited), PLANNED)
    assert found.forecast is counted
    assert found.counted == (250_000 if counted else 0)


def test_at_the_last_milestone_of_a_shorter_version_all_of_it_is_expected():
    assert PLANNED.expected_share(4, 500) == Fraction(1)
