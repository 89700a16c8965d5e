"""A simulator of sales teams that work by milestones: the truth is known, what was recorded by a day is told apart.

Five milestones; section rates 0.35 to 0.72 with effects of rep and value; log-normal or Weibull durations; slow
customers; a season in arrivals and in speed; losses recorded late or never; facts entered late; skipped milestones; a
plan typed in too rosy.
Invariant: `seen` gives nothing that was not recorded by its day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from milestone_cli.estimate.journeys import Floats, Integers, Journeys
from milestone_cli.estimate.plan import SectionPlan

MILESTONES = 5
SECTIONS = MILESTONES - 1
MONTH_DAYS = 30.4375
SPEED_BY_MONTH = np.array([0, 0.05, 0.2, 0.1, 0.1, 0.3, -0.3, -1.0, 0.1, 0.2, 0.3, 0.6])
"""How customers' speed swings over the year, before its amplitude: slow in August, fast in December."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What kind of team it is."""

    growth: float = 0.05
    """A year."""
    season: float = 0.12
    speed_season: float = 0.10
    losses_recorded: float = 0.75
    loss_delay: float = 14.0
    """Mean days until a loss is recorded."""
    skipped: float = 0.03
    late: float = 0.10
    """Share of facts entered late."""
    late_days: float = 5.0
    revaluation: float = 0.0
    """Standard deviation of the log value per step."""
    slowness: float = 0.3
    """Standard deviation of a customer's own log speed."""
    scale: float = 1.0
    """Times all durations."""
    turn: bool = False
    """Two sections' odds fall by 60 % fourteen months before the end of the first study window."""
    adopted: bool = False
    """The book began a year before the as-of day with what was open then."""


