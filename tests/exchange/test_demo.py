"""The made-up team."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from milestone_cli.domain.day import first_of_month, iso, month_of, parse_iso
from milestone_cli.exchange.demo import JOINED_MONTHS_AGO, MARKETS, MONTHS, REPS, demo_file, demo_process, demo_rows

ROOT = Path(__file__).parent.parent.parent
TODAY = parse_iso("2026-11-23")


@pytest.mark.parametrize("day", ["2024-02-29", "2026-11-23", "2030-01-01"])
def test_the_rows_of_a_day_are_always_the_same_and_never_lie_in_the_future(day: str) -> None:
    today = parse_iso(day)
    for market in MARKETS:
        rows = list(demo_rows(market, today))
        assert rows == list(demo_rows(market, today))
        assert min(row["date"] for row in rows) >= iso(first_of_month(month_of(today) - MONTHS))
        assert max(row["date"] for row in rows) <= day
        assert max(row.get("recorded_at", "") for row in rows) <= day


def test_there_are_about_fifteen_hundred_opportunities_with_keys_of_their_own() -> None:
    keys = [{row["opportunity"] for row in demo_rows(market, TODAY)} for market in MARKETS]
    assert 1300 <= sum(map(len, keys)) <= 1800
    assert not keys[0] & keys[1]


@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.process)
def test_it_is_a_believable_funnel(market) -> None:
    rows = list(demo_rows(market, TODAY))
    reached = Counter(int(row["milestone"]) for row in rows if row.get("milestone"))
    last = len(market.rates) + 1
    assert all(reached[number] > reached[number + 1] > 0 for number in range(1, last))
    assert reached[0] > 0
    lost = sum(row.get("outcome") == "lost" for row in rows)
    silent = sum(reached.values()) - reached[0]
    assert 0 < lost < silent


def test_who_joined_later_has_nothing_older() -> None:
    first = iso(first_of_month(month_of(TODAY) - JOINED_MONTHS_AGO["deniz"]))
    owners = {row["rep"] for market in MARKETS for row in demo_rows(market, TODAY) if "rep" in row}
    assert owners == set(REPS)
    deniz = [row["date"] for market in MARKETS for row in demo_rows(market, TODAY) if row.get("rep") == "deniz"]
    assert min(deniz) >= first


def test_the_lines_of_an_opportunity_stand_together_in_the_order_of_their_days() -> None:
    for market in MARKETS:
        rows = list(demo_rows(market, TODAY))
        groups = [list(found) for _, found in groupby(rows, key=lambda row: row["opportunity"])]
        assert len(groups) == len({row["opportunity"] for row in rows})
        assert all([row["date"] for row in found] == sorted(row["date"] for row in found) for found in groups)


def test_the_file_has_a_line_for_every_row() -> None:
    text = demo_file(MARKETS, TODAY).decode()
    assert len(text.splitlines()) == 1 + sum(len(list(demo_rows(market, TODAY))) for market in MARKETS)


@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.process)
def test_the_titles_say_that_it_is_made_up(market) -> None:
    found = demo_process(market)
    assert found.process.title.endswith("(made up)")
    assert len(found.process.milestones) == len(market.rates) + 1
    assert found.target_per_month


@pytest.mark.parametrize(
    ("example", "built_in"), [("b2b-long-cycle.toml", "b2b_example.toml"), ("smb-short-cycle.toml", "smb_example.toml")]
)
def test_the_built_in_process_files_are_the_examples(example: str, built_in: str) -> None:
    packaged = ROOT / "src" / "milestone_cli" / "exchange" / built_in
    assert packaged.read_bytes() == (ROOT / "examples" / example).read_bytes()
