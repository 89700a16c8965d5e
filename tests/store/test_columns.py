"""The columns of the estimator: what is in them, and what is not."""

from __future__ import annotations

import pytest

from milestone_cli.domain import changes
from milestone_cli.domain.day import day_of
from milestone_cli.domain.facts import Fact, Kind

JUNE, JULY, AUGUST = day_of(2026, 6, 1), day_of(2026, 7, 1), day_of(2026, 8, 1)


@pytest.fixture
def columns(desk):
    """Reads the columns of a process as of a day."""

    def read(as_of, process="b2b"):
        with desk.reading() as book:
            return book.columns(process, as_of)

    return read


def test_an_empty_book_has_columns_without_rows(columns):
    found = columns(AUGUST)
    assert [one.shape for one in (found.arrivals, found.losses, found.takeovers, found.owners)] == [
        (0, 6), (0, 3), (0, 5), (0, 2),
    ]  # fmt: skip


def test_arrivals_are_the_recorded_ones_up_to_the_day_without_those_implied(columns, desk):
    anna = desk.rep("anna")
    number = desk.add("acme", JUNE, ("interest", JUNE), ("problem", JULY), value=5000, rep=anna)
    rows = columns(JULY).arrivals.tolist()
    assert [(row[0], row[2], row[3]) for row in rows] == [(number, JUNE, 5000), (number, JULY, 5000)]
    assert len(columns(JULY - 1).arrivals) == 1
    assert columns(JULY).owners.tolist() == [[number, anna]]


def test_an_unknown_value_and_nobody_are_minus_one(columns, desk):
    number = desk.add("acme", JUNE, ("interest", JUNE))
    assert columns(JULY).arrivals[0, 3] == -1
    assert columns(JULY).owners.tolist() == [[number, -1]]


def test_a_loss_is_known_from_the_last_fact_of_its_own_day(columns, desk):
    desk.add("other", JUNE, ("interest", JUNE))
    number = desk.add("acme", JUNE, ("interest", JUNE))
    desk.change(changes.lose, number, on=JULY)
    assert columns(AUGUST).losses.tolist() == [[number, JULY, desk.today]]
    assert not len(columns(JULY - 1).losses)


def test_a_loss_taken_back_later_counts_until_then(columns, desk):
    number = desk.add("acme", JUNE, ("interest", JUNE))
    desk.change(changes.lose, number, on=JULY)
    desk.change(changes.reopen, number, on=AUGUST)
    assert columns(AUGUST - 1).losses.tolist() == [[number, JULY, desk.today]]
    assert not len(columns(AUGUST).losses)


def test_what_happened_in_another_process_is_not_in_them(columns, desk):
    desk.define(desk.process(key="smb"))
    number = desk.add("acme", JUNE, ("interest", JUNE), key="smb")
    desk.change(changes.lose, number, on=JULY)
    gone = desk.add("gone", JUNE, ("interest", JUNE), key="smb")
    desk.change(changes.lose, gone, on=JUNE)
    desk.change(changes.reopen, gone, on=AUGUST)
    ours, theirs = columns(JULY), columns(JULY, "smb")
    assert not any(len(one) for one in (ours.arrivals, ours.losses, ours.owners))
    assert sorted(row[0] for row in theirs.losses.tolist()) == [number, gone]


def test_an_arrival_in_an_edit_of_many_is_marked_and_a_rebuild_keeps_the_mark(columns, desk):
    number = desk.add("acme", JUNE, ("interest", JUNE))
    with desk.writing("import") as ledger:
        ledger.record(
            [Fact(kind=Kind.REACHED, on=JULY, known_on=JULY, opportunity=number, milestone="problem", bulk=True)]
        )
    assert columns(AUGUST).arrivals[:, [2, 5]].tolist() == [[JUNE, 0], [JULY, 1]]
    assert desk.problems() == []
    before = desk.tables("arrival")
    desk.rebuild()
    assert desk.tables("arrival") == before
    with desk.writing("undo") as ledger:
        ledger.book.connection.exec_driver_sql("UPDATE arrival SET bulk = 0")
    assert desk.problems() == ["The arrivals of acme are not what its facts say."]
