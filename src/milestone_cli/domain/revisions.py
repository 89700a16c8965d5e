"""The periods between the revisions of a process: from when to when one definition held, and what was new in it.

Invariant: the periods follow each other without a gap, from the beginning of time to the as-of day; a definition that
changes nothing a customer or the team meets (`history_from` alone) begins none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from milestone_cli.domain.day import Day
from milestone_cli.domain.definition import Difference, differences
from milestone_cli.domain.process import Definition, Process, ProcessHistory, plan_of

_PLAN = frozenset({"rate", "days", "dead_after_days"})


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days in which one definition held."""

    definition: Definition
    first: Day | None
    """Its first day; None is the beginning of time."""
    last: Day | None
    """Its last day; None where it holds on the as-of day."""
    changed: tuple[str, ...]
    """What is new against the period before, in short: "milestones", "how of milestone 3", "plan"."""


def periods(history: ProcessHistory, as_of: Day) -> tuple[Period, ...]:
    """Return the periods that had begun by a day, the first one first.

    Args:
        history: as it was set by that day.
        as_of: the day looked from.
    """
    begun = _distinct(history.definitions, as_of)
    found: list[Period] = []
    for place, definition in enumerate(begun):
        follower = begun[place + 1] if place + 1 < len(begun) else None
        found.append(
            Period(
                definition,
                first=definition.begins if place else None,
                last=None if follower is None else follower.begins - 1,
                changed=tuple(in_short(begun[place - 1].process, definition.process)) if place else (),
            )
        )
    return tuple(found)


def _distinct(definitions: Sequence[Definition], as_of: Day) -> list[Definition]:
    """Return those that have begun by `as_of`, for a day at least, and differ from the one before."""
    # of several that begin on one day, the one set last holds
    by_day = {definition.begins: definition for definition in definitions if definition.begins <= as_of}
    found: list[Definition] = []
    for definition in by_day.values():
        if not found or plan_of(found[-1].process) != plan_of(definition.process):
            found.append(definition)
    return found or [definitions[0]]


def in_short(before: Process, after: Process) -> Iterator[str]:
    """Yield what changed from one definition to the next, a few words each."""
    if before.keys != after.keys:
        yield "milestones"
    found = [change for change in differences(before, after) if change.what != "history_from"]
    texts = [change for change in found if change.milestone is not None and change.what not in _PLAN]
    for what in dict.fromkeys(change.what for change in texts):
        yield _of_milestones(what, (change for change in texts if change.what == what), after)
    if any(change.milestone is not None and change.what in _PLAN for change in found):
        yield "plan"
    yield from (change.what.replace("_", " ") for change in found if change.milestone is None)


def _of_milestones(what: str, changes: Iterable[Difference], process: Process) -> str:
    """Return a changed text and the milestones it changed at.

    The numbers are those of the new definition.
    """
    numbers = [str(process.number_of(change.milestone)) for change in changes]
    milestones = "milestone" if len(numbers) == 1 else "milestones"
    return f"{what.replace('_', ' ')} of {milestones} {', '.join(numbers)}"
