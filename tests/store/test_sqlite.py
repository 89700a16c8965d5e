"""Opening, locking and refusing files: each on a real file."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from milestone_cli.errors import (
    Damaged,
    DiskFull,
    FileError,
    InvalidValue,
    Locked,
    MsError,
    NewerFile,
    NoFileYet,
    NoPermission,
    NotADatabase,
)
from milestone_cli.store import sqlite, sqlite_path, tables
from milestone_cli.store.sqlite import (
    Access,
    Handle,
    integrity_problems,
    loose_permissions,
    memory_handle,
    on_network,
    open_file,
    translated,
)

ROW = "INSERT INTO command (id, name, who, entered_at, previous, hash) VALUES (?, 'add', 'anna', 1, '', ?)"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "ms.db"
    with open_file(path, Access.CREATE) as handle:
        record(handle, "first")
    return path


def record(handle: Handle, *names: str) -> None:
    with handle.transaction() as connection:
        for name in names:
            connection.exec_driver_sql(ROW, (name, name))


def recorded(path: Path) -> list[str]:
    with open_file(path, Access.READ) as handle, handle.transaction() as connection:
        return list(connection.exec_driver_sql("SELECT id FROM command ORDER BY number").scalars())


def trace(path: Path) -> tuple[str, int, list[str]]:
    """What must not change when a file is refused: content, time, and what lies beside it."""
    return (
        hashlib.sha256(path.read_bytes()).hexdigest(),
        path.stat().st_mtime_ns,
        sorted(file.name for file in path.parent.iterdir()),
    )


@contextmanager
def held(path: Path) -> Iterator[sqlite3.Connection]:
    """Another program in the middle of writing."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


# Making and finding


@pytest.mark.parametrize("access", [Access.READ, Access.WRITE])
def test_only_creating_makes_a_file(tmp_path: Path, access: Access) -> None:
    with pytest.raises(NoFileYet):
        open_file(tmp_path / "a" / "ms.db", access)
    assert not (tmp_path / "a").exists()


def test_a_new_file_and_its_directories_are_private(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "ms.db"
    old = os.umask(0)
    try:
        with open_file(path, Access.CREATE) as handle:
            record(handle, "x")
            modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    finally:
        os.umask(old)
    assert modes == {"ms.db": 0o600, "ms.db-wal": 0o600, "ms.db-shm": 0o600}
    assert [parent.stat().st_mode & 0o777 for parent in (tmp_path / "a", tmp_path / "a" / "b")] == [0o700, 0o700]
    assert not loose_permissions(path)


def test_only_the_opening_that_makes_the_schema_says_created(tmp_path: Path) -> None:
    path = tmp_path / "ms.db"
    with open_file(path, Access.CREATE) as first, open_file(path, Access.CREATE) as second:
        assert first.created
        assert not second.created


def test_an_empty_file_is_no_database_yet_and_can_become_one(tmp_path: Path) -> None:
    path = tmp_path / "ms.db"
    path.touch()
    with pytest.raises(NoFileYet):
        open_file(path, Access.READ)
    with open_file(path, Access.CREATE) as handle:
        assert handle.created
    assert recorded(path) == []


def _die_while_creating(path: Path) -> None:
    make = sqlite.make_schema

    def die(connection: object) -> None:
        make(connection)  # type: ignore[arg-type]
        connection.exec_driver_sql("PRAGMA cache_size=1")  # type: ignore[attr-defined]
        connection.exec_driver_sql("PRAGMA cache_spill=1")  # type: ignore[attr-defined]
        for number in range(200):
            row = (str(number) * 500, str(number))
            connection.exec_driver_sql(ROW, row)  # type: ignore[attr-defined]
        os.kill(os.getpid(), signal.SIGKILL)

    sqlite.make_schema = die  # type: ignore[assignment]
    open_file(path, Access.CREATE)


def test_a_killed_creation_leaves_a_file_that_can_be_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "ms.db"
    process = multiprocessing.get_context("spawn").Process(target=_die_while_creating, args=(path,))
    process.start()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    assert path.exists()
    with open_file(path, Access.CREATE) as handle:
        assert handle.created
        with handle.transaction() as connection:
            assert integrity_problems(connection) == []
    assert recorded(path) == []


def test_links_are_followed_but_not_into_nothing(book: Path, tmp_path: Path) -> None:
    link, dangling = tmp_path / "link.db", tmp_path / "dangling.db"
    link.symlink_to(book)
    dangling.symlink_to(tmp_path / "nothing.db")
    with open_file(link, Access.READ) as handle:
        assert handle.path == book
    for access in Access:
        with pytest.raises(FileError, match="is a link to"):
            open_file(dangling, access)
    assert not (tmp_path / "nothing.db").exists()


# Refusing


def _text(path: Path) -> None:
    path.write_text("Dear customer, " * 100)


def _short(path: Path) -> None:
    path.write_bytes(b"SQLite")


def _zeroed(path: Path) -> None:
    content = bytearray(_made(path))
    content[:100] = bytes(100)
    path.write_bytes(content)


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("CREATE TABLE photo (name)")


def _newer(path: Path) -> None:
    _made(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA user_version={tables.SCHEMA_VERSION + 1}")


def _made(path: Path) -> bytes:
    with open_file(path, Access.CREATE):
        pass
    return path.read_bytes()


@pytest.mark.parametrize("access", list(Access))
@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (_text, NotADatabase, "is not a database"),
        (_short, NotADatabase, "is not a database"),
        (_zeroed, NotADatabase, "is not a database"),
        (_foreign, NotADatabase, "made by another program"),
        (_newer, NewerFile, "made by a newer ms"),
    ],
)
def test_a_refused_file_is_not_touched(tmp_path: Path, make, error, said: str, access: Access) -> None:
    path = tmp_path / "ms.db"
    make(path)
    before = trace(path)
    with pytest.raises(error, match=said) as caught:
        open_file(path, access)
    assert str(path) in caught.value.message
    assert caught.value.exit_code == 3
    assert trace(path) == before


