"""Days and months are integers, and a person's way to write a day is read in one way only."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.domain.day import (
    MAX_DAY,
    MIN_DAY,
    day_of,
    first_of_month,
    from_date,
    iso,
    last_of_month,
    month_label,
    month_of,
    parse_day,
    parse_iso,
    parse_month,
    to_date,
    weekday,
)
from milestone_cli.errors import InvalidValue

TODAY = day_of(2026, 11, 23)  # a Monday
DAYS = st.integers(MIN_DAY, MAX_DAY)


@given(DAYS)
def test_a_day_written_as_iso_reads_back(day):
    assert parse_iso(iso(day)) == day == from_date(to_date(day))
    assert parse_day(iso(day), today=TODAY) == day


@given(DAYS)
def test_a_day_written_in_german_reads_back(day):
    value = to_date(day)
    assert parse_day(f"{value.day:02d}.{value.month:02d}.{value.year}", today=TODAY) == day


@given(DAYS)
def test_a_weekday_is_that_of_the_calendar(day):
    assert weekday(day) == to_date(day).weekday()


@given(DAYS)
def test_a_day_lies_between_the_first_and_last_of_its_month(day):
    month = month_of(day)
    assert first_of_month(month) <= day <= last_of_month(month)
    assert last_of_month(month) + 1 == first_of_month(month + 1)
    assert parse_month(month_label(month)) == month
    assert iso(day).startswith(month_label(month))


@given(DAYS)
def test_a_day_and_month_without_a_year_is_the_last_such_day_not_to_come(today):
    for back in (0, 1, 200, 364):
        meant = to_date(today - back)
        if (meant.day, meant.month) != (29, 2) and today - back >= MIN_DAY:
            assert parse_day(f"{meant.day}.{meant.month}.", today=today) == today - back


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("today", "2026-11-23"),
        (" Today ", "2026-11-23"),
        ("heute", "2026-11-23"),
        ("yesterday", "2026-11-22"),
        ("gestern", "2026-11-22"),
        ("vorgestern", "2026-11-21"),
        ("-0d", "2026-11-23"),
        ("-3d", "2026-11-20"),
        ("-2w", "2026-11-09"),
        ("-1m", "2026-10-23"),
        ("monday", "2026-11-23"),
        ("Mo", "2026-11-23"),
        ("tue", "2026-11-17"),
        ("Dienstag", "2026-11-17"),
        ("Sonnabend", "2026-11-21"),
        ("so", "2026-11-22"),
        ("20.11.2026", "2026-11-20"),
        ("1.2.2026", "2026-02-01"),
        ("20. 11. 2026", "2026-11-20"),
        ("20.11.26", "2026-11-20"),
        ("20.11.", "2026-11-20"),
        ("23.11.", "2026-11-23"),
        ("24.11.", "2025-11-24"),
        ("29.2.", "2024-02-29"),
        ("20/11/2026", "2026-11-20"),
        ("11/20/2026", "2026-11-20"),
        ("11/11/2026", "2026-11-11"),
        ("Nov 20, 2026", "2026-11-20"),
        ("20 Sept 2026", "2026-09-20"),
        ("3. März 2026", "2026-03-03"),
        ("20 Nov. 2026", "2026-11-20"),
        ("1990-01-01", "1990-01-01"),
        ("2100-12-31", "2100-12-31"),
    ],
)
def test_a_day_is_read_in_every_documented_form(text, meant):
    assert iso(parse_day(text, today=TODAY)) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tomorrow", "2026-11-24"),
        ("morgen", "2026-11-24"),
        ("übermorgen", "2026-11-25"),
        ("+3d", "2026-11-26"),
        ("+2w", "2026-12-07"),
        ("+1m", "2026-12-23"),
        ("monday", "2026-11-30"),
        ("sun", "2026-11-29"),
        ("24.11.", "2026-11-24"),
        ("23.11.", "2027-11-23"),
        ("29.2.", "2028-02-29"),
        ("2027-01-01", "2027-01-01"),
    ],
)
def test_a_day_to_come_back_to_lies_ahead(text, meant):
    assert iso(parse_day(text, today=TODAY, future=True)) == meant


def test_a_month_back_from_its_last_day_is_the_last_day():
    assert iso(parse_day("-1m", today=day_of(2026, 3, 31))) == "2026-02-28"


@pytest.mark.parametrize("today", [day_of(2103, 5, 1), day_of(2096, 2, 28)])
def test_the_leap_day_is_found_across_a_century(today):
    if today > MAX_DAY:
        with pytest.raises(InvalidValue, match="outside"):
            parse_day("1.5.", today=today)
    assert parse_day("29.2.", today=today) <= today


def test_both_readings_of_a_day_with_slashes_are_named():
    with pytest.raises(InvalidValue) as refusal:
        parse_day("12/11/2026", today=TODAY)
    assert refusal.value.message == '"12/11/2026" can be read as 2026-11-12 or 2026-12-11.'


def test_the_locale_decides_about_slashes():
    assert iso(parse_day("12/11/2026", today=TODAY, day_first=True)) == "2026-11-12"
    assert iso(parse_day("12/11/2026", today=TODAY, day_first=False)) == "2026-12-11"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-02-30", "February 2026 has 28 days"),
        ("30.2.2026", "February 2026 has 28 days"),
        ("30.2.", "February has at most 29 days"),
        ("31.4.", "April has at most 30 days"),
        ("0.4.", "April has at most 30 days"),
        ("Feb 30, 2026", "February 2026 has 28 days"),
        ("2026-13-01", "there is no month 13"),
        ("2026-00-01", "there is no month 0"),
        ("1.13.", "there is no month 13"),
        ("2026-01-00", "January 2026 has 31 days"),
        ("31/31/2026", "there is no month 31"),
        ("0001-01-01", "outside 1990 to 2100"),
        ("9999-12-31", "outside 1990 to 2100"),
        ("1989-12-31", "outside 1990 to 2100"),
        ("2101-01-01", "outside 1990 to 2100"),
        ("0000-01-01", "outside 1990 to 2100"),
        ("-99999d", "outside 1990 to 2100"),
        ("-9999m", "outside 1990 to 2100"),
        ("+3d", "lies in the future"),
        ("tomorrow", "not a day"),
        ("0", "not a day"),
        ("", "not a day"),
        ("20.11", "not a day"),
        ("2026/11/20", "not a day"),
        ("20261120", "not a day"),
        ("2026-W47-1", "not a day"),
        ("２０２６-11-20", "not a day"),
        ("2026-11-20T10:00", "not a day"),
        ("20 foo 2026", "not a day"),
        ("foo 20, 2026", "not a day"),
        ("-999999d", "not a day"),
        ("a\x1b", r"a\\x1b"),
    ],
)
def test_a_day_that_cannot_be_is_refused_with_the_reason(text, why):
    with pytest.raises(InvalidValue, match=why) as refusal:
        parse_day(text, today=TODAY)
    assert refusal.value.hint


@pytest.mark.parametrize(
    "text",
    ["20.11.2026", "2026-1-1", " 2026-01-01", "2026-W40-1", "20261120", "2026-02-30", "0001-01-01", "２026-01-01", ""],
)
def test_files_hold_iso_days_only(text):
    with pytest.raises(InvalidValue):
        parse_iso(text)


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-1", "11.2026", "1989-12", "2101-01", "", "2026-11-01"])
def test_other_months_are_refused(text):
    with pytest.raises(InvalidValue):
        parse_month(text)


@given(st.text(max_size=20) | st.from_regex(r"[0-9./-]{1,12}", fullmatch=True), DAYS, st.booleans())
def test_any_text_is_a_day_or_a_clear_refusal(text, today, future):
    try:
        day = parse_day(text, today=today, future=future)
    except InvalidValue:
        return
    assert MIN_DAY <= day <= MAX_DAY


def test_the_first_and_last_day_are_those_of_the_documents():
    assert (to_date(MIN_DAY), to_date(MAX_DAY)) == (date(1990, 1, 1), date(2100, 12, 31))
    assert to_date(1) - to_date(0) == timedelta(days=1)
