"""`ms cascade`: what must arrive at each milestone a month so that the target arrives at the last, or for one month."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.domain.basis import RateSource
from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.domain.basis import Basis
    from milestone_cli.domain.day import Day, Month
    from milestone_cli.domain.process import Definition
    from milestone_cli.domain.setup import Rep
    from milestone_cli.domain.targets import Wanted
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
    for_: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="MONTH", help="By when what must arrive for this month, given what is open already."
        ),
    ] = None,
) -> None:
    """Show what must arrive at each milestone each month, what a better rate would save, or for one month by when.

    Examples:
      ms cascade --target 150k
      ms cascade --for 2027-06 --rep anna
    """
    from milestone_cli.commands.chosen import chosen_processes, chosen_rep
    from milestone_cli.commands.gap import gap_of, month_ahead
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.reports.cascade import cascade_document
    from milestone_cli.reports.gap_plan import gap_document

    as_of, planned = looked_at(call), rates is RateSource.PLANNED
    month = None if for_ is None else month_ahead(call.month(for_), as_of)
    reports, gaps = [], []
    with reading(call) as book:
        rep = chosen_rep(book, call)
        for key in chosen_processes(book, call):
            currency = book.setup.processes[key].currency
            tried = None if target is None else Fraction(call.amount(target, currency))
            if month is None:
                reports.append(report_of(book, key, as_of, rep, tried, planned=planned))
            else:
                gaps.append(gap_of(book, key, as_of, month, rep, tried, planned=planned))
    whose = None if rep is None else rep.key
    call.show(cascade_document(reports, as_of, whose) if month is None else gap_document(gaps, as_of, whose))


def report_of(
    book: Book, process: str, as_of: Day, rep: Rep | None, tried: Fraction | None, *, planned: bool
) -> CascadeReport:
    """Return the cascade of one process; `tried` is a target to look with, in minor units."""
    from milestone_cli.commands.grounds import basis_of
    from milestone_cli.domain.day import month_of
    from milestone_cli.reports.cascade import cascade_report

    definition = book.setup.seen(as_of).processes[process].at(as_of)
    basis = basis_of(book, process, month_of(as_of), as_of, planned=planned)
    found = wanted_in(book, process, as_of, basis.month, rep, basis, tried)
    return cascade_report(definition, basis, found.amount, found.source, mean_values(book, definition, basis, as_of))


def wanted_in(
    book: Book, process: str, as_of: Day, month: Month, rep: Rep | None, basis: Basis, tried: Fraction | None
) -> Wanted:
    """Return what is wanted at the last milestone in a month as it is set now; `tried` rules over it."""
    from milestone_cli.domain.targets import TargetSource, Wanted, in_force, wanted

    if tried is not None:
        return Wanted(tried, TargetSource.OWN)
    setup = book.setup.seen(as_of)
    amounts = in_force(setup.targets, process, month, known_before=None)
    active = [other.number for other in setup.reps.values() if other.active_on(as_of)]
    return wanted(amounts, None if rep is None else rep.number, sharers=basis.owners, active=active)


def mean_values(book: Book, definition: Definition, basis: Basis, as_of: Day) -> list[Fraction | None]:
    """Return what an arrival at each milestone is worth, in minor units."""
    from milestone_cli.domain.basis import NO_WORTH, mean_value

    process = definition.process
    overall = book.overall_worths(process.key, as_of)
    return [
        mean_value(basis.worths.get(key, NO_WORTH), process.typical_value, overall.get(key, NO_WORTH))
        for key in process.keys
    ]
