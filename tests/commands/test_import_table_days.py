"""`ms import --from table` of tables with days: a column for each milestone, or a list of events; csv and xlsx."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from tests.commands.exports import facts

from milestone_cli.errors import ExitCode


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    def put(*lines: str, name: str = "table.csv", encoding: str = "utf-8") -> str:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return str(path)

    return put


DAYS = [
    "Nummer;Firma;Chef;Wert;Interesse am;Einladung am;Auftrag am;Verloren am;Warum",
    "A-1;Beispiel Alpha;Anna;120.000,00;05.01.2026;03.02.2026;20.04.2026;;",
    "A-2;Beispiel Beta;Zoe;9.000,00;06.01.2026;;;01.07.2026;Zu teuer",
    "A-3;Beispiel Gamma;;;20.03.2026;01.03.2026;;;",
    "A-4;Beispiel Delta;;;;;;;",
]
DAYS_MAP = """decimal = ","
date = "d.m.Y"
[columns]
key = "Nummer"
customer = "Firma"
owner = "Chef"
value = "Wert"
reason = "Warum"
[milestones]
"Interesse am" = 1
"Einladung am" = "invited"
"Auftrag am" = "won"
"Verloren am" = "lost"
"""


def test_a_column_of_days_for_each_milestone_becomes_facts(team, file, problems):
    said = team("import", file(*DAYS), "--from", "table", "--map", file(DAYS_MAP, name="m.toml"), "--json")
    assert said.code == 0, said.err
    found = facts(team)
    assert [row[:3] for row in found["A-1"]] == [
        ("0", "2026-01-05", "120000.00"),
        ("interest", "2026-01-05", ""),
        ("invited", "2026-02-03", ""),
        ("order", "2026-04-20", ""),
    ]
    assert found["A-2"][-1] == ("", "2026-07-01", "", "", "", "", "lost", "Zu teuer")
    assert [row[:2] for row in found["A-3"]] == [
        ("0", "2026-03-01"),
        ("interest", "2026-03-01"),
        ("invited", "2026-03-01"),
    ]
    odd = {one["what"]: one["count"] for one in said.json["oddities"]}
    assert odd == {"dates_backwards": 1, "won_without_passing": 1, "no_day_at_all": 1}
    assert said.json["reps_added"] == ["Zoe"]
    assert problems() == []


def test_the_same_table_again_adds_nothing_and_a_newer_one_only_what_is_new(team, file):
    where = ("--from", "table", "--map", file(DAYS_MAP, name="m.toml"), "--json")
    team("import", file(*DAYS), *where)
    assert team("import", file(*DAYS), *where).json["facts"] == 0
    newer = [DAYS[0], DAYS[1], DAYS[2], "A-3;Beispiel Gamma;;;20.03.2026;01.03.2026;;05.11.2026;"]
    said = team("import", file(*newer), *where).json
    assert (said["facts"], said["left_out"]["count"], said["no_longer_there"]["count"]) == (1, 0, 0)


def test_without_a_key_a_row_is_known_by_its_customer(team, file):
    lines = [line.partition(";")[2] for line in DAYS]
    map_ = DAYS_MAP.replace('key = "Nummer"\n', "")
    where = ("--from", "table", "--map", file(map_, name="m.toml"))
    assert team("import", file(*lines), *where).code == 0
    assert set(facts(team)) == {"beispiel-alpha", "beispiel-beta", "beispiel-gamma"}
    twice = team("import", file(*lines, lines[1]), *where)
    assert 'line 6: "Beispiel Alpha" is on an earlier row already' in twice.err


EVENTS = [
    "id,stage,when,worth,who",
    "7,First talk,2026-01-05,1000.50,anna",
    "7,Offer,2026-03-01,2000,",
    "7,Offer,2026-04-01,2500,ben",
    "8,First talk,2026-02-01,,",
    "8,No,2026-05-01,,",
]
EVENTS_MAP = """[columns]
key = "id"
stage = "stage"
date = "when"
value = "worth"
owner = "who"
[stages]
"First talk" = 1
Offer = 4
No = "lost"
"""


def test_a_list_of_events_becomes_facts(team, file):
    said = team("import", file(*EVENTS), "--from", "table", "--map", file(EVENTS_MAP, name="m.toml"), "--json")
    assert said.code == 0, said.err
    found = facts(team)
    assert [(row[0], row[1], row[2], row[5], row[6]) for row in found["7"]] == [
        ("0", "2026-01-05", "1000.50", "anna", ""),
        ("interest", "2026-01-05", "", "", ""),
        ("", "2026-03-01", "2000.00", "", "revalued"),
        ("offer", "2026-03-01", "", "", ""),
        ("", "2026-04-01", "2500.00", "", "revalued"),
        ("", "2026-04-01", "", "ben", "assigned"),
    ]
    assert [(row[0], row[6]) for row in found["8"]] == [("0", ""), ("interest", ""), ("", "lost")]


def test_a_workbook_is_read_like_a_file_of_text(team, file, tmp_path):
    book = openpyxl.Workbook()
    for row in DAYS:
        cells = row.split(";")
        days = [datetime.strptime(cell, "%d.%m.%Y") if cell[:1].isdigit() else cell for cell in cells[4:8]]  # noqa: DTZ007
        book.active.append([*cells[:4], *days, cells[8]])
    raw = io.BytesIO()
    book.save(raw)
    (tmp_path / "table.xlsx").write_bytes(raw.getvalue())
    where = ("--from", "table", "--map", file(DAYS_MAP, name="m.toml"))
    assert team("import", str(tmp_path / "table.xlsx"), *where).code == 0
    by_workbook = facts(team)
    team("undo", "--yes")
    team("import", file(*DAYS), *where)
    assert facts(team) == by_workbook


def test_a_list_goes_in_from_a_workbook_too(team, file, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Firma", "Phase", "seit"])
    book.active.append(["Beispiel Alpha", "Angebot", datetime(2026, 10, 1)])  # noqa: DTZ001
    raw = io.BytesIO()
    book.save(raw)
    (tmp_path / "list.xlsx").write_bytes(raw.getvalue())
    map_ = '[columns]\ncustomer = "Firma"\nstage = "Phase"\nsince = "seit"\n[stages]\nAngebot = 4\n'
    said = team("import", str(tmp_path / "list.xlsx"), "--from", "table", "--map", file(map_, name="m.toml"), "--json")
    assert said.json["facts"] == 1
    assert team("show", "beispiel-alpha", "--json").json["waiting_days"] == 53


@pytest.mark.parametrize(
    ("map_", "said"),
    [
        (DAYS_MAP.replace('customer = "Firma"', 'custmer = "Firma"'), "columns.custmer is not known"),
        (DAYS_MAP.replace('"Auftrag am"', '"Auftrg am"'), 'no column "Auftrg am", which the map names for a milestone'),
        (DAYS_MAP.replace('"Warum"', '"Wrum"'), 'no column "Wrum", which the map names for reason'),
        (EVENTS_MAP.replace('key = "id"\n', ""), "columns.key is missing: events have key, stage, date"),
    ],
)
def test_columns_that_are_not_there_are_named(team, file, map_, said):
    lines = EVENTS if "when" in map_ else DAYS
    answer = team("import", file(*lines), "--from", "table", "--map", file(map_, name="m.toml"))
    assert answer.code == ExitCode.REFUSED
    assert said in answer.err


def test_an_event_without_a_day_is_refused_by_its_line(team, file):
    lines = [*EVENTS, "9,Offer,,1,"]
    said = team("import", file(*lines), "--from", "table", "--map", file(EVENTS_MAP, name="m.toml"))
    assert 'line 7: it has nothing under "when"' in said.err


def test_a_day_in_the_future_is_left_out_and_told(team, file):
    lines = [EVENTS[0], "7,First talk,2026-01-05,,", "7,Offer,2027-01-05,,"]
    said = team("import", file(*lines), "--from", "table", "--map", file(EVENTS_MAP, name="m.toml"), "--json").json
    assert [(one["what"], one["count"]) for one in said["oddities"]] == [("in_the_future", 1)]
    assert said["oddities"][0]["examples"][0]["line"] == 3
    assert [row[0] for row in facts(team)["7"]] == ["0", "interest"]


def test_dates_with_two_readings_ask_for_the_form(team, file):
    lines = [EVENTS[0], "7,First talk,03/04/2026,,"]
    where = ("--from", "table", "--map")
    said = team("import", file(*lines), *where, file(EVENTS_MAP, name="m.toml"))
    assert said.code == ExitCode.REFUSED
    assert '"03/04/2026" under "when" can be 2026-04-03 (d/m/Y) or 2026-03-04 (m/d/Y)' in said.err
    assert team("import", file(*lines), *where, file('date = "m/d/Y"\n' + EVENTS_MAP, name="m.toml")).code == 0
