"""Amounts of other systems: one reading or none, rounded only to what the currency has."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.domain.money import Separators, currency
from milestone_cli.errors import InvalidValue
from milestone_cli.exchange.amounts import Amounts, decimal_sign
from milestone_cli.exchange.oddities import Oddity

EUR = currency("EUR")
COMMA, POINT = Separators(",", "."), Separators(".", ",")


def read(text: str, separators: Separators | None = None, code: str = "EUR"):
    return Amounts(currency(code), separators).read(text)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("120000", 12000000), ("120000.00", 12000000), ("120000.5", 12000050), ("1.0E7", 1000000000),
        ("1,234.50", 123450), ("1.234,50", 123450), ("€ 1.234,50", 123450), ("120k", 12000000), ("", None),
        ("0", None), ("0.00", None), ("-", None), ("€ 0,00", None), (" 12 ", 1200), ("1234.5000000", 123450),
    ],
)  # fmt: skip
def test_what_has_one_reading_is_read_whatever_the_locale(text, minor):
    assert read(text).minor == minor
    assert read(text).oddity is None


def test_what_has_two_readings_asks_for_the_sign_in_the_map():
    with pytest.raises(InvalidValue, match=r'decimal = "\." or decimal = ","'):
        read("120.000")
    assert read("120.000", COMMA).minor == 12000000
    assert read("120.000", POINT).minor == 12000
    assert read("1234.5", COMMA).minor == 123450  # a number of a workbook, which has a point whatever the map says


@pytest.mark.parametrize(
    ("text", "minor"), [("33.3333", 3333), ("0.005", 1), ("1234.567", 123457), ("99.99999", 10000)]
)
def test_more_decimals_than_the_currency_has_are_rounded_and_said(text, minor):
    assert read(text) == (minor, Oddity.AMOUNT_ROUNDED)


def test_an_amount_below_zero_is_unknown_and_said():
    assert read("-500.00") == (None, Oddity.AMOUNT_BELOW_ZERO)
    assert read("(500)") == (None, Oddity.AMOUNT_BELOW_ZERO)
    assert read("-0.00") == (None, None)


@pytest.mark.parametrize("text", ["abc", "12 USD", "1e99", "NaN", "inf", "9" * 40, "1.2.3", "=1+1", "1,23,4"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(InvalidValue):
        read(text)


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from([None, COMMA, POINT]))
def test_a_plain_amount_is_read_back(amount, separators):
    assert (read(f"{amount:.2f}", separators).minor or 0) == int(amount * 100)


@given(st.integers(1, 10**11), st.sampled_from([COMMA, POINT]))
def test_a_grouped_amount_is_read_back_where_the_map_names_the_sign(minor, separators):
    text = (
        f"{Decimal(minor) / 100:,.2f}".replace(",", "g").replace(".", separators.decimal).replace("g", separators.group)
    )
    assert read(text, separators).minor == minor


@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_refused(text):
    try:
        found = read(text)
    except InvalidValue:
        return
    assert found.minor is None or found.minor > 0


@pytest.mark.parametrize(
    ("text", "sign"),
    [("1.234,5", ","), ("12,50 €", ","), ("1.234.567", ","), ("1,234,567", "."), ("1234.567", "."), ("12", None),
     ("120,000", None), ("", None)],
)  # fmt: skip
def test_the_sign_before_the_decimals_is_found_where_it_is_sure(text, sign):
    assert decimal_sign(text) == sign
