"""What is missing at a milestone by today, and what that costs at the last one.

missing = target x elapsed - reached; costs = missing x share of the money here that arrives at the last milestone.
Invariant: one rule for every page that says where to act; under 0 a milestone is ahead of its pace.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Gap:
    """How far one milestone is behind the pace of its target."""

    number: int
    """The milestone's number."""
    missing: Fraction
    """Money short of target x elapsed, in minor units, unrounded."""
    share: Fraction
    """Of the money here, so much arrives at the last milestone."""

    @property
    def costs(self) -> Fraction:
        """Money that will be missing at the last milestone, in minor units."""
        return self.missing * self.share

    @property
    def is_short(self) -> bool:
        """Whether anything is missing at all."""
        return self.missing > 0


def costliest(gaps: Iterable[Gap]) -> Gap | None:
    """Return the gap that costs most at the last milestone, of equals the earlier one.

    >>> early, late = Gap(1, Fraction(360), Fraction(1, 16)), Gap(4, Fraction(30), Fraction(1, 2))
    >>> costliest([late, early]).number
    1
    """
    return max(gaps, key=lambda gap: (gap.costs, -gap.number), default=None)
