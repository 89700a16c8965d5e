"""The order of the next steps, term by term.

Invariant: it is told from the same terms that made the order; nothing is computed a second way.
"""

from __future__ import annotations

from collections.abc import Iterator

from milestone_cli.domain.day import month_label
from milestone_cli.domain.next_steps import BEHIND_FOCUS, Where
from milestone_cli.reports.next_steps import KINDS, NextReport
from milestone_cli.reports.table import Cell, CellKind, Column, Line, Sentence, Table, Value, counted, joined, named

ORDER = (
    Column("opportunity", "Opportunity", CellKind.NAME, whole=True),
    Column("chance_30_days", "30 days", CellKind.RATE, digits=1),
    Column("where", "Its move arrives", CellKind.WORD, 2),
    Column("effect", "x effect", CellKind.NUMBER, digits=3),
    Column("potential", "x potential", CellKind.NUMBER, digits=2),
    Column("score", "= score", CellKind.NUMBER, digits=4),
)
_WHERE = {
    Where.AT: "at the focus",
    Where.BEFORE: "before it",
    Where.BEHIND: "behind it",
    Where.NO_FOCUS: "counts as an order",
}


def order_table(report: NextReport) -> Table:
    """Return the terms of every score, and what they mean."""
    rows: list[tuple[Cell, ...]] = []
    for step in report.steps:
        key, terms = report.called[step.candidate.number].key, step.terms
        if terms is None:
            rows.append((key, None, KINDS[step.kind], None, None, None))
        else:
            rows.append((key, terms.chance, _WHERE[terms.where], terms.effect, terms.potential, terms.score))
    return Table(
        title=joined((named(report.kpis.title), "how the order comes about")),
        columns=ORDER,
        rows=tuple(rows),
        notes=tuple(_notes(report)),
    )


def _notes(report: NextReport) -> Iterator[Line]:
    yield "Score = chance to move within 30 days x effect x potential; of equals the key decides."
    if report.steering.focus is None:
        yield "Effect: the share of opportunities that becomes an order from where the next move arrives."
    else:
        yield Sentence(
            "Effect: 1 for a move that arrives at milestone {}; before it the share of the money that gets there; "
            "behind it {}.",
            (counted(report.steering.focus), Value(BEHIND_FOCUS, CellKind.NUMBER, digits=1)),
        )
    yield "Potential: its part of a mean arrival, at most 1, so that size alone leads nothing."
    if any(step.terms is None for step in report.steps):
        yield (
            "Lost ones come by their day, the latest first, and take no more than a third of the rows; target customers"
            " by how long they have waited, and take turns with the open ones."
        )
    month = named(month_label(report.steering.basis.month))
    yield Sentence("Chances and days: snapshot of {}, {} rates.", (month, report.kpis.rates.value))
