"""From the book to the plan for one month: what open business is expected to bring, and what must arrive by when.

Invariant: without a case in any section, or where the plan is asked for, the planned rates and days hold exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from milestone_cli.errors import InvalidValue, RuleBroken

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from milestone_cli.commands.forecasting import Outlook
    from milestone_cli.domain.day import Day, Month
    from milestone_cli.domain.setup import Rep
    from milestone_cli.estimate.calibration import Calibration
    from milestone_cli.estimate.gap_plan import GapPlan
    from milestone_cli.estimate.model import Model
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
    from milestone_cli.domain.day import iso, month_label, month_of

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


@dataclass(frozen=True, slots=True)
class _Ways:
    """By what the plan is made."""

    model: Model
    calibration: Calibration
    planned: bool


def gap_of(
    book: Book, process: str, as_of: Day, month: Month, rep: Rep | None, tried: Fraction | None, *, planned: bool
) -> GapReport:
    """Return what must arrive at each milestone of a process by when for the target of a month."""
    from milestone_cli.commands.cascade import mean_values, wanted_in
    from milestone_cli.commands.forecasting import outlook
    from milestone_cli.domain.money import half_up
    from milestone_cli.reports.cascade import cascade_report
    from milestone_cli.reports.gap_plan import gap_report

    seen = outlook(book, process, as_of)
    definition = book.setup.seen(as_of).processes[process].at(as_of)
    ways = _ways(seen, planned=planned)
    basis = seen.basis.as_planned(definition) if ways.planned else seen.basis
    found = wanted_in(book, process, as_of, month, rep, basis, tried)
    means = mean_values(book, definition, basis, as_of)
    arrived = _arrived(book, seen, month, rep)
    wanted = 0 if found.amount is None else half_up(found.amount)
    return gap_report(
        cascade_report(definition, basis, found.amount, found.source, means),
        _plan(seen, ways, month, rep, max(wanted - arrived, 0)),
        means,
        month=month,
        as_of=as_of,
        arrived=arrived,
        cases=[] if ways.planned else [section.cases for section in seen.model.sections],
        asked=planned,
    )


def _ways(seen: Outlook, *, planned: bool) -> _Ways:
    from milestone_cli.commands.forecasting import typical_value
    from milestone_cli.estimate.calibration import Calibration
    from milestone_cli.estimate.planned import planned_model

    if not planned and any(section.cases for section in seen.model.sections):
        # a run rate says nothing of what is open: of the calibration only the level counts
        return _Ways(seen.model, replace(seen.calibration, blend=0.0), planned=False)
    model = planned_model(seen.journeys, seen.plans, seed=seen.seed, typical_value=typical_value(seen.process))
    return _Ways(model, Calibration(), planned=True)


def _plan(seen: Outlook, ways: _Ways, month: Month, rep: Rep | None, wanted: int) -> GapPlan:
    """Return the plan for what is still wanted in the month, in minor units."""
    from milestone_cli.commands.forecasting import month_ends
    from milestone_cli.domain.day import month_of
    from milestone_cli.estimate.forecast import forecast
    from milestone_cli.estimate.gap_plan import gap_plan

    ahead = month - month_of(seen.as_of)
    said = forecast(
        seen.journeys,
        seen.plans,
        month_ends(seen.as_of, ahead),
        seed=seen.seed,
        paths=PATHS,
        calibration=ways.calibration,
        set_aside=seen.set_aside,
        milestones=[len(seen.plans)],
        rep=None if rep is None else rep.number,
        model=ways.model,
    )
    plan = gap_plan(ways.model, said, ahead, float(wanted))
    return plan.with_conversion(_planned_shares(seen)) if ways.planned else plan


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
