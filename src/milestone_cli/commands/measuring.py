"""From the facts before a month to what its targets cascade with: the measured basis that its snapshot keeps.

Invariant: only a month without a snapshot is measured, and a book without a case costs no import of numpy.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from milestone_cli.commands.seeds import SEED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from milestone_cli.domain.basis import Basis, Measured
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.process import Definition
    from milestone_cli.estimate.journeys import Journeys
    from milestone_cli.estimate.plan import SectionPlan
    from milestone_cli.estimate.rates import SectionRate
    from milestone_cli.store.book import Book

_DIGITS = 6
"""A measured rate is an exact decimal of so many digits from here on."""
_SMALLEST = 1e-6


def measured_basis(book: Book, definition: Definition, planned: Basis, last: Day) -> Basis:
    """Return the basis of a month with the team's rates as measured from the facts up to a day.

    Args:
        book: where the facts lie.
        definition: the version and plan that the month shows.
        planned: the same month under the plan.
        last: the last day whose facts count.
    """
    from milestone_cli.commands.journeys import assembled, milestone_places

    process = definition.process
    began = book.began(process.key)
    if began is None or began > last:
        return planned
    columns = book.columns(process.key, last)
    places = milestone_places(book, process)
    history_from = book.setup.processes[process.key].history_from
    return _measured(assembled(columns, places, len(process.keys), last, history_from), definition, planned)


def _measured(seen: Journeys, definition: Definition, planned: Basis) -> Basis:
    import numpy as np

    from milestone_cli.commands.journeys import section_plans
    from milestone_cli.domain.basis import RateSource
    from milestone_cli.estimate.dead import set_aside
    from milestone_cli.estimate.rates import required_quantiles, section_rates

    plans = section_plans(definition.process)
    sections = section_rates(seen, plans, np.random.default_rng(SEED))
    if not any(section.cases for section in sections):
        return planned
    return replace(
        planned,
        source=RateSource.MEASURED,
        rates=tuple(_by_value(section, plan) for section, plan in zip(sections, planned.rates, strict=True)),
        count_rates=tuple(_by_count(section, plan) for section, plan in zip(sections, planned.rates, strict=True)),
        lead_days=tuple(_way(sections[place:]) for place in range(len(sections) + 1)),
        days_to=tuple(_way(sections[:place]) for place in range(len(sections) + 1)),
        dead=tuple(
            set_aside(
                plan,
                cases=section.cases,
                still_moves=section.still_moves,
                rate=section.rate.mean,
                days_p50=section.days_p50,
            )
            for section, plan in zip(sections, plans, strict=True)
        ),
        measured=tuple(_kept(section) for section in sections),
        expected=_expected(seen, plans),
        needs=tuple((round(low, _DIGITS), round(high, _DIGITS)) for low, high in required_quantiles(sections)),
    )


def _expected(seen: Journeys, plans: Sequence[SectionPlan]) -> tuple[tuple[float, ...], ...]:
    """Return what an opportunity is worth per money, by section and weeks waited."""
    import numpy as np

    from milestone_cli.domain.basis import KNOT_WEEKS
    from milestone_cli.estimate.worth import worth_by_calendar

    kernel = worth_by_calendar(seen, plans, np.random.default_rng(SEED))[:, list(KNOT_WEEKS)]
    return tuple(tuple(round(float(share), _DIGITS) for share in section) for section in kernel)


def _by_value(section: SectionRate, plan: Fraction) -> Fraction:
    return _exact(section.value_rate.mean) if section.cases else plan


def _by_count(section: SectionRate, plan: Fraction) -> Fraction:
    return _exact(section.rate.mean) if section.cases else plan


def _exact(rate: float) -> Fraction:
    return Fraction(str(round(max(rate, _SMALLEST), _DIGITS)))


def _way(sections: Sequence[SectionRate]) -> Fraction:
    """Return the median days over these sections, to a tenth of a day."""
    from milestone_cli.estimate.ways import median_way

    return Fraction(str(round(median_way([section.incidence for section in sections]), 1)))


def _kept(section: SectionRate) -> Measured:
    from milestone_cli.domain.basis import KNOT_WEEKS, Measured

    return Measured(
        cases=section.cases,
        low=round(section.value_rate.low, _DIGITS),
        high=round(section.value_rate.high, _DIGITS),
        weight_of_data=round(section.weight_of_data, 4),
        days_p50=round(section.days_p50, 1),
        days_p90=round(section.days_p90, 1),
        chances=tuple(round(float(section.still_moves[week]), 4) for week in KNOT_WEEKS),
        soon=tuple(round(float(section.moves_soon[week]), 4) for week in KNOT_WEEKS),
    )
