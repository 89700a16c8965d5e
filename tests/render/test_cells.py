import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.domain.lamps import Lamp
from milestone_cli.domain.money import Currency
from milestone_cli.domain.text import visible
from milestone_cli.render.cells import NONE_SHOWN, one_line, plain, shown, shown_figures, shown_line, shown_row
from milestone_cli.render.csv import guarded
from milestone_cli.render.json import as_json
from milestone_cli.render.markdown import as_markdown
from milestone_cli.render.output import Format, render
from milestone_cli.reports.table import CellKind, Column, Document, Fan, Money, Sentence, Table, Value

EUR = Currency("EUR", 2)
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def of(reached: float | None, goal: int | None) -> Sentence:
    return Sentence("{} of {}", (Value(reached, CellKind.RATE), Value(goal, CellKind.ABOUT, EUR)))


def markdown_cells(line):
    cells = re.split(r"(?<!\\)(?:\\\\)*\|", line) if "\\\\|" in line else re.split(r"(?<!\\)\|", line)
    unescaped = (re.sub(r"\\(.)", r"\1", cell.strip(" ")) for cell in cells[1:-1])
    return [cell.replace("&lt;", "<").replace("&amp;", "&") for cell in unescaped]


def test_every_format_holds_the_same_cells(hostile):
    table = hostile.tables[0]
    for_readers = [shown_row(row, table, "en_US") for row in table.rows]
    for_programs = [
        [plain(cell, column.kind, currency=table.currency) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]
    from_csv = list(csv.reader(io.StringIO(render(hostile, Format.CSV, locale="en_US"))))[1:]
    from_tsv = [line.split("\t") for line in render(hostile, Format.TSV, locale="en_US").splitlines()][1:]
    from_md = [markdown_cells(x) for x in render(hostile, Format.MD, locale="en_US").splitlines() if x[:1] == "|"][2:]

    def unguarded(row):
        return [re.sub(r"^'(?='*[=+\-@\t\r])", "", cell) if i < 2 else cell for i, cell in enumerate(row)]

    assert [[one_line(cell) for cell in unguarded(row)] for row in from_csv] == [
        [one_line(cell) for cell in row] for row in for_programs
    ]
    assert [unguarded(row) for row in from_tsv] == [[one_line(cell) for cell in row] for row in for_programs]
    assert from_md == for_readers


def test_a_program_reads_no_fewer_digits_than_a_reader():
    columns = (Column("a", "A", CellKind.RATE, digits=4), Column("b", "B", CellKind.NUMBER, digits=6))
    table = Table(title="T", columns=(*columns, Column("c", "C", CellKind.RATE)), rows=((0.1234567, 1 / 3, 1 / 3),))
    assert render(Document(tables=(table,)), Format.CSV, locale="en_US").splitlines()[-1] == "0.123457,0.333333,0.3333"
    assert shown_row(table.rows[0], table, "en_US") == ["12.3457%", "0.333333", "33%"]


@pytest.mark.parametrize("width", [None, 200])
def test_a_screen_wide_enough_shows_every_cell_in_order(hostile, width):
    table = hostile.tables[0]
    lines = render(hostile, Format.TABLE, locale="en_US", width=width).splitlines()
    for row in table.rows:
        line = next(line for line in lines if line.split()[:1] == [row[0]])
        at = 0
        for cell in shown_row(row, table, "en_US"):
            at = line.index(cell.rstrip(), at) + len(cell.rstrip())


@pytest.mark.parametrize("form", [Format.TABLE, Format.TSV, Format.MD, Format.JSON])
@pytest.mark.parametrize("width", [None, 60, 140])
def test_nothing_that_steers_a_terminal_gets_through(hostile, form, width):
    text = render(hostile, form, locale="en_US", width=width)
    assert not UNSEEN.search(text.replace("\t", "") if form is Format.TSV else text)


def test_csv_lets_no_escape_sequence_through_but_keeps_bidi_and_zero_width_as_stored(hostile):
    text = render(hostile, Format.CSV, locale="en_US")
    assert "\x1b" not in text
    assert "\x9b" not in text
    assert "abc\u202edef" in text
    assert "zero\u200bwidth" in text


@pytest.mark.parametrize("kind", CellKind)
def test_no_value_is_a_dash_for_readers_and_empty_for_programs(kind):
    assert shown(None, kind, "en_US", currency=EUR) == NONE_SHOWN
    assert plain(None, kind, currency=EUR) == ""


@pytest.mark.parametrize(
    ("cell", "kind", "reader", "program"),
    [
        (160_000_000, CellKind.MONEY, "1.600.000\xa0€", "1600000.00"),
        (Money(1_600_000, Currency("JPY", 0)), CellKind.MONEY, "1.600.000\xa0¥", "1600000"),
        (0.71, CellKind.RATE, "71\xa0%", "0.71"),
        (1234567, CellKind.COUNT, "1.234.567", "1234567"),
        (20777, CellKind.DAY, "20.11.2026", "2026-11-20"),
        (2027 * 12 + 8, CellKind.MONTH, "Sept. 2027", "2027-09"),
        (Lamp.AMBER, CellKind.LAMP, "▲ gelb", "amber"),
        (True, CellKind.BOOL, "ja", "true"),
        (0.66, CellKind.BAR, "██████▌░░░", "0.66"),
        (of(0.8, 300), CellKind.FIGURES, "80\xa0% von 3\xa0€", "80% of €3"),
        (Fan(p10=100, p50=100, p90=100, end=100, came=0), CellKind.FAN, f"○{'╋':>55}", "1.00 1.00 1.00 0.00 1.00"),
    ],
)
def test_a_german_reader_and_a_program_see_the_same_value(cell, kind, reader, program):
    assert shown(cell, kind, "de_DE", currency=EUR) == reader
    assert plain(cell, kind, currency=EUR) == program


def test_the_values_in_a_column_of_figures_stand_under_one_another():
    column = [
        of(0.8, 130_698_000),
        None,
        of(1.46, 34_510_000),
        of(0, None),
        Sentence("{}", (Value(0.05, CellKind.RATE),)),
    ]
    assert shown_figures(column, "en_US") == [
        " 80% of €1,306,980",
        "-",
        "146% of   €345,100",
        "  0% of          -",
        "  5%              ",
    ]
    assert shown_figures(column[:1], "de_DE") == ["80\xa0% von 1.306.980\xa0€"]
    assert shown_figures([], "en_US") == []


def test_every_lamp_has_a_sign_of_its_own():
    signs = [shown(lamp, CellKind.LAMP, "en_US") for lamp in Lamp]
    assert signs == ["● green", "▲ amber", "■ red", "○ grey"]


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("12", CellKind.COUNT),
        (1.5, CellKind.MONEY),
        ("x", CellKind.NUMBER),
        (1, CellKind.SPARK),
        ((1, 2, 3), CellKind.FAN),
        ("80 %", CellKind.BAR),
        (1, CellKind.FIGURES),
        ("blue", CellKind.LAMP),
        (float("nan"), CellKind.RATE),
        (float("inf"), CellKind.NUMBER),
    ],
)
def test_a_cell_of_the_wrong_kind_is_a_defect(cell, kind):
    with pytest.raises((TypeError, ValueError)):
        plain(cell, kind, currency=EUR)


