"""`ms rates`: the success rate and duration of every section, how sure they are and what they stand on."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.commands.chosen import chosen_processes, chosen_rep
from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.revisions import Period
    from milestone_cli.domain.setup import Rep
    from milestone_cli.estimate.journeys import Journeys
    from milestone_cli.estimate.revisions import Cohort
    from milestone_cli.reports.rates import RatesReport
    from milestone_cli.reports.rates_by_version import VersionRates
    from milestone_cli.store.book import Book

SEED = 1
"""The same facts give the same figures."""


class RatesBy(StrEnum):
    """What `--by` splits the rates by."""

    REP = "rep"
    VERSION = "version"


def rates(
    call: Call,
    by: Annotated[
        RatesBy | None,
        typer.Option("--by", metavar="rep|version", help="One more table for every rep, or between revisions."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Only opportunities that entered a section since.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print what the rates are made of.")] = False,
) -> None:
    """Show for every section which share moves on, how long that takes, and how sure that is.

    With --by version it holds who entered a section before a revision of the process against who entered since.

    Examples:
      ms rates --by version
      ms rates --process b2b --by rep --explain
    """
    from milestone_cli.commands.opening import looked_at, reading
    from milestone_cli.reports.rates import rates_document
    from milestone_cli.reports.rates_by_version import with_versions

    as_of = looked_at(call)
    first = None if since is None else call.day(since)
    # a view has no journal to ask who was lost then and came back: its states must be those of the day themselves
    with reading(call, replayed=call.known_on is not None) as book:
        rep = chosen_rep(book, call, by)
        processes = chosen_processes(book, call)
        reports = [
            report
            for process in processes
            for report in _reports(book, process, as_of, rep=rep, by_rep=by is RatesBy.REP, since=first)
        ]
        by_version = by is RatesBy.VERSION
        versions = [_versions(book, process, as_of, since=first) for process in processes] if by_version else []
    document = rates_document(reports, as_of, None if rep is None else rep.key, explain=explain)
    call.show(with_versions(document, versions, explain=explain) if versions else document)


def _reports(
    book: Book, process: str, as_of: Day, *, rep: Rep | None, by_rep: bool, since: Day | None
) -> list[RatesReport]:
    import numpy as np

    from milestone_cli.commands.journeys import entered_since, journeys, section_plans
    from milestone_cli.estimate.rates import rep_rates, section_rates
    from milestone_cli.reports.rates import RatesReport

    definition = book.setup.seen(as_of).processes[process].at(as_of).process
    seen = entered_since(journeys(book, process, as_of), since)
    plans = section_plans(definition)
    rng = np.random.default_rng(SEED)
    reports = []
    if rep is None:
        reports.append(RatesReport(process=definition, sections=tuple(section_rates(seen, plans, rng))))
    wanted = [rep] if rep is not None else _owners(book, seen.rep.tolist()) if by_rep else []
    if wanted:
        found = rep_rates(seen, plans, [one.number for one in wanted], np.random.default_rng(SEED))
        reports += [RatesReport(process=definition, sections=tuple(found[one.number]), rep=one.key) for one in wanted]
    return reports


def _versions(book: Book, process: str, as_of: Day, *, since: Day | None) -> list[VersionRates]:
    """Return the rates between the revisions of the process, without those over before `since`."""
    from milestone_cli.commands.journeys import entered_since, journeys_in_each
    from milestone_cli.domain.revisions import periods
    from milestone_cli.estimate.revisions import cohort_rates
    from milestone_cli.reports.rates_by_version import VersionRates

    spans = periods(book.setup.seen(as_of).processes[process], as_of)
    shown = [span for span in spans if since is None or span.last is None or span.last >= since]
    seen = journeys_in_each(book, [span.definition.process for span in shown], as_of)
    cohorts = [_cohort(span, entered_since(one, since)) for span, one in zip(shown, seen, strict=True)]
    return [
        VersionRates(period=span, sections=tuple(sections), since=since)
        for span, sections in zip(shown, cohort_rates(cohorts, SEED), strict=True)
    ]


def _cohort(span: Period, seen: Journeys) -> Cohort:
    from itertools import pairwise
    from math import inf

    from milestone_cli.commands.journeys import section_plans
    from milestone_cli.estimate.revisions import Cohort

    process = span.definition.process
    return Cohort(
        journeys=seen,
        plans=section_plans(process),
        ends=tuple(pairwise(process.keys)),
        first=-inf if span.first is None else span.first,
        end=inf if span.last is None else span.last + 1,
    )


def _owners(book: Book, numbers: list[int]) -> list[Rep]:
    """Return the reps who own an opportunity of the process, in alphabetical order."""
    owners = {number for number in numbers if number in book.setup.reps}
    return sorted((book.setup.reps[number] for number in owners), key=lambda one: one.key.casefold())
