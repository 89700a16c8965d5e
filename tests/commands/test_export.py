"""`ms export`, and the way back in."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import stat
import zipfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from milestone_cli.errors import ExitCode

HOSTILE = [
    "=HYPERLINK(1)",
    "+1",
    "-2",
    "@x",
    "'=1",
    "'t Hooft",
    "[red]x[/red]",
    "a,b",
    'say "x"',
    "a;b",
    "\u202eabc",
    "<script>",
]


@pytest.fixture
def lively(team, tmp_path):
    """`ms` on a file with every kind of fact: implied, standing, lost, reopened, revalued, assigned, undone."""
    team("add", "Acme", "--value", "10k", "--rep", "anna", "--on", "2026-01-05")
    team("advance", "acme", "3", "--said", "=1+1", "--by", "The boss", "--on", "2026-02-01", "--value", "12k")
    team("advance", "acme", "2", "--wrote", "Come by", "--on", "2026-02-01")
    team("revalue", "acme", "15k", "--on", "2026-03-01")
    team("assign", "acme", "ben", "--on", "2026-03-02")
    team("lose", "acme", "--reason", "-no budget", "--on", "2026-04-01", "--revisit", "2026-12-24")
    team("reopen", "acme", "--on", "2026-05-01")
    team("advance", "acme", "5", "--on", "2026-06-01")
    team("add", "Beta", "--on", "2026-09-01", "--rep", "ben")
    team("standing", "beta", "2", "--since", "2026-03-03", "--on", "2026-09-01")
    team("add", "Gamma", "--reached", "1", "--on", "2026-10-01")
    team("advance", "gamma", "2", "--on", "2026-10-05")
    team("undo", "--yes")
    facts = io.StringIO()
    writer = csv.writer(facts)
    writer.writerow(["opportunity", "milestone", "date", "value", "customer", "title", "evidence", "text"])
    for number, name in enumerate(HOSTILE):
        said = f"'{name}" if name == "'=1" else name
        writer.writerow([f"h{number}", 0, "2026-10-01", "1000", said, said, "", ""])
        writer.writerow([f"h{number}", 1, "2026-10-02", "", "", "", "did", said])
    path = tmp_path / "hostile.csv"
    path.write_text(facts.getvalue())
    assert team("import", str(path), "--complete-history").code == 0
    assert team("show", "h4", "--json").json["customer"] == "'=1"
    return team


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
    assert "1 days" in said.err or "1 day" in said.err


def test_other_forms_are_refused(lively, tmp_path):
    assert lively("export", "-o", str(tmp_path / "facts.md")).code == ExitCode.USAGE
    assert lively("export", "--process", "b2b", "--json").code == ExitCode.USAGE


def unpacked(path: Path) -> bytes:
    """Return what a file says, of a workbook all parts but its looks, which are the same in every one."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"".join(
            archive.read(name) for name in archive.namelist() if not name.startswith(("xl/theme", "xl/styles"))
        )


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


SAID = ["Acme", "acme", "Beta", "Gamma", "anna", "Anna", "Ben", "The boss", "Come by", "no budget", "HYPERLINK",
        "Hooft", "[red]", 'say "x"', "script>", "script&gt;", "abc", "b2b", "B2B", "invited"]  # fmt: skip
FORMS = ("facts.csv", "facts.tsv", "facts.xlsx", "book.sqlite")


def written(ms, path: Path, *options: str):
    """Export into `path` in the form that its name says."""
    return ms("export", "-o", str(path), *options, *(["--sql"] if path.suffix == ".sqlite" else []))


@pytest.mark.parametrize("name", FORMS)
def test_nothing_of_a_name_is_in_an_anonymous_export(lively, tmp_path, name):
    assert written(lively, tmp_path / name).code == 0
    open_ones = unpacked(tmp_path / name)
    hidden = tmp_path / f"anonymous-{name}"
    assert written(lively, hidden, "--anonymous").code == 0
    facts = csv.DictReader(io.StringIO(lively("export").out))
    ids = [row["external_id"] for row in facts]
    found = unpacked(hidden)
    assert not [word for word in [*SAID, *ids] if word.encode() in found]
    assert b"Acme" in open_ones
    assert ids[0].encode() in open_ones


