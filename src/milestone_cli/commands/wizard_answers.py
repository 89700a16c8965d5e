"""What the answers to the wizard's questions mean.

Invariant: an answer is taken as one thing or refused with what would be taken.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from milestone_cli.domain.money import Currency, plain
from milestone_cli.domain.text import quoted, slug, valid_milestone_key, valid_process_key
from milestone_cli.errors import InvalidValue

LONGEST_MONTHS = 120
_NUMBER = re.compile(r"([0-9]{1,4})(?:[.,]([0-9]{1,4}))?")


def major(minor: int, unit: Currency) -> Decimal:
    """Return an amount in whole units of its currency."""
    amount = Decimal(plain(minor, unit))
    return amount.to_integral_value() if amount == amount.to_integral_value() else amount


def key_of(text: str) -> str:
    """Read the key of a process."""
    key = text.strip().lower()
    if not valid_process_key(key):
        raise InvalidValue(f"{quoted(text)} cannot name a process.", "Use 1 to 40 of a-z, 0-9 and -.")
    return key


def free_key(name: str, number: int, others: set[str]) -> str:
    """Return a milestone key made from its name that no other milestone has."""
    made = slug(name)
    wanted = made if valid_milestone_key(made) else f"m-{number}"
    key, count = wanted, 1
    while key in others:
        count += 1
        key = f"{wanted}-{count}"
    return key


def months_of(text: str) -> Fraction:
    """Read "12" and "1.5"."""
    found = _NUMBER.fullmatch(text.strip())
    months = Fraction(f"{found[1]}.{found[2] or 0}") if found else Fraction(0)
    if not 0 < months <= LONGEST_MONTHS:
        raise InvalidValue(
            f"{quoted(text)} is no number of months.", f"Give one up to {LONGEST_MONTHS}, like 12 or 1.5."
        )
    return months


def rate_of(text: str) -> Decimal:
    """Read "50", "50 %" and "0.5 %" as so many of 100."""
    found = _NUMBER.fullmatch(text.strip().removesuffix("%").strip())
    rate = Decimal(f"{found[1]}.{found[2] or 0}") / 100 if found else Decimal(0)
    if not 0 < rate <= 1:
        raise InvalidValue(f"{quoted(text)} is not so many of 100.", "Give a number above 0 and at most 100, like 50.")
    return rate.normalize()
