"""The page of `ms report` in a browser: drawn in full, quiet, asking nobody, legible in the dark and on paper."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from milestone_cli import cli
from milestone_cli.domain.money import Currency
from milestone_cli.localization import format_money

EUR = Currency("EUR", 2)
PAPER = 6
"""So many pages the demo may take."""
LABELS = """
return [...document.getElementById(arguments[0]).querySelectorAll("[role=graphics-symbol][aria-label]")]
    .map(mark => [mark.getAttribute("aria-label"), mark.getBBox().width, mark.getBBox().height]);
"""
COLOURS = """
const style = getComputedStyle(document.body), bar = document.querySelector("#b2b-funnel [role=graphics-symbol]");
const text = document.querySelector("#b2b-funnel svg text");
return [style.backgroundColor, style.color, getComputedStyle(bar).fill, getComputedStyle(text).fill];
"""
HOSTILE = """
name = "odd"
title = "<script>document.title='run'</script> [red]"
currency = "EUR"
[target]
per_month = 1000
[[milestone]]
key = "a"
name = "<img src=x onerror=alert(2)>"
[[milestone]]
key = "b"
name = "</script><script>alert(3)</script> =cmd()"
"""


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be the day that the demo is told from."""
    monkeypatch.setenv("MS_TODAY", "2026-11-23")
    monkeypatch.setenv("MS_ZONE", "UTC")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place for the demo's page, written once."""
    return tmp_path_factory.mktemp("page")


@pytest.fixture
def demo(kept: Path, tab, capsys: pytest.CaptureFixture[str]) -> Path:  # noqa: ARG001 - without a browser no page
    """The page of the demo."""
    page = kept / "demo.html"
    if not page.exists():
        assert cli.run(["demo", "--db", str(kept / "demo.db")]) == 0
        assert cli.run(["report", "--db", str(kept / "demo.db"), "-o", str(page)]) == 0
        capsys.readouterr()
    return page


def figures(tab) -> dict:
    return json.loads(tab.run("return document.getElementById('figures').textContent"))


def minor(amount: str) -> int:
    return round(float(amount) * 100)


