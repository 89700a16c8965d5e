"""`--locale de`: whatever a reader sees is German, and whatever a program reads stays as it is."""

from __future__ import annotations

import html
import re
import shlex
import zipfile
from collections.abc import Iterator
from gettext import NullTranslations
from pathlib import Path

import pytest

from milestone_cli.console import Terminal
from milestone_cli.translation import catalog

PROCESS = """
name = "b2b"
title = "Neukunden"
currency = "EUR"

typical_value = 40_000

[[milestone]]
key = "anfrage"
name = "Anfrage"
customer_action = "Der Kunde fragt an"
how = ["Nach den Kosten fragen"]
[[milestone]]
key = "treffen"
name = "Treffen"
customer_action = "Der Kunde kommt zum Termin"
rate = 0.5
days = 30
[[milestone]]
key = "auftrag"
name = "Auftrag"
customer_action = "Der Kunde bestellt"
rate = 0.5
days = 30
"""
ENGLISH = re.compile(
    r"\b(the|of|is|are|and|with|not|from|to|for|by|each|which|has|have|nothing|reached|target|month|months|customer"
    r"|milestone|opportunity|lamp|rate|rates|missing|team|short|days|no|yes|since|at|more|expected)\b"
)
NO_WORDS = re.compile(r"`[^`]*`|--[a-z-]+(?: [a-z]+)?|/\S+|\b[a-z]+-[a-z]+\b|[a-z_]+_[a-z_]+|standard input|b2b team")
LOOKING = (
    "kpis", "kpis --by rep", "kpis --explain", "kpis --period last-3-months", "cascade", "cascade --target 50k",
    "cascade --for 2027-03", "cascade --explain", "cascade --explain --rep ben --rates planned",
    "cascade --explain --target 50k", "cascade --for 2027-03 --explain", "cascade --for 2026-11 --explain", "rates",
    "rates --by rep", "rates --by version", "rates --explain", "forecast", "forecast --by rep",
    "forecast --by quarter --explain", "forecast --milestone all", "forecast --since 2026-10-01",
    "forecast --what-if 'inflow +20%'", "next --explain", "next --rep anna", "dead-horses", "dead-horses --explain",
    "opportunities", "opportunities --status lost", "health", "health --explain", "show acme", "show acme --explain",
    "show cicero --explain", "show emil --explain", "show dora --explain", "targets", "reps", "log", "processes",
    "processes b2b", "backtest", "config", "check", "",
)  # fmt: skip


