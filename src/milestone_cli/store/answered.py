"""Which target customers a takeover need not ask about again: their customer has done nothing yet.

Invariant: no fact and no figure comes of it; it only spares a question. It lies in the file: copies know it too.
"""

from __future__ import annotations

from sqlalchemy import Connection

from milestone_cli.store.journal import read_meta, write_meta

_NAME = "takeover_nothing_yet"


def nothing_yet(connection: Connection) -> frozenset[str]:
    """Return the ids of the openings of those that were answered so."""
    return frozenset(read_meta(connection, _NAME).split())


def remember_nothing_yet(connection: Connection, opening: str) -> None:
    """Keep one more of them."""
    write_meta(connection, _NAME, " ".join(sorted(nothing_yet(connection) | {opening})))


def forget_nothing_yet(connection: Connection, opening: str) -> None:
    """Let one of them be asked about again."""
    write_meta(connection, _NAME, " ".join(sorted(nothing_yet(connection) - {opening})))
