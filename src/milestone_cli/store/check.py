"""The proof that a file is whole: SQLite's own check, schema, chain, texts, projections, snapshots."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain

from sqlalchemy import Connection, select

from milestone_cli.domain.text import fold
from milestone_cli.store import hindcasts, snapshots
from milestone_cli.store.book import Book
from milestone_cli.store.facts import arrangement, setup_rows, texts_of, voided_facts
from milestone_cli.store.forgotten import is_number_key
from milestone_cli.store.projection import differences, rebuild
from milestone_cli.store.proof import is_whole, journal_problems, whole_first
from milestone_cli.store.sqlite_errors import MISREAD
from milestone_cli.store.tables import TABLES


def problems(book: Book) -> Iterator[str]:
    """Yield one sentence for everything in the file that does not hold together; nothing when it is whole.

    What is made from the journal is compared only with a journal that is whole.
    """
    return whole_first(journal_problems(book.connection), _disagreements(book))


def _disagreements(book: Book) -> Iterator[str]:
    """Yield a sentence for everything that is not what the journal makes it."""
    return whole_first(
        broken_names(book.connection),
        # looked up by those names
        chain(_differences(book), snapshots.broken(book.connection), hindcasts.broken(book.connection)),
    )


def _differences(book: Book) -> Iterator[str]:
    yield from differences(book.connection, book.setup.processes)


def is_sound(connection: Connection) -> bool:
    """Return whether the journal and all that it is looked up by are whole: what is computed can be written anew."""
    try:
        return is_whole(connection) and next(broken_names(connection), None) is None
    except MISREAD:
        return False


def mend(book: Book) -> None:
    """Write projections and snapshots anew from the journal."""
    rebuild(book.connection, book.setup.processes)
    snapshots.drop(book.connection)
    hindcasts.drop(book.connection)


def broken_names(connection: Connection) -> Iterator[str]:
    """Yield one sentence for every key or name in a row that is not the one its fact was recorded with.

    And for every process that opportunities go by and that no definition stands for.
    """
    yield from _broken_set_up(connection)
    yield from _without_definition(connection)
    yield from _broken_authors(connection)
    yield from _broken_opportunities(connection)
    yield from _broken_reps(connection)


def _broken_set_up(connection: Connection) -> Iterator[str]:
    """Processes and milestones are called as in their definitions."""
    fact, process, milestone = (TABLES[name] for name in ("fact", "process", "milestone"))
    query = select(fact.c.payload).where(fact.c.kind.in_(("version_defined", "plan_changed")))
    defined: dict[str, set[str]] = {}
    for payload in map(json.loads, connection.execute(query).scalars()):
        keys = {one["key"] for one in payload["definition"]["milestones"]}
        defined.setdefault(payload["process"], set()).update(keys)
    called = {row.number: row.key for row in connection.execute(select(process))}
    found: dict[str, set[str]] = {key: set() for key in called.values()}
    for row in connection.execute(select(milestone)):
        found.setdefault(called.get(row.process, ""), set()).add(row.key)
    for key in sorted(defined.keys() ^ found.keys()):
        yield f"The process {key} is missing, or is called so in no definition."
    for key in sorted(defined.keys() & found.keys()):
        for milestone_key in sorted(defined[key] ^ found[key]):
            yield f"The milestone {milestone_key} of {key} is missing, or is called so in no definition."


def _without_definition(connection: Connection) -> Iterator[str]:
    """Opportunities belong to processes that are defined."""
    fact, process, opportunity = (TABLES[name] for name in ("fact", "process", "opportunity"))
    defined = {payload["process"] for _, payload in setup_rows(connection) if "definition" in payload}
    undefined = process.c.key.not_in(sorted(defined))
    about = (
        select(fact.c.id, process.c.key)
        .join(opportunity, opportunity.c.number == fact.c.opportunity)
        .join(process, process.c.number == opportunity.c.process)
        .where(undefined, fact.c.kind.not_in(("voided", "renamed")))
    )
    if connection.execute(select(process.c.key).where(undefined)).first() is None:
        return
    voided = voided_facts(connection)
    for key in sorted({row.key for row in connection.execute(about) if row.id not in voided}):
        yield f"The definition of {key} is taken back, and opportunities rest on it: undo that (`ms log`)."


def _broken_authors(connection: Connection) -> Iterator[str]:
    """The texts that are names of users are those that commands name."""
    command, author = TABLES["command"], TABLES["author"]
    named = set(connection.execute(select(command.c.author).distinct()).scalars())
    if named != set(connection.execute(select(author.c.text)).scalars()):
        yield "The list of who has recorded was changed."


def _broken_opportunities(connection: Connection) -> Iterator[str]:
    fact, opportunity, customer, process = (TABLES[name] for name in ("fact", "opportunity", "customer", "process"))
    opened = (
        select(
            fact.c.payload, opportunity.c.key, opportunity.c.number, opportunity.c.customer,
            process.c.key.label("process"),
        )
        .join(opportunity, opportunity.c.number == fact.c.opportunity)
        .join(process, process.c.number == opportunity.c.process)
    )  # fmt: skip
    rows = connection.execute(opened.where(fact.c.kind == "opened")).all()
    expected = [(row, json.loads(row.payload)) for row in rows]
    given, found = _given_keys(connection), arrangement(connection)
    said = {row.number: payload["customer"] for row, payload in expected}
    customers = {number: {said.get(one) for one in found.all_of(number)} for number in found.renamed}
    texts = texts_of(connection, (payload["texts"]["key"][0] for _, payload in expected))
    for row, payload in expected:
        key = given.get(row.number) or texts.get(payload["texts"]["key"][0])
        if not _is_called(row.key, key, row.number):
            yield f"The key of opportunity {row.number} was changed."
        if row.customer not in customers.get(row.number, {payload["customer"]}):
            yield f"The customer of opportunity {row.number} was changed."
        if row.process != payload["process"]:
            yield f"The process of opportunity {row.number} was changed."
    bodies = texts_of(connection, connection.execute(select(customer.c.text)).scalars())
    for row in connection.execute(select(customer)):
        if not _is_called(row.name, bodies.get(row.text), row.number) or row.folded != fold(row.name):
            yield f"The name of customer {row.number} was changed."


def _broken_reps(connection: Connection) -> Iterator[str]:
    fact, rep = TABLES["fact"], TABLES["rep"]
    added = select(fact.c.payload).where(fact.c.kind == "rep_added").order_by(fact.c.number)
    payloads = [json.loads(text) for text in connection.execute(added).scalars()]
    texts = texts_of(connection, (text for payload in payloads for text, _ in payload["texts"].values()))
    # two books may have written them in two ways
    said: dict[tuple[int, str], set[str | None]] = {}
    for payload in payloads:
        for role, (text, _) in payload["texts"].items():
            said.setdefault((payload["rep"], role), set()).add(texts.get(text))
    for row in connection.execute(select(rep)):
        for role, name in (("key", row.key), ("name", row.name)):
            written = said.get((row.number, role)) or {None}
            if not any(_is_called(name, text, row.number) for text in written):
                yield f"The {role} of rep {row.number} was changed."
        if row.folded != fold(row.key):
            yield f"The key of rep {row.number} was changed."


def _is_called(name: str, text: str | None, number: int) -> bool:
    """Return whether a name in a row is the one it was recorded with, or its number where that is forgotten."""
    return name == text if text else text is None or is_number_key(name, number)


def _given_keys(connection: Connection) -> dict[int, str]:
    """Return the key of those that a merge gave another one than they were opened with, by number."""
    renamed = arrangement(connection).renamed
    fact = TABLES["fact"]
    query = select(fact.c.id, fact.c.opportunity, fact.c.payload).where(fact.c.kind == "renamed")
    if not renamed:
        return {}
    voided = voided_facts(connection)
    said = {
        row.opportunity: json.loads(row.payload).get("texts", {}).get("key", [0])[0]
        for row in connection.execute(query.order_by(fact.c.number))
        if row.opportunity in renamed and row.id not in voided
    }
    texts = texts_of(connection, said.values())
    return {number: texts.get(text, "") for number, text in said.items()}
