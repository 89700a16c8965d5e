"""What is forgotten: texts that were blanked, and how whom they named is called since.

Invariant: a forgotten text is a row of `text` with neither body nor salt; its number, and its salted hash in the
journal, stay, so the chain holds and nobody can find out by trying what it was. Rows that carry names (customer,
opportunity, rep, external) follow their texts: where the text is blank the name is the number.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select, true

from milestone_cli.store.lists import any_of
from milestone_cli.store.tables import TABLES

_text, _fact, _command = TABLES["text"], TABLES["fact"], TABLES["command"]
_customer, _opportunity = TABLES["customer"], TABLES["opportunity"]
_named = func.json_each(_fact.c.payload, "$.texts").table_valued("key", "value", name="named")
TEXT = func.json_extract(_named.c.value, "$[0]")
"""The number of the text in a query of `references`."""
_BLANK = (_text.c.body == "") & (_text.c.salt == "")


class Reference(NamedTuple):
    """A fact naming a text."""

    text: int
    role: str
    fact: int
    """The number of the fact."""
    id: str
    """Its global id, the same in every copy of the book."""
    opportunity: int | None
    """None for a fact of the set-up."""
    rep: int | None
    """The rep a fact of the set-up is about."""


def references(connection: Connection, *conditions: ColumnElement[bool]) -> list[Reference]:
    """Return which facts name which texts, by fact, where these conditions on the columns of facts and `TEXT` hold."""
    rep = func.json_extract(_fact.c.payload, "$.rep")
    columns = (TEXT, _named.c.key, _fact.c.number, _fact.c.id, _fact.c.opportunity, rep)
    query = select(*columns).select_from(_fact.join(_named, true())).where(*conditions)
    return [Reference(*row) for row in connection.execute(query.order_by(_fact.c.number))]


def references_to(connection: Connection, texts: Collection[int]) -> list[Reference]:
    """Return which facts name these texts, by fact."""
    return references(connection, TEXT.in_(any_of(texts))) if texts else []


def forgotten_texts(connection: Connection) -> frozenset[int]:
    """Return the numbers of the texts that were forgotten."""
    return frozenset(connection.execute(select(_text.c.number).where(_BLANK)).scalars())


class Identities(NamedTuple):
    """What is forgotten, by ids that mean the same in every copy of the book."""

    roles: frozenset[tuple[str, str]]
    """A fact's id, and the role in which it names the text."""
    commands: frozenset[str]
    """Ids of commands whose authors are forgotten."""

    def __bool__(self) -> bool:
        return bool(self.roles or self.commands)


def forgotten_identities(connection: Connection) -> Identities:
    """Return what is forgotten in this book, to be forgotten in another copy of it too (see `texts_with`)."""
    texts = forgotten_texts(connection)
    roles = frozenset((one.id, one.role) for one in references_to(connection, texts))
    theirs = select(_command.c.id).where(_command.c.author.in_(any_of(texts)))
    return Identities(roles, frozenset(connection.execute(theirs).scalars()) if texts else frozenset())


def texts_with(connection: Connection, identities: Identities) -> frozenset[int]:
    """Return the numbers of the texts in this book that are forgotten in another one: what `blanking.blank` takes."""
    named = references(connection, _fact.c.id.in_(any_of({fact for fact, _ in identities.roles})))
    theirs = select(_command.c.author).where(_command.c.id.in_(any_of(identities.commands)))
    users = set(connection.execute(theirs).scalars()) - {None}
    return frozenset({one.text for one in named if (one.id, one.role) in identities.roles} | users)


def any_users(connection: Connection, texts: Collection[int]) -> bool:
    """Return whether one of these texts is the name of a user who has recorded."""
    author = TABLES["author"]
    return connection.execute(select(author.c.text).where(author.c.text.in_(any_of(texts)))).first() is not None


def forgotten_opportunities(connection: Connection) -> frozenset[int]:
    """Return the numbers of the opportunities whose customers were forgotten."""
    found = forgotten_customers(connection)
    if not found:
        return frozenset()
    query = select(_opportunity.c.number).where(_opportunity.c.customer.in_(any_of(found)))
    return frozenset(connection.execute(query).scalars())


def forgotten_customers(connection: Connection) -> frozenset[int]:
    """Return the numbers of the customers who were forgotten."""
    # their names begin with the same sign: the index finds them however many customers there are
    customers = select(_customer.c.number).where(_customer.c.folded >= "#", _customer.c.folded < "$")
    blank = customers.join(_text, _text.c.number == _customer.c.text).where(_BLANK)
    return frozenset(connection.execute(blank).scalars())


def forgotten_reps(connection: Connection) -> frozenset[int]:
    """Return the numbers of the reps whose keys were forgotten."""
    payload = _fact.c.payload
    rep, text = func.json_extract(payload, "$.rep"), func.json_extract(payload, "$.texts.key[0]")
    query = select(rep).join(_text, _text.c.number == text).where(_fact.c.kind == "rep_added", _BLANK)
    return frozenset(connection.execute(query.where(_fact.c.opportunity.is_(None))).scalars())


def placeholder(number: int) -> str:
    """Return what stands for a forgotten name that was no key.

    >>> placeholder(7)
    '#7'
    """
    return f"#{number}"


def is_number_key(key: str, number: int) -> bool:
    """Return whether `key` is one that something forgotten of this number can have.

    >>> is_number_key("12", 12), is_number_key("#12", 12), is_number_key("acme", 12)
    (True, True, False)
    """
    return key.lstrip("#") == str(number)
