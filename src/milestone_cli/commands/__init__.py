"""What commands there are, which options each takes, what TAB offers at every place; the code of each is in its module.

Invariant: this table is stdlib only and says the same as the commands' own signatures (a test compares them), so that
`ms --help` and completion, which read it, import no command.
"""

from __future__ import annotations

from keyword import iskeyword
from typing import NamedTuple

SET_UP, RECORD, LOOK, DATA = "Set up", "Record", "Look", "Data"
"""The four panels of `ms --help`."""
PANELS = (SET_UP, RECORD, LOOK, DATA)


class Option(NamedTuple):
    """One option of a command."""

    flags: tuple[str, ...]
    """Its spellings, the long one first."""
    takes: str = ""
    """What kind of value TAB offers after it; empty for a switch."""


class Command(NamedTuple):
    """One command."""

    name: str
    panel: str
    help: str
    """One line, without a full stop."""
    arguments: tuple[str, ...]
    """What kind of value each place takes, in order; one that ends in `...` repeats."""
    options: tuple[Option, ...]
    """Its own options."""
    shared: tuple[str, ...]
    """The names of the options it shares with other commands (see `SHARED_OPTIONS`)."""

    @property
    def module(self) -> str:
        """The module with its function."""
        return f"{__name__}.{self.function}"

    @property
    def function(self) -> str:
        """The name of its function; `import` is a keyword, so that one is `import_`."""
        name = self.name.replace("-", "_")
        return f"{name}_" if iskeyword(name) else name


def _option(text: str) -> Option:
    """Read `-o/--output=FILE`: spellings, then the kind of value after `=`."""
    flags, _, takes = text.partition("=")
    return Option(tuple(flags.split("/")), takes)


SHARED_OPTIONS = {
    "db": _option("--db=FILE"),
    "as_of": _option("--as-of=DATE"),
    "known_on": _option("--known-on=DATE"),
    "process": _option("--process=PROCESS"),
    "rep": _option("--rep=REP"),
    "team": _option("--team"),
    "format": _option("--format=FORMAT"),
    "json": _option("--json"),
    "output": _option("--output/-o=FILE"),
    "dry_run": _option("--dry-run"),
    "yes": _option("--yes/-y"),
    "quiet": _option("--quiet/-q"),
    "debug": _option("--debug"),
    "locale": _option("--locale=LOCALE"),
}
"""Every shared option by the name of its parameter."""

_ALWAYS = ("db", "as_of", "format", "json", "output", "yes", "quiet", "debug", "locale")
_LOOKS = ("process", "rep", "team", "known_on", *_ALWAYS)
_WRITES = ("dry_run", *_ALWAYS)
ROOT_SHARED = _LOOKS
"""What can stand before the command; without a command `ms` is a looking one."""


def _command(  # a row of the table reads best without names
    name: str, panel: str, text: str, places: str, options: str, shared: tuple[str, ...]
) -> Command:
    return Command(name, panel, text, tuple(places.split()), tuple(map(_option, options.split())), shared)


_EVIDENCE = "--did=TEXT --said=TEXT --wrote=TEXT --by=TEXT --ref=TEXT"

