"""From an earlier forecast to today's: every opportunity in its term, and the terms add up."""

import numpy as np
import pytest
from tests.estimate.made import NAN, journeys

from milestone_cli.estimate.comparison import compare, potentials, stages
from milestone_cli.estimate.forecast import forecast
from milestone_cli.estimate.known import known_by, rows_known
from milestone_cli.estimate.plan import SectionPlan

PLANS = [SectionPlan(0.5, 30.0), SectionPlan(0.5, 30.0)]
THEN, NOW = 1000, 1060
ENDS_THEN = [1030, 1060, 1090, 1120]
ENDS_NOW = [1060, 1090, 1120]


def settled(number):
    """Return so many opportunities of the past: a third of them won."""
    rows = []
    for place in range(number):
        entry = 200.0 + 10 * (place % 60)
        moves, wins = place % 3 < 2, place % 3 == 0
        rows.append([entry, entry + 20 if moves else NAN, entry + 45 if wins else NAN])
    return rows


def change(rows, *, lost=None, values=None):
    """Return what has become of these open opportunities between the two days."""
    past = settled(90)
    recorded = np.array([*past, *rows])
    size = len(recorded)
    lost = np.full(len(rows), NAN) if lost is None else lost
    lost = np.append(np.where(np.isnan(recorded[: len(past), 2]), 700.0, NAN), lost)
    money = np.where(np.isnan(recorded), NAN, 1000.0)
    if values is not None:
        money[len(past) :] = np.where(np.isnan(recorded[len(past) :]), NAN, np.array(values))
    now = journeys(recorded, as_of=NOW, lost=lost, values=money, seen_from=np.full(size, -np.inf))
    then = known_by(now, THEN)
    aside = [None, None]
    before = forecast(then, PLANS, ENDS_THEN, set_aside=aside)
    from milestone_cli.estimate.model import measure

    between = forecast(now, PLANS, ENDS_NOW, set_aside=aside, model=measure(then, PLANS, aside=aside))
    after = forecast(now, PLANS, ENDS_NOW, set_aside=aside)
    return compare(now, then, rows_known(now, THEN), before=before, between=between, after=after), after, now


def test_the_terms_add_up_to_what_came_and_what_is_still_to_come():
    rows = [[980.0, NAN, NAN], [970.0, 1010.0, NAN], [960.0, 990.0, 1050.0], [1040.0, NAN, NAN]]
    found, after, _ = change(rows)
    assert found.now == pytest.approx(1000.0 + after.mean[2].sum(), rel=1e-9)


def test_what_was_won_stands_under_arrived_and_what_came_in_under_new():
    found, _, _ = change([[960.0, 990.0, 1050.0]])
    assert 0 < found.arrived < 1000.0
    assert (found.moved, found.lost) == (0.0, 0.0)


def test_what_moved_gains_what_waited_loses_what_was_lost_is_gone():
    moved, _, _ = change([[985.0, 1059.0, NAN]])
    waited, _, _ = change([[985.0, NAN, NAN]])
    lost, _, _ = change([[985.0, NAN, NAN]], lost=np.array([1040.0]))
    assert (moved.moved > 1, moved.waited) == (True, pytest.approx(0))
    assert (waited.waited < -1, waited.moved) == (True, pytest.approx(0))
    assert lost.lost < 0
    assert lost.waited == pytest.approx(0)


def test_another_potential_is_told_apart_from_the_step():
    same, _, _ = change([[985.0, 1050.0, NAN]])
    more, _, _ = change([[985.0, 1050.0, NAN]], values=[[1000.0, 3000.0, NAN]])
    assert same.revalued == 0
    assert more.revalued > 0
    assert more.moved + more.revalued > same.moved


def test_stage_and_potential_are_those_of_the_last_milestone():
    _, _, now = change([[985.0, 1050.0, NAN]], values=[[1000.0, 3000.0, NAN]])
    assert (stages(now)[-1], potentials(now)[-1]) == (1, 3000.0)
