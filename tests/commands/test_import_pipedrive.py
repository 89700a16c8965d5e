"""`ms import --from pipedrive`: what each documented export becomes in the book, line by line."""

from __future__ import annotations

import json

import pytest
from tests.commands.exports import facts, odd, put, taker
from tests.exchange.exported import File, exported

MAP = """
zone = "Europe/Berlin"
[stages]
"Contact" = "invited"
"Demo" = "problem"
"Offer" = "offer"
"""
HEADER = [
    "Deal - ID", "Deal - Title*", "Deal - Owner", "Deal - Value", "Deal - Currency of Value", "Organization",
    "Deal - Pipeline", "Deal - Stage", "Deal - Status", "Deal - Deal created", "Deal - Last stage change",
    "Deal - Won time", "Deal - Lost time", "Deal - Lost reason", "Deal - Probability", "Deal - Expected close date",
]  # fmt: skip
DEALS = exported(
    "deals-8765-12.csv",
    HEADER,
    ["71", "Roof", "Anna", "5000.5", "EUR", "Alpha", "Sales", "Offer", "Won", "2026-01-05 00:10:00",
     "2026-03-10 10:00:00", "2026-05-01 17:00:00", "", "", "80", "2026-12-31"],
    ["72", "Floor", "Ben", "9000", "EUR", "Beta", "Sales", "Demo", "Lost", "2026-01-06 09:00:00",
     "2026-05-20 10:00:00", "", "2026-06-30 17:00:00", "Too dear", "", ""],
    ["73", "Wall", "", "", "EUR", "", "Sales", "Contact", "Open", "2026-02-05 09:00:00", "", "", "", "", "", ""],
    encoding="utf-8-sig",
)  # fmt: skip
OPTIONS = ("--from", "pipedrive", "--complete-history")


def item(deal: int, key: str, old: object, new: object, time: str, *, bulk: bool | None = None) -> dict[str, object]:
    data = {"item_id": deal, "field_key": key, "old_value": old, "new_value": new, "log_time": time,
            "is_bulk_update_flag": bulk}  # fmt: skip
    return {"object": "dealChange", "timestamp": time, "data": data}


ROOF = [
    item(71, "status", "open", "won", "2026-05-01 15:00:00"),
    item(71, "value", "4000", "5000.5", "2026-04-01 08:00:00"),
    item(71, "user_id", "8", "7", "2026-03-15 08:00:00"),
    item(71, "stage_id", "1", "3", "2026-03-10 09:00:00"),
]
FLOOR = [
    item(72, "status", "open", "lost", "2026-06-30 15:00:00"),
    item(72, "stage_id", "3", "2", "2026-05-20 08:00:00"),
    item(72, "stage_id", "2", "3", "2026-04-01 08:00:00", bulk=True),
    item(72, "status", "lost", "open", "2026-03-20 08:00:00"),
    item(72, "status", "open", "lost", "2026-03-10 08:00:00"),
    item(72, "stage_id", "1", "2", "2026-03-02 23:30:00"),
]
USERS = {"user": {"7": {"id": 7, "name": "Anna"}, "8": {"id": 8, "name": "Ben"}}}
STAGES = {
    "success": True,
    "data": [
        {"id": number, "name": name, "pipeline_id": 1, "pipeline_name": "Sales"}
        for number, name in enumerate(["Contact", "Demo", "Offer"], start=1)
    ],
}
FROM_FLOW = {
    "alpha": [
        ("0", "2026-01-05", "4000.00", "Alpha", "Roof", "ben", "", ""),
        ("invited", "2026-01-05", "", "", "", "", "", ""),
        ("offer", "2026-03-10", "", "", "", "", "", ""),
        ("", "2026-03-15", "", "", "", "anna", "assigned", ""),
        ("", "2026-04-01", "5000.50", "", "", "", "revalued", ""),
        ("order", "2026-05-01", "", "", "", "", "", ""),
    ],
    "beta": [
        ("0", "2026-01-06", "9000.00", "Beta", "Floor", "ben", "", ""),
        ("invited", "2026-01-06", "", "", "", "", "", ""),
        ("problem", "2026-03-03", "", "", "", "", "", ""),
        ("", "2026-03-10", "", "", "", "", "lost", ""),
        ("", "2026-03-20", "", "", "", "", "reopened", ""),
        ("offer", "2026-04-01", "", "", "", "", "bulk", ""),
        ("", "2026-06-30", "", "", "", "", "lost", "Too dear"),
    ],
    "wall": [
        ("0", "2026-02-05", "", "Wall", "Wall", "", "", ""),
        ("invited", "2026-02-05", "", "", "", "", "", ""),
    ],
}


def answer(items: list[dict[str, object]]) -> dict[str, object]:
    return {"success": True, "data": items, "related_objects": USERS}


