"""What a team has set up, as of a day."""

import pytest
from tests.desk import process

from milestone_cli.domain.day import day_of
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.domain.setup import Rep, Setup, Target
from milestone_cli.errors import ProcessNeeded, UnknownName

DAY = day_of(2026, 7, 1)
ANNA = Rep(1, "anna", "Anna", DAY)
B2B = ProcessHistory.of("b2b", [(process(), DAY, None)])
SMB = ProcessHistory.of("smb", [(process(key="smb"), DAY, None)])


def test_a_rep_is_active_until_the_day_they_retire():
    ben = Rep(2, "ben", "Ben", DAY, retired_on=DAY + 10)
    assert ben.active_on(DAY + 9)
    assert not ben.active_on(DAY + 10)
    assert ANNA.active_on(DAY + 999)


def test_the_only_process_need_not_be_named():
    assert Setup({"b2b": B2B}).the_process(None) is B2B


@pytest.mark.parametrize("processes", [{}, {"b2b": B2B, "smb": SMB}])
def test_none_or_several_processes_must_be_named(processes):
    with pytest.raises(ProcessNeeded):
        Setup(processes).the_process(None)


def test_a_process_is_found_whatever_the_case_it_is_typed_in():
    assert Setup({"b2b": B2B, "smb": SMB}).the_process(" SMB ") is SMB


def test_an_unknown_process_or_rep_names_the_nearest():
    setup = Setup({"b2b": B2B}, {1: ANNA})
    with pytest.raises(UnknownName) as process:
        setup.process("b2c")
    with pytest.raises(UnknownName) as rep:
        setup.rep("ana")
    assert "b2b" in process.value.hint
    assert "anna" in rep.value.hint


def test_a_rep_is_found_whatever_the_case():
    assert Setup(reps={1: ANNA}).rep("ANNA") is ANNA


def test_targets_set_later_are_not_seen_but_the_first_of_each_owner_always_is():
    first = Target("b2b", None, 100, DAY, None)
    annas = Target("b2b", 1, 30, DAY + 20, None)
    later = Target("b2b", None, 200, DAY + 10, DAY + 31)
    other = Target("smb", None, 50, DAY + 40, None)
    setup = Setup({"b2b": B2B, "smb": SMB}, {}, (first, annas, later, other))
    assert setup.seen(DAY - 100).targets == (first, annas, other)
    assert setup.seen(DAY + 10).targets == (first, annas, later, other)
