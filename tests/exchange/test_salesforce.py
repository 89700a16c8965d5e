"""Salesforce's tables."""

from __future__ import annotations

import itertools

import pytest
from tests.exchange.exported import exported, read, said

from milestone_cli.errors import MsError
from milestone_cli.exchange import salesforce
from milestone_cli.exchange.deals import Change, What
from milestone_cli.exchange.salesforce import is_mine, read_sheet

ALPHA, BETA = "0060Y00000abcDEQAY", "0060Y00000abcDFQAY"
ANNA, BERT = "0050Y00000aaaAAQAY", "0050Y00000bbbBBQAY"
OPPORTUNITY = exported(
    "Opportunity.csv",
    [
        "Id", "AccountId", "Account.Name", "Name", "StageName", "Amount", "CloseDate", "Probability", "CreatedDate",
        "OwnerId", "IsClosed", "IsWon", "IsDeleted", "LastStageChangeDate", "CurrencyIsoCode", "RecordTypeId",
    ],
    [
        ALPHA, "0010Y00000cccCC", "Alpha GmbH", "Alpha, roof", "Closed Won", "120000.0", "2026-05-01", "100",
        "2026-01-05T08:00:00.000Z", ANNA, "true", "true", "false", "2026-05-04T09:00:00.000Z", "EUR", "0120Y0000012345",
    ],
    [
        BETA, "0010Y00000dddDD", "Beta AG", "Beta, floor", "Qualification", "", "2026-12-31", "10",
        "2026-02-01T08:00:00.000Z", BERT, "false", "false", "false", "", "EUR", "0120Y0000012345",
    ],
)  # fmt: skip
HISTORY_HEADER = [
    "Id", "OpportunityId", "CreatedById", "CreatedDate", "StageName", "Amount", "ExpectedRevenue", "CloseDate",
    "Probability", "ForecastCategory", "SystemModstamp", "IsDeleted", "PrevAmount", "PrevCloseDate",
]  # fmt: skip


def step(id_: str, time: str, stage: str, amount: str = "", before: str = "", deleted: str = "false") -> list[str]:
    stamp = f"{time}.000Z"
    return [
        "008", id_, ANNA, stamp, stage, amount, "1", "2026-05-01", "50", "Pipeline", stamp, deleted, before, ""
    ]  # fmt: skip


HISTORY = exported(
    "OpportunityHistory.csv",
    HISTORY_HEADER,
    step(ALPHA, "2026-01-05T08:00:00", "Prospecting", "100000.0"),
    step(ALPHA, "2026-02-03T10:00:00", "Negotiation", "100000.0"),
    step(ALPHA, "2026-02-10T10:00:00", "Negotiation", "120000.0", "100000.0"),
    step(ALPHA, "2026-05-04T09:00:00", "Closed Won", "120000.0"),
)
FIELD_HEADER = ["Id", "IsDeleted", "OpportunityId", "CreatedById", "CreatedDate", "Field", "OldValue", "NewValue"]
FIELDS = exported(
    "OpportunityFieldHistory.csv",
    FIELD_HEADER,
    ["017", "false", ALPHA, ANNA, "2026-01-05T08:00:00.000Z", "created", "", ""],
    ["017", "false", ALPHA, ANNA, "2026-02-03T10:00:00.000Z", "StageName", "Prospecting", "Negotiation"],
    ["017", "false", ALPHA, ANNA, "2026-02-10T10:00:00.000Z", "Amount", "100000.0", "120000.0"],
    ["017", "false", ALPHA, ANNA, "2026-03-01T10:00:00.000Z", "Owner", "Bert Beispiel", "Anna Muster"],
    ["017", "false", ALPHA, ANNA, "2026-03-01T10:00:00.000Z", "Owner", BERT, ANNA],
    ["017", "false", ALPHA, ANNA, "2026-03-02T10:00:00.000Z", "NextStep", "", "Call"],
    ["017", "true", ALPHA, ANNA, "2026-03-03T10:00:00.000Z", "StageName", "Negotiation", "Prospecting"],
)


