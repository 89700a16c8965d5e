"""HubSpot's tables."""

from __future__ import annotations

import itertools

import pytest
from tests.exchange.exported import exported, read, said

from milestone_cli.errors import MsError
from milestone_cli.exchange import hubspot
from milestone_cli.exchange.hubspot import is_mine, read_sheet, stage_and_pipeline

HEADER = [
    "Record ID", "Deal Name", "Deal Stage", "Pipeline", "Amount", "Currency", "Close Date", "Create Date", "Deal owner",
    "Closed Lost Reason", "Associated Company", 'Date entered "Closed Lost (Sales)"', 'Date entered "Demo (Sales)"',
    'Date entered "Offer (Sales)"', 'Date entered "Offer (Renewals)"', "Deal probability",
]  # fmt: skip
DEALS = exported(
    "hubspot-crm-exports-all-deals.csv",
    HEADER,
    [
        "71", "Roof", "Closed Lost", "Sales", "5000", "EUR", "2026-04-30 17:00", "2026-01-05 09:00", "Anna Muster",
        "Too dear", "Alpha GmbH", "2026-04-30 17:00", "2026-03-10 10:00", "2026-02-03 10:00", "", "0",
    ],
    [
        "72", "Floor", "Offer", "Renewals", "", "EUR", "2026-12-31 17:00", "2026-02-05 09:00", "", "", "", "", "", "",
        "2026-02-06 09:30", "0.4",
    ],
)  # fmt: skip
HISTORY = exported(
    "dealstage.csv",
    ["id", "name", "value1", "time1", "value2", "time2", "value3", "time3"],
    ["71", "Roof", "Closed Lost", "2026-04-30T15:00:00Z", "Demo", "2026-03-10T09:00:00Z", "Offer",
     "2026-02-03T09:00:00Z", "Demo", "2026-01-05T08:00:00Z"],
    ["72", "Floor", "Offer", "2026-02-06T08:30:00Z"],
)  # fmt: skip


def test_a_deal_says_where_it_stands_and_each_column_when_it_entered_a_stage():
    deals, refused = read(read_sheet, [DEALS])
    roof, floor = deals.by_id["71"], deals.by_id["72"]
    assert not refused
    assert (roof.title, roof.customer, roof.owner, roof.amount) == ("Roof", "Alpha GmbH", "Anna Muster", "5000")
    assert (roof.currency, roof.pipeline, roof.stage, roof.reason) == ("EUR", "Sales", "Closed Lost", "Too dear")
    assert (roof.created, roof.closed) == ("2026-01-05 09:00", "2026-04-30 17:00")
    assert [(one.value, one.pipeline, one.time) for one in roof.changes] == [
        ("Closed Lost", "Sales", "2026-04-30 17:00"),
        ("Demo", "Sales", "2026-03-10 10:00"),
        ("Offer", "Sales", "2026-02-03 10:00"),
    ]
    assert [(one.value, one.pipeline, one.time) for one in floor.changes] == [
        ("Offer", "Renewals", "2026-02-06 09:30")
    ]  # fmt: skip
    assert deals.columns[roof.changes[0].column].heading == HEADER[11]
    assert all(deals.columns[one.column].is_last_entry for one in roof.changes)
    assert not deals.columns[roof.created_column].is_last_entry
    assert deals.dropped == {"Deal probability": 2}
    assert deals.notices == [hubspot.CLOSE_DATE, hubspot.LAST_ENTRY]


@pytest.mark.parametrize(
    ("heading", "stage", "pipeline"),
    [
        ('Date entered "Demo (Sales)"', "Demo", "Sales"),
        ("Date entered 'Demo (Sales)'", "Demo", "Sales"),
        ("date  ENTERED “Demo (online) (Sales (EU))”", "Demo (online)", "Sales (EU)"),
        ("Date entered 'Customer's yes (Sales)'", "Customer's yes", "Sales"),
        ('Date entered "Demo"', "Demo", ""),
        ("hs_v2_date_entered_51389338", "51389338", ""),
        ("hs_date_entered_closedwon", "closedwon", ""),
        ("HS_V2_DATE_ENTERED_CLOSEDWON", "CLOSEDWON", ""),
    ],
)
def test_every_form_of_heading_names_the_stage(heading, stage, pipeline):
    deals, _ = read(read_sheet, [exported("d.csv", ["Record ID", "Deal Stage", heading], ["7", "x", "1767600000000"])])
    (change,) = deals.by_id["7"].changes
    assert (change.value, change.pipeline, change.time) == (stage, pipeline, "1767600000000")


def test_of_two_columns_for_one_stage_the_newer_form_counts():
    header = [
        "id",
        "dealstage",
        "hs_date_entered_7",
        "hs_v2_date_entered_7",
        "Date entered 'A (B)'",
        'Date entered "A (B)"',
    ]
    deals, _ = read(read_sheet, [exported("d.csv", header, ["1", "7", "old", "new", "single", "double"])])
    assert [change.time for change in deals.by_id["1"].changes] == ["new", "double"]


