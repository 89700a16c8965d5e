"""The snapshots: what a month's targets cascade with, frozen at the first need in the month.

Invariant: a snapshot is only ever made anew for the reasons of the rules: an import, a merge or the undo of one that
touches days before the month, a plan change that is valid in it, or a rebuild. A damaged one is not read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from milestone_cli.domain.basis import Basis, Measured, RateSource, Worth
from milestone_cli.domain.dead_horses import DeadRule, Threshold
from milestone_cli.store.payloads import dump
from milestone_cli.store.tables import TABLES

_snapshot = TABLES["snapshot"]
FORM = 4
"""The version of a snapshot's form; another one is made anew."""


def load(connection: Connection, process: int, month: int) -> Basis | None:
    """Return the snapshot of a month, or None where there is none that can be read."""
    query = select(_snapshot.c.payload, _snapshot.c.checksum).where(
        _snapshot.c.process == process, _snapshot.c.month == month
    )
    row = connection.execute(query).first()
    if row is None or not is_sound(row.payload, row.checksum):
        return None
    data = json.loads(row.payload)
    if data["form"] != FORM:
        return None
    return _decoded(month, data)


def is_sound(payload: str, expected: str) -> bool:
    """Return whether a payload is the one that this checksum was stored with."""
    return checksum(payload) == expected


def save(connection: Connection, process: int, basis: Basis, *, now: int) -> None:
    """Store a month's snapshot; one of the same plan that another process stored first is kept."""
    payload = dump(_encoded(basis))
    stored = load(connection, process, basis.month)
    same = stored is not None and (stored.version, stored.plan) == (basis.version, basis.plan)
    statement = insert(_snapshot).prefix_with("OR IGNORE" if same else "OR REPLACE")
    row = {
        "process": process, "month": basis.month, "made_at": now, "payload": payload, "checksum": checksum(payload),
    }  # fmt: skip
    connection.execute(statement.values(row))


def _encoded(basis: Basis) -> dict[str, object]:
    return {
        "form": FORM,
        "version": basis.version,
        "keys": basis.keys,
        "plan": basis.plan,
        "source": basis.source.value,
        "rates": [str(rate) for rate in basis.rates],
        "count_rates": [str(rate) for rate in basis.count_rates],
        "lead_days": [str(days) for days in basis.lead_days],
        "days_to": [str(days) for days in basis.days_to],
        "dead": [[one.after, one.rule.value] for one in basis.dead],
        "measured": [
            {
                "cases": one.cases,
                "low": one.low,
                "high": one.high,
                "weight_of_data": one.weight_of_data,
                "days_p50": one.days_p50,
                "days_p90": one.days_p90,
                "chances": one.chances,
                "soon": one.soon,
            }
            for one in basis.measured
        ],
        "needs": basis.needs,
        "expected": basis.expected,
        "owners": basis.owners,
        "worths": {key: [worth.count, worth.money] for key, worth in basis.worths.items()},
    }


def _decoded(month: int, data: Mapping[str, Any]) -> Basis:
    return Basis(
        month=month,
        version=data["version"],
        keys=tuple(data["keys"]),
        plan=tuple(data["plan"]),
        source=RateSource(data["source"]),
        rates=tuple(Fraction(rate) for rate in data["rates"]),
        count_rates=tuple(Fraction(rate) for rate in data["count_rates"]),
        lead_days=tuple(Fraction(days) for days in data["lead_days"]),
        days_to=tuple(Fraction(days) for days in data["days_to"]),
        dead=tuple(Threshold(after, DeadRule(rule)) for after, rule in data["dead"]),
        measured=tuple(
            Measured(**{**one, "chances": tuple(one["chances"]), "soon": tuple(one["soon"])})
            for one in data["measured"]
        ),
        needs=tuple((low, high) for low, high in data["needs"]),
        expected=tuple(tuple(shares) for shares in data["expected"]),
        owners=tuple(data["owners"]),
        worths={key: Worth(*worth) for key, worth in data["worths"].items()},
    )


def renamed(
    row: Mapping[str, Any], key_of: Callable[[str], str], scaled: Callable[[int], int]
) -> dict[str, Any] | None:
    """Return a row of a whole book's snapshots with other keys and amounts; None of an older form, which is not read.

    Args:
        row: with its payload as an object.
        key_of: returns another key in place of a milestone's.
        scaled: returns another amount in place of one.
    """
    said = row["payload"]
    if said["form"] != FORM:
        return None
    keys = [key_of(key) for key in said["keys"]]
    worths = {key_of(key): [count, scaled(money)] for key, (count, money) in said["worths"].items()}
    payload = {**said, "keys": keys, "worths": worths}
    return {**row, "payload": payload, "checksum": checksum(dump(payload))}


def checksum(payload: str) -> str:
    """Return the checksum that guards a snapshot against a flipped bit."""
    return hashlib.sha256(payload.encode()).hexdigest()[:32]


def drop(connection: Connection, *, process: int | None = None, from_month: int | None = None) -> None:
    """Forget snapshots, so that they are made anew: of one process, of a month and the later ones, or all."""
    statement = delete(_snapshot)
    if process is not None:
        statement = statement.where(_snapshot.c.process == process)
    if from_month is not None:
        statement = statement.where(_snapshot.c.month >= from_month)
    connection.execute(statement)


def broken(connection: Connection) -> list[str]:
    """Return a sentence for every snapshot whose checksum does not hold."""
    rows = connection.execute(select(_snapshot.c.month, _snapshot.c.payload, _snapshot.c.checksum))
    return [
        f"The snapshot of {row.month // 12}-{row.month % 12 + 1:02d} was changed."
        for row in rows
        if not is_sound(row.payload, row.checksum)
    ]
