"""`ms next`: which milestone to work on, and with whom."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest

from milestone_cli.domain.money import currency
from milestone_cli.localization import format_money

HEAD = "opportunity,milestone,date,value,customer,rep,outcome\n"
ROW = {
    "opportunity", "customer", "title", "rep", "kind", "milestone", "next_milestone", "next_key", "next_name",
    "customer_action", "how", "waiting_days", "days_p50", "days_p90", "chance_left", "chance_30_days", "dead_on",
    "revisit_on", "value", "value_assumed", "score",
}  # fmt: skip


def found(ms, *argv):
    return ms("next", "--json", *argv).json["processes"][0]


def keys(report) -> list[str]:
    return [row["opportunity"] for row in report["next"]]


@pytest.fixture
def busy(team):
    """Two at milestone 1, one of them a dead horse, one at 3, and nobody has come further this month."""
    for key, reached, on, rep in (
        ("near", "1", "2026-11-10", "anna"),
        ("dead", "1", "2026-08-01", "anna"),
        ("far", "3", "2026-11-12", "ben"),
    ):
        ran = team("add", key, "--value", "40k", "--rep", rep, "--reached", reached, "--on", on)
        assert ran.code == 0, ran.err
    return team


def kpis_of(ms, *argv):
    return ms("kpis", "--json", *argv).json["processes"][0]


def test_the_focus_is_where_what_is_missing_costs_most(busy):
    focus, kpis = found(busy)["focus"], kpis_of(busy)
    row = kpis["milestones"][focus["milestone"] - 1]
    assert focus["milestone"] == kpis["focus"]
    assert (focus["missing"], focus["costs"]) == (row["missing"], kpis["focus_costs"])
    assert float(focus["costs"]) == pytest.approx(float(row["missing"]) * focus["share_of_last"], abs=0.01)
    assert focus["feeds"] == row["feeds"]


def test_a_milestone_on_its_pace_is_told_by_kpis_next_and_todays_page_alike(team, tmp_path):
    """23 of 30 days are over, 1,240,000 of 1,600,000 are there, and a sixteenth of what is missing becomes an order."""
    sums = (1_240_000, 700_000, 380_000, 190_000, 98_000, 0)
    lines = ["begun,0,2024-06-01,,,,"]
    for milestone, (here, further) in enumerate(pairwise(sums), start=1):
        lines.append(f"deal-{milestone},{milestone},2026-11-10,{here - further},,,")
    (tmp_path / "f.csv").write_text(HEAD + "\n".join(lines) + "\n")
    assert team("import", str(tmp_path / "f.csv"), "--complete-history").code == 0
    kpis, focus = kpis_of(team), found(team)["focus"]
    row = kpis["milestones"][0]
    assert (row["reached"], row["lamp"], row["reason"]) == ("1240000.00", "amber", "on_pace")
    assert (kpis["focus"], row["missing"], kpis["focus_costs"]) == (1, "360000.00", "22500.00")
    assert (focus["milestone"], focus["missing"], focus["costs"]) == (1, "360000.00", "22500.00")
    for command in ("kpis", "next", None):
        told = team(*filter(None, (command,)), "--format", "table").out
        assert "Watch milestone 1 (Interest): €360,000 missing, on pace so far" in told
        assert "that costs about €23,000 in Dec 2026" in " ".join(told.split())


def test_the_dead_are_out_and_each_row_tells_what_to_win_and_how(busy):
    report = found(busy)
    assert sorted(keys(report)) == ["far", "near"]
    near = next(row for row in report["next"] if row["opportunity"] == "near")
    assert set(near) == ROW
    assert (near["milestone"], near["next_milestone"], near["kind"], near["rep"]) == (1, 2, "open", "anna")
    assert (near["customer_action"], near["how"]) == ("The customer does invited", ["Ask for invited"])
    assert (near["waiting_days"], near["dead_on"], near["value"]) == (13, "2026-12-20", "40000.00")
    assert 0 < near["chance_30_days"] <= near["chance_left"] < 0.5


def test_the_order_is_explained_term_by_term(busy):
    for row in found(busy, "--explain")["next"]:
        terms = row["terms"]
        product = terms["chance_30_days"] * terms["effect"] * terms["potential"]
        assert row["score"] == pytest.approx(product, rel=1e-3)
        # all who have arrived at milestone 2 are one of 40,000; at milestone 4 nobody has, and nothing tells a mean
        assert terms["mean_value"] == {"near": "40000.00", "far": None}[row["opportunity"]]
        assert (terms["potential"], terms["cases"]) == (1, {"near": 1, "far": 0}[row["opportunity"]])
    told = busy("next", "--explain", "--format", "table").out
    assert "how the order comes about" in told
    assert "snapshot of 2026-11, measured rates" in told
    assert "of mean" in told
    assert "Cases" in told


def test_the_gap_in_focus_is_explained_with_its_arithmetic(busy):
    focus, told = found(busy)["focus"], busy("next", "--explain", "--format", "md").out
    row = kpis_of(busy)["milestones"][focus["milestone"] - 1]
    wanted, reached, missing, costs = (
        format_money(round(float(amount) * 100), currency("EUR"), "en_US")
        for amount in (row["target"], row["reached"], focus["missing"], focus["costs"])
    )
    assert f"Gap at milestone {focus['milestone']}: {wanted} wanted - {reached} reached = {missing}; x" in told
    assert f"becomes an order = {costs}." in told


def test_one_rep_sees_their_own_and_the_limit_holds(busy):
    assert keys(found(busy, "--rep", "ben")) == ["far"]
    assert len(keys(found(busy, "--limit", "1"))) == 1


def test_a_lost_one_comes_up_when_its_day_has_come(busy):
    assert busy("lose", "far", "--revisit", "2026-12-01").code == 0
    assert keys(found(busy)) == ["near"]
    report = found(busy, "--as-of", "2026-12-01")
    first = report["next"][0]
    assert (first["opportunity"], first["kind"], first["revisit_on"]) == ("far", "revisit", "2026-12-01")
    assert (first["next_milestone"], first["score"], report["revisits_due"]) == (4, None, 1)
    assert "ms reopen" in busy("next", "--as-of", "2026-12-01", "--format", "table").out


def test_lost_ones_take_no_more_than_a_third_and_it_is_said_how_many_are_due(busy):
    for number in range(3):
        assert busy("add", f"gone-{number}", "--reached", "2", "--on", "2026-11-01").code == 0
        assert busy("lose", f"gone-{number}", "--revisit", f"2026-11-2{5 + number}").code == 0
    report = found(busy, "--as-of", "2026-11-28", "--limit", "3", "--explain")
    assert keys(report)[0] == "gone-2"
    assert (report["revisits_due"], report["next"][0]["terms"]) == (3, None)
    told = busy("next", "--as-of", "2026-11-28", "--limit", "3", "--explain", "--format", "table").out
    assert "(2 more are due)" in told
    assert "Lost ones come by their day" in told


def test_a_gap_at_the_last_milestone_costs_what_is_missing(busy):
    assert busy("add", "Big", "--value", "9m", "--reached", "4", "--on", "2026-11-02").code == 0
    focus = found(busy)["focus"]
    assert (focus["milestone"], focus["missing"], focus["costs"]) == (5, focus["costs"], "100000.00")
    told = busy("next", "--format", "table").out
    assert "that costs" not in told
    assert "100,000 missing" in told


def test_without_a_target_it_says_so_and_explains_the_chance_of_an_order(write, ms, process_of):
    write(lambda ledger: ledger.define(process_of(), on=20_000, valid_from=None))
    assert ms("add", "acme", "--reached", "1", "--on", "2026-11-20").code == 0
    assert found(ms)["focus"] is None
    told = ms("next", "--explain", "--format", "table").out
    assert "No target is set" in told
    assert "counts as an order" in told
    assert "snapshot of 2026-11, planned rates" in told


def test_target_customers_come_in_when_milestone_1_is_the_gap(team):
    assert team("add", "Later AG", "--on", "2026-11-20").code == 0
    assert team("add", "Sooner AG", "--on", "2026-11-01").code == 0
    assert team("add", "Begun AG", "--reached", "5", "--value", "300k", "--on", "2024-06-01").code == 0
    report = found(team)
    assert report["focus"]["milestone"] == 1
    assert keys(report) == ["sooner-ag", "later-ag"]
    assert {row["kind"] for row in report["next"]} == {"target"}


def test_when_nothing_is_short_it_says_so_and_goes_by_the_chance_of_an_order(busy):
    assert busy("add", "Big", "--value", "9m", "--reached", "5", "--on", "2026-11-02").code == 0
    report = found(busy)
    assert report["focus"] is None
    assert keys(report) == ["far", "near"]
    assert "Nothing is short today" in busy("next", "--format", "table").out


def test_a_past_day_sees_the_opportunities_as_they_stood_then(busy):
    assert busy("advance", "near", "2", "--on", "2026-11-20").code == 0
    row = next(row for row in found(busy, "--as-of", "2026-11-15")["next"] if row["opportunity"] == "near")
    assert (row["milestone"], row["waiting_days"]) == (1, 5)


def test_todays_page_holds_the_first_three_steps(busy):
    for number in range(4):
        assert busy("add", f"more-{number}", "--reached", "2", "--on", "2026-11-20").code == 0
    page = busy("--json").json
    assert [one["process"] for one in page["next"]] == ["b2b"]
    assert page["next"][0]["next"] == found(busy)["next"][:3]
    shown = busy("--format", "table").out
    assert all(row["opportunity"] in shown for row in found(busy)["next"][:3])


def test_todays_three_are_the_first_of_ten_also_where_target_customers_take_their_turns(team):
    for number in range(5):
        assert team("add", f"target-{number}", "--on", f"2026-11-1{number}").code == 0
        assert team("add", f"open-{number}", "--reached", "1", "--on", f"2026-10-2{number}").code == 0
    report = found(team)
    assert report["focus"]["milestone"] == 1
    assert [row["kind"] for row in report["next"]] == ["target", "open"] * 5
    assert team("--json").json["next"][0]["next"] == report["next"][:3]
    assert found(team, "--limit", "5")["next"] == report["next"][:5]


def test_without_anything_alive_it_says_what_to_do(team):
    said = team("next", "--format", "table")
    assert (said.code, "`ms add` takes in a target customer" in said.out) == (0, True)


def test_names_are_shown_harmless(team):
    assert team("add", "[red]x[/red] {0} \u202eb", "--key", "evil", "--reached", "1", "--on", "2026-11-20").code == 0
    for form in ("table", "md"):
        told = team("next", "--explain", "--format", form)
        assert told.code == 0
        assert "\u202e" not in told.out
        assert "{0}" in told.out
    assert found(team)["next"][0]["customer"].startswith("[red]x[/red] {0}")


def test_with_the_snapshot_there_no_numpy_is_loaded_nor_under_the_plan(team, tmp_path):
    lines = []
    for number in range(60):
        day, moves = f"2026-0{1 + number % 6}-10", number % 3 < 2
        lines.append(f"o-{number},1,{day},1000,,anna,")
        lines.append(f"o-{number},2,{day[:8]}20,,,," if moves else f"o-{number},,{day[:8]}20,,,,lost")
    lines.append("alive,1,2026-11-15,1000,,anna,")
    (tmp_path / "f.csv").write_text(HEAD + "\n".join(lines) + "\n")
    assert team("import", str(tmp_path / "f.csv"), "--complete-history").code == 0
    row = found(team)["next"][0]
    assert row["opportunity"] == "alive"
    assert 0.3 < row["chance_30_days"] <= row["chance_left"] < 0.8
    code = (
        "import sys; from milestone_cli.__main__ import main\n"
        "try:\n    main()\nfinally:\n    print('numpy' in sys.modules, file=sys.stderr)"
    )
    for command in (["next", "--explain"], []):
        ran = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=False)
        assert ran.stderr.splitlines()[-1] == "False", command
