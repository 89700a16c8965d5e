"""The one question of a takeover: what did the customer last do, and since when?

Invariant: an answer is whole before anything is recorded; one that cannot be read is asked for again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from milestone_cli.commands.asking import Back, answer_to
from milestone_cli.errors import InvalidValue
from milestone_cli.reports.table import Sentence, counted, named
from milestone_cli.translation import translated

if TYPE_CHECKING:
    from milestone_cli.domain.changes import Case
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.process import Process
    from milestone_cli.options import Call


class Word(StrEnum):
    """The answers that are no milestone."""

    NOTHING_YET = "0"
    DEAD = "d"
    SKIP = "s"
    STOP = "q"
    HELP = "?"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    word: Word | None
    """None: it stands at `milestone`."""
    milestone: str = ""
    """Its key."""
    day: Day | None = None
    """Since when; None where it is still to be asked."""


def legend(call: Call, process: Process) -> None:
    """Tell what can be answered."""
    call.terminal.say(Sentence("{}: what did the CUSTOMER last do?", (named(process.key),)))
    call.terminal.say("  0 nothing yet")
    for number, milestone in enumerate(process.milestones[:-1], start=1):
        call.terminal.say(Sentence("  {} {}", (counted(number), named(milestone.name))))
    call.terminal.say("  d dead (lost), s skip, q stop, ? this list; a day may follow: 2 2026-06-01")


def asked_reply(call: Call, case: Case, about: str) -> Reply:
    """Ask about one target customer.

    Args:
        call: its terminal asks.
        case: the opportunity.
        about: how it is called in the question.

    Raises:
        Back: `<`, which asks about the one before.
        InputEnded: Ctrl-D, which stops as `q` does.
    """
    process = case.history.at(call.today).process
    question = Sentence("{}: 0-{}, d, s, q", (named(about), counted(len(process.milestones) - 1)))
    while True:
        reply = answer_to(call, question, lambda text: read_reply(call, process, text), Word.SKIP.value)
        if reply.word is Word.HELP:
            legend(call, process)
        elif reply.word is None and reply.day is None:
            day = _since(call)
            if day is not None:
                return Reply(None, reply.milestone, day)
        else:
            return reply


def _since(call: Call) -> Day | None:
    """Ask since when; None where `<` asks for the milestone again."""
    try:
        return answer_to(call, "  Since when", lambda text: _past_day(call, text), translated("today", call.locale.tag))
    except Back:
        return None


def read_reply(call: Call, process: Process, text: str) -> Reply:
    """Read "2", "offer", "2 2026-06-01", "d", "d -3w", "s".

    Raises:
        InvalidValue: the last milestone, a day that cannot be, or a day behind an answer that takes none.
        UnknownName: no such milestone.
    """
    from milestone_cli.domain.changes import find_milestone

    head, _, rest = text.partition(" ")
    word = next((word for word in Word if head.lower() == word.value), None)
    if rest and word not in (None, Word.DEAD):
        raise InvalidValue(f"No day goes with {head}.", f"Answer {head} alone.")
    day = _past_day(call, rest) if rest.strip() else None
    if word is not None:
        return Reply(word, day=day)
    number, milestone = find_milestone(process, head)
    if number == len(process.milestones):
        raise InvalidValue(
            f"Milestone {number} ({milestone.name}) is the last one: nothing would be left to win.",
            "What was won before the book began stays out of it; d takes it off the list.",
        )
    return Reply(None, milestone.key, day)


def _past_day(call: Call, text: str) -> Day:
    from milestone_cli.domain.day import iso

    day = call.day(text)
    if day > call.today:
        raise InvalidValue(f"{iso(day)} lies in the future (today is {iso(call.today)}).", "Give an earlier day.")
    return day
