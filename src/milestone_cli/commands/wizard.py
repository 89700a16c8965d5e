"""The step-by-step definition of a process, question by question; Enter keeps what the process or the example has.

Invariant: nothing is recorded or written while questions are asked; `<` goes one question back; an answer that cannot
be taken is asked for again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from typing import TypeVar

from milestone_cli.commands.asking import BACK, Back, answer_to, say_document, say_line
from milestone_cli.commands.wizard_answers import free_key, key_of, major, months_of, rate_of
from milestone_cli.domain.money import Currency, currency, half_up, minor_from_decimal
from milestone_cli.domain.process import Milestone, Process
from milestone_cli.domain.text import clean_name, quoted
from milestone_cli.errors import InvalidValue
from milestone_cli.exchange.process_file import ProcessFile, read_process, warnings
from milestone_cli.localization import currency_of
from milestone_cli.options import Call
from milestone_cli.reports.definition import chain_line, needed_line
from milestone_cli.reports.processes import milestones_table
from milestone_cli.reports.table import Document, Line, Sentence, counted, joined, named

T = TypeVar("T")

DAYS_A_MONTH = 30
NONE = "-"
"""The answer that leaves something out."""
FEWEST, MOST = 2, 20
"""Milestones of a process."""
_PLACE = re.compile(r"([+-]?)([0-9]{1,2})")


def example() -> ProcessFile:
    """Return the built-in five milestones of a made-up B2B market."""
    content = files("milestone_cli.exchange").joinpath("b2b_example.toml").read_bytes()
    return read_process(content, "the built-in example")


@dataclass(slots=True)
class _Draft:
    """What is answered so far."""

    process: Process
    target: Decimal | None
    """In whole units of the currency, as is the typical value: both outlive a change of currency. None is none."""
    typical: Decimal | None
    months: Fraction
    """From the first interest to the order."""
    shown_months: str
    had_target: bool
    """The process that is to change has a target."""
    given_months: Fraction
    """What the defaults come to."""
    as_given: tuple[Milestone, ...]
    """The milestones of the defaults."""
    weights: dict[str, int] = field(default_factory=dict)
    """The example's days by milestone key; the months are spread over the sections in their proportion."""

    def milestones(self) -> list[Milestone]:
        """Return the milestones as a list of its own."""
        return list(self.process.milestones)

    def put(self, index: int, milestone: Milestone) -> None:
        """Put a milestone in the place of another."""
        found = self.milestones()
        found[index] = milestone
        self.process = replace(self.process, milestones=tuple(found))

    def finished(self) -> ProcessFile:
        """Return the process with its days, and its target."""
        unit = self.process.currency
        process = replace(
            self.process,
            typical_value=None if self.typical is None else minor_from_decimal(self.typical, unit) or None,
            milestones=tuple(self._timed()),
        )
        if self.target is None:
            return ProcessFile(process, 0 if self.had_target else None)  # what was wanted is wanted no more
        return ProcessFile(process, minor_from_decimal(self.target, unit))

    def _timed(self) -> list[Milestone]:
        """Return the milestones with the days that the months give them; their own where nobody changed either."""
        kept = {one.key: one for one in self.as_given}
        if self.months == self.given_months and self.process.keys == tuple(kept):
            return [replace(one, days=kept[one.key].days) for one in self.process.milestones]
        return spread(self.milestones(), self.months, self.weights)


def spread(milestones: list[Milestone], months: Fraction, weights: Mapping[str, int]) -> list[Milestone]:
    """Spread the months over the sections in proportion to `weights`; a section has at least a day."""
    shares = [weights.get(milestone.key, DAYS_A_MONTH * 3) for milestone in milestones[1:]]
    total, gone, ended = months * DAYS_A_MONTH, 0, 0
    found = [replace(milestones[0], rate=None, days=None, dead_after_days=None)]
    for milestone, share in zip(milestones[1:], shares, strict=True):
        gone += share
        end = half_up(total * gone / sum(shares))
        found.append(replace(milestone, days=max(1, end - ended)))
        ended = end
    return found


def _draft_of(process: Process, unit: Currency, target: int | None, *, had_target: bool) -> _Draft:
    """Return the answers that Enter takes.

    Args:
        process: whose definition they are.
        unit: the currency to ask about; amounts stay as they are written.
        target: in minor units of the currency of `process`; None is none.
        had_target: it is one that the book holds.
    """
    months = Fraction(process.planned_days_to(len(process.milestones)), DAYS_A_MONTH)
    typical = process.typical_value
    return _Draft(
        process=replace(process, currency=unit),
        target=None if target is None else major(target, process.currency),
        typical=None if typical is None else major(typical, process.currency),
        months=months,
        shown_months=f"{float(months):.4g}",
        had_target=had_target,
        given_months=months,
        as_given=process.milestones,
        weights={milestone.key: milestone.planned_days for milestone in process.milestones},
    )


