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
    assert "Few events in sections 2, 3, 4: mostly the plan." in answer.out
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


@pytest.fixture
def revised(history, tmp_path):
    """The history with another `how` of milestone 2 from April on and a milestone less from June on."""
    toml = history("processes", "b2b", "--toml").out
    (tmp_path / "how.toml").write_text(toml.replace("Ask for invited", "Ask what waiting costs"))
    short = toml.replace("Ask for invited", "Ask what waiting costs").split("[[milestone]]")
    (tmp_path / "short.toml").write_text("[[milestone]]".join(short[:3] + short[4:]))
    for name, day in (("how", "2026-04-01"), ("short", "2026-06-01")):
        answer = history("define-process", str(tmp_path / f"{name}.toml"), "--from", day, "--as-of", day, "--yes")
        assert answer.code == 0, answer.err
    return history


def test_by_version_shows_every_period_with_who_entered_in_it(revised):
    process = revised("rates", "--by", "version", "--json").json["processes"][0]
    found = [(one["version"], one["from"], one["until"], one["changed"]) for one in process["versions"]]
    assert found == [
        (1, None, "2026-03-31", []),
        (1, "2026-04-01", "2026-05-31", ["how of milestone 2"]),
        (2, "2026-06-01", None, ["milestones"]),
    ]
    first = [one["sections"][0] for one in process["versions"]]
    assert [len(one["sections"]) for one in process["versions"]] == [4, 4, 3]
    assert [row["cases"] for row in first] == [21, 13, 6]
    assert sum(row["moved"] for row in first) == process["sections"][0]["moved"] == 20
    assert process["sections"] == sections(revised("rates", "--json"))


def test_by_version_titles_say_the_days_and_what_was_new(revised):
    out = revised("rates", "--by", "version", "--format", "md", "--explain").out
    assert "B2B · version 1 · entered from the beginning to 2026-03-31\n" in out
    assert "B2B · version 1 · entered from 2026-04-01 to 2026-05-31 · changed: how of milestone 2\n" in out
    assert "B2B · version 2 · entered from 2026-06-01 · changed: milestones\n" in out
    assert out.count("No section surely differs from the period before") == 2
    assert "Few events in sections 1, 2, 3: mostly the plan." in out
    assert "here nothing fades" in out


def test_by_version_with_since_leaves_out_the_periods_before_and_who_entered_before(revised):
    answer = revised("rates", "--by", "version", "--since", "2026-05-01", "--json").json["processes"][0]
    assert [one["from"] for one in answer["versions"]] == ["2026-04-01", "2026-06-01"]
    assert [one["sections"][0]["cases"] for one in answer["versions"]] == [6, 6]
    assert "entered from 2026-05-01 to" in revised("rates", "--by", "version", "--since", "2026-05-01").out


def test_by_version_of_a_past_day_knows_no_later_revision(revised):
    answer = revised("rates", "--by", "version", "--as-of", "2026-05-15", "--json").json["processes"][0]
    assert [(one["from"], one["until"]) for one in answer["versions"]] == [(None, "2026-03-31"), ("2026-04-01", None)]
    only = revised("rates", "--by", "version", "--as-of", "2026-03-15")
    assert "The process was never revised" in only.err


def test_by_version_reads_a_process_without_facts(team):
    (only,) = team("rates", "--by", "version", "--json").json["processes"][0]["versions"]
    assert [row["rate"] for row in only["sections"]] == [0.5] * 4


def test_a_revision_that_helped_is_said_with_its_size(team, tmp_path):
    """Until April one of five moves on, then four of five."""
    lines = []
    for number in range(100):
        day, often = ("2026-02-03", number % 5 == 0) if number < 50 else ("2026-04-03", number % 5 != 0)
        lines.append(f"o-{number},1,{day},100.00,anna,")
        lines.append(f"o-{number},2,{day[:8]}13,,," if often else f"o-{number},,{day[:8]}23,,,lost")
    (tmp_path / "f.csv").write_text(HEAD + "\n".join(lines) + "\n")
    assert team("import", str(tmp_path / "f.csv"), "--complete-history").code == 0
    (tmp_path / "p.toml").write_text(team("processes", "--toml").out.replace("Ask for invited", "Ask for the decider"))
    assert team("define-process", str(tmp_path / "p.toml"), "--from", "2026-03-01", "--yes").code == 0
    before, after = team("rates", "--by", "version", "--json").json["processes"][0]["versions"]
    assert (before["sections"][0]["changed"], after["sections"][0]["changed"]) == (False, True)
    assert before["sections"][0]["rate"] < 0.3
    assert after["sections"][0]["rate"] > 0.7
    out = team("rates", "--by", "version", "--format", "md").out
    assert "1 -> 2 has changed against the period before, from" in out


