"""The pictures of the README are what the program shows, and load nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.shown import same_but_for_rounding

import make_pictures
from make_pictures import PICTURES, SCREENS, SECTIONS
from milestone_cli.domain.money import Currency
from milestone_cli.localization import format_money
from shell import shell

README = Path(__file__).parent.parent / "README.md"
BIGGEST = 300_000
"""Bytes of a picture."""
AGAIN = "run `python docs/make_pictures.py`"
LOADING = re.compile(r"@import|@font-face|url\((?!#)|href=|<image|<script|https?://(?!www\.w3\.org/2000/svg\")")


def text_of(picture: str) -> str:
    """Return what a reader sees in an SVG, a line for every piece."""
    root = ET.fromstring(picture)  # noqa: S314  # our own picture
    pieces = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]
    return "\n".join(pieces).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def milestones() -> list[dict]:
    """The milestones of `ms kpis --json` on the demo."""
    with shell(width=80) as window:
        make_pictures.demo(window)
        return json.loads(window.typed("ms kpis --process b2b --json"))["processes"][0]["milestones"]


def figures_of(picture: Path) -> Iterator[tuple[str, str, str]]:
    """Yield target, reached and lamp of every milestone that a picture of the page carries."""
    for _, *figures in json.loads(make_pictures.figures_in(picture.read_bytes())):
        yield tuple(figures)


def test_the_readme_shows_every_picture_and_says_what_is_on_it() -> None:
    shown = dict(re.findall(r"!\[([^\]]+)\]\(docs/pictures/([^)]+)\)", README.read_text(encoding="utf-8")))
    assert set(shown.values()) == {path.name for path in PICTURES.iterdir()} == {*SCREENS, *SECTIONS}
    assert all(len(description.split()) > 10 for description in shown)


@pytest.mark.parametrize("picture", sorted(PICTURES.iterdir()), ids=lambda picture: picture.name)
def test_a_picture_is_no_bigger_than_a_reader_likes_to_wait_for(picture: Path) -> None:
    assert 1_000 < picture.stat().st_size < BIGGEST


@pytest.mark.parametrize("name", SCREENS)
def test_a_picture_of_a_screen_loads_nothing_and_runs_nothing(name: str) -> None:
    assert not LOADING.search((PICTURES / name).read_text(encoding="utf-8"))


def test_the_pictures_of_the_screens_are_what_the_program_shows() -> None:
    for name, made in make_pictures.screens().items():
        written = (PICTURES / name).read_text(encoding="utf-8")
        assert same_but_for_rounding(text_of(made), text_of(written)), AGAIN


def test_the_picture_of_the_kpis_shows_their_figures(milestones: list[dict]) -> None:
    shown = text_of((PICTURES / "kpis.svg").read_text(encoding="utf-8"))
    for one in milestones:
        assert format_money(round(float(one["reached"])) * 100, Currency("EUR", 2), "en_US") in shown
        assert one["name"] in shown
        assert one["lamp"] in shown


@pytest.mark.parametrize("name", SECTIONS)
def test_the_pictures_of_the_page_were_taken_with_the_figures_of_today(name: str, milestones: list[dict]) -> None:
    today = [(one["target"], one["reached"], one["lamp"]) for one in milestones]
    taken = list(figures_of(PICTURES / name))
    assert same_but_for_rounding(str(taken), str(today)), AGAIN


def test_the_way_to_make_the_pictures_is_in_the_guide_for_contributors() -> None:
    guide = (README.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in ("reference", "catalog", "tutorial", "pictures"):
        assert f"python docs/make_{name}.py" in guide
