"""The cascade: the worked example, and the law that cascade times rates gives the target back."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.domain.cascade import lead_months, levers, required, shares_of_last
from milestone_cli.domain.money import half_up

HALF = Fraction(1, 2)
RATES = st.lists(st.fractions(Fraction(1, 1000), 1), min_size=1, max_size=19)


def test_100_000_a_month_at_a_half_everywhere_needs_1_600_000_at_milestone_1():
    assert required(Fraction(100_000), [HALF] * 4) == (1_600_000, 800_000, 400_000, 200_000, 100_000)


def test_the_lever_of_the_example_saves_266_667():
    lever = next(lever for lever in levers(Fraction(100_000), [HALF] * 4) if lever.section == 2)
    assert (lever.rate, lever.better) == (HALF, Fraction(6, 10))
    assert half_up(lever.saves) == 266_667


def test_the_lever_that_saves_most_stands_first_and_a_sure_section_saves_nothing():
    found = levers(Fraction(100), [Fraction(1), Fraction(1, 5), Fraction(19, 20)])
    assert [lever.section for lever in found] == [2, 3, 1]
    assert (found[1].better, found[2].saves) == (1, 0)


def test_without_a_section_there_is_no_lever():
    assert levers(Fraction(100), []) == ()
    assert shares_of_last([]) == (1,)


def test_an_amount_is_rounded_once_from_the_unrounded_chain():
    third = Fraction(1, 3)
    assert [half_up(amount) for amount in required(Fraction(100), [third, Fraction(2, 3)])] == [450, 150, 100]
    assert [half_up(amount) for amount in required(Fraction(1), [Fraction(2, 3), Fraction(2, 3)])] == [2, 2, 1]


@pytest.mark.parametrize(
    ("days", "months"),
    [(0, 0), (15, 0), (Fraction(1522, 100), 1), (16, 1), (30, 1), (45, 1), (46, 2), (60, 2), (305, 10), (365, 12)],
)
def test_a_lead_in_months_is_its_days_over_30_44_half_up(days, months):
    assert lead_months(Fraction(days)) == months


@given(st.integers(1, 10**14), RATES)
def test_cascade_times_rates_gives_the_target_back(target, rates):
    amounts = required(Fraction(target), rates)
    assert amounts[-1] == target
    for (here, following), rate in zip(pairwise(amounts), rates, strict=True):
        assert here * rate == following


@given(RATES)
def test_the_shares_are_the_products_of_the_rates_that_follow(rates):
    product = Fraction(1)
    for rate in rates:
        product *= rate
    assert shares_of_last(rates)[0] == product
