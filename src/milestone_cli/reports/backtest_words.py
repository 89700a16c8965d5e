"""What a backtest comes to in plain words: one sentence first, then whether the band held and, if not, why.

Invariant: the band is blamed only where chance does not explain it: overlapping forecasts are not counted as separate.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain

from milestone_cli.domain.day import Day, first_of_month, month_of
from milestone_cli.estimate.backtest import FEWEST_MONTHS, Backtest
from milestone_cli.estimate.hindcasts import FEWEST_ROWS
from milestone_cli.estimate.points import Point
from milestone_cli.reports.table import CellKind, Line, Sentence, Value

RIGHT = 0.8
"""What lies from P10 to P90 when the band is right."""
FEW = 3.0
"""With fewer separate spans than this nothing can be said of why a band missed."""
GREW, FELL = 1.5, 0.67
"""What came over what the year before had brought: beyond these the volume has changed."""
BATCHES = 0.6
"""If a quarter of the months brings more than this share, the money comes in batches."""
FEWEST_FOR_BATCHES = 12
SAME = 0.005


def conclusion(tried: Backtest) -> Sentence:
    """Return the sentence a reader needs if they read no other."""
    inside = sum(point.inside for point in tried.points)
    template = "In {} of {} past forecasts what came lay between P10 and P90 ({} is right)"
    values = (_count(inside), _count(len(tried.points)), _share(RIGHT))
    naive = tried.crps_naive
    if not naive > 0:
        return Sentence(f"{template}.", values)
    gain = 1 - tried.crps / naive
    if abs(gain) < SAME:
        return Sentence(f"{template}; on average as good as the run rate.", values)
    word = "better" if gain > 0 else "worse"
    return Sentence(f"{template}; on average {{}} {word} than the run rate.", (*values, _share(abs(gain))))


def none_yet(began: Day | None, months: int, origins: int) -> Sentence:
    """Return why there is no past forecast to look at, and from when on there is."""
    if began is None:
        return Sentence("A backtest needs facts, and none is recorded yet.")
    if origins:
        return Sentence(
            "On none of the days tried ({}) were {} opportunities known: what was entered later was not known then, "
            "unless the import says since when (`recorded_at`).",
            (_count(origins), _count(FEWEST_ROWS)),
        )
    needs = "A backtest needs {} months of facts, then as many as it forecasts ({}): possible from {} on"
    values = (_count(FEWEST_MONTHS), _count(months), _day(_possible_from(began, months)))
    if months == 1:
        return Sentence(f"{needs}.", values)
    return Sentence(f"{needs}, with --months 1 from {{}}.", (*values, _day(_possible_from(began, 1))))


def _possible_from(began: Day, months: int) -> Day:
    return first_of_month(month_of(began) + FEWEST_MONTHS + months) - 1


def remarks(tried: Backtest, last_move: Day | None) -> tuple[Line, ...]:
    """Return what stands under the scores."""
    read = (
        "CRPS: how far what was said lay from what came, in money; a narrow band scores better, but only if it holds. "
        "A bias of 0.1: a tenth too much was forecast."
    )
    return (read, *chain(_overlap(tried), _band(tried), _silence(tried, last_move)))


def single_remarks(tried: Backtest) -> tuple[Line, ...]:
    """Return what stands under the single months."""
    points = [point for month in tried.single for point in month]
    share = sum(point.inside for point in points) / len(points)
    if tried.months == 1 or RIGHT - share <= _chance_alone(_months_covered(tried)):
        return ()
    template = "Of single months {} lay from P10 to P90 where {} are right: steer by the sum, not by the single month."
    return (Sentence(template, (_share(share), _share(RIGHT))),)


def _months_covered(tried: Backtest) -> int:
    months = [month_of(point.origin + 1) for point in tried.points]
    return len({month + ahead for month in months for ahead in range(tried.months)})


def separate_spans(tried: Backtest) -> float:
    """Return how many forecasts that do not overlap the points are worth: one per span of their months."""
    return _months_covered(tried) / tried.months


def _chance_alone(cases: float) -> float:
    """Return by how much chance moves the share from P10 to P90 of a right band: one standard error."""
    return math.sqrt(RIGHT * (1 - RIGHT) / cases)


def _overlap(tried: Backtest) -> Iterator[Line]:
    spans = separate_spans(tried)
    if spans < len(tried.points):
        yield Sentence(
            "Forecasts that overlap share their luck: these {} are worth about {} separate ones. Chance alone moves "
            "their share by {} either way.",
            (_count(len(tried.points)), _count(round(spans)), _share(_chance_alone(spans))),
        )


def _band(tried: Backtest) -> Iterator[Line]:
    """Say whether the band held, and why not."""
    share = tried.coverage_p10_p90
    if abs(share - RIGHT) <= _chance_alone(separate_spans(tried)):
        return
    values = (_share(share), _share(RIGHT))
    if share > RIGHT:
        yield Sentence(
            "The band was wider than it had to be: {} lay in it where {} are right. What comes is steadier than the "
            "few cases or the past errors let expect.",
            values,
        )
        return
    yield Sentence("The band was too narrow: {} lay in it where {} are right.", values)
    yield from _sides(tried.points)
    yield from _why(tried)


def _sides(points: Sequence[Point]) -> Iterator[Line]:
    above = sum(point.actual > point.said.p90 for point in points)
    below = sum(point.actual < point.said.p10 for point in points)
    yield Sentence("What came lay above P90 {} times and below P10 {} times.", (_count(above), _count(below)))


def _why(tried: Backtest) -> Iterator[Line]:
    if separate_spans(tried) < FEW:
        yield "That is too few to tell why."
        return
    reasons = [*_volume(tried), *_batches(tried)]
    yield from reasons or ["The figures show no single reason: customers behaved otherwise than before."]


def _volume(tried: Backtest) -> Iterator[Line]:
    """Say if the business has grown or shrunk beyond what anybody could know then."""
    missed = [point for point in tried.points if not point.inside]
    before = sum(point.run_rate.mean for point in missed)
    growth = sum(point.actual for point in missed) / before if before > 0 else math.inf
    if growth >= GREW:
        times = Value(min(growth, 1e6), CellKind.NUMBER, digits=1)
        yield Sentence(
            "Where it missed, {} times as much came as in the months of the year before: the volume has grown, and "
            "what makes it grow was not yet recorded.",
            (times,),
        )
    elif growth <= FELL:
        yield Sentence(
            "Where it missed, only {} came of what the months of the year before had brought: the volume has fallen, "
            "and what makes it fall was not yet recorded.",
            (_share(growth),),
        )


def _batches(tried: Backtest) -> Iterator[Line]:
    came = sorted((point.actual for point in tried.single[0]), reverse=True)
    if len(came) < FEWEST_FOR_BATCHES or not sum(came) > 0:
        return
    share = sum(came[: len(came) // 4]) / sum(came)
    if share > BATCHES:
        yield Sentence(
            "A quarter of the months brought {} of the money: it comes in batches, like yearly rounds or a few large "
            "deals, whose month nothing recorded before tells.",
            (_share(share),),
        )


def _silence(tried: Backtest, last_move: Day | None) -> Iterator[Line]:
    newest = tried.points[-1].origin
    if last_move is not None and last_move <= newest:
        day = _day(last_move)
        yield Sentence(
            "No customer has reached a milestone since {}: the months since then count as months in which nothing "
            "came. `--as-of` looks from an earlier day.",
            (day,),
        )


def _count(number: int) -> Value:
    return Value(number, CellKind.COUNT)


def _share(share: float) -> Value:
    return Value(share, CellKind.RATE)


def _day(day: Day) -> Value:
    return Value(day, CellKind.DAY)
