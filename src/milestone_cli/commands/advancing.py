"""Recording that customers reached milestones, and what each of these arrivals moves.

Invariant: every arrival is projected before its lamps are looked at, so that one after the other in the same command
says the same as commands of their own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from milestone_cli.domain.changes import Case, Words
    from milestone_cli.domain.day import Day, Month
    from milestone_cli.domain.facts import Fact
    from milestone_cli.options import Call
    from milestone_cli.reports.kpis import KpisReport
    from milestone_cli.reports.recorded import About, Advance
    from milestone_cli.reports.reward import MovedLamp, WorthMove
    from milestone_cli.store.recording import Ledger


class Advancing:
    """Records arrivals in one command; what the lamps were after one is what they were before the next."""

    def __init__(self, call: Call, ledger: Ledger) -> None:
        self.call = call
        self.ledger = ledger
        self._last: tuple[tuple[str, Month, int | None], KpisReport] | None = None

    def record(
        self, opportunity: str, milestone: str, *, on: Day, words: Words, value: str | None = None
    ) -> tuple[About, Advance]:
        """Record that `opportunity` reached `milestone` on a day; return what there is to say.

        Raises:
            MsError: it cannot be; see `changes.advance`.
        """
        from milestone_cli.commands.recorded import about, case_of, ground_of, worth_moved
        from milestone_cli.domain.changes import advance as decided
        from milestone_cli.reports.reward import moved_lamps

        case = case_of(self.call, self.ledger.book, opportunity)
        amount = None if value is None else self.call.amount(value, case.history.currency)
        facts = decided(case, milestone, on=on, words=words, value=amount)
        rep, basis = case.owner_on(on), ground_of(self.ledger.book, case)
        before = self._kpis(case, on, rep)
        recorded = self.ledger.record(facts)
        self.ledger.project()
        self._last = None
        after = self._kpis(case, on, rep)
        done = replace(case, facts=(*case.facts, *recorded))
        lamps = moved_lamps(before, after)
        return about(self.call, case), _advance(case, done, recorded[0], lamps, after, worth_moved(case, done, basis))

    def _kpis(self, case: Case, day: Day, rep: int | None) -> KpisReport:
        """Return the KPIs of the day's month for the opportunity's rep, else for the team."""
        from milestone_cli.commands.grounds import month_kpis
        from milestone_cli.domain.day import month_of

        book, place = self.ledger.book, (case.history.key, month_of(day), rep)
        if self._last is None or self._last[0] != place:
            owner = None if rep is None else book.setup.reps.get(rep)
            self._last = place, month_kpis(book, case.history.key, month_of(day), case.today, owner, trend=False)
        return self._last[1]


def _advance(
    case: Case, done: Case, fact: Fact, lamps: tuple[MovedLamp, ...], month: KpisReport, worth: WorthMove
) -> Advance:
    from milestone_cli.commands.recorded import next_of, numbered
    from milestone_cli.reports.recorded import Advance, Numbered

    was, state = case.state(), done.state()
    key = fact.milestone or ""
    new = [other for other in state.arrivals if other not in was.arrivals and other != key]
    implied = [numbered(done, done.history.place(other, done.today)) for other in new]
    process = done.history.at(fact.on).process
    own = numbered(done, done.history.place(key, done.today))
    return Advance(
        fact=fact,
        reached=own or Numbered(process.number_of(key) or 0, process.milestones[(process.number_of(key) or 1) - 1]),
        implied=tuple(one for one in implied if one is not None),
        won=state.won_on is not None and was.won_on is None,
        month=month.period.months()[0],
        whose=None if month.rep is None else month.rep.key,
        lamps=lamps,
        worth=worth,
        next=next_of(done, state),
    )
