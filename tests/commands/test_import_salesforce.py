"""`ms import --from salesforce`: what each documented export becomes in the book, line by line."""

from __future__ import annotations

import json

import pytest
from tests.commands.exports import facts, put, rows_of, taker
from tests.exchange.exported import exported

ALPHA, BETA, GAMMA, DELTA, OTHER = (f"0060Y00000abc{sign}{sign}AAA" for sign in "ABCDE")
ANNA, BEN = "0050Y00000aaaAAAAA", "0050Y00000bbbBBAAA"
MAP = f"""
zone = "Europe/Berlin"
[stages]
"Prospecting" = 0
"Qualification" = "interest"
"Needs Analysis" = 3
"Proposal" = "offer"
"Closed Won" = "won"
"Closed Lost" = "lost"
[owners]
"{ANNA}" = "anna"
"{BEN}" = "ben"
"""
OPPORTUNITY = exported(
    "Opportunity.csv",
    [
        "ID", "ACCOUNT.NAME", "NAME", "STAGENAME", "AMOUNT", "CLOSEDATE", "PROBABILITY", "CREATEDDATE", "OWNERID",
        "ISDELETED", "LASTSTAGECHANGEDATE", "CURRENCYISOCODE", "LOSS_REASON__C",
    ],
    [ALPHA, "Alpha", "Roof", "Closed Won", "120000.5", "2026-05-01", "100", "2026-01-05T08:00:00.000Z", ANNA, "false",
     "2026-05-04T09:00:00.000Z", "EUR", ""],
    [BETA, "Beta", "Floor", "Closed Lost", "9000.0", "2026-05-01", "0", "2026-01-06T08:00:00.000Z", BEN, "false",
     "2026-07-01T09:00:00.000Z", "EUR", "Too dear"],
    [GAMMA, "Gamma", "Wall", "Qualification", "", "2026-12-31", "10", "2026-02-01T23:30:00.000Z", BEN, "false", "",
     "EUR", ""],
    [DELTA, "Delta", "Gone", "Proposal", "1", "2026-12-31", "10", "2026-02-01T08:00:00.000Z", BEN, "true", "",
     "EUR", ""],
    [OTHER, "Other", "Far", "Proposal", "1", "2026-12-31", "10", "2026-02-01T08:00:00.000Z", BEN, "false", "",
     "USD", ""],
    encoding="utf-8-sig",
)  # fmt: skip
HISTORY = exported(
    "OpportunityHistory.csv",
    [
        "Id",
        "OpportunityId",
        "CreatedDate",
        "StageName",
        "Amount",
        "PrevAmount",
        "CloseDate",
        "Probability",
        "IsDeleted",
    ],
    # passes everything but one milestone, with rows for another close date and another amount
    ["1", ALPHA, "2026-01-05T08:00:00.000Z", "Prospecting", "100000.0", "", "2026-05-01", "10", "false"],
    ["2", ALPHA, "2026-02-03T10:00:00.000Z", "Qualification", "100000.0", "", "2026-05-01", "20", "false"],
    ["3", ALPHA, "2026-02-10T10:00:00.000Z", "Qualification", "100000.0", "", "2026-06-01", "20", "false"],
    ["4", ALPHA, "2026-03-01T23:10:00.000Z", "Needs Analysis", "100000.0", "", "2026-06-01", "40", "false"],
    ["5", ALPHA, "2026-03-20T10:00:00.000Z", "Needs Analysis", "120000.5", "100000.0", "2026-06-01", "40", "false"],
    ["6", ALPHA, "2026-04-02T10:00:00.000Z", "Proposal", "120000.5", "", "2026-06-01", "60", "false"],
    ["7", ALPHA, "2026-05-04T09:00:00.000Z", "Closed Won", "120000.5", "", "2026-05-04", "100", "false"],
    # lost, back at an earlier stage, forth again, lost again; the newest first
    ["8", BETA, "2026-07-01T09:00:00.000Z", "Closed Lost", "9000.0", "", "2026-05-01", "0", "false"],
    ["9", BETA, "2026-06-01T09:00:00.000Z", "Proposal", "9000.0", "", "2026-05-01", "60", "false"],
    ["A", BETA, "2026-05-01T09:00:00.000Z", "Qualification", "9000.0", "", "2026-05-01", "20", "false"],
    ["B", BETA, "2026-04-01T09:00:00.000Z", "Closed Lost", "9000.0", "", "2026-05-01", "0", "false"],
    ["C", BETA, "2026-03-01T09:00:00.000Z", "Needs Analysis", "9000.0", "", "2026-05-01", "40", "false"],
    ["D", BETA, "2026-01-06T08:00:00.000Z", "Prospecting", "9000.0", "8000.0", "2026-05-01", "10", "false"],
)
FIELDS = exported(
    "OpportunityFieldHistory.csv",
    ["OpportunityId", "CreatedDate", "Field", "OldValue", "NewValue"],
    [ALPHA, "2026-02-15T10:00:00.000Z", "Owner", "Ben B.", "Anna A."],
    [ALPHA, "2026-02-15T10:00:00.000Z", "Owner", BEN, ANNA],
    [ALPHA, "2026-02-03T10:00:00.000Z", "StageName", "Prospecting", "Qualification"],
    [ALPHA, "2026-02-03T11:00:00.000Z", "NextStep", "", "Call"],
)
OPTIONS = ("--from", "salesforce", "--complete-history")
WITH_REASON = f'{MAP}[columns]\nreason = "Loss_Reason__c"\n[currencies]\n"USD" = "ignore"\n'

