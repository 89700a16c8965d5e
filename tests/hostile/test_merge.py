"""A stranger's file to merge: nothing in it runs, steers a terminal or is half taken in, and who is forgotten stays so."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.hostile.conftest import STEERING, Run, one_message
from tests.hostile.forged import forge, unlocked
from tests.hostile.test_crash import facts, run_script

LOOKS = ("check", "kpis", "opportunities", "log", "rates", "targets", "processes", "reps", "health")
MERGER = """
import sys, threading, os, signal, time
from milestone_cli.cli import run
assert run(["kpis", "-q"]) == 0  # whatever a merge needs of modules is there
kill = lambda: (time.sleep(float(sys.argv[1])), os.kill(os.getpid(), int(sys.argv[2])))
threading.Thread(target=kill, daemon=True).start()
code = run(["merge", "other.db"])
print("acknowledged", code, file=sys.stderr, flush=True)
sys.exit(code)
"""
"""Merges, and is stopped by a signal after the seconds it is told."""


@pytest.fixture
def other(ms: Run, book: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the book that somebody else has gone on with."""
    monkeypatch.setenv("LOGNAME", "on-the-road")
    copy = Path(shutil.copy(book, book.with_name("other.db")))
    for line in (
        ("add", "Echo", "--value", "5k", "--rep", "ben", "--on", "2026-11-01"),
        ("standing", "echo", "2", "--since", "2026-10-01", "--on", "2026-11-10"),
        ("advance", "bolt-ag", "2", "--said", "Please come", "--by", "Mr Bolt", "--on", "2026-11-08"),
        ("amend", "16", "--on", "2026-11-04"),
        ("set-target", "90k", "--rep", "anna"),
        ("lose", "echo", "--reason", "No time", "--on", "2026-11-20"),
    ):
        done = ms(*line, "--db", str(copy))
        assert done.code == 0, done
    monkeypatch.setenv("LOGNAME", "in-the-office")
    ms("add", "Mine", "--on", "2026-11-20")
    return copy


# What does not belong in it -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON fact BEGIN DELETE FROM text; END",
        "CREATE VIEW fact_of AS SELECT load_extension('x')",
        "CREATE TABLE more (x)",
        "DROP VIEW v_arrivals",
        "DROP INDEX fact_by_opportunity",
    ],
)
def test_a_file_with_another_schema_is_refused(ms, book, other, statement):
    with closing(sqlite3.connect(other)) as raw:
        raw.execute(statement)
    before = book.read_bytes()
    assert "its schema is not that of ms" in one_message(ms("merge", "other.db"), 3)
    assert book.read_bytes() == before


@pytest.mark.parametrize("what", ["payload", "text", "order", "name", "count"])
def test_a_file_that_was_changed_behind_ms_is_refused(ms, book, other, what):
    with unlocked(other) as raw:
        if what == "payload":
            raw.execute("UPDATE fact SET payload = replace(payload, '500000', '600000')")
        elif what == "text":
            raw.execute("UPDATE text SET body = 'Do not come' WHERE body = 'Please come'")
        elif what == "order":
            raw.execute("UPDATE command SET previous = 'x' WHERE number = 5")
        elif what == "name":
            raw.execute("UPDATE opportunity SET key = 'ECHO-2' WHERE key = 'echo'")
        else:
            raw.execute("UPDATE meta SET value = '3' WHERE name = 'facts'")
    before = book.read_bytes()
    one_message(ms("merge", "other.db"), 3)
    assert book.read_bytes() == before


