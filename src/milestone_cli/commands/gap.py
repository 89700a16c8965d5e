"""From the book to the plan for one month: what open business is expected to bring, and what must arrive by when.

Invariant: without a case in any section, or where the plan is asked for, the planned rates and days hold exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from milestone_cli.domain.day import month_of
from milestone_cli.errors import InvalidValue, RuleBroken

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from milestone_cli.commands.forecasting import Outlook
    from milestone_cli.domain.day import Day, Month
    from milestone_cli.domain.setup import Rep
    from milestone_cli.estimate.calibration import Calibration
    from milestone_cli.estimate.forecast import Forecast
    from milestone_cli.estimate.gap_plan import GapPlan
    from milestone_cli.estimate.model import Model
    from milestone_cli.reports.cascade_ground import CascadeGround
    from milestone_cli.reports.gap_plan import GapReport
    from milestone_cli.store.book import Book

LONGEST = 36
"""So many months ahead can be planned for."""
PATHS = 100
"""Only means are read; as many paths as draws are the fewest a forecast takes."""


def month_ahead(month: Month, as_of: Day) -> Month:
    """Return a month that can be planned for.

    Raises:
        RuleBroken: it is over.
        InvalidValue: it lies too far ahead.
    """
    from milestone_cli.domain.day import iso, month_label

    running = month_of(as_of)
    if month < running:
        raise RuleBroken(
            f"{month_label(month)} is over (today is {iso(as_of)}): nothing can arrive in it any more.",
            f"Plan for {month_label(running)} or a later month; `ms kpis --period {month_label(month)}` shows how it"
            " went.",
        )
    if month > running + LONGEST:
        raise InvalidValue(
            f"{month_label(month)} lies more than {LONGEST} months ahead.",
            f"Plan for a month up to {month_label(running + LONGEST)}.",
        )
    return month


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """All that the plan of one process for one month is made of."""

    month: Month
    seen: Outlook
    ways: Ways
    ground: CascadeGround
    """Of the cascade, with the month's target."""
    rep: Rep | None
    asked: bool
    """The plan of the process file was asked for."""
    arrived: int
    """At the last milestone in the month so far, in minor units."""
    said: Forecast
    """Of the last milestone, up to the month."""
    plan: GapPlan

    def report(self) -> GapReport:
        """Return what must arrive at each milestone by when."""
        from milestone_cli.reports.cascade import cascade_report
        from milestone_cli.reports.gap_plan import gap_report

        ground, wanted = self.ground, self.ground.target.wanted
        means = ground.mean_values
        return gap_report(
            cascade_report(ground.definition, ground.basis, wanted.amount, wanted.source, means),
            self.plan,
            means,
            month=self.month,
            as_of=self.seen.as_of,
            arrived=self.arrived,
            cases=[] if self.ways.planned else [section.cases for section in self.seen.model.sections],
            asked=self.asked,
        )


@dataclass(frozen=True, slots=True)
class Ways:
    """By what the plan is made."""

    model: Model
    calibration: Calibration
    planned: bool


def planning(
    book: Book, process: str, as_of: Day, month: Month, rep: Rep | None, tried: Fraction | None, *, planned: bool
) -> Planning:
    """Return the plan of a process for the target of a month, and what it is made of."""
    from milestone_cli.commands.cascade_grounds import means_of, target_of
    from milestone_cli.commands.forecasting import outlook
    from milestone_cli.domain.money import half_up
    from milestone_cli.estimate.gap_plan import gap_plan
    from milestone_cli.reports.cascade_ground import CascadeGround

    seen = outlook(book, process, as_of)
    definition = book.setup.seen(as_of).processes[process].at(as_of)
    ways = _ways(seen, planned=planned)
    basis = seen.basis.as_planned(definition) if ways.planned else seen.basis
    target = target_of(book, process, as_of, month, rep, basis, tried)
    arrived = _arrived(book, seen, month, rep)
    wanted = 0 if target.wanted.amount is None else half_up(target.wanted.amount)
    said = _forecast(seen, ways, month, rep)
    plan = gap_plan(ways.model, said, month - month_of(as_of), float(max(wanted - arrived, 0)))
    return Planning(
        month=month,
        seen=seen,
        ways=ways,
        ground=CascadeGround(
            definition=definition, basis=basis, target=target, means=means_of(book, definition, basis, as_of)
        ),
        rep=rep,
        asked=planned,
        arrived=arrived,
        said=said,
        plan=plan.with_conversion(_planned_shares(seen)) if ways.planned else plan,
    )


def _ways(seen: Outlook, *, planned: bool) -> Ways:
    from milestone_cli.commands.forecasting import typical_value
    from milestone_cli.estimate.calibration import Calibration
    from milestone_cli.estimate.planned import planned_model

    if not planned and any(section.cases for section in seen.model.sections):
        # a run rate says nothing of what is open: of the calibration only the level counts
        return Ways(seen.model, replace(seen.calibration, blend=0.0), planned=False)
    model = planned_model(seen.journeys, seen.plans, seed=seen.seed, typical_value=typical_value(seen.process))
    return Ways(model, Calibration(), planned=True)


def _forecast(seen: Outlook, ways: Ways, month: Month, rep: Rep | None) -> Forecast:
    """Return what is to be expected at the last milestone up to the month."""
    from milestone_cli.commands.forecasting import month_ends
    from milestone_cli.estimate.forecast import forecast

    return forecast(
        seen.journeys,
        seen.plans,
        month_ends(seen.as_of, month - month_of(seen.as_of)),
        seed=seen.seed,
        paths=PATHS,
        calibration=ways.calibration,
        set_aside=seen.set_aside,
        milestones=[len(seen.plans)],
        rep=None if rep is None else rep.number,
        model=ways.model,
    )


def _planned_shares(seen: Outlook) -> Sequence[float]:
    """Return which share of the money at each milestone 1..k arrives at the last one, by the plan of the cascade."""
    from milestone_cli.domain.cascade import shares_of_last

    return [float(share) for share in shares_of_last(seen.process.planned_rates())]


def _arrived(book: Book, seen: Outlook, month: Month, rep: Rep | None) -> int:
    """Return what has arrived at the last milestone in the month so far; unknown potentials at the typical value."""
    from milestone_cli.domain.arrivals import NOTHING_ARRIVED
    from milestone_cli.domain.day import first_of_month

    first, process = first_of_month(month), seen.process
    if first > seen.as_of:
        return 0
    number = None if rep is None else rep.number
    sums = book.arrived(process.key, first, seen.as_of, rep=number).get(process.keys[-1], NOTHING_ARRIVED)
    return sums.money + sums.unknown * (process.typical_value or 0)