def test_a_newer_file_with_an_unfinished_wal_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "ms.db"
    _made(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA user_version={tables.SCHEMA_VERSION + 1}")
        before = trace(path)
        with pytest.raises(NewerFile):
            open_file(path, Access.WRITE)
        assert trace(path) == before


@pytest.mark.parametrize("access", list(Access))
def test_directories_pipes_and_impossible_paths_are_refused(tmp_path: Path, access: Access) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    for path, error in [
        (tmp_path, NotADatabase),
        (tmp_path / "pipe", NotADatabase),
        (Path("/dev/null"), NotADatabase),
        (tmp_path / "file" / "ms.db", FileError),
        (tmp_path / ("x" * 300), FileError),
        (Path("a\0b"), InvalidValue),
    ]:
        with pytest.raises(error):
            open_file(path, access)


# Transactions


def test_every_connection_has_the_settings(book: Path) -> None:
    with open_file(book, Access.WRITE) as handle, handle.transaction() as connection:
        names = ("journal_mode", "foreign_keys", "synchronous", "recursive_triggers", "trusted_schema")
        assert [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names] == ["wal", 1, 2, 1, 0]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE command SET who = 'ben'",
        "DELETE FROM command",
        "INSERT OR REPLACE INTO command VALUES (1, 'first', 'add', 'ben', 1, NULL, '', 'h', NULL)",
    ],
)
def test_the_journal_is_append_only(book: Path, statement: str) -> None:
    with (
        open_file(book, Access.WRITE) as handle,
        pytest.raises(IntegrityError, match="append-only"),
        handle.transaction() as connection,
    ):
        connection.exec_driver_sql(statement)
    assert recorded(book) == ["first"]


def test_an_error_takes_everything_back(book: Path) -> None:
    with open_file(book, Access.WRITE) as handle:
        with pytest.raises(IntegrityError):
            record(handle, "lost", "first")
        record(handle, "second")
    assert recorded(book) == ["first", "second"]


def test_a_reader_sees_one_state_from_its_beginning(book: Path) -> None:
    with open_file(book, Access.READ) as reader, open_file(book, Access.WRITE) as writer:
        with reader.transaction() as connection:
            record(writer, "second")
            assert connection.exec_driver_sql("SELECT count(*) FROM command").scalar() == 1
        with reader.transaction() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM command").scalar() == 2