def test_a_row_of_an_opportunity_says_where_it_stands_and_since_when():
    deals, refused = read(read_sheet, [OPPORTUNITY])
    alpha, beta = deals.by_id[ALPHA], deals.by_id[BETA]
    assert not refused
    assert (alpha.title, alpha.customer, alpha.owner) == ("Alpha, roof", "Alpha GmbH", ANNA)
    assert (alpha.amount, alpha.currency, alpha.pipeline) == ("120000.0", "EUR", "0120Y0000012345")
    assert (alpha.stage, alpha.created, alpha.is_listed) == ("Closed Won", "2026-01-05T08:00:00.000Z", True)
    assert alpha.since == Change(What.STAGE, "Closed Won", "2026-05-04T09:00:00.000Z", 1, 2)
    assert beta.since == Change(What.STAGE, "Qualification", "2026-02-01T08:00:00.000Z", 0, 3)
    assert [(column.heading, column.is_utc) for column in deals.columns] == [
        ("CreatedDate", True), ("LastStageChangeDate", True)
    ]  # fmt: skip
    assert not alpha.changes
    assert not alpha.closed


def test_what_nobody_can_know_is_counted_and_goes_no_further():
    deals, _ = read(read_sheet, [OPPORTUNITY, HISTORY])
    assert deals.dropped == {"CloseDate": 6, "Probability": 6, "ExpectedRevenue": 4, "ForecastCategory": 4}
    assert "2026-05-01" not in repr(deals.by_id)


CHANGES = [
    ("stage", "", "Prospecting", "2026-01-05T08:00:00.000Z"),
    ("amount", "", "100000.0", "2026-01-05T08:00:00.000Z"),
    ("stage", "", "Negotiation", "2026-02-03T10:00:00.000Z"),
    ("amount", "100000.0", "120000.0", "2026-02-10T10:00:00.000Z"),
    ("stage", "", "Closed Won", "2026-05-04T09:00:00.000Z"),
]
"""What HISTORY says beyond repeating itself."""


def test_the_rows_of_the_history_are_stages_and_amounts_the_first_of_each_run():
    deals, refused = read(read_sheet, [HISTORY])
    assert not refused
    assert said(deals.by_id[ALPHA]) == CHANGES
    assert deals.notices == [salesforce.NO_LIST]
    assert not deals.by_id[ALPHA].is_listed


def test_a_run_is_one_in_the_order_of_time_not_of_the_rows():
    rows = HISTORY.content.splitlines(keepends=True)
    for order in itertools.permutations(rows[1:]):
        deals, _ = read(read_sheet, [HISTORY._replace(content=b"".join([rows[0], *order]))])
        assert said(deals.by_id[ALPHA]) == CHANGES


def test_a_stage_entered_again_is_no_repetition():
    again = exported(
        "h.csv",
        HISTORY_HEADER,
        step(ALPHA, "2026-03-01T08:00:00", "Offer"),
        step(ALPHA, "2026-01-01T08:00:00", "Offer"),
        step(ALPHA, "2026-02-01T08:00:00", "Demo"),
    )
    deals, _ = read(read_sheet, [again])
    assert [change.value for change in deals.by_id[ALPHA].changes] == ["Offer", "Demo", "Offer"]


@pytest.mark.parametrize("second", ["2/3/2026", "2026-02-03T10:00:00+01:00", "2026-02-03"])
def test_where_times_cannot_be_compared_as_text_every_row_stays(second):
    rows = [["2026-01-05T08:00:00.000Z", "New"], [second, "New"]]
    header = ["OpportunityId", "CreatedDate", "StageName"]
    deals, _ = read(read_sheet, [exported("h.csv", header, *([ALPHA, *row] for row in rows))])
    assert [change.time for change in deals.by_id[ALPHA].changes] == [rows[0][0], second]


@pytest.mark.parametrize(
    "wrong",
    ["2026-02-31T10:00:00Z", "2026-13-01T10:00:00Z", "2026-01-05T25:00:00Z", "2026-01-05T10:61:00Z",
     "1989-01-05T10:00:00Z", "2101-01-05T10:00:00Z"],
)  # fmt: skip
def test_where_a_time_cannot_be_read_every_row_stays_to_be_told(wrong):
    header = ["OpportunityId", "CreatedDate", "StageName", "Amount"]
    rows = [[ALPHA, time, "New", "5"] for time in ("2026-01-05T10:00:00Z", wrong, "2026-03-05T10:00:00Z")]
    deals, _ = read(read_sheet, [exported("h.csv", header, *rows)])
    assert [change.time for change in deals.by_id[ALPHA].changes if change.what is What.STAGE] == [
        time for _, time, *_ in rows
    ]


