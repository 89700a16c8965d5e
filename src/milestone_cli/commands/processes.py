"""`ms processes`: the processes, or one with its milestones and versions, or its process file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.errors import UsageError
from milestone_cli.options import Call
from milestone_cli.reports.table import Sentence, named

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.process import Process
    from milestone_cli.domain.setup import Setup
    from milestone_cli.reports.processes import ProcessPage
    from milestone_cli.store.book import Book


def processes(
    call: Call,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Show this one with its versions.")] = None,
    toml: Annotated[
        bool, typer.Option("--toml", help="Print the process file, as `ms define-process` takes it.")
    ] = False,
    measured: Annotated[
        bool, typer.Option("--measured", help="With --toml: rates and days as measured, in place of the plan.")
    ] = False,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="With --toml: under the pseudonyms of `ms export --anonymous`.")
    ] = False,
) -> None:
    """List the processes, show one with its milestones and versions, or print its process file.

    Examples:
      ms processes b2b
      ms processes b2b --toml --measured -o b2b.toml
    """
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.reports.processes import processes_document

    if measured and not toml:
        raise UsageError("--measured is about the process file.", "Add --toml, or see the rates with `ms rates`.")
    if anonymous and not toml:
        raise UsageError("--anonymous is about the process file.", "Add --toml, or see `ms export --anonymous`.")
    as_of = looked_at(call)
    # a view has no journal to measure from: its states must be those of the day themselves
    with reading(call, replayed=not toml or (measured and call.known_on is not None)) as book:
        setup = book.setup.seen(as_of)
        if toml:
            page = _page(book, setup, setup.the_process(name).key, as_of)
            process, grounds = _measured(book, page) if measured else (page.definition.process, None)
        else:
            keys = sorted(setup.processes) if name is None else [setup.process(name).key]
            pages = [_page(book, setup, key, as_of) for key in keys]
    if anonymous:
        page, process, grounds = _hidden(call, page, process, grounds)
    if toml:
        _print_file(call, page, process, grounds)
    else:
        call.show(processes_document(pages, as_of, single=name is not None))


def _page(book: Book, setup: Setup, process: str, as_of: Day) -> ProcessPage:
    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.targets import in_force
    from milestone_cli.reports.processes import ProcessPage

    history = setup.processes[process]
    keys = history.at(as_of).process.keys
    open_at: Counter[str] = Counter()
    total = 0
    for tally in book.tallies():
        if tally.process == process:
            total += tally.opportunities
            place = history.place(tally.milestone, as_of)
            if tally.status == "open" and place:
                open_at[keys[place - 1]] += tally.opportunities
    return ProcessPage(
        history=history,
        as_of=as_of,
        target=in_force(setup.targets, process, month_of(as_of), known_before=None).get(None),
        opportunities=total,
        open_at=open_at,
    )


def _measured(book: Book, page: ProcessPage) -> tuple[Process, Mapping[str, str]]:
    """Return the process with the team's rates and days of the day as its plan, and what these rest on by milestone."""
    import numpy as np

    from milestone_cli.commands.journeys import journeys, section_plans
    from milestone_cli.commands.seeds import SEED
    from milestone_cli.estimate.rates import section_rates
    from milestone_cli.reports.measured_plan import measured_plan

    process, as_of = page.definition.process, page.as_of
    seen = journeys(book, process.key, as_of)
    sections = section_rates(seen, section_plans(process), np.random.default_rng(SEED))
    return measured_plan(process, sections, as_of)


def _hidden(
    call: Call, page: ProcessPage, process: Process, grounds: Mapping[str, str] | None
) -> tuple[ProcessPage, Process, Mapping[str, str] | None]:
    """Return the same under the pseudonyms of the book."""
    from dataclasses import replace

    from milestone_cli.commands.opening import reading_journal
    from milestone_cli.exchange.anonymous import Anonymous

    # what was known on a day is a view without a journal; pseudonyms are those of the file
    with reading_journal(call) as book:
        hidden = Anonymous(book)
    target = None if page.target is None else hidden.amount(page.target)
    by_key = None if grounds is None else hidden.by_milestone(process.key, grounds)
    return replace(page, target=target), hidden.definition(process), by_key


def _print_file(call: Call, page: ProcessPage, process: Process, grounds: Mapping[str, str] | None) -> None:
    from dataclasses import replace

    from milestone_cli.domain.day import iso
    from milestone_cli.exchange.process_file import write_process
    from milestone_cli.render.delivery import deliver

    coming = page.history.newest
    if coming.begins > page.as_of:
        day = named(iso(coming.begins))
        call.terminal.say(Sentence("From {} on another definition holds; --as-of {} prints that one.", (day, day)))
    whole = replace(process, history_from=page.history.history_from)
    deliver(write_process(whole, page.target, grounds), call.output, call.terminal.stdout)
