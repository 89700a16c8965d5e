"""`ms import --from hubspot`: what each documented export becomes in the book, line by line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.commands.exports import facts, put, taker
from tests.exchange.exported import File, exported

MAP = """
zone = "Europe/Berlin"
[stages]
"Appointment" = "invited"
"Demo" = "problem"
"Offer" = "offer"
"Closed Won" = "won"
"Closed Lost" = "lost"
"""
HEADER = [
    "Record ID", "Deal Name", "Deal Stage", "Pipeline", "Amount", "Currency", "Close Date", "Create Date", "Deal owner",
    "Closed Lost Reason", "Associated Company", *(f'Date entered "{stage} (Sales)"' for stage in (
        "Appointment", "Closed Lost", "Closed Won", "Demo", "Offer")),
]  # fmt: skip
DEALS = exported(
    "hubspot-crm-exports-all-deals-2026-11-20.csv",
    HEADER,
    # forward, without the demo, won
    ["71", "Roof", "Closed Won", "Sales", "5000.5", "EUR", "2026-05-01 17:00", "2026-01-05 00:10", "Anna", "", "Alpha",
     "2026-02-03 10:00", "", "2026-05-01 17:00", "", "2026-03-10 10:00"],
    # the demo was entered again after the offer: the dates run backwards
    ["72", "Floor", "Closed Lost", "Sales", "9000", "EUR", "2026-06-30 17:00", "2026-01-06 09:00", "Ben", "Too dear",
     "Beta", "2026-02-04 10:00", "2026-06-30 17:00", "", "2026-05-20 10:00", "2026-04-01 10:00"],
    ["73", "Wall", "Appointment", "Sales", "", "EUR", "2026-12-31 17:00", "2026-02-05 09:00", "", "", "",
     "2026-02-05 09:00", "", "", "", ""],
)  # fmt: skip


def milliseconds(text: str) -> str:
    return str(int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000))


def history(name: str, *rows: list[str], in_milliseconds: bool = False) -> File:
    """Return the history of a property: of each deal its id, its name and pairs of value and time."""
    header = ["id", "name", "value1", "time1", "value2", "time2"]
    if in_milliseconds:
        rows = tuple(
            [text if place < 3 or place % 2 == 0 else milliseconds(text) for place, text in enumerate(row)]
            for row in rows
        )
    return exported(name, header, *rows)


STAGES = (
    ["71", "Roof", "Closed Won", "2026-05-01T15:00:00", "Offer", "2026-03-10T09:00:00", "Appointment",
     "2026-02-03T09:00:00"],
    ["72", "Floor", "Closed Lost", "2026-06-30T15:00:00", "Demo", "2026-05-20T08:00:00", "Offer", "2026-04-01T08:00:00",
     "Demo", "2026-03-02T23:30:00", "Appointment", "2026-02-04T09:00:00"],
    ["73", "Wall", "Appointment", "2026-02-05T08:00:00"],
)  # fmt: skip
AMOUNTS = (
    ["71", "Roof", "5000.5", "2026-04-01T08:00:00", "4000", "2026-01-04T23:10:00"],
    ["72", "Floor", "9000", "2026-01-06T08:00:00"],
)
OWNERS = (["71", "Roof", "Anna", "2026-03-15T08:00:00", "Ben", "2026-01-04T23:10:00"],)
OPTIONS = ("--from", "hubspot", "--complete-history")

take = taker(*OPTIONS)


def test_the_columns_become_arrivals_and_days_that_run_backwards_are_told(team, tmp_path, problems):
    said = take(team, tmp_path, MAP, DEALS).json
    assert facts(team) == {
        "alpha": [
            ("0", "2026-01-05", "5000.50", "Alpha", "Roof", "anna", "", ""),
            ("invited", "2026-02-03", "", "", "", "", "", ""),
            ("offer", "2026-03-10", "", "", "", "", "", ""),
            ("order", "2026-05-01", "", "", "", "", "", ""),
        ],
        "beta": [
            ("0", "2026-01-06", "9000.00", "Beta", "Floor", "ben", "", ""),
            ("invited", "2026-02-04", "", "", "", "", "", ""),
            ("problem", "2026-04-01", "", "", "", "", "", ""),
            ("offer", "2026-04-01", "", "", "", "", "", ""),
            ("", "2026-06-30", "", "", "", "", "lost", "Too dear"),
        ],
        "wall": [
            ("0", "2026-02-05", "", "Wall", "Wall", "", "", ""),
            ("invited", "2026-02-05", "", "", "", "", "", ""),
        ],
    }
    odd = {one["what"]: one["count"] for one in said["oddities"]}
    assert odd == {"skipped": 4, "dates_backwards": 1}
    assert any("keep the last day" in notice for notice in said["notices"])
    assert problems() == []


@pytest.mark.parametrize("in_milliseconds", [True, False])
@pytest.mark.parametrize("order", [1, -1])
def test_the_histories_tell_every_entry_amount_and_owner(team, tmp_path, order, in_milliseconds):
    files = [
        DEALS,
        history("dealstage.csv", *STAGES, in_milliseconds=in_milliseconds),
        history("history-amount.csv", *AMOUNTS, in_milliseconds=in_milliseconds),
        history("hubspot_owner_id.csv", *OWNERS, in_milliseconds=in_milliseconds),
    ][::order]
    said = take(team, tmp_path, MAP, *files).json
    found = facts(team)
    assert found["alpha"] == [
        ("0", "2026-01-05", "4000.00", "Alpha", "Roof", "ben", "", ""),
        ("invited", "2026-02-03", "", "", "", "", "", ""),
        ("offer", "2026-03-10", "", "", "", "", "", ""),
        ("", "2026-03-15", "", "", "", "anna", "assigned", ""),
        ("", "2026-04-01", "5000.50", "", "", "", "revalued", ""),
        ("order", "2026-05-01", "", "", "", "", "", ""),
    ]
    assert [fact[:2] for fact in found["beta"]] == [
        ("0", "2026-01-06"), ("invited", "2026-02-04"), ("problem", "2026-03-03"), ("offer", "2026-04-01"),
        ("", "2026-06-30"),
    ]  # fmt: skip
    odd = {one["what"]: one["count"] for one in said["oddities"]}
    assert odd == {"skipped": 4, "moved_back": 1}
    assert not any("keep the last day" in notice for notice in said["notices"])


def test_a_history_alone_becomes_facts_without_the_day_of_creation(team, tmp_path):
    take(team, tmp_path, MAP, history("dealstage.csv", *STAGES[:1]))
    assert facts(team) == {
        "roof": [
            ("0", "2026-02-03", "", "Roof", "Roof", "", "", ""),
            ("invited", "2026-02-03", "", "", "", "", "", ""),
            ("offer", "2026-03-10", "", "", "", "", "", ""),
            ("order", "2026-05-01", "", "", "", "", "", ""),
        ]
    }


def test_what_the_cut_after_20_changes_has_lost_comes_from_the_columns(team, tmp_path):
    row = ["72", "Floor", "Closed Lost", "2026-06-30T15:00:00"]
    for day in range(19, 0, -1):
        row += ["Demo" if day % 2 else "Offer", f"2026-05-{day:02}T08:00:00"]
    said = take(team, tmp_path, MAP, DEALS, history("dealstage.csv", row)).json
    assert [fact[:2] for fact in facts(team)["beta"]] == [
        ("0", "2026-01-06"), ("invited", "2026-02-04"), ("problem", "2026-05-01"), ("offer", "2026-05-02"),
        ("", "2026-06-30"),
    ]  # fmt: skip
    assert any("no more than 20" in notice for notice in said["notices"])


def test_internal_names_and_milliseconds_are_read(team, tmp_path):
    file = exported(
        "deals.csv",
        ["hs_object_id", "dealname", "dealstage", "pipeline", "amount", "deal_currency_code", "closedate", "createdate",
         "hubspot_owner_id", "hs_v2_date_entered_appointmentscheduled", "hs_date_entered_51389338",
         "hs_v2_date_entered_closedwon", "hs_v2_date_entered_current_stage"],
        ["71", "Roof", "closedwon", "default", "5000.5", "EUR", milliseconds("2026-05-01"), milliseconds("2026-01-05"),
         "4711", milliseconds("2026-02-03T23:30"), milliseconds("2026-03-10"), "", milliseconds("2026-05-01T12:00")],
    )  # fmt: skip
    map_ = """
        zone = "Europe/Berlin"
        [stages]
        appointmentscheduled = "invited"
        "51389338" = "offer"
        closedwon = "won"
        [owners]
        "4711" = "anna"
    """
    take(team, tmp_path, map_, file)
    assert facts(team) == {
        "roof": [
            ("0", "2026-01-05", "5000.50", "Roof", "Roof", "anna", "", ""),
            ("invited", "2026-02-04", "", "", "", "", "", ""),
            ("offer", "2026-03-10", "", "", "", "", "", ""),
            ("order", "2026-05-01", "", "", "", "", "", ""),
        ]
    }


def test_older_headings_in_single_quotes_and_a_byte_order_mark_give_the_same_facts(team, tmp_path):
    take(team, tmp_path, MAP, DEALS)
    wanted = facts(team)
    team("undo", "--yes")
    content = DEALS.content.replace(b'"Date entered ""', b"Date entered '").replace(b')"""', b")'")
    assert b'"Date' not in content
    take(team, tmp_path, MAP, DEALS._replace(content=b"\xef\xbb\xbf" + content))
    assert facts(team) == wanted
    assert len(wanted) == 3