FORGERIES = {
    "a name that steers": "UPDATE text SET body = char(27) || '[31mEcho' WHERE body = 'Echo'",
    "words that steer": "UPDATE text SET body = 'a' || char(7) WHERE body = 'Please come'",
    "a user who steers": "UPDATE text SET body = char(27) || 'x' WHERE number IN (SELECT text FROM author)",
    "an amount beyond all": "UPDATE fact SET payload = replace(payload, '500000', '9000000000000000')",
    "a negative amount": "UPDATE fact SET payload = replace(payload, ':500000', ':-500000')",
    "an unknown kind": "UPDATE fact SET kind = 'given' WHERE number = 18",
    "a list for a milestone": "UPDATE fact SET payload = replace(payload, '\"interest\"', '[]')",
    "no version": "UPDATE fact SET payload = replace(payload, ',\"v\":1', '')",
    "a time beyond all": "UPDATE fact SET entered_at = 9000000000000000000",
    "a command that undoes itself": "UPDATE command SET undoes = number WHERE number = 12",
    "a void of what is not there": "UPDATE fact SET payload = replace(payload, 'voids\":\"0', 'voids\":\"f')",
    "no rep": "UPDATE fact SET payload = replace(payload, '\"rep\":2', '\"rep\":77') WHERE number > 14",
    "a currency that is none": "UPDATE fact SET payload = replace(payload, 'EUR', 'E' || char(9))",
    "no text": 'UPDATE fact SET payload = replace(payload, \'"texts":{\', \'"texts":{"key":7,\')',
}


@pytest.mark.parametrize("statement", FORGERIES.values(), ids=FORGERIES)
def test_what_no_command_records_is_refused_even_where_the_chain_holds(ms, book, other, statement):
    try:
        forge(other, lambda raw: raw.execute(statement))
    except sqlite3.IntegrityError:
        pytest.skip("SQLite itself refuses it")
    before = book.read_bytes()
    one_message(ms("merge", "other.db"), 3)
    assert book.read_bytes() == before


def with_merge(raw: sqlite3.Connection, *, number: int = 0, **said: object) -> None:
    """Change what the last command, a merge, says of itself, and the number it has."""
    [last, payload] = raw.execute("SELECT command, payload FROM fact WHERE kind = 'merged'").fetchone()
    changed = json.dumps({**json.loads(payload), **said})
    raw.execute("UPDATE fact SET payload = ? WHERE kind = 'merged'", (changed,))
    if number:
        raw.execute("PRAGMA foreign_keys = off")
        raw.execute("UPDATE fact SET command = ? WHERE command = ?", (number, last))
        raw.execute("UPDATE command SET number = ? WHERE number = ?", (number, last))


MERGES = {
    "more commands again than there are": {"again": [[1, 10**11 - 1]], "number": 10**11},
    "more commands brought than there are": {"commands": 10**11 - 1, "number": 10**11},
    "commands again that come later": {"again": [[1, 10**11]]},
    "commands again and again": {"again": [[1, 9]] * 3},
    "commands again in the wrong order": {"again": [[5, 6], [1, 2]]},
    "commands again from the last to the first": {"again": [[6, 5]]},
    "more commands than came before": {"commands": 10**11},
}


@pytest.mark.parametrize("said", MERGES.values(), ids=MERGES)
def test_a_merge_there_that_speaks_of_commands_nobody_recorded_is_refused_at_once(ms, book, other, said):
    shutil.copy(book, "third.db")
    assert ms("merge", "other.db", "--db", "third.db").code == 0
    forge(book.with_name("third.db"), lambda raw: with_merge(raw, **said))
    before = book.read_bytes()
    assert "third.db is not whole: " in one_message(ms("merge", "third.db"), 3)
    assert book.read_bytes() == before


def test_a_merge_there_of_commands_that_are_there_is_believed(ms, book, other):
    shutil.copy(book, "third.db")
    assert ms("merge", "other.db", "--db", "third.db").code == 0
    forge(book.with_name("third.db"), lambda raw: with_merge(raw, again=[[1, 2], [5, 6]]))
    assert ms("merge", "third.db").code == 0


def test_what_is_changed_at_random_is_refused_or_does_no_harm(ms, book, other):
    chance = random.Random(11)  # noqa: S311 - what is changed
    mine, theirs = book.read_bytes(), other.read_bytes()
    odd = (None, -1, 0, 10**30, 1.5, "", "x", "\x1b[31m", [], {}, True, "order", "2", 20_000)
    for _ in range(25):
        book.write_bytes(mine)
        other.write_bytes(theirs)

        def change(raw: sqlite3.Connection) -> None:
            [(number, payload)] = chance.sample(raw.execute("SELECT number, payload FROM fact").fetchall(), 1)
            said = json.loads(payload)
            said[chance.choice(sorted(said))] = chance.choice(odd)
            raw.execute("UPDATE fact SET payload = ? WHERE number = ?", (json.dumps(said), number))

        forge(other, change)
        done = ms("merge", "other.db")
        assert done.code in {0, 1, 3}, done
        if done.code:
            assert book.read_bytes() == mine
            continue
        for look in LOOKS:
            shown = ms(look)
            assert shown.code == 0, (look, shown)
            assert not STEERING.search(shown.out.replace("\t", " "))


