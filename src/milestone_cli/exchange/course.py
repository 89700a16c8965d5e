"""An import at work: the lines as facts, who the reps are, and what is counted and told.

Invariant: a rep who is not there yet has a number below 0 until a fact naming them is really recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.domain.opportunity import Opportunity
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.domain.text import fold
from milestone_cli.exchange.gathered import GatheredOpportunity, Gathering, Line
from milestone_cli.exchange.recognized import Recognized
from milestone_cli.exchange.same_facts import late
from milestone_cli.exchange.taken import Taken
from milestone_cli.store import bulk
from milestone_cli.store.bulk import Known
from milestone_cli.store.recording import Ledger

STEP = 500
"""Progress is told of so many opportunities at a time."""


@dataclass(slots=True)
class Draft:
    """A line as the fact it would be."""

    line: Line
    fact: Fact


class Course:
    """What all parts of an import share."""

    def __init__(
        self, ledger: Ledger, gathering: Gathering, known: Mapping[str, Known], progress: Callable[[int], None],
        forgotten: Recognized,
    ) -> None:  # fmt: skip
        """Look into the book for what the lines will be compared with.

        Args:
            ledger: the command at work.
            gathering: what the file says.
            known: the opportunities of the book by folded key.
            progress: is told how many opportunities more are done.
            forgotten: opportunities and reps of the book whose names are gone.
        """
        self.ledger = ledger
        self.connection = ledger.book.connection
        self.histories = ledger.book.setup.processes
        self.gathering = gathering
        self.known = known
        self.progress = progress
        self.forgotten = forgotten
        self.taken = Taken()
        asks = bool(known or gathering.external or gathering.system)
        self.undone = bulk.undone_imports(self.connection) if asks else set()
        self.owners = self._owners()
        there = {fold(rep.key): rep.number for rep in ledger.book.setup.reps.values()}
        self._reps = [there.get(fold(rep.key), -place) for place, rep in enumerate(gathering.reps, start=1)]

    def _owners(self) -> Mapping[str, int | None]:
        """Return the number of the opportunity by the ids that its facts have in another system."""
        if self.gathering.system:
            return self.gathering.owners
        found = bulk.external_owners(self.connection, list(self.gathering.external))
        return {external: number for external, (fact, number) in found.items() if fact not in self.undone}

    def rep_number(self, place: int) -> int:
        """Return the number of a rep whom a fact about to be recorded names; who is not there yet is added."""
        if self._reps[place] < 0:
            named = self.gathering.reps[place]
            self._reps[place] = self.ledger.add_rep(named.key, named.key, on=named.first, began=named.first).number
            self.taken.reps.append(named.key)
        return self._reps[place]

    def recordable(self, draft: Draft) -> Fact:
        """Return a draft as it is handed to the journal."""
        rep = None if draft.line.rep is None else self.rep_number(draft.line.rep)
        return replace(draft.fact, id="", entered_at=0, position=0, rep=rep)

    def fact(self, line: Line, gathered: GatheredOpportunity, opportunity: int = 0) -> Fact:
        """Return the fact that a line of an opportunity would be."""
        more = line.more
        rep = None if line.rep is None else self._reps[line.rep]
        if more is None:
            texts = {"external": gathered.id_of(line)} if gathered.external else {}
            return Fact(
                kind=line.kind, on=line.on, known_on=line.on, opportunity=opportunity, milestone=line.milestone,
                value=line.value, rep=rep, texts=texts,
            )  # fmt: skip
        texts_of = {"external": gathered.id_of(line), **more.texts} if gathered.external else more.texts
        return Fact(
            kind=line.kind, on=line.on, known_on=more.known_on, opportunity=opportunity, milestone=line.milestone,
            value=line.value, rep=rep, recorded_at=more.recorded_at, since=more.since, evidence=more.evidence,
            bulk=more.bulk, texts=texts_of,
        )  # fmt: skip

    def is_elsewhere(self, line: Line, external: str | None, opportunity: int, key: str) -> bool:
        """Tell, and report, whether the id of a line is that of a fact of another opportunity than this one."""
        if not external or external not in self.owners or self.owners[external] == opportunity:
            return False
        self.leave_out(line, key, f"the book has {external} at another opportunity")
        return True

    def leave_out(self, line: Line, key: str, why: str) -> None:
        """Report a line that is not taken."""
        self.taken.left_out.add(line.number, key, why)

    def count(
        self, gathered: GatheredOpportunity, facts: Sequence[Fact], drafts: Sequence[Draft], state: Opportunity,
        history: ProcessHistory, *, out_of_order: bool = False, reopened: bool = False,
    ) -> None:  # fmt: skip
        """Count what an opportunity brought, and report milestones whose days are out of order.

        Args:
            gathered: its lines.
            facts: added.
            drafts: the lines they were.
            state: what all its facts amount to.
            history: of its process.
            out_of_order: it was so before.
            reopened: it was reopened so before.
        """
        taken, process = self.taken, self.taken.processes[gathered.process]
        if facts:
            days = [fact.on for fact in facts]
            first, last = min(days), max(days)
            taken.first_day = first if taken.first_day is None else min(first, taken.first_day)
            taken.last_day = last if taken.last_day is None else max(last, taken.last_day)
            process.newest = max(last, process.newest)
            process.arrivals = process.arrivals or any(fact.kind is Kind.REACHED for fact in facts)
        if state.reopened and not reopened:
            taken.reopened += 1
        if state.out_of_order and not out_of_order:
            for line, what in late(((draft.line, draft.fact) for draft in drafts), state, history):
                taken.out_of_order.add(line, gathered.key, what)
