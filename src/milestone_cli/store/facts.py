"""Reading the journal: rows of facts to facts of the domain, a bounded number of opportunities at a time.

Invariant: what several books opened and a merge united is handed out as one opportunity, under one number; each of its
facts keeps the number it came in with.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, select

from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.store.lists import any_of
from milestone_cli.store.payloads import decode, text_numbers
from milestone_cli.store.tables import TABLES

CHUNK = 5000
"""So many opportunities are held in memory at a time."""

_fact = TABLES["fact"]
_text = TABLES["text"]


def texts_of(connection: Connection, numbers: Iterable[int]) -> dict[int, str]:
    """Return the bodies of texts by number."""
    wanted = set(numbers)
    if not wanted:
        return {}
    query = select(_text.c.number, _text.c.body).where(_text.c.number.in_(any_of(sorted(wanted))))
    return {row.number: row.body for row in connection.execute(query)}


def read_facts(connection: Connection, query: Select[Any]) -> list[Fact]:
    """Return the facts a query over the fact table selects."""
    return _decoded(connection, connection.execute(query).mappings().all())


def _decoded(connection: Connection, rows: Sequence[RowMapping]) -> list[Fact]:
    payloads = [json.loads(row["payload"]) for row in rows]
    texts = texts_of(connection, (number for payload in payloads for number in text_numbers(payload)))
    return [decode(row, payload, texts) for row, payload in zip(rows, payloads, strict=True)]


def facts_of(connection: Connection, numbers: Iterable[int]) -> Iterator[tuple[int, list[Fact]]]:
    """Yield each opportunity's number with all its facts in the order of entry, voids included.

    One that was united with another has no facts of its own: they are the other's.
    """
    found = arrangement(connection)
    wanted = sorted(set(numbers) - found.into.keys())
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        yield from _grouped(connection, select(_fact).where(_fact.c.opportunity.in_(any_of(part))), part, found)


def all_facts(connection: Connection) -> Iterator[tuple[int, list[Fact]]]:
    """Yield every opportunity's number with all its facts, in ranges of numbers so that memory stays bounded."""
    opportunity = TABLES["opportunity"]
    highest = connection.execute(select(opportunity.c.number).order_by(opportunity.c.number.desc()).limit(1)).scalar()
    found = arrangement(connection)
    for start in range(1, (highest or 0) + 1, CHUNK):
        part = range(start, start + CHUNK)
        query = select(_fact).where(_fact.c.opportunity.between(part[0], part[-1]))
        yield from _grouped(connection, query, part, found)


def _grouped(
    connection: Connection, query: Select[Any], numbers: Iterable[int], found: Arrangement
) -> Iterator[tuple[int, list[Fact]]]:
    """Yield what the query finds by opportunity; what was united with one of these numbers belongs to it."""
    rows = connection.execute(query.order_by(_fact.c.opportunity, _fact.c.number)).mappings().all()
    gathered: dict[int, list[Fact]] = {}
    for fact in _decoded(connection, rows):
        if fact.opportunity not in found.into:
            gathered.setdefault(fact.opportunity, []).append(fact)
    members = [member for number in numbers for member in found.members.get(number, ())] if found.into else []
    if members:
        for fact in read_facts(connection, select(_fact).where(_fact.c.opportunity.in_(any_of(members)))):
            gathered.setdefault(found.into[fact.opportunity], []).append(fact)
    for number in {found.into[member] for member in members} & gathered.keys():
        gathered[number].sort(key=lambda fact: fact.number)
    yield from gathered.items()


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Which opportunities of several books are one, and which go by another name than they were opened with."""

    into: Mapping[int, int] = field(default_factory=dict)
    """By number of an opportunity the one it was united with, under whose number both are known."""
    renamed: frozenset[int] = frozenset()
    """The numbers of those that have another key or customer."""
    merged: bool = False
    """The book holds what other books have recorded, from a merge that stands."""
    members: Mapping[int, Sequence[int]] = field(init=False)
    """`into` the other way round."""

    def __post_init__(self) -> None:
        """Turn `into` round."""
        members: dict[int, list[int]] = {}
        for member, number in self.into.items():
            members.setdefault(number, []).append(member)
        object.__setattr__(self, "members", members)

    def one(self, number: int) -> int:
        """Return the number under which an opportunity is known."""
        return self.into.get(number, number)

    def all_of(self, number: int) -> tuple[int, ...]:
        """Return the numbers of all that are one with this one, itself included."""
        number = self.one(number)
        return (number, *self.members.get(number, ()))


def arrangement(connection: Connection) -> Arrangement:
    """Return what the last merge, or the last undoing of one, has said."""
    said = select(_fact.c.id, _fact.c.number).where(_fact.c.opportunity.is_(None), _fact.c.kind == Kind.UNITED.value)
    last = connection.execute(said.order_by(_fact.c.number.desc()).limit(1)).first()
    if last is None:
        return _NOTHING_UNITED
    known: tuple[str, Arrangement] | None = connection.info.get("arrangement")
    if known is None or known[0] != last.id:
        payload = json.loads(
            connection.execute(select(_fact.c.payload).where(_fact.c.number == last.number)).scalar_one()
        )
        known = last.id, Arrangement(dict(payload["into"]), frozenset(payload["renamed"]), merged=payload["merged"])
        connection.info["arrangement"] = known
    return known[1]


_NOTHING_UNITED = Arrangement()


def setup_rows(
    connection: Connection, *, known_on: int | None = None, without: Collection[str] = ()
) -> list[tuple[Mapping[str, Any], dict[str, Any]]]:
    """Return the rows and payloads of the facts of the set-up that stand, or would `without` some, in order of entry.

    Of voids only those known by `known_on` act; the facts themselves are all returned. What came from several books
    is in the order in which it was entered there, whichever of them was first in this file.
    """
    query = select(_fact).where(_fact.c.opportunity.is_(None)).order_by(_fact.c.number)
    rows = [(dict(row), json.loads(row["payload"])) for row in connection.execute(query).mappings()]
    voided: set[str] = set(without)
    for row, payload in reversed(rows):
        known = known_on is None or row["known_day"] <= known_on
        if row["kind"] == "voided" and row["id"] not in voided and known:
            voided.add(payload["voids"])
    if arrangement(connection).merged:
        rows.sort(key=lambda item: (item[0]["entered_at"], item[0]["position"], item[0]["id"]))
    return [(row, payload) for row, payload in rows if row["kind"] not in _NO_SETUP and row["id"] not in voided]


ARRANGING = frozenset({Kind.MERGED.value, Kind.UNITED.value})
"""What merges say of the file itself: it is never taken back, but said anew."""
_NO_SETUP = ARRANGING | {Kind.VOIDED.value}
"""Facts without an opportunity that say nothing about processes, targets and reps."""


def payload_of(connection: Connection, fact_id: str) -> dict[str, Any]:
    """Return the parsed payload of a fact."""
    text = connection.execute(select(_fact.c.payload).where(_fact.c.id == fact_id)).scalar_one()
    return dict(json.loads(text))


def voided_facts(connection: Connection, *, without: Collection[str] = ()) -> set[str]:
    """Return the ids of the facts that are taken back; a void that is itself taken back takes nothing back.

    Those in `without` count as taken back, too.
    """
    voids = func.json_extract(_fact.c.payload, "$.voids").label("voids")
    query = select(_fact.c.id, voids).where(_fact.c.kind == Kind.VOIDED.value).order_by(_fact.c.number.desc())
    found: set[str] = set(without)
    for row in connection.execute(query):
        if row.id not in found:
            found.add(row.voids)
    return found
