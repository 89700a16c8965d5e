"""From entering a milestone to reaching a later one: how much of what enters arrives, and in which week.

Formula: of those who entered i, F[s] = S(s) chance(s) leave in week s; those who go to m and then take b weeks to j
arrive in week s + b or s + b + 1, half each. Everything draw by draw and class by class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milestone_cli.estimate.counts import WEEKS
from milestone_cli.estimate.journeys import Floats
from milestone_cli.estimate.sections import Section

_NOBODY = 1e-12


@dataclass(frozen=True, slots=True)
class Steps:
    """One section as probabilities by week of stay, as many weeks on as are looked ahead."""

    leaving: Floats
    """V x S x L: of those who entered, the share that moves on in week d."""
    survival: Floats
    """V x S x L: still there when week d begins."""
    jumps: Floats
    """k x L: of those who leave in week d, the share that arrives at each milestone."""

    def to(self, milestone: int) -> Floats:
        """Return V x S x L: who leaves in week d for exactly this milestone."""
        return np.asarray(self.leaving * self.jumps[milestone])

    def beyond(self, milestone: int) -> Floats:
        """Return L: of those who leave in week d, the share that arrives at this milestone or a later one."""
        return np.asarray(self.jumps[milestone:].sum(axis=0))


def steps(section: Section, ahead: int, *, static: bool, by_heads: bool, draws: int | None) -> Steps:
    """Return the section as probabilities, the last hazard carried on for `ahead` weeks more."""
    moving, losing = section.hazards(static=static, by_heads=by_heads, draws=draws)
    if by_heads:
        moving, losing = moving.mean(axis=1, keepdims=True), losing.mean(axis=1, keepdims=True)
    total = moving + losing
    carried = np.concatenate([total, np.repeat(total[..., -1:], ahead, axis=2)], axis=2)
    after = np.exp(-np.cumsum(carried, axis=2))
    survival = np.ones_like(after)
    survival[..., 1:] = after[..., :-1]
    share = moving / np.maximum(total, _NOBODY)
    leaving = survival - after
    leaving[..., :WEEKS] *= share
    leaving[..., WEEKS:] *= share[..., -1:]
    jumps = np.concatenate([section.jumps, np.repeat(section.jumps[:, -1:], ahead, axis=1)], axis=1)
    return Steps(leaving, survival, jumps)


def arrival_shares(ways: Sequence[Steps], target: int, weeks: int) -> list[Floats]:
    """Return for every section before milestone index `target` the share of what enters that has arrived by then.

    Returns:
        Per section V x S x (weeks + 1): arrived within w weeks, w = 0..weeks.
    """
    found: list[Floats] = [np.empty(0)] * target
    spectra: dict[int, NDArray[np.complex128]] = {}
    size = 2 * weeks
    for section in range(target - 1, -1, -1):
        way = ways[section]
        leaving = way.leaving[..., :weeks]
        arrived = np.cumsum(leaving * way.beyond(target)[:weeks], axis=2)
        between = [m for m in range(section + 1, target) if way.jumps[m].any()]
        if between:
            through = sum(
                np.fft.rfft(leaving * way.jumps[middle, :weeks], size, axis=2) * spectra[middle] for middle in between
            )
            arrived = arrived + np.fft.irfft(through, size, axis=2)[..., :weeks]
        share = np.concatenate([np.zeros_like(arrived[..., :1]), arrived], axis=2)
        found[section] = share
        if section:
            # who arrives in week b after entering in the middle of a week has by its end arrived by half
            spectra[section] = np.fft.rfft((share[..., :-1] + share[..., 1:]) / 2, size, axis=2)
    return found


def read(shares: Floats, weeks: Floats) -> Floats:
    """Return what has arrived within any number of weeks, interpolated; nothing before the entry.

    Args:
        shares: ... x (W + 1), by whole weeks.
        weeks: of any shape T; beyond W it is what has arrived by W.

    Returns:
        ... x T.

    >>> read(np.array([0.0, 0.4, 0.6]), np.array([-1.0, 0.5, 1.25, 9.0]))
    array([0.  , 0.2 , 0.45, 0.6 ])
    """
    last = shares.shape[-1] - 1
    place = np.clip(weeks, 0.0, last)
    low = np.minimum(place.astype(np.int64), last - 1)
    part = place - low
    return np.asarray(shares[..., low] * (1 - part) + shares[..., low + 1] * part)
