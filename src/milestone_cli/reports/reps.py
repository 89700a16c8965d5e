"""The people who own opportunities: since when, how many are open with each, what is wanted of each.

Invariant: reps are listed by their keys, never by what they bring.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.money import Currency, plain
from milestone_cli.domain.setup import Rep
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Money,
    Plural,
    Sentence,
    Table,
    Value,
    named,
)


@dataclass(frozen=True, slots=True)
class RepLine:
    """One rep on a day."""

    rep: Rep
    open_by_process: Mapping[str, int] = field(default_factory=dict)
    """Opportunities in play by process; a target customer is one too."""
    targets: Mapping[str, int] = field(default_factory=dict)
    """Own targets by process, in minor units a month; 0 is an own target of nothing."""

    @property
    def open(self) -> int:
        """Opportunities in play."""
        return sum(self.open_by_process.values())


def reps_document(lines: Sequence[RepLine], currencies: Mapping[str, Currency], as_of: Day) -> Document:
    """Return the list of reps; `currencies` by process are those of the targets."""
    listed = sorted(lines, key=lambda line: line.rep.key.casefold())
    processes = sorted(currencies)
    table = Table(
        title="Reps",
        columns=_columns(processes),
        rows=tuple(_cells(line, currencies, processes, as_of) for line in listed),
        empty="No reps yet; `ms add-rep KEY` adds one.",
    )
    json: dict[str, object] = {
        "as_of": iso(as_of),
        "rep": None,
        "reps": [rep_json(line.rep, as_of) | {"open": line.open} for line in listed],
        "processes": [_process_json(process, currencies[process], listed) for process in processes],
    }
    return Document(tables=(table,), json=json)


def _columns(processes: Sequence[str]) -> tuple[Column, ...]:
    single = len(processes) == 1
    return (
        Column("rep", "Rep", CellKind.NAME, 1),
        Column("name", "Name", CellKind.NAME, 2),
        Column("began", "Since", CellKind.DAY, 3),
        Column("retired_on", "Retired", CellKind.DAY, 2),
        Column("open", "Open", CellKind.COUNT, 1),
        *(
            Column(
                f"target_{process}",
                "Own target" if single else Sentence("Own target {}", (named(process),)),
                CellKind.MONEY,
                2,
            )
            for process in processes
        ),
    )


def _cells(line: RepLine, currencies: Mapping[str, Currency], processes: Sequence[str], as_of: Day) -> tuple[Cell, ...]:
    targets = (line.targets.get(process) for process in processes)
    money = (
        None if target is None else Money(target, currencies[process])
        for process, target in zip(processes, targets, strict=True)
    )
    rep = line.rep
    return (rep.key, rep.name, rep.began, retired_on(rep, as_of), line.open, *money)


def retired_on(rep: Rep, as_of: Day) -> Day | None:
    """Return the day a rep left, None as long as they work here on `as_of`."""
    return None if rep.active_on(as_of) else rep.retired_on


def rep_json(rep: Rep, as_of: Day) -> dict[str, object]:
    """Return who a rep is."""
    retired = retired_on(rep, as_of)
    return {
        "rep": rep.key,
        "name": rep.name,
        "began": iso(rep.began),
        "retired_on": None if retired is None else iso(retired),
    }


def _process_json(process: str, unit: Currency, lines: Sequence[RepLine]) -> dict[str, object]:
    return {
        "process": process,
        "currency": unit.code,
        "reps": [
            {
                "rep": line.rep.key,
                "open": line.open_by_process.get(process, 0),
                "target": plain(line.targets[process], unit) if process in line.targets else None,
            }
            for line in lines
        ],
    }


def added_document(rep: Rep, *, again: bool, dry_run: bool) -> Document:
    """Return what `add-rep` says."""
    template = "{} ({}) is back, since {}." if again else "{} ({}) is a rep since {}."
    line = Sentence(
        template, (Value(rep.key, CellKind.NAME), Value(rep.name, CellKind.NAME), Value(rep.began, CellKind.DAY))
    )
    return _recorded([line], rep_json(rep, rep.began), dry_run=dry_run)


def retired_document(rep: Rep, on: Day, *, in_play: int, dry_run: bool) -> Document:
    """Return what `retire-rep` says; `in_play` opportunities are still theirs."""
    key = Value(rep.key, CellKind.NAME)
    lines: list[Line] = [Sentence("{} has retired on {}.", (key, Value(on, CellKind.DAY)))]
    if in_play:
        lines.append(
            Plural(
                "{} opportunity is still with {}; give it to somebody: `ms assign --from-rep {} --to-rep REP`.",
                "{} opportunities are still with {}; give them to somebody: `ms assign --from-rep {} --to-rep REP`.",
                in_play,
                (Value(in_play, CellKind.COUNT), key, Value(shlex.quote(rep.key), CellKind.NAME)),
            )
        )
    json = rep_json(rep, rep.began) | {"retired_on": iso(on), "open": in_play}
    return _recorded(lines, json, dry_run=dry_run)


def _recorded(lines: Sequence[Line], json: dict[str, object], *, dry_run: bool) -> Document:
    if dry_run:
        return Document(before=(*lines, "A dry run: nothing was recorded."), json=json | {"dry_run": True})
    return Document(before=tuple(lines), json=json)
