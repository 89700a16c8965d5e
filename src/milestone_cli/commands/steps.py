"""From the book to the next steps of one process: for `ms next` and for today's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from milestone_cli.domain.basis import NO_WORTH, mean_value
from milestone_cli.domain.next_steps import Candidate, Steering, next_steps
from milestone_cli.reports.kpis import shown_basis
from milestone_cli.reports.next_steps import Called, NextReport
from milestone_cli.store import candidates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from milestone_cli.domain.day import Day
    from milestone_cli.reports.kpis import Ground, KpisReport
    from milestone_cli.store.book import Book
    from milestone_cli.store.candidates import InPlay


def next_report(book: Book, ground: Ground, kpis: KpisReport, limit: int) -> NextReport:
    """Return the next steps of one process.

    Args:
        book: as of the day.
        ground: of the month of the day.
        kpis: what it says; its gap is the focus, its rep is whose opportunities are looked at.
        limit: list no more than so many.
    """
    found = _Reading(book, ground, None if kpis.rep is None else kpis.rep.number)
    steering = steering_of(ground, kpis)
    revisits, due = found.revisits(limit)
    steps = next_steps(
        steering,
        opens=found.opens(steering),
        targets=found.targets(limit) if steering.focus == 1 else (),
        revisits=revisits,
        limit=limit,
    )
    names = candidates.named(book.connection, (step.candidate.number for step in steps))
    return NextReport(
        kpis=kpis,
        steering=steering,
        steps=steps,
        called={number: Called(*name) for number, name in names.items()},
        reps={number: rep.key for number, rep in ground.reps.items()},
        process=ground.definition.process,
        revisits_due=due,
    )


def steering_of(ground: Ground, kpis: KpisReport) -> Steering:
    """Return what the order rests on; its focus is the one of the KPIs."""
    basis, process = shown_basis(ground), ground.definition.process
    means = [
        mean_value(basis.worths.get(key, NO_WORTH), process.typical_value, ground.overall.get(key, NO_WORTH))
        for key in process.keys
    ]
    return Steering(basis, kpis.focus, means, ground.as_of)


class _Reading:
    """Reads candidates of one process and rep, each at its place in the version of the day."""

    def __init__(self, book: Book, ground: Ground, rep: int | None) -> None:
        self.connection = book.connection
        self.key = ground.definition.process.key
        self.process = book.process_numbers[self.key]
        self.typical = ground.definition.process.typical_value
        self.as_of, self.rep = ground.as_of, rep
        history = book.setup.seen(ground.as_of).processes[self.key]
        self.places: Mapping[int | None, int] = {
            None: 0,
            **{number: history.place(key, ground.as_of) for number, key in book.milestone_keys(self.key).items()},
        }

    def opens(self, steering: Steering) -> list[Candidate]:
        """Return those that are open, alive, and neither before the first milestone nor at the last."""
        alive: dict[int, Day | None] = {}
        for number, place in self.places.items():
            if number is not None and 1 <= place <= len(steering.basis.dead):
                after = steering.basis.dead[place - 1].after
                alive[number] = None if after is None else self.as_of - after + 1
        rows = candidates.open_ones(self.connection, self.process, alive, rep=self.rep)
        return [self._candidate(row) for row in rows]

    def targets(self, limit: int) -> list[Candidate]:
        """Return the target customers that have waited longest."""
        return [self._candidate(row) for row in candidates.targets(self.connection, self.process, limit, rep=self.rep)]

    def revisits(self, limit: int) -> tuple[list[Candidate], int]:
        """Return the lost ones whose day has come, and how many there are."""
        rows, due = candidates.revisits(self.connection, self.process, self.as_of, limit, rep=self.rep)
        return [self._candidate(row) for row in rows], due

    def _candidate(self, row: InPlay) -> Candidate:
        return Candidate(
            number=row.number,
            key=row.folded,
            rep=row.rep,
            value=self.typical if row.value is None else row.value,
            assumed=row.value is None and self.typical is not None,
            milestone=self.places[row.milestone],
            since=row.opened_on if row.milestone is None else row.waiting_since,
            revisit_on=row.revisit_on,
        )
