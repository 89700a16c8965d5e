"""New business: how many opportunities come in a month, at which milestone, with which potential and by whom.

Formula: arrivals a month ~ Poisson(level x season x Gamma(1 / phi, phi)); the level is an exponentially weighted mean
over half-lives of 1.5, 3, 6 and 12 months, each trusted by its errors one month ahead, itself uncertain as a Gamma; in
the months to come it walks at random.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from milestone_cli.domain.day import month_of
from milestone_cli.estimate.arrivals import Arrivals, began, entries
from milestone_cli.estimate.classes import ValueClasses
from milestone_cli.estimate.counts import MONTH, whole_months
from milestone_cli.estimate.journeys import Flags, Floats, Integers, Journeys

LONGEST_MONTHS = 48
SEASON_MONTHS = 24
"""A season is read only from two years or more."""
SEASON_CASES = 30.0
HALF_LIVES = (1.5, 3.0, 6.0, 12.0)
USUAL_HALF_LIFE = 6.0
FEW_A_MONTH = 15.0
"""Under so many arrivals a month the level follows nothing faster than six months: it would chase noise."""
RECENT_DAYS = 730
"""Potentials and milestones of entry are those of the last two years, if that is twenty cases or more."""
FEWEST_RECENT = 20
USUAL_OVERDISPERSION = 0.05
LATEST_ENTRY_DAYS, FEWEST_DELAYS, LEAST_TOLD = 120, 50, 0.5
"""Older arrivals, if there are fifty, say how many of the newest are still to be entered; at most as many again."""
LEAST_DRIFT, MOST_DRIFT = 0.03, 0.25
LEARNING_MONTHS, HALF_YEAR = 9, 6
"""From the tenth month on the level is held against the six months after it."""
_LOWEST_LEVEL = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Inflow:
    """What is to be expected of new business."""

    level: Floats
    """S draws: arrivals in a month of 30.4375 days, without season."""
    season: Floats
    """12: factors for January to December."""
    overdispersion: float
    """phi: variance of the factor that one month's arrivals have in common."""
    drift: float
    """Standard deviation of the level's logarithm per month to come."""
    shares: Floats
    """k x V: share of the arrivals by milestone of entry and class of potential; sums to 1, or all 0."""
    bank: tuple[Floats, ...]
    """V: potentials of each class to draw from; empty where none is known."""
    reps: dict[int, float]
    """Each rep's share of the arrivals, the later the more; sums to 1 where there are any."""
    months: int
    """Months of history it stands on; 0 if there is none."""

    @property
    def mean_values(self) -> Floats:
        """V: the mean potential of each class, 0 where nothing is known."""
        return np.array([values.mean() if len(values) else 0.0 for values in self.bank])

    @property
    def usual(self) -> Floats:
        """The potentials of an opportunity of which none is known: mean and mean square."""
        by_class = self.shares.sum(axis=0)
        square = np.array([(values**2).mean() if len(values) else 0.0 for values in self.bank])
        known = np.array([len(values) > 0 for values in self.bank])
        total = float((by_class * known).sum())
        if total <= 0:
            known_values = np.concatenate(self.bank)
            return np.array([known_values.mean(), (known_values**2).mean()]) if len(known_values) else np.zeros(2)
        return np.array([by_class @ self.mean_values, by_class @ square]) / total


def inflow(
    journeys: Journeys,
    classes: ValueClasses,
    rng: np.random.Generator,
    *,
    draws: int,
    typical_value: float | None = None,
) -> Inflow:
    """Return what the past says of new business; none at all where there is no past.

    Args:
        journeys: as of the day the forecast is made.
        classes: the classes of potential.
        rng: where chance comes from.
        draws: S.
        typical_value: taken where no potential is known at all.
    """
    came, milestone = entries(journeys)
    history = _history(came, _still_to_be_told(came, milestone, journeys), journeys.as_of, began(journeys))
    bank, shares = _potentials(came, milestone, journeys, classes, typical_value)
    if history is None:
        return Inflow(
            level=np.zeros(draws), season=np.ones(12), overdispersion=USUAL_OVERDISPERSION, drift=0.05, shares=shares,
            bank=bank, reps={}, months=0,
        )  # fmt: skip
    heads, season, stretched = history
    level, half_life, phi = level_of(heads)
    weights = 0.5 ** (np.arange(len(heads))[::-1] / half_life)
    effective = weights.sum() ** 2 / (weights**2).sum()
    uncertain = (stretched / max(level, 0.2) + phi) / effective + 0.0015
    return Inflow(
        level=level * rng.standard_gamma(1 / uncertain, draws) * uncertain,
        season=season,
        overdispersion=phi,
        drift=_drift(heads, half_life, phi),
        shares=shares,
        bank=bank,
        reps=_rep_shares(came, journeys, half_life),
        months=len(heads),
    )


