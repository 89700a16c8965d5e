"""From the book to the reports of a forecast: who, which milestone, until when, and what else is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from milestone_cli.commands.carriers import carriers
from milestone_cli.commands.chosen import chosen_processes, chosen_rep
from milestone_cli.commands.forecasting import earlier, month_ends, outlook
from milestone_cli.domain.arrivals import NOTHING_ARRIVED
from milestone_cli.domain.day import first_of_month, month_of
from milestone_cli.domain.requirements import Needs
from milestone_cli.errors import InvalidValue, ProcessNeeded, RuleBroken
from milestone_cli.estimate.comparison import Change, compare
from milestone_cli.estimate.known import rows_known
from milestone_cli.estimate.model import WhatIf
from milestone_cli.reports.forecast import (
    ForecastReport,
    Grounds,
    MilestoneForecast,
    RepForecast,
    Stream,
    stream,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from milestone_cli.commands.what_if import Supposed
    from milestone_cli.domain.arrivals import Arrived
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.process import Milestone
    from milestone_cli.domain.setup import Rep
    from milestone_cli.estimate.forecast import Forecast
    from milestone_cli.options import Call
    from milestone_cli.store.book import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a forecast is asked."""

    months: int
    milestone: str | None
    """Number or key; None is the last one."""
    every_milestone: bool
    by_rep: bool
    since: Day | None
    what_if: Supposed | None
    explain: bool
    seed: int
    together: bool
    """All processes of a currency in one."""


def reports_of(book: Book, call: Call, as_of: Day, asking: Asking) -> tuple[list[ForecastReport], str | None]:
    """Return the reports that are asked for, and the key of the rep they are about."""
    rep = chosen_rep(book, call)
    if asking.together and not book.setup.processes:
        raise ProcessNeeded(())
    processes = sorted(book.setup.processes) if asking.together else chosen_processes(book, call)
    reports = [Forecasting(book, process, as_of, rep, asking).report() for process in processes]
    return (_together(reports) if asking.together else reports), None if rep is None else rep.key


