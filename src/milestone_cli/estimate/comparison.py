"""From the forecast of a past day, as known then, to today's: what came of what was expected, term by term.

Formula: three forecasts of the same months: `before` (that day's), `between` (today's facts, that day's rates), `after`
(today's). What was open then is followed one by one from `before` to `between`; the step to `after` is the rates'.
Invariant: the terms add up to what has arrived since and what is still to come.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from milestone_cli.estimate.forecast import Forecast
from milestone_cli.estimate.journeys import Flags, Floats, Integers, Journeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Money at the last milestone from the day after `since` on, in the units of the potentials."""

    since: int
    """The day of the earlier forecast."""
    until: int
    """The last day of both."""
    then: float
    """What was expected then."""
    arrived: float
    """Won since: what came, less what was expected of these."""
    moved: float
    """Reached a later milestone since: now expected, less then."""
    waited: float
    """Have not moved since."""
    lost: float
    """Lost or set aside since."""
    revalued: float
    """Another potential."""
    new: float
    """Came in since and is still expected to come in, less what was expected to."""
    rates: float
    """Other rates, inflow and corrections."""

    @property
    def now(self) -> float:
        """What has arrived since and what is still to come."""
        return self.then + self.arrived + self.moved + self.waited + self.lost + self.revalued + self.new + self.rates


def compare(
    now: Journeys,
    then: Journeys,
    rows: Integers,
    *,
    before: Forecast,
    between: Forecast,
    after: Forecast,
) -> Change:
    """Return how today's forecast came about from an earlier one.

    Args:
        now: the journeys of today.
        then: those of the past day, as known then.
        rows: for each row of `then` its row in `now`.
        before: the past day's forecast, up to the end of `after`.
        between: a forecast from `now` with the model and corrections of the past day.
        after: today's forecast.
    """
    size, last = len(now.recorded), now.milestones - 1
    was, expected = _carried(before, size, rows[before.carried_rows])
    still, carried = _carried(between, size, between.carried_rows)
    came_on = now.recorded[:, last]
    won = was & ~np.isnan(came_on)
    came = np.where(came_on > then.as_of, np.nan_to_num(now.values[:, last]), 0.0)
    open_still = was & still & ~won
    moved_on = np.zeros(size, bool)
    moved_on[rows] = stages(now)[rows] > stages(then)
    revalued = np.where(open_still, carried * _other_potential(now, then, rows), 0.0)
    step = np.where(open_still, carried - expected - revalued, 0.0)
    return Change(
        since=then.as_of,
        until=after.month_ends[-1],
        then=float(before.mean[last].sum()),
        arrived=float((came - expected)[won].sum()),
        moved=float(step[moved_on].sum()),
        waited=float(step[~moved_on].sum()),
        lost=-float(expected[was & ~won & ~still].sum()),
        revalued=float(revalued.sum()),
        new=float((came + carried)[~was].sum() + between.new_mean[last].sum() - before.new_mean[last].sum()),
        rates=float(after.mean[last].sum() - between.mean[last].sum()),
    )


def _carried(said: Forecast, size: int, rows: Integers) -> tuple[Flags, Floats]:
    """Return for each of `size` rows whether the forecast carries it, and with how much."""
    there, money = np.zeros(size, bool), np.zeros(size)
    there[rows], money[rows] = True, said.carried
    return there, money


def stages(journeys: Journeys) -> Integers:
    """Return N: the index of the last milestone recorded, -1 where there is none."""
    places = np.where(np.isnan(journeys.recorded), -1, np.arange(journeys.milestones))
    return np.asarray(places.max(axis=1, initial=-1), dtype=np.int64)


def last_moves(journeys: Journeys) -> Floats:
    """Return N: the day from which each waits: the last customer action of any version; NaN where there is none."""
    last = np.fmax.reduce(journeys.recorded, axis=1)
    return last if journeys.moved_since is None else np.fmax(last, journeys.moved_since)


def potentials(journeys: Journeys) -> Floats:
    """Return N: what each is worth now, else on entry to its last milestone; NaN where unknown."""
    stage = np.maximum(stages(journeys), 0)
    on_entry = journeys.values[np.arange(len(stage)), stage]
    return (
        on_entry if journeys.potential is None else np.where(np.isnan(journeys.potential), on_entry, journeys.potential)
    )


def _other_potential(now: Journeys, then: Journeys, rows: Integers) -> Floats:
    """Return which share of today's expected money is there because the potential is another one."""
    before = np.full(len(now.recorded), np.nan)
    before[rows] = potentials(then)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = 1 - before / potentials(now)
    return np.asarray(np.where(np.isfinite(share), share, 0.0))
