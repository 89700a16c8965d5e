"""`ms assign`: another rep owns an opportunity now, or all that a rep had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.errors import AlreadyRecorded, UsageError
from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day


def assign(
    call: Call,
    opportunity: Annotated[
        str | None, typer.Argument(metavar="OPPORTUNITY", help="Its key, number or a unique beginning.")
    ] = None,
    rep: Annotated[str | None, typer.Argument(metavar="REP", help="Who owns it now.")] = None,
    from_rep: Annotated[
        str | None, typer.Option("--from-rep", metavar="REP", help="Hand over all open ones of this rep.")
    ] = None,
    to_rep: Annotated[str | None, typer.Option("--to-rep", metavar="REP", help="Who gets them.")] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="From this day on; today unless given.")
    ] = None,
) -> None:
    """Give an opportunity to a rep, or all open ones of a rep to another.

    Examples:
      ms assign acme ben
      ms assign --from-rep anna --to-rep ben --on 2026-12-01 --as-of 2026-12-01
    """
    from milestone_cli.commands.recorded import day_of

    day = day_of(call, on)
    if opportunity is not None and rep is not None and from_rep is None and to_rep is None:
        _assign_one(call, opportunity, rep, day)
    elif opportunity is None and from_rep is not None and to_rep is not None:
        _hand_over(call, from_rep, to_rep, day)
    else:
        raise UsageError(
            "`ms assign` needs an opportunity and a rep, or --from-rep and --to-rep.",
            "For example: `ms assign acme ben`, or `ms assign --from-rep anna --to-rep ben`.",
        )


def _assign_one(call: Call, opportunity: str, name: str, day: Day) -> None:
    from milestone_cli.commands.opening import writing
    from milestone_cli.commands.recorded import about, case_of, rep_called, rep_key, show_recorded
    from milestone_cli.domain.changes import assign as decided
    from milestone_cli.reports.recorded import assigned_document

    with writing(call, "assign") as ledger:
        case = case_of(call, ledger.book, opportunity)
        rep = rep_called(call, ledger.book, name, day)
        before = rep_key(ledger.book, case.owner_on(day))
        recorded = ledger.record(decided(case, rep.number, on=day))
    show_recorded(call, assigned_document(about(call, case), recorded[0], rep.key, before))


def _hand_over(call: Call, from_rep: str, to_rep: str, day: Day) -> None:
    """Give every target and open opportunity of one rep to another, in one command."""
    from milestone_cli.commands.opening import writing
    from milestone_cli.commands.recorded import rep_called, show_recorded
    from milestone_cli.domain.changes import assign as decided
    from milestone_cli.reports.recorded import Handover, handed_over_document

    with writing(call, "assign") as ledger:
        book = ledger.book
        giver, taker = book.setup.rep(from_rep), rep_called(call, book, to_rep, day)
        if giver == taker:
            raise UsageError(f"--from-rep and --to-rep are both {giver.key}.", "Name two reps.")
        process = None if call.process is None else book.setup.process(call.process).key
        keys = []
        for case in book.cases(book.in_play_of(giver.number, process=process), call.today):
            try:
                facts = decided(case, taker.number, on=day)
            except AlreadyRecorded:  # a later fact gives it to the giver again
                continue
            ledger.record(facts)
            keys.append(case.key)
    handover = Handover(from_rep=giver.key, to_rep=taker.key, on=day, opportunities=tuple(keys), dry_run=call.dry_run)
    show_recorded(call, handed_over_document(handover))
