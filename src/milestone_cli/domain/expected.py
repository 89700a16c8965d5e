"""What one opportunity is worth: the money it is expected to bring to the last milestone, whenever that is.

Invariant: it follows from the facts and the month's snapshot alone; nobody types a probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from milestone_cli.domain.basis import Basis
from milestone_cli.domain.day import Day
from milestone_cli.domain.dead_horses import NEVER
from milestone_cli.domain.money import half_up
from milestone_cli.domain.opportunity import Opportunity, Status
from milestone_cli.domain.process import ProcessHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The expected money of one opportunity."""

    amount: int | None
    """Minor units; None for a target customer and where no potential is known or assumed."""
    assumed: bool = False
    """It rests on the typical value of the process: no potential is known."""
    forecast: bool = False
    """A forecast counts on it: it is open and no dead horse."""

    @property
    def counted(self) -> int:
        """What a forecast takes from it, in minor units."""
        return self.amount or 0 if self.forecast else 0


def expected(state: Opportunity, history: ProcessHistory, basis: Basis, today: Day) -> Expected:
    """Return what an opportunity is worth today.

    Formula: potential x share(section, days waited). What is won is worth its value, what is lost nothing.

    Args:
        state: where it stands.
        history: its process.
        basis: of the month of `today`.
        today: until when it has waited.
    """
    if state.status is Status.LOST:
        return Expected(amount=0)
    typical = history.at(today).process.typical_value
    value, assumed = (state.value, False) if state.value else (typical, typical is not None)
    if state.status is Status.WON:
        return Expected(amount=value, assumed=assumed)
    place = history.place(state.milestone, today) - 1
    if place < 0 or value is None:
        return Expected(amount=None)
    waited = today - (today if state.waiting_since is None else state.waiting_since)
    limit = basis.dead[place] if place < len(basis.dead) else NEVER
    return Expected(
        amount=half_up(Fraction(value) * basis.expected_share(place, waited)),
        assumed=assumed,
        forecast=not limit.is_dead(waited),
    )
