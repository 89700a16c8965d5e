"""When something happened, read from columns of dates: each has one form.

Invariant: the form is named by the map or found from every value of the column; what fits two forms with different
days is refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.text import quoted
from milestone_cli.errors import MsError
from milestone_cli.exchange.date_forms import DateForm, DateReader, Moment, date_form, is_year_first
from milestone_cli.exchange.deals import DateColumn, Deals
from milestone_cli.exchange.headings import plain_heading

_BY_SIGN = {"/": ("d/m/Y", "m/d/Y"), "-": ("d-m-Y", "m-d-Y"), ".": ("d.m.Y",)}
"""The forms that can be meant by the sign between day, month and year."""


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


def _candidates(text: str) -> tuple[DateForm, ...]:
    """Return the forms that can be meant by the sign between day, month and year."""
    sign = next((letter for letter in text if not letter.isdigit()), "")
    return tuple(map(date_form, _BY_SIGN.get(sign, ())))


@dataclass(slots=True)
class ColumnForms:
    """Which forms a column of dates can be written in."""

    column: DateColumn
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
        if text[4:5] == "-" or text.isdigit() or text[:10] in seen[place]:
            continue
        # the same day with another time fits the same forms
        seen[place].add(text[:10])
        _weigh(column, text, line, reader)
    return found


def _weigh(column: ColumnForms, text: str, line: int, reader: DateReader) -> None:
    if is_year_first(text):
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
