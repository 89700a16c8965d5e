"""What the file itself refuses, and which of its indexes the common questions stand on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection
from tests.desk import Desk

from milestone_cli.domain import changes
from milestone_cli.domain.day import day_of
from milestone_cli.store.journal import Recording
from milestone_cli.store.sqlite_schema import driver

DAY = day_of(2026, 9, 1)
LARGE = ("fact", "command", "text", "opportunity", "customer", "arrival", "tenure", "loss", "external", "author")
"""Tables that grow with every year."""


@pytest.fixture
def filled(desk: Desk) -> Path:
    for place in range(3):
        desk.add(f"Customer {place}", DAY, ("interest", DAY + 1), value=100_00, rep=None)
    return desk.path


def test_every_table_is_strict(filled: Path):
    with closing(sqlite3.connect(filled)) as raw:
        rows = raw.execute(
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        ).fetchall()
    assert {name for name, strict in rows if not strict} <= {"sqlite_schema", "sqlite_sequence", "sqlite_stat1"}
    assert len(rows) > 10


def copied_fact(**changed: str) -> str:
    columns = {
        "number": "number + 100", "id": "id || 'x'", "command": "command", "position": "position + 9", "kind": "kind",
        "day": "day", "entered_at": "entered_at", "recorded_at": "recorded_at", "known_day": "known_day",
        "opportunity": "opportunity", "payload": "payload",
    } | changed  # fmt: skip
    return f"INSERT INTO fact ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM fact LIMIT 1"  # noqa: S608


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE opportunity SET value = 'abc'",
        "UPDATE opportunity SET value = 0.5",
        "UPDATE opportunity SET value = -5",
        "UPDATE opportunity SET value = 900000000000001",
        "UPDATE opportunity SET status = 'parked'",
        "UPDATE opportunity SET key = NULL",
        "UPDATE opportunity SET milestone = 'interest'",
        "UPDATE arrival SET day = '2026-09-01'",
        "UPDATE arrival SET rep = 99",
        "INSERT INTO customer (name, folded, text) VALUES (NULL, 'x', 1)",
        copied_fact(day="-1"),
        copied_fact(day="99999999"),
        copied_fact(day="'2026-09-01'"),
        copied_fact(payload="'no object'"),
    ],
)
@pytest.mark.usefixtures("filled")
def test_what_no_command_would_write_is_refused_by_the_file(desk: Desk, statement: str):
    with closing(sqlite3.connect(desk.path)) as raw:
        raw.execute("PRAGMA foreign_keys=ON")
        with pytest.raises(sqlite3.IntegrityError, match=r"CHECK|cannot store|NOT NULL|FOREIGN KEY"):
            raw.execute(statement)
        raw.rollback()
        raw.execute(copied_fact())  # what would be in order is taken


@contextmanager
def asked(connection: Connection) -> Iterator[list[str]]:
    """Take down every statement that reads or writes rows meanwhile."""
    said: list[str] = []
    raw = driver(connection)
    raw.set_trace_callback(said.append)
    yield said
    raw.set_trace_callback(None)
    said[:] = [one for one in said if one.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"))]


def plans(connection: Connection, statements: list[str]) -> list[str]:
    raw = driver(connection)
    return [detail for one in dict.fromkeys(statements) for *_, detail in raw.execute(f"EXPLAIN QUERY PLAN {one}")]


@pytest.mark.parametrize("rep", [None, 1])
@pytest.mark.usefixtures("filled")
def test_the_sums_of_a_span_are_read_from_one_index_alone(desk: Desk, rep: int | None):
    with desk.reading() as book:
        with asked(book.connection) as said:
            book.arrived("b2b", DAY, DAY + 30, rep=rep)
        read = [plan for plan in plans(book.connection, said) if " arrival " in plan]
    assert read
    assert all("COVERING INDEX arrival_by_day (process=? AND day>? AND day<?)" in plan for plan in read), read


def scans(found: list[str]) -> list[str]:
    return [plan for plan in found if plan.startswith("SCAN ") and plan.split()[1] in LARGE]


@pytest.mark.usefixtures("filled")
def test_recording_about_one_opportunity_walks_through_no_table_that_grows(desk: Desk):
    with desk.writing("advance") as ledger:
        connection = ledger.book.connection
        with asked(connection) as said:
            number = ledger.book.find("customer-1")
            ledger.record(changes.advance(ledger.book.case(number, desk.today), "invited", on=DAY + 2))
            ledger.project()
        found = plans(connection, said)
    assert any("fact_by_opportunity" in plan for plan in found)
    assert scans(found) == []


@pytest.mark.usefixtures("filled")
def test_beginning_to_record_walks_through_no_table_that_grows(desk: Desk):
    with desk.writing("advance") as ledger:
        connection = ledger.book.connection
        with asked(connection) as said:
            Recording(connection, ledger.journal.author, ledger.journal.clock)
        found = plans(connection, said)
    assert any(" text USING INTEGER PRIMARY KEY" in plan for plan in found)
    assert scans(found) == []
