"""Arrivals, tenures and states: what the tables hold after the commands of a book's life."""

from itertools import pairwise

import pytest

from milestone_cli.domain import changes
from milestone_cli.domain.changes import Amendment
from milestone_cli.domain.day import day_of
from milestone_cli.store import check
from milestone_cli.store.projection import first_named

DAY = day_of(2026, 9, 1)


def state(desk, number):
    with desk.reading() as book:
        return next(row for row in book.opportunities() if row["number"] == number)


def arrivals(desk, number):
    with desk.reading() as book:
        keys = book.milestone_keys("b2b")
    return {
        keys[milestone]: (day, bool(implied), value, rep)
        for opportunity, milestone, _, day, implied, value, rep, *_ in desk.tables("arrival")["arrival"]
        if opportunity == number
    }


def tenures(desk):
    return [(rep, begins, ends) for _, begins, _, rep, ends in desk.tables("tenure")["tenure"]]


def first_days(desk):
    with desk.reading() as book:
        return {rep.key: rep.began for rep in book.setup.reps.values()}


def test_a_skipped_milestone_is_implied_on_the_same_day(desk):
    number = desk.add("Acme", DAY, ("3", DAY + 5), value=700)
    assert arrivals(desk, number) == {
        "interest": (DAY + 5, True, 700, None),
        "invited": (DAY + 5, True, 700, None),
        "problem": (DAY + 5, False, 700, None),
    }


def test_an_implied_arrival_becomes_real_on_its_own_day(desk):
    number = desk.add("Acme", DAY, ("3", DAY + 5), ("2", DAY + 2))
    assert [arrivals(desk, number)[key][:2] for key in ("interest", "invited", "problem")] == [
        (DAY + 2, True), (DAY + 2, False), (DAY + 5, False),
    ]  # fmt: skip


def test_a_backdated_revaluation_reprices_later_arrivals_up_to_the_next_value(desk):
    number = desk.add("Acme", DAY, ("1", DAY + 1), ("2", DAY + 10), value=100)
    desk.advance(number, "3", DAY + 20, value=300)
    desk.change(changes.revalue, number, 200, on=DAY + 5)
    assert [value for _, _, value, _ in arrivals(desk, number).values()] == [100, 200, 300]
    assert state(desk, number)["value"] == 300


def test_an_arrival_takes_the_rep_who_owned_it_on_that_day(desk):
    anna, ben = desk.rep("anna"), desk.rep("ben")
    number = desk.add("Acme", DAY, ("1", DAY + 1), ("2", DAY + 10), rep=anna)
    desk.change(changes.assign, number, ben, on=DAY + 5)
    assert [rep for *_, rep in arrivals(desk, number).values()] == [anna, ben]


def test_a_tenure_lasts_while_the_opportunity_is_open_and_theirs(desk):
    anna, ben = desk.rep("anna"), desk.rep("ben")
    number = desk.add("Acme", DAY, ("1", DAY + 1), rep=anna)
    desk.change(changes.assign, number, ben, on=DAY + 5)
    desk.change(changes.lose, number, on=DAY + 8)
    desk.change(changes.reopen, number, on=DAY + 20)
    desk.advance(number, "order", DAY + 30)
    assert tenures(desk) == [(anna, DAY + 1, DAY + 5), (ben, DAY + 5, DAY + 8), (ben, DAY + 20, DAY + 30)]


def test_a_target_customer_is_nobodys_open_opportunity(desk):
    desk.add("Acme", DAY, rep=desk.rep("anna"))
    assert tenures(desk) == []


def test_an_owner_of_less_than_a_day_leaves_no_tenure(desk):
    anna, ben = desk.rep("anna"), desk.rep("ben")
    number = desk.add("Acme", DAY, ("1", DAY + 1), rep=anna)
    desk.change(changes.assign, number, ben, on=DAY + 1)
    assert tenures(desk) == [(ben, DAY + 1, None)]


def test_a_takeover_is_no_arrival_and_its_clock_runs_since_then(desk):
    number = desk.add("Acme", DAY)
    desk.change(changes.take_over, number, "3", on=DAY + 5, since=DAY - 100)
    assert arrivals(desk, number) == {}
    found = state(desk, number)
    assert (found["status"], found["waiting_since"], found["standing_on"]) == ("open", DAY - 100, DAY + 5)
    desk.advance(number, "4", DAY + 9)
    assert list(arrivals(desk, number)) == ["offer"]


def test_neither_revalue_nor_assign_nor_reopen_resets_the_clock(desk):
    anna = desk.rep("anna")
    number = desk.add("Acme", DAY, ("2", DAY + 1))
    desk.change(changes.revalue, number, 900, on=DAY + 5)
    desk.change(changes.assign, number, anna, on=DAY + 6)
    desk.change(changes.lose, number, on=DAY + 7)
    desk.change(changes.reopen, number, on=DAY + 8)
    assert state(desk, number)["waiting_since"] == DAY + 1


