"""`ms forecast`: what it says, for whom, under which suppositions, and that its parts add up."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from milestone_cli.console import Terminal
from milestone_cli.domain.day import parse_month
from milestone_cli.localization import format_month

HEAD = "opportunity,milestone,date,value,rep,outcome,process\n"
FIELDS = {
    "target", "mean", "p05", "p10", "p50", "p90", "p95", "from_open", "from_new", "count_mean", "chance_of_target",
    "lamp",
}  # fmt: skip


def history(process: str = "b2b", seed: int = 1, opportunities: int = 900) -> list[str]:
    """Return the facts of a team from January 2025 on: a third reach each next milestone after weeks, half are lost."""
    draw = random.Random(seed)  # noqa: S311 - made data
    lines: list[tuple[int, str]] = []
    for number in range(opportunities):
        day, key = 20_100 + draw.randrange(640), f"{process}-{number}"
        lines.append((day, f"{key},1,{{}},{draw.randrange(1000, 9000)},{draw.choice(('anna', 'ben'))},,{process}"))
        for milestone in range(2, 6):
            day += 2 + draw.randrange(25)
            if draw.random() < 0.55:
                lines.append((day, f"{key},{milestone},{{}},,,,{process}"))
                continue
            if draw.random() < 0.6:
                lines.append((day, f"{key},,{{}},,,lost,{process}"))
            break
    from milestone_cli.domain.day import iso, parse_iso

    return [line.format(iso(day)) for day, line in lines if day <= parse_iso("2026-11-23")]


@pytest.fixture
def teams(team, tmp_path, keep):
    """`ms` on a file with a history of two years in the process b2b."""

    def make():
        (tmp_path / "f.csv").write_text(HEAD + "\n".join(history()) + "\n")
        assert team("import", str(tmp_path / "f.csv"), "--complete-history").code == 0

    keep("teams", tmp_path, make)
    return team


def said(ms, *argv):
    return ms("forecast", "--json", *argv).json["processes"][0]


def euros(figure, name="mean"):
    return float(figure[name])


def test_the_json_has_the_fields_of_the_contract(teams):
    found = teams("forecast", "--months", "3", "--json").json
    assert (found["as_of"], found["rep"]) == ("2026-11-23", None)
    [process] = found["processes"]
    assert (process["process"], process["currency"]) == ("b2b", "EUR")
    assert [month["month"] for month in process["months"]] == ["2026-12", "2027-01", "2027-02"]
    assert (process["running"]["month"], "arrived" in process["running"]) == ("2026-11", True)
    figures = [process["running"], *process["months"], process["total"]]
    assert all(set(figure) >= FIELDS for figure in figures)
    [last] = process["milestones"]
    assert (last["number"], last["key"], last["total"]) == (5, "order", process["total"])


def test_the_band_is_in_order_and_the_parts_make_the_mean(teams):
    process = said(teams, "--months", "4")
    for figure in (*process["months"], process["total"]):
        band = [euros(figure, name) for name in ("p05", "p10", "p50", "p90", "p95")]
        assert band == sorted(band)
        assert euros(figure) == pytest.approx(euros(figure, "from_open") + euros(figure, "from_new"), abs=0.02)
    assert euros(process["total"]) == pytest.approx(sum(map(euros, process["months"])), abs=0.05)
    assert euros(process["total"], "p90") < sum(euros(month, "p90") for month in process["months"])
    assert euros(process["total"], "p10") > sum(euros(month, "p10") for month in process["months"])


def test_quarters_come_from_the_same_ways(teams):
    process = said(teams, "--months", "7")
    labels = [quarter["quarter"] for quarter in process["quarters"]]
    assert labels == ["2026-12", "2027-Q1", "2027-Q2"]
    assert euros(process["quarters"][1]) == pytest.approx(sum(map(euros, process["months"][1:4])), abs=0.03)
    assert "2027-Q1" in teams("forecast", "--months", "7", "--by", "quarter").out


def test_the_running_month_is_what_has_arrived_and_what_is_still_to_come(teams):
    process = said(teams)
    arrived = teams("kpis", "--json").json["processes"][0]["milestones"][-1]
    assert process["running"]["arrived"] == arrived["reached"]
    assert euros(process["running"], "p05") >= float(arrived["reached"])


def test_the_lamp_to_expect_follows_the_band(teams):
    for amount, lamp in (("1", "green"), ("900m", "red")):
        assert teams("set-target", amount, "--from", "2026-12").code == 0
        month = said(teams)["months"][0]
        assert (month["lamp"], month["target"]) == (lamp, {"1": "1.00", "900m": "900000000.00"}[amount])
        assert month["chance_of_target"] == {"green": pytest.approx(1, abs=0.2), "red": 0.0005}[lamp]


def test_no_chance_is_certain_but_that_of_a_target_that_has_arrived(teams):
    """Of a thousand ways all or none may reach it; only what is there is certain."""
    assert teams("set-target", "1", "--from", "2026-12").code == 0
    assert said(teams, "--months", "6")["total"]["chance_of_target"] == 0.9995
    told = teams("forecast", "--months", "6", "--format", "table").out
    assert "over 99%" in told
    assert "100%" not in told
    assert teams("add", "Sure AG", "--value", "9m", "--reached", "5").code == 0
    assert said(teams)["running"]["chance_of_target"] == 1


def test_the_same_file_gives_the_same_figures_and_another_seed_others(teams):
    assert said(teams) == said(teams)
    other = said(teams, "--seed", "7")
    assert other["total"]["p50"] != said(teams)["total"]["p50"]
    assert euros(other["total"]) == pytest.approx(euros(said(teams)["total"]), rel=0.1)


@pytest.mark.parametrize("columns", [80, 140])
def test_a_terminal_shows_the_band_and_the_figures_of_the_json(teams, monkeypatch, columns):
    process = said(teams, "--months", "4")
    monkeypatch.setattr(Terminal, "is_terminal", True)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    for argv in ((), ("--by", "quarter"), ("--by", "rep")):
        shown = teams("forecast", "--months", "4", *argv).out
        assert max(map(len, shown.splitlines())) <= columns
        assert "━ from P10 to P90" in shown
    lines = teams("forecast", "--months", "4").out.splitlines()
    for month in process["months"]:
        label = format_month(parse_month(month["month"]), "en_US")
        line = next(line for line in lines if line.startswith(label))
        for name in ("p10", "p50", "p90"):
            assert f"€{Decimal(month[name]).quantize(Decimal(1), 'ROUND_HALF_UP'):,}" in line
        assert any(line.startswith(label) and "╋" in line for line in lines)
    assert "━" not in teams("forecast", "--months", "4", "--format", "md").out


def test_a_narrow_terminal_shows_every_month_of_the_grid(teams, monkeypatch):
    monkeypatch.setattr(Terminal, "is_terminal", True)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    shown = teams("forecast", "--milestone", "all", "--months", "5").out
    assert "Not shown" not in shown
    lamps, _, rest = shown.partition("P50")
    assert all(month in lamps for month in ("Nov", "Dec", "Jan", "Feb", "Mar", "Apr"))
    assert all(month in rest for month in ("Nov 2026", "Dec 2026", "Jan 2027", "Feb 2027", "Mar 2027", "Apr 2027"))


def test_the_grid_shows_every_milestone_with_its_lamps(teams):
    process = said(teams, "--milestone", "all", "--months", "2")
    assert [one["number"] for one in process["milestones"]] == [1, 2, 3, 4, 5]
    assert euros(process["milestones"][0]["total"], "count_mean") > euros(process["total"], "count_mean")
    table = teams("forecast", "--milestone", "all", "--months", "2", "--format", "table").out
    assert "lamps to expect" in table
    assert "Problem" in table


def test_one_milestone_can_be_asked_for_by_number_or_key(teams):
    by_number, by_key = (said(teams, "--milestone", name) for name in ("3", "problem"))
    assert by_number == by_key
    assert (by_number["milestone"], by_number["milestones"][0]["number"]) == (3, 3)


def test_the_reps_add_up_to_the_team(teams):
    process = said(teams, "--by", "rep", "--months", "4")
    assert [one["rep"] for one in process["reps"]][:2] == ["anna", "ben"]
    for part in ("mean", "from_open", "from_new"):
        total = sum(euros(one["total"], part) for one in process["reps"])
        assert total == pytest.approx(euros(process["total"], part), abs=0.05)
    alone = said(teams, "--rep", "anna", "--months", "4")
    assert euros(alone["total"]) == pytest.approx(euros(process["reps"][0]["total"]), rel=1e-6)


def test_processes_of_one_currency_add_up(teams, write, process_of, tmp_path):
    write(lambda ledger: ledger.define(process_of("smb"), on=20_000, valid_from=None))
    (tmp_path / "smb.csv").write_text(HEAD + "\n".join(history("smb", seed=2)) + "\n")
    assert teams("import", str(tmp_path / "smb.csv"), "--complete-history").code == 0
    parts = teams("forecast", "--json").json["processes"]
    [together] = teams("forecast", "--process", "all", "--json").json["processes"]
    assert (together["process"], together["currency"], len(parts)) == ("all", "EUR", 2)
    assert euros(together["total"]) == pytest.approx(sum(euros(one["total"]) for one in parts), abs=0.05)
    assert euros(together["total"], "p90") < sum(euros(one["total"], "p90") for one in parts)
    reps = teams("forecast", "--process", "all", "--by", "rep", "--json").json["processes"][0]["reps"]
    assert sum(euros(one["total"]) for one in reps) == pytest.approx(euros(together["total"]), abs=0.05)


@pytest.mark.parametrize(
    ("supposed", "more"),
    [
        (["rate 4->5 = 95%"], True),
        (["rate 4->5 = 0.05"], False),
        (["inflow +50%"], True),
        (["inflow -50 %"], False),
        (["rate 4->5 = 30%", "inflow -10%"], False),
    ],
)
def test_what_if_stands_beside_what_is(teams, supposed, more):
    process = said(teams, "--months", "9", *(word for text in supposed for word in ("--what-if", text)))
    asked, now = euros(process["what_if"]["total"]), euros(process["total"])
    assert (asked > now) is more
    assert now == euros(said(teams, "--months", "9")["total"])
    assert "What if" in teams("forecast", "--what-if", supposed[0], "--format", "table").out


def test_losing_one_takes_what_it_carries(teams):
    carrier = said(teams, "--explain")["explain"]["carriers"][0]
    without = said(teams, "--what-if", f"lose {carrier['opportunity']}")
    assert teams("forecast", "--json").code == 0
    both = euros(without["total"]) + euros(without["running"])
    asked = euros(without["what_if"]["total"]) + euros(without["what_if"]["running"])
    assert both - asked == pytest.approx(float(carrier["expected"]), rel=0.02, abs=1)


def test_explain_names_the_carriers_without_a_month_and_what_it_stands_on(teams):
    found = said(teams, "--explain")["explain"]
    expected = [float(one["expected"]) for one in found["carriers"]]
    assert expected == sorted(expected, reverse=True)
    process = said(teams)
    total = euros(process["total"], "from_open") + euros(process["running"], "from_open")
    assert sum(expected) == pytest.approx(total, rel=1e-3)
    assert all(0.5 < weight <= 1 for weight in found["weight_of_data"][:2])
    assert found["inflow_months"] >= 12
    assert found["calibration"]["hindcasts"] == 6
    table = teams("forecast", "--explain", "--format", "table").out
    assert "who carries it, over all months" in table
    assert "Assumed to come in" in table


def test_since_tells_term_by_term_what_has_changed(teams):
    change = said(teams, "--since", "2026-08-31")["change"]
    terms = ("then", "arrived", "moved", "waited", "lost", "revalued", "new", "rates")
    assert sum(float(change[name]) for name in terms) == pytest.approx(float(change["now"]), abs=0.1)
    assert (change["since"], change["until"]) == ("2026-08-31", "2027-05-31")
    assert float(change["then"]) > 0
    assert float(change["lost"]) <= 0
    process = said(teams)
    arrived = teams("kpis", "--period", "2026-09..2026-11", "--json").json["processes"][0]["milestones"][-1]["reached"]
    still = euros(process["total"]) + euros(process["running"]) - float(process["running"]["arrived"])
    assert float(change["now"]) == pytest.approx(float(arrived) + still, rel=1e-6)


def test_dead_horses_are_not_in_it(teams, tmp_path):
    before = said(teams)
    lines = "".join(f"old-{number},4,2025-02-01,90000,anna,,b2b\n" for number in range(5))
    (tmp_path / "old.csv").write_text(HEAD + lines)
    assert teams("import", str(tmp_path / "old.csv")).code == 0
    dead = {one["key"] for one in teams("dead-horses", "--json").json["processes"][0]["opportunities"]}
    assert {f"old-{number}" for number in range(5)} <= dead
    carriers = {one["opportunity"] for one in said(teams, "--explain")["explain"]["carriers"]}
    assert not carriers & dead
    assert euros(said(teams)["total"], "from_open") < 1.1 * euros(before["total"], "from_open")


def test_a_past_day_knows_nothing_later(teams, tmp_path):
    past = said(teams, "--as-of", "2026-06-15", "--months", "3")
    (tmp_path / "late.csv").write_text(HEAD + "x,1,2026-07-01,50000,anna,,b2b\nx,5,2026-08-01,,,,b2b\n")
    assert teams("import", str(tmp_path / "late.csv")).code == 0
    assert said(teams, "--as-of", "2026-06-15", "--months", "3") == past
    known = said(teams, "--as-of", "2026-06-15", "--known-on", "2026-06-15", "--months", "3")
    assert known["total"]["mean"] == past["total"]["mean"]


def test_without_a_fact_it_says_so_and_promises_nothing(team):
    process = said(team)
    assert {euros(figure) for figure in (*process["months"], process["total"])} == {0.0}
    total = process["total"]
    assert [total[name] for name in ("p05", "p50", "p95", "chance_of_target", "lamp")] == [None] * 4 + ["grey"]
    assert "Nothing has been recorded yet" in team("forecast", "--process", "all", "--format", "table").out
    assert "Nothing has been recorded yet" in team("forecast", "--format", "table").out


def test_with_few_facts_it_says_how_much_is_plan_and_how_wide_the_band_is(team):
    for name in ("one", "two", "three"):
        assert team("add", name, "--reached", "4", "--value", "10k", "--on", "2026-11-02", "--rep", "anna").code == 0
    process = said(team)
    assert 0 < euros(process["total"], "from_open") + euros(process["running"], "from_open") < 30_000
    words = team("forecast", "--format", "table").out
    assert "No section has seen a case end" in words
    assert "too wide to steer by" in words
    assert "Too young to be held against its own past" in words


def test_it_says_it_in_one_sentence(teams):
    words = teams("forecast", "--format", "table").out
    assert "8 chances in 10 that between €" in words
    assert "arrive from Dec 2026 to May 2027; the target is €600,000" in words
    assert "arrive in Dec 2026" in teams("forecast", "--months", "1", "--format", "table").out


def test_the_past_days_it_is_corrected_by_are_kept_and_only_made_anew_where_the_past_has_changed(
    teams, tmp_path, monkeypatch
):
    from milestone_cli.estimate import hindcasts

    made = []
    real = hindcasts.hindcast

    def counted(*args, **more):
        made.append(args[2])
        return real(*args, **more)

    monkeypatch.setattr(hindcasts, "hindcast", counted)
    first = said(teams)
    assert len(made) == 6
    assert said(teams) == first
    assert len(made) == 6
    assert teams("add", "later", "--reached", "1", "--on", "2026-11-20", "--value", "1k").code == 0
    said(teams)
    assert len(made) == 6
    (tmp_path / "late.csv").write_text(HEAD + "x,1,2026-04-03,5000,anna,,b2b\n")
    assert teams("import", str(tmp_path / "late.csv")).code == 0
    said(teams)
    assert 6 < len(made) < 12  # only the origins after 3 April


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["--months", "0"], 2, "--months"),
        (["--months", "37"], 2, "--months"),
        (["--milestone", "9"], 1, "milestones 1 to 5"),
        (["--milestone", "ordr"], 1, "Did you mean order"),
        (["--by", "rep", "--rep", "anna"], 2, "--team"),
        (["--since", "2026-11-23"], 2, "earlier day"),
        (["--what-if", "more money"], 2, "inflow +20%"),
        (["--what-if", "rate 2->4 = 60%"], 2, "from a milestone to the next"),
        (["--what-if", "rate 2->3 = 160%"], 2, "100 %"),
        (["--what-if", "rate 7->8 = 60%"], 2, "no section 7 -> 8"),
        (["--what-if", "lose nobody-knows"], 1, "nobody-knows"),
        (["--process", "all", "--milestone", "2"], 2, "--milestone"),
        (["--seed", "-1"], 2, "--seed"),
    ],
)
def test_what_cannot_be_is_refused(teams, argv, code, words):
    answer = teams("forecast", *argv)
    assert (int(answer.code), answer.out) == (code, "")
    assert words in answer.err


def test_on_the_day_of_a_takeover_the_open_business_is_forecast(team):
    for number in range(5):
        assert team("add", f"c{number}", "--value", "50k", "--rep", "anna").code == 0
        assert team("standing", f"c{number}", "2", "--since", "2026-11-05").code == 0
    words = team("forecast", "--format", "table").out
    assert euros(said(team)["total"], "from_open") > 0
    assert "8 chances in 10" in words
    assert "Nothing has been recorded" not in words


def test_without_a_potential_heads_are_forecast_and_no_money_is_pretended(team):
    for number in range(9):
        assert team("add", f"c{number}", "--reached", "4", "--on", "2026-11-05", "--rep", "anna").code == 0
    total = said(team)["total"]
    assert (total["p10"], total["lamp"], total["count_mean"] > 0) == (None, "grey", True)
    assert "No potential is known" in team("forecast", "--format", "table").out


def test_together_it_still_says_what_each_process_stands_on(teams):
    found = teams("forecast", "--process", "all", "--explain", "--json").json["processes"][0]
    assert found["parts"] == ["b2b"]
    assert found["explain"]["b2b"]["inflow_months"] >= 12
    table = teams("forecast", "--process", "all", "--explain", "--format", "table").out
    assert "b2b: Corrected by 6 forecasts of past days" in table
    assert "who carries it" in table


@pytest.mark.parametrize("state", ["lost", "dead", "target"])
def test_losing_what_nothing_rests_on_is_refused(teams, state):
    if state == "target":
        assert teams("add", "Nobody").code == 0
        key = "nobody"
    else:
        key = teams("opportunities", "--status", state, "--json").json["opportunities"][0]["key"]
    answer = teams("forecast", "--what-if", f"lose {key}")
    assert int(answer.code) == 1
    assert "No forecast rests on" in answer.err


@pytest.fixture
def revised(teams, write, process_of):
    """The milestone `problem` gave way to `pilot` in September."""
    from dataclasses import replace

    from milestone_cli.domain.day import parse_iso

    plan = process_of("b2b")
    pilot = replace(plan.milestones[2], key="pilot", name="Pilot")
    new = replace(plan, milestones=(*plan.milestones[:2], pilot, *plan.milestones[3:]))
    write(lambda ledger: ledger.define(new, on=20_650, valid_from=parse_iso("2026-09-01")))
    return teams


def test_after_a_revision_the_forecast_carries_just_those_that_the_list_calls_open(revised):
    listed = revised("opportunities", "--status", "open", "--json").json["opportunities"]
    carriers = said(revised, "--explain")["explain"]["carriers"]
    assert {one["opportunity"]: one["waiting_days"] for one in carriers} == {
        one["key"]: one["waiting_days"] for one in listed
    }
    assert len(carriers) > 3


def test_a_month_is_the_same_whatever_else_is_asked(teams):
    six = said(teams, "--months", "6")
    assert said(teams, "--months", "1")["months"][0] == six["months"][0]
    assert said(teams, "--months", "30")["months"][:6] == six["months"]
    assert said(teams, "--months", "6", "--milestone", "all")["months"] == six["months"]
    assert said(teams, "--months", "6", "--milestone", "all")["total"] == six["total"]
