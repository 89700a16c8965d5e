"""All that a forecast rests on, measured once: clock, classes, hazards, revaluation, inflow.

Invariant: it is a function of the journeys as of their day, the plans and a seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from milestone_cli.estimate.arrivals import carried_forward
from milestone_cli.estimate.classes import ValueClasses, value_classes
from milestone_cli.estimate.clock import Clock, even_clock, seasonal_clock
from milestone_cli.estimate.counts import HALF_LIFE_MONTHS, decay_per_week
from milestone_cli.estimate.dead import set_aside
from milestone_cli.estimate.hazards import quantile_days
from milestone_cli.estimate.inflow import Inflow, inflow
from milestone_cli.estimate.journeys import Journeys, stays
from milestone_cli.estimate.plan import SectionPlan
from milestone_cli.estimate.revaluation import Revaluation, revaluation
from milestone_cli.estimate.sections import Section, at_rate, moved_by_week, sections

DRAWS = 100
_AGE_DRAWS = 25
"""So many draws say from which age a section sets aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """A question: what would arrive, if ..."""

    rates: Mapping[int, float] = field(default_factory=dict)
    """Success rates by section index 0..k-2."""
    inflow: float = 1.0
    """A factor on new business."""
    without: Sequence[int] = ()
    """Rows of the journeys that are left out of what is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What was measured of a team."""

    clock: Clock
    classes: ValueClasses
    sections: tuple[Section, ...]
    """k - 1."""
    changes: Revaluation
    new: Inflow
    set_aside: tuple[int | None, ...]
    """k - 1: the days waited from which on a section sets aside, None where it never does."""

    def asked(self, question: WhatIf, *, static: bool = False) -> Model:
        """Return the model under other rates and another inflow; from which age it sets aside stays as it was."""
        return replace(
            self,
            sections=tuple(
                at_rate(section, question.rates[place], static=static) if place in question.rates else section
                for place, section in enumerate(self.sections)
            ),
            new=replace(self.new, level=self.new.level * question.inflow),
        )


def measure(
    journeys: Journeys,
    plans: Sequence[SectionPlan],
    *,
    seed: int = 1,
    draws: int = DRAWS,
    typical_value: float | None = None,
    aside: Sequence[int | None] | None = None,
) -> Model:
    """Return what the journeys and the plans say.

    Args:
        journeys: as of the day the forecast is made.
        plans: the k-1 sections' plans.
        seed: where chance begins.
        draws: S, how many draws stand for the uncertainty.
        typical_value: the potential of new business where none is known.
        aside: from which ages the sections set aside; None lets the model say.
    """
    rng = np.random.default_rng(seed)
    known = np.nanmax(carried_forward(journeys.values), axis=1, initial=0.0) if len(journeys.values) else np.empty(0)
    classes = value_classes(known)
    every = [stays(journeys, section) for section in range(len(plans))]
    clock = seasonal_clock(every, journeys.as_of, decay=decay_per_week(HALF_LIFE_MONTHS)) if plans else even_clock()
    found = sections([clock.timed(cases) for cases in every], plans, classes, rng, draws=draws)
    return Model(
        clock=clock,
        classes=classes,
        sections=tuple(found),
        changes=revaluation(journeys),
        new=inflow(journeys, classes, rng, draws=draws, typical_value=typical_value),
        set_aside=tuple(_aside(plan, section) for plan, section in zip(plans, found, strict=True))
        if aside is None
        else tuple(aside),
    )


def _aside(plan: SectionPlan, section: Section) -> int | None:
    """Return the days waited from which on a section sets aside."""
    moved, there = (draws.mean(axis=0) for draws in moved_by_week(section, draws=_AGE_DRAWS))
    later = moved[::-1].cumsum()[::-1]
    return set_aside(
        plan,
        cases=section.cases,
        still_moves=later / np.maximum(there, 1e-9),
        rate=float(later[0]),
        days_p50=quantile_days(moved, 0.5),
    ).after
