"""`ms revalue`: the potential of an opportunity changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from milestone_cli.options import Call


def revalue(
    call: Call,
    opportunity: Annotated[str, typer.Argument(metavar="OPPORTUNITY", help="Its key, number or a unique beginning.")],
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="The potential: 120000, 120k, 1.6m.")],
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="From this day on; today unless given.")
    ] = None,
) -> None:
    """Record a new potential; it counts for the arrivals from that day on that have no value of their own.

    Examples:
      ms revalue acme 120k
      ms revalue acme 95000 --on 2026-11-20
    """
    from milestone_cli.commands.opening import writing
    from milestone_cli.commands.recorded import about, case_of, day_of, ground_of, show_recorded, worth_moved
    from milestone_cli.domain.changes import revalue as decided
    from milestone_cli.reports.recorded import revalued_document

    day = day_of(call, on)
    with writing(call, "revalue") as ledger:
        case = case_of(call, ledger.book, opportunity)
        value = call.amount(amount, case.history.currency)
        facts, basis = decided(case, value, on=day), ground_of(ledger.book, case)
        recorded = ledger.record(facts)
    worth = worth_moved(case, replace(case, facts=(*case.facts, *recorded)), basis)
    show_recorded(call, revalued_document(about(call, case), recorded[0], case.value_on(day), worth))