def test_money_without_a_currency_is_a_defect():
    with pytest.raises(TypeError, match="without a currency"):
        shown(1, CellKind.MONEY, "en_US")


@given(st.text())
def test_one_apostrophe_taken_away_gives_the_guarded_text_back(text):
    written = guarded(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert re.sub(r"^'(?='*[=+\-@\t\r])", "", written) == text


def test_a_negative_number_is_no_formula():
    table = Table(title="T", columns=(Column("missing", "Missing", CellKind.MONEY),), rows=((-500,),), currency=EUR)
    assert render(Document(tables=(table,)), Format.CSV, locale="en_US") == "missing\n-5.00\n"


def test_the_only_cell_of_a_line_is_never_an_empty_line():
    table = Table(title="T", columns=(Column("value", "Value", CellKind.MONEY),), rows=((None,),), currency=EUR)
    assert render(Document(tables=(table,)), Format.CSV, locale="en_US") == 'value\n""\n'


@given(st.dictionaries(st.text(), st.text()))
def test_json_parses_back_to_what_was_written(content):
    text = as_json(content)
    assert json.loads(text) == content
    assert not UNSEEN.search(text)


def test_json_keeps_a_lone_surrogate_and_refuses_nan():
    assert json.loads(as_json({"name": "\udc80"})) == {"name": "\udc80"}
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json({"rate": float("nan")})


def test_a_document_of_lines_alone_reads_the_same_in_a_pipe():
    worth = Sentence("Worth {} now.", (Value(120_000_00, CellKind.MONEY, EUR),))
    document = Document(before=("Recorded \x1b[31m.",), after=(worth,))
    expected = "Recorded \\x1b[31m.\nWorth 120.000\xa0€ now.\n"
    assert render(document, Format.TSV, locale="de_DE") == expected
    assert render(document, Format.CSV, locale="de_DE") == expected
    assert render(document, Format.TABLE, locale="de_DE") == expected.replace("\nWorth", "\n\nWorth")


def test_braces_in_a_value_are_no_template():
    line = Sentence("{} is new.", (Value("{0} {x}", CellKind.NAME),))
    assert shown_line(line, "en_US") == "{0} {x} is new."


@pytest.mark.parametrize("line", ["# no heading", "> no quote", "- no list", "+ no list", "1. no list", "2) no list"])
def test_a_remark_in_markdown_is_only_a_paragraph(line):
    text = as_markdown(Document(before=(line,)), locale="en_US")
    assert re.match(r"\\[#>+-] |\d\\[.)] ", text)


def test_rows_a_report_left_out_are_said_to_every_reader():
    table = Table(title="T", columns=(Column("n", "N", CellKind.COUNT),), rows=((1,),), total_rows=3)
    document = Document(tables=(table,))
    assert "2 more rows are not listed." in render(document, Format.MD, locale="en_US")
    assert "2 more rows are not listed." in render(document, Format.TABLE, locale="en_US")
    assert "2 more rows are not shown" in render(document, Format.TABLE, locale="en_US", width=80)


def test_visible_and_one_line_agree_but_for_breaks():
    assert one_line("a\n\tb\x1b") == visible("a b\x1b")
