"""`check` finds what does not hold together, and a rebuild mends what can be made from the journal."""

import sqlite3
from contextlib import closing

import pytest
from tests.hostile.forged import forge

from milestone_cli.domain import changes
from milestone_cli.domain.day import day_of
from milestone_cli.store.snapshots import checksum

DAY = day_of(2026, 11, 2)
NOVEMBER = 2026 * 12 + 10


@pytest.fixture
def book(desk):
    anna = desk.rep("anna", began=DAY)
    number = desk.add("Acme GmbH", DAY, ("2", DAY + 3), value=5_000_000, rep=anna)
    desk.add("Bolt AG", DAY, ("1", DAY), rep=anna)
    desk.change(changes.lose, number, on=DAY + 10, reason="price")
    with desk.reading() as opened:
        opened.basis("b2b", NOVEMBER, desk.today)
    return desk


def change(desk, statement: str) -> None:
    with closing(sqlite3.connect(desk.path)) as raw, raw:
        assert raw.execute(statement).rowcount


def test_a_whole_file_has_no_problem(book):
    assert book.problems() == []


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE arrival SET day = day + 1 WHERE implied = 0 AND opportunity = 1", "The arrivals of acme-gmbh"),
        ("UPDATE arrival SET value = 1 WHERE opportunity = 1", "The arrivals of acme-gmbh"),
        ("UPDATE arrival SET rep = NULL WHERE opportunity = 2", "The arrivals of bolt-ag"),
        ("DELETE FROM arrival WHERE opportunity = 1", "The arrivals of acme-gmbh"),
        ("UPDATE opportunity SET status = 'open' WHERE number = 1", "The state of acme-gmbh"),
        ("UPDATE opportunity SET lost_on = lost_on + 1 WHERE number = 1", "The state of acme-gmbh"),
        ("UPDATE opportunity SET folded = 'other' WHERE number = 2", "The state of bolt-ag"),
        ("UPDATE tenure SET begins = begins - 1 WHERE opportunity = 1", "The tenures of acme-gmbh"),
        ("UPDATE rep SET first_named = first_named - 1", "The first day of rep 1"),
    ],
)
def test_a_changed_projection_is_found_and_written_anew(book, statement, problem):
    whole = book.tables()
    change(book, statement)
    [found] = book.problems()
    assert found.startswith(problem)
    book.rebuild()
    assert book.problems() == []
    assert book.tables() == whole


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE opportunity SET key = 'acme', folded = 'acme' WHERE number = 1", "The key of opportunity 1"),
        ("UPDATE opportunity SET customer = 2 WHERE number = 1", "The customer of opportunity 1"),
        ("UPDATE customer SET name = 'Acme Inc' WHERE number = 1", "The name of customer 1"),
        ("UPDATE customer SET folded = 'acme inc' WHERE number = 1", "The name of customer 1"),
        ("UPDATE rep SET folded = 'ben'", "The key of rep 1"),
        ("UPDATE rep SET key = 'ben', folded = 'ben'", "The key of rep 1"),
        ("UPDATE text SET body = 'Acme Inc' WHERE body = 'Acme GmbH'", "The customer of fact 4 was changed."),
        ("UPDATE snapshot SET payload = replace(payload, '1/2', '1/4')", "The snapshot of 2026-11 was changed."),
    ],
)
def test_a_changed_name_key_or_snapshot_is_found(book, statement, problem):
    change(book, statement)
    assert book.problems()[0].startswith(problem)


def test_a_row_without_facts_is_found(book):
    change(
        book, "INSERT INTO opportunity (number, process, customer, key, title, status) VALUES (9,1,1,'x','','undone')"
    )
    assert book.problems() == ["Opportunity 9 has no facts."]


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE process SET key = 'zz'", "The process b2b is missing, or is called so in no definition."),
        ("UPDATE milestone SET key = 'zz' WHERE number = 1", "The milestone zz of b2b is missing, or is called so"),
        ("INSERT INTO milestone (process, key) VALUES (1, 'more')", "The milestone more of b2b is missing"),
        ("UPDATE rep SET name = 'Enna'", "The name of rep 1 was changed."),
        ("UPDATE rep SET folded = 'enna'", "The key of rep 1 was changed."),
        ("DELETE FROM author", "The list of who has recorded was changed."),
    ],
)
def test_a_changed_name_of_the_set_up_is_found_and_not_built_upon(book, statement, problem):
    change(book, statement)
    found = book.problems()
    assert any(one.startswith(problem) for one in found)
    assert not [one for one in found if "not what" in one]


def test_an_opportunity_under_another_process_is_found(book):
    change(book, "INSERT INTO process (key) VALUES ('other')")
    change(book, "UPDATE opportunity SET process = 2 WHERE number = 2")
    assert "The process of opportunity 2 was changed." in book.problems()


def test_a_broken_reference_is_found_before_anything_else(book):
    change(book, "UPDATE arrival SET rep = 77 WHERE opportunity = 1")
    assert any("2 rows of arrival point to nothing in rep" in problem for problem in book.problems())


def test_opportunities_whose_definition_is_taken_back_are_found(book):
    book.define(book.process(key="smb"))
    book.undo()
    assert book.problems() == []

    def taken_back(raw):
        [first] = raw.execute("SELECT id FROM fact WHERE kind = 'version_defined'").fetchone()
        raw.execute("UPDATE fact SET payload = ? WHERE kind = 'voided'", (f'{{"v":1,"voids":"{first}"}}',))

    forge(book.path, taken_back)
    assert book.problems() == [
        "The definition of b2b is taken back, and opportunities rest on it: undo that (`ms log`)."
    ]


def test_a_rebuild_forgets_the_snapshots_too(book):
    assert len(book.tables("snapshot")["snapshot"]) == 1
    book.rebuild()
    assert book.tables("snapshot") == {"snapshot": []}


def test_a_text_that_was_forgotten_is_no_problem(book):
    change(book, "UPDATE text SET body = '', salt = '' WHERE body IN ('Acme GmbH', 'acme-gmbh', 'anna')")
    assert "The key of opportunity 1 was changed." in book.problems()  # a name that stands in a row is still there
    for table, named in (("opportunity", "key"), ("customer", "name"), ("rep", "key")):
        change(book, f"UPDATE {table} SET {named} = '#1', folded = '#1' WHERE number = 1")  # noqa: S608
    assert book.problems() == []


def test_a_snapshot_whose_checksum_was_made_to_fit_is_not_told_apart(book):
    """The snapshot is no part of the chain: a rebuild makes it anew."""
    with closing(sqlite3.connect(book.path)) as raw, raw:
        [payload] = raw.execute("SELECT payload FROM snapshot").fetchone()
        raw.execute("UPDATE snapshot SET payload = ?, checksum = ?", (payload + " ", checksum(payload + " ")))
    assert book.problems() == []
