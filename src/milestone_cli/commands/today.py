"""`ms` alone: today's page, or the first three commands where nothing is set up yet."""

from __future__ import annotations

from milestone_cli.errors import NoFileYet
from milestone_cli.options import Call
from milestone_cli.reports.table import CellKind, Document, Sentence, Value

FIRST_COMMANDS = (
    ("ms define-process", "your milestones; asks step by step"),
    ('ms add "Example GmbH" --value 40k', "a target customer; prints its key"),
    ("ms advance example-gmbh 1", "the customer reached milestone 1"),
)
"""What to type on an empty file, in this order."""
STEPS = 3
"""So many next steps stand under the lamps."""


def today(call: Call) -> None:
    """Show the lamps of every process today and what to do first; on an empty file, the first commands to type."""
    from milestone_cli.commands.chosen import chosen_processes, chosen_rep
    from milestone_cli.commands.grounds import ground
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.commands.steps import next_report
    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.period import month_period
    from milestone_cli.reports.kpis import kpis
    from milestone_cli.reports.today import today_document

    as_of = looked_at(call)
    try:
        with reading(call, replayed=True) as book:
            if not book.setup.processes:
                call.show(first_steps(call))
                return
            rep = chosen_rep(book, call)
            month = month_period(month_of(as_of))
            grounds = [ground(book, process, month, as_of, rep=rep) for process in chosen_processes(book, call)]
            reports = [next_report(book, one, kpis(one, rep), STEPS) for one in grounds]
    except NoFileYet:
        call.show(first_steps(call))
        return
    call.show(today_document(reports, as_of, None if rep is None else rep.key))


def first_steps(call: Call) -> Document:
    """Return what to type first, and where it will lie."""
    from milestone_cli.commands.opening import same_file

    first = [(same_file(command, call), what) for command, what in FIRST_COMMANDS]
    wide = max(len(command) for command, _ in first)
    lines = [f"    {command:<{wide}}  {what}" for command, what in first]
    return Document(
        before=(
            Sentence("Nothing is recorded in {} yet. Begin with:", (Value(str(call.path), CellKind.NAME),)),
            *lines,
            "`ms demo` shows a made-up team's three years in a file of its own; `ms --help` lists everything.",
        ),
        json={
            "as_of": None,
            "rep": None,
            "processes": [],
            "first_commands": [command for command, _ in FIRST_COMMANDS],
        },
    )