def _still_to_be_told(came: Arrivals, milestone: Integers, journeys: Journeys) -> Floats:
    """Return how many arrivals each one stands for: of those of late some are not entered yet.

    Formula: 1 / F(age), F the share of older arrivals that became known within so many days.
    """
    if journeys.known is None:
        return np.ones(len(came))
    age = journeys.as_of - came.days
    delay = np.fmax(journeys.known[came.rows, milestone] - came.days, 0.0)
    old = np.sort(delay[age > LATEST_ENTRY_DAYS])
    if len(old) < FEWEST_DELAYS:
        return np.ones(len(came))
    told = np.searchsorted(old, age, side="right") / len(old)
    return np.asarray(1 / np.maximum(told, LEAST_TOLD))


def _history(came: Arrivals, stand_for: Floats, as_of: int, start: float) -> tuple[Floats, Floats, float] | None:
    """Return the arrivals of each past month, oldest first and without season, and the season; None without any.

    The months end on the as-of day, wherever in a calendar month that lies. A book younger than a month is stretched to
    one, by what is returned last: so many arrivals stand for each one seen, and make nothing more certain.
    """
    if not len(came):
        return None
    number = whole_months(as_of + 1 - start, LONGEST_MONTHS)
    back = np.floor((as_of - came.days) / MONTH).astype(np.int64)
    inside = back < number
    heads = np.bincount(back[inside], stand_for[inside], number)[:number][::-1].astype(np.float64)
    stretched = max(MONTH / max(as_of + 1 - start, 7.0), 1.0)
    heads *= stretched
    ends = as_of - np.floor(np.arange(number)[::-1] * MONTH)
    place = np.array([[month_of(int(end - days)) % 12 for days in (3, 10, 18, 26)] for end in ends])
    season = _season(heads, place)
    return heads / season[place].mean(axis=1), season, stretched


def _season(heads: Floats, place: Integers) -> Floats:
    """Return the factor of each month of the year, against a moving year, with thirty pseudo-arrivals at 1."""
    if len(heads) < SEASON_MONTHS:
        return np.ones(12)
    trend = np.convolve(np.pad(heads, 6, "edge"), np.ones(13) / 13, "valid")
    parts = place.shape[1]
    seen = np.bincount(place.ravel(), np.repeat(heads, parts) / parts, 12)
    usual = np.bincount(place.ravel(), np.repeat(trend, parts) / parts, 12)
    season = (seen + SEASON_CASES) / (usual + SEASON_CASES)
    return np.asarray(season / season.mean())


def level_of(heads: Floats) -> tuple[float, float, float]:
    """Return the level now, the half-life that found it, and the over-dispersion of the months."""
    number = len(heads)
    trusted = _half_lives(heads)
    levels = [_weighted_mean(heads, months) for months in trusted]
    level = max(float(np.dot(list(trusted.values()), levels)), _LOWEST_LEVEL)
    half_life = math.exp(sum(share * math.log(months) for months, share in trusted.items()))
    if number < 6:
        return level, half_life, (0.2 * number + USUAL_OVERDISPERSION * 6) / (number + 6)
    around = np.convolve(np.pad(heads, 3, "edge"), np.ones(7) / 7, "valid")
    rest = (heads - around)[-24:]
    centre = max(float(heads[-24:].mean()), 0.1)
    found = max(float((rest**2).mean()) * 7 / 6 / centre**2 - 1 / centre, 0.0)
    seen = min(number, 24)
    return level, half_life, (found * seen + USUAL_OVERDISPERSION * 6) / (seen + 6)


def _weighted_mean(heads: Floats, half_life: float) -> float:
    weights = 0.5 ** (np.arange(len(heads))[::-1] / half_life)
    return float(weights @ heads / weights.sum())


def _half_lives(heads: Floats) -> dict[float, float]:
    """Return how far each half-life in months is trusted; the shares sum to 1.

    Formula: share ~ (squared error one month ahead)^(-n / 2), n the months tried: the likelihood of normal errors.
    """
    if len(heads) < 6:
        return {3.0: 1.0}
    few = heads[-24:].mean() < FEW_A_MONTH
    candidates = [months for months in HALF_LIVES if not few or months >= USUAL_HALF_LIFE]
    errors = np.array([max(_one_step_error(heads, months), 1e-9) for months in candidates])
    tried = min(len(heads) - 3, 24)
    shares = (errors / errors.min()) ** (-tried / 2)
    return dict(zip(candidates, (shares / shares.sum()).tolist(), strict=True))


