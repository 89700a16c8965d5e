"""Hazards of a section: moving on and being lost as competing risks, by week of stay, with their uncertainty as draws.

Formula: a smooth curve of the grid is drawn by its posterior; the weekly hazard is then Gamma(M S(d) h(d) + n[d], M
S(d) + E[d]) with M = 25. Small teams keep the curve, large ones their data, and the weekly cumulative incidence becomes
Aalen and Johansen's. Source: the subdistribution beta-Stacy process, Arfe, Peluso and Muliere 2018, arXiv 1811.12304.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from milestone_cli.estimate.counts import WEEK, WEEKS, Counts
from milestone_cli.estimate.curves import Narrow, grid
from milestone_cli.estimate.journeys import Floats, Integers

CURVE_CASES = 25.0
"""The smooth curve weighs as much as so many cases."""
DRAWS = 200
_SMALLEST = 1e-9
_MOST_OF_PLAN = 0.3
"""The plan speaks for the weeks in which so many of its cases are still there."""


@dataclass(frozen=True, slots=True)
class Hazards:
    """Draws of the weekly hazards of one section."""

    moving: Floats
    """S x D."""
    losing: Floats
    """S x D."""

    @property
    def survival(self) -> Floats:
        """S x D: still there, neither moved nor lost, when week d begins."""
        return _before(np.exp(-np.cumsum(self.moving + self.losing, axis=1)))

    @property
    def incidence(self) -> Floats:
        """S x D: of those who entered, the share that moves on in week d: S(d) (1 - e^-h) h_moving / h, h the sum."""
        total = self.moving + self.losing
        after = np.exp(-np.cumsum(total, axis=1))
        share = np.divide(self.moving, total, out=np.zeros_like(total), where=total > 0)
        return np.asarray(share * (_before(after) - after))

    def rate(self) -> Floats:
        """Return S draws of the success rate: the share that ever moves on."""
        return np.asarray(self.incidence.sum(axis=1))

    def still_moves(self) -> Floats:
        """Return D means: of those still there when week d begins, the share that ever moves on.

        Formula: sum over s >= d of S(s) chance(s), over S(d).
        """
        later = self.incidence.mean(axis=0)[::-1].cumsum()[::-1]
        return np.asarray(later / np.maximum(self.survival.mean(axis=0), _SMALLEST))

    def moves_within(self, days: float) -> Floats:
        """Return D means: of those still there when week d begins, the share that moves on within so many days.

        Formula: the incidence from week d on over so many days, the last week cut within, over S(d).
        """
        later = np.append(self.incidence.mean(axis=0)[::-1].cumsum()[::-1], 0.0)
        weeks = np.arange(len(later), dtype=np.float64)
        within = later[:-1] - np.interp(weeks[:-1] + days / WEEK, weeks, later)
        return np.asarray(within / np.maximum(self.survival.mean(axis=0), _SMALLEST))

    def at_level_of(self, data: Counts, cases: float, rng: np.random.Generator) -> Hazards:
        """Return the hazards times one factor per draw and cause: Gamma(M + observed) / (M + expected).

        Args:
            data: events seen, and the exposure on which these hazards would have brought so and so many.
            cases: M, as how many events "the level is the same" weighs.
            rng: where chance comes from.
        """
        return Hazards(
            self.moving * _level(data.moved, data.exposure, self.moving, cases, rng)[:, None],
            self.losing * _level(data.lost, data.exposure, self.losing, cases, rng)[:, None],
        )


def _before(after: Floats) -> Floats:
    return np.concatenate([np.ones((len(after), 1)), after[:, :-1]], axis=1)


def _level(events: Floats, exposure: Floats, hazard: Floats, cases: float, rng: np.random.Generator) -> Floats:
    return np.asarray(rng.gamma(cases + events.sum(), size=len(hazard)) / (cases + hazard @ exposure))


def draw_hazards(
    data: Counts, plan: Counts, rng: np.random.Generator, *, draws: int = DRAWS, curve_cases: float = CURVE_CASES
) -> Hazards:
    """Return draws of the hazards of a section from what was counted and what is planned.

    Args:
        data: what was counted.
        plan: the plan's pseudo-cases; they choose the curve, the weekly data do not mix with them.
        rng: where chance comes from.
        draws: S.
        curve_cases: M, as how many cases the smooth curve weighs; near 0 leaves Aalen and Johansen's estimate by week.
    """
    return Hazards(
        draw_cause(data.moved, data, plan.moved, plan, rng, draws=draws, curve_cases=curve_cases),
        draw_cause(data.lost, data, plan.lost, plan, rng, draws=draws, curve_cases=curve_cases),
    )


def draw_cause(
    events: Floats,
    data: Counts,
    planned: Floats,
    plan: Counts,
    rng: np.random.Generator,
    *,
    draws: int,
    curve_cases: float = CURVE_CASES,
) -> Floats:
    """Return S x D draws of the hazard of one cause.

    Args:
        events: D, this cause's events in `data`.
        data: what was counted; its exposure is the one on which the events fell.
        planned: D, this cause's events in `plan`.
        plan: the plan's pseudo-cases.
        rng: where chance comes from.
        draws: S.
        curve_cases: M, as how many cases the smooth curve weighs.
    """
    weeks = _weeks_that_count(data, plan)
    at_risk = (data.exposure + plan.exposure)[:weeks].astype(np.float32)
    chosen = _curves(events + planned, at_risk, rng, draws)
    weight = curve_cases * grid().survival[chosen].astype(np.float64)
    shape = np.maximum(weight * grid().hazard[chosen] + events, _SMALLEST).astype(np.float32)
    return np.asarray(rng.standard_gamma(shape, dtype=np.float32) / (weight + data.exposure))


def _curves(events: Floats, at_risk: Narrow, rng: np.random.Generator, draws: int) -> Integers:
    """Return S rows of the grid drawn by their posterior: Poisson events each week, every curve as likely before."""
    curves, weeks = grid(), len(at_risk)
    seen = events[:weeks].astype(np.float32)
    likelihood = (curves.log_hazard[:, :weeks] @ seen - curves.hazard[:, :weeks] @ at_risk).astype(np.float64)
    posterior = np.exp(likelihood - likelihood.max())
    return rng.choice(len(posterior), draws, p=posterior / posterior.sum())


def _weeks_that_count(data: Counts, plan: Counts) -> int:
    """Return how many weeks tell one curve from another: as far as data reach, and most of the plan."""
    observed = np.flatnonzero(data.exposure + data.moved + data.lost > 0)
    planned = np.flatnonzero(plan.exposure > _MOST_OF_PLAN * plan.exposure[0])
    reach = max(observed[-1] + 2 if len(observed) else 2, planned[-1] + 1 if len(planned) else 1)
    return int(min(reach, WEEKS))


def quantile_days(incidence: Floats, share: float) -> float:
    """Return the day of stay by which `share` of those who ever move on have moved, interpolated within its week.

    Args:
        incidence: D, the share that moves on in each week.
        share: 0..1.

    >>> even = np.zeros(WEEKS)
    >>> even[:4] = 0.1
    >>> quantile_days(even, 0.5)
    14.0
    """
    reached = np.append(0.0, np.cumsum(incidence))
    if reached[-1] <= 0:
        return float("nan")
    return float(np.interp(share, reached / reached[-1], np.arange(WEEKS + 1) * WEEK))
