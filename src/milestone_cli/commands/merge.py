"""`ms merge`: unites another book with this one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.errors import Damaged
from milestone_cli.options import Call
from milestone_cli.reports.table import Sentence, named

if TYPE_CHECKING:
    from milestone_cli.reports.merged import MergedReport
    from milestone_cli.store.book import Book
    from milestone_cli.store.merging import Merged
    from milestone_cli.store.traces import NotOverwritten


def merge(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="OTHER", help="The file of the other book; it is only read.")],
) -> None:
    """Take in everything that another book has recorded and this one has not, all of it or nothing.

    For reps who work on files of their own. Merging again adds only what is new; in which order books are merged makes
    no difference. What contradicts is listed, with what holds.

    Examples:
      ms merge anna.db --dry-run
      ms merge anna.db
    """
    from milestone_cli.commands.importing import without_collector
    from milestone_cli.commands.log import on_screen
    from milestone_cli.commands.opening import changing, who
    from milestone_cli.reports.merged import merged_document
    from milestone_cli.store.foreign import copy_of
    from milestone_cli.store.merging import count_facts, refuse_broken
    from milestone_cli.store.merging import merge as unite

    with copy_of(file, call.path) as theirs, without_collector():
        refuse_broken(theirs, str(file))
        with changing(call, create=True) as book:
            label = Sentence("Taking in {}", (named(file.name),))
            with call.terminal.progress(count_facts(theirs), label) as progress:
                done = unite(book, theirs, who(), today=call.today, other=str(file), progress=progress)
            saved = _saved(call, book, done)
            report = _report(call, book, done, file.name, saved)
    failed = _overwritten(call) if done.forgotten else None
    call.show(merged_document(report, all_of_it=not on_screen(call)))
    if failed is not None:
        raise failed


def _overwritten(call: Call) -> NotOverwritten | None:
    """Write the file anew, so that nothing is left in it of what is forgotten; return what kept it from that."""
    from milestone_cli.commands.opening import same_file
    from milestone_cli.store.traces import NotOverwritten, overwrite

    if call.dry_run:
        return None
    waiting = "Waiting for another ms to finish with the file ..."
    try:
        overwrite(call.path, same_file("ms forget --finish", call), on_wait=lambda: call.terminal.say(waiting))
    except NotOverwritten as error:
        return error
    return None


def _saved(call: Call, book: Book, done: Merged) -> Path | None:
    """Return where the file lies as it was: what this command has written so far is seen by nobody else."""
    from milestone_cli.store.backup import automatic_backup

    if call.dry_run or not done.anything or done.began:
        return None
    saved = automatic_backup(book.path, "merge")
    if saved is None:
        raise Damaged(
            "The file is damaged, so no backup of it could be written before the merge. Nothing was recorded.",
            "`ms check` says more.",
        )
    return saved


def _report(call: Call, book: Book, done: Merged, source: str, saved: Path | None) -> MergedReport:
    from milestone_cli.reports.merged import MergedReport, NewName
    from milestone_cli.reports.merged_words import Clash

    setup = book.setup
    reps = {number: rep.key for number, rep in setup.reps.items()}
    return MergedReport(
        source=source,
        facts=done.facts,
        commands=done.commands,
        present=done.present,
        again=done.again,
        alike=done.alike,
        opportunities=done.opportunities,
        united=done.united,
        processes=done.processes,
        reps=done.reps,
        forgotten=done.forgotten,
        renamed=[NewName(one.before, one.after, one.customer, one.here, one.joined) for one in done.renamed],
        clashes=[
            Clash(where, contradiction, setup.processes[process].currency if process in setup.processes else None)
            for where, process, contradiction in done.contradictions
        ],
        rep_keys=reps,
        first_day=done.first_day,
        last_day=done.last_day,
        backup=None if saved is None else str(saved),
        dry_run=call.dry_run,
    )
