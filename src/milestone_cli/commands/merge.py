"""`ms merge`: unites another book with this one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.errors import Damaged, RuleBroken
from milestone_cli.options import Call
from milestone_cli.reports.table import Plural, Sentence, counted, named

if TYPE_CHECKING:
    from milestone_cli.domain.merged import Merged
    from milestone_cli.reports.forgotten import Left
    from milestone_cli.reports.merged import MergedReport
    from milestone_cli.store.book import Book
    from milestone_cli.store.foreign import Foreign
    from milestone_cli.store.traces import NotOverwritten


def merge(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="OTHER", help="The file of the other book; it is only read.")],
) -> None:
    """Take in everything that another book has recorded and this one has not, all of it or nothing.

    For reps who work on files of their own. Merging again adds only what is new; in which order books are merged makes
    no difference. What contradicts is listed, with what holds. What was forgotten there goes here too, for good: that
    is asked first.

    Examples:
      ms merge anna.db --dry-run
      ms merge anna.db
    """
    from milestone_cli.commands.importing import without_collector
    from milestone_cli.commands.log import on_screen
    from milestone_cli.reports.merged import merged_document
    from milestone_cli.store.foreign import copy_of
    from milestone_cli.store.merging import refuse_broken

    with copy_of(file, call.path) as theirs, without_collector():
        refuse_broken(theirs, str(file))
        try:
            report = _united(call, theirs, file, forgets=call.yes or call.dry_run)
        except _WouldForget as found:
            _agreed(call, found.texts, file.name)
            # somebody may have recorded more while the question was open: all of it is looked at again
            report = _united(call, theirs, file, forgets=True)
    failed = None
    if report.done.forgotten and not call.dry_run:
        failed = _overwritten(call)
        report = replace(report, left=_left(call, overwritten=failed is None))
    call.show(merged_document(report, all_of_it=not on_screen(call)))
    if failed is not None:
        raise failed


class _WouldForget(Exception):
    """The merge takes texts from this book, and nobody has agreed yet."""

    def __init__(self, texts: int) -> None:
        super().__init__(texts)
        self.texts = texts


def _united(call: Call, theirs: Foreign, file: Path, *, forgets: bool) -> MergedReport:
    """Take the other book in; `forgets`: also what forgets texts here, else _WouldForget is raised and nothing done."""
    from milestone_cli.commands.opening import changing, who
    from milestone_cli.store.merging import count_facts
    from milestone_cli.store.merging import merge as unite

    with changing(call, create=True) as book:
        label = Sentence("Taking in {}", (named(file.name),))
        with call.terminal.progress(count_facts(theirs), label) as progress:
            done = unite(book, theirs, who(), today=call.today, other=str(file), progress=progress)
        if done.forgotten and not forgets:
            raise _WouldForget(done.forgotten)
        return _report(call, book, done, file.name, _saved(call, book, done))


def _agreed(call: Call, texts: int, other: str) -> None:
    question = Plural(
        "{} text is forgotten in {} and goes here too. That cannot be undone. Merge?",
        "{} texts are forgotten in {} and go here too. That cannot be undone. Merge?",
        texts,
        (counted(texts), named(other)),
    )
    if not call.terminal.confirm(question):
        raise RuleBroken("Nothing was taken in and nothing was forgotten.", "Answer with y to merge.")


def _left(call: Call, *, overwritten: bool) -> Left:
    """Return where what is forgotten now may still lie."""
    from milestone_cli.commands.left_behind import lying
    from milestone_cli.commands.opening import reading_journal
    from milestone_cli.reports.forgotten import Left
    from milestone_cli.store.traces import copies_with_forgotten, remove_unfinished

    removed = remove_unfinished(call.path)
    with reading_journal(call) as book:
        copies = copies_with_forgotten(call.path, book.connection)
    return Left(overwritten=overwritten, places=lying(call, copies, (), removed))


def _overwritten(call: Call) -> NotOverwritten | None:
    """Write the file anew without what is forgotten; return what kept it from that."""
    from milestone_cli.commands.left_behind import overwrite_now
    from milestone_cli.store.traces import NotOverwritten

    try:
        overwrite_now(call)
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
    from milestone_cli.reports.merged import MergedReport
    from milestone_cli.reports.merged_words import Clash

    setup = book.setup
    return MergedReport(
        source=source,
        done=done,
        clashes=[
            Clash(where, contradiction, setup.processes[process].currency if process in setup.processes else None)
            for where, process, contradiction in done.contradictions
        ],
        rep_keys={number: rep.key for number, rep in setup.reps.items()},
        backup=None if saved is None else str(saved),
        dry_run=call.dry_run,
    )
