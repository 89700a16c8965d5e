"""The step-by-step definition of a process: the built-in example, question by question, Enter keeps what is there.

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
from pathlib import Path
from typing import TypeVar

from milestone_cli.domain.money import Currency, currency, half_up, minor_from_decimal, plain
from milestone_cli.domain.process import Milestone, Process
from milestone_cli.domain.text import clean_name, quoted, slug, valid_milestone_key, valid_process_key
from milestone_cli.errors import InvalidValue, MsError
from milestone_cli.exchange.process_file import ProcessFile, read_process, warnings, write_process
from milestone_cli.localization import currency_of
from milestone_cli.options import Call
from milestone_cli.reports.processes import milestones_table
from milestone_cli.reports.table import Document, Line, Sentence, counted, named

T = TypeVar("T")

BACK = "<"
DAYS_A_MONTH = 30
FEWEST, MOST = 2, 20
"""Milestones of a process."""
LONGEST_MONTHS = 120
_NUMBER = re.compile(r"([0-9]{1,4})(?:[.,]([0-9]{1,4}))?")
_PLACE = re.compile(r"([+-]?)([0-9]{1,2})")


class _Back(Exception):
    """The user wants the question before."""


def example() -> ProcessFile:
    """Return the built-in five milestones of a made-up B2B market."""
    content = files("milestone_cli.exchange").joinpath("b2b_example.toml").read_bytes()
    return read_process(content, "the built-in example")


@dataclass(slots=True)
class _Draft:
    """What is answered so far."""

    process: Process
    target: Decimal
    """In whole units of the currency, as is the typical value: both outlive a change of currency."""
    typical: Decimal
    months: Fraction
    """From the first interest to the order."""
    shown_months: str
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
        typical = minor_from_decimal(self.typical, unit)
        process = replace(
            self.process,
            typical_value=typical or None,
            milestones=tuple(spread(self.milestones(), self.months, self.weights)),
        )
        return ProcessFile(process, minor_from_decimal(self.target, unit))


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


def ask_process(call: Call, known: Mapping[str, str]) -> ProcessFile:
    """Ask for a process, question by question.

    Args:
        call: its terminal asks.
        known: titles of the processes there are, by key.
    """
    return _Wizard(call, known).run()


class _Wizard:
    """The questions, in their order; every answer goes into the draft at once."""

    def __init__(self, call: Call, known: Mapping[str, str]) -> None:
        given = example()
        process = given.process
        self.call = call
        self.known = known
        self.base = {milestone.key: milestone for milestone in process.milestones}
        weights = {milestone.key: milestone.planned_days for milestone in process.milestones}
        months = Fraction(process.planned_days_to(len(process.milestones)), DAYS_A_MONTH)
        self.draft = _Draft(
            process=replace(process, currency=self._usual_currency(process.currency)),
            target=_major(given.target_per_month or 0, process.currency),
            typical=_major(process.typical_value or 0, process.currency),
            months=months,
            shown_months=f"{float(months):g}",
            weights=weights,
        )

    def run(self) -> ProcessFile:
        """Ask until everything is answered."""
        self.call.terminal.say(
            Sentence(
                "A milestone is something the CUSTOMER does, says or writes. Enter takes what is in [brackets], "
                "{} goes one question back, Ctrl-C leaves without recording anything.",
                (named(BACK),),
            )
        )
        place = 0
        while place < len(steps := self._steps()):
            try:
                steps[place]()
                place += 1
            except _Back:
                place = max(0, place - 1)
        return self.draft.finished()

    def _steps(self) -> list[Callable[[], None]]:
        general = [self._key, self._title, self._currency, self._target, self._typical, self._months]
        each = [step for number in range(1, len(self.draft.process.milestones) + 1) for step in self._about(number)]
        return [*general, *each, self._review]

    def _about(self, number: int) -> list[Callable[[], None]]:
        """Return the questions about one milestone."""
        steps: list[Callable[[], None]] = [lambda: self._name(number), lambda: self._action(number)]
        return steps if number == 1 else [*steps, lambda: self._rate(number)]

    def _ask(self, question: Line, default: str, kept: T, read: Callable[[str], T]) -> T:
        """Return the answer, `kept` on Enter; ask again as long as it cannot be read."""
        while True:
            answer = self.call.terminal.ask(question, default)
            if answer == BACK:
                raise _Back
            if answer == default and default:
                return kept
            try:
                return read(answer)
            except InvalidValue as error:
                self.call.terminal.say(f"{error.message} {error.hint}".strip())

    # -- about the process ---------------------------------------------------------------------------------------------

    def _key(self) -> None:
        key = self._ask(
            "Short name of the process (a-z, 0-9, -)", self.draft.process.key, self.draft.process.key, _key_of
        )
        if key in self.known:
            there = (named(key), named(self.known[key]))
            self.call.terminal.say(Sentence("There is a process {} already ({}): this will change it.", there))
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

    def _amount(self, question: Line, amount: Decimal) -> Decimal:
        unit = self.draft.process.currency

        def read(text: str) -> Decimal:
            return _major(self.call.amount(text, unit), unit)

        return self._ask(Sentence("{}, in {}", (question, named(unit.code))), f"{amount:f}", amount, read)

    def _months(self) -> None:
        shown, months = self._ask(
            "Months from the first interest to the order",
            self.draft.shown_months,
            (self.draft.shown_months, self.draft.months),
            lambda text: (text, _months_of(text)),
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
            new = replace(old, name=name, key=_free_key(name, number, others), how=())
            self.draft.weights[new.key] = self.draft.weights.get(old.key, DAYS_A_MONTH * 3)
            self.draft.put(number - 1, new)

    def _action(self, number: int) -> None:
        old = self.draft.process.milestone(number)
        question = "  What the CUSTOMER does, says or writes"
        action = self._ask(
            question,
            old.customer_action,
            old.customer_action,
            lambda text: clean_name(text, "customer action", limit=500),
        )
        self.draft.put(number - 1, replace(old, customer_action=action))

    def _rate(self, number: int) -> None:
        old = self.draft.process.milestone(number)
        question = Sentence("  Of 100 at milestone {}, how many get here", (counted(number - 1),))
        shown = f"{(old.planned_rate * 100).normalize():f}"
        rate = self._ask(question, shown, old.planned_rate, _rate_of)
        self.draft.put(number - 1, replace(old, rate=rate))

    # -- the whole -----------------------------------------------------------------------------------------------------

    def _review(self) -> None:
        """Show all milestones; add, remove or change some until the user is content."""
        while True:
            process = self.draft.finished().process
            _say_document(self.call, Document(tables=(milestones_table(process),), after=warnings(process)))
            answer = self.call.terminal.ask("Enter if that is right, +2 adds one behind 2, -2 removes 2, 2 changes 2")
            if not answer:
                return
            if answer == BACK:
                raise _Back
            try:
                self._change(answer)
            except _Back:
                continue
            except InvalidValue as error:
                self.call.terminal.say(f"{error.message} {error.hint}".strip())

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
        except _Back:
            self.draft.process = before
            raise

    def _usual_currency(self, given: Currency) -> Currency:
        code = currency_of(self.call.locale)
        try:
            return given if code is None else currency(code)
        except InvalidValue:  # a currency that is not in our list
            return given


def _major(minor: int, unit: Currency) -> Decimal:
    amount = Decimal(plain(minor, unit))
    return amount.to_integral_value() if amount == amount.to_integral_value() else amount


def _key_of(text: str) -> str:
    key = text.strip().lower()
    if not valid_process_key(key):
        raise InvalidValue(f"{quoted(text)} cannot name a process.", "Use 1 to 40 of a-z, 0-9 and -.")
    return key


def _free_key(name: str, number: int, others: set[str]) -> str:
    """Return a milestone key made from its name that no other milestone has."""
    made = slug(name)
    wanted = made if valid_milestone_key(made) else f"m-{number}"
    key, count = wanted, 1
    while key in others:
        count += 1
        key = f"{wanted}-{count}"
    return key


def _months_of(text: str) -> Fraction:
    found = _NUMBER.fullmatch(text.strip())
    months = Fraction(f"{found[1]}.{found[2] or 0}") if found else Fraction(0)
    if not 0 < months <= LONGEST_MONTHS:
        raise InvalidValue(
            f"{quoted(text)} is no number of months.", f"Give one up to {LONGEST_MONTHS}, like 12 or 1.5."
        )
    return months


def _rate_of(text: str) -> Decimal:
    """Read "50", "50 %" and "0.5 %" as so many of 100."""
    found = _NUMBER.fullmatch(text.strip().removesuffix("%").strip())
    rate = Decimal(f"{found[1]}.{found[2] or 0}") / 100 if found else Decimal(0)
    if not 0 < rate <= 1:
        raise InvalidValue(f"{quoted(text)} is not so many of 100.", "Give a number above 0 and at most 100, like 50.")
    return rate.normalize()


def ask_agreement(call: Call, document: Document, found: ProcessFile) -> bool:
    """Show what was understood and ask whether to record it."""
    _say_document(call, document)
    return call.terminal.confirm(Sentence("Record the process {}?", (named(found.process.key),)), yes=call.yes)


def ask_path(call: Call) -> Path | None:
    """Ask for the process file to write too; None for none."""
    name = call.terminal.ask("Write it to a process file too? A path like b2b.toml, Enter for no")
    if not name:
        return None
    path = Path(name).expanduser()
    there = Sentence("{} is there already. Replace it?", (named(str(path)),))
    if path.exists() and not call.terminal.confirm(there, yes=call.yes):
        return None
    return path


def write_file(call: Call, path: Path, found: ProcessFile) -> None:
    """Write the process file that was asked for; the process is recorded already, whatever happens here."""
    from milestone_cli.render.delivery import replace_file

    try:
        replace_file(path, write_process(found.process, found.target_per_month).encode())
    except MsError as error:
        values = (named(error.message), named(found.process.key))
        call.terminal.warn(
            Sentence("{} The process is recorded; `ms processes {} --toml -o FILE` writes the file.", values)
        )
    else:
        call.terminal.say(Sentence("Written to {}.", (named(str(path)),)))


def _say_document(call: Call, document: Document) -> None:
    from milestone_cli.render.output import Format, render

    text = render(document, Format.TABLE, locale=call.locale.tag, width=call.terminal.width)
    call.terminal.say(text)
