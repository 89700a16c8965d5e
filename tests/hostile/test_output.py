"""What comes out: no name steers a terminal, a table or a spreadsheet; a reader that leaves is no error."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from tests.hostile.conftest import STEERING

from milestone_cli.console import Terminal

EVIL = (
    "[red]x[/red]", "[link=http://x]y[/link]", "Acme [/]", ":smile:", "a\u202eb", "a\u200bb", '=HYPERLINK("http://x";"y")', "+1", "@x",
    "'=1", "<script>alert(1)</script>", "|pipe|", "`tick`", "<b>", "{0}", "%s", "a,b;c", 'say "hi"',
)  # fmt: skip
OLD = (
    "\x1b]8;;http://x\x07y\x1b]8;;\x07",
    "\x1b]52;c;eA==\x07",
    "\x1b[2Jz",
    "\x9b31mz",
    "a\x00b",
    "a\x7fb",
    "a\rb",
    "a\nb",
    "a\tb",
)
"""Names as only a file changed by another program can hold them."""
LOOKS = (
    ("opportunities",), ("show", "evil-0", "--explain"), ("show", "evil-4"), ("show", "old-0"), ("kpis", "--by", "rep", "--explain"), ("cascade",),
    ("targets",), ("reps",), ("processes",), ("processes", "b2b"), ("log", "--limit", "100"), ("export",), ("config",),
    ("next", "--limit", "50", "--explain"), ("health", "--explain"), ("--process", "b2b"),
    ("cascade", "--explain"), ("cascade", "--for", "this-month", "--explain"), ("cascade", "--for", "next-month", "--explain"),
    ("dead-horses", "--explain"), ("rates", "--by", "rep", "--explain"), ("forecast", "--by", "rep", "--explain"),
    ("rates", "--rep", EVIL[10], "--explain"), ("forecast", "--rep", EVIL[0]), ("backtest",), (),
)  # fmt: skip
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
SOUND = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""What no format may hold; csv carries breaks inside quotes, and bidi signs as they are."""


