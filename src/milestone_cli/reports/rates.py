"""Success rates and durations of every section: what they are, how sure they are, and what they stand on.

Invariant: a rate is never shown without its 90 % interval and its cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from milestone_cli.domain.day import Day, Month, iso, month_of
from milestone_cli.domain.process import Process
from milestone_cli.estimate.changes import RECENT_DAYS, RateChange
from milestone_cli.estimate.counts import HALF_LIFE_MONTHS
from milestone_cli.estimate.rates import SectionRate
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
    whose,
)

THIN = 0.5
"""Below this weight of the data a section rests mostly on the plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatesReport:
    """The sections of one process, for the team or one rep."""

    process: Process
    sections: tuple[SectionRate, ...]
    rep: str | None = None
    moves_by_edit: int = 0
    """How many moves have the day of an edit of many and are left out."""


COLUMNS = (
    Column("from", "From", CellKind.COUNT),
    Column("to", "To", CellKind.COUNT),
    Column("milestone", "Milestone to reach", CellKind.TEXT, 2),
    Column("rate", "Rate", CellKind.RATE),
    Column("low", "Low", CellKind.RATE),
    Column("high", "High", CellKind.RATE),
    Column("planned", "Plan", CellKind.RATE, 3),
    Column("value_rate", "By value", CellKind.RATE, 4, group="value"),
    Column("value_low", "Low", CellKind.RATE, 4, group="value"),
    Column("value_high", "High", CellKind.RATE, 4, group="value"),
    Column("cases", "Cases", CellKind.COUNT),
    Column("moved", "Moved", CellKind.COUNT, 5),
    Column("lost", "Lost", CellKind.COUNT, 5),
    Column("open", "Open", CellKind.COUNT, 5),
    Column("days_p50", "Days P50", CellKind.NUMBER, 2),
    Column("days_p90", "P90", CellKind.NUMBER, 4),
    Column("weight_of_data", "Data", CellKind.RATE, 3),
)
AUDIT = (Column("plain", "Aalen-Johansen", CellKind.RATE, 2, digits=1),)


def rates_document(reports: Sequence[RatesReport], as_of: Day, rep: str | None, *, explain: bool = False) -> Document:
    """Return everything `ms rates` says."""
    json: dict[str, object] = {
        "as_of": iso(as_of),
        "rep": rep,
        "processes": _grouped(reports, explain=explain),
    }
    return Document(tables=tuple(_table(report, explain=explain) for report in reports), json=json)


def _table(report: RatesReport, *, explain: bool) -> Table:
    title = joined((named(report.process.title), whose(report.rep), "success rates with their 90 % interval"))
    notes = [*thin_notes(report), *_left_out(report), *_change_notes(report), *(_explanations() if explain else ())]
    return sections_table(report, title, notes, explain=explain)


def sections_table(report: RatesReport, title: Line, notes: Iterable[Line], *, explain: bool) -> Table:
    """Return the table of a process's sections, for whomever they were measured."""
    rows = enumerate(report.sections, start=1)
    return Table(
        title=title,
        columns=COLUMNS + AUDIT if explain else COLUMNS,
        rows=tuple(_cells(report.process, number, section, explain=explain) for number, section in rows),
        notes=tuple(notes),
    )


def _cells(process: Process, number: int, section: SectionRate, *, explain: bool) -> tuple[Cell, ...]:
    cells: tuple[Cell, ...] = (
        number,
        number + 1,
        process.milestone(number + 1).name,
        section.rate.mean,
        section.rate.low,
        section.rate.high,
        section.planned,
        section.value_rate.mean,
        section.value_rate.low,
        section.value_rate.high,
        section.cases,
        section.moved,
        section.lost,
        section.open,
        section.days_p50,
        section.days_p90,
        section.weight_of_data,
    )
    return (*cells, section.plain) if explain else cells


def thin_notes(report: RatesReport) -> Iterator[Line]:
    """Yield which sections rest mostly on what they fall back on."""
    thin = [str(number) for number, section in enumerate(report.sections, start=1) if section.weight_of_data < THIN]
    if thin:
        ground = "the plan" if report.rep is None else "the team"
        yield Plural(
            "Few events in section {}: mostly {}.",
            "Few events in sections {}: mostly {}.",
            len(thin),
            (named(", ".join(thin)), ground),
        )