take = taker(*OPTIONS)


@pytest.mark.parametrize("order", [1, -1])
def test_the_three_tables_together_become_facts_in_any_order(team, tmp_path, problems, order):
    said = take(team, tmp_path, WITH_REASON, *[OPPORTUNITY, HISTORY, FIELDS][::order]).json
    assert facts(team) == {
        "alpha": [
            ("0", "2026-01-05", "100000.00", "Alpha", "Roof", "ben", "", ""),
            ("interest", "2026-02-03", "", "", "", "", "", ""),
            ("", "2026-02-15", "", "", "", "anna", "assigned", ""),
            ("problem", "2026-03-02", "", "", "", "", "", ""),
            ("", "2026-03-20", "120000.50", "", "", "", "revalued", ""),
            ("offer", "2026-04-02", "", "", "", "", "", ""),
            ("order", "2026-05-04", "", "", "", "", "", ""),
        ],
        "beta": [
            ("0", "2026-01-06", "8000.00", "Beta", "Floor", "ben", "", ""),
            ("", "2026-01-06", "9000.00", "", "", "", "revalued", ""),
            ("problem", "2026-03-01", "", "", "", "", "", ""),
            ("", "2026-04-01", "", "", "", "", "lost", ""),
            ("", "2026-05-01", "", "", "", "", "reopened", ""),
            ("offer", "2026-06-01", "", "", "", "", "", ""),
            ("", "2026-07-01", "", "", "", "", "lost", "Too dear"),
        ],
        "gamma": [
            ("0", "2026-02-02", "", "Gamma", "Wall", "ben", "", ""),
            ("interest", "2026-02-02", "", "", "", "", "", ""),
        ],
    }
    assert {one["what"]: one["count"] for one in said["oddities"]} == {
        "skipped": 2, "came_back": 1, "moved_back": 1, "deleted": 1,
    }  # fmt: skip
    assert said["skipped"] == {"ignore": 1}
    assert said["dropped"] == {"PROBABILITY": 5, "CLOSEDATE": 5, "Probability": 13, "CloseDate": 13}
    assert problems() == []


def test_the_history_alone_becomes_facts_without_names(team, tmp_path):
    said = take(team, tmp_path, MAP, HISTORY).json
    found = facts(team)
    key = f"deal-{ALPHA.lower()}"
    assert found[key][0] == ("0", "2026-01-05", "100000.00", key, "", "", "", "")
    assert [fact[:2] for fact in found[key][1:]] == [
        ("interest", "2026-02-03"), ("problem", "2026-03-02"), ("", "2026-03-20"), ("offer", "2026-04-02"),
        ("order", "2026-05-04"),
    ]  # fmt: skip
    assert len(found) == 2
    assert any("The history alone names no customer" in notice for notice in said["notices"])


def test_opportunity_alone_becomes_where_each_stands_and_since_when(team, tmp_path):
    take(team, tmp_path, WITH_REASON, OPPORTUNITY)
    assert facts(team) == {
        "alpha": [
            ("0", "2026-01-05", "120000.50", "Alpha", "Roof", "anna", "", ""),
            ("order", "2026-05-04", "", "", "", "", "", ""),
        ],
        "beta": [
            ("0", "2026-01-06", "9000.00", "Beta", "Floor", "ben", "", ""),
            ("", "2026-07-01", "", "", "", "", "lost", "Too dear"),
        ],
        "gamma": [
            ("0", "2026-02-02", "", "Gamma", "Wall", "ben", "", ""),
            ("interest", "2026-02-02", "", "", "", "", "", ""),
        ],
    }


