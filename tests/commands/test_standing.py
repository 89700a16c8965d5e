"""`ms standing`: the opening balance."""

from __future__ import annotations

import pytest

from milestone_cli.errors import ExitCode


@pytest.fixture
def acme(team):
    team("add", "Acme", "--rep", "anna")
    return team


def test_it_stands_there_without_an_arrival_and_its_clock_runs_from_since(acme):
    said = acme("standing", "acme", "3", "--since", "2026-06-01", "--value", "120k")
    assert said.code == 0
    assert said.out.splitlines() == [
        (
            "acme stands at milestone 3 (Problem) since Jun 1, 2026, taken over on Nov 23, 2026: "
            "an opening balance, no arrival."
        ),
        "Worth €30,000.",
        "Next to win: milestone 4 (Offer): The customer does offer",
        "  - Ask for offer",
    ]
    shown = acme("show", "acme", "--json").json
    assert (shown["milestone"], shown["reached_on"], shown["waiting_days"]) == (3, "2026-06-01", 175)
    assert (shown["status"], shown["value"]) == ("dead", "120000.00")
    kpis = acme("kpis", "--json").json["processes"][0]["milestones"]
    assert [row["count"] for row in kpis] == [0] * 5
    assert {row["lamp"] for row in kpis} <= {"grey", "amber", "red"}


def test_json_is_the_whole_object(acme):
    found = acme("standing", "acme", "offer", "--since", "2026-06-01", "--on", "yesterday", "--json").json
    wanted = {"milestone": 4, "milestone_key": "offer", "on": "2026-11-22", "since": "2026-06-01", "value": None}
    assert wanted.items() <= found.items()
    assert found["next"]["milestone"] == 5


def test_without_since_it_stands_there_since_the_takeover(acme):
    assert acme("standing", "acme", "3", "--json").json["since"] == "2026-11-23"


def test_the_same_again_is_already_recorded(acme):
    acme("standing", "acme", "3")
    assert acme("standing", "acme", "3").code == 0
    assert acme("log", "--json").json["total"] == 3


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["3", "--since", "2026-11-24"], ExitCode.REFUSED, "--since"),
        (["3", "--since", "2026-06-31"], ExitCode.USAGE, "2026-06-31"),
        (["3", "--on", "2026-11-25"], ExitCode.REFUSED, "future"),
        (["7"], ExitCode.REFUSED, "milestones 1 to 5"),
    ],
)
def test_what_cannot_be_is_refused(argv, code, words, acme):
    said = acme("standing", "acme", *argv)
    assert (said.code, said.out) == (code, "")
    assert words in said.err
    assert acme("log", "--json").json["total"] == 2


def test_one_that_has_moved_in_the_book_is_not_taken_over(acme):
    acme("advance", "acme", "1")
    assert "has moved in this book" in acme("standing", "acme", "3").err


def test_it_stands_before_the_first_milestone_that_is_left_when_its_own_was_removed(ms, write, process_of):
    from milestone_cli.domain.day import parse_iso

    long = process_of()
    short = process_of(milestones=long.milestones[1:])

    def define(ledger):
        ledger.define(long, on=20_000, valid_from=None)
        ledger.define(short, on=20_001, valid_from=parse_iso("2026-11-01"))

    write(define)
    ms("add", "Acme", "--on", "2026-10-01")
    said = ms("standing", "acme", "interest", "--on", "2026-10-02")
    assert said.code == 0
    assert "Next to win: milestone 1 (Invited)" in said.out
    assert ms("show", "acme", "--json").json["milestone"] == 0
