"""Version 3: who recorded a command lies apart from it, as every other personal text does; arrivals by a bulk edit.

The links of the chain were made over the users' names, so all of them are made anew, over the salted hashes. A link
that did not hold before does not hold afterwards either: a migration must not make a changed journal look whole.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from alembic import op
from sqlalchemy import Connection

revision = "0003"
down_revision = "0002"
REPROJECT = False

STATEMENTS = (
    """CREATE TABLE author (
    text INTEGER NOT NULL,
    PRIMARY KEY (text),
    FOREIGN KEY(text) REFERENCES text (number)
)
 STRICT""",
    "ALTER TABLE command ADD COLUMN author INTEGER",
    "ALTER TABLE arrival ADD COLUMN bulk INTEGER DEFAULT 0 NOT NULL",
)
_FORBID = """CREATE TRIGGER command_update BEFORE UPDATE ON command
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"""
_FACT = "number, id, position, kind, day, entered_at, recorded_at, known_day, opportunity, payload"


class Author(NamedTuple):
    """The name of a user, apart from the commands."""

    text: int
    """The number of its text."""
    name: str
    salt: str

    @property
    def hash(self) -> str:
        """The salted hash, as facts have it of their texts."""
        return hashlib.sha256(f"{self.salt}\x00{self.name}".encode()).hexdigest()[:32]


class Relinked(NamedTuple):
    """What becomes of a command."""

    number: int
    who: str
    author: int
    previous: str
    hash: str


def upgrade() -> None:
    """Take the names out of the commands and make the chain anew."""
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
    names = connection.exec_driver_sql("SELECT who FROM command GROUP BY who ORDER BY min(number)").scalars().all()
    last = connection.exec_driver_sql("SELECT coalesce(max(number), 0) FROM text").scalar_one()
    authors = new_authors(names, last)
    for author in authors.values():
        row = (author.text, author.name, author.salt)
        connection.exec_driver_sql("INSERT INTO text (number, body, salt) VALUES (?, ?, ?)", row)
        connection.exec_driver_sql("INSERT INTO author (text) VALUES (?)", (author.text,))
    commands = [dict(row) for row in connection.exec_driver_sql("SELECT * FROM command ORDER BY number").mappings()]
    made = relinked(commands, lambda number: _facts(connection, number), authors)
    # the journal is append-only for everybody but this one change of its form
    connection.exec_driver_sql("DROP TRIGGER IF EXISTS command_update")
    rows = [(one.who, one.author, one.previous, one.hash, one.number) for one in made]
    if rows:
        connection.exec_driver_sql(
            "UPDATE command SET who = ?, author = ?, previous = ?, hash = ? WHERE number = ?", rows
        )
        head = "UPDATE meta SET value = ? WHERE name = 'head' AND value = ?"
        connection.exec_driver_sql(head, (rows[-1][3], commands[-1]["hash"]))
    connection.exec_driver_sql(_FORBID)


def new_authors(names: Iterable[str], last: int) -> dict[str, Author]:
    """Return the authors with these names, as texts behind the one with the number `last`."""
    return {name: Author(last + place, name, secrets.token_hex(10)) for place, name in enumerate(names, start=1)}


def relinked(
    commands: Iterable[Mapping[str, Any]],
    facts_of: Callable[[int], Iterable[bytes]],
    authors: Mapping[str, Author],
) -> Iterator[Relinked]:
    """Yield every command with its new link, in their order; what was broken stays broken.

    Args:
        commands: the rows as version 2 has them, by number.
        facts_of: returns the bytes of a command's facts that its link is made over.
        authors: by name.
    """
    before, made = "", ""
    for command in commands:
        author = authors[command["who"]]
        previous = made if command["previous"] == before else command["previous"]
        ends = command["name"], command["entered_at"], command["undoes"]
        old = _digest(command["previous"], command["id"], ends, command["who"])
        new = _digest(previous, command["id"], ends, [author.text, author.hash])
        for line in facts_of(command["number"]):
            old.update(line)
            new.update(line)
        before = command["hash"]
        made = new.hexdigest() if old.hexdigest() == before else before
        yield Relinked(command["number"], author.hash, author.text, previous, made)


def _digest(previous: str, id_: str, ends: tuple[str, int, int | None], who: object) -> Any:
    """Return the beginning of a link, over all of a command but its facts."""
    name, entered_at, undoes = ends
    said = [previous, id_, name, who, entered_at, undoes]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode())


def _facts(connection: Connection, command: int) -> Iterator[bytes]:
    query = f"SELECT {_FACT} FROM fact WHERE command = ? ORDER BY position"
    for row in connection.exec_driver_sql(query, (command,)):
        yield ("\n" + "\t".join(map(str, row))).encode()
