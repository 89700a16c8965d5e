"""Who may import whom, and what a fast command must not load: proven by looking, not by a clock."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "milestone_cli"
LOADED = """
import atexit, sys
sys.argv = ["ms", *sys.argv[1:]]
atexit.register(lambda: print("LOADED", *sorted(sys.modules), file=sys.stderr))
from milestone_cli.__main__ import main
main()
"""


def loaded_by(*arguments: str, **environ: str) -> set[str]:
    """Return the modules that a call of `ms` in a process of its own has loaded."""
    ran = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments],
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in ran.stderr, ran.stderr
    loaded = set(ran.stderr.rpartition("LOADED ")[2].split())
    assert "milestone_cli.__main__" in loaded
    return loaded


def imported_at_load(path: Path) -> Iterator[str]:
    """Yield what a module imports as soon as it is loaded, which leaves out functions and TYPE_CHECKING."""
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                continue
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                waiting.extend(node.orelse)
            case ast.Import():
                yield from (name.name for name in node.names)
            case ast.ImportFrom():
                assert node.level == 0, f"{path}: imports are absolute"
                yield node.module or ""
            case _:
                waiting.extend(ast.iter_child_nodes(node))


def modules_that_import(library: str) -> set[str]:
    """Return the modules of the package that import `library` as soon as they are loaded."""
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if library in {name.partition(".")[0] for name in imported_at_load(path)}
    }


def test_every_import_contract_is_kept() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run(
        [lint_imports, "--no-cache", "--config", ROOT / "pyproject.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_version_loads_nothing_that_is_slow() -> None:
    assert not {"typer", "click", "rich", "sqlmodel", "sqlalchemy", "numpy", "pydantic"} & loaded_by("--version")


def test_version_does_not_load_more_of_the_package_than_its_entry() -> None:
    loaded = {name for name in loaded_by("--version") if name.startswith("milestone_cli")}
    assert loaded == {"milestone_cli", "milestone_cli.__main__"}


@pytest.mark.parametrize("instruction", ["complete_bash", "complete_zsh", "complete_fish"])
def test_completion_loads_nothing_that_is_slow(instruction: str) -> None:
    loaded = loaded_by(_MS_COMPLETE=instruction, COMP_WORDS="ms advance ac", COMP_CWORD="2")
    assert not {"typer", "click", "rich", "sqlmodel", "sqlalchemy", "numpy"} & loaded
    assert not {"pydantic", "dataclasses", "tomllib"} & loaded


@pytest.mark.parametrize("arguments", [["--help"], ["kpis", "--help"], ["advance", "--help"]])
def test_help_loads_neither_the_store_nor_numpy(arguments: list[str]) -> None:
    assert not {"sqlmodel", "sqlalchemy", "numpy"} & loaded_by(*arguments)


def test_rich_is_loaded_by_the_screen_alone() -> None:
    assert modules_that_import("rich") <= {"render/screen.py"}


def test_sql_is_spoken_in_the_store_alone() -> None:
    named = modules_that_import("sqlmodel") | modules_that_import("sqlalchemy") | modules_that_import("alembic")
    assert {name for name in named if not name.startswith("store/")} == set()


@pytest.mark.parametrize(
    "library", ["altair", "babel", "jinja2", "markupsafe", "platformdirs", "tomlkit", "vl_convert", "xlsxwriter"]
)
def test_what_is_slow_to_load_is_loaded_where_it_is_used(library: str) -> None:
    assert modules_that_import(library) == set()


def test_the_domain_knows_only_the_standard_library_and_the_errors() -> None:
    foreign = {
        (path.name, name)
        for path in (PACKAGE / "domain").glob("*.py")
        for name in imported_at_load(path)
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not name.startswith(("milestone_cli.domain", "milestone_cli.errors"))
    }
    assert foreign == set()


def test_the_version_is_told() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "milestone_cli", "--version"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "ms 0.1.0\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="arguments are text there")
def test_an_argument_that_is_not_utf8_is_refused_before_anything_reads_it() -> None:
    ran = subprocess.run([sys.executable, "-m", "milestone_cli", "add", b"M\xfcller"], capture_output=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr.decode().startswith('Error: Argument 2 ("M\\xfcller") is not valid UTF-8.\n')
    assert ran.stdout == b""