SCENARIOS = {
    "base": Scenario(),
    "grow": Scenario(growth=0.30, season=0.35, speed_season=0.35),
    "regime": Scenario(turn=True),
    "messy": Scenario(
        losses_recorded=0.45, loss_delay=60.0, skipped=0.10, late=0.25, late_days=12.0, revaluation=0.25, slowness=0.45
    ),
    "long": Scenario(scale=2.6),
    "adopt": Scenario(adopted=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """One simulated team: N opportunities, days from 0 on."""

    truth: Floats
    """N x k: the day each milestone was reached, NaN where never."""
    observed: Floats
    """The same without the skipped ones."""
    entered: Floats
    """N x k: the day the fact was entered."""
    lost: Floats
    lost_entered: Floats
    values: Floats
    rep: Integers
    chances: Floats
    """N x (k-1): the true chance to move on, NaN where it was never there."""
    plans: tuple[SectionPlan, ...]
    scenario: Scenario


def simulate(seed: int, per_year: float, scenario: Scenario, months: int = 86) -> Team:
    """Return a team with about `per_year` new opportunities a year over `months` months."""
    rng = np.random.default_rng(seed)
    days = int(months * MONTH_DAYS)
    arrival = _arrivals(rng, per_year, scenario, days, months)
    size = len(arrival)
    rates = rng.uniform(0.35, 0.72, SECTIONS)
    medians = rng.permutation(np.sort(rng.uniform(12, 75, SECTIONS))) * scenario.scale
    spreads, shapes, weibull = rng.uniform(0.6, 1, SECTIONS), rng.uniform(1, 1.8, SECTIONS), rng.random(SECTIONS) < 0.5
    reps = int(np.clip(per_year / 30, 2, 100))
    rep, rep_effect = rng.integers(0, reps, size), rng.normal(0, 0.3, reps)
    value_effect, value_slows = -rng.uniform(0.15, 0.45), rng.uniform(0.1, 0.3)
    worth = rng.normal(size=size)
    own_slowness = rng.normal(0, scenario.slowness, size)
    clock = _clock(days, scenario)
    truth = np.full((size, MILESTONES), np.nan)
    truth[:, 0] = arrival
    chances = np.full((size, SECTIONS), np.nan)
    lost, lost_entered = np.full(size, np.nan), np.full(size, np.nan)
    there = np.ones(size, bool)
    turn = (months - 26) * MONTH_DAYS if scenario.turn else np.inf
    for section in range(SECTIONS):
        entry = truth[:, section]
        turned = there & (np.nan_to_num(entry) >= turn) & (section in (1, 2))
        odds = np.log(rates[section] / (1 - rates[section])) + rep_effect[rep] + value_effect * worth - 0.9 * turned
        chance = 1 / (1 + np.exp(-odds))
        chances[there, section] = chance[there]
        moves = there & (rng.random(size) < chance)
        if weibull[section]:
            base = rng.weibull(shapes[section], size) / np.log(2) ** (1 / shapes[section])
        else:
            base = np.exp(rng.normal(0, spreads[section], size))
        stay = medians[section] * base * np.exp(value_slows * worth + own_slowness) * np.where(turned, 1.35, 1)
        truth[moves, section + 1] = np.floor(_after(clock, entry[moves], stay[moves]))
        told = there & ~moves & (rng.random(size) < scenario.losses_recorded)
        until = medians[section] * 1.1 * np.exp(rng.normal(0, 0.8, size) + own_slowness)
        lost[told] = np.floor(_after(clock, entry[told], until[told]))
        lost_entered[told] = lost[told] + np.floor(rng.exponential(scenario.loss_delay, told.sum()))
        there = moves
    observed = truth.copy()
    skipped = rng.random(truth.shape) < scenario.skipped
    skipped[:, [0, -1]] = False
    observed[skipped] = np.nan
    late = rng.random(truth.shape) < scenario.late
    entered = truth + np.where(late, np.floor(rng.exponential(scenario.late_days, truth.shape)), 0)
    steps = rng.normal(-0.04, scenario.revaluation, truth.shape) if scenario.revaluation else np.zeros(truth.shape)
    steps[:, 0] = 0
    first_value = np.exp(np.log(rng.uniform(8e3, 6e4)) + 1.1 * worth)
    mean_stay = np.where(weibull, medians * 1.15, medians * np.exp(spreads**2 / 2))
    plans = tuple(
        SectionPlan(float(1 / (1 + np.exp(-(np.log(p / (1 - p)) + rng.normal(0.25, 0.45))))),
                    float(m * np.exp(rng.normal(-0.15, 0.35))))
        for p, m in zip(rates, mean_stay, strict=True)
    )  # fmt: skip
    return Team(
        truth=truth, observed=observed, entered=entered, lost=lost, lost_entered=lost_entered,
        values=first_value[:, None] * np.exp(np.cumsum(steps, axis=1)), rep=rep, chances=chances, plans=plans,
        scenario=scenario,
    )  # fmt: skip


def _arrivals(rng: np.random.Generator, per_year: float, scenario: Scenario, days: int, months: int) -> Floats:
    day = np.arange(days)
    month = np.minimum((day / MONTH_DAYS).astype(int), months - 1)
    season = 1 + scenario.season * np.sin(2 * np.pi * (month % 12 + rng.uniform(0, 12)) / 12)
    walk = np.exp(np.cumsum(rng.normal(0, 0.05, months)) * 0.6)
    shocks = walk / walk.mean() * rng.gamma(8, 1 / 8, months)
    rate = per_year / 365.25 * season * (1 + scenario.growth) ** (day / 365.25 - 4) * shocks[month]
    return np.repeat(day, rng.poisson(rate)).astype(float)


def _clock(days: int, scenario: Scenario) -> Floats:
    month = (np.arange(days + 6000) / MONTH_DAYS).astype(int) % 12
    return np.concatenate([[0.0], np.cumsum(1 + scenario.speed_season * SPEED_BY_MONTH[month])])


def _after(clock: Floats, start: Floats, stay: Floats) -> Floats:
    """Return the days at which stays end that are measured on the customers' own clock."""
    ticks = np.arange(len(clock))
    ends: Floats = np.interp(np.interp(start, ticks, clock) + stay, clock, ticks)
    return ends


def seen(team: Team, as_of: int) -> tuple[Journeys, Integers]:
    """Return what was recorded by `as_of`, and which opportunities (rows of the team) these are."""
    known = np.where((team.entered <= as_of) & (team.observed <= as_of), team.observed, np.nan)
    begun = as_of - 365 if team.scenario.adopted else -np.inf
    over = np.fmin(team.lost, team.truth[:, -1])
    # rows without an end are still open: NaN compares as not over
    rows = np.nonzero(~np.isnan(known).all(axis=1) & ~(over <= begun))[0]
    return Journeys.in_order(
        as_of,
        recorded=known[rows],
        lost=np.where(team.lost_entered <= as_of, team.lost, np.nan)[rows],
        lost_known=team.lost_entered[rows],
        values=team.values[rows],
        seen_from=np.full(len(rows), begun),
        rep=team.rep[rows],
        known=team.entered[rows],
    ), rows


def fifty_percent(seed: int, opportunities: int = 1000, months: int = 48) -> Journeys:
    """Return the worked example as facts: so many opportunities at milestone 1 and four sections of 50 % each.

    Potentials are log-normal (sd 1.1), of those that never move 60 % are recorded as lost, the others just stay.
    """
    rng = np.random.default_rng(seed)
    as_of = int(months * MONTH_DAYS)
    recorded = np.full((opportunities, MILESTONES), np.nan)
    recorded[:, 0] = np.floor(rng.uniform(0, as_of, opportunities))
    lost = np.full(opportunities, np.nan)
    there = np.ones(opportunities, bool)
    for section in range(SECTIONS):
        moves = there & (rng.random(opportunities) < 0.5)
        stay = 40 * np.exp(rng.normal(0, 0.8, opportunities))
        recorded[moves, section + 1] = np.floor(recorded[moves, section] + stay[moves])
        told = there & ~moves & (rng.random(opportunities) < 0.6)
        lost[told] = np.floor(recorded[told, section] + 1.5 * stay[told])
        there = moves
    potential = np.round(np.exp(rng.normal(np.log(40_000), 1.1, opportunities)))
    recorded[recorded > as_of] = np.nan
    return Journeys.in_order(
        as_of,
        recorded=recorded,
        lost=np.where(lost <= as_of, lost, np.nan),
        values=np.repeat(potential[:, None], MILESTONES, axis=1),
        seen_from=np.full(opportunities, -np.inf),
        rep=np.zeros(opportunities, np.int64),
    )
