"""`ms revalue` and `ms assign`."""

from __future__ import annotations

import pytest

from milestone_cli.errors import ExitCode


@pytest.fixture
def acme(team):
    team("add", "Acme", "--value", "40k", "--rep", "anna", "--on", "2026-11-02")
    return team


def test_revalue_says_the_potential_before_and_now(acme):
    assert (
        acme("revalue", "acme", "120k").out
        == "The potential of acme is €120,000 from Nov 23, 2026 on, €40,000 before.\n"
    )
    found = acme("revalue", "acme", "95000", "--on", "2026-11-10", "--json").json
    assert (found["on"], found["value"], found["value_before"]) == ("2026-11-10", "95000.00", "40000.00")
    assert acme("show", "acme", "--json").json["value"] == "120000.00"


def test_revalue_where_no_potential_was_known_names_none(team):
    team("add", "Beta")
    assert team("revalue", "beta", "5k").out == "The potential of beta is €5,000 from Nov 23, 2026 on.\n"


def test_a_backdated_revaluation_reprices_the_arrivals_behind_it(acme):
    acme("advance", "acme", "1", "--on", "2026-11-12")
    acme("revalue", "acme", "95k", "--on", "2026-11-10")
    assert acme("kpis", "--json").json["processes"][0]["milestones"][0]["reached"] == "95000.00"


def test_the_same_revaluation_again_is_already_recorded(acme):
    acme("revalue", "acme", "120k")
    said = acme("revalue", "acme", "120k")
    assert (said.code, "already recorded" in said.err + said.out) == (0, True)


@pytest.mark.parametrize("amount", ["0", "-5", "1e999", "120.000", "nan", "1.2345", "1" + "0" * 18, "12 USD"])
def test_an_amount_that_cannot_be_is_refused(amount, acme):
    said = acme("revalue", "acme", "--", amount)
    assert said.code == ExitCode.USAGE
    assert len(said.err.splitlines()) == 2


def test_the_locale_decides_how_an_amount_reads(acme):
    assert acme("revalue", "acme", "120.000", "--locale", "de", "--json").json["value"] == "120000.00"


def test_assign_says_the_owner_before_and_now(acme):
    assert acme("assign", "acme", "ben").out == "acme belongs to ben from Nov 23, 2026 on, to anna before.\n"
    found = acme("assign", "acme", "anna", "--json").json
    assert (found["rep"], found["rep_before"]) == ("anna", "ben")
    assert acme("assign", "acme", "anna").code == 0
    assert acme("log", "--json").json["total"] == 4


def test_all_open_ones_of_a_rep_change_hands_in_one_command(acme):
    for name in ("Beta", "Gamma", "Delta"):
        acme("add", name, "--rep", "anna", "--reached", "1")
    acme("lose", "delta")
    acme("add", "Other", "--rep", "ben")
    said = acme("assign", "--from-rep", "anna", "--to-rep", "ben")
    assert said.out == "3 open opportunities of anna belong to ben from Nov 23, 2026 on.\n"
    rows = acme("opportunities", "--json").json["opportunities"]
    assert {row["key"]: row["rep"] for row in rows} == {
        "acme": "ben", "beta": "ben", "gamma": "ben", "delta": "anna", "other": "ben"
    }  # fmt: skip
    assert acme("log", "--limit", "1", "--json").json["commands"][0]["facts"] == 3
    acme("undo")
    assert {row["rep"] for row in acme("opportunities", "--rep", "anna", "--json").json["opportunities"]} == {"anna"}


def test_a_handover_can_be_of_one_process_only(acme, write, process_of):
    write(lambda ledger: ledger.define(process_of("smb"), on=20_000, valid_from=None))
    acme("add", "Beta", "--rep", "anna", "--process", "smb")
    found = acme("assign", "--from-rep", "anna", "--to-rep", "ben", "--process", "smb", "--json").json
    assert found == {
        "from_rep": "anna", "to_rep": "ben", "on": "2026-11-23", "count": 1, "opportunities": ["beta"]
    }  # fmt: skip


def test_a_handover_of_nothing_says_so_and_records_nothing(acme):
    said = acme("assign", "--from-rep", "ben", "--to-rep", "anna")
    assert said.out == "ben owns no open opportunity: nothing to do.\n"
    found = acme("assign", "--from-rep", "anna", "--to-rep", "ben", "--dry-run", "--json").json
    assert (found["count"], found["dry_run"]) == (1, True)
    assert acme("assign", "--from-rep", "anna", "--to-rep", "ben").out.startswith("1 open opportunity of anna belongs")
    assert acme("log", "--json").json["total"] == 3


def test_what_belongs_to_the_taker_by_then_is_left_alone(acme):
    acme("assign", "acme", "ben", "--on", "2026-11-10")
    acme("assign", "acme", "anna", "--on", "2026-11-20")
    assert acme("assign", "--from-rep", "anna", "--to-rep", "ben", "--on", "2026-11-12", "--json").json["count"] == 0


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        ([], ExitCode.USAGE, "needs an opportunity and a rep"),
        (["acme"], ExitCode.USAGE, "needs an opportunity and a rep"),
        (["acme", "ben", "--to-rep", "anna"], ExitCode.USAGE, "needs an opportunity and a rep"),
        (["--from-rep", "anna"], ExitCode.USAGE, "--to-rep"),
        (["--from-rep", "anna", "--to-rep", "anna"], ExitCode.USAGE, "both anna"),
        (["--from-rep", "nobody", "--to-rep", "anna"], ExitCode.REFUSED, 'no rep "nobody"'),
        (["acme", "bem"], ExitCode.REFUSED, "Did you mean ben?"),
        (["acme", "ben", "--on", "2026-12-01"], ExitCode.REFUSED, "future"),
    ],
)
def test_what_cannot_be_is_refused(argv, code, words, acme):
    said = acme("assign", *argv)
    assert (said.code, said.out) == (code, "")
    assert words in said.err
    assert acme("log", "--json").json["total"] == 2
