"""What is forgotten leaves no byte in the file or beside it, whoever has it open, whatever stops the program."""

from __future__ import annotations

import io
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, redirect_stdout
from pathlib import Path
from unittest import mock

import pytest
from tests.hostile.conftest import Answer, Run, alone, one_message
from tests.hostile.test_file import limited

from milestone_cli.__main__ import _run
from milestone_cli.domain.text import fold
from milestone_cli.store import traces

NAME = "Grünwald & Ätherlein KG"
WORDS = "Unser Ausschuss kostet uns zu viel"
NEEDLES = [
    NAME, fold(NAME), NAME.upper(), "Grünwald", "grünwald", "gruenwald", "Ätherlein", "aetherlein", WORDS, "Ausschuss",
    "Dr. Öhlmann", "öhlmann", "Halle 7", "halle 7", "Rundmail vom 3.", "CRM-4711-Q", "zu teuer geworden", "kurt-käufer",
]  # fmt: skip
FACTS = f"""\
opportunity,milestone,date,value,customer,title,outcome,reason,evidence,text,by,ref,external_id
kurt-käufer,0,2026-10-02,,{NAME},Halle 7,,,,,,,
kurt-käufer,1,2026-10-03,50000,,,,,said,{WORDS},Dr. Öhlmann,Rundmail vom 3.,CRM-4711-Q
kurt-käufer,,2026-11-04,,,,lost,zu teuer geworden,,,,,
"""


