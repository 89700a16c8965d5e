"""What stands behind the plan for one month: what open business brings, what comes of new arrivals, and until when.

Invariant: it is told from the same plan; an opportunity has its share of the money over all months together, never a
month of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from milestone_cli.domain.arrivals import ListedArrival
from milestone_cli.domain.basis import MEAN_MONTHS, MeanSource
from milestone_cli.domain.day import iso, month_label, month_of
from milestone_cli.domain.money import Currency, half_up, plain
from milestone_cli.domain.process import Milestone
from milestone_cli.estimate.gap_plan import STILL_MATTERS
from milestone_cli.reports.cascade_ground import CascadeGround
from milestone_cli.reports.explained import with_explanations
from milestone_cli.reports.forecast import Carrier
from milestone_cli.reports.forecast_explained import carrier_json, carriers_table
from milestone_cli.reports.gap_plan import GapMilestone, GapReport, gap_tables
from milestone_cli.reports.kpis_explained import arrival_json, arrivals_table
from milestone_cli.reports.mean_value import mean_json
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Plural,
    Sentence,
    Table,
    Value,
    counted,
    joined,
    named,
)
from milestone_cli.reports.target_explained import target_json, target_table


@dataclass(frozen=True, slots=True, kw_only=True)
class GapGround:
    """What the plan of one process for one month is made of."""

    cascade: CascadeGround
    """With the month's target and what an arrival at each milestone is worth."""
    conversion: tuple[float, ...]
    """k: of the money at each milestone, the share that ever arrives at the last one."""
    there: tuple[tuple[float, ...], ...]
    """k times the running month and those up to the month: of what ever comes through of its arrivals, the share that
    is there by the month's end."""
    from_open: tuple[int, ...]
    """What open opportunities are expected to bring in the running month and those up to the month, in minor units."""
    carriers: tuple[Carrier, ...]
    """The open opportunities, the most money first, with what they bring over all these months."""
    arrivals: tuple[ListedArrival, ...]
    """What has arrived at the last milestone in the month so far."""
    bias: float
    """By which share past forecasts changed the mean."""
    hindcasts: int
    """How many these were."""

    @property
    def tells_carriers(self) -> bool:
        """Several months lie ahead: of a single one nobody says what one opportunity brings in it."""
        return len(self.from_open) > 1

    @property
    def last(self) -> Milestone:
        """The last milestone."""
        return self.cascade.definition.process.last


PLAN = (
    Column("number", "#", CellKind.COUNT),
    Column("missing", "Missing", CellKind.ABOUT),
    Column("comes_through", "/ comes through", CellKind.RATE, digits=4),
    Column("required", "= required in all", CellKind.ABOUT),
    Column("mean_value", "/ an arrival's worth", CellKind.ABOUT, 3, group="count"),
    Column("mean_source", "Worth from", CellKind.WORD, 5),
    Column("count", "= count", CellKind.NUMBER, 3, digits=2, group="count"),
    Column("by", "By", CellKind.DAY, 2),
    Column("there_by_then", "There by the end", CellKind.RATE, 2, digits=1),
    Column("there_a_month_later", "A month later", CellKind.RATE, 4, digits=1),
)
OPEN = (
    Column("month", "Month", CellKind.MONTH),
    Column("from_open", "From open", CellKind.ABOUT),
)
_SOURCES: dict[MeanSource, Line | None] = {
    MeanSource.RECENT: Plural("1 month", "{} months", MEAN_MONTHS, (counted(MEAN_MONTHS),)),
    MeanSource.TYPICAL: "typical value",
    MeanSource.OVERALL: "all arrivals",
    MeanSource.NONE: None,
}


def explained(document: Document, behind: Sequence[tuple[GapGround, GapReport]], rep: str | None) -> Document:
    """Return the plans' document with what stands behind each process, and behind every object of its JSON."""
    tables: list[Table] = []
    for ground, report in behind:
        tables += [*gap_tables(report, rep), *_tables(ground, report)]
    return with_explanations(document, tables, [_json(*one) for one in behind])


