"""`ms dead-horses`: what is set aside, from which age, and what will be."""

from __future__ import annotations

import pytest

HEAD = "opportunity,milestone,date,value,rep,outcome\n"


@pytest.fixture
def waiting(team, tmp_path):
    """Sixty that moved on or were lost within days, one that has waited for a year and one that came yesterday."""
    lines = []
    for number in range(60):
        day = f"2026-0{1 + number % 9}-03"
        lines.append(f"o-{number},1,{day},1000,anna,")
        lines.append(f"o-{number},2,{day[:8]}{10 + number % 9},,," if number % 2 else f"o-{number},,{day[:8]}15,,,lost")
    for key, day, rep in (("old", "2025-11-01", "ben"), ("new", "2026-11-22", "anna")):
        lines.append(f"{key},1,{day},7000,{rep},")
    (tmp_path / "f.csv").write_text(HEAD + "\n".join(lines) + "\n")
    assert team("import", str(tmp_path / "f.csv"), "--complete-history").code == 0
    return team


def found(ms, *argv):
    return ms("dead-horses", "--json", *argv).json["processes"][0]


def test_what_has_waited_longer_than_any_that_moved_is_dead_by_measurement(waiting):
    section = found(waiting)["sections"][0]
    assert section["rule"] == "measured"
    assert 8 <= section["dead_after_days"] <= 100
    old = next(one for one in found(waiting)["opportunities"] if one["key"] == "old")
    assert (old["waiting_days"], old["status"], old["rule"]) == (387, "dead", "measured")
    assert old["chance_left"] < 0.1
    assert "new" not in [one["key"] for one in found(waiting)["opportunities"]]


def test_the_money_tied_up_is_summed_and_the_largest_comes_first(waiting):
    listed = found(waiting)["opportunities"]
    assert listed[0]["key"] == "old"
    assert float(found(waiting)["value"]) == sum(float(one["value"]) for one in listed)
    assert found(waiting)["count"] == len(listed)


def test_one_rep_sees_their_own(waiting):
    assert [one["key"] for one in found(waiting, "--rep", "ben")["opportunities"]] == ["old"]


def test_what_turns_dead_within_thirty_days_is_told_with_its_day(waiting):
    age = found(waiting)["sections"][0]["dead_after_days"]
    later = found(waiting, "--as-of", "2026-12-10")
    assert [one["key"] for one in later["soon"]] == (["new"] if 18 < age <= 48 else [])
    if later["soon"]:
        assert later["soon"][0]["status"] == "open"


def test_dead_after_days_of_the_process_rules_and_the_output_says_so(team, write, process_of):
    from dataclasses import replace

    plan = process_of("slow")
    fixed = replace(
        plan, milestones=(plan.milestones[0], replace(plan.milestones[1], dead_after_days=400), *plan.milestones[2:])
    )
    write(lambda ledger: ledger.define(fixed, on=20_000, valid_from=None))
    for key, day in (("a", "2025-10-01"), ("b", "2025-12-01")):
        assert team("add", key, "--process", "slow", "--reached", "1", "--on", day).code == 0
    report = found(team, "--process", "slow")
    assert (report["sections"][0]["dead_after_days"], report["sections"][0]["rule"]) == (400, "fixed")
    assert [one["key"] for one in report["opportunities"]] == ["a"]
    assert [(one["key"], one["aside_on"]) for one in report["soon"]] == []
    assert "dead_after_days of the process" in team("dead-horses", "--process", "slow", "--format", "table").out


def test_with_few_cases_four_times_the_planned_days_rule_and_without_days_nothing_is_set_aside(team, write, process_of):
    from dataclasses import replace

    plan = process_of("bare")
    bare = replace(plan, milestones=tuple(replace(one, days=None) for one in plan.milestones))
    write(lambda ledger: ledger.define(bare, on=20_000, valid_from=None))
    for process in ("b2b", "bare"):
        assert team("add", process, "--process", process, "--reached", "1", "--on", "2025-01-01").code == 0
    planned, nothing = found(team, "--process", "b2b"), found(team, "--process", "bare")
    assert (planned["sections"][0]["dead_after_days"], planned["sections"][0]["rule"]) == (40, "planned")
    assert [one["key"] for one in planned["opportunities"]] == ["b2b"]
    assert (nothing["sections"][0]["dead_after_days"], nothing["sections"][0]["rule"]) == (None, "none")
    assert nothing["opportunities"] == []
    assert "under 20 cases, no planned days" in team("dead-horses", "--process", "bare", "--format", "table").out


def test_a_dead_horse_stays_in_the_rates(waiting):
    before = waiting("rates", "--json").json["processes"][0]["sections"][0]
    assert before["cases"] == 62
    assert before["open"] == 2


def test_without_a_dead_horse_it_says_so(team):
    said = team("dead-horses", "--format", "table")
    assert (said.code, "No dead horse." in said.out) == (0, True)


def test_one_is_explained_by_its_days_and_its_section_by_its_chances(waiting):
    report = found(waiting, "--explain")
    old = next(one for one in report["explain"]["opportunities"] if one["key"] == "old")
    section = report["explain"]["sections"][0]
    assert (old["since"], old["waiting_days"], old["dead_after_days"]) == (
        "2025-11-01", 387, section["dead_after_days"],
    )  # fmt: skip
    assert old["chance_left"] < old["hopeless"]
    assert section["chance_then"] < section["hopeless"] <= section["chance_before"]
    shown = waiting("dead-horses", "--explain", "--format", "table").out
    assert "why each is set aside" in shown
    assert waiting("dead-horses", "--explain", "--format", "csv").code == 0
