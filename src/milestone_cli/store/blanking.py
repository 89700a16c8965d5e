"""Forgetting: texts are blanked, and the rows with the names they held follow.

Invariant: no fact changes, and no figure; the chain holds as before. The caller's transaction holds all of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from milestone_cli.domain.text import fold
from milestone_cli.store.book import Book
from milestone_cli.store.forgotten import Reference, placeholder, references_to
from milestone_cli.store.lists import any_of
from milestone_cli.store.projection import Projector
from milestone_cli.store.sqlite_schema import driver
from milestone_cli.store.tables import TABLES

_text, _external = TABLES["text"], TABLES["external"]
_customer, _opportunity, _rep = TABLES["customer"], TABLES["opportunity"], TABLES["rep"]


def blank(book: Book, texts: Collection[int]) -> None:
    """Forget these texts: blank body and salt, and let keys and names become numbers.

    What SQLite frees on the way it overwrites; what lay in unused parts of the file before is another matter
    (`Handle.write_anew`).
    """
    connection = book.connection
    driver(connection).execute("PRAGMA secure_delete=ON")
    connection.execute(update(_text).where(_text.c.number.in_(any_of(texts))).values(body="", salt=""))
    named: dict[str, list[Reference]] = defaultdict(list)
    for reference in references_to(connection, texts):
        named[reference.role].append(reference)
    customers = connection.execute(select(_customer.c.number).where(_customer.c.text.in_(any_of(texts)))).scalars()
    _rename_customers(connection, list(customers))
    _rename_opportunities(connection, {one.opportunity for one in named["key"] if one.opportunity is not None})
    _rename_reps(connection, {one.rep for one in named["key"] if one.opportunity is None and one.rep is not None})
    linked = [one.fact for one in named["external"]]
    connection.execute(delete(_external).where(_external.c.fact.in_(any_of(linked))))
    book.forget_setup()
    titled = {one.opportunity for one in named["title"] if one.opportunity is not None}
    if titled:
        Projector(connection, book.setup.processes).rewrite(titled)


def _rename_customers(connection: Connection, numbers: Iterable[int]) -> None:
    for number in numbers:
        name = _free(connection, _customer, placeholder(number), number)
        _change(connection, _customer, number, name=name, folded=fold(name))


def _rename_opportunities(connection: Connection, numbers: Iterable[int]) -> None:
    for number in sorted(numbers):
        key = _free(connection, _opportunity, str(number), number)
        _change(connection, _opportunity, number, key=key)
        # one whose opening was taken back is not looked up
        taken_in = update(_opportunity).where(_opportunity.c.number == number, _opportunity.c.folded.is_not(None))
        connection.execute(taken_in.values(folded=fold(key)))


def _rename_reps(connection: Connection, numbers: Iterable[int]) -> None:
    for number in sorted(numbers):
        key = _free(connection, _rep, str(number), number)
        _change(connection, _rep, number, key=key, name=key, folded=fold(key))


def _free(connection: Connection, table: Table, name: str, number: int) -> str:
    """Return the name, with signs before it if something else is called so."""
    others = select(table.c.number).where(table.c.number != number)
    while connection.execute(others.where(table.c.folded == fold(name))).first() is not None:
        name = f"#{name}"
    return name


def _change(connection: Connection, table: Table, number: int, **values: Any) -> None:
    connection.execute(update(table).where(table.c.number == number).values(**values))
