"""The targets: what was set by when, what each rep carries of it this month, whether the parts add up.

Invariant: the month's amounts are those that the lamps of the month use: set before it began, the first of all always.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from milestone_cli.domain.basis import Basis
from milestone_cli.domain.cascade import required
from milestone_cli.domain.day import Day, Month, first_of_month, iso, month_label, month_of
from milestone_cli.domain.money import Currency, half_up, plain
from milestone_cli.domain.process import Process
from milestone_cli.domain.setup import Rep, Target
from milestone_cli.domain.targets import TargetSource, Wanted, in_force, mismatch, wanted
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Part,
    Sentence,
    Table,
    Value,
    joined,
    named,
)

TEAM = "team"
"""In place of a rep's key."""
SOURCES = {
    TargetSource.OWN: "set",
    TargetSource.SHARE: "equal share of the rest",
    TargetSource.SUM: "sum of the reps",
    TargetSource.NONE: "none",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetsReport:
    """The targets of one process."""

    process: str
    title: str
    currency: Currency
    month: Month
    entered: tuple[Target, ...]
    """In the order entered, the reps' and the team's."""
    reps: Mapping[int, Rep]
    team: Wanted
    """Of the team in the month."""
    parts: tuple[tuple[Rep, Wanted], ...]
    """Of each rep in the month, in alphabetical order."""
    mismatch: int
    """By how much the reps' parts exceed the team's target (negative: fall short), in minor units."""


def targets_report(
    process: Process, targets: Sequence[Target], reps: Mapping[int, Rep], basis: Basis, *, rep: Rep | None = None
) -> TargetsReport:
    """Return the targets of `process` in the month of `basis`; those of `rep` and the team, or of everybody."""
    begins = first_of_month(basis.month)
    amounts = in_force(targets, process.key, basis.month, known_before=begins)
    active = [one.number for one in reps.values() if one.active_on(begins)]
    carriers = [rep.number] if rep is not None else [one for one in active if one in {*basis.owners, *amounts}]
    listed = sorted((reps[number] for number in carriers), key=lambda one: one.key.casefold())
    own = (target for target in targets if target.process == process.key)
    return TargetsReport(
        process=process.key,
        title=process.title,
        currency=process.currency,
        month=basis.month,
        entered=tuple(target for target in own if rep is None or target.rep in (None, rep.number)),
        reps=reps,
        team=wanted(amounts, None, sharers=basis.owners, active=active),
        parts=tuple((one, wanted(amounts, one.number, sharers=basis.owners, active=active)) for one in listed),
        mismatch=mismatch(amounts, sharers=basis.owners, active=active),
    )


ENTERED = (
    Column("owner", "Whose", CellKind.NAME, 1),
    Column("amount", "A month", CellKind.MONEY, 1),
    Column("valid_from", Sentence("From", context="day"), CellKind.MONTH, 1),
    Column("set_on", "Set on", CellKind.DAY, 2),
)
PARTS = (
    Column("owner", "Whose", CellKind.NAME, 1),
    Column("amount", "A month", CellKind.MONEY, 1),
    Column("source", "How", CellKind.WORD, 2),
)


def targets_document(reports: Sequence[TargetsReport], as_of: Day, rep: str | None) -> Document:
    """Return everything `ms targets` says."""
    json: dict[str, object] = {
        "as_of": iso(as_of),
        "rep": rep,
        "processes": [_json(report) for report in reports],
    }
    return Document(tables=tuple(table for report in reports for table in _tables(report)), json=json)


def _tables(report: TargetsReport) -> Iterator[Table]:
    yield Table(
        title=joined((named(report.title), "targets")),
        columns=ENTERED,
        rows=tuple(entered_cells(target, report.reps) for target in _by_owner(report)),
        currency=report.currency,
        notes=("Without a month it holds from the beginning; 0 is no target.",) if report.entered else (),
        empty="No target is set; `ms set-target AMOUNT` sets one.",
    )
    if not report.entered:
        return
    yield Table(
        title=joined((named(report.title), Sentence("wanted in {}", (named(month_label(report.month)),)))),
        columns=PARTS,
        rows=(_part(Sentence(TEAM), report.team), *(_part(rep.key, part) for rep, part in report.parts)),
        currency=report.currency,
        notes=tuple(_notes(report)),
    )


def _by_owner(report: TargetsReport) -> list[Target]:
    """Return the team's targets, then each rep's, in the order in which they hold."""

    def place(target: Target) -> tuple[bool, str, Day]:
        return (
            target.rep is not None,
            "" if target.rep is None else rep_key(report.reps, target.rep).casefold(),
            target.begins,
        )

    return sorted(report.entered, key=place)


def entered_cells(target: Target, reps: Mapping[int, Rep]) -> tuple[Cell, ...]:
    """Return a row of a table with `ENTERED`."""
    owner = Sentence(TEAM) if target.rep is None else rep_key(reps, target.rep)
    begins = None if target.valid_from is None else month_of(target.valid_from)
    return (owner, target.amount, begins, target.set_on)


def rep_key(reps: Mapping[int, Rep], number: int) -> str:
    """Return a rep's key, or the number of one that is not known any more."""
    rep = reps.get(number)
    return str(number) if rep is None else rep.key


def _part(owner: Cell, part: Wanted) -> tuple[Cell, ...]:
    amount = None if part.amount is None else half_up(part.amount)
    return (owner, amount, SOURCES[part.source])


def _notes(report: TargetsReport) -> Iterator[Line]:
    if report.mismatch:
        amount = Value(abs(report.mismatch), CellKind.MONEY, report.currency)
        if report.mismatch > 0:
            yield Sentence("The reps' targets are {} a month above the team's.", (amount,))
        else:
            yield Sentence("The reps' targets are {} a month below the team's.", (amount,))
    for rep, part in report.parts:
        if part.added:
            template = "{} has no open opportunity and shares in this view only."
            yield Sentence(template, (Value(rep.key, CellKind.NAME),))


def _json(report: TargetsReport) -> dict[str, object]:
    return {
        "process": report.process,
        "currency": report.currency.code,
        "month": month_label(report.month),
        "team": _part_json(report, report.team),
        "reps": [{"rep": rep.key} | _part_json(report, part) for rep, part in report.parts],
        "mismatch": plain(abs(report.mismatch), report.currency) if report.mismatch >= 0 else _negative(report),
        "targets": [entered_json(target, report.reps, report.currency) for target in report.entered],
    }


def entered_json(target: Target, reps: Mapping[int, Rep], currency: Currency) -> dict[str, object]:
    """Return a target that was set as plain values."""
    return {
        "rep": None if target.rep is None else rep_key(reps, target.rep),
        "amount": plain(target.amount, currency),
        "valid_from": None if target.valid_from is None else iso(target.valid_from),
        "set_on": iso(target.set_on),
    }


def _negative(report: TargetsReport) -> str:
    return f"-{plain(-report.mismatch, report.currency)}"


def _part_json(report: TargetsReport, part: Wanted) -> dict[str, object]:
    amount = None if part.amount is None else plain(half_up(part.amount), report.currency)
    return {"target": amount, "target_source": part.source.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSet:
    """A target that was recorded."""

    target: Target
    rep: str | None
    """The owner's key; None is the team."""
    process: Process
    """As it is defined when the target begins."""
    rates: tuple[Fraction, ...]
    """The section rates that cascade it."""
    first: bool
    """The owner had none before."""
    dry_run: bool = False

    @property
    def needed(self) -> Fraction | None:
        """What must arrive at milestone 1 a month, in minor units, unrounded; None without a target."""
        return required(Fraction(self.target.amount), self.rates)[0] if self.target.amount else None


def target_set_document(done: TargetSet) -> Document:
    """Return what `set-target` says."""
    unit = done.process.currency
    needed = None if done.needed is None else half_up(done.needed)
    json: dict[str, object] = {
        "process": done.process.key,
        "currency": unit.code,
        "rep": done.rep,
        "target": plain(done.target.amount, unit),
        "valid_from": None if done.target.valid_from is None else iso(done.target.valid_from),
        "set_on": iso(done.target.set_on),
        "required_at_first": None if needed is None else plain(needed, unit),
    }
    return Document(before=tuple(_said(done, needed)), json=json | ({"dry_run": True} if done.dry_run else {}))


def _said(done: TargetSet, needed: int | None) -> Iterator[Line]:
    target, unit = done.target, done.process.currency
    owner: Part = "the team" if done.rep is None else named(done.rep)
    process, when = named(done.process.key), _when(target)
    if target.amount:
        amount = Value(target.amount, CellKind.MONEY, unit)
        yield Sentence("Target of {} in {}: {} a month {}.", (owner, process, amount, when))
    else:
        yield Sentence("{} has no target in {} {}.", (owner, process, when))
        if done.rep is not None:
            yield "An own target of 0 also means no share of the team's."
    if needed is not None:
        first = done.process.milestones[0].name
        yield Sentence(
            "For that, {} must arrive at milestone 1 ({}) each month.",
            (Value(needed, CellKind.ABOUT, unit), Value(first, CellKind.NAME)),
        )
    running = month_of(target.set_on)
    if not done.first and target.valid_from is not None and month_of(target.valid_from) <= running:
        yield Sentence(
            "The KPIs use it from {} on: what was wanted in a running month stays.",
            (Value(running + 1, CellKind.MONTH),),
        )
    if done.dry_run:
        yield "A dry run: nothing was recorded."


def _when(target: Target) -> Line:
    if target.valid_from is None:
        return "from the beginning"
    return Sentence("from {} on", (Value(month_of(target.valid_from), CellKind.MONTH),))
