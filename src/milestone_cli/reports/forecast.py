"""The forecast: what arrives at a milestone in the months to come, against what must arrive there.

Invariant: every span (a month, a quarter, all months) is read from the same simulated ways, so its quantiles are those
of the sum and never sums of quantiles; the parts from open and from new opportunities add up to the mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from milestone_cli.domain.day import Month, month_label
from milestone_cli.domain.lamps import Lamp
from milestone_cli.domain.money import Currency
from milestone_cli.domain.process import Milestone
from milestone_cli.estimate.comparison import Change
from milestone_cli.estimate.forecast import Forecast, chance_of_at_least, quantiles
from milestone_cli.estimate.journeys import Floats

SHARES = (0.05, 0.10, 0.50, 0.90, 0.95)
WIDE = 3.0
"""A band whose P90 is over so many times its P10 is too wide to steer by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What is to be expected in one span; money in minor units."""

    target: Fraction | None
    """What must arrive; None without a target."""
    mean: float
    p05: float | None
    """This and the other quantiles are None where no money can be told: nothing is known, or no potential."""
    p10: float | None
    p50: float | None
    p90: float | None
    p95: float | None
    from_open: float
    """The part of the mean that comes from opportunities open today."""
    from_new: float
    """The part that comes from those that are not there yet."""
    count_mean: float
    """Mean number of arrivals."""
    chance: float | None
    """That the target is reached; None without one, or where no money can be told."""

    @property
    def lamp(self) -> Lamp:
        """The lamp to expect: green when P50 reaches the target, amber when P90 does, red otherwise."""
        if not self.target or self.p50 is None or self.p90 is None:
            return Lamp.GREY
        if self.p50 >= self.target:
            return Lamp.GREEN
        return Lamp.AMBER if self.p90 >= self.target else Lamp.RED

    @property
    def too_wide(self) -> bool:
        """Whether the band is too wide to steer by."""
        return self.p10 is not None and self.p90 is not None and self.p90 > WIDE * self.p10


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What flows through one milestone: the running month first, then the N months to come."""

    paths: Floats
    """P x (N + 1): simulated money still to come, in minor units."""
    open_mean: Floats
    """N + 1."""
    new_mean: Floats
    """N + 1."""
    count_mean: Floats
    """N + 1."""
    targets: tuple[Fraction | None, ...]
    """N + 1: what must arrive in each month."""
    arrived: int
    """Money that has arrived in the running month so far."""
    arrived_count: int

    def __add__(self, other: Stream) -> Stream:
        """Return both together; simulated apart from each other, so path by path."""
        return Stream(
            paths=self.paths + other.paths,
            open_mean=self.open_mean + other.open_mean,
            new_mean=self.new_mean + other.new_mean,
            count_mean=self.count_mean + other.count_mean,
            targets=tuple(_both(mine, its) for mine, its in zip(self.targets, other.targets, strict=True)),
            arrived=self.arrived + other.arrived,
            arrived_count=self.arrived_count + other.arrived_count,
        )

    def with_means(self, open_mean: Floats, new_mean: Floats, count_mean: Floats) -> Stream:
        """Return the same paths with other means."""
        return replace(self, open_mean=open_mean, new_mean=new_mean, count_mean=count_mean)

    @property
    def untold(self) -> bool:
        """Whether no money can be told for any month: nothing is known of it, or no potential."""
        return not self.paths.any()

    @property
    def chance_of_any(self) -> float:
        """The chance that any money arrives in the N months."""
        return float((self.paths[:, 1:].sum(axis=1) > 0).mean())

    @property
    def running(self) -> Figure:
        """The running month: what has arrived and what is still to come."""
        return self._figure([0], self.arrived, self.arrived_count)

    def span(self, places: Sequence[int]) -> Figure:
        """Return what is to be expected in some of the months; 1 is the month after the running one."""
        return self._figure(places, 0, 0)

    @property
    def months(self) -> tuple[Figure, ...]:
        """The N months after the running one."""
        return tuple(self.span([place]) for place in range(1, len(self.targets)))

    @property
    def total(self) -> Figure:
        """The sum of the N months."""
        return self.span(range(1, len(self.targets)))

    def _figure(self, places: Sequence[int], arrived: int, count: int) -> Figure:
        index = list(places)
        sums = self.paths[:, index].sum(axis=1) + arrived
        untold = self.untold
        p05, p10, p50, p90, p95 = [None] * len(SHARES) if untold else quantiles(sums, SHARES)
        wanted = [self.targets[place] for place in index]
        known = [one for one in wanted if one is not None]
        target = sum(known, Fraction(0)) if len(known) == len(wanted) else None
        from_open, from_new = float(self.open_mean[index].sum()), float(self.new_mean[index].sum())
        return Figure(
            target=target,
            mean=arrived + from_open + from_new,
            p05=p05,
            p10=p10,
            p50=p50,
            p90=p90,
            p95=p95,
            from_open=from_open,
            from_new=from_new,
            count_mean=count + float(self.count_mean[index].sum()),
            chance=_chance(sums, float(target), arrived) if target and not untold else None,
        )


