"""`ms forget`, and then the same export of another system again, or a newer one: nobody comes back unseen."""

from __future__ import annotations

import pytest
from tests.commands.exports import taker
from tests.exchange.exported import exported

MAP = """
zone = "UTC"
[stages]
"Talk" = "invited"
"Offer" = "offer"
"Won" = "won"
"Lost" = "lost"
"""
HEADER = ["Id", "StageName", "AccountId", "Name", "Amount", "OwnerId", "CreatedDate", "LastStageChangeDate",
          "Loss_Reason__c"]  # fmt: skip
MOVES = ["OpportunityId", "CreatedDate", "StageName"]
FULL = MAP + '[columns]\nreason = "Loss_Reason__c"\n'
ALPHA = ["0060000000000A1", "Talk", "Alpha GmbH", "Roof of Alpha", "5000", "anna", "2026-01-05", "2026-02-03", ""]
BETA = ["0060000000000B2", "Lost", "Beta AG", "Floor", "7000", "ben", "2026-01-09", "2026-03-01", "Beta AG is broke"]
GAMMA = ["0060000000000C3", "Talk", "Gamma", "Door", "900", "ben", "2026-04-01", "2026-05-01", ""]
ALPHA_MOVES = (["0060000000000A1", "2026-02-03T10:00:00Z", "Talk"],)
take = taker("--from", "salesforce", "--complete-history")


def opportunities(*rows: list[str]):
    return exported("opportunity.csv", HEADER, *rows)


def moves(*rows: list[str]):
    return exported("history.csv", MOVES, *rows)


@pytest.fixture
def book(team, tmp_path):
    """Alpha (open) and Beta (lost), from Salesforce, both forgotten."""
    take(team, tmp_path, FULL, opportunities(ALPHA, BETA))
    for who in ("Alpha GmbH", "Beta AG"):
        assert team("forget", who, "--yes").code == 0
    return team


def told(ms) -> str:
    return "".join(ms(*words, "--json").out for words in (("opportunities",), ("log",), ("show", "1"), ("show", "2")))


def test_the_same_export_again_brings_no_text_back_and_says_so(book, tmp_path, problems):
    said = take(book, tmp_path, FULL, opportunities(ALPHA, BETA)).json
    assert (said["facts"], said["opportunities"], said["left_out"]["count"]) == (0, 0, 2)
    assert {one["opportunity"] for one in said["left_out"]["first"]} == {"alpha-gmbh", "beta-ag"}
    assert said["may_be_forgotten"]["count"] == 0
    assert not [name for name in ("Alpha", "Beta", "Roof", "broke", "006000") if name in told(book)]
    assert problems() == []


def test_a_newer_export_with_all_moves_brings_no_text_back_either(book, tmp_path):
    later = [*ALPHA_MOVES, ["0060000000000A1", "2026-06-01T10:00:00Z", "Offer"]]
    moved = [*ALPHA]
    moved[1], moved[7] = "Offer", "2026-06-01"
    said = take(book, tmp_path, FULL, opportunities(moved, GAMMA), moves(*later)).json
    assert (said["opportunities"], said["left_out"]["count"]) == (1, 1)
    assert "Alpha" not in told(book)


def test_an_export_that_tells_other_days_of_one_names_who_may_be_back(book, tmp_path):
    moved = [*ALPHA]
    moved[1], moved[7] = "Offer", "2026-06-01"
    said = take(book, tmp_path, FULL, opportunities(moved, BETA, GAMMA))
    assert (said.json["opportunities"], said.json["left_out"]["count"]) == (2, 1)
    [one] = said.json["may_be_forgotten"]["first"]
    assert one["opportunity"] == "alpha-gmbh"
    assert one["what"] == "it was opened on the same day as the forgotten opportunity 1"
    assert "Beta" not in told(book)
    book("undo", "--yes")
    files = str(tmp_path / "opportunity.csv"), "--map", str(tmp_path / "map.toml")
    shown = book("import", *files, "--from", "salesforce", "--dry-run")
    assert "ms forget" in shown.out
    assert "alpha-gmbh" in shown.out
