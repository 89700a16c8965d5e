"""`ms backup`: a copy by hand."""

from __future__ import annotations

from pathlib import Path


def test_a_backup_holds_what_the_file_holds_and_can_be_looked_at(team, tmp_path: Path) -> None:
    team("add", "Acme GmbH", "--rep", "anna")
    answer = team("backup", str(tmp_path / "copy.db"))
    assert answer.code == 0
    assert answer.out.startswith("5 facts in 2 commands copied and checked to ")
    assert team("show", "acme-gmbh", "--db", str(tmp_path / "copy.db")).code == 0


def test_an_older_copy_is_replaced_without_asking(team, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    team("backup", str(target))
    team("add", "Acme GmbH")
    assert team("backup", str(target), "--json").json == {"backup": str(target), "facts": 5, "commands": 2}


def test_another_file_is_replaced_only_with_yes(team, tmp_path: Path) -> None:
    target = tmp_path / "letter.txt"
    target.write_text("Dear customer", encoding="utf-8")
    answer = team("backup", str(target))
    assert (answer.code, target.read_text(encoding="utf-8")) == (1, "Dear customer")
    assert "no older copy of this book" in answer.err
    assert team("backup", str(target), "--yes").code == 0


def test_a_dry_run_writes_nothing(team, tmp_path: Path) -> None:
    answer = team("backup", str(tmp_path / "copy.db"), "--dry-run", "--json")
    assert answer.json["dry_run"] is True
    assert not (tmp_path / "copy.db").exists()


def test_there_is_no_backup_of_no_file_nor_into_no_directory(path: Path, ms, team, tmp_path: Path) -> None:
    answer = ms("backup", str(tmp_path / "copy.db"), "--db", str(tmp_path / "nothing.db"))
    assert (answer.code, answer.err.splitlines()[0]) == (1, f"Error: No database at {tmp_path / 'nothing.db'}.")
    assert team("backup", str(tmp_path / "no" / "copy.db")).code == 3
    assert team("backup", str(path)).code == 1
