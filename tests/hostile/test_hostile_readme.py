"""The list of what goes wrong names tests that are there, and every row names one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
PAGE = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
ROWS = [
    line
    for part in PAGE.split("\n## ")[1:]
    for line in part.splitlines()
    if line.startswith("| ")
    and not line.startswith(("| ---", "| what happens |", "| what comes in", "| what is slow by"))
]


def test_there_are_rows_of_the_file_the_input_and_the_cost():
    assert len(ROWS) > 45


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:50].partition(" |")[0])
def test_a_row_names_tests_that_are_there(row: str):
    found = NAMED.findall(row.rpartition(" | ")[2])
    assert found
    for file, name in found:
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert name in {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}, (file, name)


def test_every_test_of_this_directory_is_named_by_a_row_or_sees_to_a_part_of_one():
    files = {path.name for path in Path(__file__).parent.glob("test_*.py")} - {Path(__file__).name}
    assert files <= {Path(file).name for file, _ in NAMED.findall(PAGE)}
