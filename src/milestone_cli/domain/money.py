"""Money: integer minor units and a currency, read from what people type and from files.

Invariant: no float ever holds money; an amount that could be read in two ways is refused with both readings named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

from milestone_cli.domain.text import quoted
from milestone_cli.errors import InvalidValue

LIMIT = 9 * 10**14
"""The largest amount in minor units: it and every sum of a book stay exact in SQLite and in JSON readers."""

_CODE_LIST = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD
LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP
PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP
TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_CODES = frozenset(_CODE_LIST.split())
_DIGITS = dict.fromkeys(_NO_DECIMALS.split(), 0) | dict.fromkeys(_THREE_DECIMALS.split(), 3) | {"CLF": 4, "UYW": 4}

_DOLLARS = "USD AUD CAD NZD HKD SGD TWD MXN ARS CLP COP UYU BBD BMD BND BSD BZD FJD GYD JMD KYD LRD NAD SBD SRD TTD XCD"
_SIGNS: dict[str, frozenset[str]] = {
    sign: frozenset(codes.split())
    for sign, codes in {
        "$": _DOLLARS,
        "€": "EUR",
        "£": "GBP EGP FKP GIP LBP SDG SHP SSP SYP",
        "¥": "JPY CNY",
        "₩": "KRW KPW",
        "₹": "INR",
        "₽": "RUB",
        "₺": "TRY",
        "₴": "UAH",
        "₪": "ILS",
        "₫": "VND",
        "฿": "THB",
        "₱": "PHP",
        "₦": "NGN",
        "zł": "PLN",
        "kč": "CZK",
        "ft": "HUF",
        "fr": "CHF",
        "fr.": "CHF",
        "sfr": "CHF",
        "sfr.": "CHF",
        "kr": "SEK NOK DKK ISK",
        "kr.": "SEK NOK DKK ISK",
        "us$": "USD",
        "$us": "USD",
        "a$": "AUD",
        "au$": "AUD",
        "ca$": "CAD",
        "nz$": "NZD",
        "hk$": "HKD",
        "nt$": "TWD",
        "mx$": "MXN",
        "r$": "BRL",
        "cn¥": "CNY",
        "jp¥": "JPY",
        "ec$": "XCD",
    }.items()
}

_SCALES = {"": 0, "k": 3, "tsd": 3, "tsd.": 3, "m": 6, "mio": 6, "mio.": 6}
_AMOUNT = re.compile(r"([^0-9]*)([0-9](?:[0-9.,_' ]*[0-9])?)([^0-9]*)")
_TAIL = re.compile(r"(tsd\.?|mio\.?|k|m)(?![^\W\d_])|")
_PLAIN = re.compile(r"([0-9]{1,30})(?:\.([0-9]{1,30}))?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}")
_LIKE_ONE = str.maketrans(
    {"’": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-", "\u200e": None, "\u200f": None}
)
_LONGEST = 60
_MOST_DIGITS = 15
_FORMS = "Write an amount as 120000, 120_000, 120k, 1.6m or 120000.50."


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of ISO 4217."""

    code: str
    """Three capital letters."""
    digits: int
    """How many decimals its minor unit has: 2 for EUR, 0 for JPY, 3 for KWD."""


@dataclass(frozen=True, slots=True)
class Separators:
    """How a locale writes numbers."""

    decimal: str
    """The sign before the decimals."""
    group: str
    """The sign between groups of thousands."""


@cache
def currency(code: str) -> Currency:
    """Return the currency of a code of ISO 4217.

    Raises:
        InvalidValue: not three capital letters, or no such code.
    """
    if code in _CODES:
        return Currency(code, _DIGITS.get(code, 2))
    meant = code.strip().upper()
    hint = f"Write {meant}." if meant in _CODES else "Give a code of ISO 4217, like EUR, USD or CHF."
    raise InvalidValue(f"{quoted(code)} is not a currency code.", hint)


