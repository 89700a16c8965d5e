"""How a takeover ends: what is set aside, what is ridden on, what is still to be asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.opportunity import Status
from milestone_cli.reports.opportunities import Listed
from milestone_cli.reports.table import Document, Line, Plural, Sentence, counted


@dataclass(slots=True, kw_only=True)
class Answered:
    """What was answered in one sitting."""

    standing: int = 0
    lost: int = 0
    nothing_yet: int = 0
    skipped: int = 0

    @property
    def recorded(self) -> int:
        """Answers that are kept."""
        return self.standing + self.lost + self.nothing_yet


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeoverReport:
    """The opportunities in play after a takeover."""

    as_of: Day
    rep: str | None
    """The rep's key; None is the team."""
    dead: int
    """Set aside by the thresholds of their sections."""
    riding: int
    """Open and alive, or a target customer that has done nothing yet."""
    to_ask: int
    """Target customers nobody has answered for."""
    answered: Answered = field(default_factory=Answered)
    dry_run: bool = False


def takeover_report(
    rows: Iterable[Listed],
    unanswered: frozenset[int],
    answered: Answered,
    as_of: Day,
    rep: str | None,
    *,
    dry_run: bool,
) -> TakeoverReport:
    """Return what the rows in play amount to; `unanswered` are numbers of opportunities."""
    found = Counter("to_ask" if row.number in unanswered else row.status.value for row in rows)
    return TakeoverReport(
        as_of=as_of,
        rep=rep,
        dead=found[Status.DEAD.value],
        riding=found[Status.OPEN.value] + found[Status.TARGET.value],
        to_ask=found["to_ask"],
        answered=answered,
        dry_run=dry_run,
    )


def takeover_document(report: TakeoverReport) -> Document:
    """Return the end of a takeover."""
    riding = counted(report.riding)
    lines: list[Line] = [Sentence("{} set aside; you now ride {}.", (_horses(report.dead), riding))]
    if report.to_ask:
        template = "{} still to be asked about: `ms takeover` goes on with them."
        lines.append(Sentence(template, (counted(report.to_ask),)))
    answered = report.answered
    json = {
        "as_of": iso(report.as_of),
        "rep": report.rep,
        "standing": answered.standing,
        "lost": answered.lost,
        "nothing_yet": answered.nothing_yet,
        "skipped": answered.skipped,
        "dead": report.dead,
        "riding": report.riding,
        "to_ask": report.to_ask,
    }
    return Document(before=tuple(lines), json=json | ({"dry_run": True} if report.dry_run else {}))


def _horses(count: int) -> Line:
    return Plural("1 dead horse", "{} dead horses", count, (counted(count),)) if count else "No dead horses"
