"""`ms advance` without arguments: one customer action after the other, picked and asked for."""

from __future__ import annotations

import pytest
from tests.terminal import Window

from milestone_cli.errors import ExitCode


@pytest.fixture
def acme(team):
    """`ms` on a file with acme at milestone 2 and two target customers."""
    team("add", "Acme", "--value", "40k", "--rep", "anna", "--reached", "2", "--on", "2026-11-02")
    team("add", "Berg AG", "--on", "2026-11-02")
    team("add", "Bergmann & Co", "--on", "2026-11-02")
    return team


def facts_of(ms, key="acme"):
    return ms("show", key, "--json").json["facts"]


def commands(ms):
    return [command["command"] for command in ms("log", "--json").json["commands"]]


def test_type_to_narrow_then_enter_takes_the_next_milestone_and_today(acme, typist):
    said = typist("acm\n\n\nYes, please\n\n", "advance")
    assert said.code == 0
    assert "acme (Acme) stands at milestone 2 (Invited) since Nov 2, 2026." in said.err
    assert "Milestone it has reached, number or key [3]: On which day [today]:   Nov 23, 2026" in said.err
    assert said.out.startswith("acme reached milestone 3 (Problem) on Nov 23, 2026.")
    assert said.err.endswith("Enter ends): Recorded 1 customer action.\n")
    fact = facts_of(acme)[-1]
    assert [fact[name] for name in ("milestone", "on", "evidence", "text")] == [3, "2026-11-23", "said", "Yes, please"]


def test_each_one_is_a_command_of_its_own(acme, typist):
    said = typist("acme\n3\n-3d\n\nbergmann\ninterest\n20.11.2026\nwrote: Come\nacme\n\n\n\n\n", "advance")
    assert (said.code, "Recorded 3 customer actions." in said.err) == (0, True)
    assert commands(acme)[:3] == ["advance"] * 3
    acme("undo")
    assert acme("show", "acme", "--json").json["milestone"] == 3
    assert [fact["on"] for fact in facts_of(acme, "bergmann-co")] == ["2026-11-02", "2026-11-20"]


@pytest.mark.usefixtures("acme")
def test_what_fits_several_is_listed_and_a_digit_picks(typist):
    said = typist("berg\n2\n\n\n\n\n", "advance")
    assert said.out.startswith("bergmann-co reached milestone 1")
    assert [line.split()[:2] for line in said.err.splitlines() if line[:2] in ("1 ", "2 ")] >= [["1", "acme"]]


@pytest.mark.usefixtures("acme")
def test_the_words_may_stand_in_key_and_customer_and_what_fits_nothing_is_said(typist):
    said = typist("nobody\nbergm co\n\n\n\n\n", "advance")
    assert 'There is no opportunity in play "nobody".' in said.err
    assert said.out.startswith("bergmann-co reached")


def test_dead_horses_are_last_and_what_is_closed_is_no_choice(acme, typist):
    acme("add", "Aaa", "--reached", "1", "--on", "2024-02-01")
    acme("add", "Abc")
    acme("lose", "abc")
    rows = [line.split() for line in typist("\n", "advance").err.splitlines() if line[:1].isdigit()]
    assert [row[1] for row in rows] == ["acme", "berg-ag", "bergmann-co", "aaa"]
    assert rows[-1][-1] == "dead"


def test_many_are_not_listed_until_something_is_typed(acme, typist):
    for number in range(8):
        acme("add", f"Firm {number}")
    said = typist("firm\nfi\n\n", "advance")
    assert said.err.count("In play") == 2
    acme("add", "Firm 8")
    acme("add", "Firm 9")
    assert "And 1 more: type more of the name." in typist("firm\n\n", "advance").err


def test_back_goes_through_the_questions(acme, typist):
    said = typist("acme\n4\n<\n3\nyesterday\n<\n<\n<\n<\nberg-ag\n\n\n\n\n", "advance")
    assert said.code == 0
    assert said.out.startswith("berg-ag reached milestone 1")
    assert len(facts_of(acme)) == 3


def test_what_cannot_be_is_told_and_asked_again(acme, typist):
    said = typist("acme\n9\nnope\n3\nnonsense\n2026-11-24\n\n2026-11-01\n\n2026-11-20\n\x1b[31m\nfine\n\n", "advance")
    assert said.code == 0
    for words in (
        'no milestone "9"', 'no milestone "nope"', '"nonsense" is not a day', "lies in the future",
        "lies before acme reached milestone 2", "control character",
    ):  # fmt: skip
        assert words in said.err, words
    assert "\x1b" not in said.err
    assert [facts_of(acme)[-1][name] for name in ("on", "text")] == ["2026-11-20", "fine"]


@pytest.mark.usefixtures("acme")
def test_what_is_recorded_already_is_said_and_the_next_one_asked_for(typist):
    said = typist("acme\n2\n2026-11-02\n\n", "advance")
    assert (said.code, "already recorded" in said.err) == (0, True)
    assert said.err.endswith("Nothing was recorded.\n")


@pytest.mark.parametrize("typed", ["", "acme\n", "acme\n3\n", "acme\n3\n\n", "berg\n"])
def test_the_end_of_the_input_ends_it_without_a_half_write(typed, acme, typist):
    said = typist(typed, "advance")
    assert said.code == 0
    assert said.err.endswith("Nothing was recorded.\n")
    assert len(commands(acme)) == 4


