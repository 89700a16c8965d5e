"""`ms show`: one opportunity with its history and the evidence for it.

Invariant: every fact of it is listed, those taken back too, and an arrival that only a later milestone implies stands
before the fact that implies it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.expected import Expected
from milestone_cli.domain.facts import Fact, Kind, effective, in_order
from milestone_cli.domain.money import Currency, plain
from milestone_cli.domain.opportunity import Status, replay
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.reports.opportunities import COLUMNS, Listed, cells_of, listed_json
from milestone_cli.reports.reward import rough
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Plural,
    Sentence,
    Table,
    Value,
    joined,
    named,
)

Moment = Callable[[int], str]
"""Microseconds since 1970 UTC as a reader's local time."""


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the history: a fact, or an arrival that a fact implies."""

    fact: Fact
    milestone: str | None
    """The milestone's key: of the fact, or the implied one."""
    implied: bool = False
    voided_by: Fact | None = None
    """The fact that took it back."""


def history_of(facts: Sequence[Fact], standing: Sequence[Fact], history: ProcessHistory) -> tuple[Told, ...]:
    """Return every fact in the order of its day, with what it implies.

    Args:
        facts: all that are known, voids and voided ones included.
        standing: those of them that have an effect, in their order.
        history: the process of the opportunity.
    """
    voids = _voids(facts)
    implied = _implied(standing, history)
    told: list[Told] = []
    for fact in in_order(fact for fact in facts if fact.kind is not Kind.VOIDED):
        told.extend(Told(fact, key, implied=True) for key in implied.get(fact.id, ()))
        told.append(Told(fact, fact.milestone, voided_by=voids.get(fact.id)))
    return tuple(told)


def _voids(facts: Iterable[Fact]) -> dict[str, Fact]:
    """Return by id of a voided fact the void that stands."""
    given = list(facts)
    effects: dict[str, Fact] = {}
    for fact in sorted((f for f in given if f.kind is Kind.VOIDED), key=lambda f: f.number, reverse=True):
        if fact.id not in effects and fact.voids is not None:
            effects[fact.voids] = fact
    standing = {fact.id for fact in effective(given)}
    return {voided: void for voided, void in effects.items() if voided not in standing}


def _implied(standing: Sequence[Fact], history: ProcessHistory) -> dict[str, list[str]]:
    """Return by id of a fact the milestones that are reached only because of it."""
    never_told = {key for key, arrival in replay(standing, history).arrivals.items() if arrival.implied}
    found: dict[str, list[str]] = {}
    before: set[str] = set()
    for count, fact in enumerate(standing, start=1):
        if fact.kind is Kind.REACHED and never_told:
            after = replay(standing[:count], history).arrivals
            new = [key for key in after if key in never_told and key not in before and key != fact.milestone]
            if new:
                found[fact.id] = new
                before.update(new)
    return found


