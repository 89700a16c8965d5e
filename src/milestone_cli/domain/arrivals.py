"""Sums of arrivals: what the KPIs are made of."""

from __future__ import annotations

from dataclasses import dataclass

from milestone_cli.domain.day import Day


@dataclass(frozen=True, slots=True)
class Arrived:
    """What arrived at one milestone in a span of days."""

    money: int = 0
    """Known potentials, in minor units."""
    count: int = 0
    """Opportunities, those without a known potential included."""
    unknown: int = 0
    """How many of them have no known potential."""


NOTHING_ARRIVED = Arrived()


@dataclass(frozen=True, slots=True)
class ListedArrival:
    """One arrival, to show what a sum is made of."""

    opportunity: str
    """The opportunity's key."""
    milestone: str
    """The milestone's key."""
    on: Day
    value: int | None
    """The potential in minor units; None is unknown."""
    rep: int | None
    """The rep's number."""
    implied: bool
