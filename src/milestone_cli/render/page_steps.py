"""The next steps on the page: with whom, what to win and how, and what is typed when it is won.

Invariant: the first of those that `ms next` lists, in its order, with its figures.
"""

from __future__ import annotations

from collections.abc import Iterator

from milestone_cli.domain.next_steps import Step
from milestone_cli.render import page_words as words
from milestone_cli.render.cells import one_line
from milestone_cli.render.charts import Notation
from milestone_cli.render.charts_now import milestone_label
from milestone_cli.render.page_tables import HtmlCell, HtmlTable
from milestone_cli.reports.page import ProcessReport
from milestone_cli.reports.table import CellKind


def next_table(report: ProcessReport, notation: Notation) -> HtmlTable | None:
    """Return the next steps: with whom, what to win, how long it has waited and may wait; None if there is none."""
    if not report.next.steps:
        return None
    titles = (words.CUSTOMER_AND_KEY, *([] if report.kpis.rep else [words.REP_HEAD]), words.TO_WIN)
    figures = (words.WAITED_USUAL, words.IN_30_DAYS, words.CHANCE_LEFT, words.DEAD_ON, words.POTENTIAL)
    head = [HtmlCell(text=notation.say(title), right=title in figures) for title in (*titles, *figures)]
    rows = [tuple(_step(report, step, notation)) for step in report.next.steps]
    return HtmlTable(head=tuple(head), rows=tuple(rows))


def _step(report: ProcessReport, step: Step, notation: Notation) -> Iterator[HtmlCell]:
    """Yield the cells of one next step."""
    found, one, seen = report.next, step.candidate, step.outlook
    called, (number, milestone) = found.called[one.number], found.to_win(step)
    yield HtmlCell(text=one_line(called.customer), code=one_line(called.key))
    if report.kpis.rep is None:
        yield HtmlCell(text=notation.text(None if one.rep is None else found.reps.get(one.rep), CellKind.NAME))
    yield HtmlCell(text=milestone_label(number, milestone))
    waited = notation.text(step.waited, CellKind.COUNT)
    if seen is not None:
        waited = notation.say(words.USUAL, waited, notation.number(seen.days_p50), notation.number(seen.days_p90))
    yield HtmlCell(text=waited, right=True)
    for chance in (None, None) if seen is None else (seen.chance_soon, seen.chance_left):
        yield HtmlCell(text=notation.percent(chance), right=True)
    yield HtmlCell(text=notation.text(step.dead_on, CellKind.DAY), right=True)
    yield HtmlCell(text=notation.money(one.value), right=True)


def how_to_win(report: ProcessReport, notation: Notation) -> tuple[str, ...]:
    """Return for every milestone of the next steps what the customer does and how to win it, one line each."""
    found = []
    for number, one in report.next.won_next:
        said = ". ".join(filter(None, (one.customer_action or one.name, "; ".join(one.how))))
        found.append(notation.say(words.HOW_TO_WIN, milestone_label(number, one), one_line(said)))
    return tuple(found)
