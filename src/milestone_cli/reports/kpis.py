"""The KPIs: per milestone what had to arrive in a period, what arrived, and where to act.

Invariant: a pure function of the ground it is given; only arrivals count, never the size of the pipeline, and reps
stand in alphabetical order without a score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from milestone_cli.domain.arrivals import NOTHING_ARRIVED, Arrived
from milestone_cli.domain.basis import NO_WORTH, Basis, Measured, RateSource, Worth, mean_value
from milestone_cli.domain.cascade import shares_of_last
from milestone_cli.domain.day import Day, Month, first_of_month, month_label, month_of
from milestone_cli.domain.gaps import Gap, costliest
from milestone_cli.domain.lamps import Lamp, Signal, Situation, signal
from milestone_cli.domain.money import Currency, half_up
from milestone_cli.domain.period import Period, PeriodKind
from milestone_cli.domain.process import Definition, Milestone
from milestone_cli.domain.requirements import Needs
from milestone_cli.domain.setup import Rep, Target
from milestone_cli.domain.targets import TargetSource, Wanted, in_force, mismatch

WEEK_SHARE = Fraction(12, 52)
"""A week's part of its month's requirement."""
TREND_PERIODS = 6
"""So many earlier periods are shown beside the present one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """All that the KPIs of one process in one period are computed from."""

    definition: Definition
    """The version at the period's end or the as-of day, the earlier."""
    period: Period
    as_of: Day
    bases: Mapping[int, Basis]
    """By month: every month whose requirement the period sums."""
    targets: tuple[Target, ...]
    """As seen on the as-of day, in the order entered."""
    reps: Mapping[int, Rep]
    began: Day | None
    """The day of the first fact about an opportunity of the process."""
    history_from: Day | None
    arrived: Mapping[str, Arrived]
    """In the period up to the as-of day, by milestone key, of the team or the rep asked for."""
    earlier: tuple[Mapping[str, Arrived], ...]
    """The same for the six periods before, oldest first."""
    overall: Mapping[str, Worth] = field(default_factory=dict)
    """All arrivals with a known potential up to the as-of day; needed where the last 24 months are thin."""
    by_rep: Mapping[int | None, Mapping[str, Arrived]] | None = None
    """Arrivals per rep, for `--by rep`."""
    earlier_by_rep: tuple[Mapping[int | None, Mapping[str, Arrived]], ...] = ()
    """The same for the six periods before, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneKpi:
    """One milestone in one period."""

    number: int
    milestone: Milestone
    rate_to_next: Fraction | None
    """By value, as the money cascades; None at the last milestone."""
    count_rate_to_next: Fraction | None
    """The same by count."""
    measured: Measured | None
    """The interval of the rate and the cases it stands on; None under planned rates and at the last milestone."""
    target: Fraction | None
    """Minor units, unrounded."""
    count_target: float | None
    feeds: str
    """The month (or span) whose target these arrivals feed."""
    reached: int
    """Minor units; includes `assumed`."""
    assumed: int
    """Of it, typical values assumed where no potential is known."""
    count: int
    per_week: int | None
    """Minor units to go per week that is left; None when nothing is missing or the period is over."""
    signal: Signal
    trend: tuple[int, ...]

    @property
    def wanted(self) -> int | None:
        """The target in minor units, rounded once."""
        return None if self.target is None else half_up(self.target)

    @property
    def ratio(self) -> float | None:
        """Reached over target."""
        return self.reached / float(self.target) if self.target else None

    @property
    def missing(self) -> int | None:
        """Minor units still missing; 0 when reached, None without a target."""
        return None if self.wanted is None else max(0, self.wanted - self.reached)


@dataclass(frozen=True, slots=True, kw_only=True)
class KpisReport:
    """The KPIs of one process in one period, for the team or one rep."""

    process: str
    title: str
    version: int
    currency: Currency
    period: Period
    as_of: Day
    rep: Rep | None
    target_source: TargetSource
    added: bool
    """The rep shares the target in this view only."""
    rates: RateSource
    milestones: tuple[MilestoneKpi, ...]
    gap: Gap | None
    """The gap that costs most at the last milestone, among the red, else among the amber."""
    began: Day | None = None
    """From this day on the book tells all, of the team or the rep; None where nothing is recorded."""
    mismatch: int = 0
    """By how much the reps' targets exceed the team's, in minor units."""
    reps: tuple[tuple[Rep, tuple[MilestoneKpi, ...]], ...] | None = None

    @property
    def focus(self) -> int | None:
        """The number of the milestone where to act."""
        return None if self.gap is None else self.gap.number


def kpis(ground: Ground, rep: Rep | None = None) -> KpisReport:
    """Return the KPIs of the team, or of `rep` (whose arrivals `ground.arrived` then holds)."""
    rows = _rows(ground, rep, ground.arrived, ground.earlier)
    process = ground.definition.process
    source = _last_target(ground, rep)
    return KpisReport(
        process=process.key,
        title=process.title,
        version=ground.definition.version,
        currency=process.currency,
        period=ground.period,
        as_of=ground.as_of,
        rep=rep,
        target_source=source.source,
        added=source.added,
        rates=shown_basis(ground).source,
        milestones=rows,
        gap=_gap(ground, rows),
        began=_began(ground, rep),
        mismatch=_mismatch(ground) if rep is None else 0,
        reps=None if ground.by_rep is None else _per_rep(ground, ground.by_rep),
    )


def _per_rep(
    ground: Ground, by_rep: Mapping[int | None, Mapping[str, Arrived]]
) -> tuple[tuple[Rep, tuple[MilestoneKpi, ...]], ...]:
    """Return every rep who shares, has a target or brought something, in alphabetical order."""
    shown = {rep for rep in by_rep if rep is not None}
    for basis in ground.bases.values():
        shown.update(basis.owners)
    shown.update(target.rep for target in ground.targets if target.rep is not None and _is_mine(ground, target))
    reps = [rep for rep in ground.reps.values() if rep.number in shown and rep.active_on(ground.period.start)]
    reps.sort(key=lambda rep: rep.key.casefold())
    return tuple(
        (
            rep,
            _rows(
                ground,
                rep,
                by_rep.get(rep.number, {}),
                tuple(past.get(rep.number, {}) for past in ground.earlier_by_rep),
            ),
        )
        for rep in reps
    )


def _is_mine(ground: Ground, target: Target) -> bool:
    return target.process == ground.definition.process.key


def shown_basis(ground: Ground) -> Basis:
    """Return the basis of the month whose version the period shows: its last one, or that of the as-of day."""
    last = month_of(min(ground.period.end, ground.as_of))
    return ground.bases[max((month for month in ground.bases if month <= last), default=min(ground.bases))]


def _parts(period: Period) -> tuple[tuple[int, Fraction], ...]:
    """Return the months whose requirements make the period's, each with its share."""
    if period.kind is PeriodKind.WEEK:
        return ((period.thursday_month(), WEEK_SHARE),)
    return tuple((month, Fraction(1)) for month in period.months())


