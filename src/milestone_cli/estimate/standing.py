"""What is open today: where each opportunity stands, how long it has waited there, and what it is worth.

Invariant: the age runs from the day the customer reached the milestone; dead horses are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from milestone_cli.estimate.arrivals import carried_forward
from milestone_cli.estimate.classes import ValueClasses
from milestone_cli.estimate.clock import Clock
from milestone_cli.estimate.counts import WEEK, WEEKS
from milestone_cli.estimate.journeys import HALF_DAY, Floats, Integers, Journeys

FINE, COARSE = 52, 104
"""Ages are told apart by week within a year, then by four, after two years by eight weeks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """N opportunities that are open and not set aside."""

    rows: Integers
    """Their rows in the journeys."""
    section: Integers
    """0..k-2."""
    classes: Integers
    age: Integers
    """Weeks on the customers' clock, as told apart."""
    values: Floats
    """What each is worth, NaN where unknown."""
    rep: Integers

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.rows)


def standing(
    journeys: Journeys,
    classes: ValueClasses,
    clock: Clock,
    set_aside: Sequence[int | None],
    *,
    without: Sequence[int] = (),
    rep: int | None = None,
) -> Standing:
    """Return who is open and not set aside.

    Args:
        journeys: as of today.
        classes: the classes of potential.
        clock: the customers'.
        set_aside: per section the days waited from which on an opportunity is a dead horse, None where none ever is.
        without: rows to leave out.
        rep: only those of this rep.
    """
    reached = ~np.isnan(journeys.recorded)
    last = journeys.milestones - 1 - np.argmax(reached[:, ::-1], axis=1)
    chosen = np.isnan(journeys.lost) & (last < journeys.milestones - 1)
    chosen[list(without)] = False
    if rep is not None:
        chosen &= journeys.rep == rep
    rows = np.flatnonzero(chosen)
    section = last[rows]
    entry = journeys.recorded[rows, section]
    limit = np.array([np.inf if days is None else float(days) for days in set_aside])[section]
    waits_since = entry if journeys.moved_since is None else np.fmax(entry, journeys.moved_since[rows])
    alive = journeys.as_of - waits_since < limit
    rows, section, entry = rows[alive], section[alive], entry[alive]
    now = carried_forward(journeys.values[rows])[np.arange(len(rows)), section]
    if journeys.potential is not None:
        now = np.where(journeys.potential[rows] > 0, journeys.potential[rows], now)
    weeks = (clock.at(np.array(journeys.as_of + HALF_DAY)) - clock.at(entry)) / WEEK
    return Standing(
        rows=rows,
        section=section.astype(np.int64),
        classes=classes.of(now),
        age=told_apart(weeks),
        values=np.where(now > 0, now, np.nan),
        rep=journeys.rep[rows],
    )


def told_apart(weeks: Floats) -> Integers:
    """Return ages as whole weeks, the older the coarser.

    >>> told_apart(np.array([0.4, 3.6, 60.9, 130.0, 999.0]))
    array([  0,   4,  62, 132, 292])
    """
    age = np.clip(np.round(weeks), 0, WEEKS - 5).astype(np.int64)
    age = np.where(age >= FINE, FINE + (age - FINE) // 4 * 4 + 2, age)
    return np.where(age >= COARSE, COARSE + (age - COARSE) // 8 * 8 + 4, age)
