"""A whole book as plain rows, and back into an empty one: the journal as it is, the projections made anew.

Invariant: what goes in is verified like any file: the chain of commands, every text against its fact, every projection
against its replay. Nothing is merged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from milestone_cli.domain.text import fold
from milestone_cli.errors import MsError, RuleBroken
from milestone_cli.store import snapshots
from milestone_cli.store.book import Book
from milestone_cli.store.check import problems
from milestone_cli.store.ids import Salts
from milestone_cli.store.journal import command_line, fact_line, read_meta, write_meta
from milestone_cli.store.payloads import dump, salted_hash
from milestone_cli.store.projection import rebuild
from milestone_cli.store.rows import insert_rows
from milestone_cli.store.tables import TABLES

ROWS = ("text", "command", "process", "milestone", "rep", "customer", "opportunity", "fact", "external", "snapshot")
"""The tables that make up a book, parents first; authors, states, arrivals, tenures, hindcasts are made from them."""
_LEFT_OUT = {
    "rep": ("folded", "first_named"),
    "customer": ("folded",),
    "opportunity": (
        "folded", "title", "opened_on", "status", "value", "rep", "milestone", "waiting_since", "won_on", "lost_on",
        "revisit_on", "standing_milestone", "standing_on", "standing_since", "standing_value",
    ),
}  # fmt: skip
"""Columns that are made anew."""

Rows = dict[str, list[dict[str, Any]]]


def columns_of(table: str) -> list[str]:
    """Return the columns of a table that a whole book holds."""
    return [column.name for column in TABLES[table].c if column.name not in _LEFT_OUT.get(table, ())]


def dump_rows(connection: Connection) -> Rows:
    """Return the rows of a book by table, in the order of their keys; payloads as objects.

    A damaged snapshot, which no command reads, is left out.
    """
    found: Rows = {}
    for name in ROWS:
        table = TABLES[name]
        query = select(*(table.c[column] for column in columns_of(name))).order_by(*table.primary_key.columns)
        found[name] = [dict(row) for row in connection.execute(query).mappings()]
        if name == "snapshot":
            found[name] = [row for row in found[name] if snapshots.is_sound(row["payload"], row["checksum"])]
        if "payload" in table.c:
            for row in found[name]:
                row["payload"] = json.loads(row["payload"])
    return found


def brought_up(rows: Mapping[str, list[dict[str, Any]]]) -> Rows:
    """Return the rows of a book of version 1, where commands hold the names of users, as they are today."""
    from milestone_cli.store.migrations.versions.v0003_authors import new_authors, relinked

    lines = _lines(rows)
    names = dict.fromkeys(command["who"] for command in rows["command"])
    authors = new_authors(names, max((text["number"] for text in rows["text"]), default=0))
    made = relinked(rows["command"], lambda number: lines.get(number, ()), authors)
    commands = [{**old, **new._asdict()} for old, new in zip(rows["command"], made, strict=True)]
    texts = [{"number": one.text, "body": one.name, "salt": one.salt} for one in authors.values()]
    return {**rows, "text": [*rows["text"], *texts], "command": commands}


def resalted(
    texts: Sequence[Mapping[str, Any]], bodies: Mapping[int, str]
) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """Return the texts with other bodies and new salts, and their hashes by number; a forgotten one stays forgotten.

    Args:
        texts: the rows.
        bodies: by number what each says from now on; those that nothing names are blanked.
    """
    rows, hashes, salts = [], {}, Salts()
    for row in texts:
        number, salt = row["number"], salts.next()
        body = bodies.get(number, "") if row["body"] else ""
        rows.append({"number": number, "body": body, "salt": salt if body else ""})
        hashes[number] = salted_hash(salt, body)
    return rows, hashes


def linked(rows: Rows) -> Rows:
    """Return the rows of a book with its chain made anew over what they say."""
    lines = _lines(rows)
    commands, previous = [], ""
    for row in rows["command"]:
        signed = row["author"], row["who"]
        line = command_line(previous, row["id"], row["name"], signed, row["entered_at"], undoes=row["undoes"])
        digest = hashlib.sha256(line)
        for fact in lines.get(row["number"], ()):
            digest.update(fact)
        commands.append({**row, "previous": previous, "hash": digest.hexdigest()})
        previous = digest.hexdigest()
    return {**rows, "command": commands}


def _lines(rows: Mapping[str, list[dict[str, Any]]]) -> dict[int, list[bytes]]:
    """Return by command the bytes of its facts that its link is made over, in their order."""
    lines: dict[int, list[bytes]] = {}
    for row in sorted(rows["fact"], key=lambda row: (row["command"], row["position"])):
        lines.setdefault(row["command"], []).append(fact_line(row | {"payload": dump(row["payload"])}))
    return lines


def is_empty(connection: Connection) -> bool:
    """Return whether a book holds no fact."""
    return (read_meta(connection, "facts") or "0") == "0"


class NotWhole(MsError):
    """Rows that do not make a book."""

    code = "not_whole"


def load_rows(book: Book, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Write the rows of a whole book into this one.

    Raises:
        RuleBroken: this one holds facts.
        NotWhole: the rows do not hold together; the caller takes everything back.
    """
    connection = book.connection
    if not is_empty(connection):
        raise RuleBroken(
            "This file holds facts already; a whole book goes into an empty one.", "Name a new file with --db."
        )
    try:
        _write(connection, rows)
        book.forget_setup()
        rebuild(connection, book.setup.processes)
        found = next(iter(problems(book)), None)
    except (DBAPIError, ArithmeticError, KeyError, TypeError, ValueError, AttributeError, IndexError, MsError) as error:
        raise NotWhole(_BROKEN, _HINT) from error
    if found is not None:
        raise NotWhole(f"{_BROKEN} {found}", _HINT)


_BROKEN = "The book does not hold together."
_HINT = "Nothing was recorded. Export it once more from the file it came from, and do not change it."


def _write(connection: Connection, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    for name in ROWS:
        table = TABLES[name]
        full = (_filled(name, row) for row in rows[name])
        insert_rows(connection, table, [tuple(row.get(column.name) for column in table.c) for row in full])
    commands = rows["command"]
    authors = {(command["author"],) for command in commands if command["author"] is not None}
    insert_rows(connection, TABLES["author"], sorted(authors))
    write_meta(connection, "head", commands[-1]["hash"] if commands else "")
    write_meta(connection, "facts", str(len(rows["fact"])))
    write_meta(connection, "commands", str(commands[-1]["number"] if commands else 0))


def _filled(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with what is made anew."""
    full = dict(row)
    if "payload" in full:
        full["payload"] = dump(full["payload"])
    if table == "rep":
        full["folded"] = fold(full["key"])
    elif table == "customer":
        full["folded"] = fold(full["name"])
    elif table == "opportunity":
        full |= {"title": "", "status": "undone"}
    return full