def half_up(value: Fraction | Decimal) -> int:
    """Return the nearest integer, the upper one in the middle.

    >>> half_up(Fraction(5, 2)), half_up(Decimal("2.49"))
    (3, 2)
    """
    exact = Fraction(value)
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def minor_from_decimal(value: Decimal, unit: Currency) -> int:
    """Return the minor units of an exact number; zeros behind the last decimal do not matter.

    Raises:
        InvalidValue: NaN, infinite, more decimals than the currency has, above the limit. Negative amounts pass.
    """
    if not value.is_finite():
        raise InvalidValue(f"{quoted(str(value))} is not an amount.", _FORMS)
    # A huge exponent would build a number of that many digits before it could be compared with the limit.
    if value and value.adjusted() > _MOST_DIGITS:
        raise _too_large(str(value), unit)
    if value and value.adjusted() < -_MOST_DIGITS:
        raise _too_fine(str(value), unit)
    numerator, denominator = value.as_integer_ratio()
    minor, rest = divmod(abs(numerator) * 10**unit.digits, denominator)
    if rest:
        raise _too_fine(str(value), unit)
    return _within(minor, str(value), unit) * (-1 if value < 0 else 1)


def plain(minor: int, unit: Currency) -> str:
    """Return an amount for files: the currency's decimals, a dot, no grouping.

    >>> plain(10000000, currency("EUR")), plain(5, currency("EUR")), plain(120, currency("JPY"))
    ('100000.00', '0.05', '120')
    """
    if not unit.digits:
        return str(minor)
    whole, rest = divmod(abs(minor), 10**unit.digits)
    return f"{'-' if minor < 0 else ''}{whole}.{rest:0{unit.digits}d}"


def parse_plain(text: str, unit: Currency) -> int:
    """Return the minor units of an amount in a file: digits, a dot before the decimals, no grouping; empty is 0.

    Decimals beyond the currency's are taken if they are zeros and the number cannot be a grouped one: "120.000" in
    EUR may have been 120 thousand.

    Raises:
        InvalidValue: any other form, a sign, too many decimals, above the limit.
    """
    word = text.strip()
    if not word:
        return 0
    found = _PLAIN.fullmatch(word)
    if found is None:
        if word.startswith(("-", "\u2212")):
            raise InvalidValue(f"The amount {quoted(text)} is negative.", "Amounts are 0 or more.")
        raise InvalidValue(f"{quoted(text)} is not an amount.", "In files an amount is digits and a dot: 120000.50.")
    whole, decimals = found[1], found[2] or ""
    if len(decimals) > unit.digits and len(decimals) == 3 and len(whole) <= 3 and not whole.startswith("0"):
        raise _two_readings(text, unit, whole, decimals, 0)
    minor = _scaled(int(whole + decimals), unit.digits - len(decimals))
    if minor is None:
        raise _too_fine(text, unit)
    return _within(minor, text, unit)


def parse_amount(text: str, unit: Currency, *, separators: Separators | None) -> int:
    """Return the minor units of an amount as a person types it; above 0.

    `separators` are those of the locale, or None if no locale decides. A single group of three digits ("120.000") is
    a thousand only if the sign groups in that locale; otherwise both readings are named. Every form with one possible
    reading is taken whatever the locale: "1.600.000", "1,600.50", "120.5".

    Raises:
        InvalidValue: unreadable, ambiguous, 0, negative, another currency, too many decimals, above the limit.
    """
    word = text.strip().translate(_LIKE_ONE)
    if word.startswith("-"):
        raise InvalidValue(f"The amount {quoted(text)} is negative.", "Give an amount above 0.")
    found = _AMOUNT.fullmatch(word) if len(word) <= _LONGEST else None
    if found is None:
        raise InvalidValue(f"{quoted(text)} is not an amount.", _FORMS)
    before, number, after = found[1].strip().casefold(), found[2], found[3].strip().casefold()
    tail = _TAIL.match(after)
    scale_word = tail[0] if tail and after not in _SIGNS else ""
    behind = after[len(scale_word) :].strip()
    if before and behind:
        raise InvalidValue(f"{quoted(text)} is not an amount.", _FORMS)
    _check_currency(before or behind, unit, text)
    scale = _SCALES[scale_word]
    whole, decimals = _split(number, unit, scale, separators, text)
    minor = _scaled(int(whole + decimals), scale + unit.digits - len(decimals))
    if minor is None or (not scale and len(decimals) > unit.digits):
        raise _too_fine(text, unit)
    if not minor:
        raise InvalidValue(f"The amount {quoted(text)} is 0.", "Give an amount above 0, or leave it out.")
    return _within(minor, text, unit)


