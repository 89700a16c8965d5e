"""Whether facts of the set-up can be taken back: what stands then rests on something that stands.

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
from milestone_cli.store.lists import any_of
from milestone_cli.store.tables import TABLES

_fact, _opportunity = TABLES["fact"], TABLES["opportunity"]


_Row = tuple[Mapping[str, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Staying:
    """What stands when facts have gone."""

    voided: Collection[str]
    """The ids of the facts that do not."""
    rows: Sequence[_Row]
    """The facts of the set-up that do."""
    after: int
    """Only what has a higher number can rest on what goes."""

    def resting(self) -> list[dict[str, Any]]:
        return [payload for row, payload in self.rows if row["number"] > self.after]

    @property
    def defined(self) -> set[str]:
        """The processes that are defined then."""
        return {payload["process"] for _, payload in self.rows if "definition" in payload}


def setup_can_go(book: Book, facts: Sequence[Fact], *, after: int = 0) -> None:
    """Raise RuleBroken if what stands once facts are gone, about opportunities or of the set-up, rests on nothing.

    Args:
        book: the book.
        facts: all that are to go; with a void goes what it had brought back, and what it took back returns.
        after: only facts with a higher number can rest on them.
    """
    going = {fact.id for fact in facts}
    if all(fact.opportunity and fact.kind is not Kind.VOIDED for fact in facts):
        return
    before, then = setup_rows(book.connection), setup_rows(book.connection, without=going)
    staying = _Staying(voided_facts(book.connection, without=going), then, after)
    stood, stands = ({row["id"] for row, _ in rows} for rows in (before, then))
    gone = [(row, payload) for row, payload in before if row["id"] not in stands]
    adds_reps = any(row["kind"] == Kind.REP_ADDED for row, _ in gone)
    named = _reps_named_by_others(book.connection, staying) if adds_reps else set()
    for row, payload in gone:
        if "definition" in payload:
            _definition_can_go(book, payload, staying)
        elif row["kind"] == Kind.REP_ADDED:
            _rep_can_go(book, payload, staying, named)
    _targets_can_return([payload for row, payload in then if row["id"] not in stood], book, staying)
    _opportunities_can_return(book, facts, staying)


def _targets_can_return(returning: Sequence[Mapping[str, Any]], book: Book, staying: _Staying) -> None:
    """Raise RuleBroken if a target would return to a process or a rep that is not there."""
    reps = TABLES["rep"]
    for payload in returning:
        if "amount" not in payload:
            continue
        if payload["process"] not in staying.defined:
            raise RuleBroken(f"A target would return to {payload['process']}, which is not defined.", _FIRST_THAT)
        rep = select(reps.c.key, reps.c.first_named).where(reps.c.number == payload["rep"])
        row = book.connection.execute(rep).one_or_none()
        if row is not None and row.first_named is None and not _is_added(payload["rep"], staying):
            raise RuleBroken(f"A target would return to {row.key}, who is no rep.", _FIRST_THAT)


_FIRST_THAT = "Undo first what took that back; `ms log` lists the commands."


def _opportunities_can_return(book: Book, facts: Sequence[Fact], staying: _Staying) -> None:
    """Raise RuleBroken if an opportunity would return to a process that is not defined."""
    undefined = [number for key, number in book.process_numbers.items() if key not in staying.defined]
    returning = [fact.opportunity for fact in facts if fact.opportunity and fact.kind is Kind.VOIDED]
    if not undefined or not returning:
        return
    process = TABLES["process"]
    query = (
        select(_opportunity.c.key, process.c.key.label("process"))
        .join(process, process.c.number == _opportunity.c.process)
        .where(_opportunity.c.process.in_(undefined), _opportunity.c.number.in_(any_of(returning)))
        .order_by(_opportunity.c.number)
    )
    for row in book.connection.execute(query.limit(1)):
        raise RuleBroken(f"{row.key} would return to {row.process}, which is not defined.", _FIRST_THAT)


def _definition_can_go(book: Book, payload: Mapping[str, Any], staying: _Staying) -> None:
    process = payload["process"]
    number = book.process_numbers[process]
    if process not in staying.defined:
        # also what was here before a merge: the definition that it rested on may have been taken back since
        opportunities = len(_opportunities_that_stay(book.connection, number, staying))
        if opportunities:
            rest = "opportunity of {} rests" if opportunities == 1 else "opportunities of {} rest"
            raise RuleBroken(f"{opportunities} {rest.format(process)} on its definition.", "Undo those commands first.")
        if any("amount" in other and other["process"] == process for _, other in staying.rows):
            raise RuleBroken(f"A target of {process} rests on its definition.", "Undo that command first.")
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
    """Return the opportunities of a process with a fact that stands and is not going; a mere name is none."""
    query = select(_fact.c.id, _fact.c.opportunity).join(
        _opportunity, _opportunity.c.number == _fact.c.opportunity
    )  # fmt: skip
    no_sign = (Kind.VOIDED.value, Kind.RENAMED.value)
    rows = connection.execute(query.where(_opportunity.c.process == process, _fact.c.kind.not_in(no_sign)))
    return {row.opportunity for row in rows if row.id not in staying.voided}


def _used(connection: Connection, process: int, milestones: set[str], staying: _Staying) -> tuple[str, str] | None:
    """Return the key of an opportunity with a fact at one of these milestones that stays, and the milestone."""
    milestone = func.json_extract(_fact.c.payload, "$.milestone").label("milestone")
    query = (
        select(_fact.c.id, _opportunity.c.key, milestone)
        .join(_opportunity, _opportunity.c.number == _fact.c.opportunity)
        .where(_opportunity.c.process == process, milestone.in_(milestones), _fact.c.number > staying.after)
        .order_by(_opportunity.c.number)
    )
    found = (row for row in connection.execute(query) if row.id not in staying.voided)
    return next(((row.key, row.milestone) for row in found), None)


def _reps_named_by_others(connection: Connection, staying: _Staying) -> set[int]:
    """Return the reps whom facts about opportunities name that stand and are not going."""
    rep = func.json_extract(_fact.c.payload, "$.rep")
    others = select(_fact.c.id, rep).where(_fact.c.opportunity.is_not(None), _fact.c.number > staying.after)
    rows = connection.execute(others)
    return {number for fact_id, number in rows if fact_id not in staying.voided} - {None}


def _rep_can_go(book: Book, payload: Mapping[str, Any], staying: _Staying, named: set[int]) -> None:
    rep = payload["rep"]
    named_by_target = any(other.get("rep") == rep and "amount" in other for other in staying.resting())
    if not _is_added(rep, staying) and (rep in named or named_by_target):
        raise RuleBroken(f"Facts name the rep {book.setup.reps[rep].key}.", "Undo those first, or use `ms retire-rep`.")


def _is_added(rep: int, staying: _Staying) -> bool:
    return any(other.get("rep") == rep and "texts" in other for _, other in staying.rows)
