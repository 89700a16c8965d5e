"""Measured rates in `kpis` and `cascade`: from the month's snapshot, the plan on demand, and what it costs."""

from __future__ import annotations

import math
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import pairwise

import pytest

HEAD = "opportunity,milestone,date,value,rep,outcome\n"
NAMES = ("rate_to_next", "target", "cases")


@pytest.fixture
def measured(team, tmp_path):
    """Sixty opportunities since January, all settled: two of three moved on after ten days, with half the money."""
    lines = []
    for number in range(60):
        day, moves = f"2026-0{1 + number % 6}-10", number % 3 < 2
        lines.append(f"o-{number},1,{day},{'1000' if moves else '4000'}.00,anna,")
        lines.append(f"o-{number},2,{day[:8]}20,,," if moves else f"o-{number},,{day[:8]}20,,,lost")
    (tmp_path / "f.csv").write_text(HEAD + "\n".join(lines) + "\n")
    assert team("import", str(tmp_path / "f.csv"), "--complete-history").code == 0
    return team


def process(ms, *argv):
    return ms(*argv, "--json").json["processes"][0]


def test_the_rates_are_those_measured_before_the_month_by_value_and_by_count(measured):
    found = process(measured, "kpis")
    first, second = found["milestones"][:2]
    assert found["rates"] == "measured"
    assert (first["cases"], second["cases"]) == (60, 40)
    assert first["count_rate_to_next"] == pytest.approx(2 / 3, abs=0.04)
    # of the money a third moved on; 40 pseudo-cases at the rate by count hold the figure back
    assert 1 / 3 < first["rate_to_next"] < 0.6
    assert first["rate_low"] < first["rate_to_next"] < first["rate_high"]
    assert (found["milestones"][-1]["rate_to_next"], found["milestones"][-1]["cases"]) == (None, None)


def test_a_section_without_a_case_keeps_the_planned_rate_exactly(measured):
    found = process(measured, "kpis")["milestones"]
    assert [(row["rate_to_next"], row["cases"]) for row in found[2:4]] == [(0.5, 0), (0.5, 0)]


def test_the_plan_can_be_asked_for(measured):
    for command in ("kpis", "cascade"):
        found = process(measured, command, "--rates", "planned")
        assert found["rates"] == "planned"
        assert [row["rate_to_next"] for row in found["milestones"]] == [0.5] * 4 + [None]
        assert {row["cases"] for row in found["milestones"]} == {None}
    assert process(measured, "cascade", "--rates", "planned")["milestones"][0]["required"] == "1600000.00"


def test_the_cascade_divides_by_the_rate_it_shows_and_says_how_sure_it_is(measured):
    found = process(measured, "cascade")
    rows = found["milestones"]
    for row, later in pairwise(rows):
        assert float(row["required"]) == pytest.approx(float(later["required"]) / row["rate_to_next"], abs=0.02)
        assert float(row["required_p10"]) < float(row["required"]) < float(row["required_p90"])
    assert found["too_uncertain"]
    assert "Too uncertain to steer by" in measured("cascade", "--format", "table").out


def test_the_explanation_divides_by_the_rates_of_the_snapshot_that_it_names(measured):
    found = process(measured, "cascade", "--explain")
    why = found["explain"]
    assert why["snapshot"] == {"month": "2026-11", "until": "2026-10-31", "version": 1, "rates": "measured"}
    for row, step in zip(found["milestones"], why["milestones"], strict=True):
        assert (step["rate_to_next"], step["required"]) == (row["rate_to_next"], row["required"])
    assert why["mean_values"][-1]["source"] == "none"
    shown = measured("cascade", "--explain", "--rates", "planned", "--rep", "anna", "--format", "table").out
    assert "from the facts up to Oct 31, 2026: planned rates of version 1." in shown
    assert "in equal parts to anna." in shown


def test_without_a_case_the_worked_example_stands_to_the_cent(team):
    found = process(team, "cascade")
    assert found["rates"] == "planned"
    assert [row["required"] for row in found["milestones"]] == [
        "1600000.00", "800000.00", "400000.00", "200000.00", "100000.00",
    ]  # fmt: skip


def test_single_late_facts_leave_the_month_as_it_is_and_the_next_month_sees_them(measured):
    before = process(measured, "kpis")["milestones"]
    for number in range(2, 60, 3):
        assert measured("reopen", f"o-{number}", "--on", "2026-10-01").code == 0
        assert measured("advance", f"o-{number}", "2", "--on", "2026-10-02").code == 0
    after = process(measured, "kpis")["milestones"]
    assert [[row[name] for name in NAMES] for row in after] == [[row[name] for name in NAMES] for row in before]
    december = process(measured, "kpis", "--as-of", "2026-12-03")["milestones"]
    assert december[0]["rate_to_next"] > 1.4 * before[0]["rate_to_next"]


