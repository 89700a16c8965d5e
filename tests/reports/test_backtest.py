"""What a backtest says: the sentence first, the reasons for a band that missed, tables, plot and JSON alike."""

from __future__ import annotations

import json
import math

import pytest

from milestone_cli.domain.day import day_of, first_of_month, month_of
from milestone_cli.domain.money import currency
from milestone_cli.domain.process import Milestone, Process
from milestone_cli.estimate.backtest import Backtest
from milestone_cli.estimate.points import Point, Said
from milestone_cli.render.cells import shown_line, shown_title
from milestone_cli.render.output import Format, render
from milestone_cli.reports.backtest import BacktestReport, backtest_document
from milestone_cli.reports.backtest_words import none_yet, separate_spans

PROCESS = Process(
    key="b2b",
    title="B2B",
    currency=currency("EUR"),
    milestones=(Milestone(key="a", name="A"), Milestone(key="b", name="B")),
)
FIRST = month_of(day_of(2024, 1, 1))
TODAY = day_of(2026, 11, 23)
HEIGHT = 100_000


def said(mean=HEIGHT, width=0.2, crps=10.0):
    return Said(
        mean=mean, p05=mean * (1 - 1.3 * width), p10=mean * (1 - width), p50=mean, p90=mean * (1 + width),
        p95=mean * (1 + 1.3 * width), crps=crps,
    )  # fmt: skip


def point(month, actual, *, run_rate=HEIGHT, crps=10.0, naive=20.0, width=0.2):
    return Point(
        origin=first_of_month(FIRST + month) - 1, actual=actual, said=said(width=width, crps=crps),
        run_rate=said(run_rate, crps=naive), pipeline=said(crps=30.0),
    )  # fmt: skip


def report(actuals, *, months=1, single=None, last_move=TODAY, **more):
    points = tuple(point(month, actual, **more) for month, actual in enumerate(actuals))
    months_apart = single or [tuple(point(month, HEIGHT) for month in range(len(actuals)))] * months
    tried = Backtest(months=months, points=points, single=tuple(months_apart))
    return BacktestReport(process=PROCESS, tried=tried, origins=len(points), began=19_000, last_move=last_move)


def words(*reports, locale="en_US", drawn=False):
    document = backtest_document(reports, TODAY, drawn=drawn)
    notes = [note for table in document.tables for note in table.notes]
    return "\n".join(shown_line(line, locale) for line in (*document.before, *notes))


MISSES = [HEIGHT] * 10 + [HEIGHT * 2] * 10
EVEN = [HEIGHT] * 16 + [HEIGHT * 2] * 2 + [HEIGHT / 2] * 2


@pytest.mark.parametrize(
    ("crps", "end"),
    [
        (17.6, "; on average 12% better than the run rate."),
        (22.0, "; on average 10% worse than the run rate."),
        (20.02, "; on average as good as the run rate."),
    ],
)
def test_the_first_sentence_says_how_often_it_held_and_how_much_it_is_worth(crps, end):
    first = words(report(EVEN, crps=crps)).splitlines()[0]
    assert first == f"In 16 of 20 past forecasts what came lay between P10 and P90 (80% is right){end}"


def test_where_the_run_rate_is_perfect_nothing_is_compared():
    assert words(report(EVEN, naive=0.0)).splitlines()[0].endswith("(80% is right).")


def test_a_band_that_chance_explains_is_not_blamed():
    assert "too narrow" not in words(report(EVEN))
    assert "wider" not in words(report(EVEN))
    # a third of them missed, but they are worth only four separate ones
    assert "too narrow" not in words(report([HEIGHT] * 13 + [HEIGHT * 2] * 7, months=6))


def test_overlapping_forecasts_are_not_counted_as_separate():
    overlapping = report([HEIGHT] * 24, months=6)
    assert separate_spans(overlapping.tried) == pytest.approx(29 / 6)
    assert "these 24 are worth about 5 separate ones. Chance alone moves their share by 18% either way." in words(
        overlapping
    )
    assert separate_spans(report([HEIGHT] * 24).tried) == 24
    assert "overlap" not in words(report([HEIGHT] * 24))


def test_a_band_too_wide_is_told():
    assert "The band was wider than it had to be: 100% lay in it where 80% are right." in words(report([HEIGHT] * 20))


def test_a_band_too_narrow_because_the_volume_grew():
    text = words(report(MISSES, run_rate=HEIGHT / 2))
    assert "The band was too narrow: 50% lay in it where 80% are right." in text
    assert "What came lay above P90 10 times and below P10 0 times." in text
    assert "Where it missed, 4.0 times as much came as in the months of the year before" in text