HISTORY_HEADER = ["OpportunityId", "CreatedDate", "StageName", "Amount"]


@pytest.mark.parametrize("stage", ["Prospecting", "Qualification"])
def test_a_row_with_an_impossible_day_is_told_once_whatever_else_it_says(team, tmp_path, stage):
    file = exported(
        "h.csv",
        HISTORY_HEADER,
        [ALPHA, "2026-01-05T08:00:00Z", "Prospecting", "5"],
        [ALPHA, "2026-02-31T10:00:00Z", stage, "5"],
    )
    said = take(team, tmp_path, MAP, file, code=1)
    message = json.loads(said.err)["error"]["message"]
    assert message.startswith("h.csv has 1 line that cannot be taken:\n  line 3: ")
    assert message.count("2026-02-31T10:00:00Z") == 1
    assert facts(team) == {}


def test_a_row_that_lies_in_the_future_is_odd_once(team, tmp_path):
    file = exported(
        "h.csv",
        HISTORY_HEADER,
        [ALPHA, "2026-01-05T08:00:00Z", "Prospecting", "5"],
        [ALPHA, "2027-02-01T10:00:00Z", "Qualification", "6"],
        [ALPHA, "2027-02-01T10:00:00Z", "Proposal", "7"],
    )
    [future] = [one for one in take(team, tmp_path, MAP, file).json["oddities"] if one["what"] == "in_the_future"]
    assert future["count"] == len(future["examples"]) == 2


def test_without_a_day_of_entry_an_opportunity_stands_at_its_stage_today(team, tmp_path):
    file = exported(
        "o.csv",
        ["Id", "Account Name", "StageName", "CreatedDate", "CloseDate", "IsClosed"],
        [ALPHA, "Alpha", "Proposal", "2026-01-05", "2026-12-31", "0"],
        [BETA, "Beta", "Closed Won", "2026-01-06", "2026-03-04", "1"],
    )
    said = take(team, tmp_path, MAP, file).json
    assert facts(team) == {
        "alpha": [
            ("0", "2026-01-05", "", "Alpha", "", "", "", ""),
            ("offer", "2026-11-23", "", "", "", "", "standing", ""),
        ],
        "beta": [
            ("0", "2026-01-06", "", "Beta", "", "", "", ""),
            ("order", "2026-03-04", "", "", "", "", "", ""),
        ],
    }
    assert len(said["notices"]) == 2


def test_reports_with_labels_and_american_dates_are_read(team, tmp_path):
    opportunities = exported(
        "report1.csv",
        ["Opportunity Owner", "Account Name", "Opportunity Name", "Stage", "Amount", "Close Date", "Created Date",
         "Opportunity ID"],
        ["Anna", "Alpha", "Roof", "Proposal", "5,000.00", "12/31/2026", "1/15/2026", ALPHA[:15]],
        ["Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."],
        encoding="cp1252",
    )  # fmt: skip
    history = exported(
        "report2.csv",
        ["Opportunity ID", "From Stage", "To Stage", "Amount", "Last Modified"],
        [ALPHA[:15], "", "Prospecting", "4,000.00", "1/15/2026"],
        [ALPHA[:15], "Prospecting", "Qualification", "4,000.00", "2/3/2026"],
        [ALPHA[:15], "Qualification", "Proposal", "5,000.00", "3/28/2026"],
        encoding="utf-16",
        delimiter="\t",
    )
    take(team, tmp_path, MAP + '"Anna" = "anna"\n', opportunities, history)
    assert facts(team) == {
        "alpha": [
            ("0", "2026-01-15", "4000.00", "Alpha", "Roof", "anna", "", ""),
            ("interest", "2026-02-03", "", "", "", "", "", ""),
            ("", "2026-03-28", "5000.00", "", "", "", "revalued", ""),
            ("offer", "2026-03-28", "", "", "", "", "", ""),
        ]
    }


