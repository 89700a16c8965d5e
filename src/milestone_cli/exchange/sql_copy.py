"""A book as the tables of a plain SQLite copy: what the views say, and the facts in the native form.

Invariant: all of it is read in one transaction; under pseudonyms a name is the same one in every table.
"""

from __future__ import annotations

from collections.abc import Iterator

from milestone_cli.exchange.anonymous import Anonymous
from milestone_cli.exchange.facts_export import Exported, native_rows
from milestone_cli.exchange.native import COLUMNS
from milestone_cli.store.book import Book
from milestone_cli.store.plain_copy import CopiedTable, view_rows

VIEWS = {
    "milestones": ("process", "process_title", "number", "key", "name", "planned_rate", "planned_days", "currency"),
    "opportunities": (
        "key", "customer", "title", "process", "rep", "value", "currency", "milestone", "milestone_key", "reached_on",
        "status", "opened_on", "won_on", "lost_on",
    ),
    "arrivals": (
        "process", "milestone", "milestone_key", "day", "opportunity", "customer", "rep", "value", "currency",
        "implied", "bulk",
    ),
    "sections": (
        "opportunity", "customer", "process", "rep", "from_milestone", "from_key", "to_milestone", "to_key",
        "entered_on", "left_on", "days", "outcome", "implied", "bulk",
    ),
}  # fmt: skip
"""The columns of the views, by the name of the table that holds their rows in the copy."""
_VALUE = COLUMNS.index("value")


def copied_tables(
    book: Book, *, process: str | None, hidden: Anonymous | None, done: Exported
) -> Iterator[CopiedTable]:
    """Yield the tables of the copy; their rows are read as they are taken.

    Args:
        book: to read from.
        process: only this one; None is all.
        hidden: the pseudonyms; None shows the names.
        done: counts the facts.
    """
    for name, columns in VIEWS.items():
        view = f"v_{name}"
        rows = view_rows(book.connection, view, columns, process=process)
        shown = rows if hidden is None else map(hidden.row, _again(columns), rows)
        yield CopiedTable(name, columns, shown, view)
    facts = native_rows(book, process=process, as_of=None, done=done)
    facts = facts if hidden is None else hidden.facts(facts)
    next(facts)
    yield CopiedTable("facts", COLUMNS, map(_typed, facts), texts=frozenset({"milestone"}))


def _again(columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    while True:
        yield columns


def _typed(row: list[str]) -> list[object]:
    """Return a row of the native form with null for what is empty, and its amount as a number."""
    typed: list[object] = [cell or None for cell in row]
    typed[_VALUE] = float(row[_VALUE]) if row[_VALUE] else None
    return typed
