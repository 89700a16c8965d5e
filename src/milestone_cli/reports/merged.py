"""What `ms merge` says: what came in, what is one now, what has another key, and what contradicts.

Invariant: of two contradicting facts both are told, and which of them holds and why; nothing is settled in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from milestone_cli.domain.contradictions import Told
from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.money import plain
from milestone_cli.reports.forgotten import Left, left_json, left_lines
from milestone_cli.reports.merged_words import Clash, told_words, what_holds
from milestone_cli.reports.table import (
    Cell,
    CellKind,
    Column,
    Document,
    Line,
    Part,
    Plural,
    Sentence,
    Table,
    Value,
    and_more,
    counted,
    joined,
    named,
)

EXAMPLES = 10
"""So many contradictions are shown on a terminal."""


@dataclass(frozen=True, slots=True)
class NewName:
    """An opportunity that goes by another key now."""

    before: str
    after: str
    customer: str
    here: bool
    """It had the key before in this book."""
    joined: str | None
    """The key of the one that it is now; None where it gave way to one with the same key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedReport:
    """What a merge did, or in a dry run would do."""

    source: str
    facts: int
    commands: int
    present: int
    again: int
    alike: int
    opportunities: int
    united: int
    processes: Sequence[str] = ()
    reps: Sequence[str] = ()
    forgotten: int = 0
    renamed: Sequence[NewName] = ()
    clashes: Sequence[Clash] = ()
    rep_keys: Mapping[int, str] = field(default_factory=dict)
    first_day: Day | None = None
    last_day: Day | None = None
    backup: str | None = None
    left: Left | None = None
    """Where what is forgotten now may still lie; None where nothing is."""
    dry_run: bool = False

    @property
    def anything(self) -> bool:
        """Whether there was anything to take in."""
        return bool(self.facts or self.again or self.forgotten)


_KEYS = (
    Column("before", "Key", CellKind.NAME, 1),
    Column("after", "Now", CellKind.NAME, 1),
    Column("customer", "Customer", CellKind.NAME, 1),
    Column("why", "Why", CellKind.WORD, 1),
)
_CLASHES = (
    Column("where", "Where", CellKind.NAME, 1),
    Column("here", "Here", CellKind.WORD, 1),
    Column("there", "There", CellKind.WORD, 1),
    Column("holds", "What holds", CellKind.WORD, 1),
)


def merged_document(report: MergedReport, *, all_of_it: bool) -> Document:
    """Return what a merge says; `all_of_it` lists every contradiction, else the first ten."""
    tables = []
    if report.renamed:
        title = "Keys that would change" if report.dry_run else "Keys that have changed"
        rows = tuple((one.before, one.after, one.customer, _because(one)) for one in report.renamed)
        tables.append(Table(title=title, columns=_KEYS, rows=rows))
    if report.clashes:
        shown = report.clashes if all_of_it else report.clashes[:EXAMPLES]
        told = tuple(_row(one, report) for one in shown)
        tables.append(Table(title="What contradicts", columns=_CLASHES, rows=told, total_rows=len(report.clashes)))
    return Document(before=tuple(_lines(report)), tables=tuple(tables), json=_json(report))


def _row(one: Clash, report: MergedReport) -> tuple[Cell, ...]:
    what = one.what
    return (
        one.where,
        told_words(what.here, one, report.rep_keys),
        told_words(what.there, one, report.rep_keys),
        what_holds(what),
    )


def _lines(report: MergedReport) -> list[Line]:
    lines: list[Line] = [_taken(report)] if report.facts else []
    if not report.anything:
        lines.append(Sentence("Nothing to take in from {}.", (named(report.source),)))
    lines += [line for count, line in _counts(report) if count]
    if report.processes:
        processes = _list(report.processes)
        lines.append(Plural("New process: {}.", "New processes: {}.", len(report.processes), (processes,)))
    if report.reps:
        lines.append(Plural("New rep: {}.", "New reps: {}.", len(report.reps), (_list(report.reps),)))
    if report.backup is not None:
        lines.append(Sentence("The file as it was before: {}.", (named(report.backup),)))
    if (report.facts or report.again) and not report.dry_run:
        lines.append(
            "`ms undo` takes all of it back; what was forgotten stays forgotten."
            if report.forgotten
            else "`ms undo` takes all of it back."
        )
    return lines + (left_lines(report.left) if report.left is not None else [])


