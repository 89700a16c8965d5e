"""Where a target comes from: the targets that were set, and how what is wanted is computed from them.

Invariant: it is told from what `wanted` has computed; nothing is computed a second way.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from milestone_cli.domain.day import month_label
from milestone_cli.domain.money import Currency, half_up, plain
from milestone_cli.domain.targets import TargetSource
from milestone_cli.reports.cascade_ground import TargetGround
from milestone_cli.reports.table import CellKind, Line, Sentence, Table, Value, counted, joined, named
from milestone_cli.reports.targets import ENTERED, entered_cells, entered_json, rep_key

TRIED = "tried"
"""In place of a source: the target was named on the command line."""


def target_table(title: str, ground: TargetGround, currency: Currency) -> Table:
    """Return the targets that were set, and the arithmetic between them and what is wanted."""
    return Table(
        title=joined((named(title), "where the target comes from")),
        columns=ENTERED,
        rows=tuple(entered_cells(target, ground.reps) for target in ground.facts),
        currency=currency,
        notes=tuple(_notes(ground, currency)),
        empty="No target that is set counts here.",
    )


def _notes(ground: TargetGround, currency: Currency) -> Iterator[Line]:
    yield target_line(ground, currency)
    if ground.wanted.added and ground.rep is not None:
        yield Sentence("{} has no open opportunity and shares in this view only.", (named(ground.rep.key),))


def target_line(ground: TargetGround, currency: Currency) -> Line:
    """Return in a sentence how what is wanted is computed."""
    wanted, month = ground.wanted, Value(ground.month, CellKind.MONTH)
    if wanted.amount is None:
        return Sentence("No target for {}.", (month,))
    amount = _money(wanted.amount, currency)
    if ground.tried:
        return Sentence("Wanted in {}: {}, as tried with --target; nothing is recorded.", (month, amount))
    match wanted.source:
        case TargetSource.SHARE:
            return Sentence("Wanted in {}: {}.", (month, _share(ground, currency)))
        case TargetSource.SUM:
            return Sentence("Wanted in {}: {}, the sum of the reps' targets.", (month, amount))
        case _:
            return Sentence("Wanted in {}: {}, as it is set.", (month, amount))


def _share(ground: TargetGround, currency: Currency) -> Line:
    """Return the division of what the team's target leaves."""
    team = sum(target.amount for target in ground.facts if target.rep is None)
    own = sum(target.amount for target in ground.facts if target.rep is not None)
    amount = _money(ground.wanted.amount or Fraction(0), currency)
    among = joined([named(key) for key in sharers(ground)], ", ")
    if own > team:
        return Sentence("{}, for the reps' own targets leave nothing of the team's to {}", (amount, among))
    values = (_money(Fraction(team), currency), _money(Fraction(own), currency), counted(len(sharers(ground))))
    return Sentence(
        "({} - {}) / {} = {}, what the team's target leaves beside the reps' own, in equal parts to {}",
        (*values, amount, among),
    )


def sharers(ground: TargetGround) -> list[str]:
    """Return the keys of the reps who divide what is left, in alphabetical order."""
    return sorted((rep_key(ground.reps, number) for number in ground.wanted.among), key=str.casefold)


def _money(amount: Fraction, currency: Currency) -> Value:
    return Value(half_up(amount), CellKind.MONEY, currency)


def target_json(ground: TargetGround, currency: Currency) -> dict[str, object]:
    """Return where a target comes from as plain values."""
    wanted = ground.wanted
    return {
        "month": month_label(ground.month),
        "amount": None if wanted.amount is None else plain(half_up(wanted.amount), currency),
        "source": TRIED if ground.tried else wanted.source.value,
        "made_of": [entered_json(target, ground.reps, currency) for target in ground.facts],
        "shared_by": sharers(ground),
    }
