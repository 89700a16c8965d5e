"""Books that somebody has changed who knows how the chain is made: everything agrees, and no `ms` has recorded it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from milestone_cli.store.journal import command_line, values_line
from milestone_cli.store.payloads import salted_hash

COMMANDS = "SELECT number, id, name, author, who, entered_at, undoes FROM command ORDER BY number"


@contextmanager
def unlocked(path: Path) -> Iterator[sqlite3.Connection]:
    """Hand out a book without its triggers; they are back afterwards."""
    with closing(sqlite3.connect(path)) as raw:
        triggers = raw.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            raw.execute(f'DROP TRIGGER "{name}"')
        yield raw
        for _, statement in triggers:
            raw.execute(statement)
        raw.commit()


def forge(path: Path, change: Callable[[sqlite3.Connection], object]) -> None:
    """Change a book and make its texts and its chain agree with that."""
    with unlocked(path) as raw:
        change(raw)
        for number, payload in raw.execute("SELECT number, payload FROM fact").fetchall():
            try:
                said = json.loads(payload)
                for reference in said.get("texts", {}).values():
                    reference[1] = salted_hash(
                        *raw.execute("SELECT salt, body FROM text WHERE number = ?", reference[:1]).fetchone()
                    )
            except (TypeError, ValueError, AttributeError, KeyError):
                continue
            raw.execute(
                "UPDATE fact SET payload = ? WHERE number = ?", (json.dumps(said, separators=(",", ":")), number)
            )
        relink(raw)


def relink(raw: sqlite3.Connection) -> None:
    """Write the links of the chain anew."""
    previous = ""
    for number, id_, name, author, who, entered_at, undoes in raw.execute(COMMANDS).fetchall():
        digest = hashlib.sha256(command_line(previous, id_, name, (author, who), entered_at, undoes=undoes))
        for row in raw.execute("SELECT * FROM fact WHERE command = ? ORDER BY position", (number,)).fetchall():
            digest.update(values_line(*row).encode())
        raw.execute(
            "UPDATE command SET previous = ?, hash = ? WHERE number = ?", (previous, digest.hexdigest(), number)
        )
        previous = digest.hexdigest()
    raw.execute("UPDATE meta SET value = ? WHERE name = 'head'", (previous,))