@pytest.fixture(scope="module")
def secret_made(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book in which a customer has a name, keys, titles, words, a person and all; much of it written over."""
    folder = tmp_path_factory.mktemp("secret")
    path = Path(shutil.copy(made, folder / "book.db"))
    (folder / "facts.csv").write_text(FACTS)
    lines = [("import", str(folder / "facts.csv")), ("add", NAME, "--title", "Halle 7 West")]
    for number in range(12):
        lines += [("advance", "gruenwald-aetherlein-kg", "1", "--said", f"{WORDS} {number}"), ("undo", "--yes")]
    with mock.patch.dict(os.environ, alone(folder)), redirect_stdout(io.StringIO()):
        for line in lines:
            assert _run([*line, "--quiet"]) == 0, line
    return path


@pytest.fixture
def secret(secret_made: Path, folder: Path) -> Path:
    """A copy of the made file, and nothing beside it."""
    path = Path(shutil.copy(secret_made, folder / "book.db"))
    assert found_in(folder)
    return path


def found_in(folder: Path) -> dict[str, list[str]]:
    """Return which needles lie in which files, however deep."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    held = {str(file.relative_to(folder)): file.read_bytes() for file in files}
    hits = {name: [needle for needle in NEEDLES if needle.encode() in content] for name, content in held.items()}
    return {name: needles for name, needles in hits.items() if needles}


def waiting_no_longer(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let `ms` give up sooner than after half a minute."""
    overwrite = traces.overwrite
    monkeypatch.setattr(traces, "overwrite", lambda *a, **k: overwrite(*a, **k, wait_seconds=seconds))


def test_no_byte_is_left_in_the_file_or_beside_it(ms: Run, secret: Path, folder: Path, monkeypatch: pytest.MonkeyPatch):
    temporary = folder / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("SQLITE_TMPDIR", str(temporary))
    before = ms("kpis", "--json").out
    # another connection keeps the -wal and -shm beside the file
    with closing(sqlite3.connect(secret, isolation_level=None)) as other:
        other.execute("SELECT count(*) FROM text").fetchone()
        assert ms("forget", "kurt-käufer", "--yes").code == 0
        assert Path(f"{secret}-wal").exists()
        assert found_in(folder) == {}
    assert found_in(folder) == {}
    assert list(temporary.iterdir()) == []
    assert ms("kpis", "--json").out == before
    assert ms("check").code == 0


def test_what_other_programs_have_left_in_unused_parts_goes_too(ms: Run, secret: Path, folder: Path):
    with closing(sqlite3.connect(secret, isolation_level=None)) as other:
        other.execute("PRAGMA secure_delete=OFF")
        other.execute("CREATE TABLE scrap (text)")
        other.executemany("INSERT INTO scrap VALUES (?)", [(f"{NAME} {number} " * 30,) for number in range(200)])
        other.execute("DROP TABLE scrap")
    assert secret.read_bytes().count(NAME.encode()) > 100
    assert ms("forget", "kurt-käufer", "--yes").code == 0
    assert found_in(folder) == {}


def test_a_user_name_of_an_older_file_leaves_no_byte_either(ms: Run, folder: Path):
    old = Path(__file__).parent.parent / "store" / "data" / "version-2.sql"
    with closing(sqlite3.connect(folder / "book.db")) as raw:
        raw.executescript(old.read_text())
    assert ms("forget", "chief", "--yes").code == 0
    assert b"chief" not in (folder / "book.db").read_bytes()
    [backup] = (folder / "book-backups").iterdir()
    told = ms("forget", "--finish", "--json").json
    assert told["backups"] == [str(backup)]
    assert ms("check").code == 0


def test_who_looks_at_an_older_state_is_waited_for_then_told(
    ms: Run, secret: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    waiting_no_longer(monkeypatch, 0.5)
    with closing(sqlite3.connect(secret, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM text").fetchone()
        said = ms("forget", "kurt-käufer", "--yes")
        assert said.code == 3
        assert said.out.startswith("Forgotten: ")
        assert "The file is written anew" not in said.out
        assert "may still lie in unused parts" in said.err
        assert "`ms forget --finish` overwrites them" in said.err
        assert ms("show", "5", "--json").json["customer"].startswith("#")
        assert "`ms forget --finish` overwrites it" in ms("check").out
        assert one_message(ms("forget", "--finish"), 3)
        assert found_in(folder)
    assert ms("forget", "--finish").code == 0
    assert found_in(folder) == {}
    assert ms("check", "--json").json["overwrite_due"] is False


def test_it_waits_until_the_others_have_finished(ms: Run, secret: Path, folder: Path):
    holder = """
import sqlite3, sys, time
raw = sqlite3.connect(sys.argv[1], isolation_level=None)
raw.execute("BEGIN"); raw.execute("SELECT count(*) FROM text").fetchone()
print("holding", flush=True); time.sleep(2); raw.execute("ROLLBACK")
"""
    with subprocess.Popen([sys.executable, "-c", holder, str(secret)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "holding\n"
        said = ms("forget", "kurt-käufer", "--yes")
    assert (said.code, "Waiting for another ms" in said.err) == (0, True)
    assert found_in(folder) == {}


def test_without_room_for_a_second_copy_it_is_forgotten_and_can_be_finished(
    spawn: Run, ms: Run, secret: Path, folder: Path
):
    said = spawn("forget", "kurt-käufer", "--yes", preexec_fn=limited(secret.stat().st_size - 4096))
    assert said.code == 3
    assert "there is no room for a second copy" in said.err
    assert "Traceback" not in said.err
    assert ms("check", "--json").json["overwrite_due"] is True
    assert ms("forget", "--finish").code == 0
    assert found_in(folder) == {}


def test_without_room_for_the_forgetting_itself_nothing_is_forgotten(spawn: Run, ms: Run, secret: Path):
    message = one_message(spawn("forget", "kurt-käufer", "--yes", preexec_fn=limited(4096)), 3)
    assert "Nothing was recorded" in message
    assert ms("show", "kurt-käufer", "--json").json["customer"] == NAME
    assert ms("check", "--json").json["overwrite_due"] is False


def test_ctrl_c_is_too_late_for_the_forgetting_and_says_how_to_finish(
    ms: Run, secret: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    def stopped(_handle: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as there:
        there.setattr("milestone_cli.store.sqlite.Handle.write_anew", stopped)
        said = ms("forget", "kurt-käufer", "--yes")
    assert (said.code, "it was interrupted" in said.err) == (130, True)
    assert ms("forget", "--finish").code == 0
    assert found_in(folder) == {}


KILLED = """
import os, signal, sys, threading, time
from milestone_cli.__main__ import _run
_run(["log", "-q"])
kill = lambda: (time.sleep(float(sys.argv[1])), os.kill(os.getpid(), signal.SIGKILL))
threading.Thread(target=kill, daemon=True).start()
code = _run(["forget", "kurt-käufer", "--yes"])
print("acknowledged", code, file=sys.stderr, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="nothing is killed there")
@pytest.mark.parametrize("wait", [0.01, 0.03, 0.05, 0.08, 0.12, 0.2])
def test_a_killed_one_has_forgotten_all_or_nothing_and_the_file_is_whole(
    ms: Run, secret: Path, folder: Path, wait: float
):
    before = ms("kpis", "--json").out
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(wait)],
        cwd=folder,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    checked = ms("check", "--json")
    assert checked.code == 0, checked
    customers = [one["customer"] for one in ms("opportunities", "--json").json["opportunities"]]
    named = customers.count(NAME)
    assert named in {0, 2}
    assert named == 0 or "acknowledged" not in done.stderr
    assert ms("kpis", "--json").out == before
    if named:
        assert ms("forget", "kurt-käufer", "--yes").code == 0
    elif checked.json["overwrite_due"]:
        assert ms("forget", "--finish").code == 0
    assert found_in(folder) == {}


def answered(done: subprocess.Popen[str]) -> Answer:
    out, err = done.communicate()
    return Answer(done.returncode, out, err)


def test_others_who_record_meanwhile_lose_nothing(start, ms: Run, secret: Path, folder: Path):
    others = [start("add", f"Meanwhile {number}", "-q") for number in range(4)]
    assert ms("forget", "kurt-käufer", "--yes").code == 0
    assert [answered(one).code for one in others] == [0, 0, 0, 0]
    keys = {one["key"] for one in ms("opportunities", "--json").json["opportunities"]}
    assert {f"meanwhile-{number}" for number in range(4)} <= keys
    assert ms("forget", "--finish").code == 0
    assert found_in(folder) == {}
    assert ms("check").code == 0