def test_stages_of_one_name_in_two_pipelines_are_two(team, tmp_path):
    file = exported(
        "deals.csv",
        ["Record ID", "Deal Name", "Deal Stage", "Pipeline", "Create Date", 'Date entered "Offer (Sales)"',
         'Date entered "Offer (Partners (EU))"', 'Date entered "Offer (Renewals)"'],
        ["1", "One", "Offer", "Sales", "2026-01-05", "2026-02-03", "", ""],
        ["2", "Two", "Offer", "Partners (EU)", "2026-01-05", "2026-02-03", "2026-03-03", ""],
        ["3", "Three", "Offer", "Renewals", "2026-01-05", "", "", "2026-02-03"],
    )  # fmt: skip
    map_ = """
        [pipelines."Sales".stages]
        "Offer" = "invited"
        [pipelines."Partners (EU)".stages]
        "Offer" = "offer"
        [pipelines]
        "Renewals" = "ignore"
    """
    said = take(team, tmp_path, map_, file).json
    assert {key: [fact[:2] for fact in found] for key, found in facts(team).items()} == {
        "one": [("0", "2026-01-05"), ("invited", "2026-02-03")],
        "two": [("0", "2026-01-05"), ("invited", "2026-02-03"), ("offer", "2026-03-03")],
    }
    assert said["skipped"] == {"ignore": 1}


