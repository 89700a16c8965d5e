"""`ms add-rep`: somebody who owns opportunities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.domain.text import clean_name, fold, quoted
from milestone_cli.errors import AlreadyRecorded, InvalidValue, RuleBroken
from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.setup import Rep
    from milestone_cli.store.book import Book


def add_rep(
    call: Call,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The short name that commands use.")],
    name: Annotated[str | None, typer.Option("--name", metavar="TEXT", help="The full name; else the key.")] = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="DATE", help="Since when; today unless given.")] = None,
) -> None:
    """Add a rep; one who has retired is back.

    Examples:
      ms add-rep anna --name "Anna Example"
      ms add-rep ben --from 2026-10-01
    """
    from milestone_cli.commands.opening import writing
    from milestone_cli.reports.reps import added_document

    wanted = checked_key(key)
    named = None if name is None else clean_name(name, "name of the rep")
    asked = None if from_ is None else call.day(from_, future=True)
    with writing(call, "add-rep", create=True) as ledger:
        known = known_rep(ledger.book, wanted)
        if known is not None:
            _can_come_back(known, named, asked, call.today)
            wanted = known.key
        full = named or (known.name if known else wanted)
        began = call.today if asked is None else asked
        ledger.add_rep(wanted, full, on=call.today, began=began)
        rep = ledger.book.setup.rep(wanted)
    call.show(added_document(rep, again=known is not None, dry_run=call.dry_run))


def checked_key(text: str) -> str:
    """Return a rep's key as it is stored."""
    key = clean_name(text, "key of the rep", limit=60)
    if key.startswith("-"):
        raise InvalidValue(f"{quoted(key)} is no key of a rep: it begins with a dash.", "Begin it with a letter.")
    return key


def known_rep(book: Book, key: str) -> Rep | None:
    """Return the rep with this key, None if there is none."""
    return next((rep for rep in book.setup.reps.values() if fold(rep.key) == fold(key)), None)


def _can_come_back(rep: Rep, name: str | None, asked: Day | None, today: Day) -> None:
    """Refuse a rep who is here, or another name under the same key."""
    if name is not None and name != rep.name:
        raise RuleBroken(
            f"The rep {quoted(rep.key)} is called {quoted(rep.name)} here, not {quoted(name)}.",
            "Leave out --name, or choose another key for somebody else.",
        )
    if rep.retired_on is None:
        if asked is not None and asked != rep.began:
            raise RuleBroken(
                f"{rep.key} is a rep already, since {_iso(rep.began)}.",
                "If that day is wrong, take `ms add-rep` back with `ms undo` and add them again.",
            )
        raise AlreadyRecorded(f"{rep.key} is a rep already, since {_iso(rep.began)}.")
    began = today if asked is None else asked
    if began < rep.retired_on:
        raise RuleBroken(
            f"{rep.key} retired on {_iso(rep.retired_on)} and cannot be back on {_iso(began)}.",
            "Give a later day with --from, or take the retirement back with `ms undo`.",
        )


def _iso(day: Day) -> str:
    from milestone_cli.domain.day import iso

    return iso(day)
