"""Periods read back from their labels, and their days are those of the calendar."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.domain.day import MAX_DAY, MIN_DAY, day_of, iso, month_label, month_of, weekday
from milestone_cli.domain.period import (
    Period,
    PeriodKind,
    label,
    month_period,
    months_period,
    parse_period,
    quarter_at,
    week_at,
    year_period,
)
from milestone_cli.errors import InvalidValue

TODAY = day_of(2026, 11, 23)
DAYS = st.integers(MIN_DAY, MAX_DAY)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    day = draw(DAYS)
    month = month_of(day)
    return draw(
        st.sampled_from(
            [
                week_at(day),
                month_period(month),
                quarter_at(month),
                year_period(month // 12),
                months_period(month, min(month + draw(st.integers(0, 30)), month_of(MAX_DAY))),
            ]
        )
    )


@given(periods())
def test_a_label_reads_back_as_the_same_period(period):
    assert parse_period(label(period), today=TODAY) == period
    assert label(period) == period.label


@given(periods(), st.integers(1, 6))
def test_earlier_periods_follow_each_other_without_a_gap(period, n):
    row = [*period.earlier(n), period]
    assert len(row) == n + 1
    assert all(one.end + 1 == two.start for one, two in pairwise(row))
    assert {one.kind for one in row} == {period.kind}
    assert {len(one.months()) for one in row} == {len(period.months())} or period.kind is PeriodKind.WEEK


@given(periods(), DAYS)
def test_elapsed_is_the_share_of_days_gone_by(period, as_of):
    days = range(period.start, period.end + 1)
    assert period.days == len(days)
    assert period.elapsed(as_of) == sum(day <= as_of for day in days) / len(days)
    assert period.weekdays_into(as_of) == sum(day <= as_of and weekday(day) < 5 for day in days)


@pytest.mark.parametrize(
    ("text", "start", "end", "written"),
    [
        ("2026-11", "2026-11-01", "2026-11-30", "2026-11"),
        ("2026-Q4", "2026-10-01", "2026-12-31", "2026-Q4"),
        ("2026-q1", "2026-01-01", "2026-03-31", "2026-Q1"),
        ("q4", "2026-10-01", "2026-12-31", "2026-Q4"),
        ("2026", "2026-01-01", "2026-12-31", "2026"),
        ("2026-W47", "2026-11-16", "2026-11-22", "2026-W47"),
        ("2026-w1", "2025-12-29", "2026-01-04", "2026-W01"),
        ("2026-W53", "2026-12-28", "2027-01-03", "2026-W53"),
        ("this-week", "2026-11-23", "2026-11-29", "2026-W48"),
        ("last-week", "2026-11-16", "2026-11-22", "2026-W47"),
        ("next-week", "2026-11-30", "2026-12-06", "2026-W49"),
        ("This-Month", "2026-11-01", "2026-11-30", "2026-11"),
        ("last-month", "2026-10-01", "2026-10-31", "2026-10"),
        ("next-month", "2026-12-01", "2026-12-31", "2026-12"),
        ("this-quarter", "2026-10-01", "2026-12-31", "2026-Q4"),
        ("last-quarter", "2026-07-01", "2026-09-30", "2026-Q3"),
        ("next-quarter", "2027-01-01", "2027-03-31", "2027-Q1"),
        ("this-year", "2026-01-01", "2026-12-31", "2026"),
        ("last-year", "2025-01-01", "2025-12-31", "2025"),
        ("next-year", "2027-01-01", "2027-12-31", "2027"),
        ("last-3-months", "2026-08-01", "2026-10-31", "2026-08..2026-10"),
        ("last-1-month", "2026-10-01", "2026-10-31", "2026-10"),
        ("ytd", "2026-01-01", "2026-11-30", "2026-01..2026-11"),
        ("2026-01..2026-06", "2026-01-01", "2026-06-30", "2026-01..2026-06"),
        ("2026-05..2026-05", "2026-05-01", "2026-05-31", "2026-05"),
    ],
)
def test_a_period_is_read_in_every_documented_form(text, start, end, written):
    period = parse_period(text, today=TODAY)
    assert (iso(period.start), iso(period.end), period.label) == (start, end, written)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "2026-Q4"),
        ("soon", "last-3-months"),
        ("2026-Q5", "no quarter 5"),
        ("q0", "no quarter 0"),
        ("2025-W53", "2025 has no week 53"),
        ("2026-W00", "2026 has no week 0"),
        ("2026-13", "no month 13"),
        ("1989", "outside 1990 to 2100"),
        ("9999-Q1", "outside 1990 to 2100"),
        ("2101-W01", "outside 1990 to 2100"),
        ("2026-06..2026-01", "ends before it begins"),
        ("last-0-months", "1 to 120"),
        ("last-999-months", "1 to 120"),
        ("２０２６", "2026-Q4"),
        ("2026-11-23", "2026-Q4"),
    ],
)
def test_a_period_that_cannot_be_is_refused_with_the_reason(text, why):
    with pytest.raises(InvalidValue) as refusal:
        parse_period(text, today=TODAY)
    assert why in refusal.value.message + refusal.value.hint


def test_a_running_month_counts_today_as_gone_by():
    assert round(month_period(month_of(TODAY)).elapsed(TODAY), 4) == 0.7667


def test_a_week_belongs_to_the_month_of_its_thursday():
    week = parse_period("2026-W53", today=TODAY)
    assert month_label(week.thursday_month()) == "2026-12"
    assert [month_label(month) for month in week.months()] == ["2026-12", "2027-01"]
    with pytest.raises(ValueError, match="not a week"):
        month_period(month_of(TODAY)).thursday_month()


@given(st.text(max_size=20) | st.from_regex(r"[0-9.qwQW-]{1,16}", fullmatch=True), DAYS)
def test_any_text_is_a_period_or_a_clear_refusal(text, today):
    try:
        period = parse_period(text, today=today)
    except InvalidValue:
        return
    assert period.start <= period.end
