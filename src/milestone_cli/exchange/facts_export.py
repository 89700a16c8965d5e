"""The facts of a book in the native form, so that an import of them amounts to the same.

Invariant: the facts that stand, each opportunity's in the order in which they hold; an id is the fact's own, so that a
later import knows it again. What is a text for people cannot be read as a formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from milestone_cli.domain.day import Day, from_date, iso
from milestone_cli.domain.facts import Fact, Kind, as_known
from milestone_cli.domain.money import plain
from milestone_cli.domain.opportunity import Misfit, Opportunity, replay
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.domain.text import visible
from milestone_cli.exchange.native import BULK, COLUMNS, OUTCOMES
from milestone_cli.store.book import Book
from milestone_cli.store.bulk import exported_opportunities
from milestone_cli.store.facts import all_facts

_WORD_OF = {kind: word for word, kind in OUTCOMES.items() if word != BULK} | {Kind.OPENED: ""}
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_QUOTED = re.compile(r'[",;\r\n\t]')
_BREAKS = re.compile(r"[\t\r\n]+")
# no import takes these; they are in a book only if another program has written into it
_STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]+")
_TEXTS = tuple(
    COLUMNS.index(name)
    for name in ("opportunity", "customer", "title", "rep", "reason", "text", "by", "ref", "external_id")
)
"""The places of cells that people or other systems have written."""


@dataclass(slots=True)
class Exported:
    """What was written."""

    facts: int = 0
    opportunities: int = 0
    revisits: int = 0
    """Losses with a day to look at them again, which the native form has no column for."""


def native_rows(book: Book, *, process: str | None, as_of: Day | None, done: Exported) -> Iterator[list[str]]:
    """Yield the header and one row per fact that stands, opportunity by opportunity.

    Args:
        book: to read from.
        process: only this one; None is all.
        as_of: only facts up to this day; None is all.
        done: counts what was yielded.
    """
    yield list(COLUMNS)
    names = exported_opportunities(book.connection, book.process_numbers)
    reps = {number: rep.key for number, rep in book.setup.reps.items()}
    for number, facts in all_facts(book.connection):
        known = names[number]
        if process is not None and known.process != process:
            continue
        standing = as_known(facts, as_of=as_of)
        if not standing:
            continue
        done.opportunities += 1
        history = book.setup.processes[known.process]
        state = replay(standing, history)
        for fact in _with_effect(standing, state):
            if fact.kind in _WORD_OF:
                done.facts += 1
                done.revisits += fact.revisit is not None
                row = _row(fact, history, reps)
                row["opportunity"], row["process"] = known.key, known.process
                if fact.kind is Kind.OPENED:
                    row |= {"customer": known.customer, "title": state.title}
                yield [row.get(column, "") for column in COLUMNS]


def _with_effect(standing: Sequence[Fact], state: Opportunity) -> Iterator[Fact]:
    """Yield the facts as an import takes them.

    A fact of which only value and owner have an effect says these: where two books recorded one opportunity, its
    second opening, or a milestone that the other book has on an earlier day.
    """
    misfits = {id(problem.fact) for problem in state.problems if problem.why is not Misfit.NOT_OPENED}
    opened = False
    for fact in standing:
        again = fact.kind is Kind.OPENED and opened
        opened = opened or fact.kind is Kind.OPENED
        if (again or id(fact) in misfits) and (fact.value or fact.rep is not None):
            kind = Kind.REVALUED if fact.value else Kind.ASSIGNED
            yield replace(fact, kind=kind, milestone=None, since=None, evidence=None, bulk=False)
        elif not again:
            yield fact


def _row(fact: Fact, history: ProcessHistory, reps: Mapping[int, str]) -> dict[str, str]:
    said = {
        "milestone": "0" if fact.kind is Kind.OPENED else fact.milestone or "",
        "date": iso(fact.on),
        "value": plain(fact.value, history.currency) if fact.value else "",
        "rep": reps.get(fact.rep, "") if fact.rep is not None else "",
        "outcome": BULK if fact.bulk else _WORD_OF[fact.kind],
        "evidence": fact.evidence.value if fact.evidence else "",
        "external_id": fact.id,
        "recorded_at": _recorded_at(fact),
        "since": iso(fact.since) if fact.since is not None else "",
    }
    return said | {role: fact.texts.get(role, "") for role in ("reason", "text", "by", "ref")}


def _recorded_at(fact: Fact) -> str:
    """Return from when it counts as known, where that is not its own day."""
    if fact.recorded_at is None:
        return "" if fact.known_on == fact.on else iso(fact.known_on)
    if fact.recorded_at == fact.known_on * 86_400_000_000:
        return iso(fact.known_on)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=fact.recorded_at)
    # the day it was known on is that of the source's zone; the nearest one with the same day says the same
    for hours in sorted(range(-12, 15), key=abs):
        local = moment.astimezone(timezone(timedelta(hours=hours)))
        if from_date(local.date()) == fact.known_on:
            return local.isoformat()
    return iso(fact.known_on)


def comma_line(cells: list[str]) -> str:
    """Return one line of csv with its end."""
    return ",".join(_quoted(cell) for cell in cells) + "\n"


def tab_line(cells: list[str]) -> str:
    """Return one line of tsv with its end."""
    return "\t".join(_quoted(_BREAKS.sub(" ", cell)) for cell in cells) + "\n"


def steerless(cell: str) -> str:
    """Return a text without what steers a terminal or is no character: such a sign is written as its number."""
    return cell if cell.isprintable() else _STEERING.sub(lambda found: visible(found[0]), cell)


def _quoted(cell: str) -> str:
    cell = steerless(cell)
    if not _QUOTED.search(cell):
        return cell
    doubled = cell.replace('"', '""')
    return f'"{doubled}"'


def guarded(cells: list[str]) -> list[str]:
    """Return a row so that no spreadsheet takes a text in it for a formula."""
    return [f"'{cell}" if place in _TEXTS and _FORMULA.match(cell) else cell for place, cell in enumerate(cells)]