def test_a_command_of_one_id_with_other_facts_is_refused(ms, book, other):
    forge(other, lambda raw: raw.execute("UPDATE fact SET day = day - 1 WHERE number = 9"))
    before = book.read_bytes()
    assert "do not hold the same facts" in one_message(ms("merge", "other.db"), 1)
    assert book.read_bytes() == before


def test_pages_that_are_no_longer_what_they_were_are_refused(ms, book, other):
    data = bytearray(other.read_bytes())
    data[4096 * 3 : 4096 * 4] = bytes(4096)
    other.write_bytes(data)
    before = book.read_bytes()
    one_message(ms("merge", "other.db"), 3)
    assert book.read_bytes() == before


def test_a_merge_waits_for_who_records_and_says_so(book, other, start):
    with closing(sqlite3.connect(book, isolation_level=None)) as raw:
        raw.execute("BEGIN IMMEDIATE")
        process = start("merge", "other.db")
        assert "Waiting for another ms" in process.stderr.readline()
        raw.execute("ROLLBACK")
        with process:
            out, _ = process.communicate(timeout=50)
    assert process.returncode == 0
    assert out.startswith("7 facts in 6 commands taken in")


# Stopped in the middle ------------------------------------------------------------------------------------------------


@pytest.fixture
def much(ms: Run, book: Path, other: Path) -> Path:
    """Another book with thousands of facts more."""
    lines = (
        f"case-{number // 3},{number % 3 + 1},2026-0{number % 3 + 1}-01,100,Case {number // 3}\n"
        for number in range(6000)
    )
    other.with_name("many.csv").write_text("opportunity,milestone,date,value,customer\n" + "".join(lines))
    done = ms("import", "many.csv", "--complete-history", "--db", "other.db")
    assert done.code == 0, done
    return other


@pytest.mark.parametrize("wait", [0.05, 0.4, 0.9])
def test_ctrl_c_in_the_middle_of_a_merge_takes_nothing_in(ms, book, folder, much, wait):
    assert much.exists()
    before = facts(book)
    stopped = run_script(folder, MERGER, str(wait), str(int(signal.SIGINT)))
    assert "Traceback" not in stopped.err
    if "recorded already" in stopped.err or stopped.code == 0:
        assert facts(book) > before
    else:
        assert stopped.code == 130, stopped
        assert facts(book) == before
    assert ms("check").code == 0


@pytest.mark.parametrize("wait", [0.1, 0.7])
def test_a_merge_that_is_killed_is_there_whole_or_not_at_all(ms, book, folder, much, wait):
    assert much.exists()
    before = facts(book)
    killed = run_script(folder, MERGER, str(wait), str(int(signal.SIGKILL)))
    assert "acknowledged" in killed.err or facts(book)[1] in {before[1], before[1] + 8}
    assert ms("check").code == 0
    assert ms("merge", "other.db").code == 0
    assert len(ms("opportunities", "--json").json["opportunities"]) == 6 + 2000
    assert ms("merge", "other.db").out.startswith("Nothing to take in")


# Who is forgotten -----------------------------------------------------------------------------------------------------


def held(book: Path, *words: str) -> list[str]:
    """Return which of the words lie anywhere in a file or beside it."""
    data = b"".join(path.read_bytes() for path in book.parent.glob(f"{book.name}*"))
    return [word for word in words if word.encode() in data]


