"""The next steps as tables for readers and as the JSON of the contract.

Invariant: both say the same steps in the same order; the potential stands last, for it is not what decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from milestone_cli.domain.day import Day, iso, month_label
from milestone_cli.domain.money import Currency, half_up, plain
from milestone_cli.domain.next_steps import Step, StepKind, Terms
from milestone_cli.reports.gap_words import act_line, nothing_short
from milestone_cli.reports.next_explained import order_table
from milestone_cli.reports.next_steps import KINDS, NextReport
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Sentence,
    Table,
    Value,
    counted,
    joined,
    named,
    whose,
)

STEPS = (
    Column("opportunity", "Opportunity", CellKind.NAME, whole=True),
    Column("customer", "Customer", CellKind.NAME, 7),
    Column("rep", "Rep", CellKind.NAME, 5),
    Column("kind", "Is", CellKind.WORD, 3),
    Column("next_milestone", "#", CellKind.COUNT, 1),
    Column("next_name", "To win", CellKind.TEXT, 1),
    Column("waiting_days", "Waited", CellKind.COUNT, 1),
    Column("days_p50", "P50", CellKind.NUMBER, 2, group="usual"),
    Column("days_p90", "P90", CellKind.NUMBER, 2, group="usual"),
    Column("chance_30_days", "30d", CellKind.RATE, 1),
    Column("chance_left", "Ever", CellKind.RATE, 2),
    Column("dead_on", "Dead on", CellKind.DAY, 3),
    Column("value", "Potential", CellKind.MONEY, 4),
)
TODAY = ("opportunity", "next_milestone", "next_name", "waiting_days", "chance_30_days", "value")
"""What today's page shows of a step: the key whole, for it is typed next."""
HOW = (
    Column("number", "#", CellKind.COUNT),
    Column("customer_action", "What the customer does", CellKind.TEXT),
    Column("how", "How to win it", CellKind.TEXT),
)


def next_document(reports: Sequence[NextReport], as_of: Day, rep: str | None, *, explain: bool) -> Document:
    """Return everything `ms next` says: per process the steps and how to win them; the order's terms if asked for."""
    tables: list[Table] = []
    for report in reports:
        tables.append(_steps(report))
        if report.steps:
            tables.append(_how(report))
            tables.extend([order_table(report)] if explain else [])
    json: dict[str, object] = {
        "as_of": iso(as_of),
        "rep": rep,
        "processes": [next_json(report, explain=explain) for report in reports],
    }
    heads = [act(report, with_process=len(reports) > 1) for report in reports]
    return Document(before=tuple(heads), tables=tuple(tables), json=json)


def short_table(report: NextReport) -> Table:
    """Return the steps as today's page shows them, under the lamps."""
    kept = [place for place, column in enumerate(STEPS) if column.key in TODAY]
    return Table(
        title=joined((named(report.kpis.title), "next")),
        columns=tuple(STEPS[place] for place in kept),
        rows=tuple(tuple(_cells(report, step)[place] for place in kept) for step in report.steps),
        currency=report.kpis.currency,
        empty=NOTHING_TO_MOVE,
    )


NOTHING_TO_MOVE = "Nothing to move: no open opportunity is alive. `ms add` takes in a target customer."


def _steps(report: NextReport) -> Table:
    rep = None if report.kpis.rep is None else report.kpis.rep.key
    return Table(
        title=joined((named(report.kpis.title), "next", whose(rep))),
        columns=STEPS,
        rows=tuple(_cells(report, step) for step in report.steps),
        currency=report.kpis.currency,
        empty=NOTHING_TO_MOVE,
        notes=tuple(_notes(report)),
    )


def _cells(report: NextReport, step: Step) -> tuple[Cell, ...]:
    called, one, seen = report.called[step.candidate.number], step.candidate, step.outlook
    number, milestone = report.to_win(step)
    p50, p90, soon, left = (
        (None,) * 4 if seen is None else (seen.days_p50, seen.days_p90, seen.chance_soon, seen.chance_left)
    )
    rep = None if one.rep is None else report.reps.get(one.rep)
    return (
        called.key, called.customer, rep, KINDS[step.kind], number, milestone.name, step.waited, p50, p90, soon, left,
        step.dead_on, one.value,
    )  # fmt: skip


