"""Odoo's tables."""

from __future__ import annotations

import itertools

import pytest
from tests.exchange.exported import exported, read, said

from milestone_cli.exchange import odoo
from milestone_cli.exchange.odoo import is_mine, read_sheet
from milestone_cli.exchange.reader import UnreadableFile

LEADS = exported(
    "crm.lead.csv",
    ["id", ".id", "name", "stage_id", "user_id", "partner_id", "expected_revenue", "create_date", "date_closed",
     "active", "probability", "lost_reason_id", "team_id", "date_last_stage_update", "date_deadline"],
    ["__export__.crm_lead_12_0a1b2c3d", "12", "Roof", "Proposition", "Anna", "Alpha", "5000.0", "2026-01-05 09:00:00",
     "2026-04-30 17:00:00", "", "0.0", "Too expensive", "Sales", "2026-03-10 10:00:00", "2026-12-31"],
    ["", "", "", "", "", "", "", "", "", "", "", "", "", "", ""],
    ["__export__.crm_lead_13_0a1b2c3d", "13", "Floor", "New", "Ben", "Beta", "0.0", "2026-02-05 09:00:00", "", "True",
     "12.5", "", "Sales", "", ""],
)  # fmt: skip
TRACKING = exported(
    "mail.tracking.value.csv",
    ["res_id", "model", "field", "old_value_char", "new_value_char", "old_value_float", "new_value_float",
     "old_value_integer", "new_value_integer", "create_date"],
    ["12", "crm.lead", "stage_id", "New", "Qualified", "", "", "1", "2", "2026-02-03 08:00:00.123456"],
    ["12", "crm.lead", "stage_id", "Qualified", "Proposition", "", "", "2", "3", "2026-03-10 09:00:00.5"],
    ["12", "crm.lead", "user_id", "Ben", "Anna", "", "", "6", "7", "2026-02-10 09:00:00"],
    ["12", "crm.lead", "expected_revenue", "", "", "4000.0", "5000.0", "0", "0", "2026-02-11 09:00:00"],
    ["12", "crm.lead", "active", "", "", "", "", "1", "0", "2026-04-30 15:00:00"],
    ["12", "crm.lead", "partner_id", "", "Alpha", "", "", "0", "9", "2026-02-11 09:00:00"],
    ["12", "sale.order", "stage_id", "x", "y", "", "", "", "", "2026-02-11 09:00:00"],
)  # fmt: skip
HISTORY = [
    ("stage", "New", "Qualified", "2026-02-03 08:00:00.123456"),
    ("stage", "Qualified", "Proposition", "2026-03-10 09:00:00.5"),
    ("owner", "Ben", "Anna", "2026-02-10 09:00:00"),
    ("amount", "4000.0", "5000.0", "2026-02-11 09:00:00"),
    ("status", "", "lost", "2026-04-30 15:00:00"),
]


def test_a_row_says_where_an_opportunity_stands_and_that_archived_is_lost():
    deals, refused = read(read_sheet, [LEADS])
    roof, floor = deals.by_id["12"], deals.by_id["13"]
    assert not refused
    assert (roof.title, roof.customer, roof.owner, roof.amount) == ("Roof", "Alpha", "Anna", "5000.0")
    assert (roof.stage, roof.status, roof.pipeline) == ("Proposition", "lost", "Sales")
    assert (roof.created, roof.closed, roof.reason) == ("2026-01-05 09:00:00", "2026-04-30 17:00:00", "Too expensive")
    assert (floor.status, floor.closed) == ("", "")
    assert deals.dropped == {"date_deadline": 1}
    assert deals.rows == 2
    assert deals.notices == [odoo.NO_ENTRY]
    deals.finish()
    assert said(roof) == [("stage", "", "Proposition", "2026-03-10 10:00:00")]
    assert said(floor) == []


