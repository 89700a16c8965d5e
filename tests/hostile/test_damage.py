"""A file in which something was changed behind `ms`: it is found, nothing crashes, and a backup brings it back."""

from __future__ import annotations

import itertools
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from damage import LOOKS, PAGE, flipped, is_altered, lay, rows, zeroed
from tests.hostile.conftest import PROCESS, Run
from tests.hostile.forged import forge


def a_page(data: bytes, draw: random.Random) -> bytes:
    return zeroed(data, draw.randrange(len(data) // PAGE))


def a_bit(data: bytes, draw: random.Random) -> bytes:
    return flipped(data, draw.randrange(len(data) * 8))


@pytest.mark.parametrize("damage", [a_page, a_bit])
@pytest.mark.parametrize("seed", range(4))
def test_what_alters_a_row_is_found_and_nothing_crashes(
    ms: Run, book: Path, seed: int, damage: Callable[[bytes, random.Random], bytes]
):
    whole, before = book.read_bytes(), rows(book)
    draw = random.Random(f"{damage.__name__} {seed}")  # noqa: S311 - where, not a secret
    for _ in range(12):
        damaged = damage(whole, draw)
        lay(book, damaged)
        altered = is_altered(book, before)
        lay(book, damaged)
        checked = ms("check", "--json")
        assert checked.code == 3 or not altered
        assert checked.code in {0, 3}
        looked = [word.replace("{open}", "bolt-ag") for word in draw.choice(LOOKS)]
        answer = ms(*looked)
        assert answer.code in {0, 1, 3}, (looked, answer)


def without_definition(raw: sqlite3.Connection) -> None:
    """Let the last undo of a target take the definition back instead."""
    [first] = raw.execute("SELECT id FROM fact WHERE kind = 'version_defined'").fetchone()
    raw.execute("UPDATE fact SET payload = ? WHERE kind = 'voided'", (f'{{"v":1,"voids":"{first}"}}',))


FACTS = "opportunity,milestone,date\nbolt-ag,2,2026-11-20\n"


@pytest.mark.parametrize("others", [False, True])
def test_a_book_whose_opportunities_have_no_definition_is_named_damaged_and_an_undo_mends_it(
    ms: Run, book: Path, folder: Path, others: bool
):
    shutil.copy(book, folder / "other.db")
    (folder / "facts.csv").write_text(FACTS)
    if others:
        (folder / "smb.toml").write_text(PROCESS.replace('"b2b"', '"smb"'))
        assert ms("define-process", "smb.toml").code == 0
    assert ms("set-target", "7k", "--process", "b2b").code == ms("undo").code == 0
    forge(book, without_definition)
    before = book.read_bytes()
    for line in (("check",), ("check", "--rebuild"), ("show", "bolt-ag"), ("export",), ("advance", "bolt-ag", "2"),
                 ("undo", "7"), ("lose", "bolt-ag")):  # fmt: skip
        answer = ms(*line)
        assert (answer.code, "damaged" in answer.err or "not whole" in answer.err) == (3, True), (line, answer)
    assert "The definition of b2b is taken back, and opportunities rest on it: undo that" in ms("check").out
    for line in (*((look,) for look in LOOKED), ("import", "facts.csv"), ("merge", "other.db"), ("takeover",)):
        assert ms(*line).code in {0, 1, 2, 3}, line
    book.write_bytes(before)
    last = ms("log", "--json").json["commands"][0]["number"]
    assert ms("undo", str(last)).code == ms("check").code == 0
    assert ms("kpis").code == 0


LOOKED = (
    "kpis",
    "opportunities",
    "next",
    "cascade",
    "rates",
    "forecast",
    "health",
    "targets",
    "processes",
    "reps",
    "log",
)
HEADER = {
    "magic": range(16), "page size": range(16, 18), "versions of the format": range(18, 20),
    "reserved space": range(20, 21), "payload fractions": range(21, 24), "change counter": range(24, 28),
    "pages": range(28, 32), "freelist": range(32, 40), "schema cookie": range(40, 44), "schema format": range(44, 48),
    "cache size": range(48, 52), "vacuum": range(52, 56), "encoding": range(56, 60), "user version": range(60, 64),
    "incremental vacuum": range(64, 68), "application id": range(68, 72), "for expansion": range(72, 92),
    "valid for": range(92, 96), "library": range(96, 100),
}  # fmt: skip
"""The fields of the first 100 bytes of every file of SQLite."""
SINGLY = frozenset((18, 19, 47, 59, *range(60, 64)))
"""Bytes of which each bit is a version or a form of its own; of the others four are turned over at a time."""
STRANGE = ("application id", "user version")
"""A file of another program or of a newer ms is not written over, and a damaged mark looks like one."""


@pytest.mark.parametrize("field", HEADER)
def test_no_bit_of_the_header_makes_a_bug_or_costs_the_backup(ms: Run, book: Path, folder: Path, field: str):
    (folder / "one.csv").write_text("opportunity,milestone,date\nlater,1,2026-11-20\n")
    assert ms("import", "one.csv").code == 0
    whole, [backup] = book.read_bytes(), (folder / "book-backups").iterdir()
    good, damaged, found = backup.read_bytes(), whole, None
    commands = itertools.cycle((("check",), ("advance", "bolt-ag", "2"), ("log",)))
    for bits in turned_over(HEADER[field]):
        damaged = flipped(whole, *bits)
        lay(book, damaged)
        words = next(commands)
        answer = ms(*words)
        assert answer.code in {0, 3}, (bits, words, answer)
        assert backup.read_bytes() == good, (bits, words)
        found = damaged if answer.code == 3 else found
    lay(book, found or damaged)
    place = ("--db", "elsewhere.db") if field in STRANGE else ()
    restored = ms("restore", str(backup), "--yes", *place)
    assert restored.code == 0, restored
    assert ms("check", *place).code == 0
    assert backup.read_bytes() == good


def turned_over(places: range) -> Iterator[Sequence[int]]:
    """Yield the bits of some bytes, so many at a time as are turned over together."""
    for place in places:
        bits = range(place * 8, place * 8 + 8)
        if place in SINGLY:
            yield from ([bit] for bit in bits)
        elif place in HEADER["for expansion"]:
            yield bits
        else:
            yield from (bits[::2], bits[1::2])


def test_a_payload_that_cannot_be_read_is_damage_and_not_a_bug(ms: Run, book: Path):
    with closing(sqlite3.connect(book)) as raw:
        raw.execute("DROP TRIGGER fact_update")
        raw.execute("UPDATE fact SET payload = '{oops}' WHERE number = 6")
        raw.commit()
    for words in (("export", "-o", "facts.csv"), ("show", "acme-gmbh")):
        answer = ms(*words)
        assert answer.code == 3
        assert "is damaged" in answer.err
        assert "ms check" in answer.err


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER fact_update",
        "DROP INDEX arrival_by_day",
        "CREATE TABLE stranger (x)",
        "CREATE TRIGGER bait AFTER INSERT ON fact BEGIN DELETE FROM arrival; END",
    ],
)
def test_a_schema_that_is_not_ours_any_more_is_found(ms: Run, book: Path, statement: str):
    with closing(sqlite3.connect(book)) as raw:
        raw.execute(statement)
        raw.commit()
    answer = ms("check", "--json")
    assert answer.code == 3
    assert "schema" in answer.out


