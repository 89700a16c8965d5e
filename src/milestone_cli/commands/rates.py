"""`ms rates`: the success rate and duration of every section, how sure they are and what they stand on."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.commands.chosen import chosen_processes, chosen_rep, day_before
from milestone_cli.commands.seeds import SEED
from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.domain.day import Day
    from milestone_cli.domain.process import Process
    from milestone_cli.domain.revisions import Period
    from milestone_cli.domain.setup import Rep
    from milestone_cli.estimate.journeys import Journeys
    from milestone_cli.estimate.revisions import Cohort
    from milestone_cli.reports.rates import RatesReport
    from milestone_cli.reports.rates_by_version import VersionRates
    from milestone_cli.store.book import Book


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
    first = None if since is None else day_before(call, since, as_of)
    # a view has no journal to ask who was lost then and came back: its states must be those of the day themselves
    with reading(call, replayed=call.known_on is not None) as book:
        rep = chosen_rep(book, call, by)
        found = [_measured(book, key, as_of, rep=rep, by=by, since=first) for key in chosen_processes(book, call)]
    reports = [report for of_process, _ in found for report in of_process]
    document = rates_document(reports, as_of, None if rep is None else rep.key, explain=explain)
    by_version = by is RatesBy.VERSION
    call.show(with_versions(document, [one for _, one in found], explain=explain) if by_version else document)


def _measured(
    book: Book, process: str, as_of: Day, *, rep: Rep | None, by: RatesBy | None, since: Day | None
) -> tuple[list[RatesReport], list[VersionRates]]:
    """Return the rates of one process for whom they are asked, and with `by` version those between its revisions."""
    from milestone_cli.commands.journeys import entered_since, journeys_in_each
    from milestone_cli.domain.revisions import periods

    history = book.setup.seen(as_of).processes[process]
    now = history.at(as_of).process
    spans = periods(history, as_of) if by is RatesBy.VERSION else ()
    shown = [span for span in spans if since is None or span.last is None or span.last >= since]
    each = journeys_in_each(book, [now, *(span.definition.process for span in shown)], as_of)
    seen, *in_spans = (entered_since(one, since) for one in each)
    reports = reports_of(book, now, seen, rep=rep, by_rep=by is RatesBy.REP)
    return reports, _versions(shown, in_spans, since)


def reports_of(book: Book, process: Process, seen: Journeys, *, rep: Rep | None, by_rep: bool) -> list[RatesReport]:
    """Return the rates of the team, or of the rep; with `by_rep` those of every rep behind the team's."""
    import numpy as np

    from milestone_cli.commands.journeys import section_plans
    from milestone_cli.estimate.rates import rep_rates, section_rates
    from milestone_cli.reports.rates import RatesReport

    plans = section_plans(process)
    reports = []
    if rep is None:
        sections = section_rates(seen, plans, np.random.default_rng(SEED))
        reports.append(RatesReport(process=process, sections=tuple(sections), moves_by_edit=seen.moves_by_edit()))
    wanted = [rep] if rep is not None else _owners(book, seen.rep.tolist()) if by_rep else []
    if wanted:
        found = rep_rates(seen, plans, [one.number for one in wanted], np.random.default_rng(SEED))
        reports += [
            RatesReport(
                process=process,
                sections=tuple(found[one.number]),
                rep=one.key,
                moves_by_edit=seen.moves_by_edit(one.number),
            )
            for one in wanted
        ]
    return reports


def _owners(book: Book, numbers: list[int]) -> list[Rep]:
    """Return the reps who own an opportunity of the process, in alphabetical order."""
    owners = {number for number in numbers if number in book.setup.reps}
    return sorted((book.setup.reps[number] for number in owners), key=lambda one: one.key.casefold())


def _versions(spans: Sequence[Period], seen: Sequence[Journeys], since: Day | None) -> list[VersionRates]:
    """Return the rates of the periods between revisions.

    Args:
        spans: the periods, the first one first.
        seen: what was recorded, in the milestones of each.
        since: who entered before this day is left out of `seen` already.
    """
    from milestone_cli.estimate.revisions import cohort_rates
    from milestone_cli.reports.rates_by_version import VersionRates

    cohorts = [_cohort(span, one) for span, one in zip(spans, seen, strict=True)]
    return [
        VersionRates(period=span, sections=tuple(sections), since=since)
        for span, sections in zip(spans, cohort_rates(cohorts, SEED), strict=True)
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
