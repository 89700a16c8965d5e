"""`ms log`: what was recorded, by whom, newest first; each number is what `ms undo` takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from milestone_cli.reports.show import Moment, utc
from milestone_cli.reports.table import Cell, CellKind, Column, Document, Sentence, Table, counted, named


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCommand:
    """One command of the journal."""

    number: int
    id: str
    name: str
    who: str
    entered_at: int
    """Microseconds since 1970 UTC."""
    facts: int
    """How many facts it recorded."""
    about: tuple[str, ...]
    """The keys of opportunities, processes or reps it is about; the first ones, if there are many."""
    more: int
    """How many more it is about."""
    undoes: int | None
    undone: bool


COLUMNS = (
    Column("number", "#", CellKind.TEXT, 1),
    Column("time", "When", CellKind.TEXT, 2),
    Column("who", "Who", CellKind.NAME, 3),
    Column("command", "Command", CellKind.TEXT, 1),
    Column("facts", "Facts", CellKind.COUNT, 2),
    Column("about", "About", CellKind.NAME, 1),
    Column("undoes", "Undoes", CellKind.TEXT, 5),
    Column("undone", "Undone", CellKind.BOOL, 1),
)


def log_document(commands: Sequence[LoggedCommand], total: int, moment: Moment) -> Document:
    """Return the commands as a table, newest first, and as JSON."""
    table = Table(
        title="Log",
        columns=COLUMNS,
        rows=tuple(
            (
                str(one.number), moment(one.entered_at), one.who, one.name, one.facts, _about(one),
                None if one.undoes is None else str(one.undoes), one.undone,
            )
            for one in commands
        ),
        notes=("`ms undo NUMBER` takes one back.",) if commands else (),
        total_rows=total,
        empty="Nothing is recorded yet.",
    )  # fmt: skip
    return Document(tables=(table,), json={"total": total, "commands": [_json(one) for one in commands]})


def _about(one: LoggedCommand) -> Cell:
    shown = ", ".join(one.about)
    return Sentence("{} and {} more", (named(shown), counted(one.more))) if one.more else shown or None


def _json(one: LoggedCommand) -> dict[str, object]:
    return {
        "number": one.number,
        "id": one.id,
        "entered_at": utc(one.entered_at),
        "who": one.who,
        "command": one.name,
        "facts": one.facts,
        "about": list(one.about),
        "more": one.more,
        "undoes": one.undoes,
        "undone": one.undone,
    }
