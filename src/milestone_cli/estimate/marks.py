"""A mark of all that was known by a day, without making the journeys of that day.

Formula: every fact is mixed into 64 bits with the opportunity it is about; the mark of a day is the sum of those known
by it, modulo 2^64, with their number.
Invariant: what lies after a day, or became known after it, does not change its mark; what was known by it does.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milestone_cli.estimate.journeys import Floats, Journeys

Bits = NDArray[np.uint64]

_LOSS, _ELSEWHERE = -1, -2
"""What a fact is about, where it is no milestone of this version."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The facts of a process as bits, each with the span of days in which it is known."""

    bits: Bits
    since: Floats
    """From this day on it is known."""
    until: Floats
    """From this day on it is no longer so; infinity for most."""

    def by(self, day: int, *more: object) -> str:
        """Return the mark of a day, as 32 hex digits.

        Args:
            day: the last day whose facts count.
            more: what else a result rests on (plans, a version, a seed), by its repr.
        """
        known = (self.since <= day) & (day < self.until)
        total = int(self.bits[known].sum(dtype=np.uint64))
        said = repr((day, int(known.sum()), total, more))
        return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def marks(journeys: Journeys) -> Marks:
    """Return the marks of journeys; who owns what does not matter.

    >>> nan = float("nan")
    >>> def team(*days):
    ...     return marks(Journeys.in_order(
    ...         100, recorded=np.array([[day, nan] for day in days]), lost=np.full(2, nan), values=np.full((2, 2), nan),
    ...         seen_from=np.full(2, -np.inf), rep=np.zeros(2, int),
    ...     ))
    >>> team(10.0, 20.0).by(15) == team(10.0, 30.0).by(15), team(10.0, 20.0).by(25) == team(10.0, 30.0).by(25)
    (True, False)
    """
    who = (np.arange(len(journeys.recorded)) if journeys.numbers is None else journeys.numbers).astype(np.float64)
    parts = [_reached(journeys, who, milestone) for milestone in range(journeys.milestones)]
    parts += [_lost(journeys, who), _withdrawn(journeys, who), _elsewhere(journeys, who)]
    return Marks(*(np.concatenate(column) for column in zip(*parts, strict=True)))


_Part = tuple[Bits, Floats, Floats]


def _reached(journeys: Journeys, who: Floats, milestone: int) -> _Part:
    here = np.flatnonzero(~np.isnan(journeys.recorded[:, milestone]))
    day, value, seen = journeys.recorded[here, milestone], journeys.values[here, milestone], journeys.seen_from[here]
    known = day if journeys.known is None else np.fmax(day, journeys.known[here, milestone])
    bits = _mixed(milestone, who[here], day, value, known, seen)
    if journeys.bulk is not None:
        bits = np.where(journeys.bulk[here, milestone], ~bits, bits)
    return bits, np.fmax(known, seen), np.full(len(here), np.inf)


def _lost(journeys: Journeys, who: Floats) -> _Part:
    here = np.flatnonzero(~np.isnan(journeys.lost))
    day = journeys.lost[here]
    known = day if journeys.lost_known is None else np.fmax(day, journeys.lost_known[here])
    return _mixed(_LOSS, who[here], day, known), known, np.full(len(here), np.inf)


def _withdrawn(journeys: Journeys, who: Floats) -> _Part:
    """A loss that was taken back later marks the days in which it was in force as one that still is would."""
    table = np.empty((0, 4)) if journeys.withdrawn is None else journeys.withdrawn
    known = np.fmax(table[:, 1], table[:, 2])
    return _mixed(_LOSS, who[table[:, 0].astype(np.int64)], table[:, 1], known), known, table[:, 3]


def _elsewhere(journeys: Journeys, who: Floats) -> _Part:
    moved = np.full(len(who), np.nan) if journeys.moved_since is None else journeys.moved_since
    here = np.flatnonzero(~np.isnan(moved))
    return _mixed(_ELSEWHERE, who[here], moved[here]), moved[here], np.full(len(here), np.inf)


def _mixed(about: int, *columns: Floats) -> Bits:
    """Return one number of 64 bits per row, in which every column counts (the finalizer of splitmix64, per column)."""
    found = np.full(len(columns[0]), np.uint64((about + 3) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF))
    for column in columns:
        # what is unknown is one number, whatever bits a NaN has
        found ^= np.where(np.isnan(column), -1e300, column).view(np.uint64)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            found ^= found >> np.uint64(shift)
            found *= np.uint64(factor)
        found ^= found >> np.uint64(31)
    return found
