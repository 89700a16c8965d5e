"""`ms amend`: a wrong fact is taken back and said right."""

from __future__ import annotations

import pytest

from milestone_cli.errors import ExitCode


@pytest.fixture
def acme(team, tmp_path, keep):
    """acme: fact 5 opened, 6 reached 2, 7 revalued, 8 assigned, 9 lost, 10 reopened; beta: 11 opened, 12 standing."""
    keep("acme", tmp_path, lambda: record(team))
    return team


def record(team):
    team("add", "Acme", "--rep", "anna", "--title", "Old", "--on", "2026-11-02")
    team("advance", "acme", "2", "--on", "2026-11-03", "--said", "Come", "--by", "Mr X")
    team("revalue", "acme", "40k", "--on", "2026-11-04")
    team("assign", "acme", "ben", "--on", "2026-11-05")
    team("lose", "acme", "--on", "2026-11-06", "--reason", "dear", "--revisit", "2027-01-01")
    team("reopen", "acme", "--on", "2026-11-07")
    team("add", "Beta", "--on", "2026-11-08")
    team("standing", "beta", "3", "--since", "2026-06-01", "--on", "2026-11-08")


def facts_of(ms, key="acme"):
    return {fact["number"]: fact for fact in ms("show", key, "--json").json["facts"] if not fact["implied"]}


def test_the_wrong_fact_stays_in_the_journal_as_taken_back(acme):
    said = acme("amend", "6", "--on", "2026-11-04", "--wrote", "Please come")
    assert said.out.splitlines() == [
        "Fact 6 of acme (reached on Nov 4, 2026) is corrected; it is fact 14 now.",
        "Changed: on, wrote.",
    ]
    facts = facts_of(acme)
    assert facts[6]["voided_by"] is not None
    right = facts[14]
    assert (right["on"], right["evidence"], right["text"], right["by"]) == (
        "2026-11-04",
        "wrote",
        "Please come",
        "Mr X",
    )
    assert acme("show", "acme", "--json").json["reached_on"] == "2026-11-04"


def test_json_names_both_facts(acme):
    wrong = facts_of(acme)[6]["id"]
    found = acme("amend", "6", "--on", "2026-11-04", "--json").json
    assert (found["corrects"], found["changed"], found["on"]) == (wrong, ["on"], "2026-11-04")
    assert found["fact"] == facts_of(acme)[14]["id"]


@pytest.mark.parametrize(
    ("fact", "key", "argv", "right"),
    [
        ("5", "acme", ["--value", "50k"], {"value": "50000.00"}),
        ("5", "acme", ["--rep", "ben"], {"rep": "ben"}),
        ("5", "acme", ["--title", "New"], {"title": "New"}),
        ("5", "acme", ["--on", "2026-10-30"], {"on": "2026-10-30"}),
        ("6", "acme", ["--milestone", "3"], {"milestone": 3}),
        ("6", "acme", ["--ref", "mail"], {"ref": "mail"}),
        ("7", "acme", ["--value", "45k"], {"value": "45000.00"}),
        ("8", "acme", ["--on", "2026-11-06"], {"on": "2026-11-06"}),
        ("9", "acme", ["--reason", "slow"], {"reason": "slow"}),
        ("9", "acme", ["--revisit", "2027-02-01"], {"revisit_on": "2027-02-01"}),
        ("10", "acme", ["--on", "2026-11-08"], {"on": "2026-11-08"}),
        ("12", "beta", ["--since", "2026-05-01"], {"since": "2026-05-01"}),
        ("12", "beta", ["--milestone", "offer"], {"milestone_key": "offer"}),
    ],
)
def test_every_kind_of_fact_can_be_corrected(fact, key, argv, right, acme, problems):
    assert acme("amend", fact, *argv).code == 0
    facts = facts_of(acme, key)
    assert right.items() <= facts[max(facts)].items()
    assert problems() == []


