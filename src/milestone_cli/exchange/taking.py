"""Taking what a file says into the book: what is new is appended, what is there stays as it is.

Invariant: importing a file again adds nothing; a line that contradicts what stands is reported and left out, never
applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.facts import Fact, Kind, as_known, effective, in_order
from milestone_cli.domain.opportunity import Misfit, Opportunity, Problem, replay
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.domain.text import fold
from milestone_cli.exchange.gathered import GatheredOpportunity, Gathering, Line
from milestone_cli.store import bulk
from milestone_cli.store.bulk import BulkLedger, Known
from milestone_cli.store.recording import Ledger

SHARE_OF_LOSSES = 20
"""Fewer than one loss in so many closed opportunities is a warning."""
_STEP = 500


class Remarks:
    """Something to tell about lines: the first ones, and how many in all."""

    shown = 20

    def __init__(self) -> None:
        self.count = 0
        self.first: list[tuple[int, str, str]] = []
        """Line, opportunity, what."""

    def add(self, line: int, opportunity: str, what: str) -> None:
        """Take one down."""
        self.count += 1
        if len(self.first) < self.shown:
            self.first.append((line, opportunity, what))


@dataclass(slots=True)
class ProcessTaken:
    """What an import means for one process."""

    first: bool
    """Nothing had arrived before it."""
    arrivals: bool = False
    """It brought milestones that customers reached."""
    newest: Day = 0
    """The newest day of what was added."""
    history_from: Day | None = None
    """Set by this import: before it only the opportunities still open were known."""
    won: int = 0
    lost: int = 0
    open: int = 0


@dataclass(slots=True)
class Taken:
    """What an import did, or would do."""

    facts: int = 0
    """Added; the openings of opportunities that no line names are not counted."""
    opportunities: int = 0
    """Added."""
    present: int = 0
    """Lines that say what is there already."""
    reps: list[str] = field(default_factory=list)
    """Added."""
    left_out: Remarks = field(default_factory=Remarks)
    out_of_order: Remarks = field(default_factory=Remarks)
    reopened: int = 0
    """Opportunities with a milestone after a loss that no line reopens."""
    processes: dict[str, ProcessTaken] = field(default_factory=dict)
    first_day: Day | None = None
    last_day: Day | None = None


@dataclass(slots=True)
class _Draft:
    """A line as the fact it would be."""

    line: Line
    fact: Fact


def take(
    ledger: Ledger, gathering: Gathering, known: Mapping[str, Known], *, today: Day, complete: bool,
    progress: Callable[[int], None],
) -> Taken:  # fmt: skip
    """Append what is new in `gathering`; return what was done.

    Args:
        ledger: the command at work.
        gathering: what the file says; emptied on the way, so that memory is freed.
        known: the opportunities of the book by folded key.
        today: the day of what the import itself decides.
        complete: losses are all there, whatever it looks like.
        progress: is told how many opportunities more are done.
    """
    return _Taker(ledger, gathering, known, today, progress).run(complete=complete)


class _Taker:
    def __init__(
        self, ledger: Ledger, gathering: Gathering, known: Mapping[str, Known], today: Day,
        progress: Callable[[int], None],
    ) -> None:  # fmt: skip
        self._ledger = ledger
        self._connection = ledger.book.connection
        self._histories = ledger.book.setup.processes
        self._gathering = gathering
        self._known = known
        self._today = today
        self._progress = progress
        self._taken = Taken()
        self._undone = bulk.undone_imports(self._connection) if known or gathering.external else set()
        self._owners = {
            external: owner
            for external, owner in bulk.external_owners(self._connection, list(gathering.external)).items()
            if owner[0] not in self._undone
        }
        there = {fold(rep.key): rep.number for rep in ledger.book.setup.reps.values()}
        # one who is not there yet has a number below 0 until a fact naming them is really recorded
        self._reps = [there.get(fold(rep.key), -place) for place, rep in enumerate(gathering.reps, start=1)]

    def run(self, *, complete: bool) -> Taken:
        used = {item.process for item in self._gathering.opportunities.values()}
        numbers = self._ledger.book.process_numbers
        for process in sorted(used):
            first = not bulk.has_arrivals(self._connection, numbers[process])
            self._taken.processes[process] = ProcessTaken(first)
        self._take_new()
        self._take_known()
        self._ledger.project()
        if self._taken.first_day is not None:
            self._ledger.forget_snapshots([self._taken.first_day])
        for process, taken in self._taken.processes.items():
            self._judge(process, taken, complete=complete)
        return self._taken

    def _rep_number(self, place: int) -> int:
        """Return the number of a rep whom a fact about to be recorded names; who is not there yet is added."""
        if self._reps[place] < 0:
            named = self._gathering.reps[place]
            self._reps[place] = self._ledger.add_rep(named.key, named.key, on=named.first, began=named.first).number
            self._taken.reps.append(named.key)
        return self._reps[place]

    def _recordable(self, draft: _Draft) -> Fact:
        """Return a draft as it is handed to the journal."""
        rep = None if draft.line.rep is None else self._rep_number(draft.line.rep)
        return replace(draft.fact, id="", entered_at=0, position=0, rep=rep)

    # -- opportunities that are not in the book ------------------------------------------------------------------------

    def _take_new(self) -> None:
        waiting = self._gathering.opportunities
        new = (item for folded, item in waiting.items() if folded not in self._known)
        for place in sorted({line.rep for item in new for line in item.lines if line.rep is not None}):
            self._rep_number(place)
        writer = BulkLedger(self._ledger)
        done = 0
        for folded in list(waiting):
            if folded not in self._known:
                self._open(writer, waiting.pop(folded))
                done += 1
                if not done % _STEP:
                    self._progress(_STEP)
        writer.close()

    def _open(self, writer: BulkLedger, gathered: GatheredOpportunity) -> None:
        drafts = self._without_repeats(gathered)
        if not drafts:
            return
        opening = self._opening(gathered, drafts)
        lines = len(drafts)
        drafts = [draft for draft in drafts if draft.fact.kind is not Kind.OPENED]
        said = lines - len(drafts)
        history = self._histories[gathered.process]
        state = replay([opening, *_in_order(drafts)], history)
        if state.problems:
            drafts = self._fitting(gathered.key, drafts, state.problems, history)
            state = replay([opening, *_in_order(drafts)], history)
        facts = [opening, *(draft.fact for draft in drafts)]
        writer.open(gathered.key, gathered.customer or gathered.key, gathered.process, facts, state)
        self._taken.opportunities += 1
        self._taken.facts += len(drafts) + said
        self._count(gathered, facts, drafts, state, history)

    def _without_repeats(self, gathered: GatheredOpportunity) -> list[_Draft]:
        """Return the lines as facts, each one once; what other opportunities have already is left out."""
        drafts = [_Draft(line, self._fact(line)) for line in gathered.lines]
        if not self._gathering.external and len({_identity(draft.fact) for draft in drafts}) == len(drafts):
            return drafts
        drafts = []
        seen: dict[tuple[object, ...], list[Fact]] = {}
        for line in gathered.lines:
            fact = self._fact(line)
            external = fact.texts.get("external")
            if external in self._owners:
                self._leave_out(line, gathered.key, f"the book has {external} at another opportunity")
                continue
            same = seen.setdefault(_identity(fact), [])
            linked = seen.setdefault((external,), []) if external else []
            if same or linked:
                self._already(line, gathered.key, fact, linked or same)
            else:
                drafts.append(_Draft(line, fact))
            same.append(fact)
            linked.append(fact)
        return drafts

    def _opening(self, gathered: GatheredOpportunity, drafts: Sequence[_Draft]) -> Fact:
        """Return the opening: what the line of milestone 0 says, else only the earliest day."""
        texts = {"title": gathered.title} if gathered.title else {}
        for draft in drafts:
            if draft.fact.kind is Kind.OPENED:
                return replace(draft.fact, texts={**draft.fact.texts, **texts})
        day = min(draft.fact.on for draft in drafts)
        return Fact(kind=Kind.OPENED, on=day, known_on=min(draft.fact.known_on for draft in drafts), texts=texts)

    def _fitting(
        self, key: str, drafts: Sequence[_Draft], problems: Sequence[Problem], history: ProcessHistory
    ) -> list[_Draft]:
        """Return the lines that have an effect; report the others."""
        reasons = {id(problem.fact): problem.why for problem in problems}
        for draft in drafts:
            if why := reasons.get(id(draft.fact)):
                self._leave_out(draft.line, key, _reason(why, draft.fact, history))
        return [draft for draft in drafts if id(draft.fact) not in reasons]

    # -- opportunities that are ----------------------------------------------------------------------------------------

    def _take_known(self) -> None:
        by_number = {self._known[folded].number: gathered for folded, gathered in self._gathering.opportunities.items()}
        for done, found in enumerate(bulk.recorded(self._connection, sorted(by_number)), start=1):
            self._add_to(found, by_number[found.number])
            if not done % _STEP:
                self._progress(_STEP)
        self._gathering.opportunities.clear()

    def _add_to(self, found: bulk.Recorded, gathered: GatheredOpportunity) -> None:
        present: dict[tuple[object, ...], list[Fact]] = {}
        for fact in found.facts:
            if fact.id not in self._undone and fact.kind is not Kind.VOIDED:
                for name in (_identity(fact), (fact.id,), (fact.texts.get("external"),)):
                    present.setdefault(name, []).append(fact)
        standing = {fact.id for fact in effective(found.facts)}
        drafts = []
        for line in gathered.lines:
            fact = self._fact(line, found.number)
            external = fact.texts.get("external")
            owner = self._owners.get(external or "")
            if owner is not None and owner[1] != found.number:
                self._leave_out(line, gathered.key, f"the book has {external} at another opportunity")
                continue
            same = (present.get((external,)) if external else None) or present.get(_identity(fact))
            if same:
                self._already(line, gathered.key, fact, [f for f in same if f.id in standing or not f.id] or None, same)
                continue
            drafts.append(_Draft(line, fact))
            present.setdefault(_identity(fact), []).append(fact)
            if external:
                present.setdefault((external,), []).append(fact)
        if drafts:
            self._append(found, gathered, drafts)

    def _append(self, found: bulk.Recorded, gathered: GatheredOpportunity, drafts: Sequence[_Draft]) -> None:
        """Append the lines that fit what stands, one after the other in the order of their days."""
        history = self._histories[gathered.process]
        now = self._ledger.book.clock.now
        before = as_known(found.facts)
        state = replay(before, history)
        accepted: list[_Draft] = []
        for place, draft in enumerate(_by_day(drafts)):
            draft.fact = replace(draft.fact, entered_at=now, position=place, id=f"new-{place}")
            tried = replay(in_order([*before, *(other.fact for other in accepted), draft.fact]), history)
            known = {id(problem.fact) for problem in state.problems}
            new = [problem for problem in tried.problems if id(problem.fact) not in known]
            if new:
                self._leave_out(draft.line, gathered.key, _reason(new[0].why, draft.fact, history))
                continue
            accepted.append(draft)
            state = tried
        if accepted:
            accepted.sort(key=lambda draft: draft.fact.position)
            facts = [self._recordable(draft) for draft in accepted]
            self._ledger.record(facts)
            self._taken.facts += len(accepted)
            old = replay(before, history)
            self._count(gathered, facts, accepted, state, history, out_of_order=old.out_of_order, reopened=old.reopened)

    # -- both ----------------------------------------------------------------------------------------------------------

    def _fact(self, line: Line, opportunity: int = 0) -> Fact:
        more = line.more
        rep = None if line.rep is None else self._reps[line.rep]
        if more is None:
            return Fact(
                kind=line.kind, on=line.on, known_on=line.on, opportunity=opportunity, milestone=line.milestone,
                value=line.value, rep=rep,
            )  # fmt: skip
        return Fact(
            kind=line.kind, on=line.on, known_on=more.known_on, opportunity=opportunity, milestone=line.milestone,
            value=line.value, rep=rep, recorded_at=more.recorded_at, since=more.since, evidence=more.evidence,
            texts=more.texts,
        )  # fmt: skip

    def _already(
        self, line: Line, key: str, fact: Fact, standing: Sequence[Fact] | None, same: Sequence[Fact] = ()
    ) -> None:
        """Count a line whose fact is there; report what it says otherwise than every form the fact has had."""
        self._taken.present += 1
        changed = [_difference(fact, other) for other in (*(standing or ()), *same)]
        if standing and all(changed):
            self._taken.left_out.add(line.number, key, f"{changed[0]}; what is there stays")

    def _leave_out(self, line: Line, key: str, why: str) -> None:
        self._taken.left_out.add(line.number, key, why)

    def _count(
        self, gathered: GatheredOpportunity, facts: Sequence[Fact], drafts: Sequence[_Draft], state: Opportunity,
        history: ProcessHistory, *, out_of_order: bool = False, reopened: bool = False,
    ) -> None:  # fmt: skip
        taken, process = self._taken, self._taken.processes[gathered.process]
        for fact in facts:
            if taken.first_day is None or fact.on < taken.first_day:
                taken.first_day = fact.on
            if taken.last_day is None or fact.on > taken.last_day:
                taken.last_day = fact.on
            process.newest = max(process.newest, fact.on)
            if fact.kind is Kind.REACHED:
                process.arrivals = True
        if state.reopened and not reopened:
            taken.reopened += 1
        if state.out_of_order and not out_of_order:
            for line, what in _late(drafts, state, history):
                taken.out_of_order.add(line, gathered.key, what)

    def _judge(self, name: str, taken: ProcessTaken, *, complete: bool) -> None:
        """See whether what came in are survivors; if so, say from when on the history is whole."""
        counts = bulk.count_by_status(self._connection, self._ledger.book.process_numbers[name])
        taken.won, taken.lost, taken.open = (counts.get(status, 0) for status in ("won", "lost", "open"))
        history = self._ledger.book.setup.processes[name]
        survivors = taken.first and taken.arrivals and taken.open and not taken.lost
        if survivors and history.history_from is None and not complete:
            taken.history_from = taken.newest
            changed = replace(history.definitions[0].process, history_from=taken.newest)
            self._ledger.define(changed, on=self._today, valid_from=None)


def few_losses(taken: ProcessTaken) -> bool:
    """Tell whether there are so few losses among the closed ones that rates from them may be too high."""
    return taken.first and taken.lost > 0 and taken.lost * SHARE_OF_LOSSES < taken.lost + taken.won


def _identity(fact: Fact) -> tuple[object, ...]:
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


def _difference(line: Fact, fact: Fact) -> str:
    """Return what a line says otherwise than the fact; empty where it does not."""
    if line.kind is not fact.kind or line.milestone != fact.milestone:
        return "it is recorded as another fact"
    if line.on != fact.on:
        return f"{iso(line.on)} is recorded with {iso(fact.on)}"
    if line.value is not None and line.value != fact.value and line.kind is not Kind.LOST:
        return "it is recorded with another value"
    if line.rep is not None and line.rep != fact.rep:
        return "it is recorded with another rep"
    return ""


def _by_day(drafts: Sequence[_Draft]) -> list[_Draft]:
    return sorted(drafts, key=lambda draft: draft.fact.on)


def _in_order(drafts: Sequence[_Draft]) -> list[Fact]:
    """Return the facts by day, those of one day in the order of the file."""
    facts = [draft.fact for draft in drafts]
    facts.sort(key=_day)
    return facts


def _day(fact: Fact) -> Day:
    return fact.on


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


def _reason(why: Misfit, fact: Fact, history: ProcessHistory) -> str:
    what = fact.kind.value
    if fact.milestone is not None:
        what = f"{what} {history.place(fact.milestone, fact.on) or fact.milestone}"
    return f"{what} on {iso(fact.on)}: {_REASONS[why]}"


def _late(drafts: Sequence[_Draft], state: Opportunity, history: ProcessHistory) -> Iterator[tuple[int, str]]:
    """Yield the lines of milestones whose day lies after that of a later milestone."""
    for draft in drafts:
        arrival = state.arrivals.get(draft.fact.milestone or "")
        if draft.fact.kind is Kind.REACHED and arrival is not None and arrival.on < draft.fact.on:
            number = history.place(draft.fact.milestone, draft.fact.on)
            yield (
                draft.line.number,
                f"milestone {number} on {iso(draft.fact.on)} lies after a later one, and counts on {iso(arrival.on)}",
            )
