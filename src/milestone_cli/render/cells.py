"""The two notations of a value: `shown` for readers in their locale, `plain` for programs.

Invariant: both say the same value, and neither lets a control character through.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import zip_longest
from typing import assert_never

from milestone_cli import localization
from milestone_cli.domain import day, money
from milestone_cli.domain.lamps import Lamp
from milestone_cli.domain.money import Currency
from milestone_cli.domain.text import visible
from milestone_cli.render.drawings import BAR_WIDTHS, FAN_WIDTHS, bar, fan, spark
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Fan,
    Line,
    Money,
    Part,
    Plural,
    Sentence,
    Table,
    Value,
    counted,
)
from milestone_cli.translation import translated, translated_plural

NONE_SHOWN = "-"
"""What a reader sees where there is no value."""
LAMPS = {Lamp.GREEN: "● green", Lamp.AMBER: "▲ amber", Lamp.RED: "■ red", Lamp.GREY: "○ grey"}
"""Shape and word, so that the lamp is never told by colour alone."""
DECIMALS = 4
"""So many decimals a program reads of a number, unless readers see more."""
RIGHT_ALIGNED = frozenset(
    {CellKind.COUNT, CellKind.NUMBER, CellKind.MONEY, CellKind.ABOUT, CellKind.RATE, CellKind.FIGURES}
)
DRAWN = frozenset({CellKind.BAR, CellKind.FAN})
"""What is drawn as wide as there is room."""
WORDS = frozenset({CellKind.TEXT, CellKind.WORD})
"""What may wrap."""
UNTRUSTED = WORDS | {CellKind.NAME}

_BREAKS = re.compile(r"[\t\r\n]+")


def shown(  # noqa: C901, PLR0911, PLR0912 - one case a kind
    cell: Cell, kind: CellKind, locale: str, *, currency: Currency | None = None, digits: int = 0
) -> str:
    """Return `cell` on one line, as a reader of `locale` expects it."""
    if cell is None:
        return NONE_SHOWN
    match kind:
        case CellKind.WORD | CellKind.FIGURES:
            return one_line(shown_line(_line(cell), locale))
        case CellKind.TEXT | CellKind.NAME:
            return one_line(shown_line(cell, locale) if isinstance(cell, Sentence | Plural) else str(cell))
        case CellKind.COUNT:
            return localization.format_number(_whole(cell), locale)
        case CellKind.NUMBER:
            return localization.format_number(_number(cell), locale, digits)
        case CellKind.MONEY:
            return localization.format_money(*_money(cell, currency), locale)
        case CellKind.ABOUT:
            return localization.format_money(*_whole_units(*_money(cell, currency)), locale)
        case CellKind.RATE:
            return localization.format_percent(_number(cell), locale, digits)
        case CellKind.DAY:
            return localization.format_day(_whole(cell), locale)
        case CellKind.MONTH:
            return _shown_month(cell, locale)
        case CellKind.LAMP:
            return translated(LAMPS[Lamp(str(cell))], locale)
        case CellKind.SPARK:
            return spark(_series(cell))
        case CellKind.FAN:
            return fan(_fan(cell), FAN_WIDTHS[1])
        case CellKind.BAR:
            return bar(_number(cell), BAR_WIDTHS[1])
        case CellKind.BOOL:
            return translated("yes", locale) if cell else translated("no", locale)
        case _:
            assert_never(kind)


def plain(  # noqa: C901, PLR0911 - one case a kind
    cell: Cell, kind: CellKind, *, currency: Currency | None = None, digits: int = 0
) -> str:
    """Return `cell` as a program reads it: decimal point, ISO days, shares up to four digits, empty for None.

    Where a reader sees more digits than that, so does a program.
    """
    if cell is None:
        return ""
    match kind:
        case CellKind.WORD | CellKind.FIGURES:
            return plain_line(_line(cell))
        case CellKind.TEXT | CellKind.NAME:
            return plain_line(cell) if isinstance(cell, Sentence | Plural) else str(cell)
        case CellKind.COUNT:
            return str(_whole(cell))
        case CellKind.NUMBER | CellKind.RATE | CellKind.BAR:
            return decimal(_number(cell), digits if kind is CellKind.NUMBER else digits + 2)
        case CellKind.MONEY | CellKind.ABOUT:
            return money.plain(*_money(cell, currency))
        case CellKind.DAY:
            return day.iso(_whole(cell))
        case CellKind.MONTH:
            return "..".join(map(day.month_label, cell if isinstance(cell, tuple) else (_whole(cell),)))
        case CellKind.LAMP:
            return Lamp(str(cell)).value
        case CellKind.SPARK | CellKind.FAN:
            series = _fan(cell).series if kind is CellKind.FAN else _series(cell)
            return " ".join(str(x) if currency is None else money.plain(x, currency) for x in series)
        case CellKind.BOOL:
            return "true" if cell else "false"
        case _:
            assert_never(kind)


def shown_row(row: tuple[Cell, ...], table: Table, locale: str) -> list[str]:
    """Return one row of `table` for a reader."""
    return [
        shown(cell, column.kind, locale, currency=table.currency, digits=column.digits)
        for cell, column in zip(row, table.columns, strict=True)
    ]


def drawn(cell: Cell, kind: CellKind, width: int) -> str:
    """Return a drawing of at most `width` columns, empty where there is no value."""
    if cell is None:
        return ""
    return bar(_number(cell), width) if kind is CellKind.BAR else fan(_fan(cell), width)


def shown_figures(cells: Sequence[Cell], locale: str) -> list[str]:
    """Return the sentences of a column with their first, second ... values under one another."""
    values = [[_part(part, locale) for part in cell.values] if isinstance(cell, Sentence) else [] for cell in cells]
    widths = [max(map(len, column)) for column in zip_longest(*values, fillvalue="")]
    found = [_figures(cell, texts, widths, locale) for cell, texts in zip(cells, values, strict=True)]
    longest = max(map(len, found), default=0)
    return [text.ljust(longest) if texts else text for text, texts in zip(found, values, strict=True)]


def _figures(cell: Cell, texts: Sequence[str], widths: Sequence[int], locale: str) -> str:
    if not isinstance(cell, Sentence):
        return shown(cell, CellKind.FIGURES, locale)
    padded = (text.rjust(width) for text, width in zip(texts, widths, strict=False))
    return translated(cell.template, locale, cell.context).format(*padded)


def shown_line(line: Line, locale: str) -> str:
    """Return a remark for a reader in their language, its values in the notation of the tables."""
    match line:
        case str():
            return visible(translated(line, locale))
        case Sentence():
            template = translated(line.template, locale, line.context)
        case Plural():
            template = translated_plural(line.one, line.many, line.count, locale)
        case _:
            assert_never(line)
    return template.format(*(_part(part, locale) for part in line.values))


def plain_line(line: Line) -> str:
    """Return a line for a program: in English, its months as 2026-11."""
    return shown_line(_with_plain_months(line), localization.ENGLISH)


def _with_plain_months(line: Line) -> Line:
    return line if isinstance(line, str) else replace(line, values=tuple(map(_with_plain_month, line.values)))


def _with_plain_month(part: Part) -> Part:
    if not isinstance(part, Value):
        return _with_plain_months(part)
    return Value(plain(part.cell, part.kind), CellKind.NAME) if part.kind is CellKind.MONTH else part


def _shown_month(cell: Cell, locale: str) -> str:
    if not isinstance(cell, tuple):
        return localization.format_month(_whole(cell), locale)
    first, last = (localization.format_month(month, locale) for month in cell)
    return translated("{} to {}", locale).format(first, last)


def _part(part: Part, locale: str) -> str:
    if isinstance(part, Value):
        return shown(part.cell, part.kind, locale, currency=part.currency, digits=part.digits)
    return shown_line(part, locale)


def shown_title(titled: Column | Table, locale: str) -> str:
    """Return the header of a column, or the title of a table, that a reader sees."""
    return one_line(shown_line(titled.title, locale))


def left_out_line(table: Table) -> Line:
    """Return how many rows the report left out, where no screen does."""
    return Plural(
        "{} more row is not listed.", "{} more rows are not listed.", table.left_out, (counted(table.left_out),)
    )


def one_line(text: str) -> str:
    """Return `text` with breaks and tabs as one blank and every other hidden character made visible.

    >>> one_line("two" + chr(10) + "lines")
    'two lines'
    """
    return visible(_BREAKS.sub(" ", text))


def decimal(number: float, digits: int = 0) -> str:
    """Return `number` with up to four decimals, or `digits` if these are more, and no more than needed.

    >>> decimal(0.43), decimal(40.0), decimal(1 / 3), decimal(1 / 3, 6)
    ('0.43', '40', '0.3333', '0.333333')
    """
    if not math.isfinite(number):
        raise ValueError(f"{number} is no figure to show")
    text = f"{number:.{max(digits, DECIMALS)}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _line(cell: Cell) -> Line:
    if not isinstance(cell, str | Sentence | Plural):
        raise TypeError(f"{cell!r} is no line")
    return cell


def _whole(cell: Cell) -> int:
    if not isinstance(cell, int):
        raise TypeError(f"{cell!r} is not a whole number")
    return cell


def _number(cell: Cell) -> float:
    if not isinstance(cell, int | float):
        raise TypeError(f"{cell!r} is not a number")
    return cell


def _money(cell: Cell, currency: Currency | None) -> tuple[int, Currency]:
    if isinstance(cell, Money):
        return cell.minor, cell.currency
    if currency is None:
        raise TypeError(f"{cell!r} is money without a currency")
    return _whole(cell), currency


def _whole_units(minor: int, currency: Currency) -> tuple[int, Currency]:
    """Return an amount rounded half up to whole units of its currency."""
    unit: int = 10**currency.digits
    return money.half_up(Fraction(minor, unit)) * unit, currency


def _fan(cell: Cell) -> Fan:
    if not isinstance(cell, Fan):
        raise TypeError(f"{cell!r} is no fan")
    return cell


def _series(cell: Cell) -> tuple[int, ...]:
    if not isinstance(cell, tuple):
        raise TypeError(f"{cell!r} is not a series")
    return cell
