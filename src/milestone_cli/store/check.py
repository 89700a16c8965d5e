"""The proof that a file is whole: SQLite's own check, schema, chain, texts, projections, snapshots."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Connection, select

from milestone_cli.domain.text import fold
from milestone_cli.store import hindcasts, snapshots
from milestone_cli.store.book import Book
from milestone_cli.store.facts import arrangement, texts_of, voided_facts
from milestone_cli.store.forgotten import is_number_key
from milestone_cli.store.projection import differences, rebuild
from milestone_cli.store.proof import journal_problems, whole_first
from milestone_cli.store.tables import TABLES


def problems(book: Book) -> Iterator[str]:
    """Yield one sentence for everything in the file that does not hold together; nothing when it is whole.

    What is made from the journal is compared only with a journal that is whole.
    """
    return whole_first(journal_problems(book.connection), _disagreements(book))


def _disagreements(book: Book) -> Iterator[str]:
    """Yield a sentence for everything that is not what the journal makes it."""
    yield from broken_names(book.connection)
    yield from differences(book.connection, book.setup.processes)
    yield from snapshots.broken(book.connection)
    yield from hindcasts.broken(book.connection)


def mend(book: Book) -> None:
    """Write projections and snapshots anew from the journal."""
    rebuild(book.connection, book.setup.processes)
    snapshots.drop(book.connection)
    hindcasts.drop(book.connection)


def broken_names(connection: Connection) -> Iterator[str]:
    """Yield one sentence for every key or name in a row that is not the text its fact was recorded with."""
    fact, opportunity, rep, customer = (TABLES[name] for name in ("fact", "opportunity", "rep", "customer"))
    opened = select(fact.c.payload, opportunity.c.key, opportunity.c.number, opportunity.c.customer).join(
        opportunity, opportunity.c.number == fact.c.opportunity
    )
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
    bodies = texts_of(connection, connection.execute(select(customer.c.text)).scalars())
    for row in connection.execute(select(customer)):
        if not _is_called(row.name, bodies.get(row.text), row.number) or row.folded != fold(row.name):
            yield f"The name of customer {row.number} was changed."
    added = select(fact.c.payload).where(fact.c.kind == "rep_added").order_by(fact.c.number)
    payloads = [json.loads(text) for text in connection.execute(added).scalars()]
    texts = texts_of(connection, (payload["texts"]["key"][0] for payload in payloads))
    keys: dict[int, set[str | None]] = {}
    for payload in payloads:
        keys.setdefault(payload["rep"], set()).add(texts.get(payload["texts"]["key"][0]))
    for row in connection.execute(select(rep)):
        # two books may have written it in two ways
        written = keys.get(row.number) or {None}
        if row.folded != fold(row.key) or not any(_is_called(row.key, text, row.number) for text in written):
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