def test_the_tracked_changes_tell_every_stage_amount_owner_and_loss_in_any_order():
    for files in itertools.permutations([LEADS, TRACKING]):
        deals, refused = read(read_sheet, files)
        deals.finish()
        assert not refused
        assert said(deals.by_id["12"]) == HISTORY
        assert said(deals.by_id["13"]) == [("stage", "", "New", "2026-02-05 09:00:00")]
        assert {deals.columns[one.column].is_utc for one in deals.by_id["12"].changes} == {True}
        assert deals.notices == []


def test_an_opportunity_moved_by_a_later_file_does_not_stand_from_the_beginning():
    header = ["res_id", "field", "old_value_char", "new_value_char", "create_date"]
    other = exported("t.csv", header, ["13", "stage_id", "Lead", "New", "2026-02-07 08:00:00"])
    deals, _ = read(read_sheet, [LEADS, TRACKING, other])
    deals.finish()
    assert said(deals.by_id["13"]) == [("stage", "Lead", "New", "2026-02-07 08:00:00")]


@pytest.mark.parametrize(
    "header",
    [
        ["External ID", "Opportunity", "Stage", "Salesperson", "Customer", "Expected Revenue", "Created on"],
        ["id", "name", "stage_id/name", "user_id/name", "partner_id/name", "expected_revenue", "create_date"],
        ["ID", "OPPORTUNITY", "STAGE *", "salesperson", "customer", "Expected  Revenue", "Created On"],
        [".id", "name", "stage_id", "user_id", "partner_name", "planned_revenue", "create_date"],
    ],
)
def test_names_and_labels_are_read(header):
    assert is_mine(header, {})
    deals, refused = read(read_sheet, [exported("l.csv", header, ["7", "Roof", "New", "Anna", "Alpha", "5", "then"])])
    deal = deals.by_id["7"]
    assert not refused
    assert (deal.title, deal.stage, deal.owner, deal.customer) == ("Roof", "New", "Anna", "Alpha")
    assert (deal.amount, deal.created) == ("5", "then")
    assert odoo.NO_ARCHIVED in deals.notices


@pytest.mark.parametrize(
    ("active", "probability", "status"),
    [
        ("True", "0.0", ""),
        ("TRUE", "0", ""),
        ("1", "", ""),
        ("False", "0.0", "lost"),
        ("", "0", "lost"),
        ("0", "", "lost"),
        ("False", "12.5", "archived"),
        ("", "100.0", ""),
    ],
)
def test_lost_is_what_is_archived_with_a_probability_of_0(active, probability, status):
    header = ["id", "stage_id", "active", "probability"]
    deals, refused = read(read_sheet, [exported("l.csv", header, ["7", "New", active, probability])])
    assert not refused
    assert deals.by_id["7"].status == status
    assert (odoo.NO_ARCHIVED in deals.notices) == (status == "")


def test_a_word_that_is_neither_true_nor_false_is_refused():
    _, refused = read(read_sheet, [exported("l.csv", ["id", "stage_id", "active"], ["7", "New", "WAHR"])])
    assert refused == [(2, '"WAHR" under "active" is neither True nor False')]


@pytest.mark.parametrize(
    ("word", "status"),
    [("Won", "won"), ("LOST", "lost"), ("Pending", "archived"), ("Gewonnen", "Gewonnen"), ("", "archived")],
)
def test_newer_versions_say_won_and_lost_themselves(word, status):
    header = ["id", "stage_id", "active", "probability", "won_status"]
    deals, _ = read(read_sheet, [exported("l.csv", header, ["7", "New", "", "30", word])])
    assert deals.by_id["7"].status == status
    assert odoo.NO_ARCHIVED not in deals.notices or status not in ("lost", "archived")


