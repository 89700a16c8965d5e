"""The projections: arrivals, tenures, losses and the state columns, written from the facts of an opportunity.

Invariant: a projection is `replay` of the facts and nothing else, whoever writes it: a single command, an import, a
rebuild or a view of a past day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, update

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Fact, as_known
from milestone_cli.domain.opportunity import Opportunity, Standing, replay
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.domain.text import fold
from milestone_cli.store.facts import all_facts, arrangement, facts_of, voided_facts
from milestone_cli.store.lists import any_of
from milestone_cli.store.rows import insert_rows
from milestone_cli.store.tables import TABLES

_opportunity = TABLES["opportunity"]
_arrival = TABLES["arrival"]
_tenure = TABLES["tenure"]
_loss = TABLES["loss"]
_MADE = (_arrival, _tenure, _loss)
"""The tables whose rows belong to one opportunity and are made from its facts."""
_milestone = TABLES["milestone"]
_process = TABLES["process"]
_rep = TABLES["rep"]
_fact = TABLES["fact"]

STATE = (
    "title", "opened_on", "status", "value", "rep", "milestone", "waiting_since", "won_on", "lost_on", "revisit_on",
    "standing_milestone", "standing_on", "standing_since", "standing_value",
)  # fmt: skip
"""The columns of `opportunity` that are a projection beside `folded`, which stands before them in the table."""
_BEFORE_STATE = list(_opportunity.c.keys()).index("folded")
_NO_TAKEOVER = (None, None, None, None)
_BATCH = 2000


class Projector:
    """Writes the projections of opportunities; knows processes and milestones by their numbers in this file."""

    def __init__(self, connection: Connection, histories: Mapping[str, ProcessHistory]) -> None:
        self.connection = connection
        self.histories = histories
        self.process_keys = {row.number: row.key for row in connection.execute(select(_process))}
        self.milestones = {(row.process, row.key): row.number for row in connection.execute(select(_milestone))}
        self._states: list[tuple[Any, ...]] = []
        self._arrivals: list[tuple[Any, ...]] = []
        self._tenures: list[tuple[Any, ...]] = []
        self._losses: list[tuple[Any, ...]] = []
        self._named: dict[int, Day] = {}
        self._keys: dict[str, str] = {}

    def write(self, number: int, process: int, key: str, facts: Iterable[Fact]) -> Opportunity:
        """Take one opportunity's standing facts in; return the state they amount to. Written at `flush`."""
        standing = list(facts)
        state = replay(standing, self.history(process))
        self._states.append((*self.state_row(process, key, state), number))
        self._arrivals += self.arrival_rows(number, process, state)
        self._tenures += tenure_rows(number, process, state)
        self._losses += loss_rows(number, process, state)
        _note_named(self._named, standing)
        if len(self._states) >= _BATCH:
            self.flush()
        return state

    def history(self, process: int) -> ProcessHistory:
        """Return the definitions of a process; none where all of them were taken back, and with them its facts."""
        key = self.process_keys[process]
        return self.histories.get(key) or ProcessHistory(key, ())

    def state_row(self, process: int, key: str, state: Opportunity) -> tuple[Any, ...]:
        """Return the columns of an opportunity from `folded` on, in the order of the table."""
        undone = state.opened_on is None
        return (
            None if undone else fold(key), state.title, state.opened_on, "undone" if undone else state.status.value,
            state.value, state.rep, self.milestones.get((process, state.milestone or "")), state.waiting_since,
            state.won_on, state.lost_on, state.revisit_on, *self._takeover(process, state.standing),
        )  # fmt: skip

    def _takeover(self, process: int, standing: Standing | None) -> tuple[int | None, ...]:
        if standing is None:
            return _NO_TAKEOVER
        return self.milestones[process, standing.milestone], standing.on, standing.since, standing.value

    def arrival_rows(self, number: int, process: int, state: Opportunity) -> list[tuple[Any, ...]]:
        """Return the arrivals of an opportunity as rows, in the order of the table."""
        return [
            (
                number, self.milestones[process, arrival.milestone], process, arrival.on, int(arrival.implied),
                arrival.value, arrival.rep, arrival.known_on, int(arrival.bulk),
            )
            for arrival in state.arrivals.values()
        ]  # fmt: skip

    def flush(self) -> None:
        """Write what was taken in."""
        if self._states:
            places = ", ".join(f"{name} = ?" for name in ("folded", *STATE))
            self.connection.exec_driver_sql(f"UPDATE opportunity SET {places} WHERE number = ?", self._states)
        for table, made in zip(_MADE, (self._arrivals, self._tenures, self._losses), strict=True):
            insert_rows(self.connection, table, made)
        for rep, day in self._named.items():
            earlier = _rep.c.first_named.is_(None) | (_rep.c.first_named > day)
            self.connection.execute(update(_rep).where(_rep.c.number == rep, earlier).values(first_named=day))
        for rows in (self._states, self._arrivals, self._tenures, self._losses):
            rows.clear()
        self._named.clear()

    def clear(self, numbers: Iterable[int]) -> None:
        """Take away the projections of these opportunities, to write them anew."""
        wanted = any_of(list(numbers))
        for table in _MADE:
            self.connection.execute(delete(table).where(table.c.opportunity.in_(wanted)))

    def rewrite(self, numbers: Iterable[int]) -> None:
        """Write the projections of these opportunities anew from their facts in the file."""
        found = arrangement(self.connection)
        wanted = sorted({one for number in numbers for one in found.all_of(number)})
        self.clear(wanted)
        identities = identities_of(self.connection, wanted)
        for member in found.into.keys() & identities.keys():
            self.write(member, *identities[member], ())
        gone: set[tuple[int, Day]] = set()
        for number, facts in facts_of(self.connection, wanted):
            process, key = identities[number]
            standing = as_known(facts)
            self.write(number, process, key, standing)
            naming = {(fact.rep, fact.on) for fact in facts if fact.rep is not None}
            gone |= naming - {(fact.rep, fact.on) for fact in standing if fact.rep is not None}
        self.flush()
        self._begin_later(gone)

    def _begin_later(self, gone: Iterable[tuple[int, Day]]) -> None:
        """Find the first day of reps anew where the fact that named them on it was taken back."""
        table = self.connection.execute(select(_rep.c.number, _rep.c.first_named))
        first = {row.number: row.first_named for row in table} if gone else {}
        wanted = {rep for rep, day in gone if first.get(rep) == day}
        if wanted:
            found = first_days_named(self.connection, wanted)
            for rep in sorted(wanted):
                statement = update(_rep).where(_rep.c.number == rep)
                self.connection.execute(statement.values(first_named=found.get(rep)))


