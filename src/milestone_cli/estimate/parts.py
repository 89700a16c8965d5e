"""The analytic parts of a forecast: what comes from open and from new opportunities, before anything is simulated.

Invariant: they are means over the draws of the hazards; no chance is in them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from milestone_cli.estimate.counts import WEEK
from milestone_cli.estimate.journeys import Floats
from milestone_cli.estimate.kernels import Steps, arrival_shares, steps
from milestone_cli.estimate.model import Model
from milestone_cli.estimate.new_business import NewBusiness, expected_inflow, new_business
from milestone_cli.estimate.open_business import OpenBusiness, open_business
from milestone_cli.estimate.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What comes at every milestone that was asked for."""

    here: Standing
    """Who is open."""
    reps: tuple[int, ...]
    """R: the reps that are told apart, -1 for nobody."""
    open: dict[int, OpenBusiness]
    """By milestone index, in the order asked for."""
    new: dict[int, NewBusiness]
    new_heads: dict[int, NewBusiness]
    """The same as `new` for the number of arrivals."""
    inflow: Floats
    """N + 1: months' inflow over the level."""
    level: Floats
    """S."""
    shares: Floats
    """R: the reps' shares of the inflow."""

    @property
    def coming(self) -> Floats:
        """N + 1: new opportunities of these reps over the level."""
        return np.asarray(self.inflow * self.shares.sum())

    def new_means(self, target: int) -> tuple[Floats, Floats]:
        """Return N + 1 each: mean money and mean number of arrivals from new opportunities."""
        business = self.new[target]
        draws = business.transfer.shape[1]
        level = self.level if draws == len(self.level) else self.level[:draws]
        by_class = np.einsum("s,vsgh,g->vh", level / len(level), business.transfer, self.inflow)
        heads = np.einsum("vsgh,g->h", self.new_heads[target].transfer, self.inflow) * self.level.mean()
        return business.money @ by_class, heads


def analytic_parts(
    found: Model,
    here: Standing,
    targets: Sequence[int],
    edges: Floats,
    reps: tuple[int, ...],
    *,
    static: bool,
    largest: int,
) -> Parts:
    """Return what comes from open and from new opportunities at every target.

    Args:
        found: what was measured.
        here: who is open.
        targets: indexes of milestones.
        edges: N + 2: the days on which the months begin (the running one: now), and the end of the last one.
        reps: R.
        static: with the hazards of the whole history instead of today's level.
        largest: how many open opportunities are told apart.
    """
    ticks = found.clock.at(edges)
    passed = (ticks - ticks[0]) / WEEK
    starts, ends = passed[:-1], passed[1:]
    ahead = math.ceil(ends[-1]) + 2
    ways = [steps(section, ahead, static=static, by_heads=False, draws=None) for section in found.sections]
    heads = [steps(section, ahead, static=static, by_heads=True, draws=10) for section in found.sections]
    shares = _all_shares(ways, targets, ahead)
    head_shares = _all_shares(heads, targets, ahead)
    return Parts(
        here=here,
        reps=reps,
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
