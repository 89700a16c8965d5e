"""Arrivals: the day each opportunity first reached a milestone or one beyond it, and the money it brought there.

Invariant: an arrival is seen only if the book was there on that day; what was taken over or stood there before the book
began is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from milestone_cli.estimate.journeys import Floats, Integers, Journeys


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The arrivals at one milestone."""

    rows: Integers
    """Which opportunities."""
    days: Floats
    values: Floats
    """The potential of the arrival's own line, NaN where unknown."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.rows)

    def money(self, edges: Floats) -> Floats:
        """Return the money that arrived between days: edges[h] <= day < edges[h + 1]; an unknown potential is none.

        >>> three = Arrivals(np.arange(3), np.array([3.0, 9.0, 20.0]), np.array([5.0, np.nan, 7.0]))
        >>> three.money(np.array([0.0, 10.0, 21.0])), three.money(np.array([0.0, 10.0, 20.0]))
        (array([5., 7.]), array([5., 0.]))
        """
        return between(self.days, edges, np.nan_to_num(self.values))


def between(days: Floats, edges: Floats, weights: Floats | None = None) -> Floats:
    """Return what lies in each span: edges[h] <= day < edges[h + 1]; numpy's histogram would close the last one.

    Args:
        days: N.
        edges: H + 1, ascending.
        weights: N; None counts.

    >>> between(np.array([0.0, 9.0, 10.0]), np.array([0.0, 5.0, 10.0]))
    array([1., 1.])
    """
    span = np.searchsorted(edges, days, side="right") - 1
    inside = (span >= 0) & (span < len(edges) - 1)
    kept = None if weights is None else weights[inside]
    return np.bincount(span[inside], kept, len(edges) - 1).astype(np.float64)


def arrivals(journeys: Journeys, milestone: int) -> Arrivals:
    """Return who arrived at milestone index `milestone` (0..k-1): a later one implies it, on its own day."""
    days = np.full(len(journeys.recorded), np.nan)
    values = np.full(len(journeys.recorded), np.nan)
    for later in range(journeys.milestones - 1, milestone - 1, -1):
        here = ~np.isnan(journeys.recorded[:, later])
        days[here] = journeys.recorded[here, later]
        values[here] = journeys.values[here, later]
    rows = np.flatnonzero(days >= journeys.seen_from)
    return Arrivals(rows, days[rows], values[rows])


def entries(journeys: Journeys) -> tuple[Arrivals, Integers]:
    """Return how opportunities came in, at their first milestone, and which one that was."""
    first = np.argmax(~np.isnan(journeys.recorded), axis=1)
    place = np.arange(len(first))
    days = journeys.recorded[place, first] if len(first) else np.empty(0)
    rows = np.flatnonzero(days >= journeys.seen_from)
    return Arrivals(rows, days[rows], journeys.values[rows, first[rows]]), first[rows]


def began(journeys: Journeys) -> float:
    """Return the day the book began: the first that it saw of anything; the day after the as-of day if nothing."""
    first = np.fmin.reduce(journeys.recorded, axis=1) if len(journeys.recorded) else np.empty(0)
    seen = np.maximum(first, journeys.seen_from)[~np.isnan(first)]
    return float(seen.min()) if len(seen) else journeys.as_of + 1.0


def carried_forward(values: Floats) -> Floats:
    """Return the potentials N x k with unknown ones taken from the last milestone before.

    >>> nan = float("nan")
    >>> carried_forward(np.array([[5.0, nan, 7.0, nan], [nan, nan, 3.0, nan]]))
    array([[ 5.,  5.,  7.,  7.],
           [nan, nan,  3.,  3.]])
    """
    filled = values.copy()
    for milestone in range(1, values.shape[1]):
        gone = np.isnan(filled[:, milestone])
        filled[gone, milestone] = filled[gone, milestone - 1]
    return filled
