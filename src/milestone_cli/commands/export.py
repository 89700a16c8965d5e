"""`ms export`: the facts in the native form, the whole book, or a plain SQLite copy for other programs."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.errors import FileError, UsageError
from milestone_cli.options import Call
from milestone_cli.render.output import STDOUT, Format
from milestone_cli.reports.table import Line, Plural, Sentence, named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from milestone_cli.exchange.anonymous import Anonymous
    from milestone_cli.exchange.facts_export import Exported
    from milestone_cli.store.book import Book


def export(
    call: Call,
    raw: Annotated[
        bool, typer.Option("--raw", help="No ' before texts that a spreadsheet would read as a formula.")
    ] = False,
    anonymous: Annotated[
        bool,
        typer.Option("--anonymous", help="Pseudonyms for names and texts, amounts by one secret factor; days stay."),
    ] = False,
    sql: Annotated[
        bool, typer.Option("--sql", help="A plain SQLite copy with readable tables and views, for other programs.")
    ] = False,
) -> None:
    """Write the facts in the form that `ms import` takes; with -o book.json the whole book.

    Without -o the facts go to standard output as csv. A text that begins like a formula gets a ' before it, which
    import takes away again.

    Examples:
      ms export -o facts.csv --process b2b
      ms export --sql -o book.sqlite
    """
    from milestone_cli.commands.opening import reading

    _refuse(call, sql=sql)
    content: str | bytes
    with reading(call) as book:
        hidden = _pseudonyms(book) if anonymous else None
        process = None if call.format is Format.JSON and not sql else _process(call, book)
        processes = sorted(book.setup.processes) if process is None else [process]
        if sql:
            content, said = _copy(call, book, process, hidden)
        elif call.format is Format.JSON:
            content, said = _book(call, book, hidden)
        else:
            content, said = _facts(call, book, process, hidden, raw=raw)
    if anonymous:
        said.append(Sentence("Names and texts are pseudonyms, amounts multiplied by a secret factor. Days are true."))
        if not sql and call.format is not Format.JSON:
            said += _process_files(call, processes)
    _deliver(call, content, said, sql=sql)


def _process_files(call: Call, processes: Sequence[str]) -> list[Line]:
    """Return which command writes the process file of each process that the export may be about."""
    from milestone_cli.commands.opening import same_file

    return [
        Sentence(
            "The process file that belongs to it: `{}`.",
            (named(same_file(f"ms processes {shlex.quote(process)} --toml --anonymous", call)),),
        )
        for process in processes
    ]


def _refuse(call: Call, *, sql: bool) -> None:
    """Refuse what does not go together, before anything is read."""
    if sql:
        if call.format not in (Format.TABLE, Format.TSV):
            raise UsageError("--sql writes a database, in no other format.", "Name it with -o book.sqlite alone.")
        if call.output is None or str(call.output) == STDOUT:
            raise UsageError("A database cannot go to standard output.", "Name a file: --sql -o book.sqlite.")
        if call.settings.source("today") == "--as-of":
            raise UsageError("--sql copies the book as it is, whatever the day.", "Leave out --as-of.")
        return
    if call.format is Format.MD:
        raise UsageError("Facts are exported as csv, tsv, xlsx or json.", "End the name of the file in one of them.")
    if call.format is not Format.JSON:
        return
    if call.process is not None and call.settings.source("process") == "--process":
        raise UsageError("A book is exported whole; --process goes with csv, tsv, xlsx and --sql.", "Leave it out.")


def _pseudonyms(book: Book) -> Anonymous:
    from milestone_cli.exchange.anonymous import Anonymous

    return Anonymous(book)


def _facts(
    call: Call, book: Book, process: str | None, hidden: Anonymous | None, *, raw: bool
) -> tuple[str | bytes, list[Line]]:
    from milestone_cli.exchange.facts_export import Exported, comma_line, guarded, native_rows, tab_line

    done = Exported()
    rows: Iterator[list[str]] = native_rows(book, process=process, as_of=call.as_of, done=done)
    if hidden is not None:
        rows = hidden.facts(rows)
    cells = rows if raw else map(guarded, rows)
    content: str | bytes
    if call.format is Format.XLSX:
        from milestone_cli.exchange.facts_workbook import facts_workbook

        content = facts_workbook(cells)
    else:
        line = tab_line if call.format is Format.TSV and call.format_asked else comma_line
        content = "".join(map(line, cells))
    return content, _said(call, done)


def _copy(call: Call, book: Book, process: str | None, hidden: Anonymous | None) -> tuple[bytes, list[Line]]:
    from milestone_cli.exchange.facts_export import Exported
    from milestone_cli.exchange.sql_copy import copied_tables
    from milestone_cli.store.plain_copy import as_database

    done = Exported()
    content = as_database(copied_tables(book, process=process, hidden=hidden, done=done))
    return content, _said(call, done)


def _process(call: Call, book: Book) -> str | None:
    return None if call.process is None else book.setup.process(call.process).key


def _said(call: Call, done: Exported) -> list[Line]:
    amount = (named(str(done.facts)), named(str(done.opportunities)))
    said: list[Line] = [Sentence("{} facts of {} opportunities written to {}.", (*amount, named(str(call.output))))]
    if done.revisits:
        said.append(
            Plural(
                "{} day to look at a lost one again is not in it: only book.json has it.",
                "{} days to look at a lost one again are not in it: only book.json has them.",
                done.revisits,
                (named(str(done.revisits)),),
            )
        )
    return said


def _book(call: Call, book: Book, hidden: Anonymous | None) -> tuple[str | bytes, list[Line]]:
    from milestone_cli.exchange.book_json import book_lines
    from milestone_cli.store.whole import dump_rows

    rows = dump_rows(book.connection)
    said: Line = Sentence(
        "The whole book written to {}: {} facts, names and texts included.",
        (named(str(call.output)), named(str(len(rows["fact"])))),
    )
    if hidden is not None:
        from milestone_cli.exchange.anonymous_book import anonymous_rows

        rows = anonymous_rows(rows, hidden)
        values = (named(str(call.output)), named(str(len(rows["fact"]))))
        said = Sentence("The whole book written to {}: {} facts, without a name.", values)
    return "".join(book_lines(rows)), [said]


def _deliver(call: Call, content: str | bytes, said: list[Line], *, sql: bool) -> None:
    from milestone_cli.render.delivery import deliver

    if sql and call.output is not None:
        _replace_copy(call.output, content)
    else:
        deliver(content, call.output, call.terminal.stdout)
    if call.output is not None and str(call.output) != STDOUT:
        for sentence in said:
            call.terminal.say(sentence)


def _replace_copy(path: Path, content: str | bytes) -> None:
    """Put the copy where it belongs, over an older copy too, readable by its owner alone."""
    from milestone_cli.domain.text import visible
    from milestone_cli.render.delivery import replace_file
    from milestone_cli.store.plain_copy import APPLICATION_ID
    from milestone_cli.store.sqlite_path import has_content

    if has_content(path, "-wal") or has_content(path, "-journal"):
        raise FileError(f"{visible(str(path))} is open in another program.", "Close it there, or name another file.")
    replace_file(
        path, content if isinstance(content, bytes) else content.encode(), mode=0o600, application=APPLICATION_ID
    )
