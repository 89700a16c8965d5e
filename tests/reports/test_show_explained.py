"""`ms show --explain`: what one opportunity is worth and when it is set aside, from the month's snapshot."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.desk import KEYS, TODAY, measured, process

from milestone_cli.domain.basis import KNOT_WEEKS, planned_basis
from milestone_cli.domain.dead_horses import NEVER, DeadRule, Threshold
from milestone_cli.domain.expected import expected
from milestone_cli.domain.opportunity import Opportunity
from milestone_cli.domain.process import Definition, ProcessHistory
from milestone_cli.render.cells import shown_line, shown_row
from milestone_cli.reports.opportunities import Places
from milestone_cli.reports.show import Shown, show_document
from milestone_cli.reports.show_explained import explained

DEFINITION = Definition(process(days=(30,) * 4), 1, TODAY - 900, None)
HISTORY = ProcessHistory("b2b", (DEFINITION,))
PLANNED = planned_basis(DEFINITION, 2026 * 12 + 10)
FALLING = tuple(0.8 * 0.99**week for week in KNOT_WEEKS)
MEASURED = replace(
    measured(PLANNED), expected=(FALLING, *((0.5,) * len(KNOT_WEEKS),) * 3),
    dead=(Threshold(112, DeadRule.MEASURED), NEVER, NEVER, NEVER),
)  # fmt: skip


def document(milestone: str | None, waited: int = 0, basis=MEASURED, value: int | None = 4_000_000, **more):
    state = Opportunity(
        opened_on=TODAY - waited, value=value, milestone=milestone, waiting_since=TODAY - waited, **more
    )
    head = Places({"b2b": HISTORY}, TODAY, {"b2b": basis}).listed(
        key="acme", number=1, customer="Acme", title="", process="b2b", rep=None, value=value, milestone=milestone,
        opened_on=state.opened_on, waiting_since=state.waiting_since, status=state.status,
    )  # fmt: skip
    shown = Shown(
        head=head, worth=expected(state, HISTORY, basis, TODAY), told=(), reps={}, names={},
        numbers=dict(zip(KEYS, range(1, 6), strict=True)), as_of=TODAY,
    )  # fmt: skip
    return explained(show_document(shown, str), shown, basis)


def notes(found) -> list[str]:
    return [shown_line(line, "en_US") for line in found.tables[1].notes]


def test_its_worth_is_its_potential_times_what_comes_of_money_that_has_waited_so_long():
    found = document("interest", 70).json
    why = found["explain"]
    assert why["value"] == "40000.00"
    assert why["share"] == pytest.approx(0.8 * 0.99**10)
    assert float(why["worth"]) == pytest.approx(float(why["value"]) * why["share"], abs=0.01)
    assert (found["worth"], why["waiting_days"]) == (why["worth"], 70)


def test_under_the_plan_it_is_the_rates_that_are_left():
    found = document("problem", basis=PLANNED)
    assert found.json["explain"]["worth"] == "10000.00"
    assert "What comes of it: 50.0% x 50.0%, the rates that are left." in notes(found)


def test_it_is_set_aside_so_many_days_after_it_got_there():
    table = document("interest", 120).tables[1]
    assert shown_row(table.rows[0], table, "en_US")[3:7] == ["Jul 26, 2026", "112", "Nov 15, 2026", "120"]
    why = document("interest", 120).json["explain"]
    assert (why["since"], why["aside_on"], why["rule"]) == ("2026-07-26", "2026-11-15", "measured")
    assert (why["chance_left"], why["hopeless"], why["chance_30_days"]) == (0.5, 0.1, 0.2)


def test_what_is_never_set_aside_says_why():
    found = document("invited", 400)
    assert "Never set aside: the chance never falls so low." in notes(found)
    assert (found.json["explain"]["aside_on"], found.json["explain"]["dead_after_days"]) == (None, None)


def test_the_snapshot_is_named():
    assert document("interest").json["explain"]["snapshot"]["month"] == "2026-11"
    assert notes(document("interest"))[0].startswith("Snapshot of 2026-11, from the facts up to Oct 31, 2026")


def test_without_a_potential_its_days_are_explained_all_the_same():
    why = document("interest", 10, value=None).json["explain"]
    assert (why["value"], why["worth"], why["waiting_days"], why["dead_after_days"]) == (None, None, 10, 112)


@pytest.mark.parametrize(
    ("milestone", "more", "words"),
    [
        (None, {}, "A target customer: before milestone 1 nothing is expected of it yet."),
        ("order", {"won_on": TODAY}, "Won: it has brought its potential."),
        ("offer", {"lost_on": TODAY}, "Lost: nothing is expected of it."),
        ("order", {}, "No section of this version begins where it stands."),
    ],
)
def test_where_nothing_is_expected_it_says_so(milestone, more, words):
    found = document(milestone, **more)
    assert (found.tables[1].rows, shown_line(found.tables[1].empty, "en")) == ((), words)
    assert set(found.json["explain"]) == {"snapshot"}
