"""The schema of version 1, as the first released ms made it; never changed again."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
REPROJECT = False

STATEMENTS = (
    """CREATE TABLE meta (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
)
 STRICT""",
    """CREATE TABLE command (
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    who TEXT NOT NULL,
    entered_at INTEGER NOT NULL,
    undoes INTEGER,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id),
    FOREIGN KEY(undoes) REFERENCES command (number)
)
 STRICT""",
    """CREATE TRIGGER command_update BEFORE UPDATE ON command
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER command_delete BEFORE DELETE ON command
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TABLE text (
    number INTEGER NOT NULL,
    body TEXT NOT NULL,
    salt TEXT NOT NULL,
    PRIMARY KEY (number)
)
 STRICT""",
    """CREATE TABLE process (
    number INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    PRIMARY KEY (number),
    UNIQUE ("key")
)
 STRICT""",
    """CREATE TABLE rep (
    number INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    first_named INTEGER,
    PRIMARY KEY (number),
    UNIQUE (folded)
)
 STRICT""",
    """CREATE TABLE milestone (
    number INTEGER NOT NULL,
    process INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (process, "key"),
    FOREIGN KEY(process) REFERENCES process (number)
)
 STRICT""",
    """CREATE TABLE customer (
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    text INTEGER NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (folded),
    FOREIGN KEY(text) REFERENCES text (number)
)
 STRICT""",
    """CREATE TABLE snapshot (
    process INTEGER NOT NULL,
    month INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    payload TEXT NOT NULL,
    checksum TEXT NOT NULL,
    PRIMARY KEY (process, month),
    FOREIGN KEY(process) REFERENCES process (number)
)
 STRICT""",
    """CREATE TABLE opportunity (
    number INTEGER NOT NULL,
    process INTEGER NOT NULL,
    customer INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    folded TEXT,
    title TEXT NOT NULL,
    opened_on INTEGER,
    status TEXT NOT NULL,
    value INTEGER,
    rep INTEGER,
    milestone INTEGER,
    waiting_since INTEGER,
    won_on INTEGER,
    lost_on INTEGER,
    revisit_on INTEGER,
    standing_milestone INTEGER,
    standing_on INTEGER,
    standing_since INTEGER,
    standing_value INTEGER,
    PRIMARY KEY (number),
    CHECK (status IN ('target', 'open', 'won', 'lost', 'undone')),
    CHECK (value IS NULL OR value BETWEEN 0 AND 900000000000000),
    FOREIGN KEY(process) REFERENCES process (number),
    FOREIGN KEY(customer) REFERENCES customer (number),
    UNIQUE (folded),
    FOREIGN KEY(rep) REFERENCES rep (number),
    FOREIGN KEY(milestone) REFERENCES milestone (number),
    FOREIGN KEY(standing_milestone) REFERENCES milestone (number)
)
 STRICT""",
    """CREATE INDEX opportunity_by_rep ON opportunity (rep)""",
    """CREATE INDEX opportunity_by_opening ON opportunity (process, opened_on)""",
    """CREATE TABLE fact (
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    command INTEGER NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    day INTEGER NOT NULL,
    entered_at INTEGER NOT NULL,
    recorded_at INTEGER,
    known_day INTEGER NOT NULL,
    opportunity INTEGER,
    payload TEXT NOT NULL,
    PRIMARY KEY (number),
    CHECK (day BETWEEN 7305 AND 47846),
    CHECK (payload LIKE '{%}'),
    UNIQUE (id),
    FOREIGN KEY(opportunity) REFERENCES opportunity (number)
)
 STRICT""",
    """CREATE INDEX fact_by_opportunity ON fact (opportunity)""",
    """CREATE INDEX fact_by_command ON fact (command)""",
    """CREATE TRIGGER fact_update BEFORE UPDATE ON fact
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER fact_delete BEFORE DELETE ON fact
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TABLE arrival (
    opportunity INTEGER NOT NULL,
    milestone INTEGER NOT NULL,
    process INTEGER NOT NULL,
    day INTEGER NOT NULL,
    implied INTEGER NOT NULL,
    value INTEGER,
    rep INTEGER,
    PRIMARY KEY (opportunity, milestone),
    FOREIGN KEY(opportunity) REFERENCES opportunity (number),
    FOREIGN KEY(milestone) REFERENCES milestone (number),
    FOREIGN KEY(process) REFERENCES process (number),
    FOREIGN KEY(rep) REFERENCES rep (number)
)
 WITHOUT ROWID,
 STRICT""",
    """CREATE INDEX arrival_by_day ON arrival (process, day, milestone, rep, value)""",
    """CREATE TABLE tenure (
    opportunity INTEGER NOT NULL,
    begins INTEGER NOT NULL,
    process INTEGER NOT NULL,
    rep INTEGER NOT NULL,
    ends INTEGER,
    PRIMARY KEY (opportunity, begins),
    FOREIGN KEY(opportunity) REFERENCES opportunity (number),
    FOREIGN KEY(process) REFERENCES process (number),
    FOREIGN KEY(rep) REFERENCES rep (number)
)
 WITHOUT ROWID,
 STRICT""",
    """CREATE INDEX tenure_by_day ON tenure (process, begins, ends, rep)""",
    """CREATE TABLE external (
    external_id TEXT NOT NULL,
    fact INTEGER NOT NULL,
    PRIMARY KEY (external_id),
    FOREIGN KEY(fact) REFERENCES fact (number)
)
 WITHOUT ROWID,
 STRICT""",
    """CREATE VIEW opportunities AS SELECT o.number, o.key, c.name AS customer, o.title, p.key AS process, r.key AS
rep, o.value AS value_minor, o.status, m.key AS milestone, date(o.opened_on * 86400, 'unixepoch') AS
opened_on, date(o.waiting_since * 86400, 'unixepoch') AS waiting_since, date(o.won_on * 86400, 'unixepoch')
AS won_on, date(o.lost_on * 86400, 'unixepoch') AS lost_on, date(o.revisit_on * 86400, 'unixepoch') AS
revisit_on FROM opportunity o JOIN customer c ON c.number = o.customer JOIN process p ON p.number =
o.process LEFT JOIN rep r ON r.number = o.rep LEFT JOIN milestone m ON m.number = o.milestone""",
    """CREATE VIEW arrivals AS SELECT o.key AS opportunity, p.key AS process, m.key AS milestone, date(a.day *
86400, 'unixepoch') AS day, a.implied, a.value AS value_minor, r.key AS rep FROM arrival a JOIN opportunity
o ON o.number = a.opportunity JOIN process p ON p.number = a.process JOIN milestone m ON m.number =
a.milestone LEFT JOIN rep r ON r.number = a.rep""",
    """CREATE VIEW facts AS SELECT f.number, f.id, f.command, f.kind, date(f.day * 86400, 'unixepoch') AS day,
date(f.known_day * 86400, 'unixepoch') AS known_day, datetime(f.entered_at / 1000000, 'unixepoch') AS
entered_at, o.key AS opportunity, f.payload FROM fact f LEFT JOIN opportunity o ON o.number = f.opportunity""",
)


def upgrade() -> None:
    """Make all tables, indexes, triggers and views."""
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
