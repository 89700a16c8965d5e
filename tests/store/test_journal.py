"""The journal is append-only, and its chain gives away every later change."""

import sqlite3
from contextlib import closing

import pytest

from milestone_cli.domain.day import day_of
from milestone_cli.store.ids import RisingIds, Salts, new_id
from milestone_cli.store.journal import broken_links, broken_texts, head

DAY = day_of(2026, 11, 2)


@pytest.fixture
def book(desk):
    number = desk.add("Acme GmbH", DAY, ("2", DAY + 3), value=5_000_000)
    desk.advance(number, "3", DAY + 5)
    return desk


def changed(desk, *statements: str) -> None:
    """Change the file behind the journal's back."""
    with closing(sqlite3.connect(desk.path)) as raw, raw:
        for trigger in ("fact_update", "fact_delete", "command_update", "command_delete"):
            raw.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            raw.execute(statement)


def links(desk) -> list[str]:
    with desk.reading() as book:
        return list(broken_links(book.connection))


def texts(desk) -> list[str]:
    with desk.reading() as book:
        return list(broken_texts(book.connection))


@pytest.mark.parametrize("table", ["fact", "command"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET entered_at = 0 WHERE number = 2",
        "DELETE FROM {} WHERE number = 2",
        "INSERT OR REPLACE INTO {0} SELECT * FROM {0} WHERE number = 2",
        "REPLACE INTO {0} SELECT * FROM {0} WHERE number = 2",
    ],
)
def test_the_journal_refuses_to_be_changed(book, table, statement):
    def try_it():
        with book.writing() as ledger:
            ledger.book.connection.exec_driver_sql(statement.format(table))

    with pytest.raises(Exception, match="append-only"):
        try_it()
    assert book.problems() == []


def test_the_chain_of_an_untouched_file_holds(book):
    assert links(book) == []
    assert texts(book) == []


@pytest.mark.parametrize(
    "column", ["day = day + 1", "entered_at = 1", "known_day = known_day - 1", "kind = 'lost'", "position = 7",
               "recorded_at = 5", "payload = replace(payload, '5000000', '6000000')", "id = 'x'"],
)  # fmt: skip
def test_a_changed_fact_breaks_its_commands_link(book, column):
    changed(book, f"UPDATE fact SET {column} WHERE kind = 'opened'")  # noqa: S608
    assert links(book) == ["Command 3 (add) or one of its facts was changed."]


@pytest.mark.parametrize("column", ["name = 'x'", "who = 'x'", "entered_at = 1", "undoes = 1", "id = 'x'"])
def test_a_changed_command_breaks_its_link(book, column):
    changed(book, f"UPDATE command SET {column} WHERE number = 3")  # noqa: S608
    assert len(links(book)) == 1


def test_a_hash_that_was_made_to_fit_breaks_the_next_link(book):
    changed(book, "UPDATE command SET hash = 'made up' WHERE number = 3")
    assert "Command 4 does not follow the one before it." in links(book)


def test_a_removed_last_command_is_missed(book):
    changed(book, "DELETE FROM fact WHERE command = 4", "DELETE FROM command WHERE number = 4")
    assert links(book) == [
        "The journal does not end where its head says.",
        "The journal has 3 commands, its head says 4.",
        "The journal has 4 facts in commands and 4 in all; its head says 5.",
    ]


def test_a_removed_command_in_the_middle_is_missed(book):
    changed(book, "DELETE FROM fact WHERE command = 2", "DELETE FROM command WHERE number = 2")
    assert "Command 3 does not follow the one before it." in links(book)


def test_a_removed_fact_is_missed(book):
    changed(book, "DELETE FROM fact WHERE number = 4")
    assert links(book)[0] == "Command 3 (add) or one of its facts was changed."


def test_a_fact_that_belongs_to_no_command_is_found(book):
    changed(
        book,
        "INSERT INTO fact SELECT 99, 'stray', 77, 0, kind, day, entered_at, recorded_at, known_day, opportunity,"
        " payload FROM fact WHERE number = 4",
    )
    assert any("6 in all" in problem for problem in links(book))


def test_a_changed_text_is_found_and_a_forgotten_one_is_not_a_change(book):
    changed(book, "UPDATE text SET body = 'acme-corp' WHERE body = 'acme-gmbh'")
    assert texts(book) == ["The key of fact 3 was changed."]
    with closing(sqlite3.connect(book.path)) as raw, raw:
        raw.execute("UPDATE text SET body = '', salt = '' WHERE body = 'acme-corp'")
    assert texts(book) == []


def test_a_removed_text_is_found(book):
    changed(book, "DELETE FROM text WHERE body = 'acme-gmbh'")
    assert texts(book) == ["The key of fact 3 was changed."]


def test_a_command_that_records_nothing_leaves_no_trace(book):
    with book.reading() as before:
        last = head(before.connection)
    with book.writing("nothing"):
        pass
    with book.reading() as after:
        assert head(after.connection) == last


def test_a_command_that_fails_leaves_no_trace(book):
    tables = book.tables("fact", "command", "text", "opportunity", "customer", "meta")

    def fails():
        with book.writing("revalue") as ledger:
            ledger.add_rep("anna", "Anna", on=DAY, began=DAY)
            ledger.journal.flush()
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - the test's own
        fails()
    assert book.tables(*tables) == tables


def test_what_a_dry_run_records_is_taken_back(book):
    tables = book.tables("fact", "command", "text", "opportunity", "rep", "meta")
    with book.writing("add-rep", dry_run=True) as ledger:
        ledger.add_rep("anna", "Anna", on=DAY, began=DAY)
    assert book.tables(*tables) == tables


def test_ids_are_of_version_7_and_sort_by_time():
    ids = [new_id(now) for now in (1_000, 2_000_000, 1_700_000_000_000_000)]
    assert ids == sorted(ids)
    assert all(len(id_) == 32 and id_[12] == "7" and id_[16] in "89ab" for id_ in ids)


def test_ids_of_one_command_are_different_and_sort_in_their_order():
    rising = RisingIds(1_700_000_000_000_000)
    ids = [rising.next() for _ in range(1000)]
    assert ids == sorted(set(ids))
    assert all(len(id_) == 32 and id_[12] == "7" and id_[16] in "89ab" for id_ in ids)


def test_salts_are_80_random_bits_and_never_the_same():
    salts = Salts()
    drawn = [salts.next() for _ in range(2000)]
    assert len(set(drawn)) == 2000
    assert all(len(salt) == 20 and int(salt, 16) >= 0 for salt in drawn)
