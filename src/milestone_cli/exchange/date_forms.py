"""The ways in which systems write a day, perhaps with a time: one form at a time.

Invariant: what is read lies in 1990 to 2100; ISO and milliseconds cannot be mistaken and are read beside any form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import NamedTuple

from milestone_cli.domain.day import MAX_DAY, MIN_DAY, Day, day_of, iso
from milestone_cli.domain.text import quoted
from milestone_cli.errors import InvalidValue

_EPOCH = datetime(1970, 1, 1).toordinal()  # noqa: DTZ001 - a calendar day
_TOKENS = {
    "YYYY": "(?P<year>[0-9]{4})", "YY": "(?P<year>[0-9]{2})", "Y": "(?P<year>[0-9]{4}|[0-9]{2})",
    "y": "(?P<year>[0-9]{2})", "MM": "(?P<month>[0-9]{1,2})", "m": "(?P<month>[0-9]{1,2})",
    "DD": "(?P<day>[0-9]{1,2})", "d": "(?P<day>[0-9]{1,2})",
}  # fmt: skip
_TIME = (
    r"(?:(?:, ?| |T)(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?(?: ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?)?"
)
_PARTS = re.compile(r"YYYY|YY|Y|y|MM|m|DD|d|[^A-Za-z0-9]+|.")
_MILLISECONDS = re.compile(r"([0-9]{12,13})(?:\.0*)?")
_YEAR_FIRST = re.compile(r"([0-9]{4})([/.])([0-9]{1,2})\2([0-9]{1,2})(?=$|[ T])(.*)")
ANY = "ISO"
"""The form that is read whatever form a column has, because it cannot be mistaken; epoch milliseconds too."""


class Moment(NamedTuple):
    """When something happened."""

    day: Day
    """In the zone of the map."""
    at: int | None
    """Microseconds since 1970 UTC, to order what happened on one day; None where only a day is written."""


@dataclass(frozen=True, slots=True)
class DateForm:
    """A way of writing a day, perhaps with a time behind it."""

    name: str
    """As a map names it: d/m/Y."""
    pattern: re.Pattern[str] | None
    """None reads only what cannot be mistaken."""


@cache
def date_form(text: str) -> DateForm:
    """Return the form that a map names: ISO, epoch-ms, d/m/Y, m/d/Y, d.m.Y, d-m-Y, DD.MM.YY, ...

    Raises:
        InvalidValue: day, month and year are not all there, or something else is.
    """
    word = text.strip()
    if word.casefold() in ("iso", "epoch-ms", "yyyy-mm-dd", "y-m-d"):
        return DateForm(ANY if word.casefold() != "epoch-ms" else "epoch-ms", None)
    parts = _PARTS.findall("d-m-Y" if word == "d-m-y" else word)
    named = [part for part in parts if part in _TOKENS]
    strange = [part for part in parts if part not in _TOKENS and part.isalnum()]
    if sorted(part[0].casefold() for part in named) != ["d", "m", "y"] or strange:
        raise InvalidValue(
            f"The date form {quoted(text)} cannot be read; write ISO, epoch-ms, d/m/Y, m/d/Y, d.m.Y, d-m-Y, or a form "
            "of DD, MM and YYYY or YY like DD.MM.YYYY"
        )
    return DateForm(word, re.compile("".join(_TOKENS.get(part) or re.escape(part) for part in parts) + _TIME))


class DateReader:
    """Reads dates in one zone."""

    def __init__(self, zone: tzinfo | None) -> None:
        """Take the zone in which a day is a day; None is the machine's."""
        self._zone = zone

    def moment(self, text: str, form: DateForm | None, *, is_utc: bool = False) -> Moment:
        """Return what `text` says.

        Args:
            text: as written, without blanks around it.
            form: of its column; None where it has only what cannot be mistaken.
            is_utc: a time that names no zone is UTC.

        Raises:
            InvalidValue: unreadable in that form, no such day, or outside 1990 to 2100.
        """
        found = self._unmistakable(text, is_utc=is_utc)
        if found is None and form is not None and form.pattern is not None:
            found = self._in_form(text, form.pattern, is_utc=is_utc)
        if found is None:
            raise InvalidValue(f"{quoted(text)} is no date" + (f" of the form {form.name}" if form else ""))
        if not MIN_DAY <= found.day <= MAX_DAY:
            raise InvalidValue(f"The day {quoted(text)} lies outside 1990 to 2100")
        return found

    def fits(self, text: str, form: DateForm) -> Moment | None:
        """Return what `text` says in that form; None where it does not fit it."""
        try:
            return self.moment(text, form)
        except InvalidValue:
            return None

    def _unmistakable(self, text: str, *, is_utc: bool) -> Moment | None:
        """Read ISO, also with the year first and slashes, and milliseconds since 1970."""
        try:
            if text[4:5] == "-" == text[7:8]:
                if len(text) == 10:
                    return Moment(datetime.fromisoformat(text).toordinal() - _EPOCH, None)
                bare = text.removesuffix(" UTC").removesuffix(" GMT")
                return self._placed(datetime.fromisoformat(bare), is_utc=is_utc or bare is not text)
            if found := _MILLISECONDS.fullmatch(text):
                return self._instant(int(found[1]) * 1000)
            if found := _YEAR_FIRST.fullmatch(text):
                return self._unmistakable(f"{found[1]}-{found[3]:0>2}-{found[4]:0>2}{found[5]}", is_utc=is_utc)
        except (ValueError, OverflowError, OSError):
            return None
        return None

    def _placed(self, value: datetime, *, is_utc: bool) -> Moment:
        if value.tzinfo is None and not is_utc:
            # the day stays as written; its instant only orders it among others
            return Moment(value.toordinal() - _EPOCH, _microseconds(value.replace(tzinfo=self._zone)))
        return self._instant(_microseconds(value if value.tzinfo else value.replace(tzinfo=UTC)))

    def _instant(self, microseconds: int) -> Moment:
        local = datetime.fromtimestamp(microseconds / 1_000_000, self._zone)
        return Moment(local.toordinal() - _EPOCH, microseconds)

    def _in_form(self, text: str, pattern: re.Pattern[str], *, is_utc: bool) -> Moment | None:
        found = pattern.fullmatch(text)
        if found is None:
            return None
        parts = found.groupdict()
        year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
        try:
            day = day_of(year, int(parts["month"]), int(parts["day"]))
            if parts["hour"] is None:
                return Moment(day, None)
            hour, half = int(parts["hour"]), (parts["half"] or "").casefold()
            if half:
                if not 1 <= hour <= 12:
                    return None
                hour = hour % 12 + (12 if half == "p" else 0)
            clock = f"{hour:02}:{parts['minute']}:{parts['second'] or '00'}"
            return self._unmistakable(f"{iso(day)}T{clock}{_offset(parts['zone'])}", is_utc=is_utc)
        except ValueError:
            return None


def _offset(zone: str | None) -> str:
    return "Z" if zone in ("Z", "UTC", "GMT") else zone or ""


def _microseconds(value: datetime) -> int:
    return round(value.timestamp() * 1_000_000)


def is_year_first(text: str) -> bool:
    """Tell whether a text is a day that begins with its year, which cannot be mistaken whatever its signs are."""
    return _YEAR_FIRST.fullmatch(text) is not None
