"""Numbers, money and days as a reader of a locale expects them, and which locale that is.

Invariant: English needs no Babel; any other locale's signs are read from Babel once and kept, so that a cell costs a
few microseconds. Only what is shown passes through here: files and JSON have one notation for all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from milestone_cli.domain.day import Day, Month, first_of_month, to_date
from milestone_cli.domain.money import Currency, Separators
from milestone_cli.domain.text import quoted
from milestone_cli.errors import InvalidValue

ENGLISH = "en_US"
"""The locale where none is named."""

_HAND_MADE = frozenset({"en", "en_US"})
_NO_LOCALE = frozenset({"C", "POSIX"})
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[_-]([A-Za-z]{4}))?(?:[_-]([A-Za-z]{2}|[0-9]{3}))?")
_ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ENGLISH_SIGNS = {
    "AUD": "A$",
    "BRL": "R$",
    "CAD": "CA$",
    "CNY": "CN¥",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "ILS": "₪",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "MXN": "MX$",
    "NZD": "NZ$",
    "PHP": "₱",
    "TWD": "NT$",
    "USD": "$",
    "VND": "₫",
    "XAF": "FCFA",
    "XCD": "EC$",
    "XCG": "Cg.",
    "XOF": "F\u202fCFA",
    "XPF": "CFPF",
}
_NUMBER_WITHIN = re.compile(r"([^0-9]*)([0-9](?:.*[0-9])?)([^0-9]*)", re.DOTALL)
_SIGNS_WITHIN = re.compile(r".*?([^0-9]*)567([^0-9]+)89", re.DOTALL)
_SAMPLE = Decimal("1234567.89")
_WHOLE = Decimal(100)
_DIRECTION_MARKS = str.maketrans("", "", "\u200e\u200f\u061c")


@dataclass(frozen=True, slots=True)
class LocaleChoice:
    """The locale of one call."""

    tag: str
    """Language, script and territory, joined by `_`: de_DE."""
    explicit: bool
    """Somebody chose it (flag, config, or a real locale in the environment), so it decides how "120.000" is read."""


@dataclass(frozen=True, slots=True)
class _Notation:
    """How a locale writes one kind of number."""

    before: str
    behind: str
    minus_before: str
    minus_behind: str
    decimal: str
    group: str
    by_hundreds: bool
    """After the first three digits two make a group, as in India."""

    def written(self, whole: str, decimals: str, *, negative: bool) -> str:
        """Return the number with these ASCII digits."""
        number = self._grouped(whole)
        if decimals:
            number += self.decimal + decimals
        if negative:
            return self.minus_before + number + self.minus_behind
        return self.before + number + self.behind

    def _grouped(self, whole: str) -> str:
        if len(whole) < 4:
            return whole
        if not self.by_hundreds:
            return f"{int(whole):,}".replace(",", self.group)
        head, tail = whole[:-3], whole[-3:]
        first = len(head) % 2
        pairs = [head[:first]] * first + [head[at : at + 2] for at in range(first, len(head), 2)]
        return self.group.join([*pairs, tail])


_ENGLISH_NUMBER = _Notation("", "", "-", "", ".", ",", by_hundreds=False)
_ENGLISH_PERCENT = _Notation("", "%", "-", "%", ".", ",", by_hundreds=False)


def resolve_locale(flag: str | None, config: str | None, environ: Mapping[str, str]) -> LocaleChoice:
    """Return the locale of this call: the flag, else the config, else LC_ALL, LC_MESSAGES, LANG.

    C, POSIX and C.UTF-8 mean English and decide nothing about ambiguous numbers; so does a locale of the config or the
    environment that nobody knows.

    Raises:
        InvalidValue: the flag names a locale that is not known.
    """
    if flag:
        tag = _known(flag)
        if tag is None:
            raise InvalidValue(f"{quoted(flag)} is not a known locale.", "Give one like de, de_AT or en_GB.")
        return LocaleChoice(tag, explicit=not _is_c(flag))
    named = config or next((environ[name] for name in _VARIABLES if environ.get(name)), "")
    tag = _known(named)
    return LocaleChoice(tag or ENGLISH, explicit=tag is not None and not _is_c(named))


def separators(choice: LocaleChoice) -> Separators | None:
    """Return how amounts typed in this locale are read, None if no locale decides."""
    if not choice.explicit:
        return None
    notation = _number_notation(choice.tag)
    return Separators(decimal=notation.decimal, group=notation.group)


def day_first(choice: LocaleChoice) -> bool | None:
    """Tell whether 12/11/2026 is 12 November in this locale, None if no locale decides or it writes the year first."""
    if not choice.explicit:
        return None
    order = [sign for sign in _short_date_pattern(choice.tag) if sign in "dMy"]
    return None if order[0] == "y" else order.index("d") < order.index("M")


def currency_of(choice: LocaleChoice) -> str | None:
    """Return the code of the currency in use where this locale is spoken, None if no locale names a place."""
    territory = choice.tag.rpartition("_")[2]
    if not choice.explicit or len(territory) != 2 or not territory.isupper():
        return None
    from babel.numbers import get_territory_currencies

    return next(iter(get_territory_currencies(territory)), None)


def format_money(minor: int, unit: Currency, locale: str) -> str:
    """Return an amount with its currency's sign; decimals only where there are any.

    >>> format_money(160_000_000, Currency("EUR", 2), "en_US")
    '€1,600,000'
    """
    whole, rest = divmod(abs(minor), 10**unit.digits)
    decimals = f"{rest:0{unit.digits}d}" if rest else ""
    return _money_notation(locale, unit.code).written(str(whole), decimals, negative=minor < 0)


def format_number(x: float | Decimal, locale: str, digits: int = 0) -> str:
    """Return a number with `digits` decimals, rounded half to even."""
    return _formatted(Decimal(str(x)), digits, _number_notation(locale))


def format_percent(x: float | Decimal, locale: str, digits: int = 0) -> str:
    """Return a share as a percentage: 0.71 is 71%.

    What is not the whole is never rounded up to it, nor what is something down to nothing.

    >>> format_percent(0.71, "en_US"), format_percent(1_199 / 1_200, "en_US"), format_percent(0.0004, "en_US")
    ('71%', '>99%', '<1%')
    """
    sign, percent = _beside_the_ends(Decimal(str(x)).scaleb(2), digits)
    return sign + _formatted(percent, digits, _percent_notation(locale))


def _beside_the_ends(percent: Decimal, digits: int) -> tuple[str, Decimal]:
    """Return a percentage to show, with a sign before it where rounding would make all or nothing of it."""
    if percent.is_finite() and 0 < percent < _WHOLE:
        rounded, step = round(percent, digits), Decimal(1).scaleb(-digits)
        if not rounded:
            return "<", step
        if rounded == _WHOLE:
            return ">", _WHOLE - step
    return "", percent


@lru_cache(maxsize=4096)
def format_day(day: Day, locale: str) -> str:
    """Return a day in the locale's medium form: Nov 20, 2026 or 20.11.2026."""
    value = to_date(day)
    if locale in _HAND_MADE:
        return f"{_ENGLISH_MONTHS[value.month - 1]} {value.day}, {value.year}"
    from babel.dates import format_date

    return format_date(value, "medium", locale=locale).translate(_DIRECTION_MARKS)


