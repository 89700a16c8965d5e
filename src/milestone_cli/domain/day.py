"""Days and months as integers, and the forms in which people write a day.

Invariant: a day counts from 1970-01-01 (day 0), a month is year * 12 + month - 1; what is read from outside lies in
1990 to 2100.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import TypeAlias

from milestone_cli.domain.text import quoted
from milestone_cli.errors import InvalidValue

Day: TypeAlias = int
"""Days since 1970-01-01."""
Month: TypeAlias = int
"""year * 12 + month - 1."""

_EPOCH = date(1970, 1, 1).toordinal()
_FORMS = "Write a day as 2026-11-20, 20.11.2026, 20.11., today, yesterday, -3d, -2w or a weekday."
_FUTURE_FORMS = "Write a day as 2026-11-20, 20.11.2026, 20.11., tomorrow, +3d, +2w, +1m or a weekday."
_MONTH_WORDS = (
    "january jan januar jänner",
    "february feb februar",
    "march mar märz mär",
    "april apr",
    "may mai",
    "june jun juni",
    "july jul juli",
    "august aug",
    "september sep sept",
    "october oct oktober okt",
    "november nov",
    "december dec dezember dez",
)
_MONTHS = {word: number for number, words in enumerate(_MONTH_WORDS, 1) for word in words.split()}
_WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "monday mon montag mo",
            "tuesday tue tues dienstag di",
            "wednesday wed weds mittwoch mi",
            "thursday thu thur thurs donnerstag do",
            "friday fri freitag fr",
            "saturday sat samstag sonnabend sa",
            "sunday sun sonntag so",
        )
    )
    for word in words.split()
}
_RELATIVE = {"today": 0, "heute": 0, "yesterday": -1, "gestern": -1, "vorgestern": -2}
_RELATIVE_AHEAD = {"tomorrow": 1, "morgen": 1, "übermorgen": 2}
_STEP = re.compile(r"([+-])([0-9]{1,5})([dwm])")
_DOTTED = re.compile(r"([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4}|[0-9]{2})?")
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_NAMED = re.compile(r"([0-9]{1,2})\.? ([a-zä]{3,9})\.? ([0-9]{4})")
_NAME_FIRST = re.compile(r"([a-z]{3,9})\.? ([0-9]{1,2}),? ([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")


def from_date(value: date) -> Day:
    """Return the day number of a calendar date."""
    return value.toordinal() - _EPOCH


def day_of(year: int, month: int, day: int) -> Day:
    """Return the day number of a calendar day; ValueError if there is no such day.

    >>> day_of(1970, 1, 2)
    1
    """
    return date(year, month, day).toordinal() - _EPOCH


def to_date(day: Day) -> date:
    """Return the calendar date of a day number."""
    return date.fromordinal(day + _EPOCH)


def iso(day: Day) -> str:
    """Return a day as YYYY-MM-DD."""
    return date.fromordinal(day + _EPOCH).isoformat()


def weekday(day: Day) -> int:
    """Return 0 for a Monday to 6 for a Sunday."""
    return (day + 3) % 7


def month_of(day: Day) -> Month:
    """Return the month a day lies in."""
    value = to_date(day)
    return value.year * 12 + value.month - 1


def first_of_month(month: Month) -> Day:
    """Return the first day of a month."""
    return day_of(month // 12, month % 12 + 1, 1)


def last_of_month(month: Month) -> Day:
    """Return the last day of a month."""
    year, index = divmod(month, 12)
    return day_of(year, index + 1, monthrange(year, index + 1)[1])


def month_label(month: Month) -> str:
    """Return a month as YYYY-MM."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


MIN_DAY: Day = day_of(1990, 1, 1)
"""The earliest day that can be recorded."""
MAX_DAY: Day = day_of(2100, 12, 31)
"""The latest day that can be recorded."""


def parse_month(text: str) -> Month:
    """Return the month written as YYYY-MM.

    Raises:
        InvalidValue: another form, no such month, or outside 1990 to 2100.
    """
    found = _MONTH.fullmatch(text.strip())
    if found is None:
        raise InvalidValue(f"{quoted(text)} is not a month.", "Write a month as 2026-11.")
    year, number = int(found[1]), int(found[2])
    if not 1 <= number <= 12:
        raise InvalidValue(f"{quoted(text)} is not a month: there is no month {number}.", "Months run from 01 to 12.")
    if not 1990 <= year <= 2100:
        raise InvalidValue(f"The month {quoted(text)} lies outside 1990 to 2100.", "Check the year.")
    return year * 12 + number - 1


def parse_iso(text: str) -> Day:
    """Return the day written as YYYY-MM-DD, the only form of files.

    Raises:
        InvalidValue: another form, no such day, or outside 1990 to 2100.
    """
    # One attempt by the standard library first: files hold hundreds of thousands of good days. It also takes week
    # and compact forms, which the dashes rule out.
    if len(text) == 10 and text[4] == "-" == text[7] and text.isascii():
        try:
            day = date.fromisoformat(text).toordinal() - _EPOCH
        except ValueError:
            pass
        else:
            return _in_range(day, text)
    found = _ISO.fullmatch(text)
    if found is None:
        raise InvalidValue(f"{quoted(text)} is not a day of the form YYYY-MM-DD.", "Write it like 2026-11-20.")
    return _calendar_day(int(found[1]), int(found[2]), int(found[3]), text)


