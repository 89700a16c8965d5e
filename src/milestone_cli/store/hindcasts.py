"""Forecasts made from past days, kept so that nobody who needs them again has to wait for them again.

Invariant: a kept one is used only where its `seen` (a digest of the facts known then, the plan, the method) is asked
for again and its checksum holds; so a changed past, plan or method makes it anew by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select

from milestone_cli.domain.day import iso
from milestone_cli.store.snapshots import checksum
from milestone_cli.store.tables import TABLES

_hindcast = TABLES["hindcast"]
_process = TABLES["process"]


class HindcastKind(StrEnum):
    """What a forecast from a past day was made for; each kind has a payload of its own."""

    CALIBRATION = "calibration"
    BACKTEST = "backtest"


@dataclass(frozen=True, slots=True)
class KeptHindcast:
    """What was forecast from a past day."""

    origin: int
    """The last day whose facts it knew."""
    months: int
    """Over how many months."""
    seen: str
    """From what it was made."""
    payload: str
    """JSON."""
    kind: HindcastKind = HindcastKind.CALIBRATION


def load(connection: Connection, process: int, months: int, kind: HindcastKind) -> dict[int, KeptHindcast]:
    """Return what is kept of a kind over so many months, by origin; a damaged one is left out."""
    query = select(_hindcast).where(
        _hindcast.c.process == process, _hindcast.c.kind == kind.value, _hindcast.c.months == months
    )
    return {
        row.origin: KeptHindcast(row.origin, row.months, row.seen, row.payload, kind)
        for row in connection.execute(query)
        if checksum(row.seen + row.payload) == row.checksum
    }


def save(connection: Connection, process: int, made: KeptHindcast) -> None:
    """Keep one; an older one of the same kind, origin and months goes."""
    connection.execute(
        insert(_hindcast)
        .prefix_with("OR REPLACE")
        .values(
            process=process,
            kind=made.kind.value,
            origin=made.origin,
            months=made.months,
            seen=made.seen,
            payload=made.payload,
            checksum=checksum(made.seen + made.payload),
        )
    )


def drop(connection: Connection) -> None:
    """Forget all of them, so that they are made anew."""
    connection.execute(delete(_hindcast))


def broken(connection: Connection) -> list[str]:
    """Return a sentence for every one whose checksum does not hold."""
    return [
        f"The {row.kind} forecast of {row.key} made from {iso(row.origin)} over {row.months} months was changed."
        for row in connection.execute(select(_hindcast, _process.c.key).join(_process))
        if checksum(row.seen + row.payload) != row.checksum
    ]
