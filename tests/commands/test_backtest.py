"""`ms backtest`: what past forecasts would have said, kept in the file, beside what came."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from itertools import pairwise

import pytest

from milestone_cli.console import Terminal
from milestone_cli.estimate import backtest

HEAD = "opportunity,milestone,date,value,rep,outcome,recorded_at\n"
FEW = ("--months", "2", "--origins", "3")
SAID = ("p05", "p10", "p50", "p90", "p95")
NEWEST = "2026-08-31"
"""The last end of a month after which two whole ones have gone by."""


@pytest.fixture
def history(team, tmp_path):
    """Two opportunities a week since January 2025; every second one orders after six weeks, others are lost."""
    lines = []
    for number in range(190):
        day = date(2025, 1, 6) + timedelta(days=7 * (number // 2))
        later = day + timedelta(days=35 + number % 5 * 4)
        lines.append(f"o-{number},1,{day},{2000 + number % 7 * 300},anna,,")
        if later <= date(2026, 11, 20):
            lines.append(f"o-{number},5,{later},,,," if number % 2 else f"o-{number},,{later},,,lost,")
    take(team, tmp_path, "first", lines)
    return team


def take(ms, folder, name, lines):
    (folder / f"{name}.csv").write_text(HEAD + "\n".join(lines) + "\n")
    assert ms("import", str(folder / f"{name}.csv"), "--complete-history").code == 0


def tried(ms, *argv):
    answer = ms("backtest", *FEW, "--json", *argv)
    assert answer.code == 0, answer.err
    return answer.json["processes"][0]


def said(found):
    return [[point["origin"], *(point[name] for name in SAID)] for point in found["points"]]


def came(found):
    return [point["actual"] for point in found["points"]]


def kept(path, kind="backtest"):
    with closing(sqlite3.connect(path)) as file:
        query = "SELECT origin, seen, payload FROM hindcast WHERE kind = ? ORDER BY origin"
        return {row[0]: row[1:] for row in file.execute(query, (kind,))}


@pytest.fixture
def made(monkeypatch):
    """The days from which a forecast was made, not taken from the file."""
    days = []
    real = backtest.replay

    def counted(then, *rest, **more):
        days.append(then.as_of)
        return real(then, *rest, **more)

    monkeypatch.setattr(backtest, "replay", counted)
    return days


def test_the_json_is_what_the_contract_says(history):
    answer = history("backtest", *FEW, "--json").json
    assert (answer["as_of"], answer["rep"]) == ("2026-11-23", None)
    found = answer["processes"][0]
    assert (found["process"], found["origins"], found["months"]) == ("b2b", 3, 2)
    assert [point["origin"] for point in found["points"]] == ["2026-06-30", "2026-07-31", NEWEST]
    for name in ("crps", "crps_naive", "mae", "mae_naive", "crps_pipeline"):
        assert found[name] == f"{float(found[name]):.2f}"
    for name in ("coverage_p10_p90", "coverage_p05_p95", "bias"):
        assert isinstance(found[name], float)
    assert [row["month"] for row in found["horizons"]] == [1, 2]
    for point in found["points"]:
        amounts = [float(point[name]) for name in SAID]
        assert amounts == sorted(amounts)
        assert point["inside"] == (amounts[1] <= float(point["actual"]) <= amounts[3])
    assert found["coverage_p10_p90"] == pytest.approx(sum(point["inside"] for point in found["points"]) / 3)


def test_what_came_is_what_arrived_in_the_months_after(history):
    found = tried(history)
    arrived = [
        float(history("kpis", "--period", month, "--json").json["processes"][0]["milestones"][-1]["reached"])
        for month in ("2026-07", "2026-08", "2026-09", "2026-10")
    ]
    sums = [one + other for one, other in pairwise(arrived)]
    assert [float(amount) for amount in came(found)] == pytest.approx(sums)
    assert all(sums)


def test_a_second_look_makes_nothing_anew_and_says_the_same(history, path, made):
    first = history("backtest", *FEW, "--json").out
    assert len(made) == 3
    before = kept(path) | kept(path, "calibration")
    assert history("backtest", *FEW, "--json").out == first
    assert len(made) == 3
    assert kept(path) | kept(path, "calibration") == before


def test_more_origins_make_only_those_that_are_new(history, made):
    tried(history)
    tried(history, "--origins", "4")
    assert len(made) == 4


def test_other_months_are_kept_beside_each_other_and_beside_the_calibration(history, path, made):
    tried(history)
    calibration = kept(path, "calibration")
    tried(history, "--months", "3")
    assert len(made) == 6
    tried(history)
    tried(history, "--months", "3")
    assert len(made) == 6
    assert calibration.items() <= kept(path, "calibration").items()
    assert len(calibration) > 3


def test_the_forecast_and_the_backtest_keep_the_same_calibration(history, path):
    assert history("forecast", "--json").code == 0
    calibration = kept(path, "calibration")
    assert len(calibration) == 6
    tried(history, "--months", "1")
    assert calibration.items() <= kept(path, "calibration").items()


def test_what_was_said_is_what_the_forecast_says_as_known_on_that_day(history):
    point = tried(history)["points"][-1]
    then = history("forecast", "--months", "2", "--known-on", NEWEST, "--as-of", NEWEST, "--json")
    there = then.json["processes"][0]["total"]
    for name in ("p10", "p50", "p90"):
        assert float(point[name]) == pytest.approx(float(there[name]), rel=0.001)


def test_a_fact_known_before_an_origin_makes_the_forecasts_from_then_on_anew(history, tmp_path, made):
    before = tried(history)
    made.clear()
    take(history, tmp_path, "late", ["old,1,2026-06-20,90000,anna,,2026-07-10", "old,5,2026-07-15,,,,2026-07-16"])
    after = tried(history)
    assert len(made) == 2
    assert said(after)[0] == said(before)[0]
    assert said(after)[1] != said(before)[1]
    assert float(came(after)[0]) == float(came(before)[0]) + 90000


def test_a_fact_that_became_known_later_changes_what_came_and_nothing_that_was_said(history, made):
    before = tried(history)
    made.clear()
    assert history("add", "Late", "--key", "late", "--value", "5000", "--reached", "1", "--on", "2026-06-01").code == 0
    assert history("advance", "late", "5", "--on", "2026-09-15").code == 0
    after = tried(history)
    assert made == []
    assert said(after) == said(before)
    assert [float(b) - float(a) for a, b in zip(came(before), came(after), strict=True)] == [0, 5000, 5000]


def test_taking_a_fact_back_makes_the_forecasts_that_knew_it_anew(history, tmp_path, made):
    before = tried(history)
    take(history, tmp_path, "late", ["old,1,2026-07-20,90000,anna,,", "old,5,2026-07-25,,,,"])
    assert said(tried(history)) != said(before)
    made.clear()
    assert history("undo", "--yes").code == 0
    assert tried(history) == before
    assert len(made) == 2


def test_a_plan_changed_later_changes_nothing_that_was_said(history, tmp_path, made):
    before = tried(history)
    made.clear()
    plan = history("processes", "b2b", "--toml").out
    (tmp_path / "p.toml").write_text(plan.replace("days = 10", "days = 90"))
    assert history("define-process", str(tmp_path / "p.toml"), "--yes").code == 0
    assert said(tried(history)) == said(before)
    assert made == []


def test_a_damaged_forecast_is_not_used_and_check_reports_it(history, path, problems, made):
    first = tried(history)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(
            "UPDATE hindcast SET payload = replace(payload, '0', '1') WHERE kind = 'backtest' AND origin = 20696"
        )
    assert problems() == ["The backtest forecast of b2b made from 2026-08-31 over 2 months was changed."]
    made.clear()
    assert tried(history) == first
    assert len(made) == 1
    assert problems() == []


def test_rebuilding_forgets_what_was_kept(history, path):
    tried(history)
    assert history("check", "--rebuild", "--yes").code == 0
    assert kept(path) == {}


def test_looking_as_it_was_known_on_a_day_keeps_nothing(history, path):
    found = tried(history, "--known-on", "2026-10-31")
    assert found["origins"] == 3
    assert kept(path) == {}
    assert said(found) == said(tried(history, "--as-of", "2026-10-31"))


def test_an_earlier_day_shares_what_is_kept(history, made):
    tried(history)
    made.clear()
    found = tried(history, "--as-of", "2026-10-31")
    assert found["points"][-1]["origin"] == NEWEST
    assert made == []


def test_the_first_line_says_it_all_and_a_pipe_holds_no_plot(history):
    out = history("backtest", *FEW, "--format", "table").out
    assert out.startswith("In ")
    assert "past forecasts what came lay between P10 and P90 (80% is right)" in out.splitlines()[0]
    assert "stage-weighted pipeline" in out
    assert "●" not in out
    lines = history("backtest", *FEW, "--format", "csv").out.splitlines()
    assert "origin,p10,p50,p90,actual,inside,run_rate" in lines


def test_a_terminal_holds_the_plot_but_only_as_a_table(history, monkeypatch, tmp_path):
    monkeypatch.setattr(Terminal, "is_terminal", True)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    shown = history("backtest", *FEW).out
    assert "╋" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "╋" not in history("backtest", *FEW, "--format", "md").out
    assert "fan" not in history("backtest", *FEW, "--format", "csv").out
    assert history("backtest", *FEW, "-o", str(tmp_path / "b.md")).code == 0
    assert "╋" not in (tmp_path / "b.md").read_text()


def test_a_german_reader_gets_german_numbers(history):
    out = history("backtest", *FEW, "--format", "table", "--locale", "de").out
    assert "80\N{NO-BREAK SPACE}%" in out
    assert "31.08.2026" in out


def test_without_history_it_says_from_when_on_and_that_is_no_error(team):
    answer = team("backtest", "--format", "table")
    assert (answer.code, "none is recorded yet" in answer.out) == (0, True)
    found = team("backtest", "--json").json["processes"][0]
    assert (found["origins"], found["points"], found["crps"], found["bias"]) == (0, [], None, None)
    assert found["coverage_p10_p90"] is None
    team("add", "Acme", "--value", "5k", "--reached", "1", "--on", "2026-10-05")
    out = team("backtest", "--format", "table").out
    assert "possible from Sep 30, 2027 on, with --months 1 from Apr 30, 2027." in out


def test_what_was_entered_only_now_was_not_known_on_past_days(team):
    for number in range(9):
        team("add", f"c{number}", "--value", "5k", "--reached", "1", "--on", "2025-03-05")
    answer = team("backtest", "--format", "table", *FEW)
    assert answer.code == 0
    assert "On none of the days tried (3) were 8 opportunities known" in answer.out


def test_one_rep_cannot_be_asked_for_and_a_configured_one_is_passed_over(history, monkeypatch):
    answer = history("backtest", "--rep", "anna")
    assert (answer.code, "Leave out --rep." in answer.err) == (2, True)
    monkeypatch.setenv("MS_REP", "anna")
    assert history("backtest", *FEW, "--json").json["rep"] is None


@pytest.mark.parametrize("argv", [("--months", "0"), ("--months", "37"), ("--origins", "0")])
def test_what_cannot_be_tried_is_refused(team, argv):
    assert team("backtest", *argv).code == 2


def test_every_process_has_its_own_line(history, write, process_of):
    write(lambda ledger: ledger.define(process_of("slow"), on=20_000, valid_from=None))
    answer = history("backtest", *FEW, "--format", "table")
    first, second = answer.out.splitlines()[:2]
    assert first.startswith("B2B: In ")
    assert second.startswith("SLOW: A backtest needs facts")


def test_what_comes_on_the_first_day_after_the_months_is_not_among_what_came(history, tmp_path):
    before = tried(history)
    assert before["points"][-1]["origin"] == NEWEST
    lines = ["late,1,2026-10-20,900000,anna,,", "late,5,2026-11-01,,,,"]
    take(history, tmp_path, "late", lines)
    assert came(tried(history)) == came(before)
    take(history, tmp_path, "inside", ["inside,1,2026-10-20,900000,anna,,", "inside,5,2026-10-31,,,,"])
    assert float(came(tried(history))[-1]) == float(came(before)[-1]) + 900_000
