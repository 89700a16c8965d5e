"""The way of one deal through its stages, as the milestones it reached: what was first, what is implied, what is odd.

Invariant: a journey is a function of the deal's dated changes and of where it is now; a milestone is reached at most
once, days never fall from one milestone to the next, and whatever was left out is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from milestone_cli.domain.day import Day
from milestone_cli.exchange.oddities import Oddity


class Turn(IntEnum):
    """What an entry into a stage can mean beside a milestone's number; 0 is a target customer."""

    LOST = -1
    OPEN = -2
    """Not lost any more, at whatever stage it was."""
    NOTHING = -3


class Visit(NamedTuple):
    """One entry into a stage."""

    day: Day
    at: int | None
    """Microseconds since 1970 UTC; None where only the day is known."""
    target: int
    """The number of a milestone, or a `Turn`."""
    line: int
    """Its number, over all files."""
    by_status: bool = False
    """A status changed, not a stage."""
    is_last_entry: bool = False
    """Its day is overwritten when the stage is entered again."""
    bulk: bool = False


class Step(NamedTuple):
    """What becomes a fact: a milestone reached (its number), a loss, or the end of one (a `Turn`)."""

    day: Day
    at: int | None
    """Microseconds since 1970 UTC; None where only the day is known."""
    target: int
    line: int
    bulk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Where a deal is now, by the row about itself."""

    target: int | None
    """A milestone's number or a `Turn`; None where the export does not say."""
    closed: Callable[[], Day | None]
    """Reads when it was won or lost; None where the export does not say. Of little use: asked only without better."""
    line: int


@dataclass(slots=True)
class Journey:
    """The steps of a deal in their order."""

    steps: list[Step] = field(default_factory=list)
    standing: int | None = None
    """It stands at this milestone, nobody knows since when."""
    is_out: bool = False
    """The deal is left out: it ended, and nobody knows when."""


Note = Callable[[Oddity, int, "Day | None", tuple[int, ...]], None]
"""Takes an oddity down: what, line, day, milestones."""


def journey(visits: Sequence[Visit], present: Present, last: int, note: Note) -> Journey:
    """Return the way of a deal.

    Args:
        visits: its entries into stages, in the order of the files.
        present: where it is now.
        last: the number of the last milestone, which is reached by winning.
        note: takes oddities down.
    """
    found = in_order(_pulled_down(visits, note))
    target = _target_now(found, present, last, note)
    found, is_out = _ended(found, target, present, last, note)
    if is_out:
        return Journey(is_out=True)
    walk = _Walk(last, note)
    for visit in found:
        walk.enter(visit)
    result = Journey(walk.steps)
    _settle_present(result, walk, target, present.line, note, has_visits=bool(found))
    for step in result.steps:
        if step.bulk and step.target == Turn.LOST:
            note(Oddity.LOST_IN_BULK, step.line, step.day, ())
    return result


def in_order(visits: Sequence[Visit]) -> list[Visit]:
    """Return the visits by day; those of one day by time if all of them have one, else by milestone, losses last."""
    found = sorted(visits, key=_day)
    start = 0
    for place in range(1, len(found) + 1):
        if place == len(found) or found[place].day != found[start].day:
            if place - start > 1:
                group = found[start:place]
                timed = all(visit.at is not None for visit in group)
                found[start:place] = sorted(group, key=_time if timed else _rank)
            start = place
    return found


def _day(visit: Visit) -> Day:
    return visit.day


def _rank(visit: Visit) -> int:
    """Return the place of a visit among others of one moment: coming back, the milestones, a loss."""
    return 1000 if visit.target == Turn.LOST else visit.target


def _time(visit: Visit) -> tuple[int, int]:
    return visit.at or 0, _rank(visit)


def _pulled_down(visits: Sequence[Visit], note: Note) -> Sequence[Visit]:
    """Return the visits with no overwritten date later than that of a later milestone."""
    if not any(visit.is_last_entry for visit in visits):
        return visits
    dated = sorted((v for v in visits if v.is_last_entry and v.target > 0), key=lambda v: (-v.target, v.day))
    pulled: dict[Visit, Visit] = {}
    bound: Visit | None = None
    lowest: Visit | None = None
    for visit in dated:
        if lowest is not None and visit.target < lowest.target and (bound is None or lowest.day < bound.day):
            bound = lowest
        if bound is not None and visit.day >= bound.day:
            if visit.day > bound.day:
                note(Oddity.DATES_BACKWARDS, visit.line, visit.day, (visit.target, bound.target))
            # a time would set them in the wrong order again
            pulled[visit] = visit._replace(day=bound.day, at=None)
        if lowest is None or visit.target < lowest.target:
            lowest = pulled.get(visit, visit)
    return [pulled.get(visit, visit) for visit in visits]


def _target_now(visits: Sequence[Visit], present: Present, last: int, note: Note) -> int | None:
    """Return where the deal is: an end that its dated history says goes before what an undated row says.

    The row may be older than the history. Where the days stand in that row itself it goes before them.
    """
    end = _end_of(visits, last)
    if end is None or present.target is None or present.target == end.target or end.is_last_entry:
        return last if present.target is None and end is not None and end.target == last else present.target
    if end.target == Turn.LOST and _went_on(visits, end, last):
        return present.target
    note(Oddity.STAGE_DIFFERS, present.line, None, (present.target,) if present.target >= 0 else ())
    return end.target


def _end_of(visits: Sequence[Visit], last: int) -> Visit | None:
    """Return the win or the loss that the visits end with: the last one, or one by status that no other followed."""
    for visit in reversed(visits):
        if visit.target in (last, Turn.LOST) and (visit.by_status or visit is visits[-1]):
            return visit
        if visit.by_status:
            return None
    return None


