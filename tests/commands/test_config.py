"""`ms config` names the automatic backups: where they lie, when one is written, how many are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands.conftest import Run

from milestone_cli.errors import ExitCode

RULE = (
    "One is written before an import, a merge, a restore and an update of the file, and by `ms forget "
    "--delete-backups`; kept are the 5 newest and the newest of each month."
)


@pytest.fixture
def laid(path: Path) -> Path:
    """The directory of the backups, with files of these names in it."""
    directory = path.parent / "t-backups"
    directory.mkdir()
    return directory


def test_before_the_first_one_it_says_where_they_will_lie_and_when_one_is_written(ms: Run, path: Path):
    answer = ms("config")
    assert f"No automatic backup yet; they lie in {path.parent / 't-backups'}." in answer.err
    assert RULE in answer.err
    assert ms("config", "--json").json["backups"] == {
        "directory": str(path.parent / "t-backups"), "count": 0, "newest": None, "files": [],
    }  # fmt: skip
    assert not (path.parent / "t-backups").exists()


def test_they_are_named_newest_first(ms: Run, laid: Path):
    names = [
        "t-20261105-100000-restore.db", "t-20261104-100000-import-2.db", "t-20261104-100000-import.db",
        "t-20261103-100000-migration.db", "t-20261101-100000-forget.db", "t-20261031-100000-import.db",
        "t-20260930-100000-import.db",
    ]  # fmt: skip
    for name in (*names, "t-notes.txt", "other-20261101-100000-import.db"):
        (laid / name).touch()
    answer = ms("config")
    assert f"Automatic backups: 7 in {laid}, newest first:" in answer.err
    assert [line.strip() for line in answer.err.splitlines() if line.endswith(".db")] == names[:5]
    assert "and 2 older ones" in answer.err
    assert RULE in answer.err
    told = ms("config", "--json").json["backups"]
    assert told["files"] == [str(laid / name) for name in names]
    assert (told["count"], told["newest"]) == (7, str(laid / names[0]))


def test_what_an_import_saves_is_named_and_kept_as_it_says(ms: Run, path: Path, laid: Path, write, process_of):
    write(lambda ledger: ledger.define(process_of(), on=20_000, valid_from=None))
    for name in ("t-20200801-100000-import.db", "t-20200802-100000-import.db", "t-20200903-100000-restore.db"):
        (laid / name).touch()
    for number in range(6):
        facts = path.parent / f"{number}.csv"
        facts.write_text(f"opportunity,milestone,date\ncase-{number},1,2026-01-01\n")
        assert ms("import", str(facts)).code == 0
    files = [Path(file) for file in ms("config", "--json").json["backups"]["files"]]
    assert len(files) == 7
    assert all("import" in file.name and file.stat().st_size for file in files[:5])
    assert [file.name for file in files[5:]] == ["t-20200903-100000-restore.db", "t-20200802-100000-import.db"]
    assert {file.name for file in laid.iterdir()} == {file.name for file in files}


def test_an_unknown_name_that_was_set_says_where_it_comes_from(lively, tmp_path):
    lively("config", "set", "process", "gone")
    for words in (("kpis",), ("add", "Acme"), ("export",)):
        told = lively(*words)
        assert told.code == ExitCode.REFUSED
        assert 'There is no process "gone".' in told.err
        assert f"It comes from {tmp_path / 'config.toml'}; another one: --process NAME." in " ".join(told.err.split())
    assert "It comes from" not in lively("kpis", "--process", "gone").err
    lively("config", "set", "rep", "zoe")
    assert "another one: --rep NAME." in " ".join(lively("kpis", "--process", "b2b").err.split())
    for words in (("retire-rep", "zoe"), ("assign", "acme", "zoe"), ("processes", "gone")):
        told = lively(*words)
        assert told.code == ExitCode.REFUSED
        assert "It comes from" not in told.err
