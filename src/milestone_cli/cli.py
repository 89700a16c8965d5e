"""The program: which command is meant, and the one place where errors become words and exit codes.

Invariant: only the module of the command that runs is imported, and no error leaves `run`.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from inspect import Parameter, Signature, cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from milestone_cli import __version__, commands
from milestone_cli.domain.text import quoted
from milestone_cli.errors import DiskFull, ExitCode, MsError, UsageError, suggestions
from milestone_cli.options import SHARED_PANEL, Call, Session, shared_parameters, with_call

if TYPE_CHECKING:  # Typer carries its click inside; its types are needed for checking alone
    from typer._click import Command as ClickCommand
    from typer._click import Context, HelpFormatter
    from typer._click import Parameter as ClickParameter

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_BELOW_ZERO = re.compile(r"-[0-9.]")
"""What click names of an argument like -5k, which it takes for an option."""
_LONGEST_WORD = 60
"""So much of what was typed is repeated in a message about it."""
_WIDTH = 100
"""Help is no wider, however wide the terminal."""
_TODAY = f"{commands.__name__}.today"
"""What `ms` without a command shows."""


class Interrupted(MsError):
    """Ctrl-C."""

    code = "interrupted"
    exit_code = ExitCode.INTERRUPTED

    def __init__(self, *, recorded: bool) -> None:
        if recorded:
            super().__init__("Interrupted: the facts were recorded already.", "Take them back with `ms undo`.")
        else:
            super().__init__("Interrupted: nothing recorded.")


class Defect(MsError):
    """A bug of `ms`."""

    code = "bug"
    exit_code = ExitCode.BUG

    def __init__(self, kind: str, report: str | None, *, recorded: bool) -> None:
        state = "after recording the facts" if recorded else "and recorded nothing"
        super().__init__(
            f"`ms` itself failed ({kind}) {state}.",
            f"This is a bug; the traceback is in {report}."
            if report
            else "This is a bug; --debug shows the traceback.",
        )


class Page(TyperCommand):
    """A command whose help tells its own options from the shared ones, and ends with its examples as they are."""

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the arguments, its own options, the shared options."""
        _format_options(self.get_params(ctx), ctx, formatter)

    def format_epilog(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002  # click's signature
        """Write the examples line by line."""
        if self.epilog:
            formatter.write(f"\n{self.epilog}\n")


class Commands(TyperGroup):
    """`ms` itself: finds a command by the table and imports its module when it is asked for."""

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the names in the order of the table."""
        return list(commands.COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> ClickCommand | None:  # noqa: ARG002  # click's signature
        """Return a command ready to run, None if there is none of that name."""
        entry = commands.COMMANDS.get(cmd_name)
        return None if entry is None else build(entry)

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, ClickCommand | None, list[str]]:
        """Return the command that the first word names, and the words after it."""
        name = args[0]
        command = self.get_command(ctx, name)
        if command is None:
            near = suggestions(name, commands.COMMANDS)
            hint = f"Did you mean {' or '.join(near)}? " if near else ""
            raise UsageError(f"There is no command {quoted(name)}.", f"{hint}See `ms --help`.")
        return name, command, args[1:]

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the commands first, panel by panel, from the table."""
        known = commands.COMMANDS.values()
        for panel in commands.PANELS:
            rows = [(command.name, command.help) for command in known if command.panel == panel]
            if rows:
                with formatter.section(panel):
                    formatter.write_dl(rows)
        _format_options(self.get_params(ctx), ctx, formatter)


def _format_options(parameters: Sequence[ClickParameter], ctx: Context, formatter: HelpFormatter) -> None:
    sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": [], SHARED_PANEL: []}
    for parameter in parameters:
        record = parameter.get_help_record(ctx)
        if record is None:
            continue
        if parameter.param_type_name == "argument":
            # Typer adds the type in angle brackets: for a reader the name says enough.
            sections["Arguments"].append((record[0].partition(" <")[0], record[1]))
        else:
            sections[getattr(parameter, "rich_help_panel", None) or "Options"].append(record)
    for title, rows in sections.items():
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)


