"""What the estimator sees of a process: for every opportunity the days it was recorded somewhere, and how it ended.

Invariant: only what was recorded counts. A milestone that a later one implies is not recorded; the way past it is a
jump.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

SHORTEST_STAY = 0.25
"""A stay of 0 days counts as a quarter of one."""
HALF_DAY = 0.5
"""The as-of day itself is half gone when a stay is cut off at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journeys:
    """The columns of N opportunities of a process with k milestones, as of one day."""

    as_of: int
    """The last day whose facts are seen."""
    recorded: Floats
    """N x k: the day each milestone was recorded, NaN where it was not; never decreasing along what was recorded."""
    lost: Floats
    """N: the day of a loss that no later milestone took back, NaN where there is none."""
    values: Floats
    """N x k: the potential known on entry to each milestone, NaN where it is unknown or the milestone not recorded."""
    seen_from: Floats
    """N: exposure counts from this day on only (the book began with it open, or it was taken over then); -inf
    otherwise."""
    rep: Integers
    """N: who owned it last, -1 for nobody."""
    lost_known: Floats | None = None
    """N: the day each loss became known; None where every loss was known on its own day."""
    known: Floats | None = None
    """N x k: the day each recorded milestone became known; None where each was known on its own day."""
    withdrawn: Floats | None = None
    """M x 4: losses that were taken back: row, day lost, day known, and the day from which it held no longer."""
    potential: Floats | None = None
    """N: what each is worth now, NaN where unknown; None where nothing changed since its last milestone."""
    moved_since: Floats | None = None
    """N: the day of a later customer action that this version of the process does not know, NaN where there is none:
    the clock of a dead horse runs from it."""
    numbers: Integers | None = None
    """N: which opportunity each row is, by its number in the file; None where nobody asks."""
    bulk: Flags | None = None
    """N x k: the day is that of an edit of many at once, so that what lies before and behind it has no duration; None
    where there is no such day."""

    @classmethod
    def in_order(
        cls,
        as_of: int,
        *,
        recorded: Floats,
        lost: Floats,
        values: Floats,
        seen_from: Floats,
        rep: Integers,
        lost_known: Floats | None = None,
        known: Floats | None = None,
        withdrawn: Floats | None = None,
        potential: Floats | None = None,
        moved_since: Floats | None = None,
        numbers: Integers | None = None,
        bulk: Flags | None = None,
    ) -> Self:
        """Return journeys from days as they were recorded, in any order.

        Of days out of order the later milestone wins: earlier ones are pulled down to it, but do not become known
        before their own day; pulled down to the day of an edit of many they have that day too. A loss before the last
        recorded milestone was taken back by it and counts as withdrawn.

        >>> nan = float("nan")
        >>> one = Journeys.in_order(
        ...     100, recorded=np.array([[20.0, nan, 10.0]]), lost=np.array([5.0]), values=np.full((1, 3), nan),
        ...     seen_from=np.array([-np.inf]), rep=np.array([-1]),
        ... )
        >>> one.recorded, one.lost
        (array([[10., nan, 10.]]), array([nan]))
        """
        missing = np.isnan(recorded)
        pulled = np.minimum.accumulate(np.where(missing, np.inf, recorded)[:, ::-1], axis=1)[:, ::-1]
        last = np.where(missing, -np.inf, pulled).max(axis=1)
        if known is not None or (pulled < recorded).any():
            known = np.where(missing, np.nan, recorded if known is None else np.fmax(known, recorded))
        ordered = np.where(missing, np.nan, pulled)
        taken_back = np.flatnonzero(lost < last)
        if len(taken_back):
            since = lost[taken_back]
            told = since if lost_known is None else np.fmax(lost_known[taken_back], since)
            days, became_known = ordered[taken_back], (ordered if known is None else known)[taken_back]
            until = np.where(days > since[:, None], became_known, np.inf).min(axis=1)
            found = np.stack([taken_back, since, told, until], axis=1)
            withdrawn = found if withdrawn is None else np.concatenate([withdrawn, found])
        return cls(
            as_of=as_of,
            recorded=ordered,
            lost=np.where(lost < last, np.nan, lost),
            values=np.where(missing, np.nan, values),
            seen_from=seen_from,
            rep=rep,
            lost_known=lost_known,
            known=known,
            withdrawn=withdrawn,
            potential=potential,
            moved_since=moved_since,
            numbers=numbers,
            bulk=None if bulk is None or not bulk.any() else _pulled_along(bulk, recorded, ordered),
        )

    @property
    def milestones(self) -> int:
        """How many milestones the process has: k."""
        return int(self.recorded.shape[1])

    def moves_by_edit(self, rep: int | None = None) -> int:
        """Return how many milestones were reached in edits of many, of all or of what a rep owns."""
        if self.bulk is None:
            return 0
        found = self.bulk & ~np.isnan(self.recorded)
        return int((found if rep is None else found[self.rep == rep]).sum())


