"""Whether a process is lived: what its facts say, and which of four ways of working that amounts to.

no process: neither a target nor a single customer action. on paper: it is defined, but a target, facts of the last 30
days, or their entry within a week is missing. watched: all three are there. dynamic: and the process was revised within
a year. Invariant: it is about the process; nobody is named and nobody is ranked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

WITHIN_DAYS = 7
"""Half of the facts entered within so many days is prompt."""
RECENT_DAYS = 30
REVISED_DAYS = 365


class Way(StrEnum):
    """How a team works by its process."""

    NO_PROCESS = "no_process"
    ON_PAPER = "on_paper"
    WATCHED = "watched"
    DYNAMIC = "dynamic"


class Sign(StrEnum):
    """What decides it."""

    TARGET = "target"
    """A target is set."""
    RECENT = "recent"
    """Customer actions of the last 30 days are recorded."""
    PROMPT = "prompt"
    """Half of the facts are entered within a week."""
    REVISED = "revised"
    """The process was revised within the last year."""


WATCHED = (Sign.TARGET, Sign.RECENT, Sign.PROMPT)
"""What a watched process shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What the facts of a period say about a process, for the team or one rep."""

    actions: int = 0
    """Customer actions recorded, implied ones not counted."""
    with_evidence: int = 0
    """Of them, with what the customer did, said or wrote."""
    with_person: int = 0
    """Of them, with who at the customer it was."""
    delays: Mapping[int, int] = ()  # type: ignore[assignment]  # replaced right below
    """How many were entered after so many days; without what was imported and does not say when."""
    implied: int = 0
    """Arrivals that only a later milestone says."""
    recent: int = 0
    """Customer actions of the last 30 days."""
    ridden: int = 0
    """Dead horses that were given a new potential or another owner."""