def _show_version(value: bool) -> None:  # noqa: FBT001  # Typer's signature
    if value:
        typer.echo(f"ms {__version__}")
        raise typer.Exit


def _show_completion(value: bool) -> None:  # noqa: FBT001  # Typer's signature
    if value:
        from milestone_cli.completion import script

        typer.echo(script(Path(os.environ.get("SHELL", "")).name))
        raise typer.Exit


_Version = Annotated[bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version.")]
_ShowCompletion = Annotated[
    bool,
    typer.Option(
        "--show-completion", is_eager=True, callback=_show_completion, help="Print the script for TAB in your shell."
    ),
]


def build(entry: commands.Command) -> ClickCommand:
    """Import a command's module and return the command.

    Its help is the docstring of its function; what follows `Examples:` there is shown as it stands.
    """
    function: Callable[..., None] = getattr(import_module(entry.module), entry.function)
    text, _, examples = cleandoc(function.__doc__ or "").partition("\nExamples:\n")
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(entry.name, cls=Page, help=text.strip(), epilog=f"Examples:\n{examples}" if examples else None)(
        with_call(function, entry.shared)
    )
    return get_command(app)


def root() -> ClickCommand:
    """Return `ms` with the options that can stand before a command."""

    def ms(**given: Any) -> None:  # noqa: ANN401  # Typer hands over whatever the options hold
        _before_command(given.pop("context"), given)

    keyword = Parameter.KEYWORD_ONLY
    ms.__signature__ = Signature(  # type: ignore[attr-defined]  # what `inspect` looks for
        [
            Parameter("context", keyword, annotation=typer.Context),
            *shared_parameters(commands.ROOT_SHARED),
            Parameter("version", keyword, annotation=_Version, default=False),
            Parameter("show_completion", keyword, annotation=_ShowCompletion, default=False),
        ]
    )
    ms.__annotations__ = {}
    app = typer.Typer(cls=Commands, add_completion=False, rich_markup_mode=None)
    app.callback(
        invoke_without_command=True,
        help="Run a sales team by milestones: what customers did, what must arrive, where to act. "
        "Without a command: today's page.",
        context_settings={"help_option_names": ["--help", "-h"], "max_content_width": _WIDTH},
    )(ms)
    return get_command(app)


def _before_command(context: typer.Context, given: dict[str, Any]) -> None:
    """Hand what stands before the command on to it as its defaults; without a command show today's page."""
    del given["version"], given["show_completion"]
    name = context.invoked_subcommand
    if name is None:
        import_module(_TODAY).today(Call.of(given, context.obj))
        return
    asked = {option: value for option, value in given.items() if value is not None and value is not False}
    entry = commands.COMMANDS[name]
    taken = {flag for option in entry.options for flag in option.flags}
    for option in asked:
        flag = commands.SHARED_OPTIONS[option].flags[0]
        if option not in entry.shared and flag not in taken:
            raise UsageError(f"`ms {name}` takes no {flag}.", f"See `ms {name} --help`.")
    context.default_map = {name: asked}


def run(argv: list[str]) -> int:
    """Run one command line, without the program's name, and return the exit code."""
    session = Session()
    json = wants_json(argv)
    try:
        code = _invoke(argv, session)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # the one error boundary
        code = _explain(error, session, argv, json=json)
    return _flush(session, code, json=json)


def _invoke(argv: list[str], session: Session) -> int:
    """Run the command; click's own `main` is left out, since it would print errors in its own way."""
    try:
        command = root()
        with command.make_context("ms", list(argv), obj=session) as context:
            command.invoke(context)
    except typer.Exit as leave:
        return leave.exit_code
    return ExitCode.DONE


def _explain(error: BaseException, session: Session, argv: list[str], *, json: bool) -> int:
    """Tell what went wrong, and return the exit code that says the same."""
    if isinstance(error, BrokenPipeError):
        _mute()
        return ExitCode.DONE
    known = _as_known(error, session, argv)
    if known.exit_code is ExitCode.DONE and json:
        _print_nothing_new(known.message)
    elif known.exit_code is ExitCode.DONE:
        session.terminal.say_as_is(known.message)
    else:
        session.terminal.fail(known, json=json)
    return known.exit_code


def _print_nothing_new(message: str) -> None:
    """Give a script that reads JSON an object even when there was nothing left to record."""
    from milestone_cli.render.json import as_json

    if sys.stdout is not None:
        sys.stdout.write(as_json({"already_recorded": True, "message": message}))


def _as_known(error: BaseException, session: Session, argv: list[str]) -> MsError:
    if isinstance(error, MsError):
        return error
    if isinstance(error, typer.TyperException):
        return _wrong_usage(error, argv)
    if isinstance(error, (KeyboardInterrupt, typer.Abort)):
        return Interrupted(recorded=session.recorded)
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        _mute()
        return DiskFull("There is no room to write the result.", "Free some space, or write to another place.")
    return _defect(error, session, argv)


def _wrong_usage(error: typer.TyperException, argv: list[str]) -> UsageError:
    below_zero = _BELOW_ZERO.fullmatch(getattr(error, "option_name", ""))
    if below_zero:
        word = next((word for word in argv if word.startswith(below_zero[0])), below_zero[0])
        return UsageError(
            f"{quoted(word)} begins with a dash and is read as an option.",
            "Amounts are not below zero; a day like -3d stands after --on.",
        )
    context = getattr(error, "ctx", None)
    named = [word for word in argv if word in commands.COMMANDS]
    path = context.command_path if context is not None else " ".join(["ms", *named[:1]])
    message = " ".join(error.format_message().split()).replace("Value error, ", "", 1)
    for word in sorted(argv, key=len, reverse=True):
        if len(word) > _LONGEST_WORD:
            message = message.replace(word, f"{word[:_LONGEST_WORD]}...")
    return UsageError(message if message.endswith((".", "?", ")")) else f"{message}.", f"See `{path} --help`.")


def _defect(error: BaseException, session: Session, argv: list[str]) -> Defect:
    """Write the traceback into a file that only its owner reads; customers' names may be in it."""
    import traceback

    text = "".join(traceback.format_exception(error))
    if "--debug" in argv:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
    head = f"ms {__version__}, Python {sys.version.split()[0]}, {sys.platform}\n{argv!r}\n\n"
    try:
        report = _write_report(head + text)
    except OSError:
        report = None
    return Defect(type(error).__name__, report, recorded=session.recorded)


def _write_report(text: str) -> str:
    import tempfile

    import platformdirs

    directory = platformdirs.user_state_path("milestone-cli", appauthor=False) / "bugs"
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix="bug-", suffix=".txt", dir=directory)
    except OSError:
        handle, name = tempfile.mkstemp(prefix="ms-bug-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return name


def _flush(session: Session, code: int, *, json: bool) -> int:
    """Write out what is still buffered, so that a full disk is an error and a closed pipe is none."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _mute()
    except (OSError, ValueError):
        _mute()
        if code == ExitCode.DONE:
            session.terminal.fail(
                DiskFull("The result could not be written.", "Free some space, or write to another place."), json=json
            )
            return ExitCode.FILE
    return code


def _mute() -> None:
    """Send what is still buffered to nowhere: else Python tries again at exit, and complains."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def wants_json(argv: Sequence[str]) -> bool:
    """Tell from the bare words whether errors are to be JSON; the line may be one that cannot be read.

    >>> wants_json(["kpis", "--format", "json"]), wants_json(["show", "--", "--json"])
    (True, False)
    """
    words = list(argv[: argv.index("--")] if "--" in argv else argv)
    form = _last_value(words, "--format")
    if form is not None:
        return form == "json"
    output = _last_value(words, "--output", "-o")
    return "--json" in words or (output is not None and output.casefold().endswith(".json"))


def _last_value(words: Sequence[str], *flags: str) -> str | None:
    found = None
    for position, word in enumerate(words):
        flag, equals, value = word.partition("=")
        if flag in flags:
            found = value if equals else (words[position + 1] if position + 1 < len(words) else None)
    return found
