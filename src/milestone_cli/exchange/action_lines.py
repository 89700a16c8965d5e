"""Customer actions typed one a line: `OPPORTUNITY MILESTONE [DATE] [did:/said:/wrote: TEXT]`.

Invariant: a line is read by itself, as a shell would read it; the words of the customer are taken as they stand, so
that an apostrophe or a # in them needs no quotes.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from milestone_cli.domain.evidence import evidence_in
from milestone_cli.domain.facts import Evidence
from milestone_cli.errors import InvalidValue, MsError
from milestone_cli.exchange.reader import BadLines, InvalidLines

SIZE_LIMIT = 10_000_000
"""Bytes of all lines together."""
LINE_LIMIT = 10_000
"""Characters of a line: far more than the words of a customer may have."""
_SPOKEN = re.compile(r"(.*?)\s((?:did|d|said|s|wrote|w):.*)", re.IGNORECASE | re.DOTALL)
_MARKED = re.compile(r"(?:did|d|said|s|wrote|w):", re.IGNORECASE)
_QUOTES = "\"'"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionLine:
    """One customer action as it was typed."""

    number: int
    """Of the line, from 1."""
    opportunity: str
    milestone: str
    date: str
    """As typed; empty where it is not."""
    evidence: Evidence | None
    text: str
    """What the customer did, said or wrote; empty where it is not."""


class LinesRefused(InvalidLines):
    """Lines that cannot be recorded; so nothing was."""

    def __init__(self, bad: BadLines) -> None:
        super().__init__([bad])
        self.hint = "Nothing was recorded. Correct these lines and give all of them again; --dry-run only looks."


def read_lines(stream: IO[bytes], bad: BadLines) -> Iterator[ActionLine]:
    """Yield the lines of `stream`, empty ones and comments left out; one that cannot be read goes to `bad`.

    Raises:
        MsError: there are too many bytes.
    """
    content = stream.read(SIZE_LIMIT + 1)
    if len(content) > SIZE_LIMIT:
        raise MsError(f"There are more than {SIZE_LIMIT:,} bytes of lines.", "Give them in parts, or use `ms import`.")
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            found = read_line(number, raw.decode().strip())
        except UnicodeDecodeError:
            bad.add(number, "it is not valid UTF-8")
        except InvalidValue as error:
            bad.add(number, error.message)
        else:
            if found is not None:
                yield found


def read_line(number: int, line: str) -> ActionLine | None:
    """Return what a line says; None for an empty one or a comment.

    >>> read_line(1, "acme 3 yesterday said: That's fine").text
    "That's fine"

    Raises:
        InvalidValue: a quote is left open, or there is no milestone.
    """
    if len(line) > LINE_LIMIT:
        raise InvalidValue(f"It has {len(line)} characters; at most {LINE_LIMIT} fit.")
    words, spoken = _parts(line)
    if not words and not spoken:
        return None
    if len(words) < 2:
        raise InvalidValue("It names no milestone; write OPPORTUNITY MILESTONE [DATE] [did:/said:/wrote: TEXT].")
    evidence, text = evidence_in(spoken) if spoken else (None, "")
    if spoken and not text:
        raise InvalidValue(f"Nothing follows {spoken.strip()}")
    return ActionLine(
        number=number,
        opportunity=words[0],
        milestone=words[1],
        date=" ".join(words[2:]),
        evidence=evidence,
        text=text,
    )


def _parts(line: str) -> tuple[list[str], str]:
    """Return the words before what the customer said, and that with its mark; the whole may stand in quotes."""
    found = _SPOKEN.fullmatch(line)
    if found is not None and not line.startswith("#"):
        head = _words(found[1], comments=False) if "#" not in found[1] else None
        if head is not None:
            mark, _, text = found[2].partition(":")
            return head, f"{mark}: {_unquoted(text.strip())}"
    words = _words(line, comments=True)
    if words is None:
        raise InvalidValue("A quote is opened and not closed.")
    if words and _MARKED.match(words[-1]):
        return words[:-1], words[-1]
    return words, ""


def _words(text: str, *, comments: bool) -> list[str] | None:
    """Split as a shell does; None where a quote is left open."""
    try:
        return shlex.split(text, comments=comments)
    except ValueError:
        return None


def _unquoted(text: str) -> str:
    """Return the text without the quotes around the whole of it."""
    if text[:1] not in _QUOTES or not text:
        return text
    words = _words(text, comments=True)
    return words[0] if words is not None and len(words) == 1 else text
