"""What recording commands leave behind: entities made once, keys from names, definitions by kind."""

import pytest

from milestone_cli.domain import changes
from milestone_cli.domain.changes import Words
from milestone_cli.domain.day import day_of
from milestone_cli.domain.facts import Evidence, Fact, Kind
from milestone_cli.errors import RuleBroken
from milestone_cli.store.recording import NewOpportunity

DAY = day_of(2026, 9, 1)


def opened(desk, **more):
    with desk.writing("add") as ledger:
        return ledger.open(NewOpportunity(**({"customer": "Acme GmbH", "process": "b2b", "on": DAY} | more)))


def kinds(desk):
    with desk.reading() as book:
        return [row[0] for row in book.connection.exec_driver_sql("SELECT kind FROM fact ORDER BY number")]


def test_keys_are_made_from_the_customers_name_and_counted_on(desk):
    assert [opened(desk)[1] for _ in range(3)] == ["acme-gmbh", "acme-gmbh-2", "acme-gmbh-3"]
    assert opened(desk, customer="Acme GmbH 2")[1] == "acme-gmbh-2-2"


def test_a_key_of_ones_own_is_taken_once(desk):
    assert opened(desk, key="big-deal") == (1, "big-deal")
    with pytest.raises(RuleBroken, match="BIG-deal"):
        opened(desk, key="BIG-deal")


def test_a_customer_with_several_opportunities_is_one_customer(desk):
    opened(desk)
    opened(desk, customer="ACME gmbh")
    assert len(desk.tables("customer")["customer"]) == 1


def test_the_title_value_and_rep_are_those_of_the_opening(desk):
    anna = desk.rep("anna")
    opened(desk, title="Second line", value=900, rep=anna)
    with desk.reading() as book:
        [row] = book.opportunities()
    assert (row["title"], row["value"], row["rep"], row["status"], row["customer_name"]) == (
        "Second line", 900, anna, "target", "Acme GmbH",
    )  # fmt: skip


def test_what_the_customer_said_reads_back_from_the_file(desk):
    number, _ = opened(desk)
    words = Words(evidence=Evidence.SAID, text='"Yes" – 200 h', by="Ms Meier", ref="mail 7")
    fact = desk.change(changes.advance, number, "1", on=DAY, words=words)[0]
    with desk.reading() as book:
        found = book.case(number, desk.today).facts[-1]
    assert found == fact
    assert found.texts == {"text": '"Yes" – 200 h', "by": "Ms Meier", "ref": "mail 7"}


def test_an_external_id_names_the_last_fact_it_was_given_to(desk):
    number, _ = opened(desk)
    for value in (1, 2):
        with desk.writing("import") as ledger:
            fact = Fact(kind=Kind.REVALUED, on=DAY, opportunity=number, value=value, texts={"external": "SF-1"})
            [recorded] = ledger.record([fact])
    assert desk.tables("external") == {"external": [("SF-1", recorded.number)]}


def test_a_definition_is_a_new_version_only_where_the_milestones_change(desk):
    desk.define(desk.process(title="Renamed"), valid_from=DAY)
    desk.define(desk.process(("interest", "order")), valid_from=DAY + 30)
    desk.define(desk.process(("interest", "order"), rates=["0.3"]), valid_from=DAY + 60)
    assert kinds(desk) == ["version_defined", "target_set", "plan_changed", "version_defined", "plan_changed"]


def test_a_rep_an_import_names_is_added_once(desk):
    for _ in range(2):
        with desk.writing("import") as ledger:
            rep, new = ledger.rep_called("Anna", on=DAY)
            assert ledger.book.setup.rep("anna").number == rep.number
    assert new is False
    assert kinds(desk).count("rep_added") == 1


def test_nothing_is_forgotten_where_an_import_brought_nothing(desk):
    opened(desk)
    with desk.reading() as book:
        book.basis("b2b", 2026 * 12 + 10, desk.today)
    with desk.writing("import") as ledger:
        ledger.forget_snapshots([])
    assert len(desk.tables("snapshot")["snapshot"]) == 1


def test_a_definition_that_holds_from_the_beginning_rewrites_what_came_before_the_present_version(desk):
    desk.add("Acme", DAY, ("problem", DAY))
    shorter = desk.process(("interest", "problem", "order"))
    desk.define(shorter, valid_from=DAY + 9)
    desk.define(shorter)
    assert len(desk.tables("arrival")["arrival"]) == 2
    assert desk.problems() == []