COLUMNS_OF_FACTS = (
    Column("number", "Fact", CellKind.TEXT, 1),
    Column("on", "On", CellKind.DAY, 1),
    Column("kind", "What", CellKind.WORD, 1),
    Column("milestone", "Milestone", CellKind.TEXT, 1),
    Column("implied", "Implied", CellKind.BOOL, 6),
    Column("evidence", "The customer", CellKind.WORD, 3),
    Column("text", "Words", CellKind.NAME, 2),
    Column("by", Sentence("By", context="person"), CellKind.NAME, 3),
    Column("ref", "See", CellKind.NAME, 5),
    Column("value", "Value", CellKind.MONEY, 2),
    Column("rep", "Rep", CellKind.NAME, 4),
    Column("since", "Since", CellKind.DAY, 7),
    Column("revisit", "Revisit", CellKind.DAY, 7),
    Column("entered", "Entered", CellKind.TEXT, 8),
    Column("voided_by", "Taken back by", CellKind.TEXT, 4),
    Column("bulk", "Edit of many", CellKind.BOOL, 9),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """All that `ms show` says about one opportunity."""

    head: Listed
    worth: Expected
    """The money it is expected to bring."""
    told: tuple[Told, ...]
    reps: Mapping[int, str]
    """The keys of the reps by number."""
    names: Mapping[str, str]
    """The names of the milestones by key."""
    numbers: Mapping[str, int]
    """Their numbers in the version of the day; one that it does not have is missing."""
    as_of: Day


def show_document(shown: Shown, moment: Moment) -> Document:
    """Return the head, the history, and the JSON of the contract."""
    head = Table(
        title=joined((named(shown.head.key),)), columns=COLUMNS, rows=cells_of([shown.head]), notes=_worth(shown)
    )
    facts = Table(
        title="History",
        columns=COLUMNS_OF_FACTS,
        rows=tuple(_cells(one, shown, moment) for one in shown.told),
        currency=shown.head.currency,
        notes=tuple(_by_edit(shown)),
    )
    rows = [_fact_json(one, shown, shown.head.currency) for one in shown.told]
    worth = None if shown.worth.amount is None else plain(shown.worth.amount, shown.head.currency)
    json = {
        "as_of": iso(shown.as_of),
        **listed_json(shown.head),
        "worth": worth,
        "worth_assumed": shown.worth.assumed,
        "facts": rows,
    }
    return Document(tables=(head, facts), json=json)


def _worth(shown: Shown) -> tuple[Line, ...]:
    """Return what an open one is worth; of the others its value says all."""
    amount = shown.worth.amount
    if amount is None or shown.head.status not in (Status.OPEN, Status.DEAD):
        return ()
    line = "Worth {} (a typical potential is assumed)." if shown.worth.assumed else "Worth {}."
    return (Sentence(line, (Value(rough(amount, shown.head.currency), CellKind.MONEY, shown.head.currency),)),)


def _by_edit(shown: Shown) -> Iterator[Line]:
    """Yield which facts have the day of an edit of many."""
    numbers = [str(one.fact.number) for one in shown.told if one.fact.bulk and not one.implied]
    if numbers:
        yield Plural(
            "Fact {} has the day of an edit of many; when the customer did it is not known (`ms amend {} --on DAY`).",
            "Facts {} have the days of edits of many; when the customer did it is not known (`ms amend {} --on DAY`).",
            len(numbers),
            (named(", ".join(numbers)), named(numbers[0])),
        )


def _cells(told: Told, shown: Shown, moment: Moment) -> tuple[Cell, ...]:
    fact, texts = told.fact, {} if told.implied else _said(told.fact)
    return (
        str(fact.number),
        fact.on,
        "reached" if told.implied else fact.kind.value,
        None if told.milestone is None else shown.names.get(told.milestone, told.milestone),
        told.implied,
        None if told.implied or fact.evidence is None else fact.evidence.value,
        words_of(fact) if not told.implied else None,
        texts.get("by"),
        texts.get("ref"),
        None if told.implied else fact.value or None,
        None if told.implied or fact.rep is None else shown.reps.get(fact.rep, str(fact.rep)),
        None if told.implied else fact.since,
        None if told.implied else fact.revisit,
        moment(fact.entered_at),
        None if told.voided_by is None else str(told.voided_by.number),
        fact.bulk,
    )


def _said(fact: Fact) -> dict[str, str]:
    """Return the texts of a fact that are not forgotten."""
    return {role: text for role, text in fact.texts.items() if text}


def words_of(fact: Fact) -> str | None:
    """Return what was said with a fact: the customer's words, the reason of a loss, or the title or key given."""
    roles = ("text", "reason", "title", *(("key",) if fact.kind is Kind.RENAMED else ()))
    return next((fact.texts[role] for role in roles if fact.texts.get(role)), None)


def _fact_json(told: Told, shown: Shown, currency: Currency) -> dict[str, object]:
    fact, own = told.fact, not told.implied
    texts = _said(fact) if own else {}
    return {
        "id": fact.id,
        "number": fact.number,
        "kind": fact.kind.value if own else Kind.REACHED.value,
        "milestone": None if told.milestone is None else shown.numbers.get(told.milestone),
        "milestone_key": told.milestone,
        "on": iso(fact.on),
        "recorded_at": None if fact.recorded_at is None else utc(fact.recorded_at),
        "entered_at": utc(fact.entered_at),
        "evidence": fact.evidence.value if own and fact.evidence is not None else None,
        "text": texts.get("text"),
        "by": texts.get("by"),
        "ref": texts.get("ref"),
        "reason": texts.get("reason"),
        "title": texts.get("title"),
        "value": plain(fact.value, currency) if own and fact.value else None,
        "rep": shown.reps.get(fact.rep, str(fact.rep)) if own and fact.rep is not None else None,
        "since": iso(fact.since) if own and fact.since is not None else None,
        "revisit_on": iso(fact.revisit) if own and fact.revisit is not None else None,
        "implied": told.implied,
        "bulk": fact.bulk,
        "voided_by": None if told.voided_by is None else told.voided_by.id,
    }


def utc(microseconds: int) -> str:
    """Return a time as ISO 8601 in UTC, to the second.

    >>> utc(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
