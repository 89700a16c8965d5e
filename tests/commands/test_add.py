"""`ms add`."""

from __future__ import annotations

import pytest

from milestone_cli.errors import ExitCode


def test_it_prints_the_key_alone_and_remarks_beside_it(team):
    said = team("add", "Acme GmbH", "--value", "40k", "--rep", "anna", "--on", "2026-11-02")
    assert (said.code, said.out) == (0, "acme-gmbh\n")
    assert "Acme GmbH: a target customer of b2b since Nov 2, 2026, anna's, potential €40,000." in said.err
    assert "Next to win: milestone 1 (Interest): The customer does interest" in said.err
    assert "  - Ask for interest" in said.err


def test_quiet_leaves_out_the_remarks(team):
    said = team("add", "Acme GmbH", "--quiet")
    assert (said.out, said.err) == ("acme-gmbh\n", "")


def test_a_second_one_of_the_same_customer_gets_the_next_key_and_says_so(team):
    team("add", "Acme")
    said = team("add", "ACME")
    assert said.out == "acme-2\n"
    assert "acme is another opportunity already; this one is acme-2." in said.err
    assert team("show", "acme-2", "--json").json["customer"] == "Acme"


def test_json_holds_the_whole_object(team):
    said = team("add", "Acme", "--title", "Second plant", "--value", "1.6m", "--reached", "3", "--json")
    found = said.json
    assert said.err == ""
    assert len(found.pop("fact")) == 32
    assert found.pop("fact_number") > 0
    assert found == {
        "opportunity": "acme", "customer": "Acme", "number": 1, "title": "Second plant", "process": "b2b", "rep": None,
        "value": "1600000.00", "on": "2026-11-23", "milestone": 3, "implied": [1, 2],
        "next": {
            "milestone": 4, "milestone_key": "offer", "name": "Offer", "customer_action": "The customer does offer",
            "how": ["Ask for offer"],
        },
    }  # fmt: skip


def test_reached_milestones_are_recorded_in_their_order_and_imply_the_others(team):
    said = team("add", "Acme", "--reached", "offer", "--reached", "1", "--on", "yesterday")
    assert "Reached milestone 1 (Interest)." in said.err
    assert "Reached milestone 4 (Offer)." in said.err
    assert "Implied by it, on the same day: milestone 2 (Invited), 3 (Problem)." in said.err
    assert [fact["kind"] for fact in team("show", "acme", "--json").json["facts"]] == ["opened", *["reached"] * 4]


def test_the_rep_of_the_environment_owns_it(team, monkeypatch):
    monkeypatch.setenv("MS_REP", "ben")
    assert team("add", "Acme", "--json").json["rep"] == "ben"
    assert team("add", "Beta", "--team", "--json").code == ExitCode.USAGE


def test_an_own_key_is_taken_as_it_is(team):
    assert team("add", "Acme", "--key", "Big.Deal").out == "Big.Deal\n"
    assert team("show", "big.deal", "--json").json["key"] == "Big.Deal"


