"""Every kind of hostile input at every place of every command that takes such a thing: refused, and nothing written.

The places are tables, and a test holds that no option of a command is missing in them.
"""

from __future__ import annotations

import csv
import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from tests.hostile.conftest import PROCESS, Answer, Run, one_message

from milestone_cli import commands

HERE = "{}"
CASE, STEP = "acme-gmbh", "3"

STORED = (
    ("add", HERE), ("add", "New", "--title", HERE), ("add", "New", "--key", HERE),
    ("advance", CASE, STEP, "--did", HERE), ("advance", CASE, STEP, "--said", HERE),
    ("advance", CASE, STEP, "--wrote", HERE), ("advance", CASE, STEP, "--by", HERE), ("advance", CASE, STEP, "--ref", HERE),
    ("lose", CASE, "--reason", HERE), ("add-rep", HERE), ("add-rep", "cleo", "--name", HERE),
    ("amend", "6", "--did", HERE), ("amend", "6", "--said", HERE), ("amend", "6", "--wrote", HERE),
    ("amend", "6", "--by", HERE), ("amend", "6", "--ref", HERE), ("amend", "14", "--reason", HERE),
    ("amend", "5", "--title", HERE),
)  # fmt: skip
"""Where text comes in and stays."""
LOOKED_UP = (
    ("add", "New", "--rep", HERE), ("add", "New", "--reached", HERE), ("add", "New", "--process", HERE),
    ("advance", HERE, STEP), ("advance", CASE, HERE), ("standing", HERE, STEP), ("standing", CASE, HERE),
    ("revalue", HERE, "5k"), ("assign", HERE, "ben"), ("assign", CASE, HERE),
    ("assign", "--from-rep", HERE, "--to-rep", "ben"), ("assign", "--from-rep", "anna", "--to-rep", HERE),
    ("lose", HERE), ("reopen", HERE), ("amend", HERE, "--on", "2026-11-01"), ("amend", "6", "--milestone", HERE),
    ("amend", "5", "--rep", HERE), ("undo", HERE), ("forget", HERE, "--yes"), ("forget", CASE, "--as", HERE, "--yes"),
    ("retire-rep", HERE), ("set-target", "5k", "--rep", HERE), ("processes", HERE), ("show", HERE),
    ("log", "--opportunity", HERE), ("opportunities", "--milestone", HERE), ("opportunities", "--status", HERE),
    ("opportunities", "--sort", HERE), ("kpis", "--rep", HERE), ("kpis", "--process", HERE), ("kpis", "--by", HERE),
    ("kpis", "--rates", HERE), ("cascade", "--rates", HERE), ("rates", "--by", HERE), ("forecast", "--by", HERE),
    ("forecast", "--milestone", HERE), ("forecast", "--what-if", HERE), ("import", "f.csv", "--from", HERE),
    ("import", "f.csv", "--from", "table", "--map", HERE), ("import", HERE), ("define-process", HERE), ("restore", HERE),
    ("merge", HERE),
    ("config", HERE), ("config", "set", HERE, "x"), ("config", "set", "locale", HERE), ("config", "set", "zone", HERE),
    ("kpis", "--format", HERE), ("kpis", "--locale", HERE), (HERE,),
)  # fmt: skip
"""Where a name of something that must be known comes in."""
DATED = (
    ("add", "New", "--on", HERE), ("advance", CASE, STEP, "--on", HERE), ("standing", CASE, STEP, "--on", HERE),
    ("standing", CASE, STEP, "--since", HERE), ("revalue", CASE, "5k", "--on", HERE), ("assign", CASE, "ben", "--on", HERE),
    ("lose", CASE, "--on", HERE), ("lose", CASE, "--revisit", HERE), ("reopen", "dust-sa", "--on", HERE),
    ("amend", "6", "--on", HERE), ("amend", "6", "--since", HERE), ("amend", "14", "--revisit", HERE),
    ("add-rep", "cleo", "--from", HERE), ("retire-rep", "ben", "--on", HERE),
    ("define-process", "b2b.toml", "--from", HERE), ("import", "f.csv", "--from", "table", "--map", "m.toml", "--on", HERE),
    ("rates", "--since", HERE), ("forecast", "--since", HERE), ("kpis", "--as-of", HERE), ("kpis", "--known-on", HERE),
)  # fmt: skip
MONTHLY = (
    ("set-target", "5k", "--from", HERE), ("cascade", "--for", HERE), ("kpis", "--period", HERE),
    ("health", "--period", HERE), ("report", "-o", "page.html", "--period", HERE),
)  # fmt: skip
PAID = (
    ("add", "New", "--value", HERE), ("advance", CASE, STEP, "--value", HERE), ("standing", CASE, STEP, "--value", HERE),
    ("revalue", CASE, HERE), ("amend", "5", "--value", HERE), ("set-target", HERE), ("cascade", "--target", HERE),
)  # fmt: skip
COUNTED = (
    ("log", "--limit", HERE), ("opportunities", "--limit", HERE), ("opportunities", "--waiting", HERE),
    ("next", "--limit", HERE), ("forecast", "--months", HERE), ("forecast", "--seed", HERE), ("backtest", "--months", HERE),
    ("backtest", "--origins", HERE), ("report", "-o", "page.html", "--months", HERE),
)  # fmt: skip
FILES = frozenset({"--db", "--output", "-o", "--map"})
"""Paths: tests/hostile/test_file.py is about those."""

