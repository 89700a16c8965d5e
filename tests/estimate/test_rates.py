"""Success rates: right under censoring, with few data, with values, reps, and books that began in the middle."""

from dataclasses import replace

import numpy as np
import pytest
from tests.estimate.made import NAN, journeys, pipeline, stationary

from milestone_cli.estimate.aalen_johansen import aalen_johansen
from milestone_cli.estimate.changes import recent_change, since, until
from milestone_cli.estimate.counts import WEEK, count
from milestone_cli.estimate.hazards import draw_hazards
from milestone_cli.estimate.journeys import stays
from milestone_cli.estimate.model import measure
from milestone_cli.estimate.plan import SectionPlan, pseudo_counts
from milestone_cli.estimate.rates import rep_rates, required_quantiles, section_rates

PLAN = SectionPlan(0.5, 60.0)
FOREVER = 1e9


def rng():
    return np.random.default_rng(1)


def rates(made, plans=(PLAN,), **more):
    return section_rates(made, plans, rng(), **more)


def within(incidence, day):
    """Share that moved by a day, weeks shared out evenly."""
    return np.interp(day, np.arange(len(incidence) + 1) * WEEK, np.append(0, np.cumsum(incidence)))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("late", [False, True])
def test_without_weight_on_plan_and_curve_the_weekly_estimate_is_aalen_and_johansens(seed, late):
    made = stationary(seed, 3000, 0.3 + 0.1 * seed, median=30 + 20 * seed)
    if late:
        made = journeys(made.recorded, as_of=1500, lost=made.lost, seen_from=np.full(3000, 300.0))
    found = rates(made, half_life_months=FOREVER, plan_cases=1e-6, curve_cases=1e-6)[0]
    plain = aalen_johansen(stays(made, 0))
    assert found.cases > 2000
    for day in (30, 90, 180, 365):
        assert within(found.incidence, day + 0.5) == pytest.approx(plain.at(day), abs=0.01)


@pytest.mark.parametrize("planned", [0.05, 0.5, 0.9, 1.0])
def test_without_a_case_the_rate_is_the_planned_one_exactly_with_a_wide_interval(planned):
    found = rates(journeys(np.empty((0, 2))), [SectionPlan(planned, 60.0)])[0]
    assert (found.rate.mean, found.value_rate.mean, found.days_p50) == (planned, planned, 60.0)
    assert found.rate.low < planned <= found.rate.high
    assert found.rate.high - found.rate.low > 0.4 * min(planned, 1.05 - planned)
    assert (found.cases, found.plain, found.change, found.weight_of_data) == (0, None, None, 0.0)


def test_the_rate_is_right_where_won_over_closed_is_not():
    made = stationary(8, 4000, 0.5, recorded_losses=0.4)
    found = rates(made)[0]
    assert found.rate.mean == pytest.approx(0.5, abs=0.02)
    assert found.moved / (found.moved + found.lost) > 0.65
    assert found.cases == found.moved + found.lost + found.open


@pytest.mark.parametrize("half_life", [12.0, 48.0, FOREVER])
def test_recency_weights_leave_a_stationary_rate_where_it_is(half_life):
    found = [rates(stationary(seed, 4000, 0.45), half_life_months=half_life)[0].rate.mean for seed in range(6)]
    assert np.mean(found) == pytest.approx(0.45, abs=0.012)


def test_a_market_that_changed_pulls_the_rate_after_it():
    old, new = stationary(1, 3000, 0.6, span=1500), stationary(2, 3000, 0.3, span=1500)
    recorded = np.concatenate([old.recorded, new.recorded + 1500])
    both = journeys(recorded, as_of=3000, lost=np.concatenate([old.lost, new.lost + 1500]))
    long, short = (rates(both, half_life_months=months)[0].rate.mean for months in (FOREVER, 6.0))
    assert short < 0.36
    assert long > 0.40


def test_a_book_that_began_with_open_deals_is_right_only_with_left_truncation():
    whole = stationary(3, 20000, 0.5, recorded_losses=1.0, span=1500)
    end = np.fmin(whole.lost, whole.recorded[:, 1])
    known = ~(end < 1100)
    seen = {"recorded": whole.recorded[known], "lost": whole.lost[known], "as_of": 1500}
    right = rates(journeys(**seen, seen_from=np.full(known.sum(), 1100.0)), half_life_months=FOREVER)[0]
    assert right.rate.mean == pytest.approx(0.5, abs=0.02)
    short, long = (quantile for quantile in (right.days_p50, right.days_p90))
    assert short == pytest.approx(40, rel=0.08)
    assert long == pytest.approx(40 * np.exp(0.7 * 1.2816), rel=0.08)
    naive = rates(journeys(**seen), half_life_months=FOREVER)[0]
    assert naive.days_p50 > 1.05 * short