COMMANDS = {
    command.name: command
    for command in (
        _command("define-process", SET_UP, "define or revise a process", "FILE", "--check --from=DATE", _WRITES),
        _command(
            "processes", SET_UP, "list the processes, or show one", "PROCESS", "--toml --measured --anonymous",
            ("known_on", *_ALWAYS),
        ),
        _command("add-rep", SET_UP, "add somebody who owns opportunities", "NEW", "--name=TEXT --from=DATE", _WRITES),
        _command("reps", SET_UP, "list the reps", "", "", ("known_on", *_ALWAYS)),
        _command("retire-rep", SET_UP, "a rep leaves", "REP", "--on=DATE", _WRITES),
        _command(
            "set-target", SET_UP, "set the wanted result a month", "AMOUNT", "--rep=REP --from=MONTH",
            ("process", *_WRITES),
        ),
        _command("targets", SET_UP, "show the targets", "", "", _LOOKS),
        _command("config", SET_UP, "show every setting, or set one", "SET SETTING VALUE", "", _ALWAYS),
        _command("demo", SET_UP, "write a made-up team's three years into a file of its own", "", "", _ALWAYS),
        _command(
            "add", RECORD, "a new target customer", "NEW",
            "--value=AMOUNT --title=TEXT --key=TEXT --on=DATE --reached=MILESTONE", ("process", "rep", *_WRITES),
        ),
        _command(
            "advance", RECORD, "the customer reached a milestone", "OPPORTUNITY MILESTONE",
            f"{_EVIDENCE} --on=DATE --value=AMOUNT", _WRITES,
        ),
        _command(
            "standing", RECORD, "take over one that stands at a milestone already", "OPPORTUNITY MILESTONE",
            "--since=DATE --on=DATE --value=AMOUNT", _WRITES,
        ),
        _command(
            "takeover", RECORD, "walk an opening balance, one question each", "", "",
            ("process", "rep", "team", *_WRITES),
        ),
        _command("revalue", RECORD, "its potential changed", "OPPORTUNITY AMOUNT", "--on=DATE", _WRITES),
        _command(
            "assign", RECORD, "another rep owns it now", "OPPORTUNITY REP",
            "--from-rep=REP --to-rep=REP --on=DATE", ("process", *_WRITES),
        ),
        _command(
            "lose", RECORD, "it is lost", "OPPORTUNITY", "--reason=TEXT --revisit=DATE --on=DATE", _WRITES,
        ),
        _command("reopen", RECORD, "a lost one is open again", "LOST_OPPORTUNITY", "--on=DATE", _WRITES),
        _command(
            "amend", RECORD, "correct a fact", "FACT",
            f"{_EVIDENCE} --on=DATE --value=AMOUNT --since=DATE --milestone=MILESTONE --rep=REP --title=TEXT "
            "--reason=TEXT --revisit=DATE",
            _WRITES,
        ),
        _command("undo", RECORD, "take back a command", "RECORDED", "", _WRITES),
        _command(
            "log", RECORD, "what was recorded, newest first", "", "--limit=N --opportunity=ANY_OPPORTUNITY", _ALWAYS,
        ),
        _command(
            "forget", RECORD, "names and words of a person or customer go for good, figures stay", "ANY_OPPORTUNITY",
            "--as=WHOM --mentions --keep-words --finish --delete-backups", _WRITES,
        ),
        _command(
            "kpis", LOOK, "per milestone: target, reached, lamp, where to act", "",
            "--period=PERIOD --by=BY --rates=RATES --explain", _LOOKS,
        ),
        _command(
            "cascade", LOOK, "what must arrive at each milestone a month", "",
            "--target=AMOUNT --rates=RATES --for=MONTH --explain", _LOOKS,
        ),
        _command(
            "rates", LOOK, "success rate and duration of every section, and how sure they are", "",
            "--by=RATES_BY --since=DATE --explain", _LOOKS,
        ),
        _command(
            "forecast", LOOK, "what arrives in the months to come, and how sure that is", "",
            "--months=N --milestone=MILESTONE --by=SPAN --since=DATE --what-if=TEXT --explain --seed=N", _LOOKS,
        ),
        _command("next", LOOK, "the milestone to work on, and with whom", "", "--limit=N --explain", _LOOKS),
        _command("watch", LOOK, "the KPIs live, redrawn when somebody records something", "", "", _LOOKS),
        _command(
            "backtest", LOOK, "how good past forecasts would have been", "", "--months=N --origins=N", _LOOKS,
        ),
        _command(
            "opportunities", LOOK, "list the opportunities", "",
            "--milestone=MILESTONE --status=STATUS --waiting=DAYS --sort=COLUMN --reverse --limit=N", _LOOKS,
        ),
        _command(
            "dead-horses", LOOK, "what has waited so long that hardly any like it ever moved", "", "--explain", _LOOKS,
        ),
        _command(
            "health", LOOK, "is the process lived? evidence, prompt entry, skipped milestones", "",
            "--period=PERIOD --explain",
            ("process", "rep", "team", *_ALWAYS),
        ),
        _command(
            "report", LOOK, "one page to print or to send: lamps, forecast, rates", "",
            "--period=PERIOD --months=N", _LOOKS,
        ),
        _command(
            "show", LOOK, "one opportunity with its history", "ANY_OPPORTUNITY", "--explain", ("known_on", *_ALWAYS),
        ),
        _command(
            "import", DATA, "take in facts, a list, or the deals of another system", "FILE...",
            "--from=SYSTEM --map=FILE --suggest-map --on=DATE --complete-history --with-forgotten",
            ("process", *_WRITES),
        ),
        _command(
            "export", DATA, "write the facts, or the whole book", "", "--raw --anonymous --sql", ("process", *_ALWAYS),
        ),
        _command("merge", DATA, "take in what another book has recorded", "FILE", "", _WRITES),
        _command("backup", DATA, "a consistent copy of the file", "FILE", "", _WRITES),
        _command("restore", DATA, "go back to a backup", "FILE", "", _WRITES),
        _command("check", DATA, "prove that the file is whole", "", "--rebuild", _WRITES),
    )
}  # fmt: skip
"""Every command by name, in the order of `ms --help`."""
