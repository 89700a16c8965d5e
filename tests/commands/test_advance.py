"""`ms advance`: what is recorded, which lamp moves, what comes next."""

from __future__ import annotations

import io
import json
import sys

import pytest

from milestone_cli import cli
from milestone_cli.domain.evidence import evidence_in
from milestone_cli.domain.facts import Evidence
from milestone_cli.errors import ExitCode


@pytest.fixture
def acme(team):
    """`ms` on a file where anna's acme is worth 40,000 and invited us three weeks ago."""
    team("add", "Acme", "--value", "40k", "--rep", "anna", "--reached", "2", "--on", "2026-11-02")
    return team


class Typed(io.StringIO):
    """A keyboard or screen of a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def keyboard(monkeypatch):
    """Puts a terminal with these answers in place; returns what was asked."""

    def typed(text: str) -> Typed:
        asked = Typed()
        monkeypatch.setattr(sys, "stdin", Typed(text))
        monkeypatch.setattr(sys, "stdout", Typed())
        monkeypatch.setattr(sys, "stderr", asked)
        return asked

    return typed


def facts_of(ms, key="acme"):
    return ms("show", key, "--json").json["facts"]


def test_it_says_in_three_lines_what_was_recorded_what_moved_and_what_to_win_next(acme):
    said = acme("advance", "acme", "4", "--said", "Send us an offer", "--by", "Ms Meier", "--ref", "mail 7")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines == [
        ("acme reached milestone 4 (Offer) on Nov 23, 2026; implied by it, on the same day: milestone 3 (Problem)."),
        "anna in Nov 2026: M3 0% -> 10%, ■ red; M4 0% -> 20%, ○ grey. Worth €20,000, was €5,000.",
        "Next to win: milestone 5 (Order): The customer does order",
        "  - Ask for order",
    ]
    last = facts_of(acme)[-1]
    found = [last[name] for name in ("evidence", "text", "by", "ref")]
    assert found == ["said", "Send us an offer", "Ms Meier", "mail 7"]


def test_json_is_the_object_of_the_contract(acme):
    found = acme("advance", "acme", "offer", "--on", "yesterday", "--json").json
    assert len(found["fact"]) == 32
    assert (found["opportunity"], found["milestone"], found["implied"], found["on"]) == ("acme", 4, [3], "2026-11-22")
    assert [lamp["number"] for lamp in found["lamps"]] == [3, 4]
    assert [set(lamp) for lamp in found["lamps"]] == [{"number", "before", "after", "ratio_before", "ratio_after"}] * 2
    assert found["lamps"][1]["ratio_before"] == 0.0
    assert found["lamps"][1]["ratio_after"] == pytest.approx(0.2)
    assert found["next"]["how"] == ["Ask for order"]
    # nothing is measured yet: 40,000 times the planned half of every section that is left
    assert (found["worth_now"], found["worth_before"], found["worth_assumed"]) == ("20000.00", "5000.00", False)


def test_a_lamp_that_turns_green_is_said(acme):
    said = acme("advance", "acme", "order", "--value", "120k")
    lines = said.out.splitlines()
    assert lines[0].endswith("(Problem), 4 (Offer); its potential is €120,000 from then on. It is won.")
    assert lines[1].endswith("M5 0% -> 120%, ○ grey -> ● green. It brings €120,000, was worth €5,000.")
    assert len(lines) == 2


def test_lamps_are_those_of_the_month_the_customer_acted_in(acme):
    found = acme("advance", "acme", "3", "--on", "2026-11-05", "--json").json
    assert found["lamps"][0]["ratio_after"] == pytest.approx(0.1)
    assert "2026-10" not in acme("advance", "acme", "4", "--on", "2026-11-06").out


def test_without_a_target_there_is_nothing_to_say_about_lamps(ms, write, process_of):
    write(lambda ledger: ledger.define(process_of(), on=20_000, valid_from=None))
    ms("add", "Acme")
    assert len(ms("advance", "acme", "1").out.splitlines()) == 3
    found = ms("advance", "acme", "2", "--json").json
    assert [lamp["ratio_after"] for lamp in found["lamps"]] == [None]


def test_an_implied_milestone_told_later_with_its_day_becomes_real(acme):
    acme("advance", "acme", "4")
    assert acme("advance", "acme", "3", "--on", "2026-11-10").code == 0
    reached = {fact["milestone"]: (fact["on"], fact["implied"]) for fact in facts_of(acme)}
    assert reached[3] == ("2026-11-10", False)
    assert reached[1] == ("2026-11-02", True)


def test_a_repeated_advance_says_so_and_exits_0(acme):
    acme("advance", "acme", "3")
    said = acme("advance", "acme", "3")
    assert said.code == 0
    assert "already recorded" in said.out + said.err
    assert len(facts_of(acme)) == 4


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["acme", "2"], ExitCode.REFUSED, "`ms amend"),
        (["acme", "3", "--on", "tomorrow"], ExitCode.USAGE, "tomorrow"),
        (["acme", "3", "--on", "2026-11-24"], ExitCode.REFUSED, "lies in the future"),
        (["acme", "3", "--on", "2026-11-01"], ExitCode.REFUSED, "lies before acme reached milestone 2"),
        (["acme", "6"], ExitCode.REFUSED, "b2b has milestones 1 to 5"),
        (["acme", "ofer"], ExitCode.REFUSED, "Did you mean offer"),
        (["acne", "3"], ExitCode.REFUSED, 'There is no opportunity "acne".'),
        (["99", "3"], ExitCode.REFUSED, 'There is no opportunity "99".'),
        (["", "3"], ExitCode.REFUSED, "There is no opportunity"),
        (["acme", "3", "--did", "x", "--wrote", "y"], ExitCode.USAGE, "--did and --wrote cannot go together"),
        (["acme", "3", "--said", ""], ExitCode.USAGE, "text is empty"),
        (["acme", "3", "--said", "x" * 2001], ExitCode.USAGE, "2001 characters"),
        (["acme", "3", "--by", "\x1b[31m"], ExitCode.USAGE, "control character"),
        (["acme", "3", "--value", "0"], ExitCode.USAGE, "0"),
        (["acme"], ExitCode.USAGE, "MILESTONE"),
    ],
)
def test_what_cannot_be_is_refused_with_one_message_and_nothing_is_written(argv, code, words, acme):
    said = acme("advance", *argv)
    assert said.code == code
    assert said.out == ""
    assert words in said.err
    assert len(said.err.splitlines()) <= 2
    assert acme("log", "--json").json["total"] == 2


def test_an_error_is_json_where_json_is_asked_for(acme):
    said = acme("advance", "acme", "9", "--json")
    assert json.loads(said.err)["error"]["code"] == "unknown_name"


def test_a_lost_or_won_one_does_not_advance(acme):
    acme("lose", "acme")
    said = acme("advance", "acme", "3")
    assert (said.code, "`ms reopen acme`" in said.err) == (ExitCode.REFUSED, True)
    acme("reopen", "acme")
    acme("advance", "acme", "order")
    said = acme("advance", "acme", "3", "--on", "2026-11-01")
    assert said.code == ExitCode.REFUSED


def test_an_ambiguous_beginning_names_what_fits_and_a_number_decides(acme):
    acme("add", "Acme")
    said = acme("advance", "acm", "1")
    assert said.code == ExitCode.REFUSED
    assert "acme, acme-2" in said.err
    assert acme("advance", "2", "1").code == 0


def test_a_unique_beginning_is_enough_unless_it_is_closed(acme):
    assert acme("advance", "ac", "3").code == 0
    acme("lose", "acme")
    assert acme("reopen", "ac").code == ExitCode.REFUSED


def test_a_dry_run_shows_the_lamps_and_records_nothing(acme):
    found = acme("advance", "acme", "3", "--dry-run", "--json").json
    assert (found["fact"], found["dry_run"], found["lamps"][0]["number"]) == (None, True, 3)
    assert "Dry run: nothing was recorded." in acme("advance", "acme", "3", "--dry-run").err
    assert len(facts_of(acme)) == 3


def test_nothing_is_asked_where_nobody_can_answer(acme, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Typed("never read\n"))
    assert acme("advance", "acme", "3").code == 0
    assert facts_of(acme)[-1]["text"] is None


@pytest.mark.parametrize(
    ("typed", "evidence", "text"),
    [
        ("Yes, please\n", "said", "Yes, please"),
        ("wrote: the order\n", "wrote", "the order"),
        ("D: came by\n", "did", "came by"),
        ("\n", None, None),
        ("s:\n", None, None),
    ],
)
def test_on_a_terminal_one_line_of_evidence_is_asked_for(typed, evidence, text, acme, keyboard, tmp_path):
    asked = keyboard(typed)
    assert cli.run(["advance", "acme", "3", "--by", "Ms Meier"]) == 0
    assert asked.getvalue().startswith("What did the customer do, say or write? (Enter skips")
    fact = read_facts(acme, tmp_path)[-1]
    assert (fact["evidence"], fact["text"], fact["by"]) == (evidence, text, "Ms Meier")


def read_facts(ms, directory):
    """`show` through a file: the keyboard is still in place."""
    out = directory / "shown.json"
    ms("show", "acme", "-o", str(out))
    return json.loads(out.read_text())["facts"]


@pytest.mark.usefixtures("acme")
def test_on_a_terminal_what_cannot_be_is_refused_before_anything_is_asked(keyboard):
    asked = keyboard("never read\n")
    assert cli.run(["advance", "acme", "2"]) == ExitCode.REFUSED
    assert "What did the customer" not in asked.getvalue()


@pytest.mark.usefixtures("acme")
def test_yes_and_words_given_ask_nothing(keyboard):
    asked = keyboard("never read\n")
    assert cli.run(["advance", "acme", "3", "--yes"]) == 0
    assert cli.run(["advance", "acme", "4", "--did", "called"]) == 0
    assert "What did the customer" not in asked.getvalue()


def test_a_process_that_requires_evidence_refuses_a_bare_enter(ms, write, process_of, keyboard):
    write(lambda ledger: ledger.define(process_of(evidence_required=True), on=20_000, valid_from=None))
    ms("add", "Acme")
    said = ms("advance", "acme", "1")
    assert (said.code, "--did, --said or --wrote" in said.err) == (ExitCode.REFUSED, True)
    keyboard("\n")
    assert cli.run(["advance", "acme", "1"]) == ExitCode.REFUSED


@pytest.mark.parametrize(
    ("answer", "evidence", "text"),
    [
        ("", None, ""),
        ("Yes", Evidence.SAID, "Yes"),
        ("said:Yes", Evidence.SAID, "Yes"),
        ("W:  in a mail", Evidence.WROTE, "in a mail"),
        ("did: called", Evidence.DID, "called"),
        ("did he? yes", Evidence.SAID, "did he? yes"),
        ("did:", None, ""),
    ],
)
def test_the_beginning_of_the_answer_says_how_the_customer_showed_it(answer, evidence, text):
    assert evidence_in(answer) == (evidence, text)