def test_other_columns_of_dates_are_no_entries():
    header = [
        "id", "dealstage", 'Date exited "Demo (Sales)"', "hs_v2_date_exited_7", "hs_v2_date_entered_current_stage",
        "Date entered current stage", "Date entered (Sales)", 'Date entered ""',
    ]  # fmt: skip
    deals, _ = read(read_sheet, [exported("d.csv", header, ["1", "7", *["x"] * 6])])
    (change,) = deals.by_id["1"].changes
    assert (change.value, deals.columns[change.column].heading) == ("7", "Date entered current stage")


def test_the_entry_of_the_current_stage_stands_in_for_a_column_that_is_not_there():
    header = ["Record ID", "Deal Stage", "Pipeline", "Date entered current stage", 'Date entered "Demo (Sales)"']
    deals, _ = read(
        read_sheet,
        [
            exported(
                "d.csv",
                header,
                ["1", "Demo", "Sales", "2026-01-03", "2026-01-02"],
                ["2", "Demo", "Renewals", "2026-01-03", "2026-01-02"],
                ["3", "Offer", "Sales", "2026-01-03", "2026-01-02"],
            )
        ],
    )
    assert [[(one.value, one.pipeline, one.time) for one in deal.changes] for deal in deals.by_id.values()] == [
        [("Demo", "Sales", "2026-01-02")],
        [("Demo", "Sales", "2026-01-02"), ("Demo", "Renewals", "2026-01-03")],
        [("Demo", "Sales", "2026-01-02"), ("Offer", "Sales", "2026-01-03")],
    ]


def test_the_history_of_the_stage_is_read_from_the_oldest_and_wider_than_its_header():
    deals, refused = read(read_sheet, [HISTORY])
    assert not refused
    assert said(deals.by_id["71"]) == [
        ("stage", "", "Demo", "2026-01-05T08:00:00Z"),
        ("stage", "", "Offer", "2026-02-03T09:00:00Z"),
        ("stage", "", "Demo", "2026-03-10T09:00:00Z"),
        ("stage", "", "Closed Lost", "2026-04-30T15:00:00Z"),
    ]
    assert deals.by_id["71"].title == "Roof"
    assert [(column.heading, column.is_utc, column.is_last_entry) for column in deals.columns] == [
        ("time1", True, False)
    ]
    assert deals.notices == [hubspot.NO_LIST]


def test_what_the_history_tells_the_columns_do_not_say_again_in_any_order():
    for files in itertools.permutations([DEALS, HISTORY]):
        deals, _ = read(read_sheet, files)
        assert said(deals.by_id["71"]) == [
            ("stage", "", "Demo", "2026-01-05T08:00:00Z"),
            ("stage", "", "Offer", "2026-02-03T09:00:00Z"),
            ("stage", "", "Demo", "2026-03-10T09:00:00Z"),
            ("stage", "", "Closed Lost", "2026-04-30T15:00:00Z"),
        ]
        assert deals.notices == [hubspot.CLOSE_DATE]


def test_a_stage_that_the_history_has_lost_keeps_its_column():
    revisions = [
        text for day in range(20, 0, -1) for text in (["Demo", "Offer"][day % 2], f"2026-03-{day:02}T08:00:00Z")
    ]
    history = exported("h.csv", ["id", "name", "value1", "time1"], ["71", "Roof", *revisions])
    deals, _ = read(read_sheet, [DEALS, history])
    changes = said(deals.by_id["71"])
    assert len(changes) == 21
    assert changes[0] == ("stage", "", "Closed Lost", "2026-04-30 17:00")
    assert changes[1][3] == "2026-03-01T08:00:00Z"
    assert hubspot.CUT in deals.notices


def test_a_stage_of_another_pipeline_keeps_its_column():
    moved = exported(
        "d.csv",
        ["Record ID", "Deal Stage", "Pipeline", 'Date entered "Offer (Sales)"', 'Date entered "Offer (Renewals)"'],
        ["72", "Offer", "Renewals", "2026-01-01", "2026-02-06"],
    )
    deals, _ = read(read_sheet, [moved, HISTORY])
    assert [(one.value, one.pipeline, one.time) for one in deals.by_id["72"].changes] == [
        ("Offer", "Sales", "2026-01-01"),
        ("Offer", "", "2026-02-06T08:30:00Z"),
    ]


