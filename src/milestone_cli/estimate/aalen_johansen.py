"""Aalen and Johansen's plain estimate of the cumulative incidence, by day: for audit, beside the shrunk one.

Formula: F(t) = sum over event days s <= t of S(s-) d(s) / Y(s), with the Kaplan-Meier estimate S of still being there,
d the number moving on and Y the number at risk, late entries counted from the day they were seen. Source: Aalen and
Johansen 1978, Scandinavian Journal of Statistics 5, 141-150.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from milestone_cli.estimate.journeys import Floats, Stays


@dataclass(frozen=True, slots=True)
class Incidence:
    """The estimate at each day on which somebody moved on, was lost or was cut off."""

    days: Floats
    """T: sorted, in days of stay."""
    moved: Floats
    """T: share that has moved on by then."""
    lost: Floats
    """T: share that was lost by then."""

    def at(self, day: float) -> float:
        """Return the share that has moved on within `day` days."""
        place = int(np.searchsorted(self.days, day, side="right"))
        return float(self.moved[place - 1]) if place else 0.0


def aalen_johansen(cases: Stays) -> Incidence:
    """Return the plain estimate from the stays of a section, all weighing the same.

    Args:
        cases: of one section; at least one. Whoever is cut off on a day was at risk that day.
    """
    days, place = np.unique(cases.days, return_inverse=True)
    moved = np.bincount(place, cases.moved, len(days))
    lost = np.bincount(place, cases.lost, len(days))
    leaving = np.bincount(place, minlength=len(days))
    at_risk = leaving[::-1].cumsum()[::-1] - _not_seen_yet(cases, days)
    at_risk = np.maximum(at_risk, 1e-12)
    survival = np.cumprod(1 - (moved + lost) / at_risk)
    before = np.append(1.0, survival[:-1])
    return Incidence(days, np.cumsum(before * moved / at_risk), np.cumsum(before * lost / at_risk))


def _not_seen_yet(cases: Stays, days: Floats) -> Floats:
    """Return at each day how many of those still to leave had not been seen by then."""
    hidden = np.sort(cases.hidden)
    return np.asarray(len(hidden) - np.searchsorted(hidden, days, side="left"), dtype=np.float64)
