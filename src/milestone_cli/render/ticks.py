"""Round marks of an axis, and their labels as the reader's locale writes them.

Invariant: a scale begins at 0 and ends at a mark at or above the largest value.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """The marks of one axis."""

    values: tuple[float, ...]
    labels: tuple[str, ...]

    @property
    def domain(self) -> list[float]:
        """From the first mark to the last."""
        return [self.values[0], self.values[-1]]

    @property
    def expression(self) -> str:
        """A Vega expression that gives the label of a mark."""
        found = {f"{value:g}" if value % 1 else f"{value:.0f}": label for value, label in self.pairs}
        return f"{json.dumps(found)}[datum.value]"

    @property
    def pairs(self) -> Iterable[tuple[float, str]]:
        """Marks with labels."""
        return zip(self.values, self.labels, strict=True)


def marks(largest: float, wanted: int = 4) -> tuple[float, ...]:
    """Return about so many round marks from 0 on, the last at or above `largest`.

    >>> marks(87.0)
    (0.0, 25.0, 50.0, 75.0, 100.0)
    >>> marks(0.0)
    (0.0, 1.0)
    """
    if largest <= 0:
        return (0.0, 1.0)
    rough = largest / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(times * power for times in (1, 2, 2.5, 5, 10) if times * power >= rough * 0.999999)
    step = max(step, 1.0) if largest >= 1 else step
    return tuple(round(step * place, 10) for place in range(math.ceil(largest / step - 1e-9) + 1))


def scale(values: Iterable[float | None], label: Callable[[float], str], wanted: int = 4) -> Scale:
    """Return the scale that holds all values."""
    found = marks(max((value for value in values if value is not None), default=0.0), wanted)
    return Scale(found, tuple(map(label, found)))
