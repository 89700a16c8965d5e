"""Writing the journal: one command, its facts, and the link of the checksum chain.

Invariant: a command's facts and its link are written in one transaction, or not at all; the link is a SHA-256 over the
one before, the command and every fact, so that no later change of any of them goes unseen. It covers personal texts by
their salted hashes alone, so that they can be forgotten and it still holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, func, insert, select

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.store.ids import RisingIds, Salts
from milestone_cli.store.payloads import TextRefs, dump, encode, salted_hash
from milestone_cli.store.rows import RowsBehind, insert_rows, insert_values
from milestone_cli.store.tables import TABLES

BATCH = 2000
"""Rows are handed to SQLite so many at a time."""

_fact = TABLES["fact"]
_command = TABLES["command"]
_meta = TABLES["meta"]
_text = TABLES["text"]
_author = TABLES["author"]
FACT_COLUMNS = tuple(_fact.c.keys())
"""In the order of the table."""

Signed = tuple[int | None, str]
"""Who recorded, as a link has it: the number of the text with their name, and its salted hash."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The real time of a command: journal times are never pretended."""

    now: int
    """Microseconds since 1970 UTC."""
    day: Day
    """The day of `now` in the user's zone."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who records, and as which command."""

    command: str
    who: str


@dataclass(frozen=True, slots=True)
class _User:
    """The text of the name of who records."""

    text: int
    name: str
    salt: str
    is_new: bool
    """It is not in the file yet; it comes with the command, if that records anything."""

    @property
    def hash(self) -> str:
        return salted_hash(self.salt, self.name)

    @property
    def signed(self) -> Signed:
        return self.text, self.hash


