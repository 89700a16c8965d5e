"""The plain estimate against what R's cmprsk, survival and etm and lifelines say, stored by benchmarks/oracles.py."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.estimate.made import cases

from milestone_cli.estimate.aalen_johansen import aalen_johansen

SECTIONS = json.loads((Path(__file__).parent / "data" / "oracles.json").read_text())


def of(made):
    cause = np.array(made["cause"])
    return cases(days=made["days"], moved=cause == 1, lost=cause == 2, hidden=made.get("hidden"))


@pytest.mark.parametrize("number", range(len(SECTIONS)))
def test_the_plain_estimate_equals_r(number):
    made = SECTIONS[number]
    found = aalen_johansen(of(made["cases"]))
    places = np.searchsorted(found.days, made["times"], side="right") - 1
    assert made["R"].keys() >= {"survival moved", "survival lost", "etm moved", "etm lost"}
    for name, printed in made["R"].items():
        ours = found.moved if name.endswith("moved") else found.lost
        assert np.where(places >= 0, ours[places], 0.0) == pytest.approx(np.array(printed), abs=1e-6), name


def test_ten_sections_are_held_against_all_three_packages_and_four_more_with_late_entry():
    whole = [made for made in SECTIONS if "cmprsk moved" in made["R"]]
    late = [made for made in SECTIONS if max(made["cases"]["hidden"]) > 0]
    assert (len(whole), len(late)) == (10, 4)


@pytest.mark.parametrize("number", [place for place, made in enumerate(SECTIONS) if "lifelines" in made])
def test_the_plain_estimate_equals_lifelines_on_untied_days(number):
    made = SECTIONS[number]["lifelines"]
    found = aalen_johansen(of(made))
    assert found.moved == pytest.approx(np.array(made["moved"]), abs=1e-9)


def test_the_estimate_is_read_at_any_day():
    found = aalen_johansen(cases(days=[10, 20, 30, 40], moved=[True, False, True, False], lost=[False, True] * 2))
    assert [found.at(day) for day in (5, 10, 19.5, 30, 1000)] == pytest.approx([0, 0.25, 0.25, 0.5, 0.5])


def test_who_left_on_the_day_the_book_began_was_at_risk():
    found = aalen_johansen(cases(days=[10, 20], moved=[True, True], hidden=[9.75, 0]))
    assert found.moved == pytest.approx([0.5, 1.0])
