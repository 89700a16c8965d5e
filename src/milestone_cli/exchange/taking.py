"""Taking what a file says into the book: what is new is appended, what is there stays as it is.

Invariant: importing a file again adds nothing; a line that contradicts what stands is reported and left out, never
applied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from milestone_cli.domain.day import Day
from milestone_cli.exchange.course import Course
from milestone_cli.exchange.gathered import Gathering
from milestone_cli.exchange.recognized import Recognized, recognized
from milestone_cli.exchange.taken import ProcessTaken, Taken
from milestone_cli.exchange.taking_known import KnownOpportunities, tell_missing
from milestone_cli.exchange.taking_new import NewOpportunities
from milestone_cli.exchange.taking_united import take_to_united
from milestone_cli.store import bulk
from milestone_cli.store.bulk import Known
from milestone_cli.store.recording import Ledger


def take(
    ledger: Ledger, gathering: Gathering, known: Mapping[str, Known], *, today: Day, complete: bool,
    progress: Callable[[int], None], with_forgotten: bool = False,
) -> Taken:  # fmt: skip
    """Append what is new in `gathering`; return what was done.

    Args:
        ledger: the command at work.
        gathering: what the file says; emptied on the way, so that memory is freed.
        known: the opportunities of the book by folded key.
        today: the day of what the import itself decides.
        complete: losses are all there, whatever it looks like.
        progress: is told how many opportunities more are done.
        with_forgotten: what looks like a forgotten opportunity goes in as any other.
    """
    forgotten = Recognized() if with_forgotten else recognized(ledger, known)
    course = Course(ledger, gathering, known, progress, forgotten)
    taken = course.taken
    used = {item.process for item in gathering.opportunities.values()}
    numbers = ledger.book.process_numbers
    for process in sorted(used):
        taken.processes[process] = ProcessTaken(not bulk.has_arrivals(course.connection, numbers[process]))
    take_to_united(course)
    _leave_out_forgotten(course)
    tell_missing(course)
    NewOpportunities(course).take()
    KnownOpportunities(course).take()
    ledger.project()
    if taken.first_day is not None:
        ledger.forget_snapshots([taken.first_day])
    for process, one in taken.processes.items():
        _judge(ledger, process, one, today=today, complete=complete)
    return taken


def _leave_out_forgotten(course: Course) -> None:
    """Leave out what says the same as a forgotten opportunity: it would bring back the name and count twice."""
    waiting = course.gathering.opportunities
    for folded in [folded for folded in waiting if course.forgotten and folded not in course.known]:
        number = course.forgotten.take(waiting[folded], course.owners)
        if number is not None:
            gathered = waiting.pop(folded)
            course.taken.present += len(gathered.lines)
            why = f"it says the same as the forgotten opportunity {number}; --with-forgotten takes it in"
            course.leave_out(gathered.lines[0], gathered.key, why)
    if course.forgotten:
        _tell_who_may_be_back(course)


def _tell_who_may_be_back(course: Course) -> None:
    """Say which new ones may be forgotten ones of whom the file tells other facts: no name comes back unseen."""
    for folded, gathered in course.gathering.opportunities.items():
        if folded not in course.known and (numbers := course.forgotten.opened_alike(gathered)):
            why = f"it was opened on the same day as the forgotten opportunity {numbers[0]}"
            course.taken.may_be_back.add(gathered.lines[0].number, gathered.key, why)


def _judge(ledger: Ledger, name: str, taken: ProcessTaken, *, today: Day, complete: bool) -> None:
    """See whether what came in are survivors; if so, say from when on the history is whole."""
    counts = bulk.count_by_status(ledger.book.connection, ledger.book.process_numbers[name])
    taken.won, taken.lost, taken.open = (counts.get(status, 0) for status in ("won", "lost", "open"))
    history = ledger.book.setup.processes[name]
    survivors = taken.first and taken.arrivals and taken.open and not taken.lost
    if survivors and history.history_from is None and not complete:
        taken.history_from = taken.newest
        changed = replace(history.definitions[0].process, history_from=taken.newest)
        ledger.define(changed, on=today, valid_from=None)
