"""Every locale shows numbers in its own way, and English does so without Babel."""

import subprocess
import sys
from decimal import Decimal
from itertools import pairwise

import pytest
from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal
from babel.numbers import format_percent as babel_percent
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.domain import money
from milestone_cli.domain.day import MAX_DAY, MIN_DAY, day_of, month_of, parse_day, to_date
from milestone_cli.domain.money import Separators, currency, parse_amount
from milestone_cli.errors import InvalidValue
from milestone_cli.localization import (
    ENGLISH,
    LocaleChoice,
    day_first,
    format_day,
    format_money,
    format_month,
    format_number,
    format_percent,
    resolve_locale,
    separators,
)

EUR = currency("EUR")
LOCALES = [
    "en_US",
    "en_GB",
    "de",
    "de_AT",
    "de_CH",
    "fr_FR",
    "sv_SE",
    "nl_NL",
    "hi_IN",
    "es_ES",
    "pt_BR",
    "pl",
    "ja_JP",
]
MARKS = str.maketrans("", "", "\u200e\u200f\u061c")


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("de", "1.600.000\u00a0€"),
        ("en_US", "€1,600,000"),
        ("fr_FR", "1\u202f600\u202f000\u00a0€"),
        ("de_CH", "EUR\u00a01’600’000"),
        ("hi_IN", "€16,00,000"),
    ],
)
def test_an_amount_without_cents_is_shown_without_decimals(locale, shown):
    assert format_money(160_000_000, EUR, locale) == shown


def test_an_amount_with_cents_is_shown_with_the_currencys_decimals():
    assert format_money(12_000_050, EUR, "de") == "120.000,50\u00a0€"
    assert format_money(-5, EUR, "en_US") == "-€0.05"
    assert format_money(1500, currency("KWD"), "en_US") == "KWD\u00a01.500"
    assert format_money(1500, currency("JPY"), "en_US") == "¥1,500"


@pytest.mark.parametrize("locale", LOCALES)
@given(minor=st.integers(-(10**14), 10**14).filter(lambda minor: minor % 100))
def test_amounts_look_as_babel_shows_them(locale, minor):
    shown = format_currency(Decimal(minor).scaleb(-2), "EUR", locale=locale).translate(MARKS)
    assert format_money(minor, EUR, locale).replace("EUR\u00a0", "EUR") == shown.replace("EUR\u00a0", "EUR")


def test_english_signs_are_those_of_babel_and_letters_keep_their_distance():
    for code in money._CODES:
        shown = format_money(123_456 * 10 ** currency(code).digits, currency(code), ENGLISH)
        assert shown.replace("\u00a0", "") == format_currency(
            123_456, code, "¤#,##0", locale="en_US", currency_digits=False
        )
        assert not any(one.isalpha() and two.isdigit() for one, two in pairwise(shown))


@pytest.mark.parametrize("locale", ["en_US", "en_GB", "de", "de_AT", "de_CH", "fr_FR", "sv_SE", "hi_IN", "es_ES"])
@given(minor=st.integers(1, 10**14))
def test_an_amount_that_is_shown_reads_back(locale, minor):
    signs = separators(LocaleChoice(locale, explicit=True))
    assert parse_amount(format_money(minor, EUR, locale), EUR, separators=signs) == minor


@pytest.mark.parametrize("locale", LOCALES)
@given(x=st.floats(-1e9, 1e9), digits=st.integers(0, 3))
def test_numbers_and_percentages_look_as_babel_shows_them(locale, x, digits):
    rounded = Decimal(f"{Decimal(str(x)):.{digits}f}") + 0
    pattern = str(Locale.parse(locale).decimal_formats[None].pattern).split(".")[0] + "." + "0" * digits
    shown = format_decimal(rounded, pattern.rstrip("."), locale=locale)
    assert format_number(x, locale, digits) == (shown if rounded else shown.lstrip("-"))
    share = Decimal(f"{Decimal(str(x)).scaleb(2):.0f}")
    if not 0 < x < 1 or 0 < share < 100:
        assert format_percent(x, locale) == babel_percent((share + 0) / 100, locale=locale)


def test_a_percentage_is_spaced_as_the_language_wants():
    assert format_percent(0.71, "de") == "71\u00a0%"
    assert format_percent(0.71, "en_US") == "71%"
    assert format_percent(0.4312, "en_US", 1) == "43.1%"
    assert format_percent(-0.001, "en_US") == "0%"


@given(share=st.floats(0, 2), digits=st.integers(0, 2))
def test_a_percentage_is_all_or_nothing_only_where_it_is(share, digits):
    """1,199,000 of 1,200,000 are not 100 %, with an amber lamp beside it."""
    shown = format_percent(share, "en_US", digits)
    nothing, whole = (f"{end:.{digits}f}%" for end in (0, 100))
    assert (shown != nothing) if share else shown == nothing
    assert shown != whole or share >= 1


