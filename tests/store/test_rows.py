"""Rows are written whole and in order, also beside the work that makes them; none outside of the transaction."""

from __future__ import annotations

import signal
import sqlite3
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from milestone_cli.errors import MsError
from milestone_cli.store import rows
from milestone_cli.store.rows import RowsBehind, insert_rows
from milestone_cli.store.sqlite import Access, Handle, open_file
from milestone_cli.store.sqlite_schema import driver
from milestone_cli.store.tables import TABLES

TEXT = TABLES["text"]
EXTERNAL = TABLES["external"]


@pytest.fixture
def handle(tmp_path: Path):
    with open_file(tmp_path / "book.db", Access.CREATE) as opened:
        yield opened


def texts(first: int, last: int) -> list[tuple[int, str, str]]:
    return [(number, f"text {number}", "salt") for number in range(first, last)]


def flat(made: list[tuple[int, str, str]]) -> list[object]:
    return [value for row in made for value in row]


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(TEXT)).scalar_one()


def kept(handle: Handle) -> int:
    with handle.transaction(write=False) as connection:
        return count(connection)


@pytest.mark.parametrize("amount", [0, 1, 499, 500, 501, 1733])
def test_every_row_is_written_whatever_their_number(handle: Handle, amount: int):
    with handle.transaction() as connection:
        insert_rows(connection, TEXT, texts(1, amount + 1))
        assert [tuple(row) for row in connection.execute(select(TEXT))] == texts(1, amount + 1)


def test_a_row_whose_key_is_there_is_refused_replaced_or_left_out(handle: Handle):
    with handle.transaction() as connection:
        insert_rows(connection, TEXT, [(1, "a", "s"), (2, "b", "s")])
        insert_rows(connection, TEXT, [(2, "c", "s"), (3, "d", "s")], ignore=True)
        assert [row.body for row in connection.execute(select(TEXT))] == ["a", "b", "d"]
        insert_rows(connection, TEXT, [(2, "c", "s")], replace=True)
        assert [row.body for row in connection.execute(select(TEXT))] == ["a", "c", "d"]
    with pytest.raises(Exception, match="UNIQUE"), handle.transaction() as connection:
        insert_rows(connection, TEXT, [(4, "e", "s"), (3, "f", "s")])
    assert kept(handle) == 3


def test_an_old_sqlite_gets_no_more_values_than_it_takes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rows.sqlite3, "sqlite_version_info", (3, 31, 1))
    for table in TABLES.values():
        width = len(table.c)
        made = list(rows._statements("INSERT", table, [None] * (width * 1000)))
        assert max(statement.count("?") for statement, _ in made) <= 999
        assert sum(len(part) for _, part in made) == width * 1000
        assert all(statement.count("?") == len(part) for statement, part in made)


def test_rows_handed_over_are_written_in_order_while_the_next_are_made(handle: Handle):
    with handle.transaction() as connection:
        with RowsBehind(driver(connection)) as behind:
            for first in range(1, 60_000, 3000):
                behind.insert(TEXT, flat(texts(first, first + 3000)))
                behind.insert(EXTERNAL, [])
            behind.wait()
            assert count(connection) == 60_000
            behind.insert(TEXT, flat(texts(60_001, 60_003)))
        assert [tuple(row) for row in connection.execute(select(TEXT))] == texts(1, 60_003)
    assert kept(handle) == 60_002


def test_a_row_can_take_the_place_of_another_there_too(handle: Handle):
    with handle.transaction() as connection, RowsBehind(driver(connection)) as behind:
        behind.insert(TEXT, [1, "a", "s"])
        behind.insert(TEXT, [1, "b", "s"], replace=True)
        behind.wait()
        assert [row.body for row in connection.execute(select(TEXT))] == ["b"]


@pytest.mark.parametrize("noticed", ["insert", "wait", "end"])
def test_what_sqlite_refuses_is_raised_where_the_rows_came_from_and_nothing_is_kept(handle: Handle, noticed: str):
    def work() -> None:
        with handle.transaction() as connection, RowsBehind(driver(connection)) as behind:
            behind.insert(TEXT, [1, "a", "s", 1, "again", "s"])
            if noticed == "wait":
                behind.wait()
            while noticed == "insert":
                behind.insert(TEXT, [2, "b", "s"])

    with pytest.raises(sqlite3.IntegrityError):
        work()
    assert kept(handle) == 0
    assert not [thread for thread in threading.enumerate() if thread.name == "rows"]


def test_an_error_in_the_work_leaves_out_what_was_not_written(handle: Handle):
    def work() -> None:
        with handle.transaction() as connection, RowsBehind(driver(connection)) as behind:
            behind.insert(TEXT, flat(texts(1, 200_000)))
            raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        work()
    assert kept(handle) == 0
    with handle.transaction() as connection:  # the connection can be used
        insert_rows(connection, TEXT, texts(1, 2))
    assert kept(handle) == 1


def test_a_full_file_is_told_as_always(handle: Handle):
    with pytest.raises(MsError, match="full"), handle.transaction() as connection:  # noqa: PT012
        [pages] = driver(connection).execute("PRAGMA page_count").fetchone()
        driver(connection).execute(f"PRAGMA max_page_count = {pages + 20}")
        with RowsBehind(driver(connection)) as behind:
            behind.insert(TEXT, flat(texts(1, 100_000)))
    assert kept(handle) == 0


def test_nothing_is_written_once_the_transaction_is_over(handle: Handle):
    with handle.transaction() as connection:
        raw = driver(connection)
    with RowsBehind(raw) as behind:
        behind.insert(TEXT, [1, "a", "s"])
    assert kept(handle) == 0


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("heard", ["insert", "end"])
def test_a_ctrl_c_meanwhile_ends_the_work_and_nothing_is_kept(handle: Handle, times: int, heard: str):
    def work() -> None:
        with handle.transaction() as connection, RowsBehind(driver(connection)) as behind:
            behind.insert(TEXT, flat(texts(1, 50_000)))
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)
            while heard == "insert":
                behind.insert(TEXT, [50_001, "a", "s"])

    before = sys.getswitchinterval(), signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        work()
    assert kept(handle) == 0
    assert (sys.getswitchinterval(), signal.getsignal(signal.SIGINT)) == before
    assert not [thread for thread in threading.enumerate() if thread.name == "rows"]


def test_a_thread_that_cannot_be_started_leaves_everything_as_it_was(handle: Handle, monkeypatch: pytest.MonkeyPatch):
    def fail(_self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    before = sys.getswitchinterval(), signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(threading.Thread, "start", fail)
    with handle.transaction() as connection, pytest.raises(RuntimeError):
        RowsBehind(driver(connection)).__enter__()
    assert (sys.getswitchinterval(), signal.getsignal(signal.SIGINT)) == before