def parse_day(text: str, *, today: Day, day_first: bool | None = None, future: bool = False) -> Day:
    """Return the day a person means.

    `20.11.` and a weekday are the last such day not after `today`; with `future` (a day to come back to) they are the
    next one after it, and `+3d`, `+2w`, `+1m`, `tomorrow` are read too. `12/11/2026` is read only if one reading is
    possible or `day_first` (from the locale) decides. Whether a day to come is allowed is for the caller to say.

    Raises:
        InvalidValue: unreadable, ambiguous, no such day, or outside 1990 to 2100.
    """
    word = text.strip().casefold()
    steps = _RELATIVE | _RELATIVE_AHEAD if future else _RELATIVE
    if word in steps:
        return _in_range(today + steps[word], text)
    if word in _WEEKDAYS:
        return _in_range(_nearest_weekday(_WEEKDAYS[word], today, future=future), text)
    if found := _STEP.fullmatch(word):
        return _stepped(found, today, text, future=future)
    if found := _DOTTED.fullmatch(word):
        return _dotted(found, today, text, future=future)
    if found := _SLASHED.fullmatch(word):
        return _slashed(found, text, day_first=day_first)
    if (parts := _spelled_out(word)) is not None:
        return _calendar_day(*parts, text)
    raise InvalidValue(f"{quoted(text)} is not a day that can be read.", _FUTURE_FORMS if future else _FORMS)


def _spelled_out(word: str) -> tuple[int, int, int] | None:
    """Return year, month, day of the forms that hold all three in one order only, also with the month's name."""
    if found := _ISO.fullmatch(word):
        return int(found[1]), int(found[2]), int(found[3])
    if (found := _NAMED.fullmatch(word)) and found[2] in _MONTHS:
        return int(found[3]), _MONTHS[found[2]], int(found[1])
    if (found := _NAME_FIRST.fullmatch(word)) and found[1] in _MONTHS:
        return int(found[3]), _MONTHS[found[1]], int(found[2])
    return None


def _in_range(day: Day, text: str) -> Day:
    if not MIN_DAY <= day <= MAX_DAY:
        raise InvalidValue(f"The day {quoted(text)} lies outside 1990 to 2100.", "Check the year.")
    return day


def _calendar_day(year: int, month: int, day: int, text: str) -> Day:
    if not 1 <= month <= 12:
        raise InvalidValue(f"{quoted(text)} is not a day: there is no month {month}.", "Months run from 1 to 12.")
    if not 1990 <= year <= 2100:
        raise InvalidValue(f"The day {quoted(text)} lies outside 1990 to 2100.", "Check the year.")
    length = monthrange(year, month)[1]
    if not 1 <= day <= length:
        raise InvalidValue(
            f"{quoted(text)} is not a day: {_month_name(month)} {year} has {length} days.", "Check the day."
        )
    return day_of(year, month, day)


def _month_name(month: int) -> str:
    return _MONTH_WORDS[month - 1].split()[0].capitalize()


def _nearest_weekday(wanted: int, today: Day, *, future: bool) -> Day:
    if future:
        return today + ((wanted - weekday(today) - 1) % 7 + 1)
    return today - (weekday(today) - wanted) % 7


def _stepped(found: re.Match[str], today: Day, text: str, *, future: bool) -> Day:
    if found[1] == "+" and not future:
        raise InvalidValue(f"{quoted(text)} lies in the future.", _FORMS)
    count = int(found[2]) * (1 if found[1] == "+" else -1)
    if found[3] == "m":
        month = month_of(today) + count
        if not month_of(MIN_DAY) <= month <= month_of(MAX_DAY):
            raise InvalidValue(f"The day {quoted(text)} lies outside 1990 to 2100.", "Check the number.")
        return min(first_of_month(month) + to_date(today).day - 1, last_of_month(month))
    return _in_range(today + count * (7 if found[3] == "w" else 1), text)


def _dotted(found: re.Match[str], today: Day, text: str, *, future: bool) -> Day:
    day, month = int(found[1]), int(found[2])
    if found[3]:
        year = int(found[3])
        return _calendar_day(year + 2000 if len(found[3]) == 2 else year, month, day, text)
    if not 1 <= month <= 12:
        return _calendar_day(2000, month, day, text)
    # 2000 is a leap year, so no month is ever longer.
    longest = monthrange(2000, month)[1]
    if not 1 <= day <= longest:
        raise InvalidValue(
            f"{quoted(text)} is not a day: {_month_name(month)} has at most {longest} days.", "Check the day."
        )
    # 29 February is up to eight years away (1896 to 1904, 2096 to 2104).
    this_year = to_date(today).year
    for distance in range(9):
        year = this_year + distance if future else this_year - distance
        if day <= monthrange(year, month)[1]:
            meant = day_of(year, month, day)
            if meant > today if future else meant <= today:
                return _in_range(meant, text)
    raise AssertionError(f"no {day}.{month}. within eight years of {this_year}")  # pragma: no cover


def _slashed(found: re.Match[str], text: str, *, day_first: bool | None) -> Day:
    one, two, year = int(found[1]), int(found[2]), int(found[3])
    if two > 12:
        one, two = two, one
    elif one <= 12 and one != two:
        if day_first is None:
            raise InvalidValue(
                f"{quoted(text)} can be read as {year:04d}-{two:02d}-{one:02d} or {year:04d}-{one:02d}-{two:02d}.",
                "Write it as YYYY-MM-DD.",
            )
        if not day_first:
            one, two = two, one
    return _calendar_day(year, two, one, text)