def months_needed(period: Period) -> tuple[int, ...]:
    """Return the months whose bases the KPIs of `period` need."""
    return tuple(month for month, _ in _parts(period))


def _wanted_in(ground: Ground, rep: Rep | None, basis: Basis, fed: int) -> Wanted:
    """Return what is wanted at the last milestone in month `fed`, as set before the month of `basis` began."""
    needs = Needs(ground.definition.process.key, ground.targets, ground.reps)
    return needs.wanted(basis, fed, None if rep is None else rep.number)


def target_parts(ground: Ground, rep: Rep | None, key: str) -> tuple[tuple[Basis, Fraction, Wanted], ...]:
    """Return what the target of a milestone is the sum of: per month its basis, its share, and what is wanted."""
    parts = []
    for month, share in _parts(ground.period):
        basis = ground.bases[month]
        parts.append((basis, share, _wanted_in(ground, rep, basis, basis.feeds(key))))
    return tuple(parts)


def _required(ground: Ground, rep: Rep | None, key: str) -> Fraction | None:
    """Return the requirement of a milestone over the period, in minor units, unrounded; None without a target."""
    total, found = Fraction(0), False
    for basis, share, part in target_parts(ground, rep, key):
        of_last = basis.share_of_last(key)
        if of_last and part.amount is not None:
            total, found = total + share * part.amount / of_last, True
    return total if found else None


def _fed(ground: Ground, key: str) -> tuple[Month, Month]:
    """Return the first and the last month whose targets the arrivals at a milestone feed."""
    fed = [ground.bases[month].feeds(key) for month, _ in _parts(ground.period)]
    return fed[0], fed[-1]


def _feeds(ground: Ground, key: str) -> str:
    first, last = _fed(ground, key)
    return month_label(first) if first == last else f"{month_label(first)}..{month_label(last)}"


def _last_target(ground: Ground, rep: Rep | None) -> Wanted:
    """Return the wanted result of the period's last month at the last milestone: where the target comes from."""
    month, _ = _parts(ground.period)[-1]
    basis = ground.bases[month]
    return _wanted_in(ground, rep, basis, basis.feeds(ground.definition.process.last.key))


