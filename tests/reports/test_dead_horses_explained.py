"""`ms dead-horses --explain`: why each is set aside, and where the ages of the sections come from."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from tests.desk import KEYS, TODAY, measured, process

from milestone_cli.domain.basis import KNOT_WEEKS, planned_basis
from milestone_cli.domain.day import iso
from milestone_cli.domain.dead_horses import DeadRule, Threshold
from milestone_cli.domain.money import currency
from milestone_cli.domain.opportunity import Status
from milestone_cli.domain.process import Definition
from milestone_cli.render.cells import shown_line, shown_row
from milestone_cli.reports.dead_horses import dead_horses_document, dead_horses_report
from milestone_cli.reports.dead_horses_explained import explained
from milestone_cli.reports.opportunities import Listed

NOVEMBER = 2026 * 12 + 10
FALLING = tuple(0.5 * 0.9**week for week in KNOT_WEEKS)
AGES = (
    Threshold(112, DeadRule.MEASURED), Threshold(400, DeadRule.FIXED), Threshold(120, DeadRule.PLANNED),
    Threshold(None, DeadRule.NONE),
)  # fmt: skip


def basis(*, cases=(30, 30, 5, 30), count_rate="0.5"):
    plan = process(days=(30,) * 4)
    found = measured(planned_basis(Definition(plan, 1, TODAY, None), NOVEMBER))
    sections = (replace(one, cases=n, chances=FALLING) for one, n in zip(found.measured, cases, strict=True))
    return replace(found, measured=tuple(sections), dead=AGES, count_rates=(Fraction(count_rate),) * 4)


def listed(key: str, milestone: int, waited: int, status: Status = Status.DEAD) -> Listed:
    return Listed(
        key=key, number=1, customer=key.title(), title="", process="b2b", currency=currency("EUR"), rep="anna",
        value=1_000_000, value_assumed=False, milestone=milestone, milestone_key=KEYS[milestone - 1],
        milestone_name="M", reached_on=TODAY - waited, waiting_days=waited, status=status,
    )  # fmt: skip


def document(*rows: Listed, found=None):
    report = dead_horses_report(process(days=(30,) * 4), found or basis(), rows, TODAY)
    return explained(dead_horses_document([report], TODAY, None), [report], None)


def why(*rows: Listed, **more):
    return document(*rows, **more).json["processes"][0]["explain"]


def test_one_is_set_aside_so_many_days_after_it_got_there():
    reasons = document(listed("old", 1, 140), listed("soon", 1, 100, Status.OPEN)).tables[-2]
    assert [shown_row(row, reasons, "en_US")[:6] for row in reasons.rows] == [
        ["old", "1", "Jul 6, 2026", "112", "Oct 26, 2026", "140"],
        ["soon", "1", "Aug 15, 2026", "112", "Dec 5, 2026", "100"],
    ]
    for one in why(listed("old", 1, 140))["opportunities"]:
        assert (one["since"], one["aside_on"]) == (iso(TODAY - 140), iso(TODAY - 140 + one["dead_after_days"]))


def test_its_chance_stands_beside_the_one_under_which_it_is_set_aside():
    one = why(listed("old", 1, 140))["opportunities"][0]
    assert (one["chance_left"], one["hopeless"]) == (pytest.approx(0.5 * 0.9**20), 0.1)
    assert one["rule"] == "measured"


@pytest.mark.parametrize(("rate", "limit"), [("0.8", 0.1), ("0.2", 0.04)])
def test_a_section_in_which_few_move_is_measured_by_a_fifth_of_its_rate(rate, limit):
    assert why(found=basis(count_rate=rate))["sections"][0]["hopeless"] == pytest.approx(limit)


def test_the_age_is_the_week_in_which_the_chance_falls_under_the_limit():
    first = why()["sections"][0]
    assert first["dead_after_days"] == 112
    assert first["chance_before"] == pytest.approx(0.5 * 0.9**15)
    assert first["chance_then"] == pytest.approx(0.5 * 0.9**16)
    assert first["chance_then"] < first["hopeless"] < first["chance_before"]


def test_where_the_process_or_the_plan_decides_no_chance_does():
    _, fixed, planned, never = why()["sections"]
    for section, rule, days in ((fixed, "fixed", None), (planned, "planned", 30), (never, "none", None)):
        assert (section["rule"], section["chance_then"], section["planned_days"]) == (rule, None, days)
    assert (fixed["hopeless"], planned["hopeless"], never["hopeless"]) == (None, None, 0.1)


def test_the_words_name_the_snapshot_and_the_rules_that_hold():
    assert [shown_line(line, "en_US") for line in document().tables[-1].notes] == [
        "Snapshot of 2026-11, from the facts up to Oct 31, 2026: measured rates of version 1.",
        (
            "Set aside in the first week after P50 in which the chance still to move is under 10%, or under 20% of the"
            " section's rate if that is lower."
        ),
        "Until a section has 20 cases: 4 times the planned days, where these are given.",
        "`dead_after_days` in the process file rules over both.",
    ]


def test_under_the_plan_there_is_no_chance_to_tell():
    plan = planned_basis(Definition(process(days=(30,) * 4), 1, TODAY, None), NOVEMBER)
    found = why(listed("old", 1, 140), found=plan)
    assert (found["snapshot"]["rates"], found["opportunities"][0]["chance_left"]) == ("planned", None)
    assert {section["rule"] for section in found["sections"]} == {"planned"}
    assert {section["rate"] for section in found["sections"]} == {None}


def test_where_nothing_waits_long_the_ages_alone_are_explained():
    assert len(document().tables) == 3
