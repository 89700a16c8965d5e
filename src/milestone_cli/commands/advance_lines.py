"""`ms advance -`: customer actions from standard input, one a line, in one command.

Invariant: all lines are recorded or none: every line that cannot be is told with its number and its reason.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from milestone_cli.errors import AlreadyRecorded, MsError, UsageError

if TYPE_CHECKING:
    from milestone_cli.commands.advancing import Advancing
    from milestone_cli.domain.day import Day
    from milestone_cli.exchange.action_lines import ActionLine
    from milestone_cli.options import Call
    from milestone_cli.reports.advances import Result

SOURCE = "standard input"


def advance_lines(call: Call, day: Day) -> None:
    """Record the lines of standard input; `day` is the day of those that name none.

    Raises:
        LinesRefused: with every line that cannot be recorded.
    """
    from milestone_cli.commands.advancing import Advancing
    from milestone_cli.commands.opening import writing
    from milestone_cli.commands.recorded import show_recorded
    from milestone_cli.exchange.action_lines import LinesRefused, read_lines
    from milestone_cli.exchange.reader import BadLines
    from milestone_cli.reports.advances import advances_document, advances_remark

    bad = BadLines(SOURCE)
    lines = list(read_lines(_standard_input(call), bad))
    results: list[Result] = []
    if lines:
        with writing(call, "advance") as ledger, call.terminal.progress(len(lines), "Recording") as progress:
            advancing = Advancing(call, ledger)
            for line in lines:
                try:
                    results.append(_taken(call, advancing, line, day))
                except MsError as error:
                    bad.add(line.number, f"{error.message} {error.hint}".strip())
                progress(1)
            if bad.count:
                raise LinesRefused(bad)
    elif bad.count:
        raise LinesRefused(bad)
    show_recorded(call, advances_document(results), [] if call.dry_run else [advances_remark(results)])


def _standard_input(call: Call) -> IO[bytes]:
    stdin = call.terminal.stdin
    if stdin is None or stdin.closed:
        raise UsageError("Standard input is closed.", "Give lines of OPPORTUNITY MILESTONE to it, or name both.")
    if call.terminal.may_prompt:
        call.terminal.say("Lines of OPPORTUNITY MILESTONE [DATE] [did:/said:/wrote: TEXT]; Ctrl-D ends them.")
    return stdin.buffer


def _taken(call: Call, advancing: Advancing, line: ActionLine, day: Day) -> Result:
    """Record one line; it may be there already."""
    from milestone_cli.commands.recorded import free_text
    from milestone_cli.domain.changes import Words
    from milestone_cli.reports.advances import Result

    words = Words(evidence=line.evidence, text=free_text(line.text or None, "text"))
    on = call.day(line.date) if line.date else day
    try:
        return Result(recorded=advancing.record(line.opportunity, line.milestone, on=on, words=words))
    except AlreadyRecorded as error:
        return Result(already=error.message)
