"""What the estimator sees of the file: whole columns, as arrays of integers, never objects.

Invariant: nothing after the as-of day is in them but the owners, and implied arrivals are not: only what was recorded
counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Fact, Kind, as_known
from milestone_cli.domain.opportunity import replay
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.store.facts import facts_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

_DAY_BITS = 20
"""A day fits into so many."""
_NEVER = 1 << 19
"""A day after every other."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What is recorded of a process up to a day; each array is N x the columns named."""

    arrivals: Integers
    """(opportunity, milestone number in this file, day, value in minor units or -1, day from which it was known), real
    ones only."""
    losses: Integers
    """(opportunity, day, day from which it was known) of those lost on the as-of day."""
    withdrawn: Integers
    """(opportunity, day, day from which it was known, day from which its end was known) of losses taken back."""
    takeovers: Integers
    """(opportunity, milestone number in this file, since, on, value or -1)."""
    owners: Integers
    """(opportunity, rep or -1)."""
    potentials: Integers
    """(opportunity, value) of the open ones; empty where facts lie after the as-of day."""


def read_columns(connection: Connection, process: int, history: ProcessHistory, as_of: Day, *, newest: bool) -> Columns:
    """Return the columns of one process as of a day; `newest` says that no fact lies after it."""
    losses, withdrawn = _losses(connection, process, history, as_of)
    of_process = "FROM opportunity WHERE process = ?"
    open_with_value = f"{of_process} AND status = 'open' AND value > 0" + ("" if newest else " AND 0")
    return Columns(
        arrivals=_arrays(
            connection, "opportunity", "milestone", "day", "coalesce(value, -1)", "coalesce(known, day)",
            where="FROM arrival WHERE process = ? AND implied = 0 AND day <= ?", values=(process, as_of),
        ),
        losses=losses,
        withdrawn=withdrawn,
        takeovers=_arrays(
            connection, "number", "standing_milestone", "standing_since", "standing_on", "coalesce(standing_value, -1)",
            where=f"{of_process} AND standing_on <= ?", values=(process, as_of),
        ),
        owners=_arrays(
            connection, "number", "coalesce(rep, -1)", where=f"{of_process} AND folded IS NOT NULL", values=(process,)
        ),
        potentials=_arrays(connection, "number", "value", where=open_with_value, values=(process,)),
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


def _losses(connection: Connection, process: int, history: ProcessHistory, as_of: Day) -> tuple[Integers, Integers]:
    """Return `losses` and `withdrawn` of the columns."""
    import numpy as np

    lost_on = _arrays(
        connection, "number", f"coalesce(lost_on, {_NEVER})", where="FROM opportunity WHERE process = ?",
        values=(process,),
    )  # fmt: skip
    facts = _arrays(
        connection, "opportunity", "day", "known_day",
        where="FROM fact WHERE kind = 'lost' AND day <= ? AND opportunity IS NOT NULL", values=(as_of,),
    )  # fmt: skip
    lost = lost_on[lost_on[:, 1] <= as_of]
    again, withdrawn = _turned(connection, _once_lost(lost_on, facts), history, as_of)
    more = again[~np.isin(again[:, 0], lost[:, 0])]
    return np.concatenate([np.column_stack([lost, _known(lost, facts)]), more]), withdrawn


def _known(lost: Integers, facts: Integers) -> Integers:
    """Return from which day each loss was known: the last of the facts of its own day, else that day itself."""
    import numpy as np

    wanted, pairs = (table[:, 0] << _DAY_BITS | table[:, 1] for table in (lost, facts))
    order = np.lexsort((facts[:, 2], pairs))
    sorted_pairs, known = np.append(-1, pairs[order]), np.append(-1, facts[order, 2])
    last = np.searchsorted(sorted_pairs, wanted, side="right") - 1
    return np.where(sorted_pairs[last] == wanted, known[last], lost[:, 1])


def _once_lost(lost_on: Integers, facts: Integers) -> list[int]:
    """Return the opportunities of the process that have a loss from before the day since which they are lost now."""
    import numpy as np

    now = np.full(max(lost_on[:, 0].max(initial=0), facts[:, 0].max(initial=0)) + 1, -1)
    now[lost_on[:, 0]] = lost_on[:, 1]
    found: list[int] = np.unique(facts[now[facts[:, 0]] > facts[:, 1], 0]).tolist()
    return found


def _turned(
    connection: Connection, numbers: list[int], history: ProcessHistory, as_of: Day
) -> tuple[Integers, Integers]:
    """Return, of opportunities that were lost more than now, the losses of the day and those taken back by it."""
    import numpy as np

    losses, withdrawn = [], []
    for number, facts in facts_of(connection, numbers):
        for began, known, ended in loss_spells(as_known(facts, as_of=as_of), history):
            if ended is None:
                losses.append((number, began, known))
            else:
                withdrawn.append((number, began, known, ended))
    return np.array(losses, np.int64).reshape(-1, 3), np.array(withdrawn, np.int64).reshape(-1, 4)


def loss_spells(facts: Sequence[Fact], history: ProcessHistory) -> list[tuple[Day, Day, Day | None]]:
    """Return every span in which an opportunity was lost: its day, when that became known, when its end did.

    Args:
        facts: of one opportunity, those that stand, in order.
        history: of its process.
    """
    spells: list[tuple[Day, Day, Day | None]] = []
    before: Day | None = None
    for place, fact in enumerate(facts, start=1):
        if fact.kind not in _TURNING:
            continue
        lost_on = replay(facts[:place], history).lost_on
        if before is None and lost_on is not None:
            spells.append((lost_on, fact.known_on, None))
        elif before is not None and lost_on is None:
            spells[-1] = (*spells[-1][:2], max(fact.on, fact.known_on))
        before = lost_on
    return spells


_TURNING = (Kind.LOST, Kind.REOPENED, Kind.REACHED)
"""Only these begin or end a loss."""
