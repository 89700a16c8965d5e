"""How `ms import --from` takes the exports of other systems, and tables with days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from milestone_cli.reports.table import Plural, Sentence, counted, named

if TYPE_CHECKING:
    from datetime import tzinfo

    from milestone_cli.commands.importing import Asked
    from milestone_cli.domain.process import Process
    from milestone_cli.exchange.deal_lines import DealLines
    from milestone_cli.exchange.export_files import Export
    from milestone_cli.exchange.system_map import MapFile
    from milestone_cli.exchange.systems import SystemReader
    from milestone_cli.options import Call
    from milestone_cli.reports.imported import Imported
    from milestone_cli.reports.oddities import Odd
    from milestone_cli.store.recording import Ledger


def import_deals(call: Call, files: Sequence[Path], reader: SystemReader, map_file: MapFile, asked: Asked) -> Imported:
    """Take the deals of an export into the book."""
    from milestone_cli.commands.importing import AboutFiles, take_gathered, without_collector
    from milestone_cli.commands.opening import writing
    from milestone_cli.exchange.deal_lines import DealLines, Translation
    from milestone_cli.store.bulk import known_opportunities

    # what is wrong with the map is found before the files are read, and these before anybody has to wait for the file
    map_file.meaning(_process(call), reader.name, reader.status)
    with without_collector():
        export = read_files(call, files, reader, map_file.columns)
        with writing(call, "import") as ledger:
            process = ledger.book.setup.the_process(call.process).at(call.today).process
            meaning = map_file.meaning(process, reader.name, reader.status)
            known = known_opportunities(ledger.book.connection, ledger.book.process_numbers)
            how = Translation(
                map=meaning,
                process=process,
                today=call.today,
                zone=zone_of(call),
                owners=_owners(ledger, meaning.name),
                known=known,
                by_id=reader.name == "table" and "key" in map_file.columns,
            )
            lines = DealLines(export.deals, how, export.bad)
            with call.terminal.progress(
                len(export.deals.by_id), "Putting the changes of each deal in order"
            ) as progress:
                gathering = lines.gather(progress)
            about = AboutFiles(
                odd=_odd(lines),
                notices=export.deals.notices,
                dropped=export.deals.dropped,
                sheets_left_out=export.left_out,
            )
            return take_gathered(call, ledger, gathering, known, asked, about=about)


def read_files(call: Call, files: Sequence[Path], reader: SystemReader, renamed: Mapping[str, str]) -> Export:
    """Return what the files of an export say, with the progress on the terminal."""
    from milestone_cli.exchange.export_files import read_export

    def progress(size: int, source: str) -> AbstractContextManager[Callable[[int], None]]:
        return call.terminal.progress(size, Sentence("Reading {}", (named(source),)))

    return read_export(files, reader, renamed, progress)


def zone_of(call: Call) -> tzinfo | None:
    """Return the zone of the settings; None is the machine's."""
    from zoneinfo import ZoneInfo

    name = call.settings.text("zone")
    return None if name is None else ZoneInfo(name)


def _process(call: Call) -> Process:
    from milestone_cli.commands.opening import reading

    with reading(call, keep=False) as book:
        return book.setup.the_process(call.process).at(call.today).process


def _owners(ledger: Ledger, system: str) -> dict[str, int]:
    """Return the numbers of the deals that the book has of a system, by their ids."""
    from milestone_cli.store.bulk import opened_by, undone_imports

    connection = ledger.book.connection
    return opened_by(connection, f"{system}:", without=undone_imports(connection))


def _odd(lines: DealLines) -> list[Odd]:
    """Return what was found odd, the most frequent first."""
    from milestone_cli.exchange.gathered import place_of
    from milestone_cli.reports.oddities import Odd, OddCase

    sources = lines.gathering.sources
    found = []
    for oddity, count in sorted(lines.oddities.counts.items(), key=lambda item: -item[1]):
        first = []
        for example in lines.oddities.examples[oddity]:
            file, line = place_of(example.number)
            first.append(OddCase(sources[file], line, example.opportunity, example.day, example.milestones))
        found.append(Odd(oddity.value, count, first))
    return found


def suggest_map(call: Call, files: Sequence[Path], reader: SystemReader, given: MapFile) -> None:
    """Write a map to complete, of all that the files name."""
    from milestone_cli.exchange.map_findings import findings
    from milestone_cli.exchange.map_suggestion import Suggestion

    export = read_files(call, files, reader, given.columns)
    export.bad.refuse()
    content = Suggestion(
        found=findings(export.deals),
        system=reader.name,
        files=list(dict.fromkeys(export.deals.sources)),
        process=_process_if_any(call),
        given=given,
        status=reader.status,
    ).text()
    write_map(call, content)


def write_map(call: Call, content: str) -> None:
    """Write a map to complete where it was asked for, and say how much is open in it."""
    from milestone_cli.exchange.map_file import still_open
    from milestone_cli.render.delivery import deliver

    deliver(content, call.output, call.terminal.stdout)
    count = len(still_open(content))
    if count:
        call.terminal.say(
            Plural(
                "{} place of the map is open: write what is meant in place of the ?.",
                "{} places of the map are open: write what is meant in place of each ?.",
                count,
                (counted(count),),
            )
        )


def _process_if_any(call: Call) -> Process | None:
    """Return the process whose milestones a map can name; none is needed to see what files hold."""
    from milestone_cli.errors import NoFileYet, ProcessNeeded

    try:
        return _process(call)
    except (NoFileYet, ProcessNeeded):
        return None
