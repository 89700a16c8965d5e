"""What every look ahead shares: the journeys, the model, and what past forecasts teach, from the file where it is kept.

Invariant: the same facts give the same figures; what is kept in the file is only ever what would be computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from milestone_cli.commands.seeds import SEED, seed_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from milestone_cli.domain.basis import Basis
    from milestone_cli.domain.day import Day, Month
    from milestone_cli.domain.process import Process, ProcessHistory
    from milestone_cli.estimate.calibration import Calibration, Hindcast
    from milestone_cli.estimate.forecast import Forecast
    from milestone_cli.estimate.journeys import Integers, Journeys
    from milestone_cli.estimate.model import Model, WhatIf
    from milestone_cli.estimate.plan import ProcessPlan, SectionPlan
    from milestone_cli.store.book import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One process as of a day, ready to be forecast."""

    process: Process
    """In the version of the day."""
    as_of: Day
    basis: Basis
    """Of the day's month: its rates carry the targets, its thresholds say what is dead."""
    journeys: Journeys
    plans: Sequence[SectionPlan]
    model: Model
    calibration: Calibration
    """Of the team."""
    hindcasts: Sequence[Hindcast]
    """What it was learnt from."""
    set_aside: Sequence[int | None]
    """Per section the days waited from which on an opportunity is a dead horse."""
    seed: int

    @property
    def numbers(self) -> Integers:
        """The number of the opportunity in each row of the journeys."""
        if self.journeys.numbers is None:
            raise TypeError("journeys from the file know their opportunities")
        return self.journeys.numbers

    def forecast(
        self,
        months: int,
        *,
        milestones: Sequence[int] | None = None,
        rep: int | None = None,
        what_if: WhatIf | None = None,
    ) -> Forecast:
        """Return what is to be expected in the running month and so many after it."""
        return self.forecast_until(month_ends(self.as_of, months), milestones=milestones, rep=rep, what_if=what_if)

    def forecast_until(
        self,
        ends: Sequence[Day],
        *,
        milestones: Sequence[int] | None = None,
        rep: int | None = None,
        what_if: WhatIf | None = None,
        by: Outlook | None = None,
    ) -> Forecast:
        """Return what is to be expected until the ends of these months; with `by`, by the measures of another day."""
        from milestone_cli.estimate.forecast import forecast

        measures = by or self
        return forecast(
            self.journeys,
            measures.plans,
            ends,
            seed=self.seed,
            calibration=measures.calibration,
            set_aside=measures.set_aside,
            milestones=milestones,
            rep=rep,
            what_if=what_if,
            model=measures.model,
        )


def outlook(book: Book, process: str, as_of: Day, *, seed: int = SEED) -> Outlook:
    """Return a process as of a day, measured, with what its past forecasts teach; `seed` is what --seed says."""
    from milestone_cli.commands.journeys import journeys

    definition = book.setup.seen(as_of).processes[process].at(as_of).process
    return _outlook(book, definition, journeys(book, process, as_of), seed=seed_of(process, seed))


def earlier(book: Book, now: Outlook, day: Day) -> Outlook:
    """Return the same process as it was known on a past day."""
    from milestone_cli.estimate.known import known_by

    return _outlook(book, now.process, known_by(now.journeys, day), seed=now.seed)


def _outlook(book: Book, process: Process, seen: Journeys, *, seed: int) -> Outlook:
    from milestone_cli.commands.keeping import kept_hindcasts
    from milestone_cli.domain.day import month_of
    from milestone_cli.estimate.hindcasts import calibrated, hindcasts
    from milestone_cli.estimate.model import measure

    as_of = seen.as_of
    planned = plan_on(book.setup.processes[process.key], process)
    # --seed steers the simulation alone: what the past teaches is kept once
    said = hindcasts(seen, planned, seed=seed_of(process.key), keeping=kept_hindcasts(book, process.key))
    basis = book.basis(process.key, month_of(as_of), as_of)
    plans, aside = planned(as_of).sections, [threshold.after for threshold in basis.dead]
    return Outlook(
        process=process,
        as_of=as_of,
        basis=basis,
        journeys=seen,
        plans=plans,
        model=measure(seen, plans, seed=seed, typical_value=typical_value(process), aside=aside),
        calibration=calibrated(seen, said),
        hindcasts=said,
        set_aside=aside,
        seed=seed,
    )


def typical_value(process: Process) -> float | None:
    """Return the potential assumed where none is known, in minor units."""
    return None if process.typical_value is None else float(process.typical_value)


def defined_on(history: ProcessHistory, now: Process, day: Day) -> Process:
    """Return the process as it was defined on a day; where its milestones were others then, as it is `now`."""
    then = history.seen(day).at(day).process
    return then if then.keys == now.keys else now


def plan_on(history: ProcessHistory, now: Process) -> Callable[[Day], ProcessPlan]:
    """Return the plan as it was known on a day; where the milestones were others then, the one of `now`."""
    from milestone_cli.commands.journeys import section_plans
    from milestone_cli.estimate.plan import ProcessPlan

    def found(day: Day) -> ProcessPlan:
        then = defined_on(history, now, day)
        return ProcessPlan(section_plans(then), typical_value(then))

    return found


def month_ends(as_of: Day, months: int) -> list[Day]:
    """Return the last days of the running month and of so many after it."""
    from milestone_cli.domain.day import last_of_month, month_of

    running: Month = month_of(as_of)
    return [last_of_month(running + month) for month in range(months + 1)]