@pytest.mark.parametrize(
    ("header", "field", "is_utc"),
    [
        (["res_id", "field_name", "old_value_char", "new_value_char", "create_date"], "stage_id", True),
        (["mail_message_id/res_id", "field_id", "old_value_char", "new_value_char", "create_date"], "Stage (crm.lead)",
         False),
        (["Message ID/Related Document ID", "Field", "Old Value Char", "New Value Char", "Created on"], "Stage", False),
        (["mail_message_id/res_id", "field_id/name", "old_value_char", "new_value_char", "mail_message_id/date"],
         "stage_id", False),
    ],
)  # fmt: skip
def test_tracked_changes_are_read_from_queries_and_from_exports(header, field, is_utc):
    deals, refused = read(
        read_sheet, [exported("t.csv", header, ["12", field, "New", "Qualified", "2026-02-03 08:00"])]
    )
    assert not refused
    assert said(deals.by_id["12"]) == [("stage", "New", "Qualified", "2026-02-03 08:00")]
    assert deals.columns[0].is_utc == is_utc
    assert deals.notices == [odoo.NO_LIST]


def test_a_query_of_stages_alone_needs_no_field():
    header = ["res_id", "old_stage", "new_stage", "create_date"]
    deals, _ = read(read_sheet, [exported("t.csv", header, ["12", "New", "Qualified", "2026-02-03 08:00:00"])])
    assert said(deals.by_id["12"]) == [("stage", "New", "Qualified", "2026-02-03 08:00:00")]


def test_amounts_of_older_versions_stand_in_the_columns_of_money():
    header = ["res_id", "field", "new_value_char", "old_value_monetary", "new_value_monetary", "old_value_float",
              "new_value_float", "create_date"]  # fmt: skip
    rows = [
        ["12", "expected_revenue", "", "4000.0", "0.0", "0.0", "0.0", "2026-02-03"],
        ["12", "planned_revenue", "", "", "", "7.0", "8.0", "2026-02-04"],
    ]
    deals, _ = read(read_sheet, [exported("t.csv", header, *rows)])
    assert said(deals.by_id["12"]) == [
        ("amount", "4000.0", "0.0", "2026-02-03"),
        ("amount", "7.0", "8.0", "2026-02-04"),
    ]


def test_a_history_in_labels_of_another_language_is_refused_and_told_what_to_export():
    header = ["res_id", "field_desc", "old_value_char", "new_value_char", "create_date"]
    with pytest.raises(UnreadableFile) as error:
        read(read_sheet, [exported("t.csv", header, ["12", "Phase", "Neu", "Qualifiziert", "2026-02-03"])])
    assert "field_id/name" in error.value.hint


def test_ids_of_the_teams_own_join_no_history():
    leads = exported("l.csv", ["id", "stage_id", "active"], ["shop.deal_a", "New", "False"])
    deals, _ = read(read_sheet, [leads, TRACKING])
    assert set(deals.by_id) == {"shop.deal_a", "12"}
    assert odoo.NO_JOIN in deals.notices


def test_headings_in_other_words_are_named_by_the_map():
    header = ["Externe ID", "Chance", "Phase", "Aktiv"]
    renamed = {"id": "Externe ID", "title": "Chance", "stage": "Phase", "active": "Aktiv", "history_id": "Dokument"}
    assert not is_mine(header, {})
    row = ["__export__.crm_lead_7_ab", "Dach", "Neu", "False"]
    deals, _ = read(read_sheet, [exported("l.csv", header, row, encoding="utf-8-sig")], renamed)
    assert (deals.by_id["7"].title, deals.by_id["7"].status) == ("Dach", "lost")
    assert deals.renamed == {"id", "title", "stage", "active"}


def test_another_table_is_refused_and_told_what_is_needed():
    with pytest.raises(UnreadableFile) as error:
        read(read_sheet, [exported("p.csv", ["Name", "Email"])])
    assert "crm.lead by id, stage_id" in error.value.hint
    assert "mail.tracking.value by" in error.value.hint


def test_a_row_without_id_or_stage_is_refused():
    rows = [["", "New"], ["7", ""]]
    _, refused = read(read_sheet, [exported("l.csv", ["id", "stage_id"], *rows)])
    assert refused == [(2, 'it has nothing under "id"'), (3, 'it has nothing under "stage_id"')]
