"""Where chance comes from: a stream of its own for every purpose, milestone and month.

Invariant: what is drawn for a month of a milestone does not depend on how many months or which other milestones are
asked for, so the same file gives the same figures whatever stands beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from milestone_cli.estimate.journeys import Floats


class Purpose(IntEnum):
    """What something is drawn for."""

    WALK = 1
    """The level of the inflow walking on."""
    SCATTER = 2
    """Single months of the inflow around it."""
    ARRIVING = 3
    """When each of the largest arrives."""
    POTENTIAL = 4
    """What each of them brings."""
    REST = 5
    """The money of all other open ones."""
    NEW = 6
    """New business."""
    COMMON = 7
    """The error that all months share."""
    GROWING = 8
    """The error that grows from month to month."""
    RUN_RATE = 9
    """Which paths are the run rate, and from which past months its level comes."""
    PAST_MONTH = 10


@dataclass(frozen=True, slots=True)
class Luck:
    """The chance of one forecast, or of one milestone in it."""

    seed: int
    milestone: int = -1

    def at(self, milestone: int) -> Luck:
        """Return the chance of a milestone."""
        return Luck(self.seed, milestone)

    def of(self, purpose: Purpose, *which: int) -> np.random.Generator:
        """Return the stream of a purpose, for one month or class where it has several."""
        return np.random.default_rng((self.seed, self.milestone + 1, int(purpose), *which))

    def by_month(self, purpose: Purpose, months: int, draw: Callable[[np.random.Generator, int], Floats]) -> Floats:
        """Return P x H: the columns that `draw` makes from each month's own stream.

        Args:
            purpose: what for.
            months: H.
            draw: takes the stream and the month's place 0..H-1.
        """
        return np.stack([draw(self.of(purpose, month), month) for month in range(months)], axis=1)
