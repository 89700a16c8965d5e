"""When something happened, from the ways in which systems write it: a day, and a time where there is one.

Invariant: a column has one form. It is named by the map or found from every value of the column; what fits two forms
with different days is refused, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import NamedTuple

from milestone_cli.domain.day import MAX_DAY, MIN_DAY, Day, day_of, iso
from milestone_cli.domain.text import quoted
from milestone_cli.errors import InvalidValue, MsError
from milestone_cli.exchange.deals import DateColumn, Deals
from milestone_cli.exchange.headings import plain_heading

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


class AmbiguousDates(MsError):
    """A column of dates that fits two forms with different days."""

    code = "ambiguous_dates"

    def __init__(self, source: str, doubt: Doubt) -> None:
        readings = " or ".join(f"{iso(day)} ({form.name})" for form, day in doubt.readings)
        ways = " or ".join(f'date = "{form.name}"' for form, _day in doubt.readings)
        super().__init__(
            f"{source} line {doubt.line}: {quoted(doubt.text)} under {quoted(doubt.heading)} can be {readings}, and no "
            "other date of that column decides.",
            f"Add {ways} to the map.",
        )


@dataclass(frozen=True, slots=True)
class Doubt:
    """A date that can be read in two ways."""

    heading: str
    line: int
    text: str
    readings: tuple[tuple[DateForm, Day], ...]


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


def _candidates(text: str) -> tuple[DateForm, ...]:
    """Return the forms that can be meant by the sign between day, month and year."""
    sign = next((letter for letter in text if not letter.isdigit()), "")
    return tuple(map(date_form, _BY_SIGN.get(sign, ())))


_BY_SIGN = {"/": ("d/m/Y", "m/d/Y"), "-": ("d-m-Y", "m-d-Y"), ".": ("d.m.Y",)}


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


@dataclass(slots=True)
class ColumnForms:
    """Which forms a column of dates can be written in."""

    column: DateColumn
    filled: int = 0
    """Values that say something."""
    weighed: int = 0
    """Different days among them that need a form."""
    candidates: dict[str, DateForm] = field(default_factory=dict)
    """The forms that one of its values suggests; empty where all of them are unmistakable."""
    misfits: dict[str, int] = field(default_factory=dict)
    """How many values do not fit a form, by its name."""
    doubt: Doubt | None = None
    """A value that fits two forms with different days."""

    @property
    def fitting(self) -> list[DateForm]:
        """The forms that every value fits."""
        return [form for name, form in self.candidates.items() if not self.misfits.get(name)]

    @property
    def best(self) -> DateForm | None:
        """The form that most values fit; None where no form is needed."""
        return min(self.candidates.values(), key=lambda form: self.misfits.get(form.name, 0), default=None)

    @property
    def is_open(self) -> bool:
        """It fits two forms with different days."""
        return self.doubt is not None and len(self.fitting) > 1


def survey(deals: Deals) -> list[ColumnForms]:
    """Return, for each column of dates, the forms it can be written in."""
    reader = DateReader(UTC)
    found = [ColumnForms(column) for column in deals.columns]
    seen: list[set[str]] = [set() for _ in found]
    for text, place, line in _dates(deals):
        column = found[place]
        column.filled += 1
        if text[4:5] == "-" or text.isdigit() or text[:10] in seen[place]:
            continue
        # the same day with another time fits the same forms
        seen[place].add(text[:10])
        _weigh(column, text, line, reader)
    return found


def _weigh(column: ColumnForms, text: str, line: int, reader: DateReader) -> None:
    if _YEAR_FIRST.fullmatch(text):
        return
    for form in _candidates(text):
        if form.name not in column.candidates:
            column.candidates[form.name] = form
            column.misfits[form.name] = column.weighed
    column.weighed += 1
    readings = []
    for name, form in column.candidates.items():
        moment = reader.fits(text, form)
        if moment is None:
            column.misfits[name] = column.misfits.get(name, 0) + 1
        else:
            readings.append((form, moment.day))
    if column.doubt is None and len({day for _form, day in readings}) > 1:
        column.doubt = Doubt(column.column.heading, line, text, tuple(readings))


@dataclass(frozen=True, slots=True)
class Forms:
    """What a map says of dates."""

    given: DateForm | None = None
    """Of every column but those of `by_heading`; None finds it out."""
    by_heading: Mapping[str, DateForm] = field(default_factory=dict)
    """By plain heading."""


def settled(deals: Deals, forms: Forms) -> list[DateForm | None]:
    """Return the form of each column of dates: what the map says, else the one that the whole column fits.

    A column that nothing fits whole gets the form of most: its other values are refused one by one.

    Raises:
        AmbiguousDates: a column fits two forms with different days.
    """
    found: list[DateForm | None] = []
    for column in survey(deals):
        given = forms.by_heading.get(plain_heading(column.column.heading)) or forms.given
        if given is None and column.is_open and column.doubt is not None:
            raise AmbiguousDates(deals.sources[column.column.source], column.doubt)
        found.append(given or column.best)
    return found


class Moments:
    """Reads the dates of an export, each in the form of its column."""

    def __init__(self, deals: Deals, forms: Forms, zone: tzinfo | None) -> None:
        """Settle the forms of the columns.

        Args:
            deals: what the files say.
            forms: what the map says of dates.
            zone: where a day is a day; None is the machine's.
        """
        self._reader = DateReader(zone)
        self._forms = [(form, column.is_utc) for form, column in zip(settled(deals, forms), deals.columns, strict=True)]
        self._last: tuple[str, int] = "", -1
        self._moment = Moment(0, None)

    def of(self, text: str, column: int) -> Moment:
        """Return what a date in that column says.

        Raises:
            InvalidValue: it does not fit the form of its column.
        """
        # one row often says several things of one moment
        if self._last != (text, column):
            form, is_utc = self._forms[column]
            self._moment = self._reader.moment(text, form, is_utc=is_utc)
            self._last = text, column
        return self._moment


def _dates(deals: Deals) -> Iterator[tuple[str, int, int]]:
    """Yield every date with its column and line."""
    for deal in deals.by_id.values():
        if deal.created:
            yield deal.created, deal.created_column, deal.line
        if deal.closed:
            yield deal.closed, deal.closed_column, deal.line
        for change in deal.changes:
            if change.time:
                yield change.time, change.column, change.line
