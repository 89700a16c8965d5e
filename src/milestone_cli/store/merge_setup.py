"""What two books have set up: processes they can have in common, and where their plans, targets and reps differ.

Invariant: looking changes nothing; what both have under one global id is the same and never listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from milestone_cli.domain.contradictions import Contradiction, Side, Told, Why
from milestone_cli.domain.definition import differences
from milestone_cli.domain.facts import Kind
from milestone_cli.domain.process import Definition, Process, ProcessHistory, plan_of
from milestone_cli.errors import RuleBroken
from milestone_cli.store.setup import SetupFact, read_setup_facts

Found = tuple[str, str, Contradiction]
"""What it is about (a process, a rep), the process, empty for a rep, and what."""


def fit_together(ours: Mapping[str, ProcessHistory], theirs: Mapping[str, ProcessHistory], other: str) -> None:
    """Refuse processes of one name that are not one process.

    Args:
        ours: the processes of this book.
        theirs: those of the other one.
        other: how the other book is called in messages.

    Raises:
        RuleBroken: another currency, or other milestones from the beginning on.
    """
    for key in sorted(ours.keys() & theirs.keys()):
        here, there = ours[key], theirs[key]
        if here.currency != there.currency:
            raise RuleBroken(
                f"{key} counts in {here.currency.code} here and in {there.currency.code} in {other}:"
                " one process has one currency.",
                "Give one of the two processes another name in a book of its own.",
            )
        if not _same_from_the_beginning(here, there):
            keys = [", ".join(history.definitions[0].process.keys) for history in (here, there)]
            raise RuleBroken(
                f"{key} is not the same process here ({keys[0]}) and in {other} ({keys[1]}).",
                f"Write it out from one of the two, `ms processes {key} --toml -o {key}.toml`, and define it in the"
                f" other with `ms define-process {key}.toml`: it is a later version there, and the books fit together.",
            )


def _same_from_the_beginning(here: ProcessHistory, there: ProcessHistory) -> bool:
    """Return whether both begin with the same milestones, or one with a definition that the other has too."""
    known = [{plan_of(item.process) for item in history.definitions} for history in (here, there)]
    return all(
        one.process.keys == other.process.keys or plan_of(one.process) in known[1] or plan_of(other.process) in known[0]
        for one in _from_the_beginning(here)
        for other in _from_the_beginning(there)
    )


def _from_the_beginning(history: ProcessHistory) -> list[Definition]:
    return [item for item in history.definitions if item.valid_from is None]


@dataclass(frozen=True, slots=True)
class _Two:
    """What only one of two books has set up, in the order of entry."""

    here: list[SetupFact]
    there: list[SetupFact]


def setup_contradictions(ours: Connection, theirs: Connection) -> list[Found]:
    """Return where two books have set up different things, each on its own."""
    here, there = read_setup_facts(ours), read_setup_facts(theirs)
    known = {fact.id for fact in here} & {fact.id for fact in there}
    two = _Two([fact for fact in here if fact.id not in known], [fact for fact in there if fact.id not in known])
    return [*_definitions(two), *_targets(two), *_reps(two)]


def _pairs(two: _Two, kinds: Iterable[Kind], *names: str) -> Iterator[tuple[SetupFact, SetupFact]]:
    """Yield the last facts of these kinds on both sides that are about the same."""
    here, there = (
        {tuple(fact.said[name] for name in names): fact for fact in facts if fact.kind in kinds}
        for facts in (two.here, two.there)
    )
    for about in here.keys() & there.keys():
        yield here[about], there[about]


def _definitions(two: _Two) -> Iterator[Found]:
    for mine, other in _pairs(two, (Kind.VERSION_DEFINED, Kind.PLAN_CHANGED), "process", "from"):
        here, there = _process(mine), _process(other)
        for change in differences(here, there):
            told = [
                Told(
                    kind=Kind.PLAN_CHANGED, on=mine.said["from"], milestone=change.milestone, key=change.what, text=text
                )
                for text in (change.before, change.after)
            ]
            yield here.key, here.key, _later(told, mine, other)
        if here.keys != there.keys:
            told = [
                Told(kind=Kind.VERSION_DEFINED, on=mine.said["from"], text=", ".join(p.keys)) for p in (here, there)
            ]
            yield here.key, here.key, _later(told, mine, other)


def _process(fact: SetupFact) -> Process:
    assert fact.process is not None  # noqa: S101 - a definition has one
    return fact.process


def _targets(two: _Two) -> Iterator[Found]:
    for mine, other in _pairs(two, (Kind.TARGET_SET,), "process", "rep_key", "from"):
        if mine.said["amount"] != other.said["amount"]:
            told = [
                Told(kind=Kind.TARGET_SET, on=fact.said["from"], value=fact.said["amount"]) for fact in (mine, other)
            ]
            owner, process = mine.said["rep_key"] or "team", mine.said["process"]
            yield f"{process} {owner}", process, _later(told, mine, other)


def _reps(two: _Two) -> Iterator[Found]:
    for mine, other in _pairs(two, (Kind.REP_ADDED,), "rep_folded"):
        if mine.said["name"] != other.said["name"]:
            told = [Told(kind=Kind.REP_ADDED, on=fact.said["from"], text=fact.said["name"]) for fact in (mine, other)]
            first = mine if mine.order < other.order else other
            side = Side.HERE if first is mine else Side.THERE
            why = Why.ENTERED_EARLIER
            yield mine.said["rep_key"], "", Contradiction(here=told[0], there=told[1], holds=side, why=why)


def _later(told: list[Told], mine: SetupFact, other: SetupFact) -> Contradiction:
    holds = Side.HERE if mine.order > other.order else Side.THERE
    return Contradiction(here=told[0], there=told[1], holds=holds, why=Why.ENTERED_LATER)
