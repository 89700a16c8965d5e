"""Undo: a whole command or nothing, if the rest still replays; and an undo can be undone."""

import pytest

from milestone_cli.domain import changes
from milestone_cli.domain.day import day_of
from milestone_cli.errors import RuleBroken, UnknownName
from milestone_cli.store import undo
from milestone_cli.store.recording import NewOpportunity

DAY = day_of(2026, 9, 1)


def statuses(desk):
    with desk.reading() as book:
        return {row["key"]: row["status"] for row in book.opportunities()}


def test_the_last_command_of_this_user_is_taken_back(desk):
    number = desk.add("Acme", DAY)
    desk.advance(number, "1", DAY)
    desk.who = "somebody else"
    desk.add("Bolt", DAY)
    desk.who = "me"
    desk.undo()
    assert statuses(desk) == {"acme": "target", "bolt": "target"}


def test_a_second_undo_takes_back_the_command_before(desk):
    number = desk.add("Acme", DAY)
    desk.advance(number, "1", DAY)
    desk.undo()
    desk.undo()
    assert statuses(desk) == {}
    assert desk.problems() == []


def test_an_undo_that_is_undone_brings_everything_back(desk):
    number = desk.add("Acme", DAY, ("2", DAY + 3), value=900)
    before = desk.tables("opportunity", "arrival", "tenure")
    desk.undo()
    desk.undo("4")
    assert desk.tables(*before) == before
    desk.undo("5")
    assert statuses(desk) == {}
    assert number == 1


def test_what_is_undone_cannot_be_undone_again(desk):
    desk.add("Acme", DAY)
    desk.undo()
    with pytest.raises(RuleBroken, match="undone already"):
        desk.undo("3")


def test_without_a_command_of_ones_own_there_is_nothing_to_undo(desk):
    desk.who = "stranger"
    with pytest.raises(RuleBroken, match="no command of yours"):
        desk.undo()


def test_an_unknown_command_is_refused(desk):
    with pytest.raises(UnknownName):
        desk.undo("99")


def test_a_command_that_later_facts_rest_on_stays_and_the_fact_is_named(desk):
    number = desk.add("Acme", DAY)
    desk.advance(number, "1", DAY)
    before = desk.tables("fact", "command", "opportunity", "arrival")
    with pytest.raises(RuleBroken, match="reached interest on 2026-09-01"):
        desk.undo("3")
    assert desk.tables(*before) == before


def test_a_loss_that_was_reopened_stays(desk):
    number = desk.add("Acme", DAY, ("1", DAY))
    desk.change(changes.lose, number, on=DAY + 1)
    desk.change(changes.reopen, number, on=DAY + 2)
    with pytest.raises(RuleBroken, match="no loss to reopen"):
        desk.undo("4")


def test_a_command_about_several_opportunities_goes_as_a_whole(desk):
    with desk.writing("import") as ledger:
        for customer in ("Acme", "Bolt"):
            ledger.open(NewOpportunity(customer=customer, process="b2b", on=DAY))
    desk.advance(2, "1", DAY)
    with pytest.raises(RuleBroken):
        desk.undo("3")
    desk.undo()
    desk.undo()
    assert statuses(desk) == {}


def test_an_opportunity_does_not_come_back_with_a_key_that_another_one_has_by_now(desk):
    desk.add("Acme", DAY)
    desk.undo()
    desk.add("Acme", DAY)
    with pytest.raises(RuleBroken, match='"acme" belongs to another'):
        desk.undo("4")
    assert desk.problems() == []


def test_a_target_that_is_undone_is_no_longer_wanted(desk):
    desk.target(20_000_000, valid_from=DAY)
    desk.undo()
    with desk.reading() as book:
        assert [target.amount for target in book.setup.targets] == [10_000_000]


def test_a_process_with_opportunities_or_a_target_stays_defined(desk):
    with pytest.raises(RuleBroken, match="A target of b2b rests on"):
        desk.undo("1")
    desk.add("Acme", DAY)
    with pytest.raises(RuleBroken, match="1 opportunity of b2b rests on"):
        desk.undo("1")


def test_several_opportunities_rest_on_a_definition(desk):
    desk.add("Acme", DAY)
    desk.add("Bolt", DAY)
    with pytest.raises(RuleBroken, match="2 opportunities of b2b rest on"):
        desk.undo("1")


def begun(desk):
    """Define a process (3), take it back (4) and bring it back (5)."""
    desk.define(desk.process(key="smb"))
    desk.undo("3")
    desk.undo("4")


def test_a_definition_that_an_undo_brought_back_stays_while_an_opportunity_or_a_target_rests_on_it(desk):
    begun(desk)
    desk.target(5, key="smb")
    with pytest.raises(RuleBroken, match="A target of smb rests on"):
        desk.undo("5")
    desk.undo("6")
    desk.add("Acme", DAY, key="smb")
    with pytest.raises(RuleBroken, match="1 opportunity of smb rests on"):
        desk.undo("5")
    desk.undo("8")
    desk.undo("5")
    with desk.reading() as book:
        assert list(book.setup.processes) == ["b2b"]
    assert desk.problems() == []


