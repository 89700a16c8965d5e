"""`ms import --from odoo`: what each documented export becomes in the book, line by line."""

from __future__ import annotations

import pytest
from tests.commands.exports import facts, odd, put, taker
from tests.exchange.exported import File, exported

MAP = """
zone = "Europe/Berlin"
[stages]
"New" = 0
"Qualified" = "invited"
"Demo" = "problem"
"Proposition" = "offer"
"Won" = "won"
"""
HEADER = [
    "id", "name", "stage_id", "user_id", "partner_id", "expected_revenue", "company_currency", "team_id", "create_date",
    "date_closed", "date_last_stage_update", "active", "probability", "lost_reason_id", "date_deadline",
]  # fmt: skip
LEADS = exported(
    "crm.lead.csv",
    HEADER,
    ["__export__.crm_lead_71_0a1b2c3d", "Roof", "Won", "Anna", "Alpha", "5000.5", "EUR", "Sales",
     "2026-01-05 00:10:00", "2026-05-01 17:00:00", "2026-05-01 17:00:00", "True", "100.0", "", "2026-12-31"],
    ["__export__.crm_lead_72_0a1b2c3d", "Floor", "Demo", "Ben", "Beta", "9000.0", "EUR", "Sales",
     "2026-01-06 09:00:00", "2026-06-30 17:00:00", "2026-05-20 10:00:00", "", "0.0", "Too dear", ""],
    ["__export__.crm_lead_73_0a1b2c3d", "Wall", "Qualified", "", "", "0.0", "EUR", "Sales",
     "2026-02-05 09:00:00", "", "2026-02-05 09:00:00", "True", "12.5", "", ""],
)  # fmt: skip
COLUMNS = [
    "res_id", "model", "field", "old_value_char", "new_value_char", "old_value_float", "new_value_float",
    "old_value_integer", "new_value_integer", "create_date",
]  # fmt: skip


def row(deal: str, field: str, old: str, new: str, time: str) -> list[str]:
    """Return a tracked change of a text, an amount or a yes and no."""
    places = {"expected_revenue": 5, "active": 7}
    cells = [deal, "crm.lead", field, "", "", "", "", "", "", time]
    place = places.get(field, 3)
    cells[place : place + 2] = old, new
    return cells


TRACKING = exported(
    "mail.tracking.value.csv",
    COLUMNS,
    row("71", "stage_id", "New", "Qualified", "2026-02-03 09:00:00"),
    row("71", "stage_id", "Qualified", "Proposition", "2026-03-10 09:00:00"),
    row("71", "user_id", "Ben", "Anna", "2026-03-15 08:00:00"),
    row("71", "expected_revenue", "4000.0", "5000.5", "2026-04-01 08:00:00"),
    row("71", "stage_id", "Proposition", "Won", "2026-05-01 15:00:00"),
    row("72", "stage_id", "New", "Qualified", "2026-02-04 09:00:00"),
    row("72", "stage_id", "Qualified", "Demo", "2026-03-02 23:30:00"),
    row("72", "active", "1", "0", "2026-03-10 08:00:00"),
    row("72", "active", "0", "1", "2026-03-20 08:00:00"),
    row("72", "stage_id", "Demo", "Proposition", "2026-04-01 08:00:00"),
    row("72", "stage_id", "Proposition", "Demo", "2026-05-20 08:00:00"),
    row("72", "active", "1", "0", "2026-06-30 15:00:00"),
)
FROM_TRACKING = {
    "alpha": [
        ("0", "2026-01-05", "4000.00", "Alpha", "Roof", "ben", "", ""),
        ("invited", "2026-02-03", "", "", "", "", "", ""),
        ("offer", "2026-03-10", "", "", "", "", "", ""),
        ("", "2026-03-15", "", "", "", "anna", "assigned", ""),
        ("", "2026-04-01", "5000.50", "", "", "", "revalued", ""),
        ("order", "2026-05-01", "", "", "", "", "", ""),
    ],
    "beta": [
        ("0", "2026-01-06", "9000.00", "Beta", "Floor", "ben", "", ""),
        ("invited", "2026-02-04", "", "", "", "", "", ""),
        ("problem", "2026-03-03", "", "", "", "", "", ""),
        ("", "2026-03-10", "", "", "", "", "lost", ""),
        ("", "2026-03-20", "", "", "", "", "reopened", ""),
        ("offer", "2026-04-01", "", "", "", "", "", ""),
        ("", "2026-06-30", "", "", "", "", "lost", "Too dear"),
    ],
    "wall": [
        ("0", "2026-02-05", "", "Wall", "Wall", "", "", ""),
        ("invited", "2026-02-05", "", "", "", "", "", ""),
    ],
}
OPTIONS = ("--from", "odoo", "--complete-history")

