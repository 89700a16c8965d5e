"""Workbooks: numbers are numbers, lamps have their colours, and nothing is a formula."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree as ET

import pytest
from tests.render.conftest import EUR, HOSTILE

from milestone_cli.domain.day import day_of
from milestone_cli.domain.lamps import Lamp
from milestone_cli.domain.money import Currency
from milestone_cli.errors import RuleBroken
from milestone_cli.render import xlsx
from milestone_cli.render.csv import guarded
from milestone_cli.render.xlsx import as_xlsx
from milestone_cli.reports.table import CellKind, Column, Document, Money, Sentence, Table, Value, month_word

SPACE = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


class Opened:
    """A workbook taken apart: cells by sheet, and the raw parts."""

    def __init__(self, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            self.parts = {name: book.read(name).decode() for name in book.namelist()}
        strings = ET.fromstring(self.parts["xl/sharedStrings.xml"])  # noqa: S314 - our own
        self.strings = ["".join(one.itertext()) for one in strings.findall("s:si", SPACE)]
        self.names = re.findall(r'<sheet name="([^"]+)"', self.parts["xl/workbook.xml"])

    def sheet(self, number: int = 1) -> ET.Element:
        return ET.fromstring(self.parts[f"xl/worksheets/sheet{number}.xml"])  # noqa: S314 - our own

    def cells(self, number: int = 1) -> dict[str, object]:
        """Return the values by place: a float for a number, a text for a text."""
        found: dict[str, object] = {}
        for cell in self.sheet(number).iterfind(".//s:c", SPACE):
            value = cell.find("s:v", SPACE)
            if value is not None:
                text = value.text or ""
                found[cell.attrib["r"]] = self.strings[int(text)] if cell.get("t") == "s" else float(text)
        return found


def book_of(kind: CellKind, *values, currency: Currency | None = EUR, digits: int = 0) -> Opened:
    column = Column("x", "X", kind, digits=digits)
    table = Table(title="T", columns=(column,), rows=tuple((value,) for value in values), currency=currency)
    return Opened(as_xlsx(Document(tables=(table,)), locale="de_DE"))


def test_hostile_text_is_text_guarded_as_in_csv_and_nothing_is_a_formula(hostile):
    opened = Opened(as_xlsx(hostile, locale="de_DE"))
    assert not any("<f>" in part for name, part in opened.parts.items() if "worksheets" in name)
    shown = set(opened.cells().values())
    for name in HOSTILE:
        if name.isprintable():
            assert guarded(name) in shown
    assert not any(isinstance(text, str) and text.startswith("=") for text in shown)
    assert not any("\x1b" in part for part in opened.parts.values())


@pytest.mark.parametrize(
    ("kind", "value", "written", "form"),
    [
        (CellKind.COUNT, 12_345, 12_345, "#,##0"),
        (CellKind.NUMBER, 1.25, 1.25, "#,##0.0"),
        (CellKind.RATE, 0.43, 0.43, "0.0%"),
        (CellKind.MONEY, 123_456_00, 123_456, '#,##0 "EUR"'),
        (CellKind.MONEY, 123_456_78, 123_456.78, '#,##0.00 "EUR"'),
        (CellKind.ABOUT, 123_456_78, 123_456.78, '#,##0 "EUR"'),
        (CellKind.MONEY, Money(5000, Currency("JPY", 0)), 5000, '#,##0 "JPY"'),
        (CellKind.DAY, day_of(2026, 11, 23), 46_349, "yyyy-mm-dd"),
        (CellKind.MONTH, 2026 * 12 + 10, 46_327, "mmm yyyy"),
    ],
)
def test_a_number_is_a_number_in_the_form_of_its_kind(kind, value, written, form):
    digits = 1 if kind in {CellKind.NUMBER, CellKind.RATE} else 0
    opened = book_of(kind, value, digits=digits)
    assert opened.cells()["A4"] == pytest.approx(written)
    assert form in opened.parts["xl/styles.xml"].replace("&quot;", '"')


def test_a_month_is_a_date_wherever_it_stands():
    month = 2026 * 12 + 10
    columns = (Column("span", "Span", CellKind.WORD), Column("m", month_word(month), CellKind.COUNT))
    rows = ((month_word(month), 1), (Sentence("{} running", (Value(month, CellKind.MONTH),)), 2))
    opened = Opened(as_xlsx(Document(tables=(Table(title="T", columns=columns, rows=rows),)), locale="de_DE"))
    cells = opened.cells()
    assert (cells["B3"], cells["A4"], cells["A5"]) == (46_327, 46_327, "Nov. 2026 läuft")
    assert book_of(CellKind.MONTH, (month, month + 2)).cells()["A4"] == "Nov. 2026 bis Jan. 2027"


def test_a_trend_is_a_sparkline_beside_its_figures():
    columns = (Column("trend", "Trend", CellKind.SPARK), Column("n", "N", CellKind.COUNT))
    rows = (((100, 250), 1), ((), 2))
    opened = Opened(
        as_xlsx(Document(tables=(Table(title="T", columns=columns, rows=rows, currency=EUR),)), locale="en")
    )
    cells = opened.cells()
    assert [cells.get(place) for place in ("A4", "C3", "D3", "C4", "D4", "C5")] == [
        None, "Trend 1", "Trend 2", 1.0, 2.5, None,
    ]  # fmt: skip
    assert "T!C4:D4" in opened.parts["xl/worksheets/sheet1.xml"]


def test_what_is_no_number_is_not_made_one():
    assert book_of(CellKind.NAME, "007").cells()["A4"] == "007"
    assert book_of(CellKind.DAY, day_of(1899, 1, 1)).cells()["A4"] == "1899-01-01"
    assert "A4" not in book_of(CellKind.MONEY, None).cells()
    assert book_of(CellKind.BOOL, value := True).cells()["A4"] == value


def test_a_lamp_has_shape_word_and_a_colour_that_follows_the_word():
    opened = book_of(CellKind.LAMP, Lamp.GREEN, Lamp.RED)
    assert [opened.cells()[place] for place in ("A4", "A5")] == ["● grün", "■ rot"]
    rules = opened.sheet().findall(".//s:cfRule", SPACE)
    assert {rule.get("text") for rule in rules} == {"grün", "gelb", "rot"}


def test_every_table_has_its_sheet_with_a_name_of_its_own():
    column = Column("x", "X", CellKind.COUNT)
    titles = ("a/b: [c]*?" * 9, "A/B: [c]*?" * 9, "'", "History")
    tables = [Table(title=title, columns=(column,), rows=()) for title in titles]
    tables += [Table(title="t", name=name, columns=(column,), rows=()) for name in ("same", "Same")]
    opened = Opened(as_xlsx(Document(tables=tuple(tables), after=("=1+1",)), locale="en_US"))
    assert len({name.casefold() for name in opened.names}) == len(tables)
    assert all(0 < len(name) <= 31 for name in opened.names)
    assert opened.names[-2:] == ["same", "6 Same"]
    assert "'=1+1" in opened.cells(6).values()


def test_a_document_without_tables_is_a_sheet_with_its_remarks():
    opened = Opened(as_xlsx(Document(before=("Nothing.",)), locale="en_US"))
    assert list(opened.cells().values()) == ["Nothing."]


def test_the_same_document_gives_the_same_bytes(hostile):
    assert as_xlsx(hostile, locale="en_US") == as_xlsx(hostile, locale="en_US")


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch):
    monkeypatch.setattr(xlsx, "MOST_ROWS", 1)
    with pytest.raises(RuleBroken, match="more rows than a sheet"):
        book_of(CellKind.COUNT, 1, 2)
