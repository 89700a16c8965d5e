"""`ms define-process`: a process from a TOML file, from standard input, or question by question.

Invariant: a definition is taken whole or not at all, and what it changes is said before anything else.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.domain.text import quoted
from milestone_cli.errors import AlreadyRecorded, NoFileYet, RuleBroken, UsageError
from milestone_cli.options import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from milestone_cli.domain.day import Day, Month
    from milestone_cli.domain.definition import CarriedOver
    from milestone_cli.domain.setup import Setup
    from milestone_cli.exchange.process_file import ProcessFile
    from milestone_cli.reports.definition import DefinedReport
    from milestone_cli.store.book import Book
    from milestone_cli.store.recording import Ledger

STDIN = "-"


def define_process(
    call: Call,
    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help="A TOML file, or - for standard input; without it `ms` asks."),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only look whether FILE is right; needs no database.")] = False,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="From when a change holds; the first of the next month otherwise."),
    ] = None,
) -> None:
    """Define a process, or change one: texts, rates, days, milestones, target.

    Without FILE it asks step by step; Enter takes what the process has, a new one what the built-in example has.

    Examples:
      ms define-process b2b.toml
      ms define-process b2b.toml --check
    """
    valid_from = None if from_ is None else call.day(from_, future=True)
    if file is None:
        _define_by_asking(call, valid_from, check=check)
        return
    from milestone_cli.exchange.process_file import read_process
    from milestone_cli.reports.definition import defined_document

    found = read_process(_content(call, file), "standard input" if file == STDIN else file)
    report = _checked(call, found) if check else record(call, found, valid_from)
    call.show(defined_document(report))


def _content(call: Call, file: str) -> bytes:
    """Return the bytes of a process file, no more than one too many."""
    from milestone_cli.exchange.process_file import SIZE_LIMIT

    if file == STDIN:
        stdin = call.terminal.stdin
        if stdin is None:
            raise UsageError("Standard input is closed.", "Name a file instead.")
        return stdin.buffer.read(SIZE_LIMIT + 1)
    path = Path(file)
    try:
        with path.open("rb") as opened:
            return opened.read(SIZE_LIMIT + 1)
    except FileNotFoundError as error:
        hint = "Name a TOML file, `-` for standard input, or nothing to be asked step by step."
        raise UsageError(f"There is no file {quoted(file)}.", hint) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no path"
        raise UsageError(f"The file {quoted(file)} cannot be read: {why}.", "Name a TOML file.") from error


def _checked(call: Call, found: ProcessFile) -> DefinedReport:
    """Return what a definition says by itself, without a look at the database."""
    from milestone_cli.domain.setup import Setup

    return understood(Setup(), {}, call, found, None, checked_only=True)


def record(call: Call, found: ProcessFile, valid_from: Day | None) -> DefinedReport:
    """Record a definition and its target; return what they change.

    Raises:
        AlreadyRecorded: nothing changes.
        RuleBroken: the currency changes, or the first definition is to hold from a day.
    """
    from milestone_cli.commands.opening import writing

    if valid_from is not None and not call.path.exists():
        # no file is made just to refuse in it
        raise RuleBroken("The first definition of a process holds from the beginning.", "Leave out --from.")
    with writing(call, "define-process", create=True) as ledger:
        book = ledger.book
        report = understood(book.setup, open_at(book, found.process.key), call, found, valid_from)
        _append(ledger, call, report)
    return report


def _append(ledger: Ledger, call: Call, report: DefinedReport) -> None:
    from milestone_cli.domain.day import iso
    from milestone_cli.domain.definition import Effect

    revision, target = report.revision, report.new_target
    if revision.effect is not Effect.NOTHING:
        ledger.define(revision.process, on=call.today, valid_from=revision.valid_from)
    elif target is None:
        later = revision.followed_on
        other = "" if later is None else f" From {iso(later)} on another definition holds; --from {iso(later)} ends it."
        raise AlreadyRecorded(f"Nothing changed: {revision.process.key} is defined like this already.{other}")
    if target is not None:
        ledger.set_target(target.process, None, target.amount, on=call.today, valid_from=target.valid_from)


def open_at(book: Book, process: str) -> Counter[str]:
    """Return how many opportunities are open at each milestone key, those that a version has dropped included."""
    found: Counter[str] = Counter()
    for tally in book.tallies():
        if tally.process == process and tally.status == "open" and tally.milestone is not None:
            found[tally.milestone] += tally.opportunities
    return found


def understood(
    setup: Setup,
    standing: Mapping[str, int],
    call: Call,
    found: ProcessFile,
    valid_from: Day | None,
    *,
    checked_only: bool = False,
) -> DefinedReport:
    """Return what a definition changes; `standing` are the open opportunities by milestone key."""
    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.definition import carried_over, changed_target, extended, revision
    from milestone_cli.domain.targets import in_force
    from milestone_cli.exchange.process_file import warnings
    from milestone_cli.reports.definition import DefinedReport

    process, wanted = found.process, found.target_per_month
    history = setup.processes.get(process.key)
    change = revision(history, process, today=call.today, valid_from=valid_from)
    month = None if valid_from is None else _first_whole_month(valid_from)
    target = None
    if wanted is not None:
        target = changed_target(setup.targets, process.key, None, wanted, today=call.today, month=month)
    else:
        running = month_of(call.today) if change.valid_from is None else month_of(change.valid_from)
        wanted = in_force(setup.targets, process.key, running, known_before=None).get(None)
    moved: tuple[CarriedOver, ...] = ()
    if history is not None and change.valid_from is not None and change.removed:
        after = extended(history, change.process, today=call.today, valid_from=change.valid_from)
        leaving = {key: count for key, count in standing.items() if key in change.removed}
        moved = carried_over(after, leaving, change.valid_from)
    return DefinedReport(
        revision=change,
        as_of=call.today,
        target=wanted,
        new_target=target,
        carried_over=moved,
        warnings=warnings(process),
        checked_only=checked_only,
        dry_run=call.dry_run,
    )


def _first_whole_month(day: Day) -> Month:
    from milestone_cli.domain.day import first_of_month, month_of

    month = month_of(day)
    return month if first_of_month(month) == day else month + 1


def _define_by_asking(call: Call, valid_from: Day | None, *, check: bool) -> None:
    """Ask step by step, show what it amounts to, and record it if the user agrees."""
    if check or not call.terminal.may_prompt:
        why = "--check needs a FILE." if check else "Nobody can be asked here: `ms define-process` needs a FILE."
        raise UsageError(why, "Name a TOML file, or `-` for standard input.")
    from milestone_cli.commands.wizard_end import write_file
    from milestone_cli.reports.definition import defined_document

    answered = _answered(call, valid_from)
    if answered is None:
        call.terminal.say("Nothing was recorded.")
        return
    found, path = answered
    call.show(defined_document(record(call, found, valid_from)))
    if path is not None:
        write_file(call, path, found)


def _answered(call: Call, valid_from: Day | None) -> tuple[ProcessFile, Path | None] | None:
    """Ask step by step, show what it amounts to; return it and the file to write too, or None if the user disagrees."""
    from milestone_cli.commands.asking import Back
    from milestone_cli.commands.wizard import Wizard
    from milestone_cli.commands.wizard_end import ask_agreement, ask_path
    from milestone_cli.reports.definition import defined_document

    setup, standing = _known(call)
    wizard = Wizard(call, {key: _as_it_is(setup, key, call) for key in setup.processes})
    while True:
        found = wizard.run()
        report = understood(setup, standing.get(found.process.key, Counter()), call, found, valid_from)
        try:
            if not ask_agreement(call, defined_document(report), found):
                return None
            return found, None if call.dry_run else ask_path(call)
        except Back:
            continue


def _as_it_is(setup: Setup, key: str, call: Call) -> ProcessFile:
    """Return the newest definition of a process and the team's target of the month from which a change holds."""
    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.targets import in_force
    from milestone_cli.exchange.process_file import ProcessFile

    target = in_force(setup.targets, key, month_of(call.today) + 1, known_before=None).get(None)
    return ProcessFile(setup.processes[key].newest.process, target)


def _known(call: Call) -> tuple[Setup, dict[str, Counter[str]]]:
    """Return what is set up, and by process where its opportunities stand; nothing where there is no file yet."""
    from milestone_cli.commands.opening import reading
    from milestone_cli.domain.setup import Setup

    try:
        with reading(call) as book:
            return book.setup, {key: open_at(book, key) for key in book.setup.processes}
    except NoFileYet:
        return Setup(), {}
