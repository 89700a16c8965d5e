"""`ms define-process` and `ms processes`."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from milestone_cli import cli
from milestone_cli.commands.wizard import example, spread
from milestone_cli.errors import ExitCode
from milestone_cli.exchange.process_file import read_process

EXAMPLE = Path(__file__).parents[2] / "examples" / "b2b-long-cycle.toml"
Ms = Callable[..., tuple[int, str, str]]


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "book.db"
    monkeypatch.setenv("MS_DB", str(path))
    monkeypatch.setenv("MS_TODAY", "2026-11-23")
    return path


@pytest.fixture
def ms(book: Path, capsys: pytest.CaptureFixture[str]) -> Ms:  # noqa: ARG001  # sets the environment
    def run(*words: str) -> tuple[int, str, str]:
        code = cli.run([str(word) for word in words])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def changed(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = EXAMPLE.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = tmp_path / "changed.toml"
    path.write_text(text, encoding="utf-8")
    return path


def without(tmp_path: Path, key: str) -> Path:
    parts = EXAMPLE.read_text(encoding="utf-8").split("[[milestone]]")
    path = tmp_path / "shorter.toml"
    path.write_text("[[milestone]]".join(part for part in parts if f'key = "{key}"' not in part), encoding="utf-8")
    return path


def test_a_process_is_defined_with_its_target_and_cascaded_on_the_spot(ms, book):
    code, out, _ = ms("define-process", EXAMPLE, "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["process"], found["effect"], found["version"], found["valid_from"]) == ("b2b", "first", 1, None)
    assert [row["required"] for row in found["cascade"]] == [
        "1600000.00", "800000.00", "400000.00", "200000.00", "100000.00",
    ]  # fmt: skip
    assert book.exists()
    assert json.loads(ms("targets", "--json")[1])["processes"][0]["team"]["target"] == "100000.00"


def test_defining_it_again_changes_nothing(ms):
    ms("define-process", EXAMPLE)
    code, out, err = ms("define-process", EXAMPLE)
    assert (code, out) == (0, "")
    assert "Nothing changed: b2b is defined like this already." in err
    assert len(json.loads(ms("processes", "--json")[1])["processes"][0]["versions"]) == 1


def test_what_there_is_printed_is_taken_again_as_the_same(ms, tmp_path):
    ms("define-process", EXAMPLE)
    path = tmp_path / "again.toml"
    assert ms("processes", "b2b", "--toml", "-o", path)[0] == 0
    again = read_process(path.read_bytes(), "again")
    assert again == read_process(EXAMPLE.read_bytes(), "example")
    assert ms("processes", "--toml")[1] == path.read_text(encoding="utf-8")
    assert "Nothing changed" in ms("define-process", path)[2]


def test_a_changed_plan_holds_from_the_next_month_and_a_changed_target_is_a_new_one(ms, tmp_path):
    ms("define-process", EXAMPLE)
    path = changed(tmp_path, ("Interest shown", "Interest is shown"), ("100_000", "120_000"))
    code, out, _ = ms("define-process", path, "--json")
    found = json.loads(out)
    assert (code, found["effect"], found["valid_from"], found["target_changed"]) == (0, "plan", "2026-12-01", True)
    assert found["changes"]["differences"] == [
        {"milestone": "interest", "key": "name", "before": "Interest shown", "after": "Interest is shown"}
    ]
    now = json.loads(ms("processes", "b2b", "--json")[1])["processes"][0]
    then = json.loads(ms("processes", "b2b", "--json", "--as-of", "2026-12-01")[1])["processes"][0]
    assert (now["target"], now["milestones"][0]["name"]) == ("100000.00", "Interest shown")
    assert (then["target"], then["milestones"][0]["name"]) == ("120000.00", "Interest is shown")
    assert "--as-of 2026-12-01 prints that one" in ms("processes", "--toml")[2]


def test_a_changed_target_alone_leaves_the_definition(ms, tmp_path):
    ms("define-process", EXAMPLE)
    found = json.loads(ms("define-process", changed(tmp_path, ("100_000", "120_000")), "--json")[1])
    assert (found["effect"], found["target"], found["target_changed"]) == ("nothing", "120000.00", True)
    assert len(json.loads(ms("processes", "--json")[1])["processes"][0]["versions"]) == 1


def test_a_day_in_the_middle_of_a_month_lets_the_target_wait_for_the_next(ms, tmp_path):
    ms("define-process", EXAMPLE)
    path = changed(tmp_path, ("Interest shown", "Interest is shown"), ("100_000", "120_000"))
    assert json.loads(ms("define-process", path, "--from", "2026-11-10", "--json")[1])["valid_from"] == "2026-11-10"
    targets = json.loads(ms("targets", "--json")[1])["processes"][0]["targets"]
    assert [target["valid_from"] for target in targets] == [None, "2026-12-01"]


def test_a_removed_milestone_makes_a_version_and_its_opportunities_stand_before_it(ms, tmp_path):
    ms("define-process", EXAMPLE)
    ms("add", "Acme", "--reached", "3")
    ms("add", "Beta", "--reached", "4")
    code, out, _ = ms("define-process", without(tmp_path, "problem"), "--json")
    found = json.loads(out)
    assert (code, found["effect"], found["version"]) == (0, "version", 2)
    assert found["changes"]["removed"] == ["problem"]
    assert found["carried_over"] == [{"milestone": "Problem confirmed", "count": 1, "to": 2}]
    assert ms("check")[0] == 0
    then = json.loads(ms("processes", "b2b", "--json", "--as-of", "2026-12-02")[1])["processes"][0]
    assert [milestone["open"] for milestone in then["milestones"]] == [0, 1, 1, 0]
    assert [version["version"] for version in then["versions"]] == [1, 2]


def test_a_new_version_says_on_the_screen_what_it_does(ms, tmp_path):
    ms("define-process", EXAMPLE)
    ms("add", "Acme", "--reached", "3")
    shown = ms("define-process", without(tmp_path, "problem"), "--format", "table")[1]
    assert "Version 2 of the process b2b, from Dec 1, 2026 on:" in shown
    assert "removed the milestone problem" in shown
    assert "Open at the removed milestone Problem confirmed: 1; they stand at milestone 2 from then on." in shown
    assert "other order" not in shown
    assert "removed the milestone problem" in ms("processes", "b2b", "--format", "table")[1]


def test_another_currency_is_refused(ms, tmp_path):
    ms("define-process", EXAMPLE)
    code, _, err = ms("define-process", changed(tmp_path, ('"EUR"', '"USD"')))
    assert code == ExitCode.REFUSED
    assert "a currency never changes" in err


def test_check_needs_no_database_and_warns(ms, book, tmp_path):
    path = changed(tmp_path, ("The customer orders in writing", "Offer sent"), ("Ordered", "Offer sent"))
    code, out, _ = ms("define-process", path, "--check", "--format", "table")
    assert code == 0
    assert "nothing was recorded" in out
    assert "is something the seller does" in out
    assert not book.exists()


@pytest.mark.parametrize("bad", ["0", "1.5", '"half"'])
@pytest.mark.parametrize("flags", [(), ("--check",)])
def test_a_bad_rate_is_told_with_its_place_and_nothing_is_made(ms, book, tmp_path, bad, flags):
    code, out, err = ms("define-process", changed(tmp_path, ("rate = 0.5  ", f"rate = {bad}  ")), *flags)
    assert (code, out) == (ExitCode.REFUSED, "")
    assert '[[milestone]] 2 "invited", key rate: found' in err
    assert not book.exists()


def test_one_milestone_is_no_process(ms, book, tmp_path):
    path = tmp_path / "one.toml"
    path.write_text('name = "x"\ncurrency = "EUR"\n[[milestone]]\nkey = "a"\nname = "A"\n', encoding="utf-8")
    code, _, err = ms("define-process", path)
    assert code == ExitCode.REFUSED
    assert "expected 2 to 20 tables [[milestone]]" in err
    assert not book.exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nowhere.toml",), ExitCode.USAGE, 'There is no file "nowhere.toml".'),
        ((".",), ExitCode.USAGE, "cannot be read"),
        (("a\0b",), ExitCode.USAGE, "cannot be read"),
        ((), ExitCode.USAGE, "Nobody can be asked here"),
        (("--check",), ExitCode.USAGE, "--check needs a FILE"),
        ((EXAMPLE, "--from", "2026-01-01"), ExitCode.REFUSED, "holds from the beginning"),
        ((EXAMPLE, "--from", "2026-02-30"), ExitCode.USAGE, "February 2026 has 28 days"),
    ],
)
def test_what_cannot_be_is_refused_and_no_file_is_made(ms, book, words, code, said):
    found, out, err = ms("define-process", *words)
    assert (found, out) == (code, "")
    assert said in err
    assert not book.exists()


def test_a_dry_run_makes_no_file(ms, book):
    code, out, _ = ms("define-process", EXAMPLE, "--dry-run", "--json")
    assert (code, json.loads(out)["dry_run"]) == (0, True)
    assert not book.exists()


def test_a_process_comes_from_standard_input(ms, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(EXAMPLE.read_bytes())))
    assert ms("define-process", "-")[0] == 0
    assert "b2b" in ms("processes")[1]


def test_processes_lists_none_and_names_the_nearest(ms):
    code, _, err = ms("processes")
    assert (code, "define-process" in err) == (ExitCode.REFUSED, True)
    ms("define-process", EXAMPLE)
    code, _, err = ms("processes", "b2c")
    assert code == ExitCode.REFUSED
    assert "Did you mean b2b?" in err


class Typist(io.StringIO):
    """A terminal on which somebody has typed ahead."""

    def isatty(self) -> bool:
        return True


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", Typist("".join(f"{line}\n" for line in lines)))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)


ALL_QUESTIONS = 6 + 3 + 4 * 4
"""About the process, the first milestone, the four others."""


def test_the_wizard_takes_the_example_on_enter(ms, monkeypatch):
    typed(monkeypatch, *[""] * (ALL_QUESTIONS + 1), "y", "")
    code, _, err = ms("define-process")
    assert (code, "Record the process b2b?" in err) == (0, True)
    monkeypatch.undo()


def test_the_wizard_writes_what_was_answered_into_the_process_file_too(ms, monkeypatch, tmp_path):
    path = tmp_path / "own.toml"
    general = ["Own!", "own", "Our market", "chf", "0", "250k", "30k", "6"]
    first = ["Answered", "<", "Has answered", "The customer answers", ""]
    rest = ["", "", "", "0", "40"] + [""] * 4 * 3
    review = ["x", "-9", "+5", "Paid", "The customer has paid", "", "90", "-3", "", "y", str(path)]
    typed(monkeypatch, *general, *first, *rest, *review)
    code, _, err = ms("define-process")
    assert (code, "cannot name a process" in err) == (0, True), err
    written = read_process(path.read_bytes(), "own.toml")
    process = written.process
    assert (process.key, process.title, process.currency.code) == ("own", "Our market", "CHF")
    assert (written.target_per_month, process.typical_value) == (250_000_00, 30_000_00)
    assert process.keys == ("has-answered", "invited", "offer-asked", "order", "paid")
    assert [str(milestone.rate) for milestone in process.milestones] == ["None", "0.4", "0.5", "0.5", "0.9"]
    assert sum(milestone.days or 0 for milestone in process.milestones) == 6 * 30


def test_after_each_rate_the_wizard_says_what_must_arrive_at_milestone_1_so_far(ms, monkeypatch):
    before = ["", "", "", "200k", "", "", "", "", ""]
    typed(monkeypatch, *before, "", "", "", "25", "<", "40", "", "", "", "50 %", *[""] * 8, "", "n")
    _, _, err = ms("define-process")
    told = [line.strip() for line in err.splitlines() if "So far" in line]
    assert [line.partition("needs ")[2] for line in told] == [
        "€6,400,000 at milestone 1, 160 opportunities.",
        *["€4,000,000 at milestone 1, 100 opportunities."] * 4,
    ]
    assert all("So far €200,000 a month needs" in line for line in told)


def test_after_each_rate_the_wizard_shows_the_chain_so_far(ms, monkeypatch):
    typed(monkeypatch, *[""] * 6, *[""] * 3, "", "", "", "25", *[""] * 12, "", "n")
    _, _, err = ms("define-process")
    first = next(line for line in err.splitlines() if "At each" in line)
    assert first.strip() == "At each: 1 €3,200,000, 2 €800,000, 3 €400,000, 4 €200,000, 5 €100,000"


def test_a_dash_leaves_out_target_and_typical_value(ms, monkeypatch, tmp_path):
    path = tmp_path / "own.toml"
    typed(monkeypatch, "", "", "", "-", "-", *[""] * (ALL_QUESTIONS - 5), "", "y", str(path))
    code, _, err = ms("define-process")
    assert (code, "(- for none)" in err) == (0, True), err
    written = read_process(path.read_bytes(), "own.toml")
    assert (written.target_per_month, written.process.typical_value) == (None, None)


def test_how_to_win_a_milestone_is_asked_for_and_outlives_another_name(ms, monkeypatch, tmp_path):
    path = tmp_path / "own.toml"
    first = ["Heard of us", "", ""]
    second = ["", "", "Call them", "Write to them", "", ""]
    third = ["", "", "-", ""]
    typed(monkeypatch, *[""] * 6, *first, *second, *third, *[""] * 8, "", "y", str(path))
    assert ms("define-process")[0] == 0
    found = read_process(path.read_bytes(), "own.toml").process.milestones
    given = example().process.milestones
    assert (found[0].name, found[0].how) == ("Heard of us", given[0].how)
    assert given[0].how
    assert found[1].how == ("Call them", "Write to them")
    assert found[2].how == ()
    assert found[3].how == given[3].how


def test_the_wizard_offers_what_a_process_has_already(ms, monkeypatch, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        'name = "own"\ntitle = "Our own"\ncurrency = "CHF"\n[target]\nper_month = 7000\n[[milestone]]\nkey = "a"\n'
        'name = "Asked"\n[[milestone]]\nkey = "b"\nname = "Bought"\nrate = 0.3\ndays = 50\n',
        encoding="utf-8",
    )
    ms("define-process", path)
    typed(monkeypatch, "own", *[""] * (5 + 3 + 4), "", "", "")
    code, _, err = ms("define-process")
    assert (code, "There is a process own already (Our own)" in err) == (0, True)
    assert "Nothing changed: own is defined like this already." in err
    typed(monkeypatch, "own", "", "", "-", "", "", "", "", "", "", "", "", "40", "", "", "")
    code, out, _ = ms("define-process", "--json")
    assert (code, json.loads(out)["target_changed"]) == (0, True)
    monkeypatch.undo()


@pytest.mark.parametrize(
    "place", ["", "~nobody-of-that-name/x.toml", "none/x.toml", "x\0.toml", "\x1b[2J/x", "x" * 5000]
)
def test_the_wizard_asks_again_for_a_path_where_no_file_can_lie(place, ms, book, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    typed(monkeypatch, *[""] * (ALL_QUESTIONS + 1), "y", place or str(tmp_path), str(tmp_path / "own.toml"))
    code, _, err = ms("define-process")
    assert (code, "Written to" in err) == (0, True), err
    assert err.count("Write it to a process file too?") == 2
    assert "\x1b" not in err
    assert book.exists()
    assert (tmp_path / "own.toml").exists()


def test_back_from_the_agreement_and_from_the_path_leads_to_the_review_again(ms, monkeypatch, tmp_path):
    path = tmp_path / "own.toml"
    typed(monkeypatch, *[""] * ALL_QUESTIONS, "", "<", "-3", "", "y", "<", "<", "90", "", "maybe", "", str(path))
    code, _, err = ms("define-process")
    assert (code, err.count("Record the process b2b? [Y/n]")) == (0, 4), err
    assert '"maybe" is neither yes nor no.' in err
    process = read_process(path.read_bytes(), "own.toml").process
    assert process.keys == ("interest", "invited", "offer-asked", "order")
    assert [str(milestone.rate) for milestone in process.milestones] == ["None", "0.5", "0.5", "0.9"]


def test_a_milestone_added_in_the_review_is_not_asked_about_again(ms, monkeypatch, tmp_path):
    path = tmp_path / "own.toml"
    added = ["+5", "Paid", "The customer has paid", "", "90"]
    typed(monkeypatch, *[""] * ALL_QUESTIONS, *added, "", "<", "", "y", str(path))
    code, _, err = ms("define-process")
    assert (code, err.count("Milestone 6 of 6")) == (0, 1), err
    assert read_process(path.read_bytes(), "own.toml").process.keys[-1] == "paid"


def test_back_from_the_review_after_a_removal_leads_to_the_last_question(ms, monkeypatch):
    typed(monkeypatch, *[""] * ALL_QUESTIONS, "-3", "<", "80", "", "y", "")
    code, _, err = ms("define-process")
    assert (code, err.count("Of 100 at milestone 3, how many get here")) == (0, 2), err
    monkeypatch.undo()


@pytest.mark.parametrize(("answer", "replaced"), [("", False), ("n", False), ("y", True)])
def test_the_wizard_replaces_no_file_without_a_yes(answer, replaced, ms, monkeypatch, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("mine", encoding="utf-8")
    typed(monkeypatch, *[""] * (ALL_QUESTIONS + 1), "y", str(path), answer)
    assert ms("define-process")[0] == 0
    assert (path.read_text(encoding="utf-8") != "mine") is replaced


@pytest.mark.parametrize("lines", [["", ""], [*[""] * (ALL_QUESTIONS + 1), "n"], [*[""] * (ALL_QUESTIONS + 1)]])
def test_whoever_leaves_the_wizard_has_recorded_nothing(ms, book, monkeypatch, lines):
    typed(monkeypatch, *lines)
    _, out, err = ms("define-process")
    assert out == ""
    assert "othing was recorded" in err
    assert not book.exists()


def test_the_months_are_spread_in_proportion_and_lose_no_day():
    milestones = list(example().process.milestones)
    weights = {"invited": 30, "problem": 90, "offer-asked": 60, "order": 20}
    found = spread(milestones, months_of("10"), weights)
    assert [milestone.days for milestone in found] == [None, 45, 135, 90, 30]
    assert [milestone.days for milestone in spread(milestones, months_of("0.01"), weights)][1:] == [1, 1, 1, 1]


def months_of(text: str):
    from milestone_cli.commands.wizard_answers import months_of

    return months_of(text)


def test_the_wizard_asks_on_a_real_terminal(book):
    master, slave = pty.openpty()
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(
        [sys.executable, "-m", "milestone_cli", "define-process"], stdin=slave, stdout=slave, stderr=slave, env=environ
    ) as running:
        os.close(slave)
        os.write(master, b"\n" * (ALL_QUESTIONS + 1) + b"y\n\n")
        shown = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
        running.wait(30)
    os.close(master)
    assert running.returncode == 0, shown.decode()
    assert "€1,600,000" in shown.decode()
    assert book.exists()


def test_another_order_is_told_and_so_is_a_definition_that_is_still_to_come(ms, tmp_path):
    ms("define-process", EXAMPLE)
    ms("define-process", without(tmp_path, "problem"), "--from", "2027-02-01")
    head, *parts = EXAMPLE.read_text(encoding="utf-8").split("[[milestone]]")
    parts[1], parts[2] = parts[2], parts[1]
    path = tmp_path / "other.toml"
    path.write_text("[[milestone]]".join([head, *parts]).replace("optional", "required", 1), encoding="utf-8")
    shown = ms("define-process", path, "--format", "table")[1]
    assert "the milestones are in another order" in shown
    assert "Another definition, set before this one, takes over on Feb 1, 2027." in shown
    later = ms("processes", "b2b", "--format", "table", "--as-of", "2026-12-05")[1]
    assert "`ms advance` must say what the customer did, said or wrote." in later
    assert "evidence: optional -> required" in later
