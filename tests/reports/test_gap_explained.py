"""`ms cascade --for MONTH --explain`: what the plan is made of, from a plan made by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from tests.desk import TODAY, process

from milestone_cli.domain.arrivals import ListedArrival
from milestone_cli.domain.basis import NO_WORTH, Worth, mean_of, planned_basis
from milestone_cli.domain.day import month_of
from milestone_cli.domain.process import Definition
from milestone_cli.domain.setup import Rep, Target
from milestone_cli.domain.targets import TargetSource, Wanted
from milestone_cli.estimate.gap_plan import GapPlan
from milestone_cli.render.cells import shown_line, shown_row, shown_title
from milestone_cli.reports.cascade import cascade_report
from milestone_cli.reports.cascade_ground import CascadeGround, TargetGround
from milestone_cli.reports.forecast import Carrier
from milestone_cli.reports.gap_explained import GapGround, explained
from milestone_cli.reports.gap_plan import gap_document, gap_report

NOVEMBER = month_of(TODAY)
KEYS = ("interest", "offer", "order")
MEANS = (
    mean_of(Worth(20, 60_000_000), None, NO_WORTH), mean_of(NO_WORTH, 4_000_000, NO_WORTH),
    mean_of(NO_WORTH, None, Worth(1, 5_000_000)),
)  # fmt: skip
PLAN = GapPlan(
    target=10_000_000.0, month=2, from_open=4_000_000.0, gap=6_000_000.0, conversion=np.array([0.25, 0.5, 1.0]),
    required=np.array([[0.0, 0.0, 0.0], [6e6, 6e6, 0.0], [0.0, 0.0, 6e6]]), in_month=np.array([0.0, 0.3, 1.0]),
    there=np.array([[0.05, 0.01, 0.0], [0.6, 0.3, 0.02], [1.0, 1.0, 1.0]]), latest=(None, 1, 2),
)  # fmt: skip
CARRIERS = (
    Carrier(key="acme", customer="Acme", value=9_000_000, milestone=2, waiting_days=12, money=4_500_000.0),
    Carrier(key="beta", customer="Beta", value=None, milestone=1, waiting_days=3, money=500_000.0),
)
TARGET = TargetGround(
    wanted=Wanted(Fraction(10_000_000), TargetSource.OWN, made_of=(None,)),
    month=NOVEMBER + 2,
    holding={None: Target("b2b", None, 10_000_000, TODAY, None)},
    reps={1: Rep(1, "anna", "Anna", 0)},
)


def document(*, cases=(30, 20), arrivals=(), typical=None, **more):
    definition = Definition(process(KEYS, typical_value=typical), 1, TODAY, None)
    cascade = CascadeGround(
        definition=definition,
        basis=planned_basis(definition, NOVEMBER),
        target=TARGET,
        means=MEANS,
    )
    fields = {"from_open": (500_000, 1_500_000, 4_000_000), "carriers": CARRIERS, "bias": -0.05, "hindcasts": 6} | more
    ground = GapGround(
        cascade=cascade,
        conversion=tuple(PLAN.conversion.tolist()),
        there=tuple(map(tuple, PLAN.there.tolist())),
        arrivals=tuple(arrivals),
        **fields,
    )
    every = cascade_report(
        definition, cascade.basis, Fraction(10_000_000), cascade.target.wanted.source, cascade.mean_values
    )
    report = gap_report(
        every, PLAN, cascade.mean_values, month=NOVEMBER + 2, as_of=TODAY, arrived=0, cases=cases, asked=False
    )
    return explained(gap_document([report], TODAY, None), [(ground, report)], None)


def table(name: str, **more):
    return next((one for one in document(**more).tables if shown_title(one, "en").endswith(name)), None)


def rows(name: str, **more) -> list[list[str]]:
    found = table(name, **more)
    return [shown_row(row, found, "en_US") for row in found.rows]


def notes(name: str, **more) -> list[str]:
    return [shown_line(line, "en_US") for line in table(name, **more).notes]


def why(**more):
    return document(**more).json["processes"][0]["explain"]


def test_what_is_missing_is_divided_by_what_comes_through_and_by_what_an_arrival_is_worth():
    assert rows("how the plan comes about") == [
        ["1", "€60,000", "25.0000%", "-", "€30,000", "24 months", "-", "-", "5.0%", "1.0%"],
        ["2", "€60,000", "50.0000%", "€120,000", "€40,000", "typical value", "3.00", "Dec 31, 2026", "30.0%", "2.0%"],
        ["3", "€60,000", "100.0000%", "€60,000", "€50,000", "all arrivals", "1.20", "Jan 31, 2027", "100.0%", "-"],
    ]


def test_the_words_say_what_comes_through_and_until_when_it_matters():
    first, by, spread = notes("how the plan comes about")
    assert first.endswith("as measured up to Nov 23, 2026; skipped milestones and changed potentials are in it.")
    assert by == (
        "By: the end of the last month of which, of all that ever comes through, 10% or more is there by the end of Jan"
        " 2027."
    )
    assert "comes in Jan 2027 itself" in spread
    assert notes("how the plan comes about", cases=())[0] == (
        "Comes through: the planned rates from there on, multiplied."
    )


def test_the_target_is_that_of_the_month():
    assert notes("where the target comes from") == ["Wanted in Jan 2027: €100,000, as it is set."]
    assert why()["target"]["month"] == "2027-01"


def test_open_business_is_told_by_month_and_by_opportunity_but_never_by_both():
    assert rows("what open business brings") == [
        ["Nov 2026", "€5,000"], ["Dec 2026", "€15,000"], ["Jan 2027", "€40,000"],
    ]  # fmt: skip
    assert rows("who carries it until 2027-01") == [
        ["acme", "Acme", "€90,000", "2", "12", "€45,000", "90.0%"],
        ["beta", "Beta", "-", "1", "3", "€5,000", "10.0%"],
    ]
    found = why()
    assert [row["expected"] for row in found["from_open"]] == ["5000.00", "15000.00", "40000.00"]
    assert set(found["carriers"][0]) == {"opportunity", "value", "milestone", "waiting_days", "expected"}


def test_of_a_single_month_no_opportunity_is_told():
    alone = {"from_open": (4_000_000,)}
    assert table("who carries it until 2027-01", **alone) is None
    assert why(**alone)["carriers"] is None
    assert "Which ones is told over several months together: `ms forecast --explain`." in notes(
        "what open business brings", **alone
    )


def test_what_past_forecasts_changed_is_told_where_there_were_any():
    assert notes("what open business brings")[1] == "Learnt from 6 past forecasts: the mean is changed by -5.0%."
    assert len(notes("what open business brings", hindcasts=0)) == 1


def test_what_has_arrived_in_the_month_is_listed_with_what_is_assumed_of_it():
    came = [ListedArrival("gamma", "order", TODAY, 2_000_000, 1, implied=False),
            ListedArrival("delta", "order", TODAY - 1, None, None, implied=True)]  # fmt: skip
    assert rows("what is there already in 2027-01", arrivals=came) == [
        ["3", "delta", "Nov 22, 2026", "-", "", "yes"],
        ["3", "gamma", "Nov 23, 2026", "€20,000", "anna", "no"],
    ]
    assert notes("what is there already in 2027-01", arrivals=came) == []
    assert notes("what is there already in 2027-01", arrivals=came, typical=4_000_000) == [
        "1 without a known potential: the typical value of the process is assumed."
    ]
    assert [one["opportunity"] for one in why(arrivals=came)["arrivals"]] == ["gamma", "delta"]


def test_json_holds_every_month_s_share_that_is_there_in_time():
    found = why()
    assert found["still_matters"] == 0.1
    assert [row["there_by_the_end"] for row in found["milestones"]] == PLAN.there.tolist()
    assert [row["comes_through"] for row in found["milestones"]] == [0.25, 0.5, 1.0]
    assert found["milestones"][1]["mean_value"]["source"] == "typical"
