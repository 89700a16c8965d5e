"""The forecast: the money that arrives at each milestone in each month to come, as a thousand ways it may go.

Invariant: means are analytic and the paths are brought to them; from open and from new opportunities together they are
the mean; the reps add up to the team.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from milestone_cli.estimate.calibration import Calibration, common_error
from milestone_cli.estimate.clock import month_edges
from milestone_cli.estimate.counts import MONTH, WEEK
from milestone_cli.estimate.journeys import Floats, Integers, Journeys
from milestone_cli.estimate.kernels import Steps, arrival_shares, steps
from milestone_cli.estimate.luck import Luck, Purpose
from milestone_cli.estimate.model import DRAWS, Model, WhatIf, measure
from milestone_cli.estimate.naive import past_months, run_rate_level, run_rate_month
from milestone_cli.estimate.new_business import NewBusiness, expected_inflow, new_business
from milestone_cli.estimate.open_business import LARGEST, OpenBusiness, open_business
from milestone_cli.estimate.paths import inflow_paths, new_paths, open_paths
from milestone_cli.estimate.plan import SectionPlan
from milestone_cli.estimate.standing import Standing, standing

PATHS = 1000
CLOSEST, FARTHEST = 0.5, 2.0
"""The paths are brought to the analytic mean by a factor within these bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What is to be expected at the k milestones in the running month [..., 0] and the N after it."""

    as_of: int
    month_ends: tuple[int, ...]
    """N + 1: the last days of the months."""
    milestones: tuple[int, ...]
    """The indexes of the milestones that were asked for; at the others everything is 0."""
    money: Floats
    """k x P x (N + 1): simulated money, in the units of the potentials."""
    open_mean: Floats
    """k x (N + 1): mean money from opportunities that are open today."""
    new_mean: Floats
    """k x (N + 1): mean money from those that are not there yet."""
    count_mean: Floats
    """k x (N + 1): mean number of arrivals."""
    reps: tuple[int, ...]
    """R: who owns something open or brought something in, -1 for nobody, ascending."""
    rep_open_mean: Floats
    """R x k x (N + 1): the reps' parts of `open_mean`."""
    rep_new_mean: Floats
    """R x k x (N + 1): the reps' parts of `new_mean`."""
    rep_count_mean: Floats
    """R x k x (N + 1)."""
    carried_rows: Integers
    """n: rows of the journeys that are open and not set aside."""
    carried: Floats
    """n: mean money each of them brings to the last milestone within all months."""
    set_aside: tuple[int | None, ...]
    """k - 1: the days waited from which on a section set aside, None where it did not."""
    inflow_count: Floats
    """N + 1: new opportunities assumed to come in."""
    inflow_value: float
    """Their mean potential; 0 where none is known."""
    inflow_months: int
    """Months of history the inflow stands on; 0: there is none, new business is taken to be 0."""
    weight_of_data: tuple[float, ...]
    """k - 1: how much of each section is data, 0..1; the rest is plan."""
    calibration: Calibration
    """What past forecasts were corrected by."""

    @property
    def mean(self) -> Floats:
        """Mean money: k x (N + 1)."""
        return self.open_mean + self.new_mean


def quantiles(paths: Floats, shares: Sequence[float]) -> list[float]:
    """Return quantiles of simulated money, for example of `money[-1][:, 1:4].sum(axis=1)`.

    >>> quantiles(np.arange(101.0), [0.1, 0.5, 0.9])
    [10.0, 50.0, 90.0]
    """
    return [float(quantile) for quantile in np.quantile(paths, shares)]


def chance_of_at_least(paths: Floats, target: float) -> float:
    """Return the share of the paths that reach a target.

    >>> chance_of_at_least(np.array([1.0, 2.0, 3.0, 4.0]), 3.0)
    0.5
    """
    return float((paths >= target).mean())


