"""`ms undo`: takes back a whole command; nothing is deleted, and an undo can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.errors import RuleBroken
from milestone_cli.options import Call
from milestone_cli.reports.table import Plural, Sentence, counted, named

if TYPE_CHECKING:
    from milestone_cli.reports.recorded import Undoing
    from milestone_cli.store.book import Book
    from milestone_cli.store.undo import Command


def undo(
    call: Call,
    command: Annotated[
        str | None, typer.Argument(metavar="COMMAND", help="Its number in `ms log`; else your last one.")
    ] = None,
) -> None:
    """Take back your last command that is not undone yet, or the one named, if nothing later rests on it.

    Examples:
      ms undo
      ms undo 41 --dry-run
    """
    from milestone_cli.commands.opening import undoing
    from milestone_cli.commands.recorded import show_recorded
    from milestone_cli.reports.recorded import undone_document
    from milestone_cli.store.undo import undo as take_back

    if call.terminal.may_prompt and not call.yes and not call.dry_run:
        command = _agreed(call, command)
    with undoing(call, command) as (ledger, found):
        done = _undoing(call, ledger.book, found)
        take_back(ledger, found, today=call.today)
    show_recorded(call, undone_document(done))


def _agreed(call: Call, name: str | None) -> str:
    """Ask before somebody else's command or one about many opportunities goes; return the command's number."""
    from milestone_cli.commands.opening import reading_journal, to_undo, who

    with reading_journal(call) as book:
        found = to_undo(book, name)
        about = _undoing(call, book, found)
    foreign = found.who != who()
    if foreign or len(about.about) + about.more > 1:
        facts = Plural("1 fact", "{} facts", about.facts, (counted(about.facts),))
        values = (named(str(found.number)), named(found.name), facts)
        question = Sentence("Command {} ({}, {}): take it back?", values)
        if foreign:
            question = Sentence("{}'s command {} ({}, {}): take it back?", (named(found.who), *values))
        if not call.terminal.confirm(question):
            raise RuleBroken("Nothing was taken back.", "Answer with y to take it back.")
    return str(found.number)


def _undoing(call: Call, book: Book, command: Command) -> Undoing:
    from milestone_cli.reports.recorded import Undoing
    from milestone_cli.store.log import logged

    logged_command = logged(book, [command])[0]
    return Undoing(
        command=command.number,
        id=command.id,
        name=command.name,
        who=command.who,
        facts=logged_command.facts,
        about=logged_command.about,
        more=logged_command.more,
        dry_run=call.dry_run,
    )
