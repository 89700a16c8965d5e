"""Delimited text from anywhere."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.domain.money import currency
from milestone_cli.domain.process import Milestone, Process, ProcessHistory
from milestone_cli.domain.setup import Setup
from milestone_cli.errors import MsError, RuleBroken
from milestone_cli.exchange.native import COLUMNS, NativeLines
from milestone_cli.exchange.reader import BadLines, UnreadableFile, looks_like_json, open_table, without_guard
from milestone_cli.render.csv import guarded

TEXT = "opportunity,milestone,date\nMüller,1,2026-01-05\n"


def rows_of(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]], BadLines]:
    bad = BadLines("x.csv")
    with open_table(io.BytesIO(content), "x.csv") as table:
        return table.header, list(table.rows(bad)), bad


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encoding_and_separator_are_found(encoding, separator):
    header, rows, bad = rows_of(TEXT.replace(",", separator).encode(encoding))
    assert header == ["opportunity", "milestone", "date"]
    assert rows == [(2, ["Müller", "1", "2026-01-05"])]
    assert bad.count == 0


def test_lines_count_in_the_file_even_where_a_cell_has_several():
    _, rows, _ = rows_of(b'sep=,\na,b\n\n"x\ny",1\nz,2\n')
    assert [number for number, _ in rows] == [4, 6]


def test_a_short_row_is_taken_and_a_long_one_is_not():
    _, rows, bad = rows_of(b"a,b\n1\n1,2,\n1,2,3\n")
    assert rows == [(2, ["1"]), (3, ["1", "2"])]
    assert bad.first == [(4, "it has 3 cells, the header 2")]


def test_an_open_quote_is_a_bad_line():
    _, _, bad = rows_of(b'a,b\n1,"2\n3,4\n')
    assert bad.first == [(2, "a quote is opened and not closed")]


def test_a_line_that_is_bad_twice_for_the_same_reason_counts_once():
    bad = BadLines("x.csv")
    for line, reason in [(9, "no day"), (10, "no day"), (9, "no day"), (9, "no amount")]:
        bad.add(line, reason)
    assert bad.first == [(9, "no day"), (10, "no day"), (9, "no amount")]
    assert bad.count == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04xxxx", "workbook"),
        (b"\xd0\xcf\x11\xe0xxxx", "workbook"),
        (b"SQLite format 3\x00", "database"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_files_of_other_kinds_are_named(content, said):
    with pytest.raises(RuleBroken, match=said):
        rows_of(content)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(content):
    with pytest.raises(UnreadableFile, match="empty"):
        rows_of(content)


def test_json_is_seen_by_its_first_brace():
    assert looks_like_json(io.BytesIO(b'\xef\xbb\xbf {"format": 1}'))
    assert not looks_like_json(io.BytesIO(b"opportunity,milestone,date"))


@given(st.text(max_size=20))
def test_the_guard_of_export_is_taken_away_by_import(text):
    assert without_guard(guarded(text)) == text


def setup_of_one_process() -> Setup:
    process = Process(
        key="b2b",
        title="B2B",
        currency=currency("EUR"),
        milestones=(Milestone(key="a", name="A"), Milestone(key="b", name="B")),
    )
    return Setup({"b2b": ProcessHistory.of("b2b", [(process, 0, None)])})


def native(content: bytes) -> NativeLines:
    lines = NativeLines("x.csv", setup=setup_of_one_process(), process=None, today=20_780, clock=20_780, known={})
    with open_table(io.BytesIO(content), "x.csv") as table:
        lines.read(table, lambda _done: None)
    return lines


CELL = st.one_of(
    st.sampled_from(
        ["", "1", "2", "0", "acme", "2026-01-05", "lost", "standing", "said", "100.00", "'=1", "-5", "nan", "b2b"]
    ),
    st.text(max_size=8),
)


@given(st.lists(st.lists(CELL, min_size=1, max_size=len(COLUMNS) + 1), max_size=6), st.sampled_from([",", ";", "\t"]))
def test_no_table_makes_a_traceback(rows, separator):
    text = "\n".join(separator.join(row) for row in [list(COLUMNS), *rows])
    try:
        gathering = native(text.encode("utf-8", "surrogatepass")).gathering
    except MsError:
        return
    assert sum(len(one.lines) for one in gathering.opportunities.values()) == gathering.lines


@given(st.binary(max_size=300))
def test_no_bytes_make_a_traceback(content):
    try:
        native(content)
    except MsError:
        return
