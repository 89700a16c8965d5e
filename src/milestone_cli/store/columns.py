"""What the estimator sees of the file: whole columns, as arrays of integers, never objects.

Invariant: nothing after the as-of day is in them, and implied arrivals are not: only what was recorded counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Kind, as_known
from milestone_cli.domain.opportunity import replay
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.store.facts import facts_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

_DAY_BITS = 20
"""A day fits into so many."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What is recorded of a process up to a day; each array is N x the columns named."""

    arrivals: Integers
    """(opportunity, milestone number in this file, day, value in minor units or -1), real ones only."""
    losses: Integers
    """(opportunity, day, day from which it was known) of those lost on the as-of day."""
    takeovers: Integers
    """(opportunity, milestone number in this file, since, on, value or -1)."""
    owners: Integers
    """(opportunity, rep or -1)."""


def read_columns(connection: Connection, process: int, history: ProcessHistory, as_of: Day) -> Columns:
    """Return the columns of one process as of a day."""
    return Columns(
        arrivals=_arrays(
            connection, "opportunity", "milestone", "day", "coalesce(value, -1)",
            where="FROM arrival WHERE process = ? AND implied = 0 AND day <= ?", values=(process, as_of),
        ),
        losses=_losses(connection, process, history, as_of),
        takeovers=_arrays(
            connection, "number", "standing_milestone", "standing_since", "standing_on", "coalesce(standing_value, -1)",
            where="FROM opportunity WHERE process = ? AND standing_on <= ?", values=(process, as_of),
        ),
        owners=_arrays(
            connection, "number", "coalesce(rep, -1)",
            where="FROM opportunity WHERE process = ? AND folded IS NOT NULL", values=(process,),
        ),
    )  # fmt: skip


def _arrays(connection: Connection, *columns: str, where: str, values: tuple[int, ...]) -> Integers:
    """Return integer columns, none of them NULL, as an array of N rows.

    SQLite hands over each column as one text, from one pass over the rows, and numpy reads it: that takes less than
    half of the time of making a tuple of objects for every row.
    """
    import numpy as np

    texts = ", ".join(f"group_concat({column})" for column in columns)
    found = connection.exec_driver_sql(f"SELECT {texts} {where}", values).one()
    if found[0] is None:
        return np.empty((0, len(columns)), np.int64)
    return np.column_stack([np.fromstring(text, np.int64, sep=",") for text in found])


def _losses(connection: Connection, process: int, history: ProcessHistory, as_of: Day) -> Integers:
    """Return (opportunity, day, day from which it was known) of those lost on the day."""
    import numpy as np

    where = "FROM opportunity WHERE process = ?"
    lost = _arrays(connection, "number", "lost_on", where=f"{where} AND lost_on <= ?", values=(process, as_of))
    others = _arrays(
        connection, "number", where=f"{where} AND (lost_on IS NULL OR lost_on > ?)", values=(process, as_of)
    )
    facts = _arrays(
        connection, "opportunity", "day", "known_day",
        where="FROM fact WHERE kind = 'lost' AND day <= ? AND opportunity IS NOT NULL", values=(as_of,),
    )  # fmt: skip
    once_lost = np.intersect1d(facts[:, 0], others[:, 0]).tolist()
    taken_back = _lost_then(connection, once_lost, history, as_of)
    return np.concatenate([np.column_stack([lost, _known(lost, facts)]), taken_back])


def _known(lost: Integers, facts: Integers) -> Integers:
    """Return from which day each loss was known: the last of the facts of its own day, else that day itself."""
    import numpy as np

    wanted, pairs = (table[:, 0] << _DAY_BITS | table[:, 1] for table in (lost, facts))
    order = np.lexsort((facts[:, 2], pairs))
    sorted_pairs, known = np.append(-1, pairs[order]), np.append(-1, facts[order, 2])
    last = np.searchsorted(sorted_pairs, wanted, side="right") - 1
    return np.where(sorted_pairs[last] == wanted, known[last], lost[:, 1])


def _lost_then(connection: Connection, numbers: list[int], history: ProcessHistory, as_of: Day) -> Integers:
    """Return those of opportunities with a loss that is none today which were lost on the day."""
    import numpy as np

    found = []
    for number, facts in facts_of(connection, numbers):
        standing = as_known(facts, as_of=as_of)
        lost_on = replay(standing, history).lost_on
        if lost_on is not None:
            known = [fact.known_on for fact in standing if fact.kind is Kind.LOST and fact.on == lost_on]
            found.append((number, lost_on, max(known)))
    return np.array(found, np.int64).reshape(-1, 3)
