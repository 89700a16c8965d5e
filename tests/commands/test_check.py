"""`ms check`: whole, or everything that is wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest


def change(path: Path, *statements: str) -> None:
    """Do to the file what no `ms` does: the journal's triggers are taken away meanwhile."""
    with closing(sqlite3.connect(path)) as raw:
        triggers = raw.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            raw.execute(statement)
        for _, trigger in triggers:
            raw.execute(trigger)
        raw.commit()


@pytest.fixture
def book(team, path: Path) -> Path:
    """A file with an opportunity at milestone 2."""
    team("add", "Acme GmbH", "--rep", "anna", "--value", "120k")
    team("advance", "acme-gmbh", "2", "--said", "Come by on Monday")
    return path


@pytest.mark.usefixtures("book")
def test_a_whole_file_is_said_to_be_whole(ms) -> None:
    answer = ms("check")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("Whole: ")
    found = ms("check", "--json").json
    assert found["whole"] is True
    assert (found["facts"], found["commands"], found["arrivals"], found["problems"]) == (6, 3, 2, [])


def test_a_changed_fact_is_found(book: Path, ms) -> None:
    change(book, "UPDATE fact SET day = day - 1 WHERE kind = 'reached'")
    answer = ms("check", "--json")
    assert answer.code == 3
    assert answer.json["whole"] is False
    assert "was changed" in answer.json["problems"][0]
    assert '"code": "damaged"' in answer.err


def test_a_fact_that_is_no_json_any_more_is_found(book: Path, ms) -> None:
    change(book, "UPDATE fact SET payload = '{not json}' WHERE kind = 'reached'")
    answer = ms("check")
    assert (answer.code, "was changed" in answer.out) == (3, True)


def test_what_is_computed_wrongly_is_found_and_written_anew(book: Path, ms) -> None:
    change(book, "UPDATE arrival SET value = 1", "UPDATE opportunity SET status = 'lost'")
    answer = ms("check")
    assert answer.code == 3
    assert "The state of acme-gmbh" in answer.out
    assert "`ms check --rebuild`" in answer.err
    assert ms("check", "--rebuild", "--dry-run").code == 3
    assert ms("check", "--rebuild").code == 0
    assert ms("check").code == 0


def test_a_broken_journal_is_not_built_upon(book: Path, ms) -> None:
    change(book, "UPDATE fact SET day = day - 1 WHERE kind = 'reached'", "UPDATE arrival SET value = 1")
    answer = ms("check", "--rebuild")
    assert answer.code == 3
    assert "rebuild" not in answer.err
    with closing(sqlite3.connect(book)) as raw:
        assert raw.execute("SELECT DISTINCT value FROM arrival").fetchall() == [(1,)]


def zeroed(path: Path) -> None:
    path.write_bytes(b"\0" * 16384)


def overwritten(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[8192:-4096] = b"\xff" * len(content[8192:-4096])
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [zeroed, overwritten])
@pytest.mark.parametrize("more", [[], ["--rebuild"]])
def test_a_damaged_file_names_the_newest_backup_and_the_way_back(
    book: Path, ms, tmp_path: Path, damage: Callable[[Path], None], more: list[str]
) -> None:
    ms("backup", str(tmp_path / "copy.db"))
    ms("restore", str(tmp_path / "copy.db"), "--yes")
    damage(book)
    answer = ms("check", *more)
    assert answer.code == 3
    assert "`ms restore` goes back to the newest automatic backup" in answer.err
    assert "-restore.db" in answer.err
    assert ms("restore", "--yes").code == 0
    assert ms("check").code == 0


def versioned(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA user_version = {version}")


@pytest.mark.parametrize("version", [-3, 0, 1, 2])
def test_a_version_that_is_not_that_of_the_schema_is_damage_and_pushes_no_backup_out(
    book: Path, ms, tmp_path: Path, version: int
) -> None:
    ms("backup", str(tmp_path / "copy.db"))
    ms("restore", str(tmp_path / "copy.db"), "--yes")
    kept = sorted(file.name for file in tmp_path.glob("*-backups/*"))
    versioned(book, version)
    for words in (["check"], ["kpis"], ["check", "--rebuild"], ["add", "Beta"], ["check"], ["log"], ["check"]):
        answer = ms(*words)
        assert (answer.code, "Traceback" in answer.err) == (3, False), words
    assert sorted(file.name for file in tmp_path.glob("*-backups/*")) == kept
    assert ms("restore", "--yes").code == 0
    assert ms("check").code == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE milestone SET key = 'zz' WHERE number = 1",
        "UPDATE process SET key = 'zz'",
        "UPDATE rep SET name = 'Enna' WHERE number = 1",
        "UPDATE opportunity SET key = 'zzz'",
    ],
)
def test_a_changed_name_is_told_and_the_way_back_works(book: Path, ms, tmp_path: Path, statement: str) -> None:
    ms("backup", str(tmp_path / "copy.db"))
    ms("restore", str(tmp_path / "copy.db"), "--yes")
    change(book, statement)
    for words in (["check"], ["check", "--rebuild"]):
        answer = ms(*words)
        assert answer.code == 3
        assert "rebuild" not in answer.err
        assert "`ms restore` goes back to the newest automatic backup" in answer.err
    assert ms("kpis").code in {0, 3}
    assert ms("restore", "--yes").code == 0
    assert ms("check").code == 0


def test_another_kind_of_file_is_no_damaged_one(path: Path, ms) -> None:
    path.write_text("Dear customer, this is a letter that is long enough to be read as a page.", encoding="utf-8")
    answer = ms("check")
    assert (answer.code, answer.out) == (3, "")
    assert "is not a database" in answer.err


def test_there_is_nothing_to_check_where_no_file_is(path: Path, ms) -> None:
    assert ms("check").code == 1
    assert ms("check", "--rebuild").code == 1
    assert not path.exists()