class Recording:
    """One command being recorded: facts are appended to it, `close` links it into the chain."""

    def __init__(self, connection: Connection, author: Author, clock: Clock, *, undoes: int | None = None) -> None:
        self.connection = connection
        self.author = author
        self.clock = clock
        self.undoes = undoes
        self.number = highest(connection, "command") + 1
        self._ids = RisingIds(clock.now)
        self.id = self._ids.next()
        self._next_fact = highest(connection, "fact") + 1
        self._next_text = highest(connection, "text") + 1
        self._salts = Salts()
        self._position = 0
        self._lines: list[str] = []
        self._facts: list[Any] = []
        self._texts: list[Any] = []
        self._external: list[Any] = []
        self.before_facts: Callable[[], None] | None = None
        """Called between texts and facts: for rows that name the ones and are named by the others."""
        self.behind: RowsBehind | None = None
        """Writes the rows meanwhile, where there are very many."""
        self._previous = head(connection)
        self._who = self._user(author.who)
        line = command_line(self._previous, self.id, author.command, self._who.signed, clock.now, undoes=undoes)
        self._digest = hashlib.sha256(line)

    def _user(self, name: str) -> _User:
        """Return who records, as the text of their name that is there already or a new one."""
        # not a join: SQLite would walk through all texts and look each of them up among the few authors
        query = select(_text).where(_text.c.number.in_(select(_author.c.text)), _text.c.body == name)
        row = self.connection.execute(query).first()
        if row is not None:
            return _User(row.number, row.body, row.salt, is_new=False)
        self._next_text += 1
        return _User(self._next_text - 1, name, self._salts.next(), is_new=True)

    @property
    def facts_written(self) -> int:
        """How many facts this command holds so far."""
        return self._position

    def keep_text(self, body: str) -> tuple[int, str]:
        """Store a personal text; return its number and salted hash. A forgotten one that is said again stays blank."""
        number, salt = self._next_text, self._salts.next() if body else ""
        self._next_text += 1
        self._texts += (number, body, salt)
        return number, salted_hash(salt, body)

    def append(self, fact: Fact, *, refs: TextRefs | None = None, extra: Mapping[str, Any] | None = None) -> Fact:
        """Append a fact about an opportunity; return it as recorded.

        Args:
            fact: the fact; an empty id is filled, a given one (from another book) is kept.
            refs: texts that are stored already, by role.
            extra: what the payload holds beside the fact's own fields.
        """
        recorded = replace(
            fact,
            id=fact.id or self._ids.next(),
            number=self._next_fact,
            position=self._position,
            entered_at=self.clock.now,
            known_on=fact.known_on or self.clock.day,
        )
        self.write(recorded, recorded.opportunity, refs=refs, extra=extra)
        return recorded

    def write(
        self, fact: Fact, opportunity: int, *, refs: TextRefs | None = None, extra: Mapping[str, Any] | None = None
    ) -> None:
        """Append a fact as `append` does, for those who need no copy of it as recorded: imports."""
        if fact.texts:
            refs = {**{role: self.keep_text(body) for role, body in fact.texts.items()}, **(refs or {})}
            if external := fact.texts.get("external"):
                self._external += (external, self._next_fact)
        self._add(
            fact.id or self._ids.next(), fact.kind, fact.on, encode(fact, refs, extra),
            fact.known_on or self.clock.day, fact.recorded_at, opportunity,
        )  # fmt: skip

    def append_setup(
        self,
        kind: Kind,
        on: Day,
        payload: Mapping[str, Any],
        *,
        id: str = "",  # noqa: A002 - a fact's id, as everywhere
        known_day: Day | None = None,
    ) -> str:
        """Append a fact of the set-up; return its global id."""
        fact_id = id or self._ids.next()
        self._add(fact_id, kind, on, dump({"v": 1, **payload}), known_day or self.clock.day)
        return fact_id

    def _add(  # noqa: PLR0917 - the columns of a row in their order
        self, fact_id: str, kind: Kind, on: Day, payload: str, known_day: Day, recorded_at: int | None = None,
        opportunity: int | None = None,
    ) -> None:  # fmt: skip
        row = (
            self._next_fact, fact_id, self.number, self._position, str(kind), on, self.clock.now, recorded_at,
            known_day, opportunity, payload,
        )  # fmt: skip
        self._lines.append(values_line(*row))
        self._facts += row
        self._next_fact += 1
        self._position += 1
        if len(self._lines) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Hand the waiting rows to SQLite."""
        self._digest.update("".join(self._lines).encode())
        self._insert(_text, self._texts)
        if self.before_facts is not None:
            self.before_facts()
        self._insert(_fact, self._facts)
        self._insert(TABLES["external"], self._external, replace=True)
        self._lines, self._texts, self._facts, self._external = [], [], [], []

    def _insert(self, table: Table, values: Sequence[Any], *, replace: bool = False) -> None:
        if self.behind is None:
            insert_values(self.connection, table, values, replace=replace)
        else:
            self.behind.insert(table, values, replace=replace)

    def close(self) -> None:
        """Write the command's row and move the head of the chain."""
        self.flush()
        digest, who = self._digest.hexdigest(), self._who
        if who.is_new:
            insert_rows(self.connection, _text, [(who.text, who.name, who.salt)])
            insert_rows(self.connection, _author, [(who.text,)])
        self.connection.execute(
            insert(_command).values(
                number=self.number, id=self.id, name=self.author.command, who=who.hash, author=who.text,
                entered_at=self.clock.now, undoes=self.undoes, previous=self._previous, hash=digest,
            )
        )  # fmt: skip
        count = int(read_meta(self.connection, "facts") or "0") + self._position
        for name, value in (("head", digest), ("facts", str(count)), ("commands", str(self.number))):
            write_meta(self.connection, name, value)


def command_line(previous: str, id_: str, name: str, who: Signed, entered_at: int, *, undoes: int | None) -> bytes:
    """Return the bytes of a command that its link is made over."""
    return dump([previous, id_, name, who, entered_at, undoes]).encode()


def fact_line(row: Mapping[str, Any] | RowMapping) -> bytes:
    """Return the bytes of a fact that its command's link is made over."""
    return values_line(*(row[name] for name in FACT_COLUMNS)).encode()


