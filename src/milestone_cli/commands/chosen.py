"""Whom and what a looking command is about: the processes and the rep that its options choose."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from milestone_cli.errors import InvalidValue, ProcessNeeded, UsageError

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.setup import Rep
    from milestone_cli.options import Call
    from milestone_cli.store.book import Book


class By(StrEnum):
    """What `--by` splits a result by."""

    REP = "rep"


def chosen_processes(book: Book, call: Call) -> list[str]:
    """Return the keys of the processes to show: the one asked for, else all."""
    if call.process is not None:
        return [book.setup.process(call.process).key]
    if not book.setup.processes:
        raise ProcessNeeded(())
    return sorted(book.setup.processes)


def chosen_rep(book: Book, call: Call, by: StrEnum | None = None) -> Rep | None:
    """Return the rep asked for; None is the team, which alone can be split `by` something."""
    rep = None if call.rep is None else book.setup.rep(call.rep)
    if rep is not None and by is not None:
        raise UsageError(
            f"--by {by} splits the team; it cannot go with one rep.", "Leave out one of them, or add --team."
        )
    return rep


def day_before(call: Call, text: str, as_of: Day) -> Day:
    """Return the day of --since, counted from the day that is looked from.

    Raises:
        InvalidValue: it cannot be read, or is not before that day.
    """
    day = replace(call, today=as_of).day(text)
    if day >= as_of:
        raise InvalidValue("--since names a day before the one that is looked from.", "Give an earlier day.")
    return day