class Wizard:
    """The questions, in their order; every answer goes into the draft at once."""

    def __init__(self, call: Call, known: Mapping[str, ProcessFile]) -> None:
        """Begin with the built-in example.

        Args:
            call: its terminal asks.
            known: the processes there are with the team's targets, by key.
        """
        given = example()
        self.call = call
        self.known = known
        self.place = 0
        """Of the question that comes next."""
        self.taken_from = ""
        """The key of the process whose definition Enter takes; empty for the built-in example."""
        unit = self._usual_currency(given.process.currency)
        self.draft = _draft_of(given.process, unit, given.target_per_month, had_target=False)

    def run(self) -> ProcessFile:
        """Ask until everything is answered; run again, it goes on from the review."""
        if self.place == 0:
            self.call.terminal.say(
                Sentence(
                    "A milestone is something the CUSTOMER does, says or writes. Enter takes what is in [brackets], "
                    "{} goes one question back, Ctrl-C leaves without recording anything.",
                    (named(BACK),),
                )
            )
        while True:
            self._questions()
            try:
                self._review()
            except Back:
                self.place = len(self._steps()) - 1  # there may be more or fewer of them by now
            else:
                self.place = len(self._steps())
                return self.draft.finished()

    def _questions(self) -> None:
        """Ask from `place` on to the last question before the review."""
        while self.place < len(steps := self._steps()):
            try:
                steps[self.place]()
                self.place += 1
            except Back:
                self.place = max(0, self.place - 1)
        self.place = len(steps)

    def _steps(self) -> list[Callable[[], None]]:
        """Return the questions about the process, then those about each milestone."""
        general = [self._key, self._title, self._currency, self._target, self._typical, self._months]
        each = [step for number in range(1, len(self.draft.process.milestones) + 1) for step in self._about(number)]
        return [*general, *each]

    def _about(self, number: int) -> list[Callable[[], None]]:
        """Return the questions about one milestone."""
        steps: list[Callable[[], None]] = [
            lambda: self._name(number),
            lambda: self._action(number),
            lambda: self._how(number),
        ]
        return steps if number == 1 else [*steps, lambda: self._rate(number)]

    def _ask(self, question: Line, default: str, kept: T, read: Callable[[str], T]) -> T:
        """Return the answer, `kept` on Enter; ask again as long as it cannot be read."""
        return answer_to(self.call, question, lambda text: kept if text == default and default else read(text), default)

    # -- about the process ---------------------------------------------------------------------------------------------

    def _key(self) -> None:
        key = self._ask(
            "Short name of the process (a-z, 0-9, -)", self.draft.process.key, self.draft.process.key, key_of
        )
        if key in self.known and key != self.taken_from:
            there = self.known[key]
            target = there.target_per_month or None
            self.draft = _draft_of(there.process, there.process.currency, target, had_target=target is not None)
            template = "There is a process {} already ({}): this will change it. Enter keeps what it has."
            say_line(self.call, Sentence(template, (named(key), named(there.process.title))))
            self.taken_from = key
        self.draft.process = replace(self.draft.process, key=key)

    def _title(self) -> None:
        title = self.draft.process.title
        title = self._ask("Title", title, title, lambda text: clean_name(text, "title"))
        self.draft.process = replace(self.draft.process, title=title)

    def _currency(self) -> None:
        unit = self.draft.process.currency
        unit = self._ask("Currency", unit.code, unit, lambda text: currency(text.strip().upper()))
        self.draft.process = replace(self.draft.process, currency=unit)

    def _target(self) -> None:
        self.draft.target = self._amount("Wanted a month at the last milestone, by the team", self.draft.target)

    def _typical(self) -> None:
        self.draft.typical = self._amount("Typical value of one order", self.draft.typical)

    def _amount(self, question: Line, amount: Decimal | None) -> Decimal | None:
        unit = self.draft.process.currency

        def read(text: str) -> Decimal | None:
            return None if text == NONE else major(self.call.amount(text, unit), unit)

        asked = Sentence("{}, in {} ({} for none)", (question, named(unit.code), named(NONE)))
        return self._ask(asked, NONE if amount is None else f"{amount:f}", amount, read)

    def _months(self) -> None:
        shown, months = self._ask(
            "Months from the first interest to the order",
            self.draft.shown_months,
            (self.draft.shown_months, self.draft.months),
            lambda text: (text, months_of(text)),
        )
        self.draft.shown_months, self.draft.months = shown, months

    # -- about one milestone -------------------------------------------------------------------------------------------

    def _name(self, number: int) -> None:
        old = self.draft.process.milestone(number)
        count = len(self.draft.process.milestones)
        question = Sentence("Milestone {} of {}, its name", (counted(number), counted(count)))
        name = self._ask(question, old.name, old.name, lambda text: clean_name(text, "name"))
        if name != old.name:
            others = {one.key for one in self.draft.process.milestones if one is not old}
            new = replace(old, name=name, key=free_key(name, number, others))
            self.draft.weights[new.key] = self.draft.weights.get(old.key, DAYS_A_MONTH * 3)
            self.draft.put(number - 1, new)

    def _action(self, number: int) -> None:
        old = self.draft.process.milestone(number)
        may_lack = any(old.key == given.key and not given.customer_action for given in self.draft.as_given)

        def read(text: str) -> str:
            return "" if may_lack and not text else clean_name(text, "customer action", limit=500)

        action = self._ask("  What the CUSTOMER does, says or writes", old.customer_action, old.customer_action, read)
        self.draft.put(number - 1, replace(old, customer_action=action))

    def _how(self, number: int) -> None:
        """Ask what helps to win it: Enter keeps the lines there are, else they are typed anew up to an empty one."""
        old = self.draft.process.milestone(number)
        for line in old.how:
            say_line(self.call, Sentence("    {}", (named(line),)))
        first = self._way(
            "  How to win it (Enter keeps, {} for none)" if old.how else "  How to win it (Enter for none)"
        )
        if not first:
            return
        lines: list[str] = []
        while first and first != NONE:
            lines.append(first)
            first = self._way("  And then (Enter ends)")
        self.draft.put(number - 1, replace(old, how=tuple(lines)))

    def _way(self, question: str) -> str:
        def read(text: str) -> str:
            return clean_name(text, "way to win it", limit=500) if text else ""

        return answer_to(self.call, Sentence(question, (named(NONE),) if "{}" in question else ()), read)

    def _rate(self, number: int) -> None:
        old = self.draft.process.milestone(number)
        question = Sentence("  Of 100 at milestone {}, how many get here", (counted(number - 1),))
        shown = f"{(old.planned_rate * 100).normalize():f}"
        rate = self._ask(question, shown, old.planned_rate, rate_of)
        self.draft.put(number - 1, replace(old, rate=rate))
        self._preview()

    def _preview(self) -> None:
        """Say what must arrive at the first milestone by the rates so far; those not asked yet are as they were."""
        found = self.draft.finished()
        if found.target_per_month:
            say_line(self.call, needed_line(found.process, found.target_per_month))
            say_line(self.call, chain_line(found.process, found.target_per_month))

    # -- the whole -----------------------------------------------------------------------------------------------------

    def _review(self) -> None:
        """Show all milestones; add, remove or change some until the user is content."""
        while True:
            process = self.draft.finished().process
            doubts = tuple(joined((named(doubt),)) for doubt in warnings(process))
            say_document(self.call, Document(tables=(milestones_table(process),), after=doubts))
            question = "Enter if that is right, +2 adds one behind 2, -2 removes 2, 2 changes 2"
            answer = answer_to(self.call, question, str)
            if not answer:
                return
            try:
                self._change(answer)
            except Back:
                continue
            except InvalidValue as error:
                self.call.terminal.fail(error)

    def _change(self, answer: str) -> None:
        milestones = self.draft.milestones()
        found = _PLACE.fullmatch(answer.replace(" ", ""))
        number = int(found[2]) if found else -1
        if found is None or not (0 if found[1] == "+" else 1) <= number <= len(milestones):
            raise InvalidValue(f"{quoted(answer)} names no milestone.", f"There are 1 to {len(milestones)}.")
        if found[1] == "-":
            if len(milestones) == FEWEST:
                raise InvalidValue(f"A process has at least {FEWEST} milestones.", "Change one instead.")
            del milestones[number - 1]
            self.draft.process = replace(self.draft.process, milestones=tuple(milestones))
            return
        before = self.draft.process
        if found[1] == "+":
            if len(milestones) == MOST:
                raise InvalidValue(f"A process has at most {MOST} milestones.", "Remove one first.")
            number += 1
            milestones.insert(number - 1, Milestone(key="", name=""))
            self.draft.process = replace(self.draft.process, milestones=tuple(milestones))
        try:
            for step in self._about(number):
                step()
        except Back:
            self.draft.process = before
            raise

    def _usual_currency(self, given: Currency) -> Currency:
        code = currency_of(self.call.locale)
        try:
            return given if code is None else currency(code)
        except InvalidValue:  # a currency that is not in our list
            return given
