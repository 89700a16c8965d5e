"""The next steps of one process: the milestone to work on, and the opportunities that move it most.

Invariant: nothing is computed here; it is what the KPIs and the order say, put together for every writer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from milestone_cli.domain.next_steps import Steering, Step, StepKind
from milestone_cli.domain.process import Milestone, Process
from milestone_cli.reports.kpis import KpisReport, MilestoneKpi

KINDS = {StepKind.OPEN: "open", StepKind.TARGET: "target", StepKind.REVISIT: "lost"}
"""What each kind of step is called."""


@dataclass(frozen=True, slots=True)
class Called:
    """What an opportunity is called."""

    key: str
    customer: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NextReport:
    """The next steps of one process, for the team or one rep."""

    kpis: KpisReport
    """Of the running month; its gap is the focus."""
    steering: Steering
    steps: tuple[Step, ...]
    called: Mapping[int, Called]
    """By number of the opportunity: all that `steps` name."""
    reps: Mapping[int, str]
    """Keys by number."""
    process: Process
    revisits_due: int
    """How many lost ones there are whose day has come; not all are listed."""

    @property
    def focus(self) -> MilestoneKpi | None:
        """The milestone to work on; None where nothing is short."""
        number = self.steering.focus
        return None if number is None else self.kpis.milestones[number - 1]

    def to_win(self, step: Step) -> tuple[int, Milestone]:
        """Return the next milestone of a step, with its number."""
        number = min(step.candidate.milestone + 1, len(self.process.milestones))
        return number, self.process.milestone(number)

    @property
    def won_next(self) -> tuple[tuple[int, Milestone], ...]:
        """The milestones that the steps are about, each once, in order."""
        numbers = sorted({self.to_win(step)[0] for step in self.steps})
        return tuple((number, self.process.milestone(number)) for number in numbers)
