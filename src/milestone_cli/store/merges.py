"""What merges have brought into the book: whole commands of other books, with a command of their own behind them.

Invariant: the command of a merge follows directly on the commands it brought, which keep their global ids; what an
undone merge brought counts as never recorded, until another merge brings it again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from milestone_cli.domain.facts import Kind
from milestone_cli.store.tables import TABLES

if TYPE_CHECKING:
    from milestone_cli.store.undo import Command

_fact = TABLES["fact"]


@dataclass(frozen=True, slots=True)
class Merge:
    """One merge."""

    number: int
    """Of its own command."""
    brought: range
    """The numbers of the commands that came with it."""
    again: tuple[range, ...] = ()
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
    return Merge(number, brought, tuple(range(first, last + 1) for first, last in again))


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


TRAVELS = (
    "kind NOT IN ('merged', 'united') AND NOT (kind = 'renamed' AND json_extract(payload, '$.texts.key') IS NOT NULL)"
)
"""The condition in SQL that a fact means something in another book: that one arranges itself."""


def travelling(connection: Connection, commands: Sequence[Command]) -> list[Command]:
    """Return those of all commands of a book that another book takes from it.

    Merges and their undoing are a book's own affair, and what an undone one brought is as if it had never come.
    """
    merged = merges(connection)
    by_number = {command.number: command for command in commands}
    withdrawn = {command.number for command in commands if command.withdrawn}
    about_nothing = _about(connection, withdrawn) if withdrawn else set()
    return [
        command
        for command in commands
        if not command.withdrawn
        and command.number not in about_nothing
        and origin(command, by_number).number not in merged
    ]


def origin(command: Command, by_number: Mapping[int, Command]) -> Command:
    """Return the command that is taken back or, by undoing an undo, brought back in the end."""
    while command.undoes is not None:
        command = by_number[command.undoes]
    return command


def _about(connection: Connection, withdrawn: Collection[int]) -> set[int]:
    """Return the commands that do nothing but take back facts of these commands."""
    query = select(_fact.c.id, _fact.c.command, _fact.c.kind, func.json_extract(_fact.c.payload, "$.voids"))
    gone: set[str] = set()
    taking_back: dict[int, list[str]] = {}
    more: set[int] = set()
    for id_, command, kind, voids in connection.execute(query):
        if command in withdrawn:
            gone.add(id_)
        if kind == Kind.VOIDED:
            taking_back.setdefault(command, []).append(voids)
        else:
            more.add(command)
    return {command for command, voids in taking_back.items() if command not in more and gone.issuperset(voids)}
