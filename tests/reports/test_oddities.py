"""The table of what an import found odd: every kind has its words, and is in the documents."""

from __future__ import annotations

from pathlib import Path

from milestone_cli.exchange.oddities import Oddity
from milestone_cli.reports.oddities import SAID, Odd, OddCase, oddities_json, oddities_table
from milestone_cli.reports.table import in_english

DATA = Path(__file__).parent.parent.parent / "docs" / "data.md"


def test_every_kind_of_oddity_has_its_words():
    assert set(SAID) == {oddity.value for oddity in Oddity}


def test_every_kind_of_oddity_is_in_the_documents():
    text = DATA.read_text(encoding="utf-8")
    assert [name for name in SAID if f"`{name}`" not in text] == []


def test_no_oddities_are_no_table():
    assert oddities_table([]) is None
    assert oddities_json([]) == []


def test_a_row_says_how_many_and_names_the_first():
    case = OddCase("history.csv", 7, "acme", 20_000, (1, 3))
    table = oddities_table([Odd("skipped", 12, [case, OddCase("deals.csv", 2, "beta", None, ())])])
    assert table is not None
    ((what, count, done, examples),) = table.rows
    assert (what, count, done) == ("A stage entered without the ones before", 12, "implied on the same day")
    assert in_english(examples) == "acme (20000), beta"


def test_json_has_the_file_the_line_and_the_milestones():
    (found,) = oddities_json([Odd("skipped", 1, [OddCase("history.csv", 7, "acme", 20_000, (1, 3))])])
    assert found["examples"] == [
        {"file": "history.csv", "line": 7, "opportunity": "acme", "date": "2024-10-04", "milestones": [1, 3]}
    ]
