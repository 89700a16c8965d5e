"""What uniting another book with this one amounts to: what came in, what is one now, and what is called otherwise.

Invariant: figures and names alone; nothing of it is needed to go on working with the book.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from milestone_cli.domain.contradictions import Contradiction
from milestone_cli.domain.day import Day


@dataclass(frozen=True, slots=True)
class NewName:
    """An opportunity that goes by another key now."""

    before: str
    after: str
    customer: str
    here: bool
    """It had the key before in this book, not only in the other one."""
    joined: str | None
    """The key of the one that it is now; None where it only gave way to one with the same key."""


@dataclass(slots=True)
class Merged:
    """What a merge did."""

    facts: int = 0
    """Taken in."""
    commands: int = 0
    """Which these facts are in."""
    present: int = 0
    """Facts of the other book that this one has already."""
    again: int = 0
    """Facts that an undone merge had brought, and that are back."""
    alike: int = 0
    """Facts taken in that say what this book has recorded on its own."""
    opportunities: int = 0
    """New ones."""
    united: int = 0
    """Opportunities of the other book that are one with one of this book, each recorded on its own."""
    processes: list[str] = field(default_factory=list)
    """New ones."""
    reps: list[str] = field(default_factory=list)
    """New ones."""
    renamed: list[NewName] = field(default_factory=list)
    contradictions: list[tuple[str, str, Contradiction]] = field(default_factory=list)
    """Key of the opportunity, or what it is about in the set-up; the process, empty where there is none; and what."""
    began: bool = False
    """The book held no fact before."""
    forgotten: int = 0
    """Texts that were forgotten in the other book, and are so in this one now."""
    first_day: Day | None = None
    last_day: Day | None = None

    @property
    def anything(self) -> bool:
        """Whether there was anything to take in."""
        return bool(self.commands or self.again or self.forgotten)
