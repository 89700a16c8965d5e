"""Reading the set-up: processes, reps and targets from the facts that have no opportunity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Kind
from milestone_cli.domain.process import Process, ProcessHistory
from milestone_cli.domain.setup import Rep, Setup, Target
from milestone_cli.store.facts import arrangement, setup_rows, texts_of
from milestone_cli.store.payloads import decode_process
from milestone_cli.store.tables import TABLES


@dataclass(frozen=True, slots=True)
class SetupFact:
    """A fact of the set-up that stands."""

    id: str
    kind: Kind
    order: tuple[int, int, str]
    """Its place in the order of entry."""
    said: Mapping[str, Any]
    """Its payload; of a rep also `rep_key`, `rep_folded` and, where they were added, `name`."""
    process: Process | None
    """What a definition defines."""


def read_setup_facts(connection: Connection) -> list[SetupFact]:
    """Return the facts of the set-up that stand, in the order of entry."""
    table = TABLES["rep"]
    reps = {row.number: row for row in connection.execute(select(table))}
    rows = setup_rows(connection)
    names = texts_of(
        connection, (payload["texts"]["name"][0] for _, payload in rows if "name" in payload.get("texts", {}))
    )
    found = []
    for row, payload in rows:
        said, rep = dict(payload), reps.get(payload.get("rep"))
        if "rep" in payload:
            said |= {"rep_key": None if rep is None else rep.key, "rep_folded": None if rep is None else rep.folded}
        if "name" in payload.get("texts", {}):
            said["name"] = names.get(payload["texts"]["name"][0], "")
        process = decode_process(payload["definition"]) if "definition" in payload else None
        order = (row["entered_at"], row["position"], row["id"])
        found.append(SetupFact(row["id"], Kind(row["kind"]), order, said, process))
    return found


def read_setup(connection: Connection, *, known_on: Day | None = None) -> Setup:
    """Return the set-up from all facts that stand, in the order of entry.

    With `known_on`, definitions and targets that were not known then are left out; the first of each process and owner
    always counts, and facts about reps bound no other fact.
    """
    entered: dict[str, list[tuple[Process, Day, Day | None]]] = {}
    targets: list[Target] = []
    owners: set[tuple[str, int | None]] = set()
    added: dict[int, Day] = {}
    retired: dict[int, Day] = {}
    for row, payload in setup_rows(connection, known_on=known_on):
        known = known_on is None or row["known_day"] <= known_on
        match Kind(row["kind"]):
            case Kind.VERSION_DEFINED | Kind.PLAN_CHANGED if known or payload["process"] not in entered:
                process = decode_process(payload["definition"])
                entered.setdefault(process.key, []).append((process, row["day"], payload["from"]))
            case Kind.TARGET_SET if known or (payload["process"], payload["rep"]) not in owners:
                owners.add((payload["process"], payload["rep"]))
                targets.append(_target(row, payload))
            case Kind.REP_ADDED:
                _add(added, retired, payload["rep"], payload["from"])
            case Kind.REP_RETIRED:
                retired[payload["rep"]] = row["day"]
            case _:  # not known yet
                pass
    history = ProcessHistory.united if arrangement(connection).merged else ProcessHistory.of
    processes = {key: history(key, items) for key, items in entered.items()}
    return Setup(processes, _reps(connection, added, retired), tuple(targets))


def _add(added: dict[int, Day], retired: dict[int, Day], rep: int, began: Day) -> None:
    """Count a rep in; one whom two books have added, and who has not left in between, began on the earlier day."""
    here = rep in added and rep not in retired
    added[rep] = min(added[rep], began) if here else began
    retired.pop(rep, None)


def _target(row: Mapping[str, Any], payload: Mapping[str, Any]) -> Target:
    return Target(payload["process"], payload["rep"], payload["amount"], row["day"], payload["from"])


def _reps(connection: Connection, added: Mapping[int, Day], retired: Mapping[int, Day]) -> dict[int, Rep]:
    table = TABLES["rep"]
    reps = {}
    for row in connection.execute(select(table).order_by(table.c.folded)):
        # whom one book has taken back, and another one names in facts, is there: as from the first of them on
        began = added.get(row.number, row.first_named)
        if began is not None:
            first = began if row.first_named is None else min(began, row.first_named)
            reps[row.number] = Rep(row.number, row.key, row.name, first, retired.get(row.number))
    return reps