def _one_step_error(heads: Floats, half_life: float) -> float:
    step = 1 - 0.5 ** (1 / half_life)
    level, error = float(heads[:3].mean()), 0.0
    oldest = max(3, len(heads) - 24)
    for month, seen in enumerate(heads.tolist()):
        if month >= oldest:
            error += (seen - level) ** 2
        if month > 2:
            level += step * (seen - level)
    return error * (1 + 0.03 * abs(math.log2(half_life / USUAL_HALF_LIFE)))


def _drift(heads: Floats, half_life: float, phi: float) -> float:
    """Return by how much the level walks in a month, as a standard deviation of its logarithm.

    Formula: beforehand tau0^2 = (a^2 (phi + 0.01)), a the weight of a new month in the level. From the past: the mean
    squared relative error e^2 of the level against the six months after it, less what chance alone makes of it,
    (phi + 1 / level) (1 / 6 + 1 / n), over the 91 / 36 that a walk of six months makes of tau^2; every half year seen
    counts as one, tau0 as three.
    """
    step = 1 - 0.5 ** (1 / half_life)
    before = min(max(step * math.sqrt(phi + 0.01), LEAST_DRIFT), MOST_DRIFT) ** 2
    tried = range(LEARNING_MONTHS, len(heads) - HALF_YEAR + 1)
    if not tried:
        return math.sqrt(before)
    squares = []
    for month in tried:
        weights = 0.5 ** (np.arange(month)[::-1] / half_life)
        level = max(float(weights @ heads[:month] / weights.sum()), 0.5)
        alone = (phi + 1 / level) * (1 / HALF_YEAR + float((weights**2).sum() / weights.sum() ** 2))
        squares.append((float(heads[month : month + HALF_YEAR].mean()) / level - 1) ** 2 - alone)
    seen = len(tried) / HALF_YEAR
    walked = max(float(np.mean(squares)), 0.0) * 36 / 91
    return min(max(math.sqrt((seen * walked + 3 * before) / (seen + 3)), LEAST_DRIFT), MOST_DRIFT)


def _potentials(
    came: Arrivals, milestone: Integers, journeys: Journeys, classes: ValueClasses, typical_value: float | None
) -> tuple[tuple[Floats, ...], Floats]:
    """Return the potentials of new business by class, and its shares by milestone of entry and class."""
    recent = came.days > journeys.as_of - RECENT_DAYS
    if recent.sum() < FEWEST_RECENT:
        recent = np.ones(len(came), bool)
    values, at = came.values[recent], milestone[recent]
    known = values > 0
    place = classes.of(values)
    everything = values[known]
    if not len(everything):
        everything = journeys.values[journeys.values > 0]
    if not len(everything) and typical_value is not None:
        everything = np.array([float(typical_value)])
    bank = tuple(
        own if len(own) else everything for own in (values[known & (place == number)] for number in range(len(classes)))
    )
    return bank, _shares(at, place, known, journeys.milestones, classes)


def _shares(at: Integers, place: Integers, known: Flags, milestones: int, classes: ValueClasses) -> Floats:
    """Return k x V shares of the arrivals; those of unknown potential fall into the classes as the others do."""
    number = len(classes)
    heads = np.bincount(at, minlength=milestones).astype(np.float64)
    mix = np.bincount(at[known] * number + place[known], minlength=milestones * number).astype(np.float64)
    mix = mix.reshape(milestones, number)
    overall = mix.sum(axis=0)
    if not overall.any():
        overall[classes.middle] = 1.0
    mix += overall / overall.sum()
    return np.asarray(heads[:, None] * mix / mix.sum(axis=1, keepdims=True) / max(float(len(at)), 1.0))


def _rep_shares(came: Arrivals, journeys: Journeys, half_life: float) -> dict[int, float]:
    """Return each rep's share of the arrivals; what lies a half-life back, a year at least, counts half."""
    weights = 0.5 ** ((journeys.as_of - came.days) / MONTH / max(half_life, 12.0))
    reps, place = np.unique(journeys.rep[came.rows], return_inverse=True)
    total = np.bincount(place, weights, len(reps))
    return dict(zip(reps.tolist(), (total / total.sum()).tolist(), strict=True))
