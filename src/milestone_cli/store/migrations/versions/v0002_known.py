"""Version 2: the day from which an arrival was known, and the forecasts made from past days."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
REPROJECT = True

STATEMENTS = (
    "ALTER TABLE arrival ADD COLUMN known INTEGER",
    """CREATE TABLE hindcast (
    process INTEGER NOT NULL,
    kind TEXT NOT NULL,
    origin INTEGER NOT NULL,
    months INTEGER NOT NULL,
    seen TEXT NOT NULL,
    payload TEXT NOT NULL,
    checksum TEXT NOT NULL,
    PRIMARY KEY (process, kind, origin, months),
    FOREIGN KEY(process) REFERENCES process (number)
)
 STRICT""",
)


def upgrade() -> None:
    """Make the changes."""
    for statement in STATEMENTS:
        op.execute(statement)
