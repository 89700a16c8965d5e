"""Money is exact, and an amount that could be read in two ways is not read at all."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.domain.money import (
    LIMIT,
    Separators,
    currency,
    half_up,
    minor_from_decimal,
    parse_amount,
    parse_plain,
    plain,
)
from milestone_cli.errors import InvalidValue

EUR, JPY, KWD, CHF = currency("EUR"), currency("JPY"), currency("KWD"), currency("CHF")
GERMAN = Separators(decimal=",", group=".")
ENGLISH = Separators(decimal=".", group=",")
SWISS = Separators(decimal=".", group="’")
FRENCH = Separators(decimal=",", group="\u202f")
ANY = [None, GERMAN, ENGLISH, SWISS, FRENCH]
CURRENCIES = st.sampled_from([EUR, JPY, KWD])
AMOUNTS = st.integers(0, LIMIT)


@pytest.mark.parametrize(("code", "digits"), [("EUR", 2), ("JPY", 0), ("ISK", 0), ("KWD", 3), ("TND", 3), ("CLF", 4)])
def test_a_currency_has_the_decimals_of_iso_4217(code, digits):
    assert currency(code).digits == digits


@pytest.mark.parametrize(("code", "hint"), [("eur", "EUR"), ("EURO", "ISO 4217"), ("XYZ", "ISO"), ("", "ISO")])
def test_an_unknown_currency_is_refused(code, hint):
    with pytest.raises(InvalidValue, match="not a currency code") as refusal:
        currency(code)
    assert hint in refusal.value.hint


@given(AMOUNTS, CURRENCIES)
def test_an_amount_written_for_a_file_reads_back(minor, unit):
    assert parse_plain(plain(minor, unit), unit) == minor
    assert minor_from_decimal(Decimal(plain(minor, unit)), unit) == minor
    assert plain(-minor, unit) == (f"-{plain(minor, unit)}" if minor else plain(0, unit))


@given(st.integers(1, LIMIT))
def test_an_amount_without_grouping_reads_back_under_every_locale(minor):
    for separators in ANY:
        assert parse_amount(plain(minor, EUR), EUR, separators=separators) == minor


@given(st.integers(1, LIMIT))
def test_an_amount_grouped_as_in_the_locale_reads_back(minor):
    whole, decimals = divmod(minor, 100)
    for separators in (GERMAN, ENGLISH, SWISS, FRENCH):
        text = f"{whole:,}".replace(",", separators.group) + f"{separators.decimal}{decimals:02d}"
        assert parse_amount(text, EUR, separators=separators) == minor
        if not decimals:
            assert parse_amount(text[:-3], EUR, separators=separators) == minor


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("120000", "120000.00"),
        ("120_000", "120000.00"),
        ("120k", "120000.00"),
        ("120 K", "120000.00"),
        ("120 Tsd.", "120000.00"),
        ("1.6m", "1600000.00"),
        ("1,6m", "1600000.00"),
        ("1.6M", "1600000.00"),
        ("1,65 Mio. €", "1650000.00"),
        ("1.2345678m", "1234567.80"),
        ("0.5k", "500.00"),
        ("120000.50", "120000.50"),
        ("120000,50", "120000.50"),
        ("120.50", "120.50"),
        ("120,5", "120.50"),
        ("120.000,50", "120000.50"),
        ("120,000.50", "120000.50"),
        ("1.600.000", "1600000.00"),
        ("1,600,000", "1600000.00"),
        ("16,00,000", "1600000.00"),
        ("120 000", "120000.00"),
        ("120\u202f000,50", "120000.50"),
        ("1\u00a0600\u00a0000\u00a0€", "1600000.00"),
        ("1’600’000.50", "1600000.50"),
        ("1'600'000", "1600000.00"),
        ("€120k", "120000.00"),
        ("€ 120", "120.00"),
        ("120000 EUR", "120000.00"),
        ("eur120", "120.00"),
        ("120k€", "120000.00"),
        ("0.01", "0.01"),
        ("9000000000000", "9000000000000.00"),
    ],
)
@pytest.mark.parametrize("separators", ANY)
def test_a_form_with_one_reading_is_taken_under_every_locale(text, meant, separators):
    assert plain(parse_amount(text, EUR, separators=separators), EUR) == meant


def test_a_point_groups_in_german_and_a_comma_in_english():
    assert plain(parse_amount("120.000", EUR, separators=GERMAN), EUR) == "120000.00"
    assert plain(parse_amount("120,000", EUR, separators=ENGLISH), EUR) == "120000.00"
    assert plain(parse_amount("1.600k", EUR, separators=GERMAN), EUR) == "1600000.00"


@pytest.mark.parametrize(
    ("text", "separators"),
    [
        ("120.000", None),
        ("120.000", ENGLISH),
        ("120.000", SWISS),
        ("120.000", FRENCH),
        ("120,000", None),
        ("120,000", GERMAN),
        ("€120.000", ENGLISH),
    ],
)
def test_a_grouping_that_could_mislead_is_refused_with_both_readings(text, separators):
    with pytest.raises(InvalidValue) as refusal:
        parse_amount(text, EUR, separators=separators)
    assert "can be read as 120000 or as 120 EUR" in refusal.value.message


def test_a_scaled_group_is_refused_with_both_readings():
    with pytest.raises(InvalidValue, match="can be read as 1625000 or as 1625 EUR"):
        parse_amount("1.625k", EUR, separators=None)


def test_three_decimals_are_read_where_the_currency_has_them_and_the_locale_decides():
    assert parse_amount("1.500", KWD, separators=ENGLISH) == 1500
    assert parse_amount("1,500", KWD, separators=GERMAN) == 1500
    assert parse_amount("1.500", KWD, separators=GERMAN) == 1_500_000
    assert parse_amount("1500.125", KWD, separators=None) == 1_500_125
    with pytest.raises(InvalidValue, match=r"can be read as 1500 or as 1.5 KWD"):
        parse_amount("1.500", KWD, separators=None)


@pytest.mark.parametrize(
    ("text", "code"), [("$5", "USD"), ("$5", "CAD"), ("Fr. 5", "CHF"), ("5 kr", "SEK"), ("¥5", "JPY")]
)
def test_the_sign_of_the_processs_currency_is_taken(text, code):
    unit = currency(code)
    assert parse_amount(text, unit, separators=None) == 5 * 10**unit.digits


@pytest.mark.parametrize("text", ["$120", "120 USD", "120k CHF", "5 kr", "£5"])
def test_another_currency_is_refused(text):
    with pytest.raises(InvalidValue, match="not in EUR"):
        parse_amount(text, EUR, separators=None)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0", "is 0"),
        ("0.00", "is 0"),
        ("-5", "is negative"),
        ("\u22125", "is negative"),
        ("nan", "not an amount"),
        ("inf", "not an amount"),
        ("-inf", "is negative"),
        ("1e3", "not an amount"),
        ("1e999", "not an amount"),
        ("１２０", "not an amount"),
        ("٥", "not an amount"),
        ("", "not an amount"),
        ("k", "not an amount"),
        ("120.", "not an amount"),
        (".5", "not an amount"),
        ("+5", "not an amount"),
        ("5 foo", "not an amount"),
        ("€5€", "not an amount"),
        ("5kk", "not an amount"),
        ("1" * 61, "not an amount"),
        ("12 00", "not grouped by three"),
        ("1__000", "not grouped by three"),
        ("1.600 000", "not grouped by three"),
        ("1.2.3", "not grouped by three"),
        ("1.234.5", "not grouped by three"),
        ("1600.500", "too many decimals"),
        ("0.005", "too many decimals"),
        ("1.2345", "too many decimals"),
        ("1.234567891m", "too many decimals"),
        ("1" + "0" * 18, "too large"),
        ("9000000000000.01", "too large"),
        ("9999999m", "too large"),
    ],
)
@pytest.mark.parametrize("separators", ANY)
def test_what_is_no_amount_is_refused_with_the_reason(text, why, separators):
    with pytest.raises(InvalidValue, match=why) as refusal:
        parse_amount(text, EUR, separators=separators)
    assert refusal.value.hint


def test_a_currency_without_decimals_says_so():
    with pytest.raises(InvalidValue, match="too many decimals") as refusal:
        parse_amount("120.5", JPY, separators=None)
    assert refusal.value.hint == "JPY has no decimals."


@pytest.mark.parametrize(
    ("text", "minor"), [("", 0), (" ", 0), ("0", 0), ("0.00", 0), ("20000.00", 2_000_000), ("5", 500), ("5.1000", 510)]
)
def test_a_file_holds_digits_and_a_point(text, minor):
    assert parse_plain(text, EUR) == minor


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("-5", "negative"),
        ("1,5", "not an amount"),
        ("1_000", "not an amount"),
        ("1 000", "not an amount"),
        ("120k", "not an amount"),
        ("1e3", "not an amount"),
        ("NaN", "not an amount"),
        ("５", "not an amount"),
        (".5", "not an amount"),
        ("9" * 31, "not an amount"),
        ("0.005", "too many decimals"),
        ("1234.567", "too many decimals"),
        ("120.000", "can be read as 120000 or as 120"),
        ("9" * 30, "too large"),
    ],
)
def test_a_file_holds_no_other_form(text, why):
    with pytest.raises(InvalidValue, match=why):
        parse_plain(text, EUR)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("NaN", "not an amount"),
        ("sNaN", "not an amount"),
        ("Infinity", "not an amount"),
        ("0.005", "too many decimals"),
        ("1e-999999", "too many decimals"),
        ("12345678901234567.89", "too large"),
        ("1e999999", "too large"),
        ("9000000000000.01", "too large"),
    ],
)
def test_a_number_that_is_no_amount_is_refused(value, why):
    with pytest.raises(InvalidValue, match=why):
        minor_from_decimal(Decimal(value), EUR)


def test_zeros_behind_the_last_decimal_of_a_number_do_not_matter():
    assert minor_from_decimal(Decimal("5.1000"), EUR) == 510
    assert minor_from_decimal(Decimal("1E+3"), EUR) == 100_000
    assert minor_from_decimal(Decimal(-5), EUR) == -500
    assert minor_from_decimal(Decimal("0E+99"), EUR) == 0


def test_a_tenth_three_times_is_exact():
    assert sum(parse_amount("0.10", EUR, separators=None) for _ in range(3)) == 30


@given(st.fractions())
def test_half_up_is_the_nearest_integer_and_the_upper_one_in_the_middle(value):
    nearest = half_up(value)
    assert Fraction(-1, 2) < nearest - value <= Fraction(1, 2)


def test_half_up_takes_decimals_beyond_their_context():
    assert half_up(Decimal("2.5")) == 3
    assert half_up(Decimal("0.4999999999999999999999999999999999")) == 0


@given(
    st.text(max_size=70) | st.from_regex(r"[0-9.,' kKmM€$-]{1,20}", fullmatch=True),
    CURRENCIES,
    st.sampled_from(ANY),
)
def test_any_text_is_an_amount_above_zero_or_a_clear_refusal(text, unit, separators):
    try:
        minor = parse_amount(text, unit, separators=separators)
    except InvalidValue:
        return
    assert 0 < minor <= LIMIT