def _counts(report: MergedReport) -> Iterator[tuple[int, Line]]:
    """Yield how many there are of everything, and what to say of them where there are any."""
    number = report.present
    yield (
        number,
        Plural("{} fact of it was here already.", "{} facts of it were here already.", number, (counted(number),)),
    )
    number = report.again
    yield (
        number,
        Plural(
            "{} fact is back that an undone merge had taken away.",
            "{} facts are back that an undone merge had taken away.",
            number,
            (counted(number),),
        ),
    )
    number = report.united
    yield (
        number,
        Plural(
            "{} of its opportunities was recorded here too: it and the one here are one now.",
            "{} of its opportunities were recorded here too: each of them and the one here are one now.",
            number,
            (counted(number),),
        ),
    )
    number = report.alike
    yield (
        number,
        Plural(
            "{} of the facts says what was recorded here too: it counts once.",
            "{} of the facts say what was recorded here too: they count once.",
            number,
            (counted(number),),
        ),
    )
    yield report.forgotten, _forgotten(report)


def _forgotten(report: MergedReport) -> Line:
    values = (counted(report.forgotten),)
    if report.dry_run:
        return Plural(
            "{} text would be forgotten here too, as it is there, for good.",
            "{} texts would be forgotten here too, as they are there, for good.",
            report.forgotten,
            values,
        )
    return Plural(
        "{} text is forgotten here too, as it is there.",
        "{} texts are forgotten here too, as they are there.",
        report.forgotten,
        values,
    )


def _list(names: Sequence[str]) -> Part:
    return and_more(joined([named(name) for name in names[:10]], ", "), len(names) - 10)


def _taken(report: MergedReport) -> Line:
    facts = Plural("{} fact", "{} facts", report.facts, (counted(report.facts),))
    commands = Plural("{} command", "{} commands", report.commands, (counted(report.commands),))
    new = Plural("{} new opportunity", "{} new opportunities", report.opportunities, (counted(report.opportunities),))
    span: Line = ""
    if report.first_day is not None and report.last_day is not None:
        span = Sentence(", from {} to {}", (_day(report.first_day), _day(report.last_day)))
    template = (
        "{} in {} would be taken in from {}, with {}{}." if report.dry_run else "{} in {} taken in from {}, with {}{}."
    )
    return Sentence(template, (facts, commands, named(report.source), new, span))


def _day(day: Day) -> Value:
    return Value(day, CellKind.DAY)


def _because(one: NewName) -> Line:
    if one.joined is not None:
        return "both are one opportunity"
    return "another one with this key was opened first" if one.here else "the key is taken here"


def _json(report: MergedReport) -> dict[str, object]:
    found: dict[str, object] = {
        "file": report.source,
        "facts": report.facts,
        "commands": report.commands,
        "already_there": report.present,
        "brought_back": report.again,
        "said_twice": report.alike,
        "opportunities": report.opportunities,
        "united": report.united,
        "processes_added": list(report.processes),
        "reps_added": list(report.reps),
        "forgotten": report.forgotten,
        "forgotten_left": None if report.left is None else left_json(report.left),
        "new_keys": [
            {"before": one.before, "after": one.after, "customer": one.customer, "here": one.here, "joined": one.joined}
            for one in report.renamed
        ],
        "contradictions": [
            {
                "where": one.where,
                "here": _told_json(one.what.here, one, report),
                "there": _told_json(one.what.there, one, report),
                "holds": one.what.holds.value,
                "why": one.what.why.value,
            }
            for one in report.clashes
        ],
        "first_day": None if report.first_day is None else iso(report.first_day),
        "last_day": None if report.last_day is None else iso(report.last_day),
        "backup": report.backup,
    }
    return found | ({"dry_run": True} if report.dry_run else {})


def _told_json(told: Told | None, clash: Clash, report: MergedReport) -> dict[str, object] | None:
    if told is None:
        return None
    money = None if told.value is None or clash.currency is None else plain(told.value, clash.currency)
    return {
        "kind": told.kind.value,
        "on": None if told.on is None else iso(told.on),
        "milestone_key": told.milestone,
        "value": money,
        "rep": None if told.rep is None else report.rep_keys.get(told.rep),
        "key": told.key,
        "text": told.text,
    }
