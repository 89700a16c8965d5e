"""What the schema says beyond SQLModel: triggers that keep the journal append-only, and views for people.

Invariant: all of it hangs on `SQLModel.metadata`: `create_all` makes the whole schema, and the migrations end in it.
"""

from __future__ import annotations

import re
import sqlite3
from typing import cast

from sqlalchemy import DDL, Connection, event
from sqlmodel import SQLModel

from milestone_cli.store import tables
from milestone_cli.store.views import READABLE


def _ddl(statement: str) -> DDL:
    return DDL(statement)  # type: ignore[no-untyped-call]


def _keep_journal_append_only() -> None:
    for row in tables.JOURNAL:
        table = SQLModel.metadata.tables[str(row.__tablename__)]
        for act in ("UPDATE", "DELETE"):
            event.listen(
                table,
                "after_create",
                _ddl(
                    f"CREATE TRIGGER {table.name}_{act.lower()} BEFORE {act} ON {table.name}"
                    " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
                ),
            )


def _iso(column: str) -> str:
    return f"date({column} * 86400, 'unixepoch') AS {column.partition('.')[2]}"


VIEWS = {
    "opportunities": f"""
        SELECT o.number, o.key, c.name AS customer, o.title, p.key AS process, r.key AS rep, o.value AS value_minor,
        o.status, m.key AS milestone, {_iso("o.opened_on")}, {_iso("o.waiting_since")}, {_iso("o.won_on")},
        {_iso("o.lost_on")}, {_iso("o.revisit_on")}
        FROM opportunity o JOIN customer c ON c.number = o.customer JOIN process p ON p.number = o.process
        LEFT JOIN rep r ON r.number = o.rep LEFT JOIN milestone m ON m.number = o.milestone""",
    "arrivals": f"""
        SELECT o.key AS opportunity, p.key AS process, m.key AS milestone, {_iso("a.day")}, a.implied,
        a.value AS value_minor, r.key AS rep
        FROM arrival a JOIN opportunity o ON o.number = a.opportunity JOIN process p ON p.number = a.process
        JOIN milestone m ON m.number = a.milestone LEFT JOIN rep r ON r.number = a.rep""",
    "facts": f"""
        SELECT f.number, f.id, f.command, f.kind, {_iso("f.day")}, {_iso("f.known_day")},
        datetime(f.entered_at / 1000000, 'unixepoch') AS entered_at, o.key AS opportunity, f.payload
        FROM fact f LEFT JOIN opportunity o ON o.number = f.opportunity""",
    **READABLE,
}
"""For people who look into the file with SQL: days as ISO, keys instead of numbers; `value_minor` is in minor units."""


def _add_views() -> None:
    for name, query in VIEWS.items():
        event.listen(SQLModel.metadata, "after_create", _ddl(f"CREATE VIEW {name} AS {' '.join(query.split())}"))


_keep_journal_append_only()
_add_views()


def schema(raw: sqlite3.Connection, database: str = "main") -> dict[tuple[str, str], str]:
    """Return what the file defines: (type, name) -> "table: SQL", blanks folded so that only meaning differs."""
    found = raw.execute(f"SELECT type, name, tbl_name, sql FROM {database}.sqlite_schema")
    return {(kind, name): f"{table}: {_folded(sql or '')}" for kind, name, table, sql in found if name[:7] != "sqlite_"}


def _folded(sql: str) -> str:
    return re.sub(r"\s*([(),])\s*", r"\1", " ".join(sql.split()))


def driver(connection: Connection) -> sqlite3.Connection:
    """Return the driver's own connection below `connection`."""
    return cast("sqlite3.Connection", connection.connection.driver_connection)


def make_schema(connection: Connection) -> None:
    """Write tables, triggers, views and the file's marks into an empty database, in the caller's transaction."""
    SQLModel.metadata.create_all(connection)
    connection.exec_driver_sql(f"PRAGMA application_id = {tables.APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {tables.SCHEMA_VERSION}")
