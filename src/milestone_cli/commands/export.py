"""`ms export`: the facts in the native form, or the whole book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.errors import UsageError
from milestone_cli.options import Call
from milestone_cli.render.output import STDOUT, Format

if TYPE_CHECKING:
    from milestone_cli.store.book import Book


def export(
    call: Call,
    raw: Annotated[
        bool, typer.Option("--raw", help="No ' before texts that a spreadsheet would read as a formula.")
    ] = False,
) -> None:
    """Write the facts in the form that `ms import` takes; with -o book.json the whole book.

    Without -o the facts go to standard output as csv. A text that begins like a formula gets a ' before it, which
    import takes away again.

    Examples:
      ms export -o facts.csv --process b2b
      ms export -o book.json
    """
    from milestone_cli.commands.opening import reading

    if call.format in (Format.MD, Format.XLSX):
        raise UsageError("Facts are exported as csv, tsv or json.", "End the name of the file in one of them.")
    if call.format is Format.JSON and (call.process is not None and call.settings.source("process") == "--process"):
        raise UsageError("A book is exported whole; --process goes with csv and tsv.", "Leave it out.")
    with reading(call) as book:
        if call.format is Format.JSON:
            text, said = _book(book)
        else:
            text, said = _facts(call, book, raw=raw)
    _deliver(call, text, said)


def _facts(call: Call, book: Book, *, raw: bool) -> tuple[str, list[str]]:
    from milestone_cli.exchange.facts_export import Exported, comma_line, guarded, native_rows, tab_line

    process = None if call.process is None else book.setup.process(call.process).key
    line = tab_line if call.format is Format.TSV and call.format_asked else comma_line
    done = Exported()
    rows = native_rows(book, process=process, as_of=call.as_of, done=done)
    text = "".join(line(cells if raw else guarded(cells)) for cells in rows)
    said = [f"{done.facts} facts of {done.opportunities} opportunities written to {{}}."]
    if done.revisits:
        said.append(f"{done.revisits} days to look at a lost one again are not in it: only book.json has them.")
    return text, said


def _book(book: Book) -> tuple[str, list[str]]:
    from milestone_cli.exchange.book_json import book_lines
    from milestone_cli.store.whole import dump_rows

    rows = dump_rows(book.connection)
    return "".join(book_lines(rows)), [
        f"The whole book written to {{}}: {len(rows['fact'])} facts, names and texts included."
    ]


def _deliver(call: Call, text: str, said: list[str]) -> None:
    from milestone_cli.render.delivery import deliver

    deliver(text, call.output, call.terminal.stdout)
    if call.output is not None and str(call.output) != STDOUT:
        for sentence in said:
            call.terminal.say(sentence.replace("{}", str(call.output)))