def first_named(connection: Connection, rep: int) -> Day | None:
    """Return the earliest day of a fact that stands and names the rep; None where there is none."""
    return first_days_named(connection, [rep]).get(rep)


def first_days_named(connection: Connection, reps: Collection[int]) -> dict[int, Day]:
    """Return the earliest day of a fact that stands and names the rep, by rep; the journal is read once."""
    named = func.json_extract(_fact.c.payload, "$.rep")
    query = select(_fact.c.id, _fact.c.day, named.label("rep")).where(_fact.c.opportunity.is_not(None), named.in_(reps))
    voided = voided_facts(connection)
    first: dict[int, Day] = {}
    for row in connection.execute(query.order_by(_fact.c.day.desc())):
        if row.id not in voided:
            first[row.rep] = row.day
    return first


def tenure_rows(number: int, process: int, state: Opportunity) -> list[tuple[Any, ...]]:
    """Return the tenures of an opportunity as rows, in the order of the table."""
    return [(number, tenure.begins, process, tenure.rep, tenure.ends) for tenure in state.tenures]


def loss_rows(number: int, process: int, state: Opportunity) -> list[tuple[Any, ...]]:
    """Return the losses of an opportunity as rows, in the order of the table."""
    return [
        (number, place, process, loss.on, loss.known_on, loss.over_on, loss.over_known_on)
        for place, loss in enumerate(state.losses, start=1)
    ]


def identities_of(connection: Connection, numbers: Iterable[int] | None = None) -> dict[int, tuple[int, str]]:
    """Return (process number, key) by opportunity number; all of them without `numbers`."""
    query = select(_opportunity.c.number, _opportunity.c.process, _opportunity.c.key)
    if numbers is not None:
        query = query.where(_opportunity.c.number.in_(any_of(list(numbers))))
    return {row.number: (row.process, row.key) for row in connection.execute(query)}


def rebuild(connection: Connection, histories: Mapping[str, ProcessHistory]) -> None:
    """Write every projection anew from the journal."""
    for table in _MADE:
        connection.execute(delete(table))
    connection.execute(update(_rep).values(first_named=None))
    # a key that moved from one opportunity to another must be free before it is taken
    connection.execute(update(_opportunity).values(folded=None))
    projector = Projector(connection, histories)
    identities = identities_of(connection)
    for number, facts in _every_one(connection):
        process, key = identities[number]
        projector.write(number, process, key, as_known(facts))
    projector.flush()


def _every_one(connection: Connection) -> Iterator[tuple[int, list[Fact]]]:
    """Yield every opportunity with its facts; one that was united with another has none."""
    yield from all_facts(connection)
    for member in arrangement(connection).into:
        yield member, []


def differences(connection: Connection, histories: Mapping[str, ProcessHistory]) -> Iterator[str]:
    """Yield a sentence for every opportunity whose projections are not what its facts amount to."""
    projector = Projector(connection, histories)
    rows = {row.number: row for row in connection.execute(select(_opportunity))}
    arrivals, tenures, losses = (_kept(connection, table) for table in _MADE)
    named: dict[int, Day] = {}
    for number, facts in _every_one(connection):
        row = rows.pop(number)
        standing = as_known(facts)
        state = replay(standing, projector.history(row.process))
        _note_named(named, standing)
        if tuple(row[_BEFORE_STATE:]) != projector.state_row(row.process, row.key, state):
            yield f"The state of {row.key} is not what its facts say."
        if arrivals.pop(number, set()) != set(projector.arrival_rows(number, row.process, state)):
            yield f"The arrivals of {row.key} are not what its facts say."
        if tenures.pop(number, set()) != set(tenure_rows(number, row.process, state)):
            yield f"The tenures of {row.key} are not what its facts say."
        if losses.pop(number, set()) != set(loss_rows(number, row.process, state)):
            yield f"The losses of {row.key} are not what its facts say."
    for number in sorted({*rows, *arrivals, *tenures, *losses}):
        yield f"Opportunity {number} has no facts."
    for rep in connection.execute(select(_rep.c.number, _rep.c.first_named)):
        if rep.first_named != named.get(rep.number):
            yield f"The first day of rep {rep.number} is not what the facts say."


def _note_named(named: dict[int, Day], facts: Iterable[Fact]) -> None:
    """Keep in `named` the earliest day of a fact that names a rep."""
    for fact in facts:
        if fact.rep is not None:
            named[fact.rep] = min(named.get(fact.rep, fact.on), fact.on)


def _kept(connection: Connection, table: Table) -> dict[int, set[tuple[Any, ...]]]:
    """Return the rows of a projection by opportunity."""
    rows: dict[int, set[tuple[Any, ...]]] = {}
    for row in connection.execute(select(table)):
        rows.setdefault(row.opportunity, set()).add(tuple(row))
    return rows
