"""`ms watch`: the KPIs live, redrawn when somebody records something."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import typer

from milestone_cli.errors import ExitCode, UsageError
from milestone_cli.options import Call
from milestone_cli.render.output import Format

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.period import Period
    from milestone_cli.fullscreen import FullScreen
    from milestone_cli.store.book import Book
    from milestone_cli.store.watching import Watcher

POLL_SECONDS = 0.25
"""So often it is asked whether the file has changed."""
FOOTER = "p process  r rep  t span  ← → period  j k scroll  q quit"
INSTEAD = "`ms kpis` shows the same once."
_QUIT = frozenset({"q", "Q", "\x04"})


@dataclass(frozen=True, slots=True)
class Shown:
    """What is looked at."""

    process: str
    rep: str | None
    """The key; None is the team."""
    period: Period
    follows: bool
    """The period is the running one, also when the next one begins."""


def watch(call: Call) -> None:
    """Show the KPIs of the month and the next steps, and redraw them whenever somebody records something.

    Keys: p the next process, r the next rep, t month, quarter or year, left and right the period, j and k or up and
    down scroll, q quit. It never writes to the file.

    Examples:
      ms watch
      ms watch --process b2b --rep anna
    """
    from milestone_cli.fullscreen import full_screen
    from milestone_cli.store.watching import Watcher

    if call.format_asked and (call.format is not Format.TABLE or call.output is not None):
        raise UsageError("`ms watch` fills a terminal; it has no other format and writes no file.", INSTEAD)
    try:
        shown = _first(call)
        with full_screen(call.terminal, INSTEAD) as screen, Watcher(call.path) as watcher:
            _watch(call, shown, watcher, screen)
    except KeyboardInterrupt:  # a way out as good as q: nothing was to be recorded
        raise typer.Exit(ExitCode.INTERRUPTED) from None


def _first(call: Call) -> Shown:
    """Return what is looked at first.

    Raises:
        MsError: there is no file, process or rep of that name.
    """
    from milestone_cli.commands.chosen import chosen_processes, chosen_rep
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.period import month_period

    with reading(call, keep=False) as book:
        process = chosen_processes(book, call)[0]
        rep = chosen_rep(book, call)
        month = month_period(month_of(looked_at(call)))
        return Shown(process, None if rep is None else rep.key, month, follows=True)


def _watch(call: Call, shown: Shown, watcher: Watcher, screen: FullScreen) -> None:
    """Draw, wait for keys or a change of the file, the day or the window, and draw again; return on q."""
    from milestone_cli.commands.watch_view import footer, seen, view, written

    text: list[str] = []
    looked: tuple[Shown, Day, int] | None = None
    drawn: tuple[tuple[int, int], int] | None = None
    top = 0
    while True:
        now = _today(call)
        shown = _this_period(shown, now)
        size = screen.size
        if watcher.changed() or looked != (shown, now.today, size[0]):
            text = written(view(now, shown), call, size[0])
            looked, drawn = (shown, now.today, size[0]), None
        lines, top = seen(text, top, size, call)
        if drawn != (size, top):
            drawn = (size, top)
            screen.draw(lines, footer(FOOTER, call))
        for key in screen.keys(POLL_SECONDS):
            if key in _QUIT:
                return
            before = shown
            shown = _after(key, shown, now)
            top = max(0, top + _scrolled(key, size[1])) if shown == before else 0


def _today(call: Call) -> Call:
    """Return the call as of now: a watch may run over midnight."""
    from milestone_cli.options import clock_day

    return call if call.as_of is not None else replace(call, today=clock_day(call.settings.text("zone")))


def _this_period(shown: Shown, now: Call) -> Shown:
    from milestone_cli.commands.opening import looked_at

    return replace(shown, period=_running(shown.period, looked_at(now))) if shown.follows else shown


def _running(like: Period, as_of: Day) -> Period:
    """Return the running period of the kind that `like` is."""
    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.period import PeriodKind, month_period, quarter_at, year_period

    month = month_of(as_of)
    if like.kind is PeriodKind.YEAR:
        return year_period(month // 12)
    return quarter_at(month) if like.kind is PeriodKind.QUARTER else month_period(month)


def _scrolled(key: str, lines: int) -> int:
    """Return by how many lines a key scrolls."""
    return {"j": 1, "down": 1, "k": -1, "up": -1, "page down": lines - 2, " ": lines - 2, "page up": 2 - lines}.get(
        key, 0
    )


def _after(key: str, shown: Shown, call: Call) -> Shown:
    """Return what a key leads to."""
    if key in ("left", "right"):
        return replace(shown, period=shown.period.shifted(1 if key == "right" else -1), follows=False)
    if key == "t":
        return _next_span(shown, call)
    if key in ("p", "r"):
        from milestone_cli.commands.opening import reading
        from milestone_cli.errors import MsError

        try:
            with reading(call, keep=False) as book:
                return _next_process(book, shown) if key == "p" else _next_rep(book, shown, call)
        except MsError:
            return shown
    return shown


def _next_span(shown: Shown, call: Call) -> Shown:
    """Return the running quarter after a month, the running year after a quarter, and the running month after that."""
    from milestone_cli.commands.opening import looked_at
    from milestone_cli.domain.day import month_of
    from milestone_cli.domain.period import PeriodKind, month_period, quarter_at, year_period

    month = month_of(looked_at(call))
    if shown.period.kind is PeriodKind.MONTH:
        return replace(shown, period=quarter_at(month), follows=True)
    year = shown.period.kind is PeriodKind.QUARTER
    return replace(shown, period=year_period(month // 12) if year else month_period(month), follows=True)


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