def a_json(name: str, content: object) -> File:
    return File(name, json.dumps(content, indent=2).encode())


take = taker(*OPTIONS)


def test_the_deals_alone_tell_the_last_stage_and_how_each_ended(team, tmp_path, problems):
    said = take(team, tmp_path, MAP, DEALS)
    assert facts(team) == {
        "alpha": [
            ("0", "2026-01-05", "5000.50", "Alpha", "Roof", "anna", "", ""),
            ("offer", "2026-03-10", "", "", "", "", "", ""),
            ("order", "2026-05-01", "", "", "", "", "", ""),
        ],
        "beta": [
            ("0", "2026-01-06", "9000.00", "Beta", "Floor", "ben", "", ""),
            ("problem", "2026-05-20", "", "", "", "", "", ""),
            ("", "2026-06-30", "", "", "", "", "lost", "Too dear"),
        ],
        "wall": FROM_FLOW["wall"],
    }
    assert odd(said) == {"skipped": 3}
    assert said.json["notices"][0].startswith("Pipedrive's export of deals has no history")
    assert problems() == []


@pytest.mark.parametrize("order", [1, -1])
def test_the_flow_tells_every_stage_amount_owner_loss_and_bulk_edit(team, tmp_path, order, problems):
    files = [
        DEALS,
        a_json("deal-71-flow.json", answer(ROOF)),
        a_json("deal-72-flow.json", answer(FLOOR)),
        a_json("stages.json", STAGES),
    ][::order]
    said = take(team, tmp_path, MAP, *files)
    assert facts(team) == FROM_FLOW
    assert odd(said) == {"skipped": 4, "moved_back": 1, "bulk": 1, "came_back": 1}
    assert said.json["notices"] == []
    assert problems() == []


def test_a_loss_in_bulk_counts_as_one_on_the_day_of_the_edit_and_is_told(team, tmp_path):
    in_bulk = [item(72, "status", "open", "lost", "2026-06-30 15:00:00", bulk=True), *FLOOR[1:]]
    said = take(team, tmp_path, MAP, DEALS, a_json("deal-72-flow.json", answer(in_bulk)), a_json("stages.json", STAGES))
    assert facts(team)["beta"] == FROM_FLOW["beta"]
    [one] = [one for one in said.json["oddities"] if one["what"] == "lost_in_bulk"]
    assert (one["count"], one["examples"][0]["opportunity"]) == (1, "beta")


@pytest.mark.parametrize(
    "content",
    [
        {"71": ROOF, "72": answer(FLOOR)},
        [*ROOF, *FLOOR],
        [answer(ROOF), answer(FLOOR)],
        [one["data"] for one in [*FLOOR, *ROOF]],
        {"71": [{**one["data"], "item_id": None} for one in ROOF], "72": [one["data"] for one in FLOOR]},
    ],
)
def test_all_deals_in_one_file_give_the_same_facts(team, tmp_path, content):
    map_ = MAP + '[owners]\n"7" = "anna"\n"8" = "ben"\n'
    take(team, tmp_path, map_, DEALS, a_json("history.json", content), a_json("stages.json", STAGES))
    assert facts(team) == FROM_FLOW


def test_stages_are_named_by_their_ids_in_the_map_where_there_are_no_names(team, tmp_path):
    map_ = MAP + '"1" = "invited"\n"2" = "problem"\n"3" = "offer"\n'
    said = take(team, tmp_path, map_, DEALS, a_json("history.json", [answer(ROOF), answer(FLOOR)]))
    assert facts(team) == FROM_FLOW
    assert any("/v1/stages" in notice for notice in said.json["notices"])


def test_the_changelog_gives_the_same_facts_by_the_name_of_its_file(team, tmp_path):
    def log(items):
        return {
            "success": True,
            "data": [
                {name: one["data"][name] for name in ("field_key", "old_value", "new_value", "is_bulk_update_flag")}
                | {"time": one["data"]["log_time"], "actor_user_id": 7}
                for one in items
            ],
        }

    map_ = MAP + '[owners]\n"7" = "anna"\n"8" = "ben"\n'
    files = [a_json("deal-71-changelog.json", log(ROOF)), a_json("deal-72-changelog.json", log(FLOOR))]
    take(team, tmp_path, map_, DEALS, *files, a_json("stages.json", STAGES))
    assert facts(team) == FROM_FLOW


def test_a_history_alone_becomes_facts(team, tmp_path):
    files = [a_json("deal-71-flow.json", answer(ROOF)), a_json("stages.json", STAGES)]
    said = take(team, tmp_path, MAP, *files)
    assert [fact[:2] for fact in next(iter(facts(team).values()))] == [
        ("0", "2026-03-10"), ("offer", "2026-03-10"), ("", "2026-03-15"), ("", "2026-04-01"), ("order", "2026-05-01"),
    ]  # fmt: skip
    assert any("names no customer" in notice for notice in said.json["notices"])


