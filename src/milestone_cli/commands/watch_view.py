"""What `ms watch` shows in a window: the lamps, the gap in focus, the next steps, and how to see the rest.

Invariant: what has no room is said to be there, and scrolling reaches it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from milestone_cli.reports.table import Document, Plural, counted, joined, named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from milestone_cli.commands.watch import Shown
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.period import Period
    from milestone_cli.domain.setup import Rep
    from milestone_cli.options import Call
    from milestone_cli.reports.kpis import Ground, KpisReport
    from milestone_cli.reports.next_steps import NextReport
    from milestone_cli.reports.table import Line
    from milestone_cli.store.book import Book

STEPS = 10
"""So many next steps stand under the KPIs."""
NARROWEST = 40
"""Columns that a row needs."""
ROWS = 1000
"""More than a document here has."""


def view(call: Call, shown: Shown) -> Document:
    """Return what is to be seen; what is wrong with the file is said in its place.

    Where steps follow, remarks stand back: the gap is told above the steps, and `ms kpis` tells the rest.
    """
    from milestone_cli.commands.grounds import ground
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.errors import MsError
    from milestone_cli.reports.kpis import kpis
    from milestone_cli.reports.kpis_document import kpis_document
    from milestone_cli.reports.next_document import act, short_table

    as_of = looked_at(call)
    try:
        with reading(call, keep=False, replayed=True) as book:
            rep = None if shown.rep is None else book.setup.rep(shown.rep)
            found = ground(book, shown.process, shown.period, as_of, rep=rep)
            report = kpis(found, rep)
            steps = _steps(book, found, report, rep) if shown.period.start <= as_of <= shown.period.end else None
    except MsError as error:
        return Document(before=tuple(joined((named(text),)) for text in (error.message, error.hint)))
    document = kpis_document([report], as_of, shown.rep)
    if steps is None:
        return document
    lamps = (replace(table, notes=()) for table in document.tables)
    return replace(document, tables=(*lamps, replace(short_table(steps), title=act(steps))))


def _steps(book: Book, found: Ground, report: KpisReport, rep: Rep | None) -> NextReport:
    """Return the next steps, which stand on the running month whatever period is looked at."""
    from milestone_cli.commands.grounds import ground
    from milestone_cli.commands.steps import next_report
    from milestone_cli.domain.period import PeriodKind
    from milestone_cli.reports.kpis import kpis

    if found.period.kind is not PeriodKind.MONTH:
        found = ground(book, report.process, _month_at(found.as_of), found.as_of, rep=rep)
        report = kpis(found, rep)
    return next_report(book, found, report, STEPS)


def _month_at(day: Day) -> Period:
    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.period import month_period

    return month_period(month_of(day))


def written(document: Document, call: Call, columns: int) -> list[str]:
    """Return a document in lines of a window so wide."""
    from milestone_cli.render.screen import as_screen, wrapped
    from milestone_cli.translation import translated

    if columns < NARROWEST:
        told = translated("This window is too narrow to show figures in; it needs 40 columns.", call.locale.tag)
        return wrapped(told, columns)
    text = as_screen(
        document,
        locale=call.locale.tag,
        width=columns,
        colour=call.terminal.colour,
        row_limit=ROWS,
        encoding=call.terminal.encoding,
        left_out=False,
    )
    return text.splitlines()


def seen(text: Sequence[str], top: int, size: tuple[int, int], call: Call) -> tuple[list[str], int]:
    """Return the lines that a window shows from line `top` on, or as far down as there is any, and where they begin.

    Where not all of them have room the last one says how many follow.
    """
    room = size[1] - 1
    if len(text) <= room:
        return list(text), 0
    top = min(top, len(text) - room + 1)
    below = len(text) - top - room + 1
    return [*text[top : top + room - 1], _say(_more(below), call)], top


def _more(below: int) -> Line:
    if not below:
        return joined(("The end; k or up leads back.",))
    return Plural(
        "{} more line: j or down; `ms next` lists all.",
        "{} more lines: j or down; `ms next` lists all.",
        below,
        (counted(below),),
    )


def footer(words: str, call: Call) -> str:
    """Return the line that tells the keys."""
    return _say(words, call)


def _say(line: Line, call: Call) -> str:
    from milestone_cli.render.cells import shown_line
    from milestone_cli.render.signs import legible

    return legible(shown_line(line, call.locale.tag), call.terminal.encoding)
