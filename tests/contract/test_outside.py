"""What scripts and pipes rely on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


def test_an_advance_that_is_recorded_already_is_an_object_on_stdout_where_json_is_asked_for(team):
    team.define("ab")
    team.does("add", "Acme")
    team.does("advance", "acme", "1")
    assert team.does("advance", "acme", "1")["already_recorded"] is True
    said = team("advance", "acme", "1")
    assert (said.code, said.out) == (0, "")
    assert "already recorded" in said.err


def test_what_readers_see_around_a_table_is_told_beside_it_in_a_pipe(team):
    team.define("abc", target=1000)
    cascade = team("cascade")
    assert "saves" in cascade.err
    assert "saves" not in cascade.out
    assert team("cascade", "--quiet").err == ""
    assert team("cascade", "--json").err == ""


def test_a_check_in_a_pipe_warns_where_the_seller_acts(team):
    lines = ('name = "x"', 'title = "X"', 'currency = "EUR"')
    first = ("[[milestone]]", 'key = "a"', 'name = "Offer sent"', 'customer_action = "Gets the offer"')
    last = ("[[milestone]]", 'key = "b"', 'name = "Order"', 'customer_action = "Orders"', "days = 120")
    answer = team("define-process", "--check", team.file("x.toml", *lines, *first, *last))
    assert answer.code == 0
    assert "seller" in answer.err
    assert "120 days" in answer.err


@pytest.mark.parametrize("words", [["nonsense"], ["kpis", "--sort", "x"], ["opportunities", "--sort", "x"]])
def test_wrong_usage_is_an_object_on_stderr_and_speaks_no_library_words(team, words):
    answer = team(*words, "--json")
    assert (answer.code, answer.out) == (2, "")
    error = json.loads(answer.err)["error"]
    assert set(error) == {"code", "message", "hint"}
    assert "Value error" not in error["message"]


def test_the_file_can_be_named_before_and_after_the_command(team, tmp_path: Path):
    team.define("ab")
    team.on("2026-01-02", "nothing.db")
    there = str(tmp_path / "t.db")
    assert team("kpis").code == 1
    assert team("kpis", "--db", there).code == team("--db", there, "kpis").code == 0
    assert not (tmp_path / "nothing.db").exists()


def test_known_on_sees_before_a_void_and_as_of_does_not(team):
    team.on("2026-06-01").define("ab")
    rows = ("opportunity,milestone,date,value,recorded_at", "a,1,2026-01-10,100,2026-03-05", "b,1,2026-01-20,50,")
    team.does("import", team.file("facts.csv", *rows))
    assert team.column("reached", "--period", "2026-01", "--known-on", "2026-03-04")[0] == "50.00"
    assert team.column("reached", "--period", "2026-01", "--known-on", "2026-03-05")[0] == "150.00"
    team.does("undo")
    assert team.does("opportunities", "--as-of", "2026-02-01")["total"] == 0
    assert team.does("opportunities", "--known-on", "2026-03-05")["total"] == 2


def test_a_backdated_value_reprices_later_arrivals_up_to_the_next_value(team):
    team.on("2026-03-20").define("abc")
    team.does("add", "V", "--on", "2026-01-01")
    team.does("advance", "v", "1", "--on", "2026-01-10")
    team.does("advance", "v", "2", "--on", "2026-02-10")
    team.does("advance", "v", "3", "--on", "2026-03-10", "--value", "900")
    team.does("revalue", "v", "500", "--on", "2026-02-01")
    assert [team.column("reached", "--period", f"2026-0{month}")[month - 1] for month in (1, 2, 3)] == [
        "0.00", "500.00", "900.00",
    ]  # fmt: skip


def test_a_whole_book_in_an_empty_file_answers_every_command_the_same(team, tmp_path: Path):
    team.define("abcd", rates=("0.5", "0.4", "0.3"), days=(30, 40, 50), target=1000)
    team.does("add-rep", "anna")
    team.does("add", "Acme", "--rep", "anna", "--value", "40k", "--title", "=danger")
    team.does("add", "Gam")
    team.does("standing", "gam", "2", "--since", "2025-05-05")
    team.on("2026-02-20").does("advance", "acme", "3", "--on", "2026-02-15", "--said", "'=x yes", "--by", "@Meier")
    team.does("set-target", "7000")
    team.does("lose", "gam")
    team.does("undo")
    team.on("2026-04-02").define("abd", rates=("0.5", "0.3"), days=(30, 40), target=1000)
    asked = (
        ["kpis"], ["kpis", "--period", "2026-Q1", "--by", "rep"], ["kpis", "--as-of", "2026-02-16"],
        ["kpis", "--known-on", "2026-02-16"], ["cascade"], ["opportunities"], ["targets"], ["reps"], ["processes"],
        ["show", "acme"], ["show", "gam"], ["kpis", "--period", "2026-02", "--explain"], ["cascade", "--explain"],
        ["dead-horses", "--explain"], ["cascade", "--for", "2026-12", "--explain"],
    )  # fmt: skip
    before = [team.does(*words) for words in asked]
    book = str(tmp_path / "book.json")
    assert team("export", "-o", book).code == 0
    assert team.on("2026-04-02", "copy.db")("import", book).code == 0
    assert [team.does(*words) for words in asked] == before
    assert team("check").code == 0


def test_another_order_of_the_milestones_is_named_among_the_versions(team):
    team.define("abcd", rates=("0.5", "0.4", "0.3"))
    team.on("2026-02-02").define("acbd", rates=("0.5", "0.4", "0.3"))
    assert "\tother order\n" in team("processes", "b2b", "--format", "tsv").out
