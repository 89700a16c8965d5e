"""The proof that a file is whole: SQLite's own check, schema, chain, texts, projections, snapshots."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Connection, select

from milestone_cli.domain.text import fold
from milestone_cli.store import hindcasts, snapshots
from milestone_cli.store.book import Book
from milestone_cli.store.facts import texts_of
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
    yield from _names(book.connection)
    yield from differences(book.connection, book.setup.processes)
    yield from snapshots.broken(book.connection)
    yield from hindcasts.broken(book.connection)


def mend(book: Book) -> None:
    """Write projections and snapshots anew from the journal."""
    rebuild(book.connection, book.setup.processes)
    snapshots.drop(book.connection)
    hindcasts.drop(book.connection)


def _names(connection: Connection) -> Iterator[str]:
    """Keys and names that stand in rows must be the texts their facts were recorded with."""
    fact, opportunity, rep, customer = (TABLES[name] for name in ("fact", "opportunity", "rep", "customer"))
    opened = select(fact.c.payload, opportunity.c.key, opportunity.c.number, opportunity.c.customer).join(
        opportunity, opportunity.c.number == fact.c.opportunity
    )
    rows = connection.execute(opened.where(fact.c.kind == "opened")).all()
    expected = [(row, json.loads(row.payload)) for row in rows]
    texts = texts_of(connection, (payload["texts"]["key"][0] for _, payload in expected))
    for row, payload in expected:
        if not _is_called(row.key, texts.get(payload["texts"]["key"][0]), row.number):
            yield f"The key of opportunity {row.number} was changed."
        if payload["customer"] != row.customer:
            yield f"The customer of opportunity {row.number} was changed."
    bodies = texts_of(connection, connection.execute(select(customer.c.text)).scalars())
    for row in connection.execute(select(customer)):
        if not _is_called(row.name, bodies.get(row.text), row.number) or row.folded != fold(row.name):
            yield f"The name of customer {row.number} was changed."
    added = select(fact.c.payload).where(fact.c.kind == "rep_added").order_by(fact.c.number)
    payloads = [json.loads(text) for text in connection.execute(added).scalars()]
    keys = {payload["rep"]: payload["texts"]["key"][0] for payload in payloads}
    texts = texts_of(connection, keys.values())
    for row in connection.execute(select(rep)):
        if row.folded != fold(row.key) or not _is_called(row.key, texts.get(keys.get(row.number, 0)), row.number):
            yield f"The key of rep {row.number} was changed."


def _is_called(name: str, text: str | None, number: int) -> bool:
    """Return whether a name in a row is the one it was recorded with, or its number where that is forgotten."""
    return name == text if text else text is None or is_number_key(name, number)
