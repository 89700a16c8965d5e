"""Taking back a whole command, if the rest still replays without it.

Invariant: undoing voids every fact of the command in one new command; nothing is deleted, and an undo can be undone.
What a merge brought goes with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from milestone_cli.domain.changes import Case, still_fits, void
from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.errors import RuleBroken
from milestone_cli.store import queries
from milestone_cli.store.arranging import arrange
from milestone_cli.store.book import Book
from milestone_cli.store.entities import key_taken
from milestone_cli.store.facts import ARRANGING, arrangement, read_facts, voided_facts
from milestone_cli.store.forgotten import placeholder
from milestone_cli.store.lists import any_of
from milestone_cli.store.lookup import find_command
from milestone_cli.store.merges import merges, origin
from milestone_cli.store.recording import Ledger, told
from milestone_cli.store.tables import TABLES
from milestone_cli.store.undo_setup import setup_can_go

_command = TABLES["command"]
_fact = TABLES["fact"]
_text = TABLES["text"]
_opportunity = TABLES["opportunity"]
MERGE = "merge"
IMPORTS = ("import", MERGE)
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
    withdrawn: bool = False
    """It came with a merge, and was taken back with it."""


def commands(connection: Connection, *, also_undone: int | None = None) -> list[Command]:
    """Return all commands, oldest first, with whether they are undone; `also_undone` is one about to be."""
    query = select(_command, _text.c.body).join(_text, _text.c.number == _command.c.author, isouter=True)
    rows = connection.execute(query.order_by(_command.c.number)).mappings().all()
    merged = merges(connection)
    undone: set[int] = set() if also_undone is None else {also_undone}
    kept: set[int] = set()
    withdrawn: set[int] = set()
    for row in reversed(rows):
        number = row["number"]
        if number in withdrawn:
            continue
        if number in merged and number in undone:
            withdrawn.update(set(merged[number].brought) - kept)
        elif number in merged:
            kept.update(*merged[number].again)
        if row["undoes"] is not None and number not in undone:
            undone.add(row["undoes"])
    return [
        Command(
            row["number"], row["id"], row["name"], row["body"] or placeholder(row["author"] or 0), row["entered_at"],
            row["undoes"], undone=row["number"] in undone or row["number"] in withdrawn,
            withdrawn=row["number"] in withdrawn,
        )
        for row in rows
    ]  # fmt: skip


def last_of(connection: Connection, who: str) -> Command:
    """Return the last command of this user that is not undone and is no undo itself."""
    for command in reversed(commands(connection)):
        if command.who == who and command.name != "undo" and not command.undone:
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
    connection = ledger.book.connection
    facts = _facts_of(connection, command)
    first = origin(command, {other.number: other for other in commands(connection)})
    # what was here before a merge cannot rest on it, whatever it looks like together with what was brought
    after = max((fact.number for fact in facts), default=0) if first.name == MERGE else 0
    setup_can_go(ledger.book, facts, after=after)
    voids = _voids(connection, facts, today)
    take_back = _void_merged if first.name == MERGE else _void
    recorded = take_back(ledger, facts, voids, today)
    days = touched_days(connection, _facts_of(connection, first)) if first.name in IMPORTS else []
    if first.name == MERGE or _is_united(connection, voids):
        before = told(ledger.book)
        about = {fact.opportunity for fact in facts if fact.opportunity}
        days += arrange(ledger, about, on=today, merged=_still_merged(connection, command)).days
        ledger.redefine(before)
    if first.name in IMPORTS:
        ledger.forget_snapshots(days)
    ledger.respell(facts)
    return recorded


def _voids(connection: Connection, facts: Iterable[Fact], today: Day) -> dict[int, list[Fact]]:
    """Return what takes facts about opportunities back, by the number of each."""
    one = arrangement(connection).one
    voids: dict[int, list[Fact]] = {}
    for fact in facts:
        if fact.opportunity:
            voids.setdefault(one(fact.opportunity), []).append(void(fact, today=today))
    return voids


def _void(ledger: Ledger, facts: Iterable[Fact], voids: Mapping[int, list[Fact]], today: Day) -> list[Fact]:
    """Void facts if what came later does not rest on them."""
    for case in ledger.book.cases(voids, today):
        still_fits(case, voids[case.number])
        _key_is_free(ledger.book, case)
    for fact in facts:
        if not fact.opportunity:
            ledger.void_setup(fact.id, on=today)
            _renew(ledger, fact)
    return ledger.record(item for taken_back in voids.values() for item in taken_back)


def _void_merged(ledger: Ledger, facts: Iterable[Fact], voids: Mapping[int, list[Fact]], today: Day) -> list[Fact]:
    """Void what a merge brought, if what was recorded since does not rest on it."""
    last = max((fact.number for fact in facts), default=0)
    since = select(_fact.c.opportunity).where(_fact.c.number > last, _fact.c.opportunity.is_not(None)).distinct()
    one = arrangement(ledger.book.connection).one
    later = {one(number) for number in ledger.book.connection.execute(since).scalars()}
    for case in ledger.book.cases(voids.keys() & later, today):
        still_fits(case, voids[case.number], rests_after=last)
    before = told(ledger.book)
    for fact in facts:
        if not fact.opportunity:
            ledger.void_setup(fact.id, on=today)
    recorded = ledger.record(item for taken_back in voids.values() for item in taken_back)
    ledger.redefine(before)
    return recorded


def _still_merged(connection: Connection, command: Command) -> bool:
    """Return whether a merge stands once this command is taken back."""
    merged = merges(connection)
    after = commands(connection, also_undone=command.number)
    return any(one.number in merged and not one.undone for one in after)


def _facts_of(connection: Connection, command: Command) -> list[Fact]:
    """Return the facts to take back: the command's own, and what came with it."""
    merged = merges(connection).get(command.number)
    first = command.number if merged is None else merged.brought.start
    mine = _fact.c.command.between(first, command.number) & _fact.c.kind.not_in(ARRANGING)
    return read_facts(connection, select(_fact).where(mine).order_by(_fact.c.command, _fact.c.position))


