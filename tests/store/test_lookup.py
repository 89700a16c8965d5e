"""Names on the command line: exact before number before a unique beginning, and never a guess."""

import pytest

from milestone_cli.domain import changes
from milestone_cli.domain.day import day_of
from milestone_cli.errors import AmbiguousName, UnknownName
from milestone_cli.store.lookup import find_command, find_fact, find_opportunity

DAY = day_of(2026, 11, 2)


@pytest.fixture
def book(desk):
    acme = desk.add("Acme GmbH", DAY)
    desk.add("Acme GmbH", DAY)
    desk.add("Ärzte Haus", DAY)
    desk.add("Bolt", DAY)
    desk.add("Bold", DAY)
    desk.add("Zenith", DAY, ("order", DAY))
    desk.change(changes.lose, acme, on=DAY)
    with desk.reading() as opened:
        yield opened


def keys(caught) -> str:
    return str(caught.value) + caught.value.hint


def found(book, name):
    number = find_opportunity(book.connection, name)
    return next(row["key"] for row in book.opportunities() if row["number"] == number)


def test_a_second_opportunity_of_a_customer_gets_the_next_key(book):
    assert [row["key"] for row in book.opportunities()][:2] == ["acme-gmbh", "acme-gmbh-2"]


def test_an_exact_key_comes_first_even_of_a_lost_one(book):
    assert found(book, "acme-gmbh") == "acme-gmbh"
    assert found(book, " ACME-GMBH ") == "acme-gmbh"


def test_a_number_finds_its_opportunity(book):
    assert found(book, "4") == "bolt"


def test_a_beginning_must_be_unique_among_those_in_play(book):
    assert found(book, "acme") == "acme-gmbh-2"
    with pytest.raises(AmbiguousName) as caught:
        found(book, "bol")
    assert "bold" in keys(caught)
    assert "bolt" in keys(caught)


def test_a_won_one_is_not_found_by_its_beginning(book):
    with pytest.raises(UnknownName) as caught:
        found(book, "zen")
    assert "zenith" in keys(caught)


@pytest.mark.parametrize("name", ["", "nobody", "99", "99999999999999999999", "boltt"])
def test_an_unknown_name_is_refused(book, name):
    with pytest.raises(UnknownName):
        found(book, name)


def test_the_nearest_keys_are_suggested(book):
    with pytest.raises(UnknownName) as caught:
        found(book, "boltt")
    assert "bolt" in keys(caught)


def test_in_an_empty_book_nothing_is_suggested(desk):
    with desk.reading() as empty, pytest.raises(UnknownName):
        find_opportunity(empty.connection, "acme")


def test_an_opportunity_whose_opening_was_undone_is_not_found_but_its_key_is_free_again(desk):
    desk.add("Acme GmbH", DAY)
    desk.undo()
    with desk.reading() as opened:
        for name in ("acme-gmbh", "1"):
            with pytest.raises(UnknownName):
                find_opportunity(opened.connection, name)
    again = desk.add("Acme GmbH", DAY)
    with desk.reading() as opened:
        assert find_opportunity(opened.connection, "acme-gmbh") == again == 2


def test_a_fact_is_found_by_number_id_and_beginning(desk):
    number = desk.add("Acme GmbH", DAY)
    fact = desk.advance(number, "1", DAY)
    dashed = f"{fact.id[:8]}-{fact.id[8:12]}-{fact.id[12:]}"
    with desk.reading() as book:
        for name in (str(fact.number), f"#{fact.number}", fact.id, dashed, fact.id.upper(), fact.id[:-3]):
            found = find_fact(book.connection, name)
            assert (found.number, found.id, found.kind, found.opportunity) == (fact.number, fact.id, "reached", 1)


@pytest.mark.parametrize("name", ["", "0", "999", "abcdef", "deadbeefdeadbeef", "xyz"])
def test_an_unknown_fact_or_command_is_refused(book, name):
    with pytest.raises(UnknownName):
        find_fact(book.connection, name)
    with pytest.raises(UnknownName):
        find_command(book.connection, name)


def test_a_beginning_that_several_ids_share_is_refused(desk):
    with desk.writing("add-rep") as ledger:
        for key in ("anna", "ben"):
            ledger.add_rep(key, key, on=DAY, began=DAY)
    with desk.reading() as book:
        shared = next(iter(book.connection.exec_driver_sql("SELECT id FROM fact ORDER BY number DESC")))[0][:10]
        with pytest.raises(AmbiguousName):
            find_fact(book.connection, shared)


def test_a_command_is_found_by_number_and_id(desk):
    with desk.reading() as book:
        [id_] = book.connection.exec_driver_sql("SELECT id FROM command WHERE number = 2").one()
        assert find_command(book.connection, "2") == find_command(book.connection, id_) == 2
