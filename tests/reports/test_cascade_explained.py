"""`ms cascade --explain`: every number of the cascade, worked from what the explanation prints."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from tests.desk import TODAY, measured, process

from milestone_cli.domain.basis import NO_WORTH, MeanValue, Worth, mean_of, planned_basis
from milestone_cli.domain.day import day_of
from milestone_cli.domain.process import Definition
from milestone_cli.domain.setup import Rep, Target
from milestone_cli.domain.targets import TargetSource, Wanted, wanted
from milestone_cli.render.cells import shown_line, shown_row
from milestone_cli.reports.cascade import cascade_document, cascade_report
from milestone_cli.reports.cascade_explained import explained
from milestone_cli.reports.cascade_ground import CascadeGround, TargetGround

NOVEMBER = 2026 * 12 + 10
ANNA, BEN, CARA = 1, 2, 3
REPS = {number: Rep(number, key, key.title(), 0) for number, key in ((ANNA, "anna"), (BEN, "ben"), (CARA, "cara"))}
TYPICAL = mean_of(NO_WORTH, 4_000_000, NO_WORTH)
SET_ON = day_of(2026, 3, 4)
SHARED = "what the team's target leaves beside the reps' own, in equal parts"
WORTH = "An arrival at milestone 5 is worth"


def target(*amounts: tuple[int | None, int], rep: int | None = None, sharers=(), tried: int | None = None):
    held = {owner: Target("b2b", owner, amount, SET_ON, None) for owner, amount in amounts}
    found = wanted(dict(amounts), rep, sharers=sharers, active=REPS)
    if tried is not None:
        found = Wanted(Fraction(tried), TargetSource.OWN)
    return TargetGround(
        wanted=found, month=NOVEMBER, holding=held, reps=REPS, rep=REPS.get(rep), tried=tried is not None
    )


def document(*, wanted=None, mean: MeanValue = TYPICAL, means=None, change=lambda basis: basis, rep=None, **more):
    definition = Definition(process(**more), 1, TODAY, None)
    ground = CascadeGround(
        definition=definition,
        basis=change(planned_basis(definition, NOVEMBER)),
        target=target((None, 10_000_000)) if wanted is None else wanted,
        means=(mean,) * 5 if means is None else means,
    )
    its = ground.target.wanted
    report = cascade_report(definition, ground.basis, its.amount, its.source, ground.mean_values)
    return explained(cascade_document([report], TODAY, rep), [(ground, report)])


def why(**more):
    return document(**more).json["processes"][0]["explain"]


def notes(table) -> list[str]:
    return [shown_line(line, "en_US") for line in table.notes]


def test_the_worked_example_is_a_chain_of_divisions():
    chain = document().tables[1]
    assert [shown_row(row, chain, "en_US")[:7] for row in chain.rows] == [
        ["1", "€800,000", "50%", "€1,600,000", "20.00", "50%", "40.00"],
        ["2", "€400,000", "50%", "€800,000", "10.00", "50%", "20.00"],
        ["3", "€200,000", "50%", "€400,000", "5.00", "50%", "10.00"],
        ["4", "€100,000", "50%", "€200,000", "2.50", "50%", "5.00"],
        ["5", "-", "-", "€100,000", "-", "-", "2.50"],
    ]


def test_what_is_printed_divides_to_what_is_required_to_the_cent():
    rows = why(change=lambda basis: replace(measured(basis), rates=(Fraction("0.512345"),) * 4))["milestones"]
    for row, following in pairwise(rows):
        assert row["required_at_next"] == following["required"]
        quotient = float(row["required_at_next"]) / row["rate_to_next"]
        assert float(row["required"]) == pytest.approx(quotient, abs=0.02)
        assert row["count"] == pytest.approx(row["count_at_next"] / row["count_rate_to_next"])
    assert rows[-1]["required"] == "100000.00"
    assert rows[-1]["rate_to_next"] is None


@pytest.mark.parametrize(("rate", "shown"), [("0.5", "50%"), ("0.375", "37.5%"), ("0.512345", "51.2345%")])
def test_a_rate_is_shown_with_as_many_digits_as_it_has(rate, shown):
    chain = document(rates=[rate] * 4).tables[1]
    assert shown_row(chain.rows[0], chain, "en_US")[2] == shown


def test_the_snapshot_is_named_with_its_day_and_kind():
    assert why()["snapshot"] == {"month": "2026-11", "until": "2026-10-31", "version": 1, "rates": "planned"}
    words = notes(document(change=measured).tables[1])[0]
    assert words == "Snapshot of 2026-11, from the facts up to Oct 31, 2026: measured rates of version 1."


def test_p10_and_p90_are_the_target_times_what_the_snapshot_holds():
    found = document(change=measured).json["processes"][0]
    for row, step in zip(found["milestones"], found["explain"]["milestones"], strict=True):
        assert float(row["required_p10"]) == step["p10_of_1"] * 100_000
        assert float(row["required_p90"]) == step["p90_of_1"] * 100_000
    assert why()["milestones"][0]["p10_of_1"] is None
    assert not any(note.startswith("P10") for note in notes(document().tables[1]))


def test_what_an_arrival_in_this_month_feeds_lies_its_days_ahead():
    rows = why(days=[60, 30, 30, 30])["milestones"]
    assert [(row["lead_days"], row["lead_months"], row["feeds"]) for row in rows] == [
        (150, 5, "2027-04"), (90, 3, "2027-02"), (60, 2, "2027-01"), (30, 1, "2026-12"), (0, 0, "2026-11"),
    ]  # fmt: skip


def test_a_rate_says_how_much_of_it_is_data_and_what_was_planned():
    row = why(change=measured, rates=["0.3"] * 4)["milestones"][0]
    assert (row["planned"], row["weight_of_data"]) == (0.3, 0.8)


def test_a_section_without_a_case_is_named():
    def one_without(basis):
        found = measured(basis)
        first, *others = found.measured
        return replace(found, measured=(replace(first, cases=0), *others))

    assert "No case yet in section 1: the planned rate." in notes(document(change=one_without).tables[1])


@pytest.mark.parametrize(
    ("mean", "words", "told"),
    [
        (
            mean_of(Worth(20, 50_000_000), 4_000_000, NO_WORTH),
            f"{WORTH} €25,000 = €500,000 / 20, the arrivals with a known potential in the 24 months before Nov 2026.",
            {"amount": "25000.00", "source": "recent", "arrivals": 20, "money": "500000.00"},
        ),
        (
            TYPICAL,
            f"{WORTH} €40,000: the typical value of the process, until there are 10 arrivals.",
            {"amount": "40000.00", "source": "typical", "arrivals": None, "money": None},
        ),
        (
            mean_of(NO_WORTH, None, Worth(2, 3_000_000)),
            f"{WORTH} €15,000 = €30,000 / 2, all arrivals with a known potential.",
            {"amount": "15000.00", "source": "overall", "arrivals": 2, "money": "30000.00"},
        ),
        (
            mean_of(NO_WORTH, None, NO_WORTH),
            "Nothing tells what an arrival at milestone 5 is worth.",
            {"amount": None, "source": "none", "arrivals": None, "money": None},
        ),
    ],
)
def test_what_an_order_is_worth_says_what_tells_it(mean, words, told):
    found = document(mean=mean)
    assert words in notes(found.tables[1])
    assert found.json["processes"][0]["explain"]["mean_values"][-1] == told


def test_where_no_order_tells_a_count_each_milestone_does_with_its_own_arrivals():
    nothing = mean_of(NO_WORTH, None, NO_WORTH)
    found = document(means=(mean_of(NO_WORTH, None, Worth(1, 8_000_000)), *(nothing,) * 4))
    first, second = found.json["processes"][0]["explain"]["milestones"][:2]
    assert (first["count"], first["count_at_next"], second["count"]) == (20.0, None, None)
    words = notes(found.tables[1])
    assert "An arrival at milestone 1 is worth €80,000 = €80,000 / 1, all arrivals with a known potential." in words
    assert "Count: what is required / that." in words


@pytest.mark.parametrize(
    ("ground", "words", "rows"),
    [
        (target((None, 10_000_000)), "Wanted in Nov 2026: €100,000, as it is set.", ["team"]),
        (
            target((ANNA, 7_000_000), (BEN, 5_000_000)),
            "Wanted in Nov 2026: €120,000, the sum of the reps' targets.",
            ["anna", "ben"],
        ),
        (
            target((None, 10_000_000), (ANNA, 4_000_000), rep=BEN, sharers=(BEN, CARA)),
            f"Wanted in Nov 2026: (€100,000 - €40,000) / 2 = €30,000, {SHARED} to ben, cara.",
            ["team", "anna"],
        ),
        (
            target((None, 10_000_000), (ANNA, 14_000_000), rep=BEN, sharers=(BEN,)),
            "Wanted in Nov 2026: €0, for the reps' own targets leave nothing of the team's to ben.",
            ["team", "anna"],
        ),
        (target(), "No target for Nov 2026.", []),
        (
            target((None, 10_000_000), tried=15_000_000),
            "Wanted in Nov 2026: €150,000, as tried with --target; nothing is recorded.",
            [],
        ),
    ],
    ids=["own", "sum", "share", "nothing left", "none", "tried"],
)
def test_a_target_comes_from_targets_that_were_set(ground, words, rows):
    table = document(wanted=ground).tables[2]
    assert notes(table) == [words]
    assert [shown_row(row, table, "en_US")[0] for row in table.rows] == rows


def test_a_rep_has_the_teams_rates_and_is_told_where_they_share_in_this_view_only():
    found = document(wanted=target((None, 10_000_000), rep=BEN, sharers=(CARA,)), rep="ben")
    assert "The rates are the team's for every rep, so that the parts add up." in notes(found.tables[1])
    assert notes(found.tables[2])[1] == "ben has no open opportunity and shares in this view only."


def test_where_a_target_comes_from_stands_in_the_json_too():
    share = target((None, 10_000_000), (ANNA, 4_000_000), rep=BEN, sharers=(CARA,))
    found = why(wanted=share)["target"]
    assert (found["source"], found["amount"], found["shared_by"]) == ("share", "30000.00", ["ben", "cara"])
    assert found["made_of"][1] == {"rep": "anna", "amount": "40000.00", "valid_from": None, "set_on": "2026-03-04"}
    assert why(wanted=target(tried=100))["target"]["source"] == "tried"


def test_a_lever_is_what_milestone_1_needs_before_and_after():
    table = document().tables[3]
    assert shown_row(table.rows[0], table, "en_US") == [
        "1", "2", "50%", "60%", "€1,600,000", "€1,333,333.33", "€266,666.67",
    ]  # fmt: skip
    assert why()["levers"][0] == {
        "from": 1, "to": 2, "required": "1600000.00", "required_then": "1333333.33", "saves": "266666.67",
    }  # fmt: skip


def test_without_a_target_the_rates_and_days_are_explained_all_the_same():
    found = document(wanted=target())
    assert len(found.tables) == 3
    row = found.json["processes"][0]["explain"]["milestones"][0]
    assert (row["required"], row["required_at_next"], row["rate_to_next"], row["feeds"]) == (None, None, 0.5, "2027-03")
