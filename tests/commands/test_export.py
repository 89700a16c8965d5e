"""`ms export`, and the way back in."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import stat
from contextlib import closing
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from milestone_cli.errors import ExitCode


def figures(ms, *options: str) -> list[object]:
    """Return what the looking commands say, without numbers and ids of this file."""
    listed = ms(*options, "opportunities", "--json").json["opportunities"]
    lists = sorted(({**one, "number": 0} for one in listed), key=lambda one: one["key"])
    periods = ("2026-02", "2026", "2026-Q4", "this-month")
    return [lists, *(ms(*options, "kpis", "--period", period, "--by", "rep", "--json").json for period in periods)]


def test_facts_go_out_and_come_in_to_the_same_figures(lively, tmp_path):
    facts, process, fresh = (str(tmp_path / name) for name in ("facts.csv", "process.toml", "fresh.db"))
    assert lively("export", "-o", facts).code == 0
    assert lively("processes", "b2b", "--toml", "-o", process, "--format", "table").code == 0
    assert lively("--db", fresh, "define-process", process).code == 0
    for rep in ("anna", "ben"):
        lively("--db", fresh, "add-rep", rep, "--name", rep.title(), "--from", "2024-01-01")
    said = lively("--db", fresh, "import", facts, "--complete-history", "--json")
    assert said.code == 0
    assert said.json["left_out"]["count"] == 0
    assert figures(lively, "--db", fresh)[0] == figures(lively)[0]
    counts = [
        [(one["count"], one["reached"]) for one in ms_kpis["processes"][0]["milestones"]]
        for options in (("--db", fresh), ())
        for ms_kpis in figures(lively, *options)[1:]
    ]
    half = len(counts) // 2
    assert counts[:half] == counts[half:]
    again = lively("--db", fresh, "import", facts, "--json").json
    assert (again["facts"], again["left_out"]["count"]) == (0, 0)
    assert lively("import", facts, "--json").json["facts"] == 0


@pytest.mark.parametrize("name", ["facts.csv", "facts.tsv"])
def test_no_text_can_be_read_as_a_formula_and_raw_leaves_it(lively, tmp_path, name):
    path = tmp_path / name
    lively("export", "-o", str(path))
    rows = list(csv.reader(io.StringIO(path.read_text()), delimiter="\t" if name.endswith("tsv") else ","))
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    lively("export", "-o", str(path), "--raw")
    assert "'=HYPERLINK" not in path.read_text()
    assert "=HYPERLINK" in path.read_text()


def test_a_book_goes_out_and_comes_in_to_the_same_figures(lively, tmp_path):
    book, fresh, second = (str(tmp_path / name) for name in ("book.json", "fresh.db", "second.json"))
    before = figures(lively)
    assert lively("export", "-o", book).code == 0
    said = lively("--db", fresh, "import", book, "--json")
    assert said.code == 0
    assert figures(lively, "--db", fresh) == before
    for command in (["log"], ["targets"], ["reps"], ["processes"], ["cascade"], ["show", "acme"], ["show", "gamma"]):
        assert lively("--db", fresh, *command, "--json").out == lively(*command, "--json").out
    assert lively("--db", fresh, "check").code == 0
    lively("export", "-o", book)
    lively("--db", fresh, "export", "-o", second)
    without = [
        [line for line in Path(name).read_text().splitlines() if "made_at" not in line] for name in (book, second)
    ]
    assert without[0] == without[1]


EVERYTHING = (
    ("kpis", "--by", "rep"), ("kpis", "--explain"), ("rates", "--by", "rep"), ("rates", "--by", "version"),
    ("cascade",), ("forecast", "--months", "2"), ("opportunities",), ("health",), ("dead-horses",), ("next",), ("log",),
    ("targets",), ("backtest", "--months", "2", "--origins", "3"), ("processes",), ("reps",), ("show", "1"),
    ("show", "700", "--explain"),
)  # fmt: skip


def test_the_demo_as_a_whole_book_says_the_same_in_every_command(ms, demo, tmp_path):
    book, fresh = (str(tmp_path / name) for name in ("book.json", "fresh.db"))
    before = {words: ms(*words, "--json", "--db", demo).out for words in EVERYTHING}
    assert all(before.values())
    ms("export", "-o", book, "--db", demo)
    assert ms("import", book, "--db", fresh).code == 0
    for words, said in before.items():
        assert ms(*words, "--json", "--db", fresh).out == said, words


def test_the_demos_facts_bring_the_same_arrivals_rates_and_forecast(ms, demo, tmp_path):
    facts, fresh = (str(tmp_path / name) for name in ("facts.csv", "fresh.db"))
    for key in ("b2b", "smb"):
        process = str(tmp_path / f"{key}.toml")
        ms("processes", key, "--toml", "-o", process, "--format", "table", "--db", demo)
        assert ms("define-process", process, "--db", fresh).code == 0
    ms("export", "-o", facts, "--db", demo)
    assert ms("import", facts, "--complete-history", "--db", fresh).code == 0
    for words in (("rates", "--by", "rep"), ("forecast", "--months", "2"), ("kpis", "--period", "2026")):
        assert ms(*words, "--json", "--db", fresh).out == ms(*words, "--json", "--db", demo).out, words
    listed = [
        sorted(({**one, "number": 0} for one in ms("opportunities", "--json", "--db", book).json["opportunities"]),
               key=lambda one: one["key"])
        for book in (demo, fresh)
    ]  # fmt: skip
    assert listed[0] == listed[1]


def test_without_a_file_csv_goes_to_standard_output(lively):
    said = lively("export")
    assert said.out.startswith("opportunity,milestone,date,value,customer")
    assert lively("export", "--format", "tsv").out.startswith("opportunity\tmilestone")


def test_one_process_alone(lively, write, process_of):
    write(lambda ledger: ledger.define(process_of("smb"), on=20000, valid_from=None))
    lively("add", "Small", "--process", "smb")
    rows = list(csv.DictReader(io.StringIO(lively("export", "--process", "smb").out)))
    assert [row["opportunity"] for row in rows] == ["small"]
    assert lively("export", "--process", "nope").code == ExitCode.REFUSED


def test_days_to_look_again_are_said_to_be_missing(lively, tmp_path):
    said = lively("export", "-o", str(tmp_path / "facts.csv"))
    assert "1 day to look at a lost one again is not in it: only book.json has it." in said.err


def test_other_forms_are_refused(lively, tmp_path):
    assert lively("export", "-o", str(tmp_path / "facts.md")).code == ExitCode.USAGE
    assert lively("export", "--process", "b2b", "--json").code == ExitCode.USAGE


def test_a_workbook_of_facts_comes_in_to_the_same_figures(lively, tmp_path):
    facts, process, fresh = (str(tmp_path / name) for name in ("facts.xlsx", "process.toml", "fresh.db"))
    assert lively("export", "-o", facts).code == 0
    lively("processes", "b2b", "--toml", "-o", process, "--format", "table")
    lively("--db", fresh, "define-process", process)
    for rep in ("anna", "ben"):
        lively("--db", fresh, "add-rep", rep, "--name", rep.title(), "--from", "2024-01-01")
    assert lively("import", facts, "--json").json["facts"] == 0
    said = lively("--db", fresh, "import", facts, "--complete-history", "--json")
    assert said.json["left_out"]["count"] == 0
    assert figures(lively, "--db", fresh)[0] == figures(lively)[0]


def test_a_workbook_of_facts_has_real_days_and_amounts_and_no_formula(lively, tmp_path):
    path = tmp_path / "facts.xlsx"
    lively("export", "-o", str(path))
    lively("export", "-o", str(tmp_path / "facts.csv"))
    sheet = openpyxl.load_workbook(path).active
    head, *rows = sheet.iter_rows()
    place = {cell.value: number for number, cell in enumerate(head)}
    assert {type(row[place["date"]].value) for row in rows} == {datetime}
    assert {type(row[place["value"]].value) for row in rows} <= {int, float, type(None)}
    assert all(cell.data_type != "f" for row in rows for cell in row)
    assert "'=HYPERLINK(1)" in [row[place["customer"]].value for row in rows]
    in_csv = list(csv.DictReader(io.StringIO((tmp_path / "facts.csv").read_text())))
    assert [row[place["customer"]].value or "" for row in rows] == [line["customer"] for line in in_csv]


def plain_copy(ms, path: Path):
    """Write a plain copy."""
    return ms("export", "--sql", "-o", str(path))


def test_a_plain_copy_says_what_the_views_of_the_book_say(lively, tmp_path, path):
    copy = tmp_path / "book.sqlite"
    assert plain_copy(lively, copy).code == 0
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    for view in ("v_milestones", "v_opportunities", "v_arrivals", "v_sections"):
        with closing(sqlite3.connect(copy)) as copied, closing(sqlite3.connect(path)) as book:
            columns = ", ".join(column[1] for column in copied.execute(f"PRAGMA table_info({view})"))
            query = f"SELECT {columns} FROM {view}"  # noqa: S608 - our own names
            rows = copied.execute(query).fetchall()
            assert rows
            assert sorted(rows, key=repr) == sorted(book.execute(query).fetchall(), key=repr)
    with closing(sqlite3.connect(copy)) as copied:
        row = copied.execute("SELECT value, currency, typeof(value), lost_on FROM v_opportunities WHERE key = 'acme'")
        assert row.fetchone() == (15000.0, "EUR", "real", None)
        assert copied.execute("SELECT type FROM sqlite_schema WHERE type = 'trigger'").fetchall() == []
        assert copied.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_plain_copy_replaces_an_older_one_and_no_other_database(lively, tmp_path, path):
    copy, other = tmp_path / "book.sqlite", tmp_path / "other.sqlite"
    assert plain_copy(lively, copy).code == 0
    lively("add", "Delta", "--on", "2026-10-01")
    assert plain_copy(lively, copy).code == 0
    with closing(sqlite3.connect(copy)) as copied:
        assert copied.execute("SELECT count(*) FROM v_opportunities WHERE key = 'delta'").fetchone() == (1,)
    with closing(sqlite3.connect(other)) as made:
        made.execute("CREATE TABLE a (b)")
    for kept in (other, path):
        before = kept.read_bytes()
        assert lively("export", "--sql", "-o", str(kept)).code == ExitCode.FILE
        assert kept.read_bytes() == before
    assert lively("--db", str(copy), "add", "Omega").code == ExitCode.FILE
    (tmp_path / "book.sqlite-wal").write_bytes(b"x")
    assert plain_copy(lively, copy).code == ExitCode.FILE


@pytest.mark.parametrize(
    "wrong", [(), ("-o", "-"), ("-o", "a.sqlite", "--json"), ("-o", "a.sqlite", "--as-of", "2026-01-01")]
)
def test_a_plain_copy_needs_a_file_and_takes_nothing_that_it_cannot_do(lively, wrong):
    assert lively("export", "--sql", *wrong).code == ExitCode.USAGE


@pytest.mark.parametrize("broken", ["'{not json'", "replace(payload, 'planned', 'measured')"])
def test_a_damaged_snapshot_stays_out_of_a_whole_book(lively, path, tmp_path, broken):
    assert lively("kpis").code == 0
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute(f"UPDATE snapshot SET payload = {broken}").rowcount > 0  # noqa: S608
        raw.commit()
    whole, fresh = tmp_path / "book.json", str(tmp_path / "fresh.db")
    assert lively("export", "-o", str(whole)).code == 0
    assert json.loads(whole.read_text())["snapshot"] == []
    assert lively("--db", fresh, "import", str(whole)).code == 0
    assert lively("--db", fresh, "check").code == 0


def test_the_whole_book_is_written_whatever_process_is_set_as_the_usual_one(lively, tmp_path):
    assert lively("config", "set", "process", "gone").code == 0
    assert lively("export", "-o", str(tmp_path / "book.json")).code == 0
    assert lively("export", "-o", str(tmp_path / "facts.csv")).code == ExitCode.REFUSED
