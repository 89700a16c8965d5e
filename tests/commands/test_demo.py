"""`ms demo`: a made-up team in a file of its own."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest


@pytest.fixture
def shown(path: Path, ms, tmp_path: Path):  # noqa: ARG001  # the environment of every run
    """The demo in a file whose name needs quotes."""
    return ms("demo", "--db", str(tmp_path / "my demo.db"), "--json")


def test_it_shows_the_month_of_both_processes_and_says_that_it_is_made_up(shown) -> None:
    assert shown.code == 0
    found = shown.json
    assert found["made_up"] is True
    assert [one["process"] for one in found["processes"]] == ["b2b", "smb"]
    assert {one["period"]["label"] for one in found["processes"]} == {"2026-11"}
    assert 1200 <= found["opportunities"] <= 2000
    assert all(one["reached"] != "0.00" for process in found["processes"] for one in process["milestones"])


def test_every_command_it_names_works_as_printed(shown, ms) -> None:
    assert len(shown.json["commands"]) == 9
    for command in shown.json["commands"]:
        program, *argv = shlex.split(command)
        assert program == "ms"
        answer = ms(*argv)
        assert answer.code == 0, (command, answer.err)


@pytest.mark.usefixtures("shown")
def test_the_file_is_whole_and_every_rep_is_made_up(ms, tmp_path: Path) -> None:
    path = str(tmp_path / "my demo.db")
    assert ms("check", "--db", path, "--json").json["whole"] is True
    reps = ms("reps", "--db", path).out.splitlines()[1:]
    assert len(reps) == 4
    assert all("(made up)" in line for line in reps)
    assert "(made up)" in ms("processes", "--db", path).out


def test_the_same_day_gives_the_same_figures(shown, ms, tmp_path: Path) -> None:
    again = ms("demo", "--db", str(tmp_path / "again.db"), "--json").json
    assert again["processes"] == shown.json["processes"]


def test_without_db_it_lies_beside_the_default_file_whatever_the_settings_say(path: Path, ms, away_from_home) -> None:
    found = ms("demo", "--json").json
    assert found["file"] == str(away_from_home / "data" / "milestone-cli" / "demo.db")
    assert not path.exists()


def test_a_file_with_facts_is_refused_and_left_as_it_is(team, path: Path) -> None:
    before = team("check", "--json").json["facts"]
    answer = team("demo", "--db", str(path))
    assert (answer.code, answer.out) == (1, "")
    assert "holds facts already" in answer.err
    assert team("check", "--json").json["facts"] == before


@pytest.mark.usefixtures("path")
def test_a_pretended_day_is_part_of_the_commands(ms, tmp_path: Path) -> None:
    found = ms("demo", "--db", str(tmp_path / "d.db"), "--as-of", "2025-03-31", "--json").json
    assert all(command.endswith(" --as-of 2025-03-31") for command in found["commands"])
    assert found["processes"][0]["period"]["label"] == "2025-03"


@pytest.mark.usefixtures("path")
def test_in_a_pipe_the_commands_are_told_beside_the_tables(ms, tmp_path: Path) -> None:
    answer = ms("demo", "--db", str(tmp_path / "d.db"))
    assert answer.out.startswith("B2B new business")
    assert "Made up:" in answer.err
    assert "ms advance " in answer.err
