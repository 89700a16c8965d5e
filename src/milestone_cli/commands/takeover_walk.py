"""A takeover from one target customer to the next.

Invariant: each answer is recorded at once, as a command of its own; what is answered is never asked again, what is
skipped comes again next time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from milestone_cli.commands.asking import NOTHING, Back, by_undo
from milestone_cli.commands.opening import changing, reading, writing
from milestone_cli.errors import AlreadyRecorded, RuleBroken
from milestone_cli.options import Call
from milestone_cli.reports.table import CellKind, Plural, Sentence, Value, counted
from milestone_cli.reports.takeover import Answered

if TYPE_CHECKING:
    from milestone_cli.commands.takeover_questions import Reply, Word
    from milestone_cli.domain.basis import Basis
    from milestone_cli.domain.changes import Case
    from milestone_cli.reports.opportunities import Listed
    from milestone_cli.reports.takeover import TakeoverReport
    from milestone_cli.store.book import Book

COMMAND = "takeover"
"""Under this name the log shows each answer."""


@dataclass(frozen=True, slots=True)
class Found:
    """The book as far as a takeover is concerned."""

    rows: Sequence[Listed]
    """What is in play of the rep and the processes."""
    cases: Mapping[int, Case]
    """The target customers that nobody has answered for, by number, in the order in which they are asked about."""
    bases: Mapping[str, Basis]
    rep: str | None


def _found(book: Book, call: Call) -> Found:
    from milestone_cli.commands.chosen import chosen_processes, chosen_rep
    from milestone_cli.commands.opportunities import bases_of, rows_of
    from milestone_cli.domain.opportunity import Status
    from milestone_cli.store.answered import nothing_yet

    rep = chosen_rep(book, call)
    histories = {key: book.setup.processes[key] for key in chosen_processes(book, call)}
    rows = rows_of(book, histories, call.today, statuses=[Status.TARGET, Status.OPEN])
    mine = [row for row in rows if rep is None or row.rep == rep.key]
    targets = [row.number for row in mine if row.status is Status.TARGET]
    known = nothing_yet(book.connection)
    cases = {case.number: case for case in book.cases(targets, call.today) if case.facts[0].id not in known}
    order = [row.number for row in sorted(mine, key=lambda row: row.process) if row.number in cases]
    bases = bases_of(book, histories, call.today)
    return Found(mine, {number: cases[number] for number in order}, bases, None if rep is None else rep.key)


class Walk:
    """From one target customer to the next."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.answered = Answered()
        self.trail: list[tuple[Case, Word | None]] = []
        """What was answered in this sitting, the last one last."""

    def run(self) -> None:
        """Ask until all are asked about or the user stops."""
        from milestone_cli.commands.takeover_questions import Word, asked_reply, legend

        with reading(self.call) as book:
            found = _found(book, self.call)
        if not found.cases:
            self.call.terminal.say("Nothing to take over: no target customer is left to ask about.")
        rows, cases, last, place = {row.number: row for row in found.rows}, list(found.cases.values()), "", 0
        while place < len(cases):
            case = cases[place]
            if case.history.key != last:
                last = case.history.key
                legend(self.call, case.history.at(self.call.today).process)
            try:
                reply = asked_reply(self.call, case, f"{place + 1}/{len(cases)} {self._called(rows[case.number])}")
            except Back:
                place -= self._took_back()
                continue
            if reply.word is Word.STOP:
                return
            try:
                self._take(case, reply, found.bases[case.history.key])
                self.trail.append((case, reply.word))
            except (AlreadyRecorded, RuleBroken) as refusal:  # somebody else was faster
                self.call.terminal.say_as_is(f"{refusal.message} {refusal.hint}".strip())
                self.trail.clear()  # the question before this one is no longer that of the last answer
            place += 1

    def _took_back(self) -> int:
        """Take back the last answer if it is no fact; return by how many questions to go back."""
        from milestone_cli.commands.takeover_questions import Word
        from milestone_cli.store.answered import forget_nothing_yet

        case, word = self.trail[-1] if self.trail else (None, None)
        if case is None:
            self.call.terminal.say("There is no question before this one.")
            return 0
        if word is Word.NOTHING_YET:
            with changing(self.call) as book:
                forget_nothing_yet(book.connection, case.facts[0].id)
            self.answered.nothing_yet -= 1
        elif word is Word.SKIP:
            self.answered.skipped -= 1
        else:
            self.call.terminal.say("The last answer is recorded as a fact; `ms undo` takes it back.")
            return 0
        self.trail.pop()
        return 1

    def way_back(self) -> str:
        """Say what `ms undo` takes back: a 0 is no fact and no command."""
        from milestone_cli.commands.takeover_questions import Word

        kept = [word for _, word in self.trail if word is not Word.SKIP]
        if not self.answered.nothing_yet or (kept and kept[-1] is not Word.NOTHING_YET):
            return by_undo()
        if not self.answered.standing + self.answered.lost:
            return "A 0 is no fact: `ms undo` would take back what was recorded before."
        return "A 0 is no fact: `ms undo` takes back the last answer that is none."

    def recorded(self) -> str:
        """Say what is recorded by now."""
        count = self.answered.recorded
        if self.call.dry_run or not count:
            return NOTHING
        were = "1 answer is" if count == 1 else f"{count} answers are"
        return f"{were} recorded, `ms takeover` goes on behind"

    def report(self) -> TakeoverReport:
        """Return how the book looks now."""
        from milestone_cli.reports.takeover import takeover_report

        with reading(self.call) as book:
            found = _found(book, self.call)
        unanswered = frozenset(found.cases)
        return takeover_report(
            found.rows, unanswered, self.answered, self.call.today, found.rep, dry_run=self.call.dry_run
        )

    def _called(self, row: Listed) -> str:
        from milestone_cli.localization import format_money

        worth = (
            ""
            if row.value is None or row.value_assumed
            else format_money(row.value, row.currency, self.call.locale.tag)
        )
        return f"{row.key} ({row.customer}{f', {worth}' if worth else ''})"

    def _take(self, case: Case, reply: Reply, basis: Basis) -> None:
        """Record one answer."""
        from milestone_cli.commands.takeover_questions import Word

        match reply.word:
            case None:
                self._stand(case, reply, basis)
            case Word.DEAD:
                self._lose(case, reply)
            case Word.NOTHING_YET:
                self._keep(case)
            case _:
                self.answered.skipped += 1

    def _stand(self, case: Case, reply: Reply, basis: Basis) -> None:
        from milestone_cli.domain.changes import take_over

        since = self.call.today if reply.day is None else reply.day
        with writing(self.call, COMMAND) as ledger:
            now = ledger.book.case(case.number, self.call.today)
            ledger.record(take_over(now, reply.milestone, on=self.call.today, since=since))
        self.answered.standing += 1
        threshold, waited = basis.threshold(reply.milestone), self.call.today - since
        dead = threshold is not None and threshold.is_dead(waited)
        values = (Value(since, CellKind.DAY), Plural("1 day", "{} days", waited, (counted(waited),)))
        self.call.terminal.say(
            Sentence("  there since {}, {}: a dead horse" if dead else "  there since {}, {}", values)
        )

    def _lose(self, case: Case, reply: Reply) -> None:
        from milestone_cli.domain.changes import lose

        day = self.call.today if reply.day is None else reply.day
        with writing(self.call, COMMAND) as ledger:
            ledger.record(lose(ledger.book.case(case.number, self.call.today), on=day))
        self.answered.lost += 1
        self.call.terminal.say(Sentence("  lost since {}", (Value(day, CellKind.DAY),)))

    def _keep(self, case: Case) -> None:
        """Spare the question next time; that a customer has done nothing is no fact."""
        from milestone_cli.store.answered import remember_nothing_yet

        with changing(self.call) as book:
            remember_nothing_yet(book.connection, case.facts[0].id)
        self.answered.nothing_yet += 1
