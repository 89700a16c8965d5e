"""The ground of a month: leads, shares, and what one arrival is worth."""

from fractions import Fraction

import pytest
from tests.desk import process

from milestone_cli.domain.basis import (
    NO_WORTH,
    Basis,
    MeanSource,
    RateSource,
    Worth,
    mean_of,
    mean_value,
    planned_basis,
)
from milestone_cli.domain.process import Definition

NOVEMBER = 2026 * 12 + 10


def basis(**more) -> Basis:
    return planned_basis(Definition(process(**more), 1, 0, None), NOVEMBER)


def test_a_requirement_feeds_the_month_that_lies_the_lead_ahead():
    found = basis(days=[60, 90, 60, 95])
    assert [found.feeds(key) - NOVEMBER for key in ("interest", "invited", "problem", "offer", "order")] == [
        10, 8, 5, 3, 0,
    ]  # fmt: skip


def test_the_share_that_arrives_is_the_product_of_the_rates_to_come():
    found = basis(rates=["0.5", "0.4", "0.3", "0.2"])
    assert found.share_of_last("interest") == Fraction(12, 1000)
    assert found.share_of_last("offer") == Fraction(1, 5)
    assert found.share_of_last("order") == 1
    assert found.source is RateSource.PLANNED


def test_a_milestone_of_another_version_has_no_place_and_no_share():
    found = basis()
    assert found.place("paid") is None
    assert found.share_of_last("paid") is None
    assert found.feeds("paid") == NOVEMBER


def test_a_basis_rests_on_its_version_and_its_plan():
    found = basis()
    assert found.rests_on(Definition(process(title="Another title"), 1, 5, 0))
    assert not found.rests_on(Definition(process(), 2, 0, None))
    assert not found.rests_on(Definition(process(rates=["0.4"] * 4), 1, 0, None))
    assert not found.rests_on(Definition(process(days=[9] * 4), 1, 0, None))


TEN, NINE = Worth(10, 5000), Worth(9, 9000)


@pytest.mark.parametrize(
    ("recent", "typical", "overall", "mean"),
    [
        (TEN, 40, Worth(100, 100), 500),
        (NINE, 40, Worth(100, 100), 40),
        (NINE, None, Worth(100, 300), 3),
        (NO_WORTH, None, NO_WORTH, None),
        (NO_WORTH, 40, NO_WORTH, 40),
    ],
    ids=["ten of the last 24 months", "typical", "what there is", "nothing tells", "typical alone"],
)
def test_what_an_arrival_is_worth(recent, typical, overall, mean):
    assert mean_value(recent, typical, overall) == mean


@pytest.mark.parametrize(
    ("recent", "typical", "overall", "source", "worth"),
    [
        (TEN, 40, Worth(100, 100), MeanSource.RECENT, TEN),
        (NINE, 40, Worth(100, 100), MeanSource.TYPICAL, NO_WORTH),
        (NINE, None, Worth(100, 300), MeanSource.OVERALL, Worth(100, 300)),
        (NO_WORTH, None, NO_WORTH, MeanSource.NONE, NO_WORTH),
    ],
    ids=["ten of the last 24 months", "typical", "what there is", "nothing tells"],
)
def test_a_mean_value_says_what_tells_it(recent, typical, overall, source, worth):
    found = mean_of(recent, typical, overall)
    assert (found.source, found.worth) == (source, worth)


def test_no_arrivals_have_no_mean():
    assert NO_WORTH.mean is None
    assert Worth(3, 100).mean == Fraction(100, 3)
