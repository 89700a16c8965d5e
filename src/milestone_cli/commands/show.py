"""`ms show`: one opportunity with its history and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.errors import RuleBroken
from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.domain.changes import Case
    from milestone_cli.domain.opportunity import Opportunity
    from milestone_cli.reports.opportunities import Listed, Places


def show(
    call: Call,
    opportunity: Annotated[str, typer.Argument(metavar="OPPORTUNITY", help="Its key, number or a unique beginning.")],
    explain: Annotated[
        bool, typer.Option("--explain", help="Print where its worth, its chance and its days come from.")
    ] = False,
) -> None:
    """Show where an opportunity stands and every fact about it, with what the customer did, said or wrote.

    Examples:
      ms show acme --explain
      ms show acme --as-of 2026-06-30 --json
    """
    from milestone_cli.commands.log import local_time
    from milestone_cli.commands.opening import looked_at, reading, reading_journal
    from milestone_cli.commands.opportunities import bases_of
    from milestone_cli.domain.day import iso
    from milestone_cli.domain.expected import expected
    from milestone_cli.domain.facts import as_known
    from milestone_cli.domain.opportunity import replay
    from milestone_cli.reports.opportunities import Places
    from milestone_cli.reports.show import Shown, history_of, show_document

    as_of = looked_at(call)
    with reading_journal(call) as book:
        case = book.case(book.find(opportunity), as_of)
        reps = {number: rep.key for number, rep in book.setup.reps.items()}
        history = case.history.seen(as_of)
        bases = {} if call.known_on is not None else bases_of(book, [history.key], as_of)
    if call.known_on is not None:
        with reading(call) as past:
            bases = bases_of(past, [history.key], as_of)
    standing = as_known(case.facts, as_of=as_of, known_on=call.known_on)
    if not standing:
        raise RuleBroken(f"Nothing was recorded about {case.key} by {iso(as_of)}.", "Look from a later day.")
    seen = [fact for fact in case.facts if call.known_on is None or fact.known_on <= call.known_on]
    told = [fact for fact in seen if fact.on <= as_of or fact in standing or fact.voids is not None]
    state = replay(standing, history)
    head = _head(case, state, Places({history.key: history}, as_of, bases), reps)
    names = {one.key: one.name for definition in history.definitions for one in definition.process.milestones}
    numbers = {key: number for number, key in enumerate(history.at(as_of).process.keys, start=1)}
    lines = history_of(told, standing, history)
    worth = expected(state, history, bases[history.key], as_of)
    shown = Shown(head=head, worth=worth, told=lines, reps=reps, names=names, numbers=numbers, as_of=as_of)
    document = show_document(shown, local_time(call))
    if explain:
        from milestone_cli.reports.show_explained import explained

        document = explained(document, shown, bases[history.key])
    call.show(document)


def _head(case: Case, state: Opportunity, places: Places, reps: Mapping[int, str]) -> Listed:
    """Return where the opportunity stands, as the list of opportunities says it."""
    return places.listed(
        key=case.key,
        number=case.number,
        customer=case.customer,
        title=state.title,
        process=case.history.key,
        rep=None if state.rep is None else reps.get(state.rep),
        value=state.value,
        milestone=state.milestone,
        opened_on=state.opened_on,
        waiting_since=state.waiting_since,
        status=state.status,
    )
