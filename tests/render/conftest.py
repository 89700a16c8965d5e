"""Documents that every writer is tried on."""

import pytest

from milestone_cli.domain.day import day_of
from milestone_cli.domain.lamps import Lamp
from milestone_cli.domain.money import Currency
from milestone_cli.reports.table import CellKind, Column, Document, Money, Sentence, Table, Value

EUR = Currency("EUR", 2)
JPY = Currency("JPY", 0)

HOSTILE = (
    "[red]x[/red]",
    "[link=http://x]click[/link]",
    "Acme [/]",
    "\x1b]8;;http://x\x1b\\click\x1b]8;;\x1b\\",
    "\x1b[31mred\x1b[0m \x9b31m \x00\x7f",
    "abc\u202edef",
    "zero\u200bwidth",
    "rocket \U0001f680 :smile:",
    "Cafe\u0301",
    "=HYPERLINK(1)",
    "'=1+1",
    "'t Hooft",
    "<script>alert(1)</script> &amp;",
    "a|b",
    "two\nlines",
    "a\ttab",
    'quoted "x", comma',
    "**bold** _it_ `code` [x](http://x)",
    "lone \udc80 surrogate",
)

COLUMNS = (
    Column("key", "Key", CellKind.TEXT),
    Column("customer", "Customer", CellKind.NAME),
    Column("milestone", "At", CellKind.COUNT),
    Column("value", "Value", CellKind.MONEY),
    Column("rate", "Rate to next", CellKind.RATE, importance=2),
    Column("per_week", "Per week", CellKind.NUMBER, importance=4, digits=1),
    Column("reached_on", "Reached on", CellKind.DAY, importance=3),
    Column("feeds", "Feeds", CellKind.MONTH, importance=6),
    Column("trend", "Trend", CellKind.SPARK, importance=7),
    Column("implied", "Implied", CellKind.BOOL, importance=5),
    Column("lamp", "Lamp", CellKind.LAMP),
)


def hostile_row(position: int, name: str) -> tuple:
    lamp = list(Lamp)[position % 4]
    day = day_of(2026, 11, 1 + position)
    trend = (0, 100_00, 50_00 * position)
    return (
        f"c-{position}",
        name,
        position,
        123_456_00 * position,
        0.43,
        1 / 3,
        day,
        2027 * 12 + 8,
        trend,
        position % 2 == 0,
        lamp,
    )


@pytest.fixture
def hostile() -> Document:
    rows = [hostile_row(position, name) for position, name in enumerate(HOSTILE)]
    rows.append(("nothing", *[None] * (len(COLUMNS) - 2), Lamp.GREY))
    table = Table(title="Names [bold]", columns=COLUMNS, rows=tuple(rows), currency=EUR, notes=("A note on <b>.",))
    worth = Sentence("{} is worth {}.", (Value("[red]x[/red]", CellKind.NAME), Value(100, CellKind.MONEY, EUR)))
    names = [{"customer": name} for name in HOSTILE]
    return Document(tables=(table,), before=("Before [b].",), after=(worth,), json={"opportunities": names})


@pytest.fixture
def two_currencies() -> Document:
    columns = (Column("process", "Process", CellKind.NAME), Column("value", "Value", CellKind.MONEY))
    euro = Table(title="Euro", columns=columns, rows=(("b2b", 100_000_50),), currency=EUR)
    mixed = Table(
        title="=Mixed",
        columns=columns,
        rows=(("tokyo", 1_600_000), ("b2b", Money(160_000_000, EUR)), ("none", None)),
        currency=JPY,
    )
    return Document(tables=(euro, mixed))


@pytest.fixture
def empty() -> Document:
    return Document(tables=(Table(title="Opportunities", columns=COLUMNS[:2], rows=()),), json={"opportunities": []})