def _left_out(report: RatesReport) -> Iterator[Line]:
    """Yield how many moves say nothing of when the customer moved."""
    if report.moves_by_edit:
        yield Plural(
            "{} move in an edit of many is left out of rates and durations.",
            "{} moves in edits of many are left out of rates and durations.",
            report.moves_by_edit,
            (counted(report.moves_by_edit),),
        )


def _change_notes(report: RatesReport) -> Iterator[Line]:
    """Yield what has surely changed lately, and what to do about it."""
    for number, section in enumerate(report.sections, start=1):
        if section.change is not None:
            advice = "revise its `how`" if section.change.share < 0 else "write what has helped into its `how`"
            template = "{} -> {} has changed in the last six months, from {} to {}: {}."
            yield Sentence(template, (*change_values(number, section.change), advice))
    if any(section.change is not None for section in report.sections):
        yield "Whether a revision has helped: `ms rates --by version`."


def change_values(number: int, change: RateChange) -> tuple[Value, ...]:
    """Return a section's two ends, and its rate before and after."""
    ends = (Value(number, CellKind.COUNT), Value(number + 1, CellKind.COUNT))
    return (*ends, Value(change.before, CellKind.RATE), Value(change.after, CellKind.RATE))


def recent_since(as_of: Day) -> Month:
    """Return the month in which the last six months began, whose rate is held against the one before."""
    return month_of(as_of - RECENT_DAYS)


def _explanations() -> Iterator[Line]:
    yield Sentence(
        "Of all who reached a milestone, how many ever reach the next or a later one: open ones are cut off today,"
        " lost and silent ones stay in. What lies {} months back counts half.",
        (counted(round(HALF_LIFE_MONTHS)),),
    )
    yield "Aalen-Johansen is the plain estimate without plan, smoothing and recency, as far as it was seen."


def _grouped(reports: Sequence[RatesReport], *, explain: bool) -> list[dict[str, object]]:
    """Return one object per process; with `--by rep` the reps' sections lie in its `reps`."""
    found: dict[str, dict[str, object]] = {}
    parts: dict[str, list[dict[str, object]]] = {}
    for report in reports:
        key = report.process.key
        if key in found:
            sections = sections_json(report.sections, explain=explain)
            part: dict[str, object] = {"rep": report.rep, "moves_by_edit": report.moves_by_edit, "sections": sections}
            parts.setdefault(key, []).append(part)
            found[key]["reps"] = parts[key]
        else:
            found[key] = rates_json(report, explain=explain)
    return list(found.values())


def rates_json(report: RatesReport, *, explain: bool = False) -> dict[str, object]:
    """Return the contract's object for one process."""
    return {
        "process": report.process.key,
        "moves_by_edit": report.moves_by_edit,
        "sections": sections_json(report.sections, explain=explain),
    }


def sections_json(
    sections: Sequence[SectionRate], *, explain: bool = False, half_life: float | None = HALF_LIFE_MONTHS
) -> list[dict[str, object]]:
    """Return the contract's objects for the sections of a process; with no `half_life` (in months) nothing faded."""
    found = [_section_json(number, section) for number, section in enumerate(sections, start=1)]
    if explain:
        for section, entry in zip(sections, found, strict=True):
            entry |= {"aalen_johansen": section.plain, "half_life_months": half_life}
    return found


def _section_json(number: int, section: SectionRate) -> dict[str, object]:
    return {
        "from": number,
        "to": number + 1,
        "planned": section.planned,
        "rate": section.rate.mean,
        "low": section.rate.low,
        "high": section.rate.high,
        "value_rate": section.value_rate.mean,
        "value_low": section.value_rate.low,
        "value_high": section.value_rate.high,
        "cases": section.cases,
        "moved": section.moved,
        "lost": section.lost,
        "open": section.open,
        "days_p50": section.days_p50,
        "days_p90": section.days_p90,
        "weight_of_data": section.weight_of_data,
        "changed": section.change is not None,
        "changed_from": None if section.change is None else section.change.before,
        "changed_to": None if section.change is None else section.change.after,
    }
