"""The periods between revisions: when they begin and end, and what was new."""

from __future__ import annotations

from dataclasses import replace

from tests.desk import KEYS, process

from milestone_cli.domain.day import day_of
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.domain.revisions import in_short, periods

JANUARY, MARCH, JULY = day_of(2026, 1, 1), day_of(2026, 3, 1), day_of(2026, 7, 1)


def with_how(definition, number, *how):
    changed = [replace(one, how=how) if place == number else one for place, one in enumerate(definition.milestones, 1)]
    return replace(definition, milestones=tuple(changed))


def history(*later):
    return ProcessHistory.of("b2b", [(process(), JANUARY, None), *((one, JANUARY, day) for one, day in later)])


def test_a_process_that_was_never_revised_has_one_period_without_ends():
    (only,) = periods(history(), JULY)
    assert (only.first, only.last, only.changed) == (None, None, ())


def test_the_periods_follow_each_other_without_a_gap():
    revised = with_how(process(), 3, "Ask twice")
    found = periods(history((revised, MARCH), (process(KEYS[1:]), JULY)), JULY)
    assert [(one.first, one.last) for one in found] == [(None, MARCH - 1), (MARCH, JULY - 1), (JULY, None)]
    assert [one.changed for one in found[1:]] == [("how of milestone 3",), ("milestones", "how of milestone 2")]
    assert [one.definition.version for one in found] == [1, 1, 2]


def test_what_has_not_begun_by_the_day_is_left_out():
    (only,) = periods(history((with_how(process(), 3, "Ask twice"), JULY)), JULY - 1)
    assert only.last is None


def test_of_two_definitions_from_one_day_the_later_one_holds_and_one_that_changes_nothing_begins_no_period():
    revised = with_how(process(), 2, "Call")
    assert len(periods(history((process(), MARCH)), JULY)) == 1
    assert len(periods(history((replace(process(), history_from=JANUARY), MARCH)), JULY)) == 1
    assert len(periods(history((revised, MARCH), (process(), MARCH)), JULY)) == 1


def test_what_is_new_is_said_in_short():
    before = process()
    assert list(in_short(before, process(rates=["0", "0.4", "0.5", "0.5", "0.5"]))) == ["plan"]
    assert list(in_short(before, with_how(with_how(before, 2, "Call"), 4, "Wait"))) == ["how of milestones 2, 4"]
    assert list(in_short(before, replace(before, title="Other", typical_value=100))) == ["title", "typical value"]
