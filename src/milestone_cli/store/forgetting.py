"""Texts that people had forgotten in one of two books: they are forgotten in both.

Invariant: facts and their hashes stay; text and salt are blank, and what was named by a forgotten text goes by its
number.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from milestone_cli.store.sqlite_schema import driver

_BLANK = "SELECT number FROM text WHERE body = '' AND salt = ''"
_WITH_TEXTS = "SELECT id, opportunity, payload FROM fact WHERE payload LIKE '%\"texts\":%'"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What is blank now."""

    texts: int = 0
    """How many texts were not blank before."""
    about: frozenset[int] = frozenset()
    """The numbers of all opportunities with a blank text."""


def forget_as_there(ours: Connection, theirs: Connection) -> Forgotten:
    """Blank here what is blank in the other book.

    A customer who is forgotten in one of the two is so in every opportunity, also in those that only one book has.
    """
    raw, there = driver(ours), driver(theirs)
    blank_there = _blanks(there)
    said_there = (
        {(id_, role) for id_, role, _, number in _texts(there) if number in blank_there} if blank_there else set()
    )
    if not said_there and raw.execute(f"{_BLANK} LIMIT 1").fetchone() is None:
        return Forgotten()
    before = _blanks(raw)
    gone = {number for id_, role, _, number in _texts(raw) if (id_, role) in said_there}
    _blank(raw, gone)
    forgotten = "SELECT number FROM customer WHERE text IN (SELECT number FROM text WHERE body = '' AND salt = '')"
    customers = {number for [number] in raw.execute(forgotten)}
    owners: Mapping[int, int] = dict(raw.execute("SELECT number, customer FROM opportunity").fetchall())
    named = {
        number
        for _, role, opportunity, number in _texts(raw)
        if role in ("key", "customer") and opportunity is not None and owners[opportunity] in customers
    }
    _blank(raw, named)
    about = _unname(raw, customers)
    return Forgotten(len(_blanks(raw)) - len(before), frozenset(about))


def _blanks(raw: sqlite3.Connection) -> set[int]:
    return {number for [number] in raw.execute(_BLANK)}


def _texts(raw: sqlite3.Connection) -> Iterator[tuple[str, str, int | None, int]]:
    """Yield every text of a fact: the fact's id, the role, the opportunity, the text's number."""
    for id_, opportunity, payload in raw.execute(_WITH_TEXTS).fetchall():
        for role, (number, _) in json.loads(payload)["texts"].items():
            yield id_, role, opportunity, number


def _blank(raw: sqlite3.Connection, numbers: set[int]) -> None:
    raw.executemany("UPDATE text SET body = '', salt = '' WHERE number = ?", [(number,) for number in sorted(numbers)])


def _unname(raw: sqlite3.Connection, customers: set[int]) -> set[int]:
    """Let rows go by their numbers whose names are blank; return the numbers of the opportunities with a blank text."""
    blank = _blanks(raw)
    touched: set[int] = set()
    for number in sorted(customers):
        _named(raw, "customer", number, name=str(number))
    for id_, role, opportunity, number in list(_texts(raw)):
        if number not in blank:
            continue
        if opportunity is not None:
            touched.add(opportunity)
        if role == "key" and opportunity is not None:
            raw.execute("UPDATE opportunity SET key = ? WHERE number = ?", (str(opportunity), opportunity))
        elif role in ("key", "name"):
            [payload] = raw.execute("SELECT payload FROM fact WHERE id = ?", (id_,)).fetchone()
            rep = json.loads(payload)["rep"]
            _named(raw, "rep", rep, **{role: str(rep)})
        elif role == "external":
            raw.execute("DELETE FROM external WHERE fact = (SELECT number FROM fact WHERE id = ?)", (id_,))
    return touched


def _named(raw: sqlite3.Connection, table: str, number: int, **values: Any) -> None:
    """Write names into a row; what is looked up is the first of them that the table looks up."""
    looked_up = values.get("key" if table == "rep" else "name")
    if looked_up is not None:
        values["folded"] = looked_up
    assignments = ", ".join(f"{name} = ?" for name in values)
    raw.execute(f"UPDATE {table} SET {assignments} WHERE number = ?", (*values.values(), number))
