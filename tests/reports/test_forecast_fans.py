"""The forecast drawn beside its figures."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from milestone_cli.domain.money import Currency
from milestone_cli.render.output import Format, render
from milestone_cli.reports.forecast import Figure
from milestone_cli.reports.forecast_document import COLUMNS, cells_of
from milestone_cli.reports.forecast_fans import with_fans
from milestone_cli.reports.table import Document, Fan, Table, joined, named

EUR = Currency("EUR", 2)
MOST = 10**17
"""More than anything that can be forecast, in minor units."""


def figure(p10: float | None, p50: float | None, p90: float | None, target: int | None = 100_000_00) -> Figure:
    return Figure(
        target=None if target is None else Fraction(target),
        mean=p50 or 0,
        p05=p10,
        p10=p10,
        p50=p50,
        p90=p90,
        p95=p90,
        from_open=0,
        from_new=p50 or 0,
        count_mean=2.5,
        chance=None if p50 is None or not target else 0.5,
    )


MONTHS = (
    figure(158_500_00, 158_500_00, 238_827_00),
    figure(0, 106_071_00, 236_067_00),
    figure(0, 90_509_00, 221_171_00),
)
TOTAL = figure(435_018_00, 689_217_00, 1_020_727_00, 600_000_00)


def table(*figures: Figure, drawn: int | None = None) -> Table:
    """Return a forecast of which all but the sum is drawn."""
    rows = tuple((joined((named(f"2027-{place:02}"),)), *cells_of(one)) for place, one in enumerate(figures, start=1))
    plain = Table(title="T", columns=COLUMNS, rows=rows, currency=EUR)
    return with_fans(plain, figures[: len(figures) - 1 if drawn is None else drawn], EUR)


def screen(content: Table, width: int, locale: str = "en_US") -> str:
    return render(Document(tables=(content,)), Format.TABLE, locale=locale, width=width)


def fans(content: Table) -> list[Fan | None]:
    assert content.view is not None
    return [row[-1] for row in content.view.rows]  # type: ignore[misc]  # the last cell is the fan


def test_all_fans_share_a_scale_that_the_sum_does_not_stretch():
    drawn = fans(table(*MONTHS, TOTAL))
    assert drawn[0] == Fan(p10=158_500_00, p50=158_500_00, p90=238_827_00, end=238_827_00, target=100_000_00)
    assert [None if one is None else one.end for one in drawn] == [238_827_00] * 3 + [None]
    assert fans(table(figure(0, 1, 2, 900_00), TOTAL))[0] == Fan(p10=0, p50=1, p90=2, end=900_00, target=900_00)


def test_a_wide_terminal_shows_them_beside_the_figures_and_a_narrow_one_below():
    wide, narrow = screen(table(*MONTHS, TOTAL), 140), screen(table(*MONTHS, TOTAL), 80)
    legend = "━ from P10 to P90, ╋ P50, ◆ target (it may cover ╋); from 0 to €238,827."
    assert sum("◆" in line and "€158,500" in line for line in wide.splitlines()) == 1
    assert "Not shown" not in wide
    assert legend in wide.splitlines()
    assert legend in narrow.splitlines()
    lines = narrow.splitlines()
    below = lines[lines.index("") + 1 :]
    assert below[0].split() == ["Month", "Band", "and", "target"]
    assert [line[:7] for line in below[2:5]] == ["2027-01", "2027-02", "2027-03"]
    assert not any(line.startswith("2027-04") for line in below)
    assert "Not shown at this width: From open, From new, Count." in lines


@pytest.mark.parametrize("form", [Format.CSV, Format.TSV, Format.MD, Format.TABLE])
def test_files_and_pipes_hold_no_drawing(form):
    text = render(Document(tables=(table(*MONTHS, TOTAL),)), form, locale="en_US")
    assert "━" not in text
    assert "Band" not in text


def test_where_no_money_can_be_told_nothing_is_drawn():
    unknown = figure(None, None, None)
    assert table(unknown, unknown, unknown).view is None
    assert table(figure(0, 0, 0, None), TOTAL).view is None
    assert fans(table(unknown, MONTHS[0], TOTAL))[0] is None
    assert "Band" not in screen(table(unknown, unknown), 140)


def test_without_a_target_there_is_no_mark_of_one():
    for target in (None, 0):
        bare = table(*(figure(10_00, 20_00, 30_00, target) for _ in range(3)))
        text = screen(bare, 140)
        assert "◆" not in text
        assert "━ from P10 to P90, ╋ P50; from 0 to €30." in text
        assert text.count("╋") == 3


def test_a_single_month_or_a_table_of_reps_has_a_fan_in_every_row():
    assert None not in fans(table(*MONTHS, drawn=3))


AMOUNTS = st.one_of(st.integers(0, 10**7), st.integers(0, MOST))


@given(
    st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS, st.none() | AMOUNTS), min_size=2, max_size=7), st.integers(40, 160)
)
def test_no_width_cuts_a_figure_and_every_target_stays_where_it_is(amounts, width):
    figures = [figure(*sorted(found[:3]), found[3]) for found in amounts]
    content = table(*figures)
    text = screen(content, width)
    known = {token for line in screen(content, 400).splitlines() for token in re.findall(r"€[\d,]+|\d+%", line)}
    assert set(re.findall(r"€[\d,]+|\d+%", text)) <= known
    assert all(f"€{(one.p50 or 0) / 100:,.0f}" in known for one in figures if (one.p50 or 0) % 100 != 50)
    if content.view is not None:
        assert text.count("◆") == sum(bool(one.target) for one in figures[:-1]) + ("◆ target" in text)


@pytest.mark.parametrize("width", [60, 80, 140])
def test_a_german_reader_gets_a_german_legend(width):
    text = screen(table(*MONTHS, TOTAL), width, "de_DE")
    assert "◆ Ziel (verdeckt ╋ womöglich)" in " ".join(text.split())
    assert "Band und Ziel" in text
    assert max(map(cell_len, text.splitlines())) <= width
