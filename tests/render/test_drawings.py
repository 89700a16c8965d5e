"""Drawings: a sparkline, a bar, a fan."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.render.drawings import EIGHTHS, FAN_WIDTHS, FULL, TRACK, bar, fan, spark
from milestone_cli.reports.table import Fan

SHARES = st.floats(min_value=0, max_value=1e9, allow_nan=False)
WIDTHS = st.integers(min_value=1, max_value=60)
WIDE = FAN_WIDTHS[1]


@pytest.mark.parametrize(
    ("series", "blocks"),
    [((), ""), ((0, 0), "▁▁"), ((1,), "█"), ((0, 1, 2, 3, 4, 5, 6, 7), "▁▂▃▄▅▆▇█"), ((-5, 5), "▁█")],
)
def test_a_spark_is_as_high_as_its_share_of_the_largest(series, blocks):
    assert spark(series) == blocks


@pytest.mark.parametrize(
    ("share", "drawn"),
    [
        (0, "░░░░░"), (0.0001, "▏░░░░"), (0.5, "██▌░░"), (0.6, "███░░"), (0.9999, "████▉"), (1, "█████"), (7, "█████"),
    ],
)  # fmt: skip
def test_a_bar_is_full_only_where_all_is_reached_and_empty_only_where_nothing_is(share, drawn):
    assert bar(share, 5) == drawn


def eighths(drawn: str) -> int:
    return sum(8 if sign == FULL else 0 if sign == TRACK else EIGHTHS.index(sign) for sign in drawn)


@given(SHARES, SHARES, WIDTHS)
def test_more_never_makes_a_shorter_bar_and_every_bar_is_as_wide_as_it_is_told(one, other, width):
    drawn = bar(one, width)
    assert len(drawn) == width
    assert (eighths(drawn) == 8 * width) == (one >= 1)
    assert (eighths(drawn) == 0) == (one == 0)
    assert one > other or eighths(drawn) <= eighths(bar(other, width))
    assert one >= 1 or abs(eighths(drawn) - one * 8 * width) <= 1


def said(*band: int, came: int | None = None, target: int | None = None, end: int = 110) -> Fan:
    p05, p10, p50, p90, p95 = band
    return Fan(p10=p10, p50=p50, p90=p90, end=end, outer=(p05, p95), came=came, target=target)


def test_a_fan_shows_range_middle_and_what_came():
    inside = fan(said(0, 10, 50, 90, 100, came=30), WIDE)
    outside = fan(said(0, 10, 50, 90, 100, came=110), WIDE)
    assert (inside.count("╋"), inside.count("●"), inside.count("○")) == (1, 1, 0)
    assert outside[-1] == "○"
    assert len(outside) == WIDE
    assert inside.index("●") < inside.index("╋")
    # what lies on the middle hides it; a P95 beyond the scale is cut at its end
    assert "╋" not in fan(said(0, 10, 50, 90, 100, came=50), WIDE)
    assert len(fan(said(0, 10, 50, 90, 900, came=50), WIDE)) == WIDE
    assert fan(said(0, 0, 0, 0, 0, came=0, end=0), WIDE) == "●"


def test_a_fan_shows_the_target_where_there_is_one():
    assert fan(Fan(p10=20, p50=40, p90=60, end=100, target=80), 11) == "  ━━╋━━ ◆"
    assert fan(Fan(p10=20, p50=40, p90=60, end=100, target=40), 11) == "  ━━◆━━"
    assert fan(Fan(p10=20, p50=40, p90=60, end=100), 11) == "  ━━╋━━"


@given(
    st.lists(st.integers(min_value=0, max_value=10**17), min_size=4, max_size=4), st.integers(min_value=5, max_value=56)
)
def test_a_fan_keeps_the_order_of_what_it_shows_and_its_width(amounts, width):
    p10, p50, p90 = sorted(amounts[:3])
    target, end = amounts[3], max(*amounts, 1)
    drawn = fan(Fan(p10=p10, p50=p50, p90=p90, end=end, target=target), width)
    assert len(drawn) <= width
    assert drawn.count("◆") == 1
    if "╋" in drawn:
        assert (drawn.index("◆") < drawn.index("╋")) == (target < p50)
        assert set(drawn) <= set(" ━╋◆")
