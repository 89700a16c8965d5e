"""The cascade: a target at the last milestone carried backwards to the first.

required(i) = required(i+1) / rate(i -> i+1). Invariant: the chain is exact (Fractions); an amount is rounded once, half
up, when it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

LEVER_STEP = Fraction(1, 10)
"""By how much a lever lifts a rate: ten percentage points."""


def shares_of_last(rates: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Return for each milestone 1..k which share of its money arrives at the last one.

    >>> shares_of_last([Fraction(1, 2), Fraction(1, 2)])
    (Fraction(1, 4), Fraction(1, 2), Fraction(1, 1))
    """
    shares = [Fraction(1)]
    for rate in reversed(rates):
        shares.append(shares[-1] * rate)
    return tuple(reversed(shares))


def required(target: Fraction, rates: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Return what must arrive at each milestone 1..k so that `target` arrives at the last, unrounded.

    >>> [int(amount) for amount in required(Fraction(100_000), [Fraction(1, 2)] * 4)]
    [1600000, 800000, 400000, 200000, 100000]
    """
    return tuple(target / share for share in shares_of_last(rates))


@dataclass(frozen=True, slots=True)
class Lever:
    """What one better section saves at the first milestone."""

    section: int
    """The section's number: from milestone `section` to the next."""
    rate: Fraction
    better: Fraction
    saves: Fraction
    """Money a month less at milestone 1, in minor units, unrounded."""


def levers(target: Fraction, rates: Sequence[Fraction]) -> tuple[Lever, ...]:
    """Return for each section what ten points more (at most to 100 %) save at milestone 1, the largest first."""
    if not rates:
        return ()
    first = required(target, rates)[0]
    found = []
    for index, rate in enumerate(rates):
        better = min(Fraction(1), rate + LEVER_STEP)
        found.append(Lever(index + 1, rate, better, first - first * rate / better))
    return tuple(sorted(found, key=lambda lever: (-lever.saves, lever.section)))


def lead_months(days: Fraction) -> int:
    """Return a lead time in whole months: days / 30.44, half up.

    >>> lead_months(Fraction(60))
    2
    """
    return int(days * 100 / 3044 + Fraction(1, 2))
