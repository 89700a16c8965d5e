"""Today's page: per process the lamps, where to act, and the first next steps.

Invariant: its figures are those of `ms kpis` and its steps the first of `ms next`.
"""

from __future__ import annotations

from collections.abc import Sequence

from milestone_cli.domain.day import Day, iso
from milestone_cli.reports.kpis_document import kpis_json, lamps_table
from milestone_cli.reports.next_document import next_json, short_table
from milestone_cli.reports.next_steps import NextReport
from milestone_cli.reports.table import Document


def today_document(reports: Sequence[NextReport], as_of: Day, rep: str | None) -> Document:
    """Return today's page: one table of lamps and one of steps per process."""
    tables = tuple(table for report in reports for table in (lamps_table(report.kpis), short_table(report)))
    json: dict[str, object] = {
        "as_of": iso(as_of),
        "rep": rep,
        "processes": [kpis_json(report.kpis) for report in reports],
        "next": [next_json(report) for report in reports],
    }
    hint = "`ms next` says how to win them, `ms kpis` shows more; `ms advance` records what a customer did."
    return Document(tables=tables, after=(hint,), json=json)
