"""`ms undo` and `ms log`."""

from __future__ import annotations

import io
import sys

import pytest

from milestone_cli import cli
from milestone_cli.commands import opening
from milestone_cli.errors import ExitCode


@pytest.fixture
def acme(team):
    team("add", "Acme", "--rep", "anna", "--on", "2026-11-02")
    team("advance", "acme", "2", "--on", "2026-11-03")
    return team


class Typed(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def keyboard(monkeypatch):
    def typed(text):
        streams = (Typed(text), Typed(), Typed())
        for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
            monkeypatch.setattr(sys, name, stream)
        return streams[2]

    return typed


def commands_of(ms, *argv):
    return ms("log", "--json", *argv).json["commands"]


def test_undo_takes_back_the_last_command_and_then_the_one_before(acme):
    assert acme("undo").out == "Command 3 (advance, 1 fact) is taken back: acme.\n"
    assert acme("show", "acme", "--json").json["status"] == "target"
    assert acme("undo").out == "Command 2 (add, 1 fact) is taken back: acme.\n"
    assert acme("show", "acme").code == ExitCode.REFUSED
    said = acme("undo")
    assert said.code == ExitCode.REFUSED
    assert "no command of yours" in said.err


def test_json_is_the_whole_object(acme):
    found = acme("undo", "--json").json
    assert len(found.pop("id")) == 32
    assert found == {
        "command": 3, "name": "advance", "who": opening.who(), "facts": 1, "about": ["acme"], "more": 0
    }  # fmt: skip


def test_facts_that_rest_on_a_command_are_named(acme):
    said = acme("undo", "2")
    assert said.code == ExitCode.REFUSED
    assert "acme: that does not fit fact 6, reached invited on 2026-11-03" in said.err
    assert len(commands_of(acme)) == 3


def test_an_undo_can_be_undone(acme, problems):
    acme("undo")
    assert acme("undo", "4").code == 0
    assert acme("show", "acme", "--json").json["milestone"] == 2
    assert [one["undone"] for one in commands_of(acme)] == [False, True, False, False, False]
    assert problems() == []


def test_an_amendment_is_undone_whole(acme):
    acme("amend", "6", "--on", "2026-11-10")
    assert acme("undo").out == "Command 4 (amend, 2 facts) is taken back: acme.\n"
    assert acme("show", "acme", "--json").json["reached_on"] == "2026-11-03"


def test_a_command_is_named_by_its_id_or_a_beginning_too(acme):
    newest = commands_of(acme)[0]
    assert acme("undo", newest["id"][:30], "--dry-run").code == 0
    assert acme("undo", newest["id"], "--dry-run").code == 0
    assert "fits more than one command" in acme("undo", newest["id"][:8]).err


@pytest.mark.parametrize("name", ["99", "x", "", "abcdefab"])
def test_an_unknown_command_is_refused(name, acme):
    said = acme("undo", name)
    assert said.code == ExitCode.REFUSED
    assert "`ms log`" in said.err


def test_a_command_is_undone_once(acme):
    acme("undo", "3")
    said = acme("undo", "3")
    assert said.code == ExitCode.REFUSED
    assert "undone already" in said.err


def test_a_dry_run_takes_nothing_back(acme):
    found = acme("undo", "--dry-run", "--json").json
    assert found["dry_run"] is True
    assert acme("show", "acme", "--json").json["milestone"] == 2


def test_only_my_own_last_command_goes_unless_one_is_named(acme, monkeypatch):
    monkeypatch.setattr(opening, "who", lambda: "carla")
    assert acme("undo").code == ExitCode.REFUSED
    assert acme("undo", "3").code == 0


@pytest.mark.usefixtures("acme")
def test_on_a_terminal_my_own_single_command_goes_without_a_question(keyboard):
    asked = keyboard("")
    assert cli.run(["undo"]) == 0
    assert "take it back?" not in asked.getvalue()


@pytest.fixture
def as_carla(monkeypatch):
    monkeypatch.setattr(opening, "who", lambda: "carla")


@pytest.mark.usefixtures("acme", "as_carla")
@pytest.mark.parametrize(("answer", "code", "left"), [("y\n", 0, 4), ("\n", ExitCode.REFUSED, 3)])
def test_on_a_terminal_somebody_else_s_command_goes_after_a_question(answer, code, left, keyboard, tmp_path):
    asked = keyboard(answer)
    assert cli.run(["undo", "3"]) == code
    assert "command 3 (advance, 1 fact): take it back? [y/N]" in asked.getvalue()
    out = tmp_path / "log.json"
    cli.run(["log", "-o", str(out)])
    assert f'"total": {left}' in out.read_text()


def test_on_a_terminal_a_command_about_many_goes_after_a_question(acme, keyboard):
    acme("add", "Beta", "--rep", "anna")
    acme("assign", "--from-rep", "anna", "--to-rep", "ben")
    asked = keyboard("n\n")
    assert cli.run(["undo"]) == ExitCode.REFUSED
    assert "Command 5 (assign, 2 facts): take it back?" in asked.getvalue()
    assert cli.run(["undo", "--yes"]) == 0


def test_the_log_lists_the_newest_first_with_what_each_is_about(acme):
    for name in "bcde":
        acme("add", name, "--rep", "anna")
    acme("assign", "--from-rep", "anna", "--to-rep", "ben")
    rows = commands_of(acme)
    assert [row["number"] for row in rows] == list(range(8, 0, -1))
    assert (rows[0]["about"], rows[0]["more"], rows[0]["facts"]) == (["acme", "b", "c"], 2, 5)
    assert rows[-1]["about"] == ["b2b", "b2b team", "anna"]
    assert rows[-1]["more"] == 1
    assert rows[0]["who"] == opening.who()
    lines = acme("log").out.splitlines()
    assert lines[0] == "number\ttime\twho\tcommand\tfacts\tabout\tundoes\tundone"
    assert "acme, b, c and 2 more" in lines[1]


def test_the_log_can_be_of_one_opportunity_and_limited(acme):
    acme("add", "Beta")
    assert [row["number"] for row in commands_of(acme, "--opportunity", "acme")] == [3, 2]
    found = acme("log", "--opportunity", "acme", "--limit", "1", "--json").json
    assert (found["total"], len(found["commands"])) == (2, 1)
    assert acme("log", "--limit", "0").code == ExitCode.USAGE


def test_times_are_those_of_the_user_s_zone(acme, monkeypatch):
    time = commands_of(acme)[0]["entered_at"]
    monkeypatch.setenv("MS_ZONE", "Asia/Tokyo")
    shown = acme("log").out.splitlines()[1].split("\t")[1]
    assert (int(shown[11:13]) - int(time[11:13])) % 24 == 9
    monkeypatch.delenv("MS_ZONE")
    assert acme("log").code == 0


def test_on_a_terminal_the_log_shows_the_newest_and_says_how_many_more(acme, keyboard):
    for number in range(30):
        assert acme("add", f"c{number}").code == 0
    keyboard("")
    cli.run(["log"])
    shown = sys.stdout.getvalue()
    assert shown.count(" add ") + shown.count(" advance ") + shown.count(" set-up ") == 25
    assert "8 more" in shown


def test_an_empty_log_says_so(ms, write):
    write(lambda _ledger: None)
    assert ms("log", "--format", "table").out == "Log\nNothing is recorded yet.\n"
    assert ms("log", "--json").json == {"total": 0, "commands": []}


def test_a_name_mistyped_taken_back_and_typed_again_is_written_as_typed_again(lively):
    lively("add-rep", "carla", "--name", "Carla Schmid")
    lively("undo")
    lively("add-rep", "carla", "--name", "Carla Schmidt")
    lively("add", "ACME gmbh", "--key", "typo")
    lively("undo")
    lively("add", "Acme GmbH", "--key", "typed")

    def written() -> tuple[object, object]:
        reps = {rep["rep"]: rep["name"] for rep in lively("reps", "--json").json["reps"]}
        customers = {one["key"]: one["customer"] for one in lively("opportunities", "--json").json["opportunities"]}
        return reps.get("carla"), customers.get("typed", customers.get("typo"))

    assert written() == ("Carla Schmidt", "Acme GmbH")
    assert lively("check").code == 0
    numbers = [one["number"] for one in lively("log", "--json").json["commands"]]
    lively("undo")  # the second spelling goes, the first one comes back
    lively("undo", str(numbers[1]))
    assert written() == ("Carla Schmidt", "ACME gmbh")
    assert lively("check").code == 0


def test_a_list_imported_again_in_another_spelling_is_written_as_in_the_last_file(lively, tmp_path):
    file = tmp_path / "list.csv"
    for name in ("acme HOLDING", "Acme Holding"):
        file.write_text(f"opportunity,milestone,date,customer,process\nbig,1,2026-01-05,{name},b2b\n")
        assert lively("import", str(file), "--yes").code == 0
        listed = lively("opportunities", "--json").json["opportunities"]
        assert [one["customer"] for one in listed if one["key"] == "big"] == [name]
        if name == "acme HOLDING":
            lively("undo")
    assert lively("check").code == 0


def test_a_second_spelling_of_a_customer_changes_nothing_while_the_first_one_stands(lively, path):
    lively("add", "Acme Werke", "--key", "one")
    lively("add", "ACME WERKE", "--key", "two")
    listed = lively("opportunities", "--json").json["opportunities"]
    assert [one["customer"] for one in listed if one["key"] in {"one", "two"}] == ["Acme Werke"] * 2
    lively("undo", str(lively("log", "--json").json["commands"][1]["number"]))
    listed = lively("opportunities", "--json").json["opportunities"]
    assert [one["customer"] for one in listed if one["key"] == "two"] == ["ACME WERKE"]
    assert b"werke" in path.read_bytes().lower()
    assert lively("forget", "acme werke", "--yes").code == 0
    assert b"werke" not in path.read_bytes().lower()


def test_the_spelling_of_a_name_follows_the_first_opening_that_stands_whatever_it_took_to_get_there(lively):
    def written(*keys: str) -> list[str]:
        listed = {one["key"]: one["customer"] for one in lively("opportunities", "--json").json["opportunities"]}
        return [listed[key] for key in keys]

    def last() -> str:
        return str(lively("log", "--json").json["commands"][0]["number"])

    lively("add", "Delta", "--key", "zero", "--on", "2026-03-01")
    lively("undo")
    lively("add", "Delta", "--key", "one", "--on", "2026-03-01")
    first = last()
    lively("add", "DELTA", "--key", "two", "--on", "2026-04-01")
    assert written("one", "two") == ["Delta", "Delta"]
    lively("undo")
    assert written("one") == ["Delta"]
    lively("add", "Delta", "--key", "three", "--on", "2026-05-01")
    lively("add", "DELTA", "--key", "four", "--on", "2026-06-01")
    lively("undo", first)
    assert written("three", "four") == ["Delta", "Delta"]
    facts = lively("show", "three", "--json").json["facts"]
    lively("amend", facts[0]["id"], "--on", "2026-07-01")
    assert written("three", "four") == ["DELTA", "DELTA"]
    assert lively("check").code == 0


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_spellings_in_one_file_the_earlier_opening_decides(lively, tmp_path, turned):
    lines = ["z1,1,2026-05-01,Foo,b2b\n", "z2,1,2026-02-01,FOO,b2b\n"]
    file = tmp_path / "list.csv"
    file.write_text("opportunity,milestone,date,customer,process\n" + "".join(reversed(lines) if turned else lines))
    assert lively("import", str(file), "--yes").code == 0
    listed = lively("opportunities", "--json").json["opportunities"]
    assert {one["customer"] for one in listed if one["key"] in {"z1", "z2"}} == {"FOO"}
    assert lively("check").code == 0
