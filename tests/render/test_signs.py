"""What stands for a sign that a terminal has not got."""

from __future__ import annotations

import pytest

from milestone_cli.render.cells import LAMPS
from milestone_cli.render.drawings import BLOCKS, EIGHTHS, FULL, TRACK
from milestone_cli.render.signs import STAND_INS, legible

WRITTEN = {"€", "£", "¥"}


def test_every_sign_of_a_drawing_or_lamp_has_a_stand_in_of_its_width() -> None:
    signs = {*BLOCKS, *EIGHTHS, FULL, TRACK, *"─━╋◆●○", *(lamp[0] for lamp in LAMPS.values())} - {" "}
    assert signs <= set(STAND_INS)
    assert all(len(instead) == 1 for sign, instead in STAND_INS.items() if sign not in WRITTEN)
    assert "".join(STAND_INS.values()).isascii()


def test_signs_that_tell_things_apart_still_do() -> None:
    assert len({STAND_INS[lamp[0]] for lamp in LAMPS.values()}) == 4
    assert len({STAND_INS[block] for block in BLOCKS}) == len(BLOCKS)
    assert len({STAND_INS[sign] for sign in "━╋◆"}) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "utf-16"])
def test_nothing_is_replaced_where_everything_can_be_shown(encoding) -> None:
    text = "".join(STAND_INS)
    assert legible(text, encoding) == text


def test_an_encoding_that_nobody_knows_gets_the_plainest_signs() -> None:
    assert legible("● 5 €", "klingon") == "* 5 EUR"
