"""Periods of the calendar: weeks, months, quarters, years, ranges of months, and the words for them.

Invariant: a period runs from `start` to `end`, both inclusive; its label reads back as the same period.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never

from milestone_cli.domain.day import (
    Day,
    Month,
    first_of_month,
    from_date,
    last_of_month,
    month_label,
    month_of,
    parse_month,
    to_date,
    weekday,
)
from milestone_cli.domain.text import quoted
from milestone_cli.errors import InvalidValue

_FORMS = (
    "Write a period as 2026-11, 2026-Q4, 2026, 2026-W47, 2026-01..2026-06, this-month, last-quarter, next-week, "
    "last-3-months or ytd."
)
_LONGEST = 120


class PeriodKind(StrEnum):
    """What a period is made of; earlier periods are of the same kind."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of whole days with a name."""

    label: str
    """How it is written: 2026-11, 2026-Q4, 2026, 2026-W47, 2026-01..2026-06."""
    kind: PeriodKind
    """Week, month, quarter, year, or a range of months."""
    start: Day
    """Its first day."""
    end: Day
    """Its last day, inclusive."""

    @property
    def days(self) -> int:
        """How many days it has."""
        return self.end - self.start + 1

    def months(self) -> tuple[Month, ...]:
        """Return the months it touches, in order."""
        return tuple(range(month_of(self.start), month_of(self.end) + 1))

    def thursday_month(self) -> Month:
        """Return the month a week's Thursday lies in; a week has no other month."""
        if self.kind is not PeriodKind.WEEK:
            raise ValueError(f"{self.label} is not a week")
        return month_of(self.start + 3)

    def elapsed(self, as_of: Day) -> float:
        """Return the share of its days gone by, counting `as_of`: 0 before it, 1 from its last day on."""
        return min(max(as_of - self.start + 1, 0), self.days) / self.days

    def weekdays_into(self, as_of: Day) -> int:
        """Return how many of its days up to and with `as_of` are Mondays to Fridays."""
        count = min(max(as_of - self.start + 1, 0), self.days)
        weeks, rest = divmod(count, 7)
        first = weekday(self.start)
        return weeks * 5 + sum((first + step) % 7 < 5 for step in range(rest))

    def earlier(self, n: int) -> tuple[Period, ...]:
        """Return the `n` periods of the same kind and length just before it, oldest first."""
        return tuple(self.shifted(-step) for step in range(n, 0, -1))

    def shifted(self, steps: int) -> Period:
        """Return the period of the same kind and length that lies `steps` of them later (earlier if negative)."""
        if self.kind is PeriodKind.WEEK:
            return _made(PeriodKind.WEEK, self.start + 7 * steps, self.end + 7 * steps)
        months = self.months()
        first = months[0] + steps * len(months)
        return _of_months(self.kind, first, first + len(months) - 1)


def week_at(day: Day) -> Period:
    """Return the ISO week a day lies in."""
    monday = day - weekday(day)
    return _made(PeriodKind.WEEK, monday, monday + 6)


def month_period(month: Month) -> Period:
    """Return a month as a period."""
    return _of_months(PeriodKind.MONTH, month, month)


def quarter_at(month: Month) -> Period:
    """Return the calendar quarter a month lies in."""
    first = month - month % 3
    return _of_months(PeriodKind.QUARTER, first, first + 2)


def year_period(year: int) -> Period:
    """Return a calendar year."""
    return _of_months(PeriodKind.YEAR, year * 12, year * 12 + 11)


def months_period(first: Month, last: Month) -> Period:
    """Return the months from `first` to `last`, both included; a single one is a month."""
    return _of_months(PeriodKind.MONTH if first == last else PeriodKind.RANGE, first, last)


def label(period: Period) -> str:
    """Return how a period is written; `parse_period` reads it back.

    >>> label(month_period(2026 * 12 + 10))
    '2026-11'
    """
    first = month_of(period.start)
    match period.kind:
        case PeriodKind.WEEK:
            year, week, _ = to_date(period.start).isocalendar()
            return f"{year:04d}-W{week:02d}"
        case PeriodKind.MONTH:
            return month_label(first)
        case PeriodKind.QUARTER:
            return f"{first // 12:04d}-Q{first % 12 // 3 + 1}"
        case PeriodKind.YEAR:
            return f"{first // 12:04d}"
        case PeriodKind.RANGE:
            return f"{month_label(first)}..{month_label(month_of(period.end))}"
        case _ as never:
            assert_never(never)


