"""Opportunities to pick from: narrowed by what is typed, those that still live first.

Invariant: nothing is guessed: what is typed stands in the key or the customer of everything that is left.
"""

from __future__ import annotations

from collections.abc import Sequence

from milestone_cli.domain.opportunity import Opportunity, Status
from milestone_cli.domain.text import fold
from milestone_cli.reports.opportunities import Listed
from milestone_cli.reports.recorded import Numbered
from milestone_cli.reports.table import CellKind, Column, Document, Line, Sentence, Table, Value, counted

SHOWN = 9
"""So many are listed at a time, so that one digit picks."""
_COLUMNS = (
    Column("pick", "#", CellKind.COUNT),
    Column("key", "Key", CellKind.NAME, whole=True),
    Column("customer", "Customer", CellKind.NAME, 2),
    Column("milestone", Sentence("At", context="milestone"), CellKind.COUNT),
    Column("waiting_days", "Waited", CellKind.COUNT, 3),
    Column("status", "Status", CellKind.WORD),
)


def in_order(rows: Sequence[Listed], rep: str | None) -> list[Listed]:
    """Return the rows with dead horses last, before them other reps' ones, by key."""
    mine = None if rep is None else fold(rep)

    def order(row: Listed) -> tuple[bool, bool, str]:
        others = mine is not None and (row.rep is None or fold(row.rep) != mine)
        return row.status is Status.DEAD, others, fold(row.key)

    return sorted(rows, key=order)


def narrowed(rows: Sequence[Listed], typed: str) -> list[Listed]:
    """Return the rows with every word of `typed` in key or customer; the one with just that key or number alone."""
    wanted = fold(typed.strip())
    exact = [row for row in rows if fold(row.key) == wanted or str(row.number) == wanted]
    if exact:
        return exact[:1]
    words = wanted.split()
    return [row for row in rows if all(word in fold(f"{row.key} {row.customer}") for word in words)]


def choice_document(rows: Sequence[Listed]) -> Document:
    """Return the first rows under the digits that pick them, and how many more there are."""
    shown = rows[:SHOWN]
    cells = tuple(
        (place, row.key, row.customer, row.milestone, row.waiting_days, row.status.value)
        for place, row in enumerate(shown, start=1)
    )
    more = len(rows) - len(shown)
    notes = (Sentence("And {} more: type more of the name.", (counted(more),)),) if more else ()
    return Document(tables=(Table(title="In play", columns=_COLUMNS, rows=cells, notes=notes),))


def stands_line(key: str, customer: str, at: Numbered | None, state: Opportunity) -> Line:
    """Return where an opportunity stands before the next customer action is asked for."""
    named = (Value(key, CellKind.NAME), Value(customer, CellKind.NAME))
    if at is None:
        return Sentence("{} ({}) is a target customer, before milestone 1.", named)
    place = (Value(at.number, CellKind.COUNT), Value(at.milestone.name, CellKind.TEXT))
    since = (Value(state.waiting_since, CellKind.DAY),)
    return Sentence("{} ({}) stands at milestone {} ({}) since {}.", (*named, *place, *since))
