"""Brings the schema of an older file up to date: Alembic's scripts, run in the caller's transaction.

Invariant: the version of a file is its `PRAGMA user_version` alone, written in the same transaction as the change; a
revision is that number with four digits. On `fact` and `command` a script only adds columns: a table made anew loses
its triggers. Importing this package imports Alembic, so it is imported only when a file is older than the program.
"""

from __future__ import annotations

from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from milestone_cli.store import tables
from milestone_cli.store.projection import rebuild
from milestone_cli.store.setup import read_setup

SCRIPTS = Path(__file__).parent
"""Holds `versions/`, one script for each version of the schema."""


def migrate(connection: Connection, from_version: int, *, to_version: int | None = None) -> None:
    """Run the scripts after `from_version` (0 = an empty file) up to `to_version`, by default this program's.

    A script that says REPROJECT changes what is made from the journal: that is written anew at the end. The caller's
    transaction holds everything: if a script fails, rolling it back leaves the file as it was.
    """
    goal = tables.SCHEMA_VERSION if to_version is None else to_version
    scripts = ScriptDirectory(str(SCRIPTS))
    newest_first = scripts.iterate_revisions(f"{goal:04d}", f"{from_version:04d}" if from_version else "base")
    steps = [script.module for script in reversed(list(newest_first))]
    with Operations.context(MigrationContext.configure(connection)):
        for step in steps:
            step.upgrade()
    if from_version and goal == tables.SCHEMA_VERSION and any(step.REPROJECT for step in steps):
        rebuild(connection, read_setup(connection).processes)
    connection.exec_driver_sql(f"PRAGMA application_id = {tables.APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {goal}")
