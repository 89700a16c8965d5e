"""`ms cascade`: what must arrive at each milestone a month so that the target arrives at the last, or for one month."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.domain.basis import RateSource
from milestone_cli.options import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from milestone_cli.domain.day import Day, Month
    from milestone_cli.domain.setup import Rep
    from milestone_cli.reports.cascade import CascadeReport
    from milestone_cli.reports.cascade_ground import CascadeGround
    from milestone_cli.reports.table import Document
    from milestone_cli.store.book import Book

    Tried = Mapping[str, Fraction | None]
    """By process: a target to look with, in minor units."""


def cascade(
    call: Call,
    target: Annotated[
        str | None, typer.Option("--target", metavar="AMOUNT", help="Try this target a month; nothing is recorded.")
    ] = None,
    rates: Annotated[
        RateSource, typer.Option("--rates", metavar="RATES", help="measured, or planned as in the process file.")
    ] = RateSource.MEASURED,
    for_: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="MONTH", help="By when what must arrive for this month, given what is open already."
        ),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print the arithmetic behind it.")] = False,
) -> None:
    """Show what must arrive at each milestone each month, what a better rate would save, or for one month by when.

    Examples:
      ms cascade --target 150k --explain
      ms cascade --for 2027-06 --rep anna
    """
    from milestone_cli.commands.chosen import chosen_processes, chosen_rep
    from milestone_cli.commands.gap import month_ahead
    from milestone_cli.commands.opening import looked_at, reading

    as_of, planned = looked_at(call), rates is RateSource.PLANNED
    month = None if for_ is None else month_ahead(call.month(for_), as_of)
    with reading(call) as book:
        rep = chosen_rep(book, call)
        tried = {key: _amount(call, book, key, target) for key in chosen_processes(book, call)}
        if month is None:
            said = _each_month(book, tried, as_of, rep, planned=planned, explain=explain)
        else:
            said = _one_month(book, tried, as_of, month, rep, planned=planned, explain=explain)
    call.show(said)


def _amount(call: Call, book: Book, process: str, target: str | None) -> Fraction | None:
    """Return what --target names in minor units of the process."""
    return None if target is None else Fraction(call.amount(target, book.setup.processes[process].currency))


def _each_month(book: Book, tried: Tried, as_of: Day, rep: Rep | None, *, planned: bool, explain: bool) -> Document:
    from milestone_cli.commands.cascade_grounds import ground_of
    from milestone_cli.reports.cascade import cascade_document

    grounds = [ground_of(book, key, as_of, rep, amount, planned=planned) for key, amount in tried.items()]
    reports = [_report(ground) for ground in grounds]
    document = cascade_document(reports, as_of, None if rep is None else rep.key)
    if not explain:
        return document
    from milestone_cli.reports.cascade_explained import explained

    return explained(document, list(zip(grounds, reports, strict=True)))


def _one_month(
    book: Book, tried: Tried, as_of: Day, month: Month, rep: Rep | None, *, planned: bool, explain: bool
) -> Document:
    from milestone_cli.commands.gap import planning
    from milestone_cli.reports.gap_plan import gap_document

    plans = [planning(book, key, as_of, month, rep, amount, planned=planned) for key, amount in tried.items()]
    reports = [plan.report() for plan in plans]
    document = gap_document(reports, as_of, None if rep is None else rep.key)
    if not explain:
        return document
    from milestone_cli.commands.gap_grounds import gap_ground
    from milestone_cli.reports.gap_explained import explained

    behind = [(gap_ground(book, plan), report) for plan, report in zip(plans, reports, strict=True)]
    return explained(document, behind, None if rep is None else rep.key)


def report_of(book: Book, process: str, as_of: Day, rep: Rep | None) -> CascadeReport:
    """Return the cascade of one process by measured rates, with the target that is set."""
    from milestone_cli.commands.cascade_grounds import ground_of

    return _report(ground_of(book, process, as_of, rep, None, planned=False))


def _report(ground: CascadeGround) -> CascadeReport:
    from milestone_cli.reports.cascade import cascade_report

    wanted = ground.target.wanted
    return cascade_report(ground.definition, ground.basis, wanted.amount, wanted.source, ground.mean_values)