@pytest.fixture(scope="session")
def poisoned(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book whose customers, titles, reps and evidence have the names above."""
    from unittest import mock

    from tests.hostile.conftest import alone

    from milestone_cli.__main__ import _run

    folder = tmp_path_factory.mktemp("poisoned")
    book = Path(shutil.copy(made, folder / "book.db"))
    head = (
        "opportunity",
        "milestone",
        "date",
        "customer",
        "title",
        "rep",
        "evidence",
        "text",
        "by",
        "ref",
        "outcome",
        "reason",
    )
    with (folder / "f.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        for number, name in enumerate(EVIL):
            said = f"'{name}" if name[0] in "=+@'" else name
            writer.writerow((f"evil-{number}", 1, "2026-11-02", said, said, said, "said", said, said, said, "", ""))
            if number % 3 == 0:
                writer.writerow((f"evil-{number}", 2, "2026-11-05", *[""] * 7, "lost", said))
        for number in range(len(OLD)):
            writer.writerow((f"old-{number}", 1, "2026-11-02", f"old {number}", *[""] * 8))
    with mock.patch.dict(os.environ, alone(folder)), mock.patch("sys.stdout", io.StringIO()):
        assert _run(["import", str(folder / "f.csv"), "--complete-history"]) == 0
    with closing(sqlite3.connect(book)) as raw:
        for number, name in enumerate(OLD):
            raw.execute("UPDATE customer SET name = ? WHERE name = ?", (name, f"old {number}"))
        raw.commit()
    return book


@pytest.fixture
def evil(poisoned: Path, folder: Path) -> Path:
    return Path(shutil.copy(poisoned, folder / "book.db"))


@pytest.mark.parametrize("look", LOOKS, ids=" ".join)
@pytest.mark.parametrize("form", ["table", "json", "csv", "tsv", "md"])
def test_no_name_steers_the_reader_of_any_format(ms, evil, look, form):
    answer = ms(*look, "--format", form)
    assert answer.code in {0, 2}, answer
    if answer.code == 2:
        assert look[:1] in {("export",), ("processes",)}, answer.err
        return
    assert not SOUND.search(answer.out)
    if form != "csv" and not (look[:1] == ("export",) and form in {"tsv", "table"}):
        assert not STEERING.search(answer.out.replace("\t", " "))
    if form == "json":
        json.loads(answer.out)


@pytest.mark.parametrize("look", LOOKS[:10], ids=" ".join)
def test_on_a_terminal_nothing_but_our_own_colours_is_sent(ms, evil, monkeypatch, look):
    monkeypatch.setattr(Terminal, "is_terminal", True)
    monkeypatch.setenv("COLUMNS", "400")
    if look[0] == "opportunities":
        look += ("--status", "open", "--status", "lost")
    answer = ms(*look)
    assert answer.code == 0, answer
    bare = COLOUR.sub("", answer.out)
    assert not STEERING.search(bare)
    assert "😄" not in bare
    if look[0] == "opportunities":
        for name in ("[red]x[/red]", "[link=http://x]y[/link]", "Acme [/]", ":smile:", r"a\u202eb", r"a\u200bb"):
            assert name in bare


def test_a_spreadsheet_finds_no_formula_and_import_takes_the_guard_away(ms, evil, folder):
    for form, delimiter in (("csv", ","), ("tsv", "\t")):
        rows = list(csv.DictReader(io.StringIO(ms("opportunities", "--format", form).out), delimiter=delimiter))
        names = {row["key"]: row["customer"] for row in rows}
        assert not [name for row in rows for name in row.values() if name[:1] in tuple("=+@\t\r") or name[:2] == "-x"]
        assert names["evil-6"] == '\'=HYPERLINK("http://x";"y")'
        assert names["evil-9"] == "''=1"
    assert ms("export", "-o", "facts.csv", "--process", "b2b").code == 0
    assert ms("processes", "b2b", "--toml", "-o", "again.toml").code == 0
    assert ms("define-process", "again.toml", "--db", "again.db").code == 0
    with (folder / "facts.csv").open(newline="") as file:
        clean = [row for row in csv.reader(file) if not row[0].startswith("old")]
    with (folder / "clean.csv").open("w", newline="") as file:
        csv.writer(file).writerows(clean)
    assert ms("import", "clean.csv", "--db", "again.db", "--complete-history").code == 0
    again = {one["key"]: one for one in ms("opportunities", "--db", "again.db", "--json").json["opportunities"]}
    for number, name in enumerate(EVIL):
        assert (again[f"evil-{number}"]["customer"], again[f"evil-{number}"]["title"]) == (name, name)


def test_a_markdown_table_keeps_its_columns(ms, evil):
    lines = [line for line in ms("opportunities", "--format", "md").out.splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
    assert not [line for line in lines if "<script>" in line or "[link=http://x]y[/link](" in line]


WORKBOOKS = ("opportunities", "kpis --by rep", "reps", "log --limit 100", "next --limit 50", "health", "dead-horses",
             "targets", "rates", "forecast", "show evil-6", "export")  # fmt: skip


@pytest.mark.filterwarnings("ignore:Sparkline Group:UserWarning")
@pytest.mark.parametrize("look", WORKBOOKS)
def test_a_workbook_holds_no_formula_no_link_and_nothing_that_steers(ms, evil, folder, look):
    assert ms(*look.split(), "-o", "out.xlsx").code == 0
    book = openpyxl.load_workbook(folder / "out.xlsx")
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.value
                assert cell.hyperlink is None
                assert not isinstance(cell.value, str) or not SOUND.search(cell.value), cell.value
                assert not str(cell.value).startswith(("=", "+1", "@", "\t")), cell.value
    book.close()


class Tags(HTMLParser):
    """Takes down the tags, attributes and scripts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.scripts: list[str] = []
        self.shown = ""
        self._in = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        self._in = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser's signature
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in == "script":
            self.scripts[-1] += data
        else:
            self.shown += data


@pytest.mark.parametrize("rep", ["--team", *(f"--rep={name}" for name in EVIL[:3] + EVIL[10:13])])
def test_on_the_page_a_name_is_text_and_nothing_comes_from_outside(ms, evil, folder, rep):
    clean = Tags()
    assert ms("report", "--rep", "anna", "-o", "clean.html").code == 0
    clean.feed((folder / "clean.html").read_text())
    assert ms("report", rep, "-o", "page.html").code == 0
    text = (folder / "page.html").read_text()
    page = Tags()
    page.feed(text)
    assert not STEERING.search(text.replace("\t", " "))
    assert len(page.scripts) == len(clean.scripts)
    assert not [script for script in page.scripts if "alert(1)" in script and "\\u003c" not in script]
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert not [value for name, value in page.attributes if name in {"href", "src"} and not str(value).startswith("#")]
    assert ("http-equiv", "Content-Security-Policy") in page.attributes
    assert any("default-src 'none'" in str(value) for name, value in page.attributes if name == "content")
    assert "alert(1)" in page.shown or rep != "--team"


def test_messages_show_hostile_names_harmless(ms, evil):
    for name in OLD:
        answer = ms("show", name)
        assert answer.code == 1
        assert not STEERING.search(answer.err)
    answer = ms("show", "evil", "--json")
    assert answer.code == 1
    assert not STEERING.search(answer.err)


# Streams --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("argv", [("opportunities",), ("export",)], ids=" ".join)
def test_a_reader_that_leaves_after_one_line_is_no_error(ms, start, book, folder, argv):
    rows = "".join(f"case-{number},1,2026-10-01\n" for number in range(4000))
    (folder / "many.csv").write_text("opportunity,milestone,date\n" + rows)
    assert ms("import", "many.csv").code == 0
    with start(*argv) as process:
        assert process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        process.wait(50)
    assert process.returncode == 0
    assert "roken" not in said
    assert "Error" not in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_device_is_an_error_and_what_was_recorded_stays_recorded(ms, spawn, book):
    with Path("/dev/full").open("w") as full:
        looked = spawn("kpis", stdout=full)
        recorded = spawn("advance", "acme-gmbh", "3", stdout=full)
    for answer in (looked, recorded):
        assert answer.code == 3
        assert answer.err.startswith("Error: ")
        assert "Traceback" not in answer.err
        assert "Exception ignored" not in answer.err
    assert "othing was recorded" not in recorded.err
    assert ms("show", "acme-gmbh", "--json").json["status"] == "won"
    repeated = ms("advance", "acme-gmbh", "3")
    assert (repeated.code, "already recorded" in repeated.err + repeated.out) == (0, True)


def test_closed_streams_make_no_traceback(ms, spawn, book):
    for closed in ((1,), (0, 1, 2)):
        answer = spawn(
            "advance",
            "acme-gmbh",
            "2",
            "--on",
            "2026-10-20",
            preexec_fn=lambda closed=closed: [os.close(one) for one in closed],
        )
        assert answer.code in {0, 3}
        assert "Traceback" not in answer.err
    assert ms("check").code == 0


def test_no_colour_and_no_cut_in_a_pipe_even_if_colour_is_forced(spawn, book):
    environ = os.environ | {"FORCE_COLOR": "1", "COLUMNS": "20", "TERM": "xterm-256color"}
    for form in ("table", "tsv"):
        answer = spawn("opportunities", "--format", form, env=environ)
        assert "\x1b" not in answer.out
        assert "acme-gmbh" in answer.out


def test_a_message_in_a_narrow_encoding_is_escaped_not_a_traceback(book):
    environ = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-m", "milestone_cli", "show", "Müller"], env=environ, capture_output=True, check=False
    )
    assert done.returncode in {1, 2}  # 2 where this Python cannot read the name either
    assert b"Traceback" not in done.stderr
