"""`ms opportunities`: what is listed, in which order, as of which day."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from milestone_cli import cli
from milestone_cli.errors import ExitCode


@pytest.fixture
def pipeline(team, write, process_of, tmp_path, keep):
    """Six opportunities in two processes; Early has waited for over four times the ten planned days: it is dead."""
    keep("pipeline", tmp_path, lambda: fill(team, write, process_of))
    return team


def fill(team, write, process_of):
    write(lambda ledger: ledger.define(process_of("smb", typical_value=500_000), on=20_000, valid_from=None))

    def add(name, *argv, process="b2b"):
        assert team("add", name, "--process", process, *argv).code == 0

    add("Target", "--rep", "anna", "--value", "10k", "--on", "2026-11-01")
    add("Early", "--rep", "anna", "--reached", "1", "--on", "2026-06-01", "--value", "30k")
    add("Far", "--rep", "ben", "--reached", "4", "--on", "2026-10-24", "--title", "Second plant")
    add("Won", "--rep", "ben", "--reached", "5", "--on", "2026-10-01", "--value", "20k")
    add("Lost", "--reached", "2", "--on", "2026-09-01")
    team("lose", "lost", "--on", "2026-11-20")
    add("Small", "--rep", "anna", "--reached", "2", "--on", "2026-11-13", process="smb")


def keys(ms, *argv):
    return [row["key"] for row in ms("opportunities", "--json", *argv).json["opportunities"]]


def test_the_furthest_come_first_then_those_that_wait_longest(pipeline):
    pipeline("add", "Twin", "--process", "b2b", "--reached", "4", "--on", "2026-10-01")
    assert keys(pipeline) == ["won", "twin", "far", "small", "lost", "early", "target"]


def test_json_has_every_field_of_the_contract(pipeline):
    found = pipeline("opportunities", "--json").json
    assert (found["as_of"], found["rep"], found["total"]) == ("2026-11-23", None, 6)
    rows = {row["key"]: row for row in found["opportunities"]}
    assert rows["far"] == {
        "key": "far", "number": 3, "customer": "Far", "title": "Second plant", "process": "b2b", "currency": "EUR",
        "rep": "ben", "value": None, "value_assumed": False, "milestone": 4, "milestone_key": "offer",
        "milestone_name": "Offer", "reached_on": "2026-10-24", "waiting_days": 30, "status": "open",
    }  # fmt: skip
    assert (rows["small"]["value"], rows["small"]["value_assumed"]) == ("5000.00", True)
    target = rows["target"]
    assert [target[name] for name in ("milestone", "milestone_key", "reached_on")] == [0, None, None]
    assert (target["waiting_days"], target["status"]) == (22, "target")
    assert [rows[key]["waiting_days"] for key in ("won", "lost")] == [None, None]
    assert (rows["won"]["reached_on"], rows["lost"]["milestone"]) == ("2026-10-01", 2)


def test_csv_says_the_same_cells(pipeline):
    lines = pipeline("opportunities", "--format", "csv", "--sort", "key").out.splitlines()
    assert lines[0] == (
        "key,customer,title,process,rep,value,value_assumed,milestone,milestone_name,reached_on,waiting_days,status"
    )
    assert lines[1] == "early,Early,,b2b,anna,30000.00,false,1,Interest,2026-06-01,175,dead"
    assert len(lines) == 7


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["--rep", "anna"], ["small", "early", "target"]),
        (["--process", "smb"], ["small"]),
        (["--milestone", "2"], ["small", "lost"]),
        (["--milestone", "offer"], ["far"]),
        (["--milestone", "0"], ["target"]),
        (["--status", "won", "--status", "lost"], ["won", "lost"]),
        (["--status", "open"], ["far", "small"]),
        (["--status", "dead"], ["early"]),
        (["--waiting", "30"], ["early"]),
        (["--waiting", "29"], ["far", "early"]),
        (["--sort", "key", "--limit", "2"], ["early", "far"]),
        (["--sort", "key", "--reverse", "--limit", "2"], ["won", "target"]),
        (["--sort", "value"], ["early", "won", "target", "small", "far", "lost"]),
        (["--sort", "value", "--reverse"], ["small", "target", "won", "early", "far", "lost"]),
        (["--sort", "waiting"], ["early", "far", "target", "small", "lost", "won"]),
        (["--sort", "customer"], ["early", "far", "lost", "small", "target", "won"]),
        (["--sort", "milestone"], ["won", "far", "lost", "small", "early", "target"]),
        (["--sort", "reached"], ["small", "far", "won", "lost", "early", "target"]),
        (["--reverse"], ["target", "early", "small", "lost", "far", "won"]),
        (["--rep", "anna", "--status", "lost"], []),
    ],
)
def test_it_can_be_chosen_and_sorted(argv, expected, pipeline):
    assert keys(pipeline, *argv) == expected


def test_a_past_day_is_seen_as_it_was(pipeline):
    assert keys(pipeline, "--as-of", "2026-10-02") == ["won", "lost", "early"]
    rows = pipeline("opportunities", "--as-of", "2026-10-02", "--json").json["opportunities"]
    assert [(row["key"], row["waiting_days"], row["status"]) for row in rows] == [
        ("won", None, "won"), ("lost", 31, "open"), ("early", 123, "dead"),
    ]  # fmt: skip


def test_the_list_as_known_before_the_file_began_is_empty(pipeline):
    found = pipeline("opportunities", "--known-on", "2026-01-01", "--json")
    assert found.code == 0
    assert found.json["opportunities"] == []


def test_the_milestone_is_that_of_the_version_of_the_day(pipeline, write, process_of):
    from milestone_cli.domain.day import parse_iso

    shorter = process_of(milestones=process_of().milestones[2:])
    write(lambda ledger: ledger.define(shorter, on=20_100, valid_from=parse_iso("2026-11-01")))
    rows = {row["key"]: row for row in pipeline("opportunities", "--process", "b2b", "--json").json["opportunities"]}
    assert [(rows[key]["milestone"], rows[key]["milestone_key"]) for key in ("far", "early")] == [
        (2, "offer"),
        (0, None),
    ]
    assert keys(pipeline, "--milestone", "3") == ["won"]


def test_a_dead_horse_is_back_at_once_when_the_customer_moves_and_by_nothing_the_seller_enters(pipeline):
    pipeline("revalue", "early", "35k", "--on", "2026-11-20")
    pipeline("assign", "early", "ben", "--on", "2026-11-20")
    assert pipeline("show", "early", "--json").json["status"] == "dead"
    pipeline("advance", "early", "2", "--on", "2026-11-20")
    assert pipeline("show", "early", "--json").json["status"] == "open"
    assert keys(pipeline, "--status", "dead") == []


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["--milestone", "offr"], ExitCode.REFUSED, "Did you mean offer"),
        (["--milestone", "6"], ExitCode.REFUSED, "milestones 1 to 5"),
        (["--rep", "bem"], ExitCode.REFUSED, "Did you mean ben"),
        (["--process", "b3b"], ExitCode.REFUSED, "b2b"),
        (["--status", "closed"], ExitCode.USAGE, "closed"),
        (["--sort", "colour"], ExitCode.USAGE, "colour"),
        (["--waiting", "-1"], ExitCode.USAGE, "--waiting"),
        (["--waiting", "long"], ExitCode.USAGE, "--waiting"),
        (["--limit", "0"], ExitCode.USAGE, "--limit"),
    ],
)
def test_what_cannot_be_is_refused(argv, code, words, pipeline):
    said = pipeline("opportunities", *argv)
    assert (said.code, said.out) == (code, "")
    assert words in said.err


@pytest.mark.usefixtures("pipeline")
def test_a_terminal_hides_the_closed_ones_and_says_how_many(monkeypatch):
    class Screen(io.StringIO):
        def isatty(self):
            return True

    def shown(*argv):
        screen = Screen()
        monkeypatch.setattr(sys, "stdout", screen)
        assert cli.run(["opportunities", *argv]) == 0
        return screen.getvalue()

    listed = shown()
    hidden = "Hidden here: 1 won, 1 lost, 1 dead; --status won --status lost --status dead lists them."
    assert hidden in " ".join(listed.split())
    assert "far" in listed
    assert "Won" not in listed
    assert "Early" not in listed
    assert "1 without a known potential" in listed
    assert "Won" in shown("--status", "won")
    assert "Hidden" not in shown("--status", "won")
    assert '"key": "won"' in shown("--json")


def test_an_empty_list_is_no_error(team):
    said = team("opportunities", "--format", "table")
    assert (said.code, "Nothing to list." in said.out) == (0, True)


def test_without_a_file_it_says_how_to_begin(ms, path):
    assert ms("opportunities").code == ExitCode.REFUSED
    assert not path.exists()


@pytest.mark.usefixtures("pipeline")
def test_a_closed_pipe_ends_quietly():
    command = f"{sys.executable} -m milestone_cli opportunities | head -1"
    found = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert found.returncode == 0
    assert "Error" not in found.stderr
    assert found.stdout.startswith("key\t")
