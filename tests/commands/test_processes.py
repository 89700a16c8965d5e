"""`ms processes NAME --toml --measured`: a process file whose plan is what was measured."""

from __future__ import annotations

import tomllib

import pytest

from milestone_cli.exchange.process_file import read_process

HEAD = "opportunity,milestone,date,value,rep,outcome\n"


@pytest.fixture
def history(team, tmp_path):
    """Eighty opportunities, of which sixty move on after ten days and one more step three days later."""
    lines = []
    for number in range(80):
        day = f"2026-0{1 + number % 6}-"
        lines.append(f"o-{number},1,{day}10,100.00,anna,")
        if number % 4:
            lines += [f"o-{number},2,{day}20,,,", f"o-{number},3,{day}20,,,"]
        else:
            lines.append(f"o-{number},,{day}28,,,lost")
    (tmp_path / "f.csv").write_text(HEAD + "\n".join(lines) + "\n")
    assert team("import", str(tmp_path / "f.csv"), "--complete-history").code == 0
    return team


def measured(answer):
    assert answer.code == 0, answer.err
    return tomllib.loads(answer.out)["milestone"]


def test_rates_and_days_are_the_measured_ones_rounded(history):
    found = measured(history("processes", "b2b", "--toml", "--measured"))
    rates = history("rates", "--json").json["processes"][0]["sections"]
    assert found[1]["rate"] == pytest.approx(rates[0]["rate"], abs=0.0005)
    assert 0.65 < found[1]["rate"] < 0.85
    assert found[1]["days"] == round(rates[0]["days_p50"])
    assert 0.9 < found[2]["rate"] <= 1
    assert found[2]["days"] >= 1
    assert "rate" not in found[0]


def test_a_section_without_a_case_keeps_its_plan_and_every_section_says_on_what_it_stands(history):
    out = history("processes", "--toml", "--measured").out
    plan = tomllib.loads(history("processes", "--toml").out)["milestone"]
    assert tomllib.loads(out)["milestone"][4] == plan[4]
    assert "# As measured on 2026-11-23 (median days): 80 cases, 60 of them moved on.\n" in out
    assert "# As planned: by 2026-11-23 there was no case.\n" in out
    assert out.count("\n# ") == 4


def test_few_cases_say_that_it_is_mostly_the_plan(history):
    out = history("processes", "--toml", "--measured", "--as-of", "2026-01-10").out
    assert "cases, 0 of them moved on; few, so that it is mostly the plan.\n" in out
    assert measured(history("processes", "--toml", "--measured", "--as-of", "2026-01-10"))[1]["rate"] < 1


def test_define_process_takes_the_file_again_and_the_cascade_plans_with_it(history, tmp_path):
    path = tmp_path / "measured.toml"
    assert history("processes", "b2b", "--toml", "--measured", "-o", str(path)).code == 0
    assert read_process(path.read_bytes(), "measured.toml").process.milestone(3).rate is not None
    answer = history("define-process", str(path), "--from", "2026-11-23", "--yes")
    assert answer.code == 0, answer.err
    shown = history("processes", "b2b", "--json").json["processes"][0]["milestones"]
    assert [row["rate"] for row in shown[1:3]] == [row["rate"] for row in measured_rows(path)]


def measured_rows(path):
    return tomllib.loads(path.read_text())["milestone"][1:3]


def test_what_was_known_on_a_day_measures_what_was_known(history):
    found = measured(history("processes", "--toml", "--measured", "--known-on", "2026-03-31"))
    asked = history("rates", "--json", "--known-on", "2026-03-31").json["processes"][0]["sections"]
    assert found[1]["rate"] == pytest.approx(asked[0]["rate"], abs=0.0005)


def test_measured_without_toml_says_what_is_missing(team):
    refused = team("processes", "b2b", "--measured")
    assert refused.code == 2
    assert "--toml" in refused.err
