"""A conversation line by line: a question is asked until its answer can be read, `<` goes one back, Ctrl-D ends it.

Invariant: nothing is recorded while a question is open, and whoever leaves is told what is recorded by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from milestone_cli.console import InputEnded
from milestone_cli.errors import ExitCode, InvalidValue, MsError, UnknownName

if TYPE_CHECKING:
    from milestone_cli.options import Call
    from milestone_cli.reports.table import Document, Line

T = TypeVar("T")

BACK = "<"
NOTHING = "nothing recorded"
"""What is told of a conversation that is left before its first answer was whole."""


class Back(Exception):
    """The user wants the question before."""


class Left(MsError):
    """Ctrl-C in the middle of a conversation."""

    code = "interrupted"
    exit_code = ExitCode.INTERRUPTED


def answer_to(call: Call, question: Line, read: Callable[[str], T], default: str = "") -> T:
    """Return what `read` makes of an answer; ask again as long as it cannot be read.

    Raises:
        Back: the answer is `<`.
        InputEnded: Ctrl-D.
    """
    while True:
        try:
            answer = call.terminal.ask(question, default)
            if answer == BACK:
                raise Back
            return read(answer)
        except (InvalidValue, UnknownName) as error:
            call.terminal.fail(error)


def by_undo() -> str:
    """Say how to take back what a conversation has recorded, where each answer is a command."""
    return "`ms log` lists what is recorded, `ms undo` takes the last one back."


@contextmanager
def conversation(recorded: Callable[[], str], way_back: Callable[[], str] = by_undo) -> Iterator[None]:
    """Hold a conversation that Ctrl-D ends in order.

    Args:
        recorded: says what is recorded by now, as the end of "Interrupted: "; else `NOTHING`.
        way_back: says how to take that back.

    Raises:
        Left: Ctrl-C.
    """
    try:
        yield
    except InputEnded:
        return
    except KeyboardInterrupt:
        told = recorded()
        raise Left(f"Interrupted: {told}.", "" if told == NOTHING else way_back()) from None


def say_line(call: Call, line: Line) -> None:
    """Make a remark with values in it, broken between words."""
    from milestone_cli.reports.table import Document

    say_document(call, Document(before=(line,)))


def say_document(call: Call, document: Document) -> None:
    """Make a remark of lines and tables, as wide as the terminal."""
    from milestone_cli.render.output import Format, render

    text = render(document, Format.TABLE, locale=call.locale.tag, width=call.terminal.width)
    call.terminal.say_as_is(text.rstrip("\n"))
