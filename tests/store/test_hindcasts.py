"""Forecasts from past days in the file: by kind, origin and months, the newest one, whole ones only."""

import sqlite3
from contextlib import closing

import pytest

from milestone_cli.store.book import Opening, open_book
from milestone_cli.store.hindcasts import HindcastKind, KeptHindcast
from milestone_cli.store.sqlite import Access

CALIBRATION = KeptHindcast(20_000, 3, "seen", '{"a":1}')
BACKTEST = KeptHindcast(20_000, 3, "seen too", '{"b":2}', HindcastKind.BACKTEST)
LONGER = KeptHindcast(20_000, 6, "longer", '{"c":3}', HindcastKind.BACKTEST)


def look(desk, work):
    with open_book(Opening(desk.path, Access.READ, desk.clock)) as book:
        return work(book)


def keep(desk, *made):
    look(desk, lambda book: [book.keep_hindcast("b2b", one) for one in made])


def kept(desk, months, kind=HindcastKind.CALIBRATION):
    return look(desk, lambda book: dict(book.hindcasts("b2b", months, kind)))


@pytest.fixture
def three(desk):
    keep(desk, CALIBRATION, BACKTEST, LONGER)
    return desk


def test_kinds_and_months_lie_beside_each_other(three):
    assert kept(three, 3) == {20_000: CALIBRATION}
    assert kept(three, 3, HindcastKind.BACKTEST) == {20_000: BACKTEST}
    assert kept(three, 6, HindcastKind.BACKTEST) == {20_000: LONGER}
    assert kept(three, 6) == {}


def test_a_newer_one_takes_the_place_of_its_own_kind(three):
    newer = KeptHindcast(20_000, 3, "newer", "{}", HindcastKind.BACKTEST)
    keep(three, newer)
    assert kept(three, 3, HindcastKind.BACKTEST) == {20_000: newer}
    assert kept(three, 3) == {20_000: CALIBRATION}


def test_what_a_command_has_made_it_sees_before_it_is_in_the_file(three):
    newer = KeptHindcast(20_000, 3, "newer", "{}")

    def work(book):
        book.keep_hindcast("b2b", newer)
        return dict(book.hindcasts("b2b", 3)), dict(book.hindcasts("b2b", 3, HindcastKind.BACKTEST))

    assert look(three, work) == ({20_000: newer}, {20_000: BACKTEST})


def test_a_damaged_one_is_left_out(three):
    with closing(sqlite3.connect(three.path)) as file, file:
        file.execute("UPDATE hindcast SET payload = '{}' WHERE kind = 'backtest'")
    assert kept(three, 3, HindcastKind.BACKTEST) == {}
    assert kept(three, 3) == {20_000: CALIBRATION}