def test_every_chart_is_drawn_with_the_figures_of_the_json(tab, demo):
    tab.open(demo)
    keys = json.loads(tab.run("return document.getElementById('chart-specs').textContent"))
    assert len(keys) == 2 * 5 + 5 + 4
    for key in keys:
        assert tab.run(LABELS, key), f"{key} has no marks"
    for process in figures(tab)["processes"]:
        milestones = process["kpis"]["milestones"]
        bars = tab.run(LABELS, f"{process['process']}-funnel")
        assert len(bars) == len(milestones)
        longest = max(float(one["reached"]) for one in milestones)
        for (label, width, _), milestone in zip(bars, milestones, strict=True):
            assert format_money(minor(milestone["reached"]), EUR, "en_US") in label
            share = width / max(bar[1] for bar in bars)
            assert share == pytest.approx(float(milestone["reached"]) / longest, abs=0.02)
        marks = tab.run(LABELS, f"{process['process']}-fan")
        told = [process["forecast"]["running"], *process["forecast"]["months"]]
        said = [label for label, _, _ in marks if "P50" in label]
        assert len(said) == len(told)
        for label, figure in zip(said, told, strict=True):
            assert format_money((minor(figure["p50"]) + 50) // 100 * 100, EUR, "en_US") in label


def test_the_page_is_quiet_and_asks_nobody_for_anything(tab, demo):
    tab.open(demo)
    assert tab.complaints() == []
    assert {url for url in tab.requested() if not url.startswith("data:")} == {demo.as_uri()}


def test_light_and_dark_have_their_own_colours_in_the_charts_too(tab, demo):
    tab.open(demo)
    light = tab.run(COLOURS)
    tab.open(demo, scheme="dark")
    dark = tab.run(COLOURS)
    assert all(one != other for one, other in zip(light, dark, strict=True))
    assert light[0] == "rgb(255, 255, 255)"


@pytest.mark.parametrize("width", [400, 1200])
def test_the_page_is_no_wider_than_its_window(tab, demo, width):
    tab.open(demo, width=width)
    assert tab.run("return document.documentElement.scrollWidth") <= width


def test_on_paper_the_demo_takes_few_pages(tab, demo):
    tab.open(demo)
    assert 2 <= tab.printed_pages() <= PAPER


def test_on_paper_the_german_demo_takes_few_pages_too(tab, demo, capsys):
    page = demo.with_name("german.html")
    assert cli.run(["report", "--db", str(demo.with_suffix(".db")), "--locale", "de", "-o", str(page)]) == 0
    capsys.readouterr()
    tab.open(page)
    assert 2 <= tab.printed_pages() <= PAPER


def long_process(steps: int) -> str:
    """Return a process of so many milestones with long words in their names."""
    each = (f'[[milestone]]\nkey = "m{one}"\nname = "Entscheidungsvorlage {one}"\n' for one in range(1, steps + 1))
    return f'name = "long"\ntitle = "Long"\ncurrency = "EUR"\n[target]\nper_month = 1000\n{"".join(each)}'


def test_on_paper_no_month_and_no_milestone_is_cut_off(tab, tmp_path, capsys):
    (tmp_path / "long.toml").write_text(long_process(12), encoding="utf-8")
    book, page = ["--db", str(tmp_path / "long.db")], tmp_path / "long.html"
    for argv in (
        ["define-process", str(tmp_path / "long.toml")],
        ["add-rep", "anna"],
        ["add", "Acme", "--reached", "m12", "--on", "2026-11-03", "--value", "5000", "--rep", "anna"],
        ["report", "--months", "12", "-o", str(page)],
    ):
        assert cli.run([*argv, *book]) == 0
    capsys.readouterr()
    tab.open(page)
    assert tab.cut_on_paper() == []
    shown = tab.run("return document.body.innerText")
    for words in ("Nov 2027", "12 Entscheidungsvorlage 12"):
        assert words in shown


def test_who_cannot_see_a_chart_is_told_what_it_shows_and_finds_its_table(tab, demo):
    tab.open(demo)
    charts = tab.run("""
        return [...document.querySelectorAll(".chart")].map(chart => [
            chart.matches("[role=graphics-document]") && chart.getAttribute("aria-label"),
            document.getElementById(chart.closest("figure").getAttribute("aria-labelledby"))?.textContent,
            !!chart.closest("section").querySelector("table")]);
    """)
    assert charts
    assert all(all(chart) for chart in charts)


def test_no_word_of_the_library_reaches_who_cannot_see(tab, demo):
    tab.open(demo)
    assert tab.run("return document.querySelectorAll('[aria-roledescription]').length") == 0


def test_hostile_names_are_text(tab, tmp_path, capsys):
    (tmp_path / "odd.toml").write_text(HOSTILE, encoding="utf-8")
    name, book, page = '<script>alert(1)</script> =cmd() "x"', str(tmp_path / "odd.db"), tmp_path / "odd.html"
    add = ["add", name, "--reached", "a", "--on", "2025-02-03", "--value", "5000", "--db", book]
    for argv in (["define-process", str(tmp_path / "odd.toml"), "--db", book], add):
        assert cli.run(argv) == 0
    assert cli.run(["report", "--db", book, "-o", str(page)]) == 0
    capsys.readouterr()
    tab.open(page)
    shown = tab.run("return document.body.innerText + [...document.querySelectorAll('svg')].map(x => x.textContent)")
    for text in ("<script>document.title='run'</script> [red]", "<img src=x onerror=alert(2)>", "=cmd()"):
        assert text in shown
    assert tab.run("return document.title").startswith("<script>")
    assert tab.run("return document.images.length + document.scripts.length") == 4
    assert tab.complaints() == []
