"""`ms restore`: back to a copy, after saying what is lost."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def saved(team, tmp_path: Path) -> Path:
    """A backup, and one more opportunity in the file since."""
    target = tmp_path / "copy.db"
    team("backup", str(target))
    team("add", "Acme GmbH")
    return target


def test_it_says_what_is_lost_and_where_it_is_saved(saved: Path, ms) -> None:
    answer = ms("restore", str(saved), "--yes")
    assert answer.code == 0
    assert "4 facts in 1 command" in answer.out
    assert "1 fact in 1 command" in answer.out
    assert ms("opportunities", "--json").json["opportunities"] == []
    assert ms("check").code == 0


def test_without_a_name_it_takes_the_newest_automatic_one_which_takes_a_restore_back(saved: Path, ms) -> None:
    ms("restore", str(saved), "--yes")
    answer = ms("restore", "--yes", "--json")
    assert answer.code == 0
    assert answer.json["lost_facts"] == 0
    assert "-restore.db" in answer.json["from"]
    assert [one["key"] for one in ms("opportunities", "--json").json["opportunities"]] == ["acme-gmbh"]


def test_without_yes_and_without_a_terminal_nothing_is_restored(saved: Path, ms) -> None:
    answer = ms("restore", str(saved))
    assert answer.code == 2
    assert "Add --yes" in answer.err
    assert len(ms("opportunities", "--json").json["opportunities"]) == 1


def test_a_dry_run_tells_and_changes_nothing(saved: Path, ms) -> None:
    answer = ms("restore", str(saved), "--dry-run", "--json").json
    assert (answer["lost_facts"], answer["lost_commands"], answer["dry_run"]) == (1, 1, True)
    assert len(ms("opportunities", "--json").json["opportunities"]) == 1


def test_there_must_be_a_backup(team, tmp_path: Path) -> None:
    answer = team("restore", "--yes")
    assert (answer.code, answer.err.count("\n")) == (1, 2)
    assert "no automatic backup" in answer.err
    answer = team("restore", str(tmp_path / "nothing.db"), "--yes")
    assert (answer.code, answer.err.splitlines()[0]) == (1, f"Error: No backup at {tmp_path / 'nothing.db'}.")


def test_a_damaged_file_is_set_aside(saved: Path, path: Path, ms) -> None:
    path.write_bytes(b"\0" * 8192)
    answer = ms("restore", str(saved), "--yes", "--json")
    assert answer.code == 0
    assert (answer.json["lost_facts"], answer.json["saved"]) == (None, None)
    assert Path(answer.json["set_aside"]).read_bytes() == b"\0" * 8192
    assert ms("check").code == 0


def test_a_missing_file_comes_back(saved: Path, tmp_path: Path, ms) -> None:
    other = tmp_path / "new" / "ms.db"
    assert ms("restore", str(saved), "--yes", "--db", str(other)).code == 0
    assert ms("check", "--db", str(other)).code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
@pytest.mark.parametrize(("typed", "code"), [(b"y\n", 0), (b"n\n", 1)])
def test_on_a_terminal_it_asks(saved: Path, ms, typed: bytes, code: int) -> None:
    leader, follower = pty.openpty()
    os.write(leader, typed)
    ran = subprocess.run(
        [sys.executable, "-m", "milestone_cli", "restore", str(saved)],
        stdin=follower,
        stdout=follower,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(follower)
    os.close(leader)
    assert ran.returncode == code, ran.stderr
    assert b"Go back to it? [y/N]: " in ran.stderr
    assert len(ms("opportunities", "--json").json["opportunities"]) == code
