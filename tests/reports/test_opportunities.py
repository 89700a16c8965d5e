"""The list of opportunities, without a file."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from milestone_cli.domain.money import currency
from milestone_cli.domain.opportunity import Status
from milestone_cli.domain.process import Milestone, Process, ProcessHistory
from milestone_cli.render.cells import shown_line
from milestone_cli.reports.opportunities import (
    Choice,
    Listed,
    Places,
    SortBy,
    opportunities_document,
    opportunity_list,
)
from milestone_cli.reports.table import Sentence

EUR = currency("EUR")
D = 20_000


def row(key: str = "acme", **more) -> Listed:
    base = Listed(
        key=key, number=1, customer=key, title="", process="b2b", currency=EUR, rep=None, value=None,
        value_assumed=False, milestone=1, milestone_key="a", milestone_name="A", reached_on=D, waiting_days=5,
        status=Status.OPEN,
    )  # fmt: skip
    return replace(base, **more)


def history_of(*definitions: tuple[str, int | None], typical: int | None = None) -> ProcessHistory:
    entered = [
        (
            Process(
                key="b2b", title="B2B", currency=EUR, typical_value=typical,
                milestones=tuple(Milestone(key=key, name=key.upper()) for key in keys),
            ),
            D - 100 + place,
            begins,
        )
        for place, (keys, begins) in enumerate(definitions)
    ]  # fmt: skip
    return ProcessHistory.of("b2b", entered)


def listed(places: Places, **more) -> Listed:
    state = {
        "key": "acme", "number": 1, "customer": "Acme", "title": "", "process": "b2b", "rep": None, "value": None,
        "milestone": None, "opened_on": D - 9, "waiting_since": None, "status": Status.TARGET,
    }  # fmt: skip
    return places.listed(**(state | more))


def test_a_target_customer_waits_since_it_was_opened():
    found = listed(Places({"b2b": history_of(("abc", None))}, D))
    assert (found.milestone, found.milestone_key, found.reached_on, found.waiting_days) == (0, None, None, 9)


def test_an_open_one_waits_since_it_got_there_and_a_closed_one_does_not_wait():
    places = Places({"b2b": history_of(("abc", None))}, D)
    for status, waiting in ((Status.OPEN, 4), (Status.LOST, None), (Status.WON, None)):
        found = listed(places, milestone="b", waiting_since=D - 4, status=status)
        assert (found.milestone, found.milestone_name, found.waiting_days) == (2, "B", waiting)


def test_at_a_removed_milestone_it_stands_at_the_last_one_left_before_it():
    places = Places({"b2b": history_of(("abc", None), ("ac", D - 10))}, D)
    found = listed(places, milestone="b", waiting_since=D - 4, status=Status.OPEN)
    assert (found.milestone, found.milestone_key) == (1, "a")


def test_the_typical_value_is_assumed_and_marked_where_none_is_known():
    places = Places({"b2b": history_of(("abc", None), typical=700)}, D)
    assert [(one.value, one.value_assumed) for one in (listed(places), listed(places, value=5))] == [
        (700, True),
        (5, False),
    ]


def test_the_limit_counts_what_it_leaves_out():
    found = opportunity_list([row("a"), row("b"), row("c")], Choice(limit=2))
    assert (len(found.rows), found.total) == (2, 3)
    assert opportunities_document(found, D, None).tables[0].left_out == 1


def test_hidden_ones_are_those_that_fit_the_rest_of_the_choice():
    rows = [row("a", status=Status.WON, rep="anna"), row("b", status=Status.WON), row("c", rep="anna")]
    found = opportunity_list(rows, Choice(rep="anna", hide_closed=True))
    assert ([one.key for one in found.rows], dict(found.hidden)) == (["c"], {Status.WON: 1})
    note = opportunities_document(found, D, "anna").tables[0].notes[0]
    assert isinstance(note, Sentence)
    assert shown_line(note, "en_US") == "Hidden here: 1 won; --status won lists them."


def test_asking_for_a_status_hides_nothing():
    found = opportunity_list([row(status=Status.WON)], Choice(hide_closed=True, statuses=frozenset({Status.WON})))
    assert (len(found.rows), dict(found.hidden)) == (1, {})


@given(
    st.lists(st.tuples(st.none() | st.integers(1, 3), st.none() | st.integers(0, 3), st.integers(0, 3)), max_size=8),
    st.none() | st.sampled_from(SortBy),
    st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_every_order_is_stable_total_and_keeps_the_unknown_last(values, sort, reverse):
    rows = [
        row(f"k{number}", value=value, waiting_days=waiting, reached_on=waiting, milestone=place)
        for number, (value, waiting, place) in enumerate(values)
    ]
    found = opportunity_list(rows, Choice(sort=sort, reverse=reverse)).rows
    assert sorted(one.key for one in found) == sorted(one.key for one in rows)
    assert found == opportunity_list(rows[::-1], Choice(sort=sort, reverse=reverse)).rows
    if sort in (SortBy.VALUE, SortBy.WAITING):
        shown = [one.value if sort is SortBy.VALUE else one.waiting_days for one in found]
        known = [one for one in shown if one is not None]
        assert shown == known + [None] * (len(shown) - len(known))
        assert all((a <= b) if reverse else (a >= b) for a, b in pairwise(known))
