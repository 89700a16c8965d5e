"""`ms add-rep`, `ms reps`, `ms retire-rep`, `ms set-target`, `ms targets`."""

from __future__ import annotations

import pytest

from milestone_cli.domain.day import parse_iso
from milestone_cli.errors import ExitCode


def reps_of(ms):
    return ms("reps", "--json").json["reps"]


@pytest.mark.usefixtures("path")
def test_a_rep_is_added_once(ms):
    answer = ms("add-rep", "anna", "--name", "Anna Example", "--json")
    assert (answer.code, answer.json["began"], answer.json["name"]) == (0, "2026-11-23", "Anna Example")
    again = ms("add-rep", "ANNA")
    assert (again.code, again.out) == (0, "")
    assert "anna is a rep already, since 2026-11-23." in again.err
    assert len(reps_of(ms)) == 1


def test_a_dry_run_adds_nobody_and_makes_no_file(path, ms):
    assert ms("add-rep", "anna", "--dry-run", "--json").json["dry_run"] is True
    assert "A dry run" in ms("add-rep", "anna", "--dry-run").out
    assert not path.exists()


def test_reps_are_listed_in_alphabetical_order_with_what_they_own(team):
    team("add-rep", "Aaron", "--from", "2026-06-01")
    team("add", "Acme", "--rep", "ben", "--reached", "2")
    team("add", "Beta", "--rep", "ben")
    team("set-target", "30k", "--rep", "ben")
    found = team("reps", "--json").json
    assert [(rep["rep"], rep["open"]) for rep in found["reps"]] == [("Aaron", 0), ("anna", 0), ("ben", 2)]
    assert found["processes"] == [
        {
            "process": "b2b",
            "currency": "EUR",
            "reps": [
                {"rep": "Aaron", "open": 0, "target": None},
                {"rep": "anna", "open": 0, "target": None},
                {"rep": "ben", "open": 2, "target": "30000.00"},
            ],
        }
    ]
    assert "Own target" in team("reps", "--format", "table").out


def test_reps_as_of_a_day_own_what_they_owned_then(team):
    team("add", "Acme", "--rep", "ben", "--on", "2026-11-10")
    team("retire-rep", "ben", "--on", "2026-11-20")
    then = team("reps", "--json", "--as-of", "2026-11-01").json["reps"][1]
    assert (then["open"], then["retired_on"]) == (0, None)
    now = team("reps", "--json").json["reps"][1]
    assert (now["open"], now["retired_on"]) == (1, "2026-11-20")


def test_a_rep_who_retires_is_told_what_is_still_theirs(team):
    team("add", "Acme", "--rep", "ben")
    answer = team("retire-rep", "ben")
    assert answer.code == 0
    assert (
        "1 opportunity is still with ben; give it to somebody: `ms assign --from-rep ben --to-rep REP`." in answer.out
    )
    assert "ben has retired already, on 2026-11-23." in team("retire-rep", "ben").err
    assert team("retire-rep", "anna", "--json").json["open"] == 0


def test_a_retired_rep_can_be_back(team):
    team("retire-rep", "ben", "--on", "2026-10-31")
    early = team("add-rep", "ben", "--from", "2026-10-01")
    assert (early.code, "cannot be back on 2026-10-01" in early.err) == (ExitCode.REFUSED, True)
    assert "is back" in team("add-rep", "ben").out
    assert reps_of(team)[1]["retired_on"] is None


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add-rep", ""), ExitCode.USAGE, "The key of the rep is empty."),
        (("add-rep", "x" * 10_000), ExitCode.USAGE, "10000 characters"),
        (("add-rep", "a\x1b[31m"), ExitCode.USAGE, "control character"),
        (("add-rep", "--", "-x"), ExitCode.USAGE, "begins with a dash"),
        (("add-rep", "anna", "--name", "Other"), ExitCode.REFUSED, 'is called "Anna"'),
        (("add-rep", "anna", "--from", "2026-01-01"), ExitCode.REFUSED, "anna is a rep already"),
        (("add-rep", "new", "--from", "0001-01-01"), ExitCode.USAGE, "outside 1990 to 2100"),
        (("retire-rep", "annna"), ExitCode.REFUSED, 'There is no rep "annna".'),
        (("retire-rep", "anna", "--on", "2026-12-01"), ExitCode.REFUSED, "lies in the future"),
        (("retire-rep", "anna", "--on", "2023-12-31"), ExitCode.REFUSED, "began on 2024-01-01"),
        (("set-target", "0.005"), ExitCode.USAGE, "too many decimals"),
        (("set-target", "nan"), ExitCode.USAGE, "nan"),
        (("set-target", "1000000000000000000"), ExitCode.USAGE, "too large"),
        (("set-target", "120.000"), ExitCode.USAGE, "can be read as 120000 or as 120 EUR"),
        (("set-target", "--", "-5"), ExitCode.USAGE, "-5"),
        (("set-target", "5k", "--rep", "nobody"), ExitCode.REFUSED, 'There is no rep "nobody".'),
        (("set-target", "5k", "--process", "b2c"), ExitCode.REFUSED, "Did you mean b2b?"),
        (("set-target", "5k", "--from", "2026-Q1"), ExitCode.USAGE, "is not a month"),
        (("targets", "--rep", "nobody"), ExitCode.REFUSED, 'There is no rep "nobody".'),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence_and_nothing_is_recorded(team, words, code, said):
    before = team("log", "--json").out, reps_of(team)
    answer = team(*words)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err
    assert before == (team("log", "--json").out, reps_of(team))


