"""The forecast: the money that arrives at each milestone in each month to come, as a thousand ways it may go.

Invariant: means are analytic and the paths are brought to them; from open and from new opportunities together they are
the mean; the reps add up to the team.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from milestone_cli.estimate.calibration import Calibration, common_error
from milestone_cli.estimate.clock import month_edges
from milestone_cli.estimate.journeys import Floats, Integers, Journeys
from milestone_cli.estimate.luck import Luck
from milestone_cli.estimate.model import DRAWS, Model, WhatIf, measure
from milestone_cli.estimate.open_business import LARGEST
from milestone_cli.estimate.parts import Parts, analytic_parts
from milestone_cli.estimate.paths import inflow_paths, new_paths, open_paths
from milestone_cli.estimate.plan import SectionPlan
from milestone_cli.estimate.run_rate import RunRate, run_rate
from milestone_cli.estimate.standing import standing

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
    measured = model or measure(journeys, plans, seed=seed, draws=draws, typical_value=typical_value)
    found = measured.asked(question, static=learnt.static)
    aside = found.set_aside if set_aside is None else tuple(set_aside)
    targets = tuple(range(journeys.milestones)) if milestones is None else tuple(milestones)
    here = standing(journeys, found.classes, found.clock, aside, without=question.without, rep=rep)
    reps = tuple(sorted({*found.new.reps, *here.rep.tolist()})) if rep is None else (rep,)
    edges = month_edges(month_ends, journeys.as_of)
    parts = analytic_parts(found, here, targets, edges, reps, static=learnt.static, largest=largest)
    rows = _at_milestones(journeys, found, parts, learnt, edges, Luck(seed), paths)
    return _put_together(journeys, month_ends, found, parts, rows, learnt, aside)


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


def _at_milestones(  # noqa: PLR0917 - all that the milestones' figures come from
    journeys: Journeys,
    found: Model,
    parts: Parts,
    learnt: Calibration,
    edges: Floats,
    luck: Luck,
    paths: int,
) -> list[_AtMilestone]:
    """Return the k milestones; those that were not asked for hold nothing."""
    each = max(paths // len(parts.level), 1)
    coming = inflow_paths(found.new, parts.coming, each * len(parts.level), luck)
    zeros = np.zeros((len(parts.reps), len(edges) - 1))
    rows = [_AtMilestone(zeros, zeros, zeros, np.zeros(coming.shape))] * journeys.milestones
    for target in parts.open:
        its = learnt if target == journeys.milestones - 1 else learnt.elsewhere()
        rate = run_rate(journeys, target, parts.reps, edges, its.blend)
        rows[target] = _at_milestone(parts, target, found, its, rate, coming, luck.at(target))
    return rows


def _at_milestone(  # noqa: PLR0917 - all that one milestone's figures come from
    parts: Parts,
    target: int,
    found: Model,
    learnt: Calibration,
    rate: RunRate,
    coming: Floats,
    luck: Luck,
) -> _AtMilestone:
    """Return means and paths of one milestone, corrected by what past forecasts teach."""
    mine, kept = parts.open[target], learnt.kept
    money, heads = parts.new_means(target)
    by_rep = mine.by_rep * kept
    new = parts.shares[:, None] * money * kept + rate.by_rep
    raw = open_paths(mine, len(coming), luck) + new_paths(parts.new[target], found.new, coming, luck)
    raw = raw * common_error(learnt.spread, len(raw), raw.shape[1], luck)
    paths = _brought_to(rate.blended(raw, luck), by_rep.sum(axis=0) + new.sum(axis=0))
    return _AtMilestone(by_rep, new, mine.heads_by_rep + parts.shares[:, None] * heads, paths)


def _put_together(  # noqa: PLR0917 - all that a forecast holds
    journeys: Journeys,
    month_ends: Sequence[int],
    found: Model,
    parts: Parts,
    rows: Sequence[_AtMilestone],
    learnt: Calibration,
    aside: tuple[int | None, ...],
) -> Forecast:
    """Return the forecast that the k milestones make."""
    last = parts.open.get(journeys.milestones - 1)
    return Forecast(
        as_of=journeys.as_of,
        month_ends=tuple(int(end) for end in month_ends),
        milestones=tuple(parts.open),
        money=np.stack([row.paths for row in rows]),
        open_mean=np.stack([row.open.sum(axis=0) for row in rows]),
        new_mean=np.stack([row.new.sum(axis=0) for row in rows]),
        count_mean=np.stack([row.heads.sum(axis=0) for row in rows]),
        reps=parts.reps,
        rep_open_mean=np.stack([row.open for row in rows], axis=1),
        rep_new_mean=np.stack([row.new for row in rows], axis=1),
        rep_count_mean=np.stack([row.heads for row in rows], axis=1),
        carried_rows=parts.here.rows,
        carried=np.zeros(len(parts.here)) if last is None else last.carried * learnt.kept,
        set_aside=aside,
        inflow_count=float(found.new.level.mean()) * parts.inflow * parts.shares.sum(),
        inflow_value=float(found.new.usual[0]),
        inflow_months=found.new.months,
        weight_of_data=tuple(section.weight_of_data for section in found.sections),
        calibration=learnt,
    )


def _brought_to(paths: Floats, mean: Floats) -> Floats:
    """Return the paths times a factor per month that gives them the analytic mean, as far as that is near."""
    seen = paths.mean(axis=0)
    factor = np.divide(mean, seen, out=np.ones_like(mean), where=seen > 0)
    return np.asarray(paths * np.clip(factor, CLOSEST, FARTHEST))