def test_of_the_history_of_fields_the_stage_the_amount_and_the_owner_are_taken():
    deals, refused = read(read_sheet, [FIELDS])
    assert not refused
    assert said(deals.by_id[ALPHA]) == [
        ("stage", "Prospecting", "Negotiation", "2026-02-03T10:00:00.000Z"),
        ("amount", "100000.0", "120000.0", "2026-02-10T10:00:00.000Z"),
        ("owner", BERT, ANNA, "2026-03-01T10:00:00.000Z"),
    ]
    assert deals.by_id[ALPHA].created == "2026-01-05T08:00:00.000Z"
    assert salesforce.TWO_YEARS in deals.notices


def test_the_order_of_the_files_makes_no_difference():
    def content(files):
        deals, refused = read(read_sheet, files)
        assert not refused
        deals.finish()
        return {
            id_: (deal.title, deal.stage, deal.created, deal.is_listed, sorted(said(deal)))
            for id_, deal in deals.by_id.items()
        }

    wanted = content([OPPORTUNITY, HISTORY, FIELDS])
    assert len(wanted[ALPHA][4]) == 5 + 3
    for files in itertools.permutations([OPPORTUNITY, HISTORY, FIELDS]):
        assert content(files) == wanted


def test_where_the_row_stands_counts_only_without_another_stage_in_the_history():
    deals, _ = read(read_sheet, [OPPORTUNITY, HISTORY])
    deals.finish()
    assert said(deals.by_id[ALPHA]) == CHANGES
    assert said(deals.by_id[BETA]) == [("stage", "", "Qualification", "2026-02-01T08:00:00.000Z")]
    assert not deals.notices


def test_an_amount_changed_without_the_stage_leaves_the_day_of_creation_its_entry():
    changed = exported(
        "h.csv", HISTORY_HEADER, step(BETA, "2026-03-01T08:00:00", "Qualification", "5000.0", "4000.0")
    )  # fmt: skip
    deals, _ = read(read_sheet, [changed, OPPORTUNITY])
    deals.finish()
    assert said(deals.by_id[BETA]) == [
        ("stage", "", "Qualification", "2026-03-01T08:00:00.000Z"),
        ("amount", "4000.0", "5000.0", "2026-03-01T08:00:00.000Z"),
        ("stage", "", "Qualification", "2026-02-01T08:00:00.000Z"),
    ]


def test_headings_in_upper_case_and_a_byte_order_mark_change_nothing():
    for file in (OPPORTUNITY, HISTORY, FIELDS):
        header, _, rows = file.content.partition(b"\r\n")
        shouted = file._replace(content=b"\xef\xbb\xbf" + header.upper() + b"\r\n" + rows)
        deals, refused = read(read_sheet, [shouted])
        plain, _ = read(read_sheet, [file])
        assert not refused
        assert [said(deal) for deal in deals.by_id.values()] == [said(deal) for deal in plain.by_id.values()]
        assert deals.by_id.keys() == plain.by_id.keys()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_separators_and_encodings_are_found(delimiter, encoding):
    file = exported(
        "o.csv", ["Id", "StageName", "Name"], [ALPHA, "Übergabe", "Müller"], encoding=encoding, delimiter=delimiter
    )  # fmt: skip
    deals, _ = read(read_sheet, [file])
    assert (deals.by_id[ALPHA].stage, deals.by_id[ALPHA].title) == ("Übergabe", "Müller")


def test_deleted_rows_are_marked_or_left_out():
    header = ["Id", "StageName", "IsDeleted"]
    deals, _ = read(
        read_sheet,
        [
            exported("o.csv", header, [ALPHA, "New", "TRUE"], [BETA, "New", "0"]),
            exported("h.csv", HISTORY_HEADER, step(BETA, "2026-02-03T10:00:00", "Lost", deleted="true")),
        ],
    )
    assert deals.by_id[ALPHA].is_deleted
    assert not deals.by_id[BETA].is_deleted
    assert not deals.by_id[BETA].changes


