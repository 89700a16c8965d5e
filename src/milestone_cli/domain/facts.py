"""The facts of the journal: what was true, since when, and who says so.

Invariant: a fact is never changed; a correction is a new fact of kind `voided` that names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum

from milestone_cli.domain.day import Day
from milestone_cli.domain.record import keyword_record


class Kind(StrEnum):
    """What a fact says."""

    OPENED = "opened"
    REACHED = "reached"
    STANDING = "standing"
    LOST = "lost"
    REOPENED = "reopened"
    REVALUED = "revalued"
    ASSIGNED = "assigned"
    VOIDED = "voided"
    TARGET_SET = "target_set"
    VERSION_DEFINED = "version_defined"
    PLAN_CHANGED = "plan_changed"
    REP_ADDED = "rep_added"
    REP_RETIRED = "rep_retired"
    RENAMED = "renamed"
    MERGED = "merged"
    """Set-up: the commands before this one came with it from another book."""
    UNITED = "united"
    """Set-up: which opportunities of several books are one; the last such fact holds."""


class Evidence(StrEnum):
    """How the customer showed it."""

    DID = "did"
    SAID = "said"
    WROTE = "wrote"


@keyword_record
class Fact:
    """One fact about one opportunity."""

    kind: Kind
    on: Day
    """The day it was true."""
    entered_at: int = 0
    """When it came into this file, in microseconds since 1970 UTC."""
    recorded_at: int | None = None
    """When the source learned of it, in microseconds since 1970 UTC; None where it is not known."""
    known_on: Day = 0
    """The day from which it counts as known: of `recorded_at`, else of entry; `on` when imported without one."""
    position: int = 0
    """Its place in the command that recorded it."""
    id: str = ""
    """The global id; empty as long as it is not recorded."""
    number: int = 0
    """Its number in this file; 0 as long as it is not recorded."""
    opportunity: int = 0
    """The number of its opportunity; 0 for one that is being opened by the same command."""
    milestone: str | None = None
    """The milestone's key, for `reached` and `standing`."""
    value: int | None = None
    """The potential from here on, in minor units; None leaves it as it was."""
    rep: int | None = None
    """The rep from here on, by number; None leaves them as they were."""
    since: Day | None = None
    """For `standing`: at that milestone since this day."""
    revisit: Day | None = None
    """For `lost`: the day to look at it again."""
    voids: str | None = None
    """For `voided`: the id of the fact it takes back."""
    evidence: Evidence | None = None
    bulk: bool = False
    """For `reached`: the day is that of an edit of many at once; when the customer did it is not known."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Personal texts by role: text, by, ref, reason, title, external."""

    @property
    def order(self) -> tuple[int, int, int, str]:
        """Facts order by day, entry, position in the command, global id."""
        return (self.on, self.entered_at, self.position, self.id)


def effective(facts: Iterable[Fact]) -> list[Fact]:
    """Return the facts that stand, in their order: without the voided ones and without the voids.

    A void that is itself voided takes nothing back. The opening comes first whatever its day: what it says holds from
    the beginning. Where two books opened the same opportunity, the earlier opening is the one.
    """
    given = list(facts)
    voided: set[str] = set()
    for fact in sorted((f for f in given if f.kind is Kind.VOIDED), key=lambda f: f.number, reverse=True):
        if fact.id not in voided and fact.voids is not None:
            voided.add(fact.voids)
    return in_order(fact for fact in given if fact.kind is not Kind.VOIDED and fact.id not in voided)


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Return facts in their order: the opening, then by day; a second opening has no place of its own."""
    ordered = sorted(facts, key=lambda fact: (fact.kind is not Kind.OPENED, fact.order))
    if len(ordered) > 1 and ordered[1].kind is Kind.OPENED:
        ordered[1:] = sorted(ordered[1:], key=lambda fact: fact.order)
    return ordered


def told_by(standing: Sequence[Fact], day: Day) -> list[Fact]:
    """Return of facts in their order those that are true by a day, and the opening whatever its day."""
    return [fact for place, fact in enumerate(standing) if fact.on <= day or (place == 0 and fact.kind is Kind.OPENED)]


def as_known(facts: Iterable[Fact], *, as_of: Day | None = None, known_on: Day | None = None) -> list[Fact]:
    """Return what stands of `facts` on a day: true by `as_of`, known by `known_on`.

    A void acts at every `as_of`; only `known_on` sees before it. The opening is seen as soon as any other fact is.
    """
    known = [fact for fact in facts if known_on is None or fact.known_on <= known_on]
    standing = effective(known)
    if as_of is None:
        return standing
    if all(fact.on > as_of for fact in standing):
        return []
    return told_by(standing, as_of)