def parse_period(text: str, *, today: Day) -> Period:
    """Return the period a person means.

    `last-3-months` are the whole months before the running one; `ytd` runs from January to the end of the running
    month, of which `elapsed` tells how much is over; `q4` alone lies in the running year.

    Raises:
        InvalidValue: unreadable, no such quarter or week, a range that ends before it begins, outside 1990 to 2100.
    """
    word = text.strip().casefold()
    for form, read in _READERS:
        if found := form.fullmatch(word):
            return read(found, text, today)
    raise InvalidValue(f"{quoted(text)} is not a period that can be read.", _FORMS)


def _made(kind: PeriodKind, start: Day, end: Day) -> Period:
    return Period(label(Period("", kind, start, end)), kind, start, end)


def _of_months(kind: PeriodKind, first: Month, last: Month) -> Period:
    return _made(kind, first_of_month(first), last_of_month(last))


def _checked_year(digits: str, text: str) -> int:
    year = int(digits)
    if not 1990 <= year <= 2100:
        raise InvalidValue(f"The period {quoted(text)} lies outside 1990 to 2100.", "Check the year.")
    return year


def _month(found: re.Match[str], _text: str, _today: Day) -> Period:
    return month_period(parse_month(found[0]))


def _year(found: re.Match[str], text: str, _today: Day) -> Period:
    return year_period(_checked_year(found[1], text))


def _quarter(found: re.Match[str], text: str, today: Day) -> Period:
    year = _checked_year(found[1], text) if found[1] else to_date(today).year
    number = int(found[2])
    if not 1 <= number <= 4:
        raise InvalidValue(f"{quoted(text)} is not a period: there is no quarter {number}.", "Quarters are Q1 to Q4.")
    return quarter_at(year * 12 + 3 * (number - 1))


def _week(found: re.Match[str], text: str, _today: Day) -> Period:
    year, number = _checked_year(found[1], text), int(found[2])
    try:
        monday = from_date(date.fromisocalendar(year, number, 1))
    except ValueError:
        raise InvalidValue(
            f"{quoted(text)} is not a period: {year} has no week {number}.", "Weeks are counted as in ISO 8601."
        ) from None
    return week_at(monday)


def _range(found: re.Match[str], text: str, _today: Day) -> Period:
    first, last = parse_month(found[1]), parse_month(found[2])
    if last < first:
        raise InvalidValue(f"The period {quoted(text)} ends before it begins.", "Write the earlier month first.")
    return months_period(first, last)


def _running(found: re.Match[str], _text: str, today: Day) -> Period:
    running = {
        "week": week_at(today),
        "month": month_period(month_of(today)),
        "quarter": quarter_at(month_of(today)),
        "year": year_period(month_of(today) // 12),
    }[found[2]]
    return running.shifted({"this": 0, "last": -1, "next": 1}[found[1]])


def _last_months(found: re.Match[str], text: str, today: Day) -> Period:
    count, running = int(found[1]), month_of(today)
    if not 1 <= count <= _LONGEST:
        raise InvalidValue(f"{quoted(text)} is not a period.", f"last-N-months takes 1 to {_LONGEST} months.")
    return months_period(running - count, running - 1)


def _year_to_date(_found: re.Match[str], _text: str, today: Day) -> Period:
    running = month_of(today)
    return months_period(running - running % 12, running)


_READERS = (
    (re.compile(r"[0-9]{4}-[0-9]{2}"), _month),
    (re.compile(r"([0-9]{4})"), _year),
    (re.compile(r"(?:([0-9]{4})-?)?q([0-9])"), _quarter),
    (re.compile(r"([0-9]{4})-?w([0-9]{1,2})"), _week),
    (re.compile(r"([0-9]{4}-[0-9]{2})\.\.([0-9]{4}-[0-9]{2})"), _range),
    (re.compile(r"(this|last|next)-(week|month|quarter|year)"), _running),
    (re.compile(r"last-([0-9]{1,4})-months?"), _last_months),
    (re.compile(r"ytd"), _year_to_date),
)