def _pulled_along(bulk: Flags, recorded: Floats, ordered: Floats) -> Flags:
    """Return the flags, of milestones too that were pulled down to a flagged day."""
    found = bulk & ~np.isnan(recorded)
    for milestone in range(recorded.shape[1] - 2, -1, -1):
        day = ordered[:, milestone, None]
        to_flagged = (bulk[:, milestone + 1 :] & (ordered[:, milestone + 1 :] == day)).any(axis=1)
        found[:, milestone] |= (ordered[:, milestone] < recorded[:, milestone]) & to_flagged
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """All stays of one section: from recording milestone i to the next recorded one, a loss, or the as-of day."""

    entry: Floats
    """The day each stay began."""
    days: Floats
    """How long it lasted, at least a quarter of a day."""
    waited: Floats
    """How long it was on the list: like `days`, but a loss ends it only when it became known."""
    hidden: Floats
    """How much of it lies before the book saw it, in days."""
    moved: Flags
    """It ended by reaching a later milestone."""
    lost: Flags
    """It ended by a loss."""
    to: Integers
    """The index 0..k-1 of the milestone reached, -1 where none was."""
    value: Floats
    """The potential on entry, NaN where unknown."""
    value_after: Floats
    """The potential on entry to the milestone reached, NaN where unknown or none was reached."""
    rep: Integers
    age: Floats
    """From entry to the end of the as-of day, in days."""

    def __len__(self) -> int:
        """Return the number of stays: the cases."""
        return len(self.entry)

    @property
    def open(self) -> Flags:
        """It is still going on."""
        return ~self.moved & ~self.lost

    def only(self, chosen: Flags) -> Stays:
        """Return the chosen stays."""
        if chosen.all():
            return self
        return Stays(**{name: getattr(self, name)[chosen] for name in self.__dataclass_fields__})

    def entered_within(self, first: float, end: float) -> Stays:
        """Return the stays that began on a day from `first` on and before `end`, whatever became of them later."""
        return self.only((self.entry >= first) & (self.entry < end))

    def __add__(self, other: Stays) -> Stays:
        """Return both together."""
        names = self.__dataclass_fields__
        return Stays(**{name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in names})

    def as_listed(self) -> Stays:
        """Return the stays as the list of open opportunities showed them: over only when that was known."""
        return replace(self, days=self.waited)


def stays(journeys: Journeys, section: int) -> Stays:
    """Return the stays of the section that begins at milestone index `section` (0..k-2), to measure it by.

    Those the book never saw (ended before it began) are left out, and so are those that begin or end with an edit of
    many: how long they took is not known.
    """
    here = np.flatnonzero(~np.isnan(journeys.recorded[:, section]))
    entry = journeys.recorded[here, section]
    end = np.full(len(here), journeys.as_of + HALF_DAY)
    age = end - entry
    to = np.full(len(here), -1)
    value_after = np.full(len(here), np.nan)
    for milestone in range(journeys.milestones - 1, section, -1):
        day = journeys.recorded[here, milestone]
        reached = ~np.isnan(day)
        end = np.where(reached, day, end)
        to = np.where(reached, milestone, to)
        value_after = np.where(reached, journeys.values[here, milestone], value_after)
    moved = to >= 0
    lost_on = journeys.lost[here]
    lost = ~moved & ~np.isnan(lost_on)
    end = np.where(lost, np.maximum(lost_on, entry), end)
    days = np.maximum(end - entry, SHORTEST_STAY)
    waited = days
    if journeys.lost_known is not None:
        until = np.clip(journeys.lost_known[here] - entry, days, np.maximum(age, days))
        waited = np.where(lost, until, days)
    seen_from = np.maximum(journeys.seen_from[here], entry)
    found = Stays(
        entry=entry,
        days=days,
        waited=waited,
        # who left on the very day the book began was seen leaving
        hidden=np.clip(seen_from - entry, 0.0, days - SHORTEST_STAY),
        moved=moved,
        lost=lost,
        to=to.astype(np.int64),
        value=journeys.values[here, section],
        value_after=value_after,
        rep=journeys.rep[here],
        age=age,
    )
    seen = end >= seen_from
    if journeys.bulk is not None:
        seen &= ~(journeys.bulk[here, section] | (moved & journeys.bulk[here, to]))
    return found.only(seen)
