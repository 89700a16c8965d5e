"""What TAB offers."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from milestone_cli import completion
from milestone_cli.errors import UsageError
from milestone_cli.store import tables

Offer = Callable[..., list[str]]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "b 1.db"
    engine = create_engine(f"sqlite:///{path}")
    SQLModel.metadata.create_all(engine, tables=tables.SQLModel.metadata.sorted_tables)
    engine.dispose()
    opportunities = [
        (1, "acme", "open"), (2, "acme-2", "target"), (3, "Äpfel", "open"), (4, "beta", "lost"), (5, "carl", "won"),
        (6, "a$(touch x)", "open"), (7, "a b", "open"),
    ]  # fmt: skip
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("INSERT INTO process (number, key) VALUES (?, ?)", [(1, "b2b"), (2, "smb")])
        connection.executemany(
            "INSERT INTO milestone (number, process, key) VALUES (?, ?, ?)",
            [(1, 1, "interest"), (2, 1, "invited"), (3, 1, "order"), (4, 2, "trial"), (5, 2, "paid")],
        )
        connection.executemany(
            "INSERT INTO rep (number, key, folded, name) VALUES (?, ?, ?, '')", [(1, "anna", "anna"), (2, "Ben", "ben")]
        )
        connection.executemany(
            "INSERT INTO opportunity (number, process, customer, key, folded, title, status)"
            " VALUES (?, 1, 1, ?, ?, '', ?)",
            [(number, key, key.casefold(), status) for number, key, status in opportunities],
        )
        connection.execute("UPDATE opportunity SET process = 2 WHERE key = 'acme-2'")
        connection.execute(
            "INSERT INTO arrival (opportunity, milestone, process, day, implied) VALUES (1, 1, 1, 20000, 0)"
        )
    return path


@pytest.fixture
def offer(book: Path, tmp_path: Path) -> Offer:
    """Candidates for the last word behind the others."""

    def offered(*words: str, **variables: str) -> list[str]:
        environ = {"MS_DB": str(book), "MS_CONFIG": str(tmp_path / "none.toml"), **variables}
        return [one.value for one in completion.candidates(words[:-1], words[-1], environ)]

    return offered


def test_commands_are_offered_first(offer):
    assert offer("ad") == ["add-rep", "add", "advance"]
    assert "kpis" in offer("")
    assert offer("--db", "other.db", "kp") == ["kpis"]


def test_options_of_the_command_are_offered_and_none_twice(offer):
    assert "--wrote" in offer("advance", "--")
    assert offer("advance", "--wr") == ["--wrote"]
    assert offer("advance", "--wrote", "yes", "--wr") == []
    assert "--rep" in offer("--r")
    assert offer("advance", "--", "--wr") == []


def test_open_opportunities_are_offered_by_the_beginning_of_their_key(offer):
    assert offer("advance", "ac") == ["acme", "acme-2"]
    assert offer("advance", "AC") == ["acme", "acme-2"]
    assert offer("advance", "ä") == ["Äpfel"]
    assert offer("advance", "be") == []
    assert offer("reopen", "be") == ["beta"]
    assert offer("show", "c") == ["carl"]


def test_a_dead_horse_is_offered_only_where_no_other_one_fits(book, tmp_path):
    copy = tmp_path / "copy.db"
    copy.write_bytes(book.read_bytes())
    payload = json.dumps({"keys": ["interest", "invited", "order"], "dead": [[100, "measured"], [None, "none"]]})
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("INSERT INTO snapshot VALUES (1, 24322, 0, ?, '')", (payload,))
        connection.executemany(
            "UPDATE opportunity SET milestone = ?, waiting_since = ? WHERE number = ?",
            [(1, 20_000, 1), (2, 20_000, 3)],
        )

    def offered(word, today):
        environ = {"MS_DB": str(copy), "MS_CONFIG": str(tmp_path / "none.toml"), "MS_TODAY": today}
        return [one.value for one in completion.candidates(["advance"], word, environ)]

    assert offered("ac", "2024-10-12") == ["acme", "acme-2"]  # 99 days
    assert offered("ac", "2025-01-12") == ["acme-2"]
    assert offered("acme", "2025-01-12") == ["acme-2"]
    assert offered("ä", "2025-01-12") == ["Äpfel"]
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE opportunity SET status = 'won' WHERE key = 'acme-2'")
    assert offered("ac", "2025-01-12") == ["acme"]


def test_a_key_that_a_shell_would_read_as_more_than_a_word_is_not_offered(offer):
    assert offer("advance", "a") == ["acme", "acme-2"]


@pytest.mark.parametrize("name", ["acme", "1", "ACME"])
def test_milestones_still_to_reach_are_those_of_the_opportunitys_process(offer, name):
    assert offer("advance", name, "") == ["invited", "order"]
    assert offer("advance", "--on", "today", name, "o") == ["order"]


def test_milestones_of_another_opportunity_are_those_of_its_process(offer):
    assert offer("advance", "acme-2", "") == ["trial", "paid"]


def test_milestones_without_an_opportunity_are_those_of_the_process(offer):
    assert offer("opportunities", "--process", "smb", "--milestone", "") == ["trial", "paid"]
    assert offer("opportunities", "--milestone", "", MS_PROCESS="smb") == ["trial", "paid"]
    assert offer("opportunities", "--milestone", "i") == ["interest", "invited"]


def test_reps_and_processes_are_offered(offer):
    assert offer("kpis", "--rep", "") == ["anna", "Ben"]
    assert offer("kpis", "--rep", "b") == ["Ben"]
    assert offer("kpis", "--rep=a") == ["--rep=anna"]
    assert offer("processes", "") == ["b2b", "smb"]


def test_what_a_result_can_be_split_by_is_offered_for_each_command(offer):
    assert offer("kpis", "--by", "") == ["rep"]
    assert offer("rates", "--by", "") == ["rep", "version"]
    assert offer("rates", "--by=v") == ["--by=version"]


def test_periods_are_offered_with_the_quarters_of_the_running_year(offer):
    assert offer("kpis", "--period", "this-") == ["this-month", "this-quarter", "this-year", "this-week"]
    assert offer("kpis", "--period", "2026-q", MS_TODAY="2026-11-23") == [f"2026-Q{n}" for n in (1, 2, 3, 4)]
    assert "2026-11" in offer("kpis", "--period", "2026-1", MS_TODAY="2026-11-23")
    assert offer("set-target", "5", "--from", "2026-1", MS_TODAY="2026-11-23") == ["2026-10", "2026-11", "2026-12"]
    assert "2027-06" in offer("cascade", "--for", "2027-0", MS_TODAY="2026-11-23")


def test_where_nothing_more_can_stand_options_are_offered(offer):
    assert "--period" in offer("kpis", "")


def test_config_offers_set_and_the_settings(offer):
    assert offer("config", "") == ["set"]
    assert offer("config", "set", "l") == ["locale"]


def test_the_file_is_the_one_named_on_the_line_or_in_the_config(offer, book, tmp_path):
    assert offer("--db", str(book), "advance", "be", MS_DB="none.db") == []
    assert offer("--db", str(book), "show", "be", MS_DB="none.db") == ["beta"]
    (tmp_path / "c.toml").write_text(f'db = "{book}"\n')
    assert offer("show", "be", MS_DB="", MS_CONFIG=str(tmp_path / "c.toml")) == ["beta"]


def asked(shell: str, text: str, **variables: str) -> dict[str, str]:
    environ = {"_MS_COMPLETE": f"complete_{shell}", **variables}
    if shell == "bash":
        words = text.split(" ")
        return {**environ, "COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)}
    return {**environ, "_TYPER_COMPLETE_ARGS": text}


def test_bash_gets_a_word_a_line(book, capsys):
    assert completion.complete(asked("bash", "ms advance ac", MS_DB=str(book))) == 0
    assert capsys.readouterr().out == "acme\nacme-2\n"


def test_bash_takes_an_option_apart_at_the_equals_sign(book, capsys):
    assert completion.complete(asked("bash", "ms kpis --rep = an", MS_DB=str(book))) == 0
    assert completion.complete(asked("bash", "ms kpis --rep =", MS_DB=str(book))) == 0
    assert capsys.readouterr().out == "anna\nanna\nBen\n"


def test_zsh_gets_a_call_of_arguments(book, capsys):
    assert completion.complete(asked("zsh", "ms advance acme ", MS_DB=str(book))) == 0
    assert completion.complete(asked("zsh", "ms demo")) == 0
    assert completion.complete(asked("zsh", "ms backup x")) == 0
    first, second, third, fourth = capsys.readouterr().out.splitlines()
    assert first + second == """_arguments '*: :(("invited\""order"))'"""
    assert third.startswith("""_arguments '*: :(("demo":"write a made-up team''s three years""")
    assert fourth == "_files"