def test_a_dry_run_says_what_would_be_recorded_and_records_nothing(team):
    said = team("add", "Acme", "--dry-run")
    assert said.out == "acme\n"
    assert said.err.endswith("Dry run: nothing was recorded.\n")
    found = team("add", "Acme", "--dry-run", "--json").json
    assert (found["fact"], found["dry_run"]) == (None, True)
    assert team("opportunities", "--json").json["opportunities"] == []


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["" ], ExitCode.USAGE, "empty"),
        (["x" * 10_000], ExitCode.USAGE, "10000 characters"),
        (["a\x00b"], ExitCode.USAGE, "control character"),
        (["\x1b]52;c;aGk=\x07"], ExitCode.USAGE, "control character"),
        (["Acme", "--value", "0"], ExitCode.USAGE, "0"),
        (["Acme", "--value", "-5"], ExitCode.USAGE, "-5"),
        (["Acme", "--value", "nan"], ExitCode.USAGE, "nan"),
        (["Acme", "--value", "inf"], ExitCode.USAGE, "inf"),
        (["Acme", "--value", "1" + "0" * 18], ExitCode.USAGE, "1000000000000000000"),
        (["Acme", "--value", "1.2345"], ExitCode.USAGE, "1.2345"),
        (["Acme", "--value", "120.000"], ExitCode.USAGE, "120000 or as 120"),
        (["Acme", "--on", "2026-11-24"], ExitCode.REFUSED, "future"),
        (["Acme", "--on", "2026-02-30"], ExitCode.USAGE, "2026-02-30"),
        (["Acme", "--on", "0001-01-01"], ExitCode.USAGE, "0001-01-01"),
        (["Acme", "--on", "9999-12-31"], ExitCode.USAGE, "9999-12-31"),
        (["Acme", "--rep", "bem"], ExitCode.REFUSED, "Did you mean ben? `ms reps` lists them, `ms add-rep` adds one."),
        (["Acme", "--process", "b3b"], ExitCode.REFUSED, "Did you mean b2b?"),
        (["Acme", "--reached", "6"], ExitCode.REFUSED, "milestones 1 to 5"),
        (["Acme", "--key", "two words"], ExitCode.USAGE, "a blank"),
        (["Acme", "--key=-x"], ExitCode.USAGE, "dash"),
        (["Acme", "--key", "4711"], ExitCode.USAGE, "all digits"),
        (["Acme", "--key", "k" * 61], ExitCode.USAGE, "61 characters"),
        (["Acme", "--title", " "], ExitCode.USAGE, "title is empty"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_one_message_and_nothing_is_written(argv, code, words, team):
    said = team("add", *argv)
    assert said.code == code
    assert said.out == ""
    assert words in said.err
    assert len(said.err.splitlines()) <= 2
    assert team("log", "--json").json["total"] == 1


def test_a_key_that_is_there_already_is_refused(team):
    team("add", "Acme")
    said = team("add", "Beta", "--key", "ACME")
    assert (said.code, "Choose another --key." in said.err) == (ExitCode.REFUSED, True)


def test_without_a_file_or_a_process_it_says_how_to_begin(ms, path, write):
    said = ms("add", "Acme")
    assert said.code == ExitCode.REFUSED
    assert "ms define-process" in said.err
    assert not path.exists()
    write(lambda ledger: ledger.add_rep("anna", "Anna", on=20_000, began=20_000))
    said = ms("add", "Acme")
    assert said.code == ExitCode.REFUSED
    assert "No process is defined yet." in said.err


def test_two_processes_and_none_named_are_refused_with_both(team, write, process_of):
    write(lambda ledger: ledger.define(process_of("smb"), on=20_000, valid_from=None))
    said = team("add", "Acme")
    assert said.code == ExitCode.REFUSED
    assert "b2b, smb" in said.err
    assert team("add", "Acme", "--process", "smb").code == 0


def test_a_process_that_asks_for_evidence_takes_no_reached(ms, write, process_of):
    write(lambda ledger: ledger.define(process_of(evidence_required=True), on=20_000, valid_from=None))
    said = ms("add", "Acme", "--reached", "1")
    assert said.code == ExitCode.REFUSED
    assert "`ms advance`" in said.err


def test_somebody_who_has_left_is_warned_about(team, write):
    write(lambda ledger: ledger.retire_rep(ledger.book.setup.rep("ben"), on=20_000))
    said = team("add", "Acme", "--rep", "ben")
    assert said.code == 0
    assert "Warning: ben had left by then." in said.err


@pytest.mark.parametrize(
    "name", ["[red]x[/red]", "[link=http://x]y[/link]", "Acme [/]", ":smile:", "a\u202eb", "é", "👩‍👩‍👧"]
)
def test_a_hostile_name_is_stored_as_given_and_shown_harmless(name, team):
    key = team("add", name, "--key", "x").out
    assert key == "x\n"
    assert team("show", "x", "--json").json["customer"] == name
    shown = team("show", "x", "--format", "table").out
    assert "\u202e" not in shown
    assert "\x1b" not in shown
