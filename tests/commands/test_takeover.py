"""`ms takeover`: the opening balance, one question each."""

from __future__ import annotations

import pytest
from tests.terminal import Window

from milestone_cli.errors import ExitCode


@pytest.fixture
def five(team):
    """`ms` on a file with five target customers, two of them anna's, and one that has moved already."""
    for name, rep in (("Alpha", "anna"), ("Beta", "anna"), ("Gamma", "ben"), ("Delta", "ben"), ("Echo", "ben")):
        team("add", name, "--rep", rep, "--value", "10k", "--on", "2026-11-02")
    team("add", "Moved", "--reached", "1", "--on", "2026-11-02", "--rep", "ben")
    return team


def shown(ms, key):
    return ms("show", key, "--json").json


def commands(ms):
    return [command["command"] for command in ms("log", "--json").json["commands"]]


def asked(said):
    return [line.split("/")[1].split()[1] for line in said.err.split("[s]")[:-1] for line in [line.splitlines()[-1]]]


def test_one_question_each_then_how_many_dead_horses_and_how_many_to_ride(five, typist):
    said = typist("3 2026-01-05\ninvited\n-2w\nd\n0\n1\n\n", "takeover")
    assert said.code == 0
    assert asked(said) == ["alpha", "beta", "delta", "echo", "gamma"]
    assert said.out == "1 dead horse set aside; you now ride 4.\n"
    assert [shown(five, key)["status"] for key in ("alpha", "beta", "delta", "echo", "gamma")] == [
        "dead", "open", "lost", "target", "open",
    ]  # fmt: skip
    assert [shown(five, key)["reached_on"] for key in ("alpha", "beta", "gamma")] == [
        "2026-01-05", "2026-11-09", "2026-11-23",
    ]  # fmt: skip
    assert "  there since Jan 5, 2026, 322 days: a dead horse\n" in said.err
    assert five("kpis", "--json").json["processes"][0]["milestones"][0]["count"] == 1


def test_each_answer_is_a_command_of_its_own(five, typist):
    typist("3\n\n2\n\nq\n", "takeover")
    assert commands(five)[:3] == ["takeover", "takeover", "add"]
    five("undo")
    assert (shown(five, "alpha")["status"], shown(five, "beta")["status"]) == ("open", "target")


def test_what_is_answered_is_not_asked_again_and_what_is_skipped_is(five, typist):
    first = typist("3 today\ns\n0\n\nq\n", "takeover")
    assert first.out.splitlines() == [
        "No dead horses set aside; you now ride 3.",
        "3 still to be asked about: `ms takeover` goes on with them.",
    ]
    second = typist("q\n", "takeover")
    assert asked(second) == ["beta"]
    assert "1/3 beta" in second.err
    assert asked(typist("s\ns\ns\n", "takeover")) == ["beta", "echo", "gamma"]
    five("undo")
    assert asked(typist("q\n", "takeover")) == ["alpha"]


def test_a_copy_of_the_file_knows_what_is_answered(five, typist, tmp_path, problems):
    typist("0\nq\n", "takeover")
    assert problems() == []
    five("backup", str(tmp_path / "copy.db"))
    assert asked(typist("q\n", "takeover", "--db", str(tmp_path / "copy.db"))) == ["beta"]


@pytest.mark.usefixtures("five")
def test_rep_and_process_choose_whom_it_is_about(typist):
    said = typist("1 today\n1 today\n", "takeover", "--rep", "anna")
    assert asked(said) == ["alpha", "beta"]
    assert said.out == "No dead horses set aside; you now ride 2.\n"
    assert typist("", "takeover", "--rep", "nobody").code == ExitCode.REFUSED
    assert typist("", "takeover", "--process", "smb").code == ExitCode.REFUSED


def test_what_cannot_be_is_told_and_asked_again(five, typist):
    said = typist(
        "9\nnope\n5\n2 2030-01-01\n2 nonsense\ns today\n\x1b[2J\n?\n<\n2\n<\n3\n2026-11-24\nyesterday\nq\n", "takeover"
    )
    assert said.code == 0
    for words in (
        'no milestone "9"', 'no milestone "nope"', "is the last one", "2030-01-01 lies in the future",
        '"nonsense" is not a day', "No day goes with s", "There is no question before this one", "2026-11-24 lies in",
    ):  # fmt: skip
        assert words in said.err, words
    assert "\x1b" not in said.err
    assert said.err.count("what did the CUSTOMER last do?") == 2
    found = shown(five, "alpha")
    assert (found["milestone"], found["reached_on"]) == (3, "2026-11-22")


def test_back_leads_to_a_nought_again_and_tells_the_truth_of_a_fact(five, typist):
    said = typist("3 today\n0\n<\n<\n2 today\nq\n", "takeover")
    assert said.code == 0
    assert "The last answer is recorded as a fact; `ms undo` takes it back." in said.err
    assert [shown(five, key)["milestone"] for key in ("alpha", "beta")] == [3, 2]
    assert commands(five)[:3] == ["takeover", "takeover", "add"]


def test_a_day_of_waiting_is_no_days(five, typist):  # noqa: ARG001 - whose customers they are
    assert "there since Nov 22, 2026, 1 day\n" in typist("3 yesterday\nq\n", "takeover").err


