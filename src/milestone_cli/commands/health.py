"""`ms health`: is the process lived, and what way of working does that amount to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.lived import Life
    from milestone_cli.domain.period import Period
    from milestone_cli.domain.process import ProcessHistory
    from milestone_cli.domain.setup import Rep
    from milestone_cli.reports.health import HealthReport
    from milestone_cli.store.book import Book

MONTHS = 12
"""So many months are looked at, the running one included, unless a period is asked for."""


def health(
    call: Call,
    period: Annotated[
        str | None, typer.Option("--period", metavar="PERIOD", help="The last 12 months unless given: 2026-Q4, 2026.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print the facts and counts behind it.")] = False,
) -> None:
    """Show whether the process is lived, and what way of working that is; no list of people.

    Examples:
      ms health --explain
      ms health --rep anna --period 2026
    """
    from milestone_cli.commands.chosen import chosen_processes, chosen_rep
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.period import months_period
    from milestone_cli.reports.health import health_document

    as_of = looked_at(call)
    running = month_of(as_of)
    span = months_period(running - MONTHS + 1, running) if period is None else call.period(period)
    with reading(call) as book:
        rep = chosen_rep(book, call)
        processes = chosen_processes(book, call) if book.setup.processes or call.process else []
        reports = [_report(book, process, span, min(span.end, as_of), rep) for process in processes]
        keys = {process: book.names(process) for process in processes} if explain else {}
    whose = None if rep is None else rep.key
    document = health_document(reports, span, as_of, whose)
    if explain:
        from milestone_cli.reports.health_explained import explained

        document = explained(document, reports, span, whose, keys)
    call.show(document)


def _report(book: Book, process: str, span: Period, until: Day, rep: Rep | None) -> HealthReport:
    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.lived import REVISED_DAYS, signs
    from milestone_cli.domain.targets import in_force
    from milestone_cli.reports.health import HealthReport, Targets

    setup = book.setup.seen(until)
    history = setup.processes[process]
    amounts = in_force(setup.targets, process, month_of(until), known_before=None)
    revised_on = history.revised_on(until)
    life = _life(book, history, span.start, until, None if rep is None else rep.number)
    return HealthReport(
        process=process,
        title=history.at(until).process.title,
        life=life,
        signs=signs(
            life,
            target_set=any(amounts.values()),
            revised=revised_on is not None and until - revised_on < REVISED_DAYS,
        ),
        revised_on=revised_on,
        until=until,
        targets=Targets({owner: amount for owner, amount in amounts.items() if amount}, history.currency),
    )


def _life(book: Book, history: ProcessHistory, start: Day, until: Day, rep: int | None) -> Life:
    from collections import Counter

    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.lived import RECENT_DAYS, Life
    from milestone_cli.store import lived

    span = lived.Span(book.process_numbers[history.key], start, until, rep)
    rows = lived.entered(book.connection, span, until - RECENT_DAYS)
    basis = book.basis(history.key, month_of(until), until, for_targets=False)
    places = {number: history.place(key, until) for number, key in book.milestone_keys(history.key).items()}
    dead_after = {place: threshold.after for place, threshold in enumerate(basis.dead, start=1)}
    delays: Counter[int] = Counter()
    for row in rows:
        if row.days is not None:
            delays[max(row.days, 0)] += row.actions
    return Life(
        actions=sum(row.actions for row in rows),
        with_evidence=sum(row.with_evidence for row in rows),
        with_person=sum(row.with_person for row in rows),
        delays=delays,
        implied=lived.implied(book.connection, span),
        recent=sum(row.recent for row in rows),
        rides=tuple(lived.ridden(book.connection, span, places, dead_after)),
    )
