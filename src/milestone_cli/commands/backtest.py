"""`ms backtest`: what the forecasts of past days would have said, beside what came."""

from __future__ import annotations

from typing import Annotated

import typer

from milestone_cli.errors import UsageError
from milestone_cli.options import Call

MONTHS, MOST_MONTHS, ORIGINS = 6, 36, 24


def backtest(
    call: Call,
    months: Annotated[
        int, typer.Option("--months", metavar="N", min=1, max=MOST_MONTHS, help="Forecasts of so many months each.")
    ] = MONTHS,
    origins: Annotated[
        int,
        typer.Option("--origins", metavar="M", min=1, help="From the ends of the newest M months that have passed."),
    ] = ORIGINS,
) -> None:
    """Show how good past forecasts would have been, each made with only what was known on its day.

    They are the team's. What was said on a past day is kept in the file, so that the next look is quick.

    Examples:
      ms backtest
      ms backtest --months 3 --origins 12 --json
    """
    from milestone_cli.commands.chosen import chosen_processes
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.commands.replaying import backtest_report
    from milestone_cli.render.output import Format
    from milestone_cli.reports.backtest import backtest_document

    # a configured rep is no question for that rep alone; it is passed over, and the titles say whose figures these are
    if call.rep is not None and call.settings.source("rep") == "--rep":
        raise UsageError("A backtest is the team's: who owned what on a past day is not replayed.", "Leave out --rep.")
    as_of = looked_at(call)
    # a view has no journal to ask who was lost then and came back: its states must be those of the day themselves
    with reading(call, replayed=call.known_on is not None) as book:
        processes = chosen_processes(book, call)
        with call.terminal.progress(origins * len(processes), "Forecasting from past days") as done:
            reports = [backtest_report(book, key, as_of, months, origins, done=done) for key in processes]
    drawn = call.format is Format.TABLE and call.output is None and call.terminal.is_terminal
    call.show(backtest_document(reports, as_of, drawn=drawn))
