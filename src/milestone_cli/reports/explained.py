"""How an explanation stands in an answer: tables beside those of the command, an object in that of each process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from milestone_cli.reports.table import Document, Table


def with_explanations(
    document: Document, tables: Iterable[Table], explanations: Sequence[dict[str, object]]
) -> Document:
    """Return the document with these tables in place of its own, and with `explain` in the JSON of each process.

    Args:
        document: of a looking command.
        tables: those of the document among them.
        explanations: of each process, in the document's order.
    """
    processes = document.json["processes"]
    if not isinstance(processes, list):
        raise TypeError("a looking command says something of each process")
    told = [one | {"explain": why} for one, why in zip(processes, explanations, strict=True)]
    return replace(document, tables=tuple(tables), json={**document.json, "processes": told})
