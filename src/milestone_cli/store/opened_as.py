"""What opportunities were opened as that go by another name since a merge."""

from __future__ import annotations

import json
from typing import NamedTuple

from sqlalchemy import Connection, select

from milestone_cli.domain.facts import Kind
from milestone_cli.domain.text import fold
from milestone_cli.store.facts import arrangement, texts_of
from milestone_cli.store.lists import any_of
from milestone_cli.store.tables import TABLES

_fact = TABLES["fact"]
_customer = TABLES["customer"]


class Opening(NamedTuple):
    """What makes two opportunities of two books the same."""

    key: str
    customer: str
    """Both folded."""
    process: str


def opened_as(connection: Connection) -> dict[Opening, int]:
    """Return the numbers of what goes by another key or customer now, or as one with another, by what it was opened as.

    What was forgotten is not among them.
    """
    found = arrangement(connection)
    query = select(_fact.c.opportunity, _fact.c.payload).where(_fact.c.kind == Kind.OPENED.value)
    rows = connection.execute(query.where(_fact.c.opportunity.in_(any_of(found.renamed | found.into.keys())))).all()
    said = [(row.opportunity, json.loads(row.payload)) for row in rows]
    keys = texts_of(connection, (payload["texts"]["key"][0] for _, payload in said))
    wanted = select(_customer.c.number, _customer.c.folded)
    names = wanted.where(_customer.c.number.in_(any_of({payload["customer"] for _, payload in said})))
    customers = {row.number: row.folded for row in connection.execute(names)}
    openings: dict[Opening, int] = {}
    for number, payload in said:
        if key := keys.get(payload["texts"]["key"][0]):
            opening = Opening(fold(key), customers[payload["customer"]], payload["process"])
            openings[opening] = found.one(number)
    return openings
