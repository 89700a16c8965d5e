"""`ms import`: facts, lists, books."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pandas as pd
import pytest

from milestone_cli.domain.day import day_of, iso
from milestone_cli.errors import ExitCode
from milestone_cli.store import spelling
from milestone_cli.store.tables import TABLES

SHORT = "opportunity,milestone,date,value,rep,outcome"


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    """Writes lines into a file and returns its path."""

    def put(*lines: str, name: str = "facts.csv", encoding: str = "utf-8") -> str:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return str(path)

    return put


def listed(team) -> dict[str, dict[str, object]]:
    return {one["key"]: one for one in team("opportunities", "--json").json["opportunities"]}


def test_facts_become_opportunities_with_state_and_reps(team, file, problems):
    facts = file(
        SHORT,
        "acme,1,2026-01-05,1000.00,anna,",
        "acme,invited,2026-02-05,,Zoe,",
        "acme,,2026-03-05,9.99,,lost",
        "beta,0,2026-01-02,500,ben,",
    )
    said = team("import", facts, "--json")
    assert said.code == 0
    found = said.json
    assert (found["facts"], found["opportunities"], found["reps_added"]) == (4, 2, ["Zoe"])
    acme, beta = listed(team)["acme"], listed(team)["beta"]
    assert (acme["status"], acme["value"], acme["rep"], acme["milestone"]) == ("lost", "1000.00", "Zoe", 2)
    assert (beta["status"], beta["value"], beta["customer"], beta["rep"]) == ("target", "500.00", "beta", "ben")
    assert problems() == []


def test_importing_again_adds_nothing(team, file):
    facts = file(SHORT, "acme,1,2026-01-05,1000.00,anna,", "acme,,2026-03-05,,,lost", "b,2,2026-01-05,,,")
    team("import", facts)
    before = team("log", "--json").json
    said = team("import", facts, "--json").json
    assert (said["facts"], said["already_there"], said["backup"]) == (0, 3, None)
    assert team("log", "--json").json == before


def test_a_changed_value_is_reported_and_not_applied(team, file):
    team("import", file(SHORT, "acme,1,2026-01-05,1000.00,anna,"))
    said = team("import", file(SHORT, "acme,1,2026-01-05,2000.00,ben,", "acme,1,2026-01-09,,,"), "--json").json
    assert said["facts"] == 0
    assert [one["line"] for one in said["left_out"]["first"]] == [2, 3]
    assert "another value" in said["left_out"]["first"][0]["what"]
    assert listed(team)["acme"]["value"] == "1000.00"


def test_the_same_fact_is_known_by_its_id_in_the_other_system(team, file):
    head = "opportunity,milestone,date,external_id"
    team("import", file(head, "acme,1,2026-01-05,crm-1"))
    said = team("import", file(head, "acme,1,2026-01-07,crm-1", "beta,1,2026-01-07,crm-1"), "--json").json
    assert said["facts"] == 0
    assert "is recorded with 2026-01-05" in said["left_out"]["first"][0]["what"]
    assert "another opportunity" in said["left_out"]["first"][1]["what"]


def test_what_was_amended_counts_as_present(team, file):
    facts = file(SHORT, "acme,1,2026-01-05,1000.00,anna,", "acme,2,2026-02-05,,,")
    team("import", facts)
    number = next(fact["number"] for fact in team("show", "acme", "--json").json["facts"] if fact["milestone"] == 2)
    assert team("amend", str(number), "--on", "2026-02-07").code == 0
    said = team("import", facts, "--json").json
    assert (said["facts"], said["already_there"], said["left_out"]["count"]) == (0, 2, 0)


def test_the_facts_of_an_undone_import_come_in_again(team, file, problems):
    facts = file(SHORT, "acme,1,2026-01-05,1000.00,zoe,", "acme,2,2026-02-05,,,", "beta,,2026-02-05,,,lost")
    team("import", facts)
    first = listed(team)
    assert team("undo", "--yes").code == 0
    assert listed(team) == {}
    said = team("import", facts, "--json").json
    assert said["facts"] == 3
    again = listed(team)
    assert {key: {**one, "number": 0} for key, one in again.items()} == {
        key: {**one, "number": 0} for key, one in first.items()
    }
    assert problems() == []


def test_a_milestone_after_a_loss_reopens(team, file):
    said = team("import", file(SHORT, "a,1,2026-01-05,,,", "a,,2026-02-05,,,lost", "a,2,2026-03-05,,,"), "--json").json
    assert said["reopened"] == 1
    found = listed(team)["a"]
    assert (found["status"], found["milestone"]) == ("dead", 2)  # open by its facts, but silent for months


def test_days_out_of_order_are_taken_and_reported(team, file):
    said = team("import", file(SHORT, "a,1,2026-03-05,,,", "a,2,2026-02-05,,,"), "--json").json
    assert said["facts"] == 2
    assert said["out_of_order"]["first"][0]["line"] == 2
    assert listed(team)["a"]["milestone"] == 2


def test_what_contradicts_is_left_out_and_reported(team, file, problems):
    lines = (
        "a,5,2026-01-05,,,",
        "a,,2026-02-05,,,lost",
        "b,1,2026-01-05,,,",
        "b,1,2026-01-09,,,",
        "c,1,2026-01-05,,,reopened",
    )
    said = team("import", file(SHORT, *lines), "--json").json
    assert [one["line"] for one in said["left_out"]["first"]] == [3, 5, 6]
    assert listed(team)["a"]["status"] == "won"
    assert problems() == []


def test_more_facts_about_a_known_opportunity_are_added(team, file, problems):
    team("import", file(SHORT, "a,1,2026-01-05,100,,"))
    said = team(
        "import",
        file(SHORT, "a,1,2026-01-05,100,,", "A,3,2026-03-05,200,new,", "a,,2026-03-09,300,,revalued"),
        "--json",
    )
    assert (said.json["facts"], said.json["opportunities"], said.json["reps_added"]) == (2, 0, ["new"])
    assert (listed(team)["a"]["milestone"], listed(team)["a"]["value"]) == (3, "300.00")
    assert said.json["backup"] is not None
    assert problems() == []


BAD = [
    ("a,1,2026-02-30,,,", "February 2026 has 28 days"),
    ("a,1,2027-01-01,,,", "lies in the future"),
    ("a,1,0001-01-01,,,", "outside 1990 to 2100"),
    ("a,1,,,,", "date is missing"),
    ("a,9,2026-01-05,,,", 'no milestone "9"'),
    ("a,nope,2026-01-05,,,", 'no milestone "nope"'),
    ("a,,2026-01-05,,,", "milestone is missing"),
    (",1,2026-01-05,,,", "opportunity is empty"),
    ("a\x07b,1,2026-01-05,,,", "control character"),
    ("a,1,2026-01-05,-5,,", "negative"),
    ("a,1,2026-01-05,nan,,", "not an amount"),
    ("a,1,2026-01-05,120.000,,", "can be read as"),
    ("a,1,2026-01-05,1.005,,", "can be read as"),
    ("a,1,2026-01-05,100 USD,,", "not an amount"),
    ("a,1,2026-01-05,1000000000000000000,,", "too large"),
    ("a,1,2026-01-05,,,lsot", "perhaps lost?"),
    ("a,,2026-01-05,,,revalued", "needs a value"),
    ("a,,2026-01-05,,,assigned", "needs a rep"),
    ("a,0,2026-01-05,,,standing", "milestone from 1 on"),
]


@pytest.mark.parametrize(("line", "reason"), BAD)
def test_a_bad_line_is_named_with_its_reason_and_nothing_is_written(team, file, line, reason):
    before = team("log", "--json").json
    said = team("import", file(SHORT, "good,1,2026-01-05,100,,", line))
    assert said.code == ExitCode.REFUSED
    assert "line 3: " in said.err
    assert reason in said.err
    assert "Traceback" not in said.err
    assert team("log", "--json").json == before
    assert listed(team) == {}


def test_many_bad_lines_are_counted(team, file):
    said = team("import", file(SHORT, *["a,1,2026-13-01,,,"] * 25))
    assert "25 lines" in said.err
    assert "and 5 more" in said.err


def test_a_column_that_is_not_native_is_refused_with_the_near_one(team, file):
    said = team("import", file("opportunity,milestone,date,currency,valeu", "a,1,2026-01-05,EUR,1"))
    assert said.code == ExitCode.REFUSED
    assert '"valeu" (perhaps value?)' in said.err
    assert "currency of the process" in said.err


def test_a_header_in_any_order_and_case_will_do(team, file):
    assert team("import", file("Date;MILESTONE;Opportunity", "2026-01-05;1;a"), "--json").json["facts"] == 1


def test_dry_run_writes_nothing(team, file):
    said = team("import", file(SHORT, "a,1,2026-01-05,,zoe,"), "--dry-run", "--json").json
    assert (said["facts"], said["dry_run"], said["backup"]) == (1, True, None)
    assert listed(team) == {}


def test_survivors_set_the_day_from_which_the_history_counts(team, file):
    said = team("import", file(SHORT, "a,1,2026-01-05,,,", "b,5,2026-03-05,,,"))
    assert "history therefore counts from Mar 5, 2026" in said.out
    assert "history_from = 2026-03-05" in team("processes", "b2b", "--toml").out


def test_a_complete_history_is_taken_at_its_word(team, file):
    said = team("import", file(SHORT, "a,1,2026-01-05,,,"), "--complete-history", "--json").json
    assert said["history_from"] == {}


def test_few_losses_are_a_warning(team, file):
    won = [f"w{number},5,2026-01-05,,," for number in range(30)]
    said = team("import", file(SHORT, *won, "a,1,2026-01-05,,,lost", "o,1,2026-01-05,,,"))
    assert "Only 1 of 31 closed opportunities of b2b are lost" in said.out


def test_an_imported_fact_is_known_from_the_day_it_was_recorded(team, file):
    head = "opportunity,milestone,date,recorded_at"
    team("import", file(head, "a,1,2026-01-05,2026-01-20T10:00:00+01:00", "b,1,2026-01-05,"))
    found = team("opportunities", "--known-on", "2026-01-06", "--json").json["opportunities"]
    assert [one["key"] for one in found] == ["b"]


def test_two_processes_need_the_column_or_the_option(team, write, process_of, file):
    write(lambda ledger: ledger.define(process_of("smb"), on=day_of(2024, 1, 1), valid_from=None))
    facts = file(SHORT, "a,1,2026-01-05,,,")
    assert "which process" in team("import", facts).err
    assert team("import", facts, "--process", "smb").code == 0
    other = file("opportunity,milestone,date,process", "b,1,2026-01-05,b2b", "a,2,2026-02-05,")
    assert team("import", other).code == 0
    assert {key: one["process"] for key, one in listed(team).items()} == {"a": "smb", "b": "b2b"}


def test_no_file_and_a_workbook_are_said_plainly(team, tmp_path):
    assert team("import", str(tmp_path / "none.csv")).code == ExitCode.REFUSED
    book = tmp_path / "list.xlsx"
    book.write_bytes(b"PK\x03\x04 and more")
    assert "is a damaged workbook, or no workbook at all" in team("import", str(book)).err


def test_ctrl_c_in_the_middle_leaves_the_file_as_it_was(team, file, monkeypatch):
    from milestone_cli.store import bulk

    facts = file(SHORT, *(f"o{number},1,2026-01-05,,zoe," for number in range(40)))
    real = bulk.BulkLedger.open

    def open_some(self, key, *rest):
        if key == "o30":
            raise KeyboardInterrupt
        return real(self, key, *rest)

    monkeypatch.setattr(bulk, "BATCH", 5)
    monkeypatch.setattr(bulk.BulkLedger, "open", open_some)
    said = team("import", facts)
    assert said.code == ExitCode.INTERRUPTED
    assert "nothing recorded" in said.err
    monkeypatch.undo()


LIST = [
    "Firma;Projekt;Chef;Potenzial;Phase;seit",
    "Acme GmbH;Neubau;Anna;120.000,00 EUR;Erstgespräch;03.02.2026",
    "Acme GmbH;Umbau;zoe;0;Angebot;",
    "Beta AG;;;50000;Kontakt;",
    "Gamma;;;1;verloren;",
    "Delta;;;1;Auftrag;01.01.2020",
]
MAP = """decimal = ","
date = "DD.MM.YYYY"
currency = "EUR"
[columns]
customer = "Firma"
title = "Projekt"
owner = "Chef"
value = "Potenzial"
stage = "Phase"
since = "seit"
[stages]
"Erstgespräch" = 2
Angebot = "offer"
Kontakt = 0
Verloren = "lost"
Auftrag = "won"
"""


def test_a_list_goes_in_as_an_opening_balance_and_turns_no_lamp_green(team, file, problems):
    where = file(MAP, name="map.toml")
    said = team("import", file(*LIST, name="list.csv"), "--from", "table", "--map", where, "--json").json
    assert (said["facts"], said["opportunities"], said["skipped"]) == (3, 3, {"lost": 1, "won": 1})
    found = listed(team)
    first = found["acme-gmbh"]
    assert (first["value"], first["milestone"], first["rep"], first["title"]) == ("120000.00", 2, "anna", "Neubau")
    assert first["waiting_days"] == day_of(2026, 11, 23) - day_of(2026, 2, 3)
    assert (found["acme-gmbh-2"]["milestone"], found["acme-gmbh-2"]["value"]) == (4, None)
    assert found["beta-ag"]["status"] == "target"
    kpis = team("kpis", "--period", "2026", "--json").json["processes"][0]
    assert all(one["count"] == 0 and one["lamp"] != "green" for one in kpis["milestones"])
    assert problems() == []


def test_a_list_again_adds_nothing(team, file):
    arguments = (
        "import",
        file(*LIST, name="list.csv"),
        "--from",
        "table",
        "--map",
        file(MAP, name="map.toml"),
        "--json",
    )
    team(*arguments)
    assert team(*arguments).json["facts"] == 0
    later = team(*arguments, "--on", "2026-11-22").json
    assert later["facts"] == 0
    assert later["left_out"]["count"] > 0


def test_stages_that_the_map_does_not_name_are_listed_with_counts(team, file):
    rows = [*LIST, "Eta;;;1;Verhandlung;", "Eta;;;1;Verhandlung;"]
    said = team("import", file(*rows, name="list.csv"), "--from", "table", "--map", file(MAP, name="map.toml"))
    assert said.code == ExitCode.REFUSED
    assert '"Verhandlung" (2 rows)' in said.err
    assert listed(team) == {}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"Erstgespräch" = 2', '"Erstgespräch" = 9', 'There is no milestone "9"'),
        ('customer = "Firma"', 'customer = "Frima"', "which the map names for customer"),
        ('customer = "Firma"', 'custmer = "Firma"', "perhaps customer"),
        ('currency = "EUR"', 'currency = "USD"', "counts in EUR"),
        ('decimal = ","', 'decimal = ";"', "decimal must be"),
        ('date = "DD.MM.YYYY"', 'date = "DD.YYYY"', "cannot be read; write ISO"),
        ("[stages]", "[stages", "not valid TOML"),
    ],
)
def test_a_map_that_cannot_be_used_is_refused(team, file, old, new, said):
    where = file(MAP.replace(old, new), name="map.toml")
    answer = team("import", file(*LIST, name="list.csv"), "--from", "table", "--map", where)
    assert answer.code == ExitCode.REFUSED
    assert said in answer.err


def test_an_amount_with_two_readings_is_refused_by_its_line(team, file):
    where = file(MAP.replace('decimal = ","\n', ""), name="map.toml")
    rows = [LIST[0], "A;;;120.000;Angebot;"]
    said = team("import", file(*rows, name="list.csv"), "--from", "table", "--map", where)
    assert "line 2: The amount" in said.err
    german = team("import", file(*rows, name="list.csv"), "--from", "table", "--map", where, "--locale", "de", "--json")
    assert german.json["facts"] == 1
    assert listed(team)["a"]["value"] == "120000.00"


def test_a_table_needs_its_map(team, file):
    assert team("import", file(*LIST), "--from", "table").code == ExitCode.USAGE
    assert team("import", file(*LIST), "--map", "x.toml").code == ExitCode.USAGE


def made_facts(seed: int) -> list[str]:
    """Make the life of some opportunities: each at most once at a milestone, days rising."""
    draw, lines = Random(seed), []  # noqa: S311 - made data
    for number in range(120):
        day = draw.randint(day_of(2026, 1, 1), day_of(2026, 8, 1))
        for milestone in range(1, draw.randint(2, 6)):
            value = draw.choice(["", "0.00", f"{draw.randint(1, 900)}.{draw.randint(10, 99)}"])
            lines.append(f"o{number},{milestone},{iso(day)},{value},{draw.choice(['anna', 'ben', ''])},")
            day += draw.randint(0, 20)
        if draw.random() < 0.4:
            lines.append(f"o{number},,{iso(day)},,,lost")
    return lines


@pytest.mark.parametrize("period", ["2026-02", "2026-Q2", "2026"])
def test_the_kpis_are_what_a_plain_query_over_the_file_gives(team, file, period):
    facts = file(SHORT, *made_facts(7))
    team("import", facts)
    table = pd.read_csv(facts)
    table["value"] = table["value"].where(table["value"] > 0)
    table[["value", "rep"]] = table.groupby("opportunity")[["value", "rep"]].ffill()
    reached = table[table["outcome"].isna()].copy()
    reached["day"] = pd.to_datetime(reached["date"])
    for rep in (None, "anna"):
        extra = ["--team"] if rep is None else ["--rep", rep]
        kpis = team("kpis", "--period", period, *extra, "--json").json["processes"][0]
        start, end = kpis["period"]["start"], kpis["period"]["end"]
        part = reached[(reached["day"] >= start) & (reached["day"] <= end)]
        part = part if rep is None else part[part["rep"] == rep]
        for one in kpis["milestones"]:
            here = part[part["milestone"].astype(int) == one["number"]]
            assert one["count"] == len(here)
            assert one["reached"] == f"{here['value'].sum():.2f}"


def test_a_book_is_refused_where_facts_are_and_where_it_is_not_whole(team, tmp_path, file):
    team("import", file(SHORT, "a,1,2026-01-05,100,anna,"))
    book = tmp_path / "book.json"
    assert team("export", "-o", str(book)).code == 0
    assert "holds facts already" in team("import", str(book)).err
    content = json.loads(book.read_text())
    fresh = ("--db", str(tmp_path / "fresh.db"))
    for change in (
        lambda data: data["fact"][-1].update(day="2026-01-06"),
        lambda data: data["fact"].pop(),
        lambda data: data["text"][0].update(body="else"),
        lambda data: data["fact"][-1]["payload"].update(milestone=7),
        lambda data: data["fact"][0].update(number="one"),
        lambda data: data["customer"][0].update(name="\x1b[31mx"),
        lambda data: data.update(version=1),
        lambda data: data.update(version=3),
        lambda data: data.update(format="other"),
        lambda data: data.pop("rep"),
        lambda data: data["snapshot"].append({"process": 1}),
    ):
        changed = json.loads(book.read_text())
        change(changed)
        broken = tmp_path / "broken.json"
        broken.write_text(json.dumps(changed))
        said = team(*fresh, "import", str(broken))
        assert said.code == ExitCode.REFUSED, said.err
        assert "Traceback" not in said.err
    (tmp_path / "broken.json").write_text("{not json")
    assert "not valid JSON" in team(*fresh, "import", str(tmp_path / "broken.json")).err
    assert content["format"] == "milestone-book"
    assert team(*fresh, "import", str(book)).code == 0


def as_version_1_wrote_it(database):
    """Return a file of the second version as the JSON of its time, with the users' names in the commands."""
    from milestone_cli.domain.day import iso
    from milestone_cli.store.whole import ROWS, columns_of

    with closing(sqlite3.connect(":memory:")) as raw:
        raw.executescript(database.read_text())
        raw.row_factory = sqlite3.Row
        book = {"format": "milestone-book", "version": 1, "made_by": "ms 0.1.0"}
        for name in ROWS:
            columns = [column for column in columns_of(name) if column != "author"]
            found = raw.execute(f'SELECT {", ".join(columns)} FROM "{name}"')  # noqa: S608
            book[name] = [dict(row) for row in found]
    for row in [*book["fact"], *book["snapshot"]]:
        row["payload"] = json.loads(row["payload"])
        row.update((day, iso(row[day])) for day in ("day", "known_day") if day in row)
    return book