def test_jumps_count_as_reaching_the_next_milestone_or_beyond():
    made = stationary(4, 3000, 0.5)
    middle = np.where(np.arange(3000) % 3 == 0, NAN, made.recorded[:, 1])
    jumping = journeys(np.stack([made.recorded[:, 0], middle, made.recorded[:, 1]], axis=1), as_of=1500, lost=made.lost)
    first, second = rates(jumping, [PLAN, PLAN])
    assert first.rate.mean == pytest.approx(rates(made)[0].rate.mean, abs=1e-9)
    assert second.cases == (~np.isnan(middle)).sum()


def test_unknown_values_have_no_weight_in_money():
    made = stationary(5, 4000, 0.5, value_effect=-0.6)
    unknown = journeys(made.recorded, as_of=1500, lost=made.lost)
    blank = rates(unknown)[0]
    assert blank.value_rate == blank.rate
    half = np.where(np.arange(4000)[:, None] % 2 == 0, NAN, made.values)
    some = rates(journeys(made.recorded, as_of=1500, lost=made.lost, values=half))[0]
    assert some.value_rate.mean == pytest.approx(rates(made)[0].value_rate.mean, abs=0.05)


def test_money_moves_at_its_own_rate_where_large_deals_are_harder():
    made = stationary(6, 20000, 0.5, value_effect=-0.6)
    worth = np.random.default_rng(6).normal(size=20000)
    weights = np.clip(np.exp(worth) / np.exp(worth).mean(), 0.1, 10)
    true = (weights / (1 + np.exp(0.6 * worth))).sum() / weights.sum()
    found = rates(made)[0]
    assert found.value_rate.mean == pytest.approx(true, abs=0.02)
    assert found.value_rate.high < found.rate.low


def test_revaluations_count_as_the_ratio_of_sums():
    made = stationary(7, 3000, 0.5)
    lifted = journeys(
        made.recorded, as_of=1500, lost=made.lost, values=made.values * np.array([1.0, 1.2])
    )  # fmt: skip
    assert rates(lifted)[0].value_rate.mean == pytest.approx(1.2 * rates(made)[0].value_rate.mean, rel=0.02)


def test_the_chance_on_the_list_is_lower_where_losses_become_known_late():
    made = stationary(9, 6000, 0.5, recorded_losses=1.0)
    known = made.lost + np.random.default_rng(9).exponential(60, 6000)
    late = journeys(
        made.recorded, as_of=1500, lost=np.where(known <= 1500, made.lost, NAN), lost_known=known, values=made.values
    )
    at_once, listed = rates(made)[0], rates(late)[0]
    week = 8
    assert listed.still_moves[week] < 0.75 * at_once.still_moves[week]
    assert listed.rate.mean == pytest.approx(at_once.rate.mean, abs=0.03)


def test_a_fall_of_the_rate_is_reported_and_a_steady_rate_is_not():
    steady = stationary(10, 3000, 0.6)
    assert rates(steady)[0].change is None
    fell = stationary(11, 3000, 0.25)
    recent = fell.recorded[:, 0] > 1500 - 250
    rows = np.where(recent[:, None], fell.recorded, steady.recorded)
    calm = recent | (steady.recorded[:, 0] <= 1250)
    both = journeys(rows[calm], as_of=1500, lost=np.where(recent, fell.lost, steady.lost)[calm])
    found = rates(both)[0].change
    assert found is not None
    assert -0.8 < found.share < -0.2
    assert (found.before, found.after) == (pytest.approx(0.6, abs=0.05), pytest.approx(0.25, abs=0.1))


def test_a_change_needs_something_before_and_something_since():
    cases = stays(journeys([[900.0, 950.0]], as_of=1000), 0)
    hazards = draw_hazards(count(cases, decay=0.0), pseudo_counts(PLAN), rng())
    assert recent_change(cases, hazards, rng(), decay=0.0) is None


def test_two_spans_have_together_the_events_and_exposure_of_the_whole():
    cases = stays(stationary(12, 500, 0.5), 0)
    split = cases.age - 183
    parts = count(until(cases, split), decay=0.0) + count(since(cases, split), decay=0.0)
    whole = count(cases, decay=0.0)
    assert parts.moved == pytest.approx(whole.moved)
    assert parts.lost == pytest.approx(whole.lost)
    assert parts.exposure == pytest.approx(whole.exposure, abs=1e-4)


def test_a_reps_rates_are_shrunk_to_the_teams():
    made = stationary(13, 3000, 0.5)
    better = stationary(14, 3000, 0.7)
    few, many = np.arange(3000) < 5, (np.arange(3000) >= 5) & (np.arange(3000) < 1000)
    rep = np.where(few, 1, np.where(many, 2, 0))
    chosen = few | many
    both = journeys(
        np.where(chosen[:, None], better.recorded, made.recorded), as_of=1500,
        lost=np.where(chosen, better.lost, made.lost), rep=rep,
    )  # fmt: skip
    team = rates(both)[0]
    own = rep_rates(both, [PLAN], [1, 2, 9], rng())
    assert own[1][0].cases == 5
    assert abs(own[1][0].rate.mean - team.rate.mean) < 0.04
    assert own[2][0].rate.mean == pytest.approx(0.7, abs=0.04)
    assert (own[9][0].cases, own[9][0].plain, own[9][0].weight_of_data) == (0, None, 0.0)
    assert own[9][0].rate.mean == pytest.approx(team.rate.mean, abs=0.03)
    assert own[9][0].rate.high - own[9][0].rate.low > team.rate.high - team.rate.low


