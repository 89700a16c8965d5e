"""From a plan for one month to what it is made of, for `ms cascade --for MONTH --explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from milestone_cli.commands.carriers import carriers
from milestone_cli.domain.day import first_of_month
from milestone_cli.reports.gap_explained import GapGround

if TYPE_CHECKING:
    from milestone_cli.commands.gap import Planning
    from milestone_cli.domain.arrivals import ListedArrival
    from milestone_cli.store.book import Book


def gap_ground(book: Book, made: Planning) -> GapGround:
    """Return what a plan is made of, its opportunities and arrivals by name."""
    plan, learnt = made.plan, made.ways.calibration
    return GapGround(
        cascade=made.ground,
        conversion=tuple(plan.conversion.tolist()),
        there=tuple(tuple(shares) for shares in plan.there.tolist()),
        from_open=tuple(round(money) for money in made.said.open_mean[-1].tolist()),
        carriers=carriers(book, made.seen, made.said),
        arrivals=tuple(_arrivals(book, made)),
        bias=learnt.bias,
        hindcasts=learnt.hindcasts,
    )


def _arrivals(book: Book, made: Planning) -> list[ListedArrival]:
    """Return what has arrived at the last milestone in the month so far."""
    first, process = first_of_month(made.month), made.seen.process
    if first > made.seen.as_of:
        return []
    number = None if made.rep is None else made.rep.number
    listed = book.arrivals_listed(process.key, first, made.seen.as_of, rep=number)
    return [one for one in listed if one.milestone == process.keys[-1]]
