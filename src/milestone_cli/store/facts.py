"""Reading the journal: rows of facts to facts of the domain, a bounded number of opportunities at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, select

from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.store.payloads import decode, text_numbers
from milestone_cli.store.tables import TABLES

CHUNK = 5000
"""So many opportunities are held in memory at a time."""

_fact = TABLES["fact"]
_text = TABLES["text"]
_MAX_VARIABLES = 900
"""SQLite before 3.32 takes no more than 999 bound values."""


def texts_of(connection: Connection, numbers: Iterable[int]) -> dict[int, str]:
    """Return the bodies of texts by number."""
    wanted = sorted(set(numbers))
    bodies: dict[int, str] = {}
    for start in range(0, len(wanted), _MAX_VARIABLES):
        part = wanted[start : start + _MAX_VARIABLES]
        for row in connection.execute(select(_text.c.number, _text.c.body).where(_text.c.number.in_(part))):
            bodies[row.number] = row.body
    return bodies


def read_facts(connection: Connection, query: Select[Any]) -> list[Fact]:
    """Return the facts a query over the fact table selects."""
    return _decoded(connection, connection.execute(query).mappings().all())


def _decoded(connection: Connection, rows: Sequence[RowMapping]) -> list[Fact]:
    payloads = [json.loads(row["payload"]) for row in rows]
    texts = texts_of(connection, (number for payload in payloads for number in text_numbers(payload)))
    return [decode(row, payload, texts) for row, payload in zip(rows, payloads, strict=True)]


def facts_of(connection: Connection, numbers: Iterable[int]) -> Iterator[tuple[int, list[Fact]]]:
    """Yield each opportunity's number with all its facts in the order of entry, voids included."""
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), _MAX_VARIABLES):
        part = wanted[start : start + _MAX_VARIABLES]
        yield from _grouped(connection, select(_fact).where(_fact.c.opportunity.in_(part)))


def all_facts(connection: Connection) -> Iterator[tuple[int, list[Fact]]]:
    """Yield every opportunity's number with all its facts, in ranges of numbers so that memory stays bounded."""
    opportunity = TABLES["opportunity"]
    highest = connection.execute(select(opportunity.c.number).order_by(opportunity.c.number.desc()).limit(1)).scalar()
    for start in range(1, (highest or 0) + 1, CHUNK):
        yield from _grouped(connection, select(_fact).where(_fact.c.opportunity.between(start, start + CHUNK - 1)))


def _grouped(connection: Connection, query: Select[Any]) -> Iterator[tuple[int, list[Fact]]]:
    rows = connection.execute(query.order_by(_fact.c.opportunity, _fact.c.number)).mappings().all()
    gathered: dict[int, list[Fact]] = {}
    for fact in _decoded(connection, rows):
        gathered.setdefault(fact.opportunity, []).append(fact)
    yield from gathered.items()


def setup_rows(
    connection: Connection, *, known_on: int | None = None
) -> list[tuple[Mapping[str, Any], dict[str, Any]]]:
    """Return the rows and payloads of the facts of the set-up that stand, in the order of entry.

    Of voids only those known by `known_on` act; the facts themselves are all returned.
    """
    query = select(_fact).where(_fact.c.opportunity.is_(None)).order_by(_fact.c.number)
    rows = [(dict(row), json.loads(row["payload"])) for row in connection.execute(query).mappings()]
    voided: set[str] = set()
    for row, payload in reversed(rows):
        known = known_on is None or row["known_day"] <= known_on
        if row["kind"] == "voided" and row["id"] not in voided and known:
            voided.add(payload["voids"])
    return [(row, payload) for row, payload in rows if row["kind"] != "voided" and row["id"] not in voided]


def payload_of(connection: Connection, fact_id: str) -> dict[str, Any]:
    """Return the parsed payload of a fact."""
    text = connection.execute(select(_fact.c.payload).where(_fact.c.id == fact_id)).scalar_one()
    return dict(json.loads(text))


def voided_facts(connection: Connection) -> set[str]:
    """Return the ids of the facts that are taken back; a void that is itself taken back takes nothing back."""
    voids = func.json_extract(_fact.c.payload, "$.voids").label("voids")
    query = select(_fact.c.id, voids).where(_fact.c.kind == Kind.VOIDED.value).order_by(_fact.c.number.desc())
    found: set[str] = set()
    for row in connection.execute(query):
        if row.id not in found:
            found.add(row.voids)
    return found
