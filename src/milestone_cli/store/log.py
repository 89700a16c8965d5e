"""What the commands of the journal are about: how many facts each recorded, and of which opportunities."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import func, select

from milestone_cli.store.book import Book
from milestone_cli.store.facts import arrangement
from milestone_cli.store.lists import any_of
from milestone_cli.store.merges import Merge, merges
from milestone_cli.store.tables import TABLES
from milestone_cli.store.undo import Command

NAMED = 3
"""So many opportunities of one command are named, the rest is counted."""

_fact = TABLES["fact"]
_opportunity = TABLES["opportunity"]


@dataclass(frozen=True, slots=True)
class Logged:
    """A command and what it is about."""

    command: Command
    facts: int
    about: tuple[str, ...]
    """Keys of the first opportunities it is about, in their order; for set-up what it names."""
    more: int
    """How many more opportunities it is about."""


def logged(book: Book, commands: Sequence[Command]) -> list[Logged]:
    """Return these commands with what they are about, in the same order."""
    if not commands:
        return []
    numbers = [command.number for command in commands]
    grouped: dict[int, list[tuple[int | None, int]]] = {}
    query = (
        select(_fact.c.command, _fact.c.opportunity, func.count().label("facts"))
        .where(_fact.c.command.between(min(numbers), max(numbers)))
        .group_by(_fact.c.command, _fact.c.opportunity)
        .order_by(_fact.c.command, func.min(_fact.c.position))
    )
    for row in book.connection.execute(query):
        grouped.setdefault(row.command, []).append((row.opportunity, row.facts))
    for number, merge in merges(book.connection).items():
        if number in numbers:
            grouped[number] = _brought(book, merge)
    one = arrangement(book.connection).one
    grouped = {number: _as_one(groups, one) for number, groups in grouped.items()}
    firsts = {number: [o for o, _ in grouped.get(number, ()) if o is not None][:NAMED] for number in numbers}
    keys = _keys(book, {opportunity for first in firsts.values() for opportunity in first})
    names = _set_up_names(book, [number for number in numbers if not firsts[number]])
    return [_logged(command, grouped.get(command.number, []), firsts, keys, names) for command in commands]


def _brought(book: Book, merge: Merge) -> list[tuple[int | None, int]]:
    """Return opportunities and numbers of facts of all the commands that a merge brought, or brought back."""
    numbers = {*chain(merge.brought, *merge.again)}
    query = (
        select(_fact.c.opportunity, func.count().label("facts"))
        .where(_fact.c.command.in_(any_of(sorted(numbers))))
        .group_by(_fact.c.opportunity)
        .order_by(func.min(_fact.c.number))
    )
    return [(row.opportunity, row.facts) for row in book.connection.execute(query)]


def _as_one(groups: Sequence[tuple[int | None, int]], one: Callable[[int], int]) -> list[tuple[int | None, int]]:
    """Return the groups with what was united since under one number."""
    found: dict[int | None, int] = {}
    for number, facts in groups:
        shown = None if number is None else one(number)
        found[shown] = found.get(shown, 0) + facts
    return list(found.items())


def _logged(
    command: Command,
    groups: Sequence[tuple[int | None, int]],
    firsts: Mapping[int, Sequence[int]],
    keys: Mapping[int, str],
    names: Mapping[int, Sequence[str]],
) -> Logged:
    facts = sum(count for _, count in groups)
    first = firsts[command.number]
    if not first:
        named = names.get(command.number, ())
        return Logged(command, facts, tuple(named[:NAMED]), max(0, len(named) - NAMED))
    several = sum(opportunity is not None for opportunity, _ in groups)
    return Logged(command, facts, tuple(keys[opportunity] for opportunity in first), several - len(first))


def _keys(book: Book, numbers: set[int]) -> dict[int, str]:
    query = select(_opportunity.c.number, _opportunity.c.key).where(_opportunity.c.number.in_(any_of(numbers)))
    return {row.number: row.key for row in book.connection.execute(query)}


def _set_up_names(book: Book, commands: Sequence[int]) -> dict[int, list[str]]:
    """Return what the facts of the set-up name, by command."""
    if not commands:
        return {}
    found: dict[int, dict[str, None]] = {}
    query = (
        select(_fact.c.command, _fact.c.payload)
        .where(_fact.c.opportunity.is_(None), _fact.c.command.between(min(commands), max(commands)))
        .order_by(_fact.c.number)
    )
    table = TABLES["rep"]
    reps = {row.number: row.key for row in book.connection.execute(select(table.c.number, table.c.key))}
    for row in book.connection.execute(query):
        name = _named(reps, json.loads(row.payload))
        if name:
            found.setdefault(row.command, {})[name] = None
    return {command: list(names) for command, names in found.items()}


def _named(reps: Mapping[int, str], payload: Mapping[str, Any]) -> str:
    """Return what a fact of the set-up names: a rep, a process, or the one whose target it is."""
    rep = reps.get(payload.get("rep") or 0, "")
    process = str(payload.get("process") or "")
    return f"{process} {rep or 'team'}" if "amount" in payload else rep or process


def about_opportunity(book: Book, opportunity: int) -> set[int]:
    """Return the numbers of the commands that recorded a fact about an opportunity."""
    all_of = arrangement(book.connection).all_of(opportunity)
    query = select(_fact.c.command).where(_fact.c.opportunity.in_(all_of)).distinct()
    return set(book.connection.execute(query).scalars())
