"""What every command shares: its common options, and the `Call` they amount to.

Invariant: a command sees one `Call` and its own parameters; whatever can be wrong with the shared ones is found before
the command begins, so that nothing is recorded and then fails for want of a format.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from milestone_cli.console import Terminal
from milestone_cli.domain.day import Day, Month, from_date, parse_day
from milestone_cli.domain.money import Currency, parse_amount
from milestone_cli.domain.period import Period, PeriodKind, parse_period
from milestone_cli.domain.text import quoted
from milestone_cli.errors import InvalidValue, UnknownName
from milestone_cli.localization import LocaleChoice, day_first, resolve_locale, separators
from milestone_cli.render.output import Format, choose_format

if TYPE_CHECKING:
    from milestone_cli.config import Setting, Settings
    from milestone_cli.reports.table import Document

SHARED_PANEL = "Options of every command"
"""The heading under which `--help` lists the shared options."""


def _option(*flags: str, text: str, metavar: str | None = None) -> Any:  # noqa: ANN401  # what typer.Option returns
    return typer.Option(*flags, help=text, metavar=metavar, rich_help_panel=SHARED_PANEL)


Db = Annotated[
    Path | None, _option("--db", metavar="PATH", text="The file with the facts (MS_DB, config; see `ms config`).")
]
AsOf = Annotated[
    str | None, _option("--as-of", metavar="DATE", text="Look from this day on back; today, for what is recorded.")
]
KnownOn = Annotated[str | None, _option("--known-on", metavar="DATE", text="Show what was known on that day.")]
ProcessOption = Annotated[str | None, _option("--process", metavar="NAME", text="The process (MS_PROCESS, config).")]
RepOption = Annotated[str | None, _option("--rep", metavar="REP", text="The rep (MS_REP, config).")]
Team = Annotated[bool, _option("--team", text="The whole team, even if a rep is configured.")]
FormatOption = Annotated[
    Format | None,
    _option(
        "--format",
        metavar="FORMAT",
        text="table, json, csv, tsv, md, xlsx or html; in a pipe tsv unless said otherwise.",
    ),
]
Json = Annotated[bool, _option("--json", text="Short for --format json.")]
Output = Annotated[
    Path | None, _option("--output", "-o", metavar="FILE", text="Write into FILE; its ending decides the format.")
]
DryRun = Annotated[bool, _option("--dry-run", text="Show what would be recorded, and record nothing.")]
Yes = Annotated[bool, _option("--yes", "-y", text="Answer every question with yes.")]
Quiet = Annotated[bool, _option("--quiet", "-q", text="Leave out the remarks.")]
Debug = Annotated[bool, _option("--debug", text="Show the traceback if `ms` itself fails.")]
LocaleOption = Annotated[
    str | None, _option("--locale", metavar="LOCALE", text="Language, and the form of numbers and dates: de, en_GB.")
]

SHARED: dict[str, Any] = {
    "process": ProcessOption,
    "rep": RepOption,
    "team": Team,
    "known_on": KnownOn,
    "as_of": AsOf,
    "db": Db,
    "format": FormatOption,
    "json": Json,
    "output": Output,
    "dry_run": DryRun,
    "yes": Yes,
    "quiet": Quiet,
    "debug": Debug,
    "locale": LocaleOption,
}
"""Every shared option by parameter name, in the order of `--help`."""
_SETTINGS = {"db": "db", "process": "process", "rep": "rep", "locale": "locale", "as_of": "today"}
"""Which setting an option rules over, by parameter name."""
PAGES = frozenset({"report"})
"""The commands that write a page in place of tables."""


@dataclass(slots=True)
class Session:
    """One run of the program, from its first word to its exit code."""

    terminal: Terminal = field(default_factory=Terminal)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    recorded: bool = False
    """Facts are in the file: whoever stops the program now must not be told that there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What one command was asked, apart from its own parameters."""

    path: Path
    """The database file."""
    settings: Settings
    """Every setting with its source."""
    terminal: Terminal
    today: Day
    """--as-of, else MS_TODAY, else the clock in the configured zone."""
    as_of: Day | None
    """The day to look from if somebody named one; None is today by the clock."""
    known_on: Day | None
    process: str | None
    """--process, else MS_PROCESS, else the config, as typed."""
    rep: str | None
    """--rep, else MS_REP, else the config, as typed; None for the whole team."""
    format: Format
    """How the result is written; already decided."""
    format_asked: bool = True
    """Somebody named the format, by --format, --json or the ending of -o."""
    output: Path | None
    """Where to; None is standard output."""
    locale: LocaleChoice
    dry_run: bool
    yes: bool
    quiet: bool
    debug: bool
    session: Session

    @classmethod
    def of(cls, given: Mapping[str, Any], session: Session, *, own_form: bool = False, page: bool = False) -> Call:
        """Build the call from the shared options that were `given` by parameter name.

        With `own_form` the command writes a form of its own into -o FILE, whatever its ending; with `page` a page.

        Raises:
            InvalidValue: a day or locale that cannot be read.
            UsageError: a format that cannot be written there.
            MsError: a config file that cannot be read.
        """
        from milestone_cli.config import load_settings

        terminal = session.terminal
        terminal.quiet = bool(given.get("quiet"))
        flags = {key: None if given.get(name) is None else str(given[name]) for name, key in _SETTINGS.items()}
        settings = load_settings(session.environ, flags=flags)
        locale = resolve_locale(flags["locale"], settings.text("locale"), session.environ)
        terminal.locale = locale.tag
        clock = clock_day(settings.text("zone"))
        as_of = _asked_day(settings.setting("today"), clock, locale)
        known_on = given.get("known_on")
        output = given.get("output")
        return cls(
            path=settings.db,
            settings=settings,
            terminal=terminal,
            today=clock if as_of is None else as_of,
            as_of=as_of,
            known_on=None if known_on is None else parse_day(known_on, today=clock, day_first=day_first(locale)),
            process=settings.text("process"),
            rep=None if given.get("team") else settings.text("rep"),
            format=choose_format(
                given.get("format"),
                json=bool(given.get("json")),
                output=None if own_form else output,
                is_terminal=terminal.is_terminal,
                page=page,
            ),
            format_asked=bool(given.get("format") or given.get("json") or output not in (None, Path("-"))),
            output=output,
            locale=locale,
            dry_run=bool(given.get("dry_run")),
            yes=bool(given.get("yes")),
            quiet=terminal.quiet,
            debug=bool(given.get("debug")),
            session=session,
        )

    @property
    def json(self) -> bool:
        """The result is JSON, and so is an error."""
        return self.format is Format.JSON

    def day(self, text: str, *, future: bool = False) -> Day:
        """Return the day that `text` names; with `future`, `+2w` names one too."""
        return parse_day(text, today=self.today, day_first=day_first(self.locale), future=future)

    def period(self, text: str) -> Period:
        """Return the period that `text` names."""
        return parse_period(text, today=self.today)

    def month(self, text: str) -> Month:
        """Return the one month that `text` names: 2026-11, this-month, next-month."""
        period = self.period(text)
        if period.kind is not PeriodKind.MONTH:
            raise InvalidValue(f"{quoted(text)} is not a month.", "Give one like 2026-11 or next-month.")
        return period.months()[0]

    def amount(self, text: str, unit: Currency) -> int:
        """Return the amount that `text` names in minor units of `unit`, read as the locale writes it."""
        return parse_amount(text, unit, separators=separators(self.locale))

    def show(self, document: Document) -> None:
        """Write the result where and as it was asked for."""
        from milestone_cli.render.delivery import deliver
        from milestone_cli.render.output import STDOUT, workbook_or_text

        to_screen = self.output is None or str(self.output) == STDOUT
        content = workbook_or_text(
            document,
            self.format,
            locale=self.locale.tag,
            width=self.terminal.table_width if to_screen else None,
            colour=self.terminal.colour and to_screen,
            encoding=self.terminal.encoding,
        )
        taken = deliver(content, self.output, self.terminal.stdout)
        if taken and document.tables and self.format in (Format.CSV, Format.TSV):
            self._remark(document)

    def _remark(self, document: Document) -> None:
        """Tell beside a result for programs, which holds the tables alone, what readers see around them."""
        for line in (*document.before, *(note for table in document.tables for note in table.notes), *document.after):
            self.terminal.say(line)

    def mark_recorded(self) -> None:
        """Tell the error boundary that the facts are in the file; a recording command says so after its commit."""
        self.session.recorded = True


def _tell_source(error: UnknownName, call: Call) -> None:
    """Say of a process or a rep who is not there where the name comes from, if nobody typed it."""
    set_as = {"process": call.process, "rep": call.rep}
    if error.what in set_as and error.name == set_as[error.what]:
        source = call.settings.source(error.what)
        if not source.startswith("--"):
            error.hint = f"{error.hint} It comes from {source}; another one: --{error.what} NAME.".lstrip()


def with_call(function: Callable[..., None], shared: tuple[str, ...]) -> Callable[..., None]:
    """Return `function` as Typer can run it: its first parameter, the `Call`, replaced by the `shared` options."""
    hints = get_type_hints(function, include_extras=True)
    own = list(inspect.signature(function).parameters.values())[1:]
    keyword = inspect.Parameter.KEYWORD_ONLY

    def command(**given: Any) -> None:  # noqa: ANN401  # Typer hands over whatever the options hold
        session: Session = given.pop("context").obj
        own_form = any(given.get(name) is True for name in ("toml", "suggest_map", "sql"))
        page = function.__name__ in PAGES
        call = Call.of({name: given.pop(name) for name in shared}, session, own_form=own_form, page=page)
        try:
            function(call, **given)
        except UnknownName as error:
            if error.what in shared and error.name not in given.values():
                _tell_source(error, call)
            raise

    parameters = [inspect.Parameter("context", keyword, annotation=typer.Context)]
    parameters += [parameter.replace(kind=keyword, annotation=hints[parameter.name]) for parameter in own]
    parameters += shared_parameters(shared)
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what `inspect` looks for
    command.__annotations__ = {}
    command.__doc__ = function.__doc__
    return command


def shared_parameters(names: tuple[str, ...]) -> list[inspect.Parameter]:
    """Return the shared options as keyword parameters, in the order of `--help`."""
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=False if annotation.__origin__ is bool else None,
            annotation=annotation,
        )
        for name, annotation in SHARED.items()
        if name in names
    ]


def clock_day(zone: str | None) -> Day:
    """Return today by the clock; a zone that is not known here was refused with the settings."""
    if zone is None:
        return from_date(datetime.now(UTC).astimezone().date())
    from zoneinfo import ZoneInfo

    return from_date(datetime.now(ZoneInfo(zone)).date())


def _asked_day(setting: Setting, clock: Day, locale: LocaleChoice) -> Day | None:
    if setting.value is None:
        return None
    try:
        return parse_day(str(setting.value), today=clock, day_first=day_first(locale))
    except InvalidValue as error:
        raise InvalidValue(f"{setting.source}: {error.message}", error.hint) from error
