"""When a line says a fact that is there already, what it says otherwise, and why a fact does not fit: in words.

Invariant: what is the same is decided by what was true and since when, never by where or when it was written down.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from milestone_cli.domain.day import iso
from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.domain.opportunity import Misfit, Opportunity
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.exchange.gathered import Line


def identity(fact: Fact) -> tuple[object, ...]:
    """Return what makes two facts of an opportunity the same."""
    match fact.kind:
        case Kind.OPENED:
            return (Kind.OPENED,)
        case Kind.REVALUED:
            return (fact.kind, fact.on, fact.value)
        case Kind.ASSIGNED:
            return (fact.kind, fact.on, fact.rep)
        case _:
            return (fact.kind, fact.milestone, fact.on)


def difference(line: Fact, fact: Fact, forgotten: Collection[int] = ()) -> str:
    """Return what a line says otherwise than the fact; empty where it does not. A forgotten rep may be any other."""
    if line.kind is not fact.kind or line.milestone != fact.milestone:
        only_effect = (line.on, line.value, line.rep) == (fact.on, fact.value, fact.rep)
        return "" if line.kind in _ONLY_VALUE_AND_REP and only_effect else "it is recorded as another fact"
    if line.on != fact.on:
        return f"{iso(line.on)} is recorded with {iso(fact.on)}"
    if line.value is not None and line.value != fact.value and line.kind is not Kind.LOST:
        return "it is recorded with another value"
    if line.rep is not None and line.rep != fact.rep and not (line.rep < 0 and fact.rep in forgotten):
        return "it is recorded with another rep"
    if line.bulk and not fact.bulk:
        return "it is not recorded as one of an edit of many"
    return ""


_ONLY_VALUE_AND_REP = frozenset({Kind.REVALUED, Kind.ASSIGNED})
"""As which an export writes what has no other effect."""
_REASONS = {
    Misfit.NOT_OPENED: "it was taken back",
    Misfit.ALREADY_LOST: "it is lost already",
    Misfit.ALREADY_WON: "it is won before that",
    Misfit.NOT_LOST: "it is not lost then, so nothing is reopened",
    Misfit.BEFORE_TAKEOVER: "it was taken over at this milestone or a later one",
    Misfit.TAKEOVER_TOO_LATE: "it has moved, was lost or was taken over before",
    Misfit.UNKNOWN_MILESTONE: "its milestone is in no version of the process",
    Misfit.ALREADY_REACHED: "it has reached that milestone on another day already",
}


def reason(why: Misfit, fact: Fact, history: ProcessHistory) -> str:
    """Return why a fact has no effect."""
    return f"{named(fact, history)}: {_REASONS[why]}"


def named(fact: Fact, history: ProcessHistory) -> str:
    """Return a fact in words: reached 3 on 2026-02-01."""
    what = fact.kind.value
    if fact.milestone is not None:
        what = f"{what} {history.place(fact.milestone, fact.on) or fact.milestone}"
    return f"{what} on {iso(fact.on)}"


def late(lines: Iterable[tuple[Line, Fact]], state: Opportunity, history: ProcessHistory) -> Iterator[tuple[int, str]]:
    """Yield the lines of milestones whose day lies after that of a later milestone."""
    for line, fact in lines:
        arrival = state.arrivals.get(fact.milestone or "")
        if fact.kind is Kind.REACHED and arrival is not None and arrival.on < fact.on:
            number = history.place(fact.milestone, fact.on)
            yield (
                line.number,
                f"milestone {number} on {iso(fact.on)} lies after a later one, and counts on {iso(arrival.on)}",
            )
