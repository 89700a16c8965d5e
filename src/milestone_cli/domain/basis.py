"""What the targets of one month cascade with: rates, lead times, who shares, what an arrival is worth.

Invariant: a basis is made once, at the first need in its month, from what lies before the month's first day; it is
stored as the month's snapshot, so that a target does not move under anybody's feet.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction

from milestone_cli.domain.cascade import lead_months, shares_of_last
from milestone_cli.domain.dead_horses import Threshold, threshold
from milestone_cli.domain.process import Definition, Process

ENOUGH_ARRIVALS = 10
"""So many arrivals with a known potential make a mean value of their own."""
SOON_DAYS = 30
"""How far "soon" reaches: the chance to move within so many days is kept."""
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


class MeanSource(StrEnum):
    """What tells what one arrival is worth."""

    RECENT = "recent"
    """The arrivals of the 24 months before the month."""
    TYPICAL = "typical"
    """`typical_value` of the process: there are too few arrivals."""
    OVERALL = "overall"
    """All arrivals that there are: they are few, and the process says nothing."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MeanValue:
    """What one arrival at a milestone is worth."""

    amount: Fraction | None
    """Minor units; None where nothing tells."""
    source: MeanSource
    worth: Worth = NO_WORTH
    """The arrivals it is the mean of."""


def mean_of(recent: Worth, typical: int | None, overall: Worth) -> MeanValue:
    """Return what one arrival is worth, and what tells it.

    The mean of the last 24 months if they hold ten arrivals, else the typical value of the process, else the mean of
    what there is.

    >>> mean_of(Worth(3, 900), 500, NO_WORTH)
    MeanValue(amount=Fraction(500, 1), source=<MeanSource.TYPICAL: 'typical'>, worth=Worth(count=0, money=0))
    """
    if recent.count >= ENOUGH_ARRIVALS and recent.money:
        return MeanValue(recent.mean, MeanSource.RECENT, recent)
    if typical:
        return MeanValue(Fraction(typical), MeanSource.TYPICAL)
    return MeanValue(overall.mean, MeanSource.NONE if overall.mean is None else MeanSource.OVERALL, overall)


def mean_value(recent: Worth, typical: int | None, overall: Worth) -> Fraction | None:
    """Return what one arrival is worth, in minor units, as `mean_of` does; None where nothing tells."""
    return mean_of(recent, typical, overall).amount


KNOT_WEEKS = (*range(53), *range(56, 300, 4))
"""The weeks of waiting at which a snapshot keeps what depends on them: each of a year, then every fourth."""


