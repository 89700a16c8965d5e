"""The KPIs on a terminal: the same figures as in a file, told shorter, and none of them cut."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from milestone_cli.domain.day import parse_month
from milestone_cli.domain.lamps import Lamp, Reason, Signal
from milestone_cli.domain.money import Currency
from milestone_cli.domain.process import Milestone
from milestone_cli.localization import format_money, format_month, format_number, format_percent
from milestone_cli.render.output import Format, render
from milestone_cli.reports.kpis import MilestoneKpi
from milestone_cli.reports.kpis_columns import COLUMNS, SCREEN, with_rows
from milestone_cli.reports.table import Document, Table

EUR = Currency("EUR", 2)
MOST = 9 * 10**14
"""The largest amount that can be typed, in minor units."""
NAMES = ("Interest shown", "Invited to talk", "Problem confirmed", "Offer asked for", "Ordered")
FIGURE = re.compile(r"-?€?\d[\d,]*(?:\.\d+)?%?")


def a_row(number: int, target: int | None, reached: int, *, count: int = 7, **more: object) -> MilestoneKpi:
    lamp = Lamp.GREY if not target else Lamp.GREEN if reached >= target else Lamp.AMBER
    usual: dict[str, object] = {
        "number": number,
        "milestone": Milestone(key=f"m{number}", name=NAMES[number - 1]),
        "rate_to_next": Fraction(1, 2),
        "count_rate_to_next": Fraction(1, 2),
        "measured": None,
        "target": Fraction(target) if target else None,
        "count_target": None if not target else 22.4,
        "feeds": "2027-01",
        "reached": reached,
        "assumed": 0,
        "count": count,
        "per_week": max(0, target - reached) // 2 or None if target else None,
        "signal": Signal(lamp, Reason.CHANCE),
        "trend": (0, 1, 2, 3, 4, 5),
    }
    return MilestoneKpi(**(usual | more))  # type: ignore[arg-type]  # the fields are those of the class


def document(*rows: MilestoneKpi, wanted: tuple[str, ...] = tuple(column.key for column in COLUMNS)) -> Document:
    return Document(tables=(with_rows(Table(title="T", columns=(), rows=(), currency=EUR), rows, EUR, wanted),))


def screen(content: Document, width: int, **more: object) -> str:
    return render(content, Format.TABLE, **({"locale": "en_US", "width": width} | more))  # type: ignore[arg-type]


def cents(text: str, *, whole: bool = False) -> int:
    minor = Decimal(text) * 100
    return int((minor / 100).quantize(Decimal(1), "ROUND_HALF_UP")) * 100 if whole else int(minor)


def figures(row: dict[str, str]) -> dict[str, str]:
    """Return the figures of a line of csv as somebody reads them."""
    money = {
        key: format_money(cents(row[key], whole=key != "reached"), EUR, "en_US")
        for key in ("target", "reached", "missing", "per_week")
        if row[key]
    }
    shares = {key: format_percent(Decimal(row[key]), "en_US") for key in ("rate_to_next",) if row[key]}
    counts = {"number": row["number"], "count": row["count"]}
    wanted = {"count_target": format_number(Decimal(row["count_target"]), "en_US", 1)} if row["count_target"] else {}
    return money | shares | counts | wanted


AMOUNTS = st.one_of(st.integers(0, 10**8), st.integers(0, MOST), st.just(MOST))
GOALS = st.one_of(st.none(), st.integers(1, 10**8), st.integers(1, 16 * MOST))


@given(st.lists(st.tuples(GOALS, AMOUNTS), min_size=5, max_size=5), st.integers(60, 160))
def test_every_figure_on_the_screen_is_one_of_its_row_in_the_file_and_none_is_cut(amounts, width):
    rows = [a_row(number, goal, reached) for number, (goal, reached) in enumerate(amounts, start=1)]
    content = document(*rows)
    lines = {line[0]: line for line in screen(content, width).splitlines() if line[:1].isdigit()}
    in_file = csv.DictReader(io.StringIO(render(content, Format.CSV, locale="en_US")))
    for row, kpi in zip(in_file, rows, strict=True):
        line, known = lines[row["number"]], figures(row)
        if kpi.ratio is not None:
            percent = format_percent(kpi.ratio, "en_US")
            known["ratio"] = percent.lstrip("<>")
            assert f"{percent} of" in line
            assert known["target"] in line.split()
        fed = format_month(parse_month(row["feeds"]), "en_US") if row["feeds"] else "-"
        shown = FIGURE.findall(line.replace(row["milestone"], "").replace(fed, ""))
        assert set(shown) <= set(known.values()), (line, known)


@given(st.lists(st.tuples(GOALS, AMOUNTS), min_size=5, max_size=5))
def test_at_80_columns_even_the_largest_amounts_fit(amounts):
    content = document(*(a_row(number, goal, reached) for number, (goal, reached) in enumerate(amounts, start=1)))
    assert max(map(cell_len, screen(content, 80).splitlines())) <= 80


TEAM = tuple(
    a_row(number, goal * 100, reached * 100)
    for number, (goal, reached) in enumerate(
        ((1_306_980, 1_049_000), (668_404, 575_500), (345_100, 504_000), (162_610, 224_000), (100_000, 158_500)),
        start=1,
    )
)


def test_eighty_columns_show_what_is_missing_and_the_trend_and_more_columns_the_bar():
    narrow = screen(document(*TEAM), 80).splitlines()
    assert narrow[1].split() == ["#", "Milestone", "Reached", "Target", "Lamp", "Missing", "Trend"]
    assert narrow[3] == "1  Interest shown     €1,049,000   80% of €1,306,980  ▲ amber  €257,980  ▁▂▄▅▇█"
    assert narrow[5] == "3  Problem confirmed    €504,000  146% of   €345,100  ● green        €0  ▁▂▄▅▇█"
    wide = screen(document(*TEAM), 92).splitlines()
    assert wide[3] == "1  Interest shown     €1,049,000  ████████░░   80% of €1,306,980  ▲ amber  €257,980  ▁▂▄▅▇█"
    assert "Not shown" not in screen(document(*TEAM), 160)


def test_columns_go_by_their_importance():
    gone = []
    for width in range(160, 40, -1):
        said = re.search(r"Not shown at this width: ([^.]*)\.", " ".join(screen(document(*TEAM), width).split()))
        now = set(said[1].split(", ")) if said else set()
        new = now - {title for titles in gone for title in titles}
        gone += [new] if new else []
    assert gone == [{"Feeds"}, {"Why"}, {"Rate"}, {"Count"}, {"A week"}, {"Trend"}, {"Missing"}, {"Reached"}]


def test_without_a_target_there_is_neither_bar_nor_share_and_the_lamp_is_grey():
    content = document(*(a_row(number, goal, 100_00) for number, goal in ((1, None), (2, 0))))
    lines = screen(content, 80).splitlines()
    assert lines[1].split()[:5] == ["#", "Milestone", "Reached", "Target", "Lamp"]
    assert lines[3].startswith("1  Interest shown      €100       -  ○ grey")
    assert "░" not in "".join(lines)


def test_one_row_without_a_target_leaves_its_bar_blank():
    lines = screen(document(TEAM[0], a_row(2, None, 0, count=0)), 100).splitlines()
    assert re.match(r"2  Invited to talk +€0 +-  ○ grey", lines[4])
    assert "░" in lines[3]
    assert "░" not in lines[4]


def test_a_column_that_says_nothing_is_not_there_and_not_missed():
    over = [a_row(1, 100_00, 50_00, per_week=None)]
    assert "A week" not in screen(document(*over), 160)
    assert "A week" in screen(document(*TEAM), 160)


def test_files_and_pipes_hold_what_they_held():
    header = render(document(*TEAM), Format.CSV, locale="en_US").splitlines()[0]
    assert header == (
        "number,milestone,rate_to_next,rate_low,rate_high,cases,target,reached,ratio,count,count_target,missing,per_week,"
        "lamp,reason,feeds,trend"
    )
    for form in (Format.CSV, Format.TSV, Format.MD, Format.TABLE):
        text = render(document(*TEAM), form, locale="en_US")
        assert "█░" not in text
        assert " of €" not in text


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_a_german_reader_gets_it_in_german(width):
    text = screen(document(*TEAM), width, locale="de_DE")
    assert " 80\N{NO-BREAK SPACE}% von 1.306.980\N{NO-BREAK SPACE}€" in text
    assert max(map(cell_len, text.splitlines())) <= width


def test_the_screen_tells_of_no_column_that_files_have_not_got():
    keys = {column.key for column in COLUMNS}
    assert {column.key for column in SCREEN} - keys == {"bar", "of_target", "of_count"}
    narrow = document(*TEAM, wanted=("number", "milestone", "reached", "lamp")).tables[0].viewed
    assert [column.key for column in narrow.columns] == ["number", "milestone", "reached", "lamp"]
