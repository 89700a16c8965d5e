"""Version 2: from which day arrivals and losses were known, and the forecasts made from past days."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
REPROJECT = True

STATEMENTS = (
    "ALTER TABLE arrival ADD COLUMN known INTEGER",
    "CREATE INDEX fact_revalued ON fact (day) WHERE kind = 'revalued'",
    """CREATE TABLE loss (
    opportunity INTEGER NOT NULL,
    place INTEGER NOT NULL,
    process INTEGER NOT NULL,
    day INTEGER NOT NULL,
    known INTEGER NOT NULL,
    over INTEGER,
    over_known INTEGER,
    PRIMARY KEY (opportunity, place),
    FOREIGN KEY(opportunity) REFERENCES opportunity (number),
    FOREIGN KEY(process) REFERENCES process (number)
)
 WITHOUT ROWID, STRICT""",
    "CREATE INDEX loss_by_process ON loss (process)",
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
