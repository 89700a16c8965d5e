"""`ms export`, and the way back in."""

from __future__ import annotations

import csv
import io
from pathlib import Path

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
