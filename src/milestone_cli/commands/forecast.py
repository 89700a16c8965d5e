"""`ms forecast`: what arrives in the months to come, from facts alone."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.commands.seeds import SEED
from milestone_cli.errors import UsageError
from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.commands.forecast_parts import Asking
    from milestone_cli.domain.day import Day

MOST_MONTHS = 36


class By(StrEnum):
    """What `--by` splits a forecast by."""

    MONTH = "month"
    QUARTER = "quarter"
    REP = "rep"


def forecast(
    call: Call,
    months: Annotated[
        int, typer.Option("--months", metavar="N", min=1, max=MOST_MONTHS, help="So many months after this one.")
    ] = 6,
    milestone: Annotated[
        str | None, typer.Option("--milestone", metavar="MILESTONE", help="Another one than the last, or all.")
    ] = None,
    by: Annotated[By, typer.Option("--by", metavar="BY", help="month, quarter, or rep.")] = By.MONTH,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="What has changed since the forecast of that day.")
    ] = None,
    what_if: Annotated[
        list[str] | None,
        typer.Option("--what-if", metavar="TEXT", help='"rate 2->3 = 60%", "inflow +20%", "lose KEY"; repeatable.'),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print what it stands on, and who carries it.")] = False,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Where chance begins.")] = SEED,
) -> None:
    """Forecast what arrives at the last milestone, or another one, in the months to come.

    Nobody has typed a probability or a date for it: it comes from what customers did. `--process all` adds up the
    processes of each currency.

    Examples:
      ms forecast --months 6
      ms forecast --months 12 --milestone all --rep anna
    """
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.reports.forecast_document import forecast_document

    as_of = looked_at(call)
    asking = _asking(call, months, milestone, by, since, what_if or [], seed, as_of=as_of, explain=explain)
    # a view has no journal to ask who was lost then and came back: its states must be those of the day themselves
    with reading(call, replayed=call.known_on is not None) as book:
        from milestone_cli.commands.forecast_parts import reports_of

        reports, rep = reports_of(book, call, as_of, asking)
    document = forecast_document(
        reports, as_of, rep, by_quarter=by is By.QUARTER, grid=asking.every_milestone, explain=explain
    )
    call.show(document)


def _asking(
    call: Call,
    months: int,
    milestone: str | None,
    by: By,
    since: str | None,
    what_if: list[str],
    seed: int,
    *,
    as_of: Day,
    explain: bool,
) -> Asking:
    """Return what is asked.

    Raises:
        UsageError: options that cannot go together.
        InvalidValue: a day or a what-if that cannot be read.
    """
    from milestone_cli.commands.chosen import day_before
    from milestone_cli.commands.forecast_parts import Asking
    from milestone_cli.commands.what_if import parse_what_if

    together = call.process == "all"
    every = milestone is not None and milestone.strip().casefold() == "all"
    if together and (milestone is not None or since is not None or what_if):
        raise UsageError(
            "Several processes have no milestones in common but the last one.",
            "Leave out --milestone, --since and --what-if, or name one process.",
        )
    if by is By.REP and call.rep is not None:
        raise UsageError(
            "--by rep splits the team; it cannot go with one rep.", "Leave out one of them, or add --team."
        )
    if since is not None and call.rep is not None:
        raise UsageError("--since compares the team's forecasts.", "Leave out one of them, or add --team.")
    return Asking(
        months=months,
        milestone=None if every else milestone,
        every_milestone=every,
        by_rep=by is By.REP,
        since=None if since is None else day_before(call, since, as_of),
        what_if=parse_what_if(what_if) if what_if else None,
        explain=explain,
        seed=seed,
        together=together,
    )
