"""The hazards of every section by cause and class of potential, at today's level: what a forecast rests on.

Formula: baseline hazards are drawn from all classes together, each class's exposure times e^(beta z), z its standard
log potential and beta common to all sections; a class's own factor is e^(beta z) Gamma(20 + O) / (20 + X e^(beta z));
its weekly hazard is (40 S(d) h(d) + n[d]) / (40 S(d) + E[d]), counts weighted by potential inside the class; the level
is Gamma(10 + O) / (10 + X) of the events of late over those expected.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from milestone_cli.estimate.classes import ValueClasses
from milestone_cli.estimate.counts import HALF_LIFE_MONTHS, Counts, count_classes, decay_per_week
from milestone_cli.estimate.hazards import draw_cause
from milestone_cli.estimate.journeys import Floats, Integers, Stays
from milestone_cli.estimate.jumps import jump_shares
from milestone_cli.estimate.plan import SectionPlan, pseudo_counts

CLASS_CASES = 40.0
"""The hazards of all together weigh as much as so many cases against a class's own."""
FACTOR_CASES = 20.0
LEVEL_CASES = 10.0
EFFECT_SPREAD = 0.35
"""How far the effect of the potential may lie from none, beforehand."""
DRIFT_PER_YEAR = 0.2
"""How far the level of a hazard drifts within a year, as a standard deviation of its logarithm."""
SHORTEST_LEVEL, LONGEST_LEVEL = 3.0, 60.0
"""Bounds of the level's half-life in months."""
RECENT_DAYS, FEWEST_RECENT = 730, 20
_HALVINGS = 16
_ROUNDS = 4
_SMOOTH_WEEKS = 9
MOVING, LOSING = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Draws of the hazards of one section."""

    baseline: tuple[Floats, Floats]
    """S x D each: of moving on and of being lost, at the middle of the potentials."""
    factors: tuple[Floats, Floats]
    """S x V each: a class's factor on the baseline."""
    level: tuple[Floats, Floats]
    """S each: today's level over that of the whole history."""
    heads: Counts
    """V x D: counts by class."""
    money: Counts
    """V x D: counts by class, weighted by potential inside it."""
    jumps: Floats
    """k x D: of those who leave in week d, the share that arrives at each milestone."""
    mix: Floats
    """V: shares of the classes among those who entered of late."""
    money_mix: Floats
    """V: the same by potential."""
    cases: int
    """Stays seen."""
    weight_of_data: float
    """Events counted over events counted and planned, 0..1."""
    faster: float = 1.0
    """A factor on moving on, for a question that begins with "what if"."""

    def hazards(self, *, static: bool = False, by_heads: bool = False, draws: int | None = None) -> tuple[Floats, ...]:
        """Return the hazards of moving on and of being lost, V x S x D each.

        Args:
            static: without today's level.
            by_heads: for counts; else they are those at which money moves.
            draws: only the first so many.
        """
        moving, losing = (base[None, :draws] * factor.T[:, :draws, None] for base, factor in
                          zip(self.baseline, self.factors, strict=True))  # fmt: skip
        data = self.heads if by_heads else self.money
        if len(data.exposure) > 1:
            weight = CLASS_CASES * np.exp(-_before(np.cumsum(moving + losing, axis=2)))
            at_risk = weight + data.exposure[:, None]
            moving = (weight * moving + data.moved[:, None]) / at_risk
            losing = (weight * losing + data.lost[:, None]) / at_risk
        if not static:
            moving, losing = (
                hazard * level[None, :draws, None]
                for hazard, level in zip((moving, losing), self.level, strict=True)
            )  # fmt: skip
        return moving * self.faster, losing


def _before(cumulative: Floats) -> Floats:
    shifted = np.zeros_like(cumulative)
    shifted[..., 1:] = cumulative[..., :-1]
    return shifted