def test_a_rep_whom_an_undo_brought_back_stays_while_facts_name_them(desk):
    anna = desk.rep("anna")
    desk.undo("3")
    desk.undo("4")
    desk.add("Acme", DAY, rep=anna)
    with pytest.raises(RuleBroken, match="Facts name the rep anna"):
        desk.undo("5")
    desk.undo("6")
    desk.undo("5")
    with desk.reading() as book:
        assert book.setup.reps == {}


def test_what_an_undo_brought_back_goes_as_a_whole(desk):
    with desk.writing("import") as ledger:
        rep = ledger.rep_called("anna", on=DAY)[0].number
        ledger.open(NewOpportunity(customer="Acme", process="b2b", on=DAY, rep=rep))
    before = desk.tables("opportunity", "rep")
    for number in ("3", "4", "5", "6"):
        desk.undo(number)
    assert desk.tables(*before) == before
    assert desk.problems() == []


def test_an_opportunity_does_not_return_to_a_process_that_is_not_defined(desk):
    desk.define(desk.process(key="smb"))
    desk.add("Acme", DAY, ("1", DAY + 2), key="smb")
    desk.undo("4")
    desk.undo("3")
    with pytest.raises(RuleBroken, match="acme would return to smb, which is not defined"):
        desk.undo("5")
    desk.undo("6")
    desk.undo("5")
    assert statuses(desk) == {"acme": "open"}
    assert desk.problems() == []


def test_a_target_does_not_return_to_a_process_or_a_rep_that_is_not_there(desk):
    anna = desk.rep("anna")
    desk.target(5, anna)
    desk.undo("4")
    desk.undo("3")
    with pytest.raises(RuleBroken, match="A target would return to anna, who is no rep"):
        desk.undo("5")
    desk.undo("2")
    desk.undo("1")
    with pytest.raises(RuleBroken, match="A target would return to b2b, which is not defined"):
        desk.undo("7")
    desk.undo("8")
    desk.undo("6")
    desk.undo("5")
    with desk.reading() as book:
        assert [(target.rep, target.amount) for target in book.setup.targets] == [(anna, 5)]


def test_a_process_nobody_uses_goes(desk):
    desk.define(desk.process(key="smb"))
    desk.undo()
    with desk.reading() as book:
        assert list(book.setup.processes) == ["b2b"]
    assert desk.problems() == []


def test_a_version_goes_and_its_opportunities_are_what_they_were(desk):
    desk.add("Acme", DAY, ("4", DAY + 5))
    before = desk.tables("opportunity", "arrival", "tenure")
    desk.define(desk.process(("interest", "offer", "order")), valid_from=DAY)
    assert desk.tables(*before) != before
    desk.undo()
    assert desk.tables(*before) == before


def test_a_version_with_a_fact_at_a_milestone_only_it_has_stays(desk):
    desk.define(desk.process((*desk.process().keys, "paid")), valid_from=DAY)
    desk.add("Acme", DAY)
    desk.add("Bolt", DAY, ("paid", DAY + 5))
    with pytest.raises(RuleBroken, match="bolt has a fact at paid"):
        desk.undo("3")


def test_a_rep_whom_facts_name_stays(desk):
    anna = desk.rep("anna")
    desk.add("Acme", DAY, rep=anna)
    with pytest.raises(RuleBroken, match="Facts name the rep anna"):
        desk.undo("3")
    desk.undo()
    desk.undo()
    with desk.reading() as book:
        assert book.setup.reps == {}


def test_a_rep_with_a_target_stays(desk):
    anna = desk.rep("anna")
    desk.target(1000, anna)
    with pytest.raises(RuleBroken, match="Facts name the rep anna"):
        desk.undo("3")


def test_a_rep_who_was_retired_by_mistake_works_on(desk):
    anna = desk.rep("anna")
    desk.retire(anna, DAY)
    desk.undo()
    with desk.reading() as book:
        assert book.setup.reps[anna].retired_on is None


def test_a_rep_who_was_added_again_is_not_retired(desk):
    anna = desk.rep("anna")
    desk.retire(anna, DAY)
    assert desk.rep("anna", began=DAY) == anna
    with desk.reading() as book:
        assert book.setup.reps[anna].retired_on is None
        assert book.setup.reps[anna].began == DAY


def test_the_facts_of_an_undone_import_do_not_count_as_present(desk):
    with desk.writing("import") as ledger:
        ledger.open(NewOpportunity(customer="Acme", process="b2b", on=DAY))
    with desk.reading() as book:
        assert undo.facts_of_undone_imports(book.connection) == set()
    desk.undo()
    with desk.reading() as book:
        assert len(undo.facts_of_undone_imports(book.connection)) == 1
    desk.undo("4")
    with desk.reading() as book:
        assert undo.facts_of_undone_imports(book.connection) == set()
