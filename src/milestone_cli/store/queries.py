"""What reports read: sums over indexed ranges and columns, never objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from milestone_cli.domain.arrivals import Arrived, ListedArrival
from milestone_cli.domain.day import Day
from milestone_cli.store.lists import any_of
from milestone_cli.store.tables import TABLES

_arrival = TABLES["arrival"]
_milestone = TABLES["milestone"]
_opportunity = TABLES["opportunity"]
_tenure = TABLES["tenure"]
_fact = TABLES["fact"]


def arrived(
    connection: Connection, process: int, start: Day, end: Day, *, rep: int | None = None
) -> dict[str, Arrived]:
    """Return what arrived from `start` to `end` (both included) by milestone key, of one rep or the team."""
    return {key: sums for (_, key), sums in _sums(connection, process, start, end, rep=rep, by_rep=False)}


def arrived_by_rep(connection: Connection, process: int, start: Day, end: Day) -> dict[int | None, dict[str, Arrived]]:
    """Return what arrived from `start` to `end` by rep (None: nobody's) and milestone key."""
    reps: dict[int | None, dict[str, Arrived]] = {}
    for (rep, key), sums in _sums(connection, process, start, end, rep=None, by_rep=True):
        reps.setdefault(rep, {})[key] = sums
    return reps


def _sums(
    connection: Connection, process: int, start: Day, end: Day, *, rep: int | None, by_rep: bool
) -> Iterator[tuple[tuple[int | None, str], Arrived]]:
    grouping = [_arrival.c.milestone, *([_arrival.c.rep] if by_rep else [])]
    query = (
        select(
            *grouping,
            func.coalesce(func.sum(_arrival.c.value), 0).label("money"),
            func.count().label("arrivals"),
            func.count(_arrival.c.value).label("known"),
        )
        .where(_arrival.c.process == process, _arrival.c.day.between(start, end))
        .group_by(*grouping)
    )
    if rep is not None:
        query = query.where(_arrival.c.rep == rep)
    keys = milestone_keys(connection, process)
    for row in connection.execute(query):
        owner = row.rep if by_rep else None
        yield (owner, keys[row.milestone]), Arrived(row.money, row.arrivals, row.arrivals - row.known)


def arrivals_listed(
    connection: Connection, process: int, start: Day, end: Day, *, rep: int | None = None
) -> list[ListedArrival]:
    """Return every single arrival from `start` to `end` (both included), by day and opportunity."""
    query = (
        select(
            _opportunity.c.key,
            _milestone.c.key.label("milestone_key"),
            _arrival.c.day,
            _arrival.c.value,
            _arrival.c.rep,
            _arrival.c.implied,
        )
        .join(_opportunity, _opportunity.c.number == _arrival.c.opportunity)
        .join(_milestone, _milestone.c.number == _arrival.c.milestone)
        .where(_arrival.c.process == process, _arrival.c.day.between(start, end))
        .order_by(_arrival.c.day, _opportunity.c.folded, _milestone.c.number)
    )
    if rep is not None:
        query = query.where(_arrival.c.rep == rep)
    return [
        ListedArrival(row.key, row.milestone_key, row.day, row.value, row.rep, bool(row.implied))
        for row in connection.execute(query)
    ]


def milestone_keys(connection: Connection, process: int) -> dict[int, str]:
    """Return the milestone keys of a process by their number in this file."""
    query = select(_milestone.c.number, _milestone.c.key).where(_milestone.c.process == process)
    return {row.number: row.key for row in connection.execute(query)}


def owners_on(connection: Connection, process: int, day: Day) -> list[int]:
    """Return the reps who owned an open opportunity of the process on `day`, by number."""
    lasting = _tenure.c.ends.is_(None) | (_tenure.c.ends > day)
    query = select(_tenure.c.rep).where(_tenure.c.process == process, _tenure.c.begins <= day, lasting).distinct()
    return sorted(connection.execute(query).scalars())


def first_day(connection: Connection, process: int) -> Day | None:
    """Return the day of the first fact about an opportunity of the process; None where there is none."""
    opened = select(func.min(_opportunity.c.opened_on)).where(_opportunity.c.process == process)
    arrival = select(func.min(_arrival.c.day)).where(_arrival.c.process == process)
    days = [connection.execute(query).scalar() for query in (opened, arrival)]
    return min((day for day in days if day is not None), default=None)


class Tally(NamedTuple):
    """How many opportunities have the same process, owner, milestone and status."""

    process: str
    rep: int | None
    milestone: str | None
    """The key of the milestone they stand at; None before the first one."""
    status: str
    opportunities: int


def tallies(connection: Connection) -> list[Tally]:
    """Return how many opportunities there are, by process, owner, milestone and status."""
    process = TABLES["process"]
    query = (
        select(
            process.c.key,
            _opportunity.c.rep,
            _milestone.c.key.label("milestone"),
            _opportunity.c.status,
            func.count().label("count"),
        )
        .join(process, process.c.number == _opportunity.c.process)
        .join(_milestone, _milestone.c.number == _opportunity.c.milestone, isouter=True)
        .where(_opportunity.c.folded.is_not(None))
        .group_by(process.c.key, _opportunity.c.rep, _milestone.c.key, _opportunity.c.status)
    )
    return [Tally(*row) for row in connection.execute(query)]


def opportunity_numbers(connection: Connection, process: int) -> list[int]:
    """Return the numbers of a process's opportunities."""
    query = select(_opportunity.c.number).where(_opportunity.c.process == process)
    return list(connection.execute(query).scalars())


def names(connection: Connection, process: int) -> dict[int, tuple[str, str]]:
    """Return key and customer of a process's opportunities by number."""
    customer = TABLES["customer"]
    query = select(_opportunity.c.number, _opportunity.c.key, customer.c.name).join(
        customer, customer.c.number == _opportunity.c.customer
    )
    return {
        row.number: (row.key, row.name) for row in connection.execute(query.where(_opportunity.c.process == process))
    }


def names_of(
    connection: Connection, numbers: Iterable[int], *, standing: bool = False
) -> dict[int, tuple[str, str, int]]:
    """Return key, customer and process of these opportunities by number; `standing` leaves out what was undone."""
    customer = TABLES["customer"]
    query = select(_opportunity.c.number, _opportunity.c.key, customer.c.name, _opportunity.c.process).join(
        customer, customer.c.number == _opportunity.c.customer
    )
    if standing:
        query = query.where(_opportunity.c.folded.is_not(None))
    rows = connection.execute(query.where(_opportunity.c.number.in_(any_of(set(numbers)))))
    return {row.number: (row.key, row.name, row.process) for row in rows}


def in_play_of(connection: Connection, rep: int, *, process: int | None = None) -> list[int]:
    """Return the numbers of the target and open opportunities that a rep owns."""
    query = select(_opportunity.c.number).where(
        _opportunity.c.rep == rep, _opportunity.c.status.in_(("target", "open"))
    )
    if process is not None:
        query = query.where(_opportunity.c.process == process)
    return sorted(connection.execute(query).scalars())


def last_day(connection: Connection) -> Day | None:
    """Return the latest day any fact is true on."""
    return connection.execute(select(func.max(_fact.c.day))).scalar()


def last_revaluation(connection: Connection) -> Day | None:
    """Return the latest day on which any potential changed; None where none ever did."""
    return connection.exec_driver_sql("SELECT max(day) FROM fact WHERE kind = 'revalued'").scalar()


def opportunity_rows(
    connection: Connection, *, process: int | None = None, statuses: Sequence[str] = ()
) -> Iterator[dict[str, Any]]:
    """Yield the columns of every opportunity that was not undone, with its customer, in the order of their keys."""
    customer = TABLES["customer"]
    query = (
        select(_opportunity, customer.c.name.label("customer_name"))
        .join(customer, customer.c.number == _opportunity.c.customer)
        .where(_opportunity.c.folded.is_not(None))
        .order_by(_opportunity.c.folded)
    )
    if process is not None:
        query = query.where(_opportunity.c.process == process)
    if statuses:
        query = query.where(_opportunity.c.status.in_(statuses))
    for row in connection.execute(query).mappings():
        yield dict(row)
