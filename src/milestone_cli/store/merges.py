"""What merges have brought into the book: whole commands of other books, with a command of their own behind them.

Invariant: the command of a merge follows directly on the commands it brought, which keep their global ids; what an
undone merge brought counts as never recorded, until another merge brings it again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from milestone_cli.domain.facts import Kind
from milestone_cli.store.tables import TABLES

_fact = TABLES["fact"]


@dataclass(frozen=True, slots=True)
class Merge:
    """One merge."""

    number: int
    """Of its own command."""
    brought: range
    """The numbers of the commands that came with it."""
    again: frozenset[int] = frozenset()
    """The numbers of those that an undone merge had brought and this one brings back."""


def merges(connection: Connection) -> dict[int, Merge]:
    """Return every merge by the number of its own command."""
    query = select(_fact.c.command, _fact.c.payload).where(
        _fact.c.opportunity.is_(None), _fact.c.kind == Kind.MERGED.value
    )
    return {row.command: _merge(row.command, json.loads(row.payload)) for row in connection.execute(query)}


def _merge(number: int, payload: Mapping[str, object]) -> Merge:
    commands, again = payload["commands"], payload["again"]
    assert isinstance(commands, int)  # noqa: S101 - as written
    assert isinstance(again, list)  # noqa: S101 - as written
    brought = range(number - commands, number)
    return Merge(number, brought, frozenset(one for first, last in again for one in range(first, last + 1)))


def spans(numbers: Collection[int]) -> list[tuple[int, int]]:
    """Return whole numbers as first and last of every run without a gap.

    >>> spans({7, 3, 4, 5})
    [(3, 5), (7, 7)]
    """
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