def forecast(
    journeys: Journeys,
    plans: Sequence[SectionPlan],
    month_ends: Sequence[int],
    *,
    seed: int = 1,
    draws: int = DRAWS,
    paths: int = PATHS,
    largest: int = LARGEST,
    calibration: Calibration | None = None,
    set_aside: Sequence[int | None] | None = None,
    milestones: Sequence[int] | None = None,
    rep: int | None = None,
    what_if: WhatIf | None = None,
    typical_value: float | None = None,
    model: Model | None = None,
) -> Forecast:
    """Return what is to be expected from the day after the as-of day on.

    Args:
        journeys: what is known today.
        plans: the k-1 sections' plans.
        month_ends: the last day of the running month (the as-of day or later) and of the N following ones.
        seed: where chance begins.
        draws: S, draws of the hazards.
        paths: P, brought down to a multiple of S.
        largest: how many open opportunities are simulated one by one.
        calibration: what past forecasts teach; None: nothing is known of them.
        set_aside: per section the days waited from which on an opportunity is a dead horse; None: as the model says.
        milestones: indexes 0..k-1 to forecast; None: all.
        rep: only this rep's open opportunities and share of the inflow, -1 for nobody's.
        what_if: other rates, another inflow, without some opportunities.
        typical_value: the potential of new business where none is known.
        model: as measured before from the same journeys and plans, to save the time.
    """
    learnt, question = calibration or Calibration(), what_if or WhatIf()
    found = model or measure(journeys, plans, seed=seed, draws=draws, typical_value=typical_value)
    found = found.asked(question, static=learnt.static)
    aside = found.set_aside if set_aside is None else tuple(set_aside)
    targets = tuple(range(journeys.milestones)) if milestones is None else tuple(milestones)
    here = standing(journeys, found.classes, found.clock, aside, without=question.without, rep=rep)
    reps = tuple(sorted({*found.new.reps, *here.rep.tolist()})) if rep is None else (rep,)
    edges = month_edges(month_ends, journeys.as_of)
    parts = _parts(found, here, targets, edges, reps, static=learnt.static, largest=largest)
    luck = Luck(seed)
    each = max(paths // len(parts.level), 1)
    coming = inflow_paths(found.new, parts.inflow * parts.shares.sum(), each * len(parts.level), luck)
    last = journeys.milestones - 1
    said = {}
    for target in targets:
        its = learnt if target == last else learnt.elsewhere()
        rate = _run_rate(journeys, target, reps, edges, its.blend)
        said[target] = _at_milestone(parts, target, found, its, rate, coming, luck.at(target))
    zeros = np.zeros((len(reps), len(edges) - 1))
    nothing = _AtMilestone(zeros, zeros, zeros, np.zeros(coming.shape))
    rows = [said.get(target, nothing) for target in range(journeys.milestones)]
    kept = (1 + learnt.bias) * (1 - learnt.blend)
    return Forecast(
        as_of=journeys.as_of,
        month_ends=tuple(int(end) for end in month_ends),
        milestones=targets,
        money=np.stack([row.paths for row in rows]),
        open_mean=np.stack([row.open.sum(axis=0) for row in rows]),
        new_mean=np.stack([row.new.sum(axis=0) for row in rows]),
        count_mean=np.stack([row.heads.sum(axis=0) for row in rows]),
        reps=reps,
        rep_open_mean=np.stack([row.open for row in rows], axis=1),
        rep_new_mean=np.stack([row.new for row in rows], axis=1),
        rep_count_mean=np.stack([row.heads for row in rows], axis=1),
        carried_rows=here.rows,
        carried=parts.open[last].carried * kept if last in said else np.zeros(len(here)),
        set_aside=aside,
        inflow_count=float(found.new.level.mean()) * parts.inflow * parts.shares.sum(),
        inflow_value=float(found.new.usual[0]),
        inflow_months=found.new.months,
        weight_of_data=tuple(section.weight_of_data for section in found.sections),
        calibration=learnt,
    )


@dataclass(frozen=True, slots=True)
class _AtMilestone:
    """What is to be expected at one milestone."""

    open: Floats
    """R x (N + 1): mean money from open opportunities by rep."""
    new: Floats
    """R x (N + 1): mean money from new ones."""
    heads: Floats
    """R x (N + 1): mean number of arrivals."""
    paths: Floats
    """P x (N + 1)."""


def _at_milestone(  # noqa: PLR0917 - all that one milestone's figures come from
    parts: _Parts,
    target: int,
    found: Model,
    learnt: Calibration,
    rate: _RunRate,
    coming: Floats,
    luck: Luck,
) -> _AtMilestone:
    """Return means and paths of one milestone, corrected by what past forecasts teach."""
    mine, kept = parts.open[target], (1 + learnt.bias) * (1 - learnt.blend)
    money, heads = parts.new_means(target)
    by_rep = mine.by_rep * kept
    new = parts.shares[:, None] * money * kept + rate.by_rep
    raw = open_paths(mine, len(coming), luck) + new_paths(parts.new[target], found.new, coming, luck)
    raw = raw * common_error(learnt.spread, len(raw), raw.shape[1], luck)
    paths = _brought_to(rate.blended(raw, luck), by_rep.sum(axis=0) + new.sum(axis=0))
    return _AtMilestone(by_rep, new, mine.heads_by_rep + parts.shares[:, None] * heads, paths)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """The analytic parts of a forecast, before anything is simulated."""

    open: dict[int, OpenBusiness]
    new: dict[int, NewBusiness]
    new_heads: dict[int, NewBusiness]
    inflow: Floats
    """N + 1: months' inflow over the level."""
    level: Floats
    """S."""
    shares: Floats
    """R: the reps' shares of the inflow."""

    def new_means(self, target: int) -> tuple[Floats, Floats]:
        """Return N + 1 each: mean money and mean number of arrivals from new opportunities."""
        business = self.new[target]
        draws = business.transfer.shape[1]
        level = self.level if draws == len(self.level) else self.level[:draws]
        by_class = np.einsum("s,vsgh,g->vh", level / len(level), business.transfer, self.inflow)
        heads = np.einsum("vsgh,g->h", self.new_heads[target].transfer, self.inflow) * self.level.mean()
        return business.money @ by_class, heads


def _parts(
    found: Model,
    here: Standing,
    targets: Sequence[int],
    edges: Floats,
    reps: Sequence[int],
    *,
    static: bool,
    largest: int,
) -> _Parts:
    """Return what comes from open and from new opportunities at every target."""
    ticks = found.clock.at(edges)
    passed = (ticks - ticks[0]) / WEEK
    starts, ends = passed[:-1], passed[1:]
    ahead = math.ceil(ends[-1]) + 2
    ways = [steps(section, ahead, static=static, by_heads=False, draws=None) for section in found.sections]
    heads = [steps(section, ahead, static=static, by_heads=True, draws=10) for section in found.sections]
    shares = _all_shares(ways, targets, ahead)
    head_shares = _all_shares(heads, targets, ahead)
    return _Parts(
        open=open_business(
            here, targets, ways=ways, by_heads=heads, shares=shares, head_shares=head_shares, ends=ends,
            changes=found.changes, new=found.new, reps=reps, largest=largest,
        ),
        new={t: new_business(found.new, t, shares[t], starts, ends, found.changes) for t in targets},
        new_heads={t: new_business(found.new, t, head_shares[t], starts, ends, found.changes) for t in targets},
        inflow=expected_inflow(found.new, edges),
        level=found.new.level,
        shares=np.array([found.new.reps.get(rep, 0.0) for rep in reps]),
    )  # fmt: skip


def _all_shares(ways: Sequence[Steps], targets: Sequence[int], ahead: int) -> dict[int, list[Floats]]:
    """Return per milestone what has arrived by weeks since entering each section before it, also on the way there."""
    return {target: arrival_shares(ways, target, ahead) for target in targets}


@dataclass(frozen=True, slots=True)
class _RunRate:
    """The part of a forecast that is taken from the run rate."""

    blend: float
    past: Floats
    """Money of the past months."""
    lengths: Floats
    """N + 1: the months to come in months of 30.4375 days."""
    by_rep: Floats
    """R x (N + 1): mean money, its share of the forecast already taken."""

    def blended(self, paths: Floats, luck: Luck) -> Floats:
        """Return the paths, a share of them replaced by the run rate."""
        if self.blend <= 0:
            return paths
        rng = luck.of(Purpose.RUN_RATE)
        replaced = rng.random(len(paths)) < self.blend
        number = int(replaced.sum())
        level = run_rate_level(self.past, number, rng)
        found = paths.copy()
        found[replaced] = luck.by_month(
            Purpose.PAST_MONTH,
            len(self.lengths),
            lambda stream, month: run_rate_month(self.past, level, self.lengths[month], stream),
        )
        return found


def _run_rate(journeys: Journeys, target: int, reps: Sequence[int], edges: Floats, blend: float) -> _RunRate:
    lengths = np.diff(edges) / MONTH
    if blend <= 0 or not reps:
        return _RunRate(0.0, np.zeros(1), lengths, np.zeros((len(reps), len(lengths))))
    own = [past_months(journeys, target, only=journeys.rep == rep) for rep in reps]
    means = np.array([past.mean() for past in own])
    return _RunRate(blend, np.sum(own, axis=0), lengths, blend * means[:, None] * lengths)


def _brought_to(paths: Floats, mean: Floats) -> Floats:
    """Return the paths times a factor per month that gives them the analytic mean, as far as that is near."""
    seen = paths.mean(axis=0)
    factor = np.divide(mean, seen, out=np.ones_like(mean), where=seen > 0)
    return np.asarray(paths * np.clip(factor, CLOSEST, FARTHEST))
