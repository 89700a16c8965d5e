"""Amounts as other systems write them: what cannot be mistaken is read, and said where it had to be rounded.

Invariant: an amount with two readings is refused unless the map says which sign stands before the decimals; the
locale of the machine never decides, for it is not the one of the system.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from milestone_cli.domain.money import LIMIT, Currency, Separators, half_up, parse_amount
from milestone_cli.domain.text import quoted
from milestone_cli.errors import InvalidValue
from milestone_cli.exchange.oddities import Oddity

_BLANK = frozenset({"", "-", "–", "—", "n/a", "null", "none"})
_ZERO = re.compile(r"[-\u2212]?[0., ]*0[0., ]*")
_BELOW = re.compile(r"[-\u2212(].*[1-9].*")
_PLAIN = re.compile(
    r"[0-9]{1,15}(?:\.(?:[0-9]{1,2}|[0-9]{4,30}))?|[0-9]{4,15}\.[0-9]{3}|0\.[0-9]{3}"
    r"|[0-9]{1,15}(?:\.[0-9]{1,15})?[eE][+-]?[0-9]{1,2}"
)
"""Digits and a point that groups nothing, whoever writes it; large numbers come as 1.0E7."""
_DECIMAL = re.compile(r"[0-9]{1,15}(?:[.,][0-9]{1,30})?")
_NUMBER = re.compile(r"[0-9][0-9.,]*")
_MOST = 100_000


class Amount(NamedTuple):
    """What a cell says of the potential."""

    minor: int | None
    """None is unknown."""
    oddity: Oddity | None = None


NO_AMOUNT = Amount(None)


def decimal_sign(text: str) -> str | None:
    """Return the sign that stands before the decimals in an amount; None where it has none, or could have either.

    >>> decimal_sign("1.234,5"), decimal_sign("1,234,567"), decimal_sign("120.5"), decimal_sign("120.000")
    (',', '.', '.', None)
    """
    number = max(_NUMBER.findall(text), key=len, default="")
    marks = [sign for sign in number if sign in ".,"]
    if not marks:
        return None
    last = marks[-1]
    whole, _, decimals = number.rpartition(last)
    if len(set(marks)) == 1 and len(marks) > 1:
        return "," if last == "." else "."
    return None if len(marks) == 1 and len(decimals) == 3 and len(whole) <= 3 else last


class Amounts:
    """Reads the amounts of an export in one currency."""

    def __init__(self, currency: Currency, separators: Separators | None) -> None:
        """Take how amounts are written.

        Args:
            currency: the one of the process.
            separators: what the map says; None takes what has one reading.
        """
        self._currency = currency
        self._separators = separators
        self._known: dict[str, Amount] = {}

    def read(self, text: str) -> Amount:
        """Return what a cell says.

        Raises:
            InvalidValue: it is no amount, has two readings, is too large or in another currency.
        """
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            found = self._known[text] = self._read(text.strip())
        return found

    def _read(self, word: str) -> Amount:
        if word.casefold() in _BLANK or _ZERO.fullmatch(word):
            return NO_AMOUNT
        if len(word) < 60 and _BELOW.fullmatch(word):
            return Amount(None, Oddity.AMOUNT_BELOW_ZERO)
        if _PLAIN.fullmatch(word) or self._is_decimal(word):
            return self._rounded(word.replace(",", "."))
        try:
            return Amount(parse_amount(word, self._currency, separators=self._separators))
        except InvalidValue as error:
            if error.message.endswith(" is 0."):
                return NO_AMOUNT
            if "can be read as" not in error.message:
                raise
            raise InvalidValue(f'{error.message} decimal = "." or decimal = "," in the map decides') from error

    def _is_decimal(self, word: str) -> bool:
        """Tell whether a word has digits and at most the map's decimal sign."""
        known = self._separators
        return known is not None and known.group not in word and _DECIMAL.fullmatch(word) is not None

    def _rounded(self, word: str) -> Amount:
        exact = Decimal(word).scaleb(self._currency.digits)
        minor = half_up(exact)
        if minor > LIMIT:
            raise InvalidValue(f"The amount {quoted(word)} is too large")
        return Amount(minor or None, None if exact == minor else Oddity.AMOUNT_ROUNDED)
