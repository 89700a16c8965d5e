"""What an opportunity is worth today: the money it is expected to bring to the last milestone, whenever that is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from milestone_cli.estimate.classes import value_classes
from milestone_cli.estimate.counts import WEEKS
from milestone_cli.estimate.journeys import Floats, Journeys, stays
from milestone_cli.estimate.kernels import Steps, steps
from milestone_cli.estimate.plan import SectionPlan
from milestone_cli.estimate.revaluation import Revaluation, revaluation
from milestone_cli.estimate.sections import Section, sections

DRAWS = 50


def worth_kernel(measured: Sequence[Section], changes: Revaluation) -> Floats:
    """Return (k-1) x D: expected money at the last milestone per money that has waited d weeks.

    Formula: sum over s >= d of F(s) (sum over m of jump(m, s) P(m)) / S(d), P(m) the share of what enters m that ever
    arrives, times the revaluation; the classes of potential mixed as money enters and stays.

    Args:
        measured: the k-1 sections of the team; their weeks are those of d.
        changes: how potentials change on the way.
    """
    ways = [steps(section, 0, static=False, by_heads=False, draws=DRAWS) for section in measured]
    ever = conversions(ways)
    found = np.zeros((len(ways), WEEKS))
    for place, (way, section) in enumerate(zip(ways, measured, strict=True)):
        later = _arriving(way, ever)[..., ::-1].cumsum(axis=2)[..., ::-1]
        # draw by draw: that it has waited so long is already among the facts from which they were drawn
        chance = (later / np.maximum(way.survival, 1e-12)).mean(axis=1)
        mix = section.money_mix[:, None] * way.survival.mean(axis=1)
        share = (mix * chance).sum(axis=0) / np.maximum(mix.sum(axis=0), 1e-12)
        found[place] = share * changes.ratio(place, len(ways))
    return found


def worth_by_calendar(
    journeys: Journeys, plans: Sequence[SectionPlan], rng: np.random.Generator, *, draws: int = DRAWS
) -> Floats:
    """Return the kernel with d in calendar weeks, which asks for neither a season nor an inflow.

    Args:
        journeys: what was recorded by the as-of day.
        plans: the sections' plans.
        rng: where chance comes from.
        draws: how many draws the mean is taken over.
    """
    values = journeys.values
    classes = value_classes(np.nanmax(values, axis=1, initial=0.0) if len(values) else np.empty(0))
    every = [stays(journeys, section) for section in range(len(plans))]
    return worth_kernel(sections(every, plans, classes, rng, draws=draws), revaluation(journeys))


def conversions(ways: Sequence[Steps]) -> list[Floats]:
    """Return for each of the k milestones V x S: the share of what enters it that ever arrives at the last one."""
    last = len(ways)
    ever = [np.ones(ways[0].leaving.shape[:2]) if ways else np.ones((1, 1))] * (last + 1)
    for place in range(last - 1, -1, -1):
        ever[place] = _arriving(ways[place], ever).sum(axis=2)
    return ever


def _arriving(way: Steps, ever: Sequence[Floats]) -> Floats:
    """Return V x S x L: who leaves in week d and will arrive at the last milestone."""
    found = np.zeros_like(way.leaving)
    for milestone, share in enumerate(ever):
        if way.jumps[milestone].any():
            found += way.leaving * way.jumps[milestone] * share[..., None]
    return found
