"""Success rates and durations of every section, with their uncertainty and what they stand on.

A success rate is the share of those who reached milestone i that ever reach i+1 or beyond: open ones are cut off at the
as-of day (censored), lost and dead ones stay in the denominator.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from milestone_cli.domain.basis import SOON_DAYS
from milestone_cli.estimate.aalen_johansen import aalen_johansen
from milestone_cli.estimate.changes import RateChange, recent_change
from milestone_cli.estimate.counts import HALF_LIFE_MONTHS, Counts, count, decay_per_week
from milestone_cli.estimate.hazards import CURVE_CASES, DRAWS, Hazards, draw_hazards, quantile_days
from milestone_cli.estimate.journeys import Floats, Journeys, Stays, stays
from milestone_cli.estimate.plan import PLAN_CASES, SectionPlan, pseudo_counts

VALUE_CASES = 40.0
"""The rate by value is shrunk to the rate by count with so many pseudo-cases."""
REP_CASES = 40.0
"""A rep's hazards are shrunk to the team's with so many pseudo-events."""
REVALUATION_CASES = 10.0
"""So many pseudo-cases say that a potential stays what it was."""
LARGEST_WEIGHT, SMALLEST_WEIGHT = 10.0, 0.1
LISTED_DRAWS = 50
"""So many draws give the chance still to move, of which only the mean is used."""
LOW, HIGH = 0.05, 0.95
"""The bounds of the 90 % interval."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 90 % interval."""

    mean: float
    low: float
    """5 % of the draws lie below."""
    high: float
    """5 % of the draws lie above."""

    @classmethod
    def of(cls, draws: Floats) -> Interval:
        """Return mean, 5 % and 95 % quantile of draws."""
        low, high = np.quantile(draws, (LOW, HIGH))
        return cls(float(draws.mean()), float(low), float(high))

    @classmethod
    def around(cls, mean: float, draws: Floats) -> Interval:
        """Return a mean that is given, with the 90 % interval of draws, widened where it leaves the mean out."""
        low, high = np.quantile(draws, (LOW, HIGH))
        return cls(mean, min(float(low), mean), max(float(high), mean))


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRate:
    """What is known of one section."""

    planned: float
    """The rate the process file says."""
    rate: Interval
    """By count."""
    value_rate: Interval
    """Money arriving at the next milestones per money that arrived here, revaluations included."""
    cases: int
    """Stays seen: of this team, or of this rep."""
    moved: int
    lost: int
    open: int
    days_p50: float
    """Median days of those who move on."""
    days_p90: float
    weight_of_data: float
    """Events counted over events counted and planned: 0 is all plan, near 1 all data."""
    plain: float | None
    """Aalen and Johansen's estimate without plan, smoothing and recency, at the last stay seen; None without a case."""
    change: RateChange | None
    """The rate before the last six months and in them, where these surely differ; None where not."""
    draws: Floats
    """S draws of the rate by value, for what is computed from it."""
    incidence: Floats
    """D: share of those who entered that moves on in each week of stay."""
    still_moves: Floats
    """D: chance that one still on the list after d weeks ever moves on."""
    moves_soon: Floats
    """D: chance that one still on the list after d weeks moves on within the next 30 days."""


def section_rates(
    journeys: Journeys,
    plans: Sequence[SectionPlan],
    rng: np.random.Generator,
    *,
    draws: int = DRAWS,
    half_life_months: float = HALF_LIFE_MONTHS,
    plan_cases: float = PLAN_CASES,
    curve_cases: float = CURVE_CASES,
    entered: tuple[float, float] = (-math.inf, math.inf),
) -> list[SectionRate]:
    """Return the k-1 sections of a process.

    Args:
        journeys: what was recorded by the as-of day.
        plans: the sections' plans.
        rng: where chance comes from.
        draws: S, how many draws stand for the uncertainty.
        half_life_months: what lies so far back counts half.
        plan_cases: as how many cases the plan weighs.
        curve_cases: as how many cases a smooth curve weighs against the single weeks' data.
        entered: only stays that began from the first of these days on and before the second.
    """
    decay = decay_per_week(half_life_months)
    found = []
    for section, plan in enumerate(plans):
        cases, planned = stays(journeys, section).entered_within(*entered), pseudo_counts(plan, plan_cases)
        data = count(cases, decay=decay)
        hazards = draw_hazards(data, planned, rng, draws=draws, curve_cases=curve_cases)
        found.append(
            _section(
                plan,
                cases,
                hazards,
                rng,
                decay=decay,
                listed=_as_listed(cases, planned, hazards, rng, decay=decay, curve_cases=curve_cases),
                weight_of_data=weight_of_data(data, planned),
                change=recent_change(cases, hazards, rng, decay=decay),
            )
        )
    return found


def rep_rates(
    journeys: Journeys,
    plans: Sequence[SectionPlan],
    reps: Sequence[int],
    rng: np.random.Generator,
    *,
    draws: int = DRAWS,
    half_life_months: float = HALF_LIFE_MONTHS,
) -> Mapping[int, list[SectionRate]]:
    """Return the sections as each rep of `reps` works them, shrunk to the team's.

    Formula: the team's hazards times a factor Gamma(40 + O) / (40 + X) per section and cause, O the rep's own events
    and X those the team's hazards would have brought on the rep's exposure. Cases, moved, lost, open, plain and
    `weight_of_data` (own events over own events + 40) are the rep's own; a rep is never told that a rate changed.
    Chance is the same for every rep, so that nobody's figures depend on who else is asked about, or in which order.
    """
    decay = decay_per_week(half_life_months)
    found: dict[int, list[SectionRate]] = {rep: [] for rep in reps}
    for section, plan in enumerate(plans):
        team = stays(journeys, section)
        hazards = draw_hazards(count(team, decay=decay), pseudo_counts(plan), rng, draws=draws)
        seed = int(rng.integers(2**63))
        for rep, rates in found.items():
            chance = np.random.default_rng(seed)
            own = team.only(team.rep == rep)
            data = count(own, decay=decay)
            theirs = hazards.at_level_of(data, REP_CASES, chance)
            events = float(data.moved.sum() + data.lost.sum())
            rates.append(
                _section(
                    plan,
                    own,
                    theirs,
                    chance,
                    decay=decay,
                    listed=theirs,
                    weight_of_data=events / (events + REP_CASES),
                    change=None,
                    nothing_known=not len(team),
                )
            )
    return found


