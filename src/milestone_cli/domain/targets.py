"""Targets: money wanted at the last milestone per month, and whose part of it a rep carries.

Invariant: what is wanted in a month was set before it began (the very first target always counts), so it does not move
under anybody's feet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from milestone_cli.domain.day import Day, first_of_month
from milestone_cli.domain.setup import Target, first_targets


class TargetSource(StrEnum):
    """Where a target comes from."""

    OWN = "own"
    SHARE = "share"
    """An equal share of what the team target leaves."""
    SUM = "sum"
    """The sum of the reps' targets, without one for the team."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Money wanted at the last milestone in one month, for the team or one rep."""

    amount: Fraction | None
    """Minor units, unrounded; None is no target."""
    source: TargetSource
    added: bool = False
    """The rep is not among those who share; they were added for this view only."""
    made_of: tuple[int | None, ...] = field(default=(), compare=False)
    """Whose targets it is computed from: rep numbers, None is the team."""
    among: tuple[int, ...] = field(default=(), compare=False)
    """The reps who divide what is left, for an equal share."""


NOTHING_WANTED = Wanted(None, TargetSource.NONE)


def holding(
    targets: Sequence[Target], process: str, month: int, *, known_before: Day | None
) -> dict[int | None, Target]:
    """Return the target of each owner (rep number; None is the team) that holds in `month`.

    Args:
        targets: in the order entered.
        process: its key.
        month: the month in which the money is wanted.
        known_before: only targets set before this day, and the first of each owner; None takes all.
    """
    own = [target for target in targets if target.process == process]
    firsts = {id(target) for target in first_targets(own)}
    begins = first_of_month(month)
    found: dict[int | None, Target] = {}
    for target in own:
        if known_before is not None and target.set_on >= known_before and id(target) not in firsts:
            continue
        current = found.get(target.rep)
        if target.begins <= begins and (current is None or target.begins >= current.begins):
            found[target.rep] = target
    return found


def in_force(targets: Sequence[Target], process: str, month: int, *, known_before: Day | None) -> dict[int | None, int]:
    """Return the amount of each owner's target that holds in `month`, as `holding` does."""
    found = holding(targets, process, month, known_before=known_before)
    return {owner: target.amount for owner, target in found.items()}


def wanted(
    amounts: dict[int | None, int], rep: int | None, *, sharers: Collection[int], active: Iterable[int]
) -> Wanted:
    """Return what the team (`rep` None) or a rep is wanted to bring.

    Args:
        amounts: per owner, see `in_force`.
        rep: the rep's number, or None for the team.
        sharers: reps who own an open opportunity and divide what the team target leaves.
        active: reps not retired; the targets of others do not count.
    """
    reps = {owner: amount for owner, amount in amounts.items() if owner is not None and owner in set(active)}
    team = amounts.get(None, 0)
    if rep is None:
        if team:
            return Wanted(Fraction(team), TargetSource.OWN, made_of=(None,))
        total = sum(reps.values())
        return Wanted(Fraction(total), TargetSource.SUM, made_of=tuple(reps)) if total else NOTHING_WANTED
    own = amounts.get(rep)
    if own is not None:
        return Wanted(Fraction(own), TargetSource.OWN, made_of=(rep,)) if own else NOTHING_WANTED
    if not team:
        return NOTHING_WANTED
    sharing = {sharer for sharer in sharers if sharer not in amounts}
    among = tuple(sorted(sharing | {rep}))
    rest = max(0, team - sum(reps.values()))
    return Wanted(
        Fraction(rest, len(among)), TargetSource.SHARE, added=rep not in sharing, made_of=(None, *reps), among=among
    )


def mismatch(amounts: dict[int | None, int], *, sharers: Collection[int], active: Collection[int]) -> int:
    """Return by how much the reps' targets and shares exceed the team's (negative: fall short), in minor units."""
    reps = sum(amount for owner, amount in amounts.items() if owner is not None and owner in active)
    team = amounts.get(None, 0)
    if not team or not reps:
        return 0
    sharing = any(sharer not in amounts for sharer in sharers)
    return max(0, reps - team) if sharing else reps - team