def test_an_opportunity_deleted_with_its_history_is_deleted_unless_its_row_says_otherwise():
    history = exported("h.csv", HISTORY_HEADER, step(ALPHA, "2026-02-03T10:00:00", "Lost", deleted="true"))
    alone, _ = read(read_sheet, [history])
    listed, _ = read(read_sheet, [history, OPPORTUNITY])
    assert alone.by_id[ALPHA].is_deleted
    assert not listed.by_id[ALPHA].is_deleted


def test_without_the_last_change_a_closed_opportunity_has_its_close_date_and_an_open_one_no_entry():
    header = ["Id", "StageName", "CreatedDate", "CloseDate", "IsClosed"]
    deals, _ = read(
        read_sheet,
        [
            exported(
                "o.csv",
                header,
                [ALPHA, "Closed Won", "2026-01-05", "2026-03-01", "true"],
                [BETA, "New", "2026-01-06", "2026-12-01", "false"],
            )
        ],
    )
    assert deals.by_id[ALPHA].closed == "2026-03-01"
    assert not deals.by_id[BETA].closed
    assert deals.by_id[BETA].since is None
    assert deals.notices == [salesforce.CLOSE_DATE, salesforce.NO_ENTRY]


def test_a_report_of_opportunities_is_read_by_its_labels():
    report = exported(
        "report.csv",
        [
            "Opportunity Owner", "Account Name", "Opportunity Name", "Stage", "Amount Currency", "Amount", "Close Date",
            "Created Date", "Probability (%)", "Opportunity ID", "Last Stage Change Date", "Opportunity Record Type",
        ],
        [
            "Anna Muster", "Alpha GmbH", "Roof", "Negotiation", "EUR", "5000", "5/1/2026", "1/5/2026", "50",
            "0060Y00000abcDE", "2/3/2026", "Project",
        ],
        [],
        ["Open opportunities"],
        ["Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."],
        ["Confidential Information - Do Not Distribute"],
        encoding="cp1252",
    )  # fmt: skip
    deals, refused = read(read_sheet, [report])
    alpha = deals.by_id[ALPHA]
    assert not refused
    assert (alpha.owner, alpha.customer, alpha.currency, alpha.pipeline) == (
        "Anna Muster", "Alpha GmbH", "EUR", "Project"
    )  # fmt: skip
    assert alpha.since == Change(What.STAGE, "Negotiation", "2/3/2026", 1, 2)
    assert deals.dropped == {"Close Date": 1, "Probability (%)": 1}
    assert deals.notices == [salesforce.BELOW_THE_TABLE]
    assert not any(column.is_utc for column in deals.columns)
    assert deals.rows == 1


def test_a_report_of_the_history_is_read_by_its_labels_and_joined_with_the_long_ids():
    report = exported(
        "report.csv",
        ["Opportunity Name", "Opportunity ID", "From Stage", "To Stage", "Amount", "Last Modified", "Last Modified By"],
        ["Roof", "0060Y00000abcDE", "", "Prospecting", "5000", "1/5/2026", "Anna Muster"],
        ["Roof", "0060Y00000abcDE", "Prospecting", "Negotiation", "6000", "2/3/2026", "Anna Muster"],
    )
    deals, refused = read(read_sheet, [report, OPPORTUNITY])
    assert not refused
    assert said(deals.by_id[ALPHA]) == [
        ("stage", "", "Prospecting", "1/5/2026"),
        ("amount", "", "5000", "1/5/2026"),
        ("stage", "Prospecting", "Negotiation", "2/3/2026"),
        ("amount", "", "6000", "2/3/2026"),
    ]
    assert deals.by_id[ALPHA].is_listed


