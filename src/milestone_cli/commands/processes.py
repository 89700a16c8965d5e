"""`ms processes`: the processes, or one with its milestones and versions, or its process file."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.setup import Setup
    from milestone_cli.reports.processes import ProcessPage
    from milestone_cli.store.book import Book


def processes(
    call: Call,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Show this one with its versions.")] = None,
    toml: Annotated[
        bool, typer.Option("--toml", help="Print the process file, as `ms define-process` takes it.")
    ] = False,
) -> None:
    """List the processes, show one with its milestones and versions, or print its process file.

    Examples:
      ms processes b2b
      ms processes b2b --toml -o b2b.toml
    """
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.reports.processes import processes_document

    as_of = looked_at(call)
    with reading(call, replayed=not toml) as book:
        setup = book.setup.seen(as_of)
        if toml:
            page = _page(book, setup, setup.the_process(name).key, as_of)
        else:
            keys = sorted(setup.processes) if name is None else [setup.process(name).key]
            pages = [_page(book, setup, key, as_of) for key in keys]
    if toml:
        _print_file(call, page)
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


def _print_file(call: Call, page: ProcessPage) -> None:
    from dataclasses import replace

    from milestone_cli.domain.day import iso
    from milestone_cli.exchange.process_file import write_process
    from milestone_cli.render.delivery import deliver

    process = replace(page.definition.process, history_from=page.history.history_from)
    coming = page.history.newest
    if coming.begins > page.as_of:
        day = iso(coming.begins)
        call.terminal.say(f"From {day} on another definition holds; --as-of {day} prints that one.")
    deliver(write_process(process, page.target), call.output, call.terminal.stdout)
