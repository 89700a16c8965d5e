"""What two books have set up: processes they can have in common, and where their plans, targets and reps differ.

Invariant: looking changes nothing; what stands in both under one global id is the same and never listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from milestone_cli.domain.contradictions import Contradiction, Side, Told, Why
from milestone_cli.domain.definition import differences
from milestone_cli.domain.facts import Kind
from milestone_cli.domain.process import BEGINNING, Definition, Process, ProcessHistory, plan_of
from milestone_cli.errors import RuleBroken
from milestone_cli.store.setup import SetupFact

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
    """What stands of two books that are one now, in the order of entry."""

    here: list[SetupFact]
    """What only this one had set up."""
    there: list[SetupFact]
    both: list[SetupFact]
    gone: list[SetupFact]
    """What stood here, and was taken back in the other one."""


def setup_contradictions(
    here: Sequence[SetupFact], there: Sequence[SetupFact], united: Sequence[SetupFact]
) -> list[Found]:
    """Return where two books have set up different things, each on its own, and what was taken back in the other.

    Args:
        here: what this book had set up before.
        there: what the other one has.
        united: what stands now.
    """
    ours, theirs, standing = ({fact.id for fact in facts} for facts in (here, there, united))
    two = _Two(
        [fact for fact in here if fact.id in standing - theirs],
        [fact for fact in there if fact.id in standing - ours],
        [fact for fact in here if fact.id in standing & theirs],
        [fact for fact in here if fact.id not in standing],
    )
    return [*_taken_back(two), *_definitions(two), *_overridden(two), *_targets(two), *_reps(two)]


def _taken_back(two: _Two) -> Iterator[Found]:
    for fact in two.gone:
        said = fact.said
        process = said.get("process", "")
        where = process if "rep_key" not in said else f"{process} {said['rep_key'] or 'team'}".strip()
        match fact.kind:
            case Kind.TARGET_SET:
                told = Told(kind=fact.kind, on=said["from"], value=said["amount"])
            case _:
                told = Told(kind=fact.kind, on=said.get("from"), text=said.get("name"))
        yield where, process, Contradiction(here=told, there=None, holds=Side.THERE, why=Why.TAKEN_BACK)


def _pairs(two: _Two, kinds: Iterable[Kind], *names: str) -> Iterator[tuple[SetupFact, SetupFact]]:
    """Yield the last facts of these kinds on both sides that are about the same."""
    here, there = (
        {tuple(fact.said[name] for name in names): fact for fact in facts if fact.kind in kinds}
        for facts in (two.here, two.there)
    )
    for about in here.keys() & there.keys():
        yield here[about], there[about]


def _definitions(two: _Two) -> Iterator[Found]:
    for mine, other in _pairs(two, _DEFINED, "process", "from"):
        here = _process(mine)
        for told in _unlike(mine, other):
            yield here.key, here.key, _later(told, mine, other)


def _overridden(two: _Two) -> Iterator[Found]:
    """Yield what a definition for later days undoes of one of the other book that its author did not know."""
    ours, theirs = ({fact.id for fact in facts} for facts in (two.here, two.there))
    defined = [fact for fact in (*two.here, *two.there, *two.both) if fact.kind in _DEFINED]
    for key in sorted({fact.said["process"] for fact in defined}):
        told = sorted((fact for fact in defined if fact.said["process"] == key), key=_in_force)
        for place, (first, later) in enumerate(pairwise(told)):
            of_two = (first.id in ours and later.id in theirs) or (first.id in theirs and later.id in ours)
            if not of_two or first.said["from"] == later.said["from"]:
                continue
            strange = ours if first.id in ours else theirs
            known = [fact for fact in told[:place] if fact.id not in strange]
            meant = None if not known else {_about(pair) for pair in _unlike(known[-1], first)}
            for pair in _unlike(first, later):
                if meant is None or _about(pair) in meant:
                    here, there = pair if strange is ours else pair[::-1]
                    yield key, key, Contradiction(here=here, there=there, holds=Side.BOTH, why=Why.LATER_DAY)


_DEFINED = (Kind.VERSION_DEFINED, Kind.PLAN_CHANGED)


def _in_force(fact: SetupFact) -> tuple[int, tuple[int, int, str]]:
    """Return the place of a definition among those of its process."""
    begins = fact.said["from"]
    return (BEGINNING if begins is None else begins, fact.order)


def _unlike(one: SetupFact, other: SetupFact) -> Iterator[tuple[Told, Told]]:
    """Yield what two definitions say otherwise."""
    before, after = _process(one), _process(other)
    for change in differences(before, after):
        first, second = (
            Told(kind=Kind.PLAN_CHANGED, on=fact.said["from"], milestone=change.milestone, key=change.what, text=text)
            for fact, text in ((one, change.before), (other, change.after))
        )
        yield first, second
    if before.keys != after.keys:
        yield _milestones(one), _milestones(other)


def _milestones(fact: SetupFact) -> Told:
    return Told(kind=Kind.VERSION_DEFINED, on=fact.said["from"], text=", ".join(_process(fact).keys))


def _about(pair: tuple[Told, Told]) -> tuple[str | None, str | None]:
    return pair[0].milestone, pair[0].key


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
        # a forgotten one has none any more
        if mine.said["name"] and other.said["name"] and mine.said["name"] != other.said["name"]:
            told = [Told(kind=Kind.REP_ADDED, on=fact.said["from"], text=fact.said["name"]) for fact in (mine, other)]
            first = mine if mine.order < other.order else other
            side = Side.HERE if first is mine else Side.THERE
            why = Why.ENTERED_EARLIER
            yield mine.said["rep_key"], "", Contradiction(here=told[0], there=told[1], holds=side, why=why)


def _later(told: Sequence[Told], mine: SetupFact, other: SetupFact) -> Contradiction:
    holds = Side.HERE if mine.order > other.order else Side.THERE
    return Contradiction(here=told[0], there=told[1], holds=holds, why=Why.ENTERED_LATER)