def test_one_rep_and_by_version_do_not_go_together(history):
    refused = history("rates", "--rep", "anna", "--by", "version")
    assert refused.code == 2
    assert "--by version splits the team" in refused.err
    assert "--team" in refused.err
    assert history("rates", "--rep", "anna", "--team", "--by", "version").code == 0


def test_kpis_are_not_split_by_version(history):
    assert history("kpis", "--by", "version").code == 2


@pytest.fixture
def edited(history, tmp_path):
    """The forty, three of which reached milestone 2 in an edit of many, and one of these milestone 3 in another."""
    lines = [f"o-{number},2,2026-07-01,,,bulk" for number in (1, 5, 7)] + ["o-5,3,2026-08-01,,,BULK"]
    (tmp_path / "edit.csv").write_text(HEAD + "\n".join(lines) + "\n")
    assert history("import", str(tmp_path / "edit.csv"), "--json").json["facts"] == 4
    return history


def test_moves_in_edits_of_many_are_left_out_and_counted(edited, problems):
    answer = edited("rates", "--json")
    first, second, third = sections(answer)[:3]
    assert (first["cases"], first["moved"], first["lost"], first["open"]) == (37, 20, 7, 10)
    assert (second["cases"], second["moved"], third["cases"]) == (20, 0, 0)
    assert answer.json["processes"][0]["moves_by_edit"] == 4
    assert "4 moves in edits of many are left out of rates and durations." in edited("rates", "--format", "table").out
    by_rep = edited("rates", "--by", "rep", "--json").json["processes"][0]["reps"]
    assert [(one["rep"], one["moves_by_edit"]) for one in by_rep] == [("anna", 3), ("ben", 1)]
    assert problems() == []


def test_moves_in_edits_of_many_count_as_arrivals_on_their_day_and_wait_from_it(edited):
    kpis = edited("kpis", "--period", "2026-07", "--json").json["processes"][0]["milestones"]
    assert [one["count"] for one in kpis][:3] == [0, 3, 0]
    one = edited("show", "o-7", "--json").json
    assert (one["milestone"], one["reached_on"]) == (2, "2026-07-01")


@pytest.mark.parametrize("name", ["facts.csv", "book.json"])
def test_marks_of_edits_of_many_go_out_and_come_in(edited, tmp_path, name):
    path, process, fresh = (str(tmp_path / one) for one in (name, "process.toml", "fresh.db"))
    assert edited("export", "-o", path).code == 0
    if name == "facts.csv":
        edited("processes", "b2b", "--toml", "-o", process, "--format", "table")
        assert edited("--db", fresh, "define-process", process).code == 0
    assert edited("--db", fresh, "import", path, "--json").code == 0
    assert edited("--db", fresh, "rates", "--json").json == edited("rates", "--json").json
    again = edited("--db", fresh, "import", path, "--json") if name == "facts.csv" else None
    assert again is None or (again.json["facts"], again.json["left_out"]["count"]) == (0, 0)


def test_a_mark_that_the_book_lacks_is_reported_and_not_applied(history, tmp_path):
    (tmp_path / "edit.csv").write_text(HEAD + "o-0,2,2026-01-20,,,bulk\n")
    said = history("import", str(tmp_path / "edit.csv"), "--json").json
    assert (said["facts"], said["left_out"]["count"]) == (0, 1)
    assert history("rates", "--json").json["processes"][0]["moves_by_edit"] == 0


@pytest.mark.parametrize(("line", "words"), [
    ("o-1,0,2026-07-01,,,bulk", "The outcome bulk needs a milestone from 1 on"),
    ("o-1,,2026-07-01,,,bulk", "The milestone is missing"),
    ("o-1,2,2026-07-01,,,bulky", "perhaps bulk?"),
    ("o-1,2,2026-07-01,,,xyz", "standing, bulk"),
])  # fmt: skip
def test_a_mark_needs_a_milestone(team, tmp_path, line, words):
    (tmp_path / "edit.csv").write_text(HEAD + line + "\n")
    assert words in team("import", str(tmp_path / "edit.csv")).err
