"""Whom a name on the command line of `ms forget` means. Nothing is ever guessed: what cannot be taken back is exact.

Invariant: a name fits whole or not at all, case and composition aside; one that fits several things is refused with all
of them named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, or_, select

from milestone_cli.domain.text import fold, quoted
from milestone_cli.errors import AmbiguousName, MsError
from milestone_cli.store.facts import arrangement
from milestone_cli.store.lists import any_of
from milestone_cli.store.tables import TABLES

_customer, _opportunity, _rep = TABLES["customer"], TABLES["opportunity"], TABLES["rep"]
_LAST = "\U0010ffff"
_MANY = 2000
"""So many names are looked at for near ones."""


class Whom(StrEnum):
    """As what somebody is forgotten."""

    CUSTOMER = "customer"
    """With every opportunity of theirs."""
    REP = "rep"
    PERSON = "person"
    """Who said or wrote something, or who records."""
    WORD = "word"
    """Nobody: only texts that contain the name."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who is meant."""

    whom: Whom
    number: int
    """Of the customer or rep; 0 for others."""
    name: str
    """As it is recorded."""
    names: tuple[str, ...]
    """Everything they are called: a rep's key and name, a customer's name and the keys of the opportunities."""
    opportunities: tuple[int, ...] = ()
    customers: tuple[int, ...] = ()
    """The numbers of the customer, and of those as whom other books know the same one."""


class SeveralMeant(MsError):
    """A name that customers, reps and persons share."""

    code = "ambiguous_name"

    def __init__(self, name: str, found: Sequence[Whom]) -> None:
        listed = " and ".join(f"a {whom}" for whom in found)
        flags = " or ".join(f"--as {whom}" for whom in found)
        super().__init__(f"{quoted(name)} is {listed} here.", f"Say which one with {flags}.")


def find_customer(connection: Connection, name: str) -> Somebody | None:
    """Return the customer of this name, or whose opportunity has this key or number.

    Raises:
        AmbiguousName: one customer's name is the key of another one's opportunity.
    """
    wanted = fold(name)
    # an opening that was taken back leaves its key, which nobody looks up
    fits = or_(_opportunity.c.folded == wanted, _opportunity.c.folded.is_(None) & (_opportunity.c.key == name))
    found = _owners(connection, fits)
    if not found and wanted.isascii() and wanted.isdigit() and len(wanted) < 16:
        found = _owners(connection, _opportunity.c.number == int(wanted))
    found |= set(connection.execute(select(_customer.c.number).where(_customer.c.folded == wanted)).scalars())
    if len(found) > 1:
        raise AmbiguousName("customer", name, _told_apart(connection, sorted(found)))
    return _customer_of(connection, found.pop()) if found else None


def _owners(connection: Connection, condition: ColumnElement[bool]) -> set[int]:
    """Return the customers of these opportunities; one that is one with another is of the other's customer."""
    one = arrangement(connection).one
    numbers = {one(number) for number in connection.execute(select(_opportunity.c.number).where(condition)).scalars()}
    query = select(_opportunity.c.customer).where(_opportunity.c.number.in_(any_of(numbers)))
    return set(connection.execute(query).scalars())


def _told_apart(connection: Connection, customers: Iterable[int]) -> Iterator[str]:
    """Yield for every customer the number of an opportunity of theirs, which means nobody else."""
    for number in customers:
        found = _customer_of(connection, number)
        yield f"{found.name} (number {found.opportunities[0]})" if found.opportunities else found.name


def _customer_of(connection: Connection, number: int) -> Somebody:
    name = connection.execute(select(_customer.c.name).where(_customer.c.number == number)).scalar_one()
    all_of = arrangement(connection).all_of
    query = select(_opportunity.c.number, _opportunity.c.key, _opportunity.c.customer).order_by(_opportunity.c.number)
    theirs = connection.execute(query.where(_opportunity.c.customer == number)).all()
    numbers = {member for row in theirs for member in all_of(row.number)}
    rows = connection.execute(query.where(_opportunity.c.number.in_(any_of(numbers)))).all()
    customers = {number} | _only_of(connection, {row.customer for row in rows} - {number}, numbers)
    called = select(_customer.c.name).where(_customer.c.number.in_(any_of(customers))).order_by(_customer.c.number)
    names = dict.fromkeys((name, *connection.execute(called).scalars(), *(row.key for row in rows)))
    return Somebody(
        Whom.CUSTOMER, number, name, tuple(names), tuple(row.number for row in rows), tuple(sorted(customers))
    )


def _only_of(connection: Connection, customers: set[int], opportunities: set[int]) -> set[int]:
    """Return the customers who have no other opportunities than these."""
    if not customers:
        return set()
    others = select(_opportunity.c.customer).where(_opportunity.c.customer.in_(any_of(customers)))
    return customers - set(
        connection.execute(others.where(_opportunity.c.number.not_in(any_of(opportunities)))).scalars()
    )


def find_rep(connection: Connection, name: str) -> Somebody | None:
    """Return the rep with this key, else the one of this name.

    Raises:
        AmbiguousName: several have the name.
    """
    wanted = fold(name)
    rows = connection.execute(select(_rep.c.number, _rep.c.key, _rep.c.name)).all()
    found = [row for row in rows if fold(row.key) == wanted] or [row for row in rows if fold(row.name) == wanted]
    if len(found) > 1:
        raise AmbiguousName("rep", name, (row.key for row in found))
    if not found:
        return None
    [row] = found
    return Somebody(Whom.REP, row.number, row.key, tuple(dict.fromkeys((row.key, row.name))))


def near_names(connection: Connection, name: str) -> list[str]:
    """Return names of customers and reps, and keys, to suggest the nearest of."""
    begins = fold(name)[:2]
    found: list[str] = []
    for table, column in ((_customer, _customer.c.name), (_opportunity, _opportunity.c.key)):
        query = select(column).where(table.c.folded >= begins, table.c.folded < begins + _LAST)
        found += connection.execute(query.limit(_MANY)).scalars()
    for row in connection.execute(select(_rep.c.key, _rep.c.name)):
        found += row
    return found
