"""An opportunity as its facts make it: where it stands, since when, and which milestones it has arrived at.

Invariant: `replay` is total. Whatever the facts say it returns a state; what does not fit is named in `problems` and
moves nothing (the value and the rep it names hold from there on, and so does the day to look again of a second loss of
one day where the first has none). The projections of the file are this function's result and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.domain.process import Process, ProcessHistory
from milestone_cli.domain.record import record


class Status(StrEnum):
    """Where an opportunity is in its life."""

    TARGET = "target"
    """A target customer: before milestone 1."""
    OPEN = "open"
    WON = "won"
    LOST = "lost"
    DEAD = "dead"
    """Open, but set aside by the dead horses' rule."""


class Misfit(StrEnum):
    """Why a fact has no effect."""

    NOT_OPENED = "not_opened"
    UNKNOWN_MILESTONE = "unknown_milestone"
    ALREADY_REACHED = "already_reached"
    BEFORE_TAKEOVER = "before_takeover"
    TAKEOVER_TOO_LATE = "takeover_too_late"
    NOT_LOST = "not_lost"
    ALREADY_LOST = "already_lost"
    ALREADY_WON = "already_won"
    OUT_OF_ORDER = "out_of_order"
    """Decided from the whole history, never by `replay`: a milestone would come after a later one."""
    AFTER_LOSS = "after_loss"
    """Decided from the whole history, never by `replay`: a milestone would silently undo a loss."""


@record
class Problem:
    """A fact that does not fit the ones before it."""

    why: Misfit
    fact: Fact


@record
class Arrival:
    """An opportunity reaching a milestone for the first time."""

    milestone: str
    on: Day
    implied: bool
    """Said only by a later milestone."""
    value: int | None
    """The potential it arrived with, in minor units; None is unknown."""
    rep: int | None
    known_on: Day | None = None
    """The day from which it was known; None is its own day."""
    bulk: bool = False
    """The day is that of an edit of many at once: when the customer did it is not known."""


@record
class Standing:
    """An opening balance: taken over at a milestone it had reached before the book began."""

    milestone: str
    on: Day
    """The day it was taken over."""
    since: Day
    """It has stood there since this day."""
    value: int | None = None
    """The potential it was taken over with, in minor units; None is unknown."""


@record
class Tenure:
    """A rep owning the opportunity while it was open."""

    rep: int
    begins: Day
    ends: Day | None
    """The first day it was no longer so; None while it lasts."""


@record
class Loss:
    """A span in which the opportunity was lost."""

    on: Day
    known_on: Day
    """The day from which that was known."""
    over_on: Day | None = None
    """The day it was open again; None while it is lost."""
    over_known_on: Day | None = None


@dataclass(slots=True)
class Opportunity:
    """The state that the facts of one opportunity amount to."""

    opened_on: Day | None = None
    title: str = ""
    value: int | None = None
    """The potential now, in minor units; None is unknown."""
    rep: int | None = None
    milestone: str | None = None
    """The key of the milestone it stands at; None for a target customer."""
    waiting_since: Day | None = None
    """The day from which its clock runs: the last arrival, or `since` of a takeover."""
    won_on: Day | None = None
    lost_on: Day | None = None
    reason: str = ""
    revisit_on: Day | None = None
    standing: Standing | None = None
    out_of_order: bool = False
    """A milestone was recorded with a day after a later one's, and was pulled down to it."""
    reopened: bool = False
    """A milestone after a loss opened it again without a `reopened` fact."""
    arrivals: dict[str, Arrival] = field(default_factory=dict)
    """By milestone key, in the order in which they came about."""
    tenures: list[Tenure] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def status(self) -> Status:
        """The status by facts alone; `dead` needs the thresholds of the month."""
        if self.won_on is not None:
            return Status.WON
        if self.lost_on is not None:
            return Status.LOST
        return Status.TARGET if self.milestone is None else Status.OPEN


def replay(facts: Iterable[Fact], history: ProcessHistory) -> Opportunity:
    """Return the state after `facts`, which stand and are in order (see `facts.effective`)."""
    state = Opportunity()
    for fact in facts:
        if state.opened_on is None and fact.kind not in _OPENS_NOTHING:
            state.problems.append(Problem(Misfit.NOT_OPENED, fact))
            state.opened_on = fact.on
        _apply(state, fact, history)
        _follow_tenure(state, fact.on)
    return state


_OPENS_NOTHING = frozenset({Kind.OPENED, Kind.RENAMED})
"""Facts that are no sign of an opportunity whose opening is missing: one that is the opening, and a mere name."""


def _follow_tenure(state: Opportunity, day: Day) -> None:
    running = state.tenures[-1] if state.tenures and state.tenures[-1].ends is None else None
    is_open = state.milestone is not None and state.won_on is None and state.lost_on is None
    owner = state.rep if is_open else None
    if owner == (running.rep if running else None):
        return
    if running is not None:
        state.tenures.pop()
        if running.begins < day:
            state.tenures.append(Tenure(running.rep, running.begins, day))
    if owner is not None:
        state.tenures.append(Tenure(owner, day, None))


