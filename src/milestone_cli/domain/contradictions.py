"""Where two books say different things of the same opportunity, and which of the two holds.

Invariant: what holds follows from the facts alone (day, entry, global id), whichever book was merged into which; what
both say in the same words is no contradiction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Fact, Kind, effective
from milestone_cli.domain.opportunity import Misfit, Opportunity, Problem, replay
from milestone_cli.domain.process import ProcessHistory


class Side(StrEnum):
    """Whose word it is."""

    HERE = "here"
    THERE = "there"
    BOTH = "both"
    """Each holds in its time."""
    NEITHER = "neither"


class Why(StrEnum):
    """Why one of the two holds."""

    EARLIER_DAY = "earlier_day"
    ENTERED_LATER = "entered_later"
    ENTERED_EARLIER = "entered_earlier"
    LATER_DAY = "later_day"
    """Each from its day on."""
    WON = "won"
    LOST = "lost"
    NOT_LOST = "not_lost"
    MOVED = "moved"
    """A customer who moves after a loss is back."""
    TAKEN_OVER = "taken_over"
    TAKEN_OVER_LATE = "taken_over_late"
    NO_OPENING = "no_opening"
    NO_MILESTONE = "no_milestone"
    OUT_OF_ORDER = "out_of_order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a book says, as far as it is about the contradiction."""

    kind: Kind
    on: Day | None = None
    """None is the beginning of time."""
    milestone: str | None = None
    value: int | None = None
    """Minor units."""
    rep: int | None = None
    text: str | None = None
    """A name or title, or what a process file says under `key`."""
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two books that do not say the same."""

    here: Told | None
    """None where the other book's fact fits nothing here."""
    there: Told | None
    holds: Side
    why: Why


@dataclass(frozen=True, slots=True)
class Compared:
    """Two books' facts about one opportunity, held against each other."""

    contradictions: tuple[Contradiction, ...] = ()
    alike: int = 0
    """Facts that both have recorded, each on its own, in the same words."""


def compare(here: Sequence[Fact], there: Sequence[Fact], history: ProcessHistory) -> Compared:
    """Return where what another book says of an opportunity contradicts what this one says.

    Args:
        here: every fact of this book, voids and voided ones included.
        there: every fact of the other book; what both have is in both, with the same id.
        history: the process.
    """
    both = _Both(here, there)
    alike = sum(_words(fact) in both.said for fact in both.new)
    if not both.mine or alike == len(both.new):
        return Compared((), alike)
    return Compared(tuple(both.contradictions(history)), alike)


