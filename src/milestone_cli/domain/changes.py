"""What each recording command decides: from the state and the words of a user to new facts, or a refusal.

Invariant: nothing is written here. A function returns the facts to append, in their order, or raises; every refusal
names what stands against it and the way on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.facts import Evidence, Fact, Kind, effective, told_by
from milestone_cli.domain.opportunity import Misfit, Opportunity, Problem, Status, replay
from milestone_cli.domain.process import Milestone, Process, ProcessHistory
from milestone_cli.errors import AlreadyRecorded, RuleBroken, UnknownName


@dataclass(frozen=True, slots=True)
class Case:
    """One opportunity as a command finds it: its facts, its process, and today."""

    key: str
    number: int
    customer: str
    facts: tuple[Fact, ...]
    """Every fact of it, voided ones and voids included, in the order of entry."""
    history: ProcessHistory
    today: Day

    def state(self) -> Opportunity:
        """Return where it stands now."""
        return replay(effective(self.facts), self.history)

    def owner_on(self, day: Day) -> int | None:
        """Return the number of the rep who owns it on `day`; None is nobody."""
        return replay(told_by(effective(self.facts), day), self.history).rep

    def value_on(self, day: Day) -> int | None:
        """Return the potential on `day` in minor units; None is unknown."""
        return replay(told_by(effective(self.facts), day), self.history).value


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the customer did, said or wrote, as given on the command line."""

    evidence: Evidence | None = None
    text: str = ""
    by: str = ""
    ref: str = ""

    def texts(self) -> dict[str, str]:
        """Return the texts that are there, by role."""
        roles = {"text": self.text, "by": self.by, "ref": self.ref}
        return {role: text for role, text in roles.items() if text}


NO_WORDS = Words()


def find_milestone(process: Process, name: str) -> tuple[int, Milestone]:
    """Return the milestone called `name` (a number or a key) and its number, or raise UnknownName."""
    if name.isascii() and name.isdigit():
        number = int(name[:9])  # more digits than any number of milestones has, and fewer than Python refuses
        if 1 <= number <= len(process.milestones):
            return number, process.milestone(number)
        raise UnknownName("milestone", name, (), f"{process.key} has milestones 1 to {len(process.milestones)}.")
    number_or_none = process.number_of(name.strip().lower())
    if number_or_none is None:
        raise UnknownName("milestone", name, process.keys, f"{process.key} has {', '.join(process.keys)}.")
    return number_or_none, process.milestone(number_or_none)


def not_in_the_future(day: Day, today: Day) -> None:
    """Raise RuleBroken if `day` lies after `today`."""
    if day > today:
        raise RuleBroken(
            f"{iso(day)} lies in the future (today is {iso(today)}).", "Record it on the day it has happened."
        )


def advance(
    case: Case, milestone: str, *, on: Day, words: Words = NO_WORDS, value: int | None = None
) -> tuple[Fact, ...]:
    """Return the fact that the customer reached `milestone` on day `on`.

    Raises:
        UnknownName: no such milestone in the version of that day.
        AlreadyRecorded: the same milestone is recorded with the same day.
        RuleBroken: won, lost, recorded with another day, in the future, before the previous milestone, no evidence.
    """
    not_in_the_future(on, case.today)
    process = case.history.at(on).process
    number, found = find_milestone(process, milestone)
    state = case.state()
    known = state.arrivals.get(found.key)
    if known is not None and not known.implied:
        _already_there(case, number, found, known.on, on)
    if known is None:
        _still_in_play(case, state, number, process, on)
    _between_neighbours(case, state, number, process, on)
    if process.evidence_required and not words.text:
        raise RuleBroken(
            f"The process {process.key} asks what the customer did, said or wrote.",
            "Add --did, --said or --wrote with the words.",
        )
    reached = Fact(
        kind=Kind.REACHED, on=on, opportunity=case.number, milestone=found.key, value=value,
        evidence=words.evidence, texts=words.texts(),
    )  # fmt: skip
    return _fitting(case, reached)


