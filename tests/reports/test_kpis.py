"""The KPIs of a team and its reps, worked by hand from the words of the concept."""

from __future__ import annotations

from fractions import Fraction

import pytest
from tests.desk import KEYS, measured, process

from milestone_cli.domain.arrivals import Arrived
from milestone_cli.domain.basis import Basis, Worth, planned_basis
from milestone_cli.domain.day import Day, day_of, first_of_month
from milestone_cli.domain.period import Period, parse_period
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.domain.setup import Rep, Target
from milestone_cli.domain.targets import TargetSource
from milestone_cli.render.cells import shown_title
from milestone_cli.reports.gap_words import nothing_short
from milestone_cli.reports.kpis import Ground, KpisReport, MilestoneKpi, kpis, months_needed, situation
from milestone_cli.reports.kpis_document import kpis_document, kpis_json, lamps_table
from milestone_cli.reports.kpis_explained import explained
from milestone_cli.reports.table import in_english

NOVEMBER = 2026 * 12 + 10
FIRST, AS_OF = day_of(2026, 11, 1), day_of(2026, 11, 23)
LONG_AGO = day_of(2024, 1, 1)
ANNA = Rep(1, "anna", "Anna", LONG_AGO)
BEN = Rep(2, "Ben", "Ben", LONG_AGO)
CARA = Rep(3, "cara", "Cara", LONG_AGO)
TEAM = Target("b2b", None, 10_000_000, LONG_AGO, None)
"""100,000 euro a month."""


def ground(
    period: str = "2026-11",
    as_of: Day = AS_OF,
    *,
    plan=None,
    history: ProcessHistory | None = None,
    bases: dict[int, Basis] | None = None,
    owners: tuple[int, ...] = (),
    worths: dict[str, Worth] | None = None,
    **more,
) -> Ground:
    """Return the ground of a team that began long ago, planned at a half and 30 days everywhere."""
    span: Period = parse_period(period, today=as_of)
    lived = history or ProcessHistory.of("b2b", [(plan or process(), LONG_AGO, None)])
    usual = {
        "definition": lived.at(min(span.end, as_of)), "period": span, "as_of": as_of, "targets": (TEAM,),
        "reps": {rep.number: rep for rep in (CARA, ANNA, BEN)}, "began": LONG_AGO, "history_from": None, "arrived": {},
        "earlier": ({},) * 6,
        "bases": bases or {
            month: planned_basis(lived.at(first_of_month(month)), month, owners=owners, worths=worths)
            for month in months_needed(span)
        },
    }  # fmt: skip
    return Ground(**(usual | more))


def row(report: KpisReport, key: str) -> MilestoneKpi:
    return next(one for one in report.milestones if one.milestone.key == key)


def amounts(report: KpisReport) -> list[int | None]:
    return [one.wanted for one in report.milestones]


# -- targets ----------------------------------------------------------------------------------------------------------


def test_a_months_target_is_the_cascade():
    assert amounts(kpis(ground())) == [160_000_000, 80_000_000, 40_000_000, 20_000_000, 10_000_000]


def test_a_requirement_comes_from_the_target_of_the_month_it_feeds():
    """60 + 90 + 60 + 95 days: what arrives at milestone 1 in November feeds the order of next September."""
    targets = (TEAM, Target("b2b", None, 20_000_000, LONG_AGO + 9, day_of(2027, 4, 1)))
    found = kpis(ground(plan=process(days=[60, 90, 60, 95]), targets=targets))
    assert [one.feeds for one in found.milestones] == ["2027-09", "2027-07", "2027-04", "2027-02", "2026-11"]
    assert amounts(found) == [320_000_000, 160_000_000, 80_000_000, 20_000_000, 10_000_000]


def test_with_a_constant_target_the_lead_changes_nothing():
    assert amounts(kpis(ground(plan=process(days=[200] * 4)))) == amounts(kpis(ground()))


def test_a_new_target_in_the_middle_of_the_month_does_not_move_this_months_requirement():
    late = Target("b2b", None, 90_000_000, FIRST + 9, FIRST)
    assert amounts(kpis(ground(targets=(TEAM, late)))) == amounts(kpis(ground()))
    early = Target("b2b", None, 90_000_000, FIRST - 1, FIRST)
    assert row(kpis(ground(targets=(TEAM, early))), "order").wanted == 90_000_000


