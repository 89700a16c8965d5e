"""What could be worked on next: the few columns that its order needs, names only for what is shown.

Invariant: dead horses are left out by the database, so that a large book costs no more than what is alive in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from milestone_cli.domain.day import Day
from milestone_cli.store.tables import TABLES

_opportunity = TABLES["opportunity"]
_customer = TABLES["customer"]


class InPlay(NamedTuple):
    """One opportunity, as far as its order is concerned."""

    number: int
    folded: str
    """Its key as it is looked up."""
    rep: int | None
    value: int | None
    milestone: int | None
    """The milestone's number in this file; None for a target customer."""
    opened_on: Day | None
    waiting_since: Day | None
    revisit_on: Day | None


class Named(NamedTuple):
    """What an opportunity is called."""

    key: str
    customer: str
    title: str


_COLUMNS = [_opportunity.c[name] for name in InPlay._fields]


def _those(process: int, rep: int | None, status: str) -> ColumnElement[bool]:
    wanted = [
        _opportunity.c.process == process,
        _opportunity.c.status == status,
        _opportunity.c.folded.is_not(None),
    ]
    if rep is not None:
        wanted.append(_opportunity.c.rep == rep)
    return and_(*wanted)


def open_ones(
    connection: Connection, process: int, alive_since: Mapping[int, Day | None], *, rep: int | None = None
) -> list[InPlay]:
    """Return the open opportunities that are no dead horses.

    Args:
        connection: to the file.
        process: its number.
        alive_since: by number of a milestone: what has waited there since before that day is dead; None: nothing is.
            Opportunities at other milestones are left out.
        rep: only theirs.
    """
    alive = [
        _opportunity.c.milestone == milestone
        if since is None
        else and_(_opportunity.c.milestone == milestone, _opportunity.c.waiting_since >= since)
        for milestone, since in alive_since.items()
    ]
    if not alive:
        return []
    query = select(*_COLUMNS).where(_those(process, rep, "open"), or_(*alive))
    return [InPlay(*row) for row in connection.execute(query)]


def targets(connection: Connection, process: int, limit: int, *, rep: int | None = None) -> list[InPlay]:
    """Return at most `limit` target customers, the longest waiting first."""
    query = (
        select(*_COLUMNS)
        .where(_those(process, rep, "target"))
        .order_by(_opportunity.c.opened_on, _opportunity.c.folded)
        .limit(limit)
    )
    return [InPlay(*row) for row in connection.execute(query)]


def revisits(
    connection: Connection, process: int, day: Day, limit: int, *, rep: int | None = None
) -> tuple[list[InPlay], int]:
    """Return at most `limit` lost ones whose day to look at them again has come, the latest first; and how many are."""
    due = and_(_those(process, rep, "lost"), _opportunity.c.revisit_on <= day)
    query = select(*_COLUMNS).where(due).order_by(_opportunity.c.revisit_on.desc(), _opportunity.c.folded).limit(limit)
    found = [InPlay(*row) for row in connection.execute(query)]
    # most books hold none; only where the list is full there may be more
    if len(found) < limit:
        return found, len(found)
    return found, connection.execute(select(func.count()).where(due)).scalar_one()


def named(connection: Connection, numbers: Iterable[int]) -> dict[int, Named]:
    """Return what a few opportunities are called, by number."""
    wanted: Sequence[int] = sorted(set(numbers))
    query = (
        select(_opportunity.c.number, _opportunity.c.key, _customer.c.name, _opportunity.c.title)
        .join(_customer, _customer.c.number == _opportunity.c.customer)
        .where(_opportunity.c.number.in_(wanted))
    )
    return {row.number: Named(row.key, row.name, row.title) for row in connection.execute(query)}
