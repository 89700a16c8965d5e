import io
import json
import os

import pytest

from milestone_cli.console import DEFAULT_WIDTH, Terminal
from milestone_cli.errors import InvalidValue, UnknownName, UsageError


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def terminal(typed="", *, screen=True, **more):
    kind = Screen if screen else io.StringIO
    more = {"stdin": kind(typed), "stdout": kind(), "stderr": kind(), "environ": {}} | more
    return Terminal(**more)


def test_remarks_go_to_standard_error_and_are_left_out_when_quiet():
    talk = terminal()
    talk.say("done")
    assert (talk.stderr.getvalue(), talk.stdout.getvalue()) == ("done\n", "")
    quiet = terminal(quiet=True)
    quiet.say("done")
    quiet.warn("careful")
    assert quiet.stderr.getvalue() == "Warning: careful\n"


def test_an_error_says_what_is_wrong_and_what_to_do():
    talk = terminal()
    talk.fail(UnknownName("rep", "ana", ["anna"]))
    assert talk.stderr.getvalue() == 'Error: There is no rep "ana".\nDid you mean anna?\n'


def test_an_error_without_a_hint_is_one_line():
    talk = terminal()
    talk.fail(UsageError("No."))
    assert talk.stderr.getvalue() == "Error: No.\n"


def test_with_json_an_error_is_the_object_of_the_contract():
    talk = terminal()
    talk.fail(UsageError("No \x1b[31m.", "Yes."), json=True)
    assert talk.stdout.getvalue() == ""
    assert json.loads(talk.stderr.getvalue()) == {
        "error": {"code": "usage", "message": "No \x1b[31m.", "hint": "Yes."},
    }


def test_what_steers_a_terminal_is_shown_but_not_sent():
    talk = terminal()
    talk.fail(UsageError("\x1b]52;c;x\x07\u202e", "two\nlines"))
    assert talk.stderr.getvalue() == "Error: \\x1b]52;c;x\\x07\\u202e\ntwo\nlines\n"


def test_letters_the_stream_cannot_show_do_not_break_a_message():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    terminal(stderr=stream).say("€ \udc80")
    assert raw.getvalue() == b"\\u20ac \\udc80\n"


def test_a_closed_standard_error_is_no_reason_to_fail():
    closed = io.StringIO()
    closed.close()
    terminal(stderr=closed).say("x")
    terminal(stderr=None).say("x")


@pytest.mark.parametrize(
    ("columns", "width"),
    [("140", 140), ("", DEFAULT_WIDTH), ("0", DEFAULT_WIDTH), ("-5", DEFAULT_WIDTH), ("wide", DEFAULT_WIDTH)],
)
def test_the_width_is_columns_or_eighty(columns, width):
    assert terminal(environ={"COLUMNS": columns}).width == width


def test_a_terminal_tells_its_own_width(monkeypatch):
    class Wide(Screen):
        def fileno(self):
            return 1

    monkeypatch.setattr("os.get_terminal_size", lambda _handle: os.terminal_size((132, 40)))
    assert terminal(stdout=Wide()).width == 132
    assert terminal(stdout=None).width == DEFAULT_WIDTH


def test_without_a_terminal_a_table_has_no_width_to_fit_in():
    assert terminal(environ={"COLUMNS": "100"}).table_width == 100
    assert terminal(screen=False, environ={"COLUMNS": "100"}).table_width is None


@pytest.mark.parametrize(
    ("screen", "environ", "colour"),
    [
        (True, {}, True),
        (True, {"NO_COLOR": ""}, True),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
        (False, {}, False),
    ],
)
def test_colour_needs_a_terminal_that_nobody_asked_to_stay_plain(screen, environ, colour):
    assert terminal(screen=screen, environ=environ).colour is colour


@pytest.mark.parametrize("missing", ["stdin", "stdout"])
def test_nobody_is_asked_unless_both_ends_are_terminals(missing):
    assert terminal().may_prompt
    for stream in (io.StringIO(), None):
        talk = terminal(**{missing: stream})
        assert not talk.may_prompt
        assert talk.ask("Name?", "b2b") == "b2b"
        assert talk.stderr.getvalue() == ""


def test_a_closed_stream_is_no_terminal():
    closed = io.StringIO()
    closed.close()
    assert not terminal(stdout=closed).is_terminal


def test_a_question_shows_its_default_and_takes_it_on_enter():
    talk = terminal("\n  SMB \n")
    assert talk.ask("Name?", "b2b") == "b2b"
    assert talk.ask("Name?", "b2b") == "SMB"
    assert talk.stderr.getvalue() == "Name? [b2b]: Name? [b2b]: "
    assert talk.stdout.getvalue() == ""


def test_the_end_of_the_input_is_no_answer():
    with pytest.raises(UsageError, match="ended"):
        terminal("").ask("Name?", "b2b")


def test_bytes_that_are_no_text_are_refused():
    class Keyboard(io.TextIOWrapper):
        def isatty(self):
            return True

    with pytest.raises(InvalidValue, match="UTF-8"):
        terminal(stdin=Keyboard(io.BytesIO(b"\xff\n"), encoding="utf-8")).ask("Name?")


def test_bytes_that_a_locale_lets_in_undecoded_are_refused_too():
    with pytest.raises(InvalidValue, match="UTF-8"):
        terminal("\udcff\n").ask("Name?")


@pytest.mark.parametrize(("typed", "answer"), [("y\n", True), ("Ja\n", True), ("\n", False), ("n\n", False)])
def test_only_a_yes_is_a_yes(typed, answer):
    assert terminal(typed).confirm("Undo?") is answer


def test_yes_answers_beforehand_and_without_it_nobody_is_a_no():
    assert terminal(screen=False).confirm("Undo?", yes=True)
    with pytest.raises(UsageError) as refusal:
        terminal(screen=False).confirm("Undo?")
    assert "--yes" in refusal.value.hint


@pytest.mark.parametrize(
    "more", [{"stderr": io.StringIO()}, {"quiet": True}, {"environ": {"TERM": "dumb"}}, {"stderr": None}]
)
def test_progress_is_silent_where_nobody_watches(more):
    talk = terminal(**more)
    with talk.progress(3, "Importing") as done:
        done(3)
    assert talk.stderr is None or talk.stderr.getvalue() == ""


def test_progress_is_shown_on_standard_error_and_holds_no_markup():
    talk = terminal()
    with talk.progress(3, "[red]facts.csv\x1b[31m") as done:
        done(3)
    assert "[red]facts.csv\\x1b[31m" in talk.stderr.getvalue()
    assert talk.stdout.getvalue() == ""


def test_a_long_message_is_broken_between_words_on_a_terminal_alone():
    sentence = "There is no such day here; give one like 2026-11-20 or -3d or a weekday, which is the one before today."
    talk = terminal()
    talk.fail(UsageError(sentence))
    lines = talk.stderr.getvalue().splitlines()
    assert (len(lines), " ".join(lines)) == (2, f"Error: {sentence}")
    assert max(map(len, lines)) <= DEFAULT_WIDTH
    pipe = terminal(screen=False)
    pipe.say(sentence)
    assert pipe.stderr.getvalue() == f"{sentence}\n"