def _already_there(case: Case, number: int, milestone: Milestone, recorded: Day, on: Day) -> None:
    name = f"{case.key} reached milestone {number} ({milestone.name}) on {iso(recorded)}"
    if recorded == on:
        raise AlreadyRecorded(f"{name}: already recorded, nothing to do.")
    fact = next((f for f in effective(case.facts) if f.kind is Kind.REACHED and f.milestone == milestone.key), None)
    way = f"`ms amend {fact.number} --on {iso(on)}`" if fact is not None else "`ms amend`"
    raise RuleBroken(f"{name}, not on {iso(on)}.", f"If that day is wrong, correct it with {way}.")


def _still_in_play(case: Case, state: Opportunity, number: int, process: Process, on: Day) -> None:
    if state.status is Status.WON:
        raise RuleBroken(
            f"{case.key} is won since {iso(state.won_on or 0)}.",
            f"A new deal with {case.customer} is a new opportunity: `ms add`.",
        )
    if state.lost_on is not None and on >= state.lost_on:
        raise RuleBroken(
            f"{case.key} is lost since {iso(state.lost_on or 0)}.",
            f"If the customer came back, say `ms reopen {case.key}` first.",
        )
    if state.standing is not None and number <= case.history.place(state.standing.milestone, case.today):
        place = case.history.place(state.standing.milestone, case.today)
        raise RuleBroken(
            f"{case.key} was taken over at milestone {place} on {iso(state.standing.on)}; "
            "what came before is not counted.",
            f"Record milestone {place + 1} or a later one." if place < len(process.milestones) else "",
        )


def _between_neighbours(case: Case, state: Opportunity, number: int, process: Process, on: Day) -> None:
    for other, milestone in enumerate(process.milestones, start=1):
        arrival = state.arrivals.get(milestone.key)
        if arrival is None or other == number:
            continue
        if other < number and arrival.on > on and not arrival.implied:
            raise RuleBroken(
                f"{iso(on)} lies before {case.key} reached milestone {other} ({milestone.name}) on {iso(arrival.on)}.",
                "Check the day, or correct the earlier one with `ms amend`.",
            )
        if other > number and arrival.on < on:
            raise RuleBroken(
                f"{iso(on)} lies after {case.key} reached milestone {other} ({milestone.name}) on {iso(arrival.on)}.",
                "Check the day, or correct the later one with `ms amend`.",
            )
    if state.standing is not None and on < state.standing.on:
        raise RuleBroken(
            f"{iso(on)} lies before {case.key} was taken over on {iso(state.standing.on)}.",
            "What happened before the takeover is in the opening balance.",
        )


def take_over(case: Case, milestone: str, *, on: Day, since: Day | None, value: int | None = None) -> tuple[Fact, ...]:
    """Return the fact that the opportunity stood at `milestone` since before the book began.

    Raises:
        RuleBroken: it has arrived somewhere or is taken over already, or a day is in the future or out of order.
    """
    not_in_the_future(on, case.today)
    process = case.history.at(on).process
    _, found = find_milestone(process, milestone)
    if found == process.last:
        raise RuleBroken(
            f"Milestone {len(process.milestones)} ({found.name}) is the last one: nothing would be left to win.",
            "What was won before the book began stays out of it.",
        )
    if since is not None and since > on:
        raise RuleBroken(f"--since {iso(since)} lies after the takeover on {iso(on)}.", "Give an earlier day.")
    state = case.state()
    if state.standing is not None:
        standing = state.standing
        if (standing.milestone, standing.on, standing.since) == (found.key, on, on if since is None else since):
            raise AlreadyRecorded(f"{case.key} stands at {found.name} since {iso(standing.since)}: already recorded.")
        raise RuleBroken(
            f"{case.key} was taken over at {standing.milestone} on {iso(standing.on)} already.",
            "Undo that first, or record what the customer did since with `ms advance`.",
        )
    if state.arrivals or state.status in (Status.WON, Status.LOST):
        raise RuleBroken(
            f"{case.key} has moved in this book already; a takeover is for what stood before it began.",
            "Record what the customer did with `ms advance`.",
        )
    return _fitting(
        case,
        Fact(kind=Kind.STANDING, on=on, opportunity=case.number, milestone=found.key, since=since or on, value=value),
    )