take = taker(*OPTIONS)


def test_the_opportunities_alone_tell_the_last_stage_and_how_each_ended(team, tmp_path, problems):
    said = take(team, tmp_path, MAP, LEADS)
    assert facts(team) == {
        "alpha": [
            ("0", "2026-01-05", "5000.50", "Alpha", "Roof", "anna", "", ""),
            ("order", "2026-05-01", "", "", "", "", "", ""),
        ],
        "beta": [
            ("0", "2026-01-06", "9000.00", "Beta", "Floor", "ben", "", ""),
            ("problem", "2026-05-20", "", "", "", "", "", ""),
            ("", "2026-06-30", "", "", "", "", "lost", "Too dear"),
        ],
        "wall": FROM_TRACKING["wall"],
    }
    assert said.json["notices"] == []
    assert problems() == []


@pytest.mark.parametrize("order", [1, -1])
def test_the_tracked_changes_tell_every_stage_amount_owner_and_loss(team, tmp_path, order, problems):
    said = take(team, tmp_path, MAP, *[LEADS, TRACKING][::order])
    assert facts(team) == FROM_TRACKING
    assert odd(said) == {"skipped": 4, "moved_back": 1, "came_back": 1}
    assert said.json["notices"] == []
    assert problems() == []


def test_the_first_stage_has_no_row_and_is_entered_on_the_day_of_creation(team, tmp_path):
    leads = exported(
        "l.csv",
        ["id", "name", "stage_id", "create_date", "active", "probability"],
        ["71", "Roof", "Proposition", "2026-01-05 09:00:00", "True", "30"],
        ["72", "Floor", "Qualified", "2026-01-06 09:00:00", "True", "30"],
    )
    tracking = exported("t.csv", COLUMNS, row("71", "stage_id", "Qualified", "Proposition", "2026-03-10 09:00:00"))
    take(team, tmp_path, MAP, leads, tracking)
    assert {key: [fact[:2] for fact in found] for key, found in facts(team).items()} == {
        "roof": [("0", "2026-01-05"), ("invited", "2026-01-05"), ("offer", "2026-03-10")],
        "floor": [("0", "2026-01-06"), ("invited", "2026-01-06")],
    }


@pytest.mark.parametrize(
    ("closed", "won"),
    [("2026-05-01 17:00:00", "2026-05-01"), ("2025-12-01 17:00:00", "2025-12-01"), ("", "2026-01-06")],
)
def test_what_is_won_and_not_moved_by_the_history_is_won_on_the_day_it_closed(team, tmp_path, closed, won, problems):
    leads = exported(
        "l.csv",
        ["id", "name", "stage_id", "create_date", "date_closed", "active", "probability"],
        ["71", "Roof", "Proposition", "2026-01-05 09:00:00", "", "True", "30"],
        ["72", "Floor", "Won", "2026-01-06 09:00:00", closed, "True", "100"],
        ["73", "Wall", "Demo", "2026-01-07 09:00:00", "2026-06-30 17:00:00", "False", "0"],
    )
    tracking = exported("t.csv", COLUMNS, row("71", "stage_id", "Qualified", "Proposition", "2026-03-10 09:00:00"))
    said = take(team, tmp_path, MAP, leads, tracking)
    found = {key: [(*fact[:2], fact[6]) for fact in of_one] for key, of_one in facts(team).items()}
    assert found["floor"] == [("0", min(won, "2026-01-06"), ""), ("order", won, "")]
    # the first stage of what was lost is known, and its end too
    assert found["wall"] == [("0", "2026-01-07", ""), ("problem", "2026-01-07", ""), ("", "2026-06-30", "lost")]
    assert odd(said)["won_without_passing"] == 1
    assert problems() == []


def test_a_default_export_in_labels_stands_where_it_stands_and_lacks_the_losses(team, tmp_path):
    file = exported(
        "Leads.csv",
        ["External ID", "Created on", "Opportunity", "Salesperson", "Expected Revenue", "Stage", "Customer"],
        ["__export__.crm_lead_71_0a", "2026-01-05 09:00:00", "Roof", "Anna", "5000.0", "Proposition", "Alpha"],
        encoding="utf-8-sig",
    )
    said = take(team, tmp_path, MAP, file)
    assert facts(team) == {
        "alpha": [
            ("0", "2026-01-05", "5000.00", "Alpha", "Roof", "anna", "", ""),
            ("offer", "2026-11-23", "", "", "", "", "standing", ""),
        ]
    }
    unknown_entry, no_losses = said.json["notices"]
    assert "unknown since when an opportunity stands at its stage" in unknown_entry
    assert no_losses.startswith("There is no archived opportunity: ")


