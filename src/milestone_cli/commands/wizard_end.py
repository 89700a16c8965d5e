"""The end of the wizard: agreement, and the process file that is written too if wanted.

Invariant: a file that is there already is never replaced without a yes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from milestone_cli.commands.asking import answer_to, say_document
from milestone_cli.console import is_no, is_yes
from milestone_cli.domain.text import quoted, visible
from milestone_cli.errors import InvalidValue, MsError
from milestone_cli.reports.table import Sentence, joined, named

if TYPE_CHECKING:
    from milestone_cli.exchange.process_file import ProcessFile
    from milestone_cli.options import Call
    from milestone_cli.reports.table import Document


def ask_agreement(call: Call, document: Document, found: ProcessFile) -> bool:
    """Show what was understood and ask whether to record it; Enter agrees, for it has been seen.

    Raises:
        Back: something is to be changed first.
    """
    say_document(call, document)
    question = Sentence("Record the process {}?", (named(found.process.key),))
    return call.yes or answer_to(call, joined((question, "[Y/n]"), " "), _agrees)


def _agrees(answer: str) -> bool:
    """Read yes or no; anything else loses no answers.

    Raises:
        InvalidValue: it is neither.
    """
    if not answer or is_yes(answer):
        return True
    if is_no(answer):
        return False
    raise InvalidValue(f"{quoted(answer)} is neither yes nor no.", "Answer y, n, or < to change something.")


def ask_path(call: Call) -> Path | None:
    """Ask for the process file to write too; None for none. A file that is there is replaced only after a yes.

    Raises:
        Back: something is to be changed first.
    """
    return answer_to(call, "Write it to a process file too? A path like b2b.toml, Enter for no", _path_of(call))


def _path_of(call: Call) -> Callable[[str], Path | None]:
    def read(name: str) -> Path | None:
        if not name:
            return None
        path = _writable(name)
        there = Sentence("{} is there already. Replace it?", (named(str(path)),))
        if path.exists() and not call.terminal.confirm(there, yes=call.yes):
            return None
        return path

    return read


def _writable(name: str) -> Path:
    """Return the path called `name` if a file can lie there."""
    if visible(name) != name:
        raise InvalidValue(f"{quoted(name)} holds what cannot be seen.", "Give a path like b2b.toml.")
    try:
        path = Path(name).expanduser()
        directory, there = path.is_dir(), path.parent.is_dir()
    except (OSError, RuntimeError, ValueError) as error:  # no such user, too long
        raise InvalidValue(f"{quoted(name)} is no path.", "Give one like b2b.toml.") from error
    if directory:
        raise InvalidValue(f"{quoted(name)} is a directory.", "Name a file in it.")
    if not there:
        raise InvalidValue(f"There is no directory {quoted(str(path.parent))}.", "Name another file.")
    return path


def write_file(call: Call, path: Path, found: ProcessFile) -> None:
    """Write the process file that was asked for; the process is recorded already, whatever happens here."""
    from milestone_cli.exchange.process_file import write_process
    from milestone_cli.render.delivery import replace_file

    try:
        replace_file(path, write_process(found.process, found.target_per_month).encode())
    except MsError as error:
        values = (named(error.message), named(found.process.key))
        call.terminal.warn(
            Sentence("{} The process is recorded; `ms processes {} --toml -o FILE` writes the file.", values)
        )
    else:
        call.terminal.say(Sentence("Written to {}.", (named(str(path)),)))
