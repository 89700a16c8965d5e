"""`ms cascade --for`: what must arrive by when for one month, given what is open."""

from __future__ import annotations

import math

import pytest

from milestone_cli.errors import ExitCode

HEAD = "opportunity,milestone,date,value,rep,outcome\n"


@pytest.fixture
def busy(team, tmp_path):
    """Two years of opportunities of 10,000 EUR: half of each milestone's reach the next within some weeks."""
    lines = []
    for number in range(240):
        year, month = divmod(2024 * 12 + 10 + number // 10, 12)
        rep, last = "anna" if number % 2 else "ben", (number * 7 % 16 + 1).bit_length()
        for milestone in range(1, 6 - last + 1 if last > 1 else 6):
            moved = year * 12 + month + (milestone - 1)
            if moved < 2026 * 12 + 10:
                lines.append(
                    f"o-{number},{milestone},{moved // 12}-{moved % 12 + 1:02d}-{5 + number % 20:02d},10000,{rep},"
                )
        if last > 3:
            lost = min(year * 12 + month + 3, 2026 * 12 + 9)
            lines.append(f"o-{number},,{lost // 12}-{lost % 12 + 1:02d}-28,,,lost")
    (tmp_path / "f.csv").write_text(HEAD + "\n".join(lines) + "\n")
    assert team("import", str(tmp_path / "f.csv"), "--complete-history").code == 0
    return team


def plan(ms, *argv):
    said = ms("cascade", "--for", *argv, "--json")
    assert said.code == 0, said.err
    return said.json["processes"][0]


def required(found):
    return [None if row["required"] is None else float(row["required"]) for row in found["milestones"]]


def finite(value):
    """Raise where anything inside is no number that JSON has."""
    if isinstance(value, dict):
        assert all(finite(one) for one in value.values())
    elif isinstance(value, list):
        assert all(finite(one) for one in value)
    return not isinstance(value, float) or math.isfinite(value)


def test_without_a_fact_the_worked_example_is_asked_for_by_days_and_says_that_it_is_the_plan(team):
    found = plan(team, "2028-06")
    assert (found["for"], found["rates"], found["from_open"], found["gap"]) == (
        "2028-06", "planned", "0.00", "100000.00",
    )  # fmt: skip
    assert required(found) == pytest.approx([1_600_000, 800_000, 400_000, 200_000, 100_000], rel=1e-4)
    assert [row["too_late"] for row in found["milestones"]] == [False] * 5
    assert finite(found)
    shown = team("cascade", "--for", "2028-06", "--format", "table").out
    assert "Rates and days as planned in the process file: nothing has been recorded yet." in shown
    assert "the target is €100,000: €100,000 is missing." in shown


def test_the_months_of_a_milestone_add_up_to_what_is_required_and_end_by_its_day(busy):
    found = plan(busy, "2027-06")
    assert (found["rates"], found["target"]) == ("measured", "100000.00")
    assert float(found["gap"]) == pytest.approx(100_000 - float(found["from_open"]), abs=0.02)
    for row in found["milestones"]:
        amounts = {one["month"]: float(one["required"]) for one in row["months"]}
        assert [min(amounts), max(amounts)] == ["2026-11", "2027-06"]
        assert sum(amounts.values()) == pytest.approx(float(row["required"]), abs=0.1)
        assert max(month for month, amount in amounts.items() if amount) == row["by"][:7]
    assert found["milestones"][-1]["by"] == "2027-06-30"
    assert found["milestones"][-1]["required"] == found["gap"]
    assert [row["by"] for row in found["milestones"]] == sorted(row["by"] for row in found["milestones"])
    assert finite(found)


def test_it_is_the_cascade_s_object_and_by_is_null_without_a_month(busy):
    every = busy("cascade", "--json").json["processes"][0]
    found = plan(busy, "2027-06")
    assert set(every) < set(found)
    assert all(set(one) < set(row) for one, row in zip(every["milestones"], found["milestones"], strict=True))
    assert [row["by"] for row in every["milestones"]] == [None] * 5
    assert found["levers"] == []


def test_what_is_open_lowers_what_must_still_come(busy):
    before = plan(busy, "2027-01")
    for number in range(5):
        busy("add", f"New {number}", "--value", "40k", "--reached", "4", "--rep", "anna", "--key", f"new-{number}")
    after = plan(busy, "2027-01")
    assert float(after["from_open"]) > float(before["from_open"]) + 5000
    assert float(after["gap"]) < float(before["gap"])
    anna, ben = (plan(busy, "2027-01", "--rep", rep) for rep in ("anna", "ben"))
    assert float(anna["from_open"]) + float(ben["from_open"]) == pytest.approx(float(after["from_open"]), abs=0.05)
    assert float(anna["target"]) + float(ben["target"]) == pytest.approx(100_000)


def test_the_plan_is_explained_by_what_open_business_brings_and_what_comes_of_new_arrivals(busy):
    found = plan(busy, "2027-06", "--explain")
    why = found["explain"]
    assert (why["target"]["month"], why["from_open"][-1]["month"]) == ("2027-06", "2027-06")
    assert why["from_open"][-1]["expected"] == found["from_open"]
    carried = sum(float(one["expected"]) for one in why["carriers"])
    assert carried == pytest.approx(sum(float(one["expected"]) for one in why["from_open"]), rel=1e-4)
    for row, step in zip(found["milestones"], why["milestones"], strict=True):
        assert float(row["required"]) == pytest.approx(float(found["gap"]) / step["comes_through"], rel=1e-4)
        assert row["count"] == pytest.approx(float(row["required"]) / float(step["mean_value"]["amount"]), rel=1e-4)
        there = dict(zip([one["month"] for one in row["months"]], step["there_by_the_end"], strict=True))
        matters = [month for month, share in there.items() if share >= why["still_matters"]]
        assert row["by"][:7] == max(matters)
    assert finite(why)


def test_what_came_this_month_is_listed_and_one_month_names_no_carrier(busy):
    busy("add", "Sure", "--value", "60k", "--rep", "anna", "--reached", "5", "--on", "2026-11-12")
    why = plan(busy, "2026-11", "--explain")["explain"]
    assert [(one["opportunity"], one["value"]) for one in why["arrivals"]] == [("sure", "60000.00")]
    assert why["carriers"] is None
    said = busy("cascade", "--for", "2026-11", "--explain", "--rep", "anna", "--format", "table").out
    assert "how the plan comes about" in said
    assert "sure" in said


def test_where_it_is_too_late_it_says_so(busy):
    found = plan(busy, "this-month")
    first = found["milestones"][0]
    assert (first["too_late"], first["required"], first["count"], first["by"]) == (True, None, None, None)
    assert found["milestones"][-1]["by"] == "2026-11-30"
    shown = busy("cascade", "--for", "2026-11", "--format", "table").out
    assert "Too late for milestone 1 (Interest): what arrives there now is typically an order in " in shown


def test_what_has_arrived_in_the_running_month_counts(busy):
    busy("add", "Sure", "--value", "60k", "--rep", "anna", "--reached", "5", "--on", "2026-11-12")
    found = plan(busy, "2026-11")
    assert found["arrived"] == "60000.00"
    assert float(found["gap"]) == pytest.approx(40_000 - float(found["from_open"]), abs=0.02)
    shown = busy("cascade", "--for", "2026-11", "--target", "50k", "--format", "table").out
    assert "€60,000 is there already; the target is €50,000: nothing is missing." in shown
    nothing = plan(busy, "2026-11", "--target", "50k")
    assert (nothing["gap"], set(required(nothing))) == ("0.00", {0.0})
    assert {row["by"] for row in nothing["milestones"]} == {None}


def test_a_target_to_come_is_that_of_the_month(busy):
    busy("set-target", "200k", "--from", "2027-03")
    assert [plan(busy, month)["target"] for month in ("2027-02", "2027-03")] == ["100000.00", "200000.00"]


def test_the_plan_can_be_asked_for(busy):
    found = plan(busy, "2028-06", "--rates", "planned")
    assert found["rates"] == "planned"
    assert float(found["milestones"][0]["required"]) == pytest.approx(16 * float(found["gap"]), rel=1e-4)
    shown = busy("cascade", "--for", "2028-06", "--rates", "planned", "--format", "table").out
    assert "Rates and days as planned in the process file." in shown


def test_without_a_target_it_says_how_to_set_one(ms, write, process_of):
    write(lambda ledger: ledger.define(process_of(), on=20_000, valid_from=None))
    found = plan(ms, "2027-06")
    assert (found["target"], found["gap"], found["milestones"][0]["required"]) == (None, None, None)
    assert "No target for Jun 2027: set one with `ms set-target`" in ms(
        "cascade", "--for", "2027-06", "--format", "table"
    ).out  # fmt: skip


def test_csv_holds_both_tables_and_the_remarks_stand_beside_it(busy):
    said = busy("cascade", "--for", "2027-03", "--format", "csv")
    assert "number,milestone,required,by,count,in_month,lead_days" in said.out
    assert "month,m1,m2,m3,m4,m5" in said.out
    assert "do not add the milestones up" in said.err


@pytest.mark.parametrize(
    ("month", "code", "words"),
    [
        ("2026-10", ExitCode.REFUSED, "2026-10 is over (today is 2026-11-23)"),
        ("2029-12", ExitCode.USAGE, "Plan for a month up to 2029-11."),
        ("2027-Q1", ExitCode.USAGE, "is not a month"),
        ("2027-13", ExitCode.USAGE, "there is no month 13"),
        ("June", ExitCode.USAGE, "2026-11"),
    ],
)
def test_another_month_is_refused_with_the_way_on(month, code, words, team):
    said = team("cascade", "--for", month)
    assert (said.code, said.out) == (code, "")
    assert words in said.err


def test_as_of_a_past_day_its_month_is_the_running_one(busy):
    found = plan(busy, "2026-06", "--as-of", "2026-03-15")
    assert found["milestones"][0]["months"][0]["month"] == "2026-03"
    known = plan(busy, "2026-06", "--as-of", "2026-03-15", "--known-on", "2026-03-15")
    assert known["milestones"][0]["months"][0]["month"] == "2026-03"


def test_under_the_plan_it_asks_for_what_the_cascade_asks_for_to_the_cent(team):
    steady = team("cascade", "--rates", "planned", "--json").json["processes"][0]["milestones"]
    one = team("cascade", "--for", "2028-03", "--json").json["processes"][0]["milestones"]
    assert [row["required"] for row in one] == [row["required"] for row in steady]


def test_open_business_brings_what_the_forecast_says(team, tmp_path):
    lines = ["opportunity,milestone,date,value,rep,outcome"]
    for number in range(60):
        month = 1 + number % 9
        lines.append(f"o{number},1,2026-0{month}-05,5000,anna,")
        if number % 2:
            lines.append(f"o{number},{2 + number % 3},2026-0{month}-25,,,")
    (tmp_path / "f.csv").write_text("\n".join(lines) + "\n")
    assert team("import", str(tmp_path / "f.csv"), "--complete-history").code == 0
    ahead = team("forecast", "--months", "2", "--json").json["processes"][0]["months"][1]
    gap = team("cascade", "--for", "2027-01", "--json").json["processes"][0]
    assert abs(float(gap["from_open"]) - float(ahead["from_open"])) < 0.02
