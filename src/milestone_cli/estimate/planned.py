"""The model that the process file alone makes: planned rates and days, as if they were known for certain.

Invariant: of what enters a section its planned rate moves on, in the planned shape of a stay; nobody skips a milestone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from milestone_cli.estimate.classes import value_classes
from milestone_cli.estimate.clock import even_clock
from milestone_cli.estimate.counts import WEEKS, Counts
from milestone_cli.estimate.inflow import inflow
from milestone_cli.estimate.journeys import Journeys
from milestone_cli.estimate.model import Model
from milestone_cli.estimate.plan import SectionPlan, stay_shape
from milestone_cli.estimate.revaluation import Revaluation
from milestone_cli.estimate.sections import Section

_NOBODY = 1e-9


def planned_model(
    journeys: Journeys, plans: Sequence[SectionPlan], *, seed: int = 1, typical_value: float | None = None
) -> Model:
    """Return the model under the plan.

    Args:
        journeys: they only say what a potential that is unknown is taken to be.
        plans: the k-1 sections' plans.
        seed: where chance begins.
        typical_value: the potential where nothing tells.
    """
    classes, rng = value_classes(np.empty(0)), np.random.default_rng(seed)
    nothing = np.zeros(len(plans) + 1)
    return Model(
        clock=even_clock(),
        classes=classes,
        sections=tuple(_section(plan, place, len(plans) + 1) for place, plan in enumerate(plans)),
        changes=Revaluation(nothing, nothing),
        new=inflow(journeys, classes, rng, draws=1, typical_value=typical_value),
        set_aside=tuple(plan.dead_after_days for plan in plans),
    )


def _section(plan: SectionPlan, place: int, milestones: int) -> Section:
    """Return one section: those who move on and those who are lost leave alike, in the planned shape."""
    left = 1 - np.cumsum(stay_shape(plan.days))
    there = np.append(1.0, left[:-1])
    leaving = -np.log(np.maximum(left, _NOBODY) / np.maximum(there, _NOBODY))
    jumps = np.zeros((milestones, WEEKS))
    jumps[place + 1] = 1.0
    one, nobody = np.ones(1), np.zeros((1, WEEKS))
    return Section(
        baseline=(plan.rate * leaving[None], (1 - plan.rate) * leaving[None]),
        factors=(np.ones((1, 1)), np.ones((1, 1))),
        level=(one, one),
        heads=Counts(nobody, nobody, nobody),
        money=Counts(nobody, nobody, nobody),
        jumps=jumps,
        mix=one,
        money_mix=one,
        cases=0,
        weight_of_data=0.0,
    )
