"""How commands open the book: for looking at a day, for recording, or to begin one.

Invariant: a looking command never makes a file; a recording one is a single transaction, taken back on any error, by
Ctrl-C and by --dry-run.
"""

from __future__ import annotations

import getpass
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from milestone_cli.reports.table import Sentence, named

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day
    from milestone_cli.options import Call
    from milestone_cli.store.book import Book, Opening
    from milestone_cli.store.journal import Clock
    from milestone_cli.store.recording import Ledger
    from milestone_cli.store.sqlite import Access
    from milestone_cli.store.undo import Command


def who() -> str:
    """Return the name under which this user's commands are logged."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user, as in some containers
        return "unknown"


def same_file(command: str, call: Call) -> str:
    """Return a command to type next so that it means the same file: with --db if that was given by hand."""
    if call.settings.source("db") != "--db":
        return command
    return f"{command} --db {shlex.quote(str(call.path.absolute()))}"


def looked_at(call: Call) -> Day:
    """Return the day a looking command looks from: --as-of, else --known-on, else today."""
    if call.as_of is None and call.known_on is not None:
        return min(call.known_on, call.today)
    return call.today


@contextmanager
def reading(call: Call, *, replayed: bool = False, keep: bool = True) -> Iterator[Book]:
    """Hand out the book to look at.

    Args:
        call: names the file, --as-of and --known-on.
        replayed: state columns are needed as of that day, not arrivals alone: replay the facts where the day is past.
        keep: store what had to be computed, where the file can be written.
    """
    from milestone_cli.store.book import open_book
    from milestone_cli.store.sqlite import Access
    from milestone_cli.store.view import view

    with open_book(replace(_opening(call, Access.READ), keep=keep)) as book:
        as_of = looked_at(call) if replayed else None
        with view(book, as_of=as_of, known_on=call.known_on) as past:
            yield past


@contextmanager
def writing(call: Call, command: str, *, create: bool = False) -> Iterator[Ledger]:
    """Hand out a ledger to record one command in; with `create`, the file is made where it is missing."""
    from milestone_cli.store.book import open_book
    from milestone_cli.store.recording import recording
    from milestone_cli.store.sqlite import Access

    opening = _opening(call, Access.CREATE if create else Access.WRITE)
    with open_book(opening) as book, recording(book, command, who()) as ledger:
        yield ledger
    _kept(call)


@contextmanager
def reading_journal(call: Call) -> Iterator[Book]:
    """Hand out the file itself, its set-up as known on --known-on, to who replays single opportunities on their own."""
    from milestone_cli.store.book import Book, open_book
    from milestone_cli.store.sqlite import Access

    with open_book(_opening(call, Access.READ)) as book:
        if call.known_on is None:
            yield book
        else:
            yield Book(book.connection, book.path, book.clock, known_on=call.known_on, measure=book.measure)


@contextmanager
def undoing(call: Call, name: str | None) -> Iterator[tuple[Ledger, Command]]:
    """Hand out a ledger that takes back a command: the one called `name`, else this user's last; and that command."""
    from milestone_cli.store.book import open_book
    from milestone_cli.store.recording import recording
    from milestone_cli.store.sqlite import Access

    with open_book(_opening(call, Access.WRITE)) as book:
        command = to_undo(book, name)
        with recording(book, "undo", who(), undoes=command.number) as ledger:
            yield ledger, command
    _kept(call)


@contextmanager
def changing(call: Call, *, create: bool = False) -> Iterator[Book]:
    """Hand out the book in one transaction to a command that records nothing itself, or several commands at once."""
    from milestone_cli.store.book import open_book
    from milestone_cli.store.sqlite import Access

    with open_book(_opening(call, Access.CREATE if create else Access.WRITE)) as book:
        yield book
    _kept(call)


def _kept(call: Call) -> None:
    """Take down that the file has changed, and warn of what makes its place unsafe."""
    from milestone_cli.store.sqlite import loose_permissions, on_network

    if call.dry_run:
        return
    call.mark_recorded()
    if not call.settings.shared and loose_permissions(call.path):
        call.terminal.warn(
            Sentence(
                "Others on this machine may read {}. "
                "Take the right away (chmod 600), or say that it is meant so: `ms config set shared true`.",
                (named(str(call.path)),),
            )
        )
    network = on_network(call.path)
    if network:
        call.terminal.warn(
            Sentence(
                "{} lies on a network file system ({}), whose locks may fail. "
                "Keep it on a local disk, and copies of it there with `ms backup`.",
                (named(str(call.path)), named(network)),
            )
        )


def to_undo(book: Book, name: str | None) -> Command:
    """Return the command called `name`, else the last one of this user that is not undone."""
    from milestone_cli.store.undo import last_of, named

    return last_of(book.connection, who()) if name is None else named(book.connection, name)


def _opening(call: Call, access: Access) -> Opening:
    from milestone_cli.commands.measuring import measured_basis
    from milestone_cli.store.book import Opening

    return Opening(
        call.path,
        access,
        _clock(call),
        on_wait=lambda: call.terminal.say("Waiting for another ms to finish with the file ..."),
        on_commit=call.mark_recorded,
        dry_run=call.dry_run,
        measure=measured_basis,
    )


def _clock(call: Call) -> Clock:
    """Return the real time: --as-of and MS_TODAY never reach the journal."""
    from milestone_cli.options import clock_day
    from milestone_cli.store.journal import Clock

    return Clock(time.time_ns() // 1000, clock_day(call.settings.text("zone")))
