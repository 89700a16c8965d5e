"""`ms standing`: opening balance; an opportunity that stood at a milestone before the book began."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from milestone_cli.options import Call


def standing(
    call: Call,
    opportunity: Annotated[str, typer.Argument(metavar="OPPORTUNITY", help="Its key, number or a unique beginning.")],
    milestone: Annotated[str, typer.Argument(metavar="MILESTONE", help="Its number or key.")],
    since: Annotated[str | None, typer.Option("--since", metavar="DATE", help="It has stood there since.")] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="The day it is taken over; today unless given.")
    ] = None,
    value: Annotated[str | None, typer.Option("--value", metavar="AMOUNT", help="Its potential.")] = None,
) -> None:
    """Take over an opportunity that stands at a milestone already: no arrival, its clock runs from --since.

    Examples:
      ms standing acme 3 --since 2026-06-01
      ms standing acme offer --since 2026-06-01 --value 120k
    """
    from milestone_cli.commands.opening import writing
    from milestone_cli.commands.recorded import (
        about,
        case_of,
        day_of,
        ground_of,
        next_of,
        show_recorded,
        standing_at,
        worth_moved,
    )
    from milestone_cli.domain.changes import take_over
    from milestone_cli.reports.recorded import Numbered, standing_document

    day = day_of(call, on)
    begun = None if since is None else call.day(since)
    with writing(call, "standing") as ledger:
        case = case_of(call, ledger.book, opportunity)
        amount = None if value is None else call.amount(value, case.history.currency)
        facts, basis = take_over(case, milestone, on=day, since=begun, value=amount), ground_of(ledger.book, case)
        recorded = ledger.record(facts)
    done = replace(case, facts=(*case.facts, *recorded))
    state, worth = done.state(), worth_moved(case, done, basis)
    # the milestone may be gone in today's version: then it stands before the first one that is left
    at = standing_at(case, state) or Numbered(0, case.history.at(day).process.milestones[0])
    show_recorded(call, standing_document(about(call, case), recorded[0], at, next_of(case, state), worth))
