"""Taking back a whole command, if the rest still replays without it.

Invariant: undoing voids every fact of the command in one new command; nothing is deleted, and an undo can be undone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from milestone_cli.domain.changes import Case, still_fits, void
from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.errors import RuleBroken
from milestone_cli.store import queries
from milestone_cli.store.book import Book
from milestone_cli.store.entities import key_taken
from milestone_cli.store.facts import read_facts, setup_rows, voided_facts
from milestone_cli.store.forgotten import placeholder
from milestone_cli.store.lookup import find_command
from milestone_cli.store.recording import Ledger
from milestone_cli.store.tables import TABLES

_command = TABLES["command"]
_fact = TABLES["fact"]
_text = TABLES["text"]
IMPORTS = ("import", "merge")
"""Commands that bring facts of past days in bulk: they and their undoing make snapshots anew."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the journal."""

    number: int
    id: str
    name: str
    who: str
    """The user's name, or what stands for a forgotten one."""
    entered_at: int
    undoes: int | None
    undone: bool
    """Another command that stands has taken it back."""


def commands(connection: Connection) -> list[Command]:
    """Return all commands, oldest first, with whether they are undone."""
    query = select(_command, _text.c.body).join(_text, _text.c.number == _command.c.author, isouter=True)
    rows = connection.execute(query.order_by(_command.c.number)).mappings().all()
    undone: set[int] = set()
    for row in reversed(rows):
        if row["undoes"] is not None and row["number"] not in undone:
            undone.add(row["undoes"])
    return [
        Command(
            row["number"], row["id"], row["name"], row["body"] or placeholder(row["author"] or 0), row["entered_at"],
            row["undoes"], row["number"] in undone,
        )
        for row in rows
    ]  # fmt: skip


def last_of(connection: Connection, who: str) -> Command:
    """Return the last command of this user that is not undone and is no undo itself."""
    for command in reversed(commands(connection)):
        if command.who == who and command.undoes is None and not command.undone:
            return command
    raise RuleBroken("There is no command of yours to undo.", "`ms log` lists the commands.")


def named(connection: Connection, name: str) -> Command:
    """Return the command with this number, global id or beginning of one."""
    number = find_command(connection, name)
    return next(command for command in commands(connection) if command.number == number)


def undo(ledger: Ledger, command: Command, *, today: Day) -> list[Fact]:
    """Void every fact of `command`; return the voids about opportunities.

    Raises:
        RuleBroken: it is undone already, or facts that came later rest on it.
    """
    if command.undone:
        raise RuleBroken(f"Command {command.number} ({command.name}) is undone already.", "`ms log` lists them.")
    book = ledger.book
    query = select(_fact).where(_fact.c.command == command.number).order_by(_fact.c.position)
    facts = read_facts(book.connection, query)
    _setup_can_go(book, [fact for fact in facts if not fact.opportunity], command)
    voids: dict[int, list[Fact]] = {}
    for fact in facts:
        if fact.opportunity:
            voids.setdefault(fact.opportunity, []).append(void(fact, today=today))
    for case in book.cases(voids, today):
        still_fits(case, voids[case.number])
        _key_is_free(book, case)
    for fact in facts:
        if not fact.opportunity:
            ledger.void_setup(fact.id, on=today)
            _renew(ledger, fact)
    origin = _origin(book.connection, command)
    if origin.name in IMPORTS:
        days = select(_fact.c.day).where(_fact.c.command == origin.number)
        ledger.forget_snapshots(list(book.connection.execute(days).scalars()))
    return ledger.record(item for taken_back in voids.values() for item in taken_back)


def _key_is_free(book: Book, case: Case) -> None:
    """Raise RuleBroken if an opportunity that comes back finds its key with another one."""
    if case.state().opened_on is None and key_taken(book.connection, case.key):
        raise RuleBroken(
            f'The key "{case.key}" belongs to another opportunity by now.',
            "Undo the command that added that one first.",
        )


def _origin(connection: Connection, command: Command) -> Command:
    """Return the command that is taken back or, by undoing an undo, brought back in the end."""
    by_number = {other.number: other for other in commands(connection)}
    while (undoes := command.undoes) is not None:
        command = by_number[undoes]
    return command


