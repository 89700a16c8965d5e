"""Opportunities as single books opened them: what each is called, what other systems know it by, whether it stands.

Invariant: nothing here depends on which book came first into the file; a fact that was taken back says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Kind
from milestone_cli.domain.text import fold
from milestone_cli.store.facts import Arrangement, texts_of, voided_facts
from milestone_cli.store.forgotten import forgotten_opportunities, is_number_key
from milestone_cli.store.lists import LISTED, listed
from milestone_cli.store.sqlite_schema import driver

_ID_LENGTH = 32

Order = tuple[int, int, int, str]
"""Day, entry, position in the command, global id: as facts order."""


@dataclass(slots=True)
class Atom:
    """One opportunity as one book opened it."""

    number: int
    process: int
    customer: int
    key: str
    """Both as it was opened; `shown` is what it goes by in this file."""
    shown: tuple[str, int]
    looked_up: bool
    """It can be found by the key shown."""
    opened: Order | None = None
    """Where its first opening that stands has its place; None where none stands."""
    first: Order | None = None
    """The place of its first fact that stands; None where nothing of it stands."""
    external: dict[str, int] = field(default_factory=dict)
    """The ids of other systems that its facts stand for, each with the number of the fact."""
    ids: set[str] = field(default_factory=set)
    """The ids of its facts, where another book may hold them as those of another system."""
    said_key: str = ""
    """The key that a merge has given it, by the last fact that says so."""
    days: list[Day] = field(default_factory=list)
    """First and last day of what stands."""
    nameless: bool = False
    """Its customer is forgotten."""
    numbered: bool = False
    """Its key is forgotten too: it goes by its number."""

    @property
    def place(self) -> Order:
        """Where it stands among others: by its opening, else by its first fact."""
        return self.opened or self.first or (0, 0, 0, "")


class Atoms:
    """The opportunities of a file, read where they are asked for."""

    def __init__(self, connection: Connection, present: Arrangement) -> None:
        self._connection = connection
        self._raw = driver(connection)
        self._present = present
        self._voided = voided_facts(connection)
        self._nameless = forgotten_opportunities(connection)
        exported = "SELECT 1 FROM external WHERE length(external_id) = ? LIMIT 1"
        self._ids_matter = self._raw.execute(exported, (_ID_LENGTH,)).fetchone() is not None

    def read(self, numbers: Collection[int]) -> dict[int, Atom]:
        """Return the opportunities with these numbers."""
        found: dict[int, Atom] = {}
        query = "SELECT number, process, customer, key, folded FROM opportunity WHERE number"
        for number, process, customer, key, folded in self._drawn(query, numbers):
            found[number] = Atom(number, process, customer, key, (key, customer), folded is not None)
            found[number].nameless = number in self._nameless
            found[number].numbered = number in self._nameless and is_number_key(key, number)
        texts: list[tuple[Atom, str, int, int]] = []
        query = (
            "SELECT opportunity, number, id, kind, day, entered_at, position, payload"
            " FROM fact INDEXED BY fact_by_opportunity WHERE opportunity"
        )
        for number, *row in self._drawn(query, numbers):
            texts += self._add(found[number], *row)
        bodies = texts_of(self._connection, (text for *_, text in texts))
        for atom, role, fact, text in texts:
            body = bodies.get(text, "")
            if role == "external" and body:
                atom.external.setdefault(body, fact)
            elif role == "key":
                atom.key, atom.numbered = body or str(atom.number), not body
            elif role == "said" and body:
                atom.said_key = body
        return found

    def _drawn(self, query: str, values: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
        yield from self._raw.execute(f"{query} {LISTED}", (listed(sorted(values)),))

    def _add(  # noqa: PLR0917 - the columns of a row in their order
        self, atom: Atom, number: int, id_: str, kind: str, day: Day, entered_at: int, position: int, payload: str
    ) -> Iterator[tuple[Atom, str, int, int]]:
        """Take a fact into its opportunity; yield the texts it says something with: whose, as what, in which fact."""
        if kind == Kind.OPENED and atom.number in self._present.renamed:
            said = json.loads(payload)
            atom.customer = said["customer"]
            yield atom, "key", number, said["texts"]["key"][0]
        if kind == Kind.VOIDED or id_ in self._voided:
            return
        texts = json.loads(payload)["texts"] if '"external":' in payload or kind == Kind.RENAMED else {}
        if kind == Kind.RENAMED:
            if "key" in texts:
                yield atom, "said", number, texts["key"][0]
            return
        place = (day, entered_at, position, id_)
        if atom.first is None or place < atom.first:
            atom.first = place
        if kind == Kind.OPENED and (atom.opened is None or place < atom.opened):
            atom.opened = place
        atom.days = [min(day, *atom.days[:1]), max(day, *atom.days[1:])] if atom.days else [day, day]
        if "external" in texts:
            yield atom, "external", number, texts["external"][0]
        if self._ids_matter:
            atom.ids.add(id_)

    # -- who else is called so -----------------------------------------------------------------------------------------

    def called(self, keys: Collection[str]) -> set[int]:
        """Return the numbers of those that were opened with one of these folded keys, or have it now."""
        query = "SELECT number FROM opportunity WHERE folded"
        found = {number for [number] in self._drawn(query, keys)}
        return found.union(*(self._elsewhere.get(key, ()) for key in keys))

    def looked_up(self, key: str) -> set[int]:
        """Return the number of the one that is found under a folded key, if there is one."""
        return {number for [number] in self._drawn("SELECT number FROM opportunity WHERE folded", [key])}

    @cached_property
    def _elsewhere(self) -> dict[str, list[int]]:
        """The numbers, by the key they were opened with, of those that cannot be looked up under it."""
        numbers = {*self._present.into, *self._present.into.values(), *self._present.renamed}
        opened_as = self.read(self._present.renamed)
        found: dict[str, list[int]] = {}
        for number, key in self._drawn("SELECT number, key FROM opportunity WHERE number", numbers):
            found.setdefault(fold(opened_as[number].key if number in opened_as else key), []).append(number)
        return found

    def known_elsewhere(self, atoms: Iterable[Atom]) -> set[int]:
        """Return the numbers of those that hold a fact of another system which one of these holds too."""
        wanted = list(atoms)
        external = {one for atom in wanted for one in atom.external}
        ids = {one for atom in wanted for one in atom.ids}
        by_fact = "SELECT opportunity FROM fact JOIN external ON external.fact = fact.number WHERE external_id"
        by_id = "SELECT opportunity FROM fact WHERE id"
        found = {number for [number] in self._drawn(by_fact, external | ids)}
        found |= {number for [number] in self._drawn(by_id, (one for one in external if len(one) == _ID_LENGTH))}
        return found - {None}

    def let_stand(self, atoms: Iterable[Atom]) -> None:
        """Let the ids of other systems stand for facts of these that stand, where the ones they stood for do not."""
        holding = {external: fact for atom in atoms for external, fact in atom.external.items()}
        query = "SELECT external_id, id FROM external JOIN fact ON fact.number = external.fact WHERE external_id"
        lost = [external for external, id_ in self._drawn(query, holding) if id_ in self._voided]
        self._raw.executemany(
            "UPDATE external SET fact = ? WHERE external_id = ?", [(holding[external], external) for external in lost]
        )