class _Both:
    def __init__(self, here: Sequence[Fact], there: Sequence[Fact]) -> None:
        self._books = here, there
        self._here, self._there = ({fact.id for fact in facts} for facts in (here, there))
        self._standing = effective((*here, *(fact for fact in there if fact.id not in self._here)))
        self.mine = [fact for fact in self._standing if fact.id in self._here]
        """What this book has, and still stands."""
        self.new = [fact for fact in self._standing if fact.id not in self._here]
        """What only the other one has."""
        self.said = {_words(fact) for fact in self.mine}

    def contradictions(self, history: ProcessHistory) -> Iterator[Contradiction]:
        here, there = self._books
        self._history = history
        self._state = replay(self._standing, history)
        self._before = replay(effective(here), history)
        self._elsewhere = {problem.fact.id for problem in replay(effective(there), history).problems}
        yield from self._openings()
        for kind in (Kind.REVALUED, Kind.ASSIGNED):
            yield from self._on_one_day(kind)
        yield from self._misfits()
        yield from self._out_of_order()
        yield from self._back_from_a_loss()

    def _side(self, fact: Fact) -> Side:
        return Side.HERE if fact.id in self._here else Side.THERE

    def _between(self, fact: Fact, other: Fact | None, holds: Side, why: Why) -> Contradiction:
        """Return that a fact and another one of the other book do not say the same."""
        told, against = _told(fact), None if other is None else _told(other)
        here, there = (told, against) if self._side(fact) is Side.HERE else (against, told)
        return Contradiction(here=here, there=there, holds=holds, why=why)

    def _openings(self) -> Iterator[Contradiction]:
        opened = [fact for fact in self._standing if fact.kind is Kind.OPENED]
        for first, later in zip(opened[:1] * len(opened), opened[1:], strict=False):
            if self._side(first) is self._side(later):
                continue
            pairs = ((first.value, later.value), (first.rep, later.rep))
            if any(one and other and one != other for one, other in pairs):
                yield self._between(later, first, Side.BOTH, Why.LATER_DAY)
            titles = [fact.texts.get("title") for fact in (first, later)]
            if titles[1] and titles[0] and titles[0] != titles[1]:
                told = [Told(kind=Kind.RENAMED, on=fact.on, text=fact.texts["title"]) for fact in (first, later)]
                here, there = told if self._side(first) is Side.HERE else told[::-1]
                yield Contradiction(here=here, there=there, holds=self._side(first), why=Why.EARLIER_DAY)

    def _on_one_day(self, kind: Kind) -> Iterator[Contradiction]:
        # who recorded a second one that day in full knowledge of the first did so to change it
        alone = [fact for fact in self.mine if fact.kind is kind and fact.id not in self._there]
        for mine in alone:
            for other in self.new:
                if other.kind is kind and other.on == mine.on and _words(other) != _words(mine):
                    later = max(mine, other, key=lambda fact: fact.order)
                    yield self._between(mine, other, self._side(later), Why.ENTERED_LATER)

    def _misfits(self) -> Iterator[Contradiction]:
        known = {problem.fact.id for problem in self._before.problems}
        for problem in self._state.problems:
            fact, other = problem.fact, self._opponent(problem)
            alike = {_words(one) for one in (self.new if self._side(fact) is Side.HERE else self.mine)}
            new = fact.id not in known and (other is not None or fact.id not in self._elsewhere)
            if new and _words(fact) not in alike:
                holds = Side.NEITHER if other is None else self._side(other)
                why = _WHY[problem.why]
                if problem.why is Misfit.ALREADY_REACHED and other is not None and other.on == fact.on:
                    why = Why.ENTERED_EARLIER
                yield self._between(fact, other, holds, why)

    def _opponent(self, problem: Problem) -> Fact | None:
        """Return the fact of the other book that keeps one from its effect; None where none does."""
        fact, state = problem.fact, self._state
        before = [
            one for one in self._standing[: self._standing.index(fact)] if self._side(one) is not self._side(fact)
        ]
        match problem.why:
            case Misfit.ALREADY_REACHED:
                return _first(one for one in before if one.kind is Kind.REACHED and one.milestone == fact.milestone)
            case Misfit.ALREADY_LOST:
                return _first(one for one in reversed(before) if one.kind is Kind.LOST)
            case Misfit.ALREADY_WON:
                return _first(one for one in reversed(before) if one.kind is Kind.REACHED and one.on == state.won_on)
            case Misfit.BEFORE_TAKEOVER | Misfit.TAKEOVER_TOO_LATE:
                kinds = (Kind.STANDING, Kind.REACHED, Kind.LOST)
                return _first(one for one in before if one.kind in kinds)
            case _:  # nothing stands there
                return None

    def _out_of_order(self) -> Iterator[Contradiction]:
        if not self._state.out_of_order or self._before.out_of_order:
            return
        for fact in self._standing:
            arrival = self._state.arrivals.get(fact.milestone or "")
            if fact.kind is Kind.REACHED and arrival is not None and arrival.on < fact.on:
                other = _first(
                    one for one in self._standing
                    if one.kind is Kind.REACHED and one.on == arrival.on and self._side(one) is not self._side(fact)
                )  # fmt: skip
                if other is not None and other.milestone != fact.milestone:
                    yield self._between(fact, other, self._side(other), Why.OUT_OF_ORDER)

    def _back_from_a_loss(self) -> Iterator[Contradiction]:
        if not self._state.reopened or self._before.reopened:
            return
        for place, fact in enumerate(self._standing, start=1):
            if fact.kind is Kind.REACHED and _reopened(self._standing[:place], self._history):
                lost = _first(one for one in reversed(self._standing[:place]) if one.kind is Kind.LOST)
                if lost is not None and self._side(lost) is not self._side(fact):
                    yield self._between(fact, lost, self._side(fact), Why.MOVED)
                return


def _reopened(facts: Sequence[Fact], history: ProcessHistory) -> bool:
    state: Opportunity = replay(facts, history)
    return state.reopened


def _first(facts: Iterable[Fact]) -> Fact | None:
    return next(iter(facts), None)


def _words(fact: Fact) -> tuple[object, ...]:
    """Return what a fact says, whoever said it."""
    return (fact.kind, fact.on, fact.milestone, fact.value or None, fact.rep, fact.since)


def _told(fact: Fact) -> Told:
    return Told(kind=fact.kind, on=fact.on, milestone=fact.milestone, value=fact.value or None, rep=fact.rep)


_WHY = {
    Misfit.NOT_OPENED: Why.NO_OPENING,
    Misfit.UNKNOWN_MILESTONE: Why.NO_MILESTONE,
    Misfit.ALREADY_REACHED: Why.EARLIER_DAY,
    Misfit.BEFORE_TAKEOVER: Why.TAKEN_OVER,
    Misfit.TAKEOVER_TOO_LATE: Why.TAKEN_OVER_LATE,
    Misfit.NOT_LOST: Why.NOT_LOST,
    Misfit.ALREADY_LOST: Why.LOST,
    Misfit.ALREADY_WON: Why.WON,
}
