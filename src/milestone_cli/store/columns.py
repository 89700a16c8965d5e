"""The columns the estimator reads: integers straight from the tables, never objects.

Invariant: nothing after the as-of day is in them, and implied arrivals are not: only what was recorded counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Kind, as_known
from milestone_cli.domain.opportunity import replay
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.store.facts import facts_of

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """What is recorded of a process up to a day, as rows of integers."""

    arrivals: Sequence[Row]
    """(opportunity, milestone number in this file, day, value in minor units or -1), real ones only."""
    losses: Sequence[Row]
    """(opportunity, day, day from which it was known) of those lost on the as-of day."""
    takeovers: Sequence[Row]
    """(opportunity, milestone number in this file, since, on, value or -1)."""
    owners: Sequence[Row]
    """(opportunity, rep or -1)."""


def read_columns(connection: Connection, process: int, history: ProcessHistory, as_of: Day) -> Columns:
    """Return the columns of one process as of a day."""

    def rows(sql: str, *values: int) -> list[Row]:
        return [tuple(row) for row in connection.exec_driver_sql(sql, values).cursor.fetchall()]

    arrivals = rows(
        "SELECT opportunity, milestone, day, coalesce(value, -1) FROM arrival"
        " WHERE process = ? AND implied = 0 AND day <= ?",
        process, as_of,
    )  # fmt: skip
    losses = rows(
        "SELECT number, lost_on, coalesce((SELECT max(known_day) FROM fact WHERE fact.opportunity = opportunity.number"
        " AND fact.kind = 'lost' AND fact.day = opportunity.lost_on), lost_on)"
        " FROM opportunity WHERE process = ? AND lost_on <= ?",
        process,
        as_of,
    )
    takeovers = rows(
        "SELECT number, standing_milestone, standing_since, standing_on, coalesce(standing_value, -1) FROM opportunity"
        " WHERE process = ? AND standing_on <= ?",
        process, as_of,
    )  # fmt: skip
    owners = rows("SELECT number, coalesce(rep, -1) FROM opportunity WHERE process = ? AND folded IS NOT NULL", process)
    once_lost = rows(
        "SELECT DISTINCT fact.opportunity FROM fact JOIN opportunity ON opportunity.number = fact.opportunity"
        " WHERE fact.kind = 'lost' AND fact.day <= ? AND opportunity.process = ?"
        " AND (opportunity.lost_on IS NULL OR opportunity.lost_on > ?)",
        as_of, process, as_of,
    )  # fmt: skip
    for number, facts in facts_of(connection, (row[0] for row in once_lost)):
        standing = as_known(facts, as_of=as_of)
        lost_on = replay(standing, history).lost_on
        known = [fact.known_on for fact in standing if fact.kind is Kind.LOST and fact.on == lost_on]
        if lost_on is not None:
            losses.append((number, lost_on, max(known)))
    return Columns(arrivals, losses, takeovers, owners)
