"""Workbooks as sheets of text; hostile ones are refused in one sentence and before they grow."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milestone_cli.errors import ExtraMissing, MsError
from milestone_cli.exchange import workbook
from milestone_cli.exchange.reader import BadLines, UnreadableFile
from milestone_cli.exchange.sheets import open_sheet, open_sheets

SHEET = "xl/worksheets/sheet1.xml"


def made(*rows, more: Callable[[openpyxl.Workbook], None] = lambda _book: None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    more(book)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def changed(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook with one of its parts rewritten."""
    raw = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            new.writestr(item.filename, change(old.read(item)) if item.filename == part else old.read(item))
    return raw.getvalue()


def sheet_of(xml: str) -> bytes:
    """Return a workbook whose sheet holds this between its own tags."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return changed(made(["a"]), SHEET, lambda _: f'<worksheet xmlns="{space}">{xml}</worksheet>'.encode())


def read(content: bytes) -> list[tuple[str, list[str], list[tuple[int, list[str]]]]]:
    with open_sheets(io.BytesIO(content), "list.xlsx") as sheets:
        return [(sheet.source, sheet.header, list(sheet.rows(BadLines("x")))) for sheet in sheets]


def refused(content: bytes) -> str:
    with pytest.raises(UnreadableFile) as error:
        read(content)
    return error.value.message


def test_cells_become_the_text_that_a_file_would_have():
    rows = read(
        made(
            ["Firma", "Wert", "Am", "Um", "Ja"],
            ["Beispiel AG", 120000.0, datetime(2026, 11, 20), time(9, 30), True],  # noqa: DTZ001
            ["x", 0.1 + 0.2, datetime(2026, 11, 20, 14, 5), 1795217400000, False],  # noqa: DTZ001
            ["y", 120.125, date(2026, 1, 2), timedelta(days=1), None],
        )
    )
    assert rows[0][1] == ["Firma", "Wert", "Am", "Um", "Ja"]
    assert [cells for _number, cells in rows[0][2]] == [
        ["Beispiel AG", "120000", "2026-11-20", "09:30:00", "true"],
        ["x", "0.3", "2026-11-20 14:05:00", "1795217400000", "false"],
        ["y", "120.1250", "2026-01-02", "1 day, 0:00:00"],
    ]


def test_rows_have_the_numbers_of_the_sheet_and_blank_ones_are_left_out():
    ((source, header, rows),) = read(made([], ["a", "b"], [], ["1", None], [None, "2"]))
    assert (source, header) == ("list.xlsx", ["a", "b"])
    assert rows == [(4, ["1"]), (5, ["", "2"])]


def test_every_visible_sheet_is_handed_out_with_its_name():
    def more(book):
        book.create_sheet("Second").append(["c"])
        hidden = book.create_sheet("Hidden")
        hidden.append(["d"])
        hidden.sheet_state = "hidden"
        book.create_sheet("Empty")

    assert [one[0] for one in read(made(["a"], more=more))] == ["list.xlsx, sheet Sheet", "list.xlsx, sheet Second"]


def test_a_row_wider_than_its_header_is_reported():
    bad = BadLines("x")
    with open_sheet(io.BytesIO(made(["a"], ["1", "2"], ["3"])), "x") as sheet:
        assert list(sheet.rows(bad)) == [(3, ["3"])]
    assert bad.first == [(2, "it has 2 cells, the header 1")]


def test_merged_cells_say_their_text_once():
    rows = read(made(["a", "b"], ["1", None], more=lambda book: book.active.merge_cells("A2:B2")))
    assert rows[0][2] in ([(2, ["1"])], [(2, ["1", ""])])


def test_the_last_result_of_a_formula_is_read_and_one_without_is_refused():
    cell = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
    with_result = sheet_of(f'{cell}<row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row></sheetData>')
    assert read(with_result)[0][2] == [(2, ["2"])]
    for formula in ("<f>1+1</f>", '<f t="shared" si="0"/>'):
        without = sheet_of(f'{cell}<row r="2"><c r="A2">{formula}</c></row></sheetData>')
        assert "formulas without results" in refused(without)


def test_links_to_other_files_are_not_followed():
    link = changed(
        made(["a"]), "xl/workbook.xml", lambda xml: xml.replace(b"</workbook>", b"<externalReferences/></workbook>")
    )
    assert read(link)[0][1] == ["a"]


def test_a_sheet_that_says_it_is_huge_is_read_as_it_is():
    big = changed(made(["a"], ["1"]), SHEET, lambda xml: xml.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"'))
    assert read(big)[0][2] == [(2, ["1"])]


def test_a_row_far_below_ends_in_a_sentence():
    cell = '<row r="1"><c r="A1"><v>1</v></c></row><row r="999999999"><c r="A999999999"><v>1</v></c></row>'
    assert "more than 1048576 rows" in refused(sheet_of(f"<sheetData>{cell}</sheetData>"))


def test_a_cell_far_to_the_right_ends_in_a_sentence():
    cell = '<row r="1"><c r="XFD1"><v>1</v></c></row>'
    assert "more than 4096 columns" in refused(sheet_of(f"<sheetData>{cell}</sheetData>"))


def test_what_unpacks_beyond_the_limit_is_refused_unread(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_BYTES", 100_000)
    bomb = changed(made(["a"]), "xl/theme/theme1.xml", lambda _: b" " * 200_000)
    assert "unpacked" in refused(bomb)
    monkeypatch.undo()
    monkeypatch.setattr(workbook, "_PART", 100_000)
    assert "too large to be held" in refused(bomb)


def test_one_endless_row_and_endless_remarks_are_refused():
    row = '<row r="1">' + '<c r="A1"><v>1</v></c>' * 150_000 + "</row>"
    assert "of more than 2 MB" in refused(sheet_of(f"<sheetData>{row}</sheetData>"))
    links = "<hyperlinks>" + '<hyperlink ref="A1"/>' * 1_000_000 + "</hyperlinks>"
    assert "of more than 2 MB" in refused(sheet_of(f'<sheetData><row r="1"/></sheetData>{links}'))


def test_entities_are_refused():
    laughs = changed(made(["a"]), SHEET, lambda xml: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + xml)
    assert "XML entities" in refused(laughs)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 and more", "damaged workbook, or no workbook at all"),
        (changed(made(["a"]), SHEET, lambda xml: xml[: len(xml) // 2]), "cannot be read as a workbook"),
        (changed(made(["a"]), SHEET, lambda _: b"<not>a sheet</not>"), "is empty"),
        (changed(made(["a"]), "[Content_Types].xml", lambda _: b"<Types/>"), "cannot be read as a workbook"),
        (changed(made(["a"]), "xl/workbook.xml", lambda _: b""), "cannot be read as a workbook"),
        (made(), "is empty"),
    ],
)
def test_what_is_no_workbook_is_said_so(content, said):
    assert said in refused(content)


def test_a_spreadsheet_of_another_program_is_said_so():
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert "another program" in refused(raw.getvalue())


def test_without_the_extra_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(workbook, "find_spec", lambda _name: None)
    with pytest.raises(ExtraMissing) as error:
        read(made(["a"]))
    assert "openpyxl" in error.value.message
    assert "[excel]" in error.value.hint


BOOK = made(["id", "stage"], ["1", "A"], ["2", datetime(2026, 1, 2)])  # noqa: DTZ001
PARTS = zipfile.ZipFile(io.BytesIO(BOOK)).namelist()


@settings(max_examples=60)
@given(
    part=st.sampled_from(PARTS),
    begin=st.integers(0, 4000),
    length=st.integers(0, 40),
    filling=st.one_of(st.binary(max_size=20), st.sampled_from([b"", b"<", b'r="B1"', b"</row>", b"\xff", b"99999999"])),
)
def test_a_workbook_with_any_damage_is_read_or_refused(part, begin, length, filling):
    hurt = changed(BOOK, part, lambda xml: xml[:begin] + filling + xml[begin + length :])
    try:
        read(hurt)
    except MsError as error:
        assert error.message  # noqa: PT017


@settings(max_examples=60)
@given(st.integers(0, len(BOOK) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_archive_is_read_or_refused(place, bytes_):
    try:
        read(BOOK[:place] + bytes_ + BOOK[place + len(bytes_) :])
    except MsError as error:
        assert error.message  # noqa: PT017
