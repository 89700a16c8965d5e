"""`ms reopen`: a lost opportunity is open again."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from milestone_cli.options import Call


def reopen(
    call: Call,
    opportunity: Annotated[str, typer.Argument(metavar="OPPORTUNITY", help="Its key or number.")],
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="Since when; today unless given.")] = None,
) -> None:
    """Open a lost opportunity again; its clock runs on from the milestone it stands at.

    Examples:
      ms reopen acme
      ms reopen acme --on 2026-11-20
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
    from milestone_cli.domain.changes import reopen as decided
    from milestone_cli.reports.recorded import reopened_document

    day = day_of(call, on)
    with writing(call, "reopen") as ledger:
        case = case_of(call, ledger.book, opportunity)
        facts, basis = decided(case, on=day), ground_of(ledger.book, case)
        recorded = ledger.record(facts)
    done = replace(case, facts=(*case.facts, *recorded))
    state, worth = done.state(), worth_moved(case, done, basis)
    at, coming = standing_at(case, state), next_of(case, state)
    show_recorded(call, reopened_document(about(call, case), recorded[0], at, coming, worth))
