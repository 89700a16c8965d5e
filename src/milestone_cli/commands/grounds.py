"""From the book to the ground the KPIs are computed from: what is read, for whom, for which period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from milestone_cli.domain.basis import ENOUGH_ARRIVALS, NO_WORTH
from milestone_cli.domain.day import last_of_month
from milestone_cli.domain.period import Period, month_period
from milestone_cli.reports.kpis import TREND_PERIODS, Ground, KpisReport, kpis, months_needed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from milestone_cli.domain.arrivals import Arrived
    from milestone_cli.domain.basis import Basis
    from milestone_cli.domain.day import Day, Month
    from milestone_cli.domain.setup import Rep
    from milestone_cli.store.book import Book


def basis_of(book: Book, process: str, month: Month, as_of: Day, *, planned: bool) -> Basis:
    """Return what the targets of a month cascade with, by measured rates or, where asked for, by the plan."""
    basis = book.basis(process, month, as_of)
    if not planned:
        return basis
    return basis.as_planned(book.setup.processes[process].seen(as_of).at(min(as_of, last_of_month(month))))


def ground(
    book: Book,
    process: str,
    period: Period,
    as_of: Day,
    *,
    rep: Rep | None,
    by_rep: bool = False,
    planned: bool = False,
    trend: bool = True,
) -> Ground:
    """Return the ground of one process in one period; arrivals are those of `rep`, or of the team.

    Without `trend` nothing of earlier periods is in it: reading their sums is most of what recording costs in a large
    book.
    """
    setup = book.setup.seen(as_of)
    history = setup.processes[process]
    definition = history.at(min(period.end, as_of))
    bases = {month: basis_of(book, process, month, as_of, planned=planned) for month in months_needed(period)}
    thin = any(
        basis.worths.get(key, NO_WORTH).count < ENOUGH_ARRIVALS
        for basis in bases.values()
        for key in definition.process.keys
    )
    number = None if rep is None else rep.number

    def arrived(span: Period) -> Mapping[str, Arrived]:
        return book.arrived(process, span.start, min(span.end, as_of), rep=number)

    def arrived_by_rep(span: Period) -> Mapping[int | None, Mapping[str, Arrived]]:
        return book.arrived_by_rep(process, span.start, min(span.end, as_of))

    earlier = period.earlier(TREND_PERIODS) if trend else ()
    return Ground(
        definition=definition,
        period=period,
        as_of=as_of,
        bases=bases,
        targets=setup.targets,
        reps=setup.reps,
        began=book.began(process),
        history_from=history.history_from,
        arrived=arrived(period),
        earlier=tuple(arrived(past) for past in earlier),
        overall=book.overall_worths(process, as_of) if thin and definition.process.typical_value is None else {},
        by_rep=arrived_by_rep(period) if by_rep else None,
        earlier_by_rep=tuple(arrived_by_rep(past) for past in earlier) if by_rep else (),
    )


def month_kpis(
    book: Book, process: str, month: Month, as_of: Day, rep: Rep | None, *, trend: bool = True
) -> KpisReport:
    """Return the KPIs of one month; the lamps that a recording command moves need no trend."""
    return kpis(ground(book, process, month_period(month), as_of, rep=rep, trend=trend), rep)