def test_a_file_opened_for_looking_can_write_where_asked(book: Path) -> None:
    with open_file(book, Access.READ) as handle, handle.transaction(write=True) as connection:
        connection.exec_driver_sql(ROW, ("second", "second"))
    assert recorded(book) == ["first", "second"]


def test_a_held_file_is_given_up_after_the_wait_and_said_once(book: Path) -> None:
    told: list[float] = []
    with held(book):
        assert recorded(book) == ["first"]
        handle = open_file(book, Access.WRITE, wait_seconds=1.6, on_wait=lambda: told.append(1))
        with handle, pytest.raises(Locked, match="Nothing was recorded"):
            record(handle, "late")
    assert told == [1]
    assert recorded(book) == ["first"]


def test_a_reader_waits_for_a_file_held_alone(book: Path) -> None:
    with closing(sqlite3.connect(book, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Locked):
            open_file(book, Access.READ, wait_seconds=0.3)


def test_a_writer_waits_for_the_one_before(book: Path) -> None:
    with held(book) as other:
        timer = threading.Timer(0.4, other.rollback)
        timer.start()
        begun = time.monotonic()
        with open_file(book, Access.WRITE) as handle:
            record(handle, "second")
        assert time.monotonic() - begun >= 0.3
        timer.join()
    assert recorded(book) == ["first", "second"]


def _record_many(path: Path, name: str) -> None:
    for number in range(5):
        with open_file(path, Access.CREATE) as handle, handle.transaction() as connection:
            count = connection.exec_driver_sql("SELECT count(*) FROM command").scalar()
            connection.exec_driver_sql(ROW, (f"{name}-{number}", f"{count}"))


def test_many_processes_make_and_write_one_file_and_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ms.db"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_record_many, args=(path, f"p{number}")) for number in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 6
    with open_file(path, Access.READ) as handle, handle.transaction() as connection:
        hashes = connection.exec_driver_sql("SELECT hash FROM command ORDER BY number").scalars().all()
    assert hashes == [str(number) for number in range(30)]


def test_a_file_moved_while_open_takes_no_more_facts(book: Path, tmp_path: Path) -> None:
    with open_file(book, Access.WRITE) as handle:
        book.rename(tmp_path / "elsewhere.db")
        with pytest.raises(FileError, match="moved or replaced"):
            record(handle, "lost")


def test_a_file_migrated_by_a_newer_ms_while_open_takes_no_more_facts(book: Path) -> None:
    with open_file(book, Access.WRITE) as handle:
        with closing(sqlite3.connect(book)) as other:
            other.execute(f"PRAGMA user_version={tables.SCHEMA_VERSION + 1}")
        with pytest.raises(NewerFile):
            record(handle, "lost")


# Only readable


@pytest.fixture
def no_writing(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - made before
    """The book exists, and os.access answers as on a file of somebody else: tests may run as root."""
    monkeypatch.setattr(sqlite_path.os, "access", lambda _path, mode: not mode & os.W_OK)


@pytest.mark.usefixtures("no_writing")
def test_a_file_that_can_only_be_read_is_read_without_a_trace(book: Path) -> None:
    before = trace(book)
    with open_file(book, Access.READ) as handle:
        assert not handle.writable
        with handle.transaction() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM command").scalar() == 1
            assert trace(book) == before
        with pytest.raises(NoPermission, match="can be read but not written"), handle.transaction(write=True):
            pass
    assert trace(book) == before


@pytest.mark.usefixtures("no_writing")
def test_a_file_that_can_only_be_read_is_not_written(book: Path) -> None:
    for access in (Access.WRITE, Access.CREATE):
        with pytest.raises(NoPermission, match=r"ms\.db can be read but not written"):
            open_file(book, access)


def test_what_lies_in_the_wal_is_read_too(book: Path, request: pytest.FixtureRequest) -> None:
    with closing(sqlite3.connect(book, isolation_level=None)) as other:
        other.execute(ROW, ("in-wal", "in-wal"))
        request.getfixturevalue("no_writing")
        assert recorded(book) == ["first", "in-wal"]


def test_a_read_only_file_in_a_writable_directory_is_read(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_path.os, "access", lambda path, mode: Path(path) != book or not mode & os.W_OK)
    before = trace(book)
    assert recorded(book) == ["first"]
    assert trace(book) == before


# Damage, disks, rights


def _damage(path: Path, page: int) -> None:
    content = bytearray(path.read_bytes())
    content[4096 * page + 8 : 4096 * (page + 1)] = b"\xa5" * 4088
    path.write_bytes(content)


def test_a_damaged_page_is_named_and_the_way_back_told(book: Path) -> None:
    with open_file(book, Access.READ) as handle, handle.transaction() as connection:
        root = connection.exec_driver_sql("SELECT rootpage FROM sqlite_schema WHERE name = 'command'").scalar_one()
    _damage(book, root - 1)
    with pytest.raises(Damaged, match="is damaged") as caught:
        recorded(book)
    assert "ms restore" in caught.value.hint
    with open_file(book, Access.READ) as handle, handle.transaction() as connection:
        assert integrity_problems(connection)


def test_a_damaged_schema_page_is_a_damaged_file(book: Path) -> None:
    content = bytearray(book.read_bytes())
    content[100:4096] = b"\xa5" * 3996
    book.write_bytes(content)
    with pytest.raises(Damaged):
        open_file(book, Access.READ)


def test_checks_that_break_off_and_broken_references_are_problems(book: Path) -> None:
    with closing(sqlite3.connect(book, isolation_level=None)) as other:
        other.execute("INSERT INTO milestone (process, key) VALUES (77, 'x')")
    with open_file(book, Access.READ) as handle, handle.transaction() as connection:
        assert integrity_problems(connection) == ["1 row of milestone points to nothing in process"]

    class Broken:
        def execute(self, _statement: str) -> None:
            raise sqlite3.DatabaseError

    problems = sqlite.problems_of(Broken())  # type: ignore[arg-type]
    assert problems == ["integrity check stopped (DatabaseError)", "check of references stopped (DatabaseError)"]


def test_a_full_disk_records_nothing(book: Path) -> None:
    with open_file(book, Access.WRITE) as handle:
        with handle.transaction() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        with pytest.raises(DiskFull, match="Nothing was recorded"):
            record(handle, *(f"{number}{'x' * 1000}" for number in range(1000)))
    assert recorded(book) == ["first"]


LIMITED = """
import resource, sys
from pathlib import Path
from milestone_cli.errors import DiskFull
from milestone_cli.store.sqlite import Access, open_file
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    with open_file(Path(sys.argv[1]), Access.WRITE) as handle, handle.transaction() as connection:
        for number in range(2000):
            row = (str(number) + "x" * 1000, "")
            connection.exec_driver_sql("INSERT INTO command (id, name, who, entered_at, previous, hash)"
                                       " VALUES (?, 'add', 'anna', 1, '', ?)", row)
except DiskFull as error:
    print(error.message)
"""


def test_a_limit_of_file_sizes_records_nothing(book: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LIMITED, book], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Disk full while writing")
    assert recorded(book) == ["first"]


def _failing(code: int, kind: type[sqlite3.Error] = sqlite3.OperationalError) -> sqlite3.Error:
    error = kind("Acme owes 40,000")
    error.sqlite_errorcode = code
    error.sqlite_errorname = "SQLITE_THIS"
    return error


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (_failing(sqlite3.SQLITE_BUSY_SNAPSHOT), Locked),
        (_failing(sqlite3.SQLITE_IOERR_WRITE), DiskFull),
        (_failing(sqlite3.SQLITE_IOERR_READ), Damaged),
        (_failing(sqlite3.SQLITE_NOTADB, sqlite3.DatabaseError), Damaged),
        (_failing(sqlite3.SQLITE_READONLY_DBMOVED), FileError),
        (_failing(sqlite3.SQLITE_CANTOPEN_ISDIR), NoPermission),
        (_failing(sqlite3.SQLITE_ERROR), FileError),
        (OSError(28, "no"), DiskFull),
        (OSError(27, "no"), DiskFull),
        (PermissionError(13, "no"), NoPermission),
        (OSError(5, "no"), FileError),
        (OSError("no"), FileError),
    ],
)
def test_errors_name_the_file_and_never_repeat_the_librarys_text(raised: Exception, error: type[MsError]) -> None:
    with pytest.raises(error) as caught, translated(Path("/books/ms.db")):
        raise raised
    assert type(caught.value) is error
    assert "/books/ms.db" in caught.value.message
    assert "Nothing was recorded" in caught.value.message
    assert "Acme" not in caught.value.message + caught.value.hint


