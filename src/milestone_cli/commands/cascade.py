"""`ms cascade`: what must arrive at each milestone a month so that the target arrives at the last."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.domain.basis import RateSource
from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.setup import Rep
    from milestone_cli.reports.cascade import CascadeReport
    from milestone_cli.store.book import Book


def cascade(
    call: Call,
    target: Annotated[
        str | None, typer.Option("--target", metavar="AMOUNT", help="Try this target a month; nothing is recorded.")
    ] = None,
    rates: Annotated[
        RateSource, typer.Option("--rates", metavar="RATES", help="measured, or planned as in the process file.")
    ] = RateSource.MEASURED,
) -> None:
    """Show what must arrive at each milestone each month, and what a better rate would save.

    Examples:
      ms cascade
      ms cascade --process b2b --target 150k
    """
    from milestone_cli.commands.chosen import chosen_processes, chosen_rep
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.reports.cascade import cascade_document

    as_of = looked_at(call)
    with reading(call) as book:
        rep = chosen_rep(book, call)
        reports = []
        for key in chosen_processes(book, call):
            currency = book.setup.processes[key].currency
            tried = None if target is None else Fraction(call.amount(target, currency))
            reports.append(report_of(book, key, as_of, rep, tried, planned=rates is RateSource.PLANNED))
    call.show(cascade_document(reports, as_of, None if rep is None else rep.key))


def report_of(
    book: Book, process: str, as_of: Day, rep: Rep | None, tried: Fraction | None, *, planned: bool
) -> CascadeReport:
    """Return the cascade of one process; `tried` is a target to look with, in minor units."""
    from milestone_cli.commands.grounds import basis_of
    from milestone_cli.domain.basis import NO_WORTH, mean_value
    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.targets import TargetSource, in_force, wanted
    from milestone_cli.reports.cascade import cascade_report

    setup = book.setup.seen(as_of)
    definition = setup.processes[process].at(as_of)
    basis = basis_of(book, process, month_of(as_of), as_of, planned=planned)
    amounts = in_force(setup.targets, process, basis.month, known_before=None)
    active = [other.number for other in setup.reps.values() if other.active_on(as_of)]
    found = wanted(amounts, None if rep is None else rep.number, sharers=basis.owners, active=active)
    overall = book.overall_worths(process, as_of)
    typical = definition.process.typical_value
    means = [
        mean_value(basis.worths.get(key, NO_WORTH), typical, overall.get(key, NO_WORTH))
        for key in definition.process.keys
    ]
    source = TargetSource.OWN if tried is not None else found.source
    return cascade_report(definition, basis, found.amount if tried is None else tried, source, means)