def at_knots(kept: Sequence[float], waited: int) -> float:
    """Return a figure kept at `KNOT_WEEKS` for any number of days waited, interpolated between the weeks.

    >>> at_knots([float(week) for week in KNOT_WEEKS], 7 * 54)
    54.0
    """
    week = max(waited, 0) / 7
    if week >= KNOT_WEEKS[-1]:
        return kept[-1]
    after = bisect_right(KNOT_WEEKS, week)
    first, last = KNOT_WEEKS[after - 1], KNOT_WEEKS[after]
    share = (week - first) / (last - first)
    found: float = kept[after - 1] * (1 - share) + kept[after] * share
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured of one section before the month began; what lies between stands in `Basis`."""

    cases: int
    """Stays seen in it."""
    low: float
    """Lower bound of the 90 % interval of the rate by value, which cascades money."""
    high: float
    weight_of_data: float
    """0 is all plan, near 1 all data."""
    days_p50: float
    """Median days of those who move on."""
    days_p90: float
    chances: tuple[float, ...]
    """At `KNOT_WEEKS`: the chance that one still there after so many weeks ever moves on."""
    soon: tuple[float, ...]
    """At `KNOT_WEEKS`: the chance that it moves on within the next 30 days."""

    def chance_left(self, waited: int) -> float:
        """Return the chance still to move after so many days, interpolated between the weeks kept."""
        return at_knots(self.chances, waited)

    def chance_soon(self, waited: int) -> float:
        """Return the chance to move within the next 30 days after so many days, as `chance_left` does."""
        return at_knots(self.soon, waited)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The frozen ground of one month's requirements, for one process and version."""

    month: int
    version: int
    keys: tuple[str, ...]
    """The milestones of the version, in order."""
    plan: tuple[str, ...]
    """The plan of each section that it rests on, see `plan_marks`."""
    source: RateSource
    rates: tuple[Fraction, ...]
    """The k-1 section rates, by value, of the team."""
    count_rates: tuple[Fraction, ...]
    """The same by count."""
    lead_days: tuple[Fraction, ...]
    """Median days from each milestone 1..k to the last."""
    days_to: tuple[Fraction, ...]
    """Median days from milestone 1 to each milestone 1..k."""
    dead: tuple[Threshold, ...]
    """From which age each of the k-1 sections sets aside."""
    measured: tuple[Measured, ...] = ()
    """Each of the k-1 sections; empty where there was no case at all, or the plan was asked for."""
    needs: tuple[tuple[float, float], ...] = ()
    """P10 and P90 of the money that must arrive at each milestone 1..k per money at the last; empty as `measured`."""
    expected: tuple[tuple[float, ...], ...] = ()
    """Each of the k-1 sections, at `KNOT_WEEKS`: what ever arrives at the last milestone per money that has waited so
    long; empty as `measured`."""
    owners: tuple[int, ...] = ()
    """Reps not retired who owned an open opportunity when the month began."""
    worths: Mapping[str, Worth] = field(default_factory=dict)
    """By milestone key: the arrivals of the 24 months before."""

    def place(self, key: str) -> int | None:
        """Return the index 0..k-1 of a milestone, or None where this version does not have it."""
        return self.keys.index(key) if key in self.keys else None

    def section(self, key: str) -> Measured | None:
        """Return what was measured of the section that begins at a milestone; None where nothing was."""
        place = self.place(key)
        return None if place is None or place >= len(self.measured) else self.measured[place]

    def threshold(self, key: str | None) -> Threshold | None:
        """Return from which age those at a milestone are set aside; None at the last one or outside this version."""
        place = None if key is None else self.place(key)
        return None if place is None or place >= len(self.dead) else self.dead[place]

    def expected_share(self, place: int, waited: int) -> Fraction:
        """Return which share of the money at a milestone will ever arrive at the last one.

        Args:
            place: the milestone's index 0..k-1.
            waited: days since it was reached; under planned rates they say nothing.
        """
        if place >= len(self.rates):
            return Fraction(1)
        if not self.expected:
            return shares_of_last(self.rates)[place]
        return Fraction(at_knots(self.expected[place], waited))

    @property
    def too_uncertain(self) -> bool:
        """Whether P90 of what must arrive at the first milestone is over twice P10: nothing to steer by."""
        return bool(self.needs) and self.needs[0][1] > 2 * self.needs[0][0]

    def rests_on(self, definition: Definition) -> bool:
        """Return whether this is a basis of that version and that plan."""
        own = (self.version, self.keys, self.plan)
        return own == (definition.version, definition.process.keys, plan_marks(definition.process))

    def as_planned(self, definition: Definition) -> Basis:
        """Return the same month under the planned rates and days."""
        return replace(planned_basis(definition, self.month, owners=self.owners, worths=self.worths), dead=self.dead)

    def feeds(self, key: str) -> int:
        """Return the month whose target the arrivals at `key` in this month feed."""
        place = self.place(key)
        return self.month + (lead_months(self.lead_days[place]) if place is not None else 0)

    def share_of_last(self, key: str) -> Fraction | None:
        """Return which share of the money at `key` arrives at the last milestone."""
        place = self.place(key)
        return None if place is None else shares_of_last(self.rates)[place]


def plan_marks(process: Process) -> tuple[str, ...]:
    """Return the plan of every section in one word each, so that a change of it is seen."""
    return tuple(f"{one.planned_rate} {one.days} {one.dead_after_days}" for one in process.milestones[1:])


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
        plan=plan_marks(process),
        source=RateSource.PLANNED,
        rates=process.planned_rates(),
        count_rates=process.planned_rates(),
        lead_days=tuple(Fraction(process.planned_lead_days(number)) for number in numbers),
        days_to=tuple(Fraction(process.planned_days_to(number)) for number in numbers),
        dead=tuple(
            threshold(fixed=one.dead_after_days, planned_days=one.days, cases=0, measured=None)
            for one in process.milestones[1:]
        ),
        owners=owners,
        worths=worths or {},
    )