def _renew(ledger: Ledger, fact: Fact) -> None:
    """A definition taken back changes what its process's opportunities amount to."""
    if fact.kind in (Kind.VERSION_DEFINED, Kind.PLAN_CHANGED, Kind.VOIDED):
        ledger.drop_snapshots()
        for key, number in ledger.book.process_numbers.items():
            if key in ledger.book.setup.processes:
                ledger.touch(queries.opportunity_numbers(ledger.book.connection, number))


def _setup_can_go(book: Book, facts: list[Fact], command: Command) -> None:
    """Raise RuleBroken if facts about opportunities or other facts of the set-up rest on these."""
    if not facts:
        return
    going = {fact.id for fact in facts}
    rows = [(row, payload) for row, payload in setup_rows(book.connection) if row["id"] not in going]
    gone = [(row, payload) for row, payload in setup_rows(book.connection) if row["id"] in going]
    defined = {payload["process"] for row, payload in rows if "definition" in payload}
    adds_reps = any(row["kind"] == Kind.REP_ADDED for row, _ in gone)
    named = _reps_named_beside(book.connection, command) if adds_reps else set()
    for row, payload in gone:
        if "definition" in payload:
            _definition_can_go(book, payload, rows, still_defined=payload["process"] in defined)
        elif row["kind"] == Kind.REP_ADDED:
            _rep_can_go(book, payload, rows, named)


def _definition_can_go(
    book: Book, payload: Mapping[str, Any], rows: list[tuple[Mapping[str, Any], dict[str, Any]]], *, still_defined: bool
) -> None:
    process = payload["process"]
    opportunities = queries.opportunity_numbers(book.connection, book.process_numbers[process])
    targets = [other for _, other in rows if "amount" in other and other["process"] == process]
    if not still_defined and (opportunities or targets):
        rests = f"{len(opportunities)} opportunities" if opportunities else "a target"
        raise RuleBroken(f"{rests} of {process} rest on its definition.", "Undo those commands first.")
    remaining = {
        item["key"]
        for _, other in rows
        if "definition" in other and other["process"] == process
        for item in other["definition"]["milestones"]
    }
    only_here = {item["key"] for item in payload["definition"]["milestones"]} - remaining
    for number in opportunities if only_here else ():
        used = {fact.milestone for fact in book.case(number, 0).facts if fact.milestone}
        if used & only_here:
            raise RuleBroken(
                f"{book.case(number, 0).key} has a fact at {min(used & only_here)}, which only this version has.",
                "Undo that fact first.",
            )


def _reps_named_beside(connection: Connection, command: Command) -> set[int]:
    """Return the reps whom facts about opportunities name that stand and are not of this command."""
    rep = func.json_extract(_fact.c.payload, "$.rep")
    others = select(_fact.c.id, rep).where(_fact.c.opportunity.is_not(None), _fact.c.command != command.number)
    voided = voided_facts(connection)
    return {number for fact_id, number in connection.execute(others) if fact_id not in voided} - {None}


def _rep_can_go(
    book: Book, payload: Mapping[str, Any], rows: list[tuple[Mapping[str, Any], dict[str, Any]]], named: set[int]
) -> None:
    rep = payload["rep"]
    still_added = any(other.get("rep") == rep and "texts" in other for _, other in rows)
    named_by_target = any(other.get("rep") == rep and "amount" in other for _, other in rows)
    if not still_added and (rep in named or named_by_target):
        raise RuleBroken(f"Facts name the rep {book.setup.reps[rep].key}.", "Undo those first, or use `ms retire-rep`.")


def facts_of_undone_imports(connection: Connection) -> set[str]:
    """Return the ids of facts that lie in imports that were undone: importing them again adds them again."""
    undone = [c.number for c in commands(connection) if c.undone and c.name in IMPORTS]
    found: set[str] = set()
    for number in undone:
        found.update(connection.execute(select(_fact.c.id).where(_fact.c.command == number)).scalars())
    return found
