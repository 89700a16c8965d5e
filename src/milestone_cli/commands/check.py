"""`ms check`: the proof that the file is whole, or everything that is wrong with it.

Invariant: checking changes nothing; --rebuild writes only what is made from the journal, and only from a whole journal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.errors import Damaged, DiskFull, FileError, Locked, NewerFile, NoPermission, NotADatabase
from milestone_cli.options import Call
from milestone_cli.reports.table import CellKind, Column, Document, Line, Sentence, Table, Value

if TYPE_CHECKING:
    from milestone_cli.store.contents import Contents


@dataclass(slots=True)
class Findings:
    """What was found."""

    problems: list[str] = field(default_factory=list)
    mendable: bool = False
    """The facts are whole, only what is computed from them is not."""
    held: Contents | None = None
    """What the file holds; None if it is not whole."""
    overwrite_due: bool = False
    """What was forgotten may still lie in unused parts of it."""
    rows: dict[str, int] = field(default_factory=dict)


_COLUMNS = (Column("problem", "Problem", CellKind.TEXT),)


def check(
    call: Call,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Write what is made from the journal anew, and next month's targets' ground."),
    ] = False,
) -> None:
    """Prove that the file is whole: its pages, the chain over all facts, and what is computed from them.

    Exit code 3 if anything is wrong; the newest backup is named then.

    Examples:
      ms check
      ms check --rebuild
    """
    found = _rebuilt(call) if rebuild else Findings()
    if not found.problems:
        found = _looked(call)
    if found.held is None:
        call.show(_damaged(found.problems))
        raise _error(call, found, rebuilt=rebuild)
    call.show(_whole(call, found, found.held, rebuilt=rebuild))


def _looked(call: Call) -> Findings:
    """Return every problem, and what a whole file holds."""
    from milestone_cli.commands.opening import reading
    from milestone_cli.store.check import is_sound, problems
    from milestone_cli.store.contents import contents, row_counts
    from milestone_cli.store.traces import overwrite_due

    found = Findings()
    try:
        with reading(call) as book:
            for problem in problems(book):
                found.problems.append(problem)
            if found.problems:
                found.mendable = is_sound(book.connection)
            else:
                found.held, found.rows = contents(book.connection), row_counts(book.connection)
                found.overwrite_due = overwrite_due(book.connection)
    except FileError as error:
        _cannot_be_read(call, found, error)
    return found


def _rebuilt(call: Call) -> Findings:
    """Write anew what is made from the journal, if that is whole; return what is wrong with it otherwise."""
    from milestone_cli.commands.opening import changing
    from milestone_cli.store.check import broken_names, mend
    from milestone_cli.store.proof import journal_problems, whole_first

    found = Findings()
    try:
        with changing(call) as book:
            for problem in whole_first(journal_problems(book.connection), broken_names(book.connection)):
                found.problems.append(problem)
            if not found.problems:
                mend(book)
    except FileError as error:
        _cannot_be_read(call, found, error)
    return found


def _cannot_be_read(call: Call, found: Findings, error: FileError) -> None:
    """Count as a problem that the file cannot be read on; one that never was ours is another matter."""
    if isinstance(error, (Locked, NoPermission, DiskFull, NewerFile)):
        raise error
    if isinstance(error, NotADatabase) and not _backups(call):
        raise error
    found.held = None
    found.mendable = False
    if not found.problems:
        found.problems.append(error.message.removesuffix(" Nothing was recorded."))


def _whole(call: Call, found: Findings, held: Contents, *, rebuilt: bool) -> Document:
    rows = found.rows
    lines: list[Line] = [
        Sentence(
            "Whole: facts {}, commands {}; what is made from them agrees: opportunities {}, arrivals {}, snapshots {}.",
            tuple(
                Value(number, CellKind.COUNT)
                for number in (held.facts, held.commands, rows["opportunity"], rows["arrival"], rows["snapshot"])
            ),
        )
    ]
    if rebuilt:
        lines.insert(
            0,
            "What is made from the journal and the snapshots would be written anew."
            if call.dry_run
            else "What is made from the journal and the snapshots were written anew.",
        )
    if found.overwrite_due:
        lines.append(_due(call))
    newest = next(iter(_backups(call)), None)
    if newest is not None:
        lines.append(Sentence("The newest automatic backup is {}.", (Value(str(newest), CellKind.NAME),)))
    return Document(
        before=tuple(lines),
        json={
            "whole": True,
            "problems": [],
            "facts": held.facts,
            "commands": held.commands,
            "opportunities": rows["opportunity"],
            "arrivals": rows["arrival"],
            "snapshots": rows["snapshot"],
            "rebuilt": rebuilt and not call.dry_run,
            "overwrite_due": found.overwrite_due,
            "newest_backup": None if newest is None else str(newest),
        },
    )


def _due(call: Call) -> Sentence:
    from milestone_cli.commands.opening import same_file

    return Sentence(
        "What was forgotten may still lie in unused parts of the file: `{}` overwrites it.",
        (Value(same_file("ms forget --finish", call), CellKind.NAME),),
    )


def _damaged(problems: list[str]) -> Document:
    rows = tuple((problem,) for problem in problems)
    return Document(
        tables=(Table(title="What is wrong", columns=_COLUMNS, rows=rows),), json={"whole": False, "problems": problems}
    )


def _error(call: Call, found: Findings, *, rebuilt: bool) -> Damaged:
    count = "1 problem" if len(found.problems) == 1 else f"{len(found.problems)} problems"
    return Damaged(
        f"{call.path} is not whole: {count} found.", _way_back(call, mendable=found.mendable and not rebuilt)
    )


def _way_back(call: Call, *, mendable: bool) -> str:
    """Say how to go on: what is computed can be written anew, the journal comes back from a backup."""
    from milestone_cli.commands.opening import same_file

    if mendable:
        return f"The facts are whole; `{same_file('ms check --rebuild', call)}` writes anew what is computed from them."
    backups = _backups(call)
    if not backups:
        return f"There is no automatic backup; `{same_file('ms restore FILE', call)}` goes back to one of your own."
    return f"`{same_file('ms restore', call)}` goes back to the newest automatic backup, {backups[0]}."


def _backups(call: Call) -> list[Path]:
    from milestone_cli.store.backup import automatic_backups

    return automatic_backups(call.path)
