"""Under which key a deal goes into the book: the one it has there, else one made from its customer.

Invariant: a deal that is in the book keeps its key, whatever its customer is called by now; a new key is free.
"""

from __future__ import annotations

from collections.abc import Mapping

from milestone_cli.domain.text import fold, slug
from milestone_cli.store.bulk import Known


class DealKeys:
    """Finds and makes the keys of deals."""

    def __init__(self, owners: Mapping[str, int], known: Mapping[str, Known], *, by_id: bool = False) -> None:
        """Take what is in the book.

        Args:
            owners: the number of each deal in the book, by its id with the name of its system before it.
            known: the opportunities of the book, by folded key.
            by_id: the id itself is the key, as in a table whose maker chose it.
        """
        self._owners = owners
        self._known = known
        self._keys = {one.number: one.key for one in known.values()} if owners else {}
        self._by_id = by_id
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}
        self._slugs: dict[str, str] = {}

    def key(self, external: str, id_: str, customer: str, title: str) -> str:
        """Return the key of a deal.

        Args:
            external: its id with the name of its system before it.
            id_: the system's own.
            customer: the name; may be empty.
            title: what it is called, where the customer is not known.
        """
        number = self._owners.get(external)
        if number in self._keys:
            return self._keys[number]
        if self._by_id:
            return id_
        name = customer or title or f"deal {id_}"
        wanted = self._slugs.get(name)
        if wanted is None:
            wanted = self._slugs[name] = slug(name)
        return self._free(wanted)

    def process(self, key: str) -> str | None:
        """Return the process in which the book has an opportunity of that key; None where it has none."""
        found = self._known.get(fold(key))
        return None if found is None else found.process

    def _free(self, wanted: str) -> str:
        while True:
            self._counts[wanted] = count = self._counts.get(wanted, 0) + 1
            key = wanted if count == 1 else f"{wanted}-{count}"
            folded = fold(key)
            if folded not in self._known and folded not in self._taken:
                self._taken.add(folded)
                return key