def _check_currency(word: str, unit: Currency, text: str) -> None:
    if not word or word == unit.code.casefold() or unit.code in _SIGNS.get(word, ()):
        return
    if word in _SIGNS or word.upper() in _CODES:
        raise InvalidValue(
            f"The amount {quoted(text)} is not in {unit.code}, the currency of the process.", f"Give it in {unit.code}."
        )
    raise InvalidValue(f"{quoted(text)} is not an amount.", _FORMS)


def _split(number: str, unit: Currency, scale: int, separators: Separators | None, text: str) -> tuple[str, str]:
    """Return the digits before and behind the decimal sign."""
    marks = [sign for sign in number if not sign.isdigit()]
    if not marks:
        return number, ""
    last = marks[-1]
    if marks.count(last) == 1 and last in ".,":
        whole, decimals = number.rsplit(last, 1)
        if len(marks) > 1:
            return _ungrouped(whole, text), decimals
        if len(decimals) != 3 or len(whole) > 3 or whole.startswith("0"):
            return whole, decimals
        if separators is not None and last == separators.group:
            return whole + decimals, ""
        if separators is not None and last == separators.decimal and unit.digits == 3 and not scale:
            return whole, decimals
        raise _two_readings(text, unit, whole, decimals, scale)
    return _ungrouped(number, text), ""


def _ungrouped(number: str, text: str) -> str:
    marks = {sign for sign in number if not sign.isdigit()}
    like_commas = number.replace(next(iter(marks)), ",")
    if len(marks) != 1 or not _GROUPED.fullmatch(like_commas):
        raise InvalidValue(f"{quoted(text)} is not an amount: its digits are not grouped by three.", _FORMS)
    return like_commas.replace(",", "")


def _scaled(digits: int, exponent: int) -> int | None:
    """Return digits * 10**exponent, or None if that is no integer."""
    if exponent >= 0:
        return int(digits * 10**exponent)
    quotient, rest = divmod(digits, 10**-exponent)
    return None if rest else quotient


def _within(minor: int, text: str, unit: Currency) -> int:
    if minor > LIMIT:
        raise _too_large(text, unit)
    return minor


def _too_large(text: str, unit: Currency) -> InvalidValue:
    return InvalidValue(f"The amount {quoted(text)} is too large.", f"At most {plain(LIMIT, unit)} {unit.code} fit.")


def _too_fine(text: str, unit: Currency) -> InvalidValue:
    allowed = f"at most {unit.digits} decimals" if unit.digits else "no decimals"
    return InvalidValue(f"The amount {quoted(text)} has too many decimals.", f"{unit.code} has {allowed}.")


def _two_readings(text: str, unit: Currency, whole: str, decimals: str, scale: int) -> InvalidValue:
    large = str(int(whole + decimals) * 10**scale)
    small = f"{Decimal(f'{whole}.{decimals}').scaleb(scale).normalize():f}"
    return InvalidValue(
        f"The amount {quoted(text)} can be read as {large} or as {small} {unit.code}.",
        f"Write it without grouping: {large} or {small}.",
    )