def values_line(  # noqa: PLR0917 - the columns of a row in their order
    number: int, id_: str, _command: int, position: int, kind: str, day: int, entered_at: int,
    recorded_at: int | None, known_day: int, opportunity: int | None, payload: str,
) -> str:  # fmt: skip
    """Return what `fact_line` does, as text, of the values of a row in their order."""
    return (
        f"\n{number}\t{id_}\t{position}\t{kind}\t{day}\t{entered_at}"
        f"\t{recorded_at}\t{known_day}\t{opportunity}\t{payload}"
    )


def highest(connection: Connection, table: str) -> int:
    """Return the highest number in a table; 0 where it is empty."""
    return int(connection.execute(select(func.max(TABLES[table].c.number))).scalar() or 0)


def read_meta(connection: Connection, name: str) -> str:
    """Return a single value about the file; empty where there is none."""
    return connection.execute(select(_meta.c.value).where(_meta.c.name == name)).scalar() or ""


def write_meta(connection: Connection, name: str, value: str) -> None:
    """Set a single value about the file."""
    connection.execute(insert(_meta).prefix_with("OR REPLACE").values(name=name, value=value))


def head(connection: Connection) -> str:
    """Return the hash of the last command; empty in a new file."""
    return read_meta(connection, "head")


def broken_links(connection: Connection) -> Iterator[str]:
    """Yield a sentence for every place where the chain does not hold."""
    previous, commands, facts = "", 0, 0
    for command in connection.execute(select(_command).order_by(_command.c.number)).mappings():
        commands += 1
        if command["previous"] != previous:
            yield f"Command {command['number']} does not follow the one before it."
        digest = hashlib.sha256(
            command_line(
                command["previous"], command["id"], command["name"], (command["author"], command["who"]),
                command["entered_at"], undoes=command["undoes"],
            )
        )  # fmt: skip
        rows = connection.execute(
            select(_fact).where(_fact.c.command == command["number"]).order_by(_fact.c.position)
        ).mappings()
        for row in rows:
            facts += 1
            digest.update(fact_line(row))
        if digest.hexdigest() != command["hash"]:
            yield f"Command {command['number']} ({command['name']}) or one of its facts was changed."
        previous = command["hash"]
    yield from _ends(connection, previous, commands, facts)


def _ends(connection: Connection, last: str, commands: int, facts: int) -> Iterator[str]:
    if last != head(connection):
        yield "The journal does not end where its head says."
    if str(commands) != (read_meta(connection, "commands") or "0"):
        yield f"The journal has {commands} commands, its head says {read_meta(connection, 'commands') or 0}."
    total = connection.execute(select(func.count()).select_from(_fact)).scalar()
    if str(facts) != (read_meta(connection, "facts") or "0") or facts != total:
        said = read_meta(connection, "facts") or "0"
        yield f"The journal has {facts} facts in commands and {total} in all; its head says {said}."


def broken_texts(connection: Connection) -> Iterator[str]:
    """Yield a sentence for every text that is not the one it was recorded with (a forgotten one is empty)."""
    import json

    bodies = {row.number: row for row in connection.execute(select(_text))}
    authors = select(_command.c.author, _command.c.who, func.min(_command.c.number).label("first"))
    for author, who, first in connection.execute(authors.group_by(_command.c.author, _command.c.who)):
        if _was_changed(bodies.get(author), who):
            yield f"The name of who recorded command {first} was changed."
    for row in connection.execute(select(_fact.c.number, _fact.c.payload)):
        refs: Mapping[str, Sequence[Any]] = json.loads(row.payload).get("texts", {})
        for role, (number, expected) in refs.items():
            if _was_changed(bodies.get(number), expected):
                yield f"The {role} of fact {row.number} was changed."


def _was_changed(text: Any, expected: str) -> bool:
    """Return whether a row of `text` is neither the text with this salted hash nor a forgotten one."""
    if text is None:
        return True
    forgotten = not text.body and not text.salt
    return not forgotten and salted_hash(text.salt, text.body) != expected
