"""Whom the keys of a file mean in a book that a merge made: there what had one key can go by another.

Invariant: what a key of a file is about is said by the ids of its lines before it is said by the key; nothing is put on
an opportunity that is known to be another one.
"""

from __future__ import annotations

from functools import cached_property

from milestone_cli.domain.text import fold
from milestone_cli.exchange.course import Course
from milestone_cli.exchange.gathered import GatheredOpportunity
from milestone_cli.store.facts import arrangement
from milestone_cli.store.forgotten import forgotten_opportunities
from milestone_cli.store.opened_as import Opening, opened_as

_SHOWN = 3
"""Keys in a reason."""


def take_to_united(course: Course) -> None:
    """Put what a native file says under the keys that the book has for it; leave out what is nobody's for sure."""
    if not course.gathering.system and arrangement(course.connection).merged:
        _Finding(course).run()


class _Finding:
    def __init__(self, course: Course) -> None:
        self._course = course
        self._owners = course.owners
        self._known = course.known
        self._by_number = {one.number: one for one in course.known.values()}

    def run(self) -> None:
        waiting = self._course.gathering.opportunities
        found: dict[str, GatheredOpportunity] = {}
        for folded, gathered in waiting.items():
            under = self._under(folded, gathered)
            if under is not None:
                one = found.setdefault(under, gathered)
                if one is not gathered:
                    one.take_in(gathered)
        waiting.clear()
        waiting.update(found)

    def _under(self, folded: str, gathered: GatheredOpportunity) -> str | None:
        """Return the folded key under which the lines go on; None where they are left out."""
        named = self._known[folded].number if folded in self._known else None
        owners = self._owners_of(gathered)
        if named in owners:
            return folded
        why = self._why_nobodys(owners) if owners else self._why_anothers(folded, gathered, named)
        if why:
            for line in gathered.lines:
                self._course.leave_out(line, gathered.key, why)
            return None
        if owners:
            gathered.key = self._by_number[owners.pop()].key
        return fold(gathered.key)

    def _why_nobodys(self, owners: set[int]) -> str:
        """Return why nothing can be done with lines whose ids have these owners; empty where there is one."""
        if len(owners) == 1:
            return ""
        keys = sorted(self._by_number[number].key for number in owners)
        shown = ", ".join([*keys[:_SHOWN], *(["..."] if len(keys) > _SHOWN else [])])
        return f"its ids are those of several opportunities here: {shown}; give the lines of each its key"

    def _why_anothers(self, folded: str, gathered: GatheredOpportunity, named: int | None) -> str:
        """Return why lines are not about the one whom their key names, or about nobody new; empty where they are."""
        if not gathered.customer:
            return ""
        other = self._opened_as.get(Opening(folded, fold(gathered.customer), gathered.process), named)
        if other is None or other == named or other not in self._by_number:
            return ""
        return f"a merge has given this customer's opportunity the key {self._by_number[other].key}; use that"

    def _owners_of(self, gathered: GatheredOpportunity) -> set[int]:
        """Return the numbers of the opportunities of the book that have the ids of lines: those they can go to."""
        if not self._owners:
            return set()
        ids = (line.more.texts.get("external") for line in gathered.lines if line.more is not None)
        found = {self._owners.get(id_) for id_ in ids if id_}
        return {number for number in found if number is not None and self._can_take(number, gathered.process)}

    def _can_take(self, number: int, process: str) -> bool:
        one = self._by_number.get(number)
        return one is not None and one.process == process and number not in self._forgotten

    @cached_property
    def _forgotten(self) -> frozenset[int]:
        return forgotten_opportunities(self._course.connection)

    @cached_property
    def _opened_as(self) -> dict[Opening, int]:
        return opened_as(self._course.connection)
