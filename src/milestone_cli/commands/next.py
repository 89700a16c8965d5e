"""`ms next`: which milestone to work on, and with whom."""

from __future__ import annotations

from typing import Annotated

import typer

from milestone_cli.options import Call


def next(  # noqa: A001 - named after the command
    call: Call,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="List no more than N.")] = 10,
    explain: Annotated[bool, typer.Option("--explain", help="Print the order term by term.")] = False,
) -> None:
    """Show the milestone to work on, and the opportunities that move it most within 30 days.

    Examples:
      ms next --rep anna
      ms next --process b2b --limit 5 --explain
    """
    from milestone_cli.commands.chosen import chosen_processes, chosen_rep
    from milestone_cli.commands.grounds import ground
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.commands.steps import next_report
    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.period import month_period
    from milestone_cli.reports.kpis import kpis
    from milestone_cli.reports.next_document import next_document

    as_of = looked_at(call)
    month = month_period(month_of(as_of))
    with reading(call, replayed=True) as book:
        rep = chosen_rep(book, call)
        reports = []
        for process in chosen_processes(book, call):
            found = ground(book, process, month, as_of, rep=rep)
            reports.append(next_report(book, found, kpis(found, rep), limit))
    call.show(next_document(reports, as_of, None if rep is None else rep.key, explain=explain))
