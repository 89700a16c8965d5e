"""The rates as tables and JSON."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from milestone_cli.domain.money import currency
from milestone_cli.domain.process import Milestone, Process
from milestone_cli.estimate.changes import RateChange
from milestone_cli.estimate.journeys import Journeys
from milestone_cli.estimate.plan import SectionPlan
from milestone_cli.estimate.rates import section_rates
from milestone_cli.render.cells import shown_line
from milestone_cli.reports.rates import RatesReport, rates_document


@pytest.fixture
def report():
    nobody = Journeys(
        as_of=20_000,
        recorded=np.empty((0, 2)),
        lost=np.empty(0),
        values=np.empty((0, 2)),
        seen_from=np.empty(0),
        rep=np.empty(0, np.int64),
    )
    process = Process(
        key="p",
        title="P",
        currency=currency("EUR"),
        milestones=(Milestone(key="a", name="A"), Milestone(key="b", name="B")),
    )
    sections = section_rates(nobody, [SectionPlan(0.4, 30)], np.random.default_rng(1))
    return RatesReport(process=process, sections=tuple(sections))


@pytest.mark.parametrize(
    ("before", "after", "advice"), [(0.6, 0.4, "revise its `how`"), (0.4, 0.6, "write what has helped into its `how`")]
)
def test_a_change_is_said_with_its_size_and_what_to_do_about_the_how(report, before, after, advice):
    change = RateChange(before=before, after=after, share=after / before - 1)
    changed = replace(report, sections=(replace(report.sections[0], change=change),))
    notes = rates_document([changed], 20_000, None).tables[0].notes
    size = f"from {before:.0%} to {after:.0%}: {advice}"
    assert any(size in shown_line(note, "en_US") for note in notes)
    assert any("`ms rates --by version`" in str(note) for note in notes)
    assert rates_document([changed], 20_000, None).json["processes"][0]["sections"][0]["changed"] is True
    [section] = rates_document([changed], 20_000, None).json["processes"][0]["sections"]
    assert (section["changed_from"], section["changed_to"]) == (before, after)


def test_every_row_has_interval_and_cases(report):
    table = rates_document([report], 20_000, None).tables[0]
    row = dict(zip((column.key for column in table.columns), table.rows[0], strict=True))
    assert row["low"] < row["rate"] == row["planned"] == 0.4 < row["high"]
    assert row["cases"] == 0
