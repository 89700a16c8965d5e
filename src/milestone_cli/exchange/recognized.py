"""Which new opportunities of a file are forgotten ones of the book: a name is gone, but the days of its facts are not.

Invariant: nothing is kept to recognise anybody by; only facts are compared, and one forgotten opportunity accounts for
one of the file. Whoever knows better says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from milestone_cli.domain.facts import Fact, Kind, effective
from milestone_cli.exchange.gathered import GatheredOpportunity, Line
from milestone_cli.store.bulk import Known, Recorded, recorded
from milestone_cli.store.forgotten import forgotten_opportunities, forgotten_reps
from milestone_cli.store.recording import Ledger

Said = tuple[Kind, str | None, int]
"""What a fact says, apart from whom it is about: kind, milestone, day."""


def recognized(ledger: Ledger, known: Mapping[str, Known]) -> Recognized:
    """Return the forgotten ones of a book, whose opportunities are `known` by folded key; nearly everywhere nobody."""
    connection = ledger.book.connection
    numbers, reps = forgotten_opportunities(connection), forgotten_reps(connection)
    there = {one.number: one.process for one in known.values() if one.number in numbers} if numbers else {}
    return Recognized(recorded(connection, sorted(there)), there, reps)


class Recognized:
    """Who was forgotten: false where nobody was. One that was found in the file is not looked for any more."""

    def __init__(
        self, forgotten: Iterable[Recorded] = (), processes: Mapping[int, str] | None = None,
        reps: frozenset[int] = frozenset(),
    ) -> None:  # fmt: skip
        """Take in opportunities with their facts, by number the key of the process of each, and reps."""
        self.reps = reps
        self._ever: dict[int, dict[Said, set[int | None]]] = {}
        """By number: what was ever said, with which potentials."""
        self._stands: dict[int, set[Said]] = {}
        """By number: what customers did, as it stands."""
        self._ids: dict[int, frozenset[str]] = {}
        """By number: the global ids of the facts."""
        self._looked_for: set[int] = set()
        self._by_said: dict[tuple[str, Said], set[int]] = {}
        for one in forgotten:
            self._add(one, (processes or {})[one.number])

    def __bool__(self) -> bool:
        return bool(self._ever)

    def _add(self, one: Recorded, process: str) -> None:
        said = self._ever.setdefault(one.number, {})
        for fact in one.facts:
            if fact.kind is not Kind.VOIDED:
                said.setdefault(_said_by(fact), set()).add(fact.value)
        self._stands[one.number] = {_said_by(f) for f in effective(one.facts) if f.kind is not Kind.OPENED}
        self._ids[one.number] = frozenset(fact.id for fact in one.facts)
        self._looked_for.add(one.number)
        for item in said:
            self._by_said.setdefault((process, item), set()).add(one.number)

    def take(self, gathered: GatheredOpportunity, owners: Mapping[str, int | None]) -> int | None:
        """Return the number of the forgotten opportunity that the lines are about; None where there is none.

        Args:
            gathered: an opportunity of the file that the book does not know by its key.
            owners: by external id, the opportunity whose fact it is.
        """
        named = {owners[external] for external in _externals(gathered) if external in owners}
        found = next((number for number in self._looked_for if number in named), None)
        if found is None:
            found = next((number for number in self._candidates(gathered) if self._fits(number, gathered.lines)), None)
        if found is not None:
            self._looked_for.remove(found)
        return found

    def opened_alike(self, gathered: GatheredOpportunity) -> list[int]:
        """Return the forgotten ones that were not found and were opened on the day on which lines say this one was.

        What happened later may be told otherwise in a newer file of another system; the day of creation stays.
        """
        opened = {(gathered.process, _said_in(line)) for line in gathered.lines if line.kind is Kind.OPENED}
        found = {number for said in opened for number in self._by_said.get(said, ())}
        return sorted(found & self._looked_for)

    def is_only_called_alike(self, number: int, gathered: GatheredOpportunity) -> bool:
        """Return whether lines have a forgotten opportunity's number for their key and nothing else in common."""
        if number not in self._ever:
            return False
        said = any(_said_in(line) in self._ever[number] for line in gathered.lines)
        return not said and self._ids[number].isdisjoint(_externals(gathered))

    def _candidates(self, gathered: GatheredOpportunity) -> list[int]:
        found = {
            number
            for line in gathered.lines
            for number in self._by_said.get((gathered.process, _said_in(line)), ())
            if number in self._looked_for
        }
        return sorted(found)

    def _fits(self, number: int, lines: Sequence[Line]) -> bool:
        """Return whether the lines say nothing else, or all of it and more: an old file again, or a newer one.

        Where they have one thing alone in common, it must have the same potential.
        """
        ever, stands = self._ever[number], self._stands[number]
        said = {_said_in(line) for line in lines}
        if not (said <= ever.keys() or (stands and stands <= said)):
            return False
        common = said & ever.keys()
        return len(common) > 1 or all(line.value in ever[_said_in(line)] for line in lines if _said_in(line) in common)


def _said_by(fact: Fact) -> Said:
    return fact.kind, fact.milestone, fact.on if fact.since is None else fact.since


def _said_in(line: Line) -> Said:
    since = None if line.more is None else line.more.since
    return line.kind, line.milestone, line.on if since is None else since


def _externals(gathered: GatheredOpportunity) -> Iterable[str]:
    lines = gathered.lines
    if gathered.external:
        return (gathered.id_of(line) for line in lines)
    return (line.more.texts["external"] for line in lines if line.more is not None and "external" in line.more.texts)
