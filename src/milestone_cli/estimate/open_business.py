"""What comes from what is open today: chance by chance the analytic mean, and what a simulation needs.

Formula: of those of age d in section i, the share S(d + s) chance(d + s) / S(d) leaves s weeks from now and then goes
the rest of the way; read at the ends of the months. The largest are told apart, the rest are a mean and a variance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from milestone_cli.estimate.counts import WEEKS
from milestone_cli.estimate.inflow import Inflow
from milestone_cli.estimate.journeys import Floats, Integers
from milestone_cli.estimate.kernels import Steps, read
from milestone_cli.estimate.revaluation import Revaluation
from milestone_cli.estimate.standing import Standing

LARGEST = 300
"""So many of the largest open opportunities are simulated one by one."""
_NOBODY = 1e-12

Narrow = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBusiness:
    """What open opportunities bring to one milestone in H months."""

    by_rep: Floats
    """R x H: mean money."""
    heads_by_rep: Floats
    """R x H: mean number of arrivals."""
    rest_mean: Floats
    """S x H: money from all but the largest."""
    rest_variance: Floats
    """S x H."""
    largest: Integers
    """n: places in the standing."""
    chances: Narrow
    """S x n x H: chance that each of the largest has arrived by the end of each month."""
    largest_money: Floats
    """n: what each brings on average if it arrives."""
    largest_noise: Floats
    """n: variance of the logarithm around it."""
    carried: Floats
    """N: mean money of each opportunity within all months."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Those of one section and class, by age."""

    section: int
    group: int
    rows: Integers
    """Places in the standing."""
    ages: Integers
    place: Integers
    """Which age each row has."""


def open_business(
    here: Standing,
    targets: Sequence[int],
    *,
    ways: Sequence[Steps],
    by_heads: Sequence[Steps],
    shares: dict[int, list[Floats]],
    head_shares: dict[int, list[Floats]],
    ends: Floats,
    changes: Revaluation,
    new: Inflow,
    reps: Sequence[int],
    largest: int = LARGEST,
) -> dict[int, OpenBusiness]:
    """Return what comes from open opportunities for each target milestone.

    Args:
        here: who is open.
        targets: indexes of milestones.
        ways: the sections' steps for money.
        by_heads: the sections' steps for counts, one draw.
        shares: per target what has arrived by weeks since entering each section.
        head_shares: the same for counts.
        ends: H, the months' ends in weeks of the customers' clock from today.
        changes: how potentials change.
        new: what a potential that is unknown is taken to be.
        reps: the R reps to tell apart.
        largest: how many are told apart.
    """
    usual, usual_square = new.usual
    known = ~np.isnan(here.values)
    money, square = np.where(known, here.values, usual), np.where(known, here.values**2, usual_square)
    rep_place = np.searchsorted(reps, here.rep)
    found = {}
    weights = {target: _Weights(here, target, money, square, changes, largest) for target in targets}
    sums = {
        target: _Sums(len(ways[0].leaving[0]), len(reps), len(ends), weights[target], len(here)) for target in targets
    }
    for block in _blocks(here):
        for target, chances in _chances(block, targets, ways, shares, ends):
            sums[target].add(block, chances, rep_place)
        for target, chances in _chances(block, targets, by_heads, head_shares, ends):
            sums[target].add_heads(block, chances, rep_place)
    for target in targets:
        found[target] = sums[target].result()
    return found


class _Weights:
    """Money of every opportunity at one target, and which are the largest."""

    def __init__(  # noqa: PLR0917 - the columns of one target
        self, here: Standing, target: int, money: Floats, square: Floats, changes: Revaluation, largest: int
    ) -> None:
        before = here.section < target
        ratio, noise = np.zeros(len(changes.log_ratio)), np.zeros(len(changes.log_ratio))
        ratio[:target] = [changes.ratio(section, target) for section in range(target)]
        noise[:target] = [changes.noise(section, target) for section in range(target)]
        self.money = money * ratio[here.section]
        self.noise = noise[here.section]
        self.square = square * ratio[here.section] ** 2 * np.exp(self.noise)
        certain = before & ~np.isnan(here.values)
        order = np.flatnonzero(certain)
        if len(order) > largest:
            order = order[np.argpartition(-self.money[order], largest)[:largest]]
        self.top = np.sort(order)
        self.rest = before.copy()
        self.rest[self.top] = False


