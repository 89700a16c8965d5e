"""Commands of another book, written into this one: whole, under their own ids, linked into this book's chain.

Invariant: a fact keeps its id, its days and times and its place in its command, so that it means the same in both
books; only numbers that are this file's own (of facts, opportunities, reps, customers, texts) are given anew.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import Connection, func, select

from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Kind
from milestone_cli.domain.text import fold, valid_milestone_key, valid_process_key
from milestone_cli.errors import RuleBroken
from milestone_cli.store import entities
from milestone_cli.store.copied_texts import CONTROL, CopiedTexts
from milestone_cli.store.facts import arrangement
from milestone_cli.store.forgotten import (
    forgotten_customers,
    forgotten_opportunities,
    forgotten_reps,
    placeholder,
)
from milestone_cli.store.journal import BATCH, command_line, head, insert_rows, read_meta, values_line, write_meta
from milestone_cli.store.merges import TRAVELS
from milestone_cli.store.payloads import decode_process, dump
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
        self._number = _highest(ours, "command")
        self._fact = _highest(ours, "fact")
        self._texts = CopiedTexts(self._raw, self._there, _highest(ours, "text"))
        self._opportunity = _highest(ours, "opportunity")
        self._customer = _highest(ours, "customer")
        self.done.first_fact = self._fact + 1
        self._previous = head(ours)
        self._commands: dict[int, int] = {}
        self._reps: dict[int, int] = {}
        self.customers: dict[int, int] = {}
        """The numbers here by those there."""
        self._processes: dict[int, int] = {}
        self._rows: dict[str, list[Any]] = {name: [] for name in _IN_ORDER}
        self._rows |= {"text": self._texts.texts, "author": self._texts.authors}
        self._external: list[tuple[str, int]] = []
        self._kept: dict[int, int] = {}
        """The texts of customers' names that are written: here by there."""
        self._silent = set(forgotten_opportunities(ours))
        """The numbers of those of which no text comes in: their customers are forgotten here."""
        self._nameless = forgotten_customers(ours)
        self._nameless_reps = forgotten_reps(theirs)
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
                self._reps.setdefault(self._rep_of(self._there, other[0]), self._rep_of(self._raw, mine[0]))
        return len(ours)

    @staticmethod
    def _rep_of(raw: sqlite3.Connection, fact: str) -> int:
        [payload] = raw.execute("SELECT payload FROM fact WHERE id = ?", (fact,)).fetchone()
        return int(json.loads(payload)["rep"])

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
            payload = self._with_texts(payload, opportunity)
        elif '"rep":' in payload or '"customer":' in payload:
            payload = self._plain(payload)
        if kind in _DEFINITIONS:
            self._define(json.loads(payload))
        elif kind == Kind.VOIDED and opportunity is not None:
            self.done.voids.append(json.loads(payload)["voids"])
        made = (
            self._fact, id_, self._number, position, kind, day, entered_at, recorded_at, known_day, opportunity, payload
        )  # fmt: skip
        digest(values_line(*made))
        self._rows["fact"].append(made)
        if opportunity is not None:
            self.done.about.add(opportunity)
            if kind != Kind.VOIDED:
                days = self.done.days
                self.done.days = [min(day, days[0]), max(day, days[1])] if days else [day, day]

    def _define(self, said: dict[str, Any]) -> None:
        process = decode_process(said["definition"])
        texts = (
            process.title,
            *(text for one in process.milestones for text in (one.name, one.customer_action, *one.how)),
        )
        if process.key != said["process"] or any(CONTROL.search(text) for text in texts):
            raise ValueError(process.key)
        self._process_called(process.key)

    def _rewritten(self, payload: str) -> str:
        """Return a payload without texts, with the numbers of this book."""
        said = json.loads(payload)
        self._renumber(said)
        return dump(said)

    def _renumber(self, said: dict[str, Any]) -> None:
        if said.get("rep") is not None:
            said["rep"] = self.rep(said["rep"])
        if "customer" in said:
            said["customer"] = self.customer(said["customer"])

    def _with_texts(self, payload: str, opportunity: int | None) -> str:
        said = json.loads(payload)
        for role, (number, expected) in said["texts"].items():
            copied = self._kept.get(number) if role == "customer" else None
            if copied is None:
                silent = opportunity in self._silent
                copied, body = self._texts.taken(role, number, expected, silent=silent)
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
            owner = self.customer(customer)
            if owner in self._nameless:
                self._silent.add(number)
                key = str(number)
            made = {
                "number": number, "process": self._process(process), "customer": owner,
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

    def _process(self, there: int) -> int:
        if there not in self._processes:
            [key] = self._there.execute("SELECT key FROM process WHERE number = ?", (there,)).fetchone()
            self._processes[there] = self._process_called(key)
        return self._processes[there]

    def _process_called(self, key: str) -> int:
        """Make a process, with every milestone that it has there, where that is missing; return its number here."""
        if not valid_process_key(key):
            raise ValueError(key)
        query = "SELECT m.key FROM milestone m JOIN process p ON p.number = m.process WHERE p.key = ? ORDER BY m.number"
        milestones = [milestone for [milestone] in self._there.execute(query, (key,))]
        if not all(valid_milestone_key(milestone) for milestone in milestones):
            raise ValueError(key)
        return entities.process_number(self._ours, key, milestones)

    def customer(self, there: int) -> int:
        """Return the number here of a customer of the other book, making them where they are new."""
        number = self.customers.get(there)
        if number is None:
            name, text = self._there.execute("SELECT name, text FROM customer WHERE number = ?", (there,)).fetchone()
            called = self._texts.there(text)[0]
            number = self._names.get(fold(name)) if called else None
            if number is None:
                number = self._new_customer(name, text)
            else:
                self.done.met.add(number)
            self.customers[there] = number
        return number

    def _new_customer(self, name: str, text: int) -> int:
        copied = self._texts.there(text)
        self._customer += 1
        self._kept[text] = kept = self._texts.keep(copied)
        # a forgotten one goes by their number, which is another one here
        called = name if copied[0] else _free(placeholder(self._customer), self._names)
        self._names[fold(called)] = self._customer
        self._rows["customer"].append((self._customer, called, fold(called), kept))
        return self._customer

    @cached_property
    def _names(self) -> dict[str, int]:
        """The customers of this book by folded name."""
        return dict(self._raw.execute("SELECT folded, number FROM customer").fetchall())

    def know_customers(self) -> None:
        """Take the customers of what both books have for the same, whatever they are called: one may be forgotten."""
        query = "SELECT number, customer FROM opportunity"
        ours, theirs = (dict(raw.execute(query).fetchall()) for raw in (self._raw, self._there))
        renamed = arrangement(self._ours).renamed
        for there, here in self.done.opportunities.items():
            if there not in self._renamed and here not in renamed:
                self.customers.setdefault(theirs[there], ours[here])

    def rep(self, there: int) -> int:
        """Return the number here of a rep of the other book, making them where they are new."""
        number = self._reps.get(there)
        if number is None:
            key, name = self._there.execute("SELECT key, name FROM rep WHERE number = ?", (there,)).fetchone()
            known = {folded for [folded] in self._raw.execute("SELECT folded FROM rep").fetchall()}
            if there in self._nameless_reps:
                key = name = _free(str(_highest(self._ours, "rep") + 1), known)
            elif fold(key) not in known:
                self.done.reps.append(key)
            number = self._reps[there] = entities.rep_row(self._ours, key, name)
        return number

    # -- the end -------------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Hand the waiting rows to SQLite."""
        for name, rows in self._rows.items():
            insert_rows(self._ours, TABLES[name], rows)
            rows.clear()

    def close(self) -> Copied:
        """Hand over the last rows, move the head of the chain, and say what was written."""
        self.flush()
        insert_rows(self._ours, TABLES["external"], self._external, ignore=True)
        if self.done.commands:
            count = int(read_meta(self._ours, "facts") or "0") + self.done.facts
            for name, value in (("head", self._previous), ("facts", str(count)), ("commands", str(self._number))):
                write_meta(self._ours, name, value)
        return self.done


_OPPORTUNITY = tuple(TABLES["opportunity"].c.keys())
_IN_ORDER = ("text", "author", "customer", "opportunity", "fact", "command")
"""Tables in the order in which their rows name each other."""


def _free(name: str, known: Container[str]) -> str:
    """Return the name for somebody forgotten, with signs before it if somebody else is called so."""
    while fold(name) in known:
        name = f"#{name}"
    return name


def _highest(connection: Connection, table: str) -> int:
    return connection.execute(select(func.max(TABLES[table].c.number))).scalar() or 0