def _notes(report: NextReport) -> Iterator[Line]:
    listed = sum(step.kind is StepKind.REVISIT for step in report.steps)
    if listed:
        yield _revisits(report.revisits_due - listed)


def _revisits(more: int) -> Line:
    if not more:
        return "The day to look again at lost ones has come; `ms reopen` takes one up again."
    template = "The day to look again at lost ones has come; `ms reopen` takes one up again ({} more are due)."
    return Sentence(template, (counted(more),))


def act(report: NextReport, *, with_process: bool = False) -> Line:
    """Return which milestone to work on and what its gap costs, or that nothing is short."""
    line = _act(report)
    return joined((Value(report.kpis.title, CellKind.NAME), line), ": ") if with_process else line


def _act(report: NextReport) -> Line:
    line = act_line(report.kpis)
    if line is not None:
        return line
    if not report.steps:
        return Sentence("{}.", (nothing_short(report.kpis),))
    template = "{}; the order goes by the chance that a move within 30 days becomes an order."
    return Sentence(template, (nothing_short(report.kpis),))


def _how(report: NextReport) -> Table:
    return Table(
        title=joined((named(report.kpis.title), "how to win them")),
        columns=HOW,
        rows=tuple(
            (number, milestone.customer_action or milestone.name, "; ".join(milestone.how) or None)
            for number, milestone in report.won_next
        ),
    )


def next_json(report: NextReport, *, explain: bool = False) -> dict[str, object]:
    """Return the contract's object for one process."""
    return {
        "process": report.kpis.process,
        "currency": report.kpis.currency.code,
        "rates": report.kpis.rates.value,
        "focus": _focus_json(report),
        "revisits_due": report.revisits_due,
        "next": [_step_json(report, step, explain=explain) for step in report.steps],
    }


def _focus_json(report: NextReport) -> dict[str, object] | None:
    focus, gap = report.focus, report.kpis.gap
    if focus is None or gap is None:
        return None
    return {
        "milestone": focus.number,
        "key": focus.milestone.key,
        "name": focus.milestone.name,
        "missing": plain(half_up(gap.missing), report.kpis.currency),
        "costs": plain(half_up(gap.costs), report.kpis.currency),
        "feeds": month_label(gap.feeds[0]),
        "share_of_last": round(float(gap.share), 6),
        "lamp": focus.signal.lamp.value,
        "reason": focus.signal.reason.value,
    }


def _step_json(report: NextReport, step: Step, *, explain: bool) -> dict[str, object]:
    called, one, seen = report.called[step.candidate.number], step.candidate, step.outlook
    number, milestone = report.to_win(step)
    found: dict[str, object] = {
        "opportunity": called.key,
        "customer": called.customer,
        "title": called.title or None,
        "rep": None if one.rep is None else report.reps.get(one.rep),
        "kind": step.kind.value,
        "milestone": one.milestone,
        "next_milestone": number,
        "next_key": milestone.key,
        "next_name": milestone.name,
        "customer_action": milestone.customer_action,
        "how": list(milestone.how),
        "waiting_days": step.waited,
        "days_p50": None if seen is None else round(seen.days_p50, 1),
        "days_p90": None if seen is None else round(seen.days_p90, 1),
        "chance_left": None if seen is None else round(seen.chance_left, 4),
        "chance_30_days": None if seen is None else round(seen.chance_soon, 4),
        "dead_on": None if step.dead_on is None else iso(step.dead_on),
        "revisit_on": None if one.revisit_on is None else iso(one.revisit_on),
        "value": None if one.value is None else plain(one.value, report.kpis.currency),
        "value_assumed": one.assumed,
        "score": None if step.terms is None else round(step.terms.score, 6),
    }
    return found | ({"terms": _terms_json(step.terms, report.kpis.currency)} if explain else {})


def _terms_json(terms: Terms | None, currency: Currency) -> Mapping[str, object] | None:
    if terms is None:
        return None
    return {
        "chance_30_days": round(terms.chance, 4),
        "where": terms.where.value,
        "effect": round(terms.effect, 6),
        "potential": round(terms.potential, 6),
        "mean_value": None if terms.mean is None else plain(half_up(terms.mean), currency),
        "cases": terms.cases,
    }
