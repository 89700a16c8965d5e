"""`ms amend`: corrects a fact that was recorded wrong; the wrong one stays in the journal, taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.errors import RuleBroken, UsageError
from milestone_cli.options import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from milestone_cli.domain.changes import Amendment, Case
    from milestone_cli.store.book import Book
    from milestone_cli.store.lookup import FoundFact

_WORDS = ("did", "said", "wrote", "by", "ref")
_TAKES = {
    Kind.OPENED: ("on", "value", "rep", "title"),
    Kind.REACHED: ("on", "value", "rep", "milestone", *_WORDS),
    Kind.STANDING: ("on", "value", "rep", "milestone", "since"),
    Kind.LOST: ("on", "reason", "revisit"),
    Kind.REOPENED: ("on",),
    Kind.REVALUED: ("on", "value"),
    Kind.ASSIGNED: ("on", "rep"),
    Kind.RENAMED: ("on", "title"),
}
"""What can be corrected of a fact, by its kind."""
_INSTEAD = {
    Kind.VOIDED: "Take back the command that recorded it with `ms undo`; `ms log` lists the commands.",
    Kind.TARGET_SET: "Set it anew with `ms set-target`.",
    Kind.VERSION_DEFINED: "Define the process anew with `ms define-process`.",
    Kind.PLAN_CHANGED: "Define the process anew with `ms define-process`.",
    Kind.REP_ADDED: "Take it back with `ms undo` and add the rep anew with `ms add-rep`.",
    Kind.REP_RETIRED: "Take it back with `ms undo` and say it anew with `ms retire-rep`.",
    Kind.MERGED: "Take the merge back with `ms undo`.",
    Kind.UNITED: "Take the merge back with `ms undo`.",
}


def amend(
    call: Call,
    fact: Annotated[str, typer.Argument(metavar="FACT", help="Its number in `ms show`, or its id.")],
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="The right day.")] = None,
    value: Annotated[str | None, typer.Option("--value", metavar="AMOUNT", help="The right potential.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Of a takeover: it has stood there since.")
    ] = None,
    milestone: Annotated[
        str | None, typer.Option("--milestone", metavar="MILESTONE", help="The right milestone: its number or key.")
    ] = None,
    rep: Annotated[str | None, typer.Option("--rep", metavar="REP", help="The right rep.")] = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="The right title.")] = None,
    did: Annotated[str | None, typer.Option("--did", metavar="TEXT", help="What the customer did.")] = None,
    said: Annotated[str | None, typer.Option("--said", metavar="TEXT", help="What the customer said.")] = None,
    wrote: Annotated[str | None, typer.Option("--wrote", metavar="TEXT", help="What the customer wrote.")] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="PERSON", help="Who at the customer.")] = None,
    ref: Annotated[str | None, typer.Option("--ref", metavar="TEXT", help="Where it can be seen.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Of a loss: why.")] = None,
    revisit: Annotated[
        str | None, typer.Option("--revisit", metavar="DATE", help="Of a loss: when to look at it again.")
    ] = None,
) -> None:
    """Correct a fact: a new one takes its place, the wrong one stays in the journal as taken back.

    Examples:
      ms amend 12 --on 2026-11-20
      ms amend 12 --wrote "Please send the contract" --by "Ms Meier"
    """
    from milestone_cli.commands.opening import writing
    from milestone_cli.commands.recorded import about, show_recorded
    from milestone_cli.domain.changes import amend as decided
    from milestone_cli.reports.recorded import amended_document
    from milestone_cli.store.lookup import find_fact

    named = {
        "on": on, "value": value, "since": since, "milestone": milestone, "rep": rep, "title": title, "did": did,
        "said": said, "wrote": wrote, "by": by, "ref": ref, "reason": reason, "revisit": revisit,
    }  # fmt: skip
    given = {name: text for name, text in named.items() if text is not None}
    if not given:
        raise UsageError("`ms amend` was not told what is right.", "For example: `ms amend 12 --on 2026-11-20`.")
    with writing(call, "amend") as ledger:
        found = find_fact(ledger.book.connection, fact)
        case, wrong = _fact_of(call, ledger.book, found)
        _can_take(wrong, given)
        change = _amendment(call, ledger.book, case, wrong, given)
        recorded = ledger.correct(wrong, decided(case, wrong, change))
    show_recorded(call, amended_document(about(call, case), wrong, recorded[-1], list(given)))


def _fact_of(call: Call, book: Book, found: FoundFact) -> tuple[Case, Fact]:
    """Return a fact with its opportunity.

    Raises:
        RuleBroken: a fact of the set-up or a void; these are not corrected but said anew.
    """
    kind = Kind(found.kind)
    if found.opportunity is None or kind in _INSTEAD:
        what = kind.value.replace("_", " ")
        raise RuleBroken(f"Fact {found.number} ({what}) cannot be corrected.", _INSTEAD[kind])
    case = book.case(found.opportunity, call.today)
    return case, next(fact for fact in case.facts if fact.number == found.number)


def _can_take(fact: Fact, given: Mapping[str, str]) -> None:
    takes = _TAKES[fact.kind]
    for name in given:
        if name not in takes:
            flags = ", ".join(f"--{other}" for other in takes)
            raise UsageError(f"Fact {fact.number} ({fact.kind.value}) has no --{name}.", f"It takes {flags}.")


def _amendment(call: Call, book: Book, case: Case, fact: Fact, given: Mapping[str, str]) -> Amendment:
    """Return what is right of the fact, read and checked as when it was recorded."""
    from milestone_cli.commands.evidence import words_of
    from milestone_cli.commands.recorded import free_text, rep_called
    from milestone_cli.domain.changes import Amendment, find_milestone
    from milestone_cli.domain.text import clean_name

    words = words_of(*(given.get(name) for name in ("did", "said", "wrote")), by=given.get("by"), ref=given.get("ref"))
    texts = words.texts()
    if "title" in given:
        texts["title"] = clean_name(given["title"], "title")
    if "reason" in given:
        texts["reason"] = free_text(given["reason"], "reason")
    change = Amendment(evidence=words.evidence, texts=texts)
    day = call.day(given["on"]) if "on" in given else fact.on
    more: dict[str, Any] = {}
    if "on" in given:
        more["on"] = day
    if "since" in given:
        more["since"] = call.day(given["since"])
    if "revisit" in given:
        more["revisit"] = call.day(given["revisit"], future=True)
    if "value" in given:
        more["value"] = call.amount(given["value"], case.history.currency)
    if "milestone" in given:
        more["milestone"] = find_milestone(case.history.at(day).process, given["milestone"])[1].key
    if "rep" in given:
        more["rep"] = rep_called(call, book, given["rep"], day).number
    return replace(change, **more)