def test_headings_dates_and_amounts_of_another_language_are_read_through_the_map(team, tmp_path):
    file = exported(
        "Bericht.csv",
        ["Opportunity-ID", "Accountname", "Phase", "Betrag", "Erstelldatum", "Letzte Phasenänderung"],
        [ALPHA, "Alpha", "Angebot", "5.000,50", "05.01.2026", "03.02.2026"],
        encoding="cp1252",
        delimiter=";",
    )
    map_ = """
        date = "d.m.Y"
        decimal = ","
        [columns]
        id = "Opportunity-ID"
        customer = "Accountname"
        stage = "Phase"
        amount = "Betrag"
        created = "Erstelldatum"
        changed = "Letzte Phasenänderung"
        [stages]
        "Angebot" = "offer"
    """
    take(team, tmp_path, map_, file)
    assert facts(team)["alpha"] == [
        ("0", "2026-01-05", "5000.50", "Alpha", "", "", "", ""),
        ("offer", "2026-02-03", "", "", "", "", "", ""),
    ]


def test_a_newer_export_adds_only_what_is_new(team, tmp_path, problems):
    header, *rows = HISTORY.content.splitlines(keepends=True)
    older = HISTORY._replace(content=b"".join([header, *rows[:4]]))
    map_ = f'{MAP}[currencies]\n"USD" = "ignore"\n'
    take(team, tmp_path, map_, older)
    first = facts(team)
    newer = HISTORY._replace(content=b"".join([header, *rows[:7]]))
    said = take(team, tmp_path, map_, newer).json
    assert (said["facts"], said["opportunities"]) == (3, 0)
    (before,), (after,) = first.values(), facts(team).values()
    assert after[: len(before)] == before
    assert [fact[:2] for fact in after[len(before) :]] == [
        ("", "2026-03-20"), ("offer", "2026-04-02"), ("order", "2026-05-04")
    ]  # fmt: skip
    assert take(team, tmp_path, map_, newer).json["facts"] == 0
    assert problems() == []


def test_what_the_past_of_a_newer_export_says_otherwise_is_told_and_not_taken(team, tmp_path):
    map_ = f'{MAP}[currencies]\n"USD" = "ignore"\n'
    take(team, tmp_path, map_, HISTORY)
    before = facts(team)
    moved = HISTORY._replace(content=HISTORY.content.replace(b"2026-04-02T10", b"2026-04-09T10"))
    said = take(team, tmp_path, map_, moved).json
    assert said["facts"] == 0
    assert said["left_out"]["count"] == 1
    assert "2026-04-02" in said["left_out"]["first"][0]["what"]
    assert facts(team) == before


def test_a_stage_that_the_map_lacks_is_listed_and_nothing_is_taken(team, tmp_path):
    said = take(team, tmp_path, MAP.replace('"Proposal" = "offer"\n', ""), HISTORY, code=1)
    assert '"Proposal" (2 deals)' in said.err.replace('\\"', '"')
    assert facts(team) == {}


def test_a_bad_row_is_listed_with_its_file_and_line_and_nothing_is_taken(team, tmp_path):
    bad = exported("h.csv", ["OpportunityId", "CreatedDate", "StageName"], [ALPHA, "", "Proposal"], ["", "x", "y"])
    said = take(team, tmp_path, MAP, OPPORTUNITY, bad, code=1)
    assert "h.csv has 2 lines that cannot be taken" in said.err
    assert facts(team) == {}


def test_a_table_of_something_else_is_refused(team, tmp_path):
    said = take(team, tmp_path, MAP, exported("Contact.csv", ["Id", "LastName"], ["003", "x"]), code=1)
    assert "Contact.csv is no table of Salesforce" in said.err


def test_a_workbook_is_read_like_the_tables(team, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for file in (OPPORTUNITY, HISTORY, FIELDS):
        sheet = book.create_sheet(file.name.removesuffix(".csv"))
        for row in rows_of(file):
            sheet.append(row)
    path = tmp_path / "export.xlsx"
    book.save(path)
    map_ = put(tmp_path, WITH_REASON)
    assert team("import", str(path), *OPTIONS, "--map", map_).code == 0
    from_workbook = facts(team)
    team("undo", "--yes")
    take(team, tmp_path, WITH_REASON, OPPORTUNITY, HISTORY, FIELDS)
    assert facts(team) == from_workbook
    assert len(from_workbook) == 3


def test_a_map_is_suggested_from_the_files(team, tmp_path):
    said = team("import", *put(tmp_path, OPPORTUNITY, HISTORY), "--from", "salesforce", "--suggest-map")
    assert said.code == 0
    assert '"Needs Analysis" = ?' in said.out
    assert f'"{ANNA}"' in said.out