@lru_cache(maxsize=1024)
def format_month(month: Month, locale: str) -> str:
    """Return a month in the locale's short form: Nov 2026."""
    if locale in _HAND_MADE:
        return f"{_ENGLISH_MONTHS[month % 12]} {month // 12}"
    from babel.dates import format_skeleton

    return format_skeleton("yMMM", to_date(first_of_month(month)), locale=locale).translate(_DIRECTION_MARKS)


def _formatted(value: Decimal, digits: int, notation: _Notation) -> str:
    if not value.is_finite():
        return str(value)
    text = f"{value:.{digits}f}"
    whole, _, decimals = text.lstrip("-").partition(".")
    return notation.written(whole, decimals, negative=text[0] == "-" and text.strip("-0.") != "")


def _is_c(named: str) -> bool:
    return named.partition(".")[0] in _NO_LOCALE


def _known(named: str) -> str | None:
    """Return the tag of a locale's name, without its encoding; None if there is no such locale."""
    if _is_c(named):
        return ENGLISH
    found = _TAG.fullmatch(re.split(r"[.@]", named, maxsplit=1)[0])
    if found is None:
        return None
    language, script, territory = found[1].lower(), found[2], found[3]
    tag = "_".join(part for part in (language, script and script.title(), territory and territory.upper()) if part)
    if tag in _HAND_MADE:
        return tag
    from babel.core import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(tag))
    except (UnknownLocaleError, ValueError):
        return None


@cache
def _number_notation(locale: str) -> _Notation:
    if locale in _HAND_MADE:
        return _ENGLISH_NUMBER
    from babel.numbers import format_decimal

    return _notation(*(format_decimal(x, locale=locale) for x in (_SAMPLE, -_SAMPLE)))


@cache
def _percent_notation(locale: str) -> _Notation:
    if locale in _HAND_MADE:
        return _ENGLISH_PERCENT
    from babel.numbers import format_percent as babel_percent

    return _notation(*(babel_percent(x / 100, locale=locale, decimal_quantization=False) for x in (_SAMPLE, -_SAMPLE)))


@cache
def _money_notation(locale: str, code: str) -> _Notation:
    if locale in _HAND_MADE:
        sign = _apart(_ENGLISH_SIGNS.get(code, code))
        return _Notation(sign, "", f"-{sign}", "", ".", ",", by_hundreds=False)
    from babel.numbers import format_currency

    return _notation(*(format_currency(x, code, locale=locale, currency_digits=False) for x in (_SAMPLE, -_SAMPLE)))


def _notation(positive: str, negative: str) -> _Notation:
    """Take a notation from how the locale writes 1234567.89 and its negative."""
    before, number, behind = _around(positive)
    minus_before, _, minus_behind = _around(negative)
    signs = _SIGNS_WITHIN.fullmatch(number)
    if signs is None:  # pragma: no cover
        raise AssertionError(f"cannot take {number!r} apart")
    return _Notation(
        before, behind, minus_before, minus_behind, signs[2], signs[1], by_hundreds=number.startswith(f"12{signs[1]}34")
    )


def _around(text: str) -> tuple[str, str, str]:
    found = _NUMBER_WITHIN.fullmatch(text.translate(_DIRECTION_MARKS))
    if found is None:  # pragma: no cover
        raise AssertionError(f"no number in {text!r}")
    return _apart(found[1]), found[2], found[3]


def _apart(sign: str) -> str:
    """Return a currency's sign before its number: letters keep a no-break space's distance, which Babel leaves out."""
    return f"{sign}\u00a0" if sign and (sign[-1].isalpha() or sign[-1] == ".") else sign


def _short_date_pattern(locale: str) -> str:
    if locale in _HAND_MADE:
        return "M/d/y"
    from babel.core import Locale

    return str(Locale.parse(locale).date_formats["short"].pattern)
