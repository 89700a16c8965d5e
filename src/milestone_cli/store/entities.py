"""Who and what facts are about: processes, milestones, reps, customers, opportunities and their keys.

Invariant: an entity's row is made with the first fact that names it, in the same transaction; it is never deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from milestone_cli.domain.text import fold, slug
from milestone_cli.store.journal import Recording
from milestone_cli.store.tables import TABLES

_process = TABLES["process"]
_milestone = TABLES["milestone"]
_rep = TABLES["rep"]
_customer = TABLES["customer"]
_opportunity = TABLES["opportunity"]


def process_number(connection: Connection, key: str, milestones: Iterable[str]) -> int:
    """Return the number of a process, making it and its missing milestones."""
    number = connection.execute(select(_process.c.number).where(_process.c.key == key)).scalar()
    if number is None:
        number = connection.execute(insert(_process).values(key=key).returning(_process.c.number)).scalar_one()
    known = set(connection.execute(select(_milestone.c.key).where(_milestone.c.process == number)).scalars())
    missing = [{"process": number, "key": milestone} for milestone in milestones if milestone not in known]
    if missing:
        connection.execute(insert(_milestone), missing)
    return int(number)


def rep_row(connection: Connection, key: str, name: str) -> int:
    """Return the number of the rep with this key, making the row if it is missing."""
    number = connection.execute(select(_rep.c.number).where(_rep.c.folded == fold(key))).scalar()
    if number is None:
        row = {"key": key, "name": name, "folded": fold(key)}
        number = connection.execute(insert(_rep).values(row).returning(_rep.c.number)).scalar_one()
    return int(number)


class Customer(NamedTuple):
    """A customer as a command names them."""

    number: int
    name: tuple[int, str]
    """The reference of the text of their name, as the command writes it."""
    is_written_so: bool
    """As the command writes it they are written already."""


def customer_called(recording: Recording, name: str) -> Customer:
    """Return the customer of this name, making the row if it is missing."""
    connection = recording.connection
    reference = recording.keep_text(name)
    found = connection.execute(select(_customer).where(_customer.c.folded == fold(name))).first()
    if found is not None:
        return Customer(found.number, reference, found.name == name)
    recording.flush()
    row = {"name": name, "folded": fold(name), "text": reference[0]}
    number = connection.execute(insert(_customer).values(row).returning(_customer.c.number)).scalar_one()
    return Customer(int(number), reference, is_written_so=True)


def free_key(connection: Connection, customer: str) -> str:
    """Return a key made from a customer's name that no opportunity has: `acme`, the next one `acme-2`."""
    wanted = slug(customer)
    begins = select(_opportunity.c.folded).where(
        (_opportunity.c.folded == wanted)
        | ((_opportunity.c.folded > f"{wanted}-") & (_opportunity.c.folded < f"{wanted}-:"))
    )
    taken = set(connection.execute(begins).scalars())
    number, key = 1, wanted
    while key in taken:
        number += 1
        key = f"{wanted}-{number}"
    return key


def key_taken(connection: Connection, key: str) -> bool:
    """Return whether an opportunity has this key."""
    query = select(_opportunity.c.number).where(_opportunity.c.folded == fold(key))
    return connection.execute(query).scalar() is not None


def next_opportunity(connection: Connection) -> int:
    """Return the number the next opportunity gets."""
    return int(connection.execute(select(func.max(_opportunity.c.number))).scalar() or 0) + 1


def make_opportunity(connection: Connection, number: int, process: int, customer: int, key: str) -> None:
    """Make an opportunity's row; its state is projected from its facts."""
    row = {
        "number": number, "process": process, "customer": customer, "key": key, "folded": fold(key), "title": "",
        "status": "undone",
    }  # fmt: skip
    connection.execute(insert(_opportunity).values(row))
