"""`ms advance` without arguments: pick an opportunity, say what its customer did, go on to the next one.

Invariant: each customer action is a command of its own, recorded before the next question; what cannot be is told and
asked for again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from milestone_cli.commands.asking import BACK, NOTHING, Back, Left, answer_to, conversation, say_document, say_line
from milestone_cli.errors import AlreadyRecorded, MsError, RuleBroken, UnknownName, UsageError
from milestone_cli.render.output import Format
from milestone_cli.reports.table import Sentence, counted, in_english, named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from milestone_cli.commands.action_questions import Action
    from milestone_cli.domain.changes import Case
    from milestone_cli.domain.day import Day
    from milestone_cli.options import Call
    from milestone_cli.reports.advances import Result
    from milestone_cli.reports.opportunities import Listed

INSTEAD = "Name OPPORTUNITY and MILESTONE, or give lines of them to `ms advance -`; `ms advance --help` shows both."


def pick(call: Call, opportunity: str | None, day: Day) -> None:
    """Ask for one customer action after the other; with `opportunity` for one of that alone.

    Args:
        call: its terminal asks.
        opportunity: as typed; None to pick one after the other.
        day: the day that Enter takes.

    Raises:
        UsageError: nobody can be asked.
        Left: Ctrl-C.
    """
    if not call.terminal.may_prompt:
        missing = "OPPORTUNITY and MILESTONE are" if opportunity is None else "MILESTONE is"
        raise UsageError(f"{missing} missing, and nobody can be asked here.", INSTEAD)
    picking = _Picking(call, day)
    try:
        with conversation(picking.recorded):
            picking.run(opportunity)
    except MsError as error:
        if picking.results and not isinstance(error, Left):
            picking.tell()
        raise
    finally:
        picking.deliver()
    picking.tell()


class _Picking:
    """One customer action after the other."""

    def __init__(self, call: Call, day: Day) -> None:
        self.call = call
        self.day = day
        self.results: list[Result] = []
        self.for_readers = call.format is Format.TABLE and call.output is None

    def run(self, opportunity: str | None) -> None:
        """Ask until Enter ends it; a named opportunity is asked about once."""
        how = "Enter takes what is in [brackets], {} goes one question back, Ctrl-D ends."
        self.call.terminal.say(Sentence(how, (named(BACK),)))
        if opportunity is not None:
            self._named(opportunity)
            return
        while (picked := self._picked()) is not None:
            try:
                self._one(self._case(picked))
            except Back:
                continue
            except (AlreadyRecorded, RuleBroken, UnknownName) as refusal:  # somebody else may have been faster
                self.call.terminal.say_as_is(f"{refusal.message} {refusal.hint}".strip())

    def recorded(self) -> str:
        """Say what is recorded by now."""
        from milestone_cli.reports.advances import actions

        if self.call.dry_run or not self.results:
            return NOTHING
        said = in_english(actions(len(self.results)))
        return f"{said} {'is' if len(self.results) == 1 else 'are'} recorded and stay so"

    def tell(self) -> None:
        """Tell how many there were."""
        from milestone_cli.reports.advances import advances_remark

        told = advances_remark(self.results) if self.results else "Nothing was recorded."
        self.call.terminal.say("Dry run: nothing was recorded." if self.call.dry_run else told)

    def deliver(self) -> None:
        """Write all of them together, where a form for programs or a file is asked for."""
        from milestone_cli.reports.advances import advances_document

        if not self.for_readers:
            self.call.show(advances_document(self.results))

    # -- which opportunity ---------------------------------------------------------------------------------------------

    def _picked(self) -> str | None:
        """Return the key of the opportunity that is picked; None where Enter ends it."""
        from milestone_cli.reports.picking import SHOWN, choice_document, narrowed

        rows = self._in_play()
        if not rows:
            self.call.terminal.say("No opportunity is in play; `ms add` makes one.")
            return None
        shown: Sequence[Listed] = rows if len(rows) <= SHOWN else ()
        while True:
            if shown:
                say_document(self.call, choice_document(shown))
            answer = self._typed(len(rows))
            if not answer:
                return None
            if answer.isascii() and answer.isdigit() and 1 <= int(answer[:9]) <= min(len(shown), SHOWN):
                return shown[int(answer) - 1].key
            shown = narrowed(rows, answer)
            if len(shown) == 1:
                return shown[0].key
            if not shown:
                self.call.terminal.fail(UnknownName("opportunity in play", answer, [row.key for row in rows]))

    def _typed(self, count: int) -> str:
        template = "Opportunity (#, or part of key or customer; {} in play; Enter ends)"
        question = Sentence(template, (counted(count),))
        while True:
            try:
                return answer_to(self.call, question, str)
            except Back:
                self.call.terminal.say("There is no question before this one.")

    def _in_play(self) -> list[Listed]:
        from milestone_cli.commands.opening import reading
        from milestone_cli.commands.opportunities import rows_of
        from milestone_cli.domain.opportunity import Status
        from milestone_cli.reports.picking import in_order

        with reading(self.call) as book:
            wanted = [Status.TARGET, Status.OPEN]
            rows = list(rows_of(book, dict(book.setup.processes), self.call.today, statuses=wanted))
        return in_order(rows, self.call.rep)

    # -- what its customer did -----------------------------------------------------------------------------------------

    def _named(self, opportunity: str) -> None:
        """Ask about the opportunity that was named; `<` at the first question leaves."""
        case = self._case(opportunity)
        try:
            self._one(case)
        except Back:
            return

    def _case(self, name: str) -> Case:
        """Return the opportunity, having told where it stands."""
        from milestone_cli.commands.opening import reading_journal
        from milestone_cli.commands.recorded import case_of, standing_at
        from milestone_cli.reports.picking import stands_line

        with reading_journal(self.call) as book:
            case = case_of(self.call, book, name)
        state = case.state()
        say_line(self.call, stands_line(case.key, case.customer, standing_at(case, state), state))
        return case

    def _one(self, case: Case) -> None:
        from milestone_cli.commands.action_questions import asked_action

        self._record(case.key, asked_action(self.call, case, self.day))

    def _record(self, key: str, action: Action) -> None:
        from milestone_cli.commands.advancing import Advancing
        from milestone_cli.commands.opening import writing
        from milestone_cli.reports.advances import Result
        from milestone_cli.reports.recorded import advanced_document

        with writing(self.call, "advance") as ledger:
            told = Advancing(self.call, ledger).record(key, action.milestone, on=action.on, words=action.words)
        self.results.append(Result(recorded=told))
        if self.for_readers:
            self.call.show(advanced_document(*told))
