"""The lines of one deal: the opening, milestones reached, losses, and each change of its amount and its owner.

Invariant: the lines are in the order in which it happened; of several changes on one day the last one counts, unless a
milestone lies between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Kind
from milestone_cli.domain.text import fold
from milestone_cli.exchange.deal_story import Story, Told
from milestone_cli.exchange.deal_words import Words
from milestone_cli.exchange.deals import Deal
from milestone_cli.exchange.gathered import Line, More, line_id, line_number
from milestone_cli.exchange.journey import Journey, Note, Step, Turn
from milestone_cli.exchange.oddities import Oddity

_AMOUNT, _OWNER, _STEP = range(3)


class _Event(NamedTuple):
    """Something that happened, with what orders it within its day."""

    day: Day
    at: int | None
    rank: int
    what: Told | Step


class DealFacts:
    """Writes the lines of one deal."""

    def __init__(self, deal: Deal, external: str, words: Words, keys: Sequence[str], note: Note, *, today: Day) -> None:
        """Take the deal.

        Args:
            deal: as the files have it.
            external: its id with the name of its system before it.
            words: reads its amounts, owners and names.
            keys: of the milestones.
            note: takes oddities down.
            today: the day on which it is seen where a deal stands.
        """
        self._deal = deal
        self._external = external
        self._words = words
        self._keys = keys
        self._note = note
        self._today = today
        self._number = line_number(deal.source, deal.line)
        self._lines: list[Line] = []
        self._value: int | None = None
        self._rep = ""
        self._amount: tuple[Told, int] | None = None
        """A change of the amount that waits for the end of its day."""
        self._owner: tuple[Told, str] | None = None
        self._counts: dict[tuple[Kind, Day], int] = {}

    def lines(self, story: Story, way: Journey) -> list[Line]:
        """Return the lines; none where the deal has not a single day."""
        events = list(_in_order(story, way.steps))
        days = [event.day for event in events[:1]]
        if story.created is not None:
            days.append(story.created)
        if way.standing is not None:
            days.append(self._today)
        if not days:
            return []
        self._open(story, min(days))
        for event in events:
            self._write(event, way)
        self._flush()
        if way.standing is not None:
            key = self._keys[way.standing - 1]
            self._add(self._number, Kind.STANDING, key, self._today)
        self._compare(story)
        return self._lines

    def _open(self, story: Story, day: Day) -> None:
        """Write the opening with what the deal had then: its first amount and owner, or the only ones it has."""
        if not story.amounts:
            self._value = self._words.amount(self._deal.amount, self._number, self._note)
        elif story.amounts[0].day <= day:
            self._value = self._words.amount(story.amounts[0].value, story.amounts[0].line, self._note)
        if not story.owners:
            self._rep = self._words.owner(self._deal.owner, self._number, self._note)
        elif story.owners[0].day <= day:
            self._rep = self._words.owner(story.owners[0].value, story.owners[0].line, self._note)
        self._add(self._number, Kind.OPENED, None, day, value=self._value, rep=self._words.rep(self._rep, day))

    def _write(self, event: _Event, way: Journey) -> None:
        waiting = self._amount or self._owner
        if waiting is not None and waiting[0].day != event.day:
            self._flush()
        if isinstance(event.what, Step):
            self._flush()
            self._step(event.what, is_last=event.what is way.steps[-1])
        elif event.rank == _AMOUNT:
            self._revalue(event.what)
        else:
            self._assign(event.what)

    def _revalue(self, told: Told) -> None:
        minor = self._words.amount(told.value, told.line, self._note)
        if minor is not None:
            self._amount = told, minor
        elif self._value is not None or self._amount is not None:
            self._note(Oddity.AMOUNT_EMPTIED, told.line, told.day, ())

    def _assign(self, told: Told) -> None:
        rep = self._words.owner(told.value, told.line, self._note)
        if rep:
            self._owner = told, rep

    def _flush(self) -> None:
        """Write what the amount and the owner have come to."""
        if self._amount is not None:
            told, minor = self._amount
            self._amount = None
            if minor != self._value:
                self._value = minor
                self._add(told.line, Kind.REVALUED, None, told.day, value=minor)
        if self._owner is not None:
            owner, rep = self._owner
            self._owner = None
            if fold(rep) != fold(self._rep):
                self._rep = rep
                place = self._words.rep(rep, owner.day)
                self._add(owner.line, Kind.ASSIGNED, None, owner.day, rep=place)

    def _step(self, step: Step, *, is_last: bool) -> None:
        if step.target > 0:
            key = self._keys[step.target - 1]
            self._add(step.line, Kind.REACHED, key, step.day, bulk=step.bulk)
        elif step.target == Turn.LOST:
            reason = self._words.reason(self._deal.reason) if is_last else ""
            self._add(step.line, Kind.LOST, None, step.day, reason=reason)
        else:
            self._add(step.line, Kind.REOPENED, None, step.day)

    def _compare(self, story: Story) -> None:
        """Say where the deal itself has another amount or owner than its changes end with."""
        if not self._deal.is_listed:
            return
        if story.amounts and self._deal.amount:
            now = self._words.amount(self._deal.amount, self._number, self._note)
            if now is not None and now != self._value:
                self._note(Oddity.AMOUNT_DIFFERS, self._number, None, ())
        if story.owners and self._deal.owner:
            owner = self._words.owner(self._deal.owner, self._number, self._note)
            if owner and fold(owner) != fold(self._rep):
                self._note(Oddity.OWNER_DIFFERS, self._number, None, ())

    def _add(
        self, number: int, kind: Kind, milestone: str | None, day: Day, *, value: int | None = None,
        rep: int | None = None, reason: str = "", bulk: bool = False,
    ) -> None:  # fmt: skip
        """Write a line; a second one of its kind on a day has an id of its own."""
        texts = {}
        if milestone is None and kind is not Kind.OPENED:
            self._counts[kind, day] = count = self._counts.get((kind, day), 0) + 1
            if count > 1:
                texts["external"] = f"{line_id(self._external, kind, None, day)}:{count}"
        if reason:
            texts["reason"] = reason
        more = More(None, day, None, None, texts, bulk) if texts or bulk else None
        self._lines.append(Line(number, kind, milestone, day, value, rep, more))


def _in_order(story: Story, steps: Sequence[Step]) -> Iterator[_Event]:
    """Yield all events by day; those of one day by time if all have one, else amounts and owners before stages."""
    events = [_Event(told.day, told.at, _AMOUNT, told) for told in story.amounts]
    events += [_Event(told.day, told.at, _OWNER, told) for told in story.owners]
    events += [_Event(step.day, step.at, _STEP, step) for step in steps]
    if len(events) > len(steps):
        untimed = {event.day for event in events if event.at is None}
        # sorting keeps the order of what is equal: the steps of a day stay as the journey has them
        events.sort(key=lambda event: (event.day, 0 if event.day in untimed else event.at or 0, event.rank))
    yield from events
