"""Files that are not there, not ours, not whole, not ours to write or too big: exit code 3 (1 if there is none)."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import pytest
from tests.hostile.conftest import one_message

from milestone_cli.store import sqlite as opened
from milestone_cli.store import tables

LOOKS = (
    ("kpis",),
    ("opportunities",),
    ("show", "acme-gmbh"),
    ("log",),
    ("targets",),
    ("cascade",),
    ("processes",),
    ("reps",),
    ("check",),
)
RECORDS = (
    ("advance", "acme-gmbh", "3"),
    ("undo",),
    ("import", "facts.csv"),
    ("check", "--rebuild"),
    ("forget", "acme-gmbh", "--yes"),
)
CREATES = (
    ("add", "New"),
    ("set-target", "5k"),
    ("add-rep", "cleo"),
    ("define-process", "new.toml"),
    ("merge", "other.db"),
)
FACTS = "opportunity,milestone,date\nx,1,2026-01-01\n"


@pytest.fixture(autouse=True)
def files(folder: Path, made: Path) -> None:
    (folder / "facts.csv").write_text(FACTS)
    shutil.copy(made.parent / "b2b.toml", folder / "new.toml")
    shutil.copy(made, folder / "other.db")


def beside(path: Path) -> set[str]:
    return {found.name for found in path.parent.glob(f"{path.name}*")}


@pytest.mark.parametrize("argv", [*LOOKS, *RECORDS], ids=" ".join)
def test_a_missing_file_is_not_made_by_looking_or_correcting(ms, folder, argv):
    assert "define-process" in one_message(ms(*argv), 1)
    assert not (folder / "book.db").exists()
    assert not (folder / "state").exists()


def test_a_missing_file_shows_the_first_commands_on_todays_page(ms, folder):
    done = ms()
    assert (done.code, done.err) == (0, "")
    assert "ms define-process" in done.out
    assert not (folder / "book.db").exists()


@pytest.mark.parametrize("argv", [*LOOKS, *RECORDS], ids=" ".join)
def test_an_empty_file_is_no_book_yet(ms, folder, argv):
    (folder / "book.db").touch()
    assert "define-process" in one_message(ms(*argv), 1)
    assert (folder / "book.db").stat().st_size == 0


def foreign(path: Path, made: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE customer (name)")


def newer(path: Path, made: Path) -> None:
    shutil.copy(made, path)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA user_version = {tables.SCHEMA_VERSION + 1}")
        raw.execute("PRAGMA journal_mode = DELETE")


def zeroed(path: Path, made: Path) -> None:
    path.write_bytes(bytes(100) + made.read_bytes()[100:])


def cut(path: Path, made: Path) -> None:
    path.write_bytes(made.read_bytes()[:5000])


def scribbled(path: Path, made: Path) -> None:
    content = bytearray(made.read_bytes())
    content[100:4096] = os.urandom(3996)
    path.write_bytes(content)


SPOILT = {
    "text": lambda path, _: path.write_text("opportunity,milestone,date\n" * 50),
    "short": lambda path, _: path.write_bytes(b"SQLite"),
    "zeros": lambda path, _: path.write_bytes(bytes(8192)),
    "directory": lambda path, _: path.mkdir(),
    "pipe": lambda path, _: os.mkfifo(path),
    "dangling": lambda path, _: path.symlink_to(path.parent / "nowhere.db"),
    "loop": lambda path, _: path.symlink_to(path),
    "foreign": foreign,
    "newer": newer,
    "zeroed": zeroed,
    "cut": cut,
    "scribbled": scribbled,
}


@pytest.mark.parametrize("kind", SPOILT)
def test_a_file_that_is_no_book_of_ours_is_named_and_left_as_it_is(ms, folder, made, kind):
    path = folder / "book.db"
    SPOILT[kind](path, made)
    before = path.read_bytes() if path.is_file() else beside(path)
    for argv in (LOOKS[0], LOOKS[3], RECORDS[0], CREATES[0], CREATES[3], ("export", "-o", "x.csv"), ("backup", "y.db")):
        message = one_message(ms(*argv), 3)
        assert "book.db" in message
    assert ms("check").code == 3
    assert ms().code == 3
    assert (path.read_bytes() if path.is_file() else beside(path)) == before
    assert beside(path) == {"book.db"}
    assert not (folder / "nowhere.db").exists()
    assert not (folder / "y.db").exists()


def test_what_is_no_book_cannot_be_restored_from_and_the_book_stays(ms, book, folder, made):
    before = book.read_bytes()
    for kind, spoil in SPOILT.items():
        spoil(folder / f"{kind}.db", made)
        answer = ms("restore", f"{kind}.db", "--yes")
        assert answer.code in {1, 3}, (kind, answer)
        assert answer.err.startswith("Error: ")
        assert book.read_bytes() == before


def test_a_strangers_triggers_do_not_come_in_with_a_restore(ms, book, folder):
    shutil.copy(book, folder / "bait.db")
    with closing(sqlite3.connect(folder / "bait.db")) as raw:
        raw.execute("CREATE TRIGGER bait AFTER INSERT ON fact BEGIN DELETE FROM arrival; END")
        raw.execute("PRAGMA journal_mode = DELETE")
    before = book.read_bytes()
    assert "schema" in one_message(ms("restore", "bait.db", "--yes"), 3)
    assert book.read_bytes() == before


def test_a_changed_value_is_found_by_check(ms, book):
    with closing(sqlite3.connect(book)) as raw:
        raw.execute("UPDATE arrival SET value = 1 WHERE value IS NOT NULL")
        raw.commit()
    answer = ms("check")
    assert answer.code == 3
    assert "ms check --rebuild" in answer.err
    assert ms("check", "--rebuild").code == 0
    assert ms("check").code == 0


# Rights ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_file_that_can_only_be_read_is_looked_at_and_not_written(ms, book, monkeypatch, what):
    protected = book if what == "file" else book.parent
    allowed = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: not (Path(path) == protected and mode & os.W_OK) and allowed(path, mode)
    )
    before = book.read_bytes()
    for argv in LOOKS:
        assert ms(*argv).code == 0
    for argv in (*RECORDS, *CREATES):
        assert "can be read but not written" in one_message(ms(*argv), 3)
    assert book.read_bytes() == before
    assert beside(book) == {"book.db"}


NOBODY = """
import os, sys
from milestone_cli.cli import run
assert run(["kpis", "-q"]) + run(["add", "New", "-q", "--dry-run"]) == 0  # what is imported late may lie out of reach
os.environ |= {"MS_DB": sys.argv[1], "MS_CONFIG": "/nowhere.toml"}
os.setgroups([]), os.setgid(65534), os.setuid(65534)
sys.exit(10 * run(["add", "New"]) + run(["kpis"]))
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize(
    ("file_mode", "folder_mode", "code"),
    [(0o444, 0o755, 30), (0o644, 0o755, 30), (0o600, 0o755, 33), (0o644, 0o700, 33)],
)
@pytest.mark.usefixtures("book")
def test_another_user_may_look_where_the_system_allows_it_and_never_write(made, file_mode, folder_mode, code):
    with tempfile.TemporaryDirectory() as name:
        shared = Path(shutil.copy(made, f"{name}/book.db"))
        shared.chmod(file_mode)
        Path(name).chmod(folder_mode)
        done = subprocess.run([sys.executable, "-c", NOBODY, shared], capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        assert done.stderr.count("Error: ") == (2 if code == 33 else 1)
        assert "Traceback" not in done.stderr
        assert shared.read_bytes() == made.read_bytes()
        assert beside(shared) == {"book.db"}


def test_a_file_that_others_may_read_is_warned_of_once_until_it_is_meant_so(ms, book):
    book.chmod(0o640)
    assert ms("kpis", "--quiet").err == ""  # leaves out remarks, never warnings
    assert ms("advance", "acme-gmbh", "3").err.count("Warning: Others on this machine may read") == 1
    assert ms("config", "set", "shared", "true").code == 0
    assert "Warning" not in ms("revalue", "bolt-ag", "30k").err


def test_a_file_on_a_network_is_warned_of(ms, book, monkeypatch):
    monkeypatch.setattr(opened, "on_network", lambda _path: "nfs4")
    assert "network file system (nfs4)" in ms("advance", "acme-gmbh", "3").err


def test_a_folder_that_may_not_be_written_gets_no_new_book(ms, folder, monkeypatch):
    opens = os.open

    def refuse(path, *args, **more):
        if str(path).endswith("book.db"):
            raise PermissionError(13, "Permission denied")
        return opens(path, *args, **more)

    monkeypatch.setattr(os, "open", refuse)
    assert "No permission" in one_message(ms("define-process", "new.toml"), 3)


# Others at work -------------------------------------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A twentieth of the patience."""
    defaults = opened.Patience.__init__.__defaults__
    monkeypatch.setattr(opened.Patience.__init__, "__defaults__", (1.5, *defaults[1:]))
    monkeypatch.setitem(opened.open_file.__kwdefaults__, "wait_seconds", 1.5)


@pytest.mark.usefixtures("impatient")
def test_a_file_held_by_another_writer_is_given_up_with_nothing_recorded(ms, book):
    before = book.read_bytes()
    with closing(sqlite3.connect(book, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = ms("advance", "acme-gmbh", "3")
        assert answer.code == 3
        waiting, refused, _ = answer.err.splitlines()
        assert waiting.startswith("Waiting for another ms")
        assert "Nothing was recorded" in refused
        assert ms("kpis").code == 0, "whoever looks does not wait for a writer"
        other.execute("ROLLBACK")
    assert book.read_bytes() == before
    assert ms("advance", "acme-gmbh", "3").code == 0


@pytest.mark.usefixtures("impatient")
def test_a_writer_waits_for_one_that_finishes_in_time(ms, book):
    other = sqlite3.connect(book, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.4, lambda: other.execute("ROLLBACK"))
    release.start()
    assert ms("advance", "acme-gmbh", "3").code == 0
    release.join()
    other.close()


def test_a_file_moved_away_in_the_middle_takes_nothing_more(ms, book, monkeypatch):
    begin = opened.Handle._begin

    def moved(handle, connection):
        if book.exists():
            book.rename(book.with_name("elsewhere.db"))
        begin(handle, connection)

    monkeypatch.setattr(opened.Handle, "_begin", moved)
    assert "moved or replaced" in one_message(ms("advance", "acme-gmbh", "3"), 3)
    monkeypatch.undo()
    assert not book.exists()
    assert ms("show", "acme-gmbh", "--json", "--db", str(book.with_name("elsewhere.db"))).json["milestone"] == 2


LONG = "n" * 300


@pytest.mark.parametrize(
    "argv",
    [
        ("kpis", "--db", LONG), ("add", "New", "--db", LONG), ("backup", LONG), ("backup", f"{LONG}/copy.db"),
        ("backup", LONG, "--db", LONG), ("restore", LONG), ("merge", LONG), ("import", LONG), ("define-process", LONG),
        ("import", "facts.csv", "--from", "table", "--map", LONG), ("export", "-o", LONG), ("kpis", "-o", f"{LONG}.csv"),
        ("export", "--sql", "-o", f"{LONG}.db"), ("report", "-o", f"{LONG}.html"), ("demo", "--db", LONG),
    ],
    ids=lambda argv: " ".join(argv).replace(LONG, "LONG"),
)  # fmt: skip
def test_a_name_that_no_file_can_have_is_told_in_one_sentence(ms, book, argv):
    answer = ms(*argv)
    assert answer.code in {1, 2, 3}, answer
    assert "itself failed" not in one_message(answer, answer.code)


@pytest.mark.parametrize("target", [".", "/dev/null", "missing/copy.db", LONG, "not ours.db"])
def test_what_is_wrong_with_the_target_of_a_backup_is_said_of_the_target(ms, book, folder, target):
    (folder / "not ours.db").write_text("Dear customer")
    answer = ms("backup", target)
    message = one_message(answer, 1 if target == "not ours.db" else 3)
    assert "--db" not in message
    assert "ame another file" in message or "Name a file in it" in message
    assert "--db" not in one_message(ms("restore", target, "--yes"), 1 if target == "missing/copy.db" else 3)


# No room --------------------------------------------------------------------------------------------------------------


def limited(size: int):
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("more", [0, 100_000])
def test_an_import_that_does_not_fit_on_the_disk_records_nothing(spawn, ms, book, folder, more):
    rows = "".join(f"case-{number},{step},2026-0{step + 1}-01\n" for number in range(1500) for step in (1, 2))
    (folder / "many.csv").write_text("opportunity,milestone,date\n" + rows)
    answer = spawn("import", "many.csv", preexec_fn=limited(book.stat().st_size + more))
    message = one_message(answer, 3)
    assert "full" in message
    assert "Nothing was recorded" in message
    assert ms("check").code == 0
    assert len(ms("opportunities", "--json").json["opportunities"]) == 4


def test_a_result_that_does_not_fit_leaves_the_old_file(spawn, book, folder):
    (folder / "out.csv").write_text("old")
    answer = spawn("export", "-o", "out.csv", preexec_fn=limited(100))
    assert answer.code == 3, answer
    assert (folder / "out.csv").read_text() == "old"
    assert not list(folder.glob(".out*"))


def test_a_restore_without_room_names_the_book_and_not_the_backup(spawn, ms, book, folder):
    assert ms("backup", "copy.db").code == 0
    message = one_message(spawn("restore", "copy.db", "--yes", preexec_fn=limited(0)), 3)
    assert f"Disk full while writing {book}" in message
    assert "copy.db" not in message
    assert {one.name for one in folder.glob("copy.db*")} == {"copy.db"}


@pytest.mark.parametrize("argv", [("kpis",), ("log",), ("advance", "acme-gmbh", "3"), ("backup", "copy.db")])
def test_without_room_a_book_whose_last_user_was_stopped_is_told_to_need_some(spawn, ms, book, folder, argv):
    with closing(sqlite3.connect(book, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("CREATE TABLE more (x)")
        other.execute("DROP TABLE more")
        shutil.copy(book, folder / "stopped.db")
        shutil.copy(f"{book}-wal", folder / "stopped.db-wal")
    message = one_message(spawn(*argv, "--db", "stopped.db", preexec_fn=limited(0)), 3)
    assert f"{folder / 'stopped.db'} cannot be opened: its last user was stopped" in message
    assert "while writing" not in message
    assert ms(*argv, "--db", "stopped.db").code == 0


@pytest.mark.parametrize(
    "argv", [("backup", "copy.db"), ("define-process", "new.toml", "--db", "fresh.db")], ids=" ".join
)
def test_a_new_file_that_does_not_fit_is_not_left_half_written(spawn, book, folder, argv):
    answer = spawn(*argv, preexec_fn=limited(20_000))
    assert answer.code == 3, answer
    assert "Traceback" not in answer.err
    assert not (folder / "copy.db").exists()
    fresh = folder / "fresh.db"
    assert not fresh.exists() or spawn("define-process", "new.toml", "--db", "fresh.db").code == 0
