"""Under which key a deal goes into the book: the one it has there, else one made from its customer.

Invariant: a deal that is in the book keeps its key, whatever its customer is called by now; a new key is free.
"""

from __future__ import annotations

from collections.abc import Mapping

from milestone_cli.domain.text import fold, slug


class DealKeys:
    """Finds and makes the keys of deals."""

    def __init__(self, known: Mapping[str, str], processes: Mapping[str, str], *, by_id: bool = False) -> None:
        """Take what is in the book.

        Args:
            known: the key of each deal in the book, by its id with the name of its system before it.
            processes: the process of each opportunity in the book, by folded key.
            by_id: the id itself is the key, as in a table whose maker chose it.
        """
        self._known = known
        self._processes = processes
        self._by_id = by_id
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}

    def key(self, external: str, id_: str, customer: str, title: str) -> str:
        """Return the key of a deal.

        Args:
            external: its id with the name of its system before it.
            id_: the system's own.
            customer: the name; may be empty.
            title: what it is called, where the customer is not known.
        """
        found = self._known.get(external)
        if found is not None:
            return found
        return id_ if self._by_id else self._free(slug(customer or title or f"deal {id_}"))

    def process(self, key: str) -> str | None:
        """Return the process in which the book has an opportunity of that key; None where it has none."""
        return self._processes.get(fold(key))

    def _free(self, wanted: str) -> str:
        while True:
            self._counts[wanted] = count = self._counts.get(wanted, 0) + 1
            key = wanted if count == 1 else f"{wanted}-{count}"
            folded = fold(key)
            if folded not in self._processes and folded not in self._taken:
                self._taken.add(folded)
                return key