class Forecasting:
    """One process at work."""

    def __init__(self, book: Book, process: str, as_of: Day, rep: Rep | None, asking: Asking) -> None:
        self.book = book
        self.rep = rep
        self.asking = asking
        self.now = outlook(book, process, as_of, seed=asking.seed)
        self.shown = self._shown()
        last = len(self.now.process.milestones) - 1
        self.places = range(last + 1) if asking.every_milestone else sorted({self.shown, last})

    def _shown(self) -> int:
        from milestone_cli.domain.changes import find_milestone

        if self.asking.milestone is None:
            return len(self.now.process.milestones) - 1
        return find_milestone(self.now.process, self.asking.milestone)[0] - 1

    @property
    def _number(self) -> int | None:
        return None if self.rep is None else self.rep.number

    def report(self) -> ForecastReport:
        """Return the forecast of this process."""
        process = self.now.process
        said = self.now.forecast(self.asking.months, milestones=self.places, rep=self._number)
        arrived = self._arrived()
        asked = self._asked(said)
        found = {place: self._milestone(said, place, arrived) for place in self.places}
        return ForecastReport(
            process=process.key,
            title=process.title,
            currency=process.currency,
            rep=None if self.rep is None else self.rep.key,
            running=month_of(self.now.as_of),
            shown=found[self.shown],
            milestones=tuple(found[place] for place in (self.places if self.asking.every_milestone else [self.shown])),
            grounds=self._grounds(said),
            reps=self._reps(said) if self.asking.by_rep else None,
            asked=None if asked is None else self._milestone(asked, self.shown, arrived).stream,
            change=None if self.asking.since is None else self._change(self.asking.since, said),
        )

    def _milestone(self, said: Forecast, place: int, arrived: Mapping[str, Arrived]) -> MilestoneForecast:
        milestone = self.now.process.milestones[place]
        sums = arrived.get(milestone.key, NOTHING_ARRIVED)
        return MilestoneForecast(
            number=place + 1,
            milestone=milestone,
            stream=stream(
                said,
                place,
                self._targets(milestone, self._number),
                arrived=sums.money + sums.unknown * (self.now.process.typical_value or 0),
                arrived_count=sums.count,
            ),
        )

    def _arrived(self) -> Mapping[str, Arrived]:
        """Return what has arrived in the running month."""
        as_of = self.now.as_of
        return self.book.arrived(self.now.process.key, first_of_month(month_of(as_of)), as_of, rep=self._number)

    def _targets(self, milestone: Milestone, rep: int | None) -> list[Fraction | None]:
        """Return what must arrive there in the running month and in those after it."""
        setup = self.book.setup.seen(self.now.as_of)
        needs = Needs(self.now.process.key, setup.targets, setup.reps)
        running = month_of(self.now.as_of)
        months = [replace(self.now.basis, month=running + step) for step in range(self.asking.months + 1)]
        return [needs.required(basis, milestone.key, rep) for basis in months]

    # -- what else is asked --------------------------------------------------------------------------------------------

    def _asked(self, said: Forecast) -> Forecast | None:
        if self.asking.what_if is None:
            return None
        question = self._question(self.asking.what_if, said)
        return self.now.forecast(self.asking.months, milestones=[self.shown], rep=self._number, what_if=question)

    def _question(self, supposed: Supposed, said: Forecast) -> WhatIf:
        sections = len(self.now.plans)
        wrong = [number for number in supposed.rates if not 1 <= number <= sections]
        if wrong:
            raise InvalidValue(
                f"{self.now.process.key} has no section {wrong[0]} -> {wrong[0] + 1}, only 1 to {sections}.",
                "Name the process that has it with --process.",
            )
        rows = [row for name in supposed.lose for row in self._row_of(name, said)]
        rates = {number - 1: rate for number, rate in supposed.rates.items()}
        return WhatIf(rates=rates, inflow=supposed.inflow, without=rows)

    def _row_of(self, name: str, said: Forecast) -> list[int]:
        """Return the row of an opportunity; none if it is one of another process."""
        number = self.book.find(name)
        carried = [row for row in said.carried_rows.tolist() if self.now.numbers[row] == number]
        case = self.book.case(number, self.now.as_of)
        if not carried and case.history.key == self.now.process.key:
            raise RuleBroken(
                f"No forecast rests on {case.key}: it is a target customer, closed, or a dead horse.",
                "`ms opportunities --status open` lists what it rests on.",
            )
        return carried

    def _change(self, since: Day, said: Forecast) -> Change:
        """Return what has changed against the forecast of a past day."""
        last = len(self.now.process.milestones) - 1
        then = earlier(self.book, self.now, since)
        span = month_of(self.now.as_of) - month_of(since) + self.asking.months
        return compare(
            self.now.journeys,
            then.journeys,
            rows_known(self.now.journeys, since),
            before=then.forecast(span, milestones=[last]),
            between=self.now.forecast_until(month_ends(self.now.as_of, self.asking.months), milestones=[last], by=then),
            after=said,
        )

    def _reps(self, said: Forecast) -> tuple[RepForecast, ...]:
        """Return every rep's part in alphabetical order, then nobody's."""
        reps = self.book.setup.reps
        place, milestone = self.shown, self.now.process.milestones[self.shown]
        found = []
        for index, number in enumerate(said.reps):
            own = self.now.forecast(self.asking.months, milestones=[place], rep=number)
            targets = self._targets(milestone, number) if number in reps else [None] * (self.asking.months + 1)
            flow = stream(own, place, targets).with_means(
                said.rep_open_mean[index, place], said.rep_new_mean[index, place], said.rep_count_mean[index, place]
            )
            found.append(RepForecast(rep=reps[number].key if number in reps else None, stream=flow))
        return tuple(sorted(found, key=lambda one: (one.rep is None, (one.rep or "").casefold())))

    # -- what it stands on ---------------------------------------------------------------------------------------------

    def _grounds(self, said: Forecast) -> Grounds:
        learnt = said.calibration
        return Grounds(
            weight_of_data=said.weight_of_data,
            inflow_count=said.inflow_count,
            inflow_value=said.inflow_value,
            inflow_months=said.inflow_months,
            spread=learnt.spread,
            bias=learnt.bias,
            blend=learnt.blend,
            static=learnt.static,
            hindcasts=learnt.hindcasts,
            recorded=len(self.now.journeys.recorded),
            carriers=carriers(self.book, self.now, said) if self.asking.explain else (),
        )


def _together(reports: Sequence[ForecastReport]) -> list[ForecastReport]:
    """Return one report per currency, its streams those of its processes together."""
    found: dict[str, ForecastReport] = {}
    for report in reports:
        code = report.currency.code
        found[code] = _both(found[code], report) if code in found else replace(
            report, process="all", title=f"All processes in {code}", grounds=None, parts=(report,)
        )  # fmt: skip
    return list(found.values())


def _both(mine: ForecastReport, its: ForecastReport) -> ForecastReport:
    shown = replace(mine.shown, stream=mine.shown.stream + its.shown.stream)
    reps = None if mine.reps is None or its.reps is None else _by_key(mine.reps, its.reps)
    return replace(mine, shown=shown, milestones=(shown,), reps=reps, parts=(*mine.parts, its))


def _by_key(mine: Sequence[RepForecast], its: Sequence[RepForecast]) -> tuple[RepForecast, ...]:
    flows: dict[str | None, Stream] = {one.rep: one.stream for one in mine}
    for one in its:
        flows[one.rep] = flows[one.rep] + one.stream if one.rep in flows else one.stream
    return tuple(RepForecast(rep=rep, stream=flow) for rep, flow in flows.items())