def test_a_percentage_beside_the_ends_says_on_which_side_it_lies():
    assert format_percent(1_199_000 / 1_200_000, "en_US") == ">99%"
    assert format_percent(0.9949, "en_US") == "99%"
    assert format_percent(0.9996, "de", 1) == ">99,9\u00a0%"
    assert [format_percent(share, "en_US") for share in (0, 0.004, 0.006, 1, 1.004)] == [
        "0%",
        "<1%",
        "1%",
        "100%",
        "100%",
    ]


def test_a_number_without_a_value_is_shown_as_such():
    assert format_number(float("nan"), "de") == "NaN"


@pytest.mark.parametrize("locale", LOCALES)
@given(day=st.integers(MIN_DAY, MAX_DAY))
def test_days_and_months_look_as_babel_shows_them(locale, day):
    value = to_date(day)
    assert format_day(day, locale) == format_date(value, "medium", locale=locale)
    assert format_month(month_of(day), locale) == format_skeleton("yMMM", value, locale=locale)


@pytest.mark.parametrize("locale", ["en_US", "en_GB", "de", "de_CH"])
@given(day=st.integers(MIN_DAY, MAX_DAY))
def test_a_day_that_is_shown_reads_back(locale, day):
    assert parse_day(format_day(day, locale), today=day_of(2026, 11, 23)) == day


@pytest.mark.parametrize(
    ("flag", "config", "environ", "tag", "explicit"),
    [
        ("de", "fr", {"LANG": "en_GB"}, "de", True),
        ("en-gb", None, {}, "en_GB", True),
        ("zh_TW", None, {}, "zh_Hant_TW", True),
        ("C", None, {"LANG": "de_DE"}, "en_US", False),
        (None, "fr_FR", {"LC_ALL": "de_DE"}, "fr_FR", True),
        (None, None, {"LC_ALL": "de_DE.UTF-8", "LANG": "C"}, "de_DE", True),
        (None, None, {"LC_ALL": "", "LC_MESSAGES": "de_DE@euro", "LANG": "fr"}, "de_DE", True),
        (None, None, {"LANG": "en_US.UTF-8"}, "en_US", True),
        (None, None, {"LC_ALL": "C.UTF-8", "LANG": "de_DE"}, "en_US", False),
        (None, None, {"LANG": "POSIX"}, "en_US", False),
        (None, None, {"LANG": "xx_XX.UTF-8"}, "en_US", False),
        (None, "../../etc/passwd", {}, "en_US", False),
        (None, None, {}, "en_US", False),
    ],
)
def test_the_locale_is_taken_from_flag_config_and_environment_in_this_order(flag, config, environ, tag, explicit):
    assert resolve_locale(flag, config, environ) == LocaleChoice(tag, explicit)


@pytest.mark.parametrize("flag", ["xx", "de_XX_YY_ZZ", "../../etc/passwd", "de\x1b", "[red]"])
def test_an_unknown_locale_on_the_command_line_is_refused(flag):
    with pytest.raises(InvalidValue, match="not a known locale"):
        resolve_locale(flag, None, {})


def test_only_a_locale_somebody_chose_decides_how_numbers_and_days_are_read():
    assert separators(LocaleChoice("en_US", explicit=False)) is None
    assert separators(LocaleChoice("en_US", explicit=True)) == Separators(decimal=".", group=",")
    assert separators(LocaleChoice("de", explicit=True)) == Separators(decimal=",", group=".")
    assert day_first(LocaleChoice("de", explicit=False)) is None
    assert day_first(LocaleChoice("en_US", explicit=True)) is False
    assert day_first(LocaleChoice("en_GB", explicit=True)) is True
    assert day_first(LocaleChoice("ja_JP", explicit=True)) is None


def test_english_needs_no_babel():
    program = """
import sys
from milestone_cli import localization as shown
from milestone_cli.domain.money import currency
choice = shown.resolve_locale(None, None, {"LANG": "en_US.UTF-8"})
shown.separators(choice), shown.day_first(choice)
shown.format_money(1, currency("CHF"), choice.tag), shown.format_number(1.5, choice.tag, 1)
shown.format_percent(0.5, choice.tag), shown.format_day(1, choice.tag), shown.format_month(24000, choice.tag)
assert "babel" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("locale", ["en_US", "de", "hi_IN"])
def test_babel_is_asked_once_and_not_for_every_cell(locale, monkeypatch):
    format_money(1, EUR, locale), format_number(1, locale), format_percent(1, locale)

    def asked(*_args, **_kwargs):
        pytest.fail("Babel was asked again")

    for name in ("format_currency", "format_decimal", "format_percent"):
        monkeypatch.setattr(f"babel.numbers.{name}", asked)
    assert len({format_money(minor * 12_345, EUR, locale) for minor in range(1000)}) == 1000
    assert len({format_number(x, locale) for x in range(1000)}) == 1000
    assert len({format_percent(x / 100, locale) for x in range(1000)}) == 1000
