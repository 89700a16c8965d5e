"""What the documents say is so: the examples run, the reference is complete, the links lead somewhere."""

from __future__ import annotations

import re
import runpy
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.shown import same_but_for_rounding

import make_history
import make_tutorial
from milestone_cli import cli, commands
from milestone_cli.config import KEYS
from milestone_cli.errors import ExitCode
from shell import shell

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
TUTORIAL = ROOT / "docs" / "tutorial.md"
REFERENCE = ROOT / "docs" / "reference.md"
INSTALLS = "python3 -m venv"
"""How a line begins that installs; `.ci/run` takes one of them from the README and runs it."""
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(
    r"\(\.\./examples/([^)]+)\)(?:(?!```|\.\./examples/).)*^```(?:toml|csv|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
"""The first block behind a link to an example."""
_LINK = re.compile(r"\]\(([^)]+)\)")


def typed(page: Path) -> list[str]:
    """Return the lines of a page that a reader types, in order."""
    blocks = (text for kind, text in _BLOCK.findall(page.read_text(encoding="utf-8")) if kind == "sh")
    return [line for block in blocks for line in block.splitlines() if not line.startswith(INSTALLS)]


def examples(page: Path) -> Iterator[list[str]]:
    """Yield the arguments of every `ms` of a page in order."""
    for line in typed(page):
        words = shlex.split(line, comments=True)
        if "ms" in words:
            yield words[words.index("ms") + 1 :]


WITH_EXAMPLES = [page for page in PAGES if page != TUTORIAL and typed(page)]
"""The examples of the tutorial are run to see what they show."""


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.name)
def test_every_example_runs_in_the_order_of_the_page(page: Path) -> None:
    with shell(width=80) as window:
        window.typed("export MS_DB=ms.db MS_TODAY=2026-11-23 MS_ZONE=UTC")
        for line in typed(page):
            window.typed(line)


def test_the_tutorial_shows_what_the_program_says() -> None:
    made, written = make_tutorial.tutorial(), TUTORIAL.read_text(encoding="utf-8")
    assert same_but_for_rounding(made, written), "run `python docs/make_tutorial.py`"


def test_the_tutorial_speaks_of_figures_that_it_shows() -> None:
    text = TUTORIAL.read_text(encoding="utf-8")
    shown = "".join(block for _, block in _BLOCK.findall(text))
    told = re.findall(r"\b[0-9]{1,3}(?:,[0-9]{3})+\b|\b[0-9]{2,}\b", _LINK.sub("", _BLOCK.sub("", text)))
    assert told
    assert set(told) - {"3", "90", "80"} <= set(re.findall(r"[0-9]+(?:,[0-9]{3})*", shown))


@pytest.mark.parametrize("page", ["tutorial.md", "data.md"])
def test_what_a_page_quotes_of_an_example_stands_in_it(page: str) -> None:
    quoted = _QUOTED.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
    assert quoted
    for name, text in quoted:
        lines = (ROOT / "examples" / name).read_text(encoding="utf-8").splitlines()
        assert set(text.splitlines()) <= set(lines), name


def test_the_history_of_the_tutorial_is_the_one_that_is_made() -> None:
    assert make_history.history() == make_history.FILE.read_text(encoding="utf-8")


def test_the_worked_example_is_the_one_of_the_readme() -> None:
    with shell(width=80) as window:
        window.typed("export MS_DB=ms.db")
        window.typed("ms define-process examples/b2b-long-cycle.toml")
        shown = window.typed("ms cascade")
    sums = ["€1,600,000 ", "€800,000 ", "€400,000 ", "€200,000 ", "€100,000 "]
    places = [shown.index(amount) for amount in sums]
    assert places == sorted(places)


def test_the_reference_is_what_the_program_says() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "make_reference.py"))["reference"]()
    written = REFERENCE.read_text(encoding="utf-8")
    assert made == written, "run `python docs/make_reference.py`"


@pytest.mark.parametrize("command", commands.COMMANDS.values(), ids=lambda command: command.name)
def test_every_command_and_option_is_in_the_reference(command: commands.Command) -> None:
    page = REFERENCE.read_text(encoding="utf-8")
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


def test_every_setting_variable_and_exit_code_is_in_the_reference() -> None:
    page = REFERENCE.read_text(encoding="utf-8")
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    variables = set(re.findall(r"(?<![A-Z_])MS_[A-Z]+(?!\*)", source))
    assert {known.variable for known in KEYS.values() if known.variable} < variables
    told = {*KEYS, *variables, "NO_COLOR", "COLUMNS"}
    assert {name for name in told if f"`{name}`" not in page} == set()
    assert all(f"| {code.value} | " in page for code in ExitCode)


@pytest.mark.parametrize("command", commands.COMMANDS.values(), ids=lambda command: command.name)
def test_examples_in_the_help_of_a_command_use_options_that_it_has(
    command: commands.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.run([command.name, "--help"])
    shown = capsys.readouterr().out.partition("\nExamples:\n")[2]
    known = {*command.options, *(commands.SHARED_OPTIONS[name] for name in command.shared)}
    used = [word for line in shown.splitlines() for word in shlex.split(line) if re.match("--?[a-z]", word)]
    assert set(used) <= {flag for option in known for flag in option.flags}


def test_the_readme_shows_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    told = {argv[0] for argv in examples(ROOT / "README.md") if argv and not argv[0].startswith("-")}
    only_on_a_terminal = {"demo", "takeover", "watch"}
    assert set(commands.COMMANDS) - told == only_on_a_terminal
    assert all(f"`ms {name}`" in text for name in only_on_a_terminal)


def test_the_readme_leads_a_newcomer_to_the_tutorial_first() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = [link for link in _LINK.findall(text) if link.endswith(".md")]
    assert pages[0] == "docs/tutorial.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith("https://"):
            continue
        name, _, heading = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        if heading:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^a-z0-9 -]", "", text.lower()).replace(" ", "-") for text in headings}, link


def test_the_source_package_holds_what_the_readme_leads_to_and_the_installed_one_no_pages() -> None:
    targets = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    links = _LINK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert {link.partition("/")[0] for link in links if ":" not in link} <= set(targets["sdist"]["include"])
    assert targets["wheel"]["packages"] == ["src/milestone_cli"]


def test_the_readme_holds_the_two_commands_for_a_fresh_machine() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, last in (("demo", ".venv/bin/ms demo"), ("tests", ".venv/bin/pytest")):
        block = text.partition(f"<!-- {name} -->")[2].partition(f"<!-- /{name} -->")[0]
        [line] = [line for line in block.splitlines() if line.startswith("python3 ")]
        assert line.endswith(last)
