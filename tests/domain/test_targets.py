"""What is wanted in a month, and whose part of it a rep carries: worked by hand."""

from fractions import Fraction

import pytest

from milestone_cli.domain.day import day_of, first_of_month
from milestone_cli.domain.setup import Target
from milestone_cli.domain.targets import TargetSource, Wanted, in_force, mismatch, wanted

NOVEMBER = 2026 * 12 + 10
FIRST = first_of_month(NOVEMBER)
MID = day_of(2026, 11, 15)
DECEMBER = first_of_month(NOVEMBER + 1)
ANNA, BEN, CARA, DORA = 1, 2, 3, 4
EVERYBODY = (ANNA, BEN, CARA, DORA)


def team(amount, set_on, valid_from=None, *, process="b2b", rep=None):
    return Target(process, rep, amount, set_on, valid_from)


def holding(targets, month, known_before=None):
    return in_force(targets, "b2b", month, known_before=known_before).get(None)


def test_the_first_target_holds_from_the_beginning_of_time():
    targets = [team(100, MID)]
    assert holding(targets, NOVEMBER - 500, FIRST) == 100
    assert holding(targets, NOVEMBER, FIRST) == 100


def test_a_target_set_in_the_middle_of_a_month_does_not_move_that_months_requirement():
    targets = [team(100, FIRST - 60), team(150, MID, FIRST)]
    assert holding(targets, NOVEMBER, known_before=FIRST) == 100
    assert holding(targets, NOVEMBER + 1, known_before=DECEMBER) == 150


def test_what_is_wanted_ten_months_ahead_is_what_was_set_before_this_month_began():
    targets = [team(100, FIRST - 60), team(150, FIRST - 1, DECEMBER), team(999, FIRST, DECEMBER)]
    assert holding(targets, NOVEMBER + 10, known_before=FIRST) == 150


def test_a_target_counts_from_the_month_it_is_valid_from():
    targets = [team(100, FIRST - 60), team(150, FIRST - 50, DECEMBER)]
    assert holding(targets, NOVEMBER) == 100
    assert holding(targets, NOVEMBER + 1) == 150


def test_of_two_targets_from_the_same_month_the_later_one_holds():
    assert holding([team(100, 1), team(120, 2, FIRST), team(130, 3, FIRST)], NOVEMBER) == 130


def test_a_target_for_an_earlier_month_does_not_take_the_place_of_a_later_months():
    assert holding([team(100, 1), team(120, 2, DECEMBER), team(130, 3, FIRST)], NOVEMBER + 1) == 120


def test_targets_of_another_process_are_no_concern():
    assert holding([team(100, 1, process="smb")], NOVEMBER) is None


def test_the_teams_own_target_comes_first():
    assert wanted({None: 100, ANNA: 70}, None, sharers=(), active=EVERYBODY) == Wanted(Fraction(100), TargetSource.OWN)


def test_without_a_team_target_it_is_the_sum_of_the_reps():
    found = wanted({ANNA: 70, BEN: 50}, None, sharers=(), active=EVERYBODY)
    assert found == Wanted(Fraction(120), TargetSource.SUM)


def test_a_retired_reps_target_is_not_in_the_sum():
    assert wanted({ANNA: 70, BEN: 50}, None, sharers=(), active=(ANNA,)).amount == 70


def test_a_rep_with_a_target_has_that():
    assert wanted({None: 100, ANNA: 70}, ANNA, sharers=(BEN,), active=EVERYBODY) == Wanted(
        Fraction(70), TargetSource.OWN
    )


def test_the_others_share_equally_what_the_team_target_leaves():
    amounts = {None: 100, ANNA: 40}
    for rep in (BEN, CARA):
        found = wanted(amounts, rep, sharers=(ANNA, BEN, CARA), active=EVERYBODY)
        assert found == Wanted(Fraction(30), TargetSource.SHARE)


def test_a_share_is_not_rounded():
    assert wanted({None: 100}, BEN, sharers=(ANNA, BEN, CARA), active=EVERYBODY).amount == Fraction(100, 3)


def test_a_rep_who_is_not_among_those_who_share_is_added_in_this_view_only():
    amounts = {None: 90}
    assert wanted(amounts, CARA, sharers=(ANNA, BEN), active=EVERYBODY) == Wanted(
        Fraction(30), TargetSource.SHARE, added=True
    )
    assert wanted(amounts, ANNA, sharers=(ANNA, BEN), active=EVERYBODY).amount == 45


def test_a_negative_rest_is_0():
    found = wanted({None: 100, ANNA: 80, BEN: 70}, CARA, sharers=(CARA,), active=EVERYBODY)
    assert found == Wanted(Fraction(0), TargetSource.SHARE)


def test_a_retired_reps_target_leaves_more_for_the_others():
    amounts = {None: 100, ANNA: 40}
    assert wanted(amounts, BEN, sharers=(BEN,), active=(BEN,)).amount == 100


def test_it_is_told_whose_targets_it_is_made_of_and_who_divides_the_rest():
    amounts = {None: 100, ANNA: 40, DORA: 30}
    share = wanted(amounts, BEN, sharers=(ANNA, CARA), active=(ANNA, BEN, CARA))
    assert (share.made_of, share.among) == ((None, ANNA), (BEN, CARA))
    assert wanted(amounts, ANNA, sharers=(), active=EVERYBODY).made_of == (ANNA,)
    assert wanted(amounts, None, sharers=(), active=EVERYBODY).made_of == (None,)
    assert wanted({ANNA: 40, DORA: 30}, None, sharers=(), active=EVERYBODY).made_of == (ANNA, DORA)
    assert wanted({}, None, sharers=(), active=EVERYBODY).made_of == ()


@pytest.mark.parametrize("rep", [None, ANNA])
def test_where_nothing_is_set_nothing_is_wanted(rep):
    assert wanted({}, rep, sharers=(ANNA,), active=EVERYBODY) == Wanted(None, TargetSource.NONE)


def test_a_target_of_0_is_no_target():
    assert wanted({ANNA: 0, None: 90}, ANNA, sharers=(), active=EVERYBODY).source is TargetSource.NONE
    assert wanted({None: 0}, None, sharers=(), active=EVERYBODY).source is TargetSource.NONE


@pytest.mark.parametrize(
    ("amounts", "sharers", "by"),
    [
        ({None: 100, ANNA: 60, BEN: 40}, (ANNA, BEN), 0),
        ({None: 100, ANNA: 60, BEN: 50}, (ANNA, BEN), 10),
        ({None: 100, ANNA: 60, BEN: 30}, (ANNA, BEN), -10),
        ({None: 100, ANNA: 60}, (ANNA, BEN), 0),
        ({None: 100, ANNA: 120}, (ANNA, BEN), 20),
        ({ANNA: 60}, (ANNA,), 0),
        ({None: 100}, (ANNA,), 0),
    ],
    ids=["add up", "above", "below", "the rest is shared", "more than the team's", "no team target", "no rep's"],
)
def test_it_is_said_by_how_much_reps_and_team_do_not_add_up(amounts, sharers, by):
    assert mismatch(amounts, sharers=sharers, active=EVERYBODY) == by


def test_a_retired_reps_target_is_not_part_of_the_mismatch():
    assert mismatch({None: 100, ANNA: 100, BEN: 40}, sharers=(ANNA,), active=(ANNA,)) == 0
