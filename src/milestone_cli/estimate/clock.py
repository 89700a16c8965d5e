"""The customers' clock: how fast they move in each month of the year.

Invariant: over a whole year the clock runs as fast as the calendar.
Formula: speed of a month of the year = (O + 60) / (X + 60), O the advances seen in it and X those the sections' hazards
would have brought on the exposure of that time, both without their trend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from milestone_cli.domain.day import first_of_month, month_of
from milestone_cli.estimate.arrivals import between
from milestone_cli.estimate.counts import WEEK, WEEKS, Counts, count
from milestone_cli.estimate.journeys import SHORTEST_STAY, Floats, Stays

SPEED_CASES = 60.0
"""So many pseudo-events say that a month is like any other."""
FEWEST_MONTHS = 24
"""With less than two years of data every month is like any other."""
LONGEST_MONTHS = 60
AHEAD_MONTHS = 48
SAMPLE = 4000
"""So many stays of a section say what was to be expected; the events themselves are all counted."""
_FAR = 1e6
_SMOOTH_WEEKS = 9


@dataclass(frozen=True, slots=True)
class Clock:
    """Reads calendar days as days of the customers' clock."""

    days: Floats
    """M: first days of months, ascending."""
    readings: Floats
    """M: what the clock shows on them."""
    speeds: Floats
    """12: January to December, 1 on average."""

    def at(self, days: Floats) -> Floats:
        """Return what the clock shows."""
        return np.asarray(np.interp(days, self.days, self.readings))

    def timed(self, cases: Stays) -> Stays:
        """Return the stays as long as they were on this clock."""
        if (self.speeds == 1).all():
            return cases
        start = self.at(cases.entry)
        days = np.maximum(self.at(cases.entry + cases.days) - start, SHORTEST_STAY)
        return Stays(
            entry=cases.entry,
            days=days,
            waited=np.maximum(self.at(cases.entry + cases.waited) - start, days),
            hidden=np.clip(self.at(cases.entry + cases.hidden) - start, 0.0, days - SHORTEST_STAY),
            moved=cases.moved,
            lost=cases.lost,
            to=cases.to,
            value=cases.value,
            value_after=cases.value_after,
            rep=cases.rep,
            age=np.maximum(self.at(cases.entry + cases.age) - start, SHORTEST_STAY),
        )


def even_clock() -> Clock:
    """Return the clock that runs like the calendar.

    >>> even_clock().at(np.array([0.0, 12.5]))
    array([ 0. , 12.5])
    """
    far = np.array([-_FAR, _FAR])
    return Clock(far, far, np.ones(12))


def clock_of(speeds: Floats, first: int, last: int) -> Clock:
    """Return the clock with a speed for each month of the year, exact from the month of `first` to that of `last`.

    >>> slow_august = np.where(np.arange(12) == 7, 0.5, 1.0)
    >>> clock = clock_of(slow_august, 0, 365)
    >>> float((clock.at(np.array([243.0])) - clock.at(np.array([212.0])))[0])
    15.5
    """
    months = range(month_of(first), month_of(last) + 2)
    days = np.array([first_of_month(month) for month in months], dtype=np.float64)
    rate = np.array([speeds[month % 12] for month in months][:-1])
    readings = days[0] + np.append(0.0, np.cumsum(np.diff(days) * rate))
    ends = np.array([-_FAR, _FAR])
    days = np.concatenate([ends[:1], days, ends[1:]])
    readings = np.concatenate([readings[:1] + ends[0] - days[1], readings, readings[-1:] + ends[1] - days[-2]])
    return Clock(days, readings, speeds)


def seasonal_clock(sections: Sequence[Stays], as_of: int, *, decay: float) -> Clock:
    """Return the clock that the sections' stays speak for; the even one with under 24 months of data.

    Args:
        sections: all stays of each section.
        as_of: the last day seen.
        decay: growth of a weight per week of calendar time.
    """
    begun = [float((cases.entry + cases.hidden).min()) for cases in sections if len(cases)]
    if not begun:
        return even_clock()
    newest, oldest = month_of(as_of + 1), month_of(int(min(begun)))
    first = max(oldest, newest - LONGEST_MONTHS)
    if newest - first < FEWEST_MONTHS:
        return even_clock()
    edges = np.array([first_of_month(month) for month in range(first, newest + 1)], dtype=np.float64)
    seen, expected = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    for cases in sections:
        if len(cases):
            seen += between((cases.entry + cases.days)[cases.moved], edges)
            expected += _expected(cases, edges, count(cases, decay=decay))
    speeds = _speeds(seen, expected, first % 12)
    return clock_of(speeds, int(first_of_month(oldest)), as_of + AHEAD_MONTHS * 31)


def _expected(cases: Stays, edges: Floats, data: Counts) -> Floats:
    """Return the advances that the section's plain hazards bring in each month on the exposure there was."""
    smooth = np.ones(_SMOOTH_WEEKS)
    hazard = np.convolve(data.moved, smooth, "same") / np.maximum(np.convolve(data.exposure, smooth, "same"), 1e-6)
    cumulative = np.append(0.0, np.cumsum(hazard))
    step = max(len(cases) // SAMPLE, 1)
    entry, days, hidden = cases.entry[::step], cases.days[::step], cases.hidden[::step]
    until = np.stack([np.clip(edge - entry, hidden, days) for edge in edges]) / WEEK
    by_edge = np.interp(until, np.arange(WEEKS + 1), cumulative).sum(axis=1)
    return np.asarray(np.diff(by_edge) * (len(cases) / len(entry)))


def _speeds(seen: Floats, expected: Floats, first: int) -> Floats:
    """Return the speed of each month of the year; what a moving year says of the trend is taken out."""
    year = np.ones(13)
    trend = np.convolve(np.pad(seen, 6, "symmetric"), year, "valid") / np.maximum(
        np.convolve(np.pad(expected, 6, "symmetric"), year, "valid"), 1e-9
    )
    place = (first + np.arange(len(seen))) % 12
    found = (np.bincount(place, seen, 12) + SPEED_CASES) / (np.bincount(place, expected * trend, 12) + SPEED_CASES)
    return np.asarray(found / found.mean())


def month_edges(month_ends: Sequence[int], as_of: int) -> Floats:
    """Return the first days after which each month is over, the day after the as-of day before them: N + 2.

    >>> month_edges([30, 58], 20)
    array([21., 31., 59.])
    """
    return np.maximum.accumulate(np.array([as_of + 1, *(end + 1 for end in month_ends)], dtype=np.float64))