def test_losses_on_the_late_day_of_a_clean_up_leave_the_rate_where_it_is_and_leaving_them_out_does_not():
    chance = np.random.default_rng(5)
    number, as_of = 2000, 1500
    entered = chance.integers(0, as_of - 50, number).astype(float)
    moves = chance.random(number) < 0.45
    days_to_move, days_to_loss = (chance.lognormal(np.log(days), 0.75, number) for days in (40, 50))
    left = entered + np.where(moves, days_to_move, days_to_loss)
    in_bulk = ~moves & (chance.random(number) < 0.5)
    cleaned_up = np.ceil((left + 1) / 90) * 90

    def measured(lost, seen):
        reached = np.where(moves & (left <= as_of), left, NAN)
        ended = np.where(~moves & (lost <= as_of), lost, NAN)
        columns = np.stack([entered, reached], axis=1)[seen]
        return rates(journeys(columns, as_of=as_of, lost=ended[seen]))[0]

    everybody = np.ones(number, bool)
    true = measured(left, everybody)
    late = measured(np.where(in_bulk, cleaned_up, left), everybody)
    assert late.rate.mean == pytest.approx(true.rate.mean, abs=0.01)
    assert late.days_p50 == pytest.approx(true.days_p50, rel=0.03)
    assert measured(left, ~in_bulk).rate.mean > true.rate.mean + 0.1


def test_the_rates_of_a_rep_do_not_depend_on_who_else_is_asked_about_or_in_which_order():
    made = replace(stationary(13, 300, 0.5), rep=np.arange(300) % 3)
    together, turned, alone = (rep_rates(made, [PLAN], reps, rng()) for reps in ([0, 1, 2], [2, 1, 0], [1]))
    ours = [found[1][0].draws for found in (together, turned, alone)]
    assert all(np.array_equal(ours[0], other) for other in ours[1:])
    assert not np.array_equal(ours[0], together[2][0].draws)


def test_a_rep_of_a_team_without_a_case_has_the_planned_rate():
    assert rep_rates(journeys(np.empty((0, 2))), [PLAN], [3], rng())[3][0].rate.mean == 0.5


def test_what_is_required_is_spread_by_the_joint_draws():
    found = [*rates(stationary(15, 300, 0.5)), *rates(stationary(16, 300, 0.4))]
    low, high = required_quantiles(found)[0]
    exact = 1 / (found[0].draws * found[1].draws)
    assert (low, high) == pytest.approx(tuple(np.quantile(exact, (0.1, 0.9))))
    assert required_quantiles(found)[-1] == (1.0, 1.0)
    assert low < 1 / (found[0].value_rate.mean * found[1].value_rate.mean) < high


def test_the_same_seed_gives_the_same_figures():
    made = stationary(17, 500, 0.5)
    assert rates(made)[0].rate == rates(made)[0].rate


def test_rates_with_moves_in_edits_of_many_are_those_without_the_stays_beside_them():
    made = pipeline(3, 300)
    by_edit = np.zeros(made.recorded.shape, bool)
    by_edit[::5, 1] = ~np.isnan(made.recorded[::5, 1])
    marked, plans = replace(made, bulk=by_edit), (PLAN,) * 3
    rows = ~by_edit.any(axis=1)
    names = ("recorded", "lost", "values", "seen_from", "rep")
    without = replace(made, **{name: getattr(made, name)[rows] for name in names}, withdrawn=None)
    found, expected, all_of_them = rates(marked, plans), rates(without, plans), rates(made, plans)
    for section in (0, 1):
        assert found[section].cases == expected[section].cases < all_of_them[section].cases
        assert (found[section].rate, found[section].value_rate) == (
            expected[section].rate,
            expected[section].value_rate,
        )
        assert found[section].days_p50 == expected[section].days_p50
    assert found[2].cases == all_of_them[2].cases
    assert measure(marked, plans, draws=5).sections[1].cases == found[1].cases


def test_no_figure_moves_where_no_move_was_in_an_edit_of_many():
    made = pipeline(4, 100)
    for one, other in zip(
        rates(made, (PLAN,) * 3),
        rates(replace(made, bulk=np.zeros(made.recorded.shape, bool)), (PLAN,) * 3),
        strict=True,
    ):
        assert (one.rate, one.value_rate, one.cases) == (other.rate, other.value_rate, other.cases)
