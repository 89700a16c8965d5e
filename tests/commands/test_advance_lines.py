"""`ms advance -`: lines of customer actions, all or none."""

from __future__ import annotations

import io
import sys

import pytest
from tests.terminal import Window

from milestone_cli.errors import ExitCode


class Piped(io.TextIOWrapper):
    """Standard input with these bytes, no terminal."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8")


@pytest.fixture
def lines(team, monkeypatch):
    """Runs `ms advance -` with these lines on anna's acme, at milestone 2, and ben's berg, a target customer."""
    team("add", "Acme", "--value", "40k", "--rep", "anna", "--reached", "2", "--on", "2026-11-02")
    team("add", "Berg AG", "--rep", "ben", "--on", "2026-11-02")

    def run(typed, *argv):
        monkeypatch.setattr(sys, "stdin", Piped(typed if isinstance(typed, bytes) else typed.encode()))
        return team("advance", "-", *argv)

    return run


def commands(team):
    return team("log", "--json").json["commands"]


def test_each_line_is_a_fact_of_its_own_day_and_all_are_one_command(lines, team):
    said = lines(
        "# Friday\n\nacme 3 -3d said: That's what it costs\nberg 1 2026-11-12\nacme offer yesterday wrote: Offer\n"
    )
    assert said.code == 0
    told = [line for line in said.out.splitlines() if "reached" in line]
    assert told == [
        "acme reached milestone 3 (Problem) on Nov 20, 2026.",
        "berg-ag reached milestone 1 (Interest) on Nov 12, 2026.",
        "acme reached milestone 4 (Offer) on Nov 22, 2026.",
    ]
    assert "Next to win" not in said.out
    assert said.err == "Recorded 3 customer actions.\n"
    assert [command["facts"] for command in commands(team)] == [3, 1, 2, 4]
    facts = team("show", "acme", "--json").json["facts"]
    assert [(fact["evidence"], fact["text"]) for fact in facts[-2:]] == [
        ("said", "That's what it costs"), ("wrote", "Offer"),
    ]  # fmt: skip
    assert team("undo").code == 0
    assert team("show", "acme", "--json").json["milestone"] == 2
    assert team("show", "berg", "--json").json["milestone"] == 0


def test_lamps_and_worth_move_from_line_to_line_as_by_single_commands(lines, team):
    found = lines("acme 3\nacme 4\n", "--dry-run", "--json").json
    assert [one["fact"] for one in found] == [None, None]
    assert [one["dry_run"] for one in found] == [True, True]
    single = [team("advance", "acme", milestone, "--json").json for milestone in "34"]
    for one, other in zip(found, single, strict=True):
        assert {key: one[key] for key in ("lamps", "worth_now", "worth_before", "milestone", "next")} == {
            key: other[key] for key in ("lamps", "worth_now", "worth_before", "milestone", "next")
        }


def test_every_bad_line_is_told_with_its_number_and_nothing_is_written(lines, team):
    said = lines(
        b"acme 3\nacme 9\nacme\nx'y 3\n\xff 3\nnone 2\nberg 1 2030-01-01\nberg 1 said:\x1b[31m\nberg 1 notaday\n"
    )
    assert (said.code, said.out) == (ExitCode.REFUSED, "")
    told = said.err.splitlines()
    assert told[0] == "Error: standard input has 8 lines that cannot be taken:"
    assert [line.split(":")[0] for line in told[1:9]] == [f"  line {number}" for number in range(2, 10)]
    assert "b2b has milestones 1 to 5" in told[1]
    assert "Nothing was recorded" in told[-1]
    assert "\x1b" not in said.err
    assert team("show", "acme", "--json").json["milestone"] == 2
    assert len(commands(team)) == 3


def test_with_json_the_refusal_is_json(lines):
    said = lines("acme 9\n", "--json")
    assert '"code": "invalid_lines"' in said.err


def test_the_same_lines_again_are_recorded_already(lines, team):
    typed = "acme 3 -3d\nberg 1\n"
    lines(typed)
    said = lines(typed)
    assert (said.code, said.err) == (0, "Nothing new: all of it was recorded already.\n")
    found = lines(f"{typed}berg 2\n", "--json")
    assert found.err == ""
    assert [one.get("already_recorded", False) for one in found.json] == [True, True, False]
    assert len(commands(team)) == 5


def test_a_dry_run_shows_it_and_records_nothing(lines, team):
    said = lines("acme 3\n", "--dry-run")
    assert "acme reached milestone 3" in said.out
    assert said.err == "Dry run: nothing was recorded.\n"
    assert len(commands(team)) == 3


def test_on_is_the_day_of_lines_that_name_none(lines):
    found = lines("acme 3\nberg 1 today\n", "--on", "2026-11-10", "--json").json
    assert [one["on"] for one in found] == ["2026-11-10", "2026-11-23"]


@pytest.mark.parametrize("content", ["", "\n\n", "# nothing\n"])
def test_no_lines_are_no_error(lines, content):
    said = lines(content)
    assert (said.code, said.out, said.err) == (0, "", "No lines: nothing was recorded.\n")
    assert lines(content, "--json").json == []


@pytest.mark.parametrize(
    ("argv", "words"),
    [(["3"], "MILESTONE"), (["--said", "x"], "--said"), (["--value", "4"], "--value"), (["--by", "x"], "--by")],
)
def test_what_belongs_to_one_opportunity_cannot_go_with_lines(argv, words, lines):
    said = lines("acme 3\n", *argv)
    assert (said.code, said.out) == (ExitCode.USAGE, "")
    assert said.err.startswith(f"Error: {words} cannot go with")


def test_a_process_that_requires_evidence_refuses_a_line_without(ms, write, process_of, monkeypatch):
    write(lambda ledger: ledger.define(process_of(evidence_required=True), on=20_000, valid_from=None))
    ms("add", "Acme")
    monkeypatch.setattr(sys, "stdin", Piped(b"acme 1\nacme 2 did: came\n"))
    said = ms("advance", "-")
    assert (said.code, "line 1: The process b2b asks" in said.err) == (ExitCode.REFUSED, True)
    assert ms("show", "acme", "--json").json["milestone"] == 0


def test_names_are_shown_as_they_are_and_steer_nothing(lines, team):
    team("add", "[red]Evil[/red] {0}", "--key", "{0}[red]")
    said = lines("{0}[red] 1 said: [bold]{x}\n")
    assert said.out.startswith("{0}[red] reached milestone 1")


def test_on_a_real_terminal_lines_are_taken_until_ctrl_d(lines, team):
    lines("")
    with Window("advance", "-") as window:
        window.answer("Ctrl-D ends", "acme 3\nberg 1 yesterday\n\x04")
        window.wait_for("Recorded 2 customer actions.")
        assert window.end() == 0
    with Window("advance", "-") as window:
        window.answer("Ctrl-D ends", "acme 4\n")
        window.interrupt("Interrupted: nothing recorded.")
        assert window.end() == ExitCode.INTERRUPTED
    assert [command["facts"] for command in commands(team)] == [2, 1, 2, 4]


def test_a_closed_standard_input_is_said(lines, team, monkeypatch):
    assert lines("").code == 0
    monkeypatch.setattr(sys, "stdin", None)
    assert "Standard input is closed" in team("advance", "-").err