def test_without_days_of_entry_closed_deals_count_on_their_close_date_and_open_ones_stand(team, tmp_path):
    file = exported(
        "deals.csv",
        ["Record ID", "Deal Name", "Deal Stage", "Create Date", "Close Date"],
        ["1", "One", "Offer", "2026-01-05 10:00", "2026-12-31 10:00"],
        ["2", "Two", "Closed Won", "2026-01-05 10:00", "2026-03-31 10:00"],
    )
    said = take(team, tmp_path, MAP, file).json
    assert facts(team) == {
        "one": [
            ("0", "2026-01-05", "", "One", "One", "", "", ""),
            ("offer", "2026-11-23", "", "", "", "", "standing", ""),
        ],
        "two": [
            ("0", "2026-01-05", "", "Two", "Two", "", "", ""),
            ("order", "2026-03-31", "", "", "", "", "", ""),
        ],
    }
    assert len(said["notices"]) == 2


def test_headings_and_dates_of_another_language_are_read_through_the_map(team, tmp_path):
    file = exported(
        "deals.csv",
        ["Datensatz-ID", "Deal-Name", "Deal-Phase", "Pipeline", "Betrag", "Erstellungsdatum",
         'Eingangsdatum in "Angebot (Vertrieb)"', 'Eingangsdatum in "Gewonnen (Vertrieb)"'],
        ["1", "Dach", "Gewonnen", "Vertrieb", "5.000,5", "05.01.2026 10:00", "03.02.2026 10:00", "10.03.2026 10:00"],
        encoding="utf-16",
        delimiter=";",
    )  # fmt: skip
    map_ = """
        decimal = ","
        [columns]
        id = "Datensatz-ID"
        title = "Deal-Name"
        stage = "Deal-Phase"
        amount = "Betrag"
        created = "Erstellungsdatum"
        entered = "Eingangsdatum in {}"
        [stages]
        "Angebot" = "offer"
        "Gewonnen" = "won"
    """
    take(team, tmp_path, map_, file)
    assert facts(team) == {
        "dach": [
            ("0", "2026-01-05", "5000.50", "Dach", "Dach", "", "", ""),
            ("offer", "2026-02-03", "", "", "", "", "", ""),
            ("order", "2026-03-10", "", "", "", "", "", ""),
        ]
    }


def test_a_newer_export_adds_only_what_is_new(team, tmp_path, problems):
    header, roof, *_others = DEALS.content.splitlines(keepends=True)
    older = roof.replace(b"Closed Won", b"Offer").replace(b",,2026-05-01 17:00,,", b",,,,")
    assert older != roof
    take(team, tmp_path, MAP, DEALS._replace(content=header + older))
    said = take(team, tmp_path, MAP, DEALS).json
    assert (said["facts"], said["opportunities"]) == (8, 2)
    assert facts(team)["alpha"][-1][:2] == ("order", "2026-05-01")
    assert take(team, tmp_path, MAP, DEALS).json["facts"] == 0
    assert problems() == []


def test_a_stage_that_the_map_lacks_is_listed_and_nothing_is_taken(team, tmp_path):
    said = take(team, tmp_path, MAP.replace('"Demo" = "problem"\n', ""), DEALS, code=1)
    assert "Demo" in said.err
    assert facts(team) == {}


def test_a_map_is_suggested_from_the_files(team, tmp_path):
    said = team("import", *put(tmp_path, DEALS), "--from", "hubspot", "--suggest-map")
    assert said.code == 0
    assert '"Demo" = ?' in said.out
