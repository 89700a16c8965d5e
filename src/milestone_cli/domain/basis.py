"""What the targets of one month cascade with: rates, lead times, who shares, what an arrival is worth.

Invariant: a basis is made once, at the first need in its month, from what lies before the month's first day; it is
stored as the month's snapshot, so that a target does not move under anybody's feet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from milestone_cli.domain.cascade import lead_months, shares_of_last
from milestone_cli.domain.process import Definition

ENOUGH_ARRIVALS = 10
"""So many arrivals with a known potential make a mean value of their own."""
MEAN_MONTHS = 24
"""The mean value of an arrival is taken over so many months before the month."""


class RateSource(StrEnum):
    """Where the rates of a cascade come from."""

    PLANNED = "planned"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Worth:
    """Arrivals with a known potential and their money."""

    count: int
    money: int
    """Minor units."""

    @property
    def mean(self) -> Fraction | None:
        """Money per arrival in minor units; None without one."""
        return Fraction(self.money, self.count) if self.count and self.money else None


NO_WORTH = Worth(0, 0)


def mean_value(recent: Worth, typical: int | None, overall: Worth) -> Fraction | None:
    """Return what one arrival is worth, in minor units; None where nothing tells.

    The mean of the last 24 months if they hold ten arrivals, else the typical value of the process, else the mean of
    what there is.
    """
    if recent.count >= ENOUGH_ARRIVALS and recent.money:
        return recent.mean
    return Fraction(typical) if typical else overall.mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The frozen ground of one month's requirements, for one process and version."""

    month: int
    version: int
    keys: tuple[str, ...]
    """The milestones of the version, in order."""
    source: RateSource
    rates: tuple[Fraction, ...]
    """The k-1 section rates, by value, of the team."""
    lead_days: tuple[Fraction, ...]
    """Median days from each milestone 1..k to the last."""
    days_to: tuple[Fraction, ...]
    """Median days from milestone 1 to each milestone 1..k."""
    owners: tuple[int, ...] = ()
    """Reps not retired who owned an open opportunity when the month began."""
    worths: Mapping[str, Worth] = field(default_factory=dict)
    """By milestone key: the arrivals of the 24 months before."""

    def place(self, key: str) -> int | None:
        """Return the index 0..k-1 of a milestone, or None where this version does not have it."""
        return self.keys.index(key) if key in self.keys else None

    def rests_on(self, definition: Definition) -> bool:
        """Return whether this is a basis of that version and, under planned rates, of that plan."""
        plan = planned_basis(definition, self.month)
        same = (self.version, self.keys) == (plan.version, plan.keys)
        return same and (
            self.source is not RateSource.PLANNED or (self.rates, self.lead_days) == (plan.rates, plan.lead_days)
        )

    def feeds(self, key: str) -> int:
        """Return the month whose target the arrivals at `key` in this month feed."""
        place = self.place(key)
        return self.month + (lead_months(self.lead_days[place]) if place is not None else 0)

    def share_of_last(self, key: str) -> Fraction | None:
        """Return which share of the money at `key` arrives at the last milestone."""
        place = self.place(key)
        return None if place is None else shares_of_last(self.rates)[place]


def planned_basis(
    definition: Definition, month: int, *, owners: tuple[int, ...] = (), worths: Mapping[str, Worth] | None = None
) -> Basis:
    """Return the basis of `month` under the planned rates and days of `definition`."""
    process = definition.process
    numbers = range(1, len(process.milestones) + 1)
    return Basis(
        month=month,
        version=definition.version,
        keys=process.keys,
        source=RateSource.PLANNED,
        rates=process.planned_rates(),
        lead_days=tuple(Fraction(process.planned_lead_days(number)) for number in numbers),
        days_to=tuple(Fraction(process.planned_days_to(number)) for number in numbers),
        owners=owners,
        worths=worths or {},
    )
