"""`ms` alone."""

from __future__ import annotations

from pathlib import Path

from milestone_cli.console import Terminal


def test_without_a_file_it_names_the_first_commands_and_makes_none(path: Path, ms) -> None:
    answer = ms()
    assert (answer.code, answer.err) == (0, "")
    assert "ms define-process" in answer.out
    assert not path.exists()
    assert len(ms("--json").json["first_commands"]) == 3


def test_it_shows_the_lamps_of_every_process(team) -> None:
    team("add", "Acme GmbH", "--value", "120k", "--reached", "1")
    found = team("--json").json
    assert [one["process"] for one in found["processes"]] == ["b2b"]
    assert found["processes"][0]["milestones"][0]["reached"] == "120000.00"
    assert "interest" in team().out.casefold()


def test_a_terminal_shows_how_far_each_milestone_is_as_a_bar(team, monkeypatch) -> None:
    team("set-target", "100k", "--from", "2026-01")
    team("add", "Acme GmbH", "--value", "800k", "--reached", "1")
    assert "░" not in team("--format", "table").out
    monkeypatch.setattr(Terminal, "is_terminal", True)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    shown = team().out
    assert "█████░░░░░  50% of €1,600,000" in shown
    assert "░" not in team("--format", "csv").out
    monkeypatch.setattr(Terminal, "encoding", "ascii")
    assert "..  50% of EUR1,600,000" in team().out


def test_it_shows_one_rep_where_one_is_configured(team, monkeypatch) -> None:
    monkeypatch.setenv("MS_REP", "anna")
    assert team("--json").json["rep"] == "anna"
    assert team("--team", "--json").json["rep"] is None
    monkeypatch.setenv("MS_REP", "ana")
    answer = team()
    assert (answer.code, "Did you mean anna?" in answer.err) == (1, True)
