"""`ms import`: facts in the native form, a team's spreadsheet list, or a whole book."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from milestone_cli.errors import RuleBroken, UsageError
from milestone_cli.options import Call
from milestone_cli.reports.table import Sentence, named

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day
    from milestone_cli.exchange.gathered import Gathering
    from milestone_cli.exchange.reader import Delimited
    from milestone_cli.exchange.taking import Remarks, Taken
    from milestone_cli.reports.imported import Imported, Remarked
    from milestone_cli.store.bulk import Known
    from milestone_cli.store.recording import Ledger


class System(StrEnum):
    """Where a file comes from."""

    FACTS = "facts"
    TABLE = "table"


def import_(
    call: Call,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Facts (csv, tsv), a list, or a book.json; - is standard input.")
    ],
    system: Annotated[
        System, typer.Option("--from", metavar="SYSTEM", help="facts (the native form), or table (a spreadsheet list).")
    ] = System.FACTS,
    map_: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="For a table: which column and stage mean what.")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="For a table: the day it is taken over; today.")
    ] = None,
    complete_history: Annotated[
        bool, typer.Option("--complete-history", help="Every loss is in the file, even if there is none.")
    ] = False,
) -> None:
    """Take in a file of facts, one a line, whole or not at all; what is there already is left as it is.

    Importing a file again adds nothing. With --from table, a list with one row per opportunity becomes the opening
    balance.

    Examples:
      ms import facts.csv --dry-run
      ms import list.csv --from table --map map.toml --process b2b
    """
    from milestone_cli.exchange.reader import looks_like_json, open_bytes, open_table

    if (system is System.TABLE) != (map_ is not None):
        raise UsageError(
            "A list needs --from table and --map FILE together.", "The map says which column and which stage mean what."
        )
    if on is not None and system is not System.TABLE:
        raise UsageError("--on is the day a list is taken over; facts bring their own days.", "Leave it out.")
    source = "standard input" if str(file) == "-" else file.name
    with open_bytes(file) as raw:
        if system is System.FACTS and looks_like_json(raw):
            _import_book(call, raw, source)
            return
        with open_table(raw, source) as table:
            if system is System.FACTS:
                report = _import_facts(call, table, complete=complete_history)
            else:
                assert map_ is not None  # noqa: S101 - seen above
                report = _import_list(call, table, map_, call.today if on is None else call.day(on))
    _show(call, report)


def _show(call: Call, report: Imported) -> None:
    from milestone_cli.reports.imported import imported_document

    call.show(imported_document(report))


def _import_facts(call: Call, table: Delimited, *, complete: bool) -> Imported:
    from milestone_cli.commands.opening import without_collector, writing
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
        return _take(call, ledger, gathering, known, complete=complete)


def _import_list(call: Call, table: Delimited, map_: Path, on: Day) -> Imported:
    from milestone_cli.commands.opening import writing
    from milestone_cli.domain.changes import not_in_the_future
    from milestone_cli.exchange.reader import open_bytes
    from milestone_cli.exchange.table_import import Reading, read_list
    from milestone_cli.exchange.table_map import SIZE_LIMIT, read_map
    from milestone_cli.localization import day_first, separators
    from milestone_cli.store.bulk import known_opportunities

    not_in_the_future(on, call.today)
    with open_bytes(map_) as raw:
        text = raw.read(SIZE_LIMIT + 1)
    with writing(call, "import") as ledger:
        history = ledger.book.setup.the_process(call.process)
        process = history.at(on).process
        reading = Reading(
            map=read_map(text, map_.name, process),
            process=history.key,
            currency=history.currency,
            on=on,
            separators=separators(call.locale),
            day_first=day_first(call.locale),
        )
        with call.terminal.progress(table.size, Sentence("Reading {}", (named(table.source),))) as progress:
            gathering = read_list(table, reading, progress)
        known = known_opportunities(ledger.book.connection, ledger.book.process_numbers)
        return _take(call, ledger, gathering, known, complete=False)


def _one_process_at_least(call: Call, ledger: Ledger) -> None:
    """Refuse before the first line what no line could mend."""
    if call.process is not None or not ledger.book.setup.processes:
        ledger.book.setup.the_process(call.process)


def _take(call: Call, ledger: Ledger, gathering: Gathering, known: dict[str, Known], *, complete: bool) -> Imported:
    from milestone_cli.exchange.taking import take
    from milestone_cli.store.backup import automatic_backup
    from milestone_cli.store.whole import is_empty

    source, lines, skipped = gathering.source, gathering.lines, dict(gathering.skipped)
    was_empty = is_empty(ledger.book.connection)
    with call.terminal.progress(len(gathering.opportunities), "Recording") as progress:
        taken = take(ledger, gathering, known, today=call.today, complete=complete, progress=progress)
    saved = None
    if taken.facts and not call.dry_run and not was_empty:
        # what this command has written so far is seen by nobody else: the copy is the file as it was
        saved = automatic_backup(ledger.book.path, "import")
        if saved is None:
            raise RuleBroken(
                "The file is damaged, so no backup of it could be written before the import.", "`ms check` says more."
            )
    return _report(call, taken, source, lines, skipped, None if saved is None else str(saved))


def _report(call: Call, taken: Taken, source: str, lines: int, skipped: dict[str, int], backup: str | None) -> Imported:
    from milestone_cli.exchange.taking import few_losses
    from milestone_cli.reports.imported import Imported

    processes = taken.processes.items()
    return Imported(
        source=source,
        lines=lines,
        facts=taken.facts,
        opportunities=taken.opportunities,
        present=taken.present,
        reps=taken.reps,
        left_out=_remarked(taken.left_out),
        out_of_order=_remarked(taken.out_of_order),
        reopened=taken.reopened,
        skipped=skipped,
        first_day=taken.first_day,
        last_day=taken.last_day,
        history_from={name: one.history_from for name, one in processes if one.history_from is not None},
        few_losses={name: (one.lost, one.lost + one.won) for name, one in processes if few_losses(one)},
        backup=backup,
        dry_run=call.dry_run,
    )


def _remarked(remarks: Remarks) -> Remarked:
    from milestone_cli.reports.imported import Remarked

    return Remarked(remarks.count, remarks.first)


def _import_book(call: Call, raw: IO[bytes], source: str) -> None:
    from milestone_cli.commands.opening import without_collector, writing
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
