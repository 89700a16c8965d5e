"""Dates in the ways of other systems: the form is that of the whole column, the day that of the zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.domain.day import iso, parse_iso
from milestone_cli.errors import InvalidValue
from milestone_cli.exchange.date_forms import DateReader, date_form
from milestone_cli.exchange.deals import Change, Deals, What
from milestone_cli.exchange.moments import AmbiguousDates, Forms, Moments

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")


def column(*texts: str, is_utc: bool = False) -> Deals:
    """Return deals with one column of dates."""
    deals = Deals()
    place = deals.column("x.csv", "Entered", is_utc=is_utc)
    for line, text in enumerate(texts, start=2):
        deals.deal(str(line), line).changes.append(Change(What.STAGE, "A", text, place, line))
    return deals


def days(*texts: str, form: str | None = None, zone=BERLIN, is_utc: bool = False) -> list[str]:
    deals = column(*texts, is_utc=is_utc)
    moments = Moments(deals, Forms(None if form is None else date_form(form)), zone)
    return [iso(moments.of(text, 0).day) for text in texts]


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("2026-11-20", BERLIN, "2026-11-20"),
        ("2026-11-20T22:59:59Z", BERLIN, "2026-11-20"),
        ("2026-11-20T23:00:00Z", BERLIN, "2026-11-21"),
        ("2026-07-20T21:59:59.999Z", BERLIN, "2026-07-20"),  # summer time: two hours
        ("2026-07-20T22:00:00.000+0000", BERLIN, "2026-07-21"),
        ("2026-11-21T02:00:00+02:00", NEW_YORK, "2026-11-20"),
        ("2026-11-20 23:30:00", BERLIN, "2026-11-20"),  # no zone: the day stays as written
        ("2026-11-20 23:30:00 UTC", BERLIN, "2026-11-21"),
        ("1795217400000", BERLIN, "2026-11-21"),
        ("1795217400000.0", NEW_YORK, "2026-11-20"),
        ("2026/11/20 08:00", BERLIN, "2026-11-20"),
        ("2026-04-04T14:59:00Z", LORD_HOWE, "2026-04-05"),  # half an hour of summer time
    ],
)
def test_a_time_with_a_zone_becomes_the_day_there(text, zone, day):
    assert days(text, zone=zone) == [day]


def test_a_time_without_a_zone_is_utc_where_its_column_says_so():
    assert days("2026-11-20 23:30:00", is_utc=True) == ["2026-11-21"]
    assert days("2026-11-20", is_utc=True) == ["2026-11-20"]


@given(
    at=st.datetimes(datetime(1991, 1, 1), datetime(2099, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, ZoneInfo("America/St_Johns"), ZoneInfo("Asia/Kathmandu")]),
)
def test_every_form_with_a_zone_says_the_local_day(at, zone):
    at = at.replace(microsecond=0)
    local = at.astimezone(zone).date().isoformat()
    forms = [at.isoformat(), at.strftime("%Y-%m-%dT%H:%M:%S.000Z"), str(round(at.timestamp() * 1000))]
    moments = [DateReader(zone).moment(text, None) for text in forms if len(text) != 11]
    assert {iso(moment.day) for moment in moments} == {local}
    assert len({moment.at for moment in moments}) == 1


def test_days_of_a_zone_never_run_against_its_instants_though_clocks_go_back():
    begin = datetime(2026, 10, 24, 20, tzinfo=UTC)
    texts = [(begin + timedelta(minutes=17 * step)).isoformat() for step in range(120)]
    found = [DateReader(BERLIN).moment(text, None) for text in texts]
    assert [moment.at for moment in found] == sorted(moment.at or 0 for moment in found)
    assert [moment.day for moment in found] == sorted(moment.day for moment in found)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["20/11/2026", "03/04/2026"], ["2026-11-20", "2026-04-03"]),
        (["11/20/2026", "03/04/2026 2:30 PM"], ["2026-11-20", "2026-03-04"]),
        (["20.11.2026", "3.4.26 14:30"], ["2026-11-20", "2026-04-03"]),
        (["20-11-26", "03-04-2026"], ["2026-11-20", "2026-04-03"]),
        (["05/05/2026", "06/06/2026"], ["2026-05-05", "2026-06-06"]),  # both readings are the same days
        (["2026-11-20", "20/11/2026"], ["2026-11-20", "2026-11-20"]),  # ISO cannot be mistaken beside another form
    ],
)
def test_the_form_is_found_from_the_whole_column(texts, found):
    assert days(*texts) == found


@pytest.mark.parametrize("texts", [["03/04/2026", "05/06/2026"], ["03-04-2026"], ["2026-01-01", "01/02/2026 10:00"]])
def test_a_column_with_two_readings_is_refused_with_a_line(texts):
    with pytest.raises(AmbiguousDates) as refused:
        days(*texts)
    assert "x.csv line" in refused.value.message
    assert "(d" in refused.value.message
    assert "(m" in refused.value.message
    assert 'date = "' in refused.value.hint


def test_the_map_decides_and_what_does_not_fit_it_is_refused():
    assert days("03/04/2026", form="d/m/Y") == ["2026-04-03"]
    assert days("03/04/2026", form="m/d/Y") == ["2026-03-04"]
    assert days("03.04.2026 10:15", form="DD.MM.YYYY") == ["2026-04-03"]
    assert days("2026-04-03", form="m/d/Y") == ["2026-04-03"]
    with pytest.raises(InvalidValue, match="no date of the form d/m/Y"):
        days("11/20/2026", form="d/m/Y")


def test_a_form_for_one_heading_goes_before_that_of_all():
    deals = column("03/04/2026")
    forms = Forms(date_form("d/m/Y"), {"entered": date_form("m/d/Y")})
    assert iso(Moments(deals, forms, BERLIN).of("03/04/2026", 0).day) == "2026-03-04"


@pytest.mark.parametrize(
    "text",
    ["", "x", "2026-02-30", "0001-01-01", "9999-12-31T23:59:59Z", "1989-12-31", "31/02/2026", "99999999999999999999",
     "2026-11-20T25:00:00", "12/2026", "2026-11-20T10:00:00+99:00", "13/13/2026", "20.11.2026 13:00 PM", "٢٠٢٦-١١-٢٠"],
)  # fmt: skip
def test_what_is_no_day_is_refused_in_a_sentence(text):
    form = date_form("d.m.Y") if "." in text else date_form("d/m/Y")
    with pytest.raises(InvalidValue):
        DateReader(BERLIN).moment(text, form)


@given(st.text(max_size=30), st.sampled_from([None, "d/m/Y", "m/d/Y", "d.m.Y", "d-m-y", "YY-MM-DD", "DDMMYYYY"]))
def test_any_text_is_a_day_of_our_years_or_refused(text, form):
    try:
        moment = DateReader(BERLIN).moment(text, None if form is None else date_form(form))
    except InvalidValue:
        return
    assert parse_iso("1990-01-01") <= moment.day <= parse_iso("2100-12-31")


@pytest.mark.parametrize("form", ["", "d/m", "x", "d/d/Y", "hello", "YYYY", "d m Y H", "DD.MM.YYYY.DD"])
def test_a_form_without_day_month_and_year_is_refused(form):
    with pytest.raises(InvalidValue, match="cannot be read; write ISO"):
        date_form(form)
