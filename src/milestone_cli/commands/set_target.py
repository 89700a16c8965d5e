"""`ms set-target`: the wanted result a month, of the team or a rep."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.errors import AlreadyRecorded
from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.domain.day import Month
    from milestone_cli.domain.money import Currency
    from milestone_cli.domain.setup import Rep
    from milestone_cli.reports.targets import TargetSet
    from milestone_cli.store.recording import Ledger

_ZERO = re.compile(r"0+([.,]0{1,4})?")


def set_target(
    call: Call,
    amount: Annotated[
        str, typer.Argument(metavar="AMOUNT", help="Money a month at the last milestone: 100000, 100k; 0 is no target.")
    ],
    rep: Annotated[str | None, typer.Option("--rep", metavar="REP", help="The rep; else the whole team.")] = None,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="MONTH", help="The first month it holds; the next one unless given."),
    ] = None,
) -> None:
    """Set what is wanted a month at the last milestone; the first target holds from the beginning.

    Examples:
      ms set-target 100k
      ms set-target 30k --rep anna --from 2027-01
    """
    from milestone_cli.commands.opening import writing
    from milestone_cli.reports.targets import target_set_document

    month = None if from_ is None else call.month(from_)
    with writing(call, "set-target") as ledger:
        setup = ledger.book.setup
        history = setup.the_process(call.process)
        owner = None if rep is None else setup.rep(rep)
        wanted = amount_or_none(call, amount, history.currency)
        done = _set(ledger, call, history.key, owner, wanted, month)
    call.show(target_set_document(done))


def amount_or_none(call: Call, text: str, unit: Currency) -> int:
    """Return an amount in minor units; 0, which no other command takes, is no target."""
    return 0 if _ZERO.fullmatch(text.strip()) else call.amount(text, unit)


def _set(ledger: Ledger, call: Call, process: str, owner: Rep | None, amount: int, month: Month | None) -> TargetSet:
    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.definition import changed_target
    from milestone_cli.reports.targets import TargetSet

    setup, number = ledger.book.setup, None if owner is None else owner.number
    target = changed_target(setup.targets, process, number, amount, today=call.today, month=month)
    if target is None:
        whose = "the team" if owner is None else owner.key
        raise AlreadyRecorded(f"That is the target of {whose} in {process} already; nothing was recorded.")
    first = not any((one.process, one.rep) == (process, number) for one in setup.targets)
    basis = ledger.book.basis(process, month_of(call.today), call.today)
    ledger.set_target(process, number, amount, on=call.today, valid_from=target.valid_from)
    return TargetSet(
        target=target,
        rep=None if owner is None else owner.key,
        process=setup.processes[process].at(call.today).process,
        rates=basis.rates,
        first=first,
        dry_run=call.dry_run,
    )
