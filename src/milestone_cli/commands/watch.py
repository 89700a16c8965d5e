"""`ms watch`: the KPIs live, redrawn when somebody records something."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from milestone_cli.options import Call
from milestone_cli.translation import translated

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day, Month
    from milestone_cli.fullscreen import FullScreen
    from milestone_cli.reports.table import Document
    from milestone_cli.store.book import Book
    from milestone_cli.store.watching import Watcher

STEPS = 10
"""So many next steps stand under the KPIs, as far as the window holds them."""
POLL_SECONDS = 0.25
"""So often it is asked whether the file has changed."""
FOOTER = "p process   r rep   ← → month   q quit"


@dataclass(frozen=True, slots=True)
class Shown:
    """What is looked at."""

    process: str
    rep: str | None
    """The key; None is the team."""
    month: Month
    follows: bool
    """The month is the running one, also when the next one begins."""


def watch(call: Call) -> None:
    """Show the KPIs of the month and the next steps, and redraw them whenever somebody records something.

    Keys: p the next process, r the next rep, left and right the month, q quit. It never writes to the file.

    Examples:
      ms watch
      ms watch --process b2b --rep anna
    """
    from milestone_cli.fullscreen import full_screen
    from milestone_cli.store.watching import Watcher

    shown = _first(call)
    with full_screen(call.terminal, "`ms kpis` shows the same once.") as screen, Watcher(call.path) as watcher:
        _watch(call, shown, watcher, screen)


def _first(call: Call) -> Shown:
    """Return what is looked at first.

    Raises:
        MsError: there is no file, process or rep of that name.
    """
    from milestone_cli.commands.chosen import chosen_processes, chosen_rep
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.domain.day import month_of

    with reading(call, keep=False) as book:
        process = chosen_processes(book, call)[0]
        rep = chosen_rep(book, call)
        return Shown(process, None if rep is None else rep.key, month_of(looked_at(call)), follows=True)


def _watch(call: Call, shown: Shown, watcher: Watcher, screen: FullScreen) -> None:
    """Draw, wait for a key or a change of the file, the day or the window, and draw again; return on q."""
    document: Document | None = None
    looked: tuple[Shown, Day] | None = None
    drawn: tuple[Shown, Day, tuple[int, int]] | None = None
    while True:
        now = _today(call)
        shown = _this_month(shown, now)
        if watcher.changed() or document is None or looked != (shown, now.today):
            document, looked, drawn = _document(now, shown), (shown, now.today), None
        if drawn != (*looked, screen.size):
            drawn = (*looked, screen.size)
            screen.draw(_text(document, call, screen), _footer(call))
        key = screen.key(POLL_SECONDS)
        if key in ("q", "Q", "\x04"):
            return
        if key is not None:
            shown = _after(key, shown, now)


def _today(call: Call) -> Call:
    """Return the call as of now: a watch may run over midnight."""
    from milestone_cli.options import clock_day

    return call if call.as_of is not None else replace(call, today=clock_day(call.settings.text("zone")))


def _this_month(shown: Shown, now: Call) -> Shown:
    from milestone_cli.commands.opening import looked_at
    from milestone_cli.domain.day import month_of

    return replace(shown, month=month_of(looked_at(now))) if shown.follows else shown


def _document(call: Call, shown: Shown) -> Document:
    """Return what is to be seen; what is wrong with the file is said in its place."""
    from milestone_cli.commands.grounds import ground
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.commands.steps import next_report
    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.period import month_period
    from milestone_cli.errors import MsError
    from milestone_cli.reports.kpis import kpis
    from milestone_cli.reports.kpis_document import kpis_document
    from milestone_cli.reports.next_document import short_table
    from milestone_cli.reports.table import Document, joined, named

    as_of = looked_at(call)
    try:
        with reading(call, keep=False, replayed=True) as book:
            rep = None if shown.rep is None else book.setup.rep(shown.rep)
            found = ground(book, shown.process, month_period(shown.month), as_of, rep=rep)
            report = kpis(found, rep)
            steps = next_report(book, found, report, STEPS) if month_of(as_of) == shown.month else None
    except MsError as error:
        return Document(before=tuple(joined((named(text),)) for text in (error.message, error.hint)))
    document = kpis_document([report], as_of, shown.rep)
    return document if steps is None else replace(document, tables=(*document.tables, short_table(steps)))


def _text(document: Document, call: Call, screen: FullScreen) -> str:
    from milestone_cli.render.screen import as_screen

    columns, lines = screen.size
    return as_screen(
        document,
        locale=call.locale.tag,
        width=columns,
        colour=call.terminal.colour,
        row_limit=max(lines, 1),
        encoding=call.terminal.encoding,
    )


def _footer(call: Call) -> str:
    from milestone_cli.render.signs import legible

    return legible(translated(FOOTER, call.locale.tag), call.terminal.encoding)


def _after(key: str, shown: Shown, call: Call) -> Shown:
    """Return what a key leads to."""
    if key in ("left", "right"):
        return replace(shown, month=shown.month + (1 if key == "right" else -1), follows=False)
    if key in ("p", "r"):
        from milestone_cli.commands.opening import reading
        from milestone_cli.errors import MsError

        try:
            with reading(call, keep=False) as book:
                return _next_process(book, shown) if key == "p" else _next_rep(book, shown, call)
        except MsError:
            return shown
    return shown


def _next_process(book: Book, shown: Shown) -> Shown:
    keys = sorted(book.setup.processes)
    place = keys.index(shown.process) + 1 if shown.process in keys else 0
    return replace(shown, process=keys[place % len(keys)])


def _next_rep(book: Book, shown: Shown, call: Call) -> Shown:
    """Return the next rep in the order of their names; after the last one the team."""
    reps = [rep.key for rep in book.setup.reps.values() if rep.active_on(call.today)]
    keys: list[str | None] = [None, *sorted(reps, key=str.casefold)]
    place = keys.index(shown.rep) + 1 if shown.rep in keys else 0
    return replace(shown, rep=keys[place % len(keys)])
