"""Whether a revision of the process has helped: who entered a section before it held against who entered since.

Invariant: a stay belongs to the definition under which it began, whatever became of it later; those still open are cut
off at the as-of day, so that a young cohort is not held against an old one's finished stays. Nothing fades: a cohort
is what it was.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from milestone_cli.estimate.changes import RateChange, sure_change
from milestone_cli.estimate.counts import count
from milestone_cli.estimate.hazards import draw_hazards
from milestone_cli.estimate.journeys import Journeys, Stays, stays
from milestone_cli.estimate.plan import SectionPlan, pseudo_counts
from milestone_cli.estimate.rates import SectionRate, section_rates

_NO_DECAY = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Who entered the sections of one definition while it held."""

    journeys: Journeys
    """In the milestones of that definition."""
    plans: Sequence[SectionPlan]
    """The k-1 sections' plans by it."""
    ends: Sequence[tuple[str, str]]
    """The k-1 sections by the keys of their milestones."""
    first: float
    """The first day of entry; -inf from the beginning of time."""
    end: float
    """The day after the last one; inf where it still holds."""

    def stays(self, section: int) -> Stays:
        """Return the stays of a section that began while the definition held."""
        return stays(self.journeys, section).entered_within(self.first, self.end)


def cohort_rates(cohorts: Sequence[Cohort], seed: int) -> list[list[SectionRate]]:
    """Return each cohort's sections, with `change` as against the cohort before it.

    A section that the definition before did not have has not changed. Chance is drawn anew from `seed` for each
    cohort, so that a later revision moves no figure of an earlier one.
    """
    found: list[list[SectionRate]] = []
    for place, cohort in enumerate(cohorts):
        rng, span = np.random.default_rng(seed), (cohort.first, cohort.end)
        rates = section_rates(cohort.journeys, cohort.plans, rng, half_life_months=math.inf, entered=span)
        before = (cohorts[place - 1], found[-1]) if place else None
        found.append([
            replace(rate, change=None if before is None else _change(before, (cohort, rates), section, rng))
            for section, rate in enumerate(rates)
        ])  # fmt: skip
    return found


_Rated = tuple[Cohort, Sequence[SectionRate]]
"""A cohort and its sections."""


def _change(before: _Rated, after: _Rated, section: int, rng: np.random.Generator) -> RateChange | None:
    """Return the rates of a section in both cohorts, where that they differ is all but sure.

    Whether they do is judged on the hazards of both cohorts together: a plan that was revised along with the texts
    moves neither.
    """
    (earlier, its), (later, own) = before, after
    if later.ends[section] not in earlier.ends:
        return None
    place = earlier.ends.index(later.ends[section])
    stayed, stays_now = earlier.stays(place), later.stays(section)
    hazards = draw_hazards(count(stayed + stays_now, decay=_NO_DECAY), pseudo_counts(later.plans[section]), rng)
    change = sure_change(stayed, stays_now, hazards, rng, decay=_NO_DECAY)
    return None if change is None else replace(change, before=its[place].rate.mean, after=own[section].rate.mean)
