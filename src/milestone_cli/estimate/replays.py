"""What was said on a past day, by the forecast and by the methods it must beat, in a form that can be kept.

Invariant: a replay depends on nothing that lies after its origin or became known after it; what came is not in it. A
kept one and one made anew are equal to the last digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from milestone_cli.domain.day import first_of_month, month_of
from milestone_cli.estimate import hindcasts
from milestone_cli.estimate.calibration import Hindcast
from milestone_cli.estimate.counts import MONTH
from milestone_cli.estimate.forecast import forecast
from milestone_cli.estimate.journeys import Floats, Journeys
from milestone_cli.estimate.known import fingerprint
from milestone_cli.estimate.naive import past_months, pipeline_paths, run_rate_paths
from milestone_cli.estimate.plan import ProcessPlan

VERSION = 3
"""Changes whenever a replay of the same facts would differ: kept ones are then made anew."""
PERCENTS = 100
"""A distribution is kept as its quantiles of 0, 1, ... 100 %."""
PATHS = 1000


@dataclass(frozen=True, slots=True)
class Told:
    """What one method said of one number."""

    mean: float
    quantiles: tuple[float, ...]
    """Of 0, 1, ... 100 %, to six digits."""

    @classmethod
    def of(cls, paths: Floats) -> Self:
        """Return it for P simulated outcomes.

        >>> told = Told.of(np.arange(1001.0))
        >>> told.mean, told.at(10), told.at(50)
        (500.0, 100.0, 500.0)
        """
        quantiles = np.quantile(paths, np.linspace(0.0, 1.0, PERCENTS + 1)).tolist()
        return cls(_short(float(paths.mean())), tuple(map(_short, quantiles)))

    def at(self, percent: int) -> float:
        """Return the quantile of so many percent."""
        return self.quantiles[percent]


def _short(amount: float) -> float:
    return float(f"{amount:.6g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What was said on one past day of the months after it: first of their sum, then of each of them."""

    origin: int
    """The last day whose facts were known."""
    forecast: tuple[Told, ...]
    run_rate: tuple[Told, ...]
    """By the mean of the last twelve months."""
    pipeline: tuple[Told, ...]
    """By planned chances times potentials."""

    @property
    def months(self) -> int:
        """How many months were forecast."""
        return len(self.forecast) - 1

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        methods = {"forecast": self.forecast, "run_rate": self.run_rate, "pipeline": self.pipeline}
        told = {name: [[one.mean, list(one.quantiles)] for one in said] for name, said in methods.items()}
        return {"origin": self.origin, **told}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return what `as_json` gave."""
        told = {
            name: tuple(Told(mean, tuple(quantiles)) for mean, quantiles in kept[name])
            for name in ("forecast", "run_rate", "pipeline")
        }
        return cls(origin=kept["origin"], **told)


def replay(then: Journeys, plan: ProcessPlan, months: int, said: Sequence[Hindcast], *, seed: int = 1) -> Replay:
    """Return what would have been said of the last milestone, had anybody asked on that day.

    Args:
        then: the journeys as they were known on the last day of a month.
        plan: as it was known then.
        months: how many months after it.
        said: the hindcasts that a forecast of that day is calibrated by.
        seed: where chance begins.
    """
    ends = month_ends(then.as_of, months)
    last, learnt = then.milestones - 1, hindcasts.calibrated(then, said)
    found = forecast(
        then,
        plan.sections,
        ends,
        seed=seed,
        paths=PATHS,
        milestones=[last],
        calibration=learnt,
        typical_value=plan.typical_value,
    )
    edges = np.array(ends, dtype=np.float64)
    rng = np.random.default_rng((seed, then.as_of))
    past = past_months(then, last)
    return Replay(
        origin=then.as_of,
        forecast=_told(found.money[-1][:, 1:]),
        run_rate=_told(run_rate_paths(past, np.diff(edges) / MONTH, PATHS, rng)),
        pipeline=_told(pipeline_paths(then, plan.sections, edges[1:] - edges[0], PATHS, rng)),
    )


def _told(paths: Floats) -> tuple[Told, ...]:
    """Return the sum and every month of P x H paths."""
    return (Told.of(paths.sum(axis=1)), *(Told.of(month) for month in paths.T))


def month_ends(origin: int, months: int) -> list[int]:
    """Return the origin, which ends a month, and the last days of the months after it.

    >>> month_ends(30, 2)
    [30, 58, 89]
    """
    first = month_of(origin + 1)
    return [first_of_month(first + month) - 1 for month in range(months + 1)]


def rests_on(then: Journeys, *more: object) -> str:
    """Return a digest of all that a replay rests on.

    Args:
        then: the journeys as they were known on its day.
        more: plans, typical value, months, seed: whatever else changes it, by its repr.
    """
    withdrawn = [] if then.withdrawn is None else sorted(then.withdrawn.tolist())
    return fingerprint(then, "backtest", VERSION, hindcasts.VERSION, withdrawn, *more)
