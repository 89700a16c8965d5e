"""A process file's plan as it was measured: rates and days that facts have shown, in place of what was hoped for.

Invariant: a section without a case keeps its plan, and every section says on how many cases it stands.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from milestone_cli.domain.day import Day, iso
from milestone_cli.domain.process import Milestone, Process
from milestone_cli.estimate.rates import SectionRate
from milestone_cli.reports.rates import THIN

SMALLEST_RATE = Decimal("0.001")
"""A rate is written with three decimals, and none is 0."""


def measured_plan(process: Process, sections: Sequence[SectionRate], as_of: Day) -> tuple[Process, Mapping[str, str]]:
    """Return the process with its measured plan, and what the plan of each milestone rests on, by its key.

    Args:
        process: as it holds on the day.
        sections: its k-1 sections as measured for the team.
        as_of: the day.
    """
    pairs = list(zip(process.milestones[1:], sections, strict=True))
    milestones = (process.milestones[0], *(_planned(milestone, section) for milestone, section in pairs))
    grounds = {milestone.key: _ground(section, as_of) for milestone, section in pairs}
    return replace(process, milestones=milestones), grounds


def _planned(milestone: Milestone, section: SectionRate) -> Milestone:
    if not section.cases:
        return milestone
    rate = max(Decimal(f"{section.rate.mean:.3f}").normalize(), SMALLEST_RATE)
    days = milestone.days if math.isnan(section.days_p50) else max(round(section.days_p50), 1)
    return replace(milestone, rate=rate, days=days)


def _ground(section: SectionRate, as_of: Day) -> str:
    if not section.cases:
        return f"As planned: by {iso(as_of)} there was no case."
    thin = "; few, so that it is mostly the plan" if section.weight_of_data < THIN else ""
    cases = "1 case" if section.cases == 1 else f"{section.cases} cases"
    return f"As measured on {iso(as_of)} (median days): {cases}, {section.moved} of them moved on{thin}."
