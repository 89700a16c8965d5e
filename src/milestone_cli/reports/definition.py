"""What `define-process` understood and what it changes: milestones, cascade, the opportunities carried over, warnings.

Invariant: the same page is shown before recording (the wizard, a dry run), after it, and by --check.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from milestone_cli.domain.basis import planned_basis
from milestone_cli.domain.cascade import required
from milestone_cli.domain.day import Day, iso, month_of
from milestone_cli.domain.definition import CarriedOver, Effect, Revision
from milestone_cli.domain.money import Currency, half_up, plain
from milestone_cli.domain.process import Definition, Process
from milestone_cli.domain.setup import Target
from milestone_cli.domain.targets import TargetSource
from milestone_cli.reports.cascade import CascadeReport, cascade_document, cascade_json, cascade_report
from milestone_cli.reports.processes import difference_json, difference_line, milestone_json, milestones_table
from milestone_cli.reports.table import CellKind, Document, Line, Sentence, Value, counted, joined, named


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinedReport:
    """What one definition amounts to."""

    revision: Revision
    as_of: Day
    target: int | None
    """The team's target it is cascaded for, in minor units a month; None or 0 is none."""
    new_target: Target | None = None
    """The target that it sets; None where that does not change."""
    carried_over: tuple[CarriedOver, ...] = ()
    warnings: tuple[str, ...] = ()
    checked_only: bool = False
    """--check: nothing was compared with a file, and nothing recorded."""
    dry_run: bool = False

    @property
    def currency(self) -> Currency:
        """The process's currency."""
        return self.revision.process.currency


def defined_document(report: DefinedReport) -> Document:
    """Return what `define-process` says."""
    cascade = cascade_document([_cascade(report)], report.as_of, None)
    return Document(
        before=tuple(_effect(report)),
        tables=(milestones_table(report.revision.process), *cascade.tables),
        after=tuple(Sentence("Warning: {}", (named(warning),)) for warning in report.warnings),
        json=_json(report),
    )


def needed_line(process: Process, target: int) -> Line:
    """Return what `target` (minor units a month) at the last milestone needs at the first, by the planned rates."""
    needed = half_up(required(Fraction(target), process.planned_rates())[0])
    values = tuple(Value(amount, CellKind.ABOUT, process.currency) for amount in (target, needed))
    count = half_up(Fraction(needed, process.typical_value or needed))
    if count <= 1:
        return Sentence("  So far {} a month needs {} at milestone 1.", values)
    return Sentence(
        "  So far {} a month needs {} at milestone 1, {} opportunities.", (*values, Value(count, CellKind.COUNT))
    )


def chain_line(process: Process, target: int) -> Line:
    """Return what `target` (minor units a month) needs at every milestone, by the planned rates."""
    needs = required(Fraction(target), process.planned_rates())
    at = [
        Sentence("{} {}", (counted(number), Value(half_up(need), CellKind.ABOUT, process.currency)))
        for number, need in enumerate(needs, start=1)
    ]
    return Sentence("  At each: {}", (joined(at, ", "),))


def _cascade(report: DefinedReport) -> CascadeReport:
    revision = report.revision
    definition = Definition(revision.process, revision.version, report.as_of, revision.valid_from)
    typical = revision.process.typical_value
    mean = Fraction(typical) if typical else None
    target = Fraction(report.target) if report.target else None
    source = TargetSource.OWN if target else TargetSource.NONE
    basis = planned_basis(definition, month_of(report.as_of))
    return cascade_report(definition, basis, target, source, [mean] * len(revision.process.milestones))


def _effect(report: DefinedReport) -> Iterator[Line]:
    revision = report.revision
    key = Value(revision.process.key, CellKind.NAME)
    if report.checked_only:
        yield Sentence("The process {} can be defined like this; nothing was recorded.", (key,))
        return
    yield _headline(revision, key)
    yield from (Sentence("  added the milestone {}", (named(added),)) for added in revision.added)
    yield from (Sentence("  removed the milestone {}", (named(removed),)) for removed in revision.removed)
    if revision.reordered:
        yield "  the milestones are in another order"
    yield from (Sentence("  {}", (difference_line(change),)) for change in revision.differences)
    yield from (_carried(moved) for moved in report.carried_over)
    if revision.followed_on is not None:
        template = "  Another definition, set before this one, takes over on {}."
        yield Sentence(template, (Value(revision.followed_on, CellKind.DAY),))
    if report.new_target is not None:
        yield _target_line(report.new_target, report.currency)
    if report.dry_run:
        yield "A dry run: nothing was recorded."


def _headline(revision: Revision, key: Value) -> Line:
    count = Value(len(revision.process.milestones), CellKind.COUNT)
    start = Value(revision.valid_from, CellKind.DAY)
    match revision.effect:
        case Effect.FIRST:
            return Sentence("The process {} has {} milestones; it holds from the beginning.", (key, count))
        case Effect.VERSION:
            version = Value(revision.version, CellKind.COUNT)
            return Sentence("Version {} of the process {}, from {} on:", (version, key, start))
        case Effect.PLAN:
            return Sentence("The process {} changes from {} on:", (key, start))
        case Effect.NOTHING:
            return Sentence("The process {} stays as it is.", (key,))


def _carried(moved: CarriedOver) -> Line:
    values = (Value(moved.milestone, CellKind.NAME), Value(moved.count, CellKind.COUNT))
    if moved.number == 0:
        return Sentence("  Open at the removed milestone {}: {}; they become target customers.", values)
    return Sentence(
        "  Open at the removed milestone {}: {}; they stand at milestone {} from then on.",
        (*values, Value(moved.number, CellKind.COUNT)),
    )


def _target_line(target: Target, unit: Currency) -> Line:
    amount = Value(target.amount, CellKind.MONEY, unit)
    if target.valid_from is None:
        return Sentence("Target of the team: {} a month.", (amount,))
    month = Value(month_of(target.valid_from), CellKind.MONTH)
    return Sentence("Target of the team: {} a month from {} on.", (amount, month))


def _json(report: DefinedReport) -> dict[str, object]:
    revision, process = report.revision, report.revision.process
    cascade = cascade_json(_cascade(report))
    found: dict[str, object] = {
        "process": process.key,
        "title": process.title,
        "currency": process.currency.code,
        "effect": None if report.checked_only else revision.effect.value,
        "version": None if report.checked_only else revision.version,
        "valid_from": None if revision.valid_from is None else iso(revision.valid_from),
        "target": None if not report.target else plain(report.target, process.currency),
        "target_changed": report.new_target is not None,
        "milestones": [
            milestone_json(number, milestone) for number, milestone in enumerate(process.milestones, start=1)
        ],
        "changes": {
            "added": list(revision.added),
            "removed": list(revision.removed),
            "reordered": revision.reordered,
            "differences": [difference_json(change) for change in revision.differences],
        },
        "carried_over": [
            {"milestone": moved.milestone, "count": moved.count, "to": moved.number} for moved in report.carried_over
        ],
        "cascade": cascade["milestones"],
        "levers": cascade["levers"],
        "warnings": list(report.warnings),
    }
    return found | ({"dry_run": True} if report.dry_run else {})
