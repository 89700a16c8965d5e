"""Which opportunities of several books are one, and the keys they have: found anew when a merge or its undoing comes.

Invariant: a function of the facts that stand, and of which names are forgotten, and of nothing else, so that whichever
book was merged into which, and in what order, all of them come to the same; but what is forgotten in one book before
another that names it is merged no longer matches by key and customer. What it amounts to is itself said by facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, update

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.domain.text import fold
from milestone_cli.store.atoms import Atom, Atoms, Order
from milestone_cli.store.facts import Arrangement, arrangement
from milestone_cli.store.recording import Ledger
from milestone_cli.store.tables import TABLES

_opportunity = TABLES["opportunity"]
_NOTHING = Arrangement()
_LONGEST_KEY = 190
"""So many characters of a key are kept where a number is put behind it."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """An opportunity that goes by another key from now on."""

    number: int
    before: str
    after: str
    other: int
    """The number of the one that keeps the key it was opened with; its own where it has become one with another."""
    opened: int
    """The number of that which had the key before."""


@dataclass(slots=True)
class Arranged:
    """What has changed."""

    joined: set[int] = field(default_factory=set)
    """The numbers of those that are one with another and were not before, each under its own number."""
    parted: set[int] = field(default_factory=set)
    keys: list[NewKey] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    """Days of what was joined or parted."""


@dataclass(slots=True)
class _Group:
    """Opportunities that are one."""

    number: int
    atoms: list[Atom]

    @property
    def place(self) -> Order:
        return self._first.place

    @property
    def key(self) -> str:
        return self._first.key

    @property
    def numbered(self) -> bool:
        return self._first.numbered

    @property
    def customer(self) -> int:
        return self._first.customer

    @property
    def _first(self) -> Atom:
        opened = [atom for atom in self.atoms if atom.opened is not None]
        return min(opened or self.atoms, key=lambda atom: atom.place)


def arrange(
    ledger: Ledger, touched: Iterable[int], *, on: Day, merged: bool, there: Arrangement = _NOTHING
) -> Arranged:
    """Find out anew which opportunities are one and what they are called, say it, and have them projected.

    Args:
        ledger: the command at work.
        touched: the numbers of opportunities to which facts have come, or of which facts were taken back.
        on: the day of what is said.
        merged: a merge stands.
        there: which are one in the book that is merged, by their numbers here.
    """
    ledger.journal.flush()
    present = arrangement(ledger.book.connection)
    arranging = _Arranging(ledger.book.connection, present, there)
    numbers = set(touched)
    arranging.widen(numbers)
    into = arranging.linked()
    groups = arranging.groups(into)
    shown = arranging.keyed(groups)
    arranging.let_stand()
    ledger.touch(numbers)
    return _say(ledger, arranging, groups, into, shown, on=on, merged=merged)


class _Arranging:
    def __init__(self, connection: Connection, present: Arrangement, there: Arrangement) -> None:
        self.present = present
        self._there = there
        self._source = Atoms(connection, present)
        self.atoms: dict[int, Atom] = {}
        self.asked: frozenset[int] = frozenset()
        """The numbers of those that can become one with others, or part from them."""

    def widen(self, numbers: Iterable[int]) -> None:
        """Take in these, what is one with them now, and what can become one with any of them."""
        wanted = {member for number in numbers for member in self._all_of(number)}
        while wanted:
            new = self._source.read(wanted)
            self.atoms |= new
            standing = [atom for atom in new.values() if atom.first is not None]
            near = self._source.called({fold(atom.key) for atom in standing})
            near |= self._source.known_elsewhere(standing)
            wanted = {member for number in near for member in self._all_of(number)} - self.atoms.keys()
        self.asked = frozenset(self.atoms)

    def _all_of(self, number: int) -> set[int]:
        return {*self.present.all_of(number), *self._there.all_of(number)}

    def let_stand(self) -> None:
        """Let the ids of other systems stand for what stands."""
        self._source.let_stand(atom for atom in self.atoms.values() if atom.first is not None)

    def linked(self) -> dict[int, int]:
        """Return the number of the one that another is one with, by the number of that one."""
        tree = {number: number for number in self.asked if self.atoms[number].first is not None}

        def root(number: int) -> int:
            while tree[number] != number:
                tree[number] = number = tree[tree[number]]
            return number

        met: dict[tuple[object, ...], int] = {}
        for number in sorted(tree):
            for label in self._labels(self.atoms[number]):
                one, other = sorted((root(number), root(met.setdefault(label, number))))
                tree[other] = one
        return {number: root(number) for number in tree if root(number) != number}

    def _labels(self, atom: Atom) -> Iterator[tuple[object, ...]]:
        """Yield what two opportunities need have in common to be one."""
        yield (atom.process, "named", fold(atom.key), atom.customer)
        for where, found in (("here", self.present), ("there", self._there)):
            one = found.one(atom.number)
            if any(self.atoms[number].nameless for number in found.all_of(one) if number in self.atoms):
                # by what they were known as one is forgotten, and forgetting changes no figure
                yield (atom.process, "one already", where, one)
        for external in atom.external:
            yield (atom.process, "known as", external)
        for id_ in atom.ids:
            yield (atom.process, "known as", id_)

    def groups(self, into: Mapping[int, int]) -> dict[int, _Group]:
        """Return what stands, by number."""
        found: dict[int, _Group] = {}
        for number, atom in sorted(self.atoms.items()):
            if atom.first is not None:
                one = into.get(number, number)
                found.setdefault(one, _Group(one, [])).atoms.append(atom)
        return found

    def keyed(self, groups: dict[int, _Group]) -> dict[int, tuple[str, int]]:
        """Return by number the key of every group, and the number of the one that keeps the key it was opened with.

        Of several with one key the one that was opened first keeps it; what only goes by its number leaves it to what
        was opened with it. `groups` gets those that contend with them.
        """
        self._contend(groups)
        by_key: dict[str, list[_Group]] = {}
        for group in sorted(groups.values(), key=lambda group: (group.numbered, group.place)):
            by_key.setdefault(fold(group.key), []).append(group)
        found = {group.number: (group.key, group.number) for group, *_ in by_key.values()}
        taken = set(by_key)
        losers = [(group, first) for first, *others in by_key.values() for group in others]
        for group, first in sorted(losers, key=lambda pair: pair[0].place):
            found[group.number] = (self._free(group, taken), first.number)
        return found

    def _contend(self, groups: dict[int, _Group]) -> None:
        """Add those that have the key of one of these, and those that had to give one up."""
        wanted = {number for number in self.present.renamed if self.present.one(number) not in groups}
        wanted |= self._source.called({fold(group.key) for group in groups.values()})
        self._add(wanted, groups)
        self._add(self._source.called({fold(group.key) for group in groups.values()}), groups)

    def _add(self, numbers: Iterable[int], groups: dict[int, _Group]) -> None:
        missing = {member for number in numbers for member in self.present.all_of(number)} - self.atoms.keys()
        new = self._source.read(missing)
        self.atoms |= new
        for number, atom in sorted(new.items()):
            if atom.first is not None:
                one = self.present.one(number)
                groups.setdefault(one, _Group(one, [])).atoms.append(atom)

    def _free(self, group: _Group, taken: set[str]) -> str:
        number = 1
        while True:
            wanted = _other_key(group, number)
            if fold(wanted) not in taken and self._source.looked_up(fold(wanted)) <= self.atoms.keys():
                taken.add(fold(wanted))
                return wanted
            number += 1


def _other_key(group: _Group, number: int) -> str:
    """Return what a group whose key another one has can be called: the first such key, the second, and so on."""
    return "#" * number + group.key if group.numbered else f"{group.key[:_LONGEST_KEY]}-{number + 1}"


def _say(
    ledger: Ledger, arranging: _Arranging, groups: Mapping[int, _Group], into: Mapping[int, int],
    shown: Mapping[int, tuple[str, int]], *, on: Day, merged: bool,
) -> Arranged:  # fmt: skip
    """Record the arrangement where it has changed; return how."""
    done, present, atoms = Arranged(), arranging.present, arranging.atoms
    whole = {member: one for member, one in present.into.items() if member not in arranging.asked} | dict(into)
    called = {
        number: (shown[number][0], groups[number].customer) if number in shown else (atom.key, atom.customer)
        for number, atom in atoms.items()
    }
    otherwise = {number for number, atom in atoms.items() if called[number] != (atom.key, atom.customer)}
    renamed = (present.renamed - atoms.keys()) | otherwise
    for number in sorted(otherwise):
        key, atom = called[number][0], atoms[number]
        if key != (atom.said_key or atom.key):
            texts = {"key": key}
            ledger.journal.append(Fact(kind=Kind.RENAMED, on=on, opportunity=number, texts=texts))
    if (whole, renamed, merged) != (present.into, present.renamed, present.merged):
        said = {"into": sorted(whole.items()), "renamed": sorted(renamed), "merged": merged}
        ledger.journal.append_setup(Kind.UNITED, on, said)
        ledger.journal.flush()
    for number in sorted(arranging.asked):
        before, after = present.into.get(number), into.get(number)
        if before != after:
            (done.parted if after is None else done.joined).add(number)
            concerned = {one for one in (number, before, after) if one in atoms}
            done.days += [day for one in concerned for day in atoms[one].days]
            ledger.touch(concerned)
    done.keys = list(_new_keys(groups, shown, present))
    _call(ledger, atoms, called, whole)
    return done


def _new_keys(
    groups: Mapping[int, _Group], shown: Mapping[int, tuple[str, int]], present: Arrangement
) -> Iterator[NewKey]:
    """Yield what goes by another key than before, or than it was opened with in the other book."""
    for number, (key, other) in sorted(shown.items()):
        for atom in groups[number].atoms:
            before = atom.shown[0] if atom.looked_up else atom.key
            if before != key and (atom.looked_up or atom.number not in present.into):
                yield NewKey(number, before, key, other, atom.number)


def _call(
    ledger: Ledger, atoms: Mapping[int, Atom], called: Mapping[int, tuple[str, int]], whole: Mapping[int, int]
) -> None:
    """Write keys and customers into the rows; a key that moves from one to another must be free before it is taken."""
    changed = {number for number, atom in atoms.items() if called[number] != atom.shown}
    freed = {
        number
        for number, atom in atoms.items()
        if atom.looked_up and (number in changed or number in whole or atom.first is None)
    }
    connection = ledger.book.connection
    row = update(_opportunity).where(_opportunity.c.number == bindparam("row"))
    if freed:
        connection.execute(row.values(folded=None), [{"row": number} for number in sorted(freed)])
    if changed:
        given = [{"row": number, "given": called[number][0], "of": called[number][1]} for number in sorted(changed)]
        connection.execute(row.values(key=bindparam("given"), customer=bindparam("of")), given)
    ledger.touch(changed | freed)
