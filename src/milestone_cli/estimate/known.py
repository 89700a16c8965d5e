"""What was known on a past day: the journeys as the book showed them then.

Invariant: changing a fact that lies after the day, or became known after it, changes nothing of what was known by it.
"""

from __future__ import annotations

import hashlib

import numpy as np

from milestone_cli.estimate.journeys import Flags, Floats, Integers, Journeys


def known_by(journeys: Journeys, day: int) -> Journeys:
    """Return what had been recorded up to a day and was known by it, as of that day; rows without anything are dropped.

    A takeover is known from the day it was taken over. A loss that was taken back later counts while it was in force.
    The potentials on entry are those known today, and so are the owners.

    Args:
        journeys: as of `day` or later.
        day: the past day.

    >>> nan = float("nan")
    >>> today = Journeys.in_order(
    ...     100, recorded=np.array([[10.0, 40.0], [60.0, nan]]), lost=np.array([nan, 90.0]),
    ...     values=np.full((2, 2), nan), seen_from=np.full(2, -np.inf), rep=np.array([-1, -1]),
    ... )
    >>> then = known_by(today, 30)
    >>> then.recorded, then.lost, then.as_of
    (array([[10., nan]]), array([nan]), 30)
    """
    there = _there(journeys, day)
    lost, lost_known = _losses(journeys, day)
    rows = np.flatnonzero(there.any(axis=1))
    return Journeys.in_order(
        day,
        recorded=np.where(there, journeys.recorded, np.nan)[rows],
        lost=lost[rows],
        values=journeys.values[rows],
        seen_from=journeys.seen_from[rows],
        rep=journeys.rep[rows],
        lost_known=None if lost_known is None else lost_known[rows],
        known=None if journeys.known is None else journeys.known[rows],
        withdrawn=_withdrawn(journeys, day, rows),
        moved_since=None if journeys.moved_since is None else _until(journeys.moved_since[rows], day),
        numbers=None if journeys.numbers is None else journeys.numbers[rows],
        bulk=None if journeys.bulk is None else (journeys.bulk & there)[rows],
    )


def _until(days: Floats, day: int) -> Floats:
    return np.where(days <= day, days, np.nan)


def rows_known(journeys: Journeys, day: int) -> Integers:
    """Return which rows `known_by` keeps, in their order."""
    return np.flatnonzero(_there(journeys, day).any(axis=1))


def _there(journeys: Journeys, day: int) -> Flags:
    """Return N x k: recorded up to a day and known by it."""
    when = journeys.recorded if journeys.known is None else np.fmax(journeys.recorded, journeys.known)
    # a day that is missing compares as not yet known
    there: Flags = (when <= day) & (journeys.seen_from <= day)[:, None]
    return there


def fingerprint(then: Journeys, *more: object) -> str:
    """Return a digest of all that a forecast from these journeys rests on, as 32 hex digits.

    Args:
        then: the journeys as known on a day; who owns what does not matter.
        more: what else it rests on (plans, a version, a seed), by its repr.
    """
    digest = hashlib.blake2b(repr((then.as_of, more)).encode(), digest_size=16)
    told = then.lost if then.lost_known is None else then.lost_known
    late = then.recorded if then.known is None else then.known
    for column in (then.recorded, then.lost, then.values, then.seen_from, told, late):
        digest.update(np.ascontiguousarray(column).tobytes())
    if then.bulk is not None:
        digest.update(np.ascontiguousarray(then.bulk).tobytes())
    return digest.hexdigest()


def _losses(journeys: Journeys, day: int) -> tuple[Floats, Floats | None]:
    """Return the losses in force on a day, and when they became known."""
    told = journeys.lost if journeys.lost_known is None else np.fmax(journeys.lost, journeys.lost_known)
    in_force = told <= day
    lost = np.where(in_force, journeys.lost, np.nan)
    if journeys.withdrawn is None or not len(journeys.withdrawn):
        return lost, None if journeys.lost_known is None else np.where(in_force, journeys.lost_known, np.nan)
    told = np.where(in_force, told, np.nan)
    taken_back = journeys.withdrawn[_still_held(journeys.withdrawn, day)]
    row = taken_back[:, 0].astype(np.int64)
    lost[row], told[row] = taken_back[:, 1], np.fmax(taken_back[:, 1], taken_back[:, 2])
    return lost, told


def _still_held(withdrawn: Floats, day: int) -> Flags:
    held: Flags = (np.fmax(withdrawn[:, 1], withdrawn[:, 2]) <= day) & (withdrawn[:, 3] > day)
    return held


def _withdrawn(journeys: Journeys, day: int, rows: Integers) -> Floats | None:
    """Return the losses that had already been taken back on a day, their rows counted anew."""
    if journeys.withdrawn is None:
        return None
    over = journeys.withdrawn[journeys.withdrawn[:, 3] <= day]
    place = np.searchsorted(rows, over[:, 0])
    kept = np.append(rows, -1)[place] == over[:, 0]
    return np.column_stack([place[kept], over[kept, 1:]])
