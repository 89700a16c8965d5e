"""`ms import`: facts in the native form, exports of other systems, a team's spreadsheet list, or a whole book."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.errors import UsageError
from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.commands.importing import Asked
    from milestone_cli.reports.imported import Imported


class System(StrEnum):
    """Where files come from."""

    FACTS = "facts"
    TABLE = "table"
    SALESFORCE = "salesforce"
    HUBSPOT = "hubspot"
    PIPEDRIVE = "pipedrive"
    ODOO = "odoo"


def import_(
    call: Call,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="csv, tsv, xlsx or json; of another system all that belong together."),
    ],
    system: Annotated[
        System,
        typer.Option(
            "--from",
            metavar="SYSTEM",
            help="facts (the native form or a book.json), table (a spreadsheet), salesforce, hubspot, pipedrive, odoo.",
        ),
    ] = System.FACTS,
    map_: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="Which column, stage and word mean what here.")
    ] = None,
    suggest_map: Annotated[
        bool, typer.Option("--suggest-map", help="Write a map to complete, with all that the files name; take nothing.")
    ] = False,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="For a list: the day it is taken over; today.")
    ] = None,
    complete_history: Annotated[
        bool, typer.Option("--complete-history", help="Every loss is in the files, even if there is none.")
    ] = False,
    with_forgotten: Annotated[
        bool, typer.Option("--with-forgotten", help="Take in too what says the same as a forgotten opportunity.")
    ] = False,
) -> None:
    """Take in facts, one a line, or the deals of another system, whole or not at all; what is there is left as it is.

    Importing a file again, or a newer export, adds only what is new. A map says what the stages of the other system
    mean; --suggest-map writes one to complete. Days become those of the setting `zone`, or of the map.

    Examples:
      ms import facts.csv --dry-run
      ms import opportunities.csv history.csv --from salesforce --map map.toml --process b2b
    """
    from milestone_cli.commands.import_files import import_native
    from milestone_cli.commands.importing import Asked

    asked = Asked(complete_history, with_forgotten)
    if suggest_map:
        if system is System.FACTS:
            raise UsageError("Facts need no map.", "Name the system with --from.")
        _suggest(call, files, system, map_)
    elif system is System.FACTS:
        if map_ is not None or on is not None:
            raise UsageError(
                "--map and --on are for what is no fact yet.", "Name the system with --from, or leave them out."
            )
        _show(call, import_native(call, _the_only(files), asked))
    elif map_ is None:
        raise UsageError(
            f"--from {system.value} needs --map FILE: which stage means which milestone.",
            "Write one with --suggest-map -o map.toml, and complete it.",
        )
    elif system is System.TABLE:
        _import_table(call, files, map_, on, asked)
    else:
        _no_takeover(on)
        _import_system(call, files, system, map_, asked)


def _suggest(call: Call, files: Sequence[Path], system: System, map_: Path | None) -> None:
    """Write a map to complete; what a given map says is kept."""
    from milestone_cli.commands.import_systems import suggest_map, write_map
    from milestone_cli.exchange.dated_table import DatedTable
    from milestone_cli.exchange.map_file import read_text
    from milestone_cli.exchange.system_map import EMPTY_MAP, read_map_file
    from milestone_cli.exchange.systems import system_reader
    from milestone_cli.exchange.table_survey import headings_map, list_reader

    given = EMPTY_MAP if map_ is None else read_map_file(read_text(map_), map_.name)
    if system is not System.TABLE:
        suggest_map(call, files, system_reader(system.value), given)
    elif not given.columns:
        write_map(call, headings_map(_the_only(files)))
    elif given.milestones or "date" in given.columns:
        suggest_map(call, files, DatedTable(given.columns, given.milestones).reader(), given)
    else:
        suggest_map(call, files, list_reader(), given)


def _the_only(files: Sequence[Path]) -> Path:
    if len(files) > 1:
        raise UsageError(
            "Facts, lists and books are imported one file at a time.", "Several files together are for other systems."
        )
    return files[0]


def _no_takeover(on: str | None) -> None:
    if on is not None:
        raise UsageError("--on is the day a list is taken over; these files bring their own days.", "Leave it out.")


def _show(call: Call, report: Imported | None) -> None:
    if report is None:
        return
    from milestone_cli.reports.imported import imported_document

    call.show(imported_document(report))


def _import_system(call: Call, files: Sequence[Path], system: System, map_: Path, asked: Asked) -> None:
    from milestone_cli.commands.import_systems import import_deals
    from milestone_cli.exchange.map_file import read_text
    from milestone_cli.exchange.system_map import read_map_file
    from milestone_cli.exchange.systems import system_reader

    map_file = read_map_file(read_text(map_), map_.name)
    _show(call, import_deals(call, files, system_reader(system.value), map_file, asked))


def _import_table(call: Call, files: Sequence[Path], map_: Path, on: str | None, asked: Asked) -> None:
    """Import what the map makes of a table: an opening balance, or days."""
    from milestone_cli.commands.import_files import import_list
    from milestone_cli.commands.import_systems import import_deals
    from milestone_cli.exchange.dated_table import DatedTable, has_days
    from milestone_cli.exchange.map_file import read_text
    from milestone_cli.exchange.system_map import read_map_file

    text = read_text(map_)
    if not has_days(text, map_.name):
        taken_over = call.today if on is None else call.day(on)
        _show(call, import_list(call, _the_only(files), text, map_.name, taken_over, asked))
        return
    _no_takeover(on)
    map_file = read_map_file(text, map_.name)
    table = DatedTable(map_file.columns, map_file.milestones)
    map_file.refuse(table.problems())
    _show(call, import_deals(call, files, table.reader(), map_file, asked))
