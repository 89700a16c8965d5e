"""What the estimator sees of the file: whole columns, as arrays of integers, never objects.

Invariant: nothing after the as-of day is in them but the owners, and implied arrivals are not: only what was recorded
counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from milestone_cli.domain.day import Day

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Columns:
    """What is recorded of a process up to a day; each array is N x the columns named."""

    arrivals: Integers
    """(opportunity, milestone number in this file, day, value in minor units or -1, day from which it was known, and 1
    where the day is that of an edit of many, else 0), real ones only."""
    losses: Integers
    """(opportunity, day, day from which it was known) of those lost on the as-of day."""
    withdrawn: Integers
    """(opportunity, day, day from which it was known, day from which its end was known) of losses taken back."""
    takeovers: Integers
    """(opportunity, milestone number in this file, since, on, value or -1)."""
    owners: Integers
    """(opportunity, rep or -1)."""
    potentials: Integers
    """(opportunity, value) of the open ones; empty where potentials changed after the as-of day."""
    order: Integers | None = None
    """The opportunities in an order that does not depend on which book came first into this file; None: by number."""


def read_columns(connection: Connection, process: int, as_of: Day, *, newest: bool, merged: bool = False) -> Columns:
    """Return the columns of one process as of a day.

    Args:
        connection: to the file.
        process: its number.
        as_of: the last day seen.
        newest: no potential changed after it.
        merged: the file holds what several books recorded.
    """
    of_process = "FROM opportunity WHERE +process = ?"
    open_with_value = f"{of_process} AND status = 'open' AND value > 0" + ("" if newest else " AND 0")
    # a plus keeps SQLite from an index, which would have every row looked up by its key: one pass is quicker
    lost = "FROM loss WHERE +process = ? AND day <= ? AND"
    return Columns(
        arrivals=_arrays(
            connection, "opportunity", "milestone", "day", "coalesce(value, -1)", "coalesce(known, day)", "bulk",
            where="FROM arrival WHERE +process = ? AND implied = 0 AND +day <= ?", values=(process, as_of),
        ),
        losses=_arrays(
            connection, "opportunity", "day", "known",
            where=f"{lost} (over IS NULL OR over > ?)", values=(process, as_of, as_of),
        ),
        withdrawn=_arrays(
            connection, "opportunity", "day", "known", "over_known",
            where=f"{lost} over <= ?", values=(process, as_of, as_of),
        ),
        takeovers=_arrays(
            connection, "number", "standing_milestone", "standing_since", "standing_on", "coalesce(standing_value, -1)",
            where=f"{of_process} AND standing_on <= ?", values=(process, as_of),
        ),
        owners=_arrays(
            connection, "number", "coalesce(rep, -1)", where=f"{of_process} AND folded IS NOT NULL", values=(process,)
        ),
        potentials=_arrays(connection, "number", "value", where=open_with_value, values=(process,)),
        order=_opened(connection, process) if merged else None,
    )  # fmt: skip


def _opened(connection: Connection, process: int) -> Integers:
    """Return the opportunities as they were opened, by day and key."""
    opened = "(SELECT number FROM opportunity WHERE process = ? AND folded IS NOT NULL ORDER BY opened_on, folded)"
    return _arrays(connection, "number", where=f"FROM {opened}", values=(process,))[:, 0]


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
