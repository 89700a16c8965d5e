"""The neutral table: what a report says, before any writer decides how it looks.

Invariant: a cell is a value (minor units, a day number, a share), never text made for a reader; and no writer adds or
leaves out a cell of its own accord but the screen, which says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from milestone_cli.domain.money import Currency

NOTHING = "Nothing to list."


class CellKind(StrEnum):
    """What the values of a column are; None is allowed in each."""

    TEXT = "text"
    """Words; may wrap."""
    NAME = "name"
    """A name a person typed: never trusted, never wrapped."""
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
    """An int, year * 12 + month - 1."""
    LAMP = "lamp"
    """A `Lamp`."""
    SPARK = "spark"
    """A tuple of ints, oldest first; minor units if the table has a currency."""
    FAN = "fan"
    """Seven ints: P05, P10, P50, P90, P95, what came, and the end of a scale that begins at 0."""
    BOOL = "bool"
    """True or False."""


@dataclass(frozen=True, slots=True)
class Money:
    """A sum that names its own currency, for tables that mix several."""

    minor: int
    """Minor units."""
    currency: Currency


Cell = str | int | float | bool | tuple[int, ...] | Money | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    key: str
    """Header in csv and tsv; snake_case."""
    title: str
    """Header for readers."""
    kind: CellKind
    importance: int = 1
    """1 is always shown; the higher, the sooner a narrow screen drops the column."""
    digits: int = 0
    """Decimals that a reader sees of a NUMBER or of the percent of a RATE."""
    group: str = ""
    """Columns of one group are shown together or not at all: a rate never without its interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells under typed columns."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    currency: Currency | None = None
    """Of every MONEY, SPARK and FAN cell that does not bring its own."""
    notes: tuple[Line, ...] = ()
    """Remarks under the table, for readers."""
    total_rows: int | None = None
    """How many rows there are if the report left some out; None if it left out none."""
    name: str = ""
    """A short name where its place has little room, as on a sheet; empty means the title."""
    empty: str = NOTHING
    """What a reader sees in place of no rows."""

    def __post_init__(self) -> None:
        """Refuse a row that does not fit its columns: that is a defect of the report."""
        wanted = len(self.columns)
        for position, row in enumerate(self.rows):
            if len(row) != wanted:
                raise ValueError(f"row {position} of table {self.title!r} has {len(row)} cells, not {wanted}")

    @property
    def left_out(self) -> int:
        """How many rows the report left out."""
        return 0 if self.total_rows is None else max(0, self.total_rows - len(self.rows))


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
    """In the form of `str.format`; the report's own words."""
    values: tuple[Value, ...] = ()


Line = str | Sentence


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