def _went_on(visits: Sequence[Visit], end: Visit, last: int) -> bool:
    """Tell whether a deal passed a milestone after a loss: then it came back, though nothing says so."""
    place = len(visits) - 1 - visits[::-1].index(end)
    highest = max((visit.target for visit in visits[:place] if visit.target != last), default=0)
    return any(visit.target > max(highest, 0) for visit in visits[place + 1 :])


def _ended(
    visits: list[Visit], target: int | None, present: Present, last: int, note: Note
) -> tuple[list[Visit], bool]:
    """Return the visits with the one end that the deal has, and whether the deal is out for want of its day."""
    if target == last:
        if any(visit.target == last for visit in visits):
            return _until_won(visits, last, note), False
    else:
        visits = _without_wins(visits, last, note)
        if target != Turn.LOST:
            return visits, False
        if (end := _end_of(visits, last)) is not None:
            return _until_lost(visits, end, note), False
    day = present.closed()
    if day is None:
        note(Oddity.NO_DAY_FOR_END, present.line, None, ())
        return visits, True
    if visits and day < visits[-1].day:
        note(Oddity.DATES_BACKWARDS, present.line, day, ())
        day = visits[-1].day
    return [*visits, Visit(day, None, target, present.line, by_status=True)], False


def _without_wins(visits: list[Visit], last: int, note: Note) -> list[Visit]:
    kept = []
    for visit in visits:
        if visit.target == last:
            note(Oddity.WIN_TAKEN_BACK, visit.line, visit.day, (last,))
        else:
            kept.append(visit)
    return kept


def _until_won(visits: list[Visit], last: int, note: Note) -> list[Visit]:
    """Return the visits up to the first win; what came after it is counted as one."""
    place = next(place for place, visit in enumerate(visits) if visit.target == last)
    later = [visit for visit in visits[place + 1 :] if visit.target not in (last, Turn.OPEN, Turn.NOTHING)]
    if later:
        note(Oddity.AFTER_WIN, later[0].line, later[0].day, ())
    return visits[: place + 1]


def _until_lost(visits: list[Visit], end: Visit, note: Note) -> list[Visit]:
    """Return the visits up to the loss that still holds."""
    place = len(visits) - 1 - visits[::-1].index(end)
    for visit in visits[place + 1 :]:
        if visit.target >= 0:
            note(Oddity.WHILE_LOST, visit.line, visit.day, (visit.target,))
    return visits[: place + 1]


class _Walk:
    """Goes through the visits, one after the other."""

    def __init__(self, last: int, note: Note) -> None:
        self.steps: list[Step] = []
        self.highest = 0
        self.lost: Visit | None = None
        self._last = last
        self._note = note
        self._here: int | None = None
        self._entered: set[int] = set()

    def enter(self, visit: Visit) -> None:
        if visit.target == Turn.LOST:
            self._lose(visit)
        elif visit.target == Turn.OPEN:
            self._come_back(visit)
        elif self.lost is not None and self.lost.by_status and visit.target <= self.highest:
            self._note(Oddity.WHILE_LOST, visit.line, visit.day, (visit.target,))
        elif visit.target >= 0:
            self._come_back(visit)
            self._move(visit)

    def _lose(self, visit: Visit) -> None:
        if self.lost is None:
            self.lost = visit
            self.steps.append(Step(visit.day, visit.at, Turn.LOST, visit.line, visit.bulk))

    def _come_back(self, visit: Visit) -> None:
        if self.lost is None:
            return
        self.lost = None
        if self.steps[-1].target == Turn.LOST and self.steps[-1].day == visit.day:
            # what was taken back the same day was no loss
            self.steps.pop()
            return
        self._note(Oddity.CAME_BACK, visit.line, visit.day, ())
        self.steps.append(Step(visit.day, visit.at, Turn.OPEN, visit.line, visit.bulk))

    def _move(self, visit: Visit) -> None:
        number, here = visit.target, self._here
        self._here = number
        if number > self.highest:
            self._arrive(visit)
        elif here is not None and number < here:
            self._note(Oddity.MOVED_BACK, visit.line, visit.day, (here, number))
        elif here is not None and number > here:
            again = number in self._entered
            self._note(Oddity.ENTERED_AGAIN if again else Oddity.MOVED_BACK, visit.line, visit.day, (number,))
        self._entered.add(number)

    def _arrive(self, visit: Visit) -> None:
        number = visit.target
        if number > self.highest + 1:
            odd = Oddity.WON_WITHOUT_PASSING if number == self._last else Oddity.SKIPPED
            self._note(odd, visit.line, visit.day, (self.highest, number))
        if visit.bulk:
            self._note(Oddity.BULK, visit.line, visit.day, (number,))
        self.highest = number
        self.steps.append(Step(visit.day, visit.at, number, visit.line, visit.bulk))


def _settle_present(
    result: Journey, walk: _Walk, target: int | None, line: int, note: Note, *, has_visits: bool
) -> None:
    """Bring the steps in line with where the deal is now."""
    if walk.lost is not None:
        if target is not None and target != Turn.LOST:
            note(Oddity.LOSS_TAKEN_BACK, walk.lost.line, walk.lost.day, ())
            result.steps.pop()
        elif not walk.highest:
            note(Oddity.LOST_WITHOUT_PASSING, walk.lost.line, walk.lost.day, ())
    if target is None or target <= walk.highest:
        return
    if has_visits:
        note(Oddity.NO_DAY_FOR_STAGE, line, None, (target,))
    else:
        note(Oddity.NO_DAY, line, None, (target,))
        result.standing = target
