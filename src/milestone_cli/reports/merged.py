"""What `ms merge` says: what came in, what is one now, what has another key, and what contradicts.

Invariant: of two contradicting facts both are told, and which of them holds and why; nothing is settled in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from milestone_cli.domain.contradictions import Told
from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.merged import Merged, NewName
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


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedReport:
    """What a merge did, or in a dry run would do."""

    source: str
    """The name of the other book's file."""
    done: Merged
    clashes: Sequence[Clash] = ()
    """What contradicts, to be said in words."""
    rep_keys: Mapping[int, str] = field(default_factory=dict)
    backup: str | None = None
    """Where the file lies as it was before."""
    left: Left | None = None
    """Where what is forgotten now may still lie; None where nothing is."""
    dry_run: bool = False


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
    if report.done.renamed:
        title = "Keys that would change" if report.dry_run else "Keys that have changed"
        rows = tuple((one.before, one.after, one.customer, _because(one)) for one in report.done.renamed)
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
    lines: list[Line] = [_taken(report)] if report.done.commands else []
    if not report.done.anything:
        lines.append(Sentence("Nothing to take in from {}.", (named(report.source),)))
    lines += [line for count, line in _counts(report) if count]
    if report.done.processes:
        processes = _list(report.done.processes)
        lines.append(Plural("New process: {}.", "New processes: {}.", len(report.done.processes), (processes,)))
    if report.done.reps:
        lines.append(Plural("New rep: {}.", "New reps: {}.", len(report.done.reps), (_list(report.done.reps),)))
    if report.backup is not None:
        lines.append(Sentence("The file as it was before: {}.", (named(report.backup),)))
    if (report.done.commands or report.done.again) and not report.dry_run:
        lines.append(
            "`ms undo` takes all of it back; what was forgotten stays forgotten."
            if report.done.forgotten
            else "`ms undo` takes all of it back."
        )
    return lines + (left_lines(report.left) if report.left is not None else [])


def _counts(report: MergedReport) -> Iterator[tuple[int, Line]]:
    """Yield how many there are of everything, and what to say of them where there are any."""
    number = report.done.present
    yield (
        number,
        Plural("{} fact of it was here already.", "{} facts of it were here already.", number, (counted(number),)),
    )
    number = report.done.again
    yield (
        number,
        Plural(
            "{} fact is back that an undone merge had taken away.",
            "{} facts are back that an undone merge had taken away.",
            number,
            (counted(number),),
        ),
    )
    number = report.done.united
    yield (
        number,
        Plural(
            "{} of its opportunities was recorded here too: it and the one here are one now.",
            "{} of its opportunities were recorded here too: each of them and the one here are one now.",
            number,
            (counted(number),),
        ),
    )
    number = report.done.alike
    yield (
        number,
        Plural(
            "{} of the facts says what was recorded here too: it counts once.",
            "{} of the facts say what was recorded here too: they count once.",
            number,
            (counted(number),),
        ),
    )
    yield report.done.forgotten, _forgotten(report)


def _forgotten(report: MergedReport) -> Line:
    values = (counted(report.done.forgotten),)
    if report.dry_run:
        return Plural(
            "{} text would be forgotten here too, as it is there, for good.",
            "{} texts would be forgotten here too, as they are there, for good.",
            report.done.forgotten,
            values,
        )
    return Plural(
        "{} text is forgotten here too, as it is there.",
        "{} texts are forgotten here too, as they are there.",
        report.done.forgotten,
        values,
    )


def _list(names: Sequence[str]) -> Part:
    return and_more(joined([named(name) for name in names[:10]], ", "), len(names) - 10)


def _taken(report: MergedReport) -> Line:
    done = report.done
    facts = Plural("{} fact", "{} facts", done.facts, (counted(done.facts),))
    commands = Plural("{} command", "{} commands", done.commands, (counted(done.commands),))
    new = Plural("{} new opportunity", "{} new opportunities", done.opportunities, (counted(done.opportunities),))
    span: Line = ""
    if done.first_day is not None and done.last_day is not None:
        span = Sentence(", from {} to {}", (_day(done.first_day), _day(done.last_day)))
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
        "facts": report.done.facts,
        "commands": report.done.commands,
        "already_there": report.done.present,
        "brought_back": report.done.again,
        "said_twice": report.done.alike,
        "opportunities": report.done.opportunities,
        "united": report.done.united,
        "processes_added": list(report.done.processes),
        "reps_added": list(report.done.reps),
        "forgotten": report.done.forgotten,
        "forgotten_left": None if report.left is None else left_json(report.left),
        "new_keys": [
            {"before": one.before, "after": one.after, "customer": one.customer, "here": one.here, "joined": one.joined}
            for one in report.done.renamed
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
        "first_day": None if report.done.first_day is None else iso(report.done.first_day),
        "last_day": None if report.done.last_day is None else iso(report.done.last_day),
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
