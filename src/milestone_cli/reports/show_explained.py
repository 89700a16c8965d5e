"""Where the figures of one opportunity come from: what it is worth, its chance to move, and when it is set aside.

Invariant: it is told from the month's snapshot, by the functions that the figures themselves come from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from milestone_cli.domain.basis import Basis
from milestone_cli.domain.day import iso
from milestone_cli.domain.money import Currency, plain
from milestone_cli.domain.opportunity import Status
from milestone_cli.domain.outlook import outlook
from milestone_cli.reports.dead_horses import because
from milestone_cli.reports.dead_horses_explained import CLOCK, limit_of
from milestone_cli.reports.show import Shown
from milestone_cli.reports.snapshot import snapshot_json, snapshot_line
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Sentence,
    Table,
    Value,
    counted,
    joined,
    named,
)

FIGURES = (
    Column("value", "Potential", CellKind.MONEY),
    Column("share", "x what comes of it", CellKind.RATE, digits=4),
    Column("worth", "= worth", CellKind.MONEY),
    Column("since", "There since", CellKind.DAY, 2),
    Column("dead_after_days", "+ days", CellKind.COUNT, 2),
    Column("aside_on", "= set aside on", CellKind.DAY, 2),
    Column("waiting_days", "Waited", CellKind.COUNT, 3),
    Column("chance_left", "Chance", CellKind.RATE, 3, digits=1),
    Column("hopeless", "Set aside under", CellKind.RATE, 3, digits=1),
    Column("chance_30_days", "30 days", CellKind.RATE, 4, digits=1),
    Column("days_p50", "P50", CellKind.NUMBER, 4),
    Column("days_p90", "P90", CellKind.NUMBER, 4),
)
_SETTLED: dict[Status, Line] = {
    Status.TARGET: "A target customer: before milestone 1 nothing is expected of it yet.",
    Status.WON: "Won: it has brought its potential.",
    Status.LOST: "Lost: nothing is expected of it.",
}


def explained(document: Document, shown: Shown, basis: Basis) -> Document:
    """Return an opportunity's document with the arithmetic behind its figures, from the basis of the day's month."""
    head, *rest = document.tables
    waits = _waits(shown, basis)
    table = Table(
        title=joined((named(shown.head.key), "how the figures come about")),
        columns=FIGURES,
        rows=(_figures(shown, basis),) if waits else (),
        currency=shown.head.currency,
        notes=tuple(_notes(shown, basis)) if waits else (),
        empty=_SETTLED.get(shown.head.status, "No section of this version begins where it stands."),
    )
    return replace(document, tables=(head, table, *rest), json={**document.json, "explain": _json(shown, basis)})


def _waits(shown: Shown, basis: Basis) -> bool:
    """Return whether something is expected of it, which the days it waits in a section tell."""
    inside = 1 <= shown.head.milestone <= len(basis.rates)
    return inside and shown.head.status in {Status.OPEN, Status.DEAD}


def _figures(shown: Shown, basis: Basis) -> tuple[Cell, ...]:
    head, place, waited = shown.head, shown.head.milestone - 1, shown.head.waiting_days or 0
    limit, said, since = basis.dead[place], outlook(basis, place, waited), shown.as_of - waited
    return (
        head.value,
        float(basis.expected_share(place, waited)),
        shown.worth.amount,
        since,
        limit.after,
        None if limit.after is None else since + limit.after,
        waited,
        said.chance_left,
        limit_of(basis, place),
        said.chance_soon,
        said.days_p50,
        said.days_p90,
    )


def _notes(shown: Shown, basis: Basis) -> Iterator[Line]:
    head, place = shown.head, shown.head.milestone - 1
    yield snapshot_line(basis)
    if basis.expected:
        yield Sentence(
            "What comes of it: of money that has waited {} days at milestone {}, what ever arrives at the last one."
            " The sum in the line above is rounded to two digits, for nobody knows it better.",
            (counted(head.waiting_days or 0), counted(head.milestone)),
        )
    else:
        rates = joined([Value(float(rate), CellKind.RATE, digits=1) for rate in basis.rates[place:]], " x ")
        yield Sentence("What comes of it: {}, the rates that are left.", (rates,))
    threshold = basis.dead[place]
    measured = None if head.milestone_key is None else basis.section(head.milestone_key)
    if threshold.after is None:
        yield Sentence("Never set aside: {}.", (because(threshold, measured),))
    else:
        yield Sentence(
            "Set aside: {}. `ms dead-horses --explain` shows where the age comes from.", (because(threshold, measured),)
        )
    yield CLOCK


def _json(shown: Shown, basis: Basis) -> dict[str, object]:
    found: dict[str, object] = {"snapshot": snapshot_json(basis)}
    if not _waits(shown, basis):
        return found
    cells: dict[str, object] = dict(zip((column.key for column in FIGURES), _figures(shown, basis), strict=True))
    found |= cells | {
        "value": _money(cells["value"], shown.head.currency),
        "worth": _money(cells["worth"], shown.head.currency),
        "since": _day(cells["since"]),
        "aside_on": _day(cells["aside_on"]),
        "rule": basis.dead[shown.head.milestone - 1].rule.value,
    }
    return found


def _money(minor: object, currency: Currency) -> str | None:
    return plain(minor, currency) if isinstance(minor, int) else None


def _day(day: object) -> str | None:
    return iso(day) if isinstance(day, int) else None
