"""A book hands out what reports and decisions need, in one consistent state."""

import pytest
from tests.desk import Desk

from milestone_cli.domain.day import day_of
from milestone_cli.errors import NoFileYet
from milestone_cli.store.book import Opening, open_book
from milestone_cli.store.sqlite import Access

DAY = day_of(2026, 9, 1)


def test_a_look_at_a_file_that_is_not_there_makes_none(tmp_path):
    desk = Desk(tmp_path / "none.db")
    with pytest.raises(NoFileYet), desk.reading():
        pass
    assert not desk.path.exists()


def test_a_dry_run_that_would_make_the_file_makes_none(tmp_path):
    desk = Desk(tmp_path / "none.db")
    with desk.writing("define-process", dry_run=True) as ledger:
        ledger.define(desk.process(), on=DAY, valid_from=None)
        assert "b2b" in ledger.book.setup.processes
    assert not desk.path.exists()


def test_what_fails_is_taken_back(desk):
    def fails():
        with open_book(Opening(desk.path, Access.WRITE, desk.clock())) as book:
            book.connection.exec_driver_sql("DELETE FROM meta")
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - the test's own
        fails()
    assert desk.problems() == []


def test_everything_read_in_one_command_is_one_state(desk):
    desk.add("Acme", DAY, ("1", DAY))
    with desk.reading() as book:
        before = book.arrived("b2b", DAY, DAY)
        desk.add("Bolt", DAY, ("1", DAY))
        assert book.arrived("b2b", DAY, DAY) == before
    with desk.reading() as book:
        assert book.arrived("b2b", DAY, DAY)["interest"].count == 2


def test_a_case_knows_its_opportunity_and_every_fact_of_it(desk):
    number = desk.add("Acme GmbH", DAY, ("2", DAY + 3))
    with desk.reading() as book:
        case = book.case(number, desk.today)
    assert (case.key, case.number, case.customer, case.history.key) == ("acme-gmbh", number, "Acme GmbH", "b2b")
    assert [fact.kind.value for fact in case.facts] == ["opened", "reached"]
    assert case.state().milestone == "invited"


def test_a_set_up_that_this_command_changes_is_read_anew(desk):
    with desk.writing("add-rep") as ledger:
        assert ledger.book.setup.reps == {}
        ledger.add_rep("anna", "Anna", on=DAY, began=DAY)
        assert [rep.key for rep in ledger.book.setup.reps.values()] == ["anna"]


def test_reps_stand_in_the_order_of_their_keys(desk):
    for key in ("cara", "Anna", "ben"):
        desk.rep(key)
    with desk.reading() as book:
        assert [rep.key for rep in book.setup.reps.values()] == ["Anna", "ben", "cara"]