def revalue(case: Case, value: int, *, on: Day) -> tuple[Fact, ...]:
    """Return the fact that the potential is `value` (minor units, above 0) from `on` on."""
    not_in_the_future(on, case.today)
    for fact in effective(case.facts):
        if fact.kind is Kind.REVALUED and fact.on == on and fact.value == value:
            raise AlreadyRecorded(f"{case.key} has that value from {iso(on)} on: already recorded.")
    return (Fact(kind=Kind.REVALUED, on=on, opportunity=case.number, value=value),)


def assign(case: Case, rep: int, *, on: Day) -> tuple[Fact, ...]:
    """Return the fact that the rep with number `rep` owns the opportunity from `on` on."""
    not_in_the_future(on, case.today)
    if case.owner_on(on) == rep:
        raise AlreadyRecorded(f"{case.key} belongs to that rep on {iso(on)} already.")
    return (Fact(kind=Kind.ASSIGNED, on=on, opportunity=case.number, rep=rep),)


def lose(case: Case, *, on: Day, reason: str = "", revisit: Day | None = None) -> tuple[Fact, ...]:
    """Return the fact that the opportunity is lost since `on`."""
    not_in_the_future(on, case.today)
    state = case.state()
    if state.status is Status.LOST:
        if state.lost_on == on:
            raise AlreadyRecorded(f"{case.key} is lost since {iso(on)}: already recorded.")
        raise RuleBroken(f"{case.key} is lost since {iso(state.lost_on or 0)}.", "Correct the day with `ms amend`.")
    if state.status is Status.WON:
        raise RuleBroken(f"{case.key} is won since {iso(state.won_on or 0)}.", "What a customer did stays done.")
    if state.milestone is not None and state.waiting_since is not None and on < state.waiting_since:
        raise RuleBroken(
            f"{iso(on)} lies before {case.key} reached {state.milestone} on {iso(state.waiting_since)}.",
            "Give the day on which it was lost.",
        )
    if revisit is not None and revisit <= on:
        raise RuleBroken(f"--revisit {iso(revisit)} does not lie after {iso(on)}.", "Give a later day.")
    texts = {"reason": reason} if reason else {}
    return _fitting(case, Fact(kind=Kind.LOST, on=on, opportunity=case.number, revisit=revisit, texts=texts))


def reopen(case: Case, *, on: Day) -> tuple[Fact, ...]:
    """Return the fact that a lost opportunity is open again since `on`; its clock runs on."""
    not_in_the_future(on, case.today)
    state = case.state()
    if state.lost_on is None:
        raise RuleBroken(f"{case.key} is not lost.", "Only a lost opportunity can be reopened.")
    if on < state.lost_on:
        raise RuleBroken(f"{iso(on)} lies before {case.key} was lost on {iso(state.lost_on)}.", "Give a later day.")
    return _fitting(case, Fact(kind=Kind.REOPENED, on=on, opportunity=case.number))


