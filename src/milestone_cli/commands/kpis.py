"""`ms kpis`: per milestone what had to arrive, what arrived, and where to act."""

from __future__ import annotations

from typing import Annotated

import typer

from milestone_cli.commands.chosen import By, chosen_processes, chosen_rep
from milestone_cli.domain.basis import RateSource
from milestone_cli.options import Call


def kpis(
    call: Call,
    period: Annotated[
        str, typer.Option("--period", metavar="PERIOD", help="2026-11, 2026-Q4, 2026, 2026-W47, last-3-months, ytd.")
    ] = "this-month",
    by: Annotated[By | None, typer.Option("--by", metavar="rep", help="One more table for every rep.")] = None,
    rates: Annotated[
        RateSource, typer.Option("--rates", metavar="RATES", help="measured, or planned as in the process file.")
    ] = RateSource.MEASURED,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print the arithmetic and the arrivals behind it.")
    ] = False,
) -> None:
    """Show per milestone the target, what reached it, the lamp, and where to act.

    Examples:
      ms kpis --rep anna
      ms kpis --period 2026-Q4 --by rep
    """
    from milestone_cli.commands.grounds import ground
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.domain.period import parse_period
    from milestone_cli.reports.kpis import kpis as compute
    from milestone_cli.reports.kpis_document import kpis_document
    from milestone_cli.reports.kpis_explained import explained

    as_of = looked_at(call)
    span = parse_period(period, today=as_of)
    with reading(call) as book:
        processes = chosen_processes(book, call)
        rep = chosen_rep(book, call, by)
        planned = rates is RateSource.PLANNED
        grounds = [ground(book, key, span, as_of, rep=rep, by_rep=by is By.REP, planned=planned) for key in processes]
        number = None if rep is None else rep.number
        behind = [
            book.arrivals_listed(key, span.start, min(span.end, as_of), rep=number) if explain else []
            for key in processes
        ]
    reports = [compute(one, rep) for one in grounds]
    document = kpis_document(reports, as_of, None if rep is None else rep.key)
    call.show(explained(document, list(zip(grounds, reports, behind, strict=True)), rep) if explain else document)
