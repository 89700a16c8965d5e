"""What stands behind the KPIs: the arithmetic of every target and lamp, and the arrivals a sum is made of.

Invariant: it is told from the same ground by the same functions; nothing is computed a second way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from milestone_cli.domain.arrivals import ListedArrival
from milestone_cli.domain.basis import Basis
from milestone_cli.domain.day import Day, iso, month_label
from milestone_cli.domain.lamps import Reason, chance_of_at_most
from milestone_cli.domain.money import Currency, half_up, plain
from milestone_cli.domain.setup import Rep
from milestone_cli.localization import ENGLISH, format_percent
from milestone_cli.reports.kpis import Ground, KpisReport, MilestoneKpi, situation, target_parts
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Sentence,
    Table,
    counted,
    in_english,
    joined,
    named,
)

STEPS = (
    Column("number", "#", CellKind.COUNT),
    Column("month", "Month", CellKind.TEXT),
    Column("feeds", "Feeds", CellKind.TEXT),
    Column("wanted", "Wanted there", CellKind.MONEY),
    Column("source", Sentence("From", context="source"), CellKind.WORD, 2),
    Column("share", "Part that arrives", CellKind.TEXT),
    Column("target", "Target", CellKind.MONEY),
)
ARRIVALS = (
    Column("number", "#", CellKind.COUNT),
    Column("opportunity", "Opportunity", CellKind.NAME),
    Column("on", "On", CellKind.DAY),
    Column("value", "Potential", CellKind.MONEY),
    Column("rep", "Rep", CellKind.NAME, 2),
    Column("implied", "Implied", CellKind.BOOL, 3),
)


def explained(
    document: Document, grounds: Sequence[tuple[Ground, KpisReport, Sequence[ListedArrival]]], rep: Rep | None
) -> Document:
    """Return the KPIs' document with the arithmetic and the arrivals behind every table."""
    tables: list[Table] = list(document.tables)
    explanations: list[dict[str, object]] = []
    for ground, report, arrivals in grounds:
        steps, listed = _steps(ground, report, rep), _listed(ground, report, arrivals)
        tables += [steps, listed]
        explanations.append(
            {
                "process": report.process,
                "snapshots": [month_label(month) for month in sorted(ground.bases)],
                "lamps": [in_english(_lamp_words(ground, rep, row, report.currency)) for row in report.milestones],
                "arrivals": [arrival_json(arrival, ground.reps, report.currency) for arrival in arrivals],
            }
        )
    return replace(document, tables=tuple(tables), json={**document.json, "explain": explanations})


def _steps(ground: Ground, report: KpisReport, rep: Rep | None) -> Table:
    rows = []
    for row in report.milestones:
        for basis, factor, wanted in target_parts(ground, rep, row.milestone.key):
            share = basis.share_of_last(row.milestone.key)
            part = None if wanted.amount is None or not share else factor * wanted.amount / share
            rows.append(
                (
                    row.number,
                    month_label(basis.month),
                    month_label(basis.feeds(row.milestone.key)),
                    _rounded(wanted.amount),
                    wanted.source.value,
                    _part_words(_product(basis, row.milestone.key), factor),
                    _rounded(part),
                )
            )
    words = [_lamp_words(ground, rep, row, report.currency) for row in report.milestones]
    return Table(
        title=joined((named(report.title), "how the targets come about")),
        columns=STEPS,
        rows=tuple(rows),
        currency=report.currency,
        notes=(*_snapshot_notes(ground, report), *words),
    )


def _rounded(amount: Fraction | None) -> int | None:
    return None if amount is None else half_up(amount)


def _product(basis: Basis, key: str) -> str:
    place = basis.place(key)
    rates = () if place is None else basis.rates[place:]
    return " x ".join(f"{float(rate):.4g}" for rate in rates) or "1"


def _part_words(product: str, factor: Fraction) -> Cell:
    return product if factor == 1 else Sentence("{}, {} of the month", (named(product), named(str(factor))))


def _snapshot_notes(ground: Ground, report: KpisReport) -> Iterator[Line]:
    months = ", ".join(month_label(month) for month in sorted(ground.bases))
    yield Sentence(
        "Snapshot of {}: {} rates of version {}.", (named(months), report.rates.value, counted(report.version))
    )


def _lamp_words(ground: Ground, rep: Rep | None, row: MilestoneKpi, currency: Currency) -> Line:
    at = situation(ground, rep, row.milestone)
    head = Sentence("M{} is {}", (counted(row.number), row.signal.lamp.value))
    if at.target is None or row.wanted is None:
        return Sentence("{}: no target.", (head,))
    money = (named(plain(row.reached, currency)), named(plain(row.wanted, currency)))
    pace = Sentence("{} of {} with {} of the days gone", (*money, named(format_percent(at.elapsed, ENGLISH))))
    match row.signal.reason:
        case Reason.FUTURE:
            return Sentence("{}: the period has not begun.", (head,))
        case Reason.NOT_DUE:
            began = _began(ground.began)
            return Sentence("{}: {}, that is less than the median way from milestone 1 ago.", (head, began))
        case Reason.CHANCE | Reason.SHORT if at.mean_value:
            chance = named(format_percent(chance_of_at_most(at, at.mean_value), ENGLISH))
            return Sentence("{}: {}; chance alone brings no more in {} of such periods.", (head, pace, chance))
        case _:
            return Sentence("{}: {}.", (head, pace))


def _began(began: Day | None) -> Line:
    return "nothing is recorded yet" if began is None else Sentence("the book begins {}", (named(iso(began)),))


def _listed(ground: Ground, report: KpisReport, arrivals: Sequence[ListedArrival]) -> Table:
    numbers = {row.milestone.key: row.number for row in report.milestones}
    title = joined((named(report.title), "the arrivals"))
    return arrivals_table(title, numbers, arrivals, ground.reps, report.currency)


def arrivals_table(
    title: Line,
    numbers: Mapping[str, int],
    arrivals: Sequence[ListedArrival],
    reps: Mapping[int, Rep],
    currency: Currency,
) -> Table:
    """Return the arrivals at the milestones that have a number, in the order of their days."""
    rows = [
        (numbers[item.milestone], item.opportunity, item.on, item.value, _rep(reps, item.rep), item.implied)
        for item in arrivals
        if item.milestone in numbers
    ]
    return Table(
        title=title,
        columns=ARRIVALS,
        rows=tuple(sorted(rows, key=lambda row: (row[0], row[2], row[1]))),
        currency=currency,
    )


def _rep(reps: Mapping[int, Rep], number: int | None) -> str:
    found = None if number is None else reps.get(number)
    return "" if found is None else found.key


def arrival_json(arrival: ListedArrival, reps: Mapping[int, Rep], currency: Currency) -> dict[str, object]:
    """Return one arrival as plain values."""
    return {
        "opportunity": arrival.opportunity,
        "milestone": arrival.milestone,
        "on": iso(arrival.on),
        "value": None if arrival.value is None else plain(arrival.value, currency),
        "rep": _rep(reps, arrival.rep) or None,
        "implied": arrival.implied,
    }
