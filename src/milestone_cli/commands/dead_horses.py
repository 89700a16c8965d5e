"""`ms dead-horses`: what has waited so long that hardly any like it ever moved again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day
    from milestone_cli.reports.dead_horses import DeadHorsesReport
    from milestone_cli.store.book import Book


def dead_horses(
    call: Call,
    explain: Annotated[bool, typer.Option("--explain", help="Print why each is set aside.")] = False,
) -> None:
    """List the open opportunities that are set aside, and those that will be within 30 days.

    They stay in the rates, are out of the lists of what to do, and are back at once when the customer reaches a
    milestone. To let one go for good: `ms lose`.

    Examples:
      ms dead-horses
      ms dead-horses --rep anna --explain
    """
    from milestone_cli.commands.chosen import chosen_processes, chosen_rep
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.reports.dead_horses import dead_horses_document

    as_of = looked_at(call)
    with reading(call, replayed=True) as book:
        rep = chosen_rep(book, call)
        whose = None if rep is None else rep.key
        reports = [report_of(book, process, as_of, whose) for process in chosen_processes(book, call)]
    document = dead_horses_document(reports, as_of, whose)
    if explain:
        from milestone_cli.reports.dead_horses_explained import explained

        document = explained(document, reports, whose)
    call.show(document)


def report_of(book: Book, process: str, as_of: Day, rep: str | None) -> DeadHorsesReport:
    """Return the dead horses of one process, of the team or the rep with this key."""
    from milestone_cli.commands.opportunities import rows_of
    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.opportunity import Status
    from milestone_cli.reports.dead_horses import dead_horses_report

    history = book.setup.seen(as_of).processes[process]
    basis = book.basis(process, month_of(as_of), as_of)
    rows = rows_of(book, {process: history}, as_of, statuses=[Status.OPEN])
    mine = (row for row in rows if rep is None or row.rep == rep)
    return dead_horses_report(history.at(as_of).process, basis, mine, as_of)
