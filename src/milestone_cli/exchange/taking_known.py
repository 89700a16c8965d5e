"""Opportunities that are in the book: only what is new is added, and what contradicts is told.

Invariant: what stands in the book stays as it is.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from milestone_cli.domain.facts import Fact, Kind, as_known, effective, in_order
from milestone_cli.domain.opportunity import replay
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.exchange.course import STEP, Course, Draft
from milestone_cli.exchange.gathered import GatheredOpportunity
from milestone_cli.exchange.same_facts import difference, identity, named, reason
from milestone_cli.store import bulk

_MOVES = frozenset({Kind.REACHED, Kind.LOST, Kind.REOPENED})


class KnownOpportunities:
    """Adds to what the book knows."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._taken = course.taken
        self._standing: set[str] = set()
        """The ids of the facts that stand of the opportunity at hand."""

    def take(self) -> None:
        """Append what is new."""
        course = self._course
        waiting = course.gathering.opportunities
        by_number = {course.known[folded].number: gathered for folded, gathered in waiting.items()}
        for done, found in enumerate(bulk.recorded(course.connection, sorted(by_number)), start=1):
            self._add_to(found, by_number[found.number])
            if not done % STEP:
                course.progress(STEP)
        waiting.clear()

    def _add_to(self, found: bulk.Recorded, gathered: GatheredOpportunity) -> None:
        if self._course.forgotten.is_only_called_alike(found.number, gathered):
            why = "that is the number of a forgotten opportunity here; give it another key"
            self._course.leave_out(gathered.lines[0], gathered.key, why)
            return
        self._standing = {fact.id for fact in effective(found.facts)}
        drafts = self._new_ones(found, gathered)
        if drafts:
            self._append(found, gathered, drafts)
        if self._course.gathering.system:
            self._tell_gone(found, gathered)

    def _new_ones(self, found: bulk.Recorded, gathered: GatheredOpportunity) -> list[Draft]:
        """Return the lines whose facts are not there; count and compare the others."""
        present = self._present(found)
        drafts = []
        for line in gathered.lines:
            fact = self._course.fact(line, gathered, found.number)
            external = fact.texts.get("external")
            if self._course.is_elsewhere(line, external, found.number, gathered.key):
                continue
            same = (present.get((external,)) if external else None) or present.get(self._identity(fact, present))
            if same:
                self._already(Draft(line, fact), gathered, found, same)
                continue
            drafts.append(Draft(line, fact))
            present.setdefault(identity(fact), []).append(fact)
            if external:
                present.setdefault((external,), []).append(fact)
        return drafts

    def _identity(self, fact: Fact, present: Container[tuple[object, ...]]) -> tuple[object, ...]:
        """Return the identity of a line; an owner who is not there may be one of that day who was forgotten."""
        if fact.kind is Kind.ASSIGNED and fact.rep is not None and fact.rep < 0:
            others = (identity(replace(fact, rep=rep)) for rep in self._course.forgotten.reps)
            return next((other for other in others if other in present), identity(fact))
        return identity(fact)

    def _present(self, found: bulk.Recorded) -> dict[tuple[object, ...], list[Fact]]:
        """Return the facts that are there, voided ones too, by everything a line can name them by."""
        present: dict[tuple[object, ...], list[Fact]] = {}
        for fact in found.facts:
            if fact.id not in self._course.undone and fact.kind is not Kind.VOIDED:
                for name in (identity(fact), (fact.id,), (fact.texts.get("external"),)):
                    present.setdefault(name, []).append(fact)
        return present

    def _already(self, draft: Draft, gathered: GatheredOpportunity, found: bulk.Recorded, same: Sequence[Fact]) -> None:
        """Count a line whose fact is there; report what it says otherwise than every form the fact has had."""
        self._taken.present += 1
        stands = [one for one in same if one.id in self._standing or not one.id]
        changed = [difference(draft.fact, other, self._course.forgotten.reps) for other in (*stands, *same)]
        if not stands or not all(changed):
            return
        what = f"{changed[0]}; what is there stays"
        if self._course.gathering.system:
            history = self._course.histories[gathered.process]
            if draft.fact.kind is Kind.STANDING or self._is_so_now(draft.fact, found, history):
                return
            what = f"{named(stands[0], history)}: {what}"
        self._course.leave_out(draft.line, gathered.key, what)

    def _append(self, found: bulk.Recorded, gathered: GatheredOpportunity, drafts: Sequence[Draft]) -> None:
        """Append the lines that fit what stands, one after the other in the order of their days."""
        history = self._course.histories[gathered.process]
        now = self._course.ledger.book.clock.now
        before = as_known(found.facts)
        state = replay(before, history)
        accepted: list[Draft] = []
        for place, draft in enumerate(by_day(drafts)):
            draft.fact = replace(draft.fact, entered_at=now, position=place, id=f"new-{place}")
            tried = replay(in_order([*before, *(other.fact for other in accepted), draft.fact]), history)
            known = {id(problem.fact) for problem in state.problems}
            new = [problem for problem in tried.problems if id(problem.fact) not in known]
            if new:
                self._course.leave_out(draft.line, gathered.key, reason(new[0].why, draft.fact, history))
                continue
            accepted.append(draft)
            state = tried
        if accepted:
            accepted.sort(key=lambda draft: draft.fact.position)
            facts = [self._course.recordable(draft) for draft in accepted]
            self._course.ledger.record(facts)
            self._taken.facts += len(accepted)
            old = replay(before, history)
            self._course.count(
                gathered, facts, accepted, state, history, out_of_order=old.out_of_order, reopened=old.reopened
            )

    def _is_so_now(self, fact: Fact, found: bulk.Recorded, history: ProcessHistory) -> bool:
        """Tell whether a system that keeps no history says of the opening what has come of it in the book."""
        if fact.kind is not Kind.OPENED:
            return False
        state = replay(as_known(found.facts), history)
        value_is_so = fact.value is None or fact.value == state.value
        return value_is_so and (fact.rep is None or fact.rep == state.rep) and fact.on == state.opened_on

    def _tell_gone(self, found: bulk.Recorded, gathered: GatheredOpportunity) -> None:
        """Report what came from the system and is no longer in its files, as far as these speak of such things."""
        said = {gathered.id_of(line) for line in gathered.lines}
        kinds = {line.kind for line in gathered.lines} - _MOVES
        spoken_of = kinds | _MOVES if gathered.is_whole else kinds
        for fact in found.facts:
            external = fact.texts.get("external", "")
            is_theirs = external.startswith(gathered.external) and external not in said
            if is_theirs and fact.id in self._standing and fact.kind in spoken_of:
                self._taken.gone.add(0, gathered.key, named(fact, self._course.histories[gathered.process]))


def tell_missing(course: Course) -> None:
    """Report the opportunities that came from the system and are not among those of its files any more."""
    if not course.owners or not course.gathering.system:
        return
    left = {number for number in course.owners.values() if number is not None}
    for folded, known in course.known.items():
        if known.number in left and folded not in course.gathering.opportunities:
            course.taken.missing.add(0, known.key, "")


def by_day(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the lines by day, those of one day in the order of the file."""
    return sorted(drafts, key=lambda draft: draft.fact.on)