def test_a_defect_of_ours_is_not_called_a_problem_of_the_file() -> None:
    for raised in (_failing(19, sqlite3.IntegrityError), sqlite3.ProgrammingError("closed"), KeyError("x")):
        with pytest.raises(type(raised)), translated(Path("/books/ms.db")):
            raise raised


def test_error_texts_hold_no_values(book: Path) -> None:
    with (
        open_file(book, Access.WRITE) as handle,
        pytest.raises(IntegrityError) as caught,
        handle.transaction() as connection,
    ):
        connection.exec_driver_sql(ROW, ("first", "Acme owes 40,000"))
    assert "Acme" not in str(caught.value)


def test_a_file_open_to_others_is_noticed(book: Path) -> None:
    for mode, loose in ((0o600, False), (0o640, True), (0o604, True), (0o620, True), (0o711, False)):
        book.chmod(mode)
        assert loose_permissions(book) is loose
    assert not loose_permissions(book.with_name("missing"))


def test_network_file_systems_are_known_by_the_innermost_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/vda / ext4 rw 0 0\nserver:/x /my\\040share nfs4 rw 0 0\ntmpfs /my\\040share/local tmpfs rw 0 0\nbad\n"
    )
    assert on_network(Path("/my share/ms.db"), mounts) == "nfs4"
    assert on_network(Path("/my share/local/ms.db"), mounts) is None
    assert on_network(Path("/home/ms.db"), mounts) is None
    assert on_network(Path("/home/ms.db"), tmp_path / "missing") is None


