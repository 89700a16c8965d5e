"""From the columns of the store to the journeys the estimator sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.process import Process
    from milestone_cli.estimate.journeys import Flags, Floats, Integers, Journeys
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

    place = _lookup(list(places), list(places.values()))
    arrivals, takeovers = (_placed(part, place) for part in (columns.arrivals, columns.takeovers))
    ids = _present(arrivals[:, 0], takeovers[:, 0], order=columns.order)
    elsewhere = columns.arrivals if len(arrivals) < len(columns.arrivals) else columns.arrivals[:0]
    row_of = _lookup(ids, np.arange(len(ids)))
    recorded, values, known = (np.full((len(ids), milestones), np.nan) for _ in range(3))
    seen_from = np.full(len(ids), -np.inf)
    row, column = row_of[arrivals[:, 0]], place[arrivals[:, 1]]
    recorded[row, column] = arrivals[:, 2]
    bulk = _flags(arrivals[:, 5] > 0, row, column, recorded.shape)
    known[row, column] = arrivals[:, 4]
    values[row, column] = np.where(arrivals[:, 3] > 0, arrivals[:, 3], np.nan)
    if history_from is not None:
        seen_from[np.nanmin(recorded, axis=1, initial=np.inf) < history_from] = history_from
    row, column = row_of[takeovers[:, 0]], place[takeovers[:, 1]]
    recorded[row, column] = takeovers[:, 2]
    values[row, column] = np.where(takeovers[:, 4] > 0, takeovers[:, 4], np.nan)
    seen_from[row] = np.maximum(takeovers[:, 3], -np.inf if history_from is None else history_from)
    losses, taken_back, owners, potentials = (
        _placed(part, row_of, column=0).astype(np.float64)
        for part in (columns.losses, columns.withdrawn, columns.owners, columns.potentials)
    )
    taken_back[:, 0] = row_of[taken_back[:, 0].astype(np.int64)]
    return Journeys.in_order(
        as_of,
        recorded=recorded,
        lost=_spread(losses, row_of, len(ids), 1),
        values=values,
        seen_from=seen_from,
        rep=np.nan_to_num(_spread(owners, row_of, len(ids), 1), nan=-1).astype(np.int64),
        lost_known=_spread(losses, row_of, len(ids), 2),
        known=known,
        withdrawn=taken_back,
        potential=_spread(potentials, row_of, len(ids), 1) if len(potentials) else None,
        moved_since=_last_days(_placed(elsewhere, row_of, column=0), row_of, len(ids)) if len(elsewhere) else None,
        numbers=ids,
        bulk=bulk,
    )


def _flags(flagged: Flags, row: Integers, column: Integers, shape: tuple[int, ...]) -> Flags | None:
    """Return the flags of arrivals at their places; None where nothing is flagged."""
    import numpy as np

    if not flagged.any():
        return None
    found = np.zeros(shape, bool)
    found[row[flagged], column[flagged]] = True
    return found


def _last_days(arrivals: Integers, row_of: Integers, rows: int) -> Floats:
    """Return the day of the last arrival of each row, whatever the milestone; NaN where there is none."""
    import numpy as np

    found = np.full(rows, -np.inf)
    np.maximum.at(found, row_of[arrivals[:, 0]], arrivals[:, 2].astype(np.float64))
    return np.where(np.isfinite(found), found, np.nan)


def _lookup(numbers: Sequence[int] | Integers, values: Sequence[int] | Integers) -> Integers:
    """Return an array that gives the value of each number, -1 for others; numbers of the file are small and dense."""
    import numpy as np

    found = np.full(int(np.max(numbers, initial=0)) + 1, -1, np.int64)
    found[np.asarray(numbers, np.int64)] = values
    return found


def _placed(table: Integers, known: Integers, *, column: int = 1) -> Integers:
    """Return the rows whose number in a column has a value in a lookup."""
    import numpy as np

    numbers = table[:, column]
    inside = np.where(numbers < len(known), numbers, 0)
    kept = (numbers < len(known)) & (known[inside] >= 0)
    return table if kept.all() else table[kept]


def _present(*columns: Integers, order: Integers | None) -> Integers:
    """Return the numbers that occur, ascending or in an order given."""
    import numpy as np

    named = columns if order is None else (*columns, order)
    there = np.zeros(max(int(column.max(initial=0)) for column in named) + 1, bool)
    for column in columns:
        there[column] = True
    return np.flatnonzero(there) if order is None else order[there[order]]


def _spread(table: Floats, row_of: Integers, rows: int, column: int) -> Floats:
    """Return one value per row of the journeys, NaN where the table has none."""
    import numpy as np

    found = np.full(rows, np.nan)
    found[row_of[table[:, 0].astype(np.int64)]] = table[:, column]
    return found


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
