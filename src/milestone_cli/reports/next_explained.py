"""The order of the next steps, term by term.

Invariant: it is told from the same terms that made the order; nothing is computed a second way.
"""

from __future__ import annotations

from collections.abc import Iterator

from milestone_cli.domain.basis import ENOUGH_ARRIVALS, MEAN_MONTHS
from milestone_cli.domain.day import month_label
from milestone_cli.domain.money import half_up
from milestone_cli.domain.next_steps import BEHIND_FOCUS, Where
from milestone_cli.reports.next_steps import KINDS, NextReport
from milestone_cli.reports.table import Cell, CellKind, Column, Line, Sentence, Table, Value, counted, joined, named

ORDER = (
    Column("opportunity", "Opportunity", CellKind.NAME, whole=True),
    Column("chance_30_days", "30 days", CellKind.RATE, digits=1),
    Column("cases", "Cases", CellKind.COUNT, 2),
    Column("where", "Its move arrives", CellKind.WORD, 4),
    Column("effect", "x effect", CellKind.NUMBER, digits=3),
    Column("value", "Potential", CellKind.MONEY, 3, group="value"),
    Column("mean_value", "of mean", CellKind.ABOUT, 3, group="value"),
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
            rows.append((key, None, None, KINDS[step.kind], None, step.candidate.value, None, None, None))
            continue
        mean = None if terms.mean is None else half_up(terms.mean)
        where, value = _WHERE[terms.where], step.candidate.value
        rows.append((key, terms.chance, terms.cases, where, terms.effect, value, mean, terms.potential, terms.score))
    return Table(
        title=joined((named(report.kpis.title), "how the order comes about")),
        columns=ORDER,
        rows=tuple(rows),
        currency=report.kpis.currency,
        notes=tuple(_notes(report)),
    )


def _notes(report: NextReport) -> Iterator[Line]:
    yield from _gap(report)
    yield "Score = chance to move within 30 days x effect x potential; of equals the key decides."
    if report.steering.focus is None:
        yield "Effect: the share of opportunities that becomes an order from where the next move arrives."
    else:
        yield Sentence(
            "Effect: 1 for a move that arrives at milestone {}; before it the share of the money that gets there; "
            "behind it {}.",
            (counted(report.steering.focus), Value(BEHIND_FOCUS, CellKind.NUMBER, digits=1)),
        )
    yield Sentence(
        "Potential: its part of a mean arrival at the milestone to win, at most 1, so that size alone leads nothing."
        " The mean is that of {} months; where these hold under {} arrivals the typical value, or the mean of all.",
        (counted(MEAN_MONTHS), counted(ENOUGH_ARRIVALS)),
    )
    if any(step.terms is None for step in report.steps):
        yield (
            "Lost ones come by their day, the latest first, and take no more than a third of the rows; target customers"
            " by how long they have waited, and take turns with the open ones."
        )
    month = named(month_label(report.steering.basis.month))
    yield Sentence("Chances and days: snapshot of {}, {} rates.", (month, report.kpis.rates.value))


def _gap(report: NextReport) -> Iterator[Line]:
    """Yield the arithmetic of the gap in focus."""
    focus, gap, currency = report.focus, report.kpis.gap, report.kpis.currency
    if focus is None or gap is None:
        return
    sums = (focus.wanted or 0, focus.reached, half_up(gap.missing), half_up(gap.costs))
    wanted, reached, missing, costs = (Value(minor, CellKind.MONEY, currency) for minor in sums)
    share = Value(float(gap.share), CellKind.NUMBER, digits=6)
    yield Sentence(
        "Gap at milestone {}: {} wanted - {} reached = {}; x {}, the part of it that becomes an order = {}.",
        (counted(focus.number), wanted, reached, missing, share, costs),
    )
