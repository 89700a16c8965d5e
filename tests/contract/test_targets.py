"""Targets, by the words of the contract."""

from __future__ import annotations

from decimal import Decimal


def test_a_milestone_feeds_the_month_its_lead_time_ahead_and_a_later_target_holds_from_the_next_month(team):
    team.on("2026-01-10").define("abcd", rates=("0.5", "0.25", "0.4"), days=(61, 91, 46), target=12000)
    assert team.column("feeds") == ["2026-08", "2026-06", "2026-03", "2026-01"]
    assert team.column("target") == ["240000.00", "120000.00", "30000.00", "12000.00"]
    team.does("set-target", "24000")
    assert team.column("target") == ["240000.00", "120000.00", "30000.00", "12000.00"]
    team.on("2026-02-03")
    assert team.column("target") == ["480000.00", "240000.00", "60000.00", "24000.00"]
    team.does("set-target", "6000", "--from", "2026-08")
    assert team.on("2026-03-04").column("target") == ["120000.00", "60000.00", "60000.00", "24000.00"]


def test_a_quarter_is_the_sum_of_its_months_and_a_week_is_twelve_parts_of_52_of_its_thursdays_month(team):
    team.define("ab", rates=("0.5",), days=(61,), target=12000)
    team.does("set-target", "30000", "--from", "2026-03")
    team.on("2026-03-04")
    months = [team.column("target", "--period", f"2026-0{month}") for month in (1, 2, 3)]
    sums = [f"{sum(map(Decimal, amounts)):.2f}" for amounts in zip(*months, strict=True)]
    assert team.column("target", "--period", "2026-Q1") == sums
    assert team.column("target", "--period", "2026-W05")[-1] == f"{12000 * 12 / 52:.2f}"
    assert team.column("target", "--period", "2026-W14")[-1] == f"{30000 * 12 / 52:.2f}"


def test_a_rep_without_a_target_gets_an_equal_share_of_what_is_left_frozen_for_the_month(team):
    team.define("ab", days=(30,), target=90000)
    for rep in ("anna", "ben", "cara", "dan"):
        team.does("add-rep", rep, "--from", "2025-01-01")
    team.does("set-target", "30000", "--rep", "anna")
    for rep in ("anna", "ben", "cara"):
        team.does("add", rep, "--rep", rep, "--on", "2025-12-15", "--value", "1000", "--reached", "1")

    def part(rep: str) -> tuple[str, str]:
        report = team.kpis("--rep", rep)
        return report["target_source"], report["milestones"][-1]["target"]

    assert part("anna") == ("own", "30000.00")
    assert part("ben") == ("share", "30000.00")
    assert part("dan") == ("share", "20000.00")
    assert "shown in this view only" in team("kpis", "--rep", "dan", "--format", "table").out
    assert [row["rep"] for row in team.kpis("--by", "rep")["reps"]] == ["anna", "ben", "cara"]
    team.on("2026-01-20").does("add", "late", "--rep", "dan", "--reached", "1")
    assert part("ben") == ("share", "30000.00")
    assert team.on("2026-02-02").kpis("--rep", "ben")["milestones"][-1]["target"] == "20000.00"


def test_a_negative_rest_is_nothing_and_targets_and_kpis_say_by_how_much_the_parts_do_not_add_up(team):
    team.define("ab", days=(30,), target=90000)
    team.does("add-rep", "anna")
    team.does("set-target", "100k", "--rep", "anna")
    team.does("add", "C", "--reached", "1")
    assert "€10,000 a month above" in team("kpis", "--format", "table").out
    assert team.does("targets")["processes"][0]["mismatch"] == "10000.00"


def test_without_a_target_of_the_team_it_is_the_sum_of_the_reps(team):
    team.define("ab", days=(30,))
    for rep, amount in (("anna", "10k"), ("ben", "15k")):
        team.does("add-rep", rep)
        team.does("set-target", amount, "--rep", rep)
    report = team.kpis()
    assert (report["target_source"], report["milestones"][-1]["target"]) == ("sum", "25000.00")


def test_a_rep_beside_the_others_has_the_figures_that_they_have_alone_with_six_earlier_periods(team):
    team.define("ab", days=(30,), target=90000)
    team.does("add-rep", "anna", "--from", "2025-01-01")
    team.does("add-rep", "ben", "--from", "2025-01-01")
    team.on("2026-03-10").does(
        "add", "Acme", "--rep", "anna", "--on", "2026-01-20", "--value", "1000", "--reached", "1"
    )
    team.does("add", "Bela", "--rep", "ben", "--on", "2026-03-05", "--value", "700", "--reached", "2")
    reps = team.kpis("--by", "rep")["reps"]
    assert reps[0]["milestones"][0]["trend"] == ["0.00", "0.00", "0.00", "0.00", "1000.00", "0.00"]
    assert [one["milestones"] for one in reps] == [team.kpis("--rep", one["rep"])["milestones"] for one in reps]
