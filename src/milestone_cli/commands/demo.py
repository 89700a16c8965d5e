"""`ms demo`: a made-up team's three years in a file of its own, and what to try on it.

Invariant: it never touches a file that holds facts, nor the one that MS_DB or the config names; the same day gives the
same facts.
"""

from __future__ import annotations

import io
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from milestone_cli.errors import RuleBroken
from milestone_cli.options import Call
from milestone_cli.reports.table import CellKind, Line, Sentence, Value

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day
    from milestone_cli.reports.kpis import KpisReport
    from milestone_cli.store.book import Book

OWN_TARGET = ("anna", "b2b", 3_000_000)
"""Who has a target of their own in which process, in minor units a month."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was written."""

    facts: int
    opportunities: int
    commands: list[str]
    """To go on with, complete."""


def demo(call: Call) -> None:
    """Write a made-up team's three years into a file of its own, show its month, and say what to try on it.

    The file is demo.db beside the default one, or the one that --db names; yours is not touched.

    Examples:
      ms demo
      ms demo --db /tmp/try.db
    """
    from milestone_cli.commands.grounds import month_kpis
    from milestone_cli.commands.opening import changing, reading
    from milestone_cli.domain.day import month_of
    from milestone_cli.store.contents import contents, row_counts

    there = replace(call, path=_place(call), rep=None, process=None, known_on=None)
    with changing(there, create=True) as book:
        _refuse_facts(book, there)
        _write(book, call.today)
    with reading(there) as book:
        held = contents(book.connection)
        month = month_of(call.today)
        reports = [month_kpis(book, process, month, call.today, None) for process in sorted(book.setup.processes)]
        found = Made(held.facts, row_counts(book.connection)["opportunity"], _commands(book, there))
    _show(there, found, reports)


def _place(call: Call) -> Path:
    """Return --db if the command line has it, else demo.db beside the default file."""
    from milestone_cli.config import default_db

    return call.path if call.settings.source("db") == "--db" else default_db().with_name("demo.db")


def _refuse_facts(book: Book, call: Call) -> None:
    from milestone_cli.store.contents import contents

    if contents(book.connection).facts:
        raise RuleBroken(
            f"{call.path} holds facts already; the demo needs a file of its own.",
            f"`{_with_db('ms kpis', call)}` shows what is there; `ms demo --db OTHER.db` writes another one.",
        )


def _write(book: Book, today: Day) -> None:
    """Record what a team would have: two processes, its reps, the targets, the facts of three years."""
    from milestone_cli.commands.opening import who
    from milestone_cli.domain.day import first_of_month, month_of
    from milestone_cli.exchange.demo import JOINED_MONTHS_AGO, MARKETS, MONTHS, REPS, demo_process
    from milestone_cli.store.recording import recording

    running = month_of(today)
    begin = first_of_month(running - MONTHS)
    for market in MARKETS:
        with recording(book, "define-process", who()) as ledger:
            found = demo_process(market)
            ledger.define(found.process, on=begin, valid_from=None)
            if found.target_per_month is not None:
                ledger.set_target(market.process, None, found.target_per_month, on=begin, valid_from=None)
    for key in REPS:
        with recording(book, "add-rep", who()) as ledger:
            day = first_of_month(running - JOINED_MONTHS_AGO.get(key, MONTHS))
            rep = ledger.add_rep(key, f"{key.title()} (made up)", on=day, began=day)
            if key == OWN_TARGET[0]:
                ledger.set_target(OWN_TARGET[1], rep.number, OWN_TARGET[2], on=begin, valid_from=None)
    _import(book, today)


def _import(book: Book, today: Day) -> None:
    """Take in the facts the way every import goes."""
    from milestone_cli.commands.opening import who
    from milestone_cli.exchange.demo import MARKETS, demo_file
    from milestone_cli.exchange.native import NativeLines
    from milestone_cli.exchange.reader import open_table
    from milestone_cli.exchange.taking import take
    from milestone_cli.store.recording import recording

    lines = NativeLines("the demo", setup=book.setup, process=None, today=today, clock=book.clock.day, known={})
    with open_table(io.BytesIO(demo_file(MARKETS, today)), "the demo") as table:
        gathering = lines.read(table, lambda _bytes: None)
    with recording(book, "import", who()) as ledger:
        take(ledger, gathering, {}, today=today, complete=True, progress=lambda _done: None)


def _commands(book: Book, call: Call) -> list[str]:
    """Return what to type next, on opportunities that are there."""
    return [_with_db(command, call) for command in _suggested(book)]


def _suggested(book: Book) -> Iterator[str]:
    yield "ms next --rep anna"
    yield "ms kpis --rep anna"
    yield "ms kpis --period last-3-months --by rep"
    yield "ms kpis --process b2b --explain"
    yield "ms cascade --process b2b"
    yield "ms opportunities --rep anna"
    rows = list(book.opportunities(process="b2b"))
    won = [row for row in rows if row["status"] == "won"]
    if won:
        yield f"ms show {shlex.quote(max(won, key=lambda row: (row['won_on'], row['key']))['key'])}"
    numbers = {key: place for place, key in enumerate(book.setup.processes["b2b"].newest.process.keys, start=1)}
    keys = book.milestone_keys("b2b")
    anna = book.setup.rep(OWN_TARGET[0]).number
    moving = [row for row in rows if row["status"] == "open" and numbers[keys[row["milestone"]]] in (2, 3)]
    if moving:
        found = max(moving, key=lambda row: (row["rep"] == anna, row["waiting_since"], row["key"]))
        number = numbers[keys[found["milestone"]]] + 1
        yield f'ms advance {shlex.quote(found["key"])} {number} --wrote "Send us a binding offer"'
        yield "ms undo"


def _with_db(command: str, call: Call) -> str:
    """Complete a command, so that it can be typed anywhere."""
    day = call.settings.setting("today")
    pretended = f" --as-of {shlex.quote(str(day.value))}" if day.source == "--as-of" else ""
    return f"{command} --db {shlex.quote(str(call.path.absolute()))}{pretended}"


def _show(call: Call, made: Made, reports: list[KpisReport]) -> None:
    from milestone_cli.reports.kpis_document import kpis_document

    values = (
        Value(made.opportunities, CellKind.COUNT),
        Value(made.facts, CellKind.COUNT),
        Value(str(call.path), CellKind.NAME),
    )
    intro = Sentence(
        "Made up: a team of four, three years, {} opportunities, {} facts in {}. No customer in it is real.", values
    )
    after: tuple[Line, ...] = (
        "Go on with:",
        *(Sentence("    {}", (Value(command, CellKind.NAME),)) for command in made.commands),
        "Your own figures begin with `ms define-process`, in a file of their own.",
    )
    found = kpis_document(reports, call.today, None)
    json = {**found.json, "made_up": True, "file": str(call.path), "facts": made.facts,
            "opportunities": made.opportunities, "commands": made.commands}  # fmt: skip
    call.show(replace(found, before=(intro, *found.before), after=(*found.after, *after), json=json))
