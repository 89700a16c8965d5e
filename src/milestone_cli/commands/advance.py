"""`ms advance`: the customer reached a milestone; one, one after the other by asking, or lines of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.errors import UsageError
from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.domain.changes import Words
    from milestone_cli.domain.day import Day

STDIN = "-"


def advance(
    call: Call,
    opportunity: Annotated[
        str | None,
        typer.Argument(
            metavar="OPPORTUNITY", help="Its key, number or a unique beginning; - takes lines from standard input."
        ),
    ] = None,
    milestone: Annotated[str | None, typer.Argument(metavar="MILESTONE", help="Its number or key.")] = None,
    did: Annotated[str | None, typer.Option("--did", metavar="TEXT", help="What the customer did.")] = None,
    said: Annotated[str | None, typer.Option("--said", metavar="TEXT", help="What the customer said.")] = None,
    wrote: Annotated[str | None, typer.Option("--wrote", metavar="TEXT", help="What the customer wrote.")] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="PERSON", help="Who at the customer.")] = None,
    ref: Annotated[str | None, typer.Option("--ref", metavar="TEXT", help="Where it can be seen.")] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="The day the customer acted; today unless given.")
    ] = None,
    value: Annotated[str | None, typer.Option("--value", metavar="AMOUNT", help="Its potential from then on.")] = None,
) -> None:
    """Record that the customer reached a milestone; say which lamp moved, its worth and what to win next.

    On a terminal it asks for what is left out, and without OPPORTUNITY goes on to the next one until Enter. Lines read
    OPPORTUNITY MILESTONE [DATE] [did:/said:/wrote: TEXT]; they are taken all or none, as one command.

    Examples:
      ms advance acme 3 --said "Yes, that costs us 200 hours a month" --by "Ms Meier"
      ms advance - --dry-run < friday.txt
    """
    from milestone_cli.commands.evidence import words_of
    from milestone_cli.commands.recorded import day_of

    day = day_of(call, on)
    if opportunity is not None and milestone is not None and opportunity != STDIN:
        _advance_one(call, opportunity, milestone, day, words_of(did, said, wrote, by=by, ref=ref), value)
        return
    _refuse_left_over(opportunity, milestone, did=did, said=said, wrote=wrote, by=by, ref=ref, value=value)
    if opportunity == STDIN:
        from milestone_cli.commands.advance_lines import advance_lines

        advance_lines(call, day)
    else:
        from milestone_cli.commands.picking import pick

        pick(call, opportunity, day)


def _refuse_left_over(opportunity: str | None, milestone: str | None, **given: str | None) -> None:
    """Refuse what belongs to one opportunity and one milestone where they are not both named."""
    over = [f"--{name}" for name, text in given.items() if text is not None]
    over += [] if milestone is None else ["MILESTONE"]
    if over and opportunity == STDIN:
        raise UsageError(f"{over[0]} cannot go with the lines of standard input.", "Say it in the lines.")
    if over:
        raise UsageError(f"{over[0]} belongs to one OPPORTUNITY and one MILESTONE.", "Name both, or leave it out.")


def _advance_one(call: Call, opportunity: str, milestone: str, day: Day, words: Words, value: str | None) -> None:
    from milestone_cli.commands.advancing import Advancing
    from milestone_cli.commands.opening import writing
    from milestone_cli.commands.recorded import show_recorded
    from milestone_cli.reports.recorded import advanced_document

    if not words.text and call.terminal.may_prompt and not call.yes:
        words = _asked(call, opportunity, milestone, day, words)
    with writing(call, "advance") as ledger:
        about, told = Advancing(call, ledger).record(opportunity, milestone, on=day, words=words, value=value)
    show_recorded(call, advanced_document(about, told))


def _asked(call: Call, opportunity: str, milestone: str, day: Day, words: Words) -> Words:
    """Ask for one line of evidence, once it is sure that the rest is right; the file is free meanwhile."""
    from milestone_cli.commands.evidence import QUESTION, answered
    from milestone_cli.commands.opening import reading_journal
    from milestone_cli.commands.recorded import case_of
    from milestone_cli.domain.changes import advance as decided

    with reading_journal(call) as book:
        case = case_of(call, book, opportunity)
        decided(case, milestone, on=day, words=replace(words, text="to be asked"))
    return answered(words, call.terminal.ask(QUESTION))
