"""`ms report`: one page for the Monday meeting, in a file that holds all it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.reports.page import Page

MOST_MONTHS = 12


def report(
    call: Call,
    period: Annotated[
        str, typer.Option("--period", metavar="PERIOD", help="Of the lamps: 2026-11, 2026-Q4, last-3-months, ytd.")
    ] = "this-month",
    months: Annotated[
        int, typer.Option("--months", metavar="N", min=1, max=MOST_MONTHS, help="So many months ahead.")
    ] = 6,
) -> None:
    """Write one page with lamps, arrivals, forecast, rates and dead horses, to print or to send.

    The page works offline and loads nothing; it needs the extra `report`. -o report.xlsx writes one sheet a section
    (extra `excel`), -o report.json the figures.

    Examples:
      ms report -o report.html
      ms report --rep anna --period last-month -o anna.html
    """
    from milestone_cli.render.delivery import deliver
    from milestone_cli.render.pages import page_content

    page = _page(call, period, months)
    deliver(page_content(page, call.format, locale=call.locale.tag), call.output, call.terminal.stdout)


def _page(call: Call, period: str, months: int) -> Page:
    from milestone_cli.commands.chosen import chosen_processes, chosen_rep
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.domain.period import parse_period
    from milestone_cli.render.pages import prepare

    as_of = looked_at(call)
    span = parse_period(period, today=as_of)
    # dead horses are told by the states of the day itself
    with reading(call, replayed=True) as book:
        prepare(call.format)
        from milestone_cli.commands.page_parts import Asked, process_report
        from milestone_cli.reports.page import Page

        rep = chosen_rep(book, call)
        asked = Asked(as_of=as_of, period=span, rep=rep, months=months)
        processes = tuple(process_report(book, process, asked) for process in chosen_processes(book, call))
    return Page(as_of=as_of, rep=rep, processes=processes)
