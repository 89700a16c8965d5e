"""What the documents say is so: the examples run, the reference is complete, the links lead somewhere."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from milestone_cli import cli, commands

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
WITH_EXAMPLES = [page for page in PAGES if "```sh" in page.read_text(encoding="utf-8")]
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)]+)\)")


def examples(page: Path) -> Iterator[list[str]]:
    """Yield the arguments of every `ms` of a page in order."""
    for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["ms"]:
                yield words[1:]


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the examples and a file of its own."""
    place = tmp_path / "workshop"
    place.mkdir()
    shutil.copytree(ROOT / "examples", place / "examples")
    monkeypatch.chdir(place)
    monkeypatch.setenv("MS_DB", str(place / "ms.db"))
    monkeypatch.setenv("MS_TODAY", "2026-11-23")
    monkeypatch.setenv("MS_ZONE", "UTC")
    return place


@pytest.mark.usefixtures("workshop")
@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.name)
def test_every_example_runs_in_the_order_of_the_page(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = 0
    for argv in examples(page):
        code = cli.run(argv)
        said = capsys.readouterr()
        assert code == 0, f"{page.name}: ms {shlex.join(argv)} gave {code}\n{said.err}"
        ran += 1
    assert ran or page.name == "CONTRIBUTING.md"


@pytest.mark.usefixtures("workshop")
def test_the_worked_example_is_the_one_of_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["define-process", "examples/b2b-long-cycle.toml"]) == 0
    capsys.readouterr()
    assert cli.run(["cascade"]) == 0
    shown = capsys.readouterr().out
    sums = ["1600000.00", "800000.00", "400000.00", "200000.00", "100000.00"]
    places = [shown.index(f"\t{amount}\t") for amount in sums]
    assert places == sorted(places)


def test_the_reference_is_what_the_program_says() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "make_reference.py"))["reference"]()
    written = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert made == written, "run `python docs/make_reference.py`"


@pytest.mark.parametrize("command", commands.COMMANDS.values(), ids=lambda command: command.name)
def test_every_command_and_option_is_in_the_reference(command: commands.Command) -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    section = page.partition(f"## ms {command.name}\n")[2].partition("\n## ")[0]
    shared = [commands.SHARED_OPTIONS[name] for name in command.shared]
    missing = [flag for option in (*command.options, *shared) for flag in option.flags[:1] if flag not in section]
    assert section
    assert not missing


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_the_help_of_every_command_has_two_examples_that_begin_with_it(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([name, "--help"]) == 0
    shown = capsys.readouterr().out.partition("\nExamples:\n")[2].rstrip().splitlines()
    assert len(shown) == 2
    assert all(line.startswith(f"  ms {name}") for line in shown)


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    told = {argv[0] for argv in examples(ROOT / "README.md") if argv and not argv[0].startswith("-")}
    elsewhere = {"demo", "processes", "reps", "retire-rep", "takeover", "watch"}
    assert set(commands.COMMANDS) - told <= elsewhere
    assert "ms demo" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith("https://"):
            continue
        name, _, heading = link.partition("#")
        target = page.parent / name
        assert target.exists(), link
        if heading:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^a-z0-9 -]", "", text.lower()).replace(" ", "-") for text in headings}, link


def test_the_readme_holds_the_two_commands_for_a_fresh_machine() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, last in (("demo", ".venv/bin/ms demo"), ("tests", ".venv/bin/pytest")):
        block = text.partition(f"<!-- {name} -->")[2].partition(f"<!-- /{name} -->")[0]
        [line] = [line for line in block.splitlines() if line.startswith("python3 ")]
        assert line.endswith(last)