def _section(
    plan: SectionPlan,
    cases: Stays,
    hazards: Hazards,
    rng: np.random.Generator,
    *,
    decay: float,
    listed: Hazards,
    weight_of_data: float,
    change: RateChange | None,
    nothing_known: bool | None = None,
) -> SectionRate:
    """Return what hazards say of a section; with nothing known the planned rate itself stands in the middle."""
    by_week = hazards.incidence
    by_count = np.asarray(by_week.sum(axis=1))
    by_value = _by_value(cases, hazards, by_count, rng, decay=decay)
    incidence = by_week.mean(axis=0)
    only_plan = nothing_known if nothing_known is not None else not len(cases)
    if only_plan:
        by_count = by_value = np.minimum(by_count * (plan.rate / by_count.mean()), 1.0)
        rate = value_rate = Interval.around(plan.rate, by_count)
    else:
        rate, value_rate = Interval.of(by_count), Interval.of(by_value)
    return SectionRate(
        planned=plan.rate,
        rate=rate,
        value_rate=value_rate,
        cases=len(cases),
        moved=int(cases.moved.sum()),
        lost=int(cases.lost.sum()),
        open=int(cases.open.sum()),
        days_p50=plan.days if only_plan else quantile_days(incidence, 0.5),
        days_p90=quantile_days(incidence, 0.9),
        weight_of_data=weight_of_data,
        plain=float(aalen_johansen(cases).moved[-1]) if len(cases) else None,
        change=change,
        draws=by_value,
        incidence=incidence,
        still_moves=listed.still_moves(),
        moves_soon=listed.moves_within(SOON_DAYS),
    )


def weight_of_data(data: Counts, planned: Counts) -> float:
    """Return events counted over events counted and planned, 0..1."""
    events = float(data.moved.sum() + data.lost.sum())
    return events / (events + float(planned.moved.sum() + planned.lost.sum()))


def _as_listed(
    cases: Stays, planned: Counts, hazards: Hazards, rng: np.random.Generator, *, decay: float, curve_cases: float
) -> Hazards:
    """Return the hazards of one still on the list.

    The list holds some whose loss nobody has recorded yet, so a loss counts from the day it became known: with losses
    entered two weeks late on average, the chance would else be .03 to .05 too high where it lies between .1 and .5.
    """
    if cases.waited is cases.days or np.array_equal(cases.waited, cases.days):
        return hazards
    listed = count(cases.as_listed(), decay=decay)
    return draw_hazards(listed, planned, rng, draws=LISTED_DRAWS, curve_cases=curve_cases)


def _by_value(cases: Stays, hazards: Hazards, by_count: Floats, rng: np.random.Generator, *, decay: float) -> Floats:
    """Return S draws of the rate by value: the level at which money moves and is lost, times the revaluation.

    Formula: the hazards of heads times Gamma(40 + O) / (40 + X) per cause, events and exposure weighted by value over
    mean value, clipped to 0.1..10.
    """
    known = cases.only(cases.value > 0)
    if not len(known):
        return by_count
    weights = np.clip(known.value / known.value.mean(), SMALLEST_WEIGHT, LARGEST_WEIGHT)
    # the weights' spread costs certainty: as many cases as weigh the same (Kish's effective sample size)
    effective = weights.sum() ** 2 / (weights**2).sum() / len(weights)
    data = count(known, decay=decay, weights=weights * (effective / weights.mean()))
    money = hazards.at_level_of(data, VALUE_CASES, rng)
    return np.asarray(money.rate() * _revaluation(known, rng, len(by_count)))


def _revaluation(cases: Stays, rng: np.random.Generator, draws: int) -> Floats:
    """Return S draws of the money after a move per money before it: a ratio of sums, ten pseudo-cases at 1."""
    both = cases.value_after > 0
    before, after = cases.value[both], cases.value_after[both]
    if not len(before) or np.array_equal(before, after):
        return np.ones(draws)
    mean = before.mean()
    ratio = (after.sum() + REVALUATION_CASES * mean) / (before.sum() + REVALUATION_CASES * mean)
    residual = (after - ratio * before) / before.sum()
    return np.asarray(ratio * np.exp(rng.normal(0.0, np.sqrt((residual**2).sum()) / ratio, draws)))


def required_quantiles(rates: Sequence[SectionRate], shares: Sequence[float] = (0.1, 0.9)) -> list[tuple[float, ...]]:
    """Return for each milestone 1..k quantiles of what must arrive there per money that is to arrive at the last.

    Formula: 1 / (product of the value rates from there on), draw by draw, so that the sections' uncertainties add up as
    they do; times the target it is the cascade's P10 and P90.

    Args:
        rates: the k-1 sections.
        shares: which quantiles, 0..1, ascending.
    """
    factor = np.ones(1)
    found: list[tuple[float, ...]] = [(1.0,) * len(shares)]
    for rate in reversed(rates):
        factor = factor / np.maximum(rate.draws, 1e-9)
        found.append(tuple(float(quantile) for quantile in np.quantile(factor, shares)))
    return found[::-1]