# The rest


def test_a_book_in_memory_has_the_same_schema(book: Path) -> None:
    names = "SELECT type, name, sql FROM sqlite_schema ORDER BY name"
    with (
        memory_handle() as memory,
        open_file(book, Access.READ) as file,
        memory.transaction() as first,
        file.transaction() as second,
    ):
        assert first.exec_driver_sql(names).all() == second.exec_driver_sql(names).all()


def test_views_show_days_and_keys() -> None:
    with memory_handle() as memory, memory.transaction() as connection:
        run = connection.exec_driver_sql
        run("INSERT INTO process (key) VALUES ('b2b')")
        run("INSERT INTO text (body, salt) VALUES ('Acme', '')")
        run("INSERT INTO customer (name, folded, text) VALUES ('Acme', 'acme', 1)")
        run("INSERT INTO milestone (process, key) VALUES (1, 'interest')")
        run(
            "INSERT INTO opportunity (process, customer, key, folded, title, opened_on, status, value)"
            " VALUES (1, 1, 'acme', 'acme', '', 20000, 'open', 4000000)"
        )
        run("INSERT INTO arrival (opportunity, milestone, process, day, implied, value) VALUES (1, 1, 1, 20001, 0, 1)")
        shown = run("SELECT opportunity, process, milestone, day FROM arrivals").one()
        assert tuple(shown) == ("acme", "b2b", "interest", "2024-10-05")
        shown = run("SELECT key, customer, opened_on, won_on, value_minor FROM opportunities").one()
        assert tuple(shown) == ("acme", "Acme", "2024-10-04", None, 4000000)


def test_opening_a_current_file_does_not_import_alembic(book: Path) -> None:
    code = (
        "import sys, pathlib; from milestone_cli.store.sqlite import Access, open_file\n"
        "open_file(pathlib.Path(sys.argv[1]), Access.WRITE).close(); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, book], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
