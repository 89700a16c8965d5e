"""How `ms import` takes files of one piece: facts in the native form, a list of open opportunities, a whole book."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from milestone_cli.commands.importing import Asked, take_gathered, without_collector
from milestone_cli.reports.table import Sentence, named

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day
    from milestone_cli.exchange.sheets import Sheet
    from milestone_cli.options import Call
    from milestone_cli.reports.imported import Imported
    from milestone_cli.store.recording import Ledger


def import_native(call: Call, file: Path, asked: Asked) -> Imported | None:
    """Take facts in, or a whole book; a book is shown by itself."""
    from milestone_cli.exchange.export_files import source_of
    from milestone_cli.exchange.reader import looks_like_json, open_bytes
    from milestone_cli.exchange.sheets import open_sheet

    source = source_of(file)
    with open_bytes(file) as raw:
        if looks_like_json(raw):
            _import_book(call, raw, source)
            return None
        with open_sheet(raw, source) as table:
            return _import_facts(call, table, asked)


def _import_facts(call: Call, table: Sheet, asked: Asked) -> Imported:
    from milestone_cli.commands.opening import writing
    from milestone_cli.exchange.native import NativeLines
    from milestone_cli.store.bulk import known_opportunities

    with writing(call, "import") as ledger, without_collector():
        book = ledger.book
        _one_process_at_least(call, ledger)
        known = known_opportunities(book.connection, book.process_numbers)
        lines = NativeLines(
            table.source,
            setup=book.setup,
            process=call.process,
            today=call.today,
            clock=book.clock.day,
            known={folded: one.process for folded, one in known.items()},
        )
        with call.terminal.progress(table.size, Sentence("Reading {}", (named(table.source),))) as progress:
            gathering = lines.read(table, progress)
        return take_gathered(call, ledger, gathering, known, asked)


def import_list(call: Call, file: Path, text: bytes, map_name: str, on: Day, asked: Asked) -> Imported:
    """Take a list in as an opening balance.

    Args:
        call: what was asked.
        file: the list.
        text: the map.
        map_name: how messages call it.
        on: the day it is taken over.
        asked: what no file can tell.
    """
    from milestone_cli.commands.opening import writing
    from milestone_cli.domain.changes import not_in_the_future
    from milestone_cli.exchange.export_files import source_of
    from milestone_cli.exchange.reader import open_bytes
    from milestone_cli.exchange.sheets import open_sheet
    from milestone_cli.exchange.table_import import Reading, read_list
    from milestone_cli.exchange.table_map import read_map
    from milestone_cli.localization import day_first, separators
    from milestone_cli.store.bulk import known_opportunities

    not_in_the_future(on, call.today)
    with open_bytes(file) as raw, open_sheet(raw, source_of(file)) as table, writing(call, "import") as ledger:
        history = ledger.book.setup.the_process(call.process)
        process = history.at(on).process
        reading = Reading(
            map=read_map(text, map_name, process),
            process=history.key,
            currency=history.currency,
            on=on,
            separators=separators(call.locale),
            day_first=day_first(call.locale),
        )
        with call.terminal.progress(table.size, Sentence("Reading {}", (named(table.source),))) as progress:
            gathering = read_list(table, reading, progress)
        known = known_opportunities(ledger.book.connection, ledger.book.process_numbers)
        return take_gathered(call, ledger, gathering, known, replace(asked, complete=False))


def _one_process_at_least(call: Call, ledger: Ledger) -> None:
    """Refuse before the first line what no line could mend."""
    if call.process is not None or not ledger.book.setup.processes:
        ledger.book.setup.the_process(call.process)


def _import_book(call: Call, raw: IO[bytes], source: str) -> None:
    from milestone_cli.commands.opening import writing
    from milestone_cli.exchange.book_json import read_book
    from milestone_cli.reports.table import CellKind, Document, Sentence, Value
    from milestone_cli.store.whole import load_rows

    rows = read_book(raw.read(), source)
    with writing(call, "import", create=True) as ledger, without_collector():
        load_rows(ledger.book, rows)
    template = "The whole book taken in: {} facts in {} commands from {}."
    if call.dry_run:
        template = "The whole book would be taken in: {} facts in {} commands from {}."
    facts, commands = len(rows["fact"]), len(rows["command"])
    values = (Value(facts, CellKind.COUNT), Value(commands, CellKind.COUNT), Value(source, CellKind.NAME))
    json = {"file": source, "facts": facts, "commands": commands, **({"dry_run": True} if call.dry_run else {})}
    call.show(Document(before=(Sentence(template, values),), json=json))
