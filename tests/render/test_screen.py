import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from milestone_cli.domain.lamps import Lamp
from milestone_cli.domain.money import Currency
from milestone_cli.render.output import Format, render
from milestone_cli.reports.table import CellKind, Column, Document, Fan, Sentence, Table, Value, View

EUR = Currency("EUR", 2)
COLUMNS = (
    Column("name", "Milestone", CellKind.NAME),
    Column("value", "Reached", CellKind.MONEY),
    Column("why", "Why it is so", CellKind.TEXT, importance=2),
    Column("rate", "Rate", CellKind.RATE, importance=3),
    Column("cases", "Cases", CellKind.COUNT, importance=3),
    Column("lamp", "Lamp", CellKind.LAMP),
)


def document(*rows, columns=COLUMNS):
    return Document(tables=(Table(title="T", columns=columns, rows=rows, currency=EUR),))


def screen(content, width, **more):
    return render(content, Format.TABLE, locale="en_US", width=width, **more)


ROW = ("A decider invites us to a first talk", 160_000_000, "short of what chance alone explains", 0.5, 812, Lamp.RED)


@given(st.integers(min_value=45, max_value=160))
def test_no_line_is_longer_than_the_terminal_and_no_figure_is_cut(width):
    text = screen(document(ROW), width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "€1,600,000" in text
    assert "■ red" in text


@pytest.mark.parametrize("width", [1, 10, 30])
def test_where_even_the_least_does_not_fit_lines_get_longer_rather_than_figures_shorter(width):
    text = screen(document(ROW), width)
    assert "€1,600,000  ■ red" in text


def test_the_least_important_columns_go_first_the_rightmost_of_equals_before_its_left_neighbour():
    dropped = []
    for width in range(140, 30, -1):
        found = re.search(r"Not shown at this width: ([^.]*)\.", " ".join(screen(document(ROW), width).split()))
        names = found[1] if found else ""
        if names not in dropped:
            dropped.append(names)
    assert dropped == ["", "Cases", "Rate, Cases", "Why it is so, Rate, Cases"]


def test_names_are_shortened_with_an_ellipsis_and_words_wrap():
    text = screen(document(ROW), 70)
    lines = text.splitlines()
    assert any("…" in line and "€1,600,000" in line for line in lines)
    assert all(word in text for word in ("short", "of", "what", "chance", "alone", "explains"))


def test_a_terminal_shows_so_many_rows_and_says_how_many_more_there_are():
    rows = [(f"row-{i}", i, None, None, None, Lamp.GREY) for i in range(205)]
    text = screen(document(*rows), 80)
    assert "row-199" in text
    assert "row-200" not in text
    assert "5 more rows are not shown; -o FILE or a pipe holds all." in text
    assert "1 more row is not shown" in screen(document(*rows[:201]), 80)
    assert "row-204" in render(document(*rows), Format.TABLE, locale="en_US")
    assert "row-3" not in screen(document(*rows), 80, row_limit=3)


def test_without_colour_there_is_no_escape_sequence_at_all(hostile, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "20")
    assert "\x1b" not in screen(hostile, 140)
    assert "\x1b[32m● green" in screen(hostile, 140, colour=True)
    assert "\x1b]8" not in screen(hostile, 140, colour=True)


def test_colour_changes_no_letter(hostile):
    coloured = re.sub(r"\x1b\[[0-9;]*m", "", screen(hostile, 140, colour=True))
    assert [line.rstrip() for line in coloured.splitlines()] == screen(hostile, 140).splitlines()


def test_without_a_terminal_nothing_is_cut_and_no_box_is_drawn():
    name = "x" * 200
    text = render(document((name, 1, "word " * 40, 0.5, 1, Lamp.RED)), Format.TABLE, locale="en_US")
    assert name in text
    assert ("word " * 40).strip() in text
    assert len(text.splitlines()) == 3
    assert not re.search("[\u2500-\u257f]", text)


def test_a_path_in_a_remark_is_never_broken():
    path = "/home/anna/.local/share/milestone-cli/" + "x" * 60
    assert path in screen(Document(before=(f"Written to {path} now.",)), 40)


def test_wide_and_combining_letters_keep_the_columns_in_line():
    names = ["plain", "日本語の会社", "Cafe\u0301", "rocket \U0001f680"]
    rows = [(name, 100, None, None, None, Lamp.GREEN) for name in names]
    lines = [line for line in screen(document(*rows), 100).splitlines() if "green" in line]
    assert len({cell_len(line) for line in lines}) == 1


def test_a_document_with_nothing_to_say_is_empty():
    assert screen(Document(), 80) == ""
    assert render(Document(), Format.TABLE, locale="en_US") == ""


SHOWN = (
    Column("name", "Milestone", CellKind.TEXT),
    Column("bar", "", CellKind.BAR, importance=3),
    Column("of_target", "Target", CellKind.FIGURES),
    Column("lamp", "Lamp", CellKind.LAMP),
    Column("fan", "Band", CellKind.FAN, importance=2, legend="A legend to read it by.", folds=True),
)
RATIOS = (0.8, 1.46, None)
LAMPS = (Lamp.AMBER, Lamp.GREEN, Lamp.GREY)
FANS = (Fan(p10=0, p50=50, p90=100, end=100, target=80), Fan(p10=20, p50=20, p90=40, end=100), None)


def viewed() -> Document:
    """Return a table that a terminal shows another way."""
    files = (Column("name", "Milestone", CellKind.TEXT), Column("ratio", "%", CellKind.RATE))
    names = ("Interest shown", "Talk", "Ordered")
    goal = Value(100_000_00, CellKind.ABOUT, EUR)
    cells = [None if one is None else Sentence("{} of {}", (Value(one, CellKind.RATE), goal)) for one in RATIOS]
    table = Table(
        title="T",
        columns=files,
        rows=tuple(zip(names, RATIOS, strict=True)),
        currency=EUR,
        view=View(SHOWN, tuple(zip(names, RATIOS, cells, LAMPS, FANS, strict=True))),
    )
    return Document(tables=(table,))


def test_a_terminal_shows_the_view_and_everything_else_the_table():
    assert screen(viewed(), 100).splitlines()[1:] == [
        "Milestone                             Target  Lamp     Band",
        "─" * 100,
        "Interest shown  ████████░░   80% of €100,000  ▲ amber  ━━━━━━━━━━━━━━━━━━━━━━╋━━━━━━━━━━━━◆━━━━━━━━━",
        "Talk            ██████████  146% of €100,000  ● green           ╋━━━━━━━━━",
        "Ordered                                    -  ○ grey",
        "A legend to read it by.",
    ]
    assert screen(viewed(), None).splitlines()[1:] == [
        "Milestone          %", "Interest shown   80%", "Talk            146%", "Ordered            -",
    ]  # fmt: skip
    assert render(viewed(), Format.CSV, locale="en_US") == "name,ratio\nInterest shown,0.8\nTalk,1.46\nOrdered,\n"
    assert "| Talk | 146% |" in render(viewed(), Format.MD, locale="en_US")


def test_a_bar_gives_way_before_a_name_wraps_and_a_fan_folds_under_the_table():
    assert screen(viewed(), 60).splitlines()[1:] == [
        "Milestone                             Target  Lamp",
        "─────────────────────────────────────────────────────",
        "Interest shown  ████████░░   80% of €100,000  ▲ amber",
        "Talk            ██████████  146% of €100,000  ● green",
        "Ordered                                    -  ○ grey",
        "",
        "Milestone       Band",
        "─" * 60,
        "Interest shown  ━━━━━━━━━━━━━━━━━━━━━━╋━━━━━━━━━━━◆━━━━━━━━━",
        "Talk                     ╋━━━━━━━━",
        "A legend to read it by.",
    ]
    narrow = screen(viewed(), 41).splitlines()
    assert narrow[3] == "Interest shown   80% of €100,000  ▲ amber"
    assert "A legend to read it by." in narrow


def test_a_legend_goes_with_its_column_and_a_column_without_a_title_goes_without_a_word():
    text = screen(viewed(), 34)
    assert "legend" not in text
    assert "Not shown at this width: Band." in text


@given(st.integers(min_value=41, max_value=200))
def test_no_width_cuts_a_drawing_or_what_stands_beside_it(width):
    lines = screen(viewed(), width).splitlines()
    assert max(map(cell_len, lines)) <= width
    assert any("146% of €100,000  ● green" in line for line in lines)
    assert sum("◆" in line for line in lines) == 1


def test_a_table_that_folds_leaves_no_column_out():
    months = tuple(Column(f"m{i}", f"2027-0{i}", CellKind.MONEY, 1 + i, folds=True) for i in range(1, 8))
    row = ("Interest shown", *(i * 1_111_111_00 for i in range(1, 8)))
    table = Table(title="T", columns=(SHOWN[0], *months), rows=(row,), currency=EUR)
    for width in (40, 60, 80, 140):
        text = screen(Document(tables=(table,)), width)
        assert "Not shown" not in text
        assert re.findall(r"€[\d,]+", text) == [f"€{i * 1_111_111:,}" for i in range(1, 8)]
        assert max(map(cell_len, text.splitlines())) <= width
    narrowest = " ".join(screen(Document(tables=(table,)), 20).split())
    assert "Interest shown Not shown at this width: 2027-01, 2027-02," in narrowest


def test_a_drawing_has_the_colour_of_its_rows_lamp_and_the_rest_of_a_bar_none_that_speaks():
    text = screen(viewed(), 100, colour=True)
    assert "\x1b[33m████████\x1b[0m\x1b[90m░░" in text
    assert "\x1b[32m██████████" in text
    assert "\x1b[33m━━━━━━━━━━━━━━━━━━━━━━╋━━━━━━━━━━━━\x1b[0m\x1b[1;39m◆\x1b[0m\x1b[33m━━━━━━━━━" in text


def test_every_lamp_of_a_row_has_its_own_colour():
    columns = tuple(Column(f"m{i}", "At", CellKind.LAMP) for i in range(3))
    text = screen(document((Lamp.GREEN, Lamp.AMBER, Lamp.RED), columns=columns), 80, colour=True)
    assert "\x1b[32m● green" in text
    assert "\x1b[33m▲ amber" in text
    assert "\x1b[1;31m■ red" in text


def test_signs_that_a_terminal_has_not_got_are_replaced_and_the_table_stays_in_line():
    text = screen(viewed(), 100, encoding="ascii")
    assert text.isascii()
    assert "Interest shown  ########..   80% of EUR100,000  ^ amber  ====" in text
    assert "=T====" in text
    latin = screen(viewed(), 100, encoding="iso8859-15")
    assert "80% of €100,000  ^ amber  ====" in latin
    assert latin.encode("iso8859-15")