@pytest.mark.usefixtures("path")
def test_a_book_of_version_1_is_taken_in_and_the_users_names_come_apart(ms, tmp_path, problems):
    written = as_version_1_wrote_it(Path(__file__).parent.parent / "store" / "data" / "version-2.sql")
    book = tmp_path / "old.json"
    book.write_text(json.dumps(written))
    assert ms("import", str(book)).code == 0
    assert problems() == []
    said = [one["who"] for one in ms("log", "--json").json["commands"]]
    assert said == [one["who"] for one in written["command"]][::-1]
    written["command"][3]["who"] = "somebody else"
    book.write_text(json.dumps(written))
    assert "was changed" in ms("import", str(book), "--db", str(tmp_path / "other.db")).err


def test_the_tables_of_a_whole_book_are_all_there():
    from milestone_cli.store.whole import ROWS

    assert set(ROWS) | {"meta", "author", "arrival", "tenure", "loss", "hindcast"} == set(TABLES)


def test_reps_who_are_new_are_written_once_however_many_they_are(team, tmp_path, monkeypatch):
    written = []
    respell = spelling.respell_reps
    monkeypatch.setattr(spelling, "respell_reps", lambda connection: (written.append(1), respell(connection))[1])
    file = tmp_path / "facts.csv"
    lines = [f"o-{number},1,2026-01-05,rep-{number}\n" for number in range(40)]
    file.write_text("opportunity,milestone,date,rep\n" + "".join(lines))
    assert team("import", str(file), "--complete-history").code == 0
    assert len(team("reps", "--json").json["reps"]) == 42
    assert len(written) == 1