def test_fish_gets_a_word_and_its_help(capsys):
    assert completion.complete(asked("fish", "ms kpi", _TYPER_COMPLETE_FISH_ACTION="get-args")) == 0
    assert capsys.readouterr().out == "kpis\tper milestone: target, reached, lamp, where to act\n"
    assert completion.complete(asked("fish", "ms kpi", _TYPER_COMPLETE_FISH_ACTION="is-args")) == 0
    assert completion.complete(asked("fish", "ms backup x", _TYPER_COMPLETE_FISH_ACTION="is-args")) == 1


@pytest.mark.parametrize(
    ("text", "variables"),
    [("ms advance ac", {"MS_DB": "/nowhere/x.db"}), ("ms nonsense ac", {}), ('ms advance "ac', {"MS_DB": __file__})],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh"])
def test_whatever_goes_wrong_is_silent(shell, text, variables, capsys):
    completion.complete(asked(shell, text, **variables))
    said = capsys.readouterr()
    assert (said.err, "Error" in said.out) == ("", False)


def test_a_missing_instruction_is_silent(capsys):
    completion.complete({"_MS_COMPLETE": "bash"})
    completion.complete({})
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_the_one_of_typer_but_for_its_comment(shell):
    shared = pytest.importorskip("typer._completion_shared")
    theirs = shared.get_completion_script(prog_name="ms", complete_var="_MS_COMPLETE", shell=shell)
    ours = [line for line in completion.script(shell).splitlines() if not line.startswith("# To keep it")]
    assert [line for line in ours if line] == [line for line in theirs.replace("$'\n'", r"$'\n'").splitlines() if line]


def test_a_shell_without_a_script_is_refused_with_the_ones_there_are():
    with pytest.raises(UsageError, match="tcsh"):
        completion.script("tcsh")


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_bash_itself_takes_the_script(book):
    script = completion.script("bash").replace("complete_bash $1", f"complete_bash {sys.executable} -m milestone_cli")
    ask = "COMP_WORDS=(ms show be); COMP_CWORD=2; _ms_completion ms; printf '%s|' \"${COMPREPLY[@]}\""
    done = subprocess.run(
        ["bash", "-c", f"{script}\n{ask}"],
        env={**os.environ, "MS_DB": str(book)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "beta|"


def test_completion_imports_nothing_heavy(book):
    code = (
        "import os, sys; from milestone_cli.completion import complete; complete(os.environ);"
        "sys.exit(' '.join({'typer', 'rich', 'sqlmodel', 'numpy', 'pydantic', 'sqlalchemy'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **asked("bash", "ms show be", MS_DB=str(book))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "beta\n", "")