def test_a_report_of_the_history_of_fields_is_read_by_its_labels():
    report = exported(
        "report.csv",
        ["Opportunity ID", "Edited By", "Field / Event", "Old Value", "New Value", "Edit Date"],
        ["0060Y00000abcDE", "Anna Muster", "Created.", "", "", "1/5/2026 9:00 AM"],
        ["0060Y00000abcDE", "Anna Muster", "Stage", "Prospecting", "Negotiation", "2/3/2026 10:00 AM"],
        ["0060Y00000abcDE", "Anna Muster", "Opportunity Owner", "Bert Beispiel", "Anna Muster", "2/3/2026 10:00 AM"],
    )
    deals, _ = read(read_sheet, [report])
    assert deals.by_id[ALPHA].created == "1/5/2026 9:00 AM"
    assert said(deals.by_id[ALPHA]) == [
        ("stage", "Prospecting", "Negotiation", "2/3/2026 10:00 AM"),
        ("owner", "Bert Beispiel", "Anna Muster", "2/3/2026 10:00 AM"),
    ]


def test_headings_in_other_words_are_named_by_the_map_for_each_table():
    opportunity = exported("o.csv", ["Nummer", "Phase", "Erstellt"], [ALPHA, "Angebot", "05.01.2026"])
    history = exported(
        "h.csv", ["Verkaufschance", "Nach Phase", "Zuletzt geändert"], [ALPHA, "Angebot", "06.01.2026"]
    )  # fmt: skip
    renamed = {
        "id": "Nummer", "stage": "Phase", "created": "erstellt",
        "history_id": "Verkaufschance", "history_stage": "Nach Phase", "history_time": "Zuletzt geändert",
        "owner": "Verkäufer",
    }  # fmt: skip
    deals, refused = read(read_sheet, [opportunity, history], renamed)
    assert not refused
    assert deals.by_id[ALPHA].created == "05.01.2026"
    assert said(deals.by_id[ALPHA]) == [("stage", "", "Angebot", "06.01.2026")]
    assert deals.renamed == renamed.keys() - {"owner"}
    assert is_mine(["Nummer", "Phase"], renamed)
    assert not is_mine(["Nummer", "Phase"], {})


def test_a_sheet_of_no_known_table_names_what_the_tables_need():
    contacts = exported("Contact.csv", ["Id", "Last\x1bName"], ["003", "x"])
    with pytest.raises(MsError) as raised:
        read(read_sheet, [contacts])
    assert raised.value.message == r"Contact.csv is no table of Salesforce: it has Id, Last\x1bName."
    assert "OpportunityHistory by OpportunityId, StageName, CreatedDate" in raised.value.hint


def test_a_row_that_lacks_what_is_needed_is_refused_with_its_line():
    _, refused = read(
        read_sheet,
        [
            exported("o.csv", ["Id", "StageName"], ["", "New"], [ALPHA, ""]),
            exported("h.csv", HISTORY_HEADER, step(ALPHA, "2026-01-05T08:00:00", "")),
            exported("f.csv", FIELD_HEADER, ["017", "", ALPHA, "", "", "StageName", "", "New"]),
        ],
    )
    assert refused == [
        (2, 'it has nothing under "Id"'),
        (3, 'it has nothing under "StageName"'),
        (2, 'it has nothing under "StageName"'),
        (2, 'it has nothing under "CreatedDate"'),
    ]


def test_amounts_in_a_currency_of_yesterday_are_left_out_whatever_the_order():
    header = ["OpportunityId", "StageName", "CreatedDate", "Amount", "CurrencyIsoCode"]
    history = exported(
        "h.csv", header, [BETA, "New", "2026-02-01", "10", "USD"], [BETA, "Qualification", "2026-02-02", "9", "EUR"]
    )  # fmt: skip
    first, _ = read(read_sheet, [OPPORTUNITY, history])
    last, _ = read(read_sheet, [history, OPPORTUNITY])
    stages = [("stage", "", "New", "2026-02-01"), ("stage", "", "Qualification", "2026-02-02")]
    assert said(first.by_id[BETA]) == [*stages, ("amount", "", "9", "2026-02-02")]
    assert said(last.by_id[BETA]) == stages
    assert {first.by_id[BETA].currency, last.by_id[BETA].currency} == {"EUR"}
    assert salesforce.OTHER_CURRENCY in first.notices
    assert salesforce.OTHER_CURRENCY in last.notices


def test_customers_called_by_an_id_are_told():
    deals, _ = read(read_sheet, [exported("o.csv", ["Id", "StageName", "AccountId"], [ALPHA, "New", "001"])])
    assert deals.by_id[ALPHA].customer == "001"
    assert salesforce.ACCOUNT_IDS in deals.notices