def test_the_first_target_counts_whenever_it_was_set():
    first = Target("b2b", None, 10_000_000, AS_OF, None)
    assert amounts(kpis(ground(targets=(first,)))) == amounts(kpis(ground()))


def test_a_quarters_target_is_the_sum_of_its_months_own_requirements():
    targets = (TEAM, Target("b2b", None, 16_000_000, LONG_AGO + 9, day_of(2026, 12, 1)))
    assert row(kpis(ground("2026-Q4", targets=targets)), "order").wanted == 36_000_000
    # October's offers feed November, November's December, December's January
    assert row(kpis(ground("2026-Q4", targets=targets)), "offer").wanted == 2 * (10 + 16 + 16) * 1_000_000


def test_a_years_target_is_the_sum_of_its_months():
    assert row(kpis(ground("2026")), "order").wanted == 120_000_000


def test_a_quarter_feeds_a_span_of_months():
    assert row(kpis(ground("2026-Q4")), "offer").feeds == "2026-11..2027-01"


def test_a_weeks_target_is_12_52_of_the_month_its_thursday_lies_in():
    """2026-W49 runs from Monday 30 November; its Thursday lies in December."""
    targets = (TEAM, Target("b2b", None, 52_000_000, LONG_AGO + 9, day_of(2026, 12, 1)))
    found = kpis(ground("2026-W49", targets=targets))
    assert row(found, "order").wanted == 12_000_000
    assert months_needed(parse_period("2026-W49", today=AS_OF)) == (NOVEMBER + 1,)


def test_rates_that_were_frozen_differ_from_month_to_month():
    lived = ProcessHistory.of("b2b", [(process(), 0, None), (process(rates=["0.25"] * 4), 0, day_of(2026, 12, 1))])
    found = kpis(ground("2026-Q4", history=lived))
    assert row(found, "offer").wanted == 20_000_000 + 20_000_000 + 40_000_000


def test_without_any_target_there_is_none():
    found = kpis(ground(targets=()))
    assert amounts(found) == [None] * 5
    assert found.target_source is TargetSource.NONE
    assert (row(found, "order").ratio, row(found, "order").missing, found.focus) == (None, None, None)


def test_a_reps_share_is_equal_and_the_parts_add_up():
    found = [kpis(ground(owners=(1, 2)), rep) for rep in (ANNA, BEN)]
    assert [one.target_source for one in found] == [TargetSource.SHARE] * 2
    assert [row(one, "interest").wanted for one in found] == [80_000_000, 80_000_000]
    assert not found[0].added


def test_a_rep_who_is_not_among_those_who_share_is_added_in_that_view_only():
    found = kpis(ground(owners=(1,)), BEN)
    assert found.added
    assert row(found, "order").wanted == 5_000_000
    assert "share is shown in this view only" in words(found)


def test_a_reps_own_target_leaves_the_rest_to_the_others():
    own = Target("b2b", 1, 4_000_000, LONG_AGO, None)
    assert row(kpis(ground(owners=(1, 2, 3), targets=(TEAM, own)), ANNA), "order").wanted == 4_000_000
    assert row(kpis(ground(owners=(1, 2, 3), targets=(TEAM, own)), BEN), "order").wanted == 3_000_000


def test_without_a_team_target_it_is_the_sum_of_the_reps():
    targets = (Target("b2b", 1, 4_000_000, LONG_AGO, None), Target("b2b", 2, 3_000_000, LONG_AGO, None))
    found = kpis(ground(targets=targets))
    assert (row(found, "order").wanted, found.target_source) == (7_000_000, TargetSource.SUM)


def test_the_target_of_a_rep_who_retired_before_the_month_does_not_count():
    targets = (Target("b2b", 1, 4_000_000, LONG_AGO, None), Target("b2b", 2, 3_000_000, LONG_AGO, None))
    reps = {1: ANNA, 2: Rep(2, "ben", "Ben", LONG_AGO, FIRST)}
    assert row(kpis(ground(targets=targets, reps=reps)), "order").wanted == 4_000_000


@pytest.mark.parametrize(
    ("amount", "words_"), [(12_000_000, "2000000 a month above"), (9_000_000, "1000000 a month below")]
)
def test_it_is_said_by_how_much_the_reps_miss_the_teams_target(amount, words_):
    found = kpis(ground(targets=(TEAM, Target("b2b", 1, amount, LONG_AGO, None))))
    assert found.mismatch == amount - 10_000_000
    assert words_ in words(found)


