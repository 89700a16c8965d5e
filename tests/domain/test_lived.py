"""The four ways of working and what decides them."""

from __future__ import annotations

import statistics
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.domain.lived import Life, Sign, Way, median_of, signs, way_of_working

LIVED = Life(actions=10, delays={1: 6, 40: 4}, recent=2)


def way(life: Life, *, target_set: bool = True, revised: bool = True) -> Way:
    return way_of_working(life, signs(life, target_set=target_set, revised=revised))


def test_with_neither_a_target_nor_a_fact_there_is_no_process():
    assert way(Life(), target_set=False) is Way.NO_PROCESS


@pytest.mark.parametrize(
    ("life", "target_set"),
    [
        (Life(), True),
        (LIVED, False),
        (Life(actions=10, delays={1: 10}), True),
        (Life(actions=10, delays={8: 10}, recent=2), True),
        (Life(actions=10, recent=2), True),
    ],
    ids=["no facts", "no target", "none of late", "entered late", "nobody knows when entered"],
)
def test_where_a_target_fresh_facts_or_prompt_entry_is_missing_it_is_on_paper(life, target_set):
    assert way(life, target_set=target_set) is Way.ON_PAPER


def test_with_all_three_it_is_watched_and_revised_within_a_year_dynamic():
    assert way(LIVED, revised=False) is Way.WATCHED
    assert way(LIVED) is Way.DYNAMIC


def test_a_week_is_still_prompt():
    assert signs(Life(delays={7: 1}), target_set=True, revised=True)[Sign.PROMPT]


def test_what_an_import_does_not_tell_is_not_counted():
    life = Life(actions=10, delays={2: 3}, implied=2)
    assert (life.entries_not_counted, life.days_to_entry, life.arrivals) == (7, 2.0, 12)


@given(st.lists(st.integers(0, 400), min_size=1))
def test_the_median_is_that_of_the_single_numbers(days):
    assert median_of(Counter(days)) == statistics.median(days)
