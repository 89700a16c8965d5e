"""What several customer actions recorded in a row say: each in its own words, then how many there were.

Invariant: a line that was recorded before is one of them, so that giving the same lines again is seen to do nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from milestone_cli.reports.recorded import About, Advance, advanced_document, next_lines
from milestone_cli.reports.table import Document, Line, Plural, Sentence, counted, joined, named


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one customer action."""

    recorded: tuple[About, Advance] | None = None
    """None: it was there already."""
    already: str = ""
    """Says what was there already."""

    def lines(self) -> tuple[Line, ...]:
        """Return what was recorded and what it moved, without what comes next."""
        if self.recorded is None:
            return (joined((named(self.already),)),)
        about, advance = self.recorded
        said = advanced_document(about, advance).before
        return said[: len(said) - len(next_lines(advance.next))]

    def json(self) -> object:
        """Return the object that `advance` gives for it alone."""
        if self.recorded is None:
            return {"already_recorded": True, "message": self.already}
        return advanced_document(*self.recorded).json


def advances_document(results: Sequence[Result]) -> Document:
    """Return every result in its order."""
    lines = [line for result in results for line in result.lines()]
    return Document(before=tuple(lines), items=[result.json() for result in results])


def advances_remark(results: Sequence[Result]) -> Line:
    """Return how many customer actions were recorded, and how many had been before."""
    already = sum(result.recorded is None for result in results)
    new = len(results) - already
    if not new:
        return "Nothing new: all of it was recorded already." if already else "No lines: nothing was recorded."
    if not already:
        return Sentence("Recorded {}.", (actions(new),))
    return Plural(
        "Recorded {}; 1 was recorded already.",
        "Recorded {}; {} were recorded already.",
        already,
        (actions(new), counted(already)),
    )


def actions(count: int) -> Line:
    """Return a number of customer actions in words."""
    return Plural("1 customer action", "{} customer actions", count, (counted(count),))
