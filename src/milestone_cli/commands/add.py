"""`ms add`: a new target customer, or one that has already reached milestones."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.domain.text import clean_name, quoted, slug
from milestone_cli.errors import InvalidValue, RuleBroken
from milestone_cli.options import Call
from milestone_cli.reports.table import Sentence, named

if TYPE_CHECKING:
    from milestone_cli.domain.changes import Case
    from milestone_cli.domain.day import Day
    from milestone_cli.reports.recorded import Addition
    from milestone_cli.store.recording import Ledger

KEY_LIMIT = 60


def add(
    call: Call,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's name.")],
    value: Annotated[
        str | None, typer.Option("--value", metavar="AMOUNT", help="Its potential: 40000, 40k, 1.6m.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="What the deal is about.")] = None,
    key: Annotated[
        str | None, typer.Option("--key", metavar="TEXT", help="Its key; else made from the customer's name.")
    ] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="Since when; today unless given.")] = None,
    reached: Annotated[
        list[str] | None,
        typer.Option("--reached", metavar="MILESTONE", help="It has reached this milestone on that day; repeatable."),
    ] = None,
) -> None:
    """Add a target customer and print the key of the new opportunity.

    Examples:
      ms add "Acme GmbH" --value 40k
      ms add "Acme GmbH" --title "Second plant" --reached 2 --on 2026-11-20
    """
    from milestone_cli.commands.opening import writing
    from milestone_cli.commands.recorded import about, day_of, rep_called, show_recorded
    from milestone_cli.domain.changes import not_in_the_future
    from milestone_cli.reports.recorded import added_document, added_remarks
    from milestone_cli.store.recording import NewOpportunity

    day = day_of(call, on)
    not_in_the_future(day, call.today)
    name = clean_name(customer, "name of the customer")
    own_key = "" if key is None else checked_key(key)
    own_title = "" if title is None else clean_name(title, "title")
    with writing(call, "add") as ledger:
        history = ledger.book.setup.the_process(call.process)
        rep = None if call.rep is None else rep_called(call, ledger.book, call.rep, day)
        potential = None if value is None else call.amount(value, history.currency)
        number, made = ledger.open(
            NewOpportunity(
                customer=name, process=history.key, on=day, key=own_key, title=own_title, value=potential,
                rep=None if rep is None else rep.number,
            )
        )  # fmt: skip
        ledger.project()
        case = _reach(ledger, ledger.book.case(number, call.today), reached or [], day)
    subject = about(call, case)
    addition = _addition(case, own_title, None if rep is None else rep.key)
    show_recorded(call, added_document(subject, addition), added_remarks(subject, addition))
    if not key and made != slug(name) and not call.json:
        taken = (named(slug(name)), named(made))
        call.terminal.say(Sentence("{} is another opportunity already; this one is {}.", taken))


def checked_key(text: str) -> str:
    """Return an opportunity's key as it is stored: 1 to 60 characters, no blank, no dash first, not all digits."""
    key = clean_name(text, "key", limit=KEY_LIMIT)
    if re.search(r"\s", key) or key.startswith("-"):
        raise InvalidValue(f"{quoted(key)} is no key: it has a blank or begins with a dash.", "Write it like acme-2.")
    if key.isdigit():
        raise InvalidValue(f"{quoted(key)} is all digits; that means an opportunity's number.", "Add a letter.")
    return key


def _reach(ledger: Ledger, case: Case, reached: list[str], day: Day) -> Case:
    """Record the milestones of --reached in their order; return the case with them."""
    from milestone_cli.domain.changes import advance, find_milestone

    process = case.history.at(day).process
    if reached and process.evidence_required:
        raise RuleBroken(
            f"The process {process.key} asks what the customer did, said or wrote.",
            "Add the customer without --reached, then say it with `ms advance`.",
        )
    numbers = {find_milestone(process, milestone)[0] for milestone in reached}
    for number in sorted(numbers):
        facts = ledger.record(advance(case, str(number), on=day))
        case = replace(case, facts=(*case.facts, *facts))
    return case


def _addition(case: Case, title: str, rep: str | None) -> Addition:
    from milestone_cli.commands.recorded import next_of, numbered
    from milestone_cli.reports.recorded import Addition

    state = case.state()
    places = {key: case.history.place(key, case.today) for key in state.arrivals}
    found = sorted(
        (numbered(case, number) for number in set(places.values())), key=lambda one: one.number if one else 0
    )
    return Addition(
        number=case.number,
        title=title,
        process=case.history.key,
        rep=rep,
        value=state.value,
        on=case.facts[0].on,
        facts=case.facts,
        reached=tuple(one for one in found if one is not None),
        implied=frozenset(places[key] for key, arrival in state.arrivals.items() if arrival.implied),
        next=next_of(case, state),
    )
