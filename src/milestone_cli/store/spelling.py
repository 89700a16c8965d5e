"""How reps and customers are written who were written in several ways: in two books, or again after an undo.

Invariant: the first fact that stands decides, whichever book was merged into which; only the spelling differs, never
who is meant.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, func, select, update

from milestone_cli.domain.facts import Kind
from milestone_cli.domain.text import fold
from milestone_cli.store.facts import setup_rows, texts_of, voided_facts
from milestone_cli.store.lists import any_of
from milestone_cli.store.tables import TABLES

_fact = TABLES["fact"]
_customer = TABLES["customer"]
_opportunity = TABLES["opportunity"]
_rep = TABLES["rep"]


def respell_reps(connection: Connection) -> None:
    """Give every rep the key and the name of the first fact that has added them."""
    said: dict[int, dict[str, int]] = {}
    for row, payload in setup_rows(connection):
        if row["kind"] == Kind.REP_ADDED:
            said.setdefault(payload["rep"], {role: ref[0] for role, ref in payload["texts"].items()})
    bodies = texts_of(connection, (number for texts in said.values() for number in texts.values()))
    for rep in connection.execute(select(_rep)).all():
        texts = {role: bodies.get(number, "") for role, number in said.get(rep.number, {}).items()}
        wanted = {"key": texts.get("key") or rep.key, "name": texts.get("name") or rep.name}
        if wanted != {"key": rep.key, "name": rep.name} and fold(wanted["key"]) == rep.folded:
            connection.execute(update(_rep).where(_rep.c.number == rep.number).values(wanted))


def respell_customers(connection: Connection, customers: Iterable[int]) -> None:
    """Give these customers the name of the first opening that stands and names them."""
    theirs = select(_opportunity.c.number, _opportunity.c.customer)
    rows = connection.execute(theirs.where(_opportunity.c.customer.in_(any_of(sorted(set(customers))))))
    of = {row.number: row.customer for row in rows}
    columns = (_fact.c.opportunity, _fact.c.day, _fact.c.entered_at, _fact.c.position, _fact.c.id, _fact.c.payload)
    naming = (_fact.c.kind == Kind.OPENED.value, func.instr(_fact.c.payload, '"customer":[') > 0)
    query = select(*columns).where(_fact.c.opportunity.in_(any_of(list(of))), *naming)
    voided = voided_facts(connection)
    first: dict[int, tuple[Any, ...]] = {}
    for opportunity, *order, payload in connection.execute(query):
        customer = of[opportunity]
        if order[-1] not in voided and (customer not in first or (*order,) < first[customer][:-1]):
            first[customer] = (*order, json.loads(payload)["texts"]["customer"][0])
    texts = {customer: said[-1] for customer, said in first.items()}
    bodies = texts_of(connection, texts.values())
    for row in connection.execute(select(_customer).where(_customer.c.number.in_(any_of(list(texts))))).all():
        name = bodies.get(texts[row.number], "")
        if name and name != row.name and fold(name) == row.folded:
            same = update(_customer).where(_customer.c.number == row.number)
            connection.execute(same.values(name=name, text=texts[row.number]))


def customers_of(connection: Connection, opportunities: Collection[int]) -> set[int]:
    """Return the numbers of the customers of these opportunities."""
    query = select(_opportunity.c.customer).where(_opportunity.c.number.in_(any_of(opportunities)))
    return set(connection.execute(query).scalars())
