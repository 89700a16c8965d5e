"""`ms show`: one opportunity with its history and evidence."""

from __future__ import annotations

import pytest

from milestone_cli.errors import ExitCode


@pytest.fixture
def acme(team):
    team("add", "Acme", "--rep", "anna", "--value", "40k", "--on", "2026-11-02")
    team("advance", "acme", "2", "--on", "2026-11-03", "--said", "Come", "--by", "Mr X", "--ref", "mail")
    team("amend", "6", "--on", "2026-11-05")
    team("lose", "acme", "--on", "2026-11-20", "--reason", "dear", "--revisit", "2027-01-01")
    return team


def test_it_lists_every_fact_with_what_it_implies_and_what_took_it_back(acme):
    facts = acme("show", "acme", "--json").json["facts"]
    found = [(f["number"], f["kind"], f["milestone"], f["on"], f["implied"], f["voided_by"] is None) for f in facts]
    assert found == [
        (5, "opened", None, "2026-11-02", False, True),
        (6, "reached", 2, "2026-11-03", False, False),
        (8, "reached", 1, "2026-11-05", True, True),
        (8, "reached", 2, "2026-11-05", False, True),
        (9, "lost", None, "2026-11-20", False, True),
    ]
    assert facts[2]["id"] == facts[3]["id"]


def test_evidence_stands_with_the_fact_and_not_with_what_it_implies(acme):
    facts = acme("show", "acme", "--json").json["facts"]
    names = ("evidence", "text", "by", "ref")
    assert [facts[3][name] for name in names] == ["said", "Come", "Mr X", "mail"]
    assert [facts[2][name] for name in names] == [None] * 4


def test_the_head_is_that_of_the_list(acme):
    shown = acme("show", "acme", "--json").json
    (listed,) = acme("opportunities", "--json").json["opportunities"]
    assert listed.items() <= shown.items()


def test_fields_are_those_of_the_contract(acme):
    fact = acme("show", "acme", "--json").json["facts"][0]
    assert {"id", "kind", "milestone", "on", "recorded_at", "entered_at", "evidence", "text", "by"} <= set(fact)
    assert {"ref", "value", "rep", "implied", "voided_by"} <= set(fact)
    assert (fact["value"], fact["rep"], fact["recorded_at"]) == ("40000.00", "anna", None)
    assert fact["entered_at"].endswith("Z")


def test_a_table_says_the_same(acme):
    lines = acme("show", "acme").out.splitlines()
    assert lines[0] == "acme"
    assert lines[4] == "History"
    assert lines[-1].split("\t")[:4] == ["9", "2026-11-20", "lost", ""]
    assert "dear" in lines[-1]
    assert "Mr X" in acme("show", "acme", "--format", "table").out


def test_a_past_day_sees_no_later_fact_but_every_void(acme):
    shown = acme("show", "acme", "--as-of", "2026-11-04", "--json").json
    assert (shown["status"], shown["milestone"], shown["as_of"]) == ("target", 0, "2026-11-04")
    assert [(f["number"], f["voided_by"] is None) for f in shown["facts"]] == [(5, True), (6, False)]
    assert acme("show", "acme", "--as-of", "2026-11-19", "--json").json["status"] == "open"


def test_before_anything_was_recorded_it_says_so(acme):
    said = acme("show", "acme", "--as-of", "2026-11-01")
    assert said.code == ExitCode.REFUSED
    assert "Nothing was recorded about acme by 2026-11-01." in said.err


def test_what_was_not_known_is_not_there(acme):
    said = acme("show", "acme", "--known-on", "2020-01-01")
    assert said.code == ExitCode.REFUSED
    known = acme("show", "acme", "--known-on", "2099-01-01", "--json").json
    assert known["status"] == "lost"


@pytest.mark.parametrize("name", ["acme", "ACME", "1"])
def test_it_is_found_by_key_or_number_though_it_is_lost(name, acme):
    assert acme("show", name, "--json").json["key"] == "acme"


@pytest.mark.parametrize("name", ["acm", "2", "nobody", "", "[red]", "x" * 10_000])
def test_an_unknown_one_is_refused(name, acme):
    said = acme("show", name)
    assert (said.code, said.out) == (ExitCode.REFUSED, "")
    assert "`ms opportunities` lists them." in said.err


def test_a_near_name_is_suggested(acme):
    acme("add", "Beta")
    assert "Did you mean beta?" in acme("show", "betta").err


def test_a_takeover_and_a_handover_are_told_with_their_days_and_reps(team):
    team("add", "Beta")
    team("standing", "beta", "3", "--since", "2026-06-01")
    team("assign", "beta", "ben")
    facts = team("show", "beta", "--json").json["facts"]
    assert (facts[1]["kind"], facts[1]["since"], facts[2]["rep"]) == ("standing", "2026-06-01", "ben")


def test_an_undone_undo_leaves_a_fact_standing(acme):
    acme("undo", "5")
    acme("undo", "6")
    last = acme("show", "acme", "--json").json["facts"][-1]
    assert (last["kind"], last["voided_by"]) == ("lost", None)


def test_an_open_one_says_what_it_is_worth(team):
    team("add", "Beta", "--value", "40k", "--reached", "4")
    assert "Worth €20,000." in team("show", "beta", "--format", "table").out
    found = team("show", "beta", "--json").json
    assert (found["worth"], found["worth_assumed"]) == ("20000.00", False)
    team("lose", "beta")
    assert "Worth" not in team("show", "beta", "--format", "table").out
    assert team("show", "beta", "--json").json["worth"] == "0.00"


def test_its_worth_and_its_day_to_be_set_aside_are_explained(team):
    team("add", "Beta", "--value", "40k", "--reached", "4", "--on", "2026-11-13")
    why = team("show", "beta", "--explain", "--json").json["explain"]
    assert (why["value"], why["share"], why["worth"]) == ("40000.00", 0.5, "20000.00")
    assert (why["since"], why["dead_after_days"], why["aside_on"]) == ("2026-11-13", 40, "2026-12-23")
    assert "how the figures come about" in team("show", "beta", "--explain", "--format", "table").out


def test_a_day_of_an_edit_of_many_is_marked_until_somebody_says_the_day(team, tmp_path):
    (tmp_path / "f.csv").write_text("opportunity,milestone,date,outcome\nx,1,2026-03-01,\nx,3,2026-06-01,bulk\n")
    team("import", str(tmp_path / "f.csv"))
    facts = team("show", "x", "--json").json["facts"]
    assert [(one["milestone"], one["bulk"]) for one in facts] == [(None, False), (1, False), (2, True), (3, True)]
    number = str(facts[-1]["number"])
    said = team("show", "x", "--format", "table").out
    assert f"Fact {number} has the day of an edit of many" in " ".join(said.split())
    assert team("amend", number, "--on", "2026-06-01").code == 0
    again = team("show", "x", "--json").json["facts"]
    assert [one["bulk"] for one in again if one["voided_by"] is None] == [False] * 4
