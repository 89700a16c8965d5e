"""A whole book under pseudonyms: the same commands and facts on the same days, and nothing that somebody has typed.

Invariant: every column is either known to hold no name, or made anew here; what is not known is left out. Texts get
new salts and ids new values, so that neither a hash nor an id can confirm a guess; the chain is linked anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from milestone_cli.exchange.anonymous import Anonymous
from milestone_cli.store.payloads import decode_process, encode_process
from milestone_cli.store.snapshots import renamed
from milestone_cli.store.whole import Rows, linked, resalted

_KEPT = frozenset(
    {"v", "rep", "since", "revisit", "evidence", "bulk", "customer", "from"}
    | {"commands", "again", "into", "renamed", "merged"}
)
"""What of a payload says nothing that was typed."""
_DAY = 86_400_000_000
_CALLED = {"rep": ("key", "name"), "customer": ("name",), "opportunity": ("key",)}
"""The columns with names of the tables whose rows have some."""


def anonymous_rows(rows: Rows, hidden: Anonymous) -> Rows:
    """Return the rows of a whole book under pseudonyms.

    Args:
        rows: as `dump_rows` has them.
        hidden: the pseudonyms of that book.
    """
    return _Book(rows, hidden).made()


class _Book:
    def __init__(self, rows: Rows, hidden: Anonymous) -> None:
        self._rows = rows
        self._hidden = hidden
        self._said = {row["number"]: row["body"] for row in rows["text"]}
        self._processes = {row["number"]: row["key"] for row in rows["process"]}
        self._of = {row["number"]: self._processes[row["process"]] for row in rows["opportunity"]}
        self._pseudonyms: dict[int, str] = {}
        """By the number of the text."""
        self._forgotten: set[tuple[str, int]] = set()
        """Tables and numbers of rows that are called by their number."""

    def made(self) -> Rows:
        hidden, rows = self._hidden, self._rows
        self._name_texts()
        texts, hashes = resalted(rows["text"], self._pseudonyms)
        snapshots = (self._snapshot(row) for row in rows["snapshot"])
        made = {
            "text": texts,
            "command": [{**row, "id": hidden.id(row["id"]), "who": hashes[row["author"]]} for row in rows["command"]],
            "process": [{**row, "key": hidden.processes[row["key"]]} for row in rows["process"]],
            "milestone": [
                {**row, "key": hidden.milestone(self._processes[row["process"]], row["key"])}
                for row in rows["milestone"]
            ],
            "fact": [self._fact(row, hashes) for row in rows["fact"]],
            "external": [
                {**row, "external_id": hidden.said("external", row["external_id"])} for row in rows["external"]
            ],
            "snapshot": [row for row in snapshots if row is not None],
        }
        made |= {table: [self._called(table, row) for row in rows[table]] for table in _CALLED}
        return linked({name: made[name] for name in rows})

    def _name_texts(self) -> None:
        for row in self._rows["command"]:
            self._pseudonyms[row["author"]] = f"user-{row['author']}"
        for row in self._rows["customer"]:
            self._name(row["text"], "customer", row["number"])
        for fact in self._rows["fact"]:
            for role, (text, _hash) in fact["payload"].get("texts", {}).items():
                if role == "key" and fact["opportunity"] is not None:
                    self._name(text, "opportunity", fact["opportunity"])
                elif role in {"key", "name"}:
                    self._name(text, "rep", fact["payload"]["rep"])
                elif role != "customer":
                    self._pseudonyms[text] = self._hidden.said(role, self._said[text])

    def _name(self, text: int, table: str, number: int) -> None:
        """Let a text be what a row is called."""
        self._pseudonyms[text] = f"{table}-{number}"
        if not self._said[text]:
            self._forgotten.add((table, number))

    def _called(self, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
        if (table, row["number"]) in self._forgotten:
            return dict(row)
        return {**row, **dict.fromkeys(_CALLED[table], f"{table}-{row['number']}")}

    def _fact(self, row: Mapping[str, Any], hashes: Mapping[int, str]) -> dict[str, Any]:
        recorded = row["recorded_at"]
        return {
            **row,
            "id": self._hidden.id(row["id"]),
            # the day alone, as in the native form
            "recorded_at": None if recorded is None else recorded - recorded % _DAY,
            "payload": self._payload(row["payload"], self._of.get(row["opportunity"] or 0, ""), hashes),
        }

    def _payload(self, said: Mapping[str, Any], process: str, hashes: Mapping[int, str]) -> dict[str, Any]:
        hidden = self._hidden
        made = {name: value for name, value in said.items() if name in _KEPT}
        for name in said.keys() & {"value", "amount"}:
            made[name] = hidden.amount(said[name])
        if "process" in said:
            made["process"] = hidden.processes[said["process"]]
        if "milestone" in said:
            made["milestone"] = hidden.milestone(process, said["milestone"])
        if "definition" in said:
            made["definition"] = encode_process(hidden.definition(decode_process(said["definition"])))
        if "voids" in said:
            made["voids"] = hidden.id(said["voids"])
        if "texts" in said:
            made["texts"] = {role: [text, hashes[text]] for role, (text, _hash) in said["texts"].items()}
        return made

    def _snapshot(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        process = self._processes[row["process"]]
        return renamed(row, lambda key: self._hidden.milestone(process, key), self._hidden.amount)
