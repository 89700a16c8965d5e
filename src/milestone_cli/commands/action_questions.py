"""The questions about one customer action: which milestone, on which day, what was done, said or written.

Invariant: what comes back can be recorded as the book stands; `<` goes back through the questions, and before the first
one it leaves them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from milestone_cli.commands.asking import Back, answer_to
from milestone_cli.domain.changes import NO_WORDS, Words
from milestone_cli.domain.changes import advance as decided
from milestone_cli.errors import InvalidValue, RuleBroken, UnknownName
from milestone_cli.reports.table import CellKind, Sentence, Value, counted, named
from milestone_cli.translation import translated

if TYPE_CHECKING:
    from milestone_cli.domain.changes import Case
    from milestone_cli.domain.day import Day
    from milestone_cli.options import Call

ANY_WORDS = Words(text="to be asked")


@dataclass(slots=True)
class Action:
    """What is answered so far; Enter takes it as it is."""

    milestone: str
    on: Day
    words: Words = NO_WORDS


def asked_action(call: Call, case: Case, day: Day) -> Action:
    """Ask about one customer action.

    Args:
        call: its terminal asks.
        case: the opportunity as it stands.
        day: the day that Enter takes.

    Raises:
        Back: `<` at the first question.
        AlreadyRecorded: just that is recorded.
        RuleBroken: it is won or lost.
    """
    state = case.state()
    if state.won_on is not None:
        raise RuleBroken(f"{case.key} is won.", f"A new deal with {case.customer} is a new opportunity: `ms add`.")
    if state.lost_on is not None:
        raise RuleBroken(f"{case.key} is lost.", f"If the customer came back, say `ms reopen {case.key}` first.")
    coming = case.history.place(state.milestone, case.today) + 1
    action = _Questions(call, case, Action(str(coming), day))
    return action.answered()


class _Questions:
    """The questions, in their order; every answer goes into the action at once."""

    def __init__(self, call: Call, case: Case, action: Action) -> None:
        self.call = call
        self.case = case
        self.action = action

    def answered(self) -> Action:
        """Ask until everything is answered and fits."""
        steps, place = (self._milestone, self._day, self._words), 0
        while place < len(steps):
            try:
                steps[place]()
                place += 1
            except Back:
                if place == 0:
                    raise
                place -= 1
            except (RuleBroken, UnknownName) as refusal:
                self.call.terminal.fail(refusal)
                self._offer_next()
                place = 0
        return self.action

    def _offer_next(self) -> None:
        """Let Enter take the next one to win in place of one that cannot be won any more."""
        from milestone_cli.domain.changes import find_milestone

        coming = self.case.history.place(self.case.state().milestone, self.case.today) + 1
        if find_milestone(self.case.history.at(self.case.today).process, self.action.milestone)[0] < coming:
            self.action.milestone = str(coming)

    def _milestone(self) -> None:
        from milestone_cli.domain.changes import find_milestone

        case = self.case
        process = case.history.at(case.today).process
        for number in range(case.history.place(case.state().milestone, case.today) + 1, len(process.milestones) + 1):
            milestone = process.milestone(number)
            self.call.terminal.say(Sentence("  {} {}", (counted(number), named(milestone.name))))

        def read(text: str) -> str:
            find_milestone(process, text)
            return text

        self.action.milestone = answer_to(
            self.call, "Milestone it has reached, number or key", read, self.action.milestone
        )

    def _day(self) -> None:
        from milestone_cli.localization import format_day

        tag, given = self.call.locale.tag, self.action.on
        shown = translated("today", tag) if given == self.call.today else format_day(given, tag)

        def read(text: str) -> Day:
            return given if text == shown else self.call.day(text)

        self.action.on = answer_to(self.call, "On which day", read, shown)
        self.call.terminal.say(Sentence("  {}", (Value(self.action.on, CellKind.DAY),)))
        decided(self.case, self.action.milestone, on=self.action.on, words=ANY_WORDS)

    def _words(self) -> None:
        from milestone_cli.commands.evidence import QUESTION, answered

        if self.call.yes:
            return
        process = self.case.history.at(self.action.on).process

        def read(text: str) -> Words:
            words = answered(NO_WORDS, text)
            if process.evidence_required and not words.text:
                raise InvalidValue(f"The process {process.key} asks what the customer did, said or wrote.")
            return words

        self.action.words = answer_to(self.call, QUESTION, read)