def test_a_command_that_needs_one_process_lists_them(team, write, process_of):
    write(lambda ledger: ledger.define(process_of("smb"), on=parse_iso("2026-11-23"), valid_from=None))
    answer = team("set-target", "5k")
    assert (answer.code, "b2b, smb" in answer.err) == (ExitCode.REFUSED, True)


def test_no_file_yet_is_told(path, ms):
    for words in (("reps",), ("targets",), ("set-target", "5"), ("retire-rep", "x")):
        answer = ms(*words)
        assert (answer.code, "Start with `ms define-process`" in answer.err) == (ExitCode.REFUSED, True)
    assert not path.exists()


def test_a_later_target_holds_from_the_next_month_and_says_what_it_means_at_milestone_1(team):
    found = team("set-target", "150k", "--json").json
    assert (found["rep"], found["target"], found["valid_from"]) == (None, "150000.00", "2026-12-01")
    assert found["required_at_first"] == "2400000.00"
    again = team("set-target", "150k")
    assert (again.code, "That is the target of the team in b2b already" in again.err) == (0, True)


def test_the_first_target_of_a_rep_holds_from_the_beginning(team):
    assert team("set-target", "30k", "--rep", "anna", "--json").json["valid_from"] is None
    assert (
        team("set-target", "30k", "--rep", "ben", "--from", "next-month", "--json").json["valid_from"] == "2026-12-01"
    )


def test_a_target_of_0_is_no_target_and_of_a_rep_no_share(team):
    assert "has no target in b2b from Dec 2026 on." in team("set-target", "0").out
    shown = team("set-target", "0,00", "--rep", "anna").out
    assert "An own target of 0 also means no share of the team's." in shown
    assert "milestone 1" not in shown


def test_a_target_of_a_running_month_is_used_from_the_next(team):
    assert "The KPIs use it from Dec 2026 on" in team("set-target", "150k", "--from", "2026-11", "--dry-run").out
    assert len(team("targets", "--json").json["processes"][0]["targets"]) == 1


def test_targets_say_whose_part_is_what_and_whether_they_add_up(team):
    team("add", "Acme", "--rep", "anna", "--reached", "1", "--on", "2026-10-01")
    team("add", "Beta", "--rep", "ben", "--reached", "1", "--on", "2026-10-01")
    team("set-target", "30k", "--rep", "anna")
    found = team("targets", "--json").json["processes"][0]
    assert found["team"] == {"target": "100000.00", "target_source": "own"}
    assert found["reps"] == [
        {"rep": "anna", "target": "30000.00", "target_source": "own"},
        {"rep": "ben", "target": "70000.00", "target_source": "share"},
    ]
    assert found["mismatch"] == "0.00"
    team("set-target", "40k", "--rep", "ben")
    assert team("targets", "--json").json["processes"][0]["mismatch"] == "-30000.00"
    assert "The reps' targets are €30,000 a month below the team's." in team("targets", "--format", "table").out
    only = team("targets", "--rep", "anna", "--json").json
    assert (only["rep"], [part["rep"] for part in only["processes"][0]["reps"]]) == ("anna", ["anna"])
    assert [target["rep"] for target in only["processes"][0]["targets"]] == [None, "anna"]


def test_a_rep_without_opportunities_shares_in_their_own_view_only(team):
    shown = team("targets", "--rep", "anna", "--format", "table").out
    assert "anna has no open opportunity and shares in this view only." in shown


@pytest.mark.usefixtures("path")
def test_a_process_without_targets_says_how_to_set_one(ms, write, process_of):
    write(lambda ledger: ledger.define(process_of(), on=parse_iso("2026-11-23"), valid_from=None))
    assert "`ms set-target AMOUNT` sets one" in ms("targets", "--format", "table").out
    assert "No target of the team" in ms("processes", "b2b", "--format", "table").out


def test_a_german_reader_types_and_sees_german_amounts(team):
    shown = team("set-target", "120.000", "--locale", "de").out
    assert "120.000\u00a0€" in shown