@pytest.mark.parametrize(
    ("file", "name", "what"),
    [
        ("hubspot-amount-2026.csv", "Roof", "amount"),
        ("deal_amount.csv", "Roof", "amount"),
        ("amounts.csv", "Roof", "stage"),
        ("any.csv", "amount", "amount"),
        ("hubspot_owner_id.csv", "Roof", "owner"),
        ("any.csv", "hubspot_owner_id", "owner"),
        ("homeowner.csv", "Roof", "stage"),
        ("amount.csv", "dealstage", "stage"),
    ],
)
def test_what_a_history_is_about_is_said_by_its_rows_or_by_the_name_of_its_file(file, name, what):
    history = exported(file, ["id", "name", "value1", "time1"], ["7", name, "v", "1767600000000"])
    deals, _ = read(read_sheet, [history])
    assert said(deals.by_id["7"]) == [(what, "", "v", "1767600000000")]


def test_the_history_of_the_pipeline_is_of_no_use():
    history = exported("any.csv", ["id", "name", "value1", "time1"], ["7", "pipeline", "Sales", "1767600000000"])
    deals, refused = read(read_sheet, [history])
    assert not deals.by_id["7"].changes
    assert not refused


def test_who_changed_a_value_may_stand_between():
    history = exported(
        "h.csv",
        ["id", "name", "value1", "time1", "source1", "value2", "time2", "source2"],
        ["7", "Roof", "Offer", "2026-02-03T09:00:00Z", "Anna", "Demo", "2026-01-05T08:00:00Z", "Import"],
    )
    deals, _ = read(read_sheet, [history])
    assert [(one.value, one.time) for one in deals.by_id["7"].changes] == [
        ("Demo", "2026-01-05T08:00:00Z"),
        ("Offer", "2026-02-03T09:00:00Z"),
    ]


def test_an_amount_that_was_cleared_is_told_and_a_stage_is_not():
    rows = ["7", "", "", "2026-02-03T09:00:00Z", "5", "2026-01-05T08:00:00Z"]
    header = ["id", "name", "value1", "time1"]
    deals, _ = read(read_sheet, [exported("amount.csv", header, rows), exported("dealstage.csv", header, rows)])
    assert [what for what, _, value, _ in said(deals.by_id["7"]) if not value] == ["amount"]


def test_headings_in_other_words_are_named_by_the_map():
    german = exported(
        "d.csv",
        ["Datensatz-ID", "Deal-Phase", "Pipeline", "Eingangsdatum in „Angebot (Vertrieb)“ am"],
        ["7", "Angebot", "Vertrieb", "03.02.2026"],
    )
    renamed = {"id": "Datensatz-ID", "stage": "Deal-Phase", "entered": "Eingangsdatum in {} am"}
    deals, refused = read(read_sheet, [german], renamed)
    assert not refused
    assert [(one.value, one.pipeline, one.time) for one in deals.by_id["7"].changes] == [
        ("Angebot", "Vertrieb", "03.02.2026")
    ]
    assert deals.renamed == set(renamed)
    assert is_mine(["Datensatz-ID", "Deal-Phase"], renamed)


def test_without_columns_and_history_it_is_told_that_the_entry_is_unknown():
    deals, _ = read(read_sheet, [exported("d.csv", ["Record ID", "Deal Stage"], ["7", "Offer"])])
    assert deals.notices == [hubspot.NO_ENTRY]


def test_a_sheet_of_no_known_table_names_what_the_tables_need():
    with pytest.raises(MsError) as raised:
        read(read_sheet, [exported("contacts.csv", ["Record ID", "Email"], ["7", "x"])])
    assert raised.value.message == "contacts.csv is no table of HubSpot: it has Record ID, Email."
    assert "Deals by Record ID, Deal Stage" in raised.value.hint


def test_a_row_that_lacks_what_is_needed_is_refused_with_its_line():
    history = ["id", "name", "value1", "time1"]
    _, refused = read(
        read_sheet,
        [
            exported("d.csv", ["Record ID", "Deal Stage"], ["", "Offer"], ["7", ""]),
            exported("h.csv", history, ["", "Roof", "Offer", "1767600000000"], ["7", "Roof", "Offer", ""]),
            exported("h.csv", history, ["7", "Roof", "Offer", "1767600000000", "Demo"]),
        ],
    )
    assert refused == [
        (2, 'it has nothing under "Record ID"'),
        (3, 'it has nothing under "Deal Stage"'),
        (2, 'it has nothing under "id"'),
        (3, "it has a value without the time of its change"),
        (2, "it has a value without the time of its change"),
    ]


def test_a_byte_order_mark_and_capitals_change_nothing():
    header, _, rows = DEALS.content.partition(b"\r\n")
    deals, refused = read(read_sheet, [DEALS._replace(content=b"\xef\xbb\xbf" + header + b"\r\n" + rows)])
    plain, _ = read(read_sheet, [DEALS])
    assert not refused
    assert deals.by_id == plain.by_id


@pytest.mark.parametrize("text", ["(Sales)", "Demo(Sales)", "Demo) (", ")", "", "Demo (Sales"])
def test_brackets_that_name_no_pipeline_stay_with_the_stage(text):
    assert stage_and_pipeline(text) == (text, "")
