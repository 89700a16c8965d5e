"""What is missing at a milestone, and what that costs at the last one.

missing = target - reached; costs = missing x share of the money here that arrives at the last milestone. Invariant: one
rule for every page that says where to act, and the sum it names is the one that stands in the KPIs as missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from milestone_cli.domain.day import Month


@dataclass(frozen=True, slots=True)
class Gap:
    """What one milestone still misses of its target."""

    number: int
    """The milestone's number."""
    missing: Fraction
    """Money short of the target, in minor units, unrounded; above 0."""
    share: Fraction
    """Of the money here, so much arrives at the last milestone."""
    feeds: tuple[Month, Month]
    """The first and the last month in which it will be missed at the last milestone."""

    @property
    def costs(self) -> Fraction:
        """Money that will be missing at the last milestone if nothing more comes, in minor units."""
        return self.missing * self.share


def costliest(gaps: Iterable[Gap]) -> Gap | None:
    """Return the gap that costs most at the last milestone, of equals the earlier one.

    Before anything has arrived in a month all gaps cost the same: the target. From then on the one leads of whose
    target the smallest part is there, whatever the day, as long as the months they feed want the same.

    >>> may = (24316, 24316)
    >>> early, late = Gap(1, Fraction(360), Fraction(1, 16), may), Gap(4, Fraction(30), Fraction(1, 2), may)
    >>> costliest([late, early]).number
    1
    """
    return max(gaps, key=lambda gap: (gap.costs, -gap.number), default=None)
