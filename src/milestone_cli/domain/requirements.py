"""What a milestone needs in a month: the target of the month it feeds, carried back with the month's basis.

Invariant: what is wanted was set before the month of the basis began, so that it does not move while the month runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from milestone_cli.domain.basis import Basis
from milestone_cli.domain.day import first_of_month
from milestone_cli.domain.setup import Rep, Target
from milestone_cli.domain.targets import Wanted, in_force, wanted


@dataclass(frozen=True, slots=True)
class Needs:
    """The targets of a process and who carries them."""

    process: str
    targets: Sequence[Target]
    """As seen on the as-of day, in the order entered."""
    reps: Mapping[int, Rep]

    def wanted(self, basis: Basis, fed: int, rep: int | None) -> Wanted:
        """Return what is wanted at the last milestone in month `fed`, as set before the month of `basis` began."""
        begins = first_of_month(basis.month)
        amounts = in_force(self.targets, self.process, fed, known_before=begins)
        active = [other.number for other in self.reps.values() if other.active_on(begins)]
        return wanted(amounts, rep, sharers=basis.owners, active=active)

    def required(self, basis: Basis, key: str, rep: int | None) -> Fraction | None:
        """Return what must arrive at a milestone in the month of `basis`, in minor units, unrounded."""
        share, part = basis.share_of_last(key), self.wanted(basis, basis.feeds(key), rep)
        return part.amount / share if share and part.amount is not None else None