class Missed(NullTranslations):
    """What the catalog was asked for and does not hold."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def gettext(self, message: str) -> str:
        if re.search(r"[^\W\d_]{2}", re.sub(r"\{\}", "", message)) and "\n" not in message:
            self.words.append(message)
        return message

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(f"{context}: {message}")

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture
def missed() -> Iterator[list[str]]:
    """Collects what has no translation while the commands of a test run."""
    german, listening = catalog("de"), Missed()
    assert german is not None
    german.add_fallback(listening)
    yield listening.words
    german._fallback = None  # type: ignore[attr-defined]


@pytest.fixture
def recorded(path: Path, tmp_path: Path, ms, keep) -> None:  # noqa: ARG001 - the environment of every run
    """A little of everything is recorded."""
    keep("german", tmp_path, lambda: record(tmp_path, ms))


def record(tmp_path: Path, ms) -> list[str]:
    """Record a little of everything in German; return what the commands said."""
    file = tmp_path / "prozess.toml"
    file.write_text(PROCESS, "utf-8")
    commands = (
        "", f"define-process {file} --yes", "add-rep anna --from 2024-01-01", "add-rep ben --from 2024-01-01",
        "set-target 100k --from 2026-01", "set-target 30k --rep anna --from 2026-01", "set-target 0 --rep ben",
        "add Acme --rep anna --on 2026-09-01", "add Berta --value 30k --on 2026-01-01", "add Cicero --on 2026-02-01",
        "add Dora --rep ben --reached 1 --on 2026-10-01", "add Emil --on 2026-11-01",
        "advance acme 2 --said Ja --by Meier --on 2026-10-01", "advance acme 3 --value 50k --on 2026-11-02",
        "advance berta 1 --on 2026-01-10", "standing cicero 2 --since 2025-05-01 --on 2026-03-01",
        "revalue berta 60k", "assign berta ben", "assign --from-rep ben --to-rep anna", "lose dora --revisit +2w",
        "reopen dora", "lose dora --revisit 2026-11-24", "amend 12 --on 2026-02-02", "advance emil 1", "undo",
        "advance emil 1 --dry-run", "retire-rep ben", "export -o {}/facts.csv", "backup {}/kopie.db",
        "restore {}/kopie.db --yes", "import {}/facts.csv", f"define-process {file} --check",
    )  # fmt: skip
    spoken = []
    for command in commands:
        answer = ms(*command.format(tmp_path).split(), "--locale", "de", "--format", "table")
        assert answer.code == 0, (command, answer.err)
        spoken.append(answer.out + answer.err)
    return spoken


def english_in(text: str) -> list[str]:
    return [line for line in text.splitlines() if ENGLISH.search(NO_WORDS.sub("", line))]


@pytest.mark.usefixtures("path")
def test_recording_speaks_german(missed: list[str], tmp_path: Path, ms) -> None:
    said = record(tmp_path, ms)
    assert missed == []
    assert english_in("\n".join(said)) == []


@pytest.mark.usefixtures("recorded")
def test_looking_shows_german_in_tables_and_markdown(missed: list[str], ms) -> None:
    for command in LOOKING:
        for form in ("table", "md"):
            answer = ms(*shlex.split(command), "--locale", "de_AT", "--format", form)
            assert answer.code == 0, (command, answer.err)
            assert english_in(answer.out) == [], command
    assert missed == []


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("columns", ["80", "200"])
def test_a_terminal_shows_german_too(missed: list[str], ms, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setattr(Terminal, "is_terminal", True)
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("NO_COLOR", "1")
    for command in ("", "kpis --by rep", "forecast --by rep", "forecast --milestone all", "next"):
        answer = ms(*shlex.split(command), "--locale", "de")
        assert answer.code == 0, (command, answer.err)
        assert english_in(answer.out) == [], command
    assert missed == []


@pytest.mark.usefixtures("recorded")
def test_the_page_is_german_down_to_its_charts(missed: list[str], ms, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    answer = ms("report", "--locale", "de", "-o", str(tmp_path / "seite.html"))
    assert answer.code == 0, answer.err
    page = (tmp_path / "seite.html").read_text("utf-8")
    body, _, behind = page.partition('<script type="application/json" id="figures">')
    without_commands = re.sub(r"<code>[^<]*</code>", "", body.partition("<body")[2])
    shown = html.unescape(re.sub(r"<[^>]+>", "\n", without_commands))
    assert english_in(shown) == []
    assert 'lang="de"' in page
    assert english_in("\n".join(re.findall(r'"(?:says|title|description)":"([^"]+)"', behind))) == []
    assert missed == []


@pytest.mark.usefixtures("recorded")
def test_a_workbook_is_german_but_for_the_names_of_its_sheets(missed: list[str], ms, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    answer = ms("report", "--locale", "de", "-o", str(tmp_path / "mappe.xlsx"))
    assert answer.code == 0, answer.err
    with zipfile.ZipFile(tmp_path / "mappe.xlsx") as book:
        texts = re.findall(r"<t[^>]*>([^<]*)</t>", book.read("xl/sharedStrings.xml").decode())
    assert english_in("\n".join(map(html.unescape, texts))) == []
    assert missed == []


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("form", ["csv", "tsv", "json"])
def test_what_a_program_reads_is_the_same_in_every_language(ms, form: str) -> None:
    for command in (
        "kpis --by rep",
        "kpis --explain",
        "cascade --explain",
        "show acme --explain",
        "forecast",
        "rates",
        "dead-horses",
        "opportunities",
        "next",
    ):
        german, english = (ms(*shlex.split(command), "--locale", one, "--format", form) for one in ("de", "en"))
        assert german.out == english.out, command


@pytest.mark.usefixtures("recorded")
def test_a_german_table_says_lamp_number_and_date_as_germans_do(ms) -> None:
    found = ms("kpis", "--locale", "de", "--format", "table").out
    assert "Meilenstein" in found
    assert "100.000\xa0€" in found
    assert re.search(r"[●▲■○] (grün|gelb|rot|grau)", found)
    assert "01.09.2026" in ms("show", "acme", "--locale", "de", "--format", "table").out


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "en", "en_GB", "fr"])
def test_other_locales_read_english(ms, locale: str) -> None:
    assert "Milestone" in ms("kpis", "--locale", locale, "--format", "table").out


@pytest.mark.usefixtures("recorded")
def test_the_language_comes_from_the_environment_and_the_config_too(ms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_CH.UTF-8")
    assert "Meilenstein" in ms("kpis", "--format", "table").out
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    ms("config", "set", "locale", "de")
    assert "Meilenstein" in ms("kpis", "--format", "table").out


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("emil\n<\nemil\n1\n\nJa\n\n", "advance"),
        ("?\n2 2026-01-05\n1\n\nd\n0\ns\ns\ns\n", "takeover"),
        (
            "smb\nKleine\nEUR\n12000\n4000\n2\n" + "\n" * 14 + "+1\nMehr\nDer Kunde tut mehr\n50\n\nj\n\n",
            "define-process",
        ),
        ("Ja\n", "advance emil 1"),
        ("n\n", "undo"),
    ],
)
def test_a_conversation_is_held_in_german(missed: list[str], typist, typed: str, command: str) -> None:
    spoken = typist(typed, *shlex.split(command), "--locale", "de")
    assert missed == []
    if command != "define-process":  # its example is an English one
        told = [line for line in english_in(spoken.out + spoken.err) if not line.startswith(("Error", "Give", "`ms"))]
        assert told == []
