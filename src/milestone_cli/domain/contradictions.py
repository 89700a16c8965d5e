"""Where two books say different things of the same opportunity, and which of the two holds.

Invariant: what holds follows from the facts alone (day, entry, global id), whichever book was merged into which; what
both say in the same words is no contradiction; what stood here and no longer does is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from milestone_cli.domain.day import Day, iso
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
    """The opening was taken back; what a fact says counts without it."""
    TAKEN_BACK = "taken_back"
    CORRECTED = "corrected"
    BROUGHT_BACK = "brought_back"
    """Taken back here, and that was taken back there."""
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
    """A name or title, or what a process file, or a fact about a customer, says under `key`; a day as ISO."""
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


def compare(
    here: Sequence[Fact], there: Sequence[Fact], history: ProcessHistory, *, back: Sequence[Fact] = ()
) -> Compared:
    """Return where what another book says of an opportunity contradicts what this one says.

    Args:
        here: every fact of this book, voids and voided ones included.
        there: every fact of the other book; what both have is in both, with the same id.
        history: the process.
        back: voids with which this book brings back what an undone merge had brought.
    """
    both = _Both(here, there, back)
    if not both.differ:
        return Compared((), both.alike)
    return Compared(tuple(both.contradictions(history)), both.alike)


class _Both:
    def __init__(self, here: Sequence[Fact], there: Sequence[Fact], back: Sequence[Fact]) -> None:
        self._known_here, self._known_there = ({fact.id for fact in facts} for facts in (here, there))
        united = [*here, *(fact for fact in there if fact.id not in self._known_here)]
        self._facts = [*united, *back]
        self._stood_here, self._stood_there = effective(here), effective(there)
        self._here = {fact.id for fact in self._stood_here}
        self._standing = effective(self._facts)
        self.mine = [fact for fact in self._standing if fact.id in self._here]
        """What stood here, and still does."""
        self.new = [fact for fact in self._standing if fact.id not in self._here]
        """What only the other one has, or what stands only there."""
        self._kept = {fact.id for fact in self._standing}
        # what an undone merge had brought and this one brings again is no news of the other book
        anew = {fact.id for fact in effective(united)} if back else self._kept
        self._back = [fact for fact in self.new if fact.id in self._known_here and fact.id in anew]
        self._gone = [fact for fact in self._stood_here if fact.id not in self._kept]
        said = {_words(fact) for fact in self.mine}
        self.alike = sum(_words(fact) in said for fact in self.new if fact.id not in self._known_here)
        """Facts that both have recorded, each on its own, in the same words."""
        self._told: set[str] = set()

    @property
    def differ(self) -> bool:
        """Whether the two can say different things at all."""
        said = {(_words(fact), _texts(fact)) for fact in self.mine}
        return bool(self._gone) or any((_words(fact), _texts(fact)) not in said for fact in self.new)

    def contradictions(self, history: ProcessHistory) -> Iterator[Contradiction]:
        self._history = history
        self._state = replay(self._standing, history)
        self._before = replay(self._stood_here, history)
        self._elsewhere = {problem.fact.id for problem in replay(self._stood_there, history).problems}
        yield from self._taken_back()
        yield from self._openings()
        for kind in (Kind.REVALUED, Kind.ASSIGNED):
            yield from self._on_one_day(kind)
        yield from self._misfits()
        yield from self._revisits()
        yield from self._out_of_order()
        yield from self._back_from_a_loss()
        for fact in self._back:
            if fact.id not in self._told:
                yield Contradiction(here=None, there=_told(fact), holds=Side.THERE, why=Why.BROUGHT_BACK)

    def _side(self, fact: Fact) -> Side:
        return Side.HERE if fact.id in self._here else Side.THERE

    def _taken_back(self) -> Iterator[Contradiction]:
        """Yield what stood here and no longer does; of an opportunity that is gone here, what stood there."""
        for fact in self._gone:
            instead = self._instead_of(fact)
            if instead is None:
                yield Contradiction(here=_told(fact), there=None, holds=Side.THERE, why=Why.TAKEN_BACK)
            elif _words(instead) == _words(fact) and _texts(instead) != _texts(fact):
                yield from self._otherwise(fact, instead, Side.THERE, Why.CORRECTED)
            else:
                yield Contradiction(here=_told(fact), there=_told(instead), holds=Side.THERE, why=Why.CORRECTED)
        if not self._stood_here:
            for fact in self._stood_there:
                if fact.id not in self._kept:
                    yield Contradiction(here=None, there=_told(fact), holds=Side.HERE, why=Why.TAKEN_BACK)

    def _instead_of(self, gone: Fact) -> Fact | None:
        """Return what the other book recorded in the same moment as it took a fact back."""
        moments = {fact.entered_at for fact in self._facts if fact.voids == gone.id}
        return _first(
            fact
            for fact in self.new
            if fact.entered_at in moments and (fact.kind, fact.milestone) == (gone.kind, gone.milestone)
        )

    def _otherwise(self, fact: Fact, other: Fact, holds: Side, why: Why) -> Iterator[Contradiction]:
        """Yield the texts and the evidence in which a fact that stood here says otherwise than one that does not."""
        for (role, said), (_, against) in zip(_texts(fact), _texts(other), strict=True):
            # only what would be lost in silence: what holds may well say more
            if said != against and (said if holds is Side.THERE else against):
                here, there = (_told_text(one, role, text) for one, text in ((fact, said), (other, against)))
                yield Contradiction(here=here, there=there, holds=holds, why=why)

    def _between(self, fact: Fact, other: Fact | None, holds: Side, why: Why) -> Contradiction:
        """Return that a fact and another one of the other book do not say the same."""
        self._told |= {one.id for one in (fact, other) if one is not None}
        told, against = _told(fact), None if other is None else _told(other)
        here, there = (told, against) if self._side(fact) is Side.HERE else (against, told)
        return Contradiction(here=here, there=there, holds=holds, why=why)

    def _openings(self) -> Iterator[Contradiction]:
        opened = [fact for fact in self._standing if fact.kind is Kind.OPENED]
        for first, later in zip(opened[:1] * len(opened), opened[1:], strict=False):
            if self._side(first) is self._side(later):
                continue
            one_day = first.on == later.on
            pairs = ((first.value, later.value), (first.rep, later.rep))
            if any(one and other and one != other for one, other in pairs):
                holds = (self._side(later), Why.ENTERED_LATER) if one_day else (Side.BOTH, Why.LATER_DAY)
                yield self._between(later, first, *holds)
            titles = [fact.texts.get("title") for fact in (first, later)]
            if titles[1] and titles[0] and titles[0] != titles[1]:
                told = [Told(kind=Kind.RENAMED, on=fact.on, text=fact.texts["title"]) for fact in (first, later)]
                here, there = told if self._side(first) is Side.HERE else told[::-1]
                why = Why.ENTERED_EARLIER if one_day else Why.EARLIER_DAY
                yield Contradiction(here=here, there=there, holds=self._side(first), why=why)

    def _on_one_day(self, kind: Kind) -> Iterator[Contradiction]:
        # who recorded a second one that day in full knowledge of the first did so to change it
        alone = [fact for fact in self.mine if fact.kind is kind and fact.id not in self._known_there]
        for mine in alone:
            for other in self.new:
                if other.kind is kind and other.on == mine.on and _words(other) != _words(mine):
                    later = max(mine, other, key=lambda fact: fact.order)
                    yield self._between(mine, other, self._side(later), Why.ENTERED_LATER)

    def _misfits(self) -> Iterator[Contradiction]:
        known = {problem.fact.id for problem in self._before.problems}
        for problem in self._state.problems:
            fact, other = problem.fact, self._opponent(problem)
            # one that is back here without its opening is news here, though the other book knows it as such
            elsewhere = fact.id in self._elsewhere and problem.why is not Misfit.NOT_OPENED
            if fact.id in known or (other is None and elsewhere):
                continue
            if other is not None and _words(other) == _words(fact):
                mine, theirs = (fact, other) if self._side(fact) is Side.HERE else (other, fact)
                # which day to look again holds is not for these two alone to say: see `_revisits`
                mine, theirs = (replace(one, revisit=None) for one in (mine, theirs))
                yield from self._otherwise(mine, theirs, self._side(other), Why.ENTERED_EARLIER)
            elif _words(fact) not in {
                _words(one) for one in (self.new if self._side(fact) is Side.HERE else self.mine)
            }:
                yield self._misfit(problem, other)

    def _misfit(self, problem: Problem, other: Fact | None) -> Contradiction:
        fact, why = problem.fact, _WHY[problem.why]
        if problem.why is Misfit.NOT_OPENED:
            return self._between(fact, None, Side.BOTH, why)
        if problem.why is Misfit.ALREADY_REACHED and other is not None and other.on == fact.on:
            why = Why.ENTERED_EARLIER
        return self._between(fact, other, Side.NEITHER if other is None else self._side(other), why)

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

    def _revisits(self) -> Iterator[Contradiction]:
        """Yield the days to look again at what is lost that two of that day say otherwise."""
        lost_on, held = self._state.lost_on, self._state.revisit_on
        said = [one for one in self._standing if one.kind is Kind.LOST and one.on == lost_on and one.revisit]
        for first in [one for one in said if one.revisit == held][:1]:
            for fact in said:
                if fact.revisit != held and self._side(fact) is not self._side(first):
                    mine, theirs = (first, fact) if self._side(first) is Side.HERE else (fact, first)
                    here, there = (_told_text(one, REVISIT, iso(one.revisit or 0)) for one in (mine, theirs))
                    yield Contradiction(here=here, there=there, holds=self._side(first), why=Why.ENTERED_EARLIER)

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


EVIDENCE, REVISIT, BULK = "evidence", "revisit", "bulk"
_ROLES = ("text", "by", "ref", "reason")


def _texts(fact: Fact) -> tuple[tuple[str, str], ...]:
    """Return what a fact says beside its words, and how the customer showed it; empty where it says nothing."""
    shown = "" if fact.evidence is None else fact.evidence.value
    again = "" if fact.revisit is None else iso(fact.revisit)
    # whether the day is known is said either way
    day = (BULK, "true" if fact.bulk else "false")
    said = ((role, fact.texts.get(role, "")) for role in (*_ROLES, "title"))
    return ((EVIDENCE, shown), day, (REVISIT, again), *said)


def _told_text(fact: Fact, role: str, text: str) -> Told | None:
    return Told(kind=fact.kind, on=fact.on, milestone=fact.milestone, key=role, text=text) if text else None


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
