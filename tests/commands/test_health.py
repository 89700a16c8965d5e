"""`ms health`: is the process lived?"""

from __future__ import annotations

from milestone_cli.domain.day import parse_iso

HEAD = "opportunity,milestone,date,recorded_at,evidence,text,by\n"


def found(ms, *argv):
    return ms("health", "--json", *argv).json["processes"][0]


def test_evidence_persons_and_skipped_milestones_are_shares_of_the_facts(team):
    for number in range(3):
        assert team("add", f"c{number}", "--rep", "anna", "--on", "2026-11-20").code == 0
    assert team("advance", "c0", "1", "--said", "Yes", "--by", "Ms Meier").code == 0
    assert team("advance", "c1", "1", "--wrote", "Come").code == 0
    assert team("advance", "c2", "2", "--yes").code == 0
    report = found(team)
    assert (report["actions"], report["with_evidence"], report["with_person"]) == (3, 2 / 3, 1 / 3)
    assert (report["implied"], report["recent"]) == (0.25, 3)


def test_imported_facts_count_by_when_their_source_learned_of_them_or_not_at_all(team, tmp_path):
    (tmp_path / "f.csv").write_text(
        HEAD + "a,1,2026-11-01,2026-11-05,said,Yes,Ms Meier\nb,1,2026-11-01,2026-11-11,,,\nc,1,2026-11-02,,,,\n"
    )
    assert team("import", str(tmp_path / "f.csv"), "--complete-history").code == 0
    report = found(team)
    assert (report["days_to_entry"], report["entries_not_counted"], report["actions"]) == (7.0, 1, 3)
    assert "1 imported without `recorded_at` are not counted" in team("health", "--format", "table").out


def test_what_was_voided_does_not_count_twice(team):
    assert team("add", "acme", "--on", "2026-11-20").code == 0
    assert team("advance", "acme", "1", "--said", "Yes", "--on", "2026-11-21").code == 0
    fact = team("show", "acme", "--json").json["facts"][-1]["id"]
    assert team("amend", fact, "--on", "2026-11-22", "--yes").code == 0
    assert found(team)["actions"] == 1


def test_a_dead_horse_that_got_a_new_value_or_owner_is_ridden_on_and_a_living_one_is_not(team):
    for key, on in (("old", "2026-08-01"), ("older", "2026-07-01"), ("young", "2026-11-20")):
        assert team("add", key, "--rep", "anna", "--value", "10k", "--reached", "1", "--on", on).code == 0
    assert found(team)["dead_ridden"] == 0
    assert team("revalue", "old", "20k").code == 0
    assert team("revalue", "old", "30k").code == 0
    assert team("assign", "older", "ben").code == 0
    assert team("revalue", "young", "20k").code == 0
    assert found(team)["dead_ridden"] == 2
    assert found(team, "--rep", "anna")["dead_ridden"] == 1
    assert found(team, "--rep", "ben")["dead_ridden"] == 1


def test_what_was_lost_on_that_day_was_not_ridden(team):
    assert team("add", "old", "--value", "10k", "--reached", "1", "--on", "2026-08-01").code == 0
    assert team("lose", "old", "--on", "2026-11-01").code == 0
    assert team("reopen", "old", "--on", "2026-11-10").code == 0
    assert team("revalue", "old", "20k", "--on", "2026-11-05").code == 0
    assert found(team)["dead_ridden"] == 0
    assert team("revalue", "old", "30k", "--on", "2026-11-12").code == 0
    assert found(team)["dead_ridden"] == 1


def test_a_taken_over_one_is_dead_by_since_when_it_stands(team):
    assert team("add", "acme", "--on", "2026-11-01").code == 0
    assert team("standing", "acme", "2", "--since", "2026-05-01", "--on", "2026-11-02").code == 0
    assert team("revalue", "acme", "20k").code == 0
    assert found(team)["dead_ridden"] == 1


def test_the_four_ways_follow_from_what_is_in_the_file(team, write, process_of, tmp_path):
    write(lambda ledger: ledger.define(process_of("bare"), on=20_000, valid_from=None))
    assert found(team, "--process", "bare")["way"] == "no_process"
    assert found(team, "--process", "b2b")["way"] == "on_paper"
    (tmp_path / "f.csv").write_text(HEAD + "a,1,2026-11-10,2026-11-12,,,\n")
    assert team("import", str(tmp_path / "f.csv"), "--process", "b2b", "--complete-history").code == 0
    watched = found(team, "--process", "b2b")
    assert (watched["way"], watched["revised_on"]) == ("watched", None)
    june = parse_iso("2026-06-01")
    write(lambda ledger: ledger.define(process_of("b2b", title="Revised"), on=june, valid_from=june))
    dynamic = found(team, "--process", "b2b")
    assert (dynamic["way"], dynamic["revised_on"]) == ("dynamic", "2026-06-01")
    assert found(team, "--process", "b2b", "--as-of", "2027-06-20")["way"] == "on_paper"


def test_without_a_process_there_is_nothing_to_live_by(write, ms):
    write(lambda ledger: ledger.add_rep("anna", "Anna", on=20_000, began=20_000))
    answer = ms("health", "--json")
    assert (answer.code, answer.json["way"], answer.json["processes"]) == (0, "no_process", [])
    assert "No process is defined" in ms("health", "--format", "table").out


def test_a_period_and_a_rep_can_be_chosen_and_nobody_else_is_named(team):
    assert team("add", "acme", "--rep", "anna", "--reached", "1", "--on", "2026-10-05").code == 0
    assert found(team, "--period", "2026-10", "--rep", "anna")["actions"] == 1
    assert found(team, "--period", "2026-10", "--rep", "ben")["actions"] == 0
    assert found(team, "--period", "2026-09")["actions"] == 0
    told = team("health", "--format", "table").out
    assert "anna" not in told
    assert "ben" not in told


def test_the_counts_and_what_was_ridden_on_are_explained(team):
    assert team("add", "old", "--rep", "anna", "--value", "10k", "--reached", "1", "--on", "2026-08-01").code == 0
    assert team("revalue", "old", "20k").code == 0
    report = found(team, "--explain")
    assert report["explain"]["counts"]["with_evidence"] == {"part": 0, "whole": report["actions"]}
    assert report["explain"]["rides"] == [
        {"opportunity": "old", "on": "2026-11-23", "milestone": 1, "since": "2026-08-01", "dead_after_days": 40}
    ]
    shown = team("health", "--explain", "--format", "table").out
    assert "€100,000 a month for the team" in shown
    assert "anna" not in shown