def test_an_opening_that_is_amended_keeps_its_customer_and_key(desk):
    number = desk.add("Acme", DAY, value=100)
    with desk.writing("amend") as ledger:
        case = ledger.book.case(number, desk.today)
        ledger.correct(case.facts[0], changes.amend(case, case.facts[0], Amendment(value=250)))
    assert (state(desk, number)["value"], state(desk, number)["key"]) == (250, "acme")
    assert desk.problems() == []


def test_a_new_version_rewrites_what_its_opportunities_amount_to(desk):
    number = desk.add("Acme", DAY, ("offer", DAY + 5))
    desk.define(desk.process(("interest", "offer", "order")), valid_from=DAY + 1)
    assert list(arrivals(desk, number)) == ["interest", "offer"]
    assert desk.problems() == []


def test_a_rep_began_with_the_first_fact_that_names_them(desk):
    anna = desk.rep("anna")
    assert first_days(desk)["anna"] == desk.today
    desk.add("Acme", DAY, rep=anna)
    assert first_days(desk)["anna"] == DAY


def test_a_rep_began_later_again_when_that_fact_is_taken_back(desk):
    anna = desk.rep("anna")
    number = desk.add("Acme", DAY + 5, rep=anna)
    desk.add("Bolt", DAY + 3, rep=anna)
    desk.undo()
    assert first_days(desk)["anna"] == DAY + 5
    desk.change(changes.lose, number, on=DAY + 9)
    assert desk.problems() == []
    desk.undo()
    desk.undo()
    assert first_days(desk)["anna"] == desk.today
    assert desk.problems() == []


def test_the_first_day_of_rep_1_is_not_that_of_rep_12(desk):
    with desk.writing("add-rep") as ledger:
        reps = [ledger.add_rep(f"rep{n}", "", on=DAY, began=DAY).number for n in range(1, 13)]
    assert reps[0] == 1
    desk.add("Acme", DAY + 1, rep=12)
    desk.add("Bolt", DAY + 2, rep=1)
    with desk.reading() as book:
        assert [first_named(book.connection, rep) for rep in (1, 12, 3)] == [DAY + 2, DAY + 1, None]


def test_many_opportunities_are_written_in_batches(desk, monkeypatch):
    monkeypatch.setattr("milestone_cli.store.projection._BATCH", 3)
    monkeypatch.setattr("milestone_cli.store.facts.CHUNK", 4)
    monkeypatch.setattr("milestone_cli.store.book.CASES", 3)
    monkeypatch.setattr("milestone_cli.store.journal.BATCH", 2)
    numbers = [desk.add(f"Customer {n}", DAY, ("1", DAY + n)) for n in range(9)]
    before = desk.tables()
    desk.rebuild()
    assert desk.tables() == before
    assert desk.problems() == []
    with desk.reading() as book:
        cases = list(book.cases(reversed(numbers), desk.today))
        assert [case.number for case in cases] == numbers
        assert all(a == b for a, b in zip(cases, (book.case(n, desk.today) for n in numbers), strict=True))


def test_a_key_that_moves_from_one_opportunity_to_another_is_free_in_between(desk):
    desk.add("Acme", DAY)
    desk.undo()
    desk.add("Acme", DAY)
    before = desk.tables()
    desk.rebuild()
    assert desk.tables() == before
    with desk.reading() as book:
        assert list(check.problems(book)) == []


@pytest.mark.parametrize("status", ["target", "open"])
def test_what_a_rep_has_in_play_is_what_can_be_handed_over(desk, status):
    anna = desk.rep("anna")
    reached = [("1", DAY)] if status == "open" else []
    numbers = [desk.add(f"C{n}", DAY, *reached, rep=anna) for n in range(3)]
    desk.change(changes.lose, numbers[0], on=DAY + 1)
    desk.advance(numbers[1], "order", DAY + 1)
    desk.define(desk.process(key="smb"))
    with desk.reading() as book:
        assert book.in_play_of(anna) == book.in_play_of(anna, process="b2b") == [numbers[2]]
        assert book.in_play_of(anna, process="smb") == []


def test_the_days_of_a_life_lie_in_order(desk):
    number = desk.add("Acme", DAY, ("1", DAY), ("4", DAY + 9), ("2", DAY + 4), ("5", DAY + 12))
    days = [arrivals(desk, number)[key][0] for key in ("interest", "invited", "problem", "offer", "order")]
    assert all(here <= following for here, following in pairwise(days))
    assert state(desk, number)["won_on"] == DAY + 12
