"""`ms advance`: the customer reached a milestone."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.errors import UsageError
from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.domain.changes import Case, Words
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.facts import Evidence, Fact
    from milestone_cli.reports.kpis import KpisReport
    from milestone_cli.reports.recorded import Advance
    from milestone_cli.reports.reward import MovedLamp, WorthMove
    from milestone_cli.store.book import Book

QUESTION = "What did the customer do, say or write? (Enter skips; begin with did: or wrote: where they said nothing)"
_CHOSEN = re.compile(r"(d|did|s|said|w|wrote):\s*(.*)", re.IGNORECASE | re.DOTALL)


def advance(
    call: Call,
    opportunity: Annotated[str, typer.Argument(metavar="OPPORTUNITY", help="Its key, number or a unique beginning.")],
    milestone: Annotated[str, typer.Argument(metavar="MILESTONE", help="Its number or key.")],
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

    Examples:
      ms advance acme 3 --said "Yes, that costs us 200 hours a month" --by "Ms Meier"
      ms advance acme offer --wrote "Please send the contract" --on yesterday
    """
    from milestone_cli.commands.opening import writing
    from milestone_cli.commands.recorded import about, case_of, day_of, ground_of, show_recorded, worth_moved
    from milestone_cli.domain.changes import advance as decided
    from milestone_cli.reports.recorded import advanced_document
    from milestone_cli.reports.reward import moved_lamps

    day = day_of(call, on)
    words = words_of(did, said, wrote, by=by, ref=ref)
    if not words.text and call.terminal.may_prompt and not call.yes:
        words = _asked(call, opportunity, milestone, day, words)
    with writing(call, "advance") as ledger:
        case = case_of(call, ledger.book, opportunity)
        amount = None if value is None else call.amount(value, case.history.currency)
        facts = decided(case, milestone, on=day, words=words, value=amount)
        rep, basis = case.owner_on(day), ground_of(ledger.book, case)
        before = _kpis(ledger.book, case, day, rep)
        recorded = ledger.record(facts)
        ledger.project()
        after = _kpis(ledger.book, case, day, rep)
    done = replace(case, facts=(*case.facts, *recorded))
    told = _advance(case, done, recorded[0], moved_lamps(before, after), after, worth_moved(case, done, basis))
    show_recorded(call, advanced_document(about(call, case), told))


def words_of(
    did: str | None, said: str | None, wrote: str | None, *, by: str | None = None, ref: str | None = None
) -> Words:
    """Return what the customer did, said or wrote.

    Raises:
        UsageError: more than one of the three.
        InvalidValue: a text that cannot be stored.
    """
    from milestone_cli.commands.recorded import free_text
    from milestone_cli.domain.changes import Words
    from milestone_cli.domain.facts import Evidence

    ways = ((Evidence.DID, did), (Evidence.SAID, said), (Evidence.WROTE, wrote))
    given = [(evidence, text) for evidence, text in ways if text is not None]
    if len(given) > 1:
        flags = " and ".join(f"--{evidence.value}" for evidence, _ in given)
        raise UsageError(f"{flags} cannot go together.", "Say the one thing that counts most.")
    evidence, text = given[0] if given else (None, None)
    return Words(
        evidence=evidence,
        text=free_text(text, "text"),
        by=free_text(by, "person"),
        ref=free_text(ref, "reference"),
    )


def _asked(call: Call, opportunity: str, milestone: str, day: Day, words: Words) -> Words:
    """Ask for one line of evidence, once it is sure that the rest is right; the file is free meanwhile."""
    from milestone_cli.commands.opening import reading_journal
    from milestone_cli.commands.recorded import case_of, free_text
    from milestone_cli.domain.changes import advance as decided

    with reading_journal(call) as book:
        case = case_of(call, book, opportunity)
        decided(case, milestone, on=day, words=replace(words, text="to be asked"))
    evidence, text = evidence_in(call.terminal.ask(QUESTION))
    return replace(words, evidence=evidence, text=free_text(text, "text")) if text else words


def evidence_in(answer: str) -> tuple[Evidence | None, str]:
    """Return how the customer showed it, and the words: said unless the answer begins with did: or wrote:.

    >>> evidence_in("wrote: Send the contract")[0].value, evidence_in("Yes, please")[0].value
    ('wrote', 'said')
    """
    from milestone_cli.domain.facts import Evidence

    found = _CHOSEN.fullmatch(answer.strip())
    if found is None:
        return (Evidence.SAID if answer.strip() else None), answer.strip()
    chosen = next(evidence for evidence in Evidence if evidence.value.startswith(found[1].lower()))
    return (chosen if found[2] else None), found[2]


def _kpis(book: Book, case: Case, day: Day, rep: int | None) -> KpisReport:
    """Return the KPIs of the day's month for the opportunity's rep, else for the team."""
    from milestone_cli.commands.grounds import month_kpis
    from milestone_cli.domain.day import month_of

    owner = None if rep is None else book.setup.reps.get(rep)
    return month_kpis(book, case.history.key, month_of(day), case.today, owner)


def _advance(
    case: Case, done: Case, fact: Fact, lamps: tuple[MovedLamp, ...], month: KpisReport, worth: WorthMove
) -> Advance:
    from milestone_cli.commands.recorded import next_of, numbered
    from milestone_cli.reports.recorded import Advance, Numbered

    was, state = case.state(), done.state()
    key = fact.milestone or ""
    new = [other for other in state.arrivals if other not in was.arrivals and other != key]
    implied = [numbered(done, done.history.place(other, done.today)) for other in new]
    process = done.history.at(fact.on).process
    own = numbered(done, done.history.place(key, done.today))
    return Advance(
        fact=fact,
        reached=own or Numbered(process.number_of(key) or 0, process.milestones[(process.number_of(key) or 1) - 1]),
        implied=tuple(one for one in implied if one is not None),
        won=state.won_on is not None and was.won_on is None,
        month=month.period.months()[0],
        whose=None if month.rep is None else month.rep.key,
        lamps=lamps,
        worth=worth,
        next=next_of(done, state),
    )
