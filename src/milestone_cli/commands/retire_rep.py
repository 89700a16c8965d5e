"""`ms retire-rep`: a rep leaves; what they brought stays theirs."""

from __future__ import annotations

from typing import Annotated

import typer

from milestone_cli.domain.day import iso
from milestone_cli.errors import AlreadyRecorded, RuleBroken
from milestone_cli.options import Call


def retire_rep(
    call: Call,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The rep.")],
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day; today unless given.")] = None,
) -> None:
    """Record that a rep has left, and say what is still with them.

    Examples:
      ms retire-rep ben
      ms retire-rep ben --on 2026-10-31
    """
    from milestone_cli.commands.opening import writing
    from milestone_cli.commands.reps import in_play
    from milestone_cli.domain.changes import not_in_the_future
    from milestone_cli.reports.reps import retired_document

    day = call.today if on is None else call.day(on)
    not_in_the_future(day, call.today)
    with writing(call, "retire-rep") as ledger:
        rep = ledger.book.setup.rep(key)
        if rep.retired_on is not None:
            raise AlreadyRecorded(f"{rep.key} has retired already, on {iso(rep.retired_on)}.")
        if day < rep.began:
            raise RuleBroken(
                f"{rep.key} began on {iso(rep.began)} and cannot have retired on {iso(day)}.", "Check the day of --on."
            )
        still = in_play(ledger.book, rep).total()
        ledger.retire_rep(rep, on=day)
    call.show(retired_document(rep, day, in_play=still, dry_run=call.dry_run))