@pytest.mark.parametrize(
    ("typed", "stops", "way"),
    [
        ("3 today\n0\n", 2, "the last answer that is none"),
        ("0\n", 1, "recorded before"),
        ("0\n3 today\n", 2, "the last one back"),
    ],
)
def test_ctrl_c_does_not_offer_to_undo_what_is_no_command(typed, stops, way, five, typist):  # noqa: ARG001
    assert way in typist(typed, "takeover", stops=stops).err


def test_a_lost_one_may_have_been_so_for_long(five, typist):
    typist("d -3w\nD\nq\n", "takeover")
    assert [shown(five, key)["facts"][-1]["on"] for key in ("alpha", "beta")] == ["2026-11-02", "2026-11-23"]


@pytest.mark.parametrize("typed", ["", "3\n", "3 2026-01-05\n2\n", "0\n"])
def test_the_end_of_the_input_stops_it_without_a_half_write(typed, five, typist, problems):
    said = typist(typed, "takeover")
    assert (said.code, "you now ride" in said.out) == (0, True)
    assert len(commands(five)) == 7 + typed.count("2026")
    assert problems() == []


@pytest.mark.parametrize(("stops", "words"), [(0, "nothing recorded"), (1, "1 answer is recorded"), (3, "2 answers")])
@pytest.mark.usefixtures("five")
def test_ctrl_c_leaves_what_is_answered_and_says_so(stops, words, typist):
    said = typist("3 today\n0\ns\n", "takeover", stops=stops)
    assert (said.code, said.out) == (ExitCode.INTERRUPTED, "")
    assert f"Interrupted: {words}" in said.err


def test_json_counts_what_became_of_them(five, typist):
    found = typist("3 2026-01-05\nd\n0\ns\nq\n", "takeover", "--json").json
    assert found == {
        "as_of": "2026-11-23", "rep": None, "standing": 1, "lost": 1, "nothing_yet": 1, "skipped": 1,
        "dead": 1, "riding": 2, "to_ask": 2,
    }  # fmt: skip
    assert five("log", "--json").json["commands"][0]["command"] == "takeover"


def test_a_dry_run_keeps_nothing(five, typist):
    said = typist("3 today\n0\nd\nq\n", "takeover", "--dry-run")
    assert said.err.endswith("Dry run: nothing was recorded.\n")
    assert asked(typist("q\n", "takeover")) == ["alpha"]
    assert len(commands(five)) == 7


@pytest.mark.usefixtures("team")
def test_nothing_to_take_over_is_no_error(typist):
    said = typist("never read\n", "takeover")
    assert (said.code, said.out) == (0, "No dead horses set aside; you now ride 0.\n")
    assert "Nothing to take over" in said.err


def test_somebody_else_was_faster(five, typist, monkeypatch):
    from milestone_cli.commands import takeover_questions

    plain = takeover_questions.asked_reply

    def slow(call, case, about):
        found = plain(call, case, about)
        if case.key == "alpha":
            with monkeypatch.context() as away:
                away.setattr(call.terminal, "stdin", None)
                team_advance(case.key)
        return found

    def team_advance(key):
        from milestone_cli import cli

        assert cli.run(["advance", key, "1", "--yes"]) == 0

    monkeypatch.setattr(takeover_questions, "asked_reply", slow)
    said = typist("3 today\nq\n", "takeover")
    assert (said.code, "has moved in this book already" in said.err) == (0, True)
    assert shown(five, "alpha")["milestone"] == 1


def test_names_steer_nothing(five, typist):
    five("add", "[red]x[/] {0}", "--key", "aa{0}")
    said = typist("2 today\nq\n", "takeover")
    assert "1/6 aa{0} ([red]x[/] {0}): 0-4, d, s, q" in said.err


def test_without_a_terminal_the_other_ways_are_named(five):
    said = five("takeover")
    assert (said.code, said.out) == (ExitCode.USAGE, "")
    assert "--from table" in said.err
    assert "`ms standing" in said.err


@pytest.mark.usefixtures("ms")
def test_without_a_process_or_a_file_it_says_how_to_begin(typist, path):
    said = typist("", "takeover")
    assert (said.code, "ms define-process" in said.err) == (ExitCode.REFUSED, True)
    assert not path.exists()


def test_on_a_real_terminal_it_walks_on_until_ctrl_d(five):
    with Window("takeover", "--rep", "anna") as window:
        window.answer("1/2 alpha (Alpha, €10,000): 0-4, d, s, q [s]: ", b"\xc3(\n")
        window.wait_for("not valid UTF-8")
        window.answer("[s]: ", "3\n")
        window.answer("Since when [today]: ", "2026-01-05\n")
        window.wait_for("a dead horse")
        window.answer("2/2 beta", b"\x04")
        window.wait_for("1 dead horse set aside; you now ride 0.")
        assert window.end() == 0
    assert shown(five, "alpha")["status"] == "dead"


def test_on_a_real_terminal_ctrl_c_says_what_is_recorded(five):
    with Window("takeover") as window:
        window.answer("1/5 alpha", "0\n")
        window.wait_for("2/5 beta")
        window.interrupt("Interrupted: 1 answer is recorded")
        assert window.end() == ExitCode.INTERRUPTED
    assert len(commands(five)) == 7
