"""What a file of each version of the schema defines: whoever says another thing than its version is not believed."""

from __future__ import annotations

import sqlite3

from milestone_cli.store import tables
from milestone_cli.store.sqlite import empty_memory, memory_handle
from milestone_cli.store.sqlite_schema import driver, schema


def statements(version: int) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the schema of that version: (type, name) -> its text for comparing, and the statement that makes it.

    Nothing for a version that this program does not know.
    """
    if not 1 <= version <= tables.SCHEMA_VERSION:
        return {}
    if version == tables.SCHEMA_VERSION:
        handle = memory_handle()
    else:
        from milestone_cli.store import migrations

        handle = empty_memory()
        with handle.transaction() as connection:
            migrations.migrate(connection, 0, to_version=version)
    with handle, handle.transaction() as connection:
        raw = driver(connection)
        texts = schema(raw)
        made = raw.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid").fetchall()
    return {(kind, name): (texts[kind, name], sql) for kind, name, sql in made}


def is_of_version(raw: sqlite3.Connection, version: int) -> bool:
    """Return whether a file defines exactly what one of that version does; False for a version that never was."""
    expected = statements(version)
    return bool(expected) and schema(raw) == {key: text for key, (text, _) in expected.items()}
