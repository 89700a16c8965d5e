"""`ms lose` and `ms reopen`."""

from __future__ import annotations

import pytest

from milestone_cli.errors import ExitCode


@pytest.fixture
def acme(team):
    team("add", "Acme", "--rep", "anna", "--reached", "2", "--on", "2026-11-02")
    return team


def test_lose_says_since_when_and_when_to_look_again(acme):
    said = acme("lose", "acme", "--reason", "Too dear", "--revisit", "+12w", "--on", "2026-11-20")
    assert said.out.splitlines() == [
        "acme is lost since Nov 20, 2026.",
        "No lamp moves, and the forecast stays as it is.",
        "Look at it again on Feb 15, 2027.",
    ]
    shown = acme("show", "acme", "--json").json
    assert (shown["status"], shown["waiting_days"], shown["milestone"]) == ("lost", None, 2)
    last = shown["facts"][-1]
    assert (last["kind"], last["reason"], last["revisit_on"]) == ("lost", "Too dear", "2027-02-15")


def test_lose_says_how_little_of_the_forecast_it_costs(acme):
    acme("revalue", "acme", "40k")
    assert "No lamp moves; forecast -€5,000." in acme("lose", "acme", "--dry-run").out
    found = acme("lose", "acme", "--json").json
    assert (found["worth_before"], found["worth_now"]) == ("5000.00", "0.00")
    said = acme("reopen", "acme")
    assert "Worth €5,000, was €0." in said.out


def test_to_let_a_dead_horse_go_costs_nothing(acme):
    acme("revalue", "acme", "40k")
    said = acme("lose", "acme", "--as-of", "2027-02-01")
    assert "No lamp moves, and the forecast stays as it is: it was set aside already." in said.out


def test_json_is_the_whole_object(acme):
    found = acme("lose", "acme", "--json").json
    assert {"on": "2026-11-23", "reason": None, "revisit_on": None}.items() <= found.items()
    found = acme("reopen", "acme", "--json").json
    assert {"on": "2026-11-23", "milestone": 2}.items() <= found.items()
    assert found["next"]["milestone"] == 3


def test_reopen_leaves_the_clock_running(acme):
    acme("lose", "acme")
    assert acme("reopen", "acme").out.startswith("acme is open again since Nov 23, 2026; its clock runs on.\n")
    assert acme("show", "acme", "--json").json["waiting_days"] == 21


def test_a_lost_target_customer_can_be_reopened(team):
    team("add", "Beta")
    team("lose", "beta")
    found = team("reopen", "beta", "--json").json
    assert (found["milestone"], found["next"]["milestone"]) == (0, 1)


def test_the_same_loss_again_is_already_recorded(acme):
    acme("lose", "acme")
    said = acme("lose", "acme")
    assert (said.code, "already recorded" in said.err + said.out) == (0, True)


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["lose", "acme", "--on", "2026-11-01"], ExitCode.REFUSED, "lies before acme reached"),
        (["lose", "acme", "--on", "2026-11-24"], ExitCode.REFUSED, "future"),
        (["lose", "acme", "--revisit", "2026-11-20"], ExitCode.REFUSED, "--revisit"),
        (["lose", "acme", "--reason", "\x07"], ExitCode.USAGE, "control character"),
        (["lose", "acme", "--reason", "x" * 2001], ExitCode.USAGE, "2001"),
        (["lose", "nobody"], ExitCode.REFUSED, "nobody"),
        (["reopen", "acme"], ExitCode.REFUSED, "is not lost"),
    ],
)
def test_what_cannot_be_is_refused(argv, code, words, acme):
    said = acme(*argv)
    assert (said.code, said.out) == (code, "")
    assert words in said.err
    assert acme("log", "--json").json["total"] == 2