def _tables(ground: GapGround, report: GapReport) -> Iterator[Table]:
    title, currency = report.cascade.title, report.cascade.currency
    yield Table(
        title=joined((named(title), "how the plan comes about")),
        columns=PLAN,
        rows=tuple(_step(ground, report, place) for place in range(len(report.milestones))),
        currency=currency,
        notes=tuple(_notes(report)),
    )
    yield target_table(title, ground.cascade.target, currency)
    months = range(report.month - len(ground.from_open) + 1, report.month + 1)
    yield Table(
        title=joined((named(title), "what open business brings")),
        columns=OPEN,
        rows=tuple(zip(months, ground.from_open, strict=True)),
        currency=currency,
        notes=tuple(_open_notes(ground)),
    )
    if ground.carriers and ground.tells_carriers:
        until = Sentence("who carries it until {}", (named(month_label(report.month)),))
        yield carriers_table(joined((named(title), until)), ground.carriers, currency, ())
    if ground.arrivals:
        there = Sentence("what is there already in {}", (named(month_label(report.month)),))
        numbers, reps = {ground.last.key: len(report.milestones)}, ground.cascade.target.reps
        listed = arrivals_table(joined((named(title), there)), numbers, ground.arrivals, reps, currency)
        yield replace(listed, notes=tuple(_assumed(ground)))


def _step(ground: GapGround, report: GapReport, place: int) -> tuple[Cell, ...]:
    one, mean = report.milestones[place], ground.cascade.means[place]
    by_then, later = _there(ground, report, place)
    return (
        one.row.number,
        report.gap,
        ground.conversion[place],
        one.required,
        None if mean.amount is None else half_up(mean.amount),
        _SOURCES[mean.source],
        one.count,
        one.by,
        by_then,
        later,
    )


def _there(ground: GapGround, report: GapReport, place: int) -> tuple[float, float | None]:
    """Return what is there by the end of the last month whose arrivals matter (else the running one), and of the next.

    Both are shares of what ever comes through of such a month's arrivals.
    """
    one, shares = report.milestones[place], ground.there[place]
    last = 0 if one.by is None else month_of(one.by) - (report.month - len(shares) + 1)
    return shares[last], shares[last + 1] if last + 1 < len(shares) else None


def _notes(report: GapReport) -> Iterator[Line]:
    month = Value(report.month, CellKind.MONTH)
    if report.cases:
        yield Sentence(
            "Comes through: of the money that reaches a milestone, what ever arrives at the last one, as measured up to"
            " {}; skipped milestones and changed potentials are in it.",
            (Value(report.as_of, CellKind.DAY),),
        )
    else:
        yield "Comes through: the planned rates from there on, multiplied."
    yield Sentence(
        "By: the end of the last month of which, of all that ever comes through, {} or more is there by the end of {}.",
        (Value(STILL_MATTERS, CellKind.RATE), month),
    )
    yield Sentence(
        "In each month: what is required in all, by the days of the month x what of its arrivals comes in {} itself.",
        (month,),
    )


def _open_notes(ground: GapGround) -> Iterator[Line]:
    yield Plural(
        "Of 1 open opportunity; dead horses are left out.",
        "Of {} open opportunities; dead horses are left out.",
        len(ground.carriers),
        (counted(len(ground.carriers)),),
    )
    if ground.carriers and not ground.tells_carriers:
        yield "Which ones is told over several months together: `ms forecast --explain`."
    if ground.hindcasts:
        yield Sentence(
            "Learnt from {} past forecasts: the mean is changed by {}.",
            (counted(ground.hindcasts), Value(ground.bias, CellKind.RATE, digits=1)),
        )


def _assumed(ground: GapGround) -> Iterator[Line]:
    unknown = sum(one.value is None for one in ground.arrivals)
    if unknown and ground.cascade.definition.process.typical_value:
        template = "{} without a known potential: the typical value of the process is assumed."
        yield Sentence(template, (counted(unknown),))


def _json(ground: GapGround, report: GapReport) -> dict[str, object]:
    currency = report.cascade.currency
    running = report.month - len(ground.from_open) + 1
    return {
        "target": target_json(ground.cascade.target, currency),
        "from_open": [
            {"month": month_label(running + place), "expected": plain(amount, currency)}
            for place, amount in enumerate(ground.from_open)
        ],
        "carriers": [carrier_json(one, currency) for one in ground.carriers] if ground.tells_carriers else None,
        "calibration": {"hindcasts": ground.hindcasts, "bias": ground.bias},
        "arrivals": [arrival_json(one, ground.cascade.target.reps, currency) for one in ground.arrivals],
        "still_matters": STILL_MATTERS,
        "milestones": [_milestone_json(ground, one, place, currency) for place, one in enumerate(report.milestones)],
    }


def _milestone_json(ground: GapGround, one: GapMilestone, place: int, currency: Currency) -> dict[str, object]:
    return {
        "number": one.row.number,
        "comes_through": ground.conversion[place],
        "mean_value": mean_json(ground.cascade.means[place], currency),
        "by": None if one.by is None else iso(one.by),
        "there_by_the_end": list(ground.there[place]),
    }
