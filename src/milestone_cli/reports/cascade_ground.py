"""What a cascade is computed from, so that it can be explained.

Invariant: a cascade and its explanation come from the same ground.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from milestone_cli.domain.basis import Basis, MeanValue
from milestone_cli.domain.day import Month
from milestone_cli.domain.process import Definition
from milestone_cli.domain.setup import Rep, Target
from milestone_cli.domain.targets import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGround:
    """What is wanted at the last milestone in one month, and what it is computed from."""

    wanted: Wanted
    month: Month
    """The month in which it is wanted."""
    holding: Mapping[int | None, Target]
    """By owner: the targets that hold in the month, None the team's."""
    reps: Mapping[int, Rep]
    rep: Rep | None = None
    """Whose it is; None is the team's."""
    tried: bool = False
    """It was named on the command line."""

    @property
    def facts(self) -> tuple[Target, ...]:
        """The targets it is made of."""
        return tuple(self.holding[owner] for owner in self.wanted.made_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadeGround:
    """All that a cascade is computed from."""

    definition: Definition
    """The version of the day."""
    basis: Basis
    """Of the day's month."""
    target: TargetGround
    means: tuple[MeanValue, ...]
    """What an arrival at each milestone 1..k is worth."""

    @property
    def mean_values(self) -> list[Fraction | None]:
        """What an arrival at each milestone 1..k is worth, in minor units."""
        return [mean.amount for mean in self.means]
