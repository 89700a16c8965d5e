"""`ms rates`: what it reads, for whom, as of which day."""

from __future__ import annotations

import pytest

HEAD = "opportunity,milestone,date,value,rep,outcome\n"


@pytest.fixture
def history(team, tmp_path):
    """Forty opportunities: every second one moves on after ten days, the others are lost after twenty or stay open."""
    lines = []
    for number in range(40):
        day, rep = f"2026-0{1 + number % 6}-10", "anna" if number % 4 < 2 else "ben"
        lines.append(f"o-{number},1,{day},{100 + number}.00,{rep},")
        if number % 2 == 0:
            lines.append(f"o-{number},2,{day[:8]}20,,,")
        elif number % 3 == 0:
            lines.append(f"o-{number},,{day[:8]}28,,,lost")
    (tmp_path / "f.csv").write_text(HEAD + "\n".join(lines) + "\n")
    assert team("import", str(tmp_path / "f.csv"), "--complete-history").code == 0
    return team


def sections(answer, process=0):
    return answer.json["processes"][process]["sections"]


def test_without_facts_the_rates_are_the_planned_ones_exactly(team):
    found = sections(team("rates", "--json"))
    assert [(row["rate"], row["planned"], row["cases"]) for row in found] == [(0.5, 0.5, 0)] * 4
    assert all(row["low"] < 0.3 and row["high"] > 0.7 for row in found)


def test_cases_are_counted_as_moved_lost_and_open(history):
    first, second = sections(history("rates", "--json"))[:2]
    assert (first["from"], first["to"]) == (1, 2)
    assert (first["cases"], first["moved"], first["lost"], first["open"]) == (40, 20, 7, 13)
    assert first["low"] < first["rate"] < first["high"]
    assert (second["cases"], second["moved"]) == (20, 0)
    assert second["rate"] < 0.2


def test_the_rates_of_a_past_day_know_nothing_later(history):
    assert sections(history("rates", "--json", "--as-of", "2026-01-15"))[0]["moved"] == 0
    assert sections(history("rates", "--json", "--as-of", "2026-01-15"))[0]["cases"] == 7


def test_a_loss_that_was_taken_back_later_counts_until_then(history):
    assert history("reopen", "o-3", "--on", "2026-11-01").code == 0
    assert sections(history("rates", "--json"))[0]["lost"] == 6
    assert sections(history("rates", "--json", "--as-of", "2026-10-31"))[0]["lost"] == 7
    assert sections(history("rates", "--json", "--known-on", "2026-10-31"))[0]["lost"] == 7


def test_since_leaves_out_what_entered_before(history):
    assert sections(history("rates", "--json", "--since", "2026-06-01"))[0]["cases"] == 6


def test_by_rep_adds_every_rep_and_the_parts_are_the_whole(history):
    process = history("rates", "--by", "rep", "--json").json["processes"][0]
    assert [one["rep"] for one in process["reps"]] == ["anna", "ben"]
    assert sum(one["sections"][0]["cases"] for one in process["reps"]) == 40
    alone = history("rates", "--rep", "anna", "--json").json
    assert alone["rep"] == "anna"
    assert alone["processes"][0]["sections"][0]["cases"] == 20


def test_one_rep_and_by_rep_do_not_go_together(history):
    assert history("rates", "--rep", "anna", "--by", "rep").code == 2


def test_a_takeover_is_exposed_from_its_day_on_only(team):
    assert team("add", "Example", "--key", "old", "--value", "1000", "--rep", "anna", "--on", "2026-11-01").code == 0
    assert team("standing", "old", "2", "--since", "2026-01-01", "--on", "2026-11-01").code == 0
    found = sections(team("rates", "--json"))
    assert [row["cases"] for row in found] == [0, 1, 0, 0]
    assert found[1]["open"] == 1


def test_the_table_says_what_stands_on_few_events_and_explain_how_it_is_made(history):
    answer = history("rates", "--explain", "--format", "md")
    assert "Few events in section 2, 3, 4: mostly the plan." in answer.out
    assert "Aalen-Johansen" in answer.out
    assert "half" in answer.out
    explained = sections(history("rates", "--explain", "--json"))[0]
    assert explained["aalen_johansen"] == pytest.approx(0.5, abs=0.02)
    assert "mostly the team" in history("rates", "--rep", "anna", "--format", "md").out


def test_the_same_file_gives_the_same_figures(history):
    assert history("rates", "--json").out == history("rates", "--json").out


def test_history_from_hides_the_time_before_it(history, tmp_path):
    toml = history("processes", "b2b", "--toml").out
    late = toml.replace('currency = "EUR"', 'currency = "EUR"\nhistory_from = 2026-06-01', 1)
    (tmp_path / "b2b.toml").write_text(late)
    answer = history("define-process", str(tmp_path / "b2b.toml"), "--yes")
    assert answer.code == 0, answer.err
    assert sections(history("rates", "--json"))[0]["cases"] < 40