def _apply(state: Opportunity, fact: Fact, history: ProcessHistory) -> None:
    if fact.value:
        state.value = fact.value
    if fact.rep is not None:
        state.rep = fact.rep
    match fact.kind:
        case Kind.REACHED:
            _reach(state, fact, history)
        case Kind.OPENED if state.opened_on is None:
            state.opened_on = fact.on
            state.title = fact.texts.get("title", "")
        case Kind.OPENED:  # another book opened it too: value and rep hold from that day on
            state.title = state.title or fact.texts.get("title", "")
        case Kind.LOST:
            _lose(state, fact)
        case Kind.REOPENED:
            _reopen(state, fact)
        case Kind.STANDING:
            _take_over(state, fact, history)
        case Kind.RENAMED:
            state.title = fact.texts.get("title", state.title)
        case _:  # revalued and assigned say no more than value and rep
            pass


def _reach(state: Opportunity, fact: Fact, history: ProcessHistory) -> None:
    key = fact.milestone or ""
    version = _version_with(key, fact.on, history)
    if version is None:
        state.problems.append(Problem(Misfit.UNKNOWN_MILESTONE, fact))
        return
    process, number = version
    earlier = state.arrivals.get(key)
    if earlier is not None:
        _confirm(state, fact, earlier)
        return
    if state.standing is not None and number <= history.place(state.standing.milestone, fact.on):
        state.problems.append(Problem(Misfit.BEFORE_TAKEOVER, fact))
        return
    here = history.place(state.milestone, fact.on)
    if state.won_on is not None and number > here:
        state.problems.append(Problem(Misfit.ALREADY_WON, fact))
        return
    for passed in process.keys[here : number - 1] if number - 1 > here else ():
        if passed not in state.arrivals:
            state.arrivals[passed] = _arrival(passed, fact, state, implied=True)
    state.arrivals[key] = _arrival(key, fact, state, implied=False)
    if number > here:
        state.milestone, state.waiting_since = key, fact.on
        if state.lost_on is not None:
            state.reopened = True
            _no_longer_lost(state, fact)
    if number == len(process.milestones):
        state.won_on = fact.on


def _arrival(key: str, fact: Fact, state: Opportunity, *, implied: bool) -> Arrival:
    known = fact.known_on if fact.known_on > fact.on else None
    return Arrival(key, fact.on, implied=implied, value=state.value, rep=state.rep, known_on=known, bulk=fact.bulk)


def _version_with(key: str, day: Day, history: ProcessHistory) -> tuple[Process, int] | None:
    """Return the version of `day` and the key's number in it, else the newest version that has the key."""
    if history.definitions:
        process = history.at(day).process
        number = process.number_of(key)
        if number is not None:
            return process, number
    for definition in reversed(history.definitions):
        number = definition.process.number_of(key)
        if number is not None:
            return definition.process, number
    return None


def _confirm(state: Opportunity, fact: Fact, earlier: Arrival) -> None:
    """A fact about a milestone already arrived at: an implied one becomes real, a real one keeps its first day."""
    if not earlier.implied:
        state.problems.append(Problem(Misfit.ALREADY_REACHED, fact))
        return
    if fact.on > earlier.on:
        state.out_of_order = True
    value = fact.value or earlier.value
    rep = earlier.rep if fact.rep is None else fact.rep
    known = fact.known_on if fact.known_on > earlier.on else None
    # the day stays that of the fact that implied it, unless both have the same
    bulk = fact.bulk or (earlier.bulk and fact.on > earlier.on)
    state.arrivals[earlier.milestone] = replace(earlier, implied=False, value=value, rep=rep, known_on=known, bulk=bulk)


def _lose(state: Opportunity, fact: Fact) -> None:
    if state.won_on is not None:
        state.problems.append(Problem(Misfit.ALREADY_WON, fact))
        return
    if state.lost_on is not None:
        state.problems.append(Problem(Misfit.ALREADY_LOST, fact))
        if fact.on == state.lost_on and state.revisit_on is None:  # of two books one says when to look again
            state.revisit_on = fact.revisit
        return
    state.lost_on, state.revisit_on = fact.on, fact.revisit
    state.losses.append(Loss(fact.on, max(fact.on, fact.known_on)))
    state.reason = fact.texts.get("reason", "")


def _reopen(state: Opportunity, fact: Fact) -> None:
    if state.lost_on is None:
        state.problems.append(Problem(Misfit.NOT_LOST, fact))
        return
    _no_longer_lost(state, fact)


def _no_longer_lost(state: Opportunity, fact: Fact) -> None:
    state.lost_on, state.reason, state.revisit_on = None, "", None
    state.losses[-1] = replace(state.losses[-1], over_on=fact.on, over_known_on=max(fact.on, fact.known_on))


def _take_over(state: Opportunity, fact: Fact, history: ProcessHistory) -> None:
    key = fact.milestone or ""
    if _version_with(key, fact.on, history) is None:
        state.problems.append(Problem(Misfit.UNKNOWN_MILESTONE, fact))
        return
    if state.arrivals or state.standing is not None or state.lost_on is not None:
        state.problems.append(Problem(Misfit.TAKEOVER_TOO_LATE, fact))
        return
    since = fact.on if fact.since is None else min(fact.since, fact.on)
    state.standing = Standing(key, fact.on, since, state.value)
    state.milestone, state.waiting_since = key, since
