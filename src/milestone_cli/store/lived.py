"""How a process is recorded: evidence, entry and skipped milestones of the customer actions in a span of days.

Invariant: sums only, never a list of people; what was voided does not count.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Kind
from milestone_cli.domain.lived import Ridden
from milestone_cli.store.facts import arrangement, voided_facts
from milestone_cli.store.lists import any_of
from milestone_cli.store.tables import TABLES

_arrival, _milestone, _fact = TABLES["arrival"], TABLES["milestone"], TABLES["fact"]
_command, _opportunity, _tenure = TABLES["command"], TABLES["opportunity"], TABLES["tenure"]
_loss = TABLES["loss"]
RIDING = (Kind.REVALUED.value, Kind.ASSIGNED.value)
"""What a seller enters about an opportunity that the customer does not move."""


class Span(NamedTuple):
    """What is looked at: a process, its days, and one rep or the team."""

    process: int
    start: Day
    end: Day
    rep: int | None


class Entered(NamedTuple):
    """Customer actions that were entered equally late."""

    days: int | None
    """Days from the act to its entry; None where an import does not say."""
    actions: int
    with_evidence: int
    with_person: int
    recent: int
    """Of them, after the day asked for."""


def _stands(connection: Connection) -> ColumnElement[bool]:
    """Return the condition that a fact is not voided."""
    return _fact.c.id.not_in(any_of(sorted(voided_facts(connection))))


def entered(connection: Connection, span: Span, recent_after: Day) -> list[Entered]:
    """Return the customer actions of a span by how late they were entered."""
    united = _united(connection)
    rows = _told(connection, span, recent_after).subquery()
    if united is not None:
        rows = _first_told(
            union_all(_told(connection, span, recent_after), _told(connection, span, recent_after, united)).subquery()
        )
    counts = (func.count(), func.count(rows.c.evidence), func.count(rows.c.person), func.sum(rows.c.recent))
    return [Entered(*row) for row in connection.execute(select(rows.c.days, *counts).group_by(rows.c.days))]


def _told(connection: Connection, span: Span, recent_after: Day, united: Subquery | None = None) -> Select[Any]:
    """Return the facts behind the arrivals of a span; with `united` those about what was united with these."""
    payload = _fact.c.payload
    untold = and_(_command.c.name == "import", _fact.c.recorded_at.is_(None))
    query = select(
        case((untold, None), else_=_fact.c.known_day - _fact.c.day).label("days"),
        func.json_extract(payload, "$.evidence").label("evidence"),
        func.json_extract(payload, "$.texts.by").label("person"),
        case((_fact.c.day > recent_after, 1), else_=0).label("recent"),
        *(_arrival.c.opportunity, _arrival.c.milestone),
        *(_fact.c.day, _fact.c.entered_at, _fact.c.position, _fact.c.id),
    ).select_from(_arrival)
    about: ColumnElement[Any] = _arrival.c.opportunity
    if united is not None:
        query = query.join(united, united.c.one == _arrival.c.opportunity)
        about = united.c.member
    return (
        query.join(_milestone, _milestone.c.number == _arrival.c.milestone)
        .join(_fact, and_(_fact.c.opportunity == about, _fact.c.kind == Kind.REACHED.value))
        .join(_command, _command.c.number == _fact.c.command)
        .where(
            func.json_extract(payload, "$.milestone") == _milestone.c.key,
            _arrival.c.implied == 0,
            _stands(connection),
            *_within(span),
        )
    )


def _first_told(rows: Subquery) -> Subquery:
    """Return every arrival once: an action that several books recorded counts where it was first."""
    place = func.row_number().over(
        partition_by=(rows.c.opportunity, rows.c.milestone),
        order_by=(rows.c.day, rows.c.entered_at, rows.c.position, rows.c.id),
    )
    ranked = select(rows, place.label("place")).subquery()
    return select(ranked).where(ranked.c.place == 1).subquery()


def _united(connection: Connection) -> Subquery | None:
    """Return (member, one) of what a merge has united; None where nothing was."""
    into = arrangement(connection).into
    if not into:
        return None
    pairs = func.json_each(literal(json.dumps(sorted(into.items())))).table_valued("value")
    member, one = (func.json_extract(pairs.c.value, path) for path in ("$[0]", "$[1]"))
    return select(member.label("member"), one.label("one")).subquery()


def implied(connection: Connection, span: Span) -> int:
    """Return how many arrivals of a span only a later milestone says."""
    query = select(func.count()).select_from(_arrival).where(_arrival.c.implied == 1, *_within(span))
    return connection.execute(query).scalar_one()


def _within(span: Span) -> list[ColumnElement[bool]]:
    wanted = [_arrival.c.process == span.process, _arrival.c.day.between(span.start, span.end)]
    return wanted if span.rep is None else [*wanted, _arrival.c.rep == span.rep]


def ridden(
    connection: Connection, span: Span, places: Mapping[int, int], dead_after: Mapping[int, int | None]
) -> list[Ridden]:
    """Return every time an opportunity was given a new potential or owner though dead.

    Args:
        connection: to the file.
        span: the days of these facts; with a rep those of opportunities they owned then.
        places: the number in the version of the day of every milestone of this file.
        dead_after: by place: from how many days on one that waits there is dead; None where none ever is.
    """
    found = []
    for (opportunity, day), stood in _stood(connection, span):
        place, since = max((places.get(milestone, 0), since) for milestone, since in stood)
        after = dead_after.get(place)
        if after is not None and day - since >= after:
            found.append(Ridden(opportunity, day, place, since, after))
    return sorted(found, key=lambda one: (one.on, one.opportunity))


def _stood(connection: Connection, span: Span) -> Iterator[tuple[tuple[int, Day], list[tuple[int, Day]]]]:
    """Yield for every such fact the milestones reached by its day, each with the day from which it waited there."""
    facts = _riding(connection, span)
    reached = facts.add_columns(_arrival.c.milestone, _arrival.c.day.label("since")).join(
        _arrival, and_(_arrival.c.opportunity == _opportunity.c.number, _arrival.c.day <= _fact.c.day)
    )
    taken = facts.add_columns(_opportunity.c.standing_milestone, _opportunity.c.standing_since).where(
        _opportunity.c.standing_on <= _fact.c.day
    )
    gathered: dict[tuple[int, Day], list[tuple[int, Day]]] = {}
    for query in (reached, taken):
        for opportunity, day, milestone, since in connection.execute(query):
            gathered.setdefault((opportunity, day), []).append((milestone, since))
    yield from gathered.items()


def _riding(connection: Connection, span: Span) -> Select[Any]:
    """Return the facts that say no more than potential or owner, of what was neither lost nor won by then."""
    lost = and_(
        _loss.c.opportunity == _opportunity.c.number,
        _loss.c.day <= _fact.c.day,
        or_(_loss.c.over.is_(None), _loss.c.over > _fact.c.day),
    )
    united = _united(connection)
    facts: FromClause = _fact
    one: ColumnElement[Any] = _fact.c.opportunity
    if united is not None:
        facts = _fact.outerjoin(united, united.c.member == _fact.c.opportunity)
        one = func.coalesce(united.c.one, _fact.c.opportunity)
    query = (
        select(_opportunity.c.number, _fact.c.day)
        .select_from(facts)
        .join(_opportunity, _opportunity.c.number == one)
        .where(
            _fact.c.kind.in_(RIDING),
            _fact.c.day.between(span.start, span.end),
            _opportunity.c.process == span.process,
            ~exists().where(lost),
            or_(_opportunity.c.won_on.is_(None), _opportunity.c.won_on > _fact.c.day),
            _stands(connection),
        )
    )
    if span.rep is None:
        return query
    lasting = or_(_tenure.c.ends.is_(None), _tenure.c.ends > _fact.c.day)
    owned = and_(
        _tenure.c.opportunity == _opportunity.c.number,
        _tenure.c.rep == span.rep,
        _tenure.c.begins <= _fact.c.day,
        lasting,
    )
    return query.where(exists().where(owned))
