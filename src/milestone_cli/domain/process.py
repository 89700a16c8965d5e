"""A process: the ordered customer actions of one market, its plan, and how both changed over time.

Invariant: a milestone is known by its key; its number 1..k is only its place in one version. Version 1 and its plan
hold from the beginning of time, a later definition from its `valid_from` on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from milestone_cli.domain.day import Day
from milestone_cli.domain.money import Currency

DEFAULT_RATE = Decimal("0.5")
"""The planned success rate of a section where the process file names none."""
DEFAULT_DAYS = 30
"""The planned duration of a section in days where the process file names none."""
BEGINNING = -(10**9)
"""A day before every other: the beginning of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One customer action that counts."""

    key: str
    """Stays the same across versions."""
    name: str
    customer_action: str = ""
    """What the CUSTOMER does, says or puts in writing."""
    how: tuple[str, ...] = ()
    """How to win this milestone."""
    rate: Decimal | None = None
    """Planned share of those at the previous milestone that reach this one; None where not given."""
    days: int | None = None
    """Planned typical days from the previous milestone to this one; None where not given."""
    dead_after_days: int | None = None
    """Age at the PREVIOUS milestone after which an opportunity is a dead horse."""

    @property
    def planned_rate(self) -> Decimal:
        """The planned rate, or the default."""
        return DEFAULT_RATE if self.rate is None else self.rate

    @property
    def planned_days(self) -> int:
        """The planned days, or the default."""
        return DEFAULT_DAYS if self.days is None else self.days


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One definition of a process: texts, plan and the order of its milestones."""

    key: str
    title: str
    currency: Currency
    evidence_required: bool = False
    typical_value: int | None = None
    """Potential assumed where none is given, in minor units."""
    history_from: Day | None = None
    """Before this day only opportunities still open then are known."""
    milestones: tuple[Milestone, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The milestone keys in order; their places are the numbers 1..k."""
        return tuple(milestone.key for milestone in self.milestones)

    @property
    def last(self) -> Milestone:
        """The order."""
        return self.milestones[-1]

    def number_of(self, key: str | None) -> int | None:
        """Return the number 1..k of a milestone key, or None where this version has no such milestone."""
        for number, milestone in enumerate(self.milestones, start=1):
            if milestone.key == key:
                return number
        return None

    def milestone(self, number: int) -> Milestone:
        """Return milestone 1..k."""
        return self.milestones[number - 1]

    def planned_rates(self) -> tuple[Fraction, ...]:
        """Return the k-1 planned section rates, exactly as typed."""
        return tuple(Fraction(milestone.planned_rate) for milestone in self.milestones[1:])

    def planned_lead_days(self, number: int) -> int:
        """Return the planned days from milestone `number` to the last one."""
        return sum(milestone.planned_days for milestone in self.milestones[number:])

    def planned_days_to(self, number: int) -> int:
        """Return the planned days from milestone 1 to milestone `number`."""
        return sum(milestone.planned_days for milestone in self.milestones[1:number])


@dataclass(frozen=True, slots=True)
class Definition:
    """A process as defined on one day, valid from another."""

    process: Process
    version: int
    """1, 2, ...: rises when milestones are added, removed or reordered."""
    set_on: Day
    """The day it was set."""
    valid_from: Day | None
    """The day it holds from; None is the beginning of time."""

    @property
    def begins(self) -> Day:
        """`valid_from` as a day that can be compared."""
        return BEGINNING if self.valid_from is None else self.valid_from


_Entered = tuple[Process, Day, Day | None]
"""What was defined, on which day, from which day on."""


def _placed(entered: Sequence[_Entered]) -> Sequence[_Entered]:
    """Return the definitions with those of the beginning where they belong, if there is more than one of these."""
    roots = [item for item in entered if item[2] is None]
    if all(plan_of(item[0]) == plan_of(roots[0][0]) for item in roots[1:]):
        return entered
    later = {plan_of(process): day for process, _, day in sorted(entered, key=_latest_first) if day is not None}
    if all(plan_of(process) in later for process, _, _ in roots):
        del later[plan_of(roots[0][0])]
    return [(process, on, later.get(plan_of(process)) if day is None else day) for process, on, day in entered]


def _latest_first(item: _Entered) -> Day:
    return BEGINNING if item[2] is None else -item[2]


def plan_of(process: Process) -> Process:
    """Return a definition without what only says from when on everything is known."""
    return replace(process, history_from=None)


@dataclass(frozen=True, slots=True)
class ProcessHistory:
    """All definitions of one process, in the order in which they take effect."""

    key: str
    definitions: tuple[Definition, ...]

    @classmethod
    def of(cls, key: str, entered: Sequence[tuple[Process, Day, Day | None]]) -> ProcessHistory:
        """Return the history of (process, set on, valid from) triples given in the order they were entered."""
        order = sorted(entered, key=lambda item: BEGINNING if item[2] is None else item[2])
        definitions: list[Definition] = []
        for process, set_on, valid_from in order:
            version = definitions[-1].version if definitions else 1
            if definitions and definitions[-1].process.keys != process.keys:
                version += 1
            definitions.append(Definition(process, version, set_on, valid_from))
        return cls(key, tuple(definitions))

    @classmethod
    def united(cls, key: str, entered: Sequence[tuple[Process, Day, Day | None]]) -> ProcessHistory:
        """Return the history of what several books have entered, each from a beginning of its own.

        What repeats the definition before it says nothing, and a first definition that another book has as a later
        one counts from that day on.
        """
        told = cls.of(key, _placed(entered)).definitions
        again = {
            place
            for place, (before, item) in enumerate(pairwise(told), start=1)
            if (before.process, before.valid_from) == (item.process, item.valid_from)
        }
        return cls(key, tuple(item for place, item in enumerate(told) if place not in again))

    def seen(self, as_of: Day) -> ProcessHistory:
        """Return the history without what was set after `as_of`; the first definition always counts."""
        first = min(self.definitions, key=lambda item: item.begins)
        kept = tuple(item for item in self.definitions if item.set_on <= as_of or item is first)
        return self if len(kept) == len(self.definitions) else replace(self, definitions=kept)

    def at(self, day: Day) -> Definition:
        """Return the definition that holds on `day`."""
        holding = self.definitions[0]
        for definition in self.definitions[1:]:
            if definition.begins <= day:
                holding = definition
        return holding

    def revised_on(self, day: Day) -> Day | None:
        """Return the last day by `day` on which it was defined anew; None while it is as first defined."""
        first = min(self.definitions, key=lambda item: item.begins)
        return max((item.set_on for item in self.definitions if item is not first and item.set_on <= day), default=None)

    @property
    def newest(self) -> Definition:
        """The definition that takes effect last."""
        return self.definitions[-1]

    @property
    def currency(self) -> Currency:
        """The one currency of all versions."""
        return self.definitions[0].process.currency

    @property
    def history_from(self) -> Day | None:
        """Before this day only opportunities still open then are known: what was said last."""
        return max(reversed(self.definitions), key=lambda item: item.set_on).process.history_from

    def all_keys(self) -> tuple[str, ...]:
        """Return every milestone key that any version has, in order of first appearance."""
        return tuple(dict.fromkeys(key for item in self.definitions for key in item.process.keys))

    def place(self, key: str | None, day: Day) -> int:
        """Return the number at which an opportunity at milestone `key` stands in the version of `day`.

        At a removed milestone it stands at the last remaining one before it; 0 is a target customer.
        """
        if key is None:
            return 0
        process = self.at(day).process
        number = process.number_of(key)
        if number is not None:
            return number
        for definition in reversed(self.definitions):
            keys = definition.process.keys
            if key in keys:
                before = (process.number_of(other) for other in reversed(keys[: keys.index(key)]))
                return next((number for number in before if number is not None), 0)
        return 0
