"""Marks of an axis: round, few, and at or above the largest value."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.render.ticks import marks, scale


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        (0.0, (0.0, 1.0)),
        (1.0, (0.0, 1.0)),
        (87.0, (0.0, 25.0, 50.0, 75.0, 100.0)),
        (100.0, (0.0, 25.0, 50.0, 75.0, 100.0)),
        (1_306_980.0, (0.0, 500_000.0, 1_000_000.0, 1_500_000.0)),
    ],
)
def test_marks_are_round(largest, expected):
    assert marks(largest) == expected


@given(st.floats(min_value=0.001, max_value=1e15))
def test_the_last_mark_is_at_or_above_the_largest_value_and_there_are_few(largest):
    found = marks(largest)
    assert found[0] == 0
    assert list(found) == sorted(set(found))
    assert found[-1] >= largest * 0.999999
    assert len(found) <= 6


@given(st.floats(min_value=0.01, max_value=1e12))
def test_every_mark_finds_its_label_under_the_name_that_a_browser_gives_it(largest):
    made = scale([largest, None], lambda value: f"<{value}>")
    labels = json.loads(made.expression.removesuffix("[datum.value]"))
    assert len(labels) == len(made.values)
    for name, value in zip(labels, made.values, strict=True):
        assert float(name) == pytest.approx(value)
        assert "e" not in name or value < 1e-6
