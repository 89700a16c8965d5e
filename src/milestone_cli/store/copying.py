"""Commands of another book, written into this one: whole, under their own ids, linked into this book's chain.

Invariant: a fact keeps its id, its days and times and its place in its command, so that it means the same in both
books; only numbers that are this file's own (of facts, opportunities, reps, customers, texts) are given anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Kind
from milestone_cli.errors import RuleBroken
from milestone_cli.store.copied_names import CopiedNames
from milestone_cli.store.copied_texts import CopiedTexts
from milestone_cli.store.facts import arrangement
from milestone_cli.store.forgotten import forgotten_customers, forgotten_opportunities
from milestone_cli.store.journal import (
    BATCH,
    command_line,
    head,
    highest,
    read_meta,
    values_line,
    write_meta,
)
from milestone_cli.store.merges import TRAVELS
from milestone_cli.store.payloads import dump
from milestone_cli.store.rows import insert_rows
from milestone_cli.store.sqlite_schema import driver
from milestone_cli.store.tables import TABLES

_OF_COMMAND = f"FROM fact WHERE command = ? AND {TRAVELS} ORDER BY position"
_FACTS = f"SELECT id, position, kind, day, entered_at, recorded_at, known_day, opportunity, payload {_OF_COMMAND}"
_SAME = f"SELECT id, kind, day, entered_at, recorded_at, opportunity {_OF_COMMAND}"
_DEFINITIONS = frozenset({Kind.VERSION_DEFINED.value, Kind.PLAN_CHANGED.value})
_COMMAND = "SELECT id, name, author, who, entered_at, undoes FROM command WHERE number = ?"


@dataclass(slots=True)
class Copied:
    """What was written."""

    commands: int = 0
    facts: int = 0
    """In these commands, about whatever."""
    first_fact: int = 0
    """The number from which on facts are new in this book."""
    opportunities: dict[int, int] = field(default_factory=dict)
    """The numbers of those that both have or that were written: here by there."""
    opened: set[int] = field(default_factory=set)
    """The numbers of those that are new here."""
    about: set[int] = field(default_factory=set)
    """The numbers of those that facts were written about."""
    days: list[Day] = field(default_factory=list)
    """First and last day of a fact about an opportunity."""
    voids: list[str] = field(default_factory=list)
    """The ids of the facts about opportunities that were taken back."""
    reps: list[str] = field(default_factory=list)
    """The keys of those who are new here."""
    met: set[int] = field(default_factory=set)
    """The numbers of customers whom both books have, each on its own."""


class Copier:
    """Writes commands of one book into another, one after the other; `close` moves the head of the chain."""

    def __init__(self, ours: Connection, theirs: Connection) -> None:
        self._ours = ours
        self._renamed = arrangement(theirs).renamed
        self._raw, self._there = driver(ours), driver(theirs)
        self.done = Copied()
        self._number = highest(ours, "command")
        self._fact = highest(ours, "fact")
        self._texts = CopiedTexts(self._raw, self._there, highest(ours, "text"))
        self._opportunity = highest(ours, "opportunity")
        self.names = CopiedNames(ours, theirs, self._texts)
        self.done.first_fact = self._fact + 1
        self._previous = head(ours)
        self._commands: dict[int, int] = {}
        self._rows: dict[str, list[Any]] = {name: [] for name in _IN_ORDER}
        self._rows |= {"text": self._texts.texts, "author": self._texts.authors, "customer": self.names.rows}
        self._external: list[tuple[str, int]] = []
        self._silent = set(forgotten_opportunities(ours))
        """The numbers of those of which no text comes in: their customers are forgotten here."""
        self._silent_there = forgotten_opportunities(theirs)
        """Forgotten there: what has been said of them since, knowing that, comes in."""
        self._nameless = forgotten_customers(ours)
        self._plain = lru_cache(maxsize=10_000)(self._rewritten)

    # -- what both have ------------------------------------------------------------------------------------------------

    def shares(self, there: int, here: int) -> int:
        """Take down that a command is in both books; return how many facts it has.

        Raises:
            RuleBroken: it does not have the same facts.
        """
        theirs = self._there.execute(_SAME, (there,)).fetchall()
        ours = self._raw.execute(_SAME, (here,)).fetchall()
        if [row[:5] for row in theirs] != [row[:5] for row in ours]:
            raise RuleBroken(
                f"Command {there} there and command {here} here are the same and do not hold the same facts:"
                " one of the two was changed by hand.",
                "`ms check` on each of the two files may tell which.",
            )
        self._commands[there] = here
        self._texts.shares(there, here)
        for mine, other in zip(ours, theirs, strict=True):
            if mine[5] is not None:
                self.done.opportunities.setdefault(other[5], mine[5])
            elif mine[1] == Kind.REP_ADDED:
                self.names.know_rep(other[0], mine[0])
        return len(ours)

    # -- a command -----------------------------------------------------------------------------------------------------

    def copy(self, there: int) -> int:
        """Write a command of the other book; return how many facts it has."""
        id_, name, author, who, entered_at, undoes = self._there.execute(_COMMAND, (there,)).fetchone()
        undoes = None if undoes is None else self._commands.get(undoes)
        author, who = signed = self._texts.signed(author, who)
        self._number += 1
        self._commands[there] = self._number
        digest = hashlib.sha256(command_line(self._previous, id_, name, signed, entered_at, undoes=undoes))
        before = self._fact
        for row in self._there.execute(_FACTS, (there,)).fetchall():
            self._copy_fact(row, digest.update)
        link = digest.hexdigest()
        self._rows["command"].append((self._number, id_, name, who, entered_at, undoes, self._previous, link, author))
        self._previous = link
        self.done.commands += 1
        self.done.facts += self._fact - before
        if len(self._rows["fact"]) + len(self._rows["command"]) >= BATCH:
            self.flush()
        return self._fact - before

    def _copy_fact(self, row: tuple[Any, ...], digest: Callable[[bytes], None]) -> None:
        id_, position, kind, day, entered_at, recorded_at, known_day, about, payload = row
        opportunity = None if about is None else self.opportunity(about)
        self._fact += 1
        if '"texts":' in payload:
            silent = opportunity in self._silent and about not in self._silent_there
            payload = self._with_texts(payload, opportunity, silent=silent)
        elif '"rep":' in payload or '"customer":' in payload:
            payload = self._plain(payload)
        if kind in _DEFINITIONS:
            self.names.process_called(json.loads(payload)["process"])
        elif kind == Kind.VOIDED and opportunity is not None:
            self.done.voids.append(json.loads(payload)["voids"])
        made = (
            self._fact, id_, self._number, position, kind, day, entered_at, recorded_at, known_day, opportunity, payload
        )  # fmt: skip
        digest(values_line(*made).encode())
        self._rows["fact"].append(made)
        if opportunity is not None:
            self.done.about.add(opportunity)
            if kind != Kind.VOIDED:
                days = self.done.days
                self.done.days = [min(day, days[0]), max(day, days[1])] if days else [day, day]

    def _rewritten(self, payload: str) -> str:
        """Return a payload without texts, with the numbers of this book."""
        said = json.loads(payload)
        self._renumber(said)
        return dump(said)

    def _renumber(self, said: dict[str, Any]) -> None:
        if said.get("rep") is not None:
            said["rep"] = self.names.rep(said["rep"])
        if "customer" in said:
            said["customer"] = self.names.customer(said["customer"])

    def _with_texts(self, payload: str, opportunity: int | None, *, silent: bool) -> str:
        said = json.loads(payload)
        for role, (number, expected) in said["texts"].items():
            kept = self.names.kept.get(number) if role == "customer" else None
            copied, body = self._texts.taken(role, number, expected, kept=kept, silent=silent)
            if role == "external" and body and opportunity is not None:
                self._external.append((body, self._fact))
            said["texts"][role] = [copied, expected]
        self._renumber(said)
        return dump(said)

    # -- whom and what it is about -------------------------------------------------------------------------------------

    def opportunity(self, there: int) -> int:
        """Return the number here of an opportunity of the other book, making it where it is new."""
        number = self.done.opportunities.get(there)
        if number is None:
            query = "SELECT process, customer, key FROM opportunity WHERE number = ?"
            process, customer, key = self._there.execute(query, (there,)).fetchone()
            if there in self._renamed:
                key, customer = self._opened_as(there, key, customer)
            self._opportunity += 1
            number = self.done.opportunities[there] = self._opportunity
            self.done.opened.add(number)
            owner = self.names.customer(customer)
            if owner in self._nameless:
                self._silent.add(number)
                key = str(number)
            made = {
                "number": number, "process": self.names.process(process), "customer": owner,
                "key": key, "title": "", "status": "undone",
            }  # fmt: skip
            self._rows["opportunity"].append(tuple(made.get(name) for name in _OPPORTUNITY))
        return number

    def _opened_as(self, there: int, key: str, customer: int) -> tuple[str, int]:
        """Return key and customer with which an opportunity was opened that goes by others in the other book."""
        query = "SELECT payload FROM fact WHERE opportunity = ? AND kind = 'opened' ORDER BY number LIMIT 1"
        found = self._there.execute(query, (there,)).fetchone()
        if found is None:
            return key, customer
        said = json.loads(found[0])
        return self._texts.there(said["texts"]["key"][0])[0] or key, said["customer"]

    # -- the end -------------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Hand the waiting rows to SQLite."""
        for name, rows in self._rows.items():
            insert_rows(self._ours, TABLES[name], rows)
            rows.clear()

    def close(self) -> Copied:
        """Hand over the last rows, move the head of the chain, and say what was written."""
        self.flush()
        self.done.reps, self.done.met = self.names.new_reps, self.names.met
        insert_rows(self._ours, TABLES["external"], self._external, ignore=True)
        if self.done.commands:
            count = int(read_meta(self._ours, "facts") or "0") + self.done.facts
            for name, value in (("head", self._previous), ("facts", str(count)), ("commands", str(self._number))):
                write_meta(self._ours, name, value)
        return self.done


_OPPORTUNITY = tuple(TABLES["opportunity"].c.keys())
_IN_ORDER = ("text", "author", "customer", "opportunity", "fact", "command")
"""Tables in the order in which their rows name each other."""
