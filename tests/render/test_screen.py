import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from milestone_cli.domain.lamps import Lamp
from milestone_cli.domain.money import Currency
from milestone_cli.render.output import Format, render
from milestone_cli.render.screen import Need, fit
from milestone_cli.reports.table import CellKind, Column, Document, Table

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


def test_columns_of_a_group_go_together() -> None:
    columns = (
        Column("a", "A", CellKind.COUNT),
        Column("rate", "Rate", CellKind.COUNT, 2, group="rate"),
        Column("b", "B", CellKind.COUNT, 3),
        Column("low", "Low", CellKind.COUNT, 2, group="rate"),
    )
    need = [Need(4, 4, 4)] * 4
    assert fit(columns, need, 22)[0] == [0, 1, 2, 3]
    assert fit(columns, need, 20)[0] == [0, 1, 3]
    assert fit(columns, need, 15)[0] == [0]