def test_who_is_forgotten_there_is_forgotten_here_to_the_last_byte(ms, book, other):
    for name in ("acme-gmbh", "Mr Bolt"):
        assert ms("forget", name, "--yes", "--db", "other.db").code == 0
    figures = ms("kpis", "--json").json
    done = ms("merge", "other.db", "--yes")
    assert done.code == 0
    assert "are forgotten here too, as they are there." in done.out
    assert held(book, "Acme", "acme-gmbh", "It costs us", "Ms Meier", "Mr Bolt") == []
    assert ms("check").code == 0
    keys = [one["key"] for one in ms("opportunities", "--json").json["opportunities"]]
    assert "acme-gmbh" not in keys
    assert "1" in keys
    assert (
        ms("kpis", "--json", "--known-on", "2026-11-22").json["processes"]
        == (ms("kpis", "--json", "--known-on", "2026-11-22", "--db", "other.db").json["processes"])
    )
    assert figures["processes"]
    assert ms("merge", "other.db").out.startswith("Nothing to take in")


def test_who_is_forgotten_there_goes_here_also_where_nothing_is_new(ms, book, other):
    assert ms("merge", "other.db").code == 0
    facts_before = facts(book)
    assert ms("forget", "dust-sa", "--yes", "--db", "other.db").code == 0
    done = ms("merge", "other.db", "--yes")
    assert "are forgotten here too, as they are there." in done.out
    assert held(book, "Dust", "dust-sa", "No money") == []
    assert facts(book) == facts_before
    assert ms("check").code == 0


def test_nothing_comes_in_about_a_customer_who_is_forgotten_here(ms, book, other):
    assert ms("advance", "acme-gmbh", "3", "--said", "We sign", "--db", "other.db").code == 0
    assert ms("add", "Acme GmbH", "--title", "Second plant", "--db", "other.db").code == 0
    assert ms("forget", "acme-gmbh", "--yes").code == 0
    done = ms("merge", "other.db")
    assert done.code == 0, done
    assert held(book, "Acme", "acme-gmbh", "We sign", "Second plant") == []
    assert ms("check").code == 0
    assert ms("show", "1", "--json").json["status"] == "won"
    assert ms("undo").code == 0
    assert ms("check").code == 0
    assert ms("merge", "other.db").code == 0
    assert held(book, "Acme", "acme-gmbh", "We sign", "Second plant") == []


@pytest.mark.parametrize("name", ["anna", "ben"])
def test_a_rep_and_a_user_who_are_forgotten_in_one_of_two_books_are_so_in_both(ms, book, other, name, monkeypatch):
    monkeypatch.setenv("LOGNAME", "annas-login")
    assert ms("add", "Hers", "--db", "other.db").code == 0
    assert ms("merge", "other.db").code == 0
    there, here = ("other.db", "book.db") if name == "anna" else ("book.db", "other.db")
    assert ms("forget", name, "--yes", "--db", there).code == 0
    assert ms("forget", "annas-login", "--yes", "--db", there).code == 0
    monkeypatch.setenv("LOGNAME", "somebody")
    assert ms("merge", there, "--db", here, "--yes").code == 0
    assert held(Path(here).absolute(), "annas-login") == []
    assert name not in {one["rep"] for one in ms("reps", "--json", "--db", here).json["reps"]}
    assert ms("check", "--db", here).code == 0
    monkeypatch.setenv("LOGNAME", "annas-login")
    assert ms("add", "Late", "--db", there).code == 0
    assert ms("merge", there, "--db", here).code == 0
    assert ms("check", "--db", here).code == 0


def test_a_customer_of_two_books_is_forgotten_whole_and_stays_one(ms, book, made):
    for name, key, customer in (("book.db", "first", "Core Works"), ("second.db", "other", "Core Works Ltd")):
        if name == "second.db":
            assert ms("define-process", str(made.with_name("b2b.toml")), "--db", name).code == 0
        Path("f.csv").write_text(
            f"opportunity,milestone,date,customer,external_id,text\n{key},1,2026-11-02,{customer},crm-1,They said {key}\n"
        )
        assert ms("import", "f.csv", "--db", name).code == 0
    assert ms("merge", "second.db", "--json").json["united"] == 1
    count = ms("opportunities", "--json").json["total"]
    assert ms("forget", "Core Works Ltd", "--yes").code == 0
    assert held(book, "Core Works", "They said") == []
    assert ms("check").code == 0
    assert ms("add", "New one", "--db", "second.db").code == 0
    assert ms("merge", "second.db").code == 0
    assert ms("opportunities", "--json").json["total"] == count + 1
    assert held(book, "Core Works", "They said") == []
    assert ms("check").code == 0
