"""Names and texts as pseudonyms, amounts by one secret factor: what can be shown to strangers.

Invariant: a name has one pseudonym, in every export of its book and whatever its form, and nothing that somebody has
typed is left: what has no pseudonym is a day, a number, or a word of our own. What pseudonyms and the factor are made
from is in no export.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from milestone_cli.domain.money import LIMIT, Currency, parse_plain, plain
from milestone_cli.domain.process import Process
from milestone_cli.domain.text import fold
from milestone_cli.exchange.native import COLUMNS
from milestone_cli.store.book import Book
from milestone_cli.store.typed import first_command, typed_milestones, typed_names, typed_texts

_NAMED = {
    "opportunity": "opportunity", "customer": "customer", "title": "title", "rep": "rep", "reason": "reason",
    "text": "text", "by": "person", "ref": "ref",
}  # fmt: skip
"""What a pseudonym is called, by column of the native form; the role of a text in a fact is called the same."""
_EXACT = frozenset({"external"})
"""What is another where only the case differs, as ids of other systems are."""
_MILESTONE, _VALUE, _PROCESS, _RECORDED, _ID = (
    COLUMNS.index(name) for name in ("milestone", "value", "process", "recorded_at", "external_id")
)
_KEYS = frozenset({"milestone_key", "from_key", "to_key"})
_ISO = len("2026-11-25")
_STEPS = 1_500_000


class Anonymous:
    """The pseudonyms of a book."""

    def __init__(self, book: Book) -> None:
        connection = book.connection
        # a book without a command has no name to hide
        self._secret = first_command(connection).encode() or secrets.token_bytes()
        self._factor = Fraction(500_000 + int(self._digest("amounts"), 16) % (_STEPS + 1), 1_000_000)
        self._given: dict[str, dict[str, str]] = defaultdict(dict)
        self.processes: dict[str, str] = {}
        self._milestones: dict[str, dict[str, str]] = defaultdict(dict)
        self._currencies = {key: history.currency for key, history in book.setup.processes.items()}
        for one in typed_names(connection):
            if one.what == "process":
                self.processes[one.name] = f"p{one.number}"
            else:
                self._given[one.what][fold(one.name)] = f"{one.what}-{one.number}"
        for one in typed_texts(connection):
            kind = _NAMED.get(one.what, one.what)
            self._given[kind].setdefault(_same(kind, one.name), f"{kind}-{one.number}")
        for process, key in typed_milestones(connection):
            given = self._milestones[process]
            given[key] = f"m{len(given) + 1}"

    def _digest(self, what: str) -> str:
        return hmac.digest(self._secret, what.encode(), hashlib.sha256).hex()

    def named(self, kind: str, name: str) -> str:
        """Return the pseudonym of a name; an empty one has none."""
        return self._given[kind].get(_same(kind, name), f"{kind}-0") if name else name

    def said(self, role: str, body: str) -> str:
        """Return the pseudonym of a text with a role in a fact."""
        return self.named(_NAMED.get(role, role), body)

    def id(self, id_: str) -> str:
        """Return another global id in place of one, which begins at the same time, so that both sort alike."""
        drawn = self._digest(id_)
        return f"{id_[:12]}7{drawn[:3]}{'89ab'[int(drawn[3], 16) % 4]}{drawn[4:19]}"

    def milestone(self, process: str, key: str) -> str:
        """Return the pseudonym of a milestone's key; 0, a target customer, stays."""
        return self._milestones[process].get(key, key if key in ("", "0") else "m")

    def definition(self, process: Process) -> Process:
        """Return a definition without its texts: what is left is its form, its plan and its rules."""
        milestones = tuple(
            replace(
                one,
                key=self.milestone(process.key, one.key),
                name=_named_after(self.milestone(process.key, one.key)),
                customer_action="A customer action" if one.customer_action else "",
                how=tuple(f"Way {place}" for place in range(1, len(one.how) + 1)),
            )
            for one in process.milestones
        )
        key = self.processes[process.key]
        typical = None if process.typical_value is None else self.amount(process.typical_value)
        return replace(process, key=key, title=key, typical_value=typical, milestones=milestones)

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
            hidden[_PROCESS] = self.processes[process]
            hidden[_MILESTONE] = self.milestone(process, row[_MILESTONE])
            hidden[_VALUE] = self._written(row[_VALUE], self._currencies[process])
            hidden[_RECORDED] = row[_RECORDED][:_ISO]
            hidden[_ID] = self.id(row[_ID])
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
            key = self.milestone(process, str(said["key"]))
            said |= {"process_title": self.processes[process], "key": key, "name": _named_after(key)}
        elif "key" in said:
            said["key"] = self.named("opportunity", str(said["key"]))
        value = said.get("value")
        if isinstance(value, float):
            per_unit = 10 ** self._currencies[process].digits
            said["value"] = self.amount(round(value * per_unit)) / per_unit
        said["process"] = self.processes[process]
        return tuple(said.values())

    def by_milestone(self, process: str, said: Mapping[str, str]) -> dict[str, str]:
        """Return what is said of milestones, by their pseudonyms."""
        return {self.milestone(process, key): words for key, words in said.items()}


def _same(kind: str, name: str) -> str:
    return name if kind in _EXACT else fold(name)


def _named_after(key: str) -> str:
    return f"Milestone {key[1:]}"
