"""The order of what to do next: the chance to move within 30 days times the effect on the gap in focus.

score = chance x effect x min(potential, mean) / mean. Invariant: size never leads: a potential above the mean counts as
the mean; of equals the key decides, so that the same facts give the same order.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache

from milestone_cli.domain.basis import Basis
from milestone_cli.domain.day import Day
from milestone_cli.domain.outlook import Outlook, outlook

BEHIND_FOCUS = 0.1
"""The effect of a move that arrives behind the milestone in focus: it fills another gap."""
REVISITS = 3
"""At most one row in so many is a lost one to look at again, but one always."""


class StepKind(StrEnum):
    """What a next step is about."""

    OPEN = "open"
    TARGET = "target"
    """A target customer: before milestone 1."""
    REVISIT = "revisit"
    """Lost, and the day to look at it again has come."""


class Where(StrEnum):
    """Where the next move arrives, seen from the milestone in focus."""

    AT = "at"
    BEFORE = "before"
    BEHIND = "behind"
    NO_FOCUS = "no_focus"
    """Nothing is short: what counts is the share that becomes an order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One opportunity that could be worked on."""

    number: int
    """Its number in the file."""
    key: str
    """Folded, as it is looked up and ordered."""
    rep: int | None
    value: int | None
    """Its potential in minor units, known or assumed; None counts as one mean."""
    assumed: bool = False
    """The potential is the typical one of the process."""
    milestone: int
    """The number 0..k-1 of the milestone it stands at; 0 is a target customer."""
    since: Day | None
    """It has waited since this day."""
    revisit_on: Day | None = None
    """For a lost one: the day to look at it again."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The factors of a score."""

    chance: float
    """To move within 30 days."""
    where: Where
    effect: float
    """1 at the focus; before it, the share that gets there; 0.1 behind it."""
    potential: float
    """min(potential, mean) / mean."""
    mean: Fraction | None
    """The mean arrival at the milestone to win, in minor units; None where nothing tells, and the potential is 1."""
    cases: int
    """Stays that the chance stands on; 0 under planned rates."""

    @property
    def score(self) -> float:
        """The product."""
        return self.chance * self.effect * self.potential


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One opportunity with what is to be known to win its next milestone."""

    kind: StepKind
    candidate: Candidate
    waited: int | None
    outlook: Outlook | None
    """None before milestone 1: nothing is measured there."""
    dead_on: Day | None
    """The day it is set aside, unless the customer moves; None where it never is."""
    terms: Terms | None
    """None where the day alone decides: target customers and lost ones."""


@dataclass(frozen=True, slots=True)
class Steering:
    """What the order of one process rests on."""

    basis: Basis
    focus: int | None
    """The number of the milestone in focus; None where nothing is short."""
    means: Sequence[Fraction | None]
    """Mean potential of an arrival at each milestone 1..k, in minor units; None where nothing tells."""
    as_of: Day


def next_steps(
    steering: Steering,
    *,
    opens: Iterable[Candidate],
    targets: Sequence[Candidate] = (),
    revisits: Sequence[Candidate] = (),
    limit: int,
) -> tuple[Step, ...]:
    """Return at most `limit` next steps.

    The open ones come by score. If milestone 1 is in focus, the target customers take turns with them, the longest
    waiting first: nobody else can arrive there. Lost ones whose day has come stand between them, the latest day first:
    one at the top, and never more than a third while there is anything else. The first n of any longer list are the
    list of n.
    """
    lost = deque(_by_day(steering, StepKind.REVISIT, one) for one in _due(revisits))
    waiting = deque(_by_day(steering, StepKind.TARGET, one) for one in sorted(targets, key=_oldest))
    best = deque(_best(steering, opens, limit))
    if steering.focus != 1:
        waiting.clear()
    found: list[Step] = []
    while len(found) < limit and (lost or waiting or best):
        found.append(_next_of(found, lost, waiting, best).popleft())
    return tuple(found)


def _next_of(found: Sequence[Step], lost: deque[Step], waiting: deque[Step], best: deque[Step]) -> deque[Step]:
    """Return of which kind the row behind `found` is; it follows from those rows alone."""
    placed = Counter(step.kind for step in found)
    if lost and (placed[StepKind.REVISIT] < max(1, (len(found) + 1) // REVISITS) or not (waiting or best)):
        return lost
    if waiting and (placed[StepKind.TARGET] <= placed[StepKind.OPEN] or not best):
        return waiting
    return best


def _due(revisits: Iterable[Candidate]) -> list[Candidate]:
    return sorted(revisits, key=lambda one: (-(one.revisit_on or 0), one.key))


def _oldest(one: Candidate) -> tuple[float, str]:
    return (math.inf if one.since is None else one.since, one.key)


def _best(steering: Steering, opens: Iterable[Candidate], limit: int) -> list[Step]:
    known = cache(lambda place, waited: outlook(steering.basis, place, waited))
    effects, measured = effects_of(steering), steering.basis.measured

    def scored(one: Candidate) -> tuple[float, str, Candidate, int, Outlook, Terms]:
        waited = max(steering.as_of - (steering.as_of if one.since is None else one.since), 0)
        seen = known(one.milestone - 1, waited)
        where, effect = effects[one.milestone]
        mean = steering.means[one.milestone]
        cases = measured[one.milestone - 1].cases if measured else 0
        terms = Terms(seen.chance_soon, where, effect, damped(one.value, mean), mean, cases)
        return (-terms.score, one.key, one, waited, seen, terms)

    best = heapq.nsmallest(limit, map(scored, opens), key=lambda row: row[:2])
    return [
        Step(
            kind=StepKind.OPEN,
            candidate=one,
            waited=waited,
            outlook=seen,
            dead_on=_dead_on(steering, one),
            terms=terms,
        )
        for _, _, one, waited, seen, terms in best
    ]


def _by_day(steering: Steering, kind: StepKind, one: Candidate) -> Step:
    waited = None if one.since is None else max(steering.as_of - one.since, 0)
    return Step(kind=kind, candidate=one, waited=waited, outlook=None, dead_on=None, terms=None)


def _dead_on(steering: Steering, one: Candidate) -> Day | None:
    after = steering.basis.dead[one.milestone - 1].after
    return None if after is None or one.since is None else one.since + after


def effects_of(steering: Steering) -> Mapping[int, tuple[Where, float]]:
    """Return where the next move of one at each milestone 1..k-1 arrives, and its effect on the gap in focus.

    At the focus it is 1; before it, the share of the money that gets there; behind it 0.1. Without a focus it is the
    share of opportunities that becomes an order.
    """
    rates, counts, focus = steering.basis.rates, steering.basis.count_rates, steering.focus
    found: dict[int, tuple[Where, float]] = {}
    for here in range(1, len(rates) + 1):
        if focus is None:
            found[here] = (Where.NO_FOCUS, float(math.prod(counts[here:])))
        elif here >= focus:
            found[here] = (Where.BEHIND, BEHIND_FOCUS)
        else:
            share = float(math.prod(rates[here : focus - 1]))
            found[here] = (Where.AT if here + 1 == focus else Where.BEFORE, share)
    return found


def damped(value: int | None, mean: Fraction | None) -> float:
    """Return how much a potential counts: its part of the mean, at most 1; unknown is one mean.

    >>> damped(500_000, Fraction(100_000)), damped(50_000, Fraction(100_000)), damped(None, Fraction(100_000))
    (1.0, 0.5, 1.0)
    """
    if not value or not mean:
        return 1.0
    return float(min(Fraction(value), mean) / mean)
