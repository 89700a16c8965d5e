"""From the columns of the store to the journeys the estimator sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.process import Process
    from milestone_cli.estimate.journeys import Journeys
    from milestone_cli.estimate.plan import SectionPlan
    from milestone_cli.store.book import Book
    from milestone_cli.store.columns import Columns


def journeys(book: Book, process: str, as_of: Day) -> Journeys:
    """Return what was recorded of a process up to a day, in the version of that day."""
    current = book.setup.seen(as_of).processes[process].at(as_of).process
    return next(journeys_in_each(book, [current], as_of))


def journeys_in_each(book: Book, definitions: Sequence[Process], as_of: Day) -> Iterator[Journeys]:
    """Yield what was recorded of one process up to a day, in the milestones of each of its definitions."""
    process = definitions[0].key
    history_from = book.setup.seen(as_of).processes[process].history_from
    columns = book.columns(process, as_of)
    made: dict[tuple[str, ...], Journeys] = {}
    for version in definitions:
        keys = version.keys
        if keys not in made:
            made[keys] = assembled(columns, milestone_places(book, version), len(keys), as_of, history_from)
        yield made[keys]


def numbers_of(columns: Columns, places: dict[int, int]) -> list[int]:
    """Return the opportunity of each row that `assembled` makes, by number."""
    import numpy as np

    parts = [part[np.isin(part[:, 1], list(places)), 0] for part in (columns.arrivals, columns.takeovers)]
    return [int(number) for number in np.unique(np.concatenate(parts))]


def milestone_places(book: Book, version: Process) -> dict[int, int]:
    """Return the index 0..k-1 of every milestone of a version by its number in the file."""
    keys = version.keys
    numbers = {number: key for number, key in book.milestone_keys(version.key).items() if key in keys}
    return {number: keys.index(key) for number, key in numbers.items()}


def assembled(
    columns: Columns, places: dict[int, int], milestones: int, as_of: Day, history_from: Day | None
) -> Journeys:
    """Return the columns as arrays: one row per opportunity that was recorded anywhere.

    Args:
        columns: as the store hands them out.
        places: index 0..k-1 by the milestone's number in the file; others are not in this version.
        milestones: k.
        as_of: the last day seen.
        history_from: exposure before this day was not seen.
    """
    import numpy as np

    from milestone_cli.estimate.journeys import Journeys

    arrivals, takeovers, losses, owners = columns.arrivals, columns.takeovers, columns.losses, columns.owners
    withdrawn, potentials = columns.withdrawn, columns.potentials
    place = np.full(max(*places, arrivals[:, 1].max(initial=0), takeovers[:, 1].max(initial=0)) + 1, -1)
    for number, index in places.items():
        place[number] = index
    arrivals = arrivals[place[arrivals[:, 1]] >= 0]
    takeovers = takeovers[place[takeovers[:, 1]] >= 0]
    ids = np.unique(np.concatenate([arrivals[:, 0], takeovers[:, 0]]))
    recorded = np.full((len(ids), milestones), np.nan)
    values = np.full((len(ids), milestones), np.nan)
    known_days = np.full((len(ids), milestones), np.nan)
    seen_from = np.full(len(ids), -np.inf)
    row, column = np.searchsorted(ids, arrivals[:, 0]), place[arrivals[:, 1]]
    recorded[row, column] = arrivals[:, 2]
    known_days[row, column] = arrivals[:, 4]
    values[row, column] = np.where(arrivals[:, 3] > 0, arrivals[:, 3], np.nan)
    if history_from is not None:
        seen_from[np.nanmin(recorded, axis=1, initial=np.inf) < history_from] = history_from
    row, column = np.searchsorted(ids, takeovers[:, 0]), place[takeovers[:, 1]]
    recorded[row, column] = takeovers[:, 2]
    values[row, column] = np.where(takeovers[:, 4] > 0, takeovers[:, 4], np.nan)
    seen_from[row] = np.maximum(takeovers[:, 3], -np.inf if history_from is None else history_from)
    lost, lost_known = np.full(len(ids), np.nan), np.full(len(ids), np.nan)
    known = losses[np.isin(losses[:, 0], ids)]
    row = np.searchsorted(ids, known[:, 0])
    lost[row], lost_known[row] = known[:, 1], known[:, 2]
    rep = np.full(len(ids), -1)
    known = owners[np.isin(owners[:, 0], ids)]
    rep[np.searchsorted(ids, known[:, 0])] = known[:, 1]
    taken_back = withdrawn[np.isin(withdrawn[:, 0], ids)].astype(np.float64)
    taken_back[:, 0] = np.searchsorted(ids, taken_back[:, 0])
    potential = np.full(len(ids), np.nan)
    known = potentials[np.isin(potentials[:, 0], ids)]
    potential[np.searchsorted(ids, known[:, 0])] = known[:, 1]
    return Journeys.in_order(
        as_of,
        recorded=recorded,
        lost=lost,
        values=values,
        seen_from=seen_from,
        rep=rep,
        lost_known=lost_known,
        known=known_days,
        withdrawn=taken_back,
        potential=potential if len(potentials) else None,
    )


def section_plans(process: Process) -> list[SectionPlan]:
    """Return what the process file says of every section."""
    from milestone_cli.estimate.plan import SectionPlan

    return [
        SectionPlan(
            float(milestone.planned_rate),
            float(milestone.planned_days),
            days_given=milestone.days is not None,
            dead_after_days=milestone.dead_after_days,
        )
        for milestone in process.milestones[1:]
    ]


def entered_since(seen: Journeys, since: Day | None) -> Journeys:
    """Return the journeys without the stays that began before a day: `--since`."""
    if since is None:
        return seen
    from dataclasses import replace

    import numpy as np

    return replace(seen, recorded=np.where(seen.recorded >= since, seen.recorded, np.nan))
