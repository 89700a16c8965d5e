"""What every look ahead shares: the journeys, the model, and what past forecasts teach, from the file where it is kept.

Invariant: the same facts give the same figures; what is kept in the file is only ever what would be computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from milestone_cli.domain.basis import Basis
    from milestone_cli.domain.day import Day, Month
    from milestone_cli.domain.process import Process, ProcessHistory
    from milestone_cli.estimate.calibration import Calibration, Hindcast
    from milestone_cli.estimate.journeys import Journeys
    from milestone_cli.estimate.model import Model
    from milestone_cli.estimate.plan import SectionPlan
    from milestone_cli.store.book import Book

SEED = 1
"""Where chance begins unless --seed says otherwise."""


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


def outlook(book: Book, process: str, as_of: Day, *, seed: int = SEED) -> Outlook:
    """Return a process as of a day, measured, with what its past forecasts teach."""
    from milestone_cli.commands.journeys import journeys, section_plans
    from milestone_cli.domain.day import month_of
    from milestone_cli.estimate.hindcasts import calibrated
    from milestone_cli.estimate.model import measure

    definition = book.setup.seen(as_of).processes[process].at(as_of).process
    seen = journeys(book, process, as_of)
    plans = section_plans(definition)
    said = made_before(book, definition, seen, plans_on(book.setup.processes[process], definition), seed=seed)
    basis = book.basis(process, month_of(as_of), as_of)
    return Outlook(
        process=definition,
        as_of=as_of,
        basis=basis,
        journeys=seen,
        plans=plans,
        model=measure(seen, plans, seed=seed, typical_value=typical_value(definition)),
        calibration=calibrated(seen, said),
        hindcasts=said,
        set_aside=[threshold.after for threshold in basis.dead],
        seed=seed,
    )


def typical_value(process: Process) -> float | None:
    """Return the potential assumed where none is known, in minor units."""
    return None if process.typical_value is None else float(process.typical_value)


def plans_on(history: ProcessHistory, now: Process) -> Callable[[Day], Sequence[SectionPlan]]:
    """Return the plan as it was known on a day; where the milestones were others then, the one of `now`."""
    from milestone_cli.commands.journeys import section_plans

    def on(day: Day) -> Sequence[SectionPlan]:
        then = history.seen(day).at(day).process
        return section_plans(then if then.keys == now.keys else now)

    return on


def made_before(
    book: Book, process: Process, seen: Journeys, plans: Callable[[Day], Sequence[SectionPlan]], *, seed: int
) -> list[Hindcast]:
    """Return the forecasts of past days that today's is calibrated by: kept ones, or made (and kept) now."""
    import json
    from dataclasses import asdict

    from milestone_cli.estimate.calibration import Hindcast
    from milestone_cli.estimate.hindcasts import MONTHS, VERSION, hindcast, hindcast_origins
    from milestone_cli.estimate.known import fingerprint, known_by
    from milestone_cli.store.hindcasts import KeptHindcast

    if not len(seen.recorded):
        return []
    kept, found = book.hindcasts(process.key, MONTHS), []
    typical = typical_value(process)
    for origin in hindcast_origins(seen):
        then, planned = known_by(seen, origin), plans(origin)
        digest = fingerprint(then, planned, typical, VERSION, seed)
        if origin in kept and kept[origin].seen == digest:
            said = json.loads(kept[origin].payload)
        else:
            made = hindcast(then, planned, origin, seed=seed, typical_value=typical)
            said = None if made is None else asdict(made)
            book.keep_hindcast(process.key, KeptHindcast(origin, MONTHS, digest, json.dumps(said)))
        if said is not None:
            found.append(Hindcast(**said))
    return found


def month_ends(as_of: Day, months: int) -> list[Day]:
    """Return the last days of the running month and of so many after it."""
    from milestone_cli.domain.day import last_of_month, month_of

    running: Month = month_of(as_of)
    return [last_of_month(running + month) for month in range(months + 1)]
