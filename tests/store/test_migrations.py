"""Files of older versions: brought up to date whole, after a backup, or left as they were."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from milestone_cli.errors import Damaged, FileError, NewerFile, NoPermission
from milestone_cli.store import backup, migrations, sqlite_path, tables
from milestone_cli.store.book import Opening, open_book
from milestone_cli.store.check import problems
from milestone_cli.store.journal import Clock
from milestone_cli.store.sqlite import Access, empty_memory, integrity_problems, memory_handle, open_file
from milestone_cli.store.sqlite_schema import driver, schema
from milestone_cli.store.undo import commands

NEXT = """
from alembic import op
import sqlalchemy as sa

revision = "{revision}"
down_revision = "{before}"
REPROJECT = False


def upgrade():
    op.add_column("fact", sa.Column("mood", sa.Text()))
    op.execute("UPDATE text SET body = 'migrated'")
    {rest}
"""
NOW = tables.SCHEMA_VERSION
ROW = "INSERT INTO text (body, salt) VALUES (?, '')"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "ms.db"
    with open_file(path, Access.CREATE) as handle, handle.transaction() as connection:
        connection.exec_driver_sql(ROW, ("as it was",))
    return path


def newer_program(monkeypatch: pytest.MonkeyPatch, scripts: Path, rest: str = "pass") -> None:
    """From here on the program is at one version more."""
    versions = scripts / "versions"
    versions.mkdir(parents=True)
    for script in (Path(migrations.__file__).parent / "versions").glob("v*.py"):
        (versions / script.name).write_text(script.read_text())
    text = NEXT.format(rest=rest, revision=f"{NOW + 1:04d}", before=f"{NOW:04d}")
    (versions / "vnext.py").write_text(text)
    monkeypatch.setattr(migrations, "SCRIPTS", scripts)
    monkeypatch.setattr(tables, "SCHEMA_VERSION", NOW + 1)


def bodies(path: Path) -> list[str]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as raw:
        return [body for [body] in raw.execute("SELECT body FROM text")]


def version(path: Path) -> int:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as raw:
        return int(raw.execute("PRAGMA user_version").fetchone()[0])


def content(path: Path) -> tuple[str, int]:
    return hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns


def test_the_scripts_end_in_the_schema_of_the_tables() -> None:
    with (
        empty_memory() as scripted,
        memory_handle() as made,
        scripted.transaction() as first,
        made.transaction() as second,
    ):
        migrations.migrate(first, 0)
        assert schema(driver(first)) == schema(driver(second))
        for mark in ("application_id", "user_version"):
            query = f"PRAGMA {mark}"
            assert first.exec_driver_sql(query).scalar() == second.exec_driver_sql(query).scalar()


def test_the_message_of_the_triggers_is_one_line_in_both() -> None:
    with empty_memory() as scripted, scripted.transaction() as connection:
        migrations.migrate(connection, 0)
        sql = connection.exec_driver_sql("SELECT sql FROM sqlite_schema WHERE type = 'trigger'").scalars().all()
    assert len(sql) == 4
    assert all("'the journal is append-only'" in statement for statement in sql)


@pytest.mark.parametrize("access", list(Access))
def test_an_older_file_is_saved_and_brought_up_to_date(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, access: Access
) -> None:
    newer_program(monkeypatch, tmp_path / "scripts")
    with open_file(book, access) as handle, handle.transaction() as connection:
        columns = [row.name for row in connection.exec_driver_sql("PRAGMA table_info(fact)")]
        assert columns[-1] == "mood"
        names = connection.exec_driver_sql("SELECT name FROM sqlite_schema").scalars().all()
        assert "fact_update" in names
        assert "alembic_version" not in names
        assert integrity_problems(connection) == []
    assert (version(book), bodies(book)) == (NOW + 1, ["migrated"])
    [saved] = backup.automatic_backups(book)
    assert "migration" in saved.name
    assert (version(saved), bodies(saved)) == (NOW, ["as it was"])
    with open_file(book, access):
        pass
    assert backup.automatic_backups(book) == [saved]


@pytest.mark.parametrize("rest", ["op.execute('SELECT nonsense')", "raise RuntimeError"])
def test_a_failing_migration_leaves_the_file_as_it_was(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rest: str
) -> None:
    before = content(book)
    newer_program(monkeypatch, tmp_path / "scripts", rest)
    with pytest.raises((FileError, RuntimeError)):
        open_file(book, Access.WRITE)
    assert content(book) == before
    assert (version(book), bodies(book)) == (NOW, ["as it was"])
    assert len(backup.automatic_backups(book)) == 1
    monkeypatch.undo()
    with open_file(book, Access.READ) as handle, handle.transaction() as connection:
        assert integrity_problems(connection) == []


def test_a_file_of_a_newer_ms_is_not_touched(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer_program(monkeypatch, tmp_path / "scripts")
    with open_file(book, Access.WRITE):
        pass
    before = content(book)
    monkeypatch.undo()
    for access in Access:
        with pytest.raises(NewerFile):
            open_file(book, access)
    assert content(book) == before


def test_an_older_file_that_can_only_be_read_is_left_alone(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(book)
    newer_program(monkeypatch, tmp_path / "scripts")
    monkeypatch.setattr(sqlite_path, "can_write", lambda _: False)
    monkeypatch.setattr("milestone_cli.store.sqlite.can_write", lambda _: False)
    with pytest.raises(NoPermission, match="older ms"):
        open_file(book, Access.READ)
    assert content(book) == before


def test_without_a_backup_nothing_is_migrated(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer_program(monkeypatch, tmp_path / "scripts")
    monkeypatch.setattr(backup, "automatic_backup", lambda *_, **_more: None)
    with pytest.raises(Damaged, match="no backup"):
        open_file(book, Access.WRITE)
    assert version(book) == NOW


FIRST = Path(__file__).parent / "data" / "version-1.sql"
"""A book of the first version as SQL text: facts entered late, lost and reopened, amended, undone, two processes."""


@pytest.fixture
def first_version(tmp_path: Path) -> Path:
    path = tmp_path / "first.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(FIRST.read_text(encoding="utf-8"))
    return path


def test_a_file_of_the_first_version_gives_the_same_arrivals_and_learns_when_they_were_known(first_version: Path):
    with closing(sqlite3.connect(first_version)) as raw:
        before = raw.execute("SELECT opportunity, milestone, day, implied, value, rep FROM arrival").fetchall()
    with open_book(Opening(first_version, Access.WRITE, Clock(1_800_000_000_000_000, 20_800))) as book:
        after = book.connection.exec_driver_sql("SELECT * FROM arrival").fetchall()
        assert [tuple(row)[:2] + tuple(row)[3:7] for row in after] == before
        known = {row.known for row in after}
        assert None in known
        assert len(known) > 1
        assert all(row.known is None or row.known > row.day for row in after)
        assert list(problems(book)) == []
    [saved] = backup.automatic_backups(first_version)
    assert version(saved) == 1


SECOND = Path(__file__).parent / "data" / "version-2.sql"
"""A book of the second version: three users, an import with external ids, amended, undone, lost and reopened."""
KEPT = ("fact", "arrival", "tenure", "loss", "opportunity", "customer", "rep", "external", "snapshot", "hindcast")


@pytest.fixture
def second_version(tmp_path: Path) -> Path:
    path = tmp_path / "second.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(SECOND.read_text(encoding="utf-8"))
    return path


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as raw:
        return raw.execute(query).fetchall()


def changed_before(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        guards = "SELECT name, sql FROM sqlite_schema WHERE name IN ('command_update', 'fact_update')"
        kept = raw.execute(guards).fetchall()
        for name, _ in kept:
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute(statement)
        for _, trigger in kept:
            raw.execute(trigger)


def opened(path: Path) -> tuple[list[str], list[str]]:
    """Bring it up to date; return what is wrong with it and who recorded its commands."""
    with open_book(Opening(path, Access.WRITE, Clock(1_800_000_000_000_000, 20_800))) as book:
        return list(problems(book)), [command.who for command in commands(book.connection)]


def test_a_file_of_the_second_version_keeps_all_but_the_names_in_its_commands(second_version: Path):
    before = {table: rows(second_version, f"SELECT * FROM {table}") for table in KEPT}  # noqa: S608
    said = [who for [who] in rows(second_version, "SELECT who FROM command ORDER BY number")]
    # no arrival of these is by an edit of many, which the second version could not say
    before["arrival"] = [(*row, 0) for row in before["arrival"]]
    found, who = opened(second_version)
    assert (found, who) == ([], said)
    assert {table: rows(second_version, f"SELECT * FROM {table}") for table in KEPT} == before  # noqa: S608
    held = " ".join(str(row) for row in rows(second_version, "SELECT * FROM command"))
    assert set(said) == {"chief", "anna", "ben"}
    assert not any(f"'{name}'" in held for name in said)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"), closing(sqlite3.connect(second_version)) as raw:
        raw.execute("UPDATE command SET who = 'x'")


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE fact SET day = day + 1 WHERE number = 5", "or one of its facts was changed"),
        ("UPDATE command SET who = 'ben' WHERE number = 6", "or one of its facts was changed"),
        ("UPDATE command SET previous = '' WHERE number = 6", "does not follow the one before it"),
        ("UPDATE meta SET value = 'x' WHERE name = 'head'", "does not end where its head says"),
    ],
)
def test_a_journal_that_was_changed_does_not_look_whole_afterwards(second_version: Path, statement, finding):
    changed_before(second_version, statement)
    found, _ = opened(second_version)
    assert any(finding in problem for problem in found)


def test_an_empty_book_of_the_second_version_takes_commands_afterwards(tmp_path: Path):
    path = tmp_path / "empty.db"
    with empty_memory() as made, made.transaction() as connection:
        migrations.migrate(connection, 0, to_version=2)
        schema_of_2 = "\n".join(driver(connection).iterdump())
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(f"PRAGMA application_id = {tables.APPLICATION_ID}; PRAGMA user_version = 2; {schema_of_2}")
    assert opened(path) == ([], [])
