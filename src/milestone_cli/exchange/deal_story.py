"""What the texts of one deal say once a day is a day and a stage a milestone: its story, not yet in order.

Invariant: a text that cannot be read is reported with its line; what lies in the future is left out and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from milestone_cli.domain.day import Day
from milestone_cli.domain.text import quoted
from milestone_cli.errors import InvalidValue
from milestone_cli.exchange.date_forms import Moment
from milestone_cli.exchange.deal_words import Report
from milestone_cli.exchange.deals import Change, Deal, Deals, What
from milestone_cli.exchange.gathered import line_number
from milestone_cli.exchange.journey import Note, Present, Turn, Visit
from milestone_cli.exchange.meanings import Meanings
from milestone_cli.exchange.moments import Moments
from milestone_cli.exchange.oddities import Oddity


class Told(NamedTuple):
    """What an amount or an owner is from a moment on."""

    day: Day
    at: int | None
    """Microseconds since 1970 UTC; None where only the day is known."""
    value: str
    """As written."""
    line: int
    """Its number, over all files."""


NOWHERE = Present(target=None, closed=lambda: None, line=0)
"""Of a deal that no row is about."""


@dataclass(slots=True)
class Story:
    """One deal, read."""

    created: Day | None = None
    visits: list[Visit] = field(default_factory=list)
    amounts: list[Told] = field(default_factory=list)
    """In their order; the first one from the beginning on where it was said so."""
    owners: list[Told] = field(default_factory=list)
    present: Present = NOWHERE
    passed_over: bool = False
    """A stage of it means nothing here."""


class Stories:
    """Reads deals."""

    def __init__(
        self, deals: Deals, meanings: Meanings, moments: Moments, report: Report, *, last: int, today: Day
    ) -> None:
        """Take what deals are read with.

        Args:
            deals: what the files say.
            meanings: of stages and words.
            moments: reads their dates.
            report: takes what is wrong with a line.
            last: the number of the last milestone.
            today: what lies after it is left out.
        """
        self._columns = deals.columns
        self._meanings = meanings
        self._moments = moments
        self._report = report
        self._last = last
        self._today = today

    def read(self, deal: Deal, note: Note) -> Story:
        """Return the story of a deal; `note` takes oddities down."""
        story = Story()
        number = line_number(deal.source, deal.line)
        created = self._moment(deal.created, deal.created_column, number, note) if deal.created else None
        story.created = None if created is None else created.day
        told = [(change, *self._when(deal, change, created, note)) for change in deal.changes]
        for change, line, moment in told:
            if moment is not None:
                self._take(deal, change, moment, line, story)
        if created is not None and any(change.old for change in deal.changes):
            self._take_beginnings(deal, created, told, story)
        story.amounts.sort(key=_order)
        story.owners.sort(key=_order)
        story.present = self._present(deal, story, number, note)
        return story

    def _take_beginnings(
        self, deal: Deal, created: Moment, told: Sequence[tuple[Change, int, Moment | None]], story: Story
    ) -> None:
        """Add what the earliest change of each kind replaced: what the deal had from the beginning."""
        first: dict[What, tuple[Moment, int, Change]] = {}
        for change, line, moment in told:
            if moment is not None and change.time:
                known = first.get(change.what)
                if known is None or _earlier(moment, known[0]):
                    first[change.what] = moment, line, change
        for moment, line, change in first.values():
            if change.old:
                begun = created if _earlier(created, moment) else moment
                self._take(deal, change._replace(value=change.old, bulk=False), begun, line, story, at_first=True)

    def _when(self, deal: Deal, change: Change, created: Moment | None, note: Note) -> tuple[int, Moment | None]:
        """Return the number of a change's line and its moment: without a time it stands from the beginning."""
        if not change.time:
            return line_number(deal.source, change.line), created
        number = line_number(self._columns[change.column].source, change.line)
        return number, self._moment(change.time, change.column, number, note)

    def _moment(self, text: str, column: int, number: int, note: Note) -> Moment | None:
        try:
            moment = self._moments.of(text, column)
        except InvalidValue as error:
            self._report(number, f"{error.message}, under {quoted(self._columns[column].heading)}")
            return None
        if moment.day > self._today:
            note(Oddity.IN_THE_FUTURE, number, moment.day, ())
            return None
        return moment

    def _take(
        self, deal: Deal, change: Change, moment: Moment, number: int, story: Story, *, at_first: bool = False
    ) -> None:
        """Add a change to the story, `at_first` before all others of its moment."""
        if change.what is What.AMOUNT or change.what is What.OWNER:
            told = story.amounts if change.what is What.AMOUNT else story.owners
            told.insert(0 if at_first else len(told), Told(moment.day, moment.at, change.value, number))
            return
        target = self._target(deal, change.what, change.pipeline, change.value)
        if target is None or target == Turn.NOTHING:
            story.passed_over |= target is not None
            return
        if target in (self._last, Turn.LOST) and _is_assumed(deal, change):
            # the day on which it closed is known: `present` has it
            return
        visit = Visit(
            moment.day,
            moment.at,
            target,
            number,
            by_status=change.what is What.STATUS,
            is_last_entry=bool(change.time) and not at_first and self._columns[change.column].is_last_entry,
            bulk=change.bulk,
        )
        story.visits.insert(0 if at_first else len(story.visits), visit)

    def _target(self, deal: Deal, what: What, pipeline: str, value: str) -> int | None:
        if not value:
            return None
        if what is What.STATUS:
            return self._meanings.status(value, deal.id)
        return self._meanings.stage(pipeline or deal.pipeline, value, deal.id)

    def _present(self, deal: Deal, story: Story, number: int, note: Note) -> Present:
        stage = self._target(deal, What.STAGE, deal.pipeline, deal.stage)
        status = self._target(deal, What.STATUS, "", deal.status)
        if stage == Turn.NOTHING:
            story.passed_over = True
            stage = None
        target: int | None
        if status in (self._last, Turn.LOST):
            target = status
        elif stage is not None:
            target = stage
        else:
            target = status if status == Turn.OPEN else None

        def closed() -> Day | None:
            moment = self._moment(deal.closed, deal.closed_column, number, note) if deal.closed else None
            return None if moment is None else moment.day

        return Present(target=target, closed=closed, line=number)


def _is_assumed(deal: Deal, change: Change) -> bool:
    """Tell whether an end is dated to the creation for want of better, though the row says when the deal closed."""
    is_creation = (change.time, change.column) == (deal.created, deal.created_column)
    return deal.begun and bool(deal.closed) and change.what is What.STAGE and is_creation


def _earlier(one: Moment, other: Moment) -> bool:
    return (one.day, one.at or 0) < (other.day, other.at or 0)


def _order(told: Told) -> tuple[Day, int]:
    return told.day, told.at or 0