# -- what arrived -----------------------------------------------------------------------------------------------------


def test_an_unknown_potential_is_one_arrival_and_no_money():
    arrived = {"order": Arrived(money=3_000_000, count=2, unknown=1)}
    found = row(kpis(ground(arrived=arrived)), "order")
    assert (found.reached, found.count, found.assumed) == (3_000_000, 2, 0)


def test_with_a_typical_value_it_is_assumed_and_marked():
    arrived = {"order": Arrived(money=3_000_000, count=2, unknown=1)}
    report = kpis(ground(arrived=arrived, plan=process(typical_value=4_000_000)))
    found = row(report, "order")
    assert (found.reached, found.count, found.assumed) == (7_000_000, 2, 4_000_000)
    assert "typical value is assumed: up to 4000000" in words(report)
    assert kpis_json(report)["milestones"][4]["assumed"] == "40000.00"


def test_ratio_missing_and_what_is_to_go_per_week():
    """7 days are left after the 23rd: 50,000 of 100,000 are missing, all of it in the one week to come."""
    found = row(kpis(ground(arrived={"order": Arrived(5_000_000, 1)})), "order")
    assert (found.ratio, found.missing, found.per_week) == (0.5, 5_000_000, 5_000_000)


@pytest.mark.parametrize(
    ("as_of", "per_week"),
    [
        (day_of(2026, 11, 9), Fraction(5_000_000 * 7, 21)),
        (day_of(2026, 11, 28), 5_000_000),
        (day_of(2026, 11, 30), None),
        (day_of(2026, 12, 9), None),
        (day_of(2026, 10, 9), Fraction(5_000_000 * 7, 30)),
    ],
    ids=["three weeks left", "less than a week left", "last day", "over", "not begun"],
)
def test_what_is_to_go_per_week_spreads_over_the_days_left(as_of, per_week):
    found = row(kpis(ground(as_of=as_of, arrived={"order": Arrived(5_000_000, 1)})), "order")
    assert found.per_week == (None if per_week is None else round(per_week))


def test_nothing_is_to_go_where_it_is_reached():
    found = row(kpis(ground(arrived={"order": Arrived(10_000_000, 1)})), "order")
    assert (found.per_week, found.missing, found.signal.lamp) == (None, 0, "green")


def test_the_trend_is_the_money_of_six_earlier_periods_oldest_first():
    earlier = tuple({"order": Arrived(n * 100, n, 1)} for n in range(1, 7))
    assert row(kpis(ground(earlier=earlier)), "order").trend == (100, 200, 300, 400, 500, 600)
    typical = kpis(ground(earlier=earlier, plan=process(typical_value=7)))
    assert row(typical, "order").trend[0] == 107
    assert row(typical, "offer").trend == (0,) * 6


# -- what an arrival is worth, and lamps ------------------------------------------------------------------------------


def test_the_count_target_divides_by_the_mean_of_the_last_24_months_if_there_are_ten():
    plan = process(typical_value=4_000_000)
    thin = kpis(ground(plan=plan, worths={"order": Worth(9, 9_000_000)}))
    enough = kpis(ground(plan=plan, worths={"order": Worth(10, 10_000_000)}))
    assert (row(thin, "order").count_target, row(enough, "order").count_target) == (2.5, 10.0)


def test_without_a_typical_value_the_mean_of_what_there_is_must_do():
    overall = {"order": Worth(2, 10_000_000)}
    found = kpis(ground(overall=overall))
    assert row(found, "order").count_target == 2.0
    assert row(found, "offer").count_target is None


def lamps(report: KpisReport) -> list[tuple[str, str]]:
    return [(one.signal.lamp.value, one.signal.reason.value) for one in report.milestones]


def test_a_milestone_is_not_due_until_the_book_is_as_old_as_the_way_from_milestone_1():
    """The book began 70 days ago; with 30 days a section, milestones 1 to 3 are due."""
    found = lamps(kpis(ground(began=AS_OF - 70)))
    assert [reason for _, reason in found] == ["short", "short", "short", "not_due", "not_due"]
    assert found[4] == ("grey", "not_due")


@pytest.mark.parametrize(("age", "reason"), [(59, "not_due"), (60, "short")])
def test_less_than_the_way_ago_is_not_due_and_the_very_day_is(age, reason):
    assert lamps(kpis(ground(began=AS_OF - age)))[2][1] == reason


