"""What a new definition or target changes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from milestone_cli.domain.day import parse_iso, parse_month
from milestone_cli.domain.definition import (
    Effect,
    carried_over,
    changed_target,
    differences,
    extended,
    name_of,
    revision,
)
from milestone_cli.domain.money import currency
from milestone_cli.domain.process import Milestone, Process, ProcessHistory
from milestone_cli.domain.setup import Target
from milestone_cli.errors import RuleBroken

TODAY = parse_iso("2026-11-23")
DECEMBER = parse_iso("2026-12-01")


def made(*keys: str, **fields: object) -> Process:
    milestones = tuple(Milestone(key=key, name=key.title()) for key in keys or ("interest", "talk", "order"))
    return Process(key="b2b", title="B2B", currency=currency("EUR"), milestones=milestones, **fields)  # type: ignore[arg-type]


def history(*definitions: tuple[Process, str | None]) -> ProcessHistory:
    entered = [(process, TODAY, None if day is None else parse_iso(day)) for process, day in definitions]
    return ProcessHistory.of("b2b", entered)


def test_the_first_definition_holds_from_the_beginning():
    found = revision(None, made(), today=TODAY, valid_from=None)
    assert (found.effect, found.version, found.valid_from) == (Effect.FIRST, 1, None)


def test_the_first_definition_cannot_hold_from_a_day():
    with pytest.raises(RuleBroken, match="holds from the beginning"):
        revision(None, made(), today=TODAY, valid_from=TODAY)


def test_the_same_definition_changes_nothing():
    assert revision(history((made(), None)), made(), today=TODAY, valid_from=None).effect is Effect.NOTHING


def test_a_changed_rate_is_a_plan_change_from_the_first_of_the_next_month():
    old = made()
    first, second, last = old.milestones
    new = replace(old, milestones=(first, replace(second, rate=Decimal("0.60")), last), title="New")
    found = revision(history((old, None)), new, today=TODAY, valid_from=None)
    assert (found.effect, found.version, found.valid_from) == (Effect.PLAN, 1, DECEMBER)
    said = [(change.milestone, change.what, change.before, change.after) for change in found.differences]
    assert said == [(None, "title", "B2B", "New"), ("talk", "rate", None, "0.6")]


def test_a_day_asked_for_rules_over_the_first_of_the_month():
    new = replace(made(), title="New")
    assert revision(history((made(), None)), new, today=TODAY, valid_from=TODAY).valid_from == TODAY


@pytest.mark.parametrize(
    ("keys", "added", "removed", "reordered"),
    [
        (("interest", "order"), (), ("talk",), False),
        (("interest", "talk", "offer", "order"), ("offer",), (), False),
        (("talk", "interest", "order"), (), (), True),
        (("order", "offer", "interest"), ("offer",), ("talk",), True),
    ],
)
def test_other_milestones_make_a_new_version(keys, added, removed, reordered):
    found = revision(history((made(), None)), made(*keys), today=TODAY, valid_from=None)
    assert (found.effect, found.version) == (Effect.VERSION, 2)
    assert (found.added, found.removed, found.reordered) == (added, removed, reordered)


def test_the_currency_never_changes():
    with pytest.raises(RuleBroken, match="counts in EUR, not in JPY"):
        revision(history((made(), None)), replace(made(), currency=currency("JPY")), today=TODAY, valid_from=None)


def test_a_file_that_names_no_history_keeps_what_an_import_has_set():
    begun = history((made(), None), (replace(made(), history_from=TODAY), None))
    found = revision(begun, made(), today=TODAY, valid_from=None)
    assert found.effect is Effect.NOTHING
    assert found.process.history_from == TODAY


def test_a_definition_set_before_that_takes_over_later_is_told():
    begun = history((made(), None), (made("interest", "order"), "2027-02-01"))
    assert revision(begun, made(), today=TODAY, valid_from=None).followed_on == parse_iso("2027-02-01")


def test_going_back_to_the_first_milestones_is_a_third_version():
    begun = history((made(), None), (made("interest", "order"), "2026-12-01"))
    found = revision(begun, made(), today=TODAY, valid_from=None)
    assert (found.effect, found.version) == (Effect.VERSION, 3)


def test_who_stands_at_a_removed_milestone_stands_at_the_last_one_before_it():
    begun = history((made("a", "b", "c", "d"), None))
    after = extended(begun, made("b", "d"), today=TODAY, valid_from=DECEMBER)
    moved = carried_over(after, {"a": 2, "b": 5, "c": 3, "d": 0}, DECEMBER)
    assert [(one.milestone, one.count, one.number) for one in moved] == [("A", 2, 0), ("C", 3, 1)]


def test_a_removed_milestone_keeps_its_name_and_an_unknown_one_its_key():
    begun = history((made("a", "b"), None), (made("b", "c"), "2026-12-01"))
    assert [name_of(begun, key) for key in ("a", "c", "x")] == ["A", "C", "x"]


def test_every_field_of_a_process_can_differ():
    old = made(typical_value=100, history_from=None)
    new = replace(old, typical_value=None, evidence_required=True, history_from=TODAY)
    assert [(change.what, change.before, change.after) for change in differences(old, new)] == [
        ("evidence", "optional", "required"),
        ("typical_value", "1.00", None),
        ("history_from", None, "2026-11-23"),
    ]


def target(amount: int, valid_from: str | None, rep: int | None = None) -> Target:
    return Target("b2b", rep, amount, TODAY, None if valid_from is None else parse_iso(valid_from))


@pytest.mark.parametrize(
    ("there", "rep", "amount", "month", "expected"),
    [
        ([], None, 5, None, (5, None)),
        ([], None, 0, None, None),
        ([], 1, 0, None, (0, None)),
        ([], None, 5, "2026-06", (5, "2026-06-01")),
        ([target(5, None)], None, 5, None, None),
        ([target(5, None)], None, 6, None, (6, "2026-12-01")),
        ([target(5, None)], 1, 5, None, (5, None)),
        ([target(5, None), target(6, "2026-12-01")], None, 5, None, (5, "2026-12-01")),
        ([target(5, None), target(6, "2026-12-01")], None, 6, "2026-11", (6, "2026-11-01")),
        ([target(5, None), target(6, "2026-12-01")], None, 5, "2026-11", None),
    ],
)
def test_a_target_is_new_unless_the_same_is_wanted_then(there, rep, amount, month, expected):
    asked = None if month is None else parse_month(month)
    found = changed_target(there, "b2b", rep, amount, today=TODAY, month=asked)
    begins = None if expected is None or expected[1] is None else parse_iso(expected[1])
    assert (None if found is None else (found.amount, found.valid_from)) == (
        None if expected is None else (expected[0], begins)
    )