def test_an_import_of_earlier_days_and_a_rebuild_make_the_month_anew(measured, tmp_path):
    before = process(measured, "kpis")["milestones"][0]
    lines = "".join(f"n-{number},1,2026-07-01,1000,,\nn-{number},2,2026-07-11,,,\n" for number in range(60))
    (tmp_path / "more.csv").write_text(HEAD + lines)
    assert measured("import", str(tmp_path / "more.csv")).code == 0
    after = process(measured, "kpis")["milestones"][0]
    assert (before["cases"], after["cases"]) == (60, 120)
    assert after["rate_to_next"] > before["rate_to_next"]
    assert measured("check", "--rebuild", "--yes").code == 0
    assert process(measured, "kpis")["milestones"][0] == after


def test_every_rep_cascades_with_the_teams_rates(measured):
    found = process(measured, "kpis", "--by", "rep")
    team = [row["rate_to_next"] for row in found["milestones"]]
    assert found["reps"]
    assert all([row["rate_to_next"] for row in rep["milestones"]] == team for rep in found["reps"])


def test_the_output_says_which_rates_and_on_how_many_cases(measured):
    assert "Rates as measured before this month, on 0 to 60 cases a section." in measured("kpis").err
    assert "Rates as planned in the process file." in measured("kpis", "--rates", "planned").err
    explained = measured("kpis", "--explain", "--format", "table").out
    assert "measured rates of version 1" in explained


def test_a_month_ahead_is_computed_with_what_is_known_and_not_kept(measured, path):
    ahead = process(measured, "kpis", "--period", "2027-02")["milestones"][0]
    assert ahead["cases"] == 60
    with closing(sqlite3.connect(path)) as connection:
        months = [month for (month,) in connection.execute("SELECT month FROM snapshot")]
    assert max(months, default=0) <= 2026 * 12 + 10


def test_what_is_measured_once_a_month_costs_no_numpy_afterwards(measured):
    assert measured("kpis").code == 0
    for command in (
        ["kpis"], ["cascade"], ["cascade", "--explain"], ["dead-horses", "--explain"], ["opportunities"],
        ["show", "o-0", "--explain"], ["advance", "o-0", "3", "--dry-run"],
        ["lose", "o-0", "--dry-run"], ["revalue", "o-0", "2k", "--dry-run"], ["reopen", "o-2", "--dry-run"],
    ):  # fmt: skip
        code = (
            "import sys; from milestone_cli.__main__ import main\n"
            "try:\n    main()\nfinally:\n    print('numpy' in sys.modules, file=sys.stderr)"
        )
        ran = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr.splitlines()[-1]) == (0, "False"), command


def test_what_an_opportunity_is_worth_comes_from_the_month_s_snapshot_and_falls_while_it_waits(team, tmp_path):
    lines = []
    for number in range(60):
        day = f"2026-0{1 + number % 6}-10"
        lines.append(f"o-{number},1,{day},1000,anna,")
        lines.append(f"o-{number},2,{day[:8]}20,,," if number % 3 < 2 else f"o-{number},,{day[:8]}20,,,lost")
    (tmp_path / "f.csv").write_text(HEAD + "\n".join(lines) + "\n")
    assert team("import", str(tmp_path / "f.csv"), "--complete-history").code == 0
    assert team("add", "Fresh", "--value", "8000", "--reached", "1").code == 0
    assert team("add", "Stale", "--value", "8000", "--reached", "1", "--on", "2026-08-01").code == 0
    fresh, stale = (team("lose", key, "--dry-run", "--json").json["worth_before"] for key in ("fresh", "stale"))
    left = math.prod(row["rate_to_next"] for row in process(team, "cascade")["milestones"][:-1])
    # near what the cascade says of money that comes in; it falls while it waits
    assert float(fresh) == pytest.approx(8000 * left, rel=0.25)
    assert float(stale) < 0.3 * float(fresh)
    moved = team("advance", "fresh", "3", "--json").json
    assert moved["worth_before"] == fresh
    # two sections without a case are left: the plan's halves
    assert float(moved["worth_now"]) == pytest.approx(8000 / 4, rel=0.25)


def test_a_snapshot_that_was_changed_is_not_read(measured, path):
    before = process(measured, "kpis")["milestones"]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute('UPDATE snapshot SET payload = replace(payload, \'"rates":["\', \'"rates":["0\')')
    assert process(measured, "kpis")["milestones"] == before
    assert all(math.isfinite(row["rate_to_next"] or 0) for row in before)