def _mismatch(ground: Ground) -> int:
    month, _ = _parts(ground.period)[-1]
    begins = first_of_month(month)
    amounts = in_force(ground.targets, ground.definition.process.key, month, known_before=begins)
    active = [rep.number for rep in ground.reps.values() if rep.active_on(begins)]
    return mismatch(amounts, sharers=ground.bases[month].owners, active=active)


def _rows(
    ground: Ground, rep: Rep | None, arrived: Mapping[str, Arrived], earlier: tuple[Mapping[str, Arrived], ...]
) -> tuple[MilestoneKpi, ...]:
    process = ground.definition.process
    return tuple(
        _row(ground, rep, number, milestone, arrived=arrived, earlier=earlier)
        for number, milestone in enumerate(process.milestones, start=1)
    )


def situation(ground: Ground, rep: Rep | None, milestone: Milestone, arrived: Arrived | None = None) -> Situation:
    """Return what the lamp of a milestone is decided from; `arrived` is the ground's own unless given."""
    typical = ground.definition.process.typical_value
    sums = ground.arrived.get(milestone.key, NOTHING_ARRIVED) if arrived is None else arrived
    basis = shown_basis(ground)
    recent = basis.worths.get(milestone.key, NO_WORTH)
    return Situation(
        target=_required(ground, rep, milestone.key),
        reached=_money(sums, typical),
        count=sums.count,
        unknown=0 if typical else sums.unknown,
        mean_value=mean_value(recent, typical, ground.overall.get(milestone.key, NO_WORTH)),
        elapsed=ground.period.elapsed(ground.as_of),
        future=ground.period.start > ground.as_of,
        due=_is_due(ground, rep, basis, milestone.key),
        weekdays_over=ground.period.weekdays_into(ground.as_of - 1),
        finished=ground.period.end <= ground.as_of,
    )


def _row(
    ground: Ground,
    rep: Rep | None,
    number: int,
    milestone: Milestone,
    *,
    arrived: Mapping[str, Arrived],
    earlier: tuple[Mapping[str, Arrived], ...],
) -> MilestoneKpi:
    typical = ground.definition.process.typical_value
    sums = arrived.get(milestone.key, NOTHING_ARRIVED)
    basis = shown_basis(ground)
    at = situation(ground, rep, milestone, sums)
    place = basis.place(milestone.key)
    return MilestoneKpi(
        number=number,
        milestone=milestone,
        rate_to_next=None if place is None or place >= len(basis.rates) else basis.rates[place],
        count_rate_to_next=None if place is None or place >= len(basis.rates) else basis.count_rates[place],
        measured=basis.section(milestone.key),
        target=at.target or None,
        count_target=float(at.target / at.mean_value) if at.target and at.mean_value else None,
        feeds=_feeds(ground, milestone.key),
        reached=at.reached,
        assumed=sums.unknown * (typical or 0),
        count=sums.count,
        per_week=_per_week(ground, at.target, at.reached),
        signal=signal(at),
        trend=tuple(_money(past.get(milestone.key, NOTHING_ARRIVED), typical) for past in earlier),
    )


def _money(sums: Arrived, typical: int | None) -> int:
    return sums.money + sums.unknown * (typical or 0)


def _is_due(ground: Ground, rep: Rep | None, basis: Basis, key: str) -> bool:
    """Return whether book and rep are older than the median way from milestone 1 to here."""
    place, began = basis.place(key), _began(ground, rep)
    if began is None or place is None:
        return False
    return min(ground.period.end, ground.as_of) - began >= basis.days_to[place]


def _began(ground: Ground, rep: Rep | None) -> Day | None:
    """Return the day from which on the book tells all, of the team or the rep."""
    if ground.began is None:
        return None
    return max(ground.began, ground.history_from or ground.began, rep.began if rep is not None else ground.began)


def _per_week(ground: Ground, target: Fraction | None, reached: int) -> int | None:
    days_left = ground.period.end - max(ground.as_of, ground.period.start - 1)
    if not target or days_left <= 0 or reached >= target:
        return None
    return half_up((target - reached) / max(Fraction(1), Fraction(days_left, 7)))


def _gap(ground: Ground, rows: tuple[MilestoneKpi, ...]) -> Gap | None:
    """Return the gap that costs most at the last milestone: among the red, else among the amber."""
    shares = shares_of_last(shown_basis(ground).rates)
    for lamp in (Lamp.RED, Lamp.AMBER):
        found = costliest(
            Gap(
                number=row.number,
                missing=row.target - row.reached,
                share=shares[min(row.number, len(shares)) - 1],
                feeds=_fed(ground, row.milestone.key),
            )
            for row in rows
            if row.signal.lamp is lamp and row.target
        )
        if found is not None:
            return found
    return None
