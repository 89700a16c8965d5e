"""The amounts, owners and names of deals, read once a text: what cannot be read is reported, what had to give is noted.

Invariant: nothing here raises; a text that says nothing is unknown, nobody or empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from milestone_cli.domain.day import Day
from milestone_cli.errors import InvalidValue
from milestone_cli.exchange.amounts import Amounts
from milestone_cli.exchange.gathered import TEXT_LIMIT, Gathering, RepPlaces
from milestone_cli.exchange.journey import Note
from milestone_cli.exchange.map_file import plain_name
from milestone_cli.exchange.names import cleaned
from milestone_cli.exchange.oddities import Oddity

Report = Callable[[int, str], None]
"""Takes what is wrong with a line: its number over all files, the reason."""


class Words:
    """Reads the words of deals."""

    def __init__(self, gathering: Gathering, amounts: Amounts, owners: Mapping[str, str], report: Report) -> None:
        """Take what words are read with.

        Args:
            gathering: gets the reps.
            amounts: reads amounts.
            owners: the rep by the plain name of an owner; empty is nobody.
            report: takes what is wrong with a line.
        """
        self._reps = RepPlaces(gathering)
        self._amounts = amounts
        self._owners = owners
        self._report = report

    def amount(self, text: str, number: int, note: Note) -> int | None:
        """Return what an amount says in minor units; None is unknown."""
        if not text:
            return None
        try:
            found = self._amounts.read(text)
        except InvalidValue as error:
            self._report(number, error.message)
            return None
        if found.oddity is not None:
            note(found.oddity, number, None, ())
        return found.minor

    def owner(self, text: str, number: int, note: Note) -> str:
        """Return the rep whom an owner is; empty for nobody."""
        known = self._owners.get(plain_name(text)) if text else ""
        return self.name(text, number, note) if known is None else known

    def name(self, text: str, number: int, note: Note) -> str:
        """Return a name as it can be stored; empty where it says nothing."""
        name, changed = cleaned(text)
        if changed:
            note(Oddity.NAME_CHANGED, number, None, ())
        return name

    def reason(self, text: str) -> str:
        """Return the reason of a loss as it can be stored."""
        return cleaned(text, TEXT_LIMIT)[0]

    def rep(self, name: str, day: Day) -> int | None:
        """Return the place of a rep among those whom the files name; None for nobody."""
        return self._reps.place(name, day) if name else None
