"""Version 3: names of who recorded lie apart, as every personal text; arrivals by a bulk edit; views to look with SQL.

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
    """CREATE VIEW v_milestones AS WITH RECURSIVE void(place, id, target) AS ( SELECT row_number() OVER (ORDER BY
number DESC), id, json_extract(payload, '$.voids') FROM fact WHERE opportunity IS NULL AND kind = 'voided'),
gone(place, ids) AS ( SELECT 0, ' ' UNION ALL SELECT v.place, CASE WHEN instr(g.ids, v.id) THEN g.ids ELSE
g.ids || v.target || ' ' END FROM gone g JOIN void v ON v.place = g.place + 1), defined(process, definition,
place) AS ( SELECT json_extract(payload, '$.definition.key'), json_extract(payload, '$.definition'),
row_number() OVER (PARTITION BY json_extract(payload, '$.definition.key') ORDER BY
coalesce(json_extract(payload, '$.from'), -1) DESC, entered_at DESC, number DESC) FROM fact WHERE
opportunity IS NULL AND kind IN ('version_defined', 'plan_changed') AND NOT instr((SELECT ids FROM gone
ORDER BY place DESC LIMIT 1), id)) SELECT d.process, json_extract(d.definition, '$.title') AS process_title,
CAST(m.key AS INTEGER) + 1 AS number, json_extract(m.value, '$.key') AS key, json_extract(m.value, '$.name')
AS name, CAST(json_extract(m.value, '$.rate') AS REAL) AS planned_rate, json_extract(m.value, '$.days') AS
planned_days, json_extract(d.definition, '$.currency') AS currency, CASE json_extract(definition,
'$.currency') WHEN 'BIF' THEN 1 WHEN 'CLP' THEN 1 WHEN 'DJF' THEN 1 WHEN 'GNF' THEN 1 WHEN 'ISK' THEN 1 WHEN
'JPY' THEN 1 WHEN 'KMF' THEN 1 WHEN 'KRW' THEN 1 WHEN 'PYG' THEN 1 WHEN 'RWF' THEN 1 WHEN 'UGX' THEN 1 WHEN
'UYI' THEN 1 WHEN 'VND' THEN 1 WHEN 'VUV' THEN 1 WHEN 'XAF' THEN 1 WHEN 'XOF' THEN 1 WHEN 'XPF' THEN 1 WHEN
'BHD' THEN 1000 WHEN 'IQD' THEN 1000 WHEN 'JOD' THEN 1000 WHEN 'KWD' THEN 1000 WHEN 'LYD' THEN 1000 WHEN
'OMR' THEN 1000 WHEN 'TND' THEN 1000 WHEN 'CLF' THEN 10000 WHEN 'UYW' THEN 10000 ELSE 100 END AS per_unit
FROM defined d, json_each(d.definition, '$.milestones') m WHERE d.place = 1""",
    """CREATE VIEW v_opportunities AS SELECT o.key, c.name AS customer, o.title, p.key AS process, r.key AS rep,
o.value * 1.0 / u.per_unit AS value, u.currency, n.number AS milestone, m.key AS milestone_key,
date(coalesce(a.day, o.standing_since) * 86400, 'unixepoch') AS reached_on, o.status, date(o.opened_on *
86400, 'unixepoch') AS opened_on, date(o.won_on * 86400, 'unixepoch') AS won_on, date(o.lost_on * 86400,
'unixepoch') AS lost_on FROM opportunity o JOIN customer c ON c.number = o.customer JOIN process p ON
p.number = o.process LEFT JOIN rep r ON r.number = o.rep LEFT JOIN milestone m ON m.number = o.milestone
LEFT JOIN arrival a ON a.opportunity = o.number AND a.milestone = o.milestone LEFT JOIN v_milestones u ON
u.process = p.key AND u.number = 1 LEFT JOIN v_milestones n ON n.process = p.key AND n.key = m.key WHERE
o.status <> 'undone'""",
    """CREATE VIEW v_arrivals AS SELECT p.key AS process, n.number AS milestone, m.key AS milestone_key, date(a.day *
86400, 'unixepoch') AS day, o.key AS opportunity, c.name AS customer, r.key AS rep, a.value * 1.0 / u.per_unit
AS value, u.currency, a.implied, a.bulk FROM arrival a JOIN opportunity o ON o.number = a.opportunity JOIN
customer c ON c.number = o.customer JOIN process p ON p.number = a.process JOIN milestone m ON m.number =
a.milestone LEFT JOIN rep r ON r.number = a.rep LEFT JOIN v_milestones u ON u.process = p.key AND u.number = 1
LEFT JOIN v_milestones n ON n.process = p.key AND n.key = m.key""",
    """CREATE VIEW v_sections AS WITH been(opportunity, milestone, day, implied, bulk) AS ( SELECT opportunity,
milestone, day, implied, bulk FROM arrival UNION ALL SELECT o.number, o.standing_milestone, o.standing_since, 0,
0 FROM opportunity o WHERE o.standing_milestone IS NOT NULL AND NOT EXISTS ( SELECT 1 FROM arrival a WHERE
a.opportunity = o.number AND a.milestone = o.standing_milestone)), placed AS ( SELECT b.opportunity, n.process,
n.number, n.key, b.day, b.implied, b.bulk, lead(n.number) OVER steps AS next_number, lead(b.day) OVER steps AS
next_day, lead(b.implied) OVER steps AS next_implied, lead(b.bulk) OVER steps AS next_bulk FROM been b JOIN
milestone m ON m.number = b.milestone JOIN process p ON p.number = m.process JOIN v_milestones n ON n.process =
p.key AND n.key = m.key WINDOW steps AS (PARTITION BY b.opportunity ORDER BY n.number)), walked AS ( SELECT s.*,
o.key AS opportunity_key, o.customer, o.rep, CASE WHEN next_number IS NOT NULL THEN 'moved' WHEN o.status =
'lost' THEN 'lost' ELSE 'open' END AS outcome, CASE WHEN next_number IS NOT NULL THEN next_day WHEN o.status =
'lost' THEN o.lost_on END AS left_day FROM placed s JOIN opportunity o ON o.number = s.opportunity WHERE
next_number IS NOT NULL OR o.status <> 'won') SELECT w.opportunity_key AS opportunity, c.name AS customer,
w.process, r.key AS rep, w.number AS from_milestone, w.key AS from_key, t.number AS to_milestone, t.key AS
to_key, date(w.day * 86400, 'unixepoch') AS entered_on, date(w.left_day * 86400, 'unixepoch') AS left_on,
w.left_day - w.day AS days, w.outcome, max(w.implied, coalesce(w.next_implied, 0)) AS implied, max(w.bulk,
coalesce(w.next_bulk, 0)) AS bulk FROM walked w JOIN customer c ON c.number = w.customer LEFT JOIN rep r ON
r.number = w.rep JOIN v_milestones t ON t.process = w.process AND t.number = coalesce(w.next_number, w.number +
1)""",
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
