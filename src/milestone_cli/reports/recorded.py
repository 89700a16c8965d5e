"""What a recording command says: what was recorded, which lamp moved, and the next customer action to win.

Invariant: every sentence is about what is in the journal now (or would be, in a dry run), with the day
that was understood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from milestone_cli.domain.day import Day, Month, iso
from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.domain.money import Currency, plain
from milestone_cli.domain.process import Milestone
from milestone_cli.reports.reward import MovedLamp, WorthMove, let_go_line, moved_line, worth_json, worth_lines
from milestone_cli.reports.table import CellKind, Document, Line, Sentence, Value


@dataclass(frozen=True, slots=True)
class Numbered:
    """A milestone and its number in the version of the day."""

    number: int
    milestone: Milestone


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What every recording command knows of the opportunity it is about."""

    opportunity: str
    customer: str
    currency: Currency
    dry_run: bool

    def json(self, fact: Fact | None) -> dict[str, object]:
        """Return what every object of a recorded fact begins with; in a dry run there is no fact to name."""
        kept = fact if not self.dry_run else None
        found: dict[str, object] = {
            "fact": None if kept is None else kept.id,
            "fact_number": None if kept is None else kept.number,
            "opportunity": self.opportunity,
            "customer": self.customer,
        }
        return found | ({"dry_run": True} if self.dry_run else {})

    def money(self, minor: int | None) -> str | None:
        """Return an amount as the JSON contract writes it."""
        return None if minor is None else plain(minor, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """What `advance` recorded."""

    fact: Fact
    reached: Numbered
    implied: tuple[Numbered, ...]
    won: bool
    month: Month
    """The month whose lamps moved."""
    whose: str | None
    """The rep whose lamps these are; None is the team."""
    lamps: tuple[MovedLamp, ...]
    worth: WorthMove
    next: Numbered | None
    """The next milestone to win; None once won."""


def advanced_document(about: About, advance: Advance) -> Document:
    """Return what `advance` says: what was recorded, the lamps and the worth it moved, the next customer action."""
    lines: list[Line] = [_reached(about, advance)]
    moved = moved_line(advance.month, advance.whose, advance.lamps, advance.worth, about.currency)
    if moved is not None:
        lines.append(moved)
    lines += next_lines(advance.next)
    json = about.json(advance.fact) | {
        "on": iso(advance.fact.on),
        "milestone": advance.reached.number,
        "milestone_key": advance.reached.milestone.key,
        "implied": [one.number for one in advance.implied],
        "value": about.money(advance.fact.value or None),
        "lamps": [lamp.json() for lamp in advance.lamps],
        "next": next_json(advance.next),
        **worth_json(advance.worth, about.currency),
    }
    return Document(before=tuple(lines), json=json)


def _reached(about: About, advance: Advance) -> Sentence:
    reached, fact = advance.reached, advance.fact
    values = [_name(about.opportunity), _count(reached.number), _text(reached.milestone.name), _day(fact.on)]
    template = "{} reached milestone {} ({}) on {}"
    if advance.implied:
        places = ", ".join("{} ({})" for _ in advance.implied)
        template += f"; implied by it, on the same day: milestone {places}"
        values += [value for one in advance.implied for value in (_count(one.number), _text(one.milestone.name))]
    if fact.value:
        template += "; its potential is {} from then on"
        values.append(_money(fact.value, about.currency))
    return Sentence(f"{template}. It is won." if advance.won else f"{template}.", tuple(values))


def _implied(implied: Sequence[Numbered]) -> Sentence:
    """Every implied milestone by number and name: they count as reached on the same day."""
    places = ", ".join("{} ({})" for _ in implied)
    values = [value for one in implied for value in (_count(one.number), _text(one.milestone.name))]
    return Sentence(f"Implied by it, on the same day: milestone {places}.", tuple(values))


def next_lines(coming: Numbered | None) -> list[Line]:
    """Return the next customer action to win and how."""
    if coming is None:
        return []
    milestone = coming.milestone
    action = milestone.customer_action or milestone.name
    lines: list[Line] = [
        Sentence("Next to win: milestone {} ({}): {}", (_count(coming.number), _text(milestone.name), _text(action)))
    ]
    return lines + [Sentence("  - {}", (_text(how),)) for how in milestone.how]


def next_json(coming: Numbered | None) -> dict[str, object] | None:
    """Return the next milestone as the JSON contract has it."""
    if coming is None:
        return None
    milestone = coming.milestone
    return {
        "milestone": coming.number,
        "milestone_key": milestone.key,
        "name": milestone.name,
        "customer_action": milestone.customer_action,
        "how": list(milestone.how),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What `add` recorded."""

    number: int
    """The number of the opportunity."""
    title: str
    process: str
    rep: str | None
    value: int | None
    on: Day
    facts: tuple[Fact, ...]
    """The opening first."""
    reached: tuple[Numbered, ...]
    """Everything it has reached by now, what is implied included."""
    implied: frozenset[int]
    """Which of these numbers are implied."""
    next: Numbered | None


def added_document(about: About, addition: Addition) -> Document:
    """Return what `add` says: on standard output the key alone, so that a script can take it."""
    implied = [one.number for one in addition.reached if one.number in addition.implied]
    json = about.json(addition.facts[0]) | {
        "number": addition.number,
        "title": addition.title or None,
        "process": addition.process,
        "rep": addition.rep,
        "value": about.money(addition.value),
        "on": iso(addition.on),
        "milestone": addition.reached[-1].number if addition.reached else 0,
        "implied": implied,
        "next": next_json(addition.next),
    }
    return Document(before=(Sentence("{}", (_name(about.opportunity),)),), json=json)


def added_remarks(about: About, addition: Addition) -> list[Line]:
    """Return what `add` remarks beside the key."""
    whose = "nobody's" if addition.rep is None else f"{addition.rep}'s"
    what = "an opportunity" if addition.reached else "a target customer"
    values = [_name(about.customer), _text(addition.process), _day(addition.on), _name(whose)]
    template = f"{{}}: {what} of {{}} since {{}}, {{}}"
    if addition.value is not None:
        template += ", potential {}"
        values.append(_money(addition.value, about.currency))
    lines: list[Line] = [Sentence(f"{template}.", tuple(values))]
    told = [one for one in addition.reached if one.number not in addition.implied]
    lines += [Sentence("Reached milestone {} ({}).", (_count(one.number), _text(one.milestone.name))) for one in told]
    implied = [one for one in addition.reached if one.number in addition.implied]
    if implied:
        lines.append(_implied(implied))
    return lines + next_lines(addition.next)


def standing_document(about: About, fact: Fact, at: Numbered, coming: Numbered | None, worth: WorthMove) -> Document:
    """Return what `standing` says."""
    since = fact.on if fact.since is None else fact.since
    template = "{} stands at milestone {} ({}) since {}, taken over on {}: an opening balance, no arrival."
    values = (_name(about.opportunity), _count(at.number), _text(at.milestone.name), _day(since), _day(fact.on))
    json = about.json(fact) | {
        "milestone": at.number,
        "milestone_key": at.milestone.key,
        "on": iso(fact.on),
        "since": iso(since),
        "value": about.money(fact.value),
        "next": next_json(coming),
        **worth_json(worth, about.currency),
    }
    lines = (Sentence(template, values), *worth_lines(worth, about.currency), *next_lines(coming))
    return Document(before=lines, json=json)


def revalued_document(about: About, fact: Fact, before: int | None, worth: WorthMove) -> Document:
    """Return what `revalue` says; `before` is the potential until then."""
    value = fact.value or 0
    values = [_name(about.opportunity), _money(value, about.currency), _day(fact.on)]
    template = "The potential of {} is {} from {} on"
    if before is not None:
        template += ", {} before"
        values.append(_money(before, about.currency))
    json = about.json(fact) | {
        "on": iso(fact.on),
        "value": about.money(value),
        "value_before": about.money(before),
        **worth_json(worth, about.currency),
    }
    return Document(before=(Sentence(f"{template}.", tuple(values)), *worth_lines(worth, about.currency)), json=json)


def assigned_document(about: About, fact: Fact, rep: str, before: str | None) -> Document:
    """Return what `assign` says of one opportunity; `before` is the owner until then."""
    values = (_name(about.opportunity), _name(rep), _day(fact.on), _name(before or "nobody"))
    line = Sentence("{} belongs to {} from {} on, to {} before.", values)
    return Document(before=(line,), json=about.json(fact) | {"on": iso(fact.on), "rep": rep, "rep_before": before})


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What `assign --from-rep --to-rep` recorded."""

    from_rep: str
    to_rep: str
    on: Day
    opportunities: tuple[str, ...]
    dry_run: bool


def handed_over_document(handover: Handover) -> Document:
    """Return what `assign` says of all open opportunities of a rep."""
    count = len(handover.opportunities)
    values = (_count(count), _name(handover.from_rep), _name(handover.to_rep), _day(handover.on))
    if not count:
        line = Sentence("{} owns no open opportunity: nothing to do.", values[1:2])
    elif count == 1:
        line = Sentence("{} open opportunity of {} belongs to {} from {} on.", values)
    else:
        line = Sentence("{} open opportunities of {} belong to {} from {} on.", values)
    json: dict[str, object] = {
        "from_rep": handover.from_rep,
        "to_rep": handover.to_rep,
        "on": iso(handover.on),
        "count": count,
        "opportunities": list(handover.opportunities),
    }
    return Document(before=(line,), json=json | ({"dry_run": True} if handover.dry_run else {}))


def lost_document(about: About, fact: Fact, worth: WorthMove) -> Document:
    """Return what `lose` says, and how little it costs to let go."""
    lines: list[Line] = [
        Sentence("{} is lost since {}.", (_name(about.opportunity), _day(fact.on))),
        let_go_line(worth, about.currency),
    ]
    if fact.revisit is not None:
        lines.append(Sentence("Look at it again on {}.", (_day(fact.revisit),)))
    json = about.json(fact) | {
        "on": iso(fact.on),
        "reason": fact.texts.get("reason"),
        "revisit_on": None if fact.revisit is None else iso(fact.revisit),
        **worth_json(worth, about.currency),
    }
    return Document(before=tuple(lines), json=json)


def reopened_document(
    about: About, fact: Fact, at: Numbered | None, coming: Numbered | None, worth: WorthMove
) -> Document:
    """Return what `reopen` says: the clock runs on, so the next customer action counts."""
    lines: list[Line] = [
        Sentence("{} is open again since {}; its clock runs on.", (_name(about.opportunity), _day(fact.on)))
    ]
    json = about.json(fact) | {
        "on": iso(fact.on),
        "milestone": 0 if at is None else at.number,
        "next": next_json(coming),
        **worth_json(worth, about.currency),
    }
    return Document(before=(*lines, *worth_lines(worth, about.currency), *next_lines(coming)), json=json)


def amended_document(about: About, wrong: Fact, corrected: Fact, changed: Sequence[str]) -> Document:
    """Return what `amend` says; `changed` names what is different."""
    values = (_text(str(wrong.number)), _name(about.opportunity), _day(corrected.on), _text(str(corrected.number)))
    line = Sentence(f"Fact {{}} of {{}} ({_what(corrected)} on {{}}) is corrected; it is fact {{}} now.", values)
    if about.dry_run:
        line = Sentence(f"Fact {{}} of {{}} ({_what(corrected)} on {{}}) is corrected.", values[:3])
    named = f"Changed: {', '.join(changed)}."
    json = about.json(corrected) | {
        "corrects": wrong.id,
        "kind": corrected.kind.value,
        "on": iso(corrected.on),
        "changed": list(changed),
    }
    return Document(before=(line, named), json=json)


def _what(fact: Fact) -> str:
    return "taken over" if fact.kind is Kind.STANDING else fact.kind.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """What `undo` took back."""

    command: int
    """The number of the command."""
    id: str
    name: str
    who: str
    facts: int
    about: tuple[str, ...]
    """Keys of the opportunities, the first ones if there are many."""
    more: int
    dry_run: bool


def undone_document(undoing: Undoing) -> Document:
    """Return what `undo` says."""
    facts = "1 fact" if undoing.facts == 1 else f"{undoing.facts} facts"
    template = f"Command {{}} ({{}}, {facts}) is taken back"
    values = [_text(str(undoing.command)), _text(undoing.name)]
    if undoing.about:
        shown = ", ".join(undoing.about) + (f" and {undoing.more} more" if undoing.more else "")
        template, values = f"{template}: {{}}", [*values, _name(shown)]
    json: dict[str, object] = {
        "command": undoing.command,
        "id": undoing.id,
        "name": undoing.name,
        "who": undoing.who,
        "facts": undoing.facts,
        "about": list(undoing.about),
        "more": undoing.more,
    }
    return Document(
        before=(Sentence(f"{template}.", tuple(values)),), json=json | ({"dry_run": True} if undoing.dry_run else {})
    )


def _name(text: str) -> Value:
    return Value(text, CellKind.NAME)


def _text(text: str) -> Value:
    return Value(text, CellKind.TEXT)


def _count(number: int) -> Value:
    return Value(number, CellKind.COUNT)


def _day(day: Day) -> Value:
    return Value(day, CellKind.DAY)


def _money(minor: int, currency: Currency) -> Value:
    return Value(minor, CellKind.MONEY, currency)
