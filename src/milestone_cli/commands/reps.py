"""`ms reps`: the people who own opportunities."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.domain.setup import Rep
    from milestone_cli.store.book import Book


def reps(call: Call) -> None:
    """List the reps in alphabetical order, with their open opportunities and own targets.

    Examples:
      ms reps
      ms reps --format csv
    """
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.domain.day import first_of_month, month_of
    from milestone_cli.domain.targets import in_force
    from milestone_cli.reports.reps import RepLine, reps_document

    as_of = looked_at(call)
    with reading(call, replayed=True) as book:
        setup = book.setup.seen(as_of)
        month = month_of(as_of)
        wanted = {
            key: in_force(setup.targets, key, month, known_before=first_of_month(month)) for key in setup.processes
        }
        lines = [
            RepLine(
                rep,
                in_play(book, rep),
                {key: own[rep.number] for key, own in wanted.items() if rep.number in own},
            )
            for rep in setup.reps.values()
        ]
    currencies = {key: history.currency for key, history in setup.processes.items()}
    call.show(reps_document(lines, currencies, as_of))


def in_play(book: Book, rep: Rep) -> Counter[str]:
    """Return how many target customers and open opportunities a rep owns, by process."""
    found: Counter[str] = Counter()
    for tally in book.tallies():
        if tally.rep == rep.number and tally.status in ("target", "open"):
            found[tally.process] += tally.opportunities
    return found
