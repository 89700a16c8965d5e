"""What is forgotten: by which ids, with which rows, in which copies."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from milestone_cli.domain.day import day_of
from milestone_cli.domain.facts import Evidence
from milestone_cli.store import traces
from milestone_cli.store.backup import automatic_backup
from milestone_cli.store.blanking import blank
from milestone_cli.store.book import Opening, open_book
from milestone_cli.store.forget_plan import Wish, plan
from milestone_cli.store.forgotten import (
    forgotten_identities,
    forgotten_opportunities,
    forgotten_reps,
    forgotten_texts,
    is_number_key,
    texts_with,
)
from milestone_cli.store.mentions import words_of
from milestone_cli.store.sqlite import Access
from milestone_cli.store.traces import Traces, copies_with, replace_copies
from milestone_cli.store.whom import Whom

DAY = day_of(2026, 11, 2)


@pytest.fixture
def book(desk):
    anna = desk.rep("anna", began=DAY)
    number = desk.add("Acme GmbH", DAY, ("interest", DAY + 1), value=5_000_000, rep=anna)
    desk.add("Bolt AG", DAY, ("interest", DAY + 1))
    with desk.writing("advance") as ledger:
        case = ledger.book.case(number, desk.today)
        [fact] = (one for one in case.facts if one.milestone)
        said = replace(fact, id="", number=0, milestone="invited", on=DAY + 2, evidence=Evidence.SAID)
        ledger.record([replace(said, texts={"text": "It costs us", "by": "Ms Made-Up", "external": "X-1"})])
    return desk


def forget(desk, name: str, **more) -> frozenset[int]:
    """Forget somebody; return the numbers of the texts."""
    with open_book(Opening(desk.path, Access.WRITE, desk.clock())) as book:
        found = plan(book.connection, Wish(name, **more))
        blank(book, found.roles)
    return frozenset(found.roles)


def test_only_texts_names_and_links_change(book):
    kept = ("fact", "command", "meta", "arrival", "tenure", "loss", "process", "milestone", "author")
    before = book.tables(*kept)
    gone = forget(book, "acme gmbh")
    assert len(gone) == 5
    assert book.tables(*kept) == before
    assert book.problems() == []
    rows = book.tables("text", "external", "customer")
    assert {row[0] for row in rows["text"] if row[1:] == ("", "")} == gone
    assert rows["external"] == []
    assert rows["customer"][0][:3] == (1, "#1", "#1")
    with book.reading() as held:
        assert forgotten_texts(held.connection) == gone
        assert forgotten_opportunities(held.connection) == {1}
        assert forgotten_reps(held.connection) == set()


@pytest.mark.parametrize("name", ["Acme GmbH", "anna", "Ms Made-Up", "me"])
def test_what_is_forgotten_in_one_copy_is_found_by_ids_in_the_other(book, tmp_path, name):
    other = replace(book, path=tmp_path / "other.db")
    shutil.copy(book.path, other.path)
    gone = forget(book, name)
    with book.reading() as held:
        identities = forgotten_identities(held.connection)
    assert identities
    with open_book(Opening(other.path, Access.WRITE, other.clock())) as copy:
        found = texts_with(copy.connection, identities)
        assert found == gone
        blank(copy, found)
    assert other.problems() == []
    everything = ("text", "customer", "opportunity", "rep", "external", "fact", "command")
    assert other.tables(*everything) == book.tables(*everything)


def test_in_a_book_where_nobody_was_forgotten_there_are_no_ids(book):
    with book.reading() as held:
        assert not forgotten_identities(held.connection)
        assert texts_with(held.connection, forgotten_identities(held.connection)) == set()
        assert (forgotten_opportunities(held.connection), forgotten_reps(held.connection)) == (set(), set())


def test_a_customer_who_is_really_called_so_is_not_forgotten(desk):
    desk.add("#7", DAY)
    with desk.reading() as held:
        assert forgotten_opportunities(held.connection) == set()


def test_a_forgotten_ones_name_can_be_nothing_but_the_number(book):
    forget(book, "acme gmbh")
    forget(book, "anna")
    for statement, problem in (
        ("UPDATE opportunity SET key = '2', folded = '2' WHERE number = 1", "The key of opportunity 1 was changed."),
        ("UPDATE customer SET name = 'x', folded = 'x' WHERE number = 1", "The name of customer 1 was changed."),
        ("UPDATE rep SET key = 'x', folded = 'x' WHERE number = 1", "The key of rep 1 was changed."),
    ):
        with closing(sqlite3.connect(book.path, isolation_level=None)) as raw:
            raw.execute(statement)
        assert problem in book.problems()
    assert [is_number_key(key, 12) for key in ("12", "#12", "##12", "1", "acme")] == [True, True, True, False, False]


def test_a_users_name_that_was_changed_is_found(book):
    with closing(sqlite3.connect(book.path, isolation_level=None)) as raw:
        raw.execute("UPDATE text SET body = 'else' WHERE number IN (SELECT text FROM author)")
    assert book.problems() == ["The name of who recorded command 1 was changed."]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Anna", "says anna", True),
        ("Anna", "Annas Chef", True),
        ("Anna", "Hannah", False),
        ("Anna", "Annabel", False),
        ("C++ & Co.", "to c++ & co. again", True),
        ("a.b", "aXb", False),
        ("Straße", "die STRASSE", True),
        ("4711", "4711", False),
    ],
)
def test_a_name_is_mentioned_by_whole_words(name, text, found):
    from milestone_cli.domain.text import fold

    pattern = words_of([name])
    assert bool(pattern and pattern.search(fold(text))) is found


def test_a_copy_that_cannot_be_read_counts_and_one_of_another_line_is_known_by_names(book):
    nothing = Traces(frozenset(), frozenset())
    broken = automatic_backup(book.path, "import")
    broken.write_bytes(b"no database at all" * 500)
    aside = book.path.with_name(f"{book.path.name}.damaged-20260101-000000")
    shutil.copy(book.path, aside)
    shutil.copy(book.path, f"{aside}-wal")
    assert copies_with(book.path, nothing) == [broken]
    assert copies_with(book.path, Traces(frozenset(), frozenset({"Acme GmbH"}))) == [broken, aside]
    assert copies_with(book.path, Traces(frozenset({(4, "x")}), frozenset())) == [broken]
    assert replace_copies(book.path, [broken, aside]) == [broken]
    assert aside.exists()
    assert not broken.exists()


def test_of_a_damaged_book_no_backup_is_deleted(book, monkeypatch):
    old = automatic_backup(book.path, "import")
    monkeypatch.setattr(traces, "automatic_backup", lambda *_: None)
    assert replace_copies(book.path, [old]) is None
    assert old.exists()


def test_whoever_is_asked_for_as_something_is_nothing_else(book):
    with book.reading() as held:
        assert plan(held.connection, Wish("anna", Whom.REP)).somebody.name == "anna"
        for whom in (Whom.CUSTOMER, Whom.PERSON):
            with pytest.raises(Exception, match=f'There is no {whom} "anna"'):
                plan(held.connection, Wish("anna", whom))
