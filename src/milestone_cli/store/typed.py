"""What people and other systems have typed into a book, by what it names: what pseudonyms are given for.

Invariant: looking changes nothing, and a name has the same number at every look: that of its row, or of the first text
that said it. Forgotten texts are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, func, select, true

from milestone_cli.store.tables import TABLES

_text, _fact, _command = TABLES["text"], TABLES["fact"], TABLES["command"]
_named = func.json_each(_fact.c.payload, "$.texts").table_valued("key", "value", name="named")
_number = func.json_extract(_named.c.value, "$[0]")


class Typed(NamedTuple):
    """Something typed."""

    what: str
    """A table whose rows have names (process, rep, customer, opportunity), else the role of a text in facts."""
    number: int
    name: str


def first_command(connection: Connection) -> str:
    """Return the global id of the first command; empty in a new book. Nobody can guess it, and it never changes."""
    return connection.execute(select(_command.c.id).order_by(_command.c.number).limit(1)).scalar() or ""


def typed_names(connection: Connection) -> Iterator[Typed]:
    """Yield how rows are called, by number."""
    for table, column in (("process", "key"), ("rep", "key"), ("customer", "name"), ("opportunity", "key")):
        rows = TABLES[table]
        query = select(rows.c.number, rows.c[column]).order_by(rows.c.number)
        if table == "opportunity":
            # one whose opening was taken back has left its key to others
            query = query.where(rows.c.folded.is_not(None))
        for number, name in connection.execute(query):
            yield Typed(table, number, name)


def typed_texts(connection: Connection) -> Iterator[Typed]:
    """Yield what stands in the facts about opportunities, by the first text that says it."""
    role, first = _named.c.key, func.min(_text.c.number)
    query = (
        select(role, first, _text.c.body)
        .select_from(_fact.join(_named, true()).join(_text, _text.c.number == _number))
        .where(_fact.c.opportunity.is_not(None), _text.c.body != "", role.not_in(("key", "customer")))
        .group_by(role, _text.c.body)
        .order_by(first)
    )
    for row in connection.execute(query):
        yield Typed(*row)


def typed_milestones(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield the keys of processes and of their milestones, in the order in which they were first defined."""
    process, milestone = TABLES["process"], TABLES["milestone"]
    query = select(process.c.key, milestone.c.key).join(milestone, milestone.c.process == process.c.number)
    for row in connection.execute(query.order_by(milestone.c.number)):
        yield row[0], row[1]