OSC = "\x1b]{};http://x\x07y\x1b]8;;\x07"
STEERING = {
    "title": OSC.format(0), "link": OSC.format(8), "clipboard": "\x1b]52;c;eA==\x07", "colour": "\x1b[31mx\x1b[0m",
    "cursor": "x\x1b[2J", "C1": "a\x9b31mb", "bell": "a\x07b", "delete": "a\x7fb", "backspace": "a\x08b",
}  # fmt: skip
DAYS = (
    "0", "2026-02-30", "0001-01-01", "1989-12-31", "2101-01-01", "9999-12-31", "1e3", "1_000", "２０２６-１１-２０",
    "2026-11-20T10:00", "2026-11-20 10:00+02:00", "11/12/2026", "", "\x1b[31m", "9" * 5000,
)  # fmt: skip
MONTHS = (
    "0",
    "2026-13",
    "1989-01",
    "2101-01",
    "9999-12",
    "2026-W54",
    "２０２６-１１",
    "",
    "nan",
    "\x1b[31m",
    "9" * 5000,
)
AMOUNTS = (
    "0.005", "12345678901234567.89", "9000000000000.01", "1" + "0" * 18, "inf", "-inf", "Infinity", "nan", "NaN", "1e999",
    "1e5", "1__000", "1,000", "１２", "٣", "0x10", "", "k", "10 USD", "-5", "9" * 5000, "\x1b[31m",
)  # fmt: skip
COUNTS = ("inf", "nan", "1e3", "1,000", "１２", "٣", "-1", "0.5", "", "0x10", "9" * 5000, "x", "\x1b[31m")


@pytest.fixture(autouse=True)
def files(folder: Path, made: Path) -> None:
    (folder / "f.csv").write_text("Company,Phase\nEcho,talk\n")
    (folder / "m.toml").write_text('[columns]\ncustomer = "Company"\nstage = "Phase"\n[stages]\ntalk = 2\n')
    shutil.copy(made.parent / "b2b.toml", folder / "b2b.toml")


@pytest.fixture
def refuse(ms: Run, book: Path):
    """Runs a line that must be refused in one harmless message with one of these codes, the file left as it is."""
    before = book.read_bytes()

    def run(place: tuple[str, ...], value: str, codes: set[int]) -> Answer:
        argv = [value if word == HERE else word for word in place]
        answer = ms(*argv)
        assert answer.code in codes, (argv, answer)
        assert len(one_message(answer, answer.code)) < 600, argv
        assert book.read_bytes() == before, argv
        assert not [found for found in book.parent.glob("book.db-*") if found.stat().st_size], argv
        return answer

    return run


def named(place: tuple[str, ...]) -> str:
    return " ".join(place)


@pytest.mark.parametrize("place", STORED, ids=named)
def test_what_steers_a_terminal_is_refused_with_its_place_wherever_text_is_stored(refuse, place):
    for value in STEERING.values():
        assert "control character" in refuse(place, value, {2}).err, place


