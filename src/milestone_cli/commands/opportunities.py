"""`ms opportunities`: the list, chosen and sorted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.domain.opportunity import Status
from milestone_cli.options import Call
from milestone_cli.reports.opportunities import SortBy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from milestone_cli.domain.basis import Basis
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.process import ProcessHistory
    from milestone_cli.reports.opportunities import Listed
    from milestone_cli.store.book import Book


def opportunities(
    call: Call,
    milestone: Annotated[
        str | None, typer.Option("--milestone", metavar="MILESTONE", help="Only those that stand there.")
    ] = None,
    status: Annotated[
        list[Status] | None,
        typer.Option("--status", metavar="STATUS", help="target, open, won, lost or dead; repeatable."),
    ] = None,
    waiting: Annotated[
        int | None, typer.Option("--waiting", metavar="DAYS", min=0, help="Only those waiting longer than that.")
    ] = None,
    sort: Annotated[
        SortBy | None,
        typer.Option("--sort", metavar="COLUMN", help="key, value, waiting, milestone, customer or reached."),
    ] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="The other way round.")] = False,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="List no more than N.")] = None,
) -> None:
    """List opportunities: where each stands, since when, and how long the customer has not moved.

    Examples:
      ms opportunities --rep anna --waiting 60
      ms opportunities --milestone 3 --sort value --limit 10
    """
    from milestone_cli.commands.chosen import chosen_processes, chosen_rep
    from milestone_cli.commands.log import on_screen
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.reports.opportunities import Choice, opportunities_document, opportunity_list

    as_of = looked_at(call)
    statuses = frozenset(status or ())
    with reading(call, replayed=True) as book:
        setup = book.setup.seen(as_of)
        histories = {key: setup.processes[key] for key in chosen_processes(book, call)}
        rep = chosen_rep(book, call)
        choice = Choice(
            rep=None if rep is None else rep.key,
            milestones=None if milestone is None else places(milestone, list(histories.values()), as_of),
            statuses=statuses,
            longer_than=waiting,
            hide_closed=on_screen(call),
            sort=sort,
            reverse=reverse,
            limit=limit,
        )
        found = opportunity_list(rows_of(book, histories, as_of), choice)
    call.show(opportunities_document(found, as_of, choice.rep))


def bases_of(book: Book, processes: Iterable[str], as_of: Day) -> dict[str, Basis]:
    """Return the basis of the day's month by process: its thresholds tell which opportunities are dead horses."""
    from milestone_cli.domain.day import month_of

    return {process: book.basis(process, month_of(as_of), as_of) for process in processes}


def places(name: str, histories: Sequence[ProcessHistory], as_of: Day) -> frozenset[tuple[str, int]]:
    """Return the milestone called `name` in every process that has it, as pairs of process and number.

    Raises:
        UnknownName: none of them has it.
    """
    from milestone_cli.domain.changes import find_milestone
    from milestone_cli.errors import UnknownName

    if name.strip() == "0":
        return frozenset((history.key, 0) for history in histories)
    found, refused = set(), None
    for history in histories:
        try:
            found.add((history.key, find_milestone(history.at(as_of).process, name)[0]))
        except UnknownName as error:
            refused = error
    if refused is not None and not found:
        raise refused
    return frozenset(found)


def rows_of(
    book: Book, histories: dict[str, ProcessHistory], as_of: Day, *, statuses: Collection[Status] = ()
) -> Iterator[Listed]:
    """Yield every opportunity of these processes from its columns; with `statuses`, those that the facts give them."""
    from milestone_cli.reports.opportunities import Places

    processes = {number: key for key, number in book.process_numbers.items()}
    milestones = {number: key for process in histories for number, key in book.milestone_keys(process).items()}
    reps = {number: rep.key for number, rep in book.setup.reps.items()}
    known = Places(histories, as_of, bases_of(book, histories, as_of))
    only = next(iter(histories)) if len(histories) == 1 else None
    for row in book.opportunities(process=only, statuses=[status.value for status in statuses]):
        process = processes[row["process"]]
        if process in histories:
            yield known.listed(
                key=row["key"],
                number=row["number"],
                customer=row["customer_name"],
                title=row["title"],
                process=process,
                rep=reps.get(row["rep"]),
                value=row["value"],
                milestone=milestones.get(row["milestone"]),
                opened_on=row["opened_on"],
                waiting_since=row["waiting_since"],
                status=Status(row["status"]),
            )
