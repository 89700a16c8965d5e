"""The neutral table: what a report says, before any writer decides how it looks.

Invariant: a cell is a value (minor units, a day number, a share), never text made for a reader; and no writer adds or
leaves out a cell of its own accord but the screen, which says so. What a screen shows another way is a `View`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from milestone_cli.domain.money import Currency

NOTHING = "Nothing to list."


class CellKind(StrEnum):
    """What the values of a column are; None is allowed in each."""

    TEXT = "text"
    """Text a person typed, shown as it is, or a `Sentence` in its place; may wrap."""
    WORD = "word"
    """A `Line`: the program's own words, which readers see in their language and programs in English; may wrap."""
    NAME = "name"
    """A name a person typed, or a `Sentence` in its place: never trusted, never wrapped."""
    COUNT = "count"
    """An int."""
    NUMBER = "number"
    """A float."""
    MONEY = "money"
    """An int of minor units in the table's currency, or a `Money` in its own."""
    ABOUT = "about"
    """Money that is computed or estimated: readers see whole units of the currency, programs all of it."""
    RATE = "rate"
    """A share as a float: 0.43 reads 43 %."""
    DAY = "day"
    """An int, days since 1970-01-01."""
    MONTH = "month"
    """An int, year * 12 + month - 1; or a tuple of two, the first and the last one."""
    LAMP = "lamp"
    """A `Lamp`."""
    SPARK = "spark"
    """A tuple of ints, oldest first; minor units if the table has a currency."""
    FAN = "fan"
    """A `Fan`; drawn as wide as there is room."""
    BAR = "bar"
    """A share as a float, drawn from 0 to 1 as wide as there is room."""
    FIGURES = "figures"
    """A `Sentence` around values, which a screen puts under one another; never wrapped: 88 % of 200.000 €."""
    BOOL = "bool"
    """True or False."""


@dataclass(frozen=True, slots=True)
class Money:
    """A sum that names its own currency, for tables that mix several."""

    minor: int
    """Minor units."""
    currency: Currency


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """A forecast on a scale that begins at 0; ints, minor units if the table has a currency."""

    p10: int
    p50: int
    p90: int
    end: int
    """Where the scale ends; what lies beyond is drawn there."""
    outer: tuple[int, int] | None = None
    """P05 and P95."""
    came: int | None = None
    """What came."""
    target: int | None = None
    """What is wanted."""

    @property
    def series(self) -> tuple[int, ...]:
        """What it holds, for a program."""
        found = (*(self.outer or ()), self.p10, self.p50, self.p90, self.came, self.target, self.end)
        return tuple(value for value in found if value is not None)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    key: str
    """Header in csv and tsv; snake_case."""
    title: Line
    """Header for readers."""
    kind: CellKind
    importance: int = 1
    """1 is always shown; the higher, the sooner a narrow screen drops the column."""
    digits: int = 0
    """Decimals that a reader sees of a NUMBER or of the percent of a RATE."""
    group: str = ""
    """Columns of one group are shown together or not at all: a rate never without its interval."""
    whole: bool = False
    """A NAME that is typed again, a key: other columns make room before it is cut."""
    legend: Line = ""
    """How to read it; a screen says so under the table as long as the column is there."""
    folds: bool = False
    """Where it has no room it follows under the table, beside the first columns, and is not dropped."""


@dataclass(frozen=True, slots=True)
class View:
    """The rows of a table as a terminal shows them: what belongs together in one cell, and figures drawn.

    Files and pipes hold the table itself, so nothing may be said here that it does not say.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells under typed columns."""

    title: Line
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    currency: Currency | None = None
    """Of every MONEY, SPARK and FAN cell that does not bring its own."""
    notes: tuple[Line, ...] = ()
    """Remarks under the table, for readers."""
    total_rows: int | None = None
    """How many rows there are if the report left some out; None if it left out none."""
    name: Line = ""
    """A short name where its place has little room, as on a sheet; empty means the title."""
    empty: Line = NOTHING
    """What a reader sees in place of no rows."""
    view: View | None = None
    """How a terminal shows the rows; None where it shows them as they are."""

    def __post_init__(self) -> None:
        """Refuse a row that does not fit its columns: that is a defect of the report."""
        _refuse_misfits(self.title, self.columns, self.rows)
        if self.view is not None:
            _refuse_misfits(self.title, self.view.columns, self.view.rows)
            rows = len(self.view.rows)
            if rows != len(self.rows):
                raise ValueError(f"the view of table {self.title!r} has {rows} rows, not {len(self.rows)}")

    @property
    def viewed(self) -> Table:
        """The table with the columns and rows that a terminal shows."""
        return self if self.view is None else replace(self, columns=self.view.columns, rows=self.view.rows, view=None)

    @property
    def left_out(self) -> int:
        """How many rows the report left out."""
        return 0 if self.total_rows is None else max(0, self.total_rows - len(self.rows))


