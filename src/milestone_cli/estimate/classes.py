"""Classes of potential: small ones move more often and sooner than large ones.

Invariant: the class of an opportunity in a section comes from the potential known on entry to it; the final one would
leak the outcome. A potential that is unknown belongs to the middle class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from milestone_cli.estimate.journeys import Floats, Integers

MANY, FEW = 400, 15
"""From so many known potentials on there are six classes, four below; under fifteen there is one."""
CUTS_OF_MANY = (0.35, 0.65, 0.85, 0.95, 0.985)
CUTS_OF_SOME = (0.4, 0.7, 0.9)
NARROWEST = 0.3
"""The spread of the log potential is taken to be at least this."""
FARTHEST = 2.5
LARGEST_WEIGHT, SMALLEST_WEIGHT = 3.0, 0.1


@dataclass(frozen=True, slots=True)
class ValueClasses:
    """Where one class ends and the next begins."""

    cuts: Floats
    """V - 1: logarithms of potentials, ascending."""
    centres: Floats
    """V: the mean log potential of each class, in standard deviations from the overall mean, within 2.5."""

    def __len__(self) -> int:
        """Return V, the number of classes."""
        return len(self.centres)

    @property
    def middle(self) -> int:
        """The class of what is unknown."""
        return int(np.argmin(np.abs(self.centres)))

    def of(self, values: Floats) -> Integers:
        """Return the class of each potential, NaN being unknown.

        >>> classes = ValueClasses(np.log([100.0, 1000.0]), np.array([-1.0, 0.1, 2.0]))
        >>> classes.of(np.array([20.0, 100.0, 5000.0, np.nan]))
        array([0, 1, 2, 1])
        """
        known = values > 0
        place = np.searchsorted(self.cuts, np.log(np.where(known, values, 1.0)), side="right")
        return np.where(known, place, self.middle).astype(np.int64)

    def weights(self, values: Floats, classes: Integers) -> Floats:
        """Return each potential over the mean of its class, clipped to 0.1..3; 0 where it is unknown."""
        known = values > 0
        heads = np.bincount(classes[known], minlength=len(self))
        mean = np.bincount(classes[known], values[known], len(self)) / np.maximum(heads, 1)
        ratio = np.clip(values / np.maximum(mean, 1e-9)[classes], SMALLEST_WEIGHT, LARGEST_WEIGHT)
        return np.where(known, ratio, 0.0)


def value_classes(values: Floats) -> ValueClasses:
    """Return the classes that potentials fall into by their quantiles; unknown ones do not count.

    >>> len(value_classes(np.arange(1.0, 501.0))), len(value_classes(np.full(500, 7.0)))
    (6, 1)
    """
    logs = np.log(values[values > 0])
    if len(logs) < FEW:
        return ValueClasses(np.empty(0), np.zeros(1))
    lowest = logs.min()
    cuts = np.unique(np.quantile(logs, CUTS_OF_MANY if len(logs) >= MANY else CUTS_OF_SOME))
    cuts = cuts[cuts > lowest]
    standard = np.clip((logs - logs.mean()) / max(logs.std(), NARROWEST), -FARTHEST, FARTHEST)
    place = np.searchsorted(cuts, logs, side="right")
    heads = np.bincount(place, minlength=len(cuts) + 1)
    return ValueClasses(cuts, np.bincount(place, standard, len(cuts) + 1) / np.maximum(heads, 1))
