"""The error boundary and the finding of commands."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, get_args, get_type_hints

import pytest
import typer

from milestone_cli import cli, commands, completion
from milestone_cli.errors import AlreadyRecorded, ExitCode, NoFileYet
from milestone_cli.options import Call

Install = Callable[..., None]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith(("MS_", "_MS_", "LC_")) or name == "LANG":
            monkeypatch.delenv(name)
    monkeypatch.setenv("MS_CONFIG", str(tmp_path / "config.toml"))
    for name in ("HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    return tmp_path


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a function in the place of a command's module."""

    def put(name: str, function: Callable[..., Any]) -> None:
        entry = commands.COMMANDS[name]
        module = ModuleType(entry.module)
        module.__spec__ = ModuleSpec(entry.module, None)
        setattr(module, entry.function, function)
        monkeypatch.setitem(sys.modules, entry.module, module)

    return put


def raising(error: BaseException) -> Callable[..., None]:
    def check(_call: Call) -> None:
        """Fail.

        Examples:
          ms check
        """
        raise error

    return check


def error_of(text: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(text)["error"]
    return found


def test_help_lists_the_commands_in_their_panels_without_importing_them(capsys):
    assert cli.run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert "Set up:" in shown
    assert "config" in shown
    assert "show every setting, or set one" in shown


def test_help_of_a_command_shows_its_examples_as_they_are_and_its_own_options_first(capsys):
    assert cli.run(["config", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "Examples:\n  ms config\n  ms config set locale de\n" in shown
    assert "<str>" not in shown
    assert shown.index("SETTING") < shown.index("Options of every command:") < shown.index("--db")


def test_version_is_told(capsys):
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("ms ")


def test_an_unknown_command_is_wrong_usage_and_names_the_nearest(capsys):
    assert cli.run(["confgi"]) == ExitCode.USAGE
    assert capsys.readouterr().err == 'Error: There is no command "confgi".\nDid you mean config? See `ms --help`.\n'


@pytest.mark.parametrize(
    "argv",
    [["config", "--nope"], ["--nope", "config"], ["config", "--format"], ["config", "--format", "pdf"], ["config", "a"],
     ["config", "set", "locale", "de", "more"], ["config", "--format", "xlsx"], ["config", "-o", "x.doc"]],
)  # fmt: skip
def test_wrong_usage_is_one_sentence_and_a_hint_and_exit_code_2(argv, capsys):
    assert cli.run(argv) == ExitCode.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    first, second = said.err.splitlines()
    assert first.startswith("Error: ")
    assert second


@pytest.mark.parametrize("flags", [["--json"], ["--format", "json"], ["--format=json"], ["-o", "x.json"]])
@pytest.mark.parametrize("front", [True, False])
def test_wrong_usage_is_json_wherever_json_is_asked_for(flags, front, capsys):
    argv = [*flags, "config", "--nope"] if front else ["config", "--nope", *flags]
    assert cli.run(argv) == ExitCode.USAGE
    assert set(error_of(capsys.readouterr().err)) == {"code", "message", "hint"}


@pytest.mark.parametrize(
    ("argv", "wanted"),
    [
        (["show", "--", "--json"], False),
        (["kpis", "--json", "--format", "csv"], False),
        (["kpis", "-o", "x.csv"], False),
        (["kpis", "--output=X.JSON"], True),
        (["kpis", "--format"], False),
        ([], False),
    ],
)
def test_the_bare_words_tell_whether_errors_are_json(argv, wanted):
    assert cli.wants_json(argv) is wanted


def test_a_value_may_begin_with_a_dash(install):
    seen: list[str] = []

    def retire_rep(_call: Call, key: str, on: Annotated[str, typer.Option("--on")] = "today") -> None:
        seen.extend([key, on])

    install("retire-rep", retire_rep)
    assert cli.run(["retire-rep", "anna", "--on", "-3d"]) == 0
    assert seen == ["anna", "-3d"]


def test_an_option_after_the_command_wins_over_one_before_it(capsys):
    assert cli.run(["--db", "before.db", "--json", "config", "--db", "after.db"]) == 0
    rows = {row["key"]: row for row in json.loads(capsys.readouterr().out)["settings"]}
    assert rows["db"]["value"] == "after.db"


def test_an_option_before_the_command_reaches_it(capsys):
    assert cli.run(["--db", "before.db", "--format", "json", "config"]) == 0
    rows = {row["key"]: row for row in json.loads(capsys.readouterr().out)["settings"]}
    assert (rows["db"]["value"], rows["db"]["source"]) == ("before.db", "--db")


def test_an_option_that_the_command_does_not_take_is_refused_before_it_too(capsys):
    assert cli.run(["--rep", "anna", "config"]) == ExitCode.USAGE
    assert "takes no --rep" in capsys.readouterr().err


def test_a_refusal_has_the_exit_code_of_its_class(install, capsys):
    install("check", raising(NoFileYet("x.db")))
    assert cli.run(["check"]) == ExitCode.REFUSED
    assert capsys.readouterr().err == "Error: No database at x.db.\nStart with `ms define-process`.\n"
    assert cli.run(["check", "--json"]) == ExitCode.REFUSED
    assert error_of(capsys.readouterr().err)["code"] == "no_file"


def test_what_is_recorded_already_is_no_error(install, capsys):
    install("check", raising(AlreadyRecorded("Already recorded.")))
    assert cli.run(["check"]) == 0
    assert capsys.readouterr().err == "Already recorded.\n"


def test_ctrl_c_says_that_nothing_was_recorded(install, capsys):
    install("check", raising(KeyboardInterrupt()))
    assert cli.run(["check"]) == ExitCode.INTERRUPTED
    assert "nothing recorded" in capsys.readouterr().err


def test_ctrl_c_before_the_program_is_loaded_ends_it_quietly():
    script = """
import os, signal, sys
class Pressed:
    def find_spec(self, name, *_):
        if name == "typer":
            os.kill(os.getpid(), signal.SIGINT)
from milestone_cli.__main__ import main
sys.meta_path.insert(0, Pressed())
sys.argv = ["ms", "kpis"]
sys.exit(main())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (ExitCode.INTERRUPTED, "", "")


def test_ctrl_c_after_the_commit_does_not_deny_the_facts(install, capsys):
    def check(call: Call) -> None:
        """Record, then be stopped."""
        call.mark_recorded()
        raise KeyboardInterrupt

    install("check", check)
    assert cli.run(["check"]) == ExitCode.INTERRUPTED
    assert "recorded already" in capsys.readouterr().err


@pytest.mark.parametrize("error", [ZeroDivisionError("secret of a customer"), MemoryError(), RecursionError()])
def test_a_bug_leaves_its_traceback_in_a_private_file_and_not_on_the_screen(error, install, capsys, own_home):
    install("check", raising(error))
    assert cli.run(["check"]) == ExitCode.BUG
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "secret" not in said
    [report] = own_home.rglob("bug-*.txt")
    assert str(report) in said
    assert report.stat().st_mode & 0o777 == 0o600
    assert type(error).__name__ in report.read_text()


def test_debug_shows_the_traceback_too(install, capsys):
    install("check", raising(ZeroDivisionError()))
    assert cli.run(["check", "--debug"]) == ExitCode.BUG
    assert "Traceback" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough_is_no_error(install, capsys):
    install("check", raising(BrokenPipeError()))
    assert cli.run(["check"]) == 0
    assert capsys.readouterr().err == ""


def test_without_a_command_todays_page_is_shown(monkeypatch):
    module = ModuleType(cli._TODAY)
    module.__spec__ = ModuleSpec(cli._TODAY, None)
    seen: list[Call] = []
    module.today = seen.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, cli._TODAY, module)
    assert cli.run(["--rep", "anna", "--db", "x.db"]) == 0
    assert (seen[0].rep, seen[0].path) == ("anna", Path("x.db"))


def test_a_config_value_is_stored_and_shown_with_its_source(capsys, own_home):
    assert cli.run(["config", "set", "locale", "de"]) == 0
    capsys.readouterr()
    assert cli.run(["config", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    row = next(row for row in shown["settings"] if row["key"] == "locale")
    assert row == {"key": "locale", "value": "de", "source": str(own_home / "config.toml")}


@pytest.mark.parametrize("argv", [["config", "set", "locle", "de"], ["config", "set", "today", "2026-01-01"]])
def test_a_setting_that_is_none_is_refused_with_the_known_ones(argv, capsys):
    assert cli.run(argv) == ExitCode.REFUSED
    assert "Settings are db" in capsys.readouterr().err


@pytest.mark.parametrize("name", list(commands.COMMANDS))
def test_the_table_says_the_same_as_the_command(name):
    """Completion and help read the table, Typer reads the signature."""
    entry = commands.COMMANDS[name]
    built = cli.build(entry)
    places = [one for one in built.params if one.param_type_name == "argument"]
    repeated = [place.endswith("...") for place in entry.arguments]
    assert [one.nargs == -1 for one in places] == repeated
    own = {frozenset(option.flags): bool(option.takes) for option in entry.options}
    own |= {
        frozenset(commands.SHARED_OPTIONS[one].flags): bool(commands.SHARED_OPTIONS[one].takes) for one in entry.shared
    }
    found = {frozenset(one.opts): not one.is_flag for one in built.params if one.param_type_name == "option"}
    assert found == own


@pytest.mark.parametrize("name", ["kpis", "rates"])
def test_tab_offers_behind_by_exactly_what_the_command_splits_by(name):
    entry = commands.COMMANDS[name]
    (kind,) = [option.takes for option in entry.options if option.flags == ("--by",)]
    function = getattr(importlib.import_module(entry.module), entry.function)
    taken = get_args(get_type_hints(function)["by"])[0]
    assert completion.FIXED[kind].split() == [str(one) for one in taken]


@pytest.mark.parametrize("name", list(commands.COMMANDS))
def test_every_command_has_two_examples(name):
    shown = cli.build(commands.COMMANDS[name]).epilog or ""
    assert shown.count("  ms ") >= 2


def started(*argv: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "milestone_cli", *argv], text=True, stderr=subprocess.PIPE, check=False, **more
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("argv", [["config"], ["--help"]])
def test_a_full_disk_behind_standard_output_is_an_error_of_the_file(argv):
    with Path("/dev/full").open("w") as full:
        done = started(*argv, stdout=full)
    assert done.returncode == ExitCode.FILE
    assert "no room" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("argv", [["config"], ["--help"]])
def test_a_closed_pipe_ends_quietly(argv):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        done = started(*argv, stdout=pipe)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_standard_output_is_an_error_without_a_traceback():
    done = started("config", stdout=subprocess.DEVNULL, preexec_fn=lambda: os.close(1))
    assert done.returncode == ExitCode.FILE
    assert "Traceback" not in done.stderr


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from milestone_cli.cli import run; run(['--help']);"
        "sys.exit(' '.join({'sqlmodel', 'numpy', 'rich', 'pydantic', 'sqlalchemy'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