def _refuse_misfits(title: Line, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
    wanted = len(columns)
    for position, row in enumerate(rows):
        if len(row) != wanted:
            raise ValueError(f"row {position} of table {title!r} has {len(row)} cells, not {wanted}")


@dataclass(frozen=True, slots=True)
class Value:
    """A value inside a sentence, shown as a cell of its kind would be."""

    cell: Cell
    kind: CellKind
    currency: Currency | None = None
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Sentence:
    """A line with values in it, so that money, days and names read as in the tables beside it.

    `Sentence("{} moved to {}", (Value("acme", NAME), Value(3, COUNT)))`
    """

    template: str
    """In the form of `str.format`; the program's own words, under which a catalog has their translation."""
    values: tuple[Part, ...] = ()
    context: str = ""
    """What is meant, where the same English words mean two things."""


@dataclass(frozen=True, slots=True)
class Plural:
    """A sentence that reads differently of one thing and of several.

    `Plural("{} row", "{} rows", 3, (Value(3, COUNT),))`
    """

    one: str
    many: str
    count: int
    """How many things: it chooses the template and is itself no value."""
    values: tuple[Part, ...] = ()


Line = str | Sentence | Plural
"""The program's own words: a `str` is a sentence without values, so nothing that was typed may be in it."""
Part = Value | Line
"""What stands in the place of a `{}`: a value, or words that are translated by themselves."""
Cell = str | int | float | bool | tuple[int, ...] | Money | Fan | Sentence | Plural | None


def joined(parts: Sequence[Part], between: str = " · ") -> Sentence:
    """Return the parts one after the other: a title, or a list within a sentence."""
    return Sentence(between.join("{}" for _ in parts), tuple(parts))


def and_more(shown: Part, more: int) -> Part:
    """Return a list of which so many are not named."""
    return Sentence("{} and {} more", (shown, counted(more))) if more > 0 else shown


def in_english(line: Line) -> str:
    """Return a line for a program; the parts of it are words, texts and whole numbers."""
    if isinstance(line, str):
        return line
    template = line.template if isinstance(line, Sentence) else line.one if line.count == 1 else line.many
    return template.format(*(part.cell if isinstance(part, Value) else in_english(part) for part in line.values))


def whose(rep: str | None) -> Part:
    """Return whose figures a table shows: a rep's, by their key, or the team's."""
    return "team" if rep is None else named(rep)


def several(fewest: int, most: int) -> Part:
    """Return a span of whole numbers, or the one number it is."""
    return counted(most) if fewest == most else Sentence("{} to {}", (counted(fewest), counted(most)))


def named(text: str) -> Value:
    """Return something typed (a name, a key, a command), which is no word to translate."""
    return Value(text, CellKind.NAME)


def month_word(month: int) -> Line:
    """Return a month where words stand: in the head of a column, or beside a quarter; programs read 2026-11."""
    return joined((Value(month, CellKind.MONTH),))


def the_month(line: Line) -> int | None:
    """Return the month that is all a line says; None if it says anything else."""
    match line:
        case Sentence(template="{}", values=(Value(cell=int(month), kind=CellKind.MONTH),)):
            return month
        case _:
            return None


def counted(number: int) -> Value:
    """Return a whole number within a sentence."""
    return Value(number, CellKind.COUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """All that one command has to say."""

    tables: tuple[Table, ...] = ()
    before: tuple[Line, ...] = ()
    """Lines for readers ahead of the tables."""
    after: tuple[Line, ...] = ()
    """Lines for readers behind them."""
    json: Mapping[str, object] = field(default_factory=dict)
    """The whole object the JSON contract promises: plain values, money as strings."""
    items: Sequence[object] | None = None
    """A list of such objects in its place, where one command recorded several."""
