"""Texts that are forgotten in one of two books: a merge forgets them in both.

Invariant: facts and their hashes stay, and so does every figure. A customer who is forgotten in one of the two is so in
every opportunity, also in those that only the other one has; what was said of them since, in the book where they are
forgotten, stays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from milestone_cli.store.blanking import blank
from milestone_cli.store.book import Book
from milestone_cli.store.facts import arrangement
from milestone_cli.store.forgotten import (
    forgotten_customers,
    forgotten_identities,
    forgotten_texts,
    references,
    references_to,
    texts_with,
)
from milestone_cli.store.journal import highest
from milestone_cli.store.lists import any_of
from milestone_cli.store.tables import TABLES
from milestone_cli.store.traces import mark_due

_customer, _fact, _opportunity = TABLES["customer"], TABLES["fact"], TABLES["opportunity"]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What is forgotten now."""

    texts: int = 0
    """How many texts this book held until now."""
    about: frozenset[int] = frozenset()
    """The numbers of the opportunities of whose texts some are blank since."""


@dataclass(frozen=True, slots=True)
class Before:
    """The texts of this book before anything of the other one came in."""

    forgotten: frozenset[int]
    customers: frozenset[int]
    """The numbers of the customers who were forgotten."""
    last: int
    """The highest number of a text."""


def texts_before(connection: Connection) -> Before:
    """Return what there is of texts before a merge."""
    return Before(forgotten_texts(connection), forgotten_customers(connection), highest(connection, "text"))


def forget_in_both(book: Book, theirs: Connection, customers: Mapping[int, int], before: Before) -> Forgotten:
    """Forget here what is forgotten in the other book; what it says of whoever is forgotten here has not come in.

    Args:
        book: this one, with everything that it takes from the other.
        theirs: the other one.
        customers: the numbers of its customers here, by the numbers there.
        before: the texts of this book.
    """
    connection = book.connection
    texts = set(texts_with(connection, forgotten_identities(theirs)))
    nameless = {customers[number] for number in forgotten_customers(theirs) if number in customers}
    nameless |= set(connection.execute(select(_customer.c.number).where(_customer.c.text.in_(any_of(texts)))).scalars())
    texts |= {number for number in _texts_about(connection, nameless - before.customers) if number <= before.last}
    texts -= before.forgotten
    if not texts:
        return Forgotten()
    held = len(texts - forgotten_texts(connection))
    blank(book, texts)
    if held:
        mark_due(connection)
    about = (one.opportunity for one in references_to(connection, texts))
    return Forgotten(held, frozenset(number for number in about if number is not None))


def _texts_about(connection: Connection, customers: Collection[int]) -> set[int]:
    """Return the names of these customers, and every text about one of their opportunities."""
    if not customers:
        return set()
    theirs = select(_opportunity.c.number).where(_opportunity.c.customer.in_(any_of(customers)))
    all_of = arrangement(connection).all_of
    numbers = {member for number in connection.execute(theirs).scalars() for member in all_of(number)}
    found = {one.text for one in references(connection, _fact.c.opportunity.in_(any_of(numbers)))}
    names = select(_customer.c.text).where(_customer.c.number.in_(any_of(customers)))
    return found | set(connection.execute(names).scalars())
