"""Pipedrive's export of deals, and the JSON of their history."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.exported import exported, read, said

from milestone_cli.errors import MsError
from milestone_cli.exchange import pipedrive, pipedrive_history
from milestone_cli.exchange.deals import Deals
from milestone_cli.exchange.pipedrive import is_mine, read_json, read_sheet
from milestone_cli.exchange.reader import BadLines, UnreadableFile

HEADER = [
    "Deal - ID", "Deal - Title", "Deal - Owner", "Deal - Value", "Deal - Currency of Value", "Deal - Organization",
    "Deal - Pipeline", "Deal - Stage", "Deal - Status", "Deal - Deal created", "Deal - Last stage change",
    "Deal - Won time", "Deal - Lost time", "Deal - Lost reason", "Deal - Probability", "Person - Name",
]  # fmt: skip
DEALS = exported(
    "deals-1234-5.csv",
    HEADER,
    ["12", "Roof", "Anna", "5000", "EUR", "Alpha", "Sales", "Offer", "Lost", "2026-01-05 09:00:00",
     "2026-03-10 10:00:00", "", "2026-04-30 17:00:00", "Too dear", "40", "Bo"],
    ["13", "Floor", "Ben", "0", "EUR", "Beta", "Sales", "Contact", "Open", "2026-02-05 09:00:00", "", "", "", "", "",
     ""],
)  # fmt: skip


def change(key: str, old: object, new: object, time: str, *, deal: object = 12, **more: object) -> dict[str, object]:
    """Return a change as `/v1/deals/ID/flow` writes it."""
    data = {"id": 1, "item_id": deal, "user_id": 7, "field_key": key, "old_value": old, "new_value": new,
            "is_bulk_update_flag": None, "log_time": time, **more}  # fmt: skip
    return {"object": "dealChange", "timestamp": time, "data": data}


def logged(key: str, old: object, new: object, time: str, *, bulk: bool = False) -> dict[str, object]:
    """Return a change as `/v1/deals/ID/changelog` writes it."""
    return {"field_key": key, "old_value": old, "new_value": new, "actor_user_id": 7, "time": time,
            "is_bulk_update_flag": bulk}  # fmt: skip


FLOW = {
    "success": True,
    "data": [
        change("status", "open", "lost", "2026-04-30 15:00:00"),
        {"object": "note", "timestamp": "2026-04-01 08:00:00", "data": {"id": 5, "content": "field_key"}},
        change("stage_id", "1", "3", "2026-03-10 09:00:00", is_bulk_update_flag="1"),
        change("value", 4000, 5000.5, "2026-02-01 08:00:00"),
        change("label", None, "5", "2026-02-01 08:00:00"),
        change("user_id", "8", "7", "2026-01-20 08:00:00"),
        change("add_time", None, "2026-01-05 08:00:00", "2026-01-05 08:00:00"),
    ],
    "additional_data": {"pagination": {"start": 0}},
    "related_objects": {"user": {"7": {"id": 7, "name": "Anna"}, "8": {"id": 8, "name": "Ben"}}},
}
STAGES = {
    "success": True,
    "data": [
        {"id": 1, "order_nr": 1, "name": "Contact", "pipeline_id": 1, "pipeline_name": "Sales"},
        {"id": 3, "order_nr": 2, "name": "Offer", "pipeline_id": 1, "pipeline_name": "Sales"},
    ],
}


def taken(*files: tuple[str, object], deals: Deals | None = None) -> tuple[Deals, list[tuple[int, str]]]:
    """Return what JSON files say, and what is refused of them."""
    found, refused = deals or Deals(), []
    for name, content in files:
        found.begin(name)
        bad = BadLines(name)
        read_json(content, name, found, bad)
        refused += bad.first
    return found, refused


def test_a_row_says_where_a_deal_stands_since_when_and_how_it_ended():
    deals, refused = read(read_sheet, [DEALS])
    roof, floor = deals.by_id["12"], deals.by_id["13"]
    assert not refused
    assert (roof.title, roof.customer, roof.owner, roof.amount) == ("Roof", "Alpha", "Anna", "5000")
    assert (roof.currency, roof.pipeline, roof.stage, roof.status) == ("EUR", "Sales", "Offer", "lost")
    assert (roof.created, roof.closed, roof.reason) == ("2026-01-05 09:00:00", "2026-04-30 17:00:00", "Too dear")
    assert deals.columns[roof.closed_column].heading == "Deal - Lost time"
    assert (floor.status, floor.closed) == ("open", "")
    assert deals.dropped == {"Deal - Probability": 1}
    assert deals.notices == [pipedrive_history.ONE_ENTRY]
    deals.finish()
    assert said(roof) == [("stage", "", "Offer", "2026-03-10 10:00:00")]
    assert said(floor) == [("stage", "", "Contact", "2026-02-05 09:00:00")]
    assert deals.columns[floor.changes[0].column].heading == "Deal - Deal created"


@pytest.mark.parametrize(
    ("status", "won", "lost", "ended"),
    [
        ("Won", "2026-03-01", "2026-04-01", "2026-03-01"),
        ("lost", "2026-05-01", "2026-04-01", "2026-04-01"),
        ("Gewonnen", "2026-03-01", "", "2026-03-01"),
        ("Verloren", "2026-03-01", "2026-04-01", "2026-04-01"),
        ("Open", "", "", ""),
    ],
)
def test_the_end_is_that_of_the_status_and_in_another_language_the_later_time(status, won, lost, ended):
    header = ["Deal - ID", "Deal - Stage", "Deal - Status", "Deal - Won time", "Deal - Lost time"]
    deals, _ = read(read_sheet, [exported("d.csv", header, ["1", "Offer", status, won, lost])])
    assert deals.by_id["1"].closed == ended


@pytest.mark.parametrize(
    "header",
    [
        ["Deal - ID", "Deal - Title*", "Organization", "Deal - Stage", "Deal - Status"],
        ["deal -  id", "DEAL - TITLE *", "organization", "Deal - stage", "Deal - STATUS*"],
        ["Negócio - ID", "Negócio - Title", "Organization", "Negócio - Stage", "Negócio - Status"],
        ["ID", "Title", "Organization", "Stage", "Status"],
    ],
)
def test_headings_are_known_by_their_words_whatever_is_before_or_around_them(header):
    assert is_mine(header, {})
    deals, refused = read(read_sheet, [exported("d.csv", header, ["1", "Roof", "Alpha", "Offer", "Open"])])
    deal = deals.by_id["1"]
    assert not refused
    assert (deal.title, deal.customer, deal.stage, deal.status) == ("Roof", "Alpha", "Offer", "open")


def test_headings_in_other_words_are_named_by_the_map():
    header = ["Geschäft - ID", "Geschäft - Titel", "Geschäft - Phase", "Geschäft - Status", "Person - Status"]
    renamed = {"title": "Geschäft - Titel", "stage": "Geschäft - Phase", "owner": "Geschäft - Besitzer"}
    assert not is_mine(header, {})
    deals, _ = read(read_sheet, [exported("d.csv", header, ["1", "Dach", "Angebot", "Offen", "x"])], renamed)
    deal = deals.by_id["1"]
    assert (deal.title, deal.stage, deal.status) == ("Dach", "Angebot", "Offen")
    assert deals.renamed == {"title", "stage"}


def test_another_table_is_refused_and_told_what_is_needed():
    with pytest.raises(UnreadableFile) as error:
        read(read_sheet, [exported("p.csv", ["Person - ID", "Person - Name"])])
    assert "Deal - ID, Deal - Stage, Deal - Status" in error.value.hint


def test_a_row_without_id_stage_or_status_is_refused():
    header = ["Deal - ID", "Deal - Stage", "Deal - Status"]
    rows = [["", "a", "Open"], ["1", "", "Open"], ["2", "a", ""]]
    _, refused = read(read_sheet, [exported("d.csv", header, *rows)])
    assert refused == [
        (2, 'it has nothing under "Deal - ID"'),
        (3, 'it has nothing under "Deal - Stage"'),
        (4, 'it has nothing under "Deal - Status"'),
    ]


def test_the_flow_tells_every_change_its_names_and_what_was_edited_in_bulk():
    deals, refused = taken(("flow.json", FLOW), ("stages.json", STAGES))
    deals.finish()
    roof = deals.by_id["12"]
    assert not refused
    assert said(roof) == [
        ("status", "open", "lost", "2026-04-30 15:00:00"),
        ("stage", "Contact", "Offer", "2026-03-10 09:00:00"),
        ("amount", "4000", "5000.5", "2026-02-01 08:00:00"),
        ("owner", "Ben", "Anna", "2026-01-20 08:00:00"),
    ]
    assert [one.bulk for one in roof.changes] == [False, True, False, False]
    assert [one.pipeline for one in roof.changes] == ["", "Sales", "", ""]
    assert roof.created == "2026-01-05 08:00:00"
    assert all(deals.columns[one.column].is_utc for one in roof.changes)
    assert deals.notices == [pipedrive_history.NO_LIST]


def test_the_changelog_says_the_same_with_the_deal_around_it():
    log = [
        logged("status", "open", "won", "2026-04-30 15:00:00"),
        logged("stage_id", "1", "3", "2026-03-10 09:00:00", bulk=True),
    ]
    wanted = [("status", "open", "won", "2026-04-30 15:00:00"), ("stage", "1", "3", "2026-03-10 09:00:00")]
    answer = {"success": True, "data": log, "additional_data": {"next_cursor": None}}
    for name, content in [
        ("deal-12-changelog.json", answer),
        ("deal_12.json", log),
        ("deals/12/changelog.json", answer),
        ("all.json", {"12": log, "13": []}),
        ("all.json", {"12": answer}),
        ("all.json", [{"deal_id": 12, "changelog": log}]),
        ("all.json", [{"id": 12, "data": log}, {"id": 13, "data": None}]),
    ]:
        deals, _ = taken((name, content))
        assert said(deals.by_id["12"]) == wanted
        assert [one.bulk for one in deals.by_id["12"].changes] == [False, True]
        assert list(deals.by_id) == ["12"]


def test_what_a_change_says_of_its_deal_goes_before_the_name_of_the_file():
    deals, _ = taken(("deal-99-flow.json", FLOW))
    assert list(deals.by_id) == ["12"]


@pytest.mark.parametrize(
    "content",
    [
        {"success": True, "data": [{"id": 1, "title": "Roof", "stage_id": 3, "pipeline_id": 1, "name": "x"}]},
        {"success": False, "error": "unauthorized"},
        [],
        {},
        {"12": [1, 2]},
        [[[[[[[[[[[change("stage_id", 1, 2, "2026-01-01")]]]]]]]]]]],
    ],
)
def test_json_without_changes_and_stages_is_refused(content):
    with pytest.raises(UnreadableFile) as error:
        taken(("x.json", content))
    assert "/v1/deals/ID/flow" in error.value.hint


def test_changes_of_nobody_knows_which_deal_are_refused():
    with pytest.raises(UnreadableFile) as error:
        taken(("changes.json", [logged("stage_id", 1, 2, "2026-01-01")]))
    assert "deal-123-flow.json" in error.value.hint


def test_an_answer_without_a_change_says_nothing():
    deals, refused = taken(("deal-5-flow.json", {"success": True, "data": None}))
    assert not deals.by_id
    assert not refused


def test_a_change_without_a_time_is_refused_with_its_number():
    log = [logged("stage_id", 1, 2, "2026-01-01 10:00:00"), logged("stage_id", 2, 3, "")]
    _, refused = taken(("deal-5.json", log))
    assert refused == [(2, 'the change of "stage_id" in deal "5" has no time')]


@pytest.mark.parametrize("key", ["stage_id", "value", "status", "user_id", "add_time", "currency"])
@pytest.mark.parametrize(("old", "new"), [(1, {"x": 1}), ([1], 2), ({}, 2), (1, [])])
def test_a_change_whose_value_is_no_text_is_refused_with_its_number(key, old, new):
    log = [logged("stage_id", 1, 2, "2026-01-01 10:00:00"), logged(key, old, new, "2026-02-01 10:00:00")]
    _, refused = taken(("deal-5.json", log))
    assert refused == [(2, f'the change of "{key}" in deal "5" has a value that is no text')]


def test_amounts_of_a_currency_the_deal_has_no_more_are_left_out():
    log = [
        logged("value", 500, 600, "2026-05-01 10:00:00"),
        logged("value", 9000, 500, "2026-04-01 10:00:00"),
        logged("currency", "USD", "EUR", "2026-04-01 10:00:00"),
        logged("value", 8000, 9000, "2026-03-01 10:00:00"),
    ]
    deals, _ = taken(("deal-5.json", log))
    assert said(deals.by_id["5"]) == [
        ("amount", "", "600", "2026-05-01 10:00:00"),
        ("amount", "", "500", "2026-04-01 10:00:00"),
    ]
    assert pipedrive_history.OTHER_CURRENCY in deals.notices


def test_a_first_move_from_another_pipeline_keeps_the_stage_it_came_from():
    leads = {"id": 9, "name": "Offer", "pipeline_id": 2, "pipeline_name": "Leads"}
    log = [logged("stage_id", 1, 3, "2026-03-02 10:00:00"), logged("stage_id", 9, 1, "2026-03-01 10:00:00")]
    deals, _ = taken(("deal-5.json", log), ("stages.json", [*STAGES["data"], leads]))
    deals.finish()
    assert [(one.pipeline, one.old, one.value, one.time) for one in deals.by_id["5"].changes] == [
        ("Sales", "Contact", "Offer", "2026-03-02 10:00:00"),
        ("Leads", "", "Offer", ""),
        ("Sales", "", "Contact", "2026-03-01 10:00:00"),
    ]


def test_the_order_of_files_changes_nothing():
    wanted = None
    for files in itertools.permutations([DEALS, ("flow.json", FLOW), ("stages.json", STAGES)]):
        deals = Deals()
        for file in files:
            if file is DEALS:
                deals = _with_sheet(deals)
            else:
                taken(file, deals=deals)
        deals.finish()
        found = {id_: said(deal) for id_, deal in deals.by_id.items()}
        wanted = wanted or found
        assert found == wanted
        assert len(found["12"]) == 4
        assert found["13"] == [("stage", "", "Contact", "2026-02-05 09:00:00")]
        assert deals.notices == []


def _with_sheet(deals: Deals) -> Deals:
    read(lambda sheet, _deals, renamed, bad, tick: read_sheet(sheet, deals, renamed, bad, tick), [DEALS])
    return deals


def test_stages_known_by_their_ids_alone_are_told():
    deals, _ = taken(("flow.json", FLOW))
    assert pipedrive_history.IDS in deals.notices
    taken(("other.json", {"13": [logged("status", "open", "won", "2026-01-01")]}), deals=deals)
    assert pipedrive_history.IDS in deals.notices


def test_without_the_last_stage_change_it_is_told_until_the_history_says_it():
    header = ["Deal - ID", "Deal - Stage", "Deal - Status"]
    deals, _ = read(read_sheet, [exported("d.csv", header, ["12", "Offer", "Open"])])
    assert deals.notices == [pipedrive_history.NO_ENTRY]
    taken(("flow.json", FLOW), ("stages.json", STAGES), deals=deals)
    assert deals.notices == []


WORDS = st.sampled_from(
    ["data", "object", "dealChange", "field_key", "stage_id", "value", "item_id", "log_time", "time", "12", "name",
     "id", "pipeline_id", "related_objects", "user", "old_value", "new_value", "currency", "2026-01-01", "deal_id",
     "flow"]
)  # fmt: skip
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=25,
)


@given(content=ANY)
def test_any_json_is_taken_or_refused(content):
    deals = Deals()
    try:
        taken(("deal-1.json", content), deals=deals)
    except MsError:
        return
    deals.finish()
    for deal in deals.by_id.values():
        assert all(0 <= one.column < len(deals.columns) for one in deal.changes)


def test_the_module_has_what_the_program_asks_for():
    assert pipedrive.LAYOUTS
    assert pipedrive.STATUS["won"] == "won"
