"""A file in which something was changed behind `ms`: it is found, nothing crashes, and a backup brings it back."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.hostile.conftest import Run

PAGE = 4096
LOOKS = (
    ("kpis", "--json"),
    ("rates", "--json"),
    ("forecast", "--json"),
    ("next", "--json"),
    ("opportunities", "--json"),
    ("show", "acme-gmbh", "--json"),
    ("log", "--json"),
    ("export", "-o", "facts.csv"),
    ("export", "-o", "book.json"),
    ("advance", "bolt-ag", "2"),
)


def contents(book: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return every row and the schema, read without an index."""
    with closing(sqlite3.connect(f"file:{book}?mode=ro", uri=True)) as raw:
        tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        rows = {name: raw.execute(f"SELECT * FROM {name} NOT INDEXED").fetchall() for name in tables}  # noqa: S608
        return rows | {"schema": raw.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()}


def altered(book: Path, before: dict[str, list[tuple[object, ...]]]) -> bool:
    try:
        return contents(book) != before
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return True


def lay(book: Path, data: bytes) -> None:
    for end in ("-wal", "-shm"):
        book.with_name(book.name + end).unlink(missing_ok=True)
    book.write_bytes(data)


def zeroed(data: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(data) // PAGE) * PAGE
    return data[:start] + bytes(PAGE) + data[start + PAGE :]


def flipped(data: bytes, draw: random.Random) -> bytes:
    bit = draw.randrange(len(data) * 8)
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("damage", [zeroed, flipped])
@pytest.mark.parametrize("seed", range(4))
def test_what_alters_a_row_is_found_and_nothing_crashes(
    ms: Run, book: Path, seed: int, damage: Callable[[bytes, random.Random], bytes]
):
    whole, before = book.read_bytes(), contents(book)
    draw = random.Random(f"{damage.__name__} {seed}")  # noqa: S311 - where, not a secret
    for _ in range(12):
        damaged = damage(whole, draw)
        lay(book, damaged)
        is_altered = altered(book, before)
        lay(book, damaged)
        checked = ms("check", "--json")
        assert checked.code == 3 or not is_altered
        assert checked.code in {0, 3}
        looked = LOOKS[draw.randrange(len(LOOKS))]
        answer = ms(*looked)
        assert answer.code in {0, 1, 3}, (looked, answer)


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