def void(fact: Fact, *, today: Day) -> Fact:
    """Return the fact that takes `fact` back."""
    return Fact(kind=Kind.VOIDED, on=today, opportunity=fact.opportunity, voids=fact.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What `amend` changes of a fact; None leaves it as it was."""

    on: Day | None = None
    value: int | None = None
    since: Day | None = None
    revisit: Day | None = None
    rep: int | None = None
    milestone: str | None = None
    evidence: Evidence | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


def amend(case: Case, fact: Fact, change: Amendment) -> tuple[Fact, ...]:
    """Return the void of `fact` and its corrected copy.

    Raises:
        RuleBroken: it is voided already, nothing changes, or the rest would no longer fit.
    """
    if fact not in effective(case.facts):
        raise RuleBroken(f"Fact {fact.number} is voided already.", "`ms show` lists the facts that stand.")
    corrected = replace(
        fact,
        on=fact.on if change.on is None else change.on,
        value=fact.value if change.value is None else change.value,
        since=fact.since if change.since is None else change.since,
        revisit=fact.revisit if change.revisit is None else change.revisit,
        rep=fact.rep if change.rep is None else change.rep,
        milestone=fact.milestone if change.milestone is None else change.milestone,
        evidence=fact.evidence if change.evidence is None else change.evidence,
        # who says the day knows it, even where it is that of the edit
        bulk=fact.bulk and change.on is None,
        texts={**fact.texts, **change.texts},
    )
    if corrected == fact:
        raise AlreadyRecorded(f"Fact {fact.number} says that already: nothing to do.")
    not_in_the_future(corrected.on, case.today)
    if corrected.since is not None and corrected.since > corrected.on:
        raise RuleBroken(f"--since {iso(corrected.since)} lies after {iso(corrected.on)}.", "Give an earlier day.")
    if corrected.revisit is not None and corrected.revisit <= corrected.on:
        raise RuleBroken(
            f"--revisit {iso(corrected.revisit)} does not lie after {iso(corrected.on)}.", "Give a later day."
        )
    corrected = replace(corrected, id="", number=0, entered_at=0, position=0, recorded_at=None, known_on=0)
    facts = (void(fact, today=case.today), corrected)
    still_fits(case, facts)
    return facts


def still_fits(case: Case, new: Sequence[Fact], *, rests_after: int = 0) -> None:
    """Raise RuleBroken if a fact that fitted before no longer does once `new` is appended, and name it.

    Args:
        case: the opportunity.
        new: what would be appended.
        rests_after: only facts of higher numbers count: the others cannot rest on what is taken back.
    """
    misfits = [problem for problem in new_problems(case, new) if problem.fact.number > rests_after]
    if not misfits:
        return
    found, why = misfits[0].fact, _REASONS[misfits[0].why]
    if found.number > max((fact.number for fact in case.facts), default=0):
        raise RuleBroken(
            f"{case.key}: {found.kind.value} on {iso(found.on)} does not fit there ({why}).",
            f"Check the day; `ms show {case.key}` lists its facts.",
        )
    raise RuleBroken(f"{case.key}: that does not fit {_named(found)} ({why}).", "Correct or undo that one first.")


def _fitting(case: Case, fact: Fact) -> tuple[Fact, ...]:
    still_fits(case, (fact,))
    return (fact,)


_REASONS = {
    Misfit.NOT_OPENED: "it needs the opening of the opportunity",
    Misfit.UNKNOWN_MILESTONE: "its milestone would not exist",
    Misfit.ALREADY_REACHED: "the milestone is recorded already",
    Misfit.BEFORE_TAKEOVER: "it lies before the takeover",
    Misfit.TAKEOVER_TOO_LATE: "a takeover must come first",
    Misfit.NOT_LOST: "there would be no loss to reopen",
    Misfit.ALREADY_LOST: "it would be lost twice",
    Misfit.ALREADY_WON: "the opportunity would be won before it",
    Misfit.OUT_OF_ORDER: "a later milestone was reached before it",
    Misfit.AFTER_LOSS: "the opportunity is lost by then",
}


def _named(fact: Fact) -> str:
    what = f"{fact.kind.value} {fact.milestone}" if fact.milestone else fact.kind.value
    number = f"fact {fact.number}, " if fact.number else ""
    return f"{number}{what} on {iso(fact.on)}"


def new_problems(case: Case, new: Sequence[Fact]) -> list[Problem]:
    """Return the facts that do not fit with `new` appended, but did before."""
    highest = max((fact.number for fact in case.facts), default=0)
    latest = max((fact.entered_at for fact in case.facts), default=0) + 1
    drafts = [
        replace(fact, number=highest + 1 + place, id=fact.id or f"new-{place}", entered_at=latest, position=place)
        for place, fact in enumerate(new)
    ]
    standing = effective((*case.facts, *drafts))
    before, after = case.state(), replay(standing, case.history)
    known = {problem.fact.id for problem in before.problems}
    problems = [problem for problem in after.problems if problem.fact.id not in known]
    for why, flag in _FLAGS.items():
        if flag(after) and not flag(before):
            problems.append(Problem(why, _first_that(flag, standing, case.history)))
    return problems


_FLAGS: Mapping[Misfit, Callable[[Opportunity], bool]] = {
    Misfit.OUT_OF_ORDER: lambda state: state.out_of_order,
    Misfit.AFTER_LOSS: lambda state: state.reopened,
}
"""What an import takes and reports, but no command does."""


def _first_that(flag: Callable[[Opportunity], bool], facts: Sequence[Fact], history: ProcessHistory) -> Fact:
    """Return the fact after which `flag` holds."""
    return next(fact for place, fact in enumerate(facts, start=1) if flag(replay(facts[:place], history)))
