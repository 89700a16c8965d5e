"""Whether facts of the set-up can be taken back: what nothing that stays rests on.

Invariant: looking changes nothing; what is refused is told with what to undo first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.errors import RuleBroken
from milestone_cli.store.book import Book
from milestone_cli.store.facts import setup_rows, voided_facts
from milestone_cli.store.tables import TABLES

_fact, _opportunity = TABLES["fact"], TABLES["opportunity"]


_Row = tuple[Mapping[str, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Staying:
    """What stays when facts go."""

    going: Collection[str]
    """The ids of those that go."""
    rows: Sequence[_Row]
    """The facts of the set-up that stay."""
    after: int
    """Only what has a higher number can rest on what goes."""

    def resting(self) -> list[dict[str, Any]]:
        return [payload for row, payload in self.rows if row["number"] > self.after]


def setup_can_go(book: Book, facts: Sequence[Fact], going: Collection[str], *, after: int = 0) -> None:
    """Raise RuleBroken if facts that stay, about opportunities or of the set-up, rest on these.

    Args:
        book: the book.
        facts: of the set-up, that are to go.
        going: the ids of all that go.
        after: only facts with a higher number can rest on them.
    """
    if not facts:
        return
    standing = setup_rows(book.connection)
    staying = _Staying(going, [item for item in standing if item[0]["id"] not in going], after)
    gone = [(row, payload) for row, payload in standing if row["id"] in going]
    defined = {payload["process"] for _, payload in staying.rows if "definition" in payload}
    adds_reps = any(row["kind"] == Kind.REP_ADDED for row, _ in gone)
    named = _reps_named_by_others(book.connection, staying) if adds_reps else set()
    for row, payload in gone:
        if "definition" in payload:
            _definition_can_go(book, payload, staying, still_defined=payload["process"] in defined)
        elif row["kind"] == Kind.REP_ADDED:
            _rep_can_go(book, payload, staying, named)


def _definition_can_go(book: Book, payload: Mapping[str, Any], staying: _Staying, *, still_defined: bool) -> None:
    process = payload["process"]
    number = book.process_numbers[process]
    targets = [other for other in staying.resting() if "amount" in other and other["process"] == process]
    opportunities = 0 if still_defined else len(_opportunities_that_stay(book.connection, number, staying))
    if not still_defined and (opportunities or targets):
        rests = f"{opportunities} opportunities" if opportunities else "a target"
        raise RuleBroken(f"{rests} of {process} rest on its definition.", "Undo those commands first.")
    remaining = {
        item["key"]
        for _, other in staying.rows
        if "definition" in other and other["process"] == process
        for item in other["definition"]["milestones"]
    }
    only_here = {item["key"] for item in payload["definition"]["milestones"]} - remaining
    used = _used(book.connection, number, only_here, staying) if only_here else None
    if used is not None:
        raise RuleBroken(
            f"{used[0]} has a fact at {used[1]}, which only this version has.",
            "Undo that fact first.",
        )


def _opportunities_that_stay(connection: Connection, process: int, staying: _Staying) -> set[int]:
    """Return the opportunities of a process with a fact that stands and is not going."""
    query = select(_fact.c.id, _fact.c.opportunity).join(
        _opportunity, _opportunity.c.number == _fact.c.opportunity
    )  # fmt: skip
    voided = voided_facts(connection)
    ours = (_opportunity.c.process == process, _fact.c.kind != Kind.VOIDED.value, _fact.c.number > staying.after)
    rows = connection.execute(query.where(*ours))
    return {row.opportunity for row in rows if row.id not in staying.going and row.id not in voided}


def _used(connection: Connection, process: int, milestones: set[str], staying: _Staying) -> tuple[str, str] | None:
    """Return the key of an opportunity with a fact at one of these milestones that stays, and the milestone."""
    milestone = func.json_extract(_fact.c.payload, "$.milestone").label("milestone")
    query = (
        select(_fact.c.id, _opportunity.c.key, milestone)
        .join(_opportunity, _opportunity.c.number == _fact.c.opportunity)
        .where(_opportunity.c.process == process, milestone.in_(milestones), _fact.c.number > staying.after)
        .order_by(_opportunity.c.number)
    )
    voided = voided_facts(connection)
    found = (row for row in connection.execute(query) if row.id not in staying.going and row.id not in voided)
    return next(((row.key, row.milestone) for row in found), None)


def _reps_named_by_others(connection: Connection, staying: _Staying) -> set[int]:
    """Return the reps whom facts about opportunities name that stand and are not going."""
    rep = func.json_extract(_fact.c.payload, "$.rep")
    others = select(_fact.c.id, rep).where(_fact.c.opportunity.is_not(None), _fact.c.number > staying.after)
    voided = voided_facts(connection)
    rows = connection.execute(others)
    return {number for fact_id, number in rows if fact_id not in staying.going and fact_id not in voided} - {None}


def _rep_can_go(book: Book, payload: Mapping[str, Any], staying: _Staying, named: set[int]) -> None:
    rep = payload["rep"]
    still_added = any(other.get("rep") == rep and "texts" in other for _, other in staying.rows)
    named_by_target = any(other.get("rep") == rep and "amount" in other for other in staying.resting())
    if not still_added and (rep in named or named_by_target):
        raise RuleBroken(f"Facts name the rep {book.setup.reps[rep].key}.", "Undo those first, or use `ms retire-rep`.")
