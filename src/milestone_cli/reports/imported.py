"""What `ms import` says: what was added, what was there, what was left out and why.

Invariant: nothing that a line said is passed over in silence: it is added, there already, or listed with its number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from milestone_cli.domain.day import Day, iso
from milestone_cli.reports.oddities import Odd, oddities_json, oddities_table
from milestone_cli.reports.table import (
    CellKind,
    Column,
    Document,
    Line,
    Plural,
    Sentence,
    Table,
    Value,
    and_more,
    joined,
)


@dataclass(frozen=True, slots=True)
class Remarked:
    """Remarks on lines: the first ones, and how many in all."""

    count: int
    first: Sequence[Remark]


class Remark(NamedTuple):
    """Something to tell about a line."""

    file: str
    line: int
    """Of its file; 0 where it has none."""
    opportunity: str
    what: str


NO_REMARKS = Remarked(0, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did, or in a dry run would do."""

    source: str
    lines: int
    facts: int
    opportunities: int
    present: int
    reps: Sequence[str] = ()
    left_out: Remarked = NO_REMARKS
    out_of_order: Remarked = NO_REMARKS
    gone: Remarked = NO_REMARKS
    """Facts of the book that came from the same system and are not in its files any more."""
    missing: Remarked = NO_REMARKS
    """Opportunities of the book that came from the same system and are not in its files any more."""
    may_be_back: Remarked = NO_REMARKS
    """Opportunities added that may be forgotten ones under other facts."""
    odd: Sequence[Odd] = ()
    notices: Sequence[str] = ()
    """What the files cannot say: the program's own words."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Columns that hold what nobody can know, and in how many rows."""
    sheets_left_out: Sequence[str] = ()
    reopened: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    """Rows of a list that do not go in, by why: won, lost, ignore."""
    first_day: Day | None = None
    last_day: Day | None = None
    history_from: Mapping[str, Day] = field(default_factory=dict)
    """By process: the day this import set."""
    few_losses: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By process: losses and closed opportunities, where the share looks too low."""
    backup: str | None = None
    dry_run: bool = False


_FILE = Column("file", "File", CellKind.NAME, 1)
_COLUMNS = (
    Column("line", "Line", CellKind.COUNT, 1),
    Column("opportunity", "Opportunity", CellKind.NAME, 1),
    Column("what", "What", CellKind.TEXT, 1),
)


def imported_document(report: Imported) -> Document:
    """Return what an import says."""
    tables = [
        _remarks("Left out: what is there stays", report.left_out),
        _remarks("Taken, with a day that is out of order", report.out_of_order),
        _remarks("In the book, but no longer in the files: it stays", report.gone),
        _remarks("Perhaps forgotten ones: `ms forget` them again if they are", report.may_be_back),
        oddities_table(report.odd),
    ]
    return Document(
        before=tuple(_lines(report)),
        tables=tuple(table for table in tables if table is not None),
        json=_json(report),
    )


def _count(number: int) -> Value:
    return Value(number, CellKind.COUNT)


def _name(text: str) -> Value:
    return Value(text, CellKind.NAME)


def _day(day: Day) -> Value:
    return Value(day, CellKind.DAY)


def _lines(report: Imported) -> list[Line]:
    lines: list[Line] = []
    if report.facts:
        lines.append(_added(report))
    else:
        lines.append(Sentence("Nothing to add from {}.", (_name(report.source),)))
    if report.present:
        lines.append(
            Plural(
                "{} line of it were there already.",
                "{} lines of it were there already.",
                report.present,
                (_count(report.present),),
            )
        )
    if report.reps:
        lines.append(_reps_added(report))
    for why, count in report.skipped.items():
        words = "marked to be ignored" if why == "ignore" else why
        lines.append(Plural("{} row skipped: {}.", "{} rows skipped: {}.", count, (_count(count), words)))
    if report.reopened:
        lines.append(
            Plural(
                "{} opportunity reopened by a milestone after a loss.",
                "{} opportunities reopened by a milestone after a loss.",
                report.reopened,
                (_count(report.reopened),),
            )
        )
    lines += _about_the_files(report)
    lines += _judgement(report)
    if report.backup is not None:
        lines.append(Sentence("The file as it was before: {}.", (_name(report.backup),)))
    if report.facts and not report.dry_run:
        lines.append("`ms undo` takes all of it back.")
    return lines


def _added(report: Imported) -> Line:
    facts = Plural("{} fact", "{} facts", report.facts, (_count(report.facts),))
    new = Plural(
        "{} new opportunity", "{} new opportunities", report.opportunities, (_count(report.opportunities),)
    )  # fmt: skip
    span: Line = ""
    if report.first_day is not None and report.last_day is not None:
        span = Sentence(", from {} to {}", (_day(report.first_day), _day(report.last_day)))
    template = "{} would be added from {}, with {}{}." if report.dry_run else "{} added from {}, with {}{}."
    return Sentence(template, (facts, _name(report.source), new, span))


def _reps_added(report: Imported) -> Line:
    shown = and_more(joined([_name(rep) for rep in report.reps[:10]], ", "), len(report.reps) - 10)
    if report.dry_run:
        return Plural("Rep would be added: {}.", "Reps would be added: {}.", len(report.reps), (shown,))
    return Plural("Rep added: {}.", "Reps added: {}.", len(report.reps), (shown,))


def _about_the_files(report: Imported) -> list[Line]:
    lines: list[Line] = []
    if report.missing.count:
        shown = and_more(
            joined([_name(one.opportunity) for one in report.missing.first], ", "),
            report.missing.count - len(report.missing.first),
        )
        lines.append(
            Plural(
                "Of the opportunities that came from there, {} is not in the files any more: {}. It stays.",
                "Of the opportunities that came from there, {} are not in the files any more: {}. They stay.",
                report.missing.count,
                (_count(report.missing.count), shown),
            )
        )
    if report.dropped:
        columns = [Sentence("{} ({})", (_name(title), _count(rows))) for title, rows in report.dropped.items()]
        lines.append(Sentence("Not taken, since it is hoped and not known (rows): {}.", (joined(columns, ", "),)))
    if report.sheets_left_out:
        sheets = joined([_name(sheet) for sheet in report.sheets_left_out], ", ")
        lines.append(Sentence("Left out, since it is none of the system's tables: {}.", (sheets,)))
    return [*lines, *report.notices]


def _judgement(report: Imported) -> list[Line]:
    lines: list[Line] = []
    for process, day in report.history_from.items():
        lines.append(
            Sentence(
                "{} has open opportunities and not one lost: a list of survivors. Its history therefore counts "
                "from {} on; --complete-history says that really none was lost.",
                (_name(process), _day(day)),
            )
        )
    for process, (lost, closed) in report.few_losses.items():
        lines.append(
            Sentence(
                "Only {} of {} closed opportunities of {} are lost: if losses were left out, its rates are too high.",
                (_count(lost), _count(closed), _name(process)),
            )
        )
    return lines


def _remarks(title: str, remarked: Remarked) -> Table | None:
    if not remarked.count:
        return None
    found = sorted(remarked.first)
    files = {one.file for one in found}
    if len(files) == 1:
        rows = tuple((one.line or None, one.opportunity, one.what) for one in found)
        return Table(title=title, columns=_COLUMNS, rows=rows, total_rows=remarked.count)
    wide = tuple((one.file, one.line or None, one.opportunity, one.what) for one in found)
    return Table(title=title, columns=(_FILE, *_COLUMNS), rows=wide, total_rows=remarked.count)


def _json(report: Imported) -> dict[str, object]:
    found: dict[str, object] = {
        "file": report.source,
        "lines": report.lines,
        "facts": report.facts,
        "opportunities": report.opportunities,
        "already_there": report.present,
        "reps_added": list(report.reps),
        "left_out": _remarks_json(report.left_out),
        "out_of_order": _remarks_json(report.out_of_order),
        "no_longer_there": _remarks_json(report.gone),
        "opportunities_no_longer_there": {
            "count": report.missing.count,
            "first": [one.opportunity for one in report.missing.first],
        },
        "may_be_forgotten": _remarks_json(report.may_be_back),
        "oddities": oddities_json(report.odd),
        "notices": list(report.notices),
        "dropped": dict(report.dropped),
        "sheets_left_out": list(report.sheets_left_out),
        "reopened": report.reopened,
        "skipped": dict(report.skipped),
        "first_day": None if report.first_day is None else iso(report.first_day),
        "last_day": None if report.last_day is None else iso(report.last_day),
        "history_from": {process: iso(day) for process, day in report.history_from.items()},
        "few_losses": {
            process: {"lost": lost, "closed": closed} for process, (lost, closed) in report.few_losses.items()
        },
        "backup": report.backup,
    }
    return found | ({"dry_run": True} if report.dry_run else {})


def _remarks_json(remarked: Remarked) -> dict[str, object]:
    first = [
        {"file": one.file, "line": one.line or None, "opportunity": one.opportunity, "what": one.what}
        for one in sorted(remarked.first)
    ]
    return {"count": remarked.count, "first": first}