class _Sums:
    """Adds up one target over the blocks."""

    def __init__(self, draws: int, reps: int, months: int, weights: _Weights, number: int) -> None:
        self.weights = weights
        self.by_rep, self.heads = np.zeros((reps, months)), np.zeros((reps, months))
        self.mean, self.variance = np.zeros((draws, months)), np.zeros((draws, months))
        self.chances = np.zeros((draws, len(weights.top), months), np.float32)
        self.carried = np.zeros(number)
        self.top_place = np.full(number, -1)
        self.top_place[weights.top] = np.arange(len(weights.top))

    def add(self, block: _Block, chances: Floats, rep_place: Integers) -> None:
        """Add a block's money; chances are S x A x H, arrived by the end of each month."""
        rows, size = block.rows, len(block.ages)
        money = self.weights.money[rows]
        mean = chances.mean(axis=0)
        self.by_rep += _by_rep(rep_place[rows], block.place, money, len(self.by_rep), size) @ _monthly(mean)
        self.carried[rows] = money * mean[block.place, -1]
        rest = self.weights.rest[rows]
        if rest.any():
            monthly = _monthly(chances)
            first = np.bincount(block.place[rest], money[rest], size)
            second = np.bincount(block.place[rest], self.weights.square[rows][rest], size)
            own = np.bincount(block.place[rest], money[rest] ** 2, size)
            self.mean += first @ monthly
            self.variance += second @ monthly - own @ monthly**2
        top = self.top_place[rows]
        told = top >= 0
        self.chances[:, top[told]] = chances[:, block.place[told]]

    def add_heads(self, block: _Block, chances: Floats, rep_place: Integers) -> None:
        """Add a block's number of arrivals."""
        rows = block.rows
        heads = _by_rep(rep_place[rows], block.place, np.ones(len(rows)), len(self.heads), len(block.ages))
        self.heads += heads @ _monthly(chances.mean(axis=0))

    def result(self) -> OpenBusiness:
        """Return what was added up."""
        top = self.weights.top
        return OpenBusiness(
            by_rep=self.by_rep, heads_by_rep=self.heads, rest_mean=self.mean,
            rest_variance=np.maximum(self.variance, 0.0), largest=top, chances=self.chances,
            largest_money=self.weights.money[top], largest_noise=self.weights.noise[top], carried=self.carried,
        )  # fmt: skip


def _by_rep(rep: Integers, place: Integers, weights: Floats, reps: int, size: int) -> Floats:
    return np.asarray(np.bincount(rep * size + place, weights, reps * size), np.float64).reshape(reps, size)


def _monthly(arrived: Floats) -> Floats:
    return np.diff(arrived, axis=-1, prepend=0.0)


def _blocks(here: Standing) -> Iterator[_Block]:
    """Yield those of each section and class."""
    if not len(here):
        return
    groups = int(here.classes.max()) + 1
    key = here.section * groups + here.classes
    order = np.argsort(key, kind="stable")
    starts = np.searchsorted(key[order], np.arange(int(key.max()) + 2))
    for number in range(int(key.max()) + 1):
        rows = order[starts[number] : starts[number + 1]]
        if len(rows):
            ages, place = np.unique(here.age[rows], return_inverse=True)
            yield _Block(number // groups, number % groups, rows, ages, place)


def _chances(
    block: _Block, targets: Sequence[int], ways: Sequence[Steps], shares: dict[int, list[Floats]], ends: Floats
) -> Iterator[tuple[int, Floats]]:
    """Yield for each target beyond the block's section S x A x H: arrived by the end of each month."""
    way = ways[block.section]
    ahead = way.leaving.shape[2] - WEEKS
    weeks = np.arange(ahead)
    when = block.ages[:, None] + weeks
    leaving = way.leaving[block.group][:, when]
    leaving /= np.maximum(way.survival[block.group][:, block.ages], _NOBODY)[:, :, None]
    at_once = np.clip(ends - weeks[:, None], 0.0, 1.0)
    later = ends - weeks[:, None] - 0.5
    for target in targets:
        if target <= block.section:
            continue
        arrived = (leaving * way.beyond(target)[when]) @ at_once
        for middle in range(block.section + 1, target):
            if way.jumps[middle].any():
                rest = np.where(later > 0, read(shares[target][middle][block.group], later), 0.0)
                arrived += (leaving * way.jumps[middle][when]) @ rest
        yield target, np.minimum(arrived, 1.0)