def test_a_band_too_narrow_because_the_volume_fell():
    text = words(report([HEIGHT] * 10 + [HEIGHT / 2] * 10))
    assert "only 50% came of what the months of the year before had brought" in text


def test_a_band_too_narrow_because_the_money_comes_in_batches():
    batches = tuple(point(month, HEIGHT * 9 if month % 6 == 0 else HEIGHT / 9) for month in range(20))
    text = words(report([HEIGHT] * 10 + [HEIGHT * 1.3] * 5 + [HEIGHT / 1.3] * 5, single=[batches]))
    assert "A quarter of the months brought 96% of the money: it comes in batches" in text


def test_where_no_reason_shows_none_is_made_up():
    text = words(report([HEIGHT] * 10 + [HEIGHT * 1.3] * 5 + [HEIGHT / 1.3] * 5))
    assert "The figures show no single reason" in text


def test_few_forecasts_give_no_reason():
    text = words(report([HEIGHT * 2] * 2))
    assert "That is too few to tell why." in text
    assert "the volume" not in text


def test_single_months_that_miss_more_often_are_told():
    missing = [tuple(point(month, HEIGHT * 2) for month in range(20))] * 2
    assert "Of single months 0% lay from P10 to P90" in words(report(EVEN, months=2, single=missing))
    assert "Of single months" not in words(report(EVEN, months=2))


def test_months_after_the_last_fact_are_told():
    assert "No customer has reached a milestone since Jan 1, 2025" in words(report(EVEN, last_move=day_of(2025, 1, 1)))
    assert "No customer" not in words(report(EVEN))


@pytest.mark.parametrize(
    ("months", "text"),
    [
        (1, "A backtest needs 6 months of facts, then as many as it forecasts (1): possible from Jul 31, 2024 on."),
        (6, "(6): possible from Dec 31, 2024 on, with --months 1 from Jul 31, 2024."),
    ],
)
def test_a_young_book_is_told_from_when_on(months, text):
    assert shown_line(none_yet(day_of(2024, 1, 15), months, 0), "en_US").endswith(text)


def test_the_json_has_null_where_there_is_no_figure():
    document = backtest_document([report([])], TODAY)
    found = json.loads(render(document, Format.JSON, locale="en_US"))["processes"][0]
    assert [found[name] for name in ("crps", "mae", "bias", "coverage_p10_p90", "points")] == [None] * 4 + [[]]
    assert document.tables == ()


def test_what_never_came_has_no_bias_and_no_ratio():
    document = backtest_document([report([0.0] * 3, naive=0.0)], TODAY)
    assert document.tables[0].rows[0][2:5:2] == (None, None)
    assert math.isnan(report([0.0] * 3).tried.bias)


def test_the_bias_is_a_share_of_what_came():
    assert report([HEIGHT / 2] * 4, months=6).tried.bias == pytest.approx(1.0)
    assert report([HEIGHT * 1.25] * 4).tried.bias == pytest.approx(-0.2)


def test_money_is_a_string_with_the_digits_of_the_currency():
    found = backtest_document([report(EVEN)], TODAY).json["processes"][0]
    assert found["points"][0] == {
        "origin": "2023-12-31", "actual": "1000.00", "p05": "740.00", "p10": "800.00", "p50": "1000.00",
        "p90": "1200.00", "p95": "1260.00", "inside": True,
    }  # fmt: skip
    assert (found["crps"], found["crps_naive"], found["crps_pipeline"]) == ("0.10", "0.20", "0.30")


@pytest.mark.parametrize("width", [80, 140])
def test_the_plot_fits_and_every_other_format_is_without_it(width):
    document = backtest_document([report(EVEN, months=2)], TODAY, drawn=True)
    text = render(document, Format.TABLE, locale="en_US", width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "Not shown at this width" not in text
    assert text.count("╋") >= 4
    assert [shown_title(table, "en_US") for table in document.tables] == [
        "B2B · team · past forecasts of 2 months",
        "B2B · team · what was said and what came",
        "B2B · team · single months",
        "B2B · team · every forecast",
    ]
    assert len(backtest_document([report(EVEN, months=2)], TODAY).tables) == 3


def test_several_processes_are_named():
    lines = words(report(EVEN), report([])).splitlines()
    assert lines[0].startswith("B2B: In 16 of 20")
    assert lines[1].startswith("B2B: A backtest needs")
