"""How reps and customers are written whom several books have, each in its own way.

Invariant: the first fact that stands decides, whichever book was merged into which; only the spelling differs, never
who is meant.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection, select, update

from milestone_cli.domain.facts import Kind
from milestone_cli.domain.text import fold
from milestone_cli.store.facts import setup_rows, texts_of, voided_facts
from milestone_cli.store.tables import TABLES

_MOST_DRAWN = 900
"""SQLite before 3.32 takes no more than 999 bound values."""

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
    """Give these customers the name of the first opening that names them."""
    voided = voided_facts(connection)
    wanted = sorted(set(customers))
    columns = (_opportunity.c.customer, _fact.c.day, _fact.c.entered_at, _fact.c.position, _fact.c.id, _fact.c.payload)
    query = (
        select(*columns)
        .join(_opportunity, _opportunity.c.number == _fact.c.opportunity)
        .where(_fact.c.kind == Kind.OPENED.value)
        .order_by(*columns[:5])
    )
    first: dict[int, int] = {}
    for start in range(0, len(wanted), _MOST_DRAWN):
        part = wanted[start : start + _MOST_DRAWN]
        for row in connection.execute(query.where(_opportunity.c.customer.in_(part))):
            texts = json.loads(row.payload)["texts"]
            if row.id not in voided and "customer" in texts:
                first.setdefault(row.customer, texts["customer"][0])
    bodies = texts_of(connection, first.values())
    for start in range(0, len(wanted), _MOST_DRAWN):
        part = wanted[start : start + _MOST_DRAWN]
        for row in connection.execute(select(_customer).where(_customer.c.number.in_(part))).all():
            text = first.get(row.number, row.text)
            name = bodies.get(text, "")
            if name and name != row.name and fold(name) == row.folded:
                same = update(_customer).where(_customer.c.number == row.number)
                connection.execute(same.values(name=name, text=text))
