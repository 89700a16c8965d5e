"""A newer export of the same system: what is new comes in, what was changed in the past is told and stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.commands.exports import facts, put
from tests.exchange.exported import exported

from milestone_cli.errors import ExitCode

ALPHA, BETA, GAMMA = (f"0060Y00000abc{sign}{sign}AAA" for sign in "ABC")
MAP = """
zone = "UTC"
[stages]
"Prospecting" = 0
"Qualification" = 1
"Needs Analysis" = 2
"Proposal" = 4
"Closed Won" = "won"
"Closed Lost" = "lost"
"""
OPPORTUNITY = ["Id", "Account.Name", "Name", "StageName", "Amount", "CreatedDate", "OwnerId", "IsDeleted"]
HISTORY = ["OpportunityId", "CreatedDate", "StageName", "Amount"]
DEALS = [
    [ALPHA, "Alpha", "Roof", "Needs Analysis", "1000", "2026-01-05T08:00:00Z", "anna", "false"],
    [BETA, "Beta", "Floor", "Qualification", "2000", "2026-01-06T08:00:00Z", "ben", "false"],
    [GAMMA, "Gamma", "Wall", "Closed Lost", "3000", "2026-01-07T08:00:00Z", "ben", "false"],
]
ROWS = [
    [ALPHA, "2026-01-05T08:00:00Z", "Prospecting", "1000"],
    [ALPHA, "2026-02-01T08:00:00Z", "Qualification", "1000"],
    [ALPHA, "2026-03-01T08:00:00Z", "Needs Analysis", "1000"],
    [BETA, "2026-01-06T08:00:00Z", "Qualification", "2000"],
    [GAMMA, "2026-01-07T08:00:00Z", "Qualification", "3000"],
    [GAMMA, "2026-06-01T08:00:00Z", "Closed Lost", "3000"],
]
Import = Callable[..., dict[str, object]]


@pytest.fixture
def take(team, tmp_path: Path) -> Import:
    """Imports an export with changed tables, and returns what is said as JSON."""

    def run(deals=DEALS, rows=ROWS, *more: str, map_: str = MAP):
        files = put(tmp_path, exported("deals.csv", OPPORTUNITY, *deals), exported("history.csv", HISTORY, *rows))
        said = team("import", *files, "--from", "salesforce", "--map", put(tmp_path, map_), "--json", *more)
        assert said.code == 0, said.err
        return json.loads(said.out)

    return run


def told(said) -> list[tuple[str, str]]:
    return [(one["opportunity"], one["what"]) for one in said["left_out"]["first"]]


def gone(said) -> list[tuple[str, str]]:
    return [(one["opportunity"], one["what"]) for one in said["no_longer_there"]["first"]]


def changed(rows, place: int, **cells) -> list[list[str]]:
    header = OPPORTUNITY if len(rows[0]) == len(OPPORTUNITY) else HISTORY
    row = list(rows[place])
    for name, text in cells.items():
        row[header.index(name)] = text
    return [*rows[:place], row, *rows[place + 1 :]]


def test_the_same_export_adds_nothing_and_writes_no_backup(team, take):
    first = take()
    assert (first["facts"], first["opportunities"]) == (8, 3)
    before = facts(team)
    said = take()
    assert (said["facts"], said["already_there"], said["left_out"]["count"], said["backup"]) == (0, 8, 0, None)
    assert (said["no_longer_there"]["count"], said["opportunities_no_longer_there"]["count"]) == (0, 0)
    assert facts(team) == before


def test_a_move_an_amount_a_loss_and_a_new_deal_come_in(team, take, problems):
    take()
    delta = "0060Y00000abcDDAAA"
    deals = [*DEALS, [delta, "Alpha", "Door", "Qualification", "5", "2026-11-01T08:00:00Z", "anna", "false"]]
    rows = [
        *ROWS,
        [ALPHA, "2026-10-01T08:00:00Z", "Proposal", "1500"],
        [BETA, "2026-10-02T08:00:00Z", "Closed Lost", "2000"],
        [delta, "2026-11-01T08:00:00Z", "Qualification", "5"],
    ]
    said = take(deals, rows)
    assert (said["facts"], said["opportunities"], said["left_out"]["count"]) == (5, 1, 0)
    assert [row[0] or row[6] for row in facts(team)["alpha"]] == ["0", "interest", "invited", "revalued", "offer"]
    assert facts(team)["beta"][-1][6] == "lost"
    assert "alpha-2" in facts(team)
    assert problems() == []


def test_a_renamed_customer_keeps_its_opportunity(team, take):
    take()
    said = take(changed(DEALS, 0, **{"Account.Name": "Alpha Holding", "Name": "Other"}))
    assert said["facts"] == 0
    assert set(facts(team)) == {"alpha", "beta", "gamma"}


def test_a_history_that_was_rewritten_is_told_and_changes_nothing(team, take):
    take()
    before = facts(team)
    said = take(rows=changed(ROWS, 2, CreatedDate="2026-03-15T08:00:00Z"))
    assert told(said) == [
        ("alpha", "reached 2 on 2026-03-01: 2026-03-15 is recorded with 2026-03-01; what is there stays")
    ]
    assert facts(team) == before


def test_a_move_that_is_no_longer_in_the_history_is_told_and_stays(team, take):
    take()
    before = facts(team)
    said = take(changed(DEALS, 0, StageName="Qualification"), [row for place, row in enumerate(ROWS) if place != 2])
    assert gone(said) == [("alpha", "reached 2 on 2026-03-01")]
    assert facts(team) == before


def test_a_deal_moved_back_keeps_what_it_reached(team, take):
    take()
    before = facts(team)
    said = take(
        changed(DEALS, 0, StageName="Qualification"),
        [*ROWS, [ALPHA, "2026-10-01T08:00:00Z", "Qualification", "1000"]],
    )
    assert {one["what"]: one["count"] for one in said["oddities"]} == {"moved_back": 1}
    assert (said["facts"], facts(team)) == (0, before)


def test_a_changed_amount_of_the_past_is_told(team, take):
    take()
    before = facts(team)
    said = take(
        rows=[row if row[0] != BETA else [*row[:3], "2500"] for row in ROWS], deals=changed(DEALS, 1, Amount="2500")
    )
    assert told(said) == [("beta", "opened on 2026-01-06: it is recorded with another value; what is there stays")]
    assert facts(team) == before


def test_an_owner_who_changed_without_a_day_is_told_until_the_book_says_so_too(team, take):
    take()
    said = take(changed(DEALS, 1, OwnerId="anna"))
    assert told(said) == [("beta", "opened on 2026-01-06: it is recorded with another rep; what is there stays")]
    assert team("assign", "beta", "anna").code == 0
    assert told(take(changed(DEALS, 1, OwnerId="anna"))) == []


@pytest.mark.parametrize("how", ["deleted", "missing"])
def test_a_deal_that_is_gone_is_named_and_stays(team, take, how):
    take()
    before = facts(team)
    if how == "deleted":
        said = take(changed(DEALS, 1, IsDeleted="true"))
        assert [(one["what"], one["count"]) for one in said["oddities"]] == [("deleted", 1)]
    else:
        said = take(DEALS[::2], [row for row in ROWS if row[0] != BETA])
    assert said["opportunities_no_longer_there"] == {"count": 1, "first": ["beta"]}
    assert facts(team) == before


def test_a_deal_lost_and_open_again_is_reopened(team, take, problems):
    take()
    rows = [*ROWS, [GAMMA, "2026-10-01T08:00:00Z", "Needs Analysis", "3000"]]
    said = take(changed(DEALS, 2, StageName="Needs Analysis"), rows)
    assert [row[0] or row[6] for row in facts(team)["gamma"]] == ["0", "interest", "lost", "reopened", "invited"]
    assert (said["facts"], said["left_out"]["count"]) == (2, 0)
    assert problems() == []


def test_the_facts_of_an_undone_import_come_in_again_under_the_same_keys(team, take, problems):
    take()
    before = facts(team)
    assert team("undo", "--yes").code == 0
    assert facts(team) == {}
    assert take()["facts"] == 8
    assert facts(team) == before
    assert problems() == []


def test_what_was_recorded_by_hand_is_not_missed_in_the_export(team, take):
    take()
    assert team("advance", "beta", "2", "--on", "2026-11-01").code == 0
    said = take()
    assert (said["facts"], said["left_out"]["count"], said["no_longer_there"]["count"]) == (0, 0, 0)


def test_a_hand_that_was_there_before_the_system_is_not_contradicted_twice(team, take):
    take()
    assert team("advance", "beta", "2", "--on", "2026-11-01").code == 0
    rows = [*ROWS, [BETA, "2026-11-03T08:00:00Z", "Needs Analysis", "2000"]]
    said = take(rows=rows, deals=changed(DEALS, 1, StageName="Needs Analysis"))
    assert told(said) == [("beta", "reached 2 on 2026-11-03: it has reached that milestone on another day already")]


def test_two_accounts_with_the_same_ids_are_two(team, take):
    take()
    said = take(map_='source = "emea"\n' + MAP)
    assert (said["opportunities"], said["opportunities_no_longer_there"]["count"]) == (3, 0)
    assert set(facts(team)) == {"alpha", "beta", "gamma", "alpha-2", "beta-2", "gamma-2"}


def test_where_only_the_table_of_deals_comes_again_its_history_is_not_missed(team, take, tmp_path):
    take()
    (file,) = put(tmp_path, exported("deals.csv", OPPORTUNITY, *DEALS))
    said = team("import", file, "--from", "salesforce", "--map", put(tmp_path, MAP), "--json").json
    assert (said["facts"], said["no_longer_there"]["count"]) == (0, 0)


def test_where_only_the_present_stage_has_a_day_an_earlier_one_is_not_missed(team, tmp_path):
    header = [*OPPORTUNITY, "LastStageChangeDate"]

    def take(stage: str, day: str):
        (file,) = put(tmp_path, exported("deals.csv", header, [*changed(DEALS, 0, StageName=stage)[0], day]))
        return team("import", file, "--from", "salesforce", "--map", put(tmp_path, MAP), "--json").json

    take("Qualification", "2026-02-01T08:00:00Z")
    said = take("Proposal", "2026-10-01T08:00:00Z")
    assert (said["facts"], said["left_out"]["count"], said["no_longer_there"]["count"]) == (1, 0, 0)
    assert [row[:2] for row in facts(team)["alpha"]] == [
        ("0", "2026-01-05"), ("interest", "2026-02-01"), ("offer", "2026-10-01"),
    ]  # fmt: skip


def test_a_dry_run_says_the_same_and_writes_nothing(team, take):
    take()
    before = facts(team)
    rows = [*ROWS, [ALPHA, "2026-10-01T08:00:00Z", "Proposal", "1000"]]
    said = take(DEALS, rows, "--dry-run")
    assert (said["facts"], said["dry_run"]) == (1, True)
    assert facts(team) == before


@pytest.mark.parametrize("moment", ["while reading", "while recording"])
def test_ctrl_c_in_the_middle_leaves_the_file_as_it_was(team, take, tmp_path, monkeypatch, moment):
    from milestone_cli.exchange import salesforce
    from milestone_cli.store import bulk

    take()
    before = facts(team)

    def stop(*_words, **_more):
        raise KeyboardInterrupt

    rows = [*ROWS, [ALPHA, "2026-10-01T08:00:00Z", "Proposal", "1000"]]
    delta = [["0060Y00000abcDDAAA", "Delta", "Door", "Qualification", "5", "2026-11-01T08:00:00Z", "anna", "false"]]
    files = put(tmp_path, exported("deals.csv", OPPORTUNITY, *DEALS, *delta), exported("history.csv", HISTORY, *rows))
    where, name = (salesforce, "long_id") if moment == "while reading" else (bulk.BulkLedger, "flush")
    with monkeypatch.context() as there:
        there.setattr(where, name, stop)
        said = team("import", *files, "--from", "salesforce", "--map", put(tmp_path, MAP))
    assert said.code == ExitCode.INTERRUPTED
    assert "nothing recorded" in said.err
    assert facts(team) == before