def test_a_stage_that_the_map_lacks_is_listed_and_nothing_is_taken(team, tmp_path):
    said = take(team, tmp_path, MAP, DEALS, a_json("history.json", answer(ROOF)), code=1)
    assert '\\"3\\" in \\"Sales' in said.err
    assert facts(team) == {}


def test_a_deal_in_another_currency_is_refused_and_can_be_left_out(team, tmp_path):
    content = DEALS.content.replace(b"9000,EUR", b"9000,USD")
    said = take(team, tmp_path, MAP, DEALS._replace(content=content), code=1)
    assert "USD" in said.err
    take(team, tmp_path, MAP + '[currencies]\nUSD = "ignore"\n', DEALS._replace(content=content))
    assert set(facts(team)) == {"alpha", "wall"}


def test_another_language_is_read_through_the_map(team, tmp_path):
    file = exported(
        "deals.csv",
        ["Geschäft - ID", "Geschäft - Titel", "Geschäft - Wert", "Geschäft - Phase", "Geschäft - Status",
         "Geschäft - Geschäft erstellt", "Geschäft - Letzte Phasenänderung", "Geschäft - Won time", "Person - Name"],
        ["1", "Dach", "5.000,5", "Angebot", "Gewonnen", "05.01.2026 10:00", "03.02.2026 10:00", "10.03.2026 10:00", ""],
        ["2", "Wand", "", "Angebot", "Offen", "05.01.2026 10:00", "", "", ""],
        encoding="cp1252",
        delimiter=";",
    )  # fmt: skip
    map_ = """
        decimal = ","
        [columns]
        title = "Geschäft - Titel"
        amount = "Geschäft - Wert"
        stage = "Geschäft - Phase"
        created = "Geschäft - Geschäft erstellt"
        changed = "Geschäft - Letzte Phasenänderung"
        [stages]
        "Angebot" = "offer"
        [status]
        "Gewonnen" = "won"
        "Offen" = "open"
    """
    take(team, tmp_path, map_, file)
    assert {key: [fact[:3] for fact in found] for key, found in facts(team).items()} == {
        "dach": [("0", "2026-01-05", "5000.50"), ("offer", "2026-02-03", ""), ("order", "2026-03-10", "")],
        "wand": [("0", "2026-01-05", ""), ("offer", "2026-01-05", "")],
    }


def test_a_word_for_status_that_nobody_knows_is_listed(team, tmp_path):
    content = DEALS.content.replace(b",Open,", b",Offen,")
    said = take(team, tmp_path, MAP, DEALS._replace(content=content), code=1)
    assert "Offen" in said.err
    assert "[status]" in said.err


def test_a_newer_export_adds_only_what_is_new(team, tmp_path, problems):
    flow = a_json("history.json", {"71": ROOF[1:], "72": FLOOR})
    older = DEALS._replace(content=DEALS.content.replace(b",Won,", b",Open,").replace(b"2026-05-01 17:00:00", b""))
    users = MAP + '[owners]\n"7" = "anna"\n"8" = "ben"\n'
    take(team, tmp_path, users, older, flow, a_json("stages.json", STAGES))
    said = take(team, tmp_path, users, DEALS, a_json("history.json", {"71": ROOF, "72": FLOOR}),
                a_json("stages.json", STAGES))  # fmt: skip
    assert said.json["facts"] == 1
    assert facts(team) == FROM_FLOW
    assert problems() == []


@pytest.mark.parametrize("content", [b"{", b'{"data": 5}', b"[1]", b'{"success": true, "data": [{"id": 1}]}'])
def test_json_of_another_kind_is_refused(team, tmp_path, content):
    said = take(team, tmp_path, MAP, DEALS, File("x.json", content), code=1)
    assert "x.json" in said.err
    assert facts(team) == {}


def test_a_map_is_suggested_from_the_files(team, tmp_path):
    files = [DEALS, a_json("history.json", answer(FLOOR)), a_json("stages.json", STAGES)]
    said = team("import", *put(tmp_path, *files), "--from", "pipedrive", "--suggest-map")
    assert said.code == 0
    assert '"Demo" = ?' in said.out
    assert '"Offer" = ?' in said.out


def test_a_workbook_gives_the_same_facts(team, tmp_path):
    import csv

    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in csv.reader(DEALS.content.decode("utf-8-sig").splitlines()):
        book.active.append(row)
    book.save(tmp_path / "deals.xlsx")
    take(team, tmp_path, MAP, File("deals.xlsx", (tmp_path / "deals.xlsx").read_bytes()))
    wanted = facts(team)
    team("undo", "--yes")
    take(team, tmp_path, MAP, DEALS)
    assert facts(team) == wanted
    assert len(wanted) == 3
