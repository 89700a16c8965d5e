"""Whom and what the facts of another book are about: processes, customers and reps, by their numbers in this one.

Invariant: who is called the same is the same; who is forgotten is nobody else.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Container, Mapping
from functools import cached_property

from sqlalchemy import Connection

from milestone_cli.domain.text import clean_name, fold, valid_milestone_key, valid_process_key
from milestone_cli.store import entities
from milestone_cli.store.copied_texts import CopiedTexts
from milestone_cli.store.facts import arrangement
from milestone_cli.store.forgotten import forgotten_reps, placeholder
from milestone_cli.store.journal import highest
from milestone_cli.store.lists import LISTED, listed
from milestone_cli.store.sqlite_schema import driver


class CopiedNames:
    """Finds everybody's number here, making them where they are new."""

    def __init__(self, ours: Connection, theirs: Connection, texts: CopiedTexts) -> None:
        self._ours, self._theirs = ours, theirs
        self._raw, self._there = driver(ours), driver(theirs)
        self._texts = texts
        self._last = highest(ours, "customer")
        self._processes: dict[int, int] = {}
        self._reps: dict[int, int] = {}
        self._nameless_reps = forgotten_reps(theirs)
        self.customers: dict[int, int] = {}
        """The numbers here by those there."""
        self.kept: dict[int, int] = {}
        """The texts of customers' names that are written: here by there."""
        self.rows: list[tuple[int, str, str, int]] = []
        """Of customers, to be written."""
        self.met: set[int] = set()
        """The numbers of customers whom both books have, each on its own."""
        self.new_reps: list[str] = []
        """Their keys."""

    def process(self, there: int) -> int:
        """Return the number here of a process of the other book, making it where it is missing."""
        if there not in self._processes:
            [key] = self._there.execute("SELECT key FROM process WHERE number = ?", (there,)).fetchone()
            self._processes[there] = self.process_called(key)
        return self._processes[there]

    def process_called(self, key: str) -> int:
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
                self.met.add(number)
            self.customers[there] = number
        return number

    def _new_customer(self, name: str, text: int) -> int:
        copied = self._texts.there(text)
        self._last += 1
        self.kept[text] = kept = self._texts.keep(copied)
        # a forgotten one goes by their number, which is another one here
        called = clean_name(name, "customer") if copied[0] else _free(placeholder(self._last), self._names)
        self._names[fold(called)] = self._last
        self.rows.append((self._last, called, fold(called), kept))
        return self._last

    @cached_property
    def _names(self) -> dict[str, int]:
        """The customers of this book by folded name."""
        return dict(self._raw.execute("SELECT folded, number FROM customer").fetchall())

    def know_customers(self, opportunities: Mapping[int, int]) -> None:
        """Take the customers of what both books have for the same, whatever they are called: one may be forgotten.

        Args:
            opportunities: that are in both, here by there.
        """
        ours, theirs = _opened_with(self._ours), _opened_with(self._theirs)
        for there, here in opportunities.items():
            self.customers.setdefault(theirs[there], ours[here])

    def know_rep(self, there: str, here: str) -> None:
        """Take it that the reps whom these facts have added, by their ids, are the same."""
        self._reps.setdefault(_rep_of(self._there, there), _rep_of(self._raw, here))

    def rep(self, there: int) -> int:
        """Return the number here of a rep of the other book, making them where they are new."""
        number = self._reps.get(there)
        if number is None:
            key, name = self._there.execute("SELECT key, name FROM rep WHERE number = ?", (there,)).fetchone()
            known = {folded for [folded] in self._raw.execute("SELECT folded FROM rep").fetchall()}
            if there in self._nameless_reps:
                key = name = _free(str(highest(self._ours, "rep") + 1), known)
            elif clean_name(key, "rep") != key or clean_name(name, "rep") != name:
                raise ValueError(key)
            elif fold(key) not in known:
                self.new_reps.append(key)
            number = self._reps[there] = entities.rep_row(self._ours, key, name)
        return number


def _opened_with(connection: Connection) -> dict[int, int]:
    """Return the customers with whom opportunities were opened: a merge may have given some another one since."""
    raw = driver(connection)
    found: dict[int, int] = dict(raw.execute("SELECT number, customer FROM opportunity").fetchall())
    query = (
        "SELECT opportunity, json_extract(payload, '$.customer') FROM fact INDEXED BY fact_by_opportunity"
        f" WHERE opportunity {LISTED} AND kind = 'opened' ORDER BY number DESC"
    )
    return found | dict(raw.execute(query, (listed(sorted(arrangement(connection).renamed)),)).fetchall())


def _rep_of(raw: sqlite3.Connection, fact: str) -> int:
    [payload] = raw.execute("SELECT payload FROM fact WHERE id = ?", (fact,)).fetchone()
    return int(json.loads(payload)["rep"])


def _free(name: str, known: Container[str]) -> str:
    """Return the name for somebody forgotten, with signs before it if somebody else is called so."""
    while fold(name) in known:
        name = f"#{name}"
    return name
