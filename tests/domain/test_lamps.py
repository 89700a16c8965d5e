"""Lamps: every reason, in the order in which the rules decide."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.domain.lamps import Lamp, Reason, Situation, chance_of_at_most, poisson_at_most, signal


def at(**more) -> Situation:
    """A month of 30 days on its 15th: 100,000 wanted, 20,000 came in one arrival, one is worth 10,000."""
    usual = {
        "target": Fraction(100_000), "reached": 20_000, "count": 2, "unknown": 0, "mean_value": Fraction(10_000),
        "elapsed": 15 / 30, "future": False, "due": True, "weekdays_over": 10, "finished": False,
    }  # fmt: skip
    return Situation(**(usual | more))


def lamp(**more) -> tuple[str, str]:
    found = signal(at(**more))
    return found.lamp.value, found.reason.value


def test_what_is_reached_is_green():
    assert lamp(reached=100_000) == ("green", "reached")


def test_reached_is_green_even_where_it_was_not_due_or_the_period_lies_ahead():
    assert lamp(reached=100_000, due=False) == ("green", "reached")
    assert lamp(reached=100_001, future=True, elapsed=0.0) == ("green", "reached")


@pytest.mark.parametrize("target", [None, Fraction(0)])
def test_no_target_is_grey_whatever_came(target):
    assert lamp(target=target, reached=50_000) == ("grey", "no_target")
    assert lamp(target=target, reached=0) == ("grey", "no_target")


def test_a_period_that_lies_ahead_is_grey():
    assert lamp(future=True, elapsed=0.0, weekdays_over=0) == ("grey", "future")


def test_a_milestone_that_is_not_due_is_grey():
    assert lamp(due=False) == ("grey", "not_due")


def test_on_pace_is_amber():
    assert lamp(reached=50_000) == ("amber", "on_pace")
    assert lamp(reached=49_999, mean_value=None) == ("red", "short")


@given(st.integers(1, 10**12), st.integers(1, 366), st.data())
def test_just_on_pace_is_on_pace_in_every_period(per_day, days, data):
    gone = data.draw(st.integers(1, days))
    found = signal(
        at(
            target=Fraction(per_day * (days + 1)), reached=-(-per_day * (days + 1) * gone // days),
            elapsed=gone / days, count=0,
        )
    )  # fmt: skip
    assert found.reason in {Reason.ON_PACE, Reason.REACHED}
    even = signal(at(target=Fraction(per_day * days), reached=per_day * gone, elapsed=gone / days, count=0))
    assert even.reason is (Reason.REACHED if gone == days else Reason.ON_PACE)


@pytest.mark.parametrize("over", [0, 1, 2])
def test_before_the_third_weekday_is_over_nothing_is_short(over):
    assert lamp(reached=0, count=0, weekdays_over=over) == ("amber", "on_pace")


def test_after_the_third_weekday_it_may_be_short():
    assert lamp(reached=0, count=0, weekdays_over=3) == ("red", "short")


def test_a_finished_period_has_no_grace():
    assert lamp(reached=0, count=0, weekdays_over=2, finished=True, elapsed=1.0) == ("red", "short")


def test_what_chance_alone_explains_is_amber():
    # 5 expected by now: P(N <= 3) = 0.265, P(N <= 2) = 0.125
    assert lamp(reached=30_000, count=3) == ("amber", "chance")
    assert lamp(reached=20_000, count=2) == ("red", "short")


def test_small_deals_do_not_pass_for_the_number_of_large_ones():
    assert lamp(reached=20_000, count=9) == ("red", "short")


def test_one_large_deal_does_not_pass_for_several_arrivals():
    assert lamp(reached=45_000, count=2) == ("red", "short")


def test_an_unknown_potential_adds_one_mean():
    assert lamp(reached=10_000, count=3, unknown=2) == ("amber", "chance")
    assert lamp(reached=10_000, count=3, unknown=1) == ("red", "short")


def test_where_nothing_tells_what_an_arrival_is_worth_chance_explains_nothing():
    assert lamp(mean_value=None) == ("red", "short")


def test_chance_explains_everything_where_nothing_is_wanted():
    assert chance_of_at_most(at(target=None), Fraction(1)) == 1.0


def independent(n: int, mean: Fraction) -> float:
    """The sum of the series in exact fractions, times e^-mean."""
    total, term = Fraction(1), Fraction(1)
    for k in range(1, n + 1):
        term = term * mean / k
        total += term
    return float(total) * math.exp(-float(mean))


@given(st.integers(0, 60), st.fractions(Fraction(1, 100), 40, max_denominator=100))
def test_the_poisson_sum_is_that_of_the_series(n, mean):
    assert poisson_at_most(n, float(mean)) == pytest.approx(min(1.0, independent(n, mean)), abs=1e-10)


def test_the_poisson_sum_at_its_edges():
    assert poisson_at_most(-1, 3.0) == 0.0
    assert poisson_at_most(0, 0.0) == 1.0
    assert poisson_at_most(0, 2.0) == pytest.approx(math.exp(-2))
    assert poisson_at_most(5000, 5000.0) == pytest.approx(0.5, abs=0.01)


def test_every_lamp_has_its_colours_reasons_and_no_other():
    colours = {
        Reason.REACHED: Lamp.GREEN, Reason.NO_TARGET: Lamp.GREY, Reason.FUTURE: Lamp.GREY, Reason.NOT_DUE: Lamp.GREY,
        Reason.ON_PACE: Lamp.AMBER, Reason.CHANCE: Lamp.AMBER, Reason.SHORT: Lamp.RED,
    }  # fmt: skip
    for more in (
        {"reached": 100_000}, {"target": None}, {"future": True}, {"due": False}, {"reached": 50_000},
        {"reached": 30_000, "count": 3}, {"reached": 0, "count": 0},
    ):  # fmt: skip
        found = signal(at(**more))
        assert found.lamp is colours.pop(found.reason)
    assert not colours
