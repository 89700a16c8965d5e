"""What a new definition of a process, or a new target, changes against the history.

Invariant: the first definition and the first target of an owner hold from the beginning of time, later ones from the
first of the next month unless another day is asked for; the currency of a process never changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from milestone_cli.domain.day import Day, Month, first_of_month, iso, month_of
from milestone_cli.domain.money import plain
from milestone_cli.domain.process import Milestone, Process, ProcessHistory
from milestone_cli.domain.setup import Target
from milestone_cli.domain.targets import in_force
from milestone_cli.errors import RuleBroken


class Effect(StrEnum):
    """What a definition does."""

    FIRST = "first"
    """The process is new."""
    NOTHING = "nothing"
    """It is defined like this already."""
    PLAN = "plan"
    """Texts, rates or days change; the milestones and their order stay."""
    VERSION = "version"
    """Milestones are added, removed or put into another order."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a definition says otherwise than the one before it."""

    milestone: str | None
    """The milestone's key; None where it is about the process."""
    what: str
    """The key in the process file."""
    before: str | None
    """As in a process file; None where it was not given."""
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What a definition changes."""

    effect: Effect
    process: Process
    """What holds from now on; `history_from` is the earlier one where the new definition names none."""
    version: int
    valid_from: Day | None
    """None is the beginning of time."""
    differences: tuple[Difference, ...] = ()
    added: tuple[str, ...] = ()
    """Keys of milestones that the definition before it did not have."""
    removed: tuple[str, ...] = ()
    """Keys of milestones that it does not have any more."""
    reordered: bool = False
    """Milestones that stay are in another order."""
    followed_on: Day | None = None
    """The day on which another definition takes over that was set before this one."""


def revision(history: ProcessHistory | None, process: Process, *, today: Day, valid_from: Day | None) -> Revision:
    """Return what defining `process` changes.

    Args:
        history: what there is of this process; None where it is new.
        process: the new definition.
        today: the day it is set.
        valid_from: the day asked for; None where nobody asked.

    Raises:
        RuleBroken: the currency changes, or a day is asked for although the process is new.
    """
    if history is None:
        if valid_from is not None:
            raise RuleBroken(
                f"The first definition of {process.key} holds from the beginning, not from {iso(valid_from)}.",
                "Leave out --from.",
            )
        return Revision(effect=Effect.FIRST, process=process, version=1, valid_from=None)
    if process.currency != history.currency:
        raise RuleBroken(
            f"The process {process.key} counts in {history.currency.code}, not in {process.currency.code}: "
            "a currency never changes.",
            "Give a process in another currency a name of its own.",
        )
    start = first_of_month(month_of(today) + 1) if valid_from is None else valid_from
    # what was last said about the history counts, whatever the day that definition is valid from
    before = replace(history.at(start).process, history_from=history.history_from)
    kept = process if process.history_from is not None else replace(process, history_from=history.history_from)
    after = extended(history, kept, today=today, valid_from=start)
    staying = [key for key in before.keys if key in kept.keys]
    return Revision(
        effect=_effect(before, kept),
        process=kept,
        version=next(item.version for item in reversed(after.definitions) if item.process is kept),
        valid_from=start,
        differences=tuple(differences(before, kept)),
        added=tuple(key for key in kept.keys if key not in before.keys),
        removed=tuple(key for key in before.keys if key not in kept.keys),
        reordered=staying != [key for key in kept.keys if key in before.keys],
        followed_on=min((item.begins for item in history.definitions if item.begins > start), default=None),
    )


def _effect(before: Process, after: Process) -> Effect:
    if before.keys != after.keys:
        return Effect.VERSION
    return Effect.NOTHING if before == after else Effect.PLAN


def extended(history: ProcessHistory, process: Process, *, today: Day, valid_from: Day) -> ProcessHistory:
    """Return the history with one more definition."""
    entered = [(item.process, item.set_on, item.valid_from) for item in history.definitions]
    return ProcessHistory.of(history.key, [*entered, (process, today, valid_from)])


def differences(before: Process, after: Process) -> Iterator[Difference]:
    """Yield what `after` says otherwise than `before`; of milestones, those that both have."""
    unit = before.currency

    def process_texts(process: Process) -> dict[str, str | None]:
        value, history = process.typical_value, process.history_from
        return {
            "title": process.title,
            "evidence": "required" if process.evidence_required else "optional",
            "typical_value": None if value is None else plain(value, unit),
            "history_from": None if history is None else iso(history),
        }

    yield from _unlike(None, process_texts(before), process_texts(after))
    for milestone in after.milestones:
        number = before.number_of(milestone.key)
        if number is not None:
            yield from _unlike(milestone.key, _texts(before.milestone(number)), _texts(milestone))


def _texts(milestone: Milestone) -> dict[str, str | None]:
    rate = milestone.rate
    dead = milestone.dead_after_days
    return {
        "name": milestone.name,
        "customer_action": milestone.customer_action or None,
        "how": "; ".join(milestone.how) or None,
        "rate": None if rate is None else f"{rate.normalize():f}",
        "days": None if milestone.days is None else str(milestone.days),
        "dead_after_days": None if dead is None else str(dead),
    }


def _unlike(
    milestone: str | None, before: Mapping[str, str | None], after: Mapping[str, str | None]
) -> Iterator[Difference]:
    for what, said in after.items():
        if before[what] != said:
            yield Difference(milestone, what, before[what], said)


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """Opportunities at a milestone that a new version does not have."""

    milestone: str
    """The name of the removed milestone."""
    count: int
    number: int
    """Where they stand from then on; 0 is a target customer."""


def carried_over(history: ProcessHistory, open_at: Mapping[str, int], day: Day) -> tuple[CarriedOver, ...]:
    """Return how the open opportunities at milestones that the version of `day` does not have are carried over.

    Args:
        history: with the new version.
        open_at: open opportunities by milestone key.
        day: from when the version holds.
    """
    keys = history.at(day).process.keys
    return tuple(
        CarriedOver(name_of(history, key), count, history.place(key, day))
        for key, count in open_at.items()
        if count and key not in keys
    )


def name_of(history: ProcessHistory, key: str) -> str:
    """Return what a milestone is called in the last version that has it."""
    for item in reversed(history.definitions):
        number = item.process.number_of(key)
        if number is not None:
            return item.process.milestone(number).name
    return key


def changed_target(
    targets: Sequence[Target], process: str, rep: int | None, amount: int, *, today: Day, month: Month | None
) -> Target | None:
    """Return the target to record, or None where the same amount is wanted then already.

    Args:
        targets: those there are, in the order entered.
        process: its key.
        rep: the owner's number; None is the team.
        amount: minor units a month; 0 is no target.
        today: the day it is set.
        month: the month asked for as its first one; None where nobody asked.
    """
    first = not any(target.process == process and target.rep == rep for target in targets)
    if month is None and first:
        return None if rep is None and amount == 0 else Target(process, rep, amount, today, None)
    begins = month_of(today) + 1 if month is None else month
    now = in_force(targets, process, begins, known_before=None).get(rep)
    if now == amount or (rep is None and not now and not amount):
        return None
    return Target(process, rep, amount, today, first_of_month(begins))