def test_a_finished_period_asks_how_old_the_book_was_at_its_end():
    assert lamps(kpis(ground("2026-10", began=day_of(2026, 9, 15))))[2][1] == "not_due"


def test_history_from_counts_as_the_beginning_where_it_is_later():
    assert lamps(kpis(ground(history_from=AS_OF - 10)))[1][1] == "not_due"
    assert lamps(kpis(ground(history_from=LONG_AGO - 99)))[1][1] == "short"


def test_a_new_reps_milestones_are_not_due_but_the_teams_are():
    dora = Rep(4, "dora", "Dora", AS_OF - 10)
    assert lamps(kpis(ground(owners=(4,), reps={4: dora}), dora))[1:] == [("grey", "not_due")] * 4
    assert lamps(kpis(ground(owners=(4,), reps={4: dora})))[1][1] == "short"


def test_in_a_book_without_facts_nothing_is_due():
    assert set(lamps(kpis(ground(began=None)))) == {("grey", "not_due")}


def test_a_period_ahead_is_grey_and_no_more_than_that():
    assert set(lamps(kpis(ground("2027-03")))) == {("grey", "future")}


@pytest.mark.parametrize(
    ("day", "reason"),
    [(2, "on_pace"), (4, "on_pace"), (5, "short")],
    ids=["first weekday", "third weekday", "the day after"],
)
def test_before_the_third_weekday_is_over_nothing_is_short(day, reason):
    """November 2026 begins on a Sunday: its third weekday is Wednesday the 4th."""
    assert lamps(kpis(ground(as_of=day_of(2026, 11, day))))[0][1] == reason


def test_on_the_weekend_after_the_third_weekday_it_is_over():
    """July 2026 begins on a Wednesday: its third weekday is Friday the 3rd."""
    assert lamps(kpis(ground("2026-07", as_of=day_of(2026, 7, 3))))[0][1] == "on_pace"
    assert lamps(kpis(ground("2026-07", as_of=day_of(2026, 7, 4))))[0][1] == "short"


def test_chance_is_counted_with_the_mean_value_and_the_elapsed_share():
    """10 wanted in the month, 23 of 30 days gone, so 7.67 expected; 6 came: P(N <= 6) = 36 %, P(N <= 4) = 12 %."""
    plan = process(typical_value=1_000_000)
    six = kpis(ground(plan=plan, arrived={"order": Arrived(6_000_000, 6)}))
    four = kpis(ground(plan=plan, arrived={"order": Arrived(4_000_000, 4)}))
    assert (lamps(six)[4], lamps(four)[4]) == (("amber", "chance"), ("red", "short"))


def test_an_unknown_potential_adds_one_mean_to_the_count_that_came():
    overall = {"order": Worth(9, 9_000_000)}
    six = {"order": Arrived(money=4_000_000, count=6, unknown=2)}
    assert lamps(kpis(ground(overall=overall, arrived=six)))[4] == ("amber", "chance")


# -- focus and versions -----------------------------------------------------------------------------------------------


def test_the_focus_is_where_the_gap_costs_most_at_the_order():
    """Everything is short alike: the first milestone's gap, at a 16th, costs as much as the others, so the first."""
    assert kpis(ground()).focus == 1
    better = {"interest": Arrived(80_000_000, 9), "invited": Arrived(10_000_000, 9)}
    assert kpis(ground(arrived=better)).focus == 3


def test_without_a_red_lamp_the_focus_is_among_the_amber():
    on_pace = {key: Arrived(150_000_000 >> place, 20) for place, key in enumerate(KEYS)}
    found = kpis(ground(arrived=on_pace))
    assert {one.signal.lamp.value for one in found.milestones} == {"amber"}
    assert found.focus is not None
    assert "Watch milestone" in words(found)


def two_versions(day: Day) -> ProcessHistory:
    return ProcessHistory.of("b2b", [(process(), LONG_AGO, None), (process((*KEYS, "paid")), LONG_AGO, day)])


def test_a_period_shows_the_version_at_its_end_and_the_rates_that_go_with_it():
    found = kpis(ground("2026-Q4", as_of=day_of(2027, 1, 15), history=two_versions(day_of(2026, 12, 1))))
    assert (found.version, len(found.milestones)) == (2, 6)
    assert row(found, "order").rate_to_next == Fraction(1, 2)
    assert row(found, "paid").wanted == 10_000_000
    assert row(found, "paid").signal.reason == "short"


