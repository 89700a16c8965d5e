"""Lamps, computed here from the words of the contract and compared."""

from __future__ import annotations

import math

import pytest

PLANNED = ("--rates", "planned")
"""With exact rates and days the lamps can be computed by hand."""
HEAD = "opportunity,milestone,date,value"
OLD = [f"old{month},1,2026-0{month}-01,10000" for month in range(1, 10)] + ["old0,1,2026-01-05,10000"]


def chance(count: int, mean: float) -> float:
    return sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(count + 1))


@pytest.mark.parametrize(("arrivals", "day"), [(0, 5), (2, 10), (4, 20), (6, 20), (8, 30), (9, 30), (12, 20)])
def test_a_short_milestone_is_amber_as_long_as_chance_alone_explains_it(team, arrivals, day):
    team.on(f"2026-11-{day:02d}").define("ab", days=(1,), target=60000)
    news = [f"new{place},1,2026-11-02,10000" for place in range(arrivals)]
    team.does("import", team.file("facts.csv", HEAD, *OLD, *news), "--complete-history")
    target, elapsed = 12, day / 30
    if arrivals >= target:
        expected = ("green", "reached")
    elif arrivals >= target * elapsed:
        expected = ("amber", "on_pace")
    else:
        explained = chance(arrivals, target * elapsed) >= 0.2
        expected = ("amber", "chance") if explained else ("red", "short")
    assert team.lamps(*PLANNED)[0] == expected
    assert team.column("count_target", *PLANNED)[0] == target


def test_nothing_is_short_before_the_third_weekday_is_over_and_a_finished_month_is_judged_whole(team):
    team.define("ab", days=(30,), target=100_000)
    team.on("2026-11-04").does("import", team.file("facts.csv", HEAD, *OLD), "--complete-history")
    assert team.lamps()[0] == ("amber", "on_pace")
    assert team.on("2026-11-07").lamps()[0] == ("red", "short")
    assert team.on("2026-12-01").kpis("--period", "2026-11")["period"]["elapsed"] == 1
    assert team.lamps("--period", "2026-11")[0] == ("red", "short")
    assert team.lamps("--period", "2027-01") == [("grey", "future")] * 2


def test_a_milestone_is_not_due_before_the_book_is_as_old_as_the_way_to_it(team):
    team.define("ab", days=(30,), target=100_000)
    team.does("add", "C", "--reached", "1", "--on", "2026-01-02")
    assert team.on("2026-01-31").lamps(*PLANNED)[1] == ("grey", "not_due")
    assert team.on("2026-02-05").lamps(*PLANNED)[1] != ("grey", "not_due")
    assert team.lamps("--period", "2026-01")[1] == ("grey", "not_due")


def test_an_opening_balance_turns_no_lamp_green_and_nothing_a_seller_enters_resets_a_clock(team):
    team.on("2026-11-20").define("ab", days=(10,), target=1000)
    team.does("add-rep", "zoe")
    for name in ("s0", "s1", "s2"):
        team.does("add", name, "--value", "900k", "--on", "2026-11-01")
        team.does("standing", name, "1", "--since", "2024-01-01", "--on", "2026-11-01")
    assert team.column("count") == [0, 0]
    assert "green" not in {lamp for lamp, _ in team.lamps()}
    team.does("revalue", "s0", "5k")
    team.does("lose", "s1")
    team.does("reopen", "s1")
    team.does("assign", "s2", "zoe")
    assert {one["reached_on"] for one in team.does("opportunities")["opportunities"]} == {"2024-01-01"}
