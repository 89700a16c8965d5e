"""`ms health --explain`: the counts behind every share, and what each sign has found."""

from __future__ import annotations

import pytest
from tests.desk import TODAY

from milestone_cli.domain.lived import Life, Ridden, signs
from milestone_cli.domain.money import currency
from milestone_cli.domain.period import month_period
from milestone_cli.render.cells import shown_line, shown_row
from milestone_cli.reports.health import HealthReport, Targets, health_document
from milestone_cli.reports.health_explained import explained

PERIOD = month_period(2026 * 12 + 10)
RIDES = (Ridden(7, TODAY - 3, 2, TODAY - 90, 60), Ridden(7, TODAY - 1, 2, TODAY - 90, 60))
LIFE = Life(
    actions=10, with_evidence=4, with_person=3, delays={0: 2, 3: 3, 9: 1, 40: 2}, implied=2, recent=5, rides=RIDES
)
NAMES = {"b2b": {7: ("acme", "Acme")}}


def document(life: Life = LIFE, amounts=None, revised_on=None):
    held = {None: 10_000_000} if amounts is None else amounts
    report = HealthReport(
        process="b2b", title="B2B", life=life, signs=signs(life, target_set=bool(held), revised=revised_on is not None),
        revised_on=revised_on, until=TODAY, targets=Targets(held, currency("EUR")),
    )  # fmt: skip
    return explained(health_document([report], PERIOD, TODAY, None), [report], PERIOD, None, NAMES)


def rows(place: int, **more) -> list[list[str]]:
    table = document(**more).tables[place]
    return [shown_row(row, table, "en_US") for row in table.rows]


def test_every_share_is_so_many_of_so_many():
    assert [row[1:] for row in rows(2)] == [
        ["4", "10", "40.0%"], ["3", "10", "30.0%"], ["2", "12", "16.7%"], ["8", "10", "80.0%"],
    ]  # fmt: skip
    assert document().json["processes"][0]["explain"]["counts"]["implied"] == {"part": 2, "whole": 12}


def test_the_days_to_entry_are_counted_together():
    assert rows(3) == [
        ["0", "0", "2", "25.0%"], ["1", "1", "0", "0.0%"], ["2", "7", "3", "37.5%"], ["8", "30", "1", "12.5%"],
        ["31", "-", "2", "25.0%"],
    ]  # fmt: skip
    assert rows(3, life=Life()) == []


@pytest.mark.parametrize(
    ("amounts", "words"),
    [
        ({None: 10_000_000, 1: 5}, "€100,000 a month for the team"),
        ({1: 5}, "a target of 1 rep"),
        ({1: 5, 2: 5}, "targets of 2 reps"),
        ({}, "no target"),
    ],
)
def test_a_sign_says_which_target_it_has_found(amounts, words):
    assert rows(4, amounts=amounts)[0] == ["A target is set", words, "one or more", "yes" if amounts else "no"]


def test_the_other_signs_say_what_they_have_found_and_what_it_takes():
    assert [row[1:] for row in rows(4)[1:]] == [
        ["5 since Oct 25, 2026", "one or more", "yes"],
        ["after 3.0 days", "at most 7 days", "yes"],
        ["never", "after Nov 23, 2025", "no"],
    ]
    assert rows(4, revised_on=TODAY - 9)[3][1] == "Nov 14, 2026"
    assert rows(4, life=Life())[2][1] == "nobody knows"


def test_dead_horses_ridden_on_are_named_by_opportunity_and_day():
    assert rows(5) == [
        ["acme", "Nov 20, 2026", "2", "Aug 25, 2026", "87", "60"],
        ["acme", "Nov 22, 2026", "2", "Aug 25, 2026", "89", "60"],
    ]
    found = document().json["processes"][0]
    assert (found["dead_ridden"], [ride["opportunity"] for ride in found["explain"]["rides"]]) == (1, ["acme", "acme"])
    nothing = document(life=Life()).tables[5]
    assert shown_line(nothing.empty, "en") == "No dead horse was revalued or given to another rep."