def test_a_period_that_runs_shows_the_version_of_the_as_of_day():
    found = kpis(ground("2026-Q4", history=two_versions(day_of(2026, 12, 1))))
    assert (found.version, len(found.milestones)) == (1, 5)


def test_a_milestone_the_months_basis_does_not_have_has_no_target():
    bases = {NOVEMBER: planned_basis(two_versions(FIRST).at(FIRST - 1), NOVEMBER)}
    found = row(kpis(ground(history=two_versions(FIRST), bases=bases)), "paid")
    assert (found.target, found.rate_to_next, found.signal.reason) == (None, None, "no_target")


# -- by rep, documents, explanations ----------------------------------------------------------------------------------


def test_by_rep_is_alphabetical_and_without_nobody():
    by_rep = {2: {"order": Arrived(700, 1)}, None: {"order": Arrived(5, 1)}, 3: {}}
    found = kpis(ground(owners=(1,), by_rep=by_rep))
    assert found.reps is not None
    assert [rep.key for rep, _ in found.reps] == ["anna", "Ben", "cara"]
    assert found.reps[1][1][4].reached == 700
    assert [entry["rep"] for entry in kpis_json(found)["reps"]] == ["anna", "Ben", "cara"]


def test_by_rep_shows_who_has_a_target_of_this_process_and_did_not_retire_before():
    targets = (TEAM, Target("b2b", 3, 100, LONG_AGO, None), Target("smb", 2, 100, LONG_AGO, None))
    reps = {1: Rep(1, "anna", "Anna", LONG_AGO, FIRST), 2: BEN, 3: CARA}
    found = kpis(ground(owners=(1,), targets=targets, reps=reps, by_rep={}))
    assert [rep.key for rep, _ in found.reps or ()] == ["cara"]


def words(report: KpisReport) -> str:
    """Return the notes under a report's table, values as they are."""
    [table, *_] = kpis_document([report], AS_OF, None).tables
    return "\n".join(in_english(line) for line in table.notes)


def test_the_json_has_the_fields_of_the_contract():
    found = kpis_json(
        kpis(ground(arrived={"interest": Arrived(124_000_000, 13)}, plan=process(typical_value=4_000_000)))
    )
    assert found["period"] == {"label": "2026-11", "start": "2026-11-01", "end": "2026-11-30", "elapsed": 0.7667}
    assert (found["process"], found["version"], found["currency"]) == ("b2b", 1, "EUR")
    assert (found["target_source"], found["rates"], found["focus"]) == ("own", "planned", 2)
    assert "reps" not in found
    first = found["milestones"][0]
    assert first.pop("trend") == ["0.00"] * 6
    assert first == {
        "number": 1, "key": "interest", "name": "Interest", "rate_to_next": 0.5, "rate_low": None, "rate_high": None,
        "count_rate_to_next": 0.5, "cases": None, "target": "1600000.00", "count_target": 40.0, "feeds": "2027-03",
        "reached": "1240000.00", "assumed": "0.00", "count": 13, "ratio": 0.775, "missing": "360000.00",
        "per_week": "360000.00", "lamp": "amber", "reason": "on_pace",
    }  # fmt: skip


def test_the_document_has_a_table_per_process_and_per_rep():
    reports = [kpis(ground(owners=(1, 2), by_rep={})), kpis(ground())]
    document = kpis_document(reports, AS_OF, None)
    assert [shown_title(table, "en_US").split(" · ")[-1] for table in document.tables] == [
        "77% gone",
        "anna",
        "Ben",
        "77% gone",
    ]
    assert document.json["as_of"] == "2026-11-23"
    assert all(len(line) == len(table.columns) for table in document.tables for line in table.rows)


def test_todays_page_is_a_narrower_table_of_the_same_figures():
    table = lamps_table(kpis(ground()))
    assert [column.key for column in table.columns] == [
        "number", "milestone", "target", "reached", "ratio", "lamp", "reason",
    ]  # fmt: skip
    assert table.rows[0][2] == 160_000_000


