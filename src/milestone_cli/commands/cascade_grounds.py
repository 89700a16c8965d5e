"""From the book to the ground of a cascade: the target and what it comes from, the month's rates, mean values.

Invariant: a target named on the command line is for looking only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

    from milestone_cli.domain.basis import Basis, MeanValue
    from milestone_cli.domain.day import Day, Month
    from milestone_cli.domain.process import Definition
    from milestone_cli.domain.setup import Rep
    from milestone_cli.reports.cascade_ground import CascadeGround, TargetGround
    from milestone_cli.store.book import Book


def ground_of(
    book: Book, process: str, as_of: Day, rep: Rep | None, tried: Fraction | None, *, planned: bool
) -> CascadeGround:
    """Return what the cascade of one process is computed from; `tried` is a target to look with, in minor units."""
    from milestone_cli.commands.grounds import basis_of
    from milestone_cli.domain.day import month_of
    from milestone_cli.reports.cascade_ground import CascadeGround

    definition = book.setup.seen(as_of).processes[process].at(as_of)
    basis = basis_of(book, process, month_of(as_of), as_of, planned=planned)
    target = target_of(book, process, as_of, basis.month, rep, basis, tried)
    means = means_of(book, definition, basis, as_of)
    return CascadeGround(definition=definition, basis=basis, target=target, means=means)


def target_of(
    book: Book, process: str, as_of: Day, month: Month, rep: Rep | None, basis: Basis, tried: Fraction | None
) -> TargetGround:
    """Return what is wanted at the last milestone in a month as it is set now; `tried` rules over it."""
    from milestone_cli.domain.targets import TargetSource, Wanted, holding, wanted
    from milestone_cli.reports.cascade_ground import TargetGround

    setup = book.setup.seen(as_of)
    held = holding(setup.targets, process, month, known_before=None)
    if tried is not None:
        own = Wanted(tried, TargetSource.OWN)
        return TargetGround(wanted=own, month=month, holding=held, reps=setup.reps, rep=rep, tried=True)
    amounts = {owner: target.amount for owner, target in held.items()}
    active = [other.number for other in setup.reps.values() if other.active_on(as_of)]
    found = wanted(amounts, None if rep is None else rep.number, sharers=basis.owners, active=active)
    return TargetGround(wanted=found, month=month, holding=held, reps=setup.reps, rep=rep)


def means_of(book: Book, definition: Definition, basis: Basis, as_of: Day) -> tuple[MeanValue, ...]:
    """Return what an arrival at each milestone is worth."""
    from milestone_cli.domain.basis import NO_WORTH, mean_of

    process = definition.process
    overall = book.overall_worths(process.key, as_of)
    return tuple(
        mean_of(basis.worths.get(key, NO_WORTH), process.typical_value, overall.get(key, NO_WORTH))
        for key in process.keys
    )