def test_what_an_opening_says_beside_its_own_fields_stays(acme, path):
    import json
    import sqlite3

    acme("amend", "5", "--title", "New")
    with sqlite3.connect(path) as connection:
        payloads = [json.loads(row[0]) for row in connection.execute("SELECT payload FROM fact WHERE kind = 'opened'")]
    assert [payload["process"] for payload in payloads] == ["b2b"] * 3
    assert payloads[0]["customer"] == payloads[-1]["customer"]
    shown = acme("show", "acme", "--json").json
    assert (shown["title"], shown["customer"], shown["rep"]) == ("New", "Acme", "ben")


def test_a_fact_is_named_by_its_id_or_the_beginning_of_it_too(acme):
    whole = facts_of(acme)[6]["id"]
    assert acme("amend", whole, "--by", "Ms Y").code == 0
    newest = facts_of(acme)[14]["id"]
    assert acme("amend", newest[:31], "--by", "Ms Z").code == 0
    said = acme("amend", newest[:8], "--by", "Ms A")
    assert said.code == ExitCode.REFUSED
    assert "fits more than one fact" in said.err


def test_the_configured_rep_corrects_nothing(acme, monkeypatch):
    monkeypatch.setenv("MS_REP", "ben")
    acme("amend", "5", "--title", "New")
    assert facts_of(acme)[14]["rep"] == "anna"


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["6"], ExitCode.USAGE, "was not told what is right"),
        (["99", "--on", "today"], ExitCode.REFUSED, 'no fact "99"'),
        (["abc", "--on", "today"], ExitCode.REFUSED, 'no fact "abc"'),
        (["5", "--by", "Ms X"], ExitCode.USAGE, "Fact 5 (opened) has no --by"),
        (["10", "--value", "5"], ExitCode.USAGE, "It takes --on."),
        (["2", "--value", "5"], ExitCode.REFUSED, "`ms set-target`"),
        (["1", "--on", "today"], ExitCode.REFUSED, "`ms define-process`"),
        (["3", "--on", "today"], ExitCode.REFUSED, "`ms add-rep`"),
        (["6", "--on", "2026-11-24"], ExitCode.REFUSED, "future"),
        (["6", "--on", "2026-11-06"], ExitCode.REFUSED, "fact 10, reopened"),
        (["9", "--on", "2026-11-08"], ExitCode.REFUSED, "fact 10, reopened"),
        (["9", "--revisit", "2026-11-06"], ExitCode.REFUSED, "--revisit"),
        (["6", "--milestone", "order"], ExitCode.REFUSED, "won before it"),
        (["6", "--milestone", "9"], ExitCode.REFUSED, "milestones 1 to 5"),
        (["12", "--since", "2026-11-09"], ExitCode.REFUSED, "--since"),
        (["8", "--rep", "bem"], ExitCode.REFUSED, "Did you mean ben?"),
        (["6", "--did", "a", "--said", "b"], ExitCode.USAGE, "cannot go together"),
        (["7", "--value", "0"], ExitCode.USAGE, "0"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(argv, code, words, acme):
    said = acme("amend", *argv)
    assert (said.code, said.out) == (code, "")
    assert words in said.err
    assert acme("log", "--json").json["total"] == 9


def test_what_is_right_already_is_already_recorded(acme):
    said = acme("amend", "6", "--on", "2026-11-03")
    assert (said.code, "says that already" in said.err + said.out) == (0, True)


def test_a_corrected_fact_cannot_be_corrected_again_but_its_successor_can(acme):
    acme("amend", "6", "--on", "2026-11-04")
    assert "voided already" in acme("amend", "6", "--on", "2026-11-05").err
    assert "ms undo" in acme("amend", "13", "--on", "2026-11-05").err
    assert acme("amend", "14", "--on", "2026-11-05").code == 0


def test_a_dry_run_corrects_nothing(acme):
    said = acme("amend", "6", "--on", "2026-11-04", "--dry-run")
    assert said.out.startswith("Fact 6 of acme (reached on Nov 4, 2026) is corrected.\n")
    assert acme("log", "--json").json["total"] == 9
