"""The columns the estimator reads: integers straight from the tables, never objects.

Invariant: nothing after the as-of day is in them but the owners, and implied arrivals are not: only what was recorded
counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Fact, Kind, as_known
from milestone_cli.domain.opportunity import replay
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.store.facts import facts_of

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """What is recorded of a process up to a day, as rows of integers."""

    arrivals: Sequence[Row]
    """(opportunity, milestone number in this file, day, value in minor units or -1, day from which it was known), real
    ones only."""
    losses: Sequence[Row]
    """(opportunity, day, day from which it was known) of those lost on the as-of day."""
    withdrawn: Sequence[Row]
    """(opportunity, day, day from which it was known, first day it no longer held) of losses taken back by that day."""
    takeovers: Sequence[Row]
    """(opportunity, milestone number in this file, since, on, value or -1)."""
    owners: Sequence[Row]
    """(opportunity, rep or -1)."""
    potentials: Sequence[Row]
    """(opportunity, value) of the open ones; empty where facts lie after the as-of day."""


def read_columns(connection: Connection, process: int, history: ProcessHistory, as_of: Day, *, newest: bool) -> Columns:
    """Return the columns of one process as of a day; `newest` says that no fact lies after it."""

    def rows(sql: str, *values: int) -> list[Row]:
        return [tuple(row) for row in connection.exec_driver_sql(sql, values).cursor.fetchall()]

    losses = rows(
        "SELECT number, lost_on, coalesce((SELECT max(known_day) FROM fact WHERE fact.opportunity = opportunity.number"
        " AND fact.kind = 'lost' AND fact.day = opportunity.lost_on), lost_on)"
        " FROM opportunity WHERE process = ? AND lost_on <= ?",
        process,
        as_of,
    )
    once_lost = rows(
        "SELECT DISTINCT fact.opportunity FROM fact JOIN opportunity ON opportunity.number = fact.opportunity"
        " WHERE fact.kind = 'lost' AND fact.day <= ? AND opportunity.process = ?"
        " AND (opportunity.lost_on IS NULL OR opportunity.lost_on > ? OR opportunity.lost_on > fact.day)",
        as_of, process, as_of,
    )  # fmt: skip
    counted = {row[0] for row in losses}
    withdrawn: list[Row] = []
    for number, facts in facts_of(connection, (row[0] for row in once_lost)):
        spells = loss_spells(as_known(facts, as_of=as_of), history)
        withdrawn += [(number, *spell) for spell in spells if spell[2] is not None]
        losses += [(number, *spell[:2]) for spell in spells if spell[2] is None and number not in counted]
    return Columns(
        arrivals=rows(
            "SELECT opportunity, milestone, day, coalesce(value, -1), coalesce(known, day) FROM arrival"
            " WHERE process = ? AND implied = 0 AND day <= ?",
            process,
            as_of,
        ),
        losses=losses,
        withdrawn=withdrawn,
        takeovers=rows(
            "SELECT number, standing_milestone, standing_since, standing_on, coalesce(standing_value, -1)"
            " FROM opportunity WHERE process = ? AND standing_on <= ?",
            process,
            as_of,
        ),
        owners=rows(
            "SELECT number, coalesce(rep, -1) FROM opportunity WHERE process = ? AND folded IS NOT NULL", process
        ),
        potentials=rows(
            "SELECT number, value FROM opportunity WHERE process = ? AND status = 'open' AND value > 0", process
        )
        if newest
        else [],
    )


def loss_spells(facts: Sequence[Fact], history: ProcessHistory) -> list[tuple[Day, Day, Day | None]]:
    """Return every span in which an opportunity was lost: its day, the day it became known, the first day it was over.

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
            spells[-1] = (*spells[-1][:2], fact.on)
        before = lost_on
    return spells


_TURNING = (Kind.LOST, Kind.REOPENED, Kind.REACHED)
"""Only these begin or end a loss."""
