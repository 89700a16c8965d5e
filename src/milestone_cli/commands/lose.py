"""`ms lose`: an opportunity is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from milestone_cli.options import Call


def lose(
    call: Call,
    opportunity: Annotated[str, typer.Argument(metavar="OPPORTUNITY", help="Its key, number or a unique beginning.")],
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why, in a few words.")] = None,
    revisit: Annotated[
        str | None, typer.Option("--revisit", metavar="DATE", help="When to look at it again: 2027-03-01, +12w.")
    ] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="Since when; today unless given.")] = None,
) -> None:
    """Record that an opportunity is lost; it stays in the denominator of the rates.

    Examples:
      ms lose acme --reason "Went with a competitor"
      ms lose acme --revisit 2027-03-01 --on yesterday
    """
    from milestone_cli.commands.opening import writing
    from milestone_cli.commands.recorded import (
        about,
        case_of,
        day_of,
        free_text,
        ground_of,
        show_recorded,
        worth_moved,
    )
    from milestone_cli.domain.changes import lose as decided
    from milestone_cli.reports.recorded import lost_document

    day = day_of(call, on)
    again = None if revisit is None else call.day(revisit, future=True)
    why = free_text(reason, "reason")
    with writing(call, "lose") as ledger:
        case = case_of(call, ledger.book, opportunity)
        facts, basis = decided(case, on=day, reason=why, revisit=again), ground_of(ledger.book, case)
        recorded = ledger.record(facts)
    worth = worth_moved(case, replace(case, facts=(*case.facts, *recorded)), basis)
    show_recorded(call, lost_document(about(call, case), recorded[0], worth))
