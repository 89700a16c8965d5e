"""The views for people: what they say of an opportunity, and that they are in every file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.desk import Desk, process

from milestone_cli.domain import changes
from milestone_cli.domain.day import day_of
from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.domain.money import _DIGITS, currency
from milestone_cli.store.plain_copy import view_rows
from milestone_cli.store.views import _PER_UNIT, READABLE

BEGAN = day_of(2026, 1, 1)


def looked(path: Path, query: str) -> list[tuple[object, ...]]:
    """Return what another program sees, which can only read."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as raw:
        return raw.execute(query).fetchall()


def test_a_section_is_moved_lost_or_open(desk: Desk):
    desk.add("Acme", BEGAN, ("interest", BEGAN + 10), ("invited", BEGAN + 40))
    lost = desk.add("Beta", BEGAN, ("interest", BEGAN + 20))
    desk.change(changes.lose, lost, on=BEGAN + 50)
    desk.add("Gamma", BEGAN, ("order", BEGAN + 30))
    query = (
        "SELECT opportunity, from_milestone, to_key, entered_on, left_on, days, outcome, implied FROM v_sections"
        " ORDER BY opportunity, from_milestone"
    )
    assert looked(desk.path, query) == [
        ("acme", 1, "invited", "2026-01-11", "2026-02-10", 30, "moved", 0),
        ("acme", 2, "problem", "2026-02-10", None, None, "open", 0),
        ("beta", 1, "invited", "2026-01-21", "2026-02-20", 30, "lost", 0),
        *(("gamma", place, key, "2026-01-31", "2026-01-31", 0, "moved", 1)
          for place, key in enumerate(("invited", "problem", "offer", "order"), start=1)),
    ]  # fmt: skip


def test_what_begins_or_ends_with_an_edit_of_many_is_marked(desk: Desk):
    number = desk.add("Acme", BEGAN, ("interest", BEGAN + 10), ("invited", BEGAN + 40))
    with desk.writing("import") as ledger:
        edit = Fact(kind=Kind.REACHED, on=BEGAN + 60, known_on=BEGAN + 60, opportunity=number, milestone="problem")
        ledger.record([replace(edit, bulk=True)])
        ledger.record([replace(edit, on=BEGAN + 90, known_on=BEGAN + 90, milestone="offer")])
    assert looked(desk.path, "SELECT milestone_key, bulk FROM v_arrivals ORDER BY milestone") == [
        ("interest", 0), ("invited", 0), ("problem", 1), ("offer", 0),
    ]  # fmt: skip
    assert looked(desk.path, "SELECT from_key, bulk FROM v_sections ORDER BY from_milestone") == [
        ("interest", 0), ("invited", 1), ("problem", 1), ("offer", 0),
    ]  # fmt: skip


def test_an_opportunity_has_its_milestone_and_its_amount_in_the_unit_of_the_currency(desk: Desk):
    desk.define(process(key="jp", currency=currency("JPY")))
    desk.add("Acme", BEGAN, ("interest", BEGAN + 10), ("invited", BEGAN + 40), value=1_234_50)
    desk.add("Nippon", BEGAN, value=500, key="jp")
    query = "SELECT key, process, value, currency, milestone, milestone_key, reached_on, status FROM v_opportunities"
    assert looked(desk.path, query) == [
        ("acme", "b2b", 1234.5, "EUR", 2, "invited", "2026-02-10", "open"),
        ("nippon", "jp", 500.0, "JPY", None, None, None, "target"),
    ]


def test_a_milestone_has_the_number_of_the_newest_definition_that_stands(desk: Desk):
    desk.add("Acme", BEGAN, ("interest", BEGAN + 10), ("problem", BEGAN + 40))
    keys = ("interest", "problem", "offer", "order")
    query = "SELECT milestone FROM v_arrivals WHERE milestone_key = 'problem'"
    with desk.writing("define-process") as ledger:
        ledger.define(process(keys), on=desk.today, valid_from=desk.today + 10)
    assert looked(desk.path, query) == [(2,)]
    assert looked(desk.path, "SELECT milestone FROM v_arrivals WHERE milestone_key = 'invited'") == [(None,)]
    undone = desk.undo()
    assert looked(desk.path, query) == [(3,)]
    desk.undo(str(undone + 1))
    assert looked(desk.path, query) == [(2,)]


def test_what_was_undone_is_in_no_view(desk: Desk):
    desk.add("Acme", BEGAN)
    desk.undo()
    assert looked(desk.path, "SELECT * FROM v_opportunities") == []


def test_every_currency_has_its_decimals():
    query = f"SELECT {_PER_UNIT} FROM (SELECT json_object('currency', ?) AS definition)"  # noqa: S608 - our own text
    with closing(sqlite3.connect(":memory:")) as raw:
        for code in (*_DIGITS, "EUR", "USD"):
            assert raw.execute(query, (code,)).fetchone() == (10 ** currency(code).digits,)


@pytest.mark.parametrize("view", READABLE)
def test_a_view_can_be_read_where_the_schema_is_not_trusted(desk: Desk, view: str):
    desk.add("Acme", BEGAN, ("interest", BEGAN + 10))
    with desk.reading() as book:
        rows = list(view_rows(book.connection, view, ("*",), process="b2b"))
        seen = looked(desk.path, f"SELECT * FROM {view}")  # noqa: S608 - our own names
        assert sorted(rows, key=repr) == sorted(seen, key=repr)
        assert list(view_rows(book.connection, view, ("*",), process="none")) == []


@pytest.mark.parametrize("view", READABLE)
def test_nothing_can_be_written_through_a_view(desk: Desk, view: str):
    with closing(sqlite3.connect(desk.path)) as raw, pytest.raises(sqlite3.OperationalError, match="view"):
        raw.execute(f"DELETE FROM {view}")  # noqa: S608 - our own names
