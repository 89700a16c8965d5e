"""Finding opportunities, facts and commands, and the names near to one that is not there. Nothing is ever guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from milestone_cli.domain.text import fold
from milestone_cli.errors import AmbiguousName, UnknownName
from milestone_cli.store.facts import arrangement
from milestone_cli.store.tables import TABLES

_opportunity = TABLES["opportunity"]
_fact = TABLES["fact"]
_command = TABLES["command"]
_LAST = "\U0010ffff"
_MANY = 2000
"""So many keys are looked at for near names."""
_BEGINNING = re.compile(r"[0-9a-f]{8,32}")
"""An id, or as much of it as is taken for one."""


@dataclass(frozen=True, slots=True)
class FoundFact:
    """Which fact a name on the command line means."""

    number: int
    id: str
    kind: str
    opportunity: int | None
    """None for a fact of the set-up."""


def find_opportunity(connection: Connection, name: str) -> int:
    """Return the number of the opportunity called `name`.

    An exact key, else a number, else a unique beginning among those neither won nor lost.

    Raises:
        UnknownName: nothing fits; near keys are suggested.
        AmbiguousName: the beginning fits several.
    """
    wanted = fold(name.strip())
    exact = connection.execute(select(_opportunity.c.number).where(_opportunity.c.folded == wanted)).scalar()
    if exact is not None:
        return int(exact)
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 16:
        query = select(_opportunity.c.number).where(
            _opportunity.c.number == arrangement(connection).one(int(wanted)), _opportunity.c.folded.is_not(None)
        )
        by_number = connection.execute(query).scalar()
        if by_number is not None:
            return int(by_number)
    fitting = connection.execute(_beginning(wanted).limit(7)).all() if wanted else []
    if len(fitting) == 1:
        return int(fitting[0].number)
    if fitting:
        raise AmbiguousName("opportunity", name, [row.key for row in fitting])
    raise UnknownName("opportunity", name, _near(connection, wanted), "`ms opportunities` lists them.")


def _beginning(wanted: str) -> Select[Any]:
    in_play = _opportunity.c.status.in_(("target", "open"))
    begins = (_opportunity.c.folded >= wanted) & (_opportunity.c.folded < wanted + _LAST)
    return select(_opportunity.c.number, _opportunity.c.key).where(begins, in_play).order_by(_opportunity.c.folded)


def _near(connection: Connection, wanted: str) -> list[str]:
    query = select(_opportunity.c.key).where(_opportunity.c.folded.is_not(None))
    for length in (2, 1, 0):
        begins = wanted[:length]
        part = query.where(_opportunity.c.folded >= begins, _opportunity.c.folded < begins + _LAST)
        keys = list(connection.execute(part.limit(_MANY)).scalars())
        if keys:
            return keys
    return []


def find_fact(connection: Connection, name: str) -> FoundFact:
    """Return the fact with this number, id or beginning of an id (8 hex digits or more).

    Raises:
        UnknownName: there is none.
        AmbiguousName: the beginning fits several.
    """
    number = _numbered(connection, _fact, "fact", name, "`ms show OPPORTUNITY` lists its facts with their numbers.")
    query = select(_fact.c.number, _fact.c.id, _fact.c.kind, _fact.c.opportunity).where(_fact.c.number == number)
    row = connection.execute(query).one()
    return FoundFact(row.number, row.id, row.kind, row.opportunity)


def find_command(connection: Connection, name: str) -> int:
    """Return the number of the command with this number, id or beginning of an id (8 hex digits or more).

    Raises:
        UnknownName: there is none.
        AmbiguousName: the beginning fits several.
    """
    return _numbered(connection, _command, "command", name, "`ms log` lists the commands with their numbers.")


def _numbered(connection: Connection, table: Table, what: str, name: str, hint: str) -> int:
    wanted = name.strip().lower().lstrip("#").replace("-", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 16:
        number = connection.execute(select(table.c.number).where(table.c.number == int(wanted))).scalar()
        if number is not None:
            return int(number)
    if _BEGINNING.fullmatch(wanted):
        begins = select(table.c.number, table.c.id).where(table.c.id >= wanted, table.c.id < wanted + "g")
        rows = connection.execute(begins.order_by(table.c.number).limit(7)).all()
        if len(rows) == 1:
            return int(rows[0].number)
        if rows:
            raise AmbiguousName(what, name, [str(row.number) for row in rows])
    raise UnknownName(what, name, (), hint)