def _chance(sums: Floats, target: float, arrived: int) -> float:
    """Return the chance of a target; short of certainty unless it has arrived, however many of the ways reach it."""
    if arrived >= target:
        return 1.0
    one_half = 0.5 / len(sums)
    return min(max(chance_of_at_least(sums, target), one_half), 1 - one_half)


def _both(mine: Fraction | None, its: Fraction | None) -> Fraction | None:
    return its if mine is None else mine if its is None else mine + its


def stream(
    said: Forecast, place: int, targets: Sequence[Fraction | None], *, arrived: int = 0, arrived_count: int = 0
) -> Stream:
    """Return what a forecast says of the milestone at index `place`."""
    return Stream(
        paths=said.money[place],
        open_mean=said.open_mean[place],
        new_mean=said.new_mean[place],
        count_mean=said.count_mean[place],
        targets=tuple(targets),
        arrived=arrived,
        arrived_count=arrived_count,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneForecast:
    """The forecast of one milestone."""

    number: int
    milestone: Milestone
    stream: Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """An open opportunity and what it brings to the forecast, over all months together."""

    key: str
    customer: str
    value: int | None
    milestone: int
    """Its number."""
    waiting_days: int
    money: float
    """Expected money, in minor units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a forecast stands on."""

    weight_of_data: tuple[float, ...]
    """Per section, 0..1; the rest is plan."""
    inflow_count: Floats
    """N + 1: new opportunities assumed per month."""
    inflow_value: float
    """Their mean potential, in minor units."""
    inflow_months: int
    """Months of history the inflow stands on; 0 is none."""
    spread: float
    """Spread added because past forecasts were off by more than the model knew, as a share."""
    bias: float
    """By which share past forecasts had to be lifted (or lowered)."""
    blend: float
    """Share of the run rate, where that has done better."""
    static: bool
    """The level of the last months has not helped: the whole history counts."""
    hindcasts: int
    """Past forecasts it was corrected by."""
    recorded: int
    """Opportunities of the process that are known at all, of the team."""
    carriers: tuple[Carrier, ...]
    """The largest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepForecast:
    """One rep's part, or nobody's."""

    rep: str | None
    """The key; None is nobody's."""
    stream: Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastReport:
    """The forecast of one process, or of all of one currency together."""

    process: str
    title: str
    currency: Currency
    rep: str | None
    running: Month
    shown: MilestoneForecast
    """The milestone that is asked about; the last one unless another is named."""
    milestones: tuple[MilestoneForecast, ...]
    """All that were forecast."""
    grounds: Grounds | None
    """None for several processes together: see `parts`."""
    parts: tuple[ForecastReport, ...] = ()
    """The processes that are added up."""
    reps: tuple[RepForecast, ...] | None = None
    asked: Stream | None = None
    """The same milestone under the what-if."""
    change: Change | None = None
    """Against the forecast of a past day."""

    @property
    def months(self) -> tuple[Month, ...]:
        """The N months after the running one."""
        return tuple(self.running + place for place in range(1, len(self.shown.stream.targets)))

    @property
    def quarters(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """The quarters the N months lie in: label, and the places of their months; in part where the label says so."""
        return quarters(self.running, len(self.months))


def quarters(running: Month, months: int) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return the quarters of the months after `running`, each with the places of its months.

    >>> quarters(2026 * 12 + 10, 4)
    (('2026-12', (1,)), ('2027-Q1', (2, 3, 4)))
    """
    found: dict[int, list[int]] = {}
    for place in range(1, months + 1):
        found.setdefault((running + place) // 3, []).append(place)
    return tuple((_quarter_label(running, quarter, places), tuple(places)) for quarter, places in found.items())


def _quarter_label(running: Month, quarter: int, places: Sequence[int]) -> str:
    if len(places) == 3:
        return f"{quarter // 4}-Q{quarter % 4 + 1}"
    first, last = (month_label(running + place) for place in (places[0], places[-1]))
    return first if first == last else f"{first}..{last}"


def share_new(figure: Figure) -> float:
    """Return the share of the mean that comes from new business."""
    return figure.from_new / figure.mean if figure.mean > 0 else 0.0


def told(amount: float | None) -> int | None:
    """Return an estimate as `cents` does; None where no money can be told."""
    return None if amount is None else cents(amount)


def cents(amount: float | Fraction) -> int:
    """Return an estimate as whole minor units, half up.

    >>> cents(1234.5)
    1235
    """
    return math.floor(float(amount) + 0.5)
