"""What `ms cascade --for` says, from a plan made by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.desk import TODAY, process

from milestone_cli.domain.basis import planned_basis
from milestone_cli.domain.day import last_of_month, month_of
from milestone_cli.domain.process import Definition
from milestone_cli.domain.targets import TargetSource
from milestone_cli.estimate.gap_plan import GapPlan
from milestone_cli.render.cells import shown_line
from milestone_cli.reports.cascade import cascade_report
from milestone_cli.reports.gap_plan import gap_document, gap_json, gap_report

NOVEMBER = month_of(TODAY)
MEANS = [Fraction(4_000_000)] * 3
KEYS = ("interest", "offer", "order")


def plan(*, target=10_000_000.0, from_open=4_000_000.0) -> GapPlan:
    gap = max(target - from_open, 0.0)
    return GapPlan(
        target=target, month=2, from_open=from_open, gap=gap, conversion=np.array([0.25, 0.5, 1.0]),
        required=np.array([[0.0, 0.0, 0.0], [gap, gap, 0.0], [0.0, 0.0, gap]]), in_month=np.array([0.0, 0.3, 1.0]),
        there=np.array([[0.05, 0.01, 0.0], [0.6, 0.3, 0.0], [1.0, 1.0, 1.0]]), latest=(None, 1, 2),
    )  # fmt: skip


def report(*, target: int | None = 10_000_000, arrived=0, cases=(30, 20), asked=False, means=MEANS, days=(), **more):
    definition = Definition(process(KEYS, days=days), 1, TODAY, None)
    wanted = None if target is None else Fraction(target)
    every = cascade_report(definition, planned_basis(definition, NOVEMBER), wanted, TargetSource.OWN, means)
    made = plan(target=float(max((target or 0) - arrived, 0)), **more)
    return gap_report(
        every, made, means, month=NOVEMBER + 2, as_of=TODAY, arrived=arrived, cases=cases, asked=asked
    )  # fmt: skip


def notes(found) -> list[str]:
    return [shown_line(line, "en") for line in gap_document([found], TODAY, "anna").tables[0].notes]


def test_json_says_for_which_month_what_is_missing_and_by_when_what_must_arrive():
    found = gap_json(report())
    assert (found["for"], found["from_open"], found["gap"], found["target"]) == (
        "2027-01", "40000.00", "60000.00", "100000.00",
    )  # fmt: skip
    first, second, last = found["milestones"]
    assert (first["required"], first["by"], first["too_late"], first["in_month"]) == (None, None, True, None)
    assert (second["required"], second["count"], second["by"]) == ("120000.00", 3.0, "2026-12-31")
    assert second["months"] == [
        {"month": "2026-11", "required": "60000.00"},
        {"month": "2026-12", "required": "60000.00"},
        {"month": "2027-01", "required": "0.00"},
    ]
    assert (last["required"], last["by"], last["in_month"]) == ("60000.00", "2027-01-31", 1.0)
    assert (second["required_p10"], second["required_p90"]) == (None, None)


def test_the_words_give_the_arithmetic_and_what_is_too_late():
    assert notes(report(days=(60, 60, 60))) == [
        "Open business is expected to bring €40,000 in Jan 2027; the target is €100,000: €60,000 is missing.",
        "Too late for milestone 1 (Interest): what arrives there now is typically an order in Mar 2027.",
        "It is the same money on its way: do not add the milestones up.",
        (
            "Of what milestone 2 brings so, 30% arrives in Jan 2027 itself; the rest serves the months around it, as "
            "their plans serve this one."
        ),
        "Rates and days as measured up to Nov 23, 2026, on 20 to 30 cases a section; dead horses are left out.",
    ]


def test_no_month_is_named_for_what_is_too_late_where_it_would_be_no_later():
    assert "Too late for milestone 1 (Interest)." in notes(report(days=(1, 1, 1)))


def test_what_has_arrived_is_told_and_counts():
    found = report(arrived=1_000_000)
    assert notes(found)[0] == (
        "Open business is expected to bring €40,000 in Jan 2027, €10,000 is there already; the target is €100,000: "
        "€50,000 is missing."
    )
    assert gap_json(found)["arrived"] == "10000.00"


def test_where_nothing_is_missing_nothing_must_arrive():
    found = report(from_open=20_000_000.0, cases=(30, 30))
    assert notes(found) == [
        "Open business is expected to bring €200,000 in Jan 2027; the target is €100,000: nothing is missing.",
        "Rates and days as measured up to Nov 23, 2026, on 30 cases a section; dead horses are left out.",
    ]
    assert [(row["required"], row["by"]) for row in gap_json(found)["milestones"]] == [("0.00", None)] * 3
    assert len(gap_document([found], TODAY, None).tables) == 1


def test_without_a_target_there_is_nothing_to_plan_for():
    found = report(target=None)
    assert notes(found)[0].startswith("No target for Jan 2027: set one with `ms set-target`")
    assert gap_json(found)["gap"] is None
    assert [row["required"] for row in gap_json(found)["milestones"]] == [None] * 3


@pytest.mark.parametrize(("asked", "end"), [(True, "file."), (False, "file: nothing has been recorded yet.")])
def test_the_plan_is_called_one(asked, end):
    found = report(cases=(), asked=asked)
    assert notes(found)[-1].endswith(end)
    assert gap_json(found)["rates"] == "planned"


def test_the_months_stand_in_a_table_of_their_own():
    tables = gap_document([report(target=10_000_049)], TODAY, None).tables
    assert [column.key for column in tables[1].columns] == ["month", "m1", "m2", "m3"]
    assert tables[1].rows == (
        (NOVEMBER, None, 6_000_049, None),
        (NOVEMBER + 1, None, 6_000_049, None),
        (NOVEMBER + 2, None, None, 6_000_049),
    )
    assert tables[0].rows[1][3] == last_of_month(NOVEMBER + 1)


def test_where_nothing_tells_what_an_arrival_is_worth_there_is_no_count():
    assert gap_json(report(means=[None, None, None]))["milestones"][1]["count"] is None