def touched_days(connection: Connection, facts: Iterable[Fact]) -> list[Day]:
    """Return days on which facts about opportunities, once added or taken back, change anything: the earliest, too.

    A void changes the day of the fact that it takes back, or brings back.
    """
    about = [fact for fact in facts if fact.opportunity]
    days = [fact.on for fact in about if fact.kind is not Kind.VOIDED]
    return days + days_of(connection, [fact.voids for fact in about if fact.voids is not None])


def days_of(connection: Connection, ids: Sequence[str]) -> list[Day]:
    """Return the days that change when these facts are taken back."""
    facts = read_facts(connection, select(_fact).where(_fact.c.id.in_(any_of(ids)))) if ids else []
    return touched_days(connection, facts) if facts else []


@dataclass(slots=True)
class Back:
    """What was brought back."""

    about: set[int] = field(default_factory=set)
    """The numbers of the opportunities it is about."""
    days: list[Day] = field(default_factory=list)


def bring_back(ledger: Ledger, numbers: Collection[int], *, on: Day) -> Back:
    """Void what took back, with the merges that had brought them, the facts of these commands."""
    back = Back()
    if not numbers:
        return back
    connection = ledger.book.connection
    merged = merges(connection)
    by_number = {command.number: command for command in commands(connection)}
    undoing = [one.number for one in by_number.values() if one.undoes and origin(one, by_number).number in merged]
    gone = set(_ids_in(connection, numbers))
    voided = voided_facts(connection)
    voids = select(_fact).where(_fact.c.kind == Kind.VOIDED.value)
    taking_back = [
        fact
        for fact in read_facts(connection, voids.where(_fact.c.command.in_(any_of(undoing))))
        if fact.id not in voided and fact.voids in gone
    ]
    for fact in taking_back:
        if not fact.opportunity:
            ledger.void_setup(fact.id, on=on)
    about = [fact for fact in taking_back if fact.opportunity]
    ledger.record(void(fact, today=on) for fact in about)
    back.about = {fact.opportunity for fact in about}
    back.days = touched_days(connection, about)
    return back


def _ids_in(connection: Connection, numbers: Collection[int]) -> Iterator[str]:
    """Yield the ids of the facts of these commands."""
    yield from connection.execute(select(_fact.c.id).where(_fact.c.command.in_(any_of(numbers)))).scalars()


def _is_united(connection: Connection, numbers: Iterable[int]) -> bool:
    """Return whether any of these opportunities is one with another, or has another key than it was opened with."""
    found = arrangement(connection)
    return any(number in found.members or number in found.renamed for number in numbers)


def _key_is_free(book: Book, case: Case) -> None:
    """Raise RuleBroken if an opportunity that comes back finds its key with another one."""
    if case.state().opened_on is None and key_taken(book.connection, case.key):
        raise RuleBroken(
            f'The key "{case.key}" belongs to another opportunity by now.',
            "Undo the command that added that one first.",
        )


def _renew(ledger: Ledger, fact: Fact) -> None:
    """A definition taken back changes what its process's opportunities amount to."""
    if fact.kind in (Kind.VERSION_DEFINED, Kind.PLAN_CHANGED, Kind.VOIDED):
        ledger.drop_snapshots()
        for key, number in ledger.book.process_numbers.items():
            if key in ledger.book.setup.processes:
                ledger.touch(queries.opportunity_numbers(ledger.book.connection, number))


def facts_of_undone_imports(connection: Connection) -> set[str]:
    """Return the ids of facts that lie in imports that were undone: importing them again adds them again."""
    undone = [c.number for c in commands(connection) if c.undone and (c.withdrawn or c.name in IMPORTS)]
    return set(_ids_in(connection, undone))