@pytest.mark.parametrize("name", FORMS)
def test_nothing_of_the_demos_names_is_in_an_anonymous_export(ms, tmp_path, name):
    book = str(tmp_path / "demo.db")
    assert ms("demo", "--db", book).code == 0
    rows = list(csv.DictReader(io.StringIO(ms("--db", book, "export").out)))
    columns = ("opportunity", "customer", "title", "rep", "process", "reason", "text", "by", "ref", "external_id")
    said = {row[column] for row in rows for column in columns} | {row["milestone"] for row in rows}
    said |= {ms("--db", book, "processes", "--json").json["processes"][0]["title"]}
    assert len(said) > 1000
    assert written(lambda *argv: ms("--db", book, *argv), tmp_path / name, "--anonymous").code == 0
    found = unpacked(tmp_path / name).decode("utf-8", "replace")
    near = [word for word in said - {"", "0"} if word in found]
    assert not [word for word in near if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", found)]


def test_an_anonymous_export_keeps_days_and_structure_and_scales_amounts_by_one_factor(lively):
    before = list(csv.DictReader(io.StringIO(lively("export").out)))
    after = list(csv.DictReader(io.StringIO(lively("export", "--anonymous").out)))
    for column in ("date", "outcome", "evidence", "since"):
        assert [row[column] for row in before] == [row[column] for row in after]
    for column in ("opportunity", "customer", "rep", "by"):
        pairs = {(one[column], other[column]) for one, other in zip(before, after, strict=True)}
        assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})
    amounts = [
        (float(one["value"]), float(other["value"])) for one, other in zip(before, after, strict=True) if one["value"]
    ]
    factor = amounts[0][1] / amounts[0][0]
    assert 0.5 <= factor <= 2
    assert all(other == pytest.approx(one * factor, abs=0.02) for one, other in amounts)


def test_an_anonymous_export_comes_into_a_book_with_the_same_counts(lively, tmp_path):
    facts, process, fresh = (str(tmp_path / name) for name in ("facts.csv", "process.toml", "fresh.db"))
    lively("export", "--anonymous", "-o", facts)
    milestones = "".join(f'[[milestone]]\nkey = "m{place}"\nname = "M {place}"\n' for place in range(1, 6))
    Path(process).write_text(f'name = "p1"\ncurrency = "EUR"\n{milestones}')
    assert lively("--db", fresh, "define-process", process).code == 0
    said = lively("--db", fresh, "import", facts, "--complete-history", "--json")
    assert said.code == 0
    assert lively("--db", fresh, "check").code == 0
    ours, theirs = figures(lively)[2:], figures(lively, "--db", fresh)[2:]
    for one, other in zip(ours, theirs, strict=True):
        counts = [
            [(row["count"], row["reached"] is None) for row in said["processes"][0]["milestones"]]
            for said in (one, other)
        ]
        assert [count for count, _ in counts[0]] == [count for count, _ in counts[1]]


def test_a_whole_book_is_not_made_anonymous(lively, tmp_path):
    said = lively("export", "--anonymous", "-o", str(tmp_path / "book.json"))
    assert said.code == ExitCode.USAGE
    assert "facts.csv" in said.err
    assert not (tmp_path / "book.json").exists()


def test_a_plain_copy_says_what_the_views_of_the_book_say(lively, tmp_path, path):
    copy = tmp_path / "book.sqlite"
    assert written(lively, copy).code == 0
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
    assert written(lively, copy).code == 0
    lively("add", "Delta", "--on", "2026-10-01")
    assert written(lively, copy).code == 0
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
    assert written(lively, copy).code == ExitCode.FILE


@pytest.mark.parametrize(
    "wrong", [(), ("-o", "-"), ("-o", "a.sqlite", "--json"), ("-o", "a.sqlite", "--as-of", "2026-01-01")]
)
def test_a_plain_copy_needs_a_file_and_takes_nothing_that_it_cannot_do(lively, wrong):
    assert lively("export", "--sql", *wrong).code == ExitCode.USAGE