def sections(
    all_stays: Sequence[Stays],
    plans: Sequence[SectionPlan],
    classes: ValueClasses,
    rng: np.random.Generator,
    *,
    draws: int,
) -> list[Section]:
    """Return the sections of a process from all stays in each.

    Args:
        all_stays: of each of the k-1 sections, on the customers' clock.
        plans: the sections' plans.
        classes: the classes of potential.
        rng: where chance comes from.
        draws: S, how many draws stand for the uncertainty.
    """
    places = [classes.of(cases.value) for cases in all_stays]
    decay = decay_per_week(HALF_LIFE_MONTHS)
    number = len(classes)
    heads = [count_classes(cases, place, number, decay=decay) for cases, place in zip(all_stays, places, strict=True)]
    money = [
        count_classes(cases, place, number, decay=decay, weights=classes.weights(cases.value, place))
        if number > 1 else counts
        for cases, place, counts in zip(all_stays, places, heads, strict=True)
    ]  # fmt: skip
    planned = [pseudo_counts(plan) for plan in plans]
    causes = [_cause(cause, heads, planned, classes, rng, draws) for cause in (MOVING, LOSING)]
    found = []
    for section, (cases, place) in enumerate(zip(all_stays, places, strict=True)):
        events = float(heads[section].moved.sum() + heads[section].lost.sum())
        found.append(
            Section(
                baseline=(causes[MOVING].baseline[section], causes[LOSING].baseline[section]),
                factors=(causes[MOVING].factors, causes[LOSING].factors),
                level=_levels(cases, place, heads[section], causes, section, rng, draws),
                heads=heads[section],
                money=money[section],
                jumps=jump_shares(cases, section, len(plans) + 1),
                mix=_mix(cases, place, classes, np.ones(len(cases))),
                money_mix=_mix(cases, place, classes, np.nan_to_num(cases.value)),
                cases=len(cases),
                weight_of_data=events / (events + float(planned[section].moved.sum() + planned[section].lost.sum())),
            )
        )
    # where nobody has been yet the plan's own rate stands, not what the grid of curves makes of it
    return [
        section if section.cases else at_rate(section, plan.rate) for section, plan in zip(found, plans, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Cause:
    """What is common to all sections for moving on, or for being lost."""

    smooth: list[Floats]
    """D each: the plain smoothed hazards of the sections at the middle of the potentials."""
    effect: Floats
    """V: the mean factor of each class."""
    baseline: list[Floats]
    """S x D each."""
    factors: Floats
    """S x V."""


def _events(counts: Counts, cause: int) -> Floats:
    return counts.moved if cause == MOVING else counts.lost


def _cause(  # noqa: PLR0917 - all that is known of one cause
    cause: int,
    heads: Sequence[Counts],
    planned: Sequence[Counts],
    classes: ValueClasses,
    rng: np.random.Generator,
    draws: int,
) -> _Cause:
    """Return the sections' hazards of one cause, and how the potential changes them."""
    effect, variance = 0.0, 0.0
    ever = [_events(counts, cause).sum(axis=1) for counts in heads]
    by_class = np.sum(ever, axis=0)
    for _ in range(_ROUNDS if len(classes) > 1 else 1):
        factor = np.exp(effect * classes.centres)
        pooled = [_pooled(counts, factor) for counts in heads]
        smooth = [
            _smooth(_events(counts, cause) + _events(plan, cause), counts.exposure + plan.exposure)
            for counts, plan in zip(pooled, planned, strict=True)
        ]
        expected = np.sum([counts.exposure @ hazard for counts, hazard in zip(heads, smooth, strict=True)], axis=0)
        if len(classes) > 1:
            effect, variance = _newton(by_class, expected, classes.centres, effect)
    baseline = [
        draw_cause(_events(counts, cause), counts, _events(plan, cause), plan, rng, draws=draws)
        for counts, plan in zip(pooled, planned, strict=True)
    ]
    mean = np.exp(effect * classes.centres)
    factors = np.ones((draws, len(classes)))
    if len(classes) > 1:
        drawn = np.exp(rng.normal(effect, math.sqrt(variance), draws)[:, None] * classes.centres)
        own = rng.standard_gamma(FACTOR_CASES + by_class, (draws, len(classes))) / (FACTOR_CASES + expected * mean)
        factors = drawn * own
    return _Cause(smooth, mean, baseline, factors)


def _pooled(counts: Counts, factor: Floats) -> Counts:
    return Counts(counts.moved.sum(axis=0), counts.lost.sum(axis=0), factor @ counts.exposure)


def _smooth(events: Floats, exposure: Floats) -> Floats:
    window = np.ones(_SMOOTH_WEEKS)
    return np.asarray(np.convolve(events, window, "same") / np.maximum(np.convolve(exposure, window, "same"), 1e-6))


def _newton(events: Floats, expected: Floats, centres: Floats, effect: float) -> tuple[float, float]:
    """Return the common log-linear effect of the potential and its variance: Poisson, normal beforehand."""
    precision = 1 / EFFECT_SPREAD**2
    curvature = precision
    for _ in range(_ROUNDS):
        mean = expected * np.exp(effect * centres)
        slope = float(((events - mean) @ centres) - effect * precision)
        curvature = float((mean @ centres**2) + precision)
        effect = float(np.clip(effect + slope / curvature, -2, 2))
    return effect, 1 / curvature


def level_half_life(events_per_year: float) -> float:
    """Return over how many months the level of a hazard is measured: the more events, the more of late.

    Formula: 12 ln 2 / (0.2 sqrt(events per year)), clipped to 3..60.

    >>> [round(level_half_life(events), 1) for events in (0.0, 100.0, 400.0)]
    [41.6, 4.2, 3.0]
    """
    months = 12 * math.log(2) / (DRIFT_PER_YEAR * math.sqrt(max(events_per_year, 1.0)))
    return min(max(months, SHORTEST_LEVEL), LONGEST_LEVEL)


def _levels(  # noqa: PLR0917 - all that is known of one section
    cases: Stays,
    classes: Integers,
    heads: Counts,
    causes: Sequence[_Cause],
    section: int,
    rng: np.random.Generator,
    draws: int,
) -> tuple[Floats, Floats]:
    """Return for either cause S draws of today's level."""
    years = max(float(cases.age.max()) / 365.25, 0.5) if len(cases) else 0.5
    remembered = min(years, HALF_LIFE_MONTHS / 12 / math.log(2))
    found = []
    for cause, every in enumerate(causes):
        decay = decay_per_week(level_half_life(float(_events(heads, cause).sum()) / remembered))
        late = count_classes(cases, classes, len(every.effect), decay=decay)
        expected = float(every.effect @ late.exposure @ every.smooth[section])
        seen = float(_events(late, cause).sum())
        found.append(rng.standard_gamma(LEVEL_CASES + seen, draws) / (LEVEL_CASES + expected))
    return found[0], found[1]


def _mix(cases: Stays, place: Integers, classes: ValueClasses, weights: Floats) -> Floats:
    """Return V shares of the classes among the stays of the last two years, if that is twenty or more."""
    recent = cases.age <= RECENT_DAYS
    if recent.sum() < FEWEST_RECENT:
        recent = np.ones(len(cases), bool)
    total = np.bincount(place[recent], weights[recent], len(classes)).astype(np.float64)
    if total.sum() <= 0:
        total[classes.middle] = 1.0
    return np.asarray(total / total.sum())


def moved_by_week(
    section: Section, *, by_heads: bool = True, static: bool = False, draws: int | None = None
) -> tuple[Floats, Floats]:
    """Return S x D each: the share that moves on in week d of stay, and the share still there when it begins.

    Args:
        section: its hazards.
        by_heads: of opportunities, their classes mixed as they enter; else of money.
        static: without today's level.
        draws: only the first so many.
    """
    moving, losing = section.hazards(by_heads=by_heads, static=static, draws=draws)
    total = moving + losing
    after = np.exp(-np.cumsum(total, axis=2))
    before = np.concatenate([np.ones_like(after[:, :, :1]), after[:, :, :-1]], axis=2)
    share = np.divide(moving, total, out=np.zeros_like(total), where=total > 0)
    mix = section.mix if by_heads else section.money_mix
    return np.tensordot(mix, share * (before - after), 1), np.tensordot(mix, before, 1)


def at_rate(section: Section, rate: float, *, static: bool = False) -> Section:
    """Return the section with a factor on moving on such that its mean success rate by money is `rate`.

    The others that leave are still lost: a rate that no speed reaches is approached as far as a thousandfold one does.
    """
    low, high = -7.0, 7.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        moved, _ = moved_by_week(replace(section, faster=math.exp(middle)), by_heads=False, static=static)
        if float(moved.sum(axis=1).mean()) < rate:
            low = middle
        else:
            high = middle
    return replace(section, faster=math.exp((low + high) / 2))
