"""Names and texts as pseudonyms, amounts by one secret factor: what can be shown to strangers.

Invariant: within one export a name has one pseudonym, and nothing that somebody has typed is left: what has no
pseudonym is a day, a number, or a word of our own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from milestone_cli.domain.money import LIMIT, Currency, parse_plain, plain
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.domain.text import fold
from milestone_cli.exchange.native import COLUMNS

_NAMED = {
    "opportunity": "opportunity", "customer": "customer", "title": "title", "rep": "rep", "reason": "reason",
    "text": "text", "by": "person", "ref": "ref", "external_id": "fact",
}  # fmt: skip
"""What a pseudonym is called, by column of the native form."""
_MILESTONE, _DATE, _VALUE, _PROCESS, _RECORDED = (
    COLUMNS.index(name) for name in ("milestone", "date", "value", "process", "recorded_at")
)
_KEYS = frozenset({"milestone_key", "from_key", "to_key"})
_ISO = len("2026-11-25")


def secret_factor() -> Fraction:
    """Return what all amounts of one export are multiplied with, 0.5 to 2, drawn from the system's randomness."""
    return Fraction(random.SystemRandom().randrange(500_000, 2_000_001), 1_000_000)


class Anonymous:
    """The pseudonyms of one export."""

    def __init__(self, processes: Mapping[str, ProcessHistory], factor: Fraction) -> None:
        self._factor = factor
        self._processes = {key: f"p{place}" for place, key in enumerate(processes, start=1)}
        self._milestones = {key: _milestones(history) for key, history in processes.items()}
        self._currencies = {key: history.currency for key, history in processes.items()}
        self._given: dict[str, dict[str, str]] = {}

    def named(self, kind: str, name: str) -> str:
        """Return the pseudonym of a name; an empty one has none."""
        if not name:
            return name
        given = self._given.setdefault(kind, {})
        return given.setdefault(fold(name), f"{kind}-{len(given) + 1}")

    def milestone(self, process: str, key: str) -> str:
        """Return the pseudonym of a milestone's key; 0, a target customer, stays."""
        return self._milestones[process].get(key, key if key in ("", "0") else "m")

    def amount(self, minor: int) -> int:
        """Return an amount in minor units, scaled; never 0, never more than a book holds."""
        return min(max(round(minor * self._factor), 1), LIMIT) if minor else 0

    def facts(self, rows: Iterator[list[str]]) -> Iterator[list[str]]:
        """Yield the header as it is and the rows of the native form under pseudonyms."""
        yield next(rows)
        for row in rows:
            process = row[_PROCESS]
            hidden = [
                self.named(_NAMED[name], cell) if name in _NAMED else cell
                for name, cell in zip(COLUMNS, row, strict=True)
            ]
            hidden[_PROCESS] = self._processes[process]
            hidden[_MILESTONE] = self.milestone(process, row[_MILESTONE])
            hidden[_VALUE] = self._written(row[_VALUE], self._currencies[process])
            hidden[_RECORDED] = row[_RECORDED][:_ISO]
            yield hidden

    def _written(self, value: str, unit: Currency) -> str:
        return plain(self.amount(parse_plain(value, unit)), unit) if value else ""

    def row(self, columns: Sequence[str], row: Sequence[object]) -> tuple[object, ...]:
        """Return a row of one of the views under pseudonyms."""
        said = dict(zip(columns, row, strict=True))
        process = str(said["process"])
        for column in said.keys() & {"opportunity", "customer", "title", "rep"}:
            if said[column] is not None:
                said[column] = self.named(column, str(said[column]))
        for column in said.keys() & _KEYS:
            if said[column] is not None:
                said[column] = self.milestone(process, str(said[column]))
        if "process_title" in said:
            said |= {"process_title": self._processes[process], "name": f"Milestone {said['number']}"}
            said["key"] = self.milestone(process, str(said["key"]))
        elif "key" in said:
            said["key"] = self.named("opportunity", str(said["key"]))
        value = said.get("value")
        if isinstance(value, float):
            per_unit = 10 ** self._currencies[process].digits
            said["value"] = self.amount(round(value * per_unit)) / per_unit
        said["process"] = self._processes[process]
        return tuple(said.values())


def _milestones(history: ProcessHistory) -> dict[str, str]:
    """Return a key for each milestone: its number in the newest definition, behind them those no longer in it."""
    keys = dict.fromkeys((*history.newest.process.keys, *history.all_keys()))
    return {key: f"m{place}" for place, key in enumerate(keys, start=1)}