def test_archived_without_being_lost_is_asked_for_in_the_map(team, tmp_path):
    leads = exported(
        "l.csv",
        ["id", "name", "stage_id", "create_date", "date_closed", "active", "probability", "date_last_stage_update"],
        ["71", "Roof", "Demo", "2026-01-05 09:00:00", "2026-03-05", "False", "30.0", "2026-02-03"],
        ["72", "Floor", "Won", "2026-01-05 09:00:00", "2026-03-05", "False", "100.0", "2026-03-05"],
    )
    said = take(team, tmp_path, MAP, leads, code=1)
    assert "archived" in said.err
    take(team, tmp_path, MAP + '[status]\n"archived" = "lost"\n', leads)
    assert {key: [fact[:2] for fact in found] for key, found in facts(team).items()} == {
        "roof": [("0", "2026-01-05"), ("problem", "2026-02-03"), ("", "2026-03-05")],
        "floor": [("0", "2026-01-05"), ("order", "2026-03-05")],
    }


def test_another_language_is_read_through_the_map(team, tmp_path):
    file = exported(
        "l.csv",
        ["Externe ID", "Verkaufschance", "Phase", "Erwarteter Umsatz", "Erstellt am", "Letzte Phase", "Aktiv"],
        ["7", "Dach", "Angebot", "5.000,5", "05.01.2026 10:00", "03.02.2026 10:00", "True"],
        encoding="utf-16",
        delimiter="\t",
    )
    history = exported(
        "t.csv",
        ["Nachricht/Dokument", "Feld/Name", "Alt", "Neu", "Erstellt am"],
        ["7", "stage_id", "Erstkontakt", "Angebot", "03.02.2026 10:00"],
    )
    map_ = """
        decimal = ","
        [columns]
        id = "Externe ID"
        title = "Verkaufschance"
        stage = "Phase"
        amount = "Erwarteter Umsatz"
        created = "Erstellt am"
        changed = "Letzte Phase"
        active = "Aktiv"
        history_id = "Nachricht/Dokument"
        history_field = "Feld/Name"
        history_old = "Alt"
        history_new = "Neu"
        history_time = "Erstellt am"
        [stages]
        "Erstkontakt" = "interest"
        "Angebot" = "offer"
    """
    take(team, tmp_path, map_, file, history)
    assert facts(team) == {
        "dach": [
            ("0", "2026-01-05", "5000.50", "Dach", "Dach", "", "", ""),
            ("interest", "2026-01-05", "", "", "", "", "", ""),
            ("offer", "2026-02-03", "", "", "", "", "", ""),
        ]
    }


def test_an_opportunity_in_another_currency_is_refused(team, tmp_path):
    said = take(
        team, tmp_path, MAP, LEADS._replace(content=LEADS.content.replace(b"9000.0,EUR", b"9000.0,CHF")), code=1
    )
    assert "CHF" in said.err
    assert facts(team) == {}


def test_a_stage_that_the_map_lacks_is_listed_and_nothing_is_taken(team, tmp_path):
    said = take(team, tmp_path, MAP.replace('"Demo" = "problem"\n', ""), LEADS, TRACKING, code=1)
    assert "Demo" in said.err
    assert facts(team) == {}


def test_a_newer_export_adds_only_what_is_new(team, tmp_path, problems):
    rows = TRACKING.content.splitlines(keepends=True)
    older = TRACKING._replace(content=b"".join([*rows[:5], *rows[6:]]))
    leads = LEADS.content.replace(b"Roof,Won", b"Roof,Proposition").replace(b"100.0", b"60.0")
    take(team, tmp_path, MAP, LEADS._replace(content=leads), older)
    said = take(team, tmp_path, MAP, LEADS, TRACKING)
    assert said.json["facts"] == 1
    assert facts(team) == FROM_TRACKING
    assert problems() == []


def test_json_is_refused_with_what_to_export(team, tmp_path):
    said = take(team, tmp_path, MAP, File("x.json", b"[]"), code=1)
    assert "csv or xlsx" in said.err


def test_a_map_is_suggested_from_the_files(team, tmp_path):
    said = team("import", *put(tmp_path, LEADS, TRACKING), "--from", "odoo", "--suggest-map")
    assert said.code == 0
    assert '"Proposition" = ?' in said.out
