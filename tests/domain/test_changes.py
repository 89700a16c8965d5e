"""What recording commands decide, and every way in which they refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milestone_cli.domain import changes
from milestone_cli.domain.changes import Amendment, Case, Words
from milestone_cli.domain.facts import Evidence, Fact, Kind, effective
from milestone_cli.domain.money import currency
from milestone_cli.domain.opportunity import Status, replay
from milestone_cli.domain.process import Milestone, Process, ProcessHistory
from milestone_cli.errors import AlreadyRecorded, MsError, RuleBroken, UnknownName

KEYS = ("interest", "invited", "problem", "offer", "order")
D = 20_000
TODAY = D + 100
ANNA, BEN = 1, 2


def process_of(*keys: str, **more: Any) -> Process:
    milestones = tuple(Milestone(key=key, name=key.title()) for key in keys or KEYS)
    return Process(key="b2b", title="B2B", currency=currency("EUR"), milestones=milestones, **more)


def history_of(*processes: Process) -> ProcessHistory:
    """The first from the beginning, each later one from D + 50 on."""
    entered = [(process, D - 1000 + place, None if place == 0 else D + 50) for place, process in enumerate(processes)]
    return ProcessHistory.of("b2b", entered)


def case_of(*facts: Fact, history: ProcessHistory | None = None) -> Case:
    """An opportunity opened on D by anna, with these facts recorded one after the other."""
    opening = Fact(kind=Kind.OPENED, on=D, value=100, rep=ANNA)
    case = Case("acme", 7, "Acme GmbH", (), history or history_of(process_of()), TODAY)
    return grown(case, [opening, *facts])


def grown(case: Case, facts: Any) -> Case:
    """The case with facts appended as the store does."""
    known = list(case.facts)
    for fact in facts:
        number = len(known) + 1
        known.append(replace(fact, number=number, id=f"f{number}", entered_at=number, opportunity=7, known_on=TODAY))
    return replace(case, facts=tuple(known))


def reached(milestone: str, on: int, **more: Any) -> Fact:
    return Fact(kind=Kind.REACHED, on=on, milestone=milestone, **more)


def refused(error: type[MsError], *words: str) -> Any:
    """Expect an error of exactly this class whose two sentences hold these words."""

    class Check:
        def __enter__(self) -> None:
            self.raises = pytest.raises(error)
            self.found = self.raises.__enter__()

        def __exit__(self, *about: object) -> bool:
            caught = self.raises.__exit__(*about)
            text = f"{self.found.value.message} {self.found.value.hint}"
            assert type(self.found.value) is error
            assert [word for word in words if word not in text] == []
            return bool(caught)

    return Check()


LOST = Fact(kind=Kind.LOST, on=D + 20)
TAKEN_OVER = Fact(kind=Kind.STANDING, on=D + 10, milestone="problem", since=D - 30)


# Milestones by name ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["3", "problem", " Problem "])
def test_a_milestone_is_named_by_number_or_key(name):
    assert changes.find_milestone(process_of(), name)[0] == 3


@pytest.mark.parametrize("name", ["0", "6", "99", "problme", ""])
def test_an_unknown_milestone_is_refused_with_those_there_are(name):
    with refused(UnknownName, f'"{name}"', "b2b has"):
        changes.find_milestone(process_of(), name)


# advance --------------------------------------------------------------------------------------------------------------


def test_advance_records_the_milestone_with_words_and_value():
    words = Words(evidence=Evidence.SAID, text="Yes", by="Ms Meier", ref="mail")
    (fact,) = changes.advance(case_of(), "2", on=D + 5, words=words, value=900)
    assert (fact.kind, fact.milestone, fact.on, fact.opportunity) == (Kind.REACHED, "invited", D + 5, 7)
    assert (fact.evidence, fact.value) == (Evidence.SAID, 900)
    assert fact.texts == {"text": "Yes", "by": "Ms Meier", "ref": "mail"}


def test_a_repeated_advance_with_the_same_day_is_already_recorded():
    with refused(AlreadyRecorded, "acme reached milestone 2", "nothing to do"):
        changes.advance(case_of(reached("invited", D + 5)), "2", on=D + 5)


def test_a_repeated_advance_with_another_day_is_refused_with_the_way_to_amend():
    with refused(RuleBroken, "not on", "`ms amend 2 --on"):
        changes.advance(case_of(reached("invited", D + 5)), "2", on=D + 6)


def test_an_implied_milestone_can_be_told_between_its_neighbours():
    case = case_of(reached("interest", D + 2), reached("problem", D + 9))
    state = grown(case, changes.advance(case, "invited", on=D + 5)).state()
    assert (state.arrivals["invited"].on, state.arrivals["invited"].implied) == (D + 5, False)


@pytest.mark.parametrize(("milestone", "on", "words"), [("2", D + 1, "lies before"), ("2", D + 10, "lies after")])
def test_a_day_outside_the_neighbours_is_refused(milestone, on, words):
    case = case_of(reached("interest", D + 2), reached("problem", D + 9))
    with refused(RuleBroken, words, "ms amend"):
        changes.advance(case, milestone, on=on)


def test_a_milestone_before_the_previous_one_s_day_is_refused():
    with refused(RuleBroken, "lies before acme reached milestone 1"):
        changes.advance(case_of(reached("interest", D + 2)), "2", on=D + 1)


def test_a_day_in_the_future_is_refused():
    with refused(RuleBroken, "lies in the future"):
        changes.advance(case_of(), "1", on=TODAY + 1)
    assert changes.advance(case_of(), "1", on=TODAY)


def test_a_won_one_cannot_advance():
    longer = history_of(process_of(), process_of(*KEYS, "paid"))
    with refused(RuleBroken, "is won since", "ms add"):
        changes.advance(case_of(reached("order", D + 5), history=longer), "paid", on=D + 60)


def test_a_lost_one_must_be_reopened_first():
    with refused(RuleBroken, "is lost since", "ms reopen acme"):
        changes.advance(case_of(LOST), "1", on=D + 20)


def test_what_happened_before_the_loss_can_still_be_told():
    case = case_of(LOST)
    assert grown(case, changes.advance(case, "1", on=D + 19)).state().status is Status.LOST


def test_an_implied_milestone_of_a_lost_one_can_still_be_told():
    case = case_of(reached("problem", D + 9), LOST)
    assert changes.advance(case, "invited", on=D + 5)


@pytest.mark.parametrize("milestone", ["2", "3"])
def test_what_lies_before_the_takeover_is_not_counted(milestone):
    with refused(RuleBroken, "taken over at milestone 3", "milestone 4"):
        changes.advance(case_of(TAKEN_OVER), milestone, on=D + 12)


def test_after_a_takeover_at_the_last_milestone_there_is_nothing_to_record():
    over = Fact(kind=Kind.STANDING, on=D + 10, milestone="order", since=D)
    with pytest.raises(RuleBroken) as found:
        changes.advance(case_of(over), "5", on=D + 12)
    assert found.value.hint == ""


def test_a_day_before_the_takeover_is_refused():
    with refused(RuleBroken, "before acme was taken over"):
        changes.advance(case_of(TAKEN_OVER), "4", on=D + 9)


def test_a_process_can_require_evidence():
    case = case_of(history=history_of(process_of(evidence_required=True)))
    with refused(RuleBroken, "asks what the customer did", "--did"):
        changes.advance(case, "1", on=D)
    assert changes.advance(case, "1", on=D, words=Words(evidence=Evidence.DID, text="called"))


def test_the_version_of_the_day_says_which_milestones_there_are():
    history = history_of(process_of(), process_of("interest", "offer", "order"))
    case = case_of(history=history)
    assert changes.advance(case, "2", on=D + 49)[0].milestone == "invited"
    assert changes.advance(case, "2", on=D + 50)[0].milestone == "offer"
    with refused(UnknownName, '"problem"'):
        changes.advance(case, "problem", on=D + 50)


# standing -------------------------------------------------------------------------------------------------------------


def test_standing_records_an_opening_balance():
    (fact,) = changes.take_over(case_of(), "problem", on=D + 10, since=D - 30, value=500)
    assert (fact.kind, fact.milestone, fact.on, fact.since) == (Kind.STANDING, "problem", D + 10, D - 30)
    assert fact.value == 500
    assert changes.take_over(case_of(), "3", on=D + 10, since=None)[0].since == D + 10


def test_the_same_takeover_again_is_already_recorded():
    with refused(AlreadyRecorded, "Problem"):
        changes.take_over(case_of(TAKEN_OVER), "3", on=D + 10, since=D - 30)


@pytest.mark.parametrize(
    ("facts", "milestone", "on", "since", "words"),
    [
        ([TAKEN_OVER], "4", D + 10, D - 30, "taken over at problem"),
        ([TAKEN_OVER], "3", D + 10, None, "taken over at problem"),
        ([reached("interest", D + 1)], "3", D + 10, None, "has moved in this book"),
        ([LOST], "3", D + 30, None, "has moved in this book"),
        ([], "3", D + 10, D + 11, "--since"),
        ([], "3", TAKEN_OVER.on + 200, None, "in the future"),
    ],
)
def test_a_takeover_that_does_not_fit_is_refused(facts, milestone, on, since, words):
    with refused(RuleBroken, words):
        changes.take_over(case_of(*facts), milestone, on=on, since=since)


# revalue, assign ------------------------------------------------------------------------------------------------------


def test_revalue_says_the_potential_from_a_day_on():
    case = case_of(reached("interest", D + 1))
    case = grown(case, changes.revalue(case, 900, on=D + 5))
    assert (case.value_on(D + 4), case.value_on(D + 5), case.state().value) == (100, 900, 900)
    with refused(AlreadyRecorded, "has that value"):
        changes.revalue(case, 900, on=D + 5)
    with refused(RuleBroken, "future"):
        changes.revalue(case, 900, on=TODAY + 1)


def test_assign_says_the_owner_from_a_day_on():
    case = case_of()
    case = grown(case, changes.assign(case, BEN, on=D + 5))
    assert (case.owner_on(D - 9), case.owner_on(D + 4), case.owner_on(D + 5)) == (ANNA, ANNA, BEN)
    with refused(AlreadyRecorded, "already"):
        changes.assign(case, BEN, on=D + 6)
    assert changes.assign(case, BEN, on=D + 4)
    with refused(RuleBroken, "future"):
        changes.assign(case, ANNA, on=TODAY + 1)


# lose, reopen ---------------------------------------------------------------------------------------------------------


def test_lose_says_day_reason_and_when_to_look_again():
    (fact,) = changes.lose(case_of(), on=D + 20, reason="too dear", revisit=D + 90)
    assert (fact.kind, fact.on, fact.revisit, fact.texts) == (Kind.LOST, D + 20, D + 90, {"reason": "too dear"})
    assert changes.lose(case_of(), on=D + 20)[0].texts == {}


def test_the_same_loss_again_is_already_recorded():
    with refused(AlreadyRecorded, "is lost since"):
        changes.lose(case_of(LOST), on=D + 20)


@pytest.mark.parametrize(
    ("facts", "on", "revisit", "words"),
    [
        ([LOST], D + 21, None, "ms amend"),
        ([reached("order", D + 1)], D + 2, None, "is won since"),
        ([reached("interest", D + 9)], D + 8, None, "lies before acme reached interest"),
        ([], D + 8, D + 8, "--revisit"),
        ([], TODAY + 1, None, "future"),
    ],
)
def test_a_loss_that_does_not_fit_is_refused(facts, on, revisit, words):
    with refused(RuleBroken, words):
        changes.lose(case_of(*facts), on=on, revisit=revisit)


def test_reopen_opens_a_lost_one_again():
    case = case_of(reached("interest", D + 1), LOST)
    state = grown(case, changes.reopen(case, on=D + 20)).state()
    assert (state.status, state.waiting_since) == (Status.OPEN, D + 1)


@pytest.mark.parametrize(
    ("facts", "on", "words"),
    [([], D + 5, "is not lost"), ([LOST], D + 19, "lies before acme was lost"), ([LOST], TODAY + 1, "future")],
)
def test_a_reopening_that_does_not_fit_is_refused(facts, on, words):
    with refused(RuleBroken, words):
        changes.reopen(case_of(*facts), on=on)


def test_a_loss_told_late_that_breaks_a_later_fact_is_refused():
    case = case_of(reached("interest", D + 1), LOST, Fact(kind=Kind.REOPENED, on=D + 30))
    with refused(RuleBroken, "acme", "lost twice"):
        changes.lose(case, on=D + 10)


# amend ----------------------------------------------------------------------------------------------------------------


def test_amend_voids_the_wrong_fact_and_records_the_right_one():
    case = case_of(reached("invited", D + 5, texts={"text": "Yes", "external": "x1"}, recorded_at=5))
    void, right = changes.amend(case, case.facts[1], Amendment(on=D + 4, texts={"by": "Ms Meier"}))
    assert (void.kind, void.voids, void.on, void.opportunity) == (Kind.VOIDED, "f2", TODAY, 7)
    assert (right.on, right.milestone, right.id, right.recorded_at) == (D + 4, "invited", "", None)
    assert right.texts == {"text": "Yes", "external": "x1", "by": "Ms Meier"}
    state = grown(case, (void, right)).state()
    assert (state.milestone, state.waiting_since) == ("invited", D + 4)


@pytest.mark.parametrize(
    ("name", "value"),
    [("value", 5), ("rep", BEN), ("milestone", "offer"), ("evidence", Evidence.WROTE)],
)
def test_amend_changes_what_it_is_told_and_nothing_else(name, value):
    case = case_of(reached("invited", D + 5))
    _, right = changes.amend(case, case.facts[1], Amendment(**{name: value}))
    assert getattr(right, name) == value
    assert replace(right, **{name: getattr(case.facts[1], name)}) == replace(
        case.facts[1], id="", number=0, entered_at=0, known_on=0
    )


def test_amend_changes_since_of_a_takeover_and_revisit_of_a_loss():
    case = case_of(TAKEN_OVER, LOST)
    assert changes.amend(case, case.facts[1], Amendment(since=D - 60))[1].since == D - 60
    assert changes.amend(case, case.facts[2], Amendment(revisit=D + 60))[1].revisit == D + 60


@pytest.mark.parametrize(("change", "bulk"), [({"on": D + 3}, False), ({"on": D + 5}, False), ({"value": 5}, True)])
def test_who_amends_the_day_of_an_edit_of_many_knows_it(change, bulk):
    case = case_of(Fact(kind=Kind.REACHED, on=D + 5, milestone="interest", bulk=True))
    assert changes.amend(case, case.facts[1], Amendment(**change))[1].bulk is bulk


def test_amend_that_changes_nothing_is_already_recorded():
    case = case_of(reached("invited", D + 5))
    with refused(AlreadyRecorded, "Fact 2 says that already"):
        changes.amend(case, case.facts[1], Amendment(on=D + 5))


def test_a_voided_fact_cannot_be_amended():
    case = case_of(reached("invited", D + 5))
    case = grown(case, changes.amend(case, case.facts[1], Amendment(on=D + 4)))
    with refused(RuleBroken, "Fact 2 is voided already"):
        changes.amend(case, case.facts[1], Amendment(on=D + 3))


@pytest.mark.parametrize(
    ("facts", "change", "words"),
    [
        ([reached("invited", D + 5)], Amendment(on=TODAY + 1), "future"),
        ([TAKEN_OVER], Amendment(since=D + 11), "--since"),
        ([LOST], Amendment(revisit=D + 20), "--revisit"),
        ([reached("invited", D + 5)], Amendment(milestone="nowhere"), "milestone would not exist"),
        (
            [reached("interest", D + 5), reached("invited", D + 9)],
            Amendment(on=D + 10),
            "a later milestone was reached",
        ),
        ([reached("interest", D + 5), LOST], Amendment(on=D + 21), "lost by then"),
        ([LOST, Fact(kind=Kind.REOPENED, on=D + 30)], Amendment(on=D + 31), "no loss to reopen"),
        ([reached("problem", D + 5), LOST], Amendment(milestone="order"), "fact 3, lost on"),
        ([reached("invited", D + 5), reached("problem", D + 9)], Amendment(milestone="problem"), "recorded already"),
    ],
)
def test_an_amendment_after_which_the_rest_does_not_fit_is_refused(facts, change, words):
    case = case_of(*facts)
    with refused(RuleBroken, words):
        changes.amend(case, case.facts[1], change)


def test_old_misfits_do_not_stand_in_the_way_of_new_facts():
    case = case_of(
        reached("interest", D + 1), reached("interest", D + 2), reached("offer", D + 3), reached("problem", D + 9)
    )
    assert len(case.state().problems) == 1
    assert case.state().out_of_order
    changes.still_fits(case, [reached("order", D + 10)])


def test_undoing_the_opening_under_later_facts_does_not_fit():
    case = case_of(reached("interest", D + 1))
    with refused(RuleBroken, "fact 2, reached interest", "needs the opening"):
        changes.still_fits(case, [changes.void(case.facts[0], today=TODAY)])


def test_undoing_a_reopening_under_a_later_milestone_does_not_fit():
    case = case_of(LOST, Fact(kind=Kind.REOPENED, on=D + 30), reached("interest", D + 31))
    with refused(RuleBroken, "fact 4, reached interest", "lost by then"):
        changes.still_fits(case, [changes.void(case.facts[2], today=TODAY)])


def test_a_new_fact_that_does_not_fit_is_named_by_its_day():
    with refused(RuleBroken, "acme: reopened on", "ms show acme"):
        changes.still_fits(case_of(), [Fact(kind=Kind.REOPENED, on=D)])


# Laws -----------------------------------------------------------------------------------------------------------------

Step = tuple[str, int, int, int]


def test_nothing_is_taken_over_at_the_last_milestone():
    with refused(RuleBroken, "nothing would be left to win"):
        changes.take_over(case_of(), "order", on=D + 10, since=None)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["advance", "standing", "revalue", "assign", "lose", "reopen", "amend", "undo"]),
            st.integers(1, 5),
            st.integers(0, 12),
            st.integers(0, 40),
        ),
        max_size=12,
    )
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_not_refused_fits(steps: list[Step]):
    """No sequence of accepted commands leaves a fact without effect or a milestone out of order."""
    case = case_of()
    for step in steps:
        try:
            facts = decided(case, step)
        except MsError:
            continue
        case = grown(case, facts)
    state = case.state()
    assert state.problems == []
    assert not state.out_of_order
    assert not state.reopened


def decided(case: Case, step: Step) -> tuple[Fact, ...]:  # noqa: PLR0911  # one return a command
    """One command with arguments made from small numbers."""
    name, milestone, day, pick = step
    on = D + day
    standing = effective(case.facts)
    match name:
        case "advance":
            return changes.advance(case, str(milestone), on=on)
        case "standing":
            return changes.take_over(case, str(milestone), on=on, since=on - pick)
        case "revalue":
            return changes.revalue(case, 1 + pick, on=on)
        case "assign":
            return changes.assign(case, 1 + pick % 2, on=on)
        case "lose":
            return changes.lose(case, on=on)
        case "reopen":
            return changes.reopen(case, on=on)
        case "amend":
            fact = standing[pick % len(standing)]
            moved = KEYS[milestone - 1] if fact.milestone and pick % 3 == 0 else None
            return changes.amend(case, fact, Amendment(on=on, milestone=moved))
        case _:
            if len(standing) == 1:  # an opportunity whose opening is undone is found by no command
                return ()
            void = changes.void(standing[1 + pick % (len(standing) - 1)], today=TODAY)
            changes.still_fits(case, (void,))
            return (void,)


def test_the_state_is_the_replay_of_the_facts_that_stand():
    case = case_of(reached("invited", D + 5), LOST)
    assert case.state() == replay(effective(case.facts), case.history)
