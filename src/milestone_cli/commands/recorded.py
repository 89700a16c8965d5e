"""What recording commands share: finding what they are about, reading texts and reps, saying what was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from milestone_cli.domain.text import clean_name
from milestone_cli.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from milestone_cli.domain.basis import Basis
    from milestone_cli.domain.changes import Case
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.opportunity import Opportunity
    from milestone_cli.domain.setup import Rep
    from milestone_cli.options import Call
    from milestone_cli.reports.recorded import About, Numbered
    from milestone_cli.reports.reward import WorthMove
    from milestone_cli.reports.table import Document, Line
    from milestone_cli.store.book import Book

TEXT_LIMIT = 2000
"""Characters of a free text: words of a customer, a reason."""


def case_of(call: Call, book: Book, opportunity: str) -> Case:
    """Return the opportunity that a name on the command line means."""
    return book.case(book.find(opportunity), call.today)


def about(call: Call, case: Case) -> About:
    """Return what the result of a command says of its opportunity."""
    from milestone_cli.reports.recorded import About

    return About(opportunity=case.key, customer=case.customer, currency=case.history.currency, dry_run=call.dry_run)


def rep_called(call: Call, book: Book, name: str, on: Day) -> Rep:
    """Return the rep with the key `name`; that they have left is only remarked, for facts may come late.

    Raises:
        UnknownName: with the way to add them.
    """
    try:
        rep = book.setup.rep(name)
    except UnknownName as error:
        keys = [other.key for other in book.setup.reps.values()]
        raise UnknownName("rep", name, keys, "`ms reps` lists them, `ms add-rep` adds one.") from error
    if not rep.active_on(on):
        call.terminal.warn(f"{rep.key} had left by then.")
    return rep


def rep_key(book: Book, number: int | None) -> str | None:
    """Return the key of a rep; None for nobody."""
    return None if number is None or number not in book.setup.reps else book.setup.reps[number].key


def day_of(call: Call, text: str | None) -> Day:
    """Return the day of `--on`; today where it is not given."""
    return call.today if text is None else call.day(text)


def free_text(text: str | None, what: str) -> str:
    """Return a free text as it is stored; empty where it is not given."""
    return "" if text is None else clean_name(text, what, limit=TEXT_LIMIT)


def standing_at(case: Case, state: Opportunity) -> Numbered | None:
    """Return the milestone it stands at, in today's version; None for a target customer."""
    return numbered(case, case.history.place(state.milestone, case.today))


def next_of(case: Case, state: Opportunity) -> Numbered | None:
    """Return the next milestone to win, in today's version; None once it is won."""
    return None if state.won_on is not None else numbered(case, case.history.place(state.milestone, case.today) + 1)


def numbered(case: Case, number: int) -> Numbered | None:
    """Return milestone `number` of today's version; None where it has none of that number."""
    from milestone_cli.reports.recorded import Numbered

    process = case.history.at(case.today).process
    return Numbered(number, process.milestone(number)) if 1 <= number <= len(process.milestones) else None


def ground_of(book: Book, case: Case) -> Basis:
    """Return what the month of today says an opportunity of its process is worth: from the snapshot."""
    from milestone_cli.domain.day import month_of

    return book.basis(case.history.key, month_of(case.today), case.today, for_targets=False)


def worth_moved(case: Case, done: Case, basis: Basis) -> WorthMove:
    """Return what an opportunity was worth today before a command, and is worth with what it recorded."""
    from milestone_cli.domain.expected import expected
    from milestone_cli.reports.reward import WorthMove

    was, state = case.state(), done.state()
    before, now = (expected(one, case.history, basis, case.today) for one in (was, state))
    return WorthMove(before=before, now=now, status=state.status)


def show_recorded(call: Call, document: Document, remarks: Sequence[Line] = ()) -> None:
    """Write the result; remarks go beside it, and a dry run says that it was one."""
    call.show(document)
    if call.json:
        return
    from milestone_cli.render.cells import shown_line

    for line in remarks:
        call.terminal.say(shown_line(line, call.locale.tag))
    if call.dry_run:
        call.terminal.say("Dry run: nothing was recorded.")
