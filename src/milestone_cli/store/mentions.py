"""Where else a name occurs: in the texts of others, in the names of users, in the definitions of processes.

Invariant: a name is found as words of its own, whatever the case, in the genitive too; never as part of a word.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from milestone_cli.domain.facts import Kind
from milestone_cli.domain.text import fold
from milestone_cli.store.forgotten import references_to
from milestone_cli.store.lists import any_of
from milestone_cli.store.sqlite_schema import driver
from milestone_cli.store.tables import TABLES

_fact, _text, _author, _opportunity = TABLES["fact"], TABLES["text"], TABLES["author"], TABLES["opportunity"]
USER = "user"
"""The role of the name of who recorded."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A text of somebody else that contains the name."""

    text: int
    role: str
    fact: int | None
    """None for the name of a user."""
    opportunity: str | None
    """The key; None for a fact of the set-up."""


def mentions_of(connection: Connection, names: Iterable[str], but: Collection[int]) -> list[Mention]:
    """Return the texts that contain one of the names, without those whose numbers are in `but`."""
    pattern = words_of(names)
    if pattern is None:
        return []
    found = {number for number, body in bodies(connection) if number not in but and pattern.search(fold(body))}
    users = [Mention(number, USER, None, None) for number, _ in users_of(connection) if number in found]
    named = references_to(connection, found)
    opportunities = {one.opportunity for one in named if one.opportunity is not None}
    query = select(_opportunity.c.number, _opportunity.c.key)
    rows = connection.execute(query.where(_opportunity.c.number.in_(any_of(opportunities))))
    keys: dict[int | None, str] = {row.number: row.key for row in rows}
    return [Mention(one.text, one.role, one.fact, keys.get(one.opportunity)) for one in named] + users


def words_of(names: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds one of the names as words of its own in a folded text; None where none has a letter.

    >>> bool(words_of(["Anna"]).search("annas chef")), bool(words_of(["Anna"]).search("hannah"))
    (True, False)
    """
    wanted = [re.escape(fold(name)) for name in names if any(sign.isalpha() for sign in name)]
    longest_first = "|".join(sorted(wanted, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{longest_first})s?(?!\w)") if wanted else None


def definitions_with(connection: Connection, names: Iterable[str]) -> list[str]:
    """Return the keys of the processes in whose definition, of whatever day, one of the names occurs."""
    pattern = words_of(names)
    kinds = (Kind.VERSION_DEFINED.value, Kind.PLAN_CHANGED.value)
    process = func.json_extract(_fact.c.payload, "$.process").label("process")
    query = select(process, func.json_extract(_fact.c.payload, "$.definition").label("definition"))
    rows = connection.execute(query.where(_fact.c.kind.in_(kinds))).all()
    return sorted({row.process for row in rows if pattern is not None and pattern.search(fold(row.definition))})


def bodies(connection: Connection) -> Iterator[tuple[int, str]]:
    """Yield every text that is left; straight from the driver, for a large book has millions."""
    yield from driver(connection).execute("SELECT number, body FROM text WHERE body <> ''")


def users_of(connection: Connection) -> list[tuple[int, str]]:
    """Return the texts with the names of who has recorded."""
    rows = connection.execute(select(_text.c.number, _text.c.body).join(_author, _author.c.text == _text.c.number))
    return [(row.number, row.body) for row in rows]
