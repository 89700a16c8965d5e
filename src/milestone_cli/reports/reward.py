"""What a recording command moves: the lamps of the month, and what the opportunity is worth.

Invariant: an expectation is told in two digits, for nobody knows it better; what is won is told as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from milestone_cli.domain.day import Month
from milestone_cli.domain.expected import Expected
from milestone_cli.domain.lamps import Lamp
from milestone_cli.domain.money import Currency, half_up, plain
from milestone_cli.domain.opportunity import Status
from milestone_cli.reports.kpis import KpisReport
from milestone_cli.reports.table import CellKind, Line, Sentence, Value


@dataclass(frozen=True, slots=True)
class MovedLamp:
    """What an arrival did to a milestone's lamp in its month."""

    number: int
    before: Lamp
    after: Lamp
    ratio_before: float | None
    """Reached over target; None without a target."""
    ratio_after: float | None

    def json(self) -> dict[str, object]:
        """Return the contract's object."""
        return {
            "number": self.number,
            "before": self.before.value,
            "after": self.after.value,
            "ratio_before": self.ratio_before,
            "ratio_after": self.ratio_after,
        }


def moved_lamps(before: KpisReport, after: KpisReport) -> tuple[MovedLamp, ...]:
    """Return every milestone at which something arrived between two reports of the same month."""
    earlier = {row.milestone.key: row for row in before.milestones}
    moved = []
    for row in after.milestones:
        was = earlier[row.milestone.key]
        if (was.count, was.reached, was.signal) != (row.count, row.reached, row.signal):
            moved.append(MovedLamp(row.number, was.signal.lamp, row.signal.lamp, was.ratio, row.ratio))
    return tuple(moved)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthMove:
    """What an opportunity was worth, and is worth now."""

    before: Expected
    now: Expected
    status: Status
    """What it is now by the facts alone."""


def worth_json(worth: WorthMove, currency: Currency) -> dict[str, object]:
    """Return the contract's fields."""

    def money(expected: Expected) -> str | None:
        return None if expected.amount is None else plain(expected.amount, currency)

    return {
        "worth_now": money(worth.now),
        "worth_before": money(worth.before),
        "worth_assumed": worth.now.assumed or worth.before.assumed,
    }


def moved_line(
    month: Month, whose: str | None, lamps: Sequence[MovedLamp], worth: WorthMove, currency: Currency
) -> Sentence | None:
    """Return in one line which lamps moved and what the opportunity is worth; None where there is nothing to say.

    Args:
        month: whose lamps these are.
        whose: the rep's key; None is the team.
        lamps: those at which something arrived.
        worth: what changed of it.
        currency: of the process.
    """
    wanted = [lamp for lamp in lamps if lamp.ratio_after is not None]
    parts = [_worth(worth, currency)]
    if wanted:
        told = [_lamp(lamp) for lamp in wanted]
        head = Sentence("{} in {}: ", (Value(whose or "team", CellKind.NAME), Value(month, CellKind.MONTH)))
        lit = _joined(told, "; ")
        parts.insert(0, Sentence(head.template + lit.template + ".", head.values + lit.values))
    said = [part for part in parts if part is not None]
    return _joined(said, " ") if said else None


def worth_lines(worth: WorthMove, currency: Currency) -> list[Line]:
    """Return what the opportunity is worth now and was before, in a line; none where that cannot be said."""
    said = _worth(worth, currency)
    return [] if said is None else [said]


def let_go_line(worth: WorthMove, currency: Currency) -> Line:
    """Return what a loss costs: no lamp, and so much of the forecast."""
    gone = worth.before.counted
    if rough(gone, currency):
        return Sentence("No lamp moves; forecast {}.", (_money(-rough(gone, currency), currency),))
    if not worth.before.forecast and worth.before.amount is not None:
        return "No lamp moves, and the forecast stays as it is: it was set aside already."
    return "No lamp moves, and the forecast stays as it is."


def rough(minor: int, currency: Currency) -> int:
    """Return an expectation in two digits of whole units, in minor units.

    >>> rough(3_781_243, Currency("EUR", 2)), rough(90_312, Currency("EUR", 2)), rough(0, Currency("EUR", 2))
    (3800000, 90000, 0)
    """
    unit: int = 10**currency.digits
    whole = half_up(Fraction(minor, unit))
    step: int = 10 ** max(len(str(abs(whole))) - 2, 0)
    return half_up(Fraction(whole, step)) * step * unit


def _worth(worth: WorthMove, currency: Currency) -> Sentence | None:
    now, before = worth.now.amount, worth.before.amount
    if now is None:
        return None
    won = worth.status is Status.WON
    template, values = "It brings {}" if won else "Worth {}", [now if won else rough(now, currency)]
    if before is not None:
        template += ", was worth {}" if won else ", was {}"
        values.append(rough(before, currency))
    if worth.now.assumed:
        template += " (a typical potential is assumed)"
    return Sentence(f"{template}.", tuple(_money(amount, currency) for amount in values))


def _lamp(lamp: MovedLamp) -> Sentence:
    values = [
        Value(lamp.number, CellKind.COUNT),
        Value(lamp.ratio_before or 0.0, CellKind.RATE),
        Value(lamp.ratio_after or 0.0, CellKind.RATE),
    ]
    if lamp.before is not lamp.after:
        values.append(Value(lamp.before.value, CellKind.LAMP))
    values.append(Value(lamp.after.value, CellKind.LAMP))
    template = "M{} {} -> {}, {}" if lamp.before is lamp.after else "M{} {} -> {}, {} -> {}"
    return Sentence(template, tuple(values))


def _joined(parts: Sequence[Sentence], between: str) -> Sentence:
    return Sentence(
        between.join(part.template for part in parts), tuple(value for part in parts for value in part.values)
    )


def _money(minor: int, currency: Currency) -> Value:
    return Value(minor, CellKind.MONEY, currency)