def test_what_is_told_follows_the_lamp():
    over, running = words(kpis(ground("2026-10"))), words(kpis(ground(arrived={"interest": Arrived(120_000_000, 1)})))
    assert "Short in this period: milestone 1 (Interest): 160000000 missing; that costs about 10000000 in" in over
    assert "a week" not in over
    assert "Act at milestone 2 (Invited): 80000000 missing; that costs about 10000000 in" in running
    # in the last week all of it is to go in what is left of it
    assert words(kpis(ground())).startswith("Act at milestone 1 (Interest): 160000000 missing; that costs")
    assert "Rates as planned" in over


def test_what_is_amber_may_still_come_so_what_it_costs_is_told_with_an_if():
    """124 of 160 are there on the 23rd: 36 are missing, 36 a week of which are to go in the one week that is left."""
    sums = {key: Arrived(124_000_000 // 2**place + place, 13) for place, key in enumerate(KEYS)}
    told = words(kpis(ground(arrived=sums)))
    assert "Watch milestone 1 (Interest): 36000000 missing, on pace so far; if it stays missing, that costs" in told
    early = words(kpis(ground(as_of=day_of(2026, 11, 9))))
    assert "160000000 missing, 53333333 a week; that costs" in early
    assert "that costs about 30000000 from 24325 to 24327." in words(kpis(ground("2026-Q4")))


def test_what_a_gap_of_long_ago_has_cost_is_over_and_no_longer_told():
    assert "costs" not in words(kpis(ground("2026-01")))


def test_where_nothing_is_short_it_says_why():
    reached = {key: Arrived(1_000_000_000, 9) for key in KEYS}
    told = {
        "No target is set": ground(targets=()),
        "The period has not begun": ground("2027-03"),
        "Nothing is due yet": ground(began=None),
        "Nothing was due yet": ground("2026-10", began=None),
        "Nothing is short today": ground(arrived=reached),
        "Nothing was short": ground("2026-10", arrived=reached),
    }
    assert {line: nothing_short(kpis(one)) for line, one in told.items()} == {line: line for line in told}


def test_measured_rates_are_said_to_be_measured_and_on_how_many_cases():
    found = kpis(ground(bases={NOVEMBER: measured(planned_basis(ground().definition, NOVEMBER))}))
    assert "Rates as measured before this month, on 30 to 33 cases a section." in words(found)
    first, last = kpis_json(found)["milestones"][0], kpis_json(found)["milestones"][-1]
    assert (first["rate_to_next"], first["rate_low"], first["rate_high"], first["cases"]) == (0.4, 0.3, 0.6, 30)
    assert first["count_rate_to_next"] == 0.5
    assert (last["rate_to_next"], last["rate_low"], last["cases"]) == (None, None, None)


@pytest.mark.parametrize(
    ("more", "lamp_words"),
    [
        ({"targets": ()}, "M5 is grey: no target."),
        ({"period": "2027-03"}, "M5 is grey: the period has not begun."),
        ({"began": None}, "M5 is grey: nothing is recorded yet"),
        ({"began": AS_OF - 3}, "M5 is grey: the book begins 2026-11-20"),
        ({"arrived": {"order": Arrived(10_000_000, 1)}}, "M5 is green: 100000.00 of 100000.00 with 77% of the days"),
        ({"arrived": {"order": Arrived(6_000_000, 6)}, "plan": process(typical_value=1_000_000)},
         "M5 is amber: 60000.00 of 100000.00 with 77% of the days gone; chance alone brings no more in 36% of such"),
    ],
)  # fmt: skip
def test_every_lamp_is_explained(more, lamp_words):
    period = more.pop("period", "2026-11")
    one = ground(period, **more)
    report = kpis(one)
    document = explained(kpis_document([report], AS_OF, None), [(one, report, [])], None)
    assert document.json["explain"][0]["lamps"][4].startswith(lamp_words)


def test_the_arithmetic_of_a_quarter_has_a_step_per_month():
    one = ground("2026-Q4")
    report = kpis(one)
    document = explained(kpis_document([report], AS_OF, None), [(one, report, [])], None)
    steps = document.tables[1].rows
    assert len(steps) == 15
    assert steps[0] == (1, "2026-10", "2027-02", 10_000_000, "own", "0.5 x 0.5 x 0.5 x 0.5", 160_000_000)
    assert steps[-1][5:] == ("1", 10_000_000)


def test_a_situation_is_that_of_the_grounds_own_arrivals():
    one = ground(arrived={"order": Arrived(5, 1, 0)})
    assert situation(one, None, one.definition.process.last).reached == 5
    assert situation(one, None, one.definition.process.last, Arrived(9, 1)).reached == 9