def test_a_file_with_a_changed_fact_does_not_become_the_newest_backup(ms: Run, book: Path, folder: Path):
    (folder / "one.csv").write_text("opportunity,milestone,date\nlater,1,2026-11-20\n")
    assert ms("import", "one.csv").code == 0
    good = list((folder / "book-backups").iterdir())
    for _ in range(2):
        with closing(sqlite3.connect(book)) as raw:
            raw.execute("UPDATE text SET body = 'Other words' WHERE body = 'It costs us'")
            raw.commit()
        assert ms("check").code == 3
        assert ms("restore", "--yes").code == 0
        assert list((folder / "book-backups").iterdir()) == good
        assert ms("check").code == 0
    assert len(list(folder.glob("book.db.damaged-*"))) >= 1


def test_an_import_into_a_file_whose_facts_were_changed_is_refused(ms: Run, book: Path, folder: Path):
    (folder / "one.csv").write_text("opportunity,milestone,date\nlater,1,2026-11-20\n")
    with closing(sqlite3.connect(book)) as raw:
        raw.execute("UPDATE text SET body = 'Other words' WHERE body = 'It costs us'")
        raw.commit()
    answer = ms("import", "one.csv")
    assert answer.code == 3
    assert "damaged" in answer.err


def test_a_text_that_is_no_text_any_more_is_damage_and_a_backup_brings_it_back(ms: Run, book: Path, folder: Path):
    (folder / "one.csv").write_text("opportunity,milestone,date\nlater,1,2026-11-20\n")
    assert ms("import", "one.csv").code == 0
    with closing(sqlite3.connect(book)) as raw:
        raw.execute("UPDATE text SET body = CAST(x'4974ff' AS TEXT) WHERE body = 'It costs us'")
        raw.commit()
    answer = ms("check")
    assert answer.code == 3
    assert "not whole" in answer.err
    assert ms("restore", "--yes").code == 0
    assert ms("check").code == 0