@pytest.mark.parametrize("place", STORED, ids=named)
def test_what_is_no_text_or_too_much_of_it_is_refused_wherever_text_is_stored(refuse, place):
    for value in ("a\udcffb", "", "   ", "\u200b", "x" * 1_000_000):
        refuse(place, value, {2})


@pytest.mark.parametrize("place", LOOKED_UP, ids=named)
def test_a_hostile_name_is_not_found_and_shown_harmless(refuse, place):
    for value in (STEERING["link"], STEERING["C1"], "a\udcffb", "a\u202eb", "[red]x{0}%s", "x" * 100_000, "9" * 5000):
        refuse(place, value, {1, 2, 3} if place[0] in {"import", "define-process", "restore", "merge"} else {1, 2})


@pytest.mark.parametrize("place", DATED, ids=named)
def test_a_day_that_is_none_is_wrong_usage_at_every_place_of_a_day(refuse, place):
    for value in DAYS:
        refuse(place, value, {2})


@pytest.mark.parametrize("place", MONTHLY, ids=named)
def test_a_month_that_is_none_is_wrong_usage_at_every_place_of_a_month(refuse, place):
    for value in MONTHS:
        refuse(place, value, {2})


@pytest.mark.parametrize("place", PAID, ids=named)
def test_an_amount_that_is_none_is_wrong_usage_at_every_place_of_an_amount(refuse, place):
    for value in AMOUNTS:
        refuse(place, value, {2})


@pytest.mark.parametrize("place", COUNTED, ids=named)
def test_a_number_that_is_none_is_wrong_usage_at_every_place_of_a_number(refuse, place):
    for value in COUNTS:
        refuse(place, value, {2})


COLUMNS = {
    "opportunity": {}, "customer": {}, "title": {}, "rep": {}, "external_id": {}, "text": {"evidence": "said"},
    "by": {"evidence": "said"}, "ref": {"evidence": "said"}, "reason": {"outcome": "lost", "milestone": ""},
}  # fmt: skip
"""Columns of text in a file of facts, and what else stands in their line."""


@pytest.mark.parametrize("column", COLUMNS)
def test_what_steers_a_terminal_is_refused_in_every_column_of_an_import(refuse, folder, column):
    line = {"opportunity": "x", "milestone": "1", "date": "2026-11-01", **COLUMNS[column]}
    for value in (*STEERING.values(), "a\0b", "x" * 1_000_000):
        with (folder / "f.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, [*dict.fromkeys([*line, column])])
            writer.writeheader()
            writer.writerow(line | {column: value})
        said = refuse(("import", "f.csv"), "", {1}).err
        assert "line" in said, value


FIELDS = {
    "name of the process": ('name = "b2b"', 'name = "b2b"\ntitle = {}'), "name": ('name = "Interest shown"', "name = {}"),
    "customer action": ('customer_action = "The target customer shows interest"', "customer_action = {}"),
    "how": ('how = ["Name the cost of the problem"]', "how = [{}]"), "key": ('key = "interest"', "key = {}"),
    "currency": ('currency = "EUR"', "currency = {}"),
}  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_what_steers_a_terminal_is_refused_in_every_text_of_a_process_file(refuse, folder, field):
    old, new = FIELDS[field]
    for value in (*STEERING.values(), "", "x" * 1_000_000):
        (folder / "bad.toml").write_text(PROCESS.replace(old, new.format(json.dumps(value))))
        refuse(("define-process", "bad.toml"), "", {1})


def test_no_option_that_takes_a_value_is_missing_above():
    places = (*STORED, *LOOKED_UP, *DATED, *MONTHLY, *PAID, *COUNTED)
    tried = {(place[0], word) for place in places for word, value in pairwise(place) if value == HERE}
    shared = {flag for option in commands.SHARED_OPTIONS.values() for flag in option.flags}
    for command in commands.COMMANDS.values():
        for option in command.options:
            if option.takes and not FILES.intersection(option.flags):
                assert any((command.name, flag) in tried for flag in option.flags), (command.name, option)
    for flag in shared - FILES - {"--dry-run", "--team", "--json", "--yes", "-y", "--quiet", "-q", "--debug"}:
        assert any(flag == word for _, word in tried), flag