@pytest.mark.parametrize(("stops", "said", "kept"), [(0, "nothing recorded", 0), (3, "nothing recorded", 0),
                                                     (4, "1 customer action is recorded and stay", 1)])  # fmt: skip
def test_ctrl_c_leaves_what_is_recorded_and_says_so(stops, said, kept, acme, typist):
    answer = typist("acme\n\n\n\nberg-ag\n\n\n\n", "advance", stops=stops)
    assert answer.code == ExitCode.INTERRUPTED
    assert f"Interrupted: {said}" in answer.err
    assert "Traceback" not in answer.err
    assert len(commands(acme)) == 4 + kept


def test_a_named_opportunity_is_asked_about_alone(acme, typist):
    said = typist("\nyesterday\n\n", "advance", "acm")
    assert (said.code, said.out.splitlines()[0]) == (0, "acme reached milestone 3 (Problem) on Nov 22, 2026.")
    assert typist("", "advance", "nobody").code == ExitCode.REFUSED
    acme("lose", "berg-ag")
    said = typist("\n", "advance", "berg-ag")
    assert (said.code, "`ms reopen berg-ag`" in said.err) == (ExitCode.REFUSED, True)


@pytest.mark.usefixtures("acme")
def test_after_a_refused_milestone_enter_takes_the_next_one_to_win(typist):
    said = typist("acme\n1\n2026-11-20\n\n", "advance")
    assert said.err.count("number or key [3]") == 2


def test_on_is_the_day_that_enter_takes(acme, typist):
    assert typist("acme\n\n\n\n\n", "advance", "--on", "2026-11-12").code == 0
    assert facts_of(acme)[-1]["on"] == "2026-11-12"


@pytest.mark.usefixtures("acme")
def test_json_holds_all_of_them_in_one_list(typist):
    found = typist("acme\n\n\n\nberg-ag\n\n\n\n\n", "advance", "--json").json
    assert [one["opportunity"] for one in found] == ["acme", "berg-ag"]


def test_a_dry_run_records_nothing(acme, typist):
    said = typist("acme\n\n\n\n\n", "advance", "--dry-run")
    assert said.err.endswith("Dry run: nothing was recorded.\n")
    assert len(commands(acme)) == 4


def test_a_process_that_requires_evidence_asks_until_it_has_some(ms, write, process_of, typist):
    write(lambda ledger: ledger.define(process_of(evidence_required=True), on=20_000, valid_from=None))
    ms("add", "Acme")
    said = typist("acme\n\n\n\ndid: came\n\n", "advance")
    assert (said.code, "asks what the customer did" in said.err) == (0, True)
    assert facts_of(ms)[-1]["text"] == "came"


def test_names_steer_nothing(acme, typist):
    acme("add", "[red]x[/red] {0}", "--key", "{0}[b]")
    said = typist("{0}\n\n\n[/]\n\n", "advance")
    assert said.code == 0
    assert "{0}[b] ([red]x[/red] {0}) is a target customer" in said.err


@pytest.mark.usefixtures("team")
def test_an_empty_book_says_what_to_do(typist):
    said = typist("never read\n", "advance")
    assert (said.code, "`ms add` makes one" in said.err) == (0, True)


@pytest.mark.parametrize(("argv", "missing"), [([], "OPPORTUNITY and MILESTONE are"), (["acme"], "MILESTONE is")])
def test_without_a_terminal_it_is_wrong_usage_with_the_way_to_do_it(argv, missing, acme):
    said = acme("advance", *argv)
    assert (said.code, said.out) == (ExitCode.USAGE, "")
    assert said.err.startswith(f"Error: {missing} missing")
    assert "`ms advance -`" in said.err


@pytest.mark.parametrize("flag", ["--did", "--said", "--by", "--ref", "--value"])
@pytest.mark.usefixtures("acme")
def test_what_belongs_to_one_customer_action_needs_both_names(flag, typist):
    said = typist("", "advance", "acme", flag, "4")
    assert (said.code, f"{flag} belongs to one OPPORTUNITY" in said.err) == (ExitCode.USAGE, True)


def test_on_a_real_terminal_it_goes_on_until_ctrl_d(acme):
    with Window("advance") as window:
        window.answer("Enter ends): ", "acm\n")
        window.answer("number or key [3]: ", "\n")
        window.answer("On which day [today]: ", b"\xff\n")
        window.wait_for("not valid UTF-8")
        window.answer("On which day [today]: ", "yesterday\n")
        window.answer("said nothing): ", "wrote: Yes\n")
        window.answer("acme reached milestone 3", "")
        window.answer("Enter ends): ", b"\x04")
        window.wait_for("Recorded 1 customer action.")
        assert window.end() == 0
    assert facts_of(acme)[-1]["text"] == "Yes"


def test_on_a_real_terminal_ctrl_c_ends_it_in_order(acme):
    with Window("advance") as window:
        window.answer("Enter ends): ", "berg-ag\n")
        window.wait_for("number or key [1]: ")
        window.interrupt("Interrupted: nothing recorded.")
        assert window.end() == ExitCode.INTERRUPTED
        assert "Traceback" not in window.seen
    assert len(commands(acme)) == 4
