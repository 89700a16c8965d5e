"""Opportunities that are not in the book yet: all of their lines at once.

Invariant: what is recorded of an opportunity has an effect; a line that has none is reported and left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.domain.opportunity import Problem, replay
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.exchange.course import STEP, Course, Draft
from milestone_cli.exchange.gathered import GatheredOpportunity, Line
from milestone_cli.exchange.same_facts import difference, identity, reason
from milestone_cli.store.bulk import BulkLedger

_NEW = 0
"""The number of no opportunity."""


class NewOpportunities:
    """Takes in what the book does not know."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._taken = course.taken

    def take(self) -> None:
        """Append them; they are taken out of the gathering on the way, so that memory is freed."""
        course = self._course
        waiting = course.gathering.opportunities
        named: set[int | None] = set()
        for folded, item in waiting.items():
            if folded not in course.known:
                named.update(map(_rep, item.lines))
        for place in sorted(place for place in named if place is not None):
            course.rep_number(place)
        done = 0
        with BulkLedger(course.ledger) as writer:
            for folded in list(waiting):
                if folded not in course.known:
                    self._open(writer, waiting.pop(folded))
                    done += 1
                    if not done % STEP:
                        course.progress(STEP)

    def _open(self, writer: BulkLedger, gathered: GatheredOpportunity) -> None:
        drafts = self._without_repeats(gathered)
        if not drafts:
            return
        opening = self._opening(gathered, [draft.fact for draft in drafts])
        lines = len(drafts)
        drafts = [draft for draft in drafts if draft.fact.kind is not Kind.OPENED]
        said = lines - len(drafts)
        history = self._course.histories[gathered.process]
        state = replay([opening, *in_order(drafts)], history)
        if state.problems:
            drafts = self._fitting(gathered.key, drafts, state.problems, history)
            state = replay([opening, *in_order(drafts)], history)
        facts = [opening, *[draft.fact for draft in drafts]]
        writer.open(gathered.key, gathered.customer or gathered.key, gathered.process, facts, state)
        self._taken.opportunities += 1
        self._taken.facts += len(drafts) + said
        self._course.count(gathered, facts, drafts, state, history)

    def _without_repeats(self, gathered: GatheredOpportunity) -> list[Draft]:
        """Return the lines as facts, each one once; what other opportunities have already is left out."""
        if not self._course.gathering.external and _are_all_different(gathered.lines):
            return [Draft(line, self._course.fact(line, gathered)) for line in gathered.lines]
        drafts = []
        seen: dict[tuple[object, ...], list[Fact]] = {}
        for line in gathered.lines:
            fact = self._course.fact(line, gathered)
            external = fact.texts.get("external")
            if self._course.is_elsewhere(line, external, _NEW, gathered.key):
                continue
            same = seen.setdefault(identity(fact), [])
            linked = seen.setdefault((external,), []) if external else []
            if same or linked:
                self._again(line, gathered.key, fact, linked or same)
            else:
                drafts.append(Draft(line, fact))
            same.append(fact)
            linked.append(fact)
        return drafts

    def _opening(self, gathered: GatheredOpportunity, facts: Sequence[Fact]) -> Fact:
        """Return the opening: what the line of milestone 0 says, else only the earliest day."""
        texts = {"title": gathered.title} if gathered.title else {}
        for fact in facts:
            if fact.kind is Kind.OPENED:
                return replace(fact, texts={**fact.texts, **texts}) if texts else fact
        day, known = min([fact.on for fact in facts]), min([fact.known_on for fact in facts])
        return Fact(kind=Kind.OPENED, on=day, known_on=known, texts=texts)

    def _fitting(
        self, key: str, drafts: Sequence[Draft], problems: Sequence[Problem], history: ProcessHistory
    ) -> list[Draft]:
        """Return the lines that have an effect; report the others."""
        reasons = {id(problem.fact): problem.why for problem in problems}
        for draft in drafts:
            if why := reasons.get(id(draft.fact)):
                self._course.leave_out(draft.line, key, reason(why, draft.fact, history))
        return [draft for draft in drafts if id(draft.fact) not in reasons]

    def _again(self, line: Line, key: str, fact: Fact, same: Sequence[Fact]) -> None:
        """Count a line that says what an earlier one said; report it where it says something else of it."""
        self._taken.present += 1
        changed = [difference(fact, other) for other in same]
        if all(changed):
            self._course.leave_out(line, key, f"{changed[0]}; what is there stays")


def in_order(drafts: Sequence[Draft]) -> list[Fact]:
    """Return the facts by day, those of one day in the order of the file."""
    facts = [draft.fact for draft in drafts]
    facts.sort(key=_day)
    return facts


_day = attrgetter("on")
_rep = attrgetter("rep")
_what = attrgetter("kind", "milestone", "on")


def _are_all_different(lines: Sequence[Line]) -> bool:
    """Return whether no two lines can be the same fact; where they can be, `identity` decides."""
    return len(set(map(_what, lines))) == len(lines) and [line.kind for line in lines].count(Kind.OPENED) < 2
